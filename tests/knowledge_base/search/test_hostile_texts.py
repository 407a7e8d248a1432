"""Texts made to hurt the search: no exception, nothing unbounded, nothing hidden changes it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search import features
from knowledge_base.search.compared import Compared
from knowledge_base.search.finder import (
    CANDIDATES,
    COMPARED,
    LISTED,
    NEAR_CANDIDATES,
    PART_CANDIDATES,
    PARTS,
    Finder,
)
from knowledge_base.search.findings import Decision
from knowledge_base.search.index import Record
from knowledge_base.search.text import Text, normalise
from tests.knowledge_base.search.fakes import MemorySource

CLAIM = "TPS di Kecamatan Melati tutup pukul 10.00 karena banjir besar"
FINDER = Finder(
    MemorySource(
        Record("tps", CLAIM),
        *(Record(f"k{n}", f"Kabar nomor {n} tentang desa Melati dan banjir") for n in range(80)),
    )
)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u2066\u034f\ufe0f\U000e0041"
HOSTILE = [
    "\ud800" * 50_000,
    "\x00" * 100_000,
    "a" + "\u0301\u0316" * 50_000,
    "\ufdfa" * 100_000,
    "ß" * 100_000,
    "🙏" * 100_000,
    "hoaks " * 20_000,
    "1,2." * 25_000,
    "((((" * 25_000,
    'AND OR NOT * " : ~ ^ ' * 5_000,
    "www.a.co/ " * 10_000,
    "a\n" * 50_000,
    "疫苗" * 50_000,
    "x" * 100_000,
    f"{CLAIM}. " * 1_500,
    " ".join(f"kata{n}" for n in range(15_000)),
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:8]))
def test_a_hostile_text_gets_a_plain_result(text: str) -> None:
    result = FINDER.find(text)
    assert 0 <= result.confidence <= 1
    assert len(result.matches) <= 10 or result.parts


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:8]))
def test_the_work_for_a_text_is_bounded_before_it_begins(text: str) -> None:
    compared = FINDER.compare(normalise(text))
    assert len(compared.rows) <= COMPARED < CANDIDATES + NEAR_CANDIDATES
    assert compared.rows.shape[1] == len(features.NAMES)


def test_beyond_ten_only_what_is_not_far_behind_the_likeliest_is_compared() -> None:
    words = [f"kata{letter}{letter}" for letter in "bcdfghjklmnp"]
    others = [
        Record(f"o{n}", " ".join([words[0], *(f"lain{n}x{at}" for at in range(11))]))
        for n in range(30)
    ]
    finder = Finder(MemorySource(Record("it", " ".join(words)), *others))
    finder.refresh()
    clear = finder.compare(normalise(" ".join(words)))
    vague = finder.compare(normalise(words[0]))
    assert (clear.entries[0].id, len(clear.entries), len(vague.entries)) == ("it", LISTED, COMPARED)


def test_the_work_for_the_stretches_of_a_message_is_bounded() -> None:
    fetched: list[int] = []

    class Counting(Finder):
        def compare(self, read: Text, fetched_: int = CANDIDATES, repaired: int = 4) -> Compared:
            fetched.append(fetched_)
            return super().compare(read, fetched_, repaired)

    records = [Record("tps", CLAIM), Record("air", "Air kelapa muda menyembuhkan demam berdarah")]
    text = f"{CLAIM}. Air kelapa muda menyembuhkan demam berdarah.\n" * 60
    assert Counting(MemorySource(*records)).find(text).parts
    assert fetched[0] == CANDIDATES
    assert 0 < len(fetched[1:]) <= PARTS
    assert set(fetched[1:]) == {PART_CANDIDATES}


@settings(max_examples=80, deadline=None)
@given(st.text(INVISIBLE, max_size=30), st.integers(0, len(CLAIM)))
def test_invisible_characters_anywhere_change_nothing(hidden: str, at: int) -> None:
    found = FINDER.find(CLAIM[:at] + hidden + CLAIM[at:])
    assert (found.decision, found.matches[0].id) == (Decision.ANSWER, "tps")
    assert found.confidence == FINDER.find(CLAIM).confidence


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec=None), max_size=60), st.text(INVISIBLE, min_size=1, max_size=9))
def test_appending_invisible_characters_never_changes_a_result(text: str, hidden: str) -> None:
    message = f"{text} banjir di desa Melati"
    assert FINDER.find(message + hidden) == FINDER.find(message)


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300))
def test_parts_lie_inside_the_message_and_in_order(text: str) -> None:
    message = f"{CLAIM}. {text}. Kabar nomor 7 tentang desa Melati dan banjir"
    parts = FINDER.find(message).parts
    places = [(p.start, p.end) for p in parts]
    assert places == sorted(places)
    assert all(0 <= start < end <= len(message) for start, end in places)


def test_scores_fall_from_the_first_match_on() -> None:
    scores = [m.score for m in FINDER.find("banjir besar melanda desa Melati").matches]
    assert scores == sorted(scores, reverse=True)
