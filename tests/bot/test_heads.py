"""The noted head of the audit: what a chain alone cannot show is shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.heads import NAME, Heads
from knowledge_base.store import Store
from tests.audit_log import tamper


@pytest.fixture
def heads(tmp_path: Path) -> Heads:
    return Heads(tmp_path)


def write(store: Store, *numbers: int) -> None:
    with store.work() as work:
        for number in numbers:
            work.audit.write("ani", "publish", f"fact/{number}", "karena")


def note(store: Store, heads: Heads, clock) -> bool:
    with store.read() as work:
        return heads.note(work.audit, clock()) is not None


def problem(store: Store, heads: Heads) -> str:
    with store.read() as work:
        return heads.problem(work.audit)


def test_a_head_is_noted_once_and_again_when_something_was_written(store, heads, clock):
    assert not note(store, heads, clock)
    write(store, 1, 2)
    assert [note(store, heads, clock), note(store, heads, clock)] == [True, False]
    write(store, 3)
    assert note(store, heads, clock)
    assert (heads.last().number, problem(store, heads)) == (3, "")


def test_a_cut_end_is_found_though_the_chain_itself_is_whole(store, heads, clock):
    write(store, 1, 2, 3)
    note(store, heads, clock)
    tamper(
        store,
        "delete from audit where seq = 3",
        "delete from audit_bodies where seq = 3",
        "update counters set value = 2 where name = 'audit'",
    )
    with store.read() as work:
        assert work.audit.verify() is None
    assert "the end was cut off: entry 3" in problem(store, heads)


def test_a_chain_that_was_worked_out_anew_is_found(store, heads, clock):
    write(store, 1, 2)
    note(store, heads, clock)
    tamper(
        store,
        "delete from audit",
        "delete from audit_bodies",
        "update counters set value = 0 where name = 'audit'",
    )
    write(store, 7, 8)
    with store.read() as work:
        assert work.audit.verify() is None
    assert "entry 2 is not the one" in problem(store, heads)


def test_a_line_somebody_wrote_without_the_key_is_found(store, heads, clock, tmp_path):
    write(store, 1)
    note(store, heads, clock)
    file = tmp_path / NAME
    file.write_text(file.read_text().replace('"number": 1', '"number": 0'))
    assert "without the master key" in problem(store, heads)


def test_a_torn_last_line_does_not_hide_the_one_before(store, heads, clock, tmp_path):
    write(store, 1)
    note(store, heads, clock)
    with (tmp_path / NAME).open("a") as file:
        file.write('{"at": "2027')
    assert heads.last().number == 1
    assert problem(store, heads) == ""
