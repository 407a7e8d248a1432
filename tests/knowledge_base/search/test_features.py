"""What is reckoned early, to spare the full comparison, agrees with what that would say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from knowledge_base.search import features, recurrence, weighing
from knowledge_base.search.compared import Compared
from knowledge_base.search.entries import View, make
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Record
from knowledge_base.search.memo import Rarities
from knowledge_base.search.text import normalise
from tests.knowledge_base.search.fakes import MemorySource

SAID = features.NAMES.index("message_covered_soft")
CLAIMED = features.NAMES.index("claim_covered_soft")
TEXT = """
kpu membagikan surat suara palsu gratis melati vaksin garam hangat menyembuhkan korona
kementerian sosial pulsa tautan utang nasabah foto banjir kecamatan 27 november dpt
"""
WORDS = TEXT.split()
FINDER = Finder(
    MemorySource(
        *(Record(f"r{at}", " ".join(WORDS[at : at + 8])) for at in range(0, len(WORDS) - 8, 2))
    )
)


RARITY = Rarities(lambda words: ([len(word) / 7 for word in words], [1] * len(words)))
ENTRIES = [
    make(str(at), "id", None, [("claim", text, text, text)], "")
    for at, text in enumerate(" ".join(WORDS[at : at + 9] * 2) for at in range(10))
]
VIEWS = [entry.views[0] for entry in ENTRIES]


def rows(message: weighing.Message, views: list[View]) -> NDArray[np.float64]:
    wordings, count = weighing.weigh(views, RARITY), len(views)
    scores, none, model = [1.0] * count, [""] * count, recurrence.shipped()
    heard = model.heard(message, 9)
    return features.compare_all(message, wordings, scores, 1.0, none, heard, model, 9)


def slip(word: str, at: int) -> str:
    """The word with one letter left out, or as it is."""
    return word[:at] + word[at + 1 :] if 0 < at < len(word) and word.isalpha() else word


def compared(words: list[tuple[str, int]]) -> Compared:
    FINDER.refresh()
    return FINDER.compare(normalise(" ".join(slip(word, at) for word, at in words)))


SPOKEN = st.lists(st.tuples(st.sampled_from(WORDS), st.integers(-8, 8)), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(SPOKEN)
def test_the_early_bound_is_never_below_what_a_claim_covers(words: list[tuple[str, int]]) -> None:
    seen = compared(words)
    for view, row in zip(seen.views, seen.rows, strict=True):
        assert weighing.most_covered(seen.message, view.distinct) >= row[SAID] - 1e-9


@settings(max_examples=60, deadline=None)
@given(SPOKEN)
def test_both_covers_alone_are_those_of_the_full_comparison(words: list[tuple[str, int]]) -> None:
    message = weighing.prepare(compared(words).text, RARITY)
    wordings = weighing.weigh(VIEWS, RARITY)
    expected = [min(row[SAID], row[CLAIMED]) for row in rows(message, VIEWS)]
    assert features.covered_both(message, wordings) == pytest.approx(expected, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(SPOKEN, st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_a_wording_compares_the_same_whatever_stands_beside_it(
    words: list[tuple[str, int]], chosen: list[int]
) -> None:
    message, some = weighing.prepare(compared(words).text, RARITY), [VIEWS[at] for at in chosen]
    together, alone = rows(message, some), [rows(message, [view])[0] for view in some]
    assert together == pytest.approx(np.array(alone), abs=1e-12)


def test_a_run_lasts_over_one_other_word_and_ends_at_two() -> None:
    claim, others = WORDS[:8], ["utang", "nasabah", "foto"]
    runs = []
    for between in range(3):
        words = [*claim[:4], *others[:between], *claim[4:]]
        seen = compared([(word, 0) for word in words])
        first = [entry.id for entry in seen.entries].index("r0")
        runs.append(seen.rows[first, features.NAMES.index("run_claim")])
    assert runs[0] == runs[1] == pytest.approx(1.0)
    assert 0 < runs[2] < 1.0


def test_near_copies_have_most_words_of_the_shorter_wording_in_the_longer() -> None:
    said = ("kpu surat suara", "kpu surat banjir", "kpu dpt banjir", "kpu surat suara banjir dpt")
    entries = [make(text, "id", None, [("claim", text, text, text)], "") for text in said]
    wordings = weighing.weigh([entry.views[0] for entry in entries], RARITY)
    assert wordings.near_copies(0).tolist() == [True, False, False, True]
    assert wordings.near_copies(3).tolist() == [True, True, True, True]
