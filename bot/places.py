"""Where open questions stand in the queue: worked out all the time, whether a desk is open or not.

A page of the queue only reads the places. They are worked out in a reading transaction and kept in
a short writing one, so that messages that come in wait for neither.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

import anyio.to_thread

from bot.doors import Database
from bot.patience import insist
from handlers import casework
from knowledge_base.queue import Place

EVERY = 10.0  # seconds between two looks
AT_ONCE = 200  # questions of one transaction


class Places:
    """Keeps the order of the queue fresh."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    async def run(self) -> None:
        """Until cancelled: look, work out what is due, rest."""
        while True:
            while await self.step() == AT_ONCE:
                pass  # a flood, or the first look after a start
            await asyncio.sleep(EVERY)

    async def step(self) -> int:
        """Work out the places that are missing or old; gives how many. Nothing is written where
        nothing is due."""
        now = self._clock()
        found = await anyio.to_thread.run_sync(self._worked_out, now)
        if found:
            await insist(self._keep, found, now)
        return len(found)

    def _worked_out(self, now: datetime) -> tuple[Place, ...]:
        with self._database.read() as work:
            due = work.queue.due(now, AT_ONCE)
        return casework.places(due, now)

    def _keep(self, found: tuple[Place, ...], now: datetime) -> None:
        with self._database.work() as work:
            work.queue.keep(found, now)
            work.queue.forget()
