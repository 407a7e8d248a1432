"""A clock that jumps, either way: nobody waits until a time comes again, nobody's message is lost,
nothing is said twice (J12)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.clockwork import Clockwork
from bot.sender import Sender
from bot.wakeup import Bell
from knowledge_base.store.clockwork import BATCH
from tests.bot.edge import FakeChannel, person_at, put_out, save_fact, states, update
from tests.bot.test_worker import HOAX, Desk

JUMPS = (timedelta(minutes=20), timedelta(days=1), timedelta(days=400))


@pytest.fixture
def desk(store, clock) -> Desk:
    made = Desk(store, clock)
    made.finder.known[HOAX] = save_fact(store).number
    return made


async def set_back(desk: Desk, by: timedelta) -> int:
    """The clock is set back, and somebody looks; gives how many rows were put right."""
    desk.clock.now -= by
    return await Clockwork(desk.store, desk.clock, desk.ring).step()


@pytest.mark.parametrize("by", JUMPS)
async def test_a_message_that_came_under_the_wrong_clock_is_answered_at_once(desk, by) -> None:
    """J12: it would wait until its time comes again."""
    await desk.deliver(update(1, HOAX))
    assert await set_back(desk, by) == 1
    await desk.work()
    assert ([chat for chat, _ in desk.outgoing()], desk.inbox()) == (["sari"], {"done": 1})


@pytest.mark.parametrize("by", JUMPS)
async def test_what_a_worker_died_of_under_the_wrong_clock_is_taken_over(desk, store, by) -> None:
    """J12: its lease would last until that time comes again."""
    await desk.deliver(update(1, HOAX))
    with store.work() as work:
        work.inbox.lease(desk.clock(), 60.0)
    assert await set_back(desk, by) == 1
    await desk.work()
    desk.clock.forward(minutes=1)
    await desk.work()
    assert [chat for chat, _ in desk.outgoing()] == ["sari"]


@pytest.mark.parametrize("by", JUMPS)
async def test_an_answer_written_under_the_wrong_clock_goes_out(desk, store, clock, by) -> None:
    """J12: also one that was being sent when its process died."""
    sari, budi = (person_at(store, clock, chat) for chat in ("sari", "budi"))
    put_out(store, clock, sari, "jawaban")
    with store.work() as work:
        work.outbox.claim(clock())
    put_out(store, clock, budi, "jawaban lain")
    assert await set_back(desk, by) == 2
    channel = FakeChannel()
    assert await Sender(store, {"fake": channel}, clock, Bell()).step() == 2
    assert sorted(to for to, _ in channel.sent) == ["budi", "sari"]


def due_after(desk: Desk, minutes: int) -> bool:
    with desk.store.work() as work:
        return work.job_table.claim(desk.clock() + timedelta(minutes=minutes)) is not None


@pytest.mark.parametrize("by", JUMPS[1:])
async def test_work_that_was_to_come_an_hour_later_still_does(desk, store, clock, by) -> None:
    """J12: not at once, and not a day late."""
    with store.work() as work:
        work.jobs.enqueue("later", {}, due=clock() + timedelta(hours=1))
    assert await set_back(desk, by) == 1
    assert not due_after(desk, 59)
    assert due_after(desk, 60)


async def test_work_that_failed_under_the_wrong_clock_is_tried_again(desk, store, clock) -> None:
    """J12: it was made before, and put off from a time that is not now."""
    with store.work() as work:
        work.jobs.enqueue("again", {})
    clock.forward(days=1)
    with store.work() as work:
        work.job_table.failed(work.job_table.claim(clock()).id, clock(), "a fault")
    assert await set_back(desk, timedelta(days=1)) == 1
    assert due_after(desk, 0)


async def test_under_a_right_clock_nothing_is_touched(desk, store, clock) -> None:
    """J12: clocks of two machines that differ by seconds, and work planned for tomorrow, stay."""
    with store.work() as work:
        work.jobs.enqueue("tomorrow", {}, due=clock() + timedelta(days=1))
    await desk.deliver(update(1, HOAX))
    put_out(store, clock, person_at(store, clock), "jawaban")
    with store.work() as work:
        work.inbox.lease(clock(), 60.0)
        work.outbox.claim(clock())
    assert await set_back(desk, timedelta(seconds=30)) == 0
    assert desk.rings == 0


async def test_a_flood_is_put_right_batch_by_batch(desk, store, clock) -> None:
    """J12: all of it, in transactions that hold up nobody for long."""
    put_out(store, clock, person_at(store, clock), *(f"kabar {n}" for n in range(BATCH + 1)))
    assert await set_back(desk, timedelta(days=1)) == BATCH + 1
    assert (states(store), desk.rings) == ({"waiting": BATCH + 1}, 1)


# ── a jump while people write ───────────────────────────────────────────────────────────────


async def jump(desk: Desk, days: int) -> None:
    """The clock jumps; behind one that went back, time catches up again."""
    desk.clock.forward(days=days)
    await desk.work()
    desk.clock.forward(days=max(0, -days), minutes=2)
    await desk.work()


@pytest.mark.parametrize("days", [1, -1])
async def test_who_writes_after_the_jump_is_answered_at_once(desk, days) -> None:
    await desk.deliver(update(1, HOAX, at=desk.clock().isoformat()))
    await desk.work()
    assert [chat for chat, _ in desk.outgoing()] == ["sari"]
    desk.clock.forward(days=days)
    await desk.deliver(update(2, HOAX, chat="budi", at=desk.clock().isoformat()))
    await desk.work()
    assert [chat for chat, _ in desk.outgoing()] == ["budi"]


@pytest.mark.parametrize("days", [1, -1])
async def test_what_was_waiting_at_the_jump_is_answered_once(desk, days) -> None:
    await desk.deliver(update(1, HOAX, at=desk.clock().isoformat()))
    await jump(desk, days)
    assert [chat for chat, _ in desk.outgoing()] == ["sari"]
    assert desk.inbox() == {"done": 1}


@pytest.mark.parametrize("days", [1, -1])
async def test_what_was_being_worked_on_at_the_jump_is_done_once(desk, store, days) -> None:
    await desk.deliver(update(1, HOAX, at=desk.clock().isoformat()))
    with store.work() as work:
        work.inbox.lease(desk.clock(), 60.0)
    await jump(desk, days)
    assert [chat for chat, _ in desk.outgoing()] == ["sari"]
    assert desk.inbox() == {"done": 1}


@pytest.mark.parametrize("days", [1, -1])
async def test_nothing_expires_by_the_jump(desk, store, days) -> None:
    """What waits to be sent is still sent, and questions stay open."""
    await desk.deliver(update(1, "Kabar lain soal pasar Melati ditutup selamanya"))
    await desk.work()
    await jump(desk, days)
    assert len(desk.questions()) == 1
    assert len(desk.outgoing()) == 1
