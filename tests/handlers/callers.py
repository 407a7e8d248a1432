"""Short ways to make a message and a call, for tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from handlers.messages import Act, Address, Incoming, Outgoing
from handlers.ports import Call, Found
from handlers.routes import route, text_to_check
from knowledge_base.facts import Outcome, Submission
from knowledge_base.search.findings import Decision, Match, Result
from knowledge_base.search.text import checkable, fingerprint
from tests.fakes import FakeHouse
from tests.handlers.player import FACTS, START

ADDRESS = Address("browser", "demo", "ani")


def house_with_facts() -> FakeHouse:
    """A house that knows the fact-checks 482 to 485."""
    house = FakeHouse(START)
    house.know(FACTS)
    return house


def said(text: str = "", **more: Any) -> Incoming:
    """Something a person wrote in a private chat."""
    ref, act = more.pop("ref", "m1"), more.pop("act", Act.MESSAGE)
    return Incoming(ADDRESS, act, START, ref=ref, text=text, **more)


def pressed(button: str) -> Incoming:
    """A button somebody pressed."""
    return said(act=Act.PRESS, button=button, callback="c1")


def finds(text: str, decision: Decision = Decision.ASK_HUMAN, *numbers: int) -> Found:
    """What the search says of a text: this decision with these fact-checks."""
    matches = tuple(Match(str(number), 0.97 - n / 100) for n, number in enumerate(numbers))
    result = Result(decision, 0.97, matches=matches, checkable=checkable(text))
    return Found(result, fingerprint=fingerprint(text))


def answers(
    house: FakeHouse, message: Incoming, found: Found | None = None, new_id: str = "s1"
) -> list[Outgoing]:
    """What the routed handler says to Ani's message."""
    found = found or finds(text_to_check(message))
    call = Call(message, house.person("ani"), house.ports(), found, new_id)
    return route(message).handler(call)


def asked(house: FakeHouse, text: str, person: str = "ani", id: str = "s1") -> Submission:
    """A submission that waits in the queue; gives it with its ticket."""
    house.person(person)
    submission = Submission(id, f"p-{person}", text, Outcome.QUEUED, house.now, ref=f"ref-{id}")
    question = house.ports().questions.ask(replace(submission, fingerprint=fingerprint(text)))
    return replace(submission, question=question.code)
