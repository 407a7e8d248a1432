""" "The result is wrong": ask for the reason, and put it before another person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers.matched import remember
from handlers.messages import Outgoing
from handlers.ports import Call
from handlers.queueing import (
    must_consent,
    rest_promise,
    submission_of,
    take_place,
    waiting_buttons,
)
from handlers.reading import cut, text_to_check
from handlers.replies import blocks, line, send, voice
from knowledge_base.facts import Outcome

OBJECTION = timedelta(minutes=10)  # so long the next words are taken as the reason asked for


def ask_reason(call: Call, number: int) -> list[Outgoing]:
    """Ask what to look at; the next words within ten minutes are the reason."""
    asked = int(call.ports.now.timestamp())
    remember(call.ports.people, call.person.id, objects_to=number, objects_at=asked)
    return [line(voice(call), "feedback.dispute")]


def gives_a_reason(call: Call) -> bool:
    """Was the person asked what we should look at again, just before this?"""
    asked = call.person.state.get("objects_at")
    if not isinstance(asked, int | float) or call.message.forwarded:
        return False
    young = call.ports.now.timestamp() - asked <= OBJECTION.total_seconds()
    return young and bool(text_to_check(call.message))


def take_reason(call: Call) -> list[Outgoing]:
    """The reason goes to the human queue, as a question about that number."""
    to = voice(call)
    number = call.person.state.get("objects_to")
    remember(call.ports.people, call.person.id, objects_to=None, objects_at=None)
    reason = text_to_check(call.message)
    words = to.say("feedback.dispute_queue", number=number, reason=cut(reason, 2000))
    submission = replace(submission_of(call, Outcome.QUEUED), text=words, fingerprint="")
    question = take_place(call, submission)
    if isinstance(number, int):
        call.ports.reviews.dispute(number, question.code)
    thanks = to.say("feedback.disputed", number=number, code=question.code)
    buttons = waiting_buttons(call, submission) if must_consent(call) else []
    said = blocks(*rest_promise(call, thanks, question.code))
    return [send(to, said, buttons, quote=submission.ref)]
