"""Which words recur: the fast way to ask agrees with what was fitted, and counts are believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search import features, recurrence, weighing
from knowledge_base.search.codes import stem_codes
from knowledge_base.search.entries import View, make
from knowledge_base.search.memo import Rarities
from knowledge_base.search.recurrence import Counted, Recurrence, Words
from knowledge_base.search.text import normalise

STEMS = ["gempa", "banjir", "vaksin", "viral", "bagi", "jokowi", "pulsa", "hujan", "telur", "12"]
RARITY = Rarities(lambda words: ([0.5 + len(w) for w in words], [len(w) for w in words]))
COUNTED = Counted(
    np.array([40.0, 60.0, 3.0]),
    np.array([36.0, 1.0, 3.0]),
    np.array([30.0, 2.0, 3.0]),
    np.array([28.0, 1.0, 3.0]),
    pairs=200,
)
PLAIN = {"mean": 0.3, "own": 1.0, "bias": 0.2}
LISTED = ["gempa", "viral", "banjir"]
STEM_LISTS = st.lists(st.sampled_from(STEMS), min_size=1, max_size=25)


def asked(stems: list[str]) -> weighing.Message:
    return weighing.prepare(normalise(" ".join(stems)), RARITY)


def views(texts: list[list[str]]) -> weighing.Wordings:
    claims = [" ".join(stems) for stems in texts]
    made: list[View] = [
        make(str(at), "id", None, [("claim", text, text, text)], "").views[0]
        for at, text in enumerate(claims)
    ]
    return weighing.weigh(made, RARITY)


def words_alone(stems: list[str]) -> Words:
    size = len(stems)
    none = np.zeros(size, dtype=np.int64)
    return Words(
        stem_codes(stems),
        none,
        np.full(size, 4.0),
        none,
        np.zeros(size),
        np.zeros(size, dtype=bool),
        np.array([size]),
    )


def test_a_word_that_often_recurred_is_believed_to_recur_again() -> None:
    model = Recurrence(LISTED, COUNTED, PLAIN, PLAIN)
    often, hardly, unknown, seldom = model.of_message(
        words_alone(["gempa", "viral", "garam", "banjir"])
    ).chance
    assert often > unknown > hardly
    assert seldom == pytest.approx(unknown)  # three sightings say nothing yet


def test_a_claim_is_asked_by_its_own_counts() -> None:
    model = Recurrence(LISTED, COUNTED, {"mean": 0.3}, PLAIN)
    chance = model.of_claims(words_alone(["gempa", "viral"])).chance
    assert chance[0] > chance[1]
    assert np.ptp(model.of_message(words_alone(["gempa", "viral"])).chance) == 0


@settings(max_examples=60, deadline=None)
@given(st.lists(STEM_LISTS, min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_asking_agrees_with_what_a_model_is_fitted_on(texts, chosen) -> None:  # type: ignore[no-untyped-def]
    weights = {name: chosen.uniform(-1, 1) for name in (*recurrence.TERMS, "bias")} | {"mean": 0.4}
    words = recurrence.words_of_wordings(views(texts), 100)
    listed = {int(code): at for at, code in enumerate(stem_codes(LISTED).tolist())}
    at = [listed.get(int(code), 3) for code in words.codes.tolist()]
    seen, hits, messages = (
        np.append(v, 0.0)[at] for v in (COUNTED.claims, COUNTED.said, COUNTED.messages)
    )
    known = recurrence.known(seen, hits, messages, COUNTED.pairs, 0.4)
    terms = recurrence.table(words, known) @ [weights[name] for name in recurrence.TERMS]
    expected = 1 / (1 + np.exp(-(terms + weights["bias"])))
    found = Recurrence(LISTED, COUNTED, {"mean": 0.4}, weights).of_claims(words).chance
    assert found == pytest.approx(np.clip(expected, recurrence.LEAST, recurrence.MOST))


def test_the_longest_message_is_asked_like_any_other() -> None:
    message = asked(["gempa", "banjir", "pulsa"] * weighing.MESSAGE_TERMS)
    words = recurrence.words_of_message(message, 100)
    assert words.length.tolist() == [weighing.MESSAGE_TERMS]
    assert np.isfinite(recurrence.shipped().of_message(words).there).all()


@settings(max_examples=60, deadline=None)
@given(STEM_LISTS, st.lists(STEM_LISTS, min_size=1, max_size=5))
def test_columns_are_sums_over_words(said: list[str], claims: list[list[str]]) -> None:
    message, wordings = asked(said), views(claims)
    model = recurrence.shipped()
    found = features.recurring(message, wordings, model, 100)
    odds = model.of_message(recurrence.words_of_message(message, 100))
    for at in range(len(claims)):
        there = {s for s, of in zip(wordings.words, wordings.owner, strict=True) if of == at}
        shared = [stem in there for stem in message.number]
        most = odds.there[odds.there > 0].sum() or 1.0
        assert found["heard_odds_share"][at] == pytest.approx(odds.there[shared].sum() / most)
        expected = odds.chance[shared].sum() / odds.chance.sum() if shared else 0.0
        assert found["heard_expected"][at] == pytest.approx(expected)
    assert all(np.isfinite(column).all() for column in found.values())


def test_the_first_place_and_repeats_of_a_claims_words_are_seen() -> None:
    wordings = views([["gempa", "banjir", "gempa"], ["viral", "gempa"]])
    words = recurrence.words_of_wordings(wordings, 100)
    texts = list(zip(words.owner.tolist(), wordings.words, strict=True))
    first = dict(zip(texts, words.first.tolist(), strict=True))
    assert first == {(0, "gempa"): 0, (0, "banjir"): 1, (1, "viral"): 0, (1, "gempa"): 1}
    assert words.repeated[texts.index((0, "gempa"))] == pytest.approx(np.log(2))
