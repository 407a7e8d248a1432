"""The queue against a plain model: whatever people do, the counts are right."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from knowledge_base.facts import Address, Outcome, Submission
from knowledge_base.store import Store, Work

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
PEOPLE = st.sampled_from(["ani", "budi", "browser:c", "browser:d"])
TEXTS = st.sampled_from(["gempa", "lemon", "TPS"])


def open_codes(work: Work) -> list[str]:
    """Codes of open questions, the oldest first. Codes are random: in their own order the same
    choice would mean another question each time, and Hypothesis could repeat nothing."""
    return [question.code for question in sorted(work.questions.open(), key=lambda one: one.id)]


class Queue(RuleBasedStateMachine):
    """People ask, withdraw, edit and leave; moderators merge and close."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        shutil.copy(self.template, self.folder / "saring.db")
        self.store = Store(
            f"sqlite:///{self.folder / 'saring.db'}", b"a master key that only tests have"
        )
        self.asked: dict[str, tuple[str, str, str]] = {}  # id -> who, text, code
        self.count = 0

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    def _ask(self, id: str, who: str, text: str) -> None:
        channel, _, name = who.rpartition(":")
        with self.store.work() as work:
            person = work.contacts.at(Address(channel or "telegram", "bot", name), NOW)
            asked = Submission(id, person.id, text, Outcome.QUEUED, NOW)
            code = work.questions.ask(asked).code
        self.asked[id] = (who, text, code)

    @rule(who=PEOPLE, text=TEXTS)
    def ask(self, who: str, text: str) -> None:
        self.count += 1
        self._ask(f"s{self.count:03}", who, text)

    @precondition(lambda self: self.asked)
    @rule(data=st.data(), text=TEXTS)
    def edit(self, data: st.DataObject, text: str) -> None:
        key = data.draw(st.sampled_from(sorted(self.asked)))
        self._ask(key, self.asked[key][0], text)

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.asked)))
        with self.store.work() as work:
            work.questions.withdraw(key)
        del self.asked[key]

    @rule(who=PEOPLE)
    def erase(self, who: str) -> None:
        channel, _, name = who.rpartition(":")
        with self.store.work() as work:
            person = work.contacts.known(Address(channel or "telegram", "bot", name))
            if person is not None:
                work.people.erase(person.id)
        self.asked = {key: item for key, item in self.asked.items() if item[0] != who}

    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        with self.store.work() as work:
            codes = open_codes(work)
            if len(codes) < 2:
                return
            code = codes.pop(data.draw(st.integers(0, len(codes) - 1)))
            into = codes[data.draw(st.integers(0, len(codes) - 1))]
            work.questions.merge(code, into, "moderator", work.questions.get(code).version)
        self.asked = {
            key: (who, text, into if at == code else at)
            for key, (who, text, at) in self.asked.items()
        }

    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        with self.store.work() as work:
            codes = open_codes(work)
            if not codes:
                return
            code = codes[data.draw(st.integers(0, len(codes) - 1))]
            work.questions.reject(code, "no", "moderator", work.questions.get(code).version)
        self.asked = {key: item for key, item in self.asked.items() if item[2] != code}

    @invariant()
    def every_open_question_counts_its_askers(self) -> None:
        with self.store.read() as work:
            found = {question.code: question for question in work.questions.open()}
            told = work.questions.changes(0)
            waiting = {code: {s.id for s in work.questions.askers(code)} for code in found}
        for code, question in found.items():
            mine = {key: item for key, item in self.asked.items() if item[2] == code}
            voices = {who.partition(":")[0] if ":" in who else who for who, _, _ in mine.values()}
            assert question.askers == len(voices)
            assert waiting[code] == set(mine)
            assert {text for _, text, _ in mine.values()} <= set(question.wordings)
        assert {code for _, _, code in self.asked.values()} <= set(found)
        assert {question.code for question in told.items} == set(found)


@pytest.fixture(autouse=True)
def template(empty_database: Path) -> None:
    """Where the machine takes its empty database from."""
    Queue.template = empty_database


class TestQueue(Queue.TestCase):
    """Runs the machine."""

    settings = settings(max_examples=15, stateful_step_count=15, deadline=None)
