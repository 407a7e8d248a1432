"""Store: the one way to the database. work() is one transaction with every door in it.

Only this package speaks SQL. What leaves it is plain data of knowledge_base.facts and
knowledge_base.deliveries; what fails leaves it as KnowledgeError: `Unavailable` when the
database cannot take it now, `Refused` and `Stale` for what cannot be taken at all.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlmodel import Session, select

from knowledge_base.facts import KnowledgeError, Unavailable
from knowledge_base.store.accounts import Accounts
from knowledge_base.store.audit import Audit
from knowledge_base.store.casework import Casework
from knowledge_base.store.chats import Chats
from knowledge_base.store.clockwork import Clockwork
from knowledge_base.store.desk import Desk
from knowledge_base.store.engine import Engines
from knowledge_base.store.evidence import Evidence
from knowledge_base.store.factors import Factors
from knowledge_base.store.facts import Facts
from knowledge_base.store.figures import Figures
from knowledge_base.store.inbox import Inbox
from knowledge_base.store.jobs import Jobs
from knowledge_base.store.mailbox import Mailbox
from knowledge_base.store.memory import Memory
from knowledge_base.store.migrations import newest, present, upgrade
from knowledge_base.store.outbox import Outbox
from knowledge_base.store.people import Contacts, People
from knowledge_base.store.proposals import Proposals
from knowledge_base.store.questions import Questions
from knowledge_base.store.queue import Queue
from knowledge_base.store.retention import Retention
from knowledge_base.store.reviews import Reviews
from knowledge_base.store.stopped import Yard
from knowledge_base.store.tables import MarkRow
from knowledge_base.store.tally import Tally
from knowledge_base.store.unit import Unit
from knowledge_base.store.upkeep import Upkeep
from knowledge_base.store.vault import Vault

MASTER_KEY = "master key"
ONE_VOICE = ("browser",)  # channels where anybody can be many people
NOT_NOW = (
    OperationalError,
    InterfaceError,
    InternalError,
    PoolTimeout,
    sqlite3.OperationalError,
    sqlite3.InterfaceError,
    sqlite3.InternalError,
)


def now_utc() -> datetime:
    """The clock of the store where none is given."""
    return datetime.now(UTC)


class Work:
    """One transaction with every door in it."""

    def __init__(self, unit: Unit) -> None:
        self.facts = Facts(unit)
        self.questions = Questions(unit)
        self.people = People(unit)
        self.evidence = Evidence(unit)
        self.audit = Audit(unit)
        self.jobs = self.job_table = Jobs(unit)
        self.inbox = Inbox(unit)
        self.outbox = Outbox(unit)
        self.contacts = Contacts(unit)
        self.mailbox = Mailbox(unit)
        self.desk = Desk(unit)
        self.proposals = Proposals(unit)
        self.reviews = Reviews(unit)
        self.upkeep = Upkeep(unit)
        self.accounts = Accounts(unit)
        self.chats = Chats(unit)
        self.queue = Queue(unit)
        self.cases = Casework(unit)
        self.factors = Factors(unit)
        self.figures = Figures(unit)
        self.yard = Yard(unit)
        self.tally = Tally(unit)
        self.clockwork = Clockwork(unit)
        self._retention = Retention(unit)

    def forget_old(self, now: datetime, only: Collection[str] = ()) -> Mapping[str, int]:
        """One batch of these retention rules (of none: of all); counts by rule."""
        return self._retention.forget_old(now, only)


class Store:
    """A database with its keys. Safe to share between threads; units are short."""

    def __init__(
        self,
        url: str,
        master_key: bytes,
        clock: Callable[[], datetime] = now_utc,
        *,
        older_keys: Sequence[bytes] = (),
        patience: float = 5.0,
        one_voice: tuple[str, ...] = ONE_VOICE,
        on_erased: Callable[[Mapping[str, datetime]], None] = lambda marks: None,
    ) -> None:
        """`url` is a database address (sqlite:///… or postgresql+psycopg://…), `patience` how
        many seconds a unit waits for its turn, `older_keys` master keys used before,
        `one_voice` the channels whose askers count as one in demand (decision 22), `on_erased`
        hears the keyed hashes of erased addresses once that is committed."""
        self._engines = Engines(url, patience)
        self._vault = Vault(master_key, older_keys)
        self._clock = clock
        self._one_voice = one_voice
        self._memory = Memory()
        self._on_erased = on_erased
        self._log_holds_erased = False

    @contextmanager
    def work(self) -> Iterator[Work]:
        """A writing transaction (BEGIN IMMEDIATE): commits at the end, rolls back on error.

        Writers of one process take turns. Raises Unavailable when the database cannot take it.
        After something was erased the write-ahead log is emptied as soon as nobody reads it.
        """
        with self._errors(), self._engines.turn():
            with self._engines.writer.begin() as connection:  # BEGIN IMMEDIATE
                unit = self._unit(connection, writing=True)
                with closing(unit):
                    yield Work(unit)
                    unit.flush()
            if unit.ledger:
                self._on_erased(unit.ledger)
            if unit.forgot:
                self._memory.forget_periods()
            self._log_holds_erased |= unit.forgot
            if self._log_holds_erased:
                self._log_holds_erased = not self._engines.checkpoint()

    @contextmanager
    def read(self) -> Iterator[Work]:
        """A reading transaction: one moment of the database; an attempt to write fails."""
        with self._errors(), self._engines.reader.connect() as connection, connection.begin():
            unit = self._unit(connection, writing=False)
            with closing(unit):
                yield Work(unit)

    def migrate(self) -> None:
        """Bring the schema up to date, all steps or none, and note the master key."""
        with self._errors():
            self._engines.prepare()
            with self._engines.turn(), self._engines.writer.begin() as connection:
                upgrade(connection)
            with self._engines.turn(), Session(self._engines.writer) as session:
                if session.get(MarkRow, MASTER_KEY) is None:
                    session.add(MarkRow(name=MASTER_KEY, value=self._vault.name))
                session.commit()

    def ready(self) -> None:
        """Raises KnowledgeError when the database does not answer or its schema is not ours."""
        with self._errors(), Session(self._engines.reader) as session:
            revision = present(session.connection())
            if revision != newest():
                raise KnowledgeError(_wrong_schema(revision))
            query = select(MarkRow.value).where(MarkRow.name == MASTER_KEY)
            if session.exec(query).first() not in self._vault.names:
                raise KnowledgeError("This database was made with another secret key.")

    def check(self) -> None:
        """Raises KnowledgeError when pages of the database are damaged (SQLite)."""
        with self._errors():
            self._engines.check()

    def checkpoint(self) -> None:
        """Empty the write-ahead log and give freed pages back, so that what was erased is
        gone from the files too (SQLite)."""
        with self._errors(), self._engines.turn():
            if not self._engines.checkpoint():
                raise Unavailable("The write-ahead log is still being read; try again.")

    def close(self) -> None:
        """Close all connections."""
        self._engines.dispose()

    def _unit(self, connection: Connection, *, writing: bool) -> Unit:
        return Unit(
            connection, self._vault, self._clock(), writing, self._one_voice, memory=self._memory
        )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Errors of the driver become ours. They name no values: those may be personal."""
        try:
            yield
        except NOT_NOW as error:
            raise Unavailable(f"The database cannot take this now: {_cause(error)}") from error
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise KnowledgeError(
                f"The database refuses this: {_cause(error)}{_mend(error)}"
            ) from error


def _mend(error: Exception) -> str:
    """What helps against a file that is damaged, or is none of ours."""
    code = getattr(getattr(error, "orig", None) or error, "sqlite_errorcode", None)
    damaged = code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
    return ". Stop Saring and put a copy of the file in its place." if damaged else ""


def _cause(error: Exception) -> str:
    """What the driver says, where that names no values: SQLite's messages never do."""
    cause = getattr(error, "orig", None) or error
    if type(cause).__module__ == "sqlite3":
        return str(cause)
    return f"{type(cause).__name__} {getattr(cause, 'sqlstate', '') or ''}".rstrip()


def _wrong_schema(revision: str) -> str:
    if not revision:
        return "The database has no tables yet: run `saring migrate`."
    return (
        f"The database has schema {revision}, this program needs {newest()}: "
        "run `saring migrate`, or use the newer program it was made with."
    )


__all__ = ["Store", "Work"]
