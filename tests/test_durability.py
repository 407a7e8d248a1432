"""Everything at once, against a plain model: write, repeat, shuffle, crash, restart, moderate.

Hypothesis plays people, platform, faults, clock and moderators in any order. In the end, when
all faults are over, every message has its answer, every asker of an answered question has the
answer, and nothing visible came twice, unless the process died, or the line went dead, between
sending and remembering that it had sent.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Coroutine
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.doors import ports
from handlers import moderate
from knowledge_base.deliveries import INBOX_TRIES
from knowledge_base.facts import Source, Verdict
from knowledge_base.store import Store
from tests.by_hand import FACTS, ByHand
from tests.conftest import MASTER_KEY
from tests.fakes import DESK
from tests.servers.telegram import FakeTelegram, Person

RUMOURS = (
    "Sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu",
    "Kapal selam wisata terdampar di atap Pasar Kenanga kemarin sore",
    "Gaji petugas kebun raya dibayar memakai kelereng antik mulai besok",
    "Semua kucing di Kelurahan Melati wajib memakai helm saat menyeberang",
)
WORKER_STEPS = ("lease_taken", "matched", "before_commit", "handled")
SENDER_STEPS = ("send_claimed", "response_read", "sent_committed")
FAULTS = ((500, False), (429, False), (0, False), (0, True), (502, True))


class Died(BaseException):
    """The process is gone: nothing may catch this."""


@dataclass
class Model:
    """What must be true in the end, in plain words."""

    known: set[tuple[int, int]] = field(default_factory=set)  # (chat, message) with a verdict
    asked: dict[tuple[int, int], int] = field(default_factory=dict)  # → number of the rumour
    answered: set[int] = field(default_factory=set)  # rumours a moderator has answered
    repeats_allowed: int = 0


class Life(RuleBasedStateMachine):
    """One installation and the world around it."""

    empty: Path

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.empty, self.folder / "saring.db")
        self.fake = FakeTelegram()
        self.store = Store(
            f"sqlite:///{self.folder / 'saring.db'}", MASTER_KEY, clock=lambda: self.saring.clock()
        )
        self.dies_at = ""
        self.saring = ByHand.__new__(ByHand)
        self.saring.fake = self.fake
        self.saring.__init__(self.store, self.fake, after=self._after)  # type: ignore[misc]
        self._run(self.saring.telegram.set_up())
        self.model = Model()
        self.people = [self.fake.person(name) for name in ("Sari", "Budi", "Ani")]

    # ── people ──────────────────────────────────────────────────────────────────────────

    @rule(who=st.integers(0, 2), number=st.integers(0, len(FACTS) - 1), forwarded=st.booleans())
    def asks_what_is_known(self, who: int, number: int, forwarded: bool) -> None:
        person, text = self.people[who], FACTS[number].claim
        message = person.forwards(text) if forwarded else person.sends(text)
        self.model.known.add((person.id, message["message_id"]))
        self.fake.passes(7)

    @rule(who=st.integers(0, 2), number=st.integers(0, len(RUMOURS) - 1))
    def asks_what_is_new(self, who: int, number: int) -> None:
        person = self.people[who]
        message = person.sends(RUMOURS[number])
        self.model.asked[(person.id, message["message_id"])] = number
        self.fake.passes(7)

    # ── the platform ────────────────────────────────────────────────────────────────────

    @precondition(lambda self: self.fake.updates)
    @rule(data=st.data())
    def delivers_in_any_order_and_again(self, data: st.DataObject) -> None:
        numbers = st.integers(0, len(self.fake.updates) - 1)
        chosen = data.draw(st.lists(numbers, min_size=1, max_size=12))
        self._run(self.saring.receive(self.fake.updates[number] for number in chosen))

    @rule(fault=st.sampled_from(FAULTS))
    def has_trouble(self, fault: tuple[int, bool]) -> None:
        code, after = fault
        more = {"retry_after": 3} if code == 429 else {}
        self.fake.fails("sendMessage", code, "trouble", after=after, **more)
        self.model.repeats_allowed += after

    @rule(seconds=st.sampled_from([1, 30, 120, 1800]))
    def lets_time_pass(self, seconds: int) -> None:
        self.fake.passes(seconds)

    # ── the process ─────────────────────────────────────────────────────────────────────

    @rule(dies=st.sampled_from(["", "", *WORKER_STEPS]))
    def handles(self, dies: str) -> None:
        """What kills the process again and again is parked, on purpose: here nothing does."""
        self._live(self.saring.worker.step(), "" if self._on_the_brink() else dies)

    @rule(dies=st.sampled_from(["", "", *SENDER_STEPS]))
    def sends(self, dies: str) -> None:
        self._live(self.saring.sender.step(), dies)

    @rule()
    def does_a_job(self) -> None:
        self._live(self.saring.runner.step(self.saring.chores.table()), "")

    # ── the desk ────────────────────────────────────────────────────────────────────────

    @rule()
    def moderator_answers(self) -> None:
        with self.store.work() as work:
            for question in work.questions.open()[:1]:
                number = RUMOURS.index(question.text)
                draft = moderate.Draft(
                    verdict=Verdict.FALSE,
                    claim=question.text,
                    fact=f"Kabar ke-{number} itu karangan.",
                    sources=(Source("https://dinas.example/rilis", "Dinas"),),
                )
                doors = ports(work, self.saring.clock(), self.saring.rules)
                moderate.answer_question(doors, DESK, question.code, question.version, draft)
                self.model.answered.add(number)

    # ── the end ─────────────────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        if not hasattr(self, "model"):
            return
        self.fake._faults.clear()
        for _ in range(4):
            self.fake.passes(700)
            self._run(self.saring.settle())
        try:
            self._check()
        finally:
            self._run(self.saring.telegram.close())
            self.store.close()
            shutil.rmtree(self.folder)

    def _check(self) -> None:
        assert self.saring.counts() == {"inbox": 0, "parked": 0, "outbox": 0}
        assert self.fake.violations == []
        heard = Counter(
            (person.id, sent.reply_to, sent.text)
            for person in self.people
            for sent in self.fake.sent_to(person)
        )
        quoted = {(chat, message) for chat, message, _ in heard}
        assert (self.model.known | set(self.model.asked)) <= quoted
        assert sum(times - 1 for times in heard.values()) <= self.model.repeats_allowed
        for (chat, _), number in self.model.asked.items():
            if number in self.model.answered:
                person = next(one for one in self.people if one.id == chat)
                assert self._was_told(person, number)

    def _was_told(self, person: Person, number: int) -> bool:
        return any(f"Kabar ke-{number} itu" in sent.text for sent in self.fake.sent_to(person))

    def _after(self, step: str) -> None:
        if step == self.dies_at:
            self.dies_at = ""
            raise Died

    def _live(self, action: Coroutine[Any, Any, Any], dies: str) -> None:
        """Do something; where it dies, a new process starts on the same database."""
        self.dies_at = dies
        try:
            self._run(action)
        except Died:
            with self.store.read() as work:
                self.model.repeats_allowed += work.outbox.counts()["sending"]
            self.saring.starts()
        self.dies_at = ""

    def _on_the_brink(self) -> bool:
        """Would one more death park something?"""
        query = "select max(tries) from inbox where state in ('waiting', 'leased')"
        with closing(sqlite3.connect(self.folder / "saring.db")) as database:
            return int(database.execute(query).fetchone()[0] or 0) >= INBOX_TRIES - 1

    def _run(self, action: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(action)


@pytest.fixture(scope="module", autouse=True)
def _where_to_begin(empty_database: Path) -> None:
    Life.empty = empty_database


def _settings(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


TestLife = Life.TestCase
TestLife.settings = _settings(12, 25)


@pytest.mark.soak
class TestLongLife(Life.TestCase):
    """The same for many and longer lives."""

    settings = _settings(200, 60)
