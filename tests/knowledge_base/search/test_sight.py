"""First sight: it sees what the comparison sees, of the likest reading, and passes its words on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search import features, fit, recurrence, sight, weighing
from knowledge_base.search.entries import Entry, make
from knowledge_base.search.finder import COMPARED, Finder
from knowledge_base.search.index import Record
from knowledge_base.search.memo import Rarities
from knowledge_base.search.text import normalise
from tests.knowledge_base.search.fakes import MemorySource

WORDS = ["gempa", "banjir", "vaksin", "telur", "hujan", "beras", "bupati", "lurah", "12", "pulsa"]
RARITY = Rarities(lambda words: ([0.5 + len(w) for w in words], [len(w) for w in words]))
MODEL = recurrence.shipped()
STEMS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=20)
CLAIM_AND_TITLE = st.lists(st.tuples(STEMS, STEMS), min_size=1, max_size=6)


def entry(at: int, claim: list[str], title: list[str]) -> Entry:
    said = [("claim", " ".join(claim)), ("title", " ".join(title))]
    return make(str(at), "id", None, [(via, text, text, text) for via, text in said if text], "")


def seen(
    said: list[str], entries: list[Entry], scores: list[float]
) -> tuple[weighing.Message, recurrence.Heard, sight.Seen]:
    message = weighing.prepare(normalise(" ".join(said)), RARITY)
    heard = MODEL.heard(message, 100)
    return message, heard, sight.look(message, heard, entries, scores, RARITY)


@settings(max_examples=80, deadline=None)
@given(STEMS, CLAIM_AND_TITLE)
def test_what_is_seen_at_first_sight_is_what_the_comparison_sees(
    said: list[str], records: list[tuple[list[str], list[str]]]
) -> None:
    entries = [entry(at, claim, title) for at, (claim, title) in enumerate(records)]
    scores = [3.0 + at for at in range(len(entries))]
    message, heard, found = seen(said, entries, scores)
    views = [one.reading(at) for one, at in zip(entries, found.readings, strict=True)]
    wordings, told = weighing.weigh(views, RARITY), [""] * len(views)
    compared = features.compare_all(message, wordings, scores, scores[-1], told, heard, MODEL, 100)
    same = [features.NAMES.index(name) for name in sight.NAMES]
    assert found.rows == pytest.approx(compared[:, same])


@settings(max_examples=40, deadline=None)
@given(STEMS, CLAIM_AND_TITLE, st.randoms(use_true_random=False))
def test_the_words_that_were_looked_up_are_those_of_the_wordings(
    said: list[str], records: list[tuple[list[str], list[str]]], chance: object
) -> None:
    entries = [entry(at, claim, title) for at, (claim, title) in enumerate(records)]
    _, _, found = seen(said, entries, [1.0] * len(entries))
    some = list(range(len(entries)))
    chance.shuffle(some)  # type: ignore[attr-defined]
    views = [entries[at].reading(found.readings[at]) for at in some]
    passed_on, anew = found.stems_of(np.array(some)), weighing.weigh(views, RARITY)
    wordings = weighing.weighed(views, passed_on)
    assert wordings.codes.tolist() == anew.codes.tolist()
    assert wordings.weights.tolist() == anew.weights.tolist()
    assert wordings.records.tolist() == anew.records.tolist()
    assert (wordings.owner.tolist(), wordings.counts.tolist()) == (
        *(anew.owner.tolist(), anew.counts.tolist()),
    )


def test_a_record_is_seen_by_the_wording_that_is_in_the_message() -> None:
    claim, title = ["vaksin", "telur", "hujan"], ["bupati", "beras", "pulsa"]
    one, said = entry(0, claim, title), ["lurah", *title]
    _, _, found = seen(said, [one], [1.0])
    assert one.reading(found.readings[0]).via == "title"
    message = weighing.prepare(normalise(" ".join(said)), RARITY)
    assert one.views[sight.likest(message, one.views, RARITY)].via == "title"


def test_nothing_is_seen_of_nothing() -> None:
    _, _, found = seen(["gempa"], [], [])
    assert (found.readings, found.rows.shape) == ([], (0, len(sight.NAMES)))


def test_the_fit_brings_what_is_right_to_the_front() -> None:
    chance = np.random.default_rng(1)
    lists = [(chance.random((30, len(sight.NAMES))), np.zeros(30)) for _ in range(40)]
    for rows, right in lists:
        right[rows[:, 4].argmax()] = 1.0
    weights = fit.first_sight(lists)
    assert max(weights, key=weights.__getitem__) == sight.NAMES[4]
    vector = [weights[name] for name in sight.NAMES]
    firsts = [right[(rows @ vector).argmax()] for rows, right in lists]
    assert np.mean(firsts) > 0.7  # one in thirty by chance


def test_beside_its_right_records_a_message_is_seen_with_all_of_them() -> None:
    records = [Record(f"r{at}", f"banjir telur {'vaksin ' * at}") for at in range(COMPARED + 6)]
    finder = Finder(MemorySource(*records))
    finder.refresh()
    read = normalise("hujan banjir di rumah lurah")
    found = finder.beside(read, [one.id for one in records])
    assert len(found.entries) == len(records)
    assert len(finder.compare(read).entries) == COMPARED
    assert len(finder.sighted(read)[0]) == len(records)
