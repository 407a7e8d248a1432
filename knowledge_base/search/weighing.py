"""A message and the wordings it is held against, their words weighed by rarity.

A message is prepared once and compared with many wordings; a wording is weighed once and kept by
thousands. Pure: the rarities, of the installation's own index, are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from operator import add, mul

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from knowledge_base.search.entries import VIEW_TERMS, View, spelled_words
from knowledge_base.search.text import Text, frame_stems

Rarity = Mapping[str, float]
Floats = NDArray[np.float64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

FRAME_WEIGHT = 0.25  # a headline's "photo", "chain message": the message rarely says so
FUZZY = 0.82  # Jaro-Winkler from which two words may be one word misspelt
FUZZY_TERMS = 4  # missing words of a claim looked for among misspelt ones
MISSPELT_TERMS = 16  # rarest words of a message looked at for slips
MESSAGE_TERMS = 400
SET_RATIO_CHARACTERS = 1_000
PLACES = 12  # places of one repeated word that take part
LEAD = 25


@dataclass(slots=True)
class Message:
    """A message prepared once, to be compared with many records.

    Its different stems are numbered in the order of their first places; the arrays are in that
    order, one element each.
    """

    stems: list[str]
    surface: list[str]
    weights: dict[str, float]
    number: dict[str, int]  # stem → which one it is
    known: frozenset[str]  # the different stems
    total: float
    squares: float
    text: str
    pair_total: float
    initials: str  # first letters of all words: "ustaz abdul somad" has "uas" in it
    words: frozenset[str]
    names: frozenset[str]
    names_weight: float
    rarest: list[str]
    repeated_total: float
    spelled: frozenset[str]  # words as written
    spelled_small: frozenset[str]
    order: Places  # number of the stem at each place
    places: list[list[int]]  # the first places of each stem
    opened: Places  # the first of them
    closed: Places  # the last of them
    heard: Floats  # weight of each stem
    claimed: Floats  # its weight in a wording
    repeated: Floats  # raised for words said more than once
    near: dict[str, float] = field(default_factory=dict)
    followed: Flags | None = None

    @property
    def lead(self) -> Flags:
        """Which stems are said at the beginning."""
        found = np.zeros(len(self.heard), dtype=bool)
        found[self.order[:LEAD]] = True
        return found

    def those(self, stems: Set[str]) -> Flags:
        """Which stems are among these."""
        return np.fromiter((s in stems for s in self.number), bool, len(self.number))

    @property
    def follow(self) -> Flags:
        """[i, j]: stem j stands right after stem i, or one word later. The last row and column
        are for stems that are not here."""
        if self.followed is None:
            size = len(self.heard) + 1
            self.followed = np.zeros((size, size), dtype=bool)
            self.followed[self.order[:-1], self.order[1:]] = True
            self.followed[self.order[:-2], self.order[2:]] = True
        return self.followed

    def look_up(self, terms: Sequence[str]) -> None:
        """Find, for missing words of claims, how well an alternative here stands for each."""
        new = [term for term in dict.fromkeys(terms) if term not in self.near]
        words = [term for term in new if len(term) >= 4 and term.isalpha()]
        self.near.update(dict.fromkeys(new, 0.0))
        if words and self.weights:
            best = alike(words, list(self.weights)).max(axis=1).tolist()
            self.near.update(zip(words, map(_slip, best), strict=True))


def alike(some: Sequence[str], others: Sequence[str]) -> Floats:
    """Jaro-Winkler of each with each, 0 below FUZZY."""
    return process.cdist(
        some, others, scorer=JaroWinkler.similarity, score_cutoff=FUZZY, dtype=np.float64
    )


def _slip(likeness: float) -> float:
    """How well a word so much alike stands for the other, 0 to 1."""
    return (likeness - FUZZY) / (1 - FUZZY) if likeness else 0.0


def prepare(text: Text, rarity: Rarity) -> Message:
    """Weights, places and neighbours of a message's words."""
    stems = list(text.stems[:MESSAGE_TERMS])
    surface = list(text.surface[:MESSAGE_TERMS])
    weights = {s: rarity[s] for s in stems}
    positions: dict[str, list[int]] = {s: [] for s in weights}
    for i, s in enumerate(stems):
        positions[s].append(i)
    number = dict(zip(weights, range(len(weights)), strict=True))
    heard = list(weights.values())
    several = zip(heard, positions.values(), strict=True)
    repeated = [w * (1 + math.log(len(at))) if len(at) > 1 else w for w, at in several]
    places = [at[:PLACES] if len(at) > PLACES else at for at in positions.values()]
    frame = frame_stems()
    each = [weights[s] for s in stems]
    names = frozenset(n for n in text.names if n in weights)
    spelled = spelled_words(text.letters)
    return Message(
        stems,
        surface,
        weights,
        number,
        frozenset(weights),
        sum(heard) or 1.0,
        sum([w * w for w in heard]) or 1.0,
        " ".join(surface)[:SET_RATIO_CHARACTERS],
        sum(map(add, each, each[1:])) or 1.0,
        "".join([word[0] for word in surface]),
        frozenset(surface),
        names,
        sum(weights[n] for n in names) or 1.0,
        _rarest(weights),
        sum(repeated) or 1.0,
        spelled,
        frozenset(map(str.lower, spelled)),
        np.array([number[s] for s in stems], dtype=np.int64),
        places,
        np.array([at[0] for at in places], dtype=np.int64),
        np.array([at[-1] for at in places], dtype=np.int64),
        np.array(heard),
        np.array([w * FRAME_WEIGHT if s in frame else w for s, w in weights.items()]),
        np.array(repeated),
    )


