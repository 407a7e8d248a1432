"""Telling a claim in other words, and telling something else in its words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.entries import Entry, make
from knowledge_base.search.paraphrase import (
    ALIGNED,
    NAMES,
    SEEN,
    SHIPPED,
    STRETCH,
    Scorecard,
    Steps,
    paraphrases,
    scorecard,
    signs,
)
from knowledge_base.search.reading import read
from knowledge_base.search.text import normalise
from tests.conftest import SHARED

CLAIM = "Warga Kota Melati menanam bibit cabai beracun di pot apartemen"
THE_SAME = """
warga kota melati menanam bibit cabai beracun di pot apartemen
wrga kota mlati nanam bibit cabe beracun di pot apartemen 😱
Penduduk Kota Melati tanam bibit cabai beracun dalam pot apartemennya
Di pot apartemen, warga Kota Melati menanam bibit cabai beracun
""".strip().split("\n")
OTHER_NEWS = """
Warga Kota Melati menanam bibit ganja unggulan di pot apartemen
Warga Kota Melati mencuri bibit cabai mahal di kebun tetangga
""".strip().split("\n")


def entry(*wordings: tuple[str, str]) -> Entry:
    views = []
    for via, wording in wordings:
        one = normalise(wording, "id")
        views.append((via, wording, " ".join(one.stems), " ".join(one.surface)))
    return make("m-1", "id", None, views, "")


def equally(stem: str) -> float:
    return float(bool(stem))


def told(message: str, *wordings: tuple[str, str]) -> bool:
    wordings = wordings or (("claim", CLAIM),)
    return paraphrases(read(message), entry(*wordings), equally, scorecard())


def sign(name: str, message: str, claim: str = CLAIM) -> float:
    return signs(read(message), entry(("claim", claim)), equally)[NAMES.index(name)]


@pytest.mark.parametrize("message", THE_SAME)
def test_the_claim_in_other_words_is_the_claim(message: str) -> None:
    assert told(message)


@pytest.mark.parametrize("message", OTHER_NEWS)
def test_other_news_in_its_words_are_not(message: str) -> None:
    assert not told(message)


def test_the_wording_most_like_the_message_is_looked_at_and_never_the_headline() -> None:
    other = ("variant", "Bibit cabai dari Kota Melati mengandung racun serangga")
    assert told(THE_SAME[0], other, ("claim", CLAIM))
    assert not told(OTHER_NEWS[0], other, ("claim", CLAIM))
    assert not told(OTHER_NEWS[0], ("title", OTHER_NEWS[0]), ("claim", CLAIM))


def test_what_fills_a_slot_counts_as_exchanged_as_far_as_something_is_lost_for_it() -> None:
    assert sign("exchanged", CLAIM) == 0
    assert sign("exchanged", CLAIM.replace("cabai", "ganja")) == pytest.approx(1 / 8, abs=0.03)
    assert sign("exchanged", CLAIM.replace("cabai ", "")) == 0
    assert sign("exchanged", CLAIM.replace("cabai", "cabai rawit merah")) == 0


def test_the_same_word_in_another_form_or_place_is_not_exchanged() -> None:
    assert sign("exchanged", CLAIM.replace("menanam", "nanam")) == 0
    assert sign("exchanged", "Beracun! Bibit cabai ditanam warga Kota Melati di pot apartemen") == 0


def test_a_slip_in_a_word_that_is_usually_spelt_otherwise_is_not_exchanged() -> None:
    claim = "Foto truk militer Tiongkok parkir di pelabuhan Kota Melati"
    assert sign("exchanged", claim.replace("Tiongkok", "tionkok"), claim) == 0
    assert sign("exchanged", claim.replace("Tiongkok", "Amerika"), claim) > 0


def test_words_behind_the_claim_and_sentences_beside_it_are_counted_apart() -> None:
    behind = f"{CLAIM}, panen raya kemarin sore"
    beside = f"Panen raya kemarin sore ramai. {CLAIM}"
    assert sign("behind", behind) > 0 == sign("behind", beside)
    assert sign("elsewhere", beside) > 0 == sign("elsewhere", behind)


def test_of_long_texts_the_opening_of_the_shorter_one_is_looked_for_in_the_other() -> None:
    lead, tail = f"{CLAIM}. " * 9, "Panen raya kemarin sore ramai sekali. " * 9
    assert len(lead) > STRETCH
    assert sign("partial_ratio", lead + tail, lead + tail[::-1]) == 1
    assert sign("partial_ratio", lead[: STRETCH // 2] + tail, lead + tail[::-1]) < 1


@given(st.lists(st.floats(-9, 9), unique=True, max_size=9), st.floats(-9, 9))
def test_points_are_those_of_the_step_a_value_falls_on(limits: list[float], value: float) -> None:
    steps = Steps(sorted(limits), list(range(len(limits) + 1)))
    assert steps.of(value) == sum(limit < value for limit in limits)


def test_the_scorecard_is_kept_as_it_was_fitted(tmp_path: Path) -> None:
    card = scorecard()
    assert card.as_json() == SHIPPED.read_text(encoding="utf-8")
    data = json.loads(card.as_json())
    assert set(data["steps"]) == set(NAMES)
    assert all(len(s["points"]) == len(s["limits"]) + 1 for s in data["steps"].values())


def test_all_signs_are_added_up() -> None:
    card = Scorecard({name: Steps([0.5], [0.0, 1.0]) for name in NAMES}, 10.0, 0.0)
    assert card.of([1.0] * len(NAMES)) == 10.0 + len(NAMES)
    assert card.of([0.0] * len(NAMES)) == 10.0


@pytest.mark.parametrize("message", ["", "🙏", "a" * 5000, "?!" * 3000, "cabai " * 2000])
def test_any_text_has_signs(message: str) -> None:
    for claim in (CLAIM, "🙏", "a" * 3000):
        row = signs(read(message), entry(("claim", claim)), equally)
        assert len(row) == len(NAMES)
        assert all(0 <= value < 20 for value in row)


def test_what_passes_whatever_is_exchanged_is_not_aligned() -> None:
    card = Scorecard({name: Steps([0.5], [0.0, -1.0]) for name in NAMES}, 3.0, 0.0)
    assert card.of([]) == 3.0 - len(NAMES)
    assert card.of([0.0] * len(SEEN)) == 0.0 == card.of([0.0] * len(SEEN) + [1.0] * len(ALIGNED))


@pytest.mark.shared
def test_the_shipped_scorecard_loses_hardly_a_right_answer() -> None:
    from benchmarks.matching_paraphrase import answered, points

    assert SHARED.exists()
    card, pairs = scorecard(), list(answered("resubmission_dev"))
    lost = sum(points(card, pairs) < card.least)
    assert lost <= 0.005 * len(pairs)
