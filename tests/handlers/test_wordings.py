"""A wording removed by hand: shown first, told after the undo, and nobody told once put back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from handlers import mistaken, wordings
from handlers.moderate import UNDO
from handlers.rights import Denied
from knowledge_base.facts import Moderator, Outcome, Refused, Role, Submission, Told, TooLate
from tests.fakes import EDITOR, FakeHouse
from tests.handlers.callers import house_with_facts

WORDING = "Besok listrik padam se-Jawa,\nsiapkan lilin"
READER = Moderator(9, "rudi", Role.READER)


@pytest.fixture
def house() -> FakeHouse:
    """482 was taught a wording that is about something else, and answered three messages."""
    house = house_with_facts()
    house.ports().facts.add_variant(482, WORDING, "budi")
    said = ("Info: besok listrik padam se-Jawa, siapkan lilin!", "TPS tutup pukul 10 pagi?")
    for place, (name, text) in enumerate((("ani", 0), ("ani", 0), ("budi", 0), ("cici", 1)), 1):
        asked = Submission(
            f"s{place}", house.person(name).id, said[text], Outcome.ANSWERED, house.now
        )
        house.questions.note(asked)
        house.people.tell(Told(asked.person, 482, 1, house.now, asked.id))
    house.now += timedelta(days=3)
    return house


def due(house: FakeHouse) -> Sequence[str]:
    """The messages that are looked at when the job comes."""
    [job] = (job for job in house.jobs.waiting if job.task == mistaken.TASK)
    assert job.due == house.now + UNDO
    house.now = job.due
    page, _ = mistaken.answered(house.ports(), **job.payload)
    return [one.id for one in page]


def test_it_is_shown_first_how_many_people_it_answered(house: FakeHouse) -> None:
    assert wordings.reached(house.ports(), EDITOR, 482, WORDING) == 2
    assert wordings.reached(house.ports(), EDITOR, 482, "Jembatan Kenanga ditutup") == 0
    assert wordings.reached(house.ports(), EDITOR, 483, WORDING) == 0
    assert WORDING in house.facts.rows[482].variants


def test_everybody_is_counted_however_many_there_are(
    house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mistaken, "COUNTED", 1)
    assert wordings.reached(house.ports(), EDITOR, 482, WORDING) == 2


@pytest.mark.parametrize("sent", [WORDING, WORDING.replace("\n", "\r\n")])
def test_who_was_answered_through_it_is_looked_for_after_the_undo(
    house: FakeHouse, sent: str
) -> None:
    wordings.drop(house.ports(), EDITOR, 482, sent)
    assert WORDING not in house.facts.rows[482].variants
    assert due(house) == ["s1", "s2", "s3"]


def test_a_wording_put_back_in_time_is_told_to_nobody(house: FakeHouse) -> None:
    wordings.drop(house.ports(), EDITOR, 482, WORDING)
    wordings.put_back(house.ports(), EDITOR, 482, WORDING)
    assert WORDING in house.facts.rows[482].variants
    assert due(house) == []
    assert [entry[1] for entry in house.audit.entries] == ["drop variant", "restore variant"]


def test_what_was_not_removed_just_now_by_oneself_is_not_put_back(house: FakeHouse) -> None:
    wordings.drop(house.ports(), EDITOR, 482, WORDING)
    other = Moderator(8, "sari", Role.EDITOR)
    with pytest.raises(TooLate):
        wordings.put_back(house.ports(), other, 482, WORDING)
    house.now += UNDO + timedelta(seconds=1)
    with pytest.raises(TooLate):
        wordings.put_back(house.ports(), EDITOR, 482, WORDING)
    assert WORDING not in house.facts.rows[482].variants


def test_a_wording_that_is_not_there_is_no_deed(house: FakeHouse) -> None:
    wordings.drop(house.ports(), EDITOR, 482, "Bukan ini")
    assert (house.audit.entries, list(house.jobs.waiting)) == ([], [])


@pytest.mark.parametrize("act", [wordings.reached, wordings.drop, wordings.put_back])
def test_only_an_editor_and_only_of_what_there_is(house: FakeHouse, act) -> None:
    with pytest.raises(Denied):
        act(house.ports(), READER, 482, WORDING)
    with pytest.raises(Refused):
        act(house.ports(), EDITOR, 999, WORDING)
