"""What the driver runs is what SQLAlchemy would have run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    Table,
    bindparam,
    create_engine,
    func,
    insert,
    select,
    update,
)

from knowledge_base.store import prepared
from knowledge_base.store.tables import CleanText, Json, UtcTime

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
THINGS = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("name", CleanText),
    Column("at", UtcTime, default=lambda: NOON),
    Column("parts", Json, default=list),
    Column("good", Boolean, default=False),
)
ADDED = insert(THINGS).returning(THINGS.c.id)
SOME = select(THINGS).where(THINGS.c.id.in_(bindparam("ids", expanding=True))).order_by("id")
BETTER = update(THINGS).where(THINGS.c.name == bindparam("called"))
COUNTED = select(func.count()).where(THINGS.c.good, THINGS.c.at <= bindparam("by"))


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = create_engine(f"sqlite:///{tmp_path / 'things.db'}")
    with engine.begin() as connection:
        THINGS.create(connection)
        yield connection
    engine.dispose()


def add(connection: Connection, **values: Any) -> int:
    return int(prepared.run(connection, ADDED, values).scalar_one())


def both(connection: Connection, statement: Any, values: dict[str, Any]) -> list[Any]:
    """The rows by our way, after a look that SQLAlchemy gives the same."""
    ours = [tuple(row) for row in prepared.run(connection, statement, values)]
    assert ours == [tuple(row) for row in connection.execute(statement, values)]
    return ours


def test_values_are_converted_both_ways(connection: Connection) -> None:
    number = add(connection, name="a\x00b", at=NOON, parts={"x": [1, "é"]}, good=True)
    [row] = prepared.run(connection, SOME, {"ids": [number]})
    assert (row.name, row.at, row.parts, row.good) == ("a\ufffdb", NOON, {"x": [1, "é"]}, True)
    both(connection, SOME, {"ids": [number]})


def test_columns_without_a_value_get_their_default(connection: Connection) -> None:
    [row] = both(connection, SOME, {"ids": [add(connection, name="a")]})
    assert row[2:] == (NOON, [], False)


@pytest.mark.parametrize("ids", [[], [2], [1, 3], [3, 2, 1], [9]])
def test_a_list_may_have_any_length(connection: Connection, ids: list[int]) -> None:
    for name in "abc":
        add(connection, name=name)
    assert [row[0] for row in both(connection, SOME, {"ids": ids})] == sorted(set(ids) - {9})


def test_the_given_values_decide_what_an_update_changes(connection: Connection) -> None:
    for name in "aab":
        add(connection, name=name)
    assert prepared.run(connection, BETTER, {"called": "a", "good": True}).rowcount == 2
    assert prepared.run(connection, BETTER, {"called": "b", "parts": [1]}).rowcount == 1
    assert both(connection, COUNTED, {"by": NOON}) == [(2,)]
    assert [row[3] for row in both(connection, SOME, {"ids": [1, 2, 3]})] == [[], [], [1]]


def test_where_nothing_is_found_there_is_no_first_row(connection: Connection) -> None:
    nothing = prepared.run(connection, SOME, {"ids": [1]})
    assert (nothing.first(), nothing.scalar(), list(nothing)) == (None, None, [])
    with pytest.raises(ValueError, match="not enough"):
        nothing.one()


def test_a_naive_time_is_refused_as_by_sqlalchemy(connection: Connection) -> None:
    with pytest.raises(ValueError, match="without a zone"):
        add(connection, at=datetime(2026, 11, 21))
