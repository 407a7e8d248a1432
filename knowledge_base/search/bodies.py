"""The records' texts beside the index: read back by number within a microsecond.

The index itself keeps stored fields in compressed blocks, of which every candidate would cost one.
A body is never changed: a changed record gets a new number, and the old one is given back later.
In a file each is followed by its checksum, which every reading looks at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol
from zlib import crc32

from knowledge_base.search.kept import FolderLost

_LENGTH_BITS = 28  # a body is below 256 MB, all of them below 64 GB
_LENGTH = (1 << _LENGTH_BITS) - 1
_TOGETHER = 1_000
_CHECK = 4  # bytes of a checksum
_WHOLE = 0x2144DF1C  # CRC-32 of whatever is followed by its own CRC-32, lowest byte first


class Extent(NamedTuple):
    """All bodies on the disk: how many bytes, and the CRC-32 of these."""

    size: int = 0
    sum: int = 0


NOTHING = Extent()


class Bodies(Protocol):
    """Bytes by number; safe for many readers and one writer at a time."""

    def add(self, body: bytes) -> int:
        """Keep a body; gives its number."""

    def read(self, numbers: Sequence[int]) -> list[bytes]:
        """Bodies again, in this order."""

    def forget(self, numbers: Iterable[int]) -> None:
        """No search can come upon these any more."""

    def sync(self) -> Extent:
        """Everything added is on the disk; gives what is there."""


class InMemory:
    """Bodies of an index that is held in memory."""

    def __init__(self) -> None:
        self._kept: dict[int, bytes] = {}
        self._next = 0

    def add(self, body: bytes) -> int:
        """Keep a body; gives its number."""
        self._next += 1
        self._kept[self._next] = body
        return self._next

    def read(self, numbers: Sequence[int]) -> list[bytes]:
        """Bodies again, in this order."""
        return [self._kept[number] for number in numbers]

    def forget(self, numbers: Iterable[int]) -> None:
        """No search can come upon these any more."""
        for number in numbers:
            self._kept.pop(number, None)

    def sync(self) -> Extent:
        """There is no disk."""
        return NOTHING


class InFile:
    """Bodies of a kept index, one after another in a file; what is given back stays there until
    the index is built anew. What the file holds beyond `there` belongs to no index and goes."""

    def __init__(self, path: Path, there: Extent = NOTHING) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.ftruncate(self._file, there.size)
        self._size = there.size
        self._written = there
        self._new: list[bytes] = []  # written together

    def __del__(self) -> None:
        os.close(self._file)

    def add(self, body: bytes) -> int:
        """Keep a body; its number says where it begins and how long it is."""
        number = self._size << _LENGTH_BITS | len(body)
        self._new += (body, crc32(body).to_bytes(_CHECK, "little"))
        self._size += len(body) + _CHECK
        if len(self._new) >= _TOGETHER:
            self._write()
        return number

    def _write(self) -> None:
        new = b"".join(self._new)
        left, at = memoryview(new), self._written.size
        while left:  # at its very place, so that what failed half-way can be written again
            count = os.pwrite(self._file, left, at)
            left, at = left[count:], at + count
        self._written, self._new = Extent(at, crc32(new, self._written.sum)), []

    def read(self, numbers: Sequence[int]) -> list[bytes]:
        """Bodies again, in this order; `sync` must have been called since they were added. Raises
        FolderLost when one is not what was written."""
        file, pread = self._file, os.pread
        try:
            blocks = [pread(file, (n & _LENGTH) + _CHECK, n >> _LENGTH_BITS) for n in numbers]
        except OSError as error:
            raise FolderLost(f"the texts of the index cannot be read: {error}") from error
        sums = list(map(crc32, blocks))
        if sums.count(_WHOLE) != len(sums):
            at = next(n for n, found in zip(numbers, sums, strict=True) if found != _WHOLE)
            raise FolderLost(f"the text at byte {at >> _LENGTH_BITS} of the index is damaged")
        return [block[:-_CHECK] for block in blocks]

    def forget(self, numbers: Iterable[int]) -> None:
        """They stay in the file."""

    def sync(self) -> Extent:
        """Everything added is on the disk; gives what is there."""
        self._write()
        os.fsync(self._file)
        return self._written
