"""Fits which words recur, from labelled pairs; each message judged without pairs of its rumour.

Counts are taken of the pairs of some sets, the two models are fitted on all. What a model learned
from a pair itself must not flatter that pair: its own words are taken out of the counts while
fitting, and `crossed` gives every query models that saw no telling of its rumour.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.search.compared import Compared
from knowledge_base.search.fit import logistic
from knowledge_base.search.quality import folds
from knowledge_base.search.recurrence import (
    TERMS,
    Recurrence,
    Words,
    known,
    loaded,
    table,
    words_of_message,
    words_of_wordings,
)
from knowledge_base.search.weighing import Floats

RIDGE = 5.0
FOLDS = 5
LISTED = 4  # sightings from which a word is written to the table
SAME = 0.5  # share of the weighed words from which two texts tell one rumour
RARE = 60  # texts that may share a word for it to bring them together


@dataclass(frozen=True)
class Side:
    """The words of one text of a pair; which of them the other text has too."""

    stems: tuple[str, ...]
    words: Words
    hits: Floats


@dataclass(frozen=True)
class Pair:
    """A message beside its right claim."""

    message: Side
    claim: Side
    counted: bool  # do its words count for the table?


def pairs_of(beside: Compared, among: int, counted: bool) -> list[Pair]:
    """A message beside each of its right claims, of `among` records; none where they share no
    word."""
    found = []
    words, stems = words_of_wordings(beside.wordings, among), beside.wordings.words
    message, heard = beside.message, tuple(beside.message.number)
    for at in range(len(beside.entries)):
        here = words.owner == at
        own = Words(
            words.codes[here],
            np.zeros(int(here.sum()), dtype=np.int64),
            words.rarity[here],
            words.first[here],
            words.repeated[here],
            words.name[here],
            words.length[[at]],
        )
        claimed = tuple(s for s, mine in zip(stems, here.tolist(), strict=True) if mine)
        said = Side(heard, words_of_message(message, among), _marks(heard, claimed))
        if said.hits.any():
            found.append(Pair(said, Side(claimed, own, _marks(claimed, heard)), counted))
    return found


def _marks(stems: Sequence[str], others: Iterable[str]) -> Floats:
    there = frozenset(others)
    return np.array([float(stem in there) for stem in stems])


# --- fitting ----------------------------------------------------------------------------------


class Fitted:
    """Counts and the weights of both models, as they are written."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        some = [pair for pair in pairs if pair.counted]
        self._pairs = len(some)
        self._messages, self._kept = _counts([pair.message for pair in some])
        self._claims, self._said = _counts([pair.claim for pair in some])
        self._message = self._model(pairs, "message", self._messages, self._kept)
        self._claim = self._model(pairs, "claim", self._claims, self._said)

    def _model(
        self, pairs: Sequence[Pair], name: str, seen: Counter[str], hits: Counter[str]
    ) -> dict[str, float]:
        mean = hits.total() / seen.total()
        rows = [self._rows(pair, getattr(pair, name), seen, hits, mean) for pair in pairs]
        labels = np.concatenate([getattr(pair, name).hits for pair in pairs])
        weights, bias = logistic(np.concatenate(rows), labels, RIDGE)
        named = zip((*TERMS, "bias", "mean"), (*weights, bias, mean), strict=True)
        return {term: round(float(weight), 5) for term, weight in named}

    def _rows(
        self, pair: Pair, side: Side, seen: Counter[str], hits: Counter[str], mean: float
    ) -> Floats:
        """What the model looks at for one text, its own pair left out of the counts."""
        own, said = float(pair.counted), frozenset(pair.message.stems)
        messages = [self._messages[s] - own * (s in said) for s in side.stems]
        found = known(
            np.array([seen[s] - own for s in side.stems]),
            np.array([hits[s] for s in side.stems]) - own * side.hits,
            np.array(messages),
            self._pairs,
            mean,
        )
        return table(side.words, found)

    def as_json(self) -> str:
        """The file as it is shipped: a word a line, with its four counts."""
        both = self._messages | self._claims
        words = {stem: self._row(stem) for stem in sorted(both) if both[stem] >= LISTED}
        lines = [f"  {json.dumps(w, ensure_ascii=False)}: {row}" for w, row in words.items()]
        models = {"claim": self._claim, "message": self._message}
        head = json.dumps(models | {"pairs": self._pairs}, indent=1, sort_keys=True)
        return head[:-2] + ',\n "words": {\n' + ",\n".join(lines) + "\n }\n}\n"

    def _row(self, stem: str) -> list[int]:
        return [c[stem] for c in (self._messages, self._kept, self._claims, self._said)]

    def recurrence(self) -> Recurrence:
        """The models, ready to be asked."""
        return loaded(self.as_json())


def _counts(sides: Sequence[Side]) -> tuple[Counter[str], Counter[str]]:
    seen: Counter[str] = Counter()
    hits: Counter[str] = Counter()
    for side in sides:
        seen.update(side.stems)
        hits.update(s for s, hit in zip(side.stems, side.hits.tolist(), strict=True) if hit)
    return seen, hits


# --- crossing ---------------------------------------------------------------------------------


def crossed(pairs: Sequence[Sequence[Pair]], fold_of: Sequence[int]) -> list[Recurrence]:
    """Of each fold the models that were fitted without its pairs; `pairs` and `fold_of` have one
    element each a query."""
    found = []
    for fold in range(FOLDS):
        taught = [p for some, f in zip(pairs, fold_of, strict=True) if f != fold for p in some]
        found.append(Fitted(taught).recurrence())
    return found


def folds_of(rumours: Sequence[str]) -> list[int]:
    """The fold of each query, tellings of one rumour in the same."""
    return list(folds([(rumour,) for rumour in rumours], FOLDS))


def rumours(messages: Sequence[frozenset[str]], right: Sequence[frozenset[str]]) -> list[str]:
    """A name of the rumour for each message: the same where they share a right claim, or most of
    their words. Claims that are alike are joined by their messages."""
    parent = list(range(len(messages)))

    def root(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    by_claim: dict[str, int] = {}
    for at, claims in enumerate(right):
        for claim in claims:
            parent[root(at)] = root(by_claim.setdefault(claim, at))
    for one, other in _alike(messages):
        parent[root(one)] = root(other)
    return [str(root(at)) for at in range(len(messages))]


def _alike(texts: Sequence[frozenset[str]]) -> Iterable[tuple[int, int]]:
    """Pairs of texts that share most of what they say, weighed by rarity."""
    among = Counter(stem for text in texts for stem in text)
    weight = {stem: math.log(len(texts) / n) for stem, n in among.items()}
    heft = [sum(weight[stem] for stem in text) or 1.0 for text in texts]
    having: defaultdict[str, list[int]] = defaultdict(list)
    for at, text in enumerate(texts):
        rare = [stem for stem in text if among[stem] <= RARE]
        for other in {other for stem in rare for other in having[stem]}:
            shared = sum(weight[stem] for stem in text & texts[other])
            if shared >= SAME * (heft[at] + heft[other] - shared):
                yield at, other
        for stem in rare:
            having[stem].append(at)
