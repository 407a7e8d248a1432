"""An edit that comes at the moment in which its question is answered: the answer goes to nobody
who does not ask it any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime

import pytest

from bot.doors import ports
from handlers.check import edited
from handlers.messages import Act, Address, Incoming
from handlers.ports import Call, Found, Rules
from knowledge_base.facts import FactCheck, Outcome, Source, Stale, Submission, Verdict
from knowledge_base.search.findings import Decision, Result
from knowledge_base.store import Store, Work
from tests.conftest import MASTER_KEY

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SARI = Address("telegram", "bot", "sari")
OLD, NEW = "TPS Melati tutup jam sepuluh katanya", "Kucing di Melati wajib punya KTP katanya"
A_WHILE = 0.5  # seconds in which the second one could do harm, if it did not wait
Do = Callable[[Work], None]


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Sari alone waits for an answer, on each database."""
    opened = Store(database, MASTER_KEY, lambda: NOW)
    with opened.work() as work:
        sari = work.contacts.at(SARI, NOW)
        work.questions.ask(
            Submission("s1", sari.id, OLD, Outcome.QUEUED, NOW, ref="m1", fingerprint="old")
        )
    yield opened
    opened.close()


def answer(work: Work) -> None:
    """By somebody who read the old words."""
    fact = FactCheck(
        identity="melati",
        claim=OLD,
        fact="Tetap buka sampai pukul 13.00.",
        verdict=Verdict.FALSE,
        sources=(Source("https://kpu.example/melati", "KPU Melati"),),
    )
    [question] = work.questions.open()
    number = work.facts.save(fact, "ani", "test").number
    work.questions.settle(question.code, number, "ani", version=1)


def edit(work: Work) -> None:
    message = Incoming(SARI, Act.EDIT, NOW, ref="m1", text=NEW)
    found = Found(Result(Decision.ASK_HUMAN, 0.1), fingerprint="new")
    sari = work.contacts.at(SARI, NOW)
    edited(Call(message, sari, ports(work, NOW, Rules()), found, "s2"))


def both(store: Store, first: Do, second: Do) -> None:
    """The first one has acted and is about to commit when the second one comes."""

    def come_second() -> None:
        with store.work() as work:
            second(work)

    with ThreadPoolExecutor(1) as pool:
        with store.work() as work:
            first(work)
            other = pool.submit(come_second)
            wait([other], timeout=A_WHILE)
        other.result()


def test_who_edits_while_the_old_words_are_answered_asks_anew(store: Store) -> None:
    both(store, answer, edit)
    with store.read() as work:
        [question] = work.questions.open()
        asked = work.questions.submission("s1")
    assert asked is not None
    assert (question.text, asked.question, asked.outcome) == (NEW, question.code, Outcome.QUEUED)


def test_who_answers_while_the_words_are_edited_is_told_so(store: Store) -> None:
    with pytest.raises(Stale):
        both(store, edit, answer)
    with store.read() as work:
        assert [question.text for question in work.questions.open()] == [NEW]
