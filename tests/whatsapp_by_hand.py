"""A whole Saring behind a strict WhatsApp, moved by hand: webhook, database, worker, sender.

await saring.settle()      deliver what happened, handle it, send what is to be said
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx

from bot.channels.whatsapp import LIMITS, WhatsApp
from bot.doors import ports
from bot.inbox import Reception
from bot.jobs.sqlite import TableRunner
from bot.sender import Sender
from bot.tasks import Chores
from bot.wakeup import Bell
from bot.web.app import Services, create_app
from bot.wiring.sources import FactSource, QuestionSource
from bot.worker import Worker
from handlers import moderate
from handlers.messages import Address
from handlers.ports import Rules
from knowledge_base.facts import Source, Verdict
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store
from tests.by_hand import FACTS, RULES, work_off
from tests.fakes import DESK
from tests.servers.graph import SECRET, TOKEN, FakeGraph, Person

VERIFY = "kata-rahasia"
TEMPLATES = {kind: f"saring_{kind}" for kind in ("result", "correction", "interim", "rejected")}


class WhatsAppByHand:
    """The parts between the fake Graph API and the database, and one clock for all."""

    def __init__(self, store: Store, fake: FakeGraph, rules: Rules = RULES) -> None:
        self.store, self.fake, self.rules = store, fake, rules
        self.unreadable = 0  # updates a test delivers that nobody can read
        self.channel = WhatsApp(
            TOKEN,
            fake.number_id,
            app_secret=SECRET,
            verify_token=VERIFY,
            templates=TEMPLATES,
            transport=fake.transport(),
        )
        # the pace is measured in real seconds, and has its own tests
        self.channel.limits = replace(LIMITS, per_second=1e6, per_chat_seconds=0.0)
        self.finder = Finder(FactSource(store), questions=QuestionSource(store))
        with store.work() as work:
            for fact in FACTS:
                work.facts.save(fact, "test", "test")
        self.starts()

    def starts(self) -> None:
        """A new process on the same database."""
        channels: dict[str, Any] = {"whatsapp": self.channel}
        bell = Bell()
        reception = Reception(self.store, channels, self.clock, bell)
        self.worker = Worker(
            self.store, channels, self.finder, self.rules, self.clock, bell, lambda: None
        )
        with self.store.work() as work:
            work.inbox.recover()
            work.outbox.recover()
        self.sender = Sender(self.store, channels, self.clock, bell)
        self.runner = TableRunner(self.store, self.clock, bell)
        self.chores = Chores(self.store, self.finder, self.rules, self.clock, lambda: None)
        self.app = create_app(
            Services(
                database=self.store,
                rules=self.rules,
                finder=self.finder,
                receive=reception.receive,
                clock=self.clock,
                handshake=self.channel.handshake,
                webhooks=frozenset({"whatsapp"}),
                loopback=False,
            )
        )

    def clock(self) -> datetime:
        """The fake's time."""
        return datetime.fromtimestamp(self.fake.now(), UTC)

    def visitor(self) -> httpx.AsyncClient:
        """A client of the real web application."""
        transport = httpx.ASGITransport(self.app)
        return httpx.AsyncClient(transport=transport, base_url="https://saring.example")

    async def post(self, headers: dict[str, str], body: bytes) -> int:
        """One delivery to the webhook; gives the status of the answer."""
        async with self.visitor() as client:
            answer = await client.post("/webhooks/whatsapp", content=body, headers=headers)
        return answer.status_code

    async def settle(self, **how: Any) -> list[int]:
        """Deliver (`how`: see FakeGraph.push), handle, run the jobs and send, until nothing is
        left to do now. Gives the webhook's answers."""
        answers = await self.fake.push(self.post, **how)
        self.fake.passes(2)  # nothing waits any more for what may follow
        await work_off(self.worker, self.runner, self.chores, self.sender)
        return answers

    async def answers_the_question(self, said: str, verdict: Verdict = Verdict.FALSE) -> None:
        """A moderator answers the only open question; the time for undoing passes."""
        with self.store.work() as work:
            [question] = work.questions.open()
            draft = moderate.Draft(
                verdict=verdict,
                claim=question.text,
                fact=said,
                sources=(Source("https://dinas.example/air", "Dinas Air"),),
            )
            doors = ports(work, self.clock(), self.rules)
            moderate.answer_question(doors, DESK, question.code, question.version, draft)
        self.fake.passes(60)
        await self.settle()

    def known(self, person: Person) -> Any:
        """What the database knows of somebody."""
        address = Address("whatsapp", self.fake.number_id, person.bsuid or person.number)
        with self.store.read() as work:
            return work.contacts.known(address)

    def states(self) -> dict[str, int]:
        """Outgoing messages by state, those that exist."""
        with self.store.read() as work:
            return {state: n for state, n in work.outbox.counts().items() if n}

    def open_questions(self) -> int:
        """How many questions wait for a person."""
        with self.store.read() as work:
            return len(work.questions.open())

    def parked(self) -> int:
        """How many updates could not be read."""
        with self.store.read() as work:
            return work.inbox.counts()["parked"]
