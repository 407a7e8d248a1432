"""The job runner on a table: one loop in each process that works."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.doors import Database
from bot.jobs import Task
from bot.logs import where
from bot.patience import insist
from bot.wakeup import Bell, Breath
from knowledge_base.deliveries import JobRow

log = structlog.get_logger(__name__)

POLL = 1.0
APART = 0.2  # seconds between two looks that find nothing, when every message rings
RECOVER = timedelta(minutes=5)  # how often the jobs of dead processes are looked for


class TableRunner:
    """Runs the jobs of the `jobs` table one after another."""

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        bell: Bell,
        *,
        alone: bool = True,
    ) -> None:
        """`alone`: nobody else works on this table (SQLite)."""
        self._database = database
        self._alone = alone
        self._recovered: datetime | None = None
        self._clock = clock
        self._bell = bell
        self._due: datetime | None = None
        self._breath = Breath(APART)
        self._stopping = False

    async def run(self, tasks: Mapping[str, Task]) -> None:
        """Take up what a dead process left, then drain until stopped."""
        await insist(self._recover)
        while not self._stopping:
            if self._others_may_have_died():
                await insist(self._recover)
            if not await self.step(tasks):
                await self._bell.wait(self._pause())
                await self._breath.take()

    async def step(self, tasks: Mapping[str, Task]) -> bool:
        """Run one due job; False when there was none."""
        job, self._due = await insist(self._claim)
        if job is None:
            return False
        try:
            await tasks[job.task](job.payload)
        except Exception as error:  # noqa: BLE001 - the top of a loop: the job is kept with its reason
            reason = f"{type(error).__name__} at {where(error)}"
            log.warning("job failed", task=job.task, job=job.id, reason=reason)
            await insist(self._failed, job, reason)
        else:
            await insist(self._done, job)
        return True

    def wake(self) -> None:
        """Look now instead of at the next poll."""
        self._bell.ring()

    def stop(self) -> None:
        """Finish what runs and return."""
        self._stopping = True
        self._bell.ring()

    def _recover(self) -> None:
        self._recovered = self._clock()
        with self._database.work() as work:
            work.job_table.recover(alone=self._alone)

    def _others_may_have_died(self) -> bool:
        if self._alone or self._recovered is None:
            return False
        return self._clock() - self._recovered >= RECOVER

    def _claim(self) -> tuple[JobRow | None, datetime | None]:
        """The next due job, or when there will be one. Looked for by reading: most bells ring
        for messages."""
        now = self._clock()
        with self._database.read() as work:
            due = work.job_table.next_due()
        if due is None or due > now:
            return None, due
        with self._database.work() as work:
            return work.job_table.claim(now), due

    def _done(self, job: JobRow) -> None:
        with self._database.work() as work:
            work.job_table.done(job.id)

    def _failed(self, job: JobRow, reason: str) -> None:
        with self._database.work() as work:
            work.job_table.failed(job.id, self._clock(), reason)

    def _pause(self) -> float:
        """Seconds until it makes sense to look again, if nobody rings."""
        if self._due is None:
            return POLL
        return min(POLL, max(0.01, (self._due - self._clock()).total_seconds()))
