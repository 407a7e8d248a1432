"""How alike are a message and a record? Numbers between 0 and 1 (or small), one row a pair.

Everything is weighted by rarity in the installation's own index, so that shared rare words count
and shared common ones do not. Pure: the rarities are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, chain, pairwise
from operator import mul, sub

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler, LCSseq

from knowledge_base.search.entries import VIEW_TERMS, View, spelled_words
from knowledge_base.search.text import Text, frame_stems

Rarity = Mapping[str, float]
Slips = list[list[float]]
Span = tuple[frozenset[str], float, str]  # different words, their weight, as written

NAMES = (
    "word_score",
    "score_share",
    "claim_covered",
    "claim_covered_soft",
    "claim_sharp",
    "message_covered",
    "message_sharp",
    "message_window",
    "cosine",
    "window_covered",
    "window_precision",
    "window_ratio",
    "set_ratio",
    "order",
    "pairs_rarity",
    "message_order",
    "start_ratio",
    "shared",
    "shared_rarity",
    "rarest_shared",
    "second_shared",
    "rarest_missing",
    "missing_rarity",
    "lead_covered",
    "same_spelling",
    "initials",
    "names_covered",
    "names_shared",
    "names_in_claim",
    "has_names",
    "numbers_shared",
    "numbers_missing",
    "explained",
    "has_explanation",
    "claim_length",
    "message_length",
    "full_covered",
    "covered_and_rare",
    "covered_both",
    "cosine_and_rare",
    "window_both",
    "message_and_rare",
    "message_covered_soft",
    "message_soft_and_rare",
    "run_rarity",
    "run_message",
    "run_claim",
    "letters_message",
    "letters_claim",
    "letters_both",
    "semantic",
    "repeated_covered",
    "repeated_most",
    "spelled_alike",
    "cased_alike",
)

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
    """A message prepared once, to be compared with many records."""

    stems: list[str]
    surface: list[str]
    weights: dict[str, float]
    positions: dict[str, list[int]]
    total: float
    squares: float
    text: str
    pairs: frozenset[tuple[str, str]]
    pair_total: float
    lead: frozenset[str]
    initials: frozenset[str]
    terms: list[str]
    words: frozenset[str]
    names: frozenset[str]
    names_weight: float
    rarest: list[str]
    repeated: dict[str, float]  # weights raised for words said more than once
    repeated_total: float
    spelled: frozenset[str]  # words as written
    spelled_small: frozenset[str]
    near: dict[str, float] = field(default_factory=dict)
    spans: dict[tuple[int, int], Span] = field(default_factory=dict)

    def span(self, low: int, high: int) -> Span:
        """The stretch from one place up to another."""
        high = min(high, len(self.stems))
        found = self.spans.get((low, high))
        if found is None:
            stems = frozenset(self.stems[low:high])
            weight = sum([self.weights[s] for s in stems]) or 1.0
            found = self.spans[low, high] = stems, weight, " ".join(self.surface[low:high])
        return found

    def look_up(self, terms: Sequence[str]) -> None:
        """Find, for missing words of claims, how well an alternative here stands for each."""
        new = [term for term in dict.fromkeys(terms) if term not in self.near]
        words = [term for term in new if len(term) >= 4 and term.isalpha()]
        self.near.update(dict.fromkeys(new, 0.0))
        if words and self.terms:
            best = _alike(words, self.terms).max(axis=1).tolist()
            self.near.update(zip(words, map(_slip, best), strict=True))


def _alike(some: Sequence[str], others: Sequence[str]) -> NDArray[np.float64]:
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
    positions: dict[str, list[int]] = {}
    for i, s in enumerate(stems):
        positions.setdefault(s, []).append(i)
    names = frozenset(n for n in text.names if n in weights)
    spelled = spelled_words(text.letters)
    repeated = {s: weights[s] * (1 + math.log(len(at))) for s, at in positions.items()}
    return Message(
        stems,
        surface,
        weights,
        positions,
        sum(weights.values()) or 1.0,
        sum(w * w for w in weights.values()) or 1.0,
        " ".join(surface)[:SET_RATIO_CHARACTERS],
        frozenset((*pairwise(stems), *zip(stems, stems[2:], strict=False))),
        sum(weights[a] + weights[b] for a, b in pairwise(stems)) or 1.0,
        frozenset(stems[:LEAD]),
        _initials(surface),
        list(weights),
        frozenset(surface),
        names,
        sum(weights[n] for n in names) or 1.0,
        _rarest(weights),
        repeated,
        sum(repeated.values()) or 1.0,
        spelled,
        frozenset(word.lower() for word in spelled),
    )


def _rarest(weights: Mapping[str, float]) -> list[str]:
    """The rarest words that may be misspelt ones."""
    words = [s for s in weights if len(s) >= 4 and s.isalpha()]
    return sorted(words, key=weights.__getitem__, reverse=True)[:MISSPELT_TERMS]


def _initials(words: Sequence[str]) -> frozenset[str]:
    """First letters of every three to five words in a row: "ustaz abdul somad" is "uas"."""
    letters = "".join(w[0] for w in words)
    return frozenset(letters[i : i + n] for n in (3, 4, 5) for i in range(len(letters) - n + 1))


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a record, weighed once: content words by stem with their rarity, numbers
    among them, neighbours with the weight of both. Kept by thousands: nothing in it is more
    for the garbage collector to walk than it must be."""

    stems: tuple[str, ...]
    surface: tuple[str, ...]
    weights: dict[str, float]
    total: float
    squares: float
    text: str
    spelled: frozenset[str]
    spelled_small: tuple[str, ...]
    numbers: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    pair_total: float


