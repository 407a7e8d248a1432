"""What was given up: listed without a person in it, started again from its first try, dropped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from knowledge_base.deliveries import Delivery, Kind
from knowledge_base.facts import Address
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


@pytest.fixture
def given_up(store: Store) -> Store:
    """One update, one task and one message that failed for good."""
    with store.work() as work:
        work.inbox.add("telegram", "bot", "u1", "sari", b"{}", NOW, parked="unreadable")
        work.jobs.enqueue("tell_askers", {"code": "7F3K"})
        job = work.job_table.claim(NOW + timedelta(days=300))
        for _ in range(8):
            work.job_table.failed(job.id, NOW, "KeyError")
        sari = work.contacts.at(Address("telegram", "bot", "sari"), NOW)
        work.outbox.add(sari.id, {"text": "halo"}, now=NOW)
        (row,) = work.outbox.claim(NOW)
        work.outbox.finish(row.id, Delivery.FAILED, NOW, reason="refused")
    return store


def listed(store: Store) -> list[tuple[Kind, str, str]]:
    with store.read() as work:
        return [(one.kind, one.what, one.reason) for one in work.yard.stopped()]


def states(store: Store) -> list[dict[str, int]]:
    with store.read() as work:
        boxes = (work.inbox, work.job_table, work.outbox)
        return [{name: n for name, n in box.counts().items() if n} for box in boxes]


def do(store: Store, what: str) -> list[bool]:
    with store.work() as work:
        return [getattr(work.yard, what)(one.kind, one.id) for one in work.yard.stopped()]


def test_everything_that_was_given_up_is_listed_with_its_reason(given_up: Store):
    assert listed(given_up) == [
        (Kind.TASK, "tell_askers", "KeyError"),
        (Kind.UPDATE, "telegram", "unreadable"),
        (Kind.MESSAGE, "telegram", "refused"),
    ]


def test_what_is_started_again_waits_from_its_first_try(given_up: Store):
    assert do(given_up, "again") == [True, True, True]
    assert states(given_up) == [{"waiting": 1}] * 3
    assert listed(given_up) == []
    with given_up.work() as work:
        (update,) = work.inbox.lease(NOW + timedelta(days=300), 60)
        (message,) = work.outbox.claim(NOW + timedelta(days=300))
    assert (update.tries, message.tries, message.body) == (0, 0, {"text": "halo"})


def test_what_is_dropped_is_over(given_up: Store):
    assert do(given_up, "drop") == [True, True, True]
    assert states(given_up) == [{"done": 1}, {}, {"cancelled": 1}]


@pytest.mark.parametrize("what", ["again", "drop"])
@pytest.mark.parametrize("kind", Kind)
def test_what_does_not_stand_there_any_more_changes_nothing(given_up: Store, what, kind):
    with given_up.work() as work:
        ids = {one.kind: one.id for one in work.yard.stopped()}
        act = getattr(work.yard, what)
        assert [act(kind, ids[kind]), act(kind, ids[kind]), act(kind, 4711)] == [True, False, False]


def test_a_message_whose_text_is_gone_cannot_be_started_again(given_up: Store):
    with given_up.work() as work:
        work.forget_old(NOW + timedelta(days=2))
    assert [kind for kind, *_ in listed(given_up)] == [Kind.TASK, Kind.UPDATE]
