"""What was written while the clock was ahead comes back to the present, on either database (J12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from knowledge_base.facts import Address
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
SITI = Address("telegram", "bot", "siti")


def work_ahead(store: Store) -> None:
    """Everything there is, written a day ahead: waiting, and being worked on."""
    with store.work() as work:
        person = work.contacts.at(SITI, TOMORROW)
        for number in (1, 2):
            work.inbox.add("telegram", "bot", f"m{number}", f"chat-{number}", b"{}", TOMORROW)
        work.inbox.lease(TOMORROW, 60.0)
        for text in ("satu", "dua"):
            work.outbox.add(person.id, {"text": text}, now=TOMORROW)
        work.outbox.claim(TOMORROW, limit=1)


def test_all_that_waits_or_is_worked_on_is_due_now(store: Store):
    work_ahead(store)
    with store.read() as work:
        assert work.clockwork.ahead(NOW)
        assert not work.clockwork.ahead(TOMORROW)
    with store.work() as work:
        assert work.clockwork.put_right(NOW) == 4
    with store.work() as work:
        assert not work.clockwork.ahead(NOW)
        assert work.inbox.lease(NOW, 60.0)
        [again] = work.outbox.claim(NOW)
        assert (again.body, again.maybe_duplicate) == ({"text": "satu"}, True)
        assert again.created <= NOW


def test_what_is_done_and_what_is_due_in_its_time_stays(store: Store):
    with store.work() as work:
        work.inbox.add("telegram", "bot", "m1", "chat-1", b"{}", NOW)
        [row] = work.inbox.lease(NOW, 60.0)
        work.inbox.done([row.id], TOMORROW)
        work.jobs.enqueue("later", {}, due=TOMORROW)
    with store.work() as work:
        assert not work.clockwork.ahead(NOW)
        assert work.clockwork.put_right(NOW) == 0
