"""Does a message say what a claim says, in whatever words, or something else in its words?

"Warga tanam cabai di pot" shares all but one word with "Warga tanam ganja di pot" and is other
news; "Penduduk menanam ganja dalam pot" shares less and is the claim. No rule and no list knows
all things that can stand for another. So many signs (`signs.py`) are weighed together by a
scorecard: small trees of up to three questions to the signs, each of which gives points; what all
of them give is added, and what stays below `least` is only suggested.

The trees are in `paraphrase.json`, fitted by `python -m benchmarks.matching_paraphrase` on invented
pairs that say the same and others that do not (gradient boosting, Friedman 2001).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import TypeAlias

from knowledge_base.search.entries import Entry
from knowledge_base.search.reading import Reading
from knowledge_base.search.signs import NAMES, Rarity, signs

SHIPPED = Path(__file__).with_name("paraphrase.json")

# Points, or a question: the sign, a limit, and what follows up to it and above it.
Tree: TypeAlias = "float | tuple[str, float, Tree, Tree]"
_Node: TypeAlias = "float | tuple[int, float, _Node, _Node]"  # with the sign's place in NAMES


@dataclass(frozen=True)
class Scorecard:
    """Trees that give points, what everyone starts from, and the least that counts as the claim."""

    trees: Sequence[Tree]
    start: float
    least: float

    @cached_property
    def _numbered(self) -> list[_Node]:
        return [_number(tree) for tree in self.trees]

    def of(self, row: Sequence[float]) -> float:
        """All points of one pair; its signs in the order of NAMES."""
        points = self.start
        for node in self._numbered:
            while isinstance(node, tuple):
                node = node[2] if row[node[0]] <= node[1] else node[3]
            points += node
        return points

    def as_json(self) -> str:
        """The file as it is kept, a tree a line."""
        lines = ",\n".join(f" {json.dumps(tree)}" for tree in self.trees)
        return f'{{"least": {self.least}, "start": {self.start}, "trees": [\n{lines}\n]}}\n'


def _number(tree: Tree) -> _Node:
    if isinstance(tree, int | float):
        return float(tree)
    sign, limit, below, above = tree
    return NAMES.index(sign), limit, _number(below), _number(above)


@cache
def scorecard() -> Scorecard:
    """The one that is shipped."""
    data = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return Scorecard(data["trees"], data["start"], data["least"])


def paraphrases(said: Reading, entry: Entry, rarity: Rarity, card: Scorecard) -> bool:
    """Does a message say what a record says, by the wording most like it, the headline aside?

    `rarity` of a stem in the installation's own records, on any scale.
    """
    return card.of(signs(said, entry, rarity)) >= card.least
