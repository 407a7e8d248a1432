"""A message and the wordings it is held against, their words weighed by rarity.

A message is prepared once and compared with many wordings; a wording is weighed once and kept by
thousands. Pure: the rarities, of the installation's own index, are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain, repeat
from operator import add

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from knowledge_base.search.entries import View, numbers_of, spelled_words
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
SUMS = (
    *("claimed", "heard", "claimed_squared", "heard_squared", "product"),
    *("lead", "repeated", "names", "names_counted", "figures"),
)


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
    gained: Floats  # what is added for a word said more than once
    sums: Floats  # [one of SUMS, stem]: what is added up of the stems that a wording shares
    near: dict[str, float] = field(default_factory=dict)
    followed: Flags | None = None

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
    order = np.array([number[s] for s in stems], dtype=np.int64)
    weighed, raised = np.array(heard), np.array(repeated)
    claimed = np.array([w * FRAME_WEIGHT if s in frame else w for s, w in weights.items()])
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
        order,
        places,
        np.array([at[0] for at in places], dtype=np.int64),
        np.array([at[-1] for at in places], dtype=np.int64),
        weighed,
        claimed,
        raised - weighed,
        _sums(weighed, claimed, raised, order, number, names),
    )


def _sums(
    heard: Floats,
    claimed: Floats,
    repeated: Floats,
    order: Places,
    number: Mapping[str, int],
    names: Set[str],
) -> Floats:
    """SUMS of every stem of a message."""
    lead, named = np.zeros((2, len(number)))
    lead[order[:LEAD]] = 1.0
    named[[number[name] for name in names]] = 1.0
    figures = [float(stem[0].isdecimal()) for stem in number]
    squares = (claimed * claimed, heard * heard, heard * claimed)
    said = (claimed * lead, repeated, heard * named, named, figures)
    return np.array([claimed, heard, *squares, *said])


def _rarest(weights: Mapping[str, float]) -> list[str]:
    """The rarest words that may be misspelt ones."""
    words = [s for s in weights if len(s) >= 4 and s.isalpha()]
    return sorted(words, key=weights.__getitem__, reverse=True)[:MISSPELT_TERMS]


@dataclass(frozen=True, slots=True)
class Wordings:
    """Several wordings, weighed together.

    Their different stems stand one after another, those of a wording together, the last of the
    alphabet first: `words`, `owner` and `weights` have one element for each (the stem, whose it
    is, its rarity). All their words, in their order, stand so too: `places` says which of `words`
    each is, `placed` whose, `surface` what it is unstemmed. The others have one element for each
    wording.
    """

    words: list[str]
    owner: Places
    weights: Floats
    counts: Places  # how many different stems
    places: Places
    placed: Places
    surface: list[str]
    lengths: Places  # how many words
    texts: list[str]
    spelled: list[str]  # words as written, a blank between them

    def __len__(self) -> int:
        return len(self.texts)


def weigh(views: Sequence[View], rarity: Rarity) -> Wordings:
    """Weights of the words of wordings; words about the form of a rumour count little."""
    words, counts, owner = _chained([view.told for view in views])
    rare = np.fromiter(map(rarity.__getitem__, words), np.float64, len(words))
    frame = np.fromiter(map(frame_stems().__contains__, words), bool, len(words))
    lengths = np.array([len(view.order) for view in views], dtype=np.int64)
    texts = [view.text for view in views]
    return Wordings(
        words,
        owner,
        np.where(frame, FRAME_WEIGHT * rare, rare),
        counts,
        numbers_of([view.order for view in views]) + np.repeat(np.cumsum(counts) - counts, lengths),
        np.repeat(np.arange(len(views)), lengths),
        " ".join(texts).split(),
        lengths,
        texts,
        [view.spelled for view in views],
    )


def _chained(texts: Sequence[str]) -> tuple[list[str], Places, Places]:
    """The words of texts one after another, how many each has, and which text each is of."""
    words = list(map(str.split, texts))
    counts = np.fromiter(map(len, words), np.int64, len(words))
    return list(chain.from_iterable(words)), counts, np.repeat(np.arange(len(words)), counts)


def likeliest(
    message: Message, told: Sequence[Sequence[str]], scores: Sequence[float], rarity: Rarity
) -> tuple[Floats, Places]:
    """How like each record is to the message at first sight, and by which of its readings: to
    choose which candidates are worth a full comparison. `told` are the different stems of every
    reading of each, `scores` their word scores."""
    readings = np.fromiter(map(len, told), np.int64, len(told))
    words, _, owner = _chained(list(chain.from_iterable(told)))
    rare = np.fromiter(map(rarity.__getitem__, words), np.float64, len(words))
    said = np.fromiter(map(message.weights.get, words, repeat(0.0)), np.float64, len(words))
    heft, shared = (np.bincount(owner, each, readings.sum()) for each in (rare, said))
    covered = shared / np.where(heft, heft, 1.0)
    record = np.repeat(np.arange(len(told)), readings)
    likeness = np.array(scores)[record] / 20 + 2 * covered
    likeness += 2 * np.sqrt(covered * shared / message.total)
    first = np.cumsum(readings) - readings
    best = np.lexsort((-likeness, record))[first]
    return likeness[best], best - first


def most_covered(message: Message, claimed: Set[str]) -> float:
    """No less than the share of the message that a claim of these words can cover, misspelt
    words counted as far as they are alike: `message_covered_soft` before all else is compared."""
    heard = message.weights
    shared = sum([heard[s] for s in claimed & message.known])
    missing = [s for s in message.rarest if s not in claimed][:FUZZY_TERMS]
    return (shared + sum([heard[s] for s in missing])) / message.total
