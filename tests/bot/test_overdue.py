"""A worker, the sender or the job runner that dies in silence is noticed (L5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.overdue import Watch, overdue, waits
from tests.bot.edge import delivery, person_at, put_out, update
from tests.bot.test_worker import SECRET, Desk


@pytest.fixture
def desk(store, clock) -> Desk:
    return Desk(store, clock)


def late(desk: Desk) -> dict[str, int]:
    with desk.store.read() as work:
        return {
            what: int(wait.total_seconds()) for what, wait in overdue(work, desk.clock()).items()
        }


async def arrive(desk: Desk) -> None:
    """A message, a reply, a broadcast and a task, and nobody who works on them."""
    await desk.reception.receive("fake", delivery(update(1)), SECRET)
    person = person_at(desk.store, desk.clock, "budi")
    put_out(desk.store, desk.clock, person, "jawaban")
    put_out(desk.store, desk.clock, person, "ralat", broadcast=True)
    with desk.store.work() as work:
        work.jobs.enqueue("later", {}, due=desk.clock() + timedelta(minutes=1))


async def test_what_waits_longer_than_it_should_is_named(desk) -> None:
    """L5: each in its own time; a broadcast to many may take an hour."""
    await arrive(desk)
    assert late(desk) == {}
    desk.clock.forward(seconds=61)
    assert late(desk) == {"updates": 61}
    desk.clock.forward(minutes=4)
    assert late(desk) == {"updates": 301, "replies": 301}
    desk.clock.forward(minutes=6)
    assert late(desk) == {"updates": 661, "replies": 661, "tasks": 601}


async def test_the_log_says_it_once_and_again_while_it_lasts(desk, capsys) -> None:
    """L5: a dead worker is heard of, without a flood of lines, and so is its end."""
    watch = Watch(desk.store, desk.clock)
    await desk.reception.receive("fake", delivery(update(1)), SECRET)
    for minutes, said in ((0, 0), (2, 1), (5, 0), (5, 1)):
        desk.clock.forward(minutes=minutes)
        await watch.step()
        assert capsys.readouterr().out.count("nobody works on what waits") == said
    await desk.work()
    await watch.step()
    assert "it is worked on again" in capsys.readouterr().out


async def test_nothing_waits_in_an_empty_house(desk) -> None:
    """L5: no alarm without reason."""
    with desk.store.read() as work:
        assert set(waits(work, desk.clock()).values()) == {timedelta()}


async def test_what_waits_behind_a_message_that_is_tried_again_later_is_no_alarm(desk) -> None:
    """L5: one chat whose platform refuses it does not cry for everybody."""
    person = person_at(desk.store, desk.clock, "budi")
    put_out(desk.store, desk.clock, person, "satu", "dua")
    with desk.store.work() as work:
        (row,) = work.outbox.claim(desk.clock())
        work.outbox.later(row.id, desk.clock() + timedelta(minutes=30), "refused")
    desk.clock.forward(minutes=11)
    assert late(desk) == {}
    desk.clock.forward(minutes=25)
    assert late(desk) == {"replies": 360}
