"""The records' texts beside the index: read back by number within a microsecond.

The index itself keeps stored fields in compressed blocks, of which every candidate would cost one.
A body is never changed: a changed record gets a new number, and the old one is given back later.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

_LENGTH_BITS = 28  # a body is below 256 MB, all of them below 64 GB
_TOGETHER = 1_000


class Bodies(Protocol):
    """Bytes by number; safe for many readers and one writer at a time."""

    def add(self, body: bytes) -> int:
        """Keep a body; gives its number."""

    def read(self, number: int) -> bytes:
        """A body again."""

    def forget(self, numbers: Iterable[int]) -> None:
        """No search can come upon these any more."""

    def sync(self) -> int:
        """Everything added is on the disk; gives how large it is, in bytes."""


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

    def read(self, number: int) -> bytes:
        """A body again."""
        return self._kept[number]

    def forget(self, numbers: Iterable[int]) -> None:
        """No search can come upon these any more."""
        for number in numbers:
            self._kept.pop(number, None)

    def sync(self) -> int:
        """There is no disk."""
        return 0


class InFile:
    """Bodies of a kept index, one after another in a file; what is given back stays there until
    the index is built anew."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._size = os.fstat(self._file).st_size
        self._written = self._size
        self._new: list[bytes] = []  # written together

    def __del__(self) -> None:
        os.close(self._file)

    def add(self, body: bytes) -> int:
        """Keep a body; its number says where it begins and how long it is."""
        number = self._size << _LENGTH_BITS | len(body)
        self._new.append(body)
        self._size += len(body)
        if len(self._new) == _TOGETHER:
            self._write()
        return number

    def _write(self) -> None:
        left, at = memoryview(b"".join(self._new)), self._written
        while left:  # at its very place, so that what failed half-way can be written again
            count = os.pwrite(self._file, left, at)
            left, at = left[count:], at + count
        self._written, self._new = at, []

    def read(self, number: int) -> bytes:
        """A body again; `sync` must have been called since it was added."""
        return os.pread(self._file, number & (1 << _LENGTH_BITS) - 1, number >> _LENGTH_BITS)

    def forget(self, numbers: Iterable[int]) -> None:
        """They stay in the file."""

    def sync(self) -> int:
        """Everything added is on the disk; gives how large it is, in bytes."""
        self._write()
        os.fsync(self._file)
        return self._size
