"""The house of a transcript on the real store: what the fakes promise, the database keeps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bot.doors import ports
from handlers.ports import Ports, Rules
from knowledge_base.facts import Address, FactCheck, Person
from knowledge_base.store import Store, Work
from tests.conftest import Clock

_NUMBERS = {
    "sqlite": "insert into sqlite_sequence (name, seq) values ('facts', :next - 1)",
    "postgresql": "select setval(pg_get_serial_sequence('facts', 'number'), :next, false)",
}


class RealHouse:
    """A migrated store with a clock that is turned by hand."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.rules = Rules(public_url="https://saring.example")
        self._store, self._clock = store, clock
        self._names: dict[str, str] = {}
        self._work: Work | None = None

    @property
    def now(self) -> datetime:
        """The time on the clock of the store."""
        return self._clock.now

    @now.setter
    def now(self, value: datetime) -> None:
        self._clock.now = value

    @contextmanager
    def work(self) -> Iterator[Ports]:
        """The ports of one transaction."""
        with self._store.work() as work:
            self._work = work
            yield ports(work, self.now, self.rules)
            self._work = None

    def know(self, facts: Sequence[FactCheck]) -> None:
        """Put published fact-checks into the knowledge base, under their numbers."""
        with self._store._engines.writer.begin() as connection:
            statement = _NUMBERS[connection.dialect.name]
            connection.execute(text(statement), {"next": facts[0].number})
        with self.work() as given:
            for fact in facts:
                saved = given.facts.save(replace(fact, number=0), "seed", "for this test")
                assert saved.number == fact.number

    def person(self, name: str) -> Person:
        """The person of that name, at first contact a new one; inside a transaction."""
        assert self._work is not None
        person = self._work.contacts.at(Address("telegram", "demo", name), self.now)
        self._names[person.id] = name
        return person

    def name(self, person: str) -> str:
        """Whose id this is."""
        return self._names[person]

    def due_job(self) -> tuple[str, Mapping[str, Any]] | None:
        """Take the next due job: its task and payload."""
        with self._store.work() as work:
            job = work.job_table.claim(self.now)
            if job is None:
                return None
            work.job_table.done(job.id)
            return job.task, job.payload
