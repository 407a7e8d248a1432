"""What many pages ask for is read once for all of them: the pulse of the queue, costly figures."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from bot.web import recent
from bot.web.pulse import Pulse
from bot.web.recent import Recent

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
