"""What is forgotten when, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Address, Outcome, Person, Role, Submission, Told
from knowledge_base.store import Store, retention
from tests.conftest import Clock

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SITI = Address("telegram", "bot", "siti")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def forget(store: Store, after: timedelta) -> dict[str, int]:
    with store.work() as work:
        return {rule: count for rule, count in work.forget_old(NOW + after).items() if count}


def siti(store: Store, **values) -> Person:
    with store.work() as work:
        person = replace(work.contacts.at(SITI, NOW), **values)
        work.people.save(person)
        return person


def ask(store: Store, person: Person) -> str:
    with store.work() as work:
        asked = Submission("s1", person.id, "Gempa?", Outcome.QUEUED, NOW, ref="m1")
        return work.questions.ask(asked).code


def answer(store: Store, person: Person, at: datetime = NOW) -> None:
    with store.work() as work:
        work.outbox.add(person.id, {"text": "tidak benar"}, now=at)
        (row,) = work.outbox.claim(at)
        work.outbox.finish(row.id, Delivery.SENT, at)


def test_nothing_is_forgotten_at_once(store: Store):
    answer(store, siti(store))
    ask(store, siti(store))
    assert forget(store, HOUR) == {}


def test_a_raw_body_goes_a_day_after_it_was_handled(store: Store):
    with store.work() as work:
        work.inbox.add("telegram", "bot", "1", "siti", b"{}", NOW)
        work.inbox.add("telegram", "bot", "2", "siti", b"{}", NOW, parked="unreadable")
        work.inbox.add("telegram", "bot", "3", "budi", b"{}", NOW)
        (row,) = work.inbox.lease(NOW, 60)
        work.inbox.done([row.id], NOW)
    assert forget(store, DAY) == {"raw bodies": 1}
    assert forget(store, 7 * DAY) == {"raw bodies": 1}
    assert forget(store, 30 * DAY) == {"message ids": 2}
    with store.work() as work:
        (waiting,) = work.inbox.lease(NOW + 30 * DAY, 60)
        assert waiting.body == b"{}"


def test_a_days_key_goes_with_its_last_body(store: Store):
    with store.work() as work:
        work.inbox.add("telegram", "bot", "1", "siti", b"{}", NOW)
        (row,) = work.inbox.lease(NOW, 60)
    assert forget(store, 3 * DAY) == {}
    with store.work() as work:
        work.inbox.done([row.id], NOW + 3 * DAY)
    assert forget(store, 4 * DAY) == {"raw bodies": 1, "keys": 1}


def test_the_body_of_a_delivered_message_goes_after_a_day(store: Store):
    answer(store, siti(store))
    assert forget(store, DAY) == {"delivered bodies": 1}
    assert forget(store, 30 * DAY) == {"deliveries": 1}


def test_an_answered_question_is_unlinked_after_30_days(store: Store):
    person = siti(store)
    code = ask(store, person)
    assert forget(store, 60 * DAY) == {}
    with store.work() as work:
        work.questions.settle(code, 1, "ani", 1)
    with store.work() as work:
        work.questions.note(Submission("s2", person.id, "Lain?", Outcome.ANSWERED, NOW))
        for asked in ("s1", "s2"):
            work.people.tell(Told(person.id, 1, 1, NOW, asked))
    assert forget(store, 30 * DAY) == {"submissions": 2}
    with store.read() as work:
        assert work.people.answered_with(1, NOW) == ()
        assert work.questions.of_person(person.id) == ()
        assert work.questions.by_ref(person.id, "m1") is None
        assert work.questions.get(code).askers == 1


def test_an_address_goes_90_days_after_the_last_answer(store: Store):
    person = siti(store)
    answer(store, person, NOW + 10 * DAY)
    with store.work() as work:
        work.people.tell(Told(person.id, 1, 1, NOW))
    assert "addresses" not in forget(store, 99 * DAY)
    assert forget(store, 100 * DAY)["addresses"] == 1
    with store.read() as work:
        assert work.contacts.known(SITI) is None
        assert work.people.told_about(1) == ()


def test_an_address_stays_while_an_answer_is_owed(store: Store):
    person = siti(store)
    code = ask(store, person)
    assert "addresses" not in forget(store, 200 * DAY)
    with store.work() as work:
        work.questions.reject(code, "bukan klaim", "ani", 1)
        work.outbox.add(person.id, {"text": "ditutup"}, now=NOW)
    assert "addresses" not in forget(store, 200 * DAY)
    with store.work() as work:
        (row,) = work.outbox.claim(NOW)
        work.outbox.finish(row.id, Delivery.HELD, NOW)
    assert forget(store, 200 * DAY)["addresses"] == 1


def test_once_only_means_gone_after_the_answer(store: Store):
    person = siti(store, once=True)
    code = ask(store, person)
    assert forget(store, HOUR) == {}
    with store.work() as work:
        work.questions.settle(code, 1, "ani", 1)
    assert forget(store, HOUR) == {}  # nobody has been told yet
    with store.work() as work:
        (asked,) = work.questions.askers(code)
        work.questions.note(replace(asked, outcome=Outcome.ANSWERED, fact_number=1))
        work.outbox.add(person.id, {"text": "tidak benar"}, now=NOW)
    assert forget(store, HOUR) == {}
    with store.work() as work:
        (row,) = work.outbox.claim(NOW)
        work.outbox.finish(row.id, Delivery.SENT, NOW)
    assert forget(store, HOUR)["asked once only"] == 1
    with store.read() as work:
        assert work.people.get(person.id) is None


def test_who_waited_long_stays_until_told_but_not_for_ever(store: Store, clock: Clock):
    person = siti(store)
    code = ask(store, person)
    clock.forward(days=100)
    with store.work() as work:
        work.questions.reject(code, "Ini pendapat.", "ani", 1)
    assert "addresses" not in forget(store, 100 * DAY + HOUR)
    with store.read() as work:
        assert [asked.person for asked in work.questions.askers(code)] == [person.id]
    assert forget(store, 130 * DAY)["addresses"] == 1


def test_an_undelivered_farewell_is_given_up_after_an_hour(store: Store):
    person = siti(store)
    with store.work() as work:
        work.people.erase(person.id)
        work.outbox.add(person.id, {"text": "selesai"}, now=NOW)
    assert forget(store, HOUR) == {"farewells": 1}
    with store.work() as work:
        assert work.outbox.claim(NOW + HOUR) == ()


def test_limits_are_forgotten_and_their_keys_destroyed(store: Store, tmp_path: Path):
    with store.work() as work:
        key = work.contacts.limit_key(SITI, NOW)
        work.contacts.turn(key, NOW, 10, 100)
    assert forget(store, 2 * DAY) == {"limits": 1}
    assert forget(store, 95 * DAY) == {"keys": 1}
    with store.work() as work:
        assert work.contacts.limit_key(SITI, NOW) != key


def test_the_erasure_ledger_outlives_every_backup(store: Store):
    person = siti(store)
    with store.work() as work:
        work.people.erase(person.id)
    assert forget(store, 44 * DAY) == {}
    assert forget(store, 45 * DAY) == {"erasures": 1}


def test_a_batch_is_bounded_and_the_rest_comes_next(store: Store, monkeypatch):
    monkeypatch.setattr(retention, "BATCH", 3)
    with store.work() as work:
        for n in range(5):
            work.mailbox.put("chat", True, {"n": n}, NOW)
    assert forget(store, 3 * DAY)["mailbox"] == 3
    assert forget(store, 3 * DAY)["mailbox"] == 2
    assert forget(store, 3 * DAY) == {}


def test_what_is_held_in_vain_is_given_up_after_90_days(store: Store):
    person = siti(store)
    ask(store, person)  # an open question keeps the person
    with store.work() as work:
        work.outbox.add(person.id, {"text": "tidak benar"}, now=NOW)
        (row,) = work.outbox.claim(NOW)
        work.outbox.finish(row.id, Delivery.HELD, NOW)
    assert "held" not in forget(store, 89 * DAY)
    assert forget(store, 90 * DAY)["held"] == 1
    with store.read() as work:
        assert work.outbox.counts()["expired"] == 1


def test_what_colleagues_said_about_a_question_goes_30_days_after_its_end(store: Store):
    code = ask(store, siti(store))
    with store.work() as work:
        work.desk.add("ani", Role.MODERATOR, "", NOW)
        ani = work.desk.by_name("ani")
        work.cases.comment(code, "budi", "@ani lihat ini", [ani.id], NOW)
        work.cases.escalate(code, "budi", "sensitif", NOW)
        work.cases.take(code, ani.id, NOW, NOW + HOUR)
    assert "casework" not in forget(store, 40 * DAY)
    with store.work() as work:
        work.questions.reject(code, "Ini pendapat.", "ani", 1)
    assert "casework" not in forget(store, 29 * DAY)
    assert forget(store, 31 * DAY)["casework"] == 3
    with store.read() as work:
        assert work.cases.comments(code) == work.cases.mentions(ani.id) == ()
        assert work.cases.escalation(code) is None


MANY = """
with recursive c(n) as (select 1 union all select n + 1 from c where n < :many)
insert into inbox(channel, account, external, chat, day, state, tries, received, due, closed_at,
    reason) select 'telegram', 'b', 'x' || n, 'c', '2027-02-09', 'done', 0, :day, :day, :day, ''
    from c;
