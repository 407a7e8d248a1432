"""What all tests share: a migrated store, a clock to set, the real material."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.garbage import look_rarely, spare_what_stays
from knowledge_base.store import Store
from tests import postgresql

# Tests assert no times (decision 26): a busy machine must not fail a property.
settings.register_profile("saring", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("saring")
look_rarely()

MASTER_KEY = b"a master key that only tests have"
BOTH = ("sqlite", "postgresql")
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and say so, what needs ../shared where it is absent, and what runs long.

    Browser tests come last: Playwright keeps an event loop running in the main thread, and no
    other can start beside it.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    reasons = {
        "shared": "" if SHARED.is_dir() else "needs the real material in ../shared",
        "soak": "" if "soak" in config.option.markexpr else "runs long: make soak",
    }
    for item in items:
        for name, reason in reasons.items():
            if reason and item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish() -> None:
    """Thousands of tests stay until the end: the garbage collector need not look at them."""
    spare_what_stays()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Both databases for what uses one, unless it is marked as about SQLite alone."""
    if "backend" in metafunc.fixturenames:
        only = metafunc.definition.get_closest_marker("sqlite")
        metafunc.parametrize("backend", BOTH[:1] if only else BOTH, scope="session")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line what was left out for want of a server."""
    reason = postgresql.missing()
    skipped = terminalreporter.stats.get("skipped", ())
    if reason and any(reason in str(report.longrepr) for report in skipped):
        terminalreporter.write_line(f"PostgreSQL: not tested, {reason}")


class Clock:
    """A clock that stands still until it is moved; call it for the time."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        """Move on by days=…, hours=…, minutes=…, seconds=…; gives the new time."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """10 February 2027, 09:00 UTC."""
    return Clock(datetime(2027, 2, 10, 9, 0, tzinfo=UTC))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, made once and copied for every test."""
    path = tmp_path_factory.mktemp("database") / "empty.db"
    store = Store(f"sqlite:///{path}", MASTER_KEY)
    store.migrate()
    store.checkpoint()
    store.close()
    return path


@pytest.fixture
def store(tmp_path: Path, empty_database: Path, clock: Clock) -> Iterator[Store]:
    """A store of its own in `tmp_path / "saring.db"`, on the test's clock."""
    path = tmp_path / "saring.db"
    shutil.copy(empty_database, path)
    opened = Store(f"sqlite:///{path}", MASTER_KEY, clock)
    yield opened
    opened.close()


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
def shared() -> Callable[[str], Path]:
    """shared("data/x.jsonl"): the real material beside the checkout; skips where it is absent."""

    def find(name: str) -> Path:
        path = SHARED / name
        if not path.exists():
            pytest.skip(f"needs the real material: {path} is not there")
        return path

    return find
