"""Optional evidence: which records mean the same, told by the vectors of a model that is handed in.

The search works without it. Up to EXACT vectors are compared with every other; above that only
those near the same landmarks are, so that a million cost no more than a hundred thousand.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
EXACT = 100_000  # vectors up to which all are compared
LOOKED_INTO = 24  # landmarks whose vectors are compared above that
LOT = 7  # the same landmarks for the same records
TOGETHER = 1_024  # texts given to the model at once
LONGEST = 2_000  # characters of a text that are read
LEAST = 0.2  # cosine below which two texts have nothing to do with each other


class Embedder(Protocol):
    """A model that turns texts into vectors. Must not wait for a network."""

    def __call__(self, texts: Sequence[str]) -> Vectors:
        """One row for each text, all of one width; a text that says nothing may give zeros."""


@dataclass(frozen=True, slots=True)
class _Table:
    """All vectors at one moment: rows of length 1, their ids, and the landmark next to each."""

    ids: tuple[str, ...]
    rows: Vectors
    landmarks: Vectors | None = None
    belongs: NDArray[np.intp] | None = None  # landmark of each row
    near: tuple[NDArray[np.intp], ...] = ()  # rows by landmark

    def rows_to_compare(self, vector: Vectors) -> NDArray[np.intp] | None:
        """The rows worth comparing; None for all of them."""
        if self.landmarks is None:
            return None
        nearest = np.argsort(-(self.landmarks @ vector))[:LOOKED_INTO]
        return np.concatenate([self.near[int(at)] for at in nearest])


class Semantic:
    """The vectors of all records of one search, in step with it."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._lock = threading.Lock()
        self._places: dict[str, int] = {}
        self._table = _Table((), np.zeros((0, 1), np.float32))

    def read(self, text: str) -> Vectors:
        """The vector of a message, of length 1 (or 0)."""
        row: Vectors = _of_length_one(self._embedder([text[:LONGEST]]))[0]
        return row

    def apply(self, texts: Iterable[tuple[str, str]], removed: Sequence[str], fresh: bool) -> None:
        """Take in (id, text) of changed records; `fresh` forgets all others."""
        with self._lock:
            new = dict(texts)
            if not (new or removed or fresh):
                return
            old, gone = self._table, {*new, *removed}
            kept = [] if fresh else [at for at, one in enumerate(old.ids) if one not in gone]
            parts = [old.rows[kept]] if kept else []
            parts += self._embedded(list(new.values()))
            rows = np.concatenate(parts) if parts else np.zeros((0, 1), np.float32)
            table = _Table((*(old.ids[at] for at in kept), *new), rows)
            if len(table.ids) > EXACT:
                table = _with_landmarks(table, old, kept)
            self._places = {one: at for at, one in enumerate(table.ids)}
            self._table = table

    def _embedded(self, texts: Sequence[str]) -> list[Vectors]:
        """Vectors of many texts, some at a time."""
        cut = [text[:LONGEST] for text in texts]
        starts = range(0, len(cut), TOGETHER)
        return [_of_length_one(self._embedder(cut[at : at + TOGETHER])) for at in starts]

    def nearest(self, vector: Vectors, limit: int) -> list[str]:
        """Ids of the records that mean most nearly the same, the nearest first."""
        table = self._table
        if not len(table.ids) or not vector.any():
            return []
        some = table.rows_to_compare(vector)
        alike = (table.rows if some is None else table.rows[some]) @ vector
        best = np.argpartition(-alike, min(limit, len(alike) - 1))[:limit]
        best = best[np.argsort(-alike[best], kind="stable")]
        best = best[alike[best] >= LEAST]
        chosen = best if some is None else some[best]
        return [table.ids[int(at)] for at in chosen]

    def likeness(self, vector: Vectors, ids: Sequence[str]) -> list[float]:
        """Cosine with each of these records, 0 to 1; 0 for one that is not known."""
        table, places = self._table, self._places
        found = []
        for one in ids:
            at = places.get(one, -1)
            known = 0 <= at < len(table.ids) and table.ids[at] == one
            found.append(max(0.0, float(table.rows[at] @ vector)) if known else 0.0)
        return found


def _of_length_one(rows: Vectors) -> Vectors:
    """The same directions; zeros stay zeros."""
    rows = np.nan_to_num(np.asarray(rows, np.float32))
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def _with_landmarks(table: _Table, old: _Table, kept: Sequence[int]) -> _Table:
    """Every vector goes to the nearest landmark. These are about √n of the vectors, drawn by
    lot, and stay as long as the table has not doubled."""
    landmarks, belongs = old.landmarks, old.belongs
    if landmarks is None or belongs is None or len(table.ids) > 2 * len(landmarks) ** 2:
        count = int(len(table.ids) ** 0.5)
        drawn = np.random.default_rng(LOT).choice(len(table.ids), count, replace=False)
        landmarks, belongs, kept = table.rows[np.sort(drawn)], np.zeros(0, np.intp), []
    new = table.rows[len(kept) :]
    parts = [
        (new[start : start + TOGETHER] @ landmarks.T).argmax(axis=1)
        for start in range(0, len(new), TOGETHER)
    ]
    belongs = np.concatenate([belongs[list(kept)], *parts])
    order = np.argsort(belongs, kind="stable")
    borders = np.searchsorted(belongs[order], np.arange(len(landmarks) + 1))
    near = tuple(order[a:b] for a, b in pairwise(borders))
    return _Table(table.ids, table.rows, landmarks, belongs, near)
