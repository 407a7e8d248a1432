"""The places in the queue are worked out with no desk open, and only what is due."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot import places
from bot.places import Places
from knowledge_base.facts import Address, Outcome, Submission
from knowledge_base.queue import Wish


@pytest.fixture
def ask(store, clock):
    def send(text: str, who: str = "1"):
        with store.work() as work:
            person = work.contacts.at(Address("telegram", "main", who), clock())
            sent = Submission(f"{who}/{text}", person.id, text, Outcome.QUEUED, clock())
            return work.questions.ask(sent)

    return send


def signals(store, clock, topic: str):
    with store.read() as work:
        return [
            card.signals
            for card in work.queue.cards(
                work.queue.order(Wish(topic=topic), clock()).wanted, clock()
            )
        ]


async def test_a_question_gets_its_topic_and_points_without_a_desk(store, clock, ask):
    ask("Katanya TPS di Melati tutup pukul sepuluh")
    ask("Pasar Kenanga pindah bulan depan")
    assert await Places(store, clock).step() == 2
    assert [one.topic for one in signals(store, clock, "election")] == ["election"]
    assert await Places(store, clock).step() == 0


async def test_points_are_worked_out_again_when_time_has_passed(store, clock, ask):
    ask("Pasar Kenanga pindah bulan depan")
    keeper = Places(store, clock)
    await keeper.step()
    clock.forward(minutes=9)
    assert await keeper.step() == 0
    clock.forward(minutes=1)
    assert await keeper.step() == 1


async def test_the_first_look_takes_in_everything_that_waits(store, clock, ask, monkeypatch):
    monkeypatch.setattr(places, "AT_ONCE", 2)
    for number in range(5):
        ask(f"kabar nomor {number} tentang pasar", who=str(number))
    running = asyncio.create_task(Places(store, clock).run())
    async with asyncio.timeout(30):
        while True:
            with store.read() as work:
                if not work.queue.due(clock()):
                    break
            await asyncio.sleep(0.01)
    running.cancel()
    clock.forward(minutes=30)
    with store.read() as work:
        assert len(work.queue.due(clock() + timedelta(minutes=1))) == 5
