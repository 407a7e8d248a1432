"""How alike are a message and a record? Numbers between 0 and 1 (or small), one row a pair.

Everything is weighted by rarity in the installation's own index, so that shared rare words count
and shared common ones do not. Pure: the rarity of a word is handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from knowledge_base.search.text import Text, is_frame

Rarity = Callable[[str], float]

NAMES = (
    "word_score",
    "claim_covered",
    "claim_covered_soft",
    "message_covered",
    "cosine",
    "window_covered",
    "window_precision",
    "window_ratio",
    "set_ratio",
    "order",
    "shared",
    "shared_rarity",
    "rarest_shared",
    "rarest_missing",
    "lead_covered",
    "numbers_shared",
    "numbers_missing",
    "explained",
    "claim_length",
    "message_length",
    "full_covered",
)

FRAME_WEIGHT = 0.25  # a headline's "photo", "chain message": the message rarely says so
FUZZY = 0.82  # Jaro-Winkler from which two words may be one word misspelt
MESSAGE_TERMS = 400
VIEW_TERMS = 300


@dataclass(slots=True)
class Message:
    """A message prepared once, to be compared with many records."""

    stems: list[str]
    surface: list[str]
    weights: dict[str, float]
    positions: dict[str, list[int]]
    total: float
    norm: float
    text: str
    pairs: frozenset[tuple[str, str]]
    lead: frozenset[str]
    near: dict[str, float] = field(default_factory=dict)

    def nearest(self, term: str) -> float:
        """How well the best-spelt alternative in the message stands for this missing word."""
        known = self.near.get(term)
        if known is None:
            known = 0.0
            if len(term) >= 4 and term.isalpha():
                found = process.extractOne(
                    term, list(self.weights), scorer=JaroWinkler.similarity, score_cutoff=FUZZY
                )
                known = (found[1] - FUZZY) / (1 - FUZZY) if found else 0.0
            self.near[term] = known
        return known


def prepare(text: Text, rarity: Rarity) -> Message:
    """Weights, places and neighbours of a message's words."""
    stems = list(text.stems[:MESSAGE_TERMS])
    surface = list(text.surface[:MESSAGE_TERMS])
    weights = {s: rarity(s) for s in dict.fromkeys(stems)}
    positions: dict[str, list[int]] = {}
    for i, s in enumerate(stems):
        positions.setdefault(s, []).append(i)
    pairs = {*pairwise(stems), *zip(stems, stems[2:], strict=False)}
    return Message(
        stems,
        surface,
        weights,
        positions,
        sum(weights.values()) or 1.0,
        math.sqrt(sum(w * w for w in weights.values())) or 1.0,
        " ".join(surface),
        frozenset(pairs),
        frozenset(stems[:25]),
    )


def _best_window(places: list[tuple[int, float, str]], width: int) -> tuple[float, int, int]:
    """Most claim weight within `width` words of the message: (weight, first, last place)."""
    best, first, last = 0.0, 0, 0
    inside: dict[str, int] = {}
    weight, start = 0.0, 0
    for place, w, term in places:
        if inside.get(term, 0) == 0:
            weight += w
        inside[term] = inside.get(term, 0) + 1
        while place - places[start][0] >= width:
            gone = places[start]
            inside[gone[2]] -= 1
            if inside[gone[2]] == 0:
                weight -= gone[1]
            start += 1
        if weight > best + 1e-9:
            best, first, last = weight, places[start][0], place
    return best, first, last


def compare(
    message: Message,
    stems: Sequence[str],
    surface: Sequence[str],
    rarity: Rarity,
    score: float,
    explanation: Sequence[str] = (),
) -> list[float]:
    """One row of features in the order of NAMES for a message and one wording of a record."""
    stems = stems[:VIEW_TERMS]
    surface = surface[:VIEW_TERMS]
    weights: dict[str, float] = {}
    for s, w in zip(stems, surface, strict=False):
        if s not in weights:
            weights[s] = rarity(s) * (FRAME_WEIGHT if is_frame(w) else 1.0)
    total = sum(weights.values()) or 1.0
    shared = [s for s in weights if s in message.weights]
    shared_weight = sum(weights[s] for s in shared)
    missing = [s for s in weights if s not in message.weights]
    missing.sort(key=weights.__getitem__, reverse=True)
    soft = shared_weight
    rarest_missing = 0.0
    for m in missing[:12]:
        near = message.nearest(m)
        soft += weights[m] * near
        rarest_missing = max(rarest_missing, weights[m] * (1 - near))
    places = sorted((p, weights[s], s) for s in shared for p in message.positions[s][:20])
    width = max(8, 2 * len(stems))
    win, first, last = _best_window(places, width)
    pad = max(0, (len(stems) - (last - first + 1)) // 2)
    lo, hi = max(0, first - pad), last + pad + 1
    span = dict.fromkeys(message.stems[lo:hi])
    span_total = sum(message.weights[s] for s in span) or 1.0
    span_shared = sum(message.weights[s] for s in span if s in weights)
    view_text = " ".join(surface)
    norm = math.sqrt(sum(w * w for w in weights.values())) or 1.0
    dot = sum(message.weights[s] * weights[s] for s in shared)
    pairs = list(pairwise(stems))
    pair_total = sum(min(weights[a], weights[b]) for a, b in pairs) or 1.0
    pair_shared = sum(min(weights[a], weights[b]) for a, b in pairs if (a, b) in message.pairs)
    numbers = [s for s in weights if s[0].isdecimal()]
    n_shared = sum(1 for s in numbers if s in message.weights)
    full = sum(message.weights[s] for s in shared)
    explained = 0.0
    if explanation:
        ex = set(explanation)
        explained = sum(w for s, w in message.weights.items() if s in ex) / message.total
    return [
        score / (score + 20),
        shared_weight / total,
        soft / total,
        full / message.total,
        dot / (norm * message.norm),
        win / total,
        span_shared / span_total,
        fuzz.token_sort_ratio(" ".join(message.surface[lo:hi]), view_text) / 100,
        fuzz.token_set_ratio(message.text[:1500], view_text[:1500]) / 100,
        pair_shared / pair_total,
        min(len(shared), 12) / 12,
        math.log1p(shared_weight) / 5,
        max((message.weights[s] for s in shared), default=0.0) / 12,
        rarest_missing / 12,
        sum(weights[s] for s in shared if s in message.lead) / total,
        min(n_shared, 3) / 3,
        min(len(numbers) - n_shared, 3) / 3,
        explained,
        math.log1p(len(weights)) / 5,
        math.log1p(len(message.weights)) / 6,
        float(shared_weight >= total - 1e-9),
    ]
