"""What the platforms deliver is kept before it is acknowledged, once, and only if it is theirs."""

from __future__ import annotations

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.inbox import Busy, Delivery, Forged, Reception, TooLarge
from bot.wakeup import Bell
from knowledge_base.store import Store
from tests.bot.edge import SECRET, FakeChannel, delivery, states, update
from tests.conftest import MASTER_KEY


@pytest.fixture
def reception(store, clock):
    return Reception(store, {"fake": FakeChannel()}, clock, Bell())


async def test_a_forged_delivery_is_refused_before_anybody_reads_it(reception, store):
    with pytest.raises(Forged):
        await reception.receive("fake", b"{ not even JSON", {"x-test-secret": "guess"})
    assert states(store, "inbox") == {}


async def test_a_delivery_that_is_too_large_is_refused_before_its_signature_is_computed(reception):
    with pytest.raises(TooLarge):
        await reception.receive("fake", b"x" * (Reception.largest + 1), {})


async def test_every_update_of_a_batch_is_kept(reception, store):
    body = delivery(update(1), update(2), update(3, chat="budi"))
    assert await reception.receive("fake", body, SECRET) == 3
    assert states(store, "inbox") == {"waiting": 3}


async def test_the_same_delivery_twice_is_one_row(reception, store):
    body = delivery(update(1), update(2))
    assert await reception.receive("fake", body, SECRET) == 2
    assert await reception.receive("fake", body, SECRET) == 0
    assert states(store, "inbox") == {"waiting": 2}


async def test_a_batch_with_one_known_update_keeps_the_new_one(reception, store):
    await reception.receive("fake", delivery(update(1)), SECRET)
    assert await reception.receive("fake", delivery(update(1), update(2)), SECRET) == 1
    assert states(store, "inbox") == {"waiting": 2}


def test_many_threads_with_the_same_update_make_one_row(reception, store):
    same = Delivery("fake", delivery(update(1)), new=None)
    with ThreadPoolExecutor(8) as pool:
        new = list(pool.map(lambda _: sum(reception._commit([same])), range(24)))
    assert sum(new) == 1
    assert states(store, "inbox") == {"waiting": 1}


async def test_deliveries_that_come_together_share_a_commit(reception, store):
    commits, commit = [], reception._commit
    reception._commit = lambda together: commits.append(len(together)) or commit(together)
    bodies = [delivery(update(number % 20)) for number in range(30)]
    new = await asyncio.gather(*(reception.keep("fake", body) for body in bodies))
    assert (sum(new), states(store, "inbox")) == (20, {"waiting": 20})
    assert len(commits) <= 2


async def test_one_delivery_the_database_refuses_fails_alone(reception, store):
    add = reception._add

    def refusing(work, channel, update, parked, now):
        if b"racun" in update.body:
            raise OverflowError("too large for an integer")
        return add(work, channel, update, parked, now)

    reception._add = refusing
    bodies = [delivery(update(n, "racun" if n == 3 else "")) for n in range(6)]
    kept = await asyncio.gather(
        *(reception.keep("fake", body) for body in bodies), return_exceptions=True
    )
    assert [isinstance(one, OverflowError) for one in kept] == [n == 3 for n in range(6)]
    assert states(store, "inbox") == {"waiting": 5}


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'[{"id": 1}]', b"[" * 100_000, b"\xff\xfe"])
async def test_a_signed_body_nobody_can_cut_is_kept_whole_in_quarantine(reception, store, body):
    assert await reception.receive("fake", body, SECRET) == 1
    assert await reception.receive("fake", body, SECRET) == 0
    assert states(store, "inbox") == {"parked": 1}


async def test_nothing_of_an_unsigned_body_is_read_or_kept(store, clock):
    """A15: the signature comes before the JSON, and before the database."""

    class Unread(FakeChannel):
        def split(self, body):
            raise AssertionError("an unsigned body was read")

    reception = Reception(store, {"fake": Unread()}, clock, Bell())
    for body in (delivery(update(1)), b"[" * 1_000_000, b"{"):
        with pytest.raises(Forged):
            await reception.receive("fake", body, {"x-test-secret": "guessed"})
    assert (states(store, "inbox"), reception.arriving) == ({}, False)


async def test_what_is_signed_is_kept_in_a_flood_of_what_is_not(reception, store):
    """A15: strangers cost the others nothing but their turn."""
    sent = [
        reception.receive("fake", delivery(update(n)), SECRET if n % 10 == 0 else {})
        for n in range(500)
    ]
    kept = await asyncio.gather(*sent, return_exceptions=True)
    assert [isinstance(one, Forged) for one in kept] == [n % 10 != 0 for n in range(500)]
    assert states(store, "inbox") == {"waiting": 50}


async def test_an_unforeseen_fault_while_cutting_loses_nothing(store, clock):
    class Broken(FakeChannel):
        def split(self, body):
            raise AttributeError("'list' object has no attribute 'get'")

    reception = Reception(store, {"fake": Broken()}, clock, Bell())
    assert await reception.receive("fake", b"[]", SECRET) == 1
    assert states(store, "inbox") == {"parked": 1}


async def test_a_locked_database_is_busy_and_what_comes_again_is_taken(tmp_path, store, clock):
    impatient = Store(f"sqlite:///{tmp_path / 'saring.db'}", MASTER_KEY, clock, patience=0.05)
    reception = Reception(impatient, {"fake": FakeChannel()}, clock, Bell())
    other = sqlite3.connect(tmp_path / "saring.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(Busy):
        await reception.receive("fake", delivery(update(1)), SECRET)
    other.execute("ROLLBACK")
    other.close()
    assert await reception.receive("fake", delivery(update(1)), SECRET) == 1
    impatient.close()


async def test_nothing_of_a_batch_is_kept_when_one_row_cannot_be(reception, store):
    body = delivery(update(1), update(2))
    broken = reception._channels["fake"]
    cut = broken.split(body)
    broken.split = lambda _: [cut[0], None]
    with pytest.raises(AttributeError):
        await reception.receive("fake", body, SECRET)
    assert states(store, "inbox") == {}


async def test_a_new_update_rings_the_workers_bell_and_a_known_one_does_not(store, clock):
    rings: list[int] = []
    bell = Bell()
    bell.ring = rings.append
    reception = Reception(store, {"fake": FakeChannel()}, clock, bell)
    await reception.receive("fake", delivery(update(1), update(2)), SECRET)
    await reception.receive("fake", delivery(update(1)), SECRET)
    assert rings == [2]  # as many as there is work for


async def test_it_tells_whether_somebody_waits_for_an_acknowledgement(reception):
    keeping = asyncio.create_task(reception.keep("fake", delivery(update(1))))
    await asyncio.sleep(0)
    assert reception.arriving
    await keeping
    assert not reception.arriving
