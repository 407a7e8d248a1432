"""The inbox: stored once, leased chat by chat in order, parked when it cannot be handled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from knowledge_base.store import Store
from knowledge_base.store.vault import VaultError

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


def add(store: Store, id: str, chat: str = "c", body: bytes = b"{}", at: datetime = NOW) -> bool:
    with store.work() as work:
        return work.inbox.add("telegram", "bot", id, chat, body, at)


def lease(store: Store, at: datetime = NOW, seconds: float = 60):
    with store.work() as work:
        return work.inbox.lease(at, seconds)


def bodies(rows) -> list[bytes]:
    return [row.body for row in rows]


def test_the_same_update_is_stored_once(store: Store):
    assert add(store, "1", body=b"first")
    assert not add(store, "1", body=b"again")
    with store.work() as work:
        assert work.inbox.add("telegram", "other bot", "1", "c", b"{}", NOW)
        assert work.inbox.add("whatsapp", "bot", "1", "c", b"{}", NOW)
    assert bodies(lease(store)) == [b"first"]


def test_a_repeat_is_recognised_after_it_was_handled(store: Store):
    add(store, "1")
    rows = lease(store)
    with store.work() as work:
        work.inbox.done([row.id for row in rows], NOW)
        work.forget_old(NOW + timedelta(days=29))
    assert not add(store, "1", at=NOW + timedelta(days=29))
    with store.work() as work:
        work.forget_old(NOW + timedelta(days=31))
    assert add(store, "1", at=NOW + timedelta(days=31))


def test_a_chat_is_leased_whole_in_order_and_not_twice(store: Store):
    for number, chat in (("1", "a"), ("2", "b"), ("3", "a")):
        add(store, number, chat, body=number.encode())
    assert bodies(lease(store)) == [b"1", b"3"]
    add(store, "4", "a", body=b"4")
    assert bodies(lease(store)) == [b"2"]
    assert lease(store) == ()


def test_rows_given_back_wait_unless_more_of_the_chat_comes(store: Store):
    add(store, "1", body=b"halo")
    (row,) = lease(store)
    later = NOW + timedelta(seconds=1.5)
    with store.work() as work:
        work.inbox.again([row.id], later)
        assert work.inbox.next_due() == later
    assert lease(store) == ()
    add(store, "2", body=b"klaim")
    assert bodies(lease(store)) == [b"halo", b"klaim"]
    assert lease(store, later) == ()


def test_a_failed_row_pauses_its_chat_and_no_other(store: Store):
    add(store, "1", "a", body=b"1")
    (row,) = lease(store)
    with store.work() as work:
        assert work.inbox.failed([row.id], NOW, "boom") is False
    add(store, "2", "a", body=b"2")
    add(store, "3", "b", body=b"3")
    assert bodies(lease(store)) == [b"3"]
    with store.read() as work:
        assert work.inbox.next_due() == NOW + timedelta(seconds=1)
    again = lease(store, NOW + timedelta(seconds=1))
    assert [(row.body, row.tries) for row in again] == [(b"1", 1)]


def test_a_failed_row_is_leased_alone_and_parked_after_five_tries(store: Store, clock):
    add(store, "1", body=b"poison")
    add(store, "2", body=b"good")
    parked = []
    for _ in range(5):
        rows = lease(store, clock.forward(minutes=2))
        with store.work() as work:
            parked.append(work.inbox.failed([rows[0].id], clock.now, "boom"))
            work.inbox.again([row.id for row in rows[1:]], clock.now)
    assert parked == [False, False, False, False, True]
    assert bodies(lease(store, clock.forward(minutes=2))) == [b"good"]
    with store.read() as work:
        assert work.inbox.counts() == {"waiting": 0, "leased": 1, "done": 0, "parked": 1}


def test_a_lease_that_ran_out_is_given_again_and_counted(store: Store, clock):
    add(store, "1")
    for tries in range(6):  # once more, so that a word can be said
        (row,) = lease(store, clock.forward(seconds=61), seconds=60)
        assert row.tries == tries
        with store.read() as work:
            assert work.inbox.next_due() == clock.now + timedelta(seconds=60)
    assert lease(store, clock.forward(seconds=61)) == ()
    with store.read() as work:
        assert work.inbox.counts()["parked"] == 1
        assert work.inbox.next_due() is None


def test_a_late_worker_cannot_undo_what_another_has_done(store: Store, clock):
    add(store, "1")
    (row,) = lease(store, seconds=1)
    lease(store, clock.forward(minutes=1))
    with store.work() as work:
        work.inbox.done([row.id], clock.now)
        work.inbox.again([row.id], clock.now)
        assert work.inbox.failed([row.id], clock.now, "late") is False
        assert work.inbox.counts()["done"] == 1


def test_what_nobody_can_cut_is_parked_at_once(store: Store):
    with store.work() as work:
        assert work.inbox.add("whatsapp", "1", "sha256:x", "", b"\xff", NOW, parked="unreadable")
    assert lease(store) == ()


@pytest.mark.parametrize("id", ["", "x" * 5000, "\ud800", "a\x00b"])
def test_any_external_id_will_do(store: Store, id: str):
    assert add(store, id)
    assert not add(store, id)


def damage(store: Store, table: str, row: int) -> None:
    """Alter a stored body, as a failing disk would."""
    with store._engines.writer.begin() as connection:
        change = text(f"update {table} set body = :body where id = :row")
        connection.execute(change, {"body": b"\0", "row": row})


def test_a_row_that_cannot_be_decrypted_is_parked_and_holds_up_nobody(store: Store):
    for number, chat in (("1", "a"), ("2", "a"), ("3", "b")):
        add(store, number, chat, body=number.encode())
    damage(store, "inbox", 1)
    assert [bodies(lease(store)), bodies(lease(store))] == [[b"2"], [b"3"]]
    with store.read() as work:
        counts = work.inbox.counts()
    assert (counts["parked"], counts["waiting"]) == (1, 0)


def test_with_another_secret_key_nothing_is_parked(store: Store, database: str):
    add(store, "1", body=b"kabar")
    other = Store(database, b"another key of another house")
    with pytest.raises(VaultError), other.work() as work:
        work.inbox.lease(NOW, 60)
    other.close()
    assert bodies(lease(store)) == [b"kabar"]
