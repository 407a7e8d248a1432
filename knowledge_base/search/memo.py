"""What was reckoned once for a word, kept until words weigh otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from mmap import ACCESS_COPY, mmap
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.codes import Codes, Places, stem_codes

CACHED = 100_000  # words
CELLS_BITS = 20  # of the table of codes: 24 bytes each, most never touched

Made = TypeVar("Made")
Rare = Sequence[float]
Counts = Sequence[int]


class Memo(dict[str, Made]):
    """Values computed when first asked for, those of several terms together; forgets everything
    when it grows too large."""

    def __init__(self, make: Callable[[Sequence[str]], Sequence[Made]], most: int = CACHED) -> None:
        super().__init__()
        self.make, self.most = make, most
        self._forgotten = 0
        self._lock = threading.Lock()

    def of(self, terms: Sequence[str]) -> list[Made]:
        """The values of these terms."""
        lacking = [term for term in terms if term not in self]
        made = dict(zip(lacking, self._made(lacking), strict=True)) if lacking else {}
        return [made[term] if term in made else self[term] for term in terms]

    def __missing__(self, term: str) -> Made:
        return self._made([term])[0]

    def _made(self, terms: Sequence[str]) -> Sequence[Made]:
        before = self._forgotten
        values = self.make(terms)
        with self._lock:
            if before == self._forgotten:  # else it may be out of date already
                if len(self) > self.most:
                    self.clear()
                self.update(zip(terms, values, strict=True))
        return values

    def forget(self, terms: Collection[str]) -> None:
        """These are computed anew when asked for again."""
        with self._lock:
            self._forgotten += 1
            for term in terms:
                self.pop(term, None)


class Rarities:
    """Rarities of hundreds of stems at once, by their codes, and in how many records they are;
    `make` gives both for some stems.

    They stand in a table of cells (a code and the two), two for each place, of which what finds
    neither free takes the second: a dictionary waits for memory several times a word.
    """

    def __init__(self, make: Callable[[Sequence[str]], tuple[Rare, Counts]]) -> None:
        self.make = make
        self._forgotten = 0
        self._lock = threading.Lock()
        self._cells = _untouched(1 << CELLS_BITS)

    def of(
        self, sought: Codes, stems: Callable[[Sequence[int]], Sequence[str]]
    ) -> tuple[NDArray[np.float64], Codes]:
        """The rarity of each code and its records; `stems` gives the stems of some, by their places
        in `sought`."""
        at = _cell(sought)
        with self._lock:
            found = self._cells.take(at, axis=0)
            (other,) = (found[:, 0] != sought).nonzero()
            found[other] = self._cells.take(at[other] ^ 1, axis=0)
        rare = found[:, 1].view(np.float64)
        lacking = other[found[other, 0] != sought[other]]
        if len(lacking):
            before = self._forgotten
            rare[lacking], found[lacking, 2] = self.make(stems(lacking.tolist()))
            found[lacking, 0] = sought[lacking]
            self._keep(found[lacking], at[lacking], before)
        return rare, found[:, 2]

    def _keep(self, cells: Codes, at: Places, before: int) -> None:
        """Put what was looked up into the table, unless it may be out of date."""
        with self._lock:
            if before == self._forgotten:
                taken = self._cells[at, 0] != 0
                self._cells[at ^ taken] = cells

    def forget(self, stems: Collection[str]) -> None:
        """These are computed anew when asked for again."""
        gone = stem_codes(list(stems))
        with self._lock:
            self._forgotten += 1
            for at in (_cell(gone), _cell(gone) ^ 1):
                self._cells[at[self._cells[at, 0] == gone], 0] = 0


def _untouched(cells: int) -> Codes:
    """Cells of nothing, which take no memory until they are touched. There are new ones after each
    commit, and numpy would clear what others left: 24 megabytes, of which few are needed."""
    return np.frombuffer(mmap(-1, cells * 24, access=ACCESS_COPY), np.uint64).reshape(cells, 3)


def _cell(sought: Codes) -> Places:
    """Where each code stands; the other place is beside it."""
    return (sought >> np.uint64(64 - CELLS_BITS)).astype(np.int64)
