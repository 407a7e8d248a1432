"""Give a verdict, and remember who was told which version of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from handlers.matched import Reading, holding, part_of
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Call
from handlers.queueing import submission_of
from handlers.reading import text_to_check
from handlers.replies import (
    About,
    Voice,
    blocks,
    button,
    fact_text,
    icon_word,
    line,
    publisher,
    quoted,
    send,
    verdict,
    voice,
    with_verdicts,
)
from knowledge_base.facts import FactCheck, Outcome, State, Submission, Told
from knowledge_base.search.findings import Decision, Stance


def note_answer(call: Call, submission: Submission, fact: FactCheck) -> None:
    """Keep that this submission got this verdict, and that the person was told this version.

    It waits on no question any more: who says "not this" afterwards takes a place of their own.
    """
    answered = replace(submission, outcome=Outcome.ANSWERED, fact_number=fact.number, question="")
    call.ports.questions.note(answered)
    tell(call, fact, submission.id)


def note_answers(
    call: Call, submission: Submission, readings: Sequence[Reading]
) -> list[FactCheck]:
    """Keep what became of a message with several claims; gives the fact-checks whose verdict is
    told."""
    told = [r.best.fact for r in readings if r.best and r.decision is Decision.ANSWER]
    outcome = Outcome.ANSWERED if told else Outcome.CLOSED
    number = told[0].number if told else None
    call.ports.questions.note(replace(submission, outcome=outcome, fact_number=number))
    for fact in told:
        tell(call, fact, submission.id)
    return told


def tell(call: Call, fact: FactCheck, submission_id: str = "") -> None:
    """Remember that the person was told this version, for corrections."""
    now = call.ports.now
    told = Told(call.person.id, fact.number, fact.version, now, submission=submission_id)
    call.ports.people.tell(told)


def answer(
    call: Call, fact: FactCheck, stance: Stance, previous: Submission | None = None
) -> Outgoing:
    """The verdict on this message; the same message again is the same submission."""
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    note_answer(call, submission, fact)
    about = About(
        submission=submission.id,
        quote=call.message.ref,
        stance=stance,
        automatic=True,
        media=bool(call.message.media),
        part=part_of(text_to_check(call.message), fact),
    )
    return verdict(voice(call), fact, about)


def both(call: Call, submission: Submission, facts: Sequence[FactCheck]) -> Outgoing:
    """Fact-checkers disagree about this message: each verdict with who gave it; both count as
    told. "Not this" refuses both."""
    to, numbers = voice(call), tuple(fact.number for fact in facts)
    answered = replace(
        submission, outcome=Outcome.ANSWERED, fact_number=numbers[0], offered=numbers
    )
    call.ports.questions.note(answered)
    for fact in facts:
        tell(call, fact, submission.id)
    parts = (
        Block(to.say("opposed.heading"), Style.STRONG),
        *blocks(*(_by_whom(to, fact) for fact in facts), to.say("opposed.read")),
        *blocks(to.say("answer.only_text") if call.message.media else ""),
    )
    wrong = button(to, "not_this", "not", submission.id, numbers[0])
    return with_verdicts(send(to, parts, [[wrong]], quote=call.message.ref), facts)


def _by_whom(to: Voice, fact: FactCheck) -> str:
    icon, word = icon_word(to, fact)
    return to.say(
        "opposed.verdict", icon=icon, word=word, publisher=publisher(to, fact),
        fact=fact_text(fact), link=to.page(fact.number),
    )  # fmt: skip


def show_number(call: Call, number: int, lead: str = "") -> list[Outgoing]:
    """The fact-check a number, link or deep link names, in its present state; of a merged one
    what took its place."""
    facts, to = call.ports.facts, voice(call)
    fact = holding(facts, number) or facts.get(number)
    if fact is None or fact.state is State.DRAFT:
        return [line(to, "answer.no_such", number=number, quote=quoted(call))]
    if fact.state is State.RETRACTED:
        return [line(to, "answer.gone", number=number, quote=quoted(call))]
    tell(call, fact)
    about = About(quote=quoted(call), stance=Stance.QUESTION, lead=lead)
    return [verdict(to, fact, about)]


def number_in(arg: str) -> int:
    """A fact-check's number as typed or pressed: ASCII digits only (B15), else 0."""
    return int(arg) if arg.isascii() and arg.isdecimal() and len(arg) < 10 else 0