def weigh(view: View, rarity: Rarity) -> Wording:
    """Weights of a wording's words; words about the form of a rumour count little."""
    stems, surface = view.stems[:VIEW_TERMS], view.surface[:VIEW_TERMS]
    frame = frame_stems()
    weights = {s: rarity[s] * FRAME_WEIGHT if s in frame else rarity[s] for s in stems}
    pairs = tuple(pairwise(stems))
    return Wording(
        stems,
        surface,
        weights,
        sum(weights.values()) or 1.0,
        sum([w * w for w in weights.values()]) or 1.0,
        " ".join(surface),
        view.spelled,
        tuple([word.lower() for word in view.spelled]),
        tuple(s for s in weights if s[0].isdecimal()),
        pairs,
        sum([weights[a] + weights[b] for a, b in pairs]) or 1.0,
    )


def sketch(message: Message, claimed: Set[str], rarity: Rarity, score: float) -> float:
    """A quick likeness, to choose which candidates are worth a full comparison."""
    weight = rarity.__getitem__
    shared = sum(map(weight, claimed & message.weights.keys()))
    covered = shared / (sum(map(weight, claimed)) or 1.0)
    return score / 20 + 2 * covered + 2 * math.sqrt(covered * shared / message.total)


def most_covered(message: Message, claimed: Set[str]) -> float:
    """No less than the share of the message that a claim of these words can cover, misspelt
    words counted as far as they are alike: `message_covered_soft` before all else is compared."""
    heard = message.weights
    shared = sum([heard[s] for s in claimed if s in heard])
    missing = [s for s in message.rarest if s not in claimed][:FUZZY_TERMS]
    return (shared + sum([heard[s] for s in missing])) / message.total


def _best_window(places: Sequence[tuple[int, float, str]], width: int) -> tuple[float, int, int]:
    """Most weight of distinct words within `width` places: (weight, first, last place)."""
    if places and places[-1][0] - places[0][0] < width:
        return _all_of_it(places)
    best, first, last = 0.0, 0, 0
    inside: dict[str, int] = {}
    weight, start = 0.0, 0
    for place, w, term in places:
        held = inside.get(term, 0)
        if not held:
            weight += w
        inside[term] = held + 1
        while place - places[start][0] >= width:
            _, gone, other = places[start]
            inside[other] -= 1
            if not inside[other]:
                weight -= gone
            start += 1
        if weight > best + 1e-9:
            best, first, last = weight, places[start][0], place
    return best, first, last


