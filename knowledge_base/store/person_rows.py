"""Rows of people and their contacts: read once in a transaction, changed without row objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, update

from knowledge_base.store.tables import ContactRow, PersonKeyRow, PersonRow, table_of
from knowledge_base.store.unit import Unit

PEOPLE, CONTACTS, KEYS = table_of(PersonRow), table_of(ContactRow), table_of(PersonKeyRow)
_ADDRESS = ("person", "channel", "account", "address", "mark")

_PERSON = select(PEOPLE).where(PEOPLE.c.id == bindparam("person"))
_STATE = (
    select(PEOPLE.c.state)
    .where(PEOPLE.c.id == bindparam("person"))
    .with_for_update(key_share=True)  # others may note meanwhile what this person was told
)
_CHANGED = update(PEOPLE).where(PEOPLE.c.id == bindparam("whose"))
_CONTACT = select(CONTACTS).where(CONTACTS.c.person == bindparam("person"))
_REMARKED = update(CONTACTS).where(CONTACTS.c.person == bindparam("whose"))
_BY_MARK = (
    select(
        PEOPLE,
        *(CONTACTS.c[name].label(f"contact_{name}") for name in _ADDRESS),
        KEYS.c.wrapped,
    )
    .join_from(CONTACTS, PEOPLE, PEOPLE.c.id == CONTACTS.c.person)
    .outerjoin(KEYS, KEYS.c.person == CONTACTS.c.person)
    .where(CONTACTS.c.mark.in_(bindparam("marks", expanding=True)))
)


def person_row(unit: Unit, person: str) -> Mapping[str, Any] | None:
    """The row of a person by column; None when there is none."""
    if person not in unit.people:
        found = unit.run(_PERSON, {"person": person}).first()
        if found is None:
            return None
        unit.people[person] = found._asdict()
    return unit.people[person]


def change_person(unit: Unit, person: str, values: Mapping[str, Any]) -> None:
    """Write what is other than before; nobody is nothing to change."""
    row = person_row(unit, person)
    if row is None:
        return
    changed = {name: value for name, value in values.items() if row[name] != value}
    if changed:
        unit.run(_CHANGED, {"whose": person, **changed})
        unit.people[person] |= changed


def state_now(unit: Unit, person: str) -> bytes | None:
    """The sealed dialogue state as it stands in the database now, held until the end of this
    transaction: on PostgreSQL another one may have written since the person was read. SQLite has
    one writer."""
    row = person_row(unit, person)
    if unit.dialect == "sqlite" or row is None:
        return None if row is None else row["state"]
    now: bytes | None = unit.run(_STATE, {"person": person}).scalar()
    return now


def contact_row(unit: Unit, person: str) -> Mapping[str, Any] | None:
    """Where a person is reached: channel, account, sealed address; None when nowhere."""
    if person not in unit.contacts:
        found = unit.run(_CONTACT, {"person": person}).first()
        if found is None:
            return None
        unit.contacts[person] = found._asdict()
    return unit.contacts[person]


def find_contact(unit: Unit, marks: tuple[str, ...]) -> str | None:
    """The person at an address, by its keyed hashes, the present one first; person, contact and
    key are read in one go. A hash of an older master key is replaced."""
    found = unit.run(_BY_MARK, {"marks": marks}).first()
    if found is None:
        return None
    _remember(unit, found)
    contact = unit.contacts[found.id]
    if contact["mark"] != marks[0] and unit.writing:
        unit.run(_REMARKED, {"whose": found.id, "mark": marks[0]})
        contact["mark"] = marks[0]
    return str(found.id)


def _remember(unit: Unit, found: Any) -> None:
    values = found._asdict()
    person = found.id
    unit.people[person] = {column.name: values[column.name] for column in PEOPLE.c}
    unit.contacts[person] = {name: values[f"contact_{name}"] for name in _ADDRESS}
    if found.wrapped is not None:
        unit.keys[person] = unit.vault.unwrap(found.wrapped, "person", person)
