"""Several claims in one message: one reply, one line for each."""

from __future__ import annotations

from dataclasses import replace

from handlers import replies, texts
from handlers.answering import tell
from handlers.matched import Reading, read
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Call
from handlers.queueing import (
    rest_buttons,
    rest_id,
    rest_promise,
    submission_of,
    take_place,
    waiting_on,
)
from handlers.reading import shown, text_to_check
from handlers.replies import Voice, blocks, send, voice
from knowledge_base.facts import FactCheck, Outcome, Submission
from knowledge_base.search.findings import Decision, Part, Stance

QUOTED = 80  # characters of a part that are repeated


def several(parts: tuple[Part, ...]) -> bool:
    """Are there at least two parts that are not all about one and the same check?"""
    if len(parts) < 2:
        return False
    tops = {(part.decision, part.matches[0].id if part.matches else part.start) for part in parts}
    return len(tops) > 1


def answer_parts(
    call: Call, parts: tuple[Part, ...], previous: Submission | None
) -> list[Outgoing]:
    """What is known of each part; what is not goes to the queue as one question."""
    to, text = voice(call), text_to_check(call.message)
    readings = [read(call.ports.facts, part) for part in parts]
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    paragraphs: list[Block] = []
    for position, (part, reading) in enumerate(zip(parts, readings, strict=True), start=1):
        paragraphs += _part(to, position, text[part.start : part.end], reading)
    parts_left = [
        p for p, r in zip(parts, readings, strict=True) if r.decision is not Decision.ANSWER
    ]
    code = _queue_rest(call, submission, parts_left)
    told = _note_parts(call, submission, readings)
    heading = texts.say_many(to.language, "parts.heading", len(parts))
    tail = rest_promise(call, to.say("parts.queued", code=code), code) if code else ()
    body = (Block(heading, Style.STRONG), *paragraphs, *blocks(*tail))
    rest = replace(submission, id=rest_id(submission.id))
    said = send(to, body, rest_buttons(call, rest) if code else [], quote=call.message.ref)
    return [replies.with_verdicts(said, told)]


def _part(to: Voice, position: int, words: str, reading: Reading) -> list[Block]:
    quoted = to.say("parts.quoted", position=position, text=shown(words, QUOTED))
    return [Block(quoted, Style.QUOTE), Block(_part_verdict(to, reading))]


def _part_verdict(to: Voice, reading: Reading) -> str:
    if reading.best is None or reading.decision is Decision.ASK_HUMAN:
        return to.say("parts.unchecked")
    fact = reading.best.fact
    link, words = to.page(fact.number), replies.fact_text(fact)
    if reading.decision is Decision.SUGGEST:
        return to.say("parts.near", topic=replies.dated_topic(to, fact), link=link)
    if reading.stance is Stance.DEBUNK:
        return to.say("parts.debunk", fact=words, link=link)
    icon, word = replies.icon_word(to, fact)
    return to.say("parts.known", icon=icon, word=word, fact=words, link=link)


def _queue_rest(call: Call, submission: Submission, left: list[Part]) -> str:
    """What is not answered goes to the queue as one question; its code, or nothing."""
    if not left:
        return ""
    text = text_to_check(call.message)
    words = "\n".join(text[part.start : part.end].strip() for part in left)
    rest = replace(submission, id=rest_id(submission.id), text=words, fingerprint="")
    earlier = waiting_on(call, call.ports.questions.submission(rest.id))
    if earlier:
        return earlier.code
    matches = [match for part in left for match in part.matches]
    return take_place(call, rest, matches).code


def _note_parts(call: Call, submission: Submission, readings: list[Reading]) -> list[FactCheck]:
    """Keep what became of the message; gives the fact-checks whose verdict is told."""
    told = [r.best.fact for r in readings if r.best and r.decision is Decision.ANSWER]
    outcome = Outcome.ANSWERED if told else Outcome.CLOSED
    number = told[0].number if told else None
    call.ports.questions.note(replace(submission, outcome=outcome, fact_number=number))
    for fact in told:
        tell(call, fact, submission.id)
    return told
