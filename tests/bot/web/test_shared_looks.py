"""What many pages ask for is read once for all of them: the pulse of the queue, costly figures."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta

import pytest

from bot.web import recent, shared
from bot.web.pulse import Pulse
from bot.web.recent import Recent
from bot.web.shared import Shared

LONG_AGO = float("-inf")
NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


async def test_twenty_open_desks_read_the_queue_once():
    reads = []

    async def read() -> str:
        reads.append(len(reads))
        await asyncio.sleep(0)
        return f"look {len(reads)}"

    pulse = Pulse(seconds=60)
    looks = await asyncio.gather(*(pulse.look(read) for _ in range(20)))
    assert set(looks) == {"look 1"}
    assert len(reads) == 1
    again = Pulse(seconds=0)
    assert [await again.look(read), await again.look(read)] == ["look 2", "look 3"]


def test_figures_are_counted_anew_after_a_minute():
    counted = iter(range(10))
    kept = Recent()
    assert kept.get("figures", NOW, lambda: next(counted)) == (NOW, 0)
    assert kept.get("figures", NOW + timedelta(seconds=59), lambda: next(counted)) == (NOW, 0)
    assert kept.get("others", NOW, lambda: next(counted)) == (NOW, 1)
    later = NOW + timedelta(minutes=1)
    assert kept.get("figures", later, lambda: next(counted)) == (later, 2)
    assert kept.get("figures", NOW, lambda: next(counted)) == (NOW, 3)  # the clock was set back


def test_not_everything_ever_asked_for_is_remembered(monkeypatch):
    monkeypatch.setattr(recent, "MOST", 3)
    kept = Recent()
    for number in range(7):
        kept.get(number, NOW, lambda: None)
    assert len(kept._found) <= 3


def making():
    """Makes another thing each time it is asked."""
    numbers = itertools.count(1)

    async def make():
        await asyncio.sleep(0)
        return next(numbers)

    return make


async def test_what_many_ask_for_at_once_is_made_once():
    kept, make = Shared(seconds=60), making()
    asked = await asyncio.gather(*(kept.get("cards", LONG_AGO, make) for _ in range(20)))
    assert set(asked) == {1}
    assert await kept.get("other cards", LONG_AGO, make) == 2


async def test_nobody_is_given_what_is_older_than_what_they_were_told_of():
    kept, make = Shared(seconds=60), making()
    clock = asyncio.get_running_loop().time
    assert await kept.get("cards", LONG_AGO, make) == 1
    told = clock()
    assert await kept.get("cards", told, make) == 2
    assert await kept.get("cards", told, make) == 2
    assert await Shared(seconds=0).get("cards", LONG_AGO, make) == 3


async def test_who_goes_away_does_not_take_it_from_the_others():
    kept, make = Shared(seconds=60), making()
    leaves, stays = (asyncio.create_task(kept.get("cards", LONG_AGO, make)) for _ in range(2))
    await asyncio.sleep(0)
    leaves.cancel()
    assert await stays == 1


async def test_what_could_not_be_made_is_made_anew():
    kept = Shared(seconds=60)

    async def fails():
        raise OSError("the disk is gone")

    with pytest.raises(OSError, match="gone"):
        await kept.get("cards", LONG_AGO, fails)
    assert await kept.get("cards", LONG_AGO, making()) == 1


async def test_not_everything_ever_shared_is_remembered(monkeypatch):
    monkeypatch.setattr(shared, "MOST", 3)
    kept, make = Shared(seconds=60), making()
    for number in range(7):
        await kept.get(number, LONG_AGO, make)
    assert len(kept._made) <= 3
