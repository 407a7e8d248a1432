"""Two processes on one database: a session is known to both and ends on both at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from bot.settings import load
from bot.wiring.clock import utc_now
from bot.wiring.database import open_store
from knowledge_base.facts import Role
from knowledge_base.store import Store
from tests.bot.processes import Running, free_port

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture(scope="module")
def replicas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    """Two that serve; the first one has made the database before the second begins."""
    folder = tmp_path_factory.mktemp("replicas") / "var"
    first = Running("serve", folder, free_port()).ready()
    second = Running("serve", folder, free_port())
    try:
        yield first, second.ready()
    finally:
        for each in (first, second):
            each.stop()
            each.end()


@pytest.fixture(scope="module")
def office(replicas) -> Iterator[Store]:
    """The same database from a third process, this one: what the command line does."""
    store = open_store(load({"SARING_VAR": str(replicas[0].folder)}))
    yield store
    store.close()


@pytest.fixture
def enter(office) -> Iterator[Callable[..., httpx.Client]]:
    """enter(at, name): log in there with a new one-time link."""
    open_: list[httpx.Client] = []

    def browser(at: Running, name: str) -> httpx.Client:
        with office.work() as work:
            if work.desk.by_name(name) is None:
                work.desk.add(name, Role.MODERATOR, "", utc_now())
            token = work.desk.link(name, utc_now())
        open_.append(httpx.Client(headers=OWN))
        assert open_[-1].post(f"{at.base}/desk/login", data={"token": token}).status_code == 303
        return open_[-1]

    yield browser
    for each in open_:
        each.close()


def seen(browser: httpx.Client, replicas: tuple[Running, Running]) -> list[int]:
    """What both say to this browser."""
    return [browser.get(f"{at.base}/desk").status_code for at in replicas]


def test_a_revoked_person_is_out_everywhere_with_the_next_click(replicas, office, enter):
    browser = enter(replicas[0], "Budi")
    assert seen(browser, replicas) == [200, 200]
    with office.work() as work:
        work.desk.revoke("Budi", utc_now())
    assert seen(browser, replicas) == [303, 303]


def test_a_session_ended_at_one_is_ended_at_the_other(replicas, enter):
    here, there = enter(replicas[0], "Ani"), enter(replicas[1], "Ani")
    assert (seen(here, replicas), seen(there, replicas)) == ([200, 200], [200, 200])
    assert here.post(f"{replicas[0].base}/desk/me/sessions/end").status_code == 303
    assert (seen(here, replicas), seen(there, replicas)) == ([200, 200], [303, 303])
    assert here.post(f"{replicas[1].base}/desk/logout").status_code == 303
    assert seen(here, replicas) == [303, 303]
