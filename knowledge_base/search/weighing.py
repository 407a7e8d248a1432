"""A message and the wordings it is held against, their words weighed by rarity.

A message is prepared once, and all wordings it is compared with are weighed together. Pure: the
rarities, of the installation's own index, are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from knowledge_base.search.codes import (
    FRAME,
    Codes,
    Flags,
    Listed,
    Places,
    stem_codes,
)
from knowledge_base.search.entries import View, spelled_words
from knowledge_base.search.text import Text

Floats = NDArray[np.float64]
Told = Callable[[Sequence[int]], Sequence[str]]  # the stems of some readings, by their places

FRAME_WEIGHT = 0.25  # a headline's "photo", "chain message": the message rarely says so
FUZZY = 0.82  # Jaro-Winkler from which two words may be one word misspelt
FUZZY_TERMS = 4  # missing words of a claim looked for among misspelt ones
MISSPELT_TERMS = 16  # rarest words of a message looked at for slips
MESSAGE_TERMS = 400
SET_RATIO_CHARACTERS = 1_000
COPIED = 0.7  # of the shorter wording's words in its near-copy
PLACES = 12  # places of one repeated word that take part
LEAD = 25
SUMS = (
    *("claimed", "heard", "claimed_squared", "heard_squared", "product"),
    *("lead", "repeated", "names", "names_counted", "figures"),
)


class Rarity(Protocol):
    """How much words say, from the installation's own records."""

    def of(
        self, sought: Codes, stems: Callable[[Sequence[int]], Sequence[str]]
    ) -> tuple[Floats, Codes]:
        """Of stems, by their codes, and in how many records each is; `stems` gives some of them by
        their places in `sought`."""


