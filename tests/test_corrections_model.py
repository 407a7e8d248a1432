"""Corrections against a plain model: everybody once, the old one never again.

People are told, verdicts are revised, withdrawn and restored, jobs and the sender run or do
not, in any order, on the real store. After each delivery: what was sent was what held at that
moment. In the end everyone knows what holds, and nobody was told the same thing twice in a row,
unless it was something else in between (and was put back before that could be told).
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.doors import ports
from bot.jobs.sqlite import TableRunner
from bot.sender import Sender
from bot.tasks import Chores, add_outgoing
from bot.wakeup import Bell
from handlers import curating
from handlers.messages import Address
from handlers.moderate import Draft
from handlers.ports import Rules
from handlers.replies import About, Voice, verdict
from knowledge_base.facts import Moderator, Refused, Role, State, Told, Verdict
from knowledge_base.store import Store
from tests.bot.edge import FakeChannel, FakeFinder, fact
from tests.conftest import MASTER_KEY, Clock

EDITOR = Moderator(3, "dewi", Role.EDITOR, "Redaksi")
PEOPLE = ("ani", "budi", "cici")
FACTS = ("Tutup pukul 10.", "Tutup pukul 11.", "Tutup pukul 13.")
VERDICTS = (Verdict.FALSE, Verdict.PARTLY, Verdict.TRUE)


class Corrections(RuleBasedStateMachine):
    """One fact-check, three people, a clock."""

    empty: Path

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.empty, self.folder / "saring.db")
        self.clock = Clock(datetime(2027, 2, 10, 9, 0, tzinfo=UTC))
        self.store = Store(f"sqlite:///{self.folder / 'saring.db'}", MASTER_KEY, self.clock)
        self.channel = FakeChannel()
        self.channel.before_send = self.look
        self.sender = Sender(self.store, {"fake": self.channel}, self.clock, Bell())
        self.runner = TableRunner(self.store, self.clock, Bell())
        self.chores = Chores(self.store, FakeFinder(), Rules(), self.clock, lambda: None)
        self.current = 0
        self.heard: dict[str, list[tuple[object, ...]]] = {}
        self.wrong: list[str] = []
        with self.store.work() as work:
            self.number = work.facts.save(fact(1, topic="health"), "sari", "baru").number
            self.people = {
                name: work.contacts.at(Address("fake", "bot", name), self.clock()).id
                for name in PEOPLE
            }
        self.loop = asyncio.new_event_loop()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            try:
                self.settle()
            finally:
                self.store.close()
                self.loop.close()
                shutil.rmtree(self.folder)

    def now(self):
        with self.store.read() as work:
            return work.facts.get(self.number)

    def look(self) -> None:
        self.current = self.now().version

    # ── what happens ────────────────────────────────────────────────────────────────────────

    @rule(name=st.sampled_from(PEOPLE))
    def is_told(self, name: str) -> None:
        with self.store.work() as work:
            record, person = work.facts.get(self.number), self.people[name]
            if record.state is State.PUBLISHED:
                to = Voice(person, "id", Rules(), self.clock())
                add_outgoing(work, verdict(to, record, About()), self.clock())
                work.people.tell(Told(person, record.number, record.version, self.clock()))

    @rule(verdict=st.sampled_from(VERDICTS), words=st.sampled_from(FACTS))
    def revised(self, verdict: Verdict, words: str) -> None:
        with self.store.work() as work:
            old = work.facts.get(self.number)
            draft = Draft(verdict, old.claim, fact=words, sources=old.sources, topic="health")
            tools = ports(work, self.clock(), Rules())
            try:
                curating.revise(tools, EDITOR, self.number, old.version, draft, "Data baru.")
            except Refused:
                assert (old.verdict, old.fact) == (verdict, words)

    @rule(outdated=st.booleans())
    def withdrawn(self, outdated: bool) -> None:
        with self.store.work() as work:
            old = work.facts.get(self.number)
            if old.state is State.PUBLISHED:
                curating.retract(
                    ports(work, self.clock(), Rules()), EDITOR, self.number, old.version,
                    "Sumbernya palsu.", outdated=outdated,
                )  # fmt: skip

    @rule(minutes=st.integers(1, 25))
    def time_passes(self, minutes: int) -> None:
        self.clock.forward(minutes=minutes)

    @rule()
    def jobs_run(self) -> None:
        self.loop.run_until_complete(self._jobs())

    @rule()
    def messages_go_out(self) -> None:
        self.loop.run_until_complete(self._send())

    async def _jobs(self) -> None:
        while await self.runner.step(self.chores.table()):
            pass

    async def _send(self) -> None:
        while await self.sender.step():
            for to, message in self.channel.sent:
                number, version = message.fact
                if (number, version) != (self.number, self.current):
                    self.wrong.append(f"{to} was sent version {version} of {self.current}")
                self.heard.setdefault(to, []).append((version, message.template))
            self.channel.sent.clear()

    # ── what must hold ──────────────────────────────────────────────────────────────────────

    @invariant()
    def nothing_old_goes_out(self) -> None:
        assert getattr(self, "wrong", []) == []

    def settle(self) -> None:
        """Let everything that waits happen, then compare what people know with what holds."""
        for _ in range(30):
            self.clock.forward(minutes=15)
            self.loop.run_until_complete(self._jobs())
            self.loop.run_until_complete(self._send())
        now = self.said(self.now().version)
        for to, heard in self.heard.items():
            assert self.said(heard[-1][0]) == now, (to, heard)
            versions = [v for v, kind in heard if kind == "correction"]
            assert len(versions) == len(set(versions)), (to, heard)
            for told, again in pairwise(versions):
                between = [self.said(version) for version in range(told + 1, again + 1)]
                assert any(one != self.said(told) for one in between), (to, heard)
        assert self.wrong == []

    def said(self, version: int) -> tuple[object, ...]:
        """What a reader of this version knows."""
        with self.store.read() as work:
            record = next(v for v in work.facts.history(self.number) if v.version == version)
        one = record.fact_check
        if one.state is not State.PUBLISHED:
            return (State.RETRACTED,)
        return (one.verdict, one.fact)


def run(empty_database: Path, examples: int, steps: int) -> None:
    Corrections.empty = empty_database
    case = Corrections.TestCase
    case.settings = settings(max_examples=examples, stateful_step_count=steps, deadline=None)
    case().runTest()


def test_everybody_is_corrected_once_and_the_old_one_never_goes_out(empty_database: Path) -> None:
    run(empty_database, 8, 20)


@pytest.mark.soak
def test_the_same_for_long(empty_database: Path) -> None:
    run(empty_database, 200, 50)