with recursive c(n) as (select 1 union all select n + 1 from c where n < :many)
insert into questions(id, code, text, state, lang, askers, forwarded_many, channels, first_asked,
    last_asked, closed_at, closed_by, reason, neighbours, version, revision)
    select n, 'Q' || n, 't', 'answered', 'id', 1, 0, '[]', :month, :month, :month, '', '', '[]',
    1, 1 from c;
with recursive c(n) as (select 1 union all select n + 1 from c where n < :many)
insert into submissions(id, channel, text, fingerprint, outcome, at, lang, question, offered,
    forwarded_many, media) select 's' || n, 'telegram', 't', 'f', 'answered', :month, 'id', n,
    '[]', 0, '' from c
"""


def steps(store: Store) -> int:
    """How many hundred instructions of the database one batch of all rules takes."""
    taken = []
    with store.work() as work:
        driver = work.inbox._session.connection().connection.dbapi_connection
        driver.set_progress_handler(lambda: taken.append(1) and None, 100)
        work.forget_old(NOW)
        driver.set_progress_handler(None, 0)
    return len(taken)


@pytest.mark.sqlite
def test_what_is_done_with_is_not_walked_through_again(store: Store):
    before = steps(store)
    values = {"many": 2000, "day": NOW - 2 * DAY, "month": NOW - 60 * DAY}
    with store.work() as work:
        connection = work.inbox._session.connection()
        for statement in MANY.split(";"):
            connection.execute(text(statement), values)
    assert steps(store) < before + 20


def test_only_the_rules_that_are_asked_for_are_applied(store: Store):
    answer(store, siti(store))
    with store.work() as work:
        work.mailbox.put("chat", True, {}, NOW)
        only = work.forget_old(NOW + DAY, ["mailbox"])
        assert only == {"mailbox": 1}
        assert work.forget_old(NOW + DAY)["delivered bodies"] == 1
