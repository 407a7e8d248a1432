"""A draft somebody wants to post: NOT YET, WAIT or CHECKED for each claim, and what to say."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from handlers import replies
from handlers.answering import note_answers
from handlers.listed import unmarked, whole_list
from handlers.matched import Reading, part_of, read
from handlers.messages import Block, Button, Outgoing, Style
from handlers.ports import Call, Found
from handlers.queueing import (
    queue_rest,
    rest_id,
    rest_promise,
    same_open,
    submission_of,
    take_place,
    waiting_buttons,
)
from handlers.reading import shown
from handlers.replies import Voice, blocks, button, send, voice
from knowledge_base.facts import FactCheck, Outcome, Submission, Verdict
from knowledge_base.search.findings import Decision, Part, Result, Stance
from knowledge_base.search.stance import retells

QUOTED = 80
_STOP = (Verdict.FALSE, Verdict.SCAM, Verdict.MISLEADING)


class Light(StrEnum):
    """The traffic-light word of a claim; never "safe"."""

    STOP = "stop"
    TOLD = "told"  # it speaks of a rumour that was refuted, and may be putting it right
    WAIT = "wait"
    DONE = "done"


def _light(reading: Reading, words: str) -> Light:
    if reading.decision is not Decision.ANSWER or reading.best is None:
        return Light.WAIT
    verdict = reading.best.fact.verdict
    if reading.stance is Stance.DEBUNK and replies.refutes(reading.best.fact):
        return Light.DONE
    if verdict in _STOP:
        claim = reading.best.fact.claim  # "Aqua ditarik kembali" may itself be the rumour
        return Light.TOLD if retells(words) and not retells(claim) else Light.STOP
    return Light.DONE if verdict is Verdict.TRUE else Light.WAIT


def check_draft(
    call: Call, found: Found, text: str, previous: Submission | None = None
) -> list[Outgoing]:
    """Answer a draft claim by claim, with a sentence to use instead of each. `previous` is the
    submission this draft is, when it is not a new one."""
    to = voice(call)
    claims = _claims(found.result, text)
    readings = [read(call.ports.facts, claim) for claim, _ in claims]
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    code = _queue(call, submission, claims, readings)
    told = _note(call, submission, readings)
    several = len(claims) > 1
    spoken = [words for _, words in claims]
    parts = [Block(_headline(to, readings, spoken), Style.STRONG)]
    for position, ((_, words), reading) in enumerate(zip(claims, readings, strict=True), start=1):
        parts += _claim(to, position, words, reading) if several else _only(to, words, reading)
    scope = to.say("draft.scope") if told or several else ""
    lead = to.say("waiting.rest") if several else ""
    tail = (scope, *rest_promise(call, lead, code)) if code else (scope,)
    waiting = replace(submission, id=rest_id(submission.id)) if several else submission
    buttons = _buttons(call, told, submission, waiting if code else None)
    said = send(to, (*parts, *blocks(*tail)), buttons, quote=call.message.ref)
    return [replies.with_verdicts(said, told)]


def _claims(result: Result, text: str) -> list[tuple[Result | Part, str]]:
    if len(result.parts) > 1:
        parts = whole_list(result.parts, text)
        return [(part, text[part.start : part.end]) for part in parts]
    return [(result, text)]


def _headline(to: Voice, readings: list[Reading], spoken: list[str]) -> str:
    if len(readings) == 1 and readings[0].decision is not Decision.ANSWER:
        return _line(to, readings[0], spoken[0])  # of one claim nothing more is to be said
    lights = [_light(reading, words) for reading, words in zip(readings, spoken, strict=True)]
    if grave := next((one for one in (Light.STOP, Light.TOLD) if one in lights), None):
        worst = readings[lights.index(grave)].best
        word = replies.icon_word(to, worst.fact)[1] if worst else ""
        return to.say(f"draft.{grave}", word=word)
    return to.say("draft.wait" if Light.WAIT in lights else "draft.done")


def _only(to: Voice, words: str, reading: Reading) -> list[Block]:
    """A draft of one claim: which words, the fact, the sentence to use, who checked."""
    if reading.decision is not Decision.ANSWER or reading.best is None:
        return [*blocks(_instead(to, reading))]
    fact = reading.best.fact
    credit = replies.credit_lines(to, fact, automatic=True)
    judged = replies.part_judged(to, part_of(words, fact))
    return [*judged, *blocks(replies.fact_line(to, fact), _instead(to, reading), credit)]


def _claim(to: Voice, position: int, words: str, reading: Reading) -> list[Block]:
    quoted = to.say("parts.quoted", position=position, text=shown(unmarked(words), QUOTED))
    return [Block(quoted, Style.QUOTE), *blocks(_line(to, reading, words), _instead(to, reading))]


def _line(to: Voice, reading: Reading, spoken: str) -> str:
    if reading.best is None or reading.decision is Decision.ASK_HUMAN:
        return to.say("draft.unchecked_line")
    fact = reading.best.fact
    link = to.page(fact.number)
    if reading.decision is Decision.SUGGEST:
        return to.say("draft.near_line", topic=replies.dated_topic(to, fact), link=link)
    word, words = replies.icon_word(to, fact)[1], replies.fact_text(fact)
    return to.say(f"draft.{_light(reading, spoken)}_line", word=word, fact=words, link=link)


def _instead(to: Voice, reading: Reading) -> str:
    if reading.decision is not Decision.ANSWER or reading.best is None:
        return to.say("draft.instead_unchecked")
    sentence = replies.fact_text(reading.best.fact)
    return to.say("draft.instead", sentence=sentence) if sentence else ""


def _queue(
    call: Call,
    submission: Submission,
    claims: list[tuple[Result | Part, str]],
    readings: list[Reading],
) -> str:
    """What is not answered goes to the queue as one question; its code, or nothing."""
    left = [
        claim
        for claim, reading in zip(claims, readings, strict=True)
        if reading.decision is not Decision.ANSWER
    ]
    if len(left) == len(claims) == 1:
        return take_place(call, submission, left[0][0].matches, same_open(call)).code
    return queue_rest(call, submission, left)


def _note(call: Call, submission: Submission, readings: list[Reading]) -> list[FactCheck]:
    """Keep which verdicts are told; gives their fact-checks. A single claim that waits is kept
    by its place in the queue."""
    waits = len(readings) == 1 and readings[0].decision is not Decision.ANSWER
    return [] if waits else note_answers(call, submission, readings)


def _buttons(
    call: Call, told: list[FactCheck], submission: Submission, waiting: Submission | None
) -> list[list[Button]]:
    """What can be done with what was told, and with what waits."""
    waits = waiting_buttons(call, waiting) if waiting else []
    if not told:
        return waits
    to, fact = voice(call), told[0]
    ready = button(to, "ready_text", "fwd", str(fact.number))
    proof = button(to, "evidence", "src", str(fact.number))
    wrong = button(to, "not_this", "not", submission.id, fact.number)
    return [[ready, proof, wrong], *waits]
