"""A bell between the parts of one process: ring it from any thread, wait for it in the loop."""

from __future__ import annotations

import asyncio
from collections import deque


class Bell:
    """Wakes those who wait, as many as there is work for, the one who waits longest first. A ring
    that comes while nobody waits is kept for the next one."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._kept = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self, times: int = 1) -> None:
        """Wake so many; may be called from any thread."""
        if self._loop is None or self._loop.is_closed():
            self._kept = True
        else:
            self._loop.call_soon_threadsafe(self._wake, times)

    def _wake(self, times: int) -> None:
        while times and self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():  # whoever was cancelled leaves the ring to the next one
                waiter.set_result(None)
                times -= 1
        self._kept |= times > 0

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after so many seconds."""
        self._loop = asyncio.get_running_loop()
        if self._kept:
            self._kept = False
            return
        waiter = self._loop.create_future()
        self._waiting.append(waiter)
        late = self._loop.call_later(seconds, self._give_up, waiter)
        try:
            await waiter
        finally:
            late.cancel()
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _give_up(self, waiter: asyncio.Future[None]) -> None:
        if not waiter.done():
            waiter.set_result(None)


class Breath:
    """Time between two looks at what waits: in a flood one look finds several, after a rest there
    is none."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = float("-inf")  # by the loop's clock

    async def take(self) -> None:
        """Return so many seconds after the last time, or at once where that is over."""
        clock = asyncio.get_running_loop().time
        await asyncio.sleep(max(0.0, self._last + self._seconds - clock()))
        self._last = clock()
