"""Telling a claim in other words, and telling something else in its words."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.entries import Entry, make
from knowledge_base.search.paraphrase import (
    SHIPPED,
    STRICT,
    Scorecard,
    Tree,
    scorecard,
    strict_scorecard,
)
from knowledge_base.search.reading import read
from knowledge_base.search.signs import NAMES, signs
from knowledge_base.search.text import normalise
from tests.conftest import SHARED

CLAIM = "Warga Kota Melati menanam bibit cabai beracun di pot apartemen"
THE_SAME = """
warga kota melati menanam bibit cabai beracun di pot apartemen
wrga kota mlati nanam bibit cabe beracun di pot apartemen 😱
Penduduk Kota Melati tanam bibit cabai beracun dalam pot apartemennya
Bibit cabai beracun ditanam warga Kota Melati di pot apartemen
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


def equally(stems: Sequence[str]) -> list[float]:
    return [1.0] * len(stems)


def told(message: str, *wordings: tuple[str, str]) -> bool:
    wordings = wordings or (("claim", CLAIM),)
    return scorecard().of(signs(read(message), entry(*wordings), equally)) >= scorecard().least


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


@given(st.floats(0, 9), st.floats(0, 9))
def test_a_tree_gives_the_points_at_the_end_of_its_answers(first: float, second: float) -> None:
    inner = (NAMES[1], 4.0, 10.0, 20.0)
    row = [first, second, *[0.0] * len(NAMES)]
    expected = 1.0 if first <= 5 else 10.0 if second <= 4 else 20.0
    assert Scorecard([(NAMES[0], 5.0, 1.0, inner)], 0.5, 0.0).of(row) == expected + 0.5


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 2.0]), min_size=7, max_size=7), st.data())
def test_a_tree_of_three_questions_is_followed_to_its_end(
    limits: list[float], data: st.DataObject
) -> None:
    first, *others = [(NAMES[at], limit) for at, limit in enumerate(limits)]
    ends = [(*one, 2.0 * at, 2.0 * at + 1) for at, one in enumerate(others[2:])]
    tree = (*first, (*others[0], *ends[:2]), (*others[1], *ends[2:]))
    row = data.draw(
        st.lists(st.sampled_from([-1.0, 0.5, 1.0, 3.0]), min_size=len(NAMES), max_size=len(NAMES))
    )
    node: Tree = tree
    while isinstance(node, tuple):
        node = node[2] if row[NAMES.index(node[0])] <= node[1] else node[3]
    assert Scorecard([tree, 1.0], 0.0, 0.0).of(row) == node + 1.0


def test_a_tree_that_asks_too_much_is_refused() -> None:
    tree: Tree = 1.0
    for name in NAMES[:4]:
        tree = (name, 0.5, 0.0, tree)
    with pytest.raises(ValueError, match="more than 3"):
        Scorecard([tree], 0.0, 0.0).of([0.0] * len(NAMES))


@pytest.mark.parametrize(("card", "kept"), [(scorecard(), SHIPPED), (strict_scorecard(), STRICT)])
def test_the_scorecards_are_kept_as_they_were_fitted(card: Scorecard, kept: Path) -> None:
    assert card.as_json() == kept.read_text(encoding="utf-8")
    data = json.loads(card.as_json())
    assert signs_in(data["trees"]) <= set(NAMES)
    assert data["least"] == card.least
    assert data.get("enough", math.inf) == card.enough > card.least


def signs_in(tree: object) -> set[str]:
    if isinstance(tree, str):
        return {tree}
    return set().union(*map(signs_in, tree)) if isinstance(tree, list) else set()


def test_all_points_are_added_up() -> None:
    card = Scorecard([(name, 0.5, 0.0, 1.0) for name in NAMES], 10.0, 0.0)
    assert card.of([1.0] * len(NAMES)) == 10.0 + len(NAMES)
    assert card.of([0.0] * len(NAMES)) == 10.0


@pytest.mark.shared
def test_the_shipped_scorecard_loses_hardly_a_right_answer() -> None:
    from benchmarks.matching_paraphrase import answered, points

    assert SHARED.exists()
    card, pairs = scorecard(), list(answered("resubmission_dev"))
    lost = sum(points(card, pairs) < card.least)
    assert lost <= 0.005 * len(pairs)