def _rarest(weights: Mapping[str, float]) -> list[str]:
    """The rarest words that may be misspelt ones."""
    words = [s for s in weights if len(s) >= 4 and s.isalpha()]
    return sorted(words, key=weights.__getitem__, reverse=True)[:MISSPELT_TERMS]


@dataclass(slots=True)
class Wording:
    """One wording of a record, weighed once: content words by stem with their rarity, each pair of
    neighbours with the weight of both. Never changed. Kept by thousands: nothing in it is more for
    the garbage collector to walk than it must be."""

    stems: tuple[str, ...]
    surface: tuple[str, ...]
    weights: dict[str, float]
    rarest: tuple[str, ...]  # the different stems, the rarest first
    total: float
    squares: float
    text: str
    spelled: frozenset[str]
    spelled_small: tuple[str, ...]
    numbers: int
    pairs: tuple[float, ...]
    pair_total: float


def weigh(view: View, rarity: Rarity) -> Wording:
    """Weights of a wording's words; words about the form of a rumour count little."""
    stems, surface = view.stems[:VIEW_TERMS], view.surface[:VIEW_TERMS]
    weights = dict(zip(stems, map(rarity.__getitem__, stems), strict=True))
    for s in frame_stems().intersection(weights):
        weights[s] *= FRAME_WEIGHT
    each = list(map(weights.__getitem__, stems))
    values = list(weights.values())
    rarest = sorted(weights, reverse=True)
    rarest.sort(key=weights.__getitem__, reverse=True)
    figures = not "".join(weights).isalpha()
    pairs = tuple(map(add, each, each[1:]))
    spelled = view.spelled
    return Wording(
        stems,
        surface,
        weights,
        tuple(rarest),
        sum(values) or 1.0,
        sum(map(mul, values, values)) or 1.0,
        " ".join(surface),
        spelled,
        tuple(map(str.lower, spelled)),
        sum([s[0].isdecimal() for s in weights]) if figures else 0,
        pairs,
        sum(pairs) or 1.0,
    )


def likeliest(
    message: Message, views: Sequence[View], rarity: Rarity, generation: int, score: float
) -> tuple[float, View]:
    """The wording that is likest to the message at first sight, and how much: to choose which
    candidates are worth a full comparison. `generation` is the state of the index."""
    best, chosen = -1.0, views[0]
    for view in views:
        shared = sum(map(message.weights.__getitem__, view.distinct & message.known))
        covered = shared / (_heft(view, rarity, generation) or 1.0)
        likeness = score / 20 + 2 * covered + 2 * math.sqrt(covered * shared / message.total)
        if likeness > best:
            best, chosen = likeness, view
    return best, chosen


def _heft(view: View, rarity: Rarity, generation: int) -> float:
    known = view.heft
    if known is None or known[0] != generation:
        known = view.heft = generation, sum(map(rarity.__getitem__, view.distinct))
    return known[1]


def most_covered(message: Message, claimed: Set[str]) -> float:
    """No less than the share of the message that a claim of these words can cover, misspelt
    words counted as far as they are alike: `message_covered_soft` before all else is compared."""
    heard = message.weights
    shared = sum([heard[s] for s in claimed & message.known])
    missing = [s for s in message.rarest if s not in claimed][:FUZZY_TERMS]
    return (shared + sum([heard[s] for s in missing])) / message.total
