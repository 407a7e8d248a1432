"""Several takers at once: each row goes to one of them, none is left behind."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from knowledge_base.facts import Address
from knowledge_base.store import Store, Work

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
MANY, TAKERS = 40, 4
Take = Callable[[Work], list[int]]


def put_updates(work: Work) -> None:
    for number in range(MANY):
        work.inbox.add("telegram", "bot", f"u{number}", f"chat{number % 8}", b"{}", NOW)


def put_messages(work: Work) -> None:
    people = [work.contacts.at(Address("browser", "web", f"p{n}"), NOW).id for n in range(MANY)]
    for person in people:
        work.outbox.add(person, {"text": "halo"}, now=NOW)


def put_jobs(work: Work) -> None:
    for number in range(MANY):
        work.jobs.enqueue("task", {"number": number})


def lease(work: Work) -> list[int]:
    """One chat's updates; done at once, so that the next of the chat can be leased."""
    rows = [row.id for row in work.inbox.lease(NOW, 60)]
    work.inbox.done(rows, NOW)
    return rows


def claim(work: Work) -> list[int]:
    return [row.id for row in work.outbox.claim(NOW, 3)]


def take_job(work: Work) -> list[int]:
    job = work.job_table.claim(datetime(2028, 1, 1, tzinfo=UTC))
    return [job.id] if job else []


@pytest.mark.parametrize(
    ("put", "take"), [(put_updates, lease), (put_messages, claim), (put_jobs, take_job)]
)
def test_each_row_is_taken_by_one_of_several(store: Store, put, take: Take) -> None:
    with store.work() as work:
        put(work)

    def take_all(_: int) -> list[int]:
        found: list[int] = []
        while True:
            with store.work() as work:
                rows = take(work)
            if not rows:
                return found
            found += rows

    with ThreadPoolExecutor(TAKERS) as pool:
        taken = [row for rows in pool.map(take_all, range(TAKERS)) for row in rows]
    with store.work() as work:  # what one of them still held when the others looked
        while rows := take(work):
            taken += rows
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == MANY


def test_two_who_first_write_at_once_from_one_address_are_one_person(store: Store) -> None:
    def come(number: int) -> str:
        with store.work() as work:
            return work.contacts.at(Address("browser", "web", f"chat{number % 5}"), NOW).id

    with ThreadPoolExecutor(TAKERS) as pool:
        ids = list(pool.map(come, range(20)))
    assert len(set(ids)) == 5


def test_the_same_update_that_comes_twice_at_once_is_taken_in_once(store: Store) -> None:
    def arrive(number: int) -> bool:
        with store.work() as work:
            return work.inbox.add("whatsapp", "1", f"u{number % 5}", "chat", b"{}", NOW)

    with ThreadPoolExecutor(TAKERS) as pool:
        new = list(pool.map(arrive, range(20)))
    assert new.count(True) == 5


def test_entries_written_at_once_make_one_chain(store: Store) -> None:
    def write(number: int) -> None:
        with store.work() as work:
            work.audit.write("ani", "publish", f"fact/{number}", "karena")

    with ThreadPoolExecutor(TAKERS) as pool:
        list(pool.map(write, range(20)))
    with store.read() as work:
        assert work.audit.head()[0] == 20
        assert work.audit.verify() is None
