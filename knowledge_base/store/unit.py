"""One running transaction: session, keys, time; every door of a unit shares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from knowledge_base.facts import Address
from knowledge_base.store import prepared
from knowledge_base.store.memory import Memory
from knowledge_base.store.prepared import Rows
from knowledge_base.store.tables import CounterRow, PeriodKeyRow, PersonKeyRow, Row, table_of
from knowledge_base.store.vault import Vault, VaultError, new_key

# Statements are made once: the driver's text of the same object is found again at once.
_COUNTERS, _PERIODS, _KEYS = table_of(CounterRow), table_of(PeriodKeyRow), table_of(PersonKeyRow)
_COUNTED = select(_COUNTERS.c.value).where(_COUNTERS.c.name == bindparam("counter"))
_RAISED = (
    update(_COUNTERS)
    .where(_COUNTERS.c.name == bindparam("counter"))
    .values(value=_COUNTERS.c.value + 1)
    .returning(_COUNTERS.c.value)
)
_PERIOD = select(_PERIODS.c.wrapped).where(
    _PERIODS.c.purpose == bindparam("purpose"), _PERIODS.c.period == bindparam("period")
)
_PERSON_KEY = select(_KEYS.c.wrapped).where(_KEYS.c.person == bindparam("person"))
_NO_KEY = delete(_KEYS).where(_KEYS.c.person == bindparam("key_of"))


@cache
def _insert(row: type[Row], dialect: str) -> Executable:
    """Insert into the table of a row class unless a unique value is taken; gives its key."""
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    return into(table_of(row)).on_conflict_do_nothing().returning(*table_of(row).primary_key)


@dataclass(slots=True)
class Unit:
    """The transaction. `erased` holds addresses of people erased in it, in memory only, so
    that they can still be told."""

    connection: Connection
    vault: Vault
    now: datetime
    writing: bool
    one_voice: tuple[str, ...] = ()  # channels whose askers count as one
    erased: dict[str, Address] = field(default_factory=dict)
    ledger: dict[str, datetime] = field(default_factory=dict)  # keyed hashes of their addresses
    keys: dict[str, bytes] = field(default_factory=dict)  # of people met in this transaction
    people: dict[str, dict[str, Any]] = field(default_factory=dict)  # their rows, read once
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)  # shared by the units of a store
    forgot: bool = False  # something was erased: the write-ahead log must not keep it
    _session: Session | None = None
    _periods: dict[tuple[str, str], bytes] = field(default_factory=dict)
    _counters: dict[str, int] = field(default_factory=dict)
    _revised: set[str] = field(default_factory=set)

    @property
    def session(self) -> Session:
        """Row objects of this transaction; made at first use, since many do without."""
        if self._session is None:
            self._session = Session(self.connection, expire_on_commit=False)
        return self._session

    @property
    def dialect(self) -> str:
        """Which database this is: sqlite or postgresql."""
        return self.connection.dialect.name

    def flush(self) -> None:
        """Write what row objects hold."""
        if self._session is not None:
            self._session.flush()

    def close(self) -> None:
        """Let go of the row objects."""
        if self._session is not None:
            self._session.close()

    def run(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Rows:
        """Execute a statement without row objects, one that is made once (see `prepared`). What
        row objects hold must be flushed."""
        return prepared.run(self.connection, statement, values)

    def forget_person(self, person: str) -> None:
        """What was read of this person is not true any more."""
        self.people.pop(person, None)
        self.contacts.pop(person, None)

    def raise_counter(self, name: str) -> int:
        """Add one to a counter; on PostgreSQL this also puts its users in a row."""
        self._counters[name] = int(self.run(_RAISED, {"counter": name}).scalar_one())
        return self._counters[name]

    def revise(self, name: str) -> int:
        """The revision of what changes in this transaction: one for all of it."""
        if name not in self._revised:
            self.raise_counter(name)
            self._revised.add(name)
        return self._counters[name]

    def revised(self, name: str) -> bool:
        """Did this transaction change it?"""
        return name in self._revised

    def counter(self, name: str) -> int:
        """The value of a counter as this transaction sees it."""
        if name not in self._counters:
            self._counters[name] = int(self.run(_COUNTED, {"counter": name}).scalar_one())
        return self._counters[name]

    def insert_new(self, row: Row) -> bool:
        """Insert a row unless one of its unique values is taken already; True when it is new."""
        self.flush()
        names = [column.name for column in table_of(type(row)).columns]
        values = {name: value for name in names if (value := getattr(row, name)) is not None}
        return self.insert(type(row), values) is not None

    def insert(self, row: type[Row], values: Mapping[str, Any]) -> Any:
        """Insert values unless a unique one is taken already; gives the first part of the key,
        None when nothing is new."""
        return self.run(_insert(row, self.dialect), values).scalar()

    def period_key(self, purpose: str, period: str) -> bytes:
        """The key of a day or month; made when it is first needed, gone once destroyed.

        Only keys that were committed before are remembered for later transactions.
        """
        name = (purpose, period)
        key = self._periods.get(name) or self.memory.periods.get(name)
        if key is not None:
            return key
        values = {"purpose": purpose, "period": period}
        wrapped = self.run(_PERIOD, values).scalar()
        if wrapped is not None:
            key = self.vault.unwrap(wrapped, purpose, period)
            self.memory.keep_period(purpose, period, key)
            return key
        fresh = self.vault.wrap(new_key(), purpose, period)
        self.insert(PeriodKeyRow, values | {"wrapped": fresh})
        kept = self.run(_PERIOD, values).scalar_one()
        self._periods[name] = self.vault.unwrap(kept, purpose, period)
        return self._periods[name]

    def person_key(self, person: str) -> bytes | None:
        """The key of a person; None once it is destroyed."""
        if person not in self.keys:
            wrapped = self.run(_PERSON_KEY, {"person": person}).scalar()
            if wrapped is None:
                return None
            self.keys[person] = self.vault.unwrap(wrapped, "person", person)
        return self.keys[person]

    def destroy_person_key(self, person: str) -> None:
        """Nothing that was encrypted for this person can be read any more."""
        self.run(_NO_KEY, {"key_of": person})
        self.keys.pop(person, None)

    def make_person_key(self, person: str) -> bytes:
        """A new key for a new person."""
        key = new_key()
        wrapped = self.vault.wrap(key, "person", person)
        self.insert(PersonKeyRow, {"person": person, "wrapped": wrapped})
        self.keys[person] = key
        return key

    def must_have_key(self, person: str) -> bytes:
        """The key of a person who is known to exist."""
        key = self.person_key(person)
        if key is None:
            raise VaultError("a person without a key: was part of the database restored?")
        return key


class Door:
    """One part of what a transaction can do."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    @property
    def _session(self) -> Session:
        return self._unit.session

    def _run(self, statement: Executable, values: Mapping[str, Any] | None = None) -> Rows:
        """Read with a statement that is made once, after what row objects hold was written."""
        self._unit.flush()
        return self._unit.run(statement, values)
