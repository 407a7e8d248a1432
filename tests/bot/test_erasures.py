"""Who was erased stays erased when an older copy of the database is put back."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from bot.erasures import NAME, Erasures
from knowledge_base.facts import Address
from knowledge_base.store import Store
from tests.conftest import MASTER_KEY

SITI, BUDI = Address("telegram", "bot", "811"), Address("telegram", "bot", "812")


@pytest.fixture
def erasures(tmp_path: Path) -> Erasures:
    return Erasures(tmp_path)


@pytest.fixture
def opened(tmp_path: Path, empty_database: Path, clock, erasures):
    """opened(): the database as it lies there, with its list outside; opened(old): an old copy."""
    file, stores = tmp_path / "saring.db", []
    shutil.copy(empty_database, file)

    def open_it(copy: Path | None = None) -> Store:
        for store in stores:
            store.checkpoint()
            store.close()
        if copy is not None:
            shutil.copy(copy, file)
        stores[:] = [Store(f"sqlite:///{file}", MASTER_KEY, clock, on_erased=erasures.note)]
        return stores[0]

    yield open_it
    stores[0].close()


def meet(store: Store, *addresses: Address) -> None:
    with store.work() as work:
        for address in addresses:
            work.contacts.at(address, work.people._unit.now)


def forget(store: Store, address: Address) -> None:
    with store.work() as work:
        work.people.erase(work.contacts.known(address).id)


def known(store: Store) -> list[Address]:
    with store.read() as work:
        return [one for one in (SITI, BUDI) if work.contacts.known(one) is not None]


def backup(store: Store, folder: Path) -> Path:
    store.checkpoint()
    return Path(shutil.copy(folder / "saring.db", folder / "old.db"))


def test_who_was_erased_is_erased_again_in_an_older_copy(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI, BUDI)
    old = backup(store, tmp_path)
    forget(store, SITI)
    clock.forward(days=1)
    store = opened(old)
    assert known(store) == [SITI, BUDI]
    assert erasures.replay(store, clock()) == 1
    assert known(store) == [BUDI]
    with store.read() as work:
        assert not any(work.outbox.counts().values())  # nor do they hear of it


def test_who_comes_back_after_an_erasure_stays(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI)
    old = backup(store, tmp_path)
    forget(store, SITI)
    clock.forward(days=1)
    meet(store, SITI)
    assert erasures.replay(store, clock()) == 0
    store = opened(old)
    erasures.replay(store, clock())
    meet(store, SITI)
    assert erasures.replay(store, clock()) == 0
    assert known(store) == [SITI]


def test_who_is_erased_twice_is_erased_in_a_copy_from_in_between(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI)
    forget(store, SITI)
    clock.forward(days=30)
    meet(store, SITI)
    old = backup(store, tmp_path)
    clock.forward(days=10)
    forget(store, SITI)
    clock.forward(days=10)
    with store.work() as work:
        work.forget_old(clock())
    store = opened(old)
    assert erasures.replay(store, clock()) == 1
    assert known(store) == []


def test_what_the_list_missed_is_added_from_the_database(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI)
    old = backup(store, tmp_path)
    forget(store, SITI)
    (tmp_path / NAME).write_text("torn{")  # the process died between the commit and the line
    erasures.replay(store, clock())
    store = opened(old)
    assert erasures.replay(store, clock()) == 1


def test_a_damaged_byte_in_the_list_costs_its_line_and_no_start(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI, BUDI)
    old = backup(store, tmp_path)
    for one in (SITI, BUDI):
        forget(store, one)
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole[:20] + b"\xff" + whole[21:])
    erasures.check()
    assert erasures.replay(store, clock()) == 0  # the database has it
    assert sorted((tmp_path / NAME).read_bytes().split()) == sorted(whole.split())
    (tmp_path / NAME).write_bytes(whole + b"\xff\n")
    store = opened(old)
    assert (erasures.replay(store, clock()), known(store)) == (2, [])


def test_the_list_holds_hashes_and_forgets_them(opened, erasures, tmp_path, clock):
    store = opened()
    meet(store, SITI)
    forget(store, SITI)
    written = (tmp_path / NAME).read_text()
    assert SITI.value not in written
    assert (tmp_path / NAME).stat().st_mode & 0o777 == 0o600
    clock.forward(days=46)
    with store.work() as work:
        work.forget_old(clock())
    erasures.replay(store, clock() + timedelta(hours=1))
    assert (tmp_path / NAME).read_text() == ""
