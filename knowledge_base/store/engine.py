"""Connections: one engine that writes, one that reads, and the settings they need.

SQLite: write-ahead log, every commit synced to disk, foreign keys on, erased content
overwritten. Writing units begin with BEGIN IMMEDIATE: a reading transaction that turns into a
writing one fails at once, whatever the timeout.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, event
from sqlalchemy.engine import Engine, make_url

from knowledge_base.facts import KnowledgeError, Unavailable
from knowledge_base.store.turns import Turns

WRITERS_AT_REST = 2
READERS_AT_REST = 12
READERS_AT_MOST = 40
STATEMENTS = 512  # each connection remembers so many, prepared
CHECKPOINT_PATIENCE = 200  # milliseconds to wait for readers


class Engines:
    """Both engines of one database."""

    def __init__(self, url: str, patience: float) -> None:
        self._url = make_url(url)
        self._patience = patience
        self._turns = Turns()
        self.sqlite = self._url.get_backend_name() == "sqlite"
        if self.sqlite and self._url.database in {None, "", ":memory:"}:
            raise KnowledgeError("An SQLite database in memory is empty in every other thread.")
        try:
            self.writer = self._engine(WRITERS_AT_REST, "BEGIN IMMEDIATE", writing=True)
            self.reader = self._engine(READERS_AT_REST, "BEGIN", writing=False)
        except ModuleNotFoundError as error:
            raise KnowledgeError(
                f"This database needs the Python package {error.name}, which is not installed: "
                "install it, or leave DATABASE_URL empty for the embedded database."
            ) from error

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Writers of one process line up here: fairer and quicker than SQLite's own polling.

        PostgreSQL needs no turns.
        """
        if not self.sqlite:
            yield
            return
        if not self._turns.acquire(self._patience):
            raise Unavailable("The database cannot take this now: another change is under way.")
        try:
            yield
        finally:
            self._turns.release()

    def prepare(self) -> None:
        """Make the file of an SQLite database, readable by its owner only."""
        if not self.sqlite:
            return
        path = Path(self._url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))

    def check(self) -> None:
        """Raises KnowledgeError when SQLite finds damaged pages."""
        if not self.sqlite:
            return
        with self.reader.connect() as connection:
            found = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if found != "ok":
            raise KnowledgeError(f"The database file is damaged ({found}): restore a backup.")

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the file, empty it, give freed pages back.

        False when somebody still uses an older moment of it: it stays as it is then. Never
        raises, since what was to be done before is committed already.
        """
        if not self.sqlite:
            return True
        connection = self.writer.raw_connection()
        cursor = connection.cursor()
        try:
            cursor.execute(f"PRAGMA busy_timeout={CHECKPOINT_PATIENCE}")
            cursor.execute("PRAGMA incremental_vacuum").fetchall()
            return not cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.OperationalError:
            return False
        finally:
            cursor.execute(f"PRAGMA busy_timeout={int(self._patience * 1000)}")
            connection.close()

    def dispose(self) -> None:
        """Close all connections."""
        self.writer.dispose()
        self.reader.dispose()

    def _engine(self, size: int, begin: str, *, writing: bool) -> Engine:
        engine = create_engine(
            self._url,
            hide_parameters=True,  # they may be personal, and errors are logged
            pool_size=size,
            max_overflow=READERS_AT_MOST - size,
            pool_timeout=self._patience,
            pool_use_lifo=True,  # the one used last has its pages and statements at hand
            pool_pre_ping=not self.sqlite,
            connect_args={"cached_statements": STATEMENTS} if self.sqlite else {},
        )
        if self.sqlite:
            event.listen(engine, "connect", self._set_up(writing))
            event.listen(engine, "begin", lambda connection: _begin(connection, begin))
            return engine
        event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
        if not writing:
            engine = engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        return engine

    def _set_up(self, writing: bool) -> Callable[[Any, Any], None]:
        pragmas = [
            f"busy_timeout={int(self._patience * 1000)}",
            "auto_vacuum=INCREMENTAL",  # before the first table, or never
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
        ]
        if not writing:
            pragmas.append("query_only=ON")

        def connected(connection: Any, record: Any) -> None:
            connection.isolation_level = None  # we say BEGIN ourselves
            cursor = connection.cursor()
            for pragma in pragmas:
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        return connected


def _without_nul(
    connection: Connection, cursor: Any, statement: str, values: Any, context: Any, many: bool
) -> tuple[str, Any]:
    """PostgreSQL refuses a text with the character 0, also one that is only looked for: with
    another in its place nothing is found."""
    return statement, _plain(values)


def _plain(values: Any) -> Any:
    """The values of one statement by name, or a sequence of those."""
    if not isinstance(values, Mapping):
        return [_plain(one) if isinstance(one, Mapping) else one for one in values]
    return {
        name: value.replace("\0", "\ufffd") if isinstance(value, str) else value
        for name, value in values.items()
    }


def _begin(connection: Connection, statement: str) -> None:
    connection.connection.driver_connection.execute(statement)  # type: ignore[union-attr]
