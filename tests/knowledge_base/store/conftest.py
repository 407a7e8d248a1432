"""Every test of the store runs on SQLite and, where there is a server, on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from knowledge_base.store import Store
from tests import postgresql
from tests.conftest import MASTER_KEY, Clock


@pytest.fixture
def everything(backend: str, database: str, tmp_path: Path) -> Callable[[], bytes]:
    """All that could be read by whoever has the files of SQLite, or every row of PostgreSQL."""
    if backend == "sqlite":
        return lambda: b"".join(p.read_bytes() for p in sorted(tmp_path.glob("saring.db*")))
    return partial(postgresql.rows, database)


@pytest.fixture
def store(database: str, clock: Clock) -> Iterator[Store]:
    """A store on a database of its own, on the test's clock."""
    opened = Store(database, MASTER_KEY, clock)
    yield opened
    opened.close()
