"""Background work: exists exactly if the transaction was committed, runs at least once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


def enqueue(store: Store, task: str = "tell", **values) -> None:
    with store.work() as work:
        work.jobs.enqueue(task, values.pop("payload", {}), **values)


def claim(store: Store, at: datetime = NOW):
    with store.work() as work:
        return work.job_table.claim(at)


def test_a_rolled_back_job_never_was(store: Store):
    with pytest.raises(RuntimeError), store.work() as work:
        work.jobs.enqueue("tell", {})
        raise RuntimeError
    assert claim(store) is None


def test_a_job_is_claimed_once_and_goes_when_done(store: Store):
    enqueue(store, payload={"code": "7F3K", "page": 2})
    job = claim(store)
    assert (job.task, job.payload, job.tries) == ("tell", {"code": "7F3K", "page": 2}, 0)
    assert claim(store) is None
    with store.work() as work:
        work.job_table.done(job.id)
        assert sum(work.job_table.counts().values()) == 0


def test_the_same_key_waits_only_once_but_may_wait_while_it_runs(store: Store):
    enqueue(store, dedupe_key="tell:1")
    enqueue(store, dedupe_key="tell:1")
    claim(store)
    enqueue(store, dedupe_key="tell:1")
    with store.read() as work:
        assert work.job_table.counts() == {"waiting": 1, "running": 1, "parked": 0}


def test_jobs_run_when_they_are_due_the_earliest_first(store: Store):
    later = NOW + timedelta(seconds=30)
    enqueue(store, "second", due=later)
    enqueue(store, "third", due=later)
    enqueue(store, "first", due=NOW)
    with store.read() as work:
        assert work.job_table.next_due() == NOW
    assert claim(store).task == "first"
    assert claim(store) is None
    assert [claim(store, later).task, claim(store, later).task] == ["second", "third"]


def test_a_failing_job_backs_off_and_ends_as_a_dead_letter(store: Store, clock):
    enqueue(store, dedupe_key="k")
    pauses = []
    for _ in range(7):
        job = claim(store, clock.now)
        with store.work() as work:
            work.job_table.failed(job.id, clock.now, "boom")
            due = work.job_table.next_due()
        pauses.append((due - clock.now).total_seconds())
        clock.now = due
    job = claim(store, clock.now)
    with store.work() as work:
        work.job_table.failed(job.id, clock.now, "boom at last")
        assert work.job_table.next_due() is None
        (stopped,) = work.yard.stopped()
        assert (stopped.id, stopped.what, stopped.reason) == (job.id, "tell", "boom at last")
    assert pauses == sorted(pauses)
    assert pauses[0] < pauses[-1]


def test_what_ran_when_the_process_died_runs_again_but_not_for_ever(store: Store, clock):
    enqueue(store)
    for _ in range(8):
        assert claim(store, clock.now) is not None
        with store.work() as work:
            assert work.job_table.recover() == 1
    with store.read() as work:
        assert work.job_table.counts() == {"waiting": 0, "running": 0, "parked": 1}
