"""Every statement that reaches a database while a test listens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from knowledge_base.store.prepared import Prepared


class Heard:
    """Every statement that reached the database, and the values beside them."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.values = ""

    def __call__(self, connection, cursor, statement, parameters, context, many) -> None:
        self.statements.append(statement)
        self.values += repr(parameters)


@contextmanager
def listening(store) -> Iterator[Heard]:
    found, run = Heard(), Prepared.run
    engines = (store._engines.reader, store._engines.writer)

    def heard_too(self, driver, values):
        found(None, None, self._text, values, None, False)
        return run(self, driver, values)

    with pytest.MonkeyPatch.context() as patch:  # most statements go past SQLAlchemy's events
        patch.setattr(Prepared, "run", heard_too)
        for engine in engines:
            event.listen(engine, "before_cursor_execute", found)
        yield found
        for engine in engines:
            event.remove(engine, "before_cursor_execute", found)