@dataclass(slots=True)
class Message:
    """A message prepared once, to be compared with many records.

    Its different stems are numbered in the order of their first places; the arrays are in that
    order, one element each.
    """

    stems: list[str]
    surface: list[str]
    weights: dict[str, float]
    records: dict[str, int]  # how many of the index have the stem
    number: dict[str, int]  # stem → which one it is
    known: frozenset[str]  # the different stems
    codes: Codes  # of each
    found: Codes  # in how many records each is
    listed: Listed  # the same, to look others up
    total: float
    squares: float
    text: str
    pair_total: float
    initials: str  # first letters of all words: "ustaz abdul somad" has "uas" in it
    words: frozenset[str]
    names: frozenset[str]
    names_weight: float
    terms: list[str]  # the stems, those that weigh most first
    rarest: list[str]  # of these the first that may be misspelt ones
    repeated_total: float
    spelled: frozenset[str]  # words as written
    small: frozenset[str]  # the same without capitals
    order: Places  # number of the stem at each place
    before: Places  # for each place where the same stem stood before, -1 for nowhere
    spoken: Floats  # weight of the stem at each place
    places: list[list[int]]  # the first places of each stem
    opened: Places  # the first of them
    closed: Places  # the last of them
    heard: Floats  # weight of each stem
    claimed: Floats  # its weight in a wording
    times: Floats  # logarithm of how often it is said
    gained: Floats  # what is added for a word said more than once
    sums: Floats  # [one of SUMS, stem]: what is added up of the stems that a wording shares
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

    def near(self, words: Sequence[str]) -> Floats:
        """How well an alternative here stands for each of these missing words of claims."""
        longer = [at for at, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
        found = np.zeros(len(words))
        if longer and self.weights:
            likeness = alike([words[at] for at in longer], list(self.weights))
            found[longer] = slips(np.maximum.reduce(likeness, axis=1))
        return found


def alike(some: Sequence[str], others: Sequence[str]) -> Floats:
    """Jaro-Winkler of each with each, 0 below FUZZY."""
    return process.cdist(
        some, others, scorer=JaroWinkler.similarity, score_cutoff=FUZZY, dtype=np.float64
    )


def slips(likeness: Floats) -> Floats:
    """How well words so much alike stand for each other, 0 to 1."""
    return np.maximum(0.0, (likeness - FUZZY) / (1 - FUZZY))


def prepare(text: Text, rarity: Rarity) -> Message:
    """Weights, places and neighbours of a message's words."""
    stems, surface = list(text.stems[:MESSAGE_TERMS]), list(text.surface[:MESSAGE_TERMS])
    number, order, places, before = _places(stems)
    different = list(number)
    codes = stem_codes(different)
    heard, records = rarity.of(codes, lambda places: [different[at] for at in places])
    weights = dict(zip(different, heard.tolist(), strict=True))
    terms = sorted(weights, key=weights.__getitem__, reverse=True)
    claimed = np.where(codes & FRAME, FRAME_WEIGHT * heard, heard)
    times = np.log(np.bincount(order))
    repeated = heard * (1 + times)
    names = text.names.intersection(different)
    each, spelled = heard[order], spelled_words(text.letters)
    return Message(
        stems,
        surface,
        weights,
        dict(zip(different, records.tolist(), strict=True)),
        number,
        frozenset(different),
        codes,
        records,
        Listed(codes),
        _sum(heard),
        _sum(heard * heard),
        " ".join(surface)[:SET_RATIO_CHARACTERS],
        _sum(each[:-1] + each[1:]),
        "".join([word[0] for word in surface]),
        frozenset(surface),
        names,
        sum([weights[n] for n in names]) or 1.0,
        terms,
        [s for s in terms if len(s) >= 4 and s.isalpha()][:MISSPELT_TERMS],
        _sum(repeated),
        spelled,
        frozenset(map(str.lower, spelled)),
        order,
        before,
        each,
        places,
        np.array([at[0] for at in places], dtype=np.int64),
        np.array([at[-1] for at in places], dtype=np.int64),
        heard,
        claimed,
        times,
        repeated - heard,
        _sums(heard, claimed, repeated, order, number, names),
    )


def _places(stems: Sequence[str]) -> tuple[dict[str, int], Places, list[list[int]], Places]:
    """Number of each different stem, number of the stem at each place, the first places of each,
    and for each place where the same stem stood before, -1 for nowhere."""
    number: dict[str, int] = {}
    order: list[int] = []
    places: list[list[int]] = []
    last: list[int] = []
    before: list[int] = []
    for at, stem in enumerate(stems):
        one = number.get(stem, -1)
        if one < 0:
            one = number[stem] = len(places)
            places.append([at])
            last.append(-1)
        elif len(places[one]) < PLACES:
            places[one].append(at)
        order.append(one)
        before.append(last[one])
        last[one] = at
    return number, np.array(order, dtype=np.int64), places, np.array(before, dtype=np.int64)


def _sum(values: Floats) -> float:
    """The sum; 1 for nothing, since shares are taken of it."""
    return float(np.add.reduce(values)) or 1.0


def _sums(
    heard: Floats,
    claimed: Floats,
    repeated: Floats,
    order: Places,
    number: Mapping[str, int],
    names: Set[str],
) -> Floats:
    """SUMS of every stem of a message."""
    found = np.zeros((len(SUMS), len(heard)))
    found[:5] = claimed, heard, claimed * claimed, heard * heard, heard * claimed
    found[6] = repeated
    lead = order[:LEAD]
    found[5, lead] = claimed[lead]
    for named in [number[name] for name in names]:
        found[7, named], found[8, named] = heard[named], 1.0
    found[9] = [stem[0].isdecimal() for stem in number]
    return found


@dataclass
class Wordings:
    """Several wordings, weighed together.

    Their different stems stand one after another, those of a wording together, the last of the
    alphabet first: `codes`, `owner`, `weights` and `records` have one element for each (its code,
    whose it is, its rarity). All their words, in their order, stand so too: `places` says which of
    these stems each has, `placed` whose it is, `surface` the word itself. The others have one
    element for each wording.
    """

    codes: Codes
    owner: Places
    weights: Floats
    records: Codes  # in how many records each is
    counts: Places  # how many different stems
    places: Places
    placed: Places
    lengths: Places  # how many words
    figures: Places  # how many different stems are figures
    texts: list[str]
    told: list[str]  # the different stems, a blank between them
    spelled: list[str]  # words as written
    terms: Places | None = None  # which of the message's stems each is, if that is known
    copies: dict[int, Flags] = field(default_factory=dict)  # near-copies of each, once looked for

    def __len__(self) -> int:
        return len(self.texts)

    def known_as(self, message: Message) -> Places:
        """Which of the message's stems each stem is, -1 for none; always the same message."""
        if self.terms is None:
            self.terms = message.listed.numbers(self.codes)
        return self.terms

    def near_copies(self, at: int) -> Flags:
        """Which of them are near-copies of this one."""
        if at not in self.copies:
            self.copies[at] = self.near_copies_of(self.codes[self.owner == at])
        return self.copies[at]

    def near_copies_of(self, stems: Codes) -> Flags:
        """Which of them are near-copies of a wording of these different stems: most words of the
        shorter one are in the longer one too."""
        there = Listed(stems).numbers(self.codes) >= 0
        shared = np.bincount(self.owner, there, len(self))
        return shared >= COPIED * np.minimum(self.counts, len(stems))

    @cached_property
    def words(self) -> list[str]:
        """The different stems themselves."""
        return " ".join(self.told).split()

    @cached_property
    def surface(self) -> list[str]:
        """All words, unstemmed."""
        return " ".join(self.texts).split()


@dataclass(frozen=True, slots=True)
class Stems:
    """The different stems of readings, those of each together and these one after another: code,
    rarity and records of each stem, and how many each reading has."""

    codes: Codes
    rarities: Floats
    records: Codes
    counts: Places
    terms: Places | None = None  # which of the message's stems each is, if that is known

    @classmethod
    def of(cls, readings: Sequence[bytes], told: Told, rarity: Rarity) -> Stems:
        """Of readings with these codes; `told` is asked for the stems whose rarity is not known
        yet."""
        codes = np.frombuffer(b"".join(readings), np.uint64)
        counts = np.fromiter(map(len, readings), np.int64, len(readings)) // 8
        rare, records = rarity.of(codes, lambda places: _stems_at(told, counts, places))
        return cls(codes, rare, records, counts)

    @property
    def owner(self) -> Places:
        """Which reading each is of."""
        return np.arange(len(self.counts)).repeat(self.counts)

    def only(self, readings: Places) -> Stems:
        """Of some of the readings, in this order."""
        counts = self.counts[readings]
        starts = self.counts.cumsum()[readings] - counts.cumsum()
        at = np.arange(counts.sum()) + starts.repeat(counts)
        terms = None if self.terms is None else self.terms[at]
        return Stems(self.codes[at], self.rarities[at], self.records[at], counts, terms)

    def known_as(self, terms: Places) -> Stems:
        """The same, each looked up among the stems of a message."""
        return Stems(self.codes, self.rarities, self.records, self.counts, terms)


def _stems_at(told: Told, counts: Places, places: Sequence[int]) -> list[str]:
    """The stems at some places of readings that have so many each and stand one after another."""
    ends = counts.cumsum()
    owner = ends.searchsorted(places, side="right").tolist()
    starts = (ends - counts).tolist()
    some = list(dict.fromkeys(owner))
    words = dict(zip(some, map(str.split, told(some)), strict=True))
    return [words[of][at - starts[of]] for of, at in zip(owner, places, strict=True)]


def weigh(views: Sequence[View], rarity: Rarity) -> Wordings:
    """Weights of the words of wordings; words about the form of a rumour count little."""
    codes = [view.numbers.stems for view in views]
    return weighed(views, Stems.of(codes, told_by(views), rarity))


def told_by(views: Sequence[View]) -> Told:
    """What these readings tell."""
    return lambda some: [views[at].told for at in some]


def weighed(views: Sequence[View], stems: Stems) -> Wordings:
    """The same where their stems have been looked up."""
    read = [view.numbers for view in views]
    found, rare, counts = stems.codes, stems.rarities, stems.counts
    lengths = np.array([one.words for one in read], dtype=np.int64)
    order = np.frombuffer(b"".join([one.order for one in read]), np.uint16)
    return Wordings(
        found,
        stems.owner,
        np.where(found & FRAME, FRAME_WEIGHT * rare, rare),
        stems.records,
        counts,
        order.astype(np.int64) + (counts.cumsum() - counts).repeat(lengths),
        np.arange(len(read)).repeat(lengths),
        lengths,
        np.array([one.figures for one in read], dtype=np.int64),
        [view.text for view in views],
        [view.told for view in views],
        [view.spelled for view in views],
        stems.terms,
    )


def most_covered(message: Message, claimed: Set[str]) -> float:
    """No less than the share of the message that a claim of these words can cover, misspelt
    words counted as far as they are alike: `message_covered_soft` before all else is compared."""
    heard = message.weights
    shared = sum([heard[s] for s in claimed & message.known])
    missing = [s for s in message.rarest if s not in claimed][:FUZZY_TERMS]
    return (shared + sum([heard[s] for s in missing])) / message.total
