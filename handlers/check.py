"""Check a message: answer it, ask back, say what differs, or put it before a person."""

from __future__ import annotations

from handlers.answering import answer
from handlers.choosing import unsure
from handlers.matched import read
from handlers.messages import Outgoing
from handlers.objections import gives_a_reason, take_reason
from handlers.ports import Call, Found
from handlers.queueing import queue, still_waiting, submission_of, take_place, waiting_on
from handlers.reading import own_reply, shown, text_to_check
from handlers.replies import blocks, line, send, voice
from handlers.several import answer_parts, several
from handlers.smalltalk import nothing, own_words
from knowledge_base.facts import Outcome, QuestionState, Submission
from knowledge_base.search.findings import Decision


def check(call: Call) -> list[Outgoing]:
    """The main path: one message in, one reply out."""
    if gives_a_reason(call):
        return take_reason(call)
    text = text_to_check(call.message)
    ours = own_reply(text, call.ports.rules.public_url)
    if ours is not None:
        return own_words(call, ours)
    if call.found is None or not text:
        return nothing(call, text)
    return _decide(call, call.found, text)


def _decide(call: Call, found: Found, text: str) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    previous = call.ports.questions.recent(call.person.id, found.fingerprint)
    if several(found.result.parts):
        return answer_parts(call, found.result.parts, previous)
    if reading.decision is Decision.ANSWER and reading.best:
        return [answer(call, reading.best.fact, reading.stance, previous)]
    if not found.result.checkable:
        return nothing(call, text)
    if previous is not None and (state := _state_of_first(call, previous)):
        return state
    submission = submission_of(call, Outcome.SUGGESTED, previous.id if previous else "")
    if reading.decision is Decision.SUGGEST and reading.best:
        return unsure(call, submission, reading, reading.best)
    return queue(call, submission, found.result.matches)


def _state_of_first(call: Call, previous: Submission) -> list[Outgoing]:
    """What became of the same message sent before; [] when it may be looked at afresh."""
    if question := waiting_on(call, previous):
        return still_waiting(call, previous, question)
    question = call.ports.questions.get(previous.question) if previous.question else None
    if question is None or question.state is not QuestionState.REJECTED:
        return []
    to = voice(call)
    words = to.say("waiting.rejected", code=question.code, reason=shown(question.reason, 300))
    return [send(to, blocks(words, to.say("waiting.rejected_again")), quote=call.message.ref)]


def edited(call: Call) -> list[Outgoing]:
    """A corrected message is the same submission with a new text (J16)."""
    previous = call.ports.questions.by_ref(call.person.id, call.message.ref)
    text = text_to_check(call.message)
    if previous is None:
        return check(call)
    if previous.text == text or call.found is None or not text:
        return []
    question = waiting_on(call, previous)
    if question is None:
        return _edited_answer(call, call.found, previous)
    return _edited_question(call, call.found, previous)


def _edited_answer(call: Call, found: Found, previous: Submission) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    answered = reading.decision is Decision.ANSWER and reading.best
    if answered and reading.best and reading.best.fact.number == previous.fact_number:
        return []
    if answered and reading.best:
        return [answer(call, reading.best.fact, reading.stance, previous)]
    if not found.result.checkable:
        return []
    fresh = submission_of(call, Outcome.SUGGESTED, previous.id)
    if reading.decision is Decision.SUGGEST and reading.best:
        return unsure(call, fresh, reading, reading.best)
    return queue(call, fresh, found.result.matches)


def _edited_question(call: Call, found: Found, previous: Submission) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    if reading.decision is Decision.ANSWER and reading.best:
        call.ports.questions.withdraw(previous.id)
        return [answer(call, reading.best.fact, reading.stance, previous)]
    fresh = submission_of(call, Outcome.QUEUED, previous.id)
    question = take_place(call, fresh, found.result.matches, previous.question)
    return [line(voice(call), "waiting.updated", code=question.code, quote=call.message.ref)]


def revoked(call: Call) -> list[Outgoing]:
    """The person deleted their message: it leaves the queue and is forgotten, quietly."""
    previous = call.ports.questions.by_ref(call.person.id, call.message.ref)
    if previous is not None:
        call.ports.questions.withdraw(previous.id)
    return []
