"""Every test of the store runs on SQLite and, where there is a server, on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from knowledge_base.store import Store
from tests import postgresql
from tests.conftest import MASTER_KEY, Clock

BOTH = ("sqlite", "postgresql")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both databases for what uses one, unless it is marked as about SQLite alone."""
    if "backend" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("sqlite")
        metafunc.parametrize("backend", BOTH[:1] if only else BOTH, scope="session")


@pytest.fixture(scope="session")
def server() -> Iterator[postgresql.Server]:
    """One for all tests of a process."""
    if reason := postgresql.missing():
        pytest.skip(reason)
    with postgresql.running() as server:
        yield server


@pytest.fixture(scope="session")
def migrated(server: postgresql.Server) -> Iterator[postgresql.Kept]:
    """A database on it with all tables."""
    url = server.make()
    store = Store(url, MASTER_KEY)
    store.migrate()
    store.close()
    found = postgresql.Kept(url)
    yield found
    found.close()


@pytest.fixture
def database(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a migrated database of the test's own."""
    if backend == "postgresql":
        return request.getfixturevalue("migrated").anew()
    path = tmp_path / "saring.db"
    shutil.copy(request.getfixturevalue("empty_database"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def blank(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with nothing in it."""
    if backend == "postgresql":
        return request.getfixturevalue("server").make()
    return f"sqlite:///{tmp_path / 'new.db'}"


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
