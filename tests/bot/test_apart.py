"""One process serves and another works on the same SQLite file: the set-up for a busy desk."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bot.processes import Running, Visitor, environment, finished, free_port

CLAIM = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu tadi pagi."


@pytest.fixture(scope="module")
def serves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The web of the installation, with another process that works beside it."""
    folder = tmp_path_factory.mktemp("apart") / "var"
    web = Running("serve", folder, free_port()).ready()
    worker = Running("work", folder, free_port())
    try:
        yield web
        assert [web.stop(), worker.stop()] == [0, 0], worker.output()
    finally:
        for each in (web, worker):
            each.end()


def test_what_one_process_takes_in_the_other_answers(serves: Running) -> None:
    visitor = Visitor(serves.base)
    assert visitor.say(CLAIM) == 200
    serves.until(lambda: len(visitor.answers()) == 1)
    assert visitor.say("status") == 200
    serves.until(lambda: len(visitor.answers()) == 2)
    visitor.client.close()


def test_a_second_one_that_works_is_refused(serves: Running) -> None:
    lock = serves.folder / "worker.lock"
    serves.until(lambda: lock.exists() and lock.read_text())
    env = environment(serves.folder, free_port())
    code, _, problem = finished("work", env=env, folder=serves.folder)
    assert code == 1
    assert "already running" in problem
