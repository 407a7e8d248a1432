"""A bell between the parts of one process: ring it from any thread, wait for it in the loop."""

from __future__ import annotations

import asyncio
import contextlib


class Bell:
    """Wakes one waiter. A ring that comes while nobody waits is kept for the next one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def ring(self) -> None:
        """Wake the waiter; may be called from any thread."""
        if self._loop is None or self._loop.is_closed():
            self._event.set()
        else:
            self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after so many seconds."""
        self._loop = asyncio.get_running_loop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._event.wait(), seconds)
        self._event.clear()
