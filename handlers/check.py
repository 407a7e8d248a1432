"""Check a message: answer it, ask back, say what differs, or put it before a person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from handlers.answering import answer, both, note_answer
from handlers.choosing import offer_again, unsure
from handlers.dialogue import over
from handlers.matched import Reading, how_to_speak, part_of, published, read, remember
from handlers.messages import Act, Outgoing
from handlers.objections import gives_a_reason, new_reason, take_reason
from handlers.ports import Call, Found
from handlers.queueing import (
    SOON,
    queue,
    receipt,
    redraw,
    rest_id,
    same_open,
    still_waiting,
    submission_of,
    take_place,
    waiting_on,
    whole_id,
    withdraw,
)
from handlers.reading import Talk, is_remark, meant, own_reply, small_talk, text_to_check
from handlers.replies import About, blocks, line, send, verdict, voice, why_closed
from handlers.several import answer_parts, several
from handlers.smalltalk import just_now, nothing, own_words
from knowledge_base.facts import Outcome, Question, QuestionState, Submission
from knowledge_base.search.findings import Decision
from knowledge_base.search.stance import stance

Decide = Callable[[Call, Found, str, Submission | None], list[Outgoing]]

DELETED = 5  # so many deletions that came before their message are remembered


def check(call: Call, decide: Decide | None = None) -> list[Outgoing]:
    """The main path: one message in, one reply out. `decide`: another way to answer what can be
    checked, for drafts."""
    if _came_too_late(call):
        return []
    if gives_a_reason(call):
        return take_reason(call)
    text = text_to_check(call.message)
    ours = own_reply(text, call.ports.rules.public_url)
    if ours is not None:
        return own_words(call, ours)
    if call.found is None or not text:
        return _nothing(call, text)
    previous = call.ports.questions.recent(call.person.id, call.found.fingerprint)
    if previous is not None and (state := _again(call, call.found, previous)):
        over(call)
        return state
    if is_remark(call.message) and call.found.result.decision is not Decision.ANSWER:
        return _nothing(call, text)
    if decide is not None and call.found.result.checkable:
        return decide(over(call), call.found, text, previous)
    return _decide(call, call.found, text, previous)


def _came_too_late(call: Call) -> bool:
    """Platforms promise no order: what was corrected already has its answer, what was deleted
    already is not wanted any more (A7)."""
    message = call.message
    if message.act is not Act.MESSAGE or not message.ref:
        return False
    corrected = call.ports.questions.by_ref(call.person.id, message.ref) is not None
    return corrected or _mark(message.ref) in _deleted(call)


def _deleted(call: Call) -> list[str]:
    """Marks of messages that were deleted before they came, the newest last."""
    kept = call.person.state.get("deleted")
    return [str(mark) for mark in kept] if isinstance(kept, list) else []


def _mark(ref: str) -> str:
    """Enough of a reference to know it again."""
    return sha256(ref.encode()).hexdigest()[:16]


def _decide(
    call: Call, found: Found, text: str, previous: Submission | None = None
) -> list[Outgoing]:
    """What is no remark; `previous` is the submission this message is, when it is not a new
    one."""
    reading = read(call.ports.facts, found.result)
    if several(found.result.parts):
        return answer_parts(over(call), found.result.parts, previous)
    if reading.decision is Decision.ANSWER and reading.best:
        return [answer(over(call), reading.best.fact, reading.stance, previous)]
    if not found.result.checkable:
        return _nothing(call, text)
    call = over(call)
    submission = submission_of(call, Outcome.SUGGESTED, previous.id if previous else "")
    if reading.opposed and reading.best:
        return [both(call, submission, (reading.best.fact, reading.opposed))]
    if reading.decision is Decision.SUGGEST and reading.best:
        return unsure(call, submission, reading, reading.best)
    return queue(call, submission, found.result.matches)


def _nothing(call: Call, text: str) -> list[Outgoing]:
    """Nothing to look up: the choice that a remark leaves open once more, or a line on how to go
    on."""
    last = just_now(call)
    if last and not meant(text) and small_talk(text) in (Talk.FILLER, Talk.SHORT):
        again = offer_again(call, last)
        if again is not None:
            return [again]
    return nothing(call, text)


def _again(call: Call, found: Found, previous: Submission) -> list[Outgoing]:
    """What became of the same message sent before; [] when it may be looked at afresh.

    It is answered afresh when there is an answer now that was not refused before.
    """
    reading = read(call.ports.facts, found.result)
    if settled := _settled_on(call, reading, previous):
        return settled
    answered = reading.decision is Decision.ANSWER and reading.best is not None
    if answered and not _refused(call, reading, previous):
        return []
    return _state_of_first(call, previous)


def _settled_on(call: Call, reading: Reading, previous: Submission) -> list[Outgoing]:
    """The verdict the person chose, or was given by a person, after they did not mean the one
    that the search finds again."""
    best, number = reading.best, previous.fact_number
    if best is None or not number or best.fact.number == number:
        return []
    fact = published(call.ports.facts, number)
    if fact is None or best.fact.number not in previous.offered:
        return []
    same = submission_of(call, Outcome.ANSWERED, previous.id)
    note_answer(call, replace(same, offered=previous.offered), fact)
    spoken, media = how_to_speak(same.text), bool(same.media)
    part = part_of(same.text, fact)
    about = About(previous.id, call.message.ref, spoken, media=media, part=part)
    return [verdict(voice(call), fact, about)]


def _refused(call: Call, reading: Reading, previous: Submission) -> bool:
    """Is this what the person was shown and did not mean, when they asked a person instead? A
    newer version than they were ever told is something else."""
    fact = reading.best.fact if reading.best else None
    if fact is None or previous.outcome is Outcome.ANSWERED:
        return False
    told = [
        t.version for t in call.ports.people.told(call.person.id) if t.fact_number == fact.number
    ]
    return fact.number in previous.offered and max(told, default=fact.version) >= fact.version


def _state_of_first(call: Call, previous: Submission) -> list[Outgoing]:
    """What became of the same message sent before; [] when it may be looked at afresh."""
    if question := waiting_on(call, previous):
        return still_waiting(call, previous, question)
    question = call.ports.questions.get(previous.question) if previous.question else None
    if question is None or question.state is not QuestionState.REJECTED:
        return []
    to = voice(call)
    words = to.say("waiting.rejected", code=question.code, reason=why_closed(to, question))
    return [send(to, blocks(words, to.say("waiting.rejected_again")), quote=call.message.ref)]


def edited(call: Call, decide: Decide | None = None) -> list[Outgoing]:
    """A corrected message is the same submission with a new text (J16); a remark in its place
    says nothing new. `decide`: as in `check`."""
    previous = _whole(call)
    text, found = text_to_check(call.message), call.found
    if not text:
        return []
    if previous is None:
        return check(call, decide)
    anew = decide or _decide
    question = waiting_on(call, previous)
    if question and (mended := new_reason(call, previous, question)):
        return mended
    if previous.text == text or found is None or not found.result.checkable:
        return []
    if is_remark(call.message):
        return []
    if question:
        return _edited_question(call, found, text, previous, question, anew)
    reading = read(call.ports.facts, found.result)
    if decide is None and _has_its_answer(reading, found, text, previous):
        return []
    withdraw(call.ports, rest_id(previous.id))
    return anew(call, found, text, previous)


def _has_its_answer(reading: Reading, found: Found, text: str, previous: Submission) -> bool:
    """Does the verdict they have stand for the new words as well? Not where these turn it into
    a debunk, or add something of their own."""
    best = reading.best if reading.decision is Decision.ANSWER else None
    if best is None or best.fact.number != previous.fact_number or several(found.result.parts):
        return False
    return stance(previous.text) is stance(text) and not part_of(text, best.fact)


def _whole(call: Call) -> Submission | None:
    """The submission of the edited message: the whole, not what was left of its parts."""
    questions = call.ports.questions
    found = questions.by_ref(call.person.id, call.message.ref)
    whole = questions.submission(whole_id(found.id)) if found else None
    return whole or found


def _edited_question(
    call: Call,
    found: Found,
    text: str,
    previous: Submission,
    question: Question,
    anew: Decide,
) -> list[Outgoing]:
    """An open question takes the new text, unless it is known by now. What others asked, too,
    is left to them where the new text is another rumour: this is a question of its own then."""
    reading = read(call.ports.facts, found.result)
    known = reading.decision is Decision.ANSWER and not _refused(call, reading, previous)
    if known or several(found.result.parts):
        withdraw(call.ports, previous.id)
        return anew(call, found, text, previous)
    fresh = replace(submission_of(call, Outcome.QUEUED, previous.id), offered=previous.offered)
    now = take_place(call, fresh, found.result.matches, same_open(call, question.code))
    if now.code != question.code:
        redraw(call.ports, question.code, SOON)
        return receipt(call, fresh, now)
    return [line(voice(call), "waiting.updated", code=now.code, quote=call.message.ref)]


def revoked(call: Call) -> list[Outgoing]:
    """The person deleted their message: it leaves the queue and is forgotten, quietly."""
    known = False
    while previous := call.ports.questions.by_ref(call.person.id, call.message.ref):
        withdraw(call.ports, previous.id)
        known = True
    if not known and call.message.ref:
        deleted = [*_deleted(call), _mark(call.message.ref)][-DELETED:]
        remember(call.ports.people, call.person.id, deleted=deleted)
    return []
