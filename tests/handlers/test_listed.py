"""A numbered draft is answered item by item, by its author's own list."""

from __future__ import annotations

import pytest

from handlers.listed import unmarked, whole_list
from handlers.ports import Found
from knowledge_base.search.findings import Decision, Match, Part, Result
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, house_with_facts, said

HEAD = "Guys, ini 3 hal yang wajib kalian tahu!"
ITEMS = (
    "1. TPS Melati tutup jam 10 pagi.",
    "2. Bumi itu datar sekali.",
    "3. Bansos lewat tautan.",
)
DRAFT = "\n".join((HEAD, *ITEMS))


def part(words: str, decision: Decision = Decision.ASK_HUMAN, known: str = "") -> Part:
    start = DRAFT.index(words)
    matches = (Match(known, 0.97),) if known else ()
    return Part(start, start + len(words), decision, 0.9, matches=matches)


def found() -> Found:
    """What the search makes of it: it knows nothing near the second item."""
    known = (part(ITEMS[0], Decision.ANSWER, "482"), part(ITEMS[2], Decision.ANSWER, "483"))
    parts = (part(HEAD), *known)
    return Found(Result(Decision.SUGGEST, 0.5, parts=parts), fingerprint="f")


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


@pytest.mark.parametrize("before", ["", "cek "])
def test_every_item_has_its_line_under_its_own_number(house: FakeHouse, before: str) -> None:
    reply = spoken(answers(house, said(before + DRAFT), found()))
    assert [f"{n}. “{item[3:]}”" in reply for n, item in enumerate(ITEMS, 1)] == [True] * 3
    assert "wajib kalian tahu" not in reply


def test_an_item_nothing_is_known_of_waits_in_the_queue(house: FakeHouse) -> None:
    answers(house, said(f"cek {DRAFT}"), found())
    [question] = house.questions.open()
    assert "Bumi itu datar" in question.text
    assert "wajib kalian tahu" not in question.text


def test_a_first_sentence_with_a_claim_of_its_own_stays() -> None:
    text = f"Bansos Melati dihentikan mulai besok!\n{ITEMS[0]}\n{ITEMS[2]}"
    first = Part(0, text.index("\n"), Decision.ASK_HUMAN, 0.1)
    assert whole_list((first,), text)[0] == first
    assert len(whole_list((first,), text)) == 3


def test_unknown_items_that_were_taken_for_one_are_told_apart() -> None:
    lump = part("\n".join(ITEMS[:2]))
    apart = whole_list((lump, part(ITEMS[2], Decision.ANSWER, "483")), DRAFT)
    assert [DRAFT[each.start : each.end] for each in apart] == list(ITEMS)


def test_a_text_without_a_list_is_left_alone() -> None:
    only = (part(HEAD), part(ITEMS[0]))
    assert whole_list(only, f"{HEAD} {ITEMS[0]}") == only
    assert unmarked("2.500 orang hadir") == "2.500 orang hadir"
    assert unmarked("12) Bansos") == "Bansos"
