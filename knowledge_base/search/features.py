"""How alike are a message and a record? Numbers between 0 and 1 (or small), one row a pair.

Everything is weighted by rarity in the installation's own index, so that shared rare words count
and shared common ones do not. Pure: the rarities are handed in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler, LCSseq

from knowledge_base.search.entries import VIEW_TERMS
from knowledge_base.search.text import Text, frame_stems

Rarity = Mapping[str, float]

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
    near: dict[str, float] = field(default_factory=dict)

    def nearest(self, term: str) -> float:
        """How well the best-spelt alternative in the message stands for this missing word."""
        known = self.near.get(term)
        if known is None:
            known = 0.0
            if len(term) >= 4 and term.isalpha():
                found = process.extractOne(
                    term, self.terms, scorer=JaroWinkler.similarity, score_cutoff=FUZZY
                )
                known = (found[1] - FUZZY) / (1 - FUZZY) if found else 0.0
            self.near[term] = known
        return known


def prepare(text: Text, rarity: Rarity) -> Message:
    """Weights, places and neighbours of a message's words."""
    stems = list(text.stems[:MESSAGE_TERMS])
    surface = list(text.surface[:MESSAGE_TERMS])
    weights = {s: rarity[s] for s in stems}
    positions: dict[str, list[int]] = {}
    for i, s in enumerate(stems):
        positions.setdefault(s, []).append(i)
    names = frozenset(n for n in text.names if n in weights)
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
    )


def _rarest(weights: Mapping[str, float]) -> list[str]:
    """The rarest words that may be misspelt ones."""
    words = [s for s in weights if len(s) >= 4 and s.isalpha()]
    return sorted(words, key=weights.__getitem__, reverse=True)[:MISSPELT_TERMS]


def _initials(words: Sequence[str]) -> frozenset[str]:
    """First letters of every three to five words in a row: "ustaz abdul somad" is "uas"."""
    letters = "".join(w[0] for w in words)
    return frozenset(letters[i : i + n] for n in (3, 4, 5) for i in range(len(letters) - n + 1))


@dataclass(slots=True)
class Wording:
    """One wording of a record, weighed once: content words by stem with their rarity."""

    stems: tuple[str, ...]
    surface: tuple[str, ...]
    weights: dict[str, float]
    total: float
    squares: float


def weigh(stems: Sequence[str], surface: Sequence[str], rarity: Rarity) -> Wording:
    """Weights of a wording's words; words about the form of a rumour count little."""
    stems, surface = tuple(stems[:VIEW_TERMS]), tuple(surface[:VIEW_TERMS])
    frame = frame_stems()
    weights = {s: rarity[s] * FRAME_WEIGHT if s in frame else rarity[s] for s in stems}
    squares = sum([w * w for w in weights.values()])
    return Wording(stems, surface, weights, sum(weights.values()) or 1.0, squares or 1.0)


def sketch(message: Message, claimed: Set[str], rarity: Rarity, score: float) -> float:
    """A quick likeness, to choose which candidates are worth a full comparison."""
    weight = rarity.__getitem__
    shared = sum(map(weight, claimed & message.weights.keys()))
    covered = shared / (sum(map(weight, claimed)) or 1.0)
    return score / 20 + 2 * covered + 2 * math.sqrt(covered * shared / message.total)


def _best_window(places: Sequence[tuple[int, float, str]], width: int) -> tuple[float, int, int]:
    """Most weight of distinct words within `width` places: (weight, first, last place)."""
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


@dataclass(slots=True)
class _Overlap:
    """What message and wording share, and what is missing."""

    shared: dict[str, float]
    weight: float
    soft: float
    initials: float
    rarest_missing: float


def _overlap(message: Message, wording: Wording) -> _Overlap:
    heard = message.weights
    shared = {s: w for s, w in wording.weights.items() if s in heard}
    weight = sum(shared.values())
    missing = sorted([(w, s) for s, w in wording.weights.items() if s not in shared])
    found = _Overlap(shared, weight, weight, 0.0, 0.0)
    for w, s in missing[: -FUZZY_TERMS - 1 : -1]:
        near = message.nearest(s)
        if 3 <= len(s) <= 5 and s in message.initials:
            found.initials += w
            near = max(near, 0.7)
        found.soft += w * near
        found.rarest_missing = max(found.rarest_missing, w * (1 - near))
    return found