def _all_of_it(places: Sequence[tuple[int, float, str]]) -> tuple[float, int, int]:
    """The same where everything stands close enough together."""
    weight, last = 0.0, 0
    seen: set[str] = set()
    for place, w, term in places:
        if term not in seen:
            seen.add(term)
            weight, last = weight + w, place
    return weight, places[0][0], last


@dataclass(slots=True)
class _Overlap:
    """What message and wording share, and what is missing, the rarest first."""

    shared: dict[str, float]
    weight: float
    missing: list[tuple[float, str]]


def _overlap(message: Message, wording: Wording) -> _Overlap:
    heard = message.weights
    shared: dict[str, float] = {}
    missing: list[tuple[float, str]] = []
    for s, w in wording.weights.items():
        if s in heard:
            shared[s] = w
        else:
            missing.append((w, s))
    missing.sort(reverse=True)
    return _Overlap(shared, sum(shared.values()), missing)


def _softened(message: Message, over: _Overlap) -> tuple[float, float, float]:
    """Weight shared when misspelt words count as far as they are alike; of that in initials; and
    the rarest word that is still missing."""
    soft, initials, rarest = over.weight, 0.0, 0.0
    for w, s in over.missing[:FUZZY_TERMS]:
        near = message.near[s]
        if 3 <= len(s) <= 5 and s in message.initials:
            initials += w
            near = max(near, 0.7)
        soft += w * near
        rarest = max(rarest, w * (1 - near))
    return soft, initials, rarest


