"""Counts for the operator: what was ignored on purpose, what a platform bills or will bill."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache

from sqlalchemy import Executable, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from knowledge_base.store.tables import CounterRow, table_of
from knowledge_base.store.unit import Unit

IGNORED, BILLED = "ignored", "billed"
ANNOUNCED, CORRECTED = "announced", "corrected"
COUNTERS = table_of(CounterRow)
_BEGINNING = select(COUNTERS.c.name, COUNTERS.c.value).where(
    COUNTERS.c.name.startswith(bindparam("beginning"))
)
_ONE = select(COUNTERS.c.value).where(COUNTERS.c.name == bindparam("name"))


@cache
def _one_more(dialect: str) -> Executable:
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = into(COUNTERS).values(name=bindparam("name"), value=1)
    return statement.on_conflict_do_update(
        index_elements=[COUNTERS.c.name], set_={"value": COUNTERS.c.value + 1}
    )


class Tally:
    """Counters by name, in one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def ignored(self, channel: str, kind: str) -> None:
        """One more update of this kind was left out on purpose; kinds are a closed list."""
        self._count(IGNORED, channel, kind)

    def billed(self, channel: str, day: date) -> None:
        """The platform says that it bills one more message, on this day (UTC)."""
        self._count(BILLED, channel, day.isoformat())

    def announced(self, channel: str, day: date, *, correction: bool = False) -> None:
        """One more template went out, on this day (UTC)."""
        self._count(ANNOUNCED, channel, day.isoformat())
        if correction:
            self._count(CORRECTED, channel, day.isoformat())

    def announced_on(self, channel: str, day: date) -> int:
        """How many templates went out on this day (UTC)."""
        return self._one(ANNOUNCED, channel, day)

    def corrections_on(self, channel: str, day: date) -> int:
        """How many of them were corrections."""
        return self._one(CORRECTED, channel, day)

    def all_ignored(self) -> Mapping[tuple[str, str], int]:
        """How many by (channel, kind), since the installation began."""
        return self._counts(IGNORED)

    def all_billed(self) -> Mapping[tuple[str, date], int]:
        """How many by (channel, day)."""
        found = self._counts(BILLED).items()
        return {(channel, date.fromisoformat(day)): count for (channel, day), count in found}

    def _one(self, what: str, channel: str, day: date) -> int:
        named = {"name": f"{what}/{channel}/{day.isoformat()}"}
        return int(self._unit.run(_ONE, named).scalar() or 0)

    def _count(self, *parts: str) -> None:
        statement = _one_more(self._unit.dialect)
        self._unit.run(statement, {"name": "/".join(parts)})

    def _counts(self, what: str) -> dict[tuple[str, str], int]:
        found = {}
        for row in self._unit.run(_BEGINNING, {"beginning": f"{what}/"}):
            _, channel, kind = row.name.split("/", 2)
            found[channel, kind] = int(row.value)
        return found
