""" "The result is wrong": ask for the reason, and put it before another person."""

from __future__ import annotations

from dataclasses import replace

from handlers.dialogue import expect_reason, objects_to, over
from handlers.matched import read
from handlers.messages import Outgoing
from handlers.ports import Call
from handlers.queueing import (
    rest_promise,
    submission_of,
    take_place,
    waiting_buttons,
)
from handlers.reading import Talk, cut, small_talk, text_to_check
from handlers.replies import blocks, button, line, send, voice
from knowledge_base.facts import Outcome, Question, Submission
from knowledge_base.search.findings import Decision

_ASIDE = (Talk.GREETING, Talk.THANKS, Talk.FILLER, Talk.EMOJI)  # no reason, however short


def ask_reason(call: Call, number: int) -> list[Outgoing]:
    """Ask what to look at; the next words within ten minutes are the reason."""
    to = voice(call)
    expect_reason(call, number)
    row = [button(to, "keep", "leave")]
    return [send(to, blocks(to.say("feedback.dispute")), [row])]


def never_mind(call: Call) -> list[Outgoing]:
    """No objection after all."""
    return [line(voice(call), "feedback.dispute_off")]


def gives_a_reason(call: Call) -> bool:
    """Was the person asked what we should look at again, and is this the reason? What is known
    as something else is a question of its own."""
    number, text = objects_to(call), text_to_check(call.message)
    if not number or call.message.forwarded or not text or small_talk(text) in _ASIDE:
        return False
    reading = read(call.ports.facts, call.found.result) if call.found else None
    if reading is None or reading.best is None or reading.decision is not Decision.ANSWER:
        return True
    return reading.best.fact.number == number


def take_reason(call: Call) -> list[Outgoing]:
    """The reason goes to the human queue, as a question about that number."""
    to = voice(call)
    number = objects_to(call)
    over(call)
    submission = _objection(call, number)
    question = take_place(call, submission)
    call.ports.reviews.dispute(number, question.code)
    thanks = to.say("feedback.disputed", number=number)
    said = blocks(*rest_promise(call, thanks, question.code))
    return [send(to, said, waiting_buttons(call, submission), quote=submission.ref)]


def _objection(call: Call, number: int, id: str = "") -> Submission:
    reason = cut(text_to_check(call.message), 2000)
    words = voice(call).say("feedback.dispute_queue", number=number, reason=reason)
    return replace(submission_of(call, Outcome.QUEUED, id), text=words, fingerprint="")


def new_reason(call: Call, previous: Submission, question: Question) -> list[Outgoing]:
    """The reason was corrected: the same objection with the new words; [] when the question is
    no objection."""
    number = call.ports.reviews.disputed(question.code)
    if not number:
        return []
    take_place(call, _objection(call, number, previous.id), same_as=question.code)
    return [line(voice(call), "waiting.updated", code=question.code, quote=call.message.ref)]
