"""Does a message say what a claim says, in whatever words, or something else in its words?

"Warga tanam cabai di pot" shares all but one word with "Warga tanam ganja di pot" and is other
news; "Penduduk menanam ganja dalam pot" shares less and is the claim. No rule and no list knows
all things that can stand for another. So a few signs are weighed together by a scorecard: each
sign gives points by the step it falls on, and what stays below `least` is only suggested. Which
words were exchanged weighs most: a slot of the claim that something else fills.

The steps are in `paraphrase.json`, fitted by `python -m benchmarks.matching_paraphrase` on invented
pairs that say the same and others that do not (boosting of single splits, Friedman 2001).
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

from knowledge_base.search import swaps
from knowledge_base.search.alignment import Alignment, align, like
from knowledge_base.search.entries import Entry
from knowledge_base.search.reading import Reading, cached_read
from knowledge_base.search.telling import Word, hollow, same_word
from knowledge_base.search.text import respell, root

SHIPPED = Path(__file__).with_name("paraphrase.json")
SEEN = (
    "sorted_ratio",  # likeness of the letters, words sorted, 0 to 1
    "partial_ratio",  # likeness of the claim and the stretch most like it, 0 to 1
    "claim_words",  # logarithm of the claim's words
)
ALIGNED = (  # what takes an alignment of the two
    "exchanged",  # share of the claim's rarity in slots that something else fills, 0 to 1
    "behind",  # logarithm of the content words behind the last one of the claim
    "elsewhere",  # the same for sentences that tell nothing of the claim
)
NAMES = (*SEEN, *ALIGNED)
LETTERS = 2_048  # of a message or a wording whose likeness is looked at
STRETCH = 256  # of the shorter one, in the other: twice as many take eight times as long
SLIP = 4  # letters of a word in which one may be wrong

Rarity = Callable[[str], float]
Words = dict[int, Word]  # by their place among the tokens


@dataclass(frozen=True)
class Steps:
    """Points of one sign: `points[k]` where k of the limits lie below its value."""

    limits: Sequence[float]
    points: Sequence[float]

    def of(self, value: float) -> float:
        """The points of a value."""
        return self.points[bisect_left(self.limits, value)]


@dataclass(frozen=True)
class Scorecard:
    """Steps by sign, what everyone starts from, and the least that still counts as the claim."""

    steps: Mapping[str, Steps]
    start: float
    least: float

    def of(self, signs: Sequence[float]) -> float:
        """All points of one pair; `signs` in the order of NAMES. Where only the first are given,
        the fewest it can get."""
        given = sum(self.steps[name].of(value) for name, value in zip(NAMES, signs, strict=False))
        return self.start + given + sum(min(self.steps[n].points) for n in NAMES[len(signs) :])

    def as_json(self) -> str:
        """The file as it is kept."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"


@cache
def scorecard() -> Scorecard:
    """The one that is shipped."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    steps = {name: Steps(**data["steps"][name]) for name in NAMES}
    return Scorecard(steps, data["start"], data["least"])


def paraphrases(said: Reading, entry: Entry, rarity: Rarity, card: Scorecard) -> bool:
    """Does a message say what a record says, by the wording most like it, the headline aside?

    `rarity` of a stem in the installation's own records, on any scale.
    """
    claimed, seen = _seen(said, entry)
    if card.of(seen) >= card.least:
        return True  # whatever is exchanged
    return card.of((*seen, *_aligned(said, claimed, rarity))) >= card.least


def signs(said: Reading, entry: Entry, rarity: Rarity) -> tuple[float, ...]:
    """What is looked at, in the order of NAMES."""
    claimed, seen = _seen(said, entry)
    return (*seen, *_aligned(said, claimed, rarity))


def _seen(said: Reading, entry: Entry) -> tuple[Reading, tuple[float, ...]]:
    """The wording most like the message, read, and SEEN of it. The others are left aside: in one
    about something else nothing can be exchanged."""
    heard = _letters(said.text)
    wordings = [view.raw for view in entry.views if view.via != "title"]
    ratios = [fuzz.token_sort_ratio(heard, _letters(wording)) for wording in wordings]
    likest = max(range(len(ratios)), key=ratios.__getitem__)
    claimed = cached_read(wordings[likest], date=entry.date)
    within = _within(heard, _letters(claimed.text))
    return claimed, (ratios[likest] / 100, within, math.log1p(len(claimed.tokens)))


def _aligned(said: Reading, claimed: Reading, rarity: Rarity) -> tuple[float, float, float]:
    found = align(said, claimed)
    mine = _words(claimed, range(len(claimed.tokens)))
    theirs = _words(said, (at for at in range(len(said.tokens)) if at not in found.taken))
    rare = {at: rarity(word.stem) for at, word in mine.items()}
    loose = _loose(found, mine, theirs)
    lost = {at: word for at, word in mine.items() if at not in found.pairs and at not in loose}
    taken = found.taken | frozenset(loose.values())
    new = {at: word for at, word in theirs.items() if at not in taken}
    exchanged = 0.0
    for slot, filling in found.slots:
        come = sum(rarity(new[at].stem) for at in filling if at in new)
        exchanged += min(come, sum(rare[at] for at in slot if at in lost))
    last = max(taken, default=-1)
    whole = sum(rare.values()) or 1.0
    behind, elsewhere = sum(at > last for at in new), _elsewhere(said, taken, new)
    return exchanged / whole, math.log1p(behind), math.log1p(elsewhere)


def _letters(text: str) -> str:
    return text[:LETTERS].casefold()


def _within(one: str, other: str) -> float:
    """Likeness of the shorter of two texts and the stretch of the longer most like it."""
    short, long = sorted((one, other), key=len)
    return fuzz.partial_ratio(short[:STRETCH], long) / 100


def _elsewhere(said: Reading, taken: frozenset[int], new: Iterable[int]) -> int:
    """New words in sentences that have none of the claim's."""
    telling = {said.tokens[at].sentence for at in taken}
    return sum(said.tokens[at].sentence not in telling for at in new)


def _loose(found: Alignment, mine: Words, theirs: Words) -> dict[int, int]:
    """Unaligned words of the claim that the message has elsewhere, or in their slot in another form
    or as a synonym."""
    left = {word.stem: at for at, word in theirs.items()}
    lost = {at: word for at, word in mine.items() if at not in found.pairs}
    pairs = {at: left[word.stem] for at, word in lost.items() if word.stem in left}
    for slot, filling in found.slots:
        for at in slot:
            if at in lost and at not in pairs:
                there = (other for other in filling if other in theirs)
                same = (o for o in there if _same(lost[at], theirs[o]) or _slip(found, at, o))
                pairs.update((at, other) for other in same)
    return pairs


def _same(one: Word, other: Word) -> bool:
    alike = swaps.alike_words(one.stem, other.stem)  # of an English word the Indonesian root
    return alike or same_word(one, other) or like(one.surface, other.surface, SLIP)


def _slip(found: Alignment, mine: int, theirs: int) -> bool:
    """ "tionkok" for "Tiongkok", whose usual spelling is another word, "China"."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    return ours.value is other.value is None and like(ours.text, other.text, SLIP)


def _words(read: Reading, places: Iterable[int]) -> Words:
    """The words at these places that say anything."""
    found: Words = {}
    for at in places:
        token = read.tokens[at]
        spelled = respell(token.text.casefold())
        word = Word(root(spelled, read.lang), spelled)
        if token.value is not None or not hollow(word):
            found[at] = word
    return found
