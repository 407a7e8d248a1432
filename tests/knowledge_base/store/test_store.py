"""Transactions: they commit whole, roll back whole, and do not get in each other's way."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from knowledge_base.facts import Address, AuditFilter, KnowledgeError, Refused, Role, Unavailable
from knowledge_base.store import Store

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)
SITI = Address("telegram", "bot", "5550001")


def test_a_failed_unit_leaves_nothing(store: Store):
    with pytest.raises(Refused), store.work() as work:
        person = work.contacts.at(SITI, NOW)
        work.outbox.add(person.id, {"text": "halo"}, now=NOW)
        work.jobs.enqueue("nothing", {})
        raise Refused("changed my mind")
    with store.read() as work:
        assert work.contacts.known(SITI) is None
        assert work.outbox.counts()["waiting"] == 0
        assert work.job_table.next_due() is None


@pytest.mark.sqlite  # where the next one begins when the last has ended
def test_four_threads_that_read_then_write_never_meet_a_lock(store: Store):
    with store.work() as work:
        person = work.contacts.at(SITI, NOW).id
    problems: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(25):
                with store.work() as work:
                    found = work.people.get(person)
                    found.state["n"] = int(str(found.state.get("n", 0))) + 1
                    work.people.save(found)
        except BaseException as error:  # noqa: BLE001 - shown by the test
            problems.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as work:
        assert problems == []
        assert work.people.get(person).state == {"n": 100}


def test_what_several_threads_remember_of_one_person_is_all_kept(store: Store):
    with store.work() as work:
        person = work.contacts.at(SITI, NOW).id

    def remember(name: str) -> None:
        for number in range(10):
            with store.work() as work:
                found = work.people.get(person)
                found.state[name] = number
                work.people.save(found)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remember, "abcd"))  # raises what a thread raised
    with store.read() as work:
        assert work.people.get(person).state == dict.fromkeys("abcd", 9)


@pytest.mark.sqlite
def test_two_stores_on_one_file_take_turns(store: Store, tmp_path: Path):
    other = Store(f"sqlite:///{tmp_path / 'saring.db'}", b"a master key that only tests have")
    with store.work() as work, pytest.raises(Unavailable):
        work.jobs.enqueue("first", {})
        impatient = Store(f"sqlite:///{tmp_path / 'saring.db'}", b"k" * 32, patience=0.05)
        with impatient.work():
            raise AssertionError("two writers at once")
    with other.work() as work:
        work.jobs.enqueue("second", {})
    with store.read() as work:
        assert work.job_table.counts()["waiting"] == 2
    other.close()
    impatient.close()


def test_a_reading_unit_cannot_write(store: Store):
    with pytest.raises(Unavailable, match=r"(?i)readonly"), store.read() as work:
        work.desk.add("Ani", Role.ADMIN, "", NOW)


def test_what_no_database_may_hold_is_looked_for_and_not_found(store: Store):
    odd = "a\0b"
    with store.read() as work:
        assert work.questions.get(odd) is None
        assert work.contacts.known(Address("telegram", "bot", odd)) is None
        assert work.desk.by_name(odd) is None
        assert work.facts.by_identity(odd) is None
        assert work.people.get(odd) is None
        assert work.audit.search(AuditFilter(what=odd)) == ()


def test_a_reading_unit_sees_one_moment(store: Store):
    with store.read() as reading:
        before = reading.facts.revision()
        with store.work() as work:
            work.contacts.at(SITI, NOW)
        assert reading.contacts.known(SITI) is None
        assert reading.facts.revision() == before


def test_errors_name_no_values(store: Store):
    with pytest.raises(KnowledgeError) as caught, store.work() as work:
        work.contacts.at(SITI, NOW)
        work.inbox.add("telegram", "bot", "secret-id", "chat", b"canary", NOW)
        work.inbox._session.connection().exec_driver_sql("insert into told values ('canary')")
    assert "canary" not in str(caught.value)


def test_an_unmigrated_database_is_not_ready(blank: str):
    store = Store(blank, b"k" * 32)
    with pytest.raises(KnowledgeError, match="saring migrate"):
        store.ready()
    store.migrate()
    store.ready()
    store.close()


def test_another_secret_key_is_noticed(store: Store, database: str):
    store.ready()
    other = Store(database, b"quite another master key, as long")
    with pytest.raises(KnowledgeError, match="another secret key"):
        other.ready()
    other.close()


def test_a_database_in_memory_is_refused():
    with pytest.raises(KnowledgeError, match="memory"):
        Store("sqlite://", b"k" * 32)


def test_the_file_is_for_its_owner_only_and_durable(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'deep' / 'new.db'}", b"k" * 32)
    store.migrate()
    assert (tmp_path / "deep" / "new.db").stat().st_mode & 0o777 == 0o600
    with store.work() as work:
        ask = work.inbox._session.connection().exec_driver_sql
        assert ask("pragma journal_mode").scalar() == "wal"
        assert ask("pragma synchronous").scalar() == 2
        assert ask("pragma foreign_keys").scalar() == 1
        assert ask("pragma secure_delete").scalar() == 1
        assert ask("pragma auto_vacuum").scalar() == 2
    store.check()
    store.close()
