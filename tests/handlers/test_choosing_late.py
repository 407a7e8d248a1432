""" "None of these" after the hour is over: what was listed is refused all the same, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import choosing, moderate, notify
from handlers.messages import Outgoing
from knowledge_base.search.findings import Decision
from tests.fakes import SARI, FakeHouse
from tests.handlers.callers import answers, asked, finds, house_with_facts, pressed, said

RUMOUR = "TPS Melati tutup jam sepuluh katanya"
REFUSED = [(RUMOUR, 482, False, "asker"), (RUMOUR, 483, False, "asker")]


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def silent_for_an_hour(house: FakeHouse, decision: Decision, *numbers: int) -> str:
    """Ani is offered two and does not choose; then the search finds these. Gives the button below
    the list."""
    offered = answers(house, said(RUMOUR), finds(RUMOUR, Decision.SUGGEST, 482, 483))
    at = house.questions.submissions["s1"].at.isoformat()
    house.now += timedelta(hours=1)
    choosing.nobody_chose(house.ports(), "s1", at, finds(RUMOUR, decision, *numbers))
    return offered[0].buttons[-1][0].data


def refuses(house: FakeHouse, button: str) -> list[Outgoing]:
    return [message for message in answers(house, pressed(button)) if message.text]


def test_what_was_listed_is_refused_though_a_person_looks_by_now(house: FakeHouse) -> None:
    button = silent_for_an_hour(house, Decision.SUGGEST, 482, 483)
    assert house.evidence.pairs == []
    for _ in range(2):
        (words,) = refuses(house, button)
        assert "7F3K" in words.text
    assert house.evidence.pairs == REFUSED
    asked = house.questions.submissions["s1"]
    assert (asked.offered, asked.question) == ((482, 483), "7F3K")


def test_it_is_refused_though_a_person_has_answered(house: FakeHouse) -> None:
    button = silent_for_an_hour(house, Decision.SUGGEST, 482, 483)
    question = house.ports().questions.get("7F3K")
    moderate.merge_into_fact(house.ports(), SARI, question.code, question.version, 485)
    house.now += moderate.UNDO
    while job := house.due_job():
        if job[0] == "tell_askers":
            notify.tell_askers(house.ports(), **job[1])
    taught = len(house.evidence.pairs)
    for _ in range(2):
        (words,) = refuses(house, button)
        assert "PENIPUAN" in words.text
    assert house.evidence.pairs[taught:] == REFUSED


def test_it_is_refused_though_the_message_was_checked_meanwhile(house: FakeHouse) -> None:
    button = silent_for_an_hour(house, Decision.ANSWER, 485)
    for _ in range(2):
        (words,) = refuses(house, button)
        assert "PENIPUAN" in words.text
    assert house.evidence.pairs == REFUSED


def test_what_answered_meanwhile_and_was_listed_is_refused_like_any_verdict(
    house: FakeHouse,
) -> None:
    button = silent_for_an_hour(house, Decision.ANSWER, 482)
    (words,) = refuses(house, button)
    assert "7F3K" in words.text
    assert house.evidence.pairs == REFUSED


@pytest.mark.parametrize(("consent", "soon"), [("notice", 1), ("tap", 0)])
def test_who_must_tap_first_waits_for_the_hour_with_the_choice(
    house: FakeHouse, consent: str, soon: int
) -> None:
    house.rules = replace(house.rules, consent=consent)
    answers(house, said(RUMOUR), finds(RUMOUR, Decision.SUGGEST, 482))
    code = asked(house, RUMOUR, "budi", "s2").question
    question = house.ports().questions.get(code)
    house.ports().questions.settle(code, 485, "sari", question.version)
    notify.tell_askers(house.ports(), code)
    jobs = [payload for task, payload in iter(house.due_job, None) if task == choosing.NO_CHOICE]
    told = [choosing.answered_for_others(house.ports(), **payload) for payload in jobs]
    assert [len(messages) for messages in told] == [1] * soon
