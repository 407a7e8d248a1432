"""From rows of features to an order, a calibrated confidence and one of three decisions.

The model is three small linear ones, kept as a readable file: `first_sight` chooses what is
compared in full, `ranking` orders it, `confidence` says how likely the first one is right.
Thresholds stand beside their measurement.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.codes import Flags
from knowledge_base.search.features import JUDGED, NAMES
from knowledge_base.search.findings import Decision
from knowledge_base.search.sight import NAMES as SIGHT_NAMES

Array = NDArray[np.float64]
SHIPPED = Path(__file__).with_name("weights.json")
VERSION = 1

_OF_LIST = (
    *("margin", "share", "surprise", "first_by_words", "rank_score", "above_the_rest"),
    *("other_margin", "other_share", "other_surprise", "copies"),
)
CONFIDENCE_NAMES = (
    *JUDGED,
    *(f"{name}_high" for name in JUDGED),
    *(f"{name}_lead" for name in JUDGED),
    *_OF_LIST,
)


class BadWeights(Exception):
    """A weights file that cannot be used; the text says why."""


@cache
def _shipped_first_sight() -> Mapping[str, float]:
    """What `saring fit` leaves as it is, and files older than it do without."""
    found: dict[str, float] = json.loads(SHIPPED.read_text(encoding="utf-8"))["first_sight"]
    return found


@dataclass(frozen=True)
class Weights:
    """The fitted model: weights by feature name, thresholds on the confidence."""

    ranking: Mapping[str, float]
    confidence: Mapping[str, float]
    bias: float
    answer: float
    suggest: float
    measured: Mapping[str, Any] = field(default_factory=dict)
    version: int = VERSION
    first_sight: Mapping[str, float] = field(default_factory=_shipped_first_sight)

    def as_json(self) -> str:
        """The file as it is kept: sorted, rounded, one weight a line."""
        return json.dumps(asdict(self), indent=1, sort_keys=True) + "\n"

    @cached_property
    def sight(self) -> Array:
        """Weights of `first_sight` in the order of its names."""
        return np.array([self.first_sight.get(name, 0.0) for name in SIGHT_NAMES])

    @cached_property
    def vectors(self) -> tuple[Array, Array]:
        """Weights of `ranking` in the order of NAMES, of `confidence` in that of its names."""
        ranking = [self.ranking.get(n, 0.0) for n in NAMES]
        return np.array(ranking), np.array([self.confidence.get(n, 0.0) for n in CONFIDENCE_NAMES])


def load_weights(path: Path = SHIPPED) -> Weights:
    """Read a weights file. Raises BadWeights when it is none or made for other features."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        weights = Weights(**data)
        if not (np.isfinite([weights.bias, weights.answer, weights.suggest]).all()):
            raise ValueError("a number is missing")
        if not all(np.isfinite(vector).all() for vector in (*weights.vectors, weights.sight)):
            raise ValueError("a weight is no number")
    except OSError as error:
        raise BadWeights(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise BadWeights(f"{path} is no weights file of `saring fit`") from error
    unknown = (
        (set(weights.ranking) - set(NAMES))
        | (set(weights.confidence) - set(CONFIDENCE_NAMES))
        | (set(weights.first_sight) - set(SIGHT_NAMES))
    )
    if weights.version != VERSION or unknown:
        named = ", ".join(sorted(unknown)) or f"version {weights.version}"
        raise BadWeights(f"{path} was fitted for another matcher ({named}); run `saring fit` anew")
    return weights


def scores(rows: Array, weights: Weights) -> Array:
    """One ranking score for each row (candidates × features); higher is better."""
    return np.asarray(rows @ weights.vectors[0])


def best_first(values: Sequence[float]) -> list[int]:
    """Places of the highest values first, of equals as they come."""
    return sorted(range(len(values)), key=values.__getitem__, reverse=True)


def summary(rows: Array, ranked: Array, copies: Flags) -> Array:
    """What the confidence looks at: the first candidate, its lead, and the whole list.

    `rows` is candidates × features, `ranked` their ranking scores, `copies` says which are
    near-copies of the first, all in the same order. A near-copy (the same rumour checked twice) is
    no rival: the lead is also taken over the others alone.
    """
    found = ranked.tolist()
    order = best_first(found)
    best = found[order[0]]
    behind = [found[at] - best for at in order[1:]]
    judged = rows[:, : len(JUDGED)]
    top = judged[order[0]]
    second = judged[order[1]] if behind else np.zeros_like(top)
    rivals = [gap for gap, at in zip(behind, order[1:], strict=True) if not copies[at]]
    above = -sum(behind[:9]) / len(behind[:9]) if behind else 8.0
    share, other_share = _share(behind), _share(rivals)
    of_list = [
        *(min(-behind[0], 8.0) / 4 if behind else 2.0, share, -math.log(share) / 4),
        *(float(top[_SCORE_SHARE] >= 1.0), best / 10, min(above, 10.0) / 5),
        *(min(-rivals[0], 8.0) / 4 if rivals else 2.0, other_share, -math.log(other_share) / 4),
        min(len(behind) - len(rivals), 3) / 3,
    ]
    return np.concatenate([top, np.maximum(top - 0.5, 0), top - second, of_list])


def _share(behind: Sequence[float]) -> float:
    """The first one's share of all, the others so far behind it."""
    return 1.0 / (1.0 + sum(map(math.exp, behind)))


_SCORE_SHARE = NAMES.index("score_share")


def confidence(rows: Array, ranked: Array, copies: Flags, weights: Weights) -> float:
    """Calibrated probability that the first candidate is the right one."""
    if not len(rows):
        return 0.0
    logit = float(summary(rows, ranked, copies) @ weights.vectors[1]) + weights.bias
    return 1 / (1 + math.exp(-min(30.0, max(-30.0, logit))))


def decide(value: float, weights: Weights, *, conflict: bool = False) -> Decision:
    """Answer, suggest or ask a human. A conflict turns an answer into a suggestion."""
    if value >= weights.answer and not conflict:
        return Decision.ANSWER
    return Decision.SUGGEST if value >= weights.suggest else Decision.ASK_HUMAN


def decide_whole(parts: Sequence[tuple[bool, Decision]]) -> Decision:
    """The decision of a message of several parts, each (looks like a claim, its decision)."""
    claims = [decision for looks, decision in parts if looks]
    if claims and all(d is Decision.ANSWER for d in claims):
        return Decision.ANSWER
    near = any(d is not Decision.ASK_HUMAN for d in claims)
    return Decision.SUGGEST if near else Decision.ASK_HUMAN
