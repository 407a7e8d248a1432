"""Words as numbers: thousands are compared with a message, or looked up, at once.

A code is the sum of a word's letters, each times a fixed odd number of its place, of which 64 bits
are kept (multilinear hashing): it is the same in every process, and that any two words of a base of
a million share theirs is less likely than one in ten million. Words long enough to be made up so
that they have another's code are summed by their digest instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from knowledge_base.search.text import frame_stems

_SEEN: dict[str, int] = {}

Codes = NDArray[np.uint64]
Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

CACHED = 1 << 16  # stems
LETTERS = 64  # that are summed, of a word or of its digest
PLAIN = 12  # ASCII letters, too few to choose them so that another word's code comes out
FRAME = np.uint64(1)  # the bit that tells stems about the form of a rumour from the others


def _factors() -> Codes:
    """Odd numbers without a pattern, one for each place of a letter (splitmix64)."""
    found = np.arange(1, LETTERS + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        found = (found ^ (found >> np.uint64(shift))) * np.uint64(factor)
    return found | np.uint64(1)


_FACTORS = _factors()


def stem_codes(stems: Sequence[str]) -> Codes:
    """The code of each stem; its last bit says whether it is about the form of a rumour."""
    if not stems:
        return np.zeros(0, dtype=np.uint64)
    frame = None if frame_stems().isdisjoint(stems) else [stem in frame_stems() for stem in stems]
    if max(map(len, stems)) > PLAIN or not "".join(stems).isascii():
        stems = [_shortened(stem) for stem in stems]
    letters = np.array(stems).view(np.uint32).reshape(len(stems), -1)
    found: Codes = letters.astype(np.uint64) @ _FACTORS[: letters.shape[1]] & ~FRAME
    if frame is not None:
        found[frame] |= FRAME
    return found


def codes_again(stems: Sequence[str]) -> list[int]:
    """The same, looked up first: while records are taken in, the same stems come again."""
    try:
        return [_SEEN[stem] for stem in stems]
    except KeyError:
        made: list[int] = stem_codes(stems).tolist()
    if len(_SEEN) > CACHED:
        _SEEN.clear()
    seen = zip(stems, made, strict=True)
    _SEEN.update((stem, code) for stem, code in seen if len(stem) <= LETTERS)
    return made


def _shortened(word: str) -> str:
    if len(word) <= PLAIN and word.isascii():
        return word
    return blake2b(word.encode("utf-8", "replace"), digest_size=LETTERS // 2).hexdigest()


class Listed:
    """Codes among which others are looked up."""

    __slots__ = ("_numbers", "_sorted")

    def __init__(self, listed: Codes) -> None:
        self._numbers = listed.argsort()
        self._sorted = listed[self._numbers]

    def numbers(self, sought: Codes) -> Places:
        """Which of the listed each is, -1 for none."""
        if not len(self._sorted):
            return np.full(len(sought), -1)
        at = self._sorted[1:].searchsorted(sought, side="right")  # the last that is not above it
        return np.where(self._sorted[at] == sought, self._numbers[at], -1)
