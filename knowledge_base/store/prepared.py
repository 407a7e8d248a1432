"""Statements that are made once and run often: SQLAlchemy writes their text and converts their
values, SQLite's own driver runs them. That costs a fifth of what SQLAlchemy's execution does.

For statements without row objects that live as long as the program: what is prepared of one is
kept for good. On other databases SQLAlchemy runs them.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Dialect
from sqlalchemy.sql import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ClauseElement

Convert = Callable[[Any], Any]
NOTHING: Mapping[str, Any] = {}


class Rows:
    """What a statement gave, all of it read."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: Sequence[Any], rowcount: int) -> None:
        self._rows = rows
        self.rowcount = rowcount  # of what was changed

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def all(self) -> Sequence[Any]:
        """Every row; columns are attributes."""
        return self._rows

    def first(self) -> Any:
        """The first row, None when there is none."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row."""
        [row] = self._rows
        return row

    def scalar(self) -> Any:
        """The first value of the first row, None when there is none."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first value of the only row."""
        return self.one()[0]


def run(connection: Connection, statement: Executable, values: Mapping[str, Any] | None) -> Rows:
    """Execute a statement in the running transaction of a connection."""
    if connection.dialect.name != "sqlite":
        result = connection.execute(statement, values)
        return Rows(result.all() if result.returns_rows else (), result.rowcount)
    given = values or NOTHING
    prepared = _prepared(connection.dialect, statement, given)
    return prepared.run(connection.connection.driver_connection, given)


class Prepared:
    """The text of a statement for these values, and how to convert them and its rows."""

    def __init__(self, dialect: Dialect, compiled: SQLCompiler, values: Mapping[str, Any]) -> None:
        self._made = _defaults(compiled)
        values = {**values, **{name: make() for name, make in self._made.items()}}
        state = compiled.construct_expanded_state(values)
        self._text = state.statement
        processors = {**compiled._bind_processors, **state.processors}
        expanded = {
            one: (name, place)
            for name, all_ in state.parameter_expansion.items()
            for place, one in enumerate(all_)
        }
        self._binds = [
            self._bind(name, expanded.get(name), values, processors, state.parameters)
            for name in state.positiontup or ()
        ]
        columns = compiled._result_columns
        self._row = _row_type([one.keyname for one in columns])
        self._converts = [
            (place, convert)
            for place, one in enumerate(columns)
            if (convert := one.type.dialect_impl(dialect).result_processor(dialect, None))
        ]

    @staticmethod
    def _bind(
        name: str,
        expanded: tuple[str, int] | None,
        values: Mapping[str, Any],
        processors: Mapping[str, Any],
        constants: Mapping[str, Any],
    ) -> tuple[str, int | None, Convert | None, Any]:
        """How one value of the text is found: its name, its place in a list, its conversion; or
        the value itself where it is always the same."""
        source, place = expanded or (name, None)
        convert = processors.get(name)
        if source in values:
            return source, place, convert, None
        constant = constants[name]
        return "", None, None, convert(constant) if convert else constant

    def run(self, driver: Any, values: Mapping[str, Any]) -> Rows:
        """Execute it on a connection of the driver."""
        if self._made:
            values = {**values, **{name: make() for name, make in self._made.items()}}
        parameters = []
        for source, place, convert, constant in self._binds:
            if not source:
                parameters.append(constant)
                continue
            value = values[source] if place is None else values[source][place]
            parameters.append(value if convert is None else convert(value))
        cursor = driver.execute(self._text, parameters)
        rows = self._read(cursor.fetchall()) if self._row._fields else ()
        return Rows(rows, cursor.rowcount)

    def _read(self, raw: Sequence[Sequence[Any]]) -> list[Any]:
        make, converts = self._row._make, self._converts
        if not converts:  # thousands of ids, some of them
            return list(map(make, raw))
        rows = []
        for one in raw:
            columns = list(one)
            for place, convert in converts:
                columns[place] = convert(columns[place])
            rows.append(make(columns))
        return rows


def _row_type(columns: list[str]) -> Any:
    """A tuple whose parts have these names."""
    return namedtuple("Row", columns, rename=True)


def _defaults(compiled: SQLCompiler) -> dict[str, Callable[[], Any]]:
    """What gives the values of columns for which none is given."""
    columns = compiled.insert_prefetch or compiled.update_prefetch
    return {column.key: _maker(column.default) for column in columns}


def _maker(default: Any) -> Callable[[], Any]:
    if default.is_callable:
        return lambda: default.arg(None)
    return lambda: default.arg


class _Compiled:
    """A statement for these names of values; lists of other lengths have another text."""

    def __init__(self, dialect: Dialect, statement: Executable, names: tuple[str, ...]) -> None:
        self.statement = statement  # kept, so that nothing else ever has its id
        clause = cast(ClauseElement, statement)
        self.compiled = cast(SQLCompiler, clause.compile(dialect=dialect, column_keys=list(names)))
        lists = (bind.key for bind in self.compiled.binds.values() if bind.expanding)
        self.lists = tuple(name for name in lists if name in names)
        self.prepared: dict[tuple[int, ...], Prepared] = {}


_known: dict[tuple[int, tuple[str, ...]], _Compiled] = {}


def _prepared(dialect: Dialect, statement: Executable, values: Mapping[str, Any]) -> Prepared:
    names = tuple(values)
    compiled = _known.get((id(statement), names))
    if compiled is None:
        compiled = _Compiled(dialect, statement, names)
        _known[id(statement), names] = compiled
    lengths = tuple(len(values[name]) for name in compiled.lists)
    prepared = compiled.prepared.get(lengths)
    if prepared is None:
        prepared = Prepared(dialect, compiled.compiled, values)
        compiled.prepared[lengths] = prepared
    return prepared
