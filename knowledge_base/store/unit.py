"""One running transaction: session, keys, time; every door of a unit shares it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select, update

from knowledge_base.facts import Address
from knowledge_base.store.tables import CounterRow, PeriodKeyRow, PersonKeyRow, Row
from knowledge_base.store.vault import Vault, VaultError, new_key


@dataclass(slots=True)
class Unit:
    """The transaction. `erased` holds addresses of people erased in it, in memory only, so
    that they can still be told."""

    session: Session
    vault: Vault
    now: datetime
    writing: bool
    one_voice: tuple[str, ...] = ()  # channels whose askers count as one
    erased: dict[str, Address] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)  # of people met in this transaction
    forgot: bool = False  # something was erased: the write-ahead log must not keep it

    def raise_counter(self, name: str) -> int:
        """Add one to a counter; on PostgreSQL this also puts its users in a row."""
        statement = (
            update(CounterRow)
            .where(col(CounterRow.name) == name)
            .values(value=CounterRow.value + 1)
            .returning(col(CounterRow.value))
        )
        return int(self.session.connection().execute(statement).scalar_one())

    def counter(self, name: str) -> int:
        """The present value of a counter."""
        return self.session.exec(select(CounterRow.value).where(CounterRow.name == name)).one()

    def insert_new(self, row: Row) -> bool:
        """Insert a row unless one of its unique values is taken already; True when it is new."""
        self.session.flush()
        table: Table = row.__table__  # type: ignore[attr-defined]
        names = [column.name for column in table.columns]
        values = {name: value for name in names if (value := getattr(row, name)) is not None}
        postgres = self.session.get_bind().dialect.name == "postgresql"
        insert = postgresql.insert(table) if postgres else sqlite.insert(table)
        statement = insert.values(values).on_conflict_do_nothing().returning(*table.primary_key)
        return self.session.connection().execute(statement).first() is not None

    def period_key(self, purpose: str, period: str) -> bytes:
        """The key of a day or month; made when it is first needed, gone once destroyed."""
        query = select(PeriodKeyRow.wrapped).where(
            PeriodKeyRow.purpose == purpose, PeriodKeyRow.period == period
        )
        wrapped = self.session.exec(query).first()
        if wrapped is None:
            fresh = self.vault.wrap(new_key(), purpose, period)
            self.insert_new(PeriodKeyRow(purpose=purpose, period=period, wrapped=fresh))
            wrapped = self.session.exec(query).one()
        return self.vault.unwrap(wrapped, purpose, period)

    def person_key(self, person: str) -> bytes | None:
        """The key of a person; None once it is destroyed."""
        if person not in self.keys:
            wrapped = self.session.exec(
                select(PersonKeyRow.wrapped).where(PersonKeyRow.person == person)
            ).first()
            if wrapped is None:
                return None
            self.keys[person] = self.vault.unwrap(wrapped, "person", person)
        return self.keys[person]

    def destroy_person_key(self, person: str) -> None:
        """Nothing that was encrypted for this person can be read any more."""
        self.session.exec(delete(PersonKeyRow).where(col(PersonKeyRow.person) == person))
        self.keys.pop(person, None)

    def make_person_key(self, person: str) -> bytes:
        """A new key for a new person."""
        key = new_key()
        self.session.add(
            PersonKeyRow(person=person, wrapped=self.vault.wrap(key, "person", person))
        )
        self.keys[person] = key
        return key

    def must_have_key(self, person: str) -> bytes:
        """The key of a person who is known to exist."""
        key = self.person_key(person)
        if key is None:
            raise VaultError("a person without a key: was part of the database restored?")
        return key
