"""A whole Saring in one loop, moved by hand: strict Telegram, database, worker, sender.

await saring.settle()      take in what happened, handle it, send what is to be said
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.channels.telegram import LIMITS, Telegram
from bot.channels.telegram.reading import WANTED
from bot.inbox import Reception
from bot.jobs.sqlite import TableRunner
from bot.sender import Sender
from bot.tasks import Chores
from bot.wakeup import Bell
from bot.wiring.sources import FactSource, QuestionSource
from bot.worker import Worker
from handlers.messages import Address
from handlers.ports import Rules
from knowledge_base.facts import FactCheck, Person, Source, Verdict
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store
from tests.servers.telegram import TOKEN, Chat, FakeTelegram

RULES = Rules(public_url="https://saring.example")
CLAIM = "TPS di Kecamatan Melati tutup pukul 10.00 pada hari pencoblosan"
FACTS = (
    FactCheck(
        identity="f-1",
        claim=CLAIM,
        title="Jam buka TPS di Kecamatan Melati",
        fact="TPS di Kecamatan Melati tetap buka pukul 07.00–13.00 WIB.",
        explanation="Jadwal yang beredar adalah foto lama yang jamnya diubah.",
        verdict=Verdict.FALSE,
        sources=(Source("https://kpu.example/melati", "KPU Melati"),),
    ),
    FactCheck(
        identity="f-2",
        claim="Minum air rebusan daun sirsak menyembuhkan demam berdarah dalam semalam",
        title="Daun sirsak dan demam berdarah",
        fact="Tidak ada bukti bahwa daun sirsak menyembuhkan demam berdarah.",
        verdict=Verdict.MISLEADING,
        sources=(Source("https://kemkes.example/dbd", "Kemenkes"),),
    ),
)


async def work_off(worker: Worker, runner: TableRunner, chores: Chores, sender: Sender) -> None:
    """Handle, run the jobs and send, until nothing is left to do now."""
    busy = True
    while busy:
        busy = await worker.step()
        busy = await runner.step(chores.table()) or busy
        busy = bool(await sender.step()) or busy


class ByHand:
    """The parts between the fake Telegram and the database, and one clock for all."""

    def __init__(
        self,
        store: Store,
        fake: FakeTelegram,
        rules: Rules = RULES,
        after: Callable[[str], None] = lambda step: None,
    ) -> None:
        self.store, self.fake, self.rules, self.after = store, fake, rules, after
        self.telegram = Telegram(TOKEN, request=fake.request())
        # the pace is measured in real seconds, and has its own tests
        self.telegram.limits = replace(LIMITS, per_second=1e6, per_chat_seconds=0.0)
        fake._allowed = set(WANTED)
        self.finder = Finder(FactSource(store), questions=QuestionSource(store))
        with store.work() as work:
            for fact in FACTS:
                if work.facts.by_identity(fact.identity) is None:
                    work.facts.save(fact, "test", "test")
        self.starts()

    def starts(self) -> None:
        """A new process on the same database: nothing but the database is remembered."""
        channels: dict[str, Any] = {"telegram": self.telegram}
        bell = Bell()
        self.reception = Reception(self.store, channels, self.clock, bell)
        self.worker = Worker(
            self.store,
            channels,
            self.finder,
            self.rules,
            self.clock,
            bell,
            lambda: None,
            self.after,
        )
        self.sender = Sender(self.store, channels, self.clock, bell, self.after)
        self.runner = TableRunner(self.store, self.clock, bell)
        self.chores = Chores(self.store, self.finder, self.rules, self.clock, lambda: None)
        with self.store.work() as work:
            work.inbox.recover()
            work.outbox.recover()
            work.job_table.recover()

    def clock(self) -> datetime:
        """The fake's time."""
        return datetime.fromtimestamp(self.fake.now(), UTC)

    async def receive(self, updates: Iterable[dict[str, Any]]) -> int:
        """Take these updates in; gives how many were new."""
        return sum(
            [await self.reception.keep("telegram", json.dumps(one).encode()) for one in updates]
        )

    async def settle(self) -> None:
        """Receive, handle, run the jobs and send, until nothing is left to do now."""
        await self.receive(self.fake.updates)
        self.fake.passes(2)  # nothing waits any more for what may follow
        await work_off(self.worker, self.runner, self.chores, self.sender)

    def known(self, chat: Chat) -> Person | None:
        """What the database knows of somebody."""
        address = Address("telegram", TOKEN.partition(":")[0], str(chat.id))
        with self.store.read() as work:
            return work.contacts.known(address)

    def counts(self) -> dict[str, int]:
        """What is not finished."""
        with self.store.read() as work:
            inbox, outbox, jobs = (
                work.inbox.counts(),
                work.outbox.counts(),
                work.job_table.counts(),
            )
        return {
            "inbox": inbox["waiting"] + inbox["leased"],
            "parked": inbox["parked"] + jobs.get("parked", 0),
            "outbox": outbox["waiting"] + outbox["sending"],
        }
