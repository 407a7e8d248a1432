"""Several claims in one message: one reply that carries every verdict it tells."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import overtaken
from handlers.messages import Outgoing, pack, unpack
from handlers.ports import Found
from knowledge_base.facts import State, Told
from knowledge_base.search.findings import Decision, Match, Part, Result
from tests.fakes import FakeHouse
from tests.handlers.callers import answers, house_with_facts, said

TEXT = "TPS tutup jam 10 pagi. Bansos dibagikan lewat tautan ini. Sumur warga berisi sirup jambu."


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def three_claims() -> Found:
    """Two known claims and one that nobody has checked."""
    ends = [TEXT.index(".") + 1, TEXT.index("ini.") + 4, len(TEXT)]
    starts = [0, *ends[:-1]]
    known = ((Match("482", 0.97),), (Match("483", 0.96),), ())
    parts = tuple(
        Part(start, end, Decision.ANSWER if found else Decision.ASK_HUMAN, 0.9, matches=found)
        for start, end, found in zip(starts, ends, known, strict=True)
    )
    matches = (*known[0], *known[1])
    return Found(Result(Decision.SUGGEST, 0.5, matches=matches, parts=parts), fingerprint="f")


def tell(house: FakeHouse, *told: tuple[int, int]) -> list[Outgoing]:
    return overtaken.tell_parts(house.ports(), "p-ani", told, "m1")


@pytest.mark.parametrize("before", ["", "cek "])
def test_the_reply_carries_every_verdict_in_it(house: FakeHouse, before: str) -> None:
    [reply] = answers(house, said(before + TEXT), three_claims())
    assert reply.verdicts == ((482, 1), (483, 1))
    assert unpack(pack(reply)).verdicts == reply.verdicts


def test_what_was_overtaken_is_told_anew_with_the_rest_and_the_ticket(house: FakeHouse) -> None:
    answers(house, said(TEXT), three_claims())
    before = house.facts.rows[482]
    house.facts.save(replace(before, fact="Tiga TPS tutup pukul 11."), "editor", "new timetable")
    [reply] = tell(house, (482, 1), (483, 1))
    assert reply.verdicts == ((482, 2), (483, 1))
    assert "Tiga TPS tutup pukul 11." in reply.text
    [question] = house.questions.open()
    assert question.code in reply.text
    assert (482, 2) in [(told.fact_number, told.version) for told in house.people.told("p-ani")]


def test_what_was_withdrawn_is_said_to_be(house: FakeHouse) -> None:
    answers(house, said(TEXT), three_claims())
    before = house.facts.rows[482]
    house.facts.save(replace(before, state=State.RETRACTED), "editor", "wrong")
    [reply] = tell(house, (482, 1), (483, 1))
    assert "nomor 482 sudah ditarik" in reply.text


def test_two_parts_whose_checks_became_one_are_told_once(house: FakeHouse) -> None:
    answers(house, said(TEXT), three_claims())
    before = house.facts.rows[482]
    merged = replace(before, state=State.RETRACTED, replaced_by=483)
    house.facts.save(merged, "editor", "the same claim")
    [reply] = tell(house, (482, 1), (483, 1))
    assert reply.verdicts == ((483, 1),)
    assert "ditarik" not in reply.text


def test_who_was_written_the_newer_one_meanwhile_hears_only_the_rest(house: FakeHouse) -> None:
    answers(house, said(TEXT), three_claims())
    house.people.tell(Told("p-ani", 482, 2, house.now))
    [reply] = tell(house, (482, 1), (483, 1))
    assert reply.verdicts == ((483, 1),)


def test_an_erased_person_hears_nothing(house: FakeHouse) -> None:
    assert tell(house, (482, 1), (483, 1)) == []