def _window(message: Message, wording: Wording, shared: dict[str, float]) -> list[float]:
    """The stretch of the message that says most of the claim: coverage, precision, likeness."""
    heard, length = message.weights, len(wording.stems)
    places = sorted([(p, w, s) for s, w in shared.items() for p in message.positions[s][:PLACES]])
    covered, first, last = _best_window(places, max(8, 2 * length))
    pad = max(0, (length - (last - first + 1)) // 2)
    low, high = max(0, first - pad), last + pad + 1
    span, spoken, said = message.span(low, high)
    precision = sum([heard[s] for s in filter(shared.__contains__, span)]) / spoken
    ratio = fuzz.token_sort_ratio(said, wording.text) / 100
    return [covered / wording.total, precision, ratio]


def _message_window(
    message: Message, wording: Wording, shared: dict[str, float], spoken: float
) -> float:
    """How much of the message stands together in one stretch of a longer claim; `spoken` is the
    weight of all it shares with the claim."""
    heard, length = message.weights, len(message.stems)
    if len(wording.stems) <= 2 * length + 8:
        return spoken / message.total
    there = [(i, heard[s], s) for i, s in enumerate(wording.stems) if s in shared]
    return _best_window(there, max(8, 2 * length))[0] / message.total


def _misspelt(message: Message, wordings: Sequence[Wording], over: Sequence[_Overlap]) -> Slips:
    """For each wording how well its missing words stand for each of the message's rarest ones."""
    missing = [[s for _, s in one.missing] for one in over]
    found = np.zeros((len(message.rarest), len(wordings)))
    some = [at for at, words in enumerate(missing) if words]
    if message.rarest and some:
        words = [word for at in some for word in missing[at]]
        starts = [0, *accumulate(len(missing[at]) for at in some)][:-1]
        found[:, some] = np.maximum.reduceat(_alike(message.rarest, words), starts, axis=1)
    return found.T.tolist()


def _misspelt_weight(message: Message, wording: Wording, slips: Sequence[float]) -> float:
    """Weight of the message's rarest missing words, as far as the claim has them spelt otherwise.

    A slip of the finger makes a common word the rarest of all; it must not count as a word the
    claim lacks.
    """
    weight, found = 0.0, 0
    for term, likeness in zip(message.rarest, slips, strict=True):
        if term in wording.weights:
            continue
        weight += message.weights[term] * _slip(likeness)
        found += 1
        if found == FUZZY_TERMS:
            break
    return weight


def covered_both(message: Message, wordings: Sequence[Wording]) -> list[float]:
    """For each wording the lesser of `claim_covered_soft` and `message_covered_soft`, alone."""
    if not wordings:
        return []
    over, slips = _missing(message, wordings)
    several = zip(wordings, over, slips, strict=True)
    return [
        min(_softened(message, o)[0] / w.total, _message_soft(message, w, o.shared, likeness))
        for w, o, likeness in several
    ]


def _message_soft(
    message: Message, wording: Wording, shared: Mapping[str, float], slips: Sequence[float]
) -> float:
    spoken = sum([message.weights[s] for s in shared])
    return min(1.0, (spoken + _misspelt_weight(message, wording, slips)) / message.total)


def _letters(said: str, claimed: str, shared: int) -> list[float]:
    """Letters that stand in the same order, as shares of the message, the claim and the shorter.

    Unrelated texts share about half of them by chance, so the last one counts from there.
    """
    shorter = min(len(said), len(claimed)) or 1
    beyond_chance = max(0, 2 * shared - shorter) / shorter
    return [shared / (len(said) or 1), shared / (len(claimed) or 1), beyond_chance]


def _longest_run(message: Message, wording: Wording) -> float:
    """Weight of the longest stretch of the claim that stands in the message word for word.

    One word in between may be another one (a slip, a word of chat).
    """
    best, weights, places = 0.0, wording.weights, message.positions
    last: dict[int, float] = {}  # place in the message of the last word of a run → its weight
    near: dict[int, float] = {}  # the same, for the last two words of the claim
    before = -1  # place in the claim of the last word that is in the message
    for at, stem in enumerate(wording.stems):
        if stem not in places:
            continue
        if at - before > 1:
            near, last = (last if at - before == 2 else {}), {}
        before, weight = at, weights[stem]
        found: dict[int, float] = {}
        for place in places[stem][:PLACES]:
            run = weight
            if near:
                run += max(near.get(place - 1, 0.0), near.get(place - 2, 0.0))
            found[place] = run
            if run > best:
                best = run
        near = _either(last, found) if last else found
        last = found
    return best


def _either(one: dict[int, float], other: dict[int, float]) -> dict[int, float]:
    """The heavier of two runs at each place."""
    if not other:
        return one
    both = dict(one)
    for place, run in other.items():
        both[place] = max(run, both.get(place, 0.0))
    return both


@dataclass(slots=True)
class _Likeness:
    """What is computed for all wordings of a list at once."""

    over: _Overlap
    slips: Sequence[float]
    view: str
    set_ratio: float
    letters: int


def _missing(message: Message, wordings: Sequence[Wording]) -> tuple[list[_Overlap], Slips]:
    """What is shared and missing, and what among the missing is only misspelt."""
    over = [_overlap(message, wording) for wording in wordings]
    message.look_up([s for one in over for _, s in one.missing[:FUZZY_TERMS]])
    return over, _misspelt(message, wordings, over)


def _likenesses(message: Message, wordings: Sequence[Wording]) -> list[_Likeness]:
    over, slips = _missing(message, wordings)
    views = [wording.text[:SET_RATIO_CHARACTERS] for wording in wordings]
    sets = process.cdist([message.text], views, scorer=fuzz.token_set_ratio, dtype=np.float64)
    letters = process.cdist([message.text], views, scorer=LCSseq.similarity, dtype=np.int32)
    columns = (over, slips, views, (sets[0] / 100).tolist(), letters[0].tolist())
    return [_Likeness(*column) for column in zip(*columns, strict=True)]


def compare_all(
    message: Message,
    wordings: Sequence[Wording],
    scores: Sequence[float],
    best_score: float,
    explanations: Sequence[frozenset[str]],
) -> NDArray[np.float64]:
    """One row of features in the order of NAMES for each of the wordings, one of each record.

    `scores` are the index's word scores of the records, `best_score` the highest of the list,
    `explanations` the stems of theirs.
    """
    if not wordings:
        return np.zeros((0, len(NAMES)))
    alike = _likenesses(message, wordings)
    several = zip(wordings, alike, scores, explanations, strict=True)
    rows = [_row(message, w, a, score, best_score, told) for w, a, score, told in several]
    flat = np.fromiter(chain.from_iterable(rows), np.float64, len(rows) * len(NAMES))
    return flat.reshape(len(rows), len(NAMES))


def _row(
    message: Message,
    wording: Wording,
    alike: _Likeness,
    score: float,
    best_score: float,
    explanation: frozenset[str],
) -> list[float]:
    heard, weights, total = message.weights, wording.weights, wording.total
    over, view = alike.over, alike.view
    shared = over.shared
    soft, initials, rarest_missing = _softened(message, over)
    mine = [heard[s] for s in shared]
    spoken = sum(mine)
    squares = sum([w * w for w in shared.values()])
    covered, precision, ratio = _window(message, wording, shared)
    in_both = filter(message.pairs.__contains__, wording.pairs)
    pair_shared = sum([weights[a] + weights[b] for a, b in in_both])
    message_soft = _message_soft(message, wording, shared, alike.slips)
    run = min(_longest_run(message, wording), total, message.total)
    numbers_shared = sum([s in shared for s in wording.numbers])
    rarest = [*sorted(mine, reverse=True)[:2], 0.0, 0.0]
    named = [heard[s] for s in message.names if s in shared]
    names = sum(named)
    claim_covered = over.weight / total
    message_covered = spoken / message.total
    rare = math.log1p(over.weight) / 5
    dot = sum(map(mul, mine, shared.values()))
    cosine = dot / math.sqrt(wording.squares * message.squares)
    repeated = [message.repeated[s] for s in shared]
    most = max(map(sub, repeated, mine), default=0.0)
    explained = sum(map(heard.__getitem__, filter(explanation.__contains__, heard)))
    return [
        score / (score + 20),
        score / (best_score or 1.0),
        claim_covered,
        soft / total,
        squares / wording.squares,
        message_covered,
        sum(map(mul, mine, mine)) / message.squares,
        _message_window(message, wording, shared, spoken),
        cosine,
        covered,
        precision,
        ratio,
        alike.set_ratio,
        pair_shared / wording.pair_total,
        math.log1p(pair_shared) / 6,
        min(1.0, pair_shared / message.pair_total),
        fuzz.ratio(message.text[: len(view)], view[: len(message.text)]) / 100,
        min(len(shared), 12) / 12,
        rare,
        rarest[0] / 12,
        rarest[1] / 12,
        rarest_missing / 12,
        math.log1p(total - over.weight) / 5,
        sum([w for s, w in shared.items() if s in message.lead]) / total,
        _same_spelling(message, wording, shared) / total,
        initials / total,
        names / message.names_weight,
        min(len(named), 4) / 4,
        names / total,
        float(bool(message.names)),
        min(numbers_shared, 3) / 3,
        min(len(wording.numbers) - numbers_shared, 3) / 3,
        explained / message.total,
        float(bool(explanation)),
        math.log1p(len(weights)) / 5,
        math.log1p(len(heard)) / 6,
        float(over.weight >= total - 1e-9),
        claim_covered * rare,
        claim_covered * message_covered,
        cosine * rare,
        precision * covered,
        message_covered * rare,
        message_soft,
        message_soft * rare,
        math.log1p(run) / 5,
        run / message.total,
        run / total,
        *_letters(message.text, view, alike.letters),
        0.0,  # semantic: filled in by the finder where an embedder is
        sum(repeated) / message.repeated_total,
        most / 12,
        *_spelled_alike(message, wording),
    ]


def _spelled_alike(message: Message, wording: Wording) -> tuple[float, float]:
    """Share of the claim's words that stand in the message letter for letter, capitals included;
    and of those that stand in it with other capitals too."""
    same = len(wording.spelled & message.spelled)
    small = sum(map(message.spelled_small.__contains__, wording.spelled_small))
    return same / (len(wording.spelled) or 1), same / (small or 1)


def _same_spelling(message: Message, wording: Wording, shared: dict[str, float]) -> float:
    """Shared weight of words that are even spelt the same, not only of one stem."""
    if not shared:
        return 0.0
    pairs = zip(wording.stems, wording.surface, strict=True)
    same = {s for s, w in pairs if s in shared and w in message.words}
    return sum([w for s, w in shared.items() if s in same])
