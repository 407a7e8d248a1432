"""Does anybody work on what waits? Where the oldest waits too long a worker, the sender or the job
runner has died or cannot keep up, and whoever looks after the installation hears so (faults L5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.doors import Database, Work
from bot.patience import insist

log = structlog.get_logger(__name__)

EVERY = 15.0  # seconds between two looks
AGAIN = timedelta(minutes=10)  # said anew while it lasts
# How long the oldest may wait: what people sent, what is answered to them, and other work.
ALLOWED = {
    "updates": timedelta(minutes=1),
    "replies": timedelta(minutes=5),
    "tasks": timedelta(minutes=10),
}


def waits(work: Work, now: datetime) -> Mapping[str, timedelta]:
    """How long the oldest of each has been due; zero where nothing is."""
    oldest = {
        "updates": work.inbox.next_due(),
        "replies": work.outbox.oldest_reply(),
        "tasks": work.job_table.next_due(),
    }
    return {what: max(now - (due or now), timedelta()) for what, due in oldest.items()}


def overdue(work: Work, now: datetime) -> Mapping[str, timedelta]:
    """Those of them that wait longer than they should."""
    return {what: wait for what, wait in waits(work, now).items() if wait > ALLOWED[what]}


class Watch:
    """Looks all the time, in every process: also in one that only serves."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._said: dict[str, datetime] = {}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(EVERY)

    async def step(self) -> None:
        """Look once, and say in the log what waits too long, or does no more."""
        now = self._clock()
        found = await insist(self._look)
        for what, wait in found.items():
            if now - self._said.get(what, now - AGAIN) >= AGAIN:
                self._said[what] = now
                log.error(
                    "nobody works on what waits", what=what, seconds=int(wait.total_seconds())
                )
        for what in self._said.keys() - found.keys():
            del self._said[what]
            log.warning("it is worked on again", what=what)

    def _look(self) -> Mapping[str, timedelta]:
        with self._database.read() as work:
            return overdue(work, self._clock())
