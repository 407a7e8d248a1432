"""What every job runner must do, whatever keeps its jobs. A runner's tests subclass `Contract`."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.jobs import JobRunner, Task


class Bench(ABC):
    """One runner on an empty table, with a clock that tests move."""

    runner: JobRunner

    @abstractmethod
    def enqueue(self, task: str, payload: Mapping[str, Any], *, fail: bool, **more: Any) -> None:
        """Enqueue in a transaction of its own, which is rolled back when `fail`."""

    @abstractmethod
    async def drain(self, tasks: Mapping[str, Task]) -> None:
        """Run everything that is due now."""

    @abstractmethod
    def reborn(self) -> Bench:
        """The same table after the process died; the new runner is about to run()."""

    @abstractmethod
    def next_due(self) -> datetime | None:
        """When the next job is due."""

    @abstractmethod
    def dead_letters(self) -> list[str]:
        """Tasks that were given up, each with a reason."""

    @abstractmethod
    def forward(self, **span: float) -> datetime:
        """Move the clock."""

    @abstractmethod
    def now(self) -> datetime:
        """What the clock says."""


class Log:
    """A task that notes its payloads, and fails or dies when told."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.broken: set[Any] = set()

    async def __call__(self, payload: Mapping[str, Any]) -> None:
        if payload["n"] in self.broken:
            raise RuntimeError("this one never works")
        self.done.append(payload["n"])


class Contract(ABC):
    """Give a bench, get the tests."""

    @abstractmethod
    def bench(self) -> Bench:
        """A fresh one."""

    @pytest.fixture
    def jobs(self) -> Bench:
        return self.bench()

    async def test_a_job_of_a_rolled_back_transaction_never_runs(self, jobs: Bench) -> None:
        log = Log()
        jobs.enqueue("log", {"n": 1}, fail=True)
        await jobs.drain({"log": log})
        assert log.done == []

    async def test_a_job_of_a_committed_transaction_runs_once(self, jobs: Bench) -> None:
        log = Log()
        jobs.enqueue("log", {"n": 1}, fail=False)
        await jobs.drain({"log": log})
        await jobs.drain({"log": log})
        assert log.done == [1]

    async def test_the_same_key_waits_once_and_may_wait_again_afterwards(self, jobs: Bench) -> None:
        log = Log()
        for _ in range(3):
            jobs.enqueue("log", {"n": 1}, fail=False, dedupe_key="k")
        await jobs.drain({"log": log})
        jobs.enqueue("log", {"n": 2}, fail=False, dedupe_key="k")
        await jobs.drain({"log": log})
        assert log.done == [1, 2]

    async def test_a_job_runs_when_it_is_due_and_not_before(self, jobs: Bench) -> None:
        log, due = Log(), jobs.forward(seconds=0)
        jobs.enqueue("log", {"n": 1}, fail=False, due=due.replace(minute=due.minute + 5))
        jobs.forward(minutes=4, seconds=59)
        await jobs.drain({"log": log})
        assert log.done == []
        jobs.forward(seconds=1)
        await jobs.drain({"log": log})
        assert log.done == [1]

    async def test_jobs_that_are_due_together_run_in_their_order(self, jobs: Bench) -> None:
        log = Log()
        for number in range(5):
            jobs.enqueue("log", {"n": number}, fail=False)
        await jobs.drain({"log": log})
        assert log.done == [0, 1, 2, 3, 4]

    async def test_a_job_that_fails_for_ever_ends_as_a_dead_letter(self, jobs: Bench) -> None:
        log = Log()
        log.broken = {1}
        jobs.enqueue("log", {"n": 1}, fail=False)
        jobs.enqueue("log", {"n": 2}, fail=False)
        for _ in range(30):
            await jobs.drain({"log": log})
            jobs.forward(hours=2)
        assert (log.done, jobs.dead_letters()) == ([2], ["log"])

    async def test_a_job_nobody_knows_stops_no_other_job(self, jobs: Bench) -> None:
        log = Log()
        jobs.enqueue("from a newer version", {}, fail=False)
        jobs.enqueue("log", {"n": 2}, fail=False)
        await jobs.drain({"log": log})
        assert log.done == [2]

    async def test_the_pause_before_the_next_try_grows(self, jobs: Bench) -> None:
        log, pauses = Log(), []
        log.broken = {1}
        jobs.enqueue("log", {"n": 1}, fail=False)
        for _ in range(5):
            await jobs.drain({"log": log})
            due = jobs.next_due()
            assert due is not None
            pauses.append((due - jobs.now()).total_seconds())
            jobs.forward(seconds=pauses[-1])
        assert pauses == sorted(set(pauses))

    async def test_what_ran_when_the_process_died_runs_again(self, jobs: Bench) -> None:
        log, started = Log(), asyncio.Event()

        async def dies(payload: Mapping[str, Any]) -> None:
            started.set()
            await asyncio.Event().wait()

        jobs.enqueue("log", {"n": 1}, fail=False)
        running = asyncio.create_task(jobs.runner.run({"log": dies}))
        await started.wait()
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        after = jobs.reborn()
        await self._until(after, {"log": log}, lambda: log.done == [1])

    async def test_stopping_finishes_what_runs(self, jobs: Bench) -> None:
        finished: list[int] = []

        async def slow(payload: Mapping[str, Any]) -> None:
            jobs.runner.stop()
            await asyncio.sleep(0.02)
            finished.append(payload["n"])

        jobs.enqueue("slow", {"n": 1}, fail=False)
        jobs.enqueue("slow", {"n": 2}, fail=False)
        await asyncio.wait_for(jobs.runner.run({"slow": slow}), 10)
        assert finished == [1]
        after = jobs.reborn()
        log = Log()
        await after.drain({"slow": log})
        assert log.done == [2]

    async def test_a_sleeping_runner_is_woken(self, jobs: Bench) -> None:
        log = Log()
        running = asyncio.create_task(jobs.runner.run({"log": log}))
        await asyncio.sleep(0.02)
        jobs.enqueue("log", {"n": 1}, fail=False)
        jobs.runner.wake()
        while log.done != [1]:
            await asyncio.sleep(0.01)
        jobs.runner.stop()
        await asyncio.wait_for(running, 10)

    @given(steps=st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.booleans()), max_size=12))
    @settings(max_examples=15, deadline=None)
    def test_whatever_happens_every_committed_job_runs_and_no_other(
        self, steps: list[tuple[int, bool, bool]]
    ) -> None:
        jobs, log, promised = self.bench(), Log(), set()
        for number, (failures, rolled_back, dies) in enumerate(steps):
            jobs.enqueue("log", {"n": number}, fail=rolled_back)
            promised |= set() if rolled_back else {number}
            log.broken = {number} if failures else set()
            asyncio.run(jobs.drain({"log": log}))
            jobs = jobs.reborn() if dies else jobs
        log.broken = set()
        jobs.forward(hours=2)
        asyncio.run(jobs.drain({"log": log}))
        assert sorted(log.done) == sorted(promised)

    async def _until(
        self, jobs: Bench, tasks: Mapping[str, Task], reached: Callable[[], bool]
    ) -> None:
        running = asyncio.create_task(jobs.runner.run(tasks))
        while not reached():
            jobs.forward(seconds=1)
            await asyncio.sleep(0.01)
        jobs.runner.stop()
        await asyncio.wait_for(running, 10)
