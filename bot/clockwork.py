"""A clock that was ahead and is set back: nobody waits until that time comes again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import structlog

from bot.doors import Database
from bot.patience import insist

log = structlog.get_logger(__name__)

EVERY = 30.0  # seconds between two looks


class Clockwork:
    """Takes what was written in the future back to the present."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        committed: Callable[[], None],
    ) -> None:
        self._database = database
        self._clock = clock
        self._committed = committed

    async def run(self) -> None:
        """Until cancelled: look, put right, rest."""
        while True:
            await self.step()
            await asyncio.sleep(EVERY)

    async def step(self) -> int:
        """Put right what there is; gives how much, and says so in the log."""
        found = 0
        while some := await insist(self._put_right):
            found += some
        if found:
            log.warning("the clock was set back: what waited for a later time goes on", rows=found)
            self._committed()
        return found

    def _put_right(self) -> int:
        now = self._clock()
        with self._database.read() as work:
            if not work.clockwork.ahead(now):
                return 0
        with self._database.work() as work:
            return work.clockwork.put_right(now)
