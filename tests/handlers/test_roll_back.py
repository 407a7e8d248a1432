"""Everything somebody published since a time, undone in one step."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import corrections, duplicates, mistaken, rollback
from handlers.rights import Denied
from handlers.rollback import RolledBack
from knowledge_base.facts import (
    Moderator,
    Outcome,
    Person,
    Refused,
    Role,
    Stale,
    State,
    Submission,
    Told,
)
from tests.fakes import EDITOR, FakeHouse
from tests.handlers.callers import house_with_facts

ADMIN = Moderator(7, "rina", Role.ADMIN)


@pytest.fixture
def house() -> FakeHouse:
    """Budi changed 482 twice, made 486, and changed 483, which Dewi changed after him."""
    house = house_with_facts()
    house.now += timedelta(hours=1)
    facts = house.ports().facts
    for number, fact in ((482, "Palsu satu."), (482, "Palsu dua."), (483, "Palsu tiga.")):
        facts.save(replace(facts.get(number), fact=fact), "budi", "palsu")
    facts.save(replace(facts.get(482), number=0, identity="baru", fact="Palsu."), "budi", "baru")
    facts.save(replace(facts.get(483), fact="Benar."), "dewi", "diperbaiki")
    return house


def roll_back(house: FakeHouse, who: Moderator = ADMIN, reason: str = "Akun diambil alih."):
    since = house.now - timedelta(minutes=5)
    return rollback.roll_back(house.ports(), who, "budi", since, reason)


def test_each_goes_back_to_the_version_before_or_is_withdrawn(house: FakeHouse) -> None:
    assert roll_back(house) == RolledBack(restored=(482,), retracted=(486,), left=(483,))
    now = house.facts.rows
    assert now[482].fact.startswith("TPS di Kecamatan Melati")
    assert (now[482].version, now[482].our_mistake) == (4, True)
    assert now[486].state is State.RETRACTED
    assert now[483].fact == "Benar."


def test_it_is_written_down_and_announced(house: FakeHouse) -> None:
    roll_back(house)
    assert [(e[0], e[1], e[2]) for e in house.audit.entries] == [
        ("rina", "rolled back", "fact/482"),
        ("rina", "rolled back", "fact/486"),
        ("rina", "roll back", "moderator/budi"),
    ]
    assert {job.payload["number"] for job in house.jobs.waiting} == {482, 486}


def test_what_is_withdrawn_leaves_no_other_work_behind(house: FakeHouse) -> None:
    facts = house.ports().facts
    for number in (482, 486):
        facts.add_variant(number, "Besok TPS libur", "budi")
    assert roll_back(house).wordings == 2
    work = {(job.task, job.payload["number"]) for job in house.jobs.waiting}
    assert {number for task, number in work if task == corrections.TASK} == {482, 486}
    assert {one for one in work if one[0] != corrections.TASK} == {
        (duplicates.TASK, 482),
        (mistaken.TASK, 482),
    }


def test_what_is_older_stays(house: FakeHouse) -> None:
    house.now += timedelta(hours=3)
    assert roll_back(house) == RolledBack()


def test_only_an_admin_with_a_reason_may(house: FakeHouse) -> None:
    with pytest.raises(Denied):
        roll_back(house, EDITOR)
    with pytest.raises(Refused):
        roll_back(house, reason="")
    assert roll_back(house).restored == (482,)


def seen(house: FakeHouse) -> rollback.Plan:
    since = house.now - timedelta(minutes=5)
    return rollback.plan(house.ports(), ADMIN, "budi", since)


def hear(house: FakeHouse, person: str, number: int, version: int, **known: bool) -> None:
    house.people.rows[person] = Person(person, "telegram", **known)
    house.people.tell(Told(person, number, version, house.now))


def test_the_plan_says_what_would_happen_and_does_nothing(house: FakeHouse) -> None:
    before, entries = dict(house.facts.rows), list(house.audit.entries)
    found = seen(house)
    assert [(step.now.number, step.withdrawn) for step in found.steps] == [
        (482, False),
        (486, True),
    ]
    assert found.steps[0].then.fact.startswith("TPS di Kecamatan Melati")
    assert [fact.number for fact in found.left] == [483]
    assert (house.facts.rows, house.audit.entries) == (before, entries)


def test_it_counts_each_person_once_who_will_be_told(house: FakeHouse) -> None:
    hear(house, "p1", 482, 2)
    hear(house, "p1", 486, 1)
    hear(house, "p2", 486, 1)
    hear(house, "right", 482, 1)  # what they were told holds again
    hear(house, "silent", 486, 1, notify=False)
    assert seen(house).people == 2


def test_it_says_how_many_were_answered_through_what_is_forgotten(house: FakeHouse) -> None:
    house.ports().facts.add_variant(482, "Besok listrik padam se-Jawa", "budi")
    said = ("besok listrik padam se-Jawa!", "Info: besok listrik padam se-Jawa", "TPS tutup?")
    for place, (person, text) in enumerate(zip(("p1", "p1", "p2"), said, strict=True)):
        house.questions.note(Submission(f"s{place}", person, text, Outcome.ANSWERED, house.now))
        hear(house, person, 482, 3)
        house.people.tell(Told(person, 482, 3, house.now, f"s{place}"))
    assert rollback.answered(house.ports(), seen(house), house.now - timedelta(minutes=5)) == 1
    assert rollback.answered(house.ports(), seen(house), house.now + timedelta(minutes=5)) == 0


def test_a_list_that_has_grown_since_it_was_read_is_not_carried_out(house: FakeHouse) -> None:
    since, mark = house.now - timedelta(minutes=5), seen(house).mark
    facts = house.ports().facts
    facts.save(replace(facts.get(482), fact="Palsu lagi."), "budi", "palsu")
    with pytest.raises(Stale):
        rollback.roll_back(house.ports(), ADMIN, "budi", since, "Diambil alih.", seen=mark)
    assert house.facts.rows[482].fact == "Palsu lagi."
    now = seen(house).mark
    done = rollback.roll_back(house.ports(), ADMIN, "budi", since, "Diambil alih.", seen=now)
    assert done.restored == (482,)
