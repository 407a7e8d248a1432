"""Where is my question: by ticket, by number, or all of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers import replies, standing, texts
from handlers.answering import number_in, show_number, tell
from handlers.choosing import offer_again
from handlers.matched import holding
from handlers.messages import Outgoing
from handlers.ports import Call
from handlers.queueing import rest_id
from handlers.reading import Command, command, shown
from handlers.replies import Voice, blocks, line, send, voice
from knowledge_base.facts import FactCheck, Outcome, Question, QuestionState, Submission


def status(call: Call) -> list[Outgoing]:
    """/status: one's latest questions; with a number: that ticket or fact-check."""
    asked = (command(call.message) or Command("")).rest.strip().lstrip("#")[:20]
    return _one(call, asked) if asked else _all(call)


def _one(call: Call, code: str) -> list[Outgoing]:
    to, question = voice(call), call.ports.questions.get(code)
    if question is not None:
        return [_telling(call, to, [_question(call, to, question, code.upper())])]
    if number_in(code):
        return show_number(call, number_in(code))
    return [line(to, "status.unknown", code=shown(code, 20))]


def _all(call: Call) -> list[Outgoing]:
    to = voice(call)
    own = call.ports.questions.of_person(call.person.id)
    lines = [_submission(call, to, each) for each in own if not _only_rest(call, each)]
    role = to.say("status.influencer") if call.person.influencer else ""
    if not lines:
        return [send(to, blocks(to.say("status.none"), role))]
    said = _telling(call, to, list(dict.fromkeys(lines)), to.say("status.heading"), role)
    return [_with_choice(call, own, said)]


def _with_choice(call: Call, own: Sequence[Submission], said: Outgoing) -> Outgoing:
    """The newest choice that waits is offered again: its buttons may be far up by now."""
    waiting = next((each for each in own if each.outcome is Outcome.SUGGESTED), None)
    again = offer_again(call, waiting) if waiting else None
    if again is None:
        return said
    return replace(said, blocks=(*said.blocks, *again.blocks), buttons=again.buttons)


@dataclass(frozen=True, slots=True)
class Line:
    """How one question stands, and the fact-check whose verdict the line gives."""

    text: str
    fact: FactCheck | None = None


def _telling(
    call: Call, to: Voice, lines: Sequence[Line], heading: str = "", role: str = ""
) -> Outgoing:
    """The lines as one message. Whoever reads a verdict here was told it: a correction reaches
    them, and a verdict that changed meanwhile does not go out."""
    facts = {line.fact.number: line.fact for line in lines if line.fact}
    heard = {(told.fact_number, told.version) for told in call.ports.people.told(call.person.id)}
    for fact in facts.values():
        if (fact.number, fact.version) not in heard:  # what they heard last stays the last
            tell(call, fact)
    listed = "\n".join(f"• {line.text}" for line in lines) if heading else lines[0].text
    said = send(to, blocks(heading, listed, role))
    return replies.with_verdicts(said, tuple(facts.values()))


def _question(call: Call, to: Voice, question: Question, code: str) -> Line:
    if question.state is QuestionState.REJECTED:
        return Line(standing.rejected(to, question, code))
    if question.state is QuestionState.ANSWERED and question.fact_number:
        return _answered(call, to, question.fact_number, code)
    time = texts.moment(to.language, question.first_asked, to.now, to.rules.timezone)
    return Line(to.say("status.open", code=code, time=time))


def _answered(call: Call, to: Voice, number: int, code: str) -> Line:
    fact = holding(call.ports.facts, number)
    if fact is None:
        return Line(to.say("answer.gone", number=number))
    return Line(standing.answered(to, fact, code), fact)


def _only_rest(call: Call, submission: Submission) -> bool:
    """A message with several claims of which none was answered: what waits says it all."""
    closed = submission.outcome is Outcome.CLOSED
    return closed and call.ports.questions.submission(rest_id(submission.id)) is not None


def _submission(call: Call, to: Voice, submission: Submission) -> Line:
    question = call.ports.questions.get(submission.question) if submission.question else None
    if question is not None:
        return _question(call, to, question, question.code)
    if submission.fact_number:
        return _answered(call, to, submission.fact_number, "")
    key = "suggested" if submission.outcome is Outcome.SUGGESTED else "closed"
    return Line(standing.closed(to, submission, key))
