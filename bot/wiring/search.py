"""The search over records that never change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from knowledge_base.search.decision import load_weights
from knowledge_base.search.evaluation import FixedSource
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Record
from knowledge_base.search.semantic import Embedder

Search = Finder
Records = Sequence[Record]


def fixed_finder(
    records: Sequence[Record], weights: Path | None, embedder: Embedder | None = None
) -> Finder:
    """A search over records that never change, for measuring."""
    chosen = load_weights(weights) if weights else None
    return Finder(FixedSource(tuple(records)), chosen, embedder=embedder)
