"""How good is the matching? Figures from results and labels, as pure functions.

Terms: S@1 the first match is right; R@k a right one is among the first k; MAP@5 mean average
precision over the first five; false replies the share of no-match queries that are answered.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.search.findings import Decision

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """One query with its labels and what the matcher said."""

    id: str
    split: str
    difficulty: str
    right: frozenset[str]
    found: tuple[str, ...]
    confidence: float
    decision: Decision
    ms: float = 0.0

    @property
    def first_is_right(self) -> bool:
        """Is the first match one of the right ones?"""
        return bool(self.found) and self.found[0] in self.right


def average_precision(found: Sequence[str], right: frozenset[str], depth: int = 5) -> float:
    """AP@depth; 0 without right answers."""
    hits, total = 0, 0.0
    for place, identity in enumerate(found[:depth], start=1):
        if identity in right:
            hits += 1
            total += hits / place
    return total / min(len(right), depth) if right else 0.0


def found_within(found: Sequence[str], right: frozenset[str], depth: int) -> bool:
    """Is any right record among the first `depth`?"""
    return any(identity in right for identity in found[:depth])


def wilson(hits: float, n: int) -> Interval:
    """95 % interval of a share (Wilson score)."""
    if not n:
        return (0.0, 1.0)
    z, p = 1.96, hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return (max(0.0, middle - half), min(1.0, middle + half))


def mean_interval(values: Sequence[float]) -> Interval:
    """95 % interval of a mean of shares (normal approximation)."""
    if len(values) < 2:
        return (0.0, 1.0)
    mean = float(np.mean(values))
    half = 1.96 * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return (max(0.0, mean - half), min(1.0, mean + half))


def calibration_error(pairs: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error over equal-width bins of (confidence, first match is right)."""
    filled: list[list[tuple[float, bool]]] = [[] for _ in range(bins)]
    count = 0
    for value, right in pairs:
        filled[min(int(value * bins), bins - 1)].append((value, right))
        count += 1
    gaps = (abs(sum(v for v, _ in b) - sum(r for _, r in b)) for b in filled)
    return sum(gaps) / count if count else 0.0


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of the values lie; 0 for none."""
    return float(np.quantile(values, share)) if len(values) else 0.0


def folds(groups: Sequence[Sequence[str]], count: int = 5, seed: int = 7) -> list[int]:
    """A fold for each item so that items sharing any group name never part."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            parent[name] = parent[parent[name]]
            name = parent[name]
        return name

    for names in groups:
        for other in names[1:]:
            parent[root(other)] = root(names[0])
    roots = sorted({root(names[0]) for names in groups})
    random.Random(seed).shuffle(roots)  # noqa: S311 (reproducible split, no secret)
    place = {name: i % count for i, name in enumerate(roots)}
    return [place[root(names[0])] for names in groups]


@dataclass(frozen=True, slots=True)
class AtRate:
    """Right and wrong answers when a share of the no-match queries is let through."""

    rate: float
    right: float
    wrong: float
    false: float
    right_interval: Interval
    wrong_interval: Interval


def threshold_at(confidences: Sequence[float], rate: float) -> float:
    """The lowest threshold that lets at most `rate` of these no-match confidences through."""
    if not len(confidences):
        return 1.0
    ordered = sorted(confidences, reverse=True)
    return float(np.nextafter(ordered[min(int(rate * len(ordered)), len(ordered) - 1)], 2.0))


def at_false_rate(
    items: Sequence[Judged], fold_of: Sequence[int], rate: float, thresholds: Callable[[int], float]
) -> AtRate:
    """Right and wrong shares of the match queries; `thresholds(fold)` was set without the fold."""
    right = wrong = false = n_match = n_none = 0
    for item, fold in zip(items, fold_of, strict=True):
        answered = item.confidence >= thresholds(fold)
        if item.right:
            n_match += 1
            right += answered and item.first_is_right
            wrong += answered and not item.first_is_right
        else:
            n_none += 1
            false += answered
    share = max(1, n_match)
    return AtRate(
        rate,
        right / share,
        wrong / share,
        false / max(1, n_none),
        wilson(right, n_match),
        wilson(wrong, n_match),
    )
