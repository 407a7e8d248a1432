"""The bell wakes as many as there is work for, and no ring is lost; a flood takes breath."""

from __future__ import annotations

import asyncio

from bot.wakeup import Bell, Breath

LONG = 60.0


async def waiting(bell, number):
    """So many who wait for the bell, in order."""
    tasks = [asyncio.create_task(bell.wait(LONG)) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


async def test_one_ring_wakes_the_one_who_waits_longest():
    bell = Bell()
    first, second = await waiting(bell, 2)
    bell.ring()
    await first
    await settled()
    assert not second.done()
    second.cancel()


async def test_as_many_are_woken_as_there_is_work_for():
    bell = Bell()
    tasks = await waiting(bell, 3)
    bell.ring(2)
    await settled()
    assert [task.done() for task in tasks] == [True, True, False]
    tasks[2].cancel()


async def test_a_ring_that_nobody_hears_is_kept_for_the_next_one():
    bell = Bell()
    (only,) = await waiting(bell, 1)
    bell.ring(2)
    await only
    await asyncio.wait_for(bell.wait(LONG), 5)
    (again,) = await waiting(bell, 1)
    assert not again.done()
    again.cancel()


async def test_a_ring_is_not_lost_on_somebody_who_has_just_left():
    bell = Bell()
    leaves, stays = await waiting(bell, 2)
    leaves.cancel()
    bell.ring()
    await stays
    assert leaves.cancelled()


async def test_who_has_waited_long_enough_goes_and_leaves_the_ring_to_others():
    bell = Bell()
    await bell.wait(0.0)
    (other,) = await waiting(bell, 1)
    bell.ring()
    await other


async def test_another_thread_may_ring():
    bell = Bell()
    (only,) = await waiting(bell, 1)
    await asyncio.to_thread(bell.ring)
    await only


async def test_the_first_look_is_at_once_and_the_next_one_takes_its_breath():
    breath = Breath(LONG)
    await breath.take()
    second = asyncio.create_task(breath.take())
    await settled()
    assert not second.done()
    second.cancel()


async def test_whoever_has_rested_waits_no_more():
    breath = Breath(0.0)
    for _ in range(3):
        await breath.take()
