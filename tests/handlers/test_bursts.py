"""A great many results within minutes: the colleagues hear of it, once, and nothing is held back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers import bursts
from handlers.desk_cards import burst
from knowledge_base.chats import DeskChat
from knowledge_base.deeds import Deed
from tests.fakes import EDITOR, SARI, FakeHouse
from tests.handlers.callers import house_with_facts


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def publishes(house: FakeHouse, times: int, who: str = "sari", every: int = 5) -> None:
    for _ in range(times):
        house.now += timedelta(seconds=every)
        house.audit.write(who, Deed.ANSWER, "question/7F3K")
        bursts.look(house.ports(), who)


def noted(house: FakeHouse) -> list[tuple[str, int]]:
    entries = [one for one in house.audit.entries if one[1] == Deed.BURST]
    assert len(entries) == len([job for job in house.jobs.waiting if job.task == bursts.TASK])
    return [(one[0], one[4]["count"]) for one in entries]


def test_thirty_in_ten_minutes_are_said_once_an_hour(house: FakeHouse) -> None:
    publishes(house, 29)
    assert noted(house) == []
    publishes(house, 60)
    assert noted(house) == [("sari", 30)]
    publishes(house, 40, every=100)
    assert noted(house) == [("sari", 30)]  # an hour later, but at leisure
    publishes(house, 40)
    assert len(noted(house)) == 2


def test_what_several_people_do_is_no_burst_of_one(house: FakeHouse) -> None:
    for _ in range(10):
        publishes(house, 2, "sari")
        publishes(house, 2, "dewi")
    assert noted(house) == []


def test_those_who_may_see_the_audit_hear_it_and_the_person_does_not(house: FakeHouse) -> None:
    house.desk.people = [SARI, EDITOR]
    for name, who in (("sari", SARI), ("dewi", EDITOR)):
        house.person(name)
        house.chats.linked[f"p-{name}"] = DeskChat(f"p-{name}", who)
    [told] = burst(house.ports(), "sari", 30)
    assert told.to == "p-dewi"
    assert "sari menerbitkan 30 hasil dalam sepuluh menit" in told.text
    assert burst(house.ports(), "dewi", 30) == []  # nobody else may
