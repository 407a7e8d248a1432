"""A reply about several claims that a change overtook in the outbox: what holds now of each."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import replies
from handlers.corrections import heard, told_now
from handlers.messages import Outgoing
from handlers.ports import Ports
from handlers.queueing import rest_id
from handlers.replies import Voice, blocks, send, voice_of
from knowledge_base.facts import FactCheck, QuestionState, State


def tell_parts(
    ports: Ports, person_id: str, told: Sequence[tuple[int, int]], quote: str
) -> list[Outgoing]:
    """A reply about several claims of which one was overtaken before it went out: what holds
    now of each, and the ticket of what is not answered. `told` are (number, version); who was
    written something newer of one meanwhile does not hear that twice."""
    person = ports.people.get(person_id)
    if person is None:
        return []
    to = voice_of(ports, person)
    asked = {each.fact_number: each.submission for each in ports.people.told(person.id)}
    left = [number for number, version in told if not heard(ports, person, number, version)]
    before = [fact for number in left if (fact := ports.facts.get(number))]
    now = [told_now(ports, person, fact, asked.get(fact.number, "")) for fact in before]
    facts = list({fact.number: fact for fact in now}.values())  # two may have become one
    waiting = _ticket(ports, [asked.get(number, "") for number, _ in told])
    if not facts and not waiting:
        return []
    body = blocks(
        to.say("parts.now"),
        *(_current(to, fact) for fact in facts),
        to.say("parts.queued", code=waiting) if waiting else "",
    )
    return [replies.with_verdicts(send(to, body, quote=quote), facts)]


def _current(to: Voice, fact: FactCheck) -> str:
    if fact.state is not State.PUBLISHED:
        return to.say("answer.gone", number=fact.number)
    icon, word = replies.icon_word(to, fact)
    topic = replies.dated_topic(to, fact)
    known = to.say(
        "parts.known",
        icon=icon,
        word=word,
        fact=replies.fact_text(fact),
        link=to.page(fact.number),
    )
    return f"{topic}: {known}"


def _ticket(ports: Ports, submissions: Sequence[str]) -> str:
    """The code under which the rest of the message waits; empty when nothing of it does."""
    for submission in filter(None, submissions):
        rest = ports.questions.submission(rest_id(submission))
        question = ports.questions.get(rest.question) if rest and rest.question else None
        if question is not None and question.state is QuestionState.OPEN:
            return question.code
    return ""
