"""How the queue looks, read once for all the pages that listen in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

KEPT = 1.0  # seconds


class Pulse:
    """One reading for everybody who asks within a second."""

    def __init__(self, seconds: float = KEPT) -> None:
        self._seconds = seconds
        self._read_at = float("-inf")
        self._value = ""
        self._one = asyncio.Lock()

    @property
    def read_at(self) -> float:
        """When it was read, by the loop's clock: what a page was told is no newer than that."""
        return self._read_at

    async def look(self, read: Callable[[], Awaitable[str]]) -> str:
        """The pulse as it was within the last second."""
        async with self._one:
            clock = asyncio.get_running_loop().time
            if clock() - self._read_at >= self._seconds:
                self._value = await read()
                self._read_at = clock()
            return self._value
