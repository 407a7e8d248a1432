"""A tap and a job that look at the same choice at the same moment: one of them comes first, the
other one sees what it did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import pytest

from bot.doors import ports
from handlers import choosing, notify
from handlers.check import check
from handlers.messages import Act, Address, Incoming, Outgoing
from handlers.ports import Call, Found, Rules
from handlers.replies import data
from knowledge_base.facts import FactCheck, Outcome, Person, Source, Submission, Verdict
from knowledge_base.search.findings import Decision, Match, Result
from knowledge_base.store import Store, Work
from tests.conftest import MASTER_KEY

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SARI = Address("telegram", "bot", "sari")
RUMOUR, WORDS = "TPS Melati tutup jam sepuluh katanya", "tps melati tutup jam sepuluh katanya"
A_WHILE = 0.5  # seconds in which the second one could do harm, if it did not wait
Do = Callable[[Work], list[Outgoing]]


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    """Sari was offered a choice, on each database."""
    opened = Store(database, MASTER_KEY, lambda: NOW)
    with opened.work() as work:
        for number in (1, 2):
            work.facts.save(checked(number), "test", "test")
        sari = work.contacts.at(SARI, NOW - timedelta(hours=2))
        work.questions.note(
            Submission(
                "s1", sari.id, RUMOUR, Outcome.SUGGESTED, NOW, ref="m1", offered=(1,),
                fingerprint=WORDS,
            )
        )  # fmt: skip
    yield opened
    opened.close()


def checked(number: int) -> FactCheck:
    return FactCheck(
        identity=f"f-{number}",
        claim=f"TPS nomor {number} tutup pukul 10.00",
        fact="Tetap buka sampai pukul 13.00.",
        verdict=Verdict.FALSE,
        sources=(Source("https://kpu.example/melati", "KPU Melati"),),
    )


def comes(work: Work) -> Person:
    """Something of Sari's comes in, as the worker begins with it."""
    work.contacts.wrote(work.contacts.at(SARI, NOW).id, NOW)
    return work.contacts.at(SARI, NOW)


def tap(action: Callable[[Call], list[Outgoing]], *button: str) -> Do:
    def do(work: Work) -> list[Outgoing]:
        press = Incoming(SARI, Act.PRESS, NOW, button=data(*button), callback="c")
        return action(Call(press, comes(work), ports(work, NOW, Rules()), None, "s2"))

    return do


def found(decision: Decision) -> Found:
    return Found(Result(decision, 0.9, matches=(Match("1", 0.9),)), fingerprint=WORDS)


def sends_it_again(work: Work) -> list[Outgoing]:
    message = Incoming(SARI, Act.MESSAGE, NOW, ref="m2", text=RUMOUR)
    given = ports(work, NOW, Rules())
    return check(Call(message, comes(work), given, found(Decision.SUGGEST), "s2"))


def an_hour_is_over(decision: Decision) -> Do:
    def do(work: Work) -> list[Outgoing]:
        given = ports(work, NOW, Rules())
        return choosing.nobody_chose(given, "s1", NOW.isoformat(), found(decision))

    return do


def both(store: Store, first: Do, second: Do) -> list[str]:
    """The first one has acted and is about to commit when the second one comes."""

    def come_second() -> list[Outgoing]:
        with store.work() as work:
            return second(work)

    with ThreadPoolExecutor(1) as pool:
        with store.work() as work:
            said = first(work)
            other = pool.submit(come_second)
            wait([other], timeout=A_WHILE)
        return [message.text for message in (*said, *other.result()) if message.text]


REFUSES = tap(choosing.none_of_these, "none", "s1")
CHOOSES = tap(choosing.pick, "pick", "s1", "1")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (REFUSES, an_hour_is_over(Decision.SUGGEST)),
        (an_hour_is_over(Decision.SUGGEST), REFUSES),
        (an_hour_is_over(Decision.SUGGEST), sends_it_again),
    ],
    ids=["tap, job", "job, tap", "job, message"],
)
def test_who_refuses_while_the_hour_ends_is_queued_once(
    store: Store, first: Do, second: Do
) -> None:
    said = both(store, first, second)
    assert sum("BELUM DIPERIKSA" in text for text in said) == 1
    with store.read() as work:
        (question,) = work.questions.open()
        asked = work.questions.submission("s1")
    assert (question.askers, asked.outcome) == (1, Outcome.QUEUED)
    assert asked.question == question.code


def test_who_chooses_while_the_hour_ends_is_told_once(store: Store) -> None:
    said = both(store, CHOOSES, an_hour_is_over(Decision.ANSWER))
    assert ["SALAH" in text for text in said] == [True]


def test_who_chooses_while_everybody_is_told_hears_one_result(store: Store) -> None:
    with store.work() as work:
        an_hour_is_over(Decision.SUGGEST)(work)
        (question,) = work.questions.open()
        work.questions.settle(question.code, 2, "ani", question.version)

    def tells(work: Work) -> list[Outgoing]:
        return notify.tell_askers(ports(work, NOW, Rules()), question.code)

    said = both(store, CHOOSES, tells)
    assert ["Nomor 1" in text for text in said] == [True]
