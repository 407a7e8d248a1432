"""How the benchmarks tell what was left and what became of it."""

from __future__ import annotations

from pathlib import Path

from benchmarks.backlog import drained
from knowledge_base.facts import Address
from knowledge_base.store import Store
from tests.conftest import Clock


def take_in(store: Store, clock: Clock, number: int) -> None:
    with store.work() as work:
        work.inbox.add("fake", "bot", f"update-{number}", f"chat-{number}", b"{}", clock())


def handle(store: Store, clock: Clock) -> None:
    with store.work() as work:
        [row] = work.inbox.lease(clock(), 60)
        person = work.contacts.at(Address("fake", "bot", row.chat), clock()).id
        work.outbox.add(person, {"to": person}, now=clock())
        work.inbox.done([row.id], clock(), person)


def test_what_still_waits_at_the_limit_is_told(store: Store, clock: Clock, tmp_path: Path) -> None:
    for number in range(3):
        take_in(store, clock, number)
    handle(store, clock)
    drain = drained(tmp_path, 0.0)
    assert (drain.waiting, drain.left, drain.unsent, drain.over) == (2, 2, 1, False)
    assert "2 still waited at the limit of 0 s" in drain.lines()[0]
    assert "3 still waited" in drain.lines()[1]


def test_it_is_over_when_nothing_is_on_its_way(tmp_path: Path, store: Store) -> None:
    drain = drained(tmp_path, 60.0)
    assert drain.over
    assert (drain.waiting, drain.handled, drain.sent) == (0, 0, 0)


def test_a_process_that_died_is_not_waited_for(store: Store, clock: Clock, tmp_path: Path) -> None:
    take_in(store, clock, 1)
    drain = drained(tmp_path, 60.0, alive=lambda: False)
    assert (drain.left, drain.over) == (1, False)
