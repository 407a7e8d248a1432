"""A clock that jumps a day, either way: nobody's message is lost, nothing is said twice, and who
writes after it is answered at once."""

from __future__ import annotations

import pytest

from tests.bot.edge import save_fact, update
from tests.bot.test_worker import HOAX, Desk


@pytest.fixture
def desk(store, clock) -> Desk:
    made = Desk(store, clock)
    made.finder.known[HOAX] = save_fact(store).number
    return made


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
