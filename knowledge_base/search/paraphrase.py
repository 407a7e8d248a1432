"""Does a message say what a claim says, in whatever words, or something else in its words?

"Warga tanam cabai di pot" shares all but one word with "Warga tanam ganja di pot" and is other
news; "Penduduk menanam ganja dalam pot" shares less and is the claim. No rule and no list knows
all things that can stand for another. So many signs (`signs.py`) are weighed together by a
scorecard: small trees of up to three questions to the signs, each of which gives points; what all
of them give is added, and what stays below `least` is only suggested.

The trees are in `paraphrase.json`, fitted by `python -m benchmarks.matching_paraphrase` on invented
pairs that say the same and others that do not (gradient boosting, Friedman 2001). A stricter one
for small bases (`paraphrase_strict.json`) is learned from these alone, and from no real messages:
these are long and say much beside, which is then held against them less. There enough of its
points outweigh missing words and another word in the place of one of the claim's (`otherwise.py`).
Enough points of the first one make two open questions one.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.signs import NAMES

SHIPPED = Path(__file__).with_name("paraphrase.json")
STRICT = Path(__file__).with_name("paraphrase_strict.json")

# Points, or a question: the sign, a limit, and what follows up to it and above it.
Tree: TypeAlias = "float | tuple[str, float, Tree, Tree]"

DEPTH = 3  # questions of a tree, one below the other
QUESTIONS = 2**DEPTH - 1


@dataclass(frozen=True)
class Scorecard:
    """Trees that give points, what everyone starts from, the least that counts as the claim, and
    what is enough without other evidence: where words of a short claim are missing or others stand
    in their place, and between two questions."""

    trees: Sequence[Tree]
    start: float
    least: float
    enough: float = math.inf

    @cached_property
    def _table(self) -> _Table:
        return _Table(self.trees)

    def of(self, row: Sequence[float]) -> float:
        """All points of one pair; its signs in the order of NAMES."""
        return self.start + self._table.sum(np.array(row))

    def as_json(self) -> str:
        """The file as it is kept, a tree a line."""
        lines = ",\n".join(f" {json.dumps(tree)}" for tree in self.trees)
        enough = f'"enough": {self.enough}, ' if self.enough < math.inf else ""
        return f'{{{enough}"least": {self.least}, "start": {self.start}, "trees": [\n{lines}\n]}}\n'


class _Table:
    """All trees side by side, each filled up to full depth: one step answers a question of each.

    Question `n` of a tree is followed by `2 n + 1` up to its limit and by `2 n + 2` above it.
    """

    def __init__(self, trees: Sequence[Tree]) -> None:
        filled = [_filled(tree) for tree in trees]
        asked = [question for questions, _ in filled for question in questions]
        self.signs = np.array([NAMES.index(sign) for sign, _ in asked])
        self.limits = np.array([limit for _, limit in asked])
        self.points = np.array([points for _, leaves in filled for points in leaves])
        self.roots = np.arange(len(trees)) * QUESTIONS
        self.leaves = np.arange(len(trees)) * (QUESTIONS + 1) - QUESTIONS

    def sum(self, row: NDArray[np.float64]) -> float:
        """What all trees give a pair with these signs."""
        onward = (row.take(self.signs) > self.limits) + 1
        at = onward.take(self.roots)
        for _ in range(DEPTH - 1):
            at = 2 * at + onward.take(self.roots + at)
        return float(self.points.take(self.leaves + at).sum())


def _filled(tree: Tree) -> tuple[list[tuple[str, float]], list[float]]:
    """The questions of a tree, level by level, and the points at their ends from left to right."""
    questions: list[tuple[str, float]] = []
    level = [tree]
    for _ in range(DEPTH):
        asked = [
            (NAMES[0], 0.0, end, end) if isinstance(end, int | float) else end for end in level
        ]
        questions += [(sign, limit) for sign, limit, _, _ in asked]
        level = [below for _, _, *ends in asked for below in ends]
    points = [end for end in level if isinstance(end, int | float)]
    if len(points) < len(level):
        raise ValueError(f"a tree of the scorecard asks more than {DEPTH} questions in a row")
    return questions, points


@cache
def scorecard() -> Scorecard:
    """The one that is shipped."""
    return _kept(SHIPPED)


@cache
def strict_scorecard() -> Scorecard:
    """The one that is asked in a small base, too."""
    return _kept(STRICT)


def _kept(path: Path) -> Scorecard:
    return Scorecard(**json.loads(path.read_text(encoding="utf-8")))
