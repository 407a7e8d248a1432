"""A disk without room: nothing is acknowledged that is not kept, what is known is still told, and
everything goes on by itself when there is room again. SQLite itself says "full" here, at the size
the file has."""

from __future__ import annotations

import pytest

from bot.inbox import Busy, Reception
from bot.wakeup import Bell
from tests.bot.edge import SECRET, FakeChannel, delivery, fact, save_fact, states, update


class Disk:
    """The room the database file may take."""

    def __init__(self, store) -> None:
        self._writer = store._engines.writer

    def _pragma(self, words: str) -> int:
        connection = self._writer.raw_connection()
        try:
            return connection.cursor().execute(f"PRAGMA {words}").fetchone()[0]
        finally:
            connection.close()

    def fill(self) -> None:
        """Not one page more."""
        self._pragma(f"max_page_count={self._pragma('page_count')}")

    def free(self) -> None:
        """As much as anybody wants."""
        self._pragma("max_page_count=1000000")


@pytest.fixture
def disk(store) -> Disk:
    return Disk(store)


@pytest.fixture
def reception(store, clock) -> Reception:
    return Reception(store, {"fake": FakeChannel()}, clock, Bell())


async def until_full(reception: Reception) -> int:
    """Deliver long messages until there is no room; gives how many were acknowledged."""
    for number in range(1, 200):
        try:
            await reception.receive("fake", delivery(update(number, "x" * 4000)), SECRET)
        except Busy:
            return number - 1
    raise AssertionError("the disk never filled")


async def test_what_finds_no_room_is_not_acknowledged_and_comes_again(reception, store, disk):
    disk.fill()
    kept = await until_full(reception)
    assert sum(states(store, "inbox").values()) == kept
    disk.free()
    again = delivery(update(kept + 1, "x" * 4000))
    assert await reception.receive("fake", again, SECRET) == 1
    assert sum(states(store, "inbox").values()) == kept + 1


async def test_what_is_known_is_still_told_while_nothing_can_be_written(reception, store, disk):
    record = save_fact(store, 1)
    disk.fill()
    await until_full(reception)
    with store.read() as work:
        assert work.facts.get(record.number).claim == fact(1).claim
    store.ready()
    store.check()
