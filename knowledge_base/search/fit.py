"""Fit the linear models on labelled queries: order and first sight by conditional logit, confidence
by logit.

Newton's method with a ridge, on features scaled to unit spread; weights are handed back on the
original scale so that the file can be read. Only numpy, no randomness.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.search.codes import Flags
from knowledge_base.search.decision import CONFIDENCE_NAMES, Array, Weights, scores, summary
from knowledge_base.search.features import NAMES
from knowledge_base.search.sight import NAMES as SIGHT_NAMES

RANKING_RIDGE = 0.1
CONFIDENCE_RIDGE = 50.0
DEPTH = 30  # candidates of each query that take part in fitting the order
ANSWER_FALSE_RATE = 0.003  # of no-match queries at the shipped threshold; held out it is more
SUGGEST_FLOOR = 0.35


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled query: its candidates' features (candidates × features) and right marks."""

    rows: Array
    right: Array
    copies: Flags  # [candidate, candidate]: the one is a near-copy of the other
    none: bool = False  # a no-match query


def _ranking(lists: Sequence[tuple[Array, Array]], size: int, ridge: float) -> Array:
    """Conditional logit: maximise the probability of the right candidates in their lists, each
    (candidates × features, right marks)."""
    lists = [(rows, right) for rows, right in lists if right.any()]
    weights = np.zeros(size)
    if not lists:
        return weights
    value = _likelihood(lists, weights, ridge)
    for _ in range(20):
        step = _newton_step(lists, weights, ridge)
        length = 1.0
        while length > 1e-3 and _likelihood(lists, weights + length * step, ridge) <= value:
            length /= 2
        if length <= 1e-3:
            break
        weights = weights + length * step
        reached = _likelihood(lists, weights, ridge)
        if reached - value < 1e-3:
            break
        value = reached
    return weights


def _likelihood(lists: Sequence[tuple[Array, Array]], weights: Array, ridge: float) -> float:
    total = -0.5 * ridge * float(weights @ weights)
    for rows, right in lists:
        ranked = rows @ weights
        shifted = np.exp(ranked - ranked.max())
        total += float(np.log(shifted @ right + 1e-300) - np.log(shifted.sum()))
    return total


def _newton_step(lists: Sequence[tuple[Array, Array]], weights: Array, ridge: float) -> Array:
    gradient = -ridge * weights
    curvature = ridge * np.eye(len(weights))
    for rows, right in lists:
        ranked = rows @ weights
        share = np.exp(ranked - ranked.max())
        share /= share.sum()
        target = share * right
        target /= target.sum() + 1e-300
        mean = rows.T @ share
        gradient += rows.T @ (target - share)
        curvature += (rows * share[:, None]).T @ rows - np.outer(mean, mean)
    return np.asarray(np.linalg.solve(curvature, gradient))


def logistic(table: Array, labels: Array, ridge: float) -> tuple[Array, float]:
    """Ridge logistic regression: weights and bias on the scale of `table`."""
    mean, spread = table.mean(axis=0), table.std(axis=0)
    used = spread > 1e-9
    scaled = np.c_[(table[:, used] - mean[used]) / spread[used], np.ones(len(table))]
    penalty = np.full(scaled.shape[1], ridge)
    penalty[-1] = 1e-6
    found = np.zeros(scaled.shape[1])
    for _ in range(40):
        chance = 1 / (1 + np.exp(-np.clip(scaled @ found, -30, 30)))
        gradient = scaled.T @ (labels - chance) - penalty * found
        curvature = (scaled * (chance * (1 - chance))[:, None]).T @ scaled + np.diag(penalty)
        step = np.linalg.solve(curvature, gradient)
        found = found + step
        if np.abs(step).max() < 1e-6:
            break
    weights = np.zeros(table.shape[1])
    weights[used] = found[:-1] / spread[used]
    return weights, float(found[-1] - weights @ mean)


def fit(examples: Sequence[Example], *, ridge: float = CONFIDENCE_RIDGE) -> Weights:
    """Both models and the thresholds from labelled queries.

    Thresholds stand where the shipped share of the no-match queries would be answered.
    """
    lists = [(e.rows[:DEPTH], e.right[:DEPTH]) for e in examples]
    ranking = _named(NAMES, _ranking(lists, len(NAMES), RANKING_RIDGE))
    first = Weights(ranking, {}, 0.0, 1.0, 1.0)
    filled = [e for e in examples if len(e.rows)]
    ranked = [scores(e.rows, first) for e in filled]
    firsts = [int(r.argmax()) for r in ranked]
    found = zip(filled, ranked, firsts, strict=True)
    table = np.array([summary(e.rows, r, e.copies[first]) for e, r, first in found])
    labels = np.array([float(e.right[at]) for e, at in zip(filled, firsts, strict=True)])
    weights, bias = logistic(table, labels, ridge)
    confident = _named(CONFIDENCE_NAMES, weights)
    chance = 1 / (1 + np.exp(-np.clip(table @ weights + bias, -30, 30)))
    none = chance[np.array([e.none for e in filled])]
    answer = _threshold(none, ANSWER_FALSE_RATE)
    return Weights(ranking, confident, round(bias, 5), answer, min(SUGGEST_FLOOR, answer))


def first_sight(lists: Sequence[tuple[Array, Array]]) -> dict[str, float]:
    """Weights of the first sight, from all that was fetched for labelled queries: of each list what
    was seen (records × SIGHT_NAMES) and right marks."""
    return _named(SIGHT_NAMES, _ranking(lists, len(SIGHT_NAMES), RANKING_RIDGE))


def _named(names: Sequence[str], weights: Array) -> dict[str, float]:
    return dict(zip(names, (round(float(w), 5) for w in weights), strict=True))


def _threshold(none: Array, rate: float) -> float:
    if not len(none):
        return 0.9
    ordered = np.sort(none)[::-1]
    at = ordered[min(int(rate * len(ordered)), len(ordered) - 1)]
    return round(float(min(0.99, max(at + 1e-3, 0.8))), 4)
