"""Several claims in one message: one reply, one line for each."""

from __future__ import annotations

from dataclasses import replace

from handlers import replies, texts
from handlers.answering import note_answers
from handlers.listed import unmarked, whole_list
from handlers.matched import Reading, read
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Call
from handlers.queueing import (
    queue_rest,
    rest_id,
    rest_promise,
    submission_of,
    waiting_buttons,
)
from handlers.reading import shown, text_to_check
from handlers.replies import Voice, blocks, send, voice
from knowledge_base.facts import Outcome, Submission
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
    parts = whole_list(parts, text)
    readings = [read(call.ports.facts, part) for part in parts]
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    paragraphs: list[Block] = []
    for position, (part, reading) in enumerate(zip(parts, readings, strict=True), start=1):
        paragraphs += part_blocks(to, position, text[part.start : part.end], reading)
    left = [
        (part, text[part.start : part.end])
        for part, reading in zip(parts, readings, strict=True)
        if reading.decision is not Decision.ANSWER
    ]
    code = queue_rest(call, submission, left)
    told = note_answers(call, submission, readings)
    heading = texts.say_many(to.language, "parts.heading", len(parts))
    tail = rest_promise(call, to.say("waiting.rest"), code) if code else ()
    only = to.say("answer.only_text") if call.message.media else ""
    body = (Block(heading, Style.STRONG), *paragraphs, *blocks(only, *tail))
    rest = replace(submission, id=rest_id(submission.id))
    said = send(to, body, waiting_buttons(call, rest) if code else [], quote=call.message.ref)
    return [replies.with_verdicts(said, told)]


def part_blocks(to: Voice, position: int, words: str, reading: Reading) -> list[Block]:
    """A part of the message in its words, and what is known of it."""
    quoted = to.say("parts.quoted", position=position, text=shown(unmarked(words), QUOTED))
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
