"""The table runner on SQLite keeps the contract of every job runner."""

from __future__ import annotations

import contextlib
import shutil
from datetime import UTC, datetime

import pytest

from bot.jobs.sqlite import TableRunner
from bot.wakeup import Bell
from knowledge_base.store import Store
from tests import jobs_contract
from tests.bot.edge import Busy, states
from tests.conftest import MASTER_KEY, Clock


class Rollback(Exception):
    """The transaction was not to be."""


class TableBench(jobs_contract.Bench):
    """A runner on one SQLite file."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store, self.clock = store, clock
        self.runner = TableRunner(store, clock, Bell())

    def enqueue(self, task, payload, *, fail, **more):
        with contextlib.suppress(Rollback), self.store.work() as work:
            work.jobs.enqueue(task, payload, **more)
            if fail:
                raise Rollback

    async def drain(self, tasks):
        while await self.runner.step(tasks):
            pass

    def reborn(self):
        return TableBench(self.store, self.clock)

    def next_due(self):
        with self.store.read() as work:
            return work.job_table.next_due()

    def dead_letters(self):
        with self.store.read() as work:
            return [one.what for one in work.yard.stopped() if one.reason]

    def forward(self, **span):
        return self.clock.forward(**span)

    def now(self):
        return self.clock()


class TestContract(jobs_contract.Contract):
    """What every runner must do."""

    @pytest.fixture(autouse=True)
    def room(self, tmp_path, empty_database):
        self.folder, self.empty, self.opened = tmp_path, empty_database, []
        yield
        for store in self.opened:
            store.close()

    def bench(self):
        clock = Clock(datetime(2027, 2, 10, 9, 0, tzinfo=UTC))
        path = self.folder / f"jobs-{len(self.opened)}.db"
        shutil.copy(self.empty, path)
        store = Store(f"sqlite:///{path}", MASTER_KEY, clock)
        self.opened.append(store)
        return TableBench(store, clock)


async def test_a_job_that_is_done_is_noted_however_long_the_database_is_busy(store, clock):
    bench, done = TableBench(store, clock), []

    async def task(payload):
        done.append(payload["n"])
        bench.runner._database = Busy(store, 3)

    bench.enqueue("log", {"n": 1}, fail=False)
    await bench.drain({"log": task})
    assert (done, states(store, "job_table")) == ([1], {})


@pytest.mark.parametrize(("minutes", "again"), [(1, []), (16, [1])])
async def test_among_others_only_what_ran_too_long_is_taken_up(store, clock, minutes, again):
    bench, done = TableBench(store, clock), []
    bench.enqueue("log", {"n": 1}, fail=False)
    with store.work() as work:
        assert work.job_table.claim(clock()) is not None  # in another process
    clock.forward(minutes=minutes)
    runner = TableRunner(store, clock, Bell(), alone=False)

    async def task(payload):
        done.append(payload["n"])

    runner._recover()
    while await runner.step({"log": task}):
        pass
    assert done == again


async def test_the_reason_of_a_dead_letter_quotes_nobody(store, clock):
    bench = TableBench(store, clock)

    async def leaks(payload):
        raise ValueError("Ibu Sari menulis: 0812-3456-7890")

    bench.enqueue("log", {}, fail=False)
    for _ in range(10):
        await bench.drain({"log": leaks})
        clock.forward(hours=2)
    with store.read() as work:
        reason = work.yard.stopped()[0].reason
    assert "ValueError" in reason
    assert "Sari" not in reason