def _window(message: Message, wording: Wording, shared: dict[str, float]) -> list[float]:
    """The stretch of the message that says most of the claim: coverage, precision, likeness."""
    heard, length = message.weights, len(wording.stems)
    places = sorted([(p, w, s) for s, w in shared.items() for p in message.positions[s][:PLACES]])
    covered, first, last = _best_window(places, max(8, 2 * length))
    pad = max(0, (length - (last - first + 1)) // 2)
    low, high = max(0, first - pad), last + pad + 1
    span = set(message.stems[low:high])
    spoken = sum([heard[s] for s in span]) or 1.0
    precision = sum([heard[s] for s in span if s in shared]) / spoken
    said = " ".join(message.surface[low:high])
    ratio = fuzz.token_sort_ratio(said, " ".join(wording.surface)) / 100
    return [covered / wording.total, precision, ratio]


def _message_window(message: Message, wording: Wording, shared: dict[str, float]) -> float:
    """How much of the message stands together in one stretch of a longer claim."""
    heard, length = message.weights, len(message.stems)
    if len(wording.stems) <= 2 * length + 8:
        return sum([heard[s] for s in shared]) / message.total
    there = [(i, heard[s], s) for i, s in enumerate(wording.stems) if s in shared]
    return _best_window(there, max(8, 2 * length))[0] / message.total


def _pairs(message: Message, wording: Wording) -> tuple[float, float]:
    """Weight of the claim's neighbouring words, and of those that are neighbours here too."""
    weights, heard = wording.weights, message.pairs
    total = shared = 0.0
    for pair in pairwise(wording.stems):
        both = weights[pair[0]] + weights[pair[1]]
        total += both
        if pair in heard:
            shared += both
    return total or 1.0, shared


def _misspelt(message: Message, wording: Wording) -> float:
    """Weight of the message's rarest missing words, as far as the claim has them spelt otherwise.

    A slip of the finger makes a common word the rarest of all; it must not count as a word the
    claim lacks.
    """
    weight, found, claimed = 0.0, 0, wording.weights
    names = [s for s in claimed if s not in message.weights]
    if not names:
        return 0.0
    for term in message.rarest:
        if term in claimed:
            continue
        near = process.extractOne(term, names, scorer=JaroWinkler.similarity, score_cutoff=FUZZY)
        if near:
            weight += message.weights[term] * (near[1] - FUZZY) / (1 - FUZZY)
        found += 1
        if found == FUZZY_TERMS:
            break
    return weight


def _letters(said: str, claimed: str) -> list[float]:
    """Letters that stand in the same order, as shares of the message, the claim and the shorter.

    Unrelated texts share about half of them by chance, so the last one counts from there.
    """
    shared = LCSseq.similarity(said, claimed)
    shorter = min(len(said), len(claimed)) or 1
    beyond_chance = max(0, 2 * shared - shorter) / shorter
    return [shared / (len(said) or 1), shared / (len(claimed) or 1), beyond_chance]


def _longest_run(message: Message, wording: Wording) -> float:
    """Weight of the longest stretch of the claim that stands in the message word for word.

    One word in between may be another one (a slip, a word of chat).
    """
    best, weights, places = 0.0, wording.weights, message.positions
    runs: dict[int, float] = {}  # place of the last agreeing word in the message → weight
    older: dict[int, float] = {}  # the same, one word of the claim earlier
    for stem in wording.stems:
        found: dict[int, float] = {}
        for place in places.get(stem, ())[:PLACES]:
            before = max(
                runs.get(place - 1, 0.0),
                runs.get(place - 2, 0.0),
                older.get(place - 1, 0.0),
                older.get(place - 2, 0.0),
            )
            found[place] = before + weights[stem]
            best = max(best, found[place])
        older, runs = runs, found
    return best


def compare(
    message: Message,
    wording: Wording,
    score: float,
    best_score: float,
    explanation: frozenset[str] = frozenset(),
) -> list[float]:
    """One row of features in the order of NAMES for a message and one wording of a record.

    `score` is the index's word score of the record, `best_score` the highest of the list.
    """
    heard, weights, total = message.weights, wording.weights, wording.total
    over = _overlap(message, wording)
    shared = over.shared
    mine = [heard[s] for s in shared]
    squares = sum([w * w for w in shared.values()])
    covered, precision, ratio = _window(message, wording, shared)
    pair_total, pair_shared = _pairs(message, wording)
    message_soft = min(1.0, (sum(mine) + _misspelt(message, wording)) / message.total)
    run = min(_longest_run(message, wording), total, message.total)
    numbers = [s for s in weights if s[0].isdecimal()]
    numbers_shared = sum([s in shared for s in numbers])
    rarest = [*sorted(mine, reverse=True)[:2], 0.0, 0.0]
    names = [heard[s] for s in message.names if s in shared]
    claim_covered = over.weight / total
    message_covered = sum(mine) / message.total
    rare = math.log1p(over.weight) / 5
    dot = sum([heard[s] * w for s, w in shared.items()])
    cosine = dot / math.sqrt(wording.squares * message.squares)
    explained = sum([w for s, w in heard.items() if s in explanation]) if explanation else 0.0
    view = " ".join(wording.surface)[:SET_RATIO_CHARACTERS]
    return [
        score / (score + 20),
        score / (best_score or 1.0),
        claim_covered,
        over.soft / total,
        squares / wording.squares,
        message_covered,
        sum([w * w for w in mine]) / message.squares,
        _message_window(message, wording, shared),
        cosine,
        covered,
        precision,
        ratio,
        fuzz.token_set_ratio(message.text, view) / 100,
        pair_shared / pair_total,
        math.log1p(pair_shared) / 6,
        min(1.0, pair_shared / message.pair_total),
        fuzz.ratio(message.text[: len(view)], view[: len(message.text)]) / 100,
        min(len(shared), 12) / 12,
        rare,
        rarest[0] / 12,
        rarest[1] / 12,
        over.rarest_missing / 12,
        math.log1p(total - over.weight) / 5,
        sum([w for s, w in shared.items() if s in message.lead]) / total,
        _same_spelling(message, wording, shared) / total,
        over.initials / total,
        sum(names) / message.names_weight,
        min(len(names), 4) / 4,
        sum(names) / total,
        float(bool(message.names)),
        min(numbers_shared, 3) / 3,
        min(len(numbers) - numbers_shared, 3) / 3,
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
        *_letters(message.text, view),
    ]


def _same_spelling(message: Message, wording: Wording, shared: dict[str, float]) -> float:
    """Shared weight of words that are even spelt the same, not only of one stem."""
    same = {s for s, w in zip(wording.stems, wording.surface, strict=True) if w in message.words}
    return sum([w for s, w in shared.items() if s in same])
