"""kill -9 at every step, restart: nothing acknowledged is lost, nothing visible comes twice.

A real process works against the strict Telegram on loopback. It dies at a named step and is
started again; then everybody must have their answer, once. Only where it died between sending
and remembering that it had sent may one message be repeated: Telegram has no way to ask.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from knowledge_base.store import Store
from tests.crashing import KILLED
from tests.servers.telegram import FakeTelegram, Person

HOUSE = Path(__file__).resolve().parents[1]
KEY = "kunci-utama-untuk-uji-coba-0123456789"
RUMOUR = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu tadi pagi."
STEPS = (
    "received",
    "stored",
    "lease_taken",
    "matched",
    "before_commit",
    "handled",
    "send_claimed",
    "response_read",
    "sent_committed",
)
MAY_REPEAT = {"response_read"}


def known_claim() -> str:
    """A claim of the bundled fact-checks, word for word."""
    with (HOUSE / "knowledge_base/seed/health.jsonl").open(encoding="utf-8") as file:
        return str(json.loads(file.readline())["claim"])


class Installation:
    """Saring on this machine, and the Telegram it talks to."""

    def __init__(self, var: Path, fake: FakeTelegram, url: str) -> None:
        self.var = var
        self.fake = fake
        self.url = url
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, step: str = "never") -> subprocess.Popen[bytes]:
        """Start a process that dies at this step."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HOUSE),
            "SARING_VAR": str(self.var),
            "SECRET_KEY": KEY,
            "TELEGRAM_TOKEN": self.fake.token,
            "TELEGRAM_API_URL": self.url,
        }
        with (self.var.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.crashing", step],
                cwd=self.var.parent,
                env=environment,
                stdout=log,
                stderr=log,
            )
        return self.process

    def stop(self) -> int:
        """Ask the process to end; gives its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=30)

    def counts(self) -> dict[str, int]:
        """What is still on its way in or out."""
        store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode())
        with store.read() as work:
            inbox, outbox = work.inbox.counts(), work.outbox.counts()
        store.close()
        unfinished = {"in": inbox["waiting"] + inbox["leased"], "parked": inbox["parked"]}
        return unfinished | {"out": outbox["waiting"] + outbox["sending"]}

    def log(self) -> str:
        """What the process said."""
        return (self.var.parent / "log.txt").read_text()


@pytest.fixture(scope="module")
def telegram_server() -> Iterator[tuple[list[FakeTelegram], str]]:
    """A server on loopback; each test puts its own fake into the list."""
    current: list[FakeTelegram] = []

    async def app(scope: dict[str, object], receive: object, send: object) -> None:
        await current[-1].app(scope, receive, send)

    config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield current, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture(scope="module")
def prepared(
    telegram_server: tuple[list[FakeTelegram], str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A `var` with the bundled fact-checks, made once and copied for every test."""
    fakes, url = telegram_server
    fakes.append(FakeTelegram(clock=time.time, longest_hold=1.0))
    folder = tmp_path_factory.mktemp("prepared") / "var"
    installation = Installation(folder, fakes[-1], url)
    installation.start()
    fakes[-1].until(lambda: bool(fakes[-1].called("getUpdates")), 60.0)
    assert installation.stop() == 0, installation.log()
    return folder


@pytest.fixture
def saring(
    telegram_server: tuple[list[FakeTelegram], str], prepared: Path, tmp_path: Path
) -> Iterator[Installation]:
    fakes, url = telegram_server
    fakes.append(FakeTelegram(clock=time.time, longest_hold=1.0))
    shutil.copytree(prepared, tmp_path / "var")
    installation = Installation(tmp_path / "var", fakes[-1], url)
    yield installation
    if installation.process is not None and installation.process.poll() is None:
        installation.process.kill()
        installation.process.wait()
    assert fakes[-1].violations == []


def two_ask(fake: FakeTelegram) -> tuple[Person, Person]:
    """Sari forwards something that is known, Budi something that is not."""
    sari, budi = fake.person("Sari"), fake.person("Budi")
    sari.forwards(known_claim())
    budi.forwards(RUMOUR)
    return sari, budi


def all_settled(saring: Installation, *people: Person) -> bool:
    """Does everybody have an answer, and is nothing on its way any more?"""
    heard = all(saring.fake.sent_to(person) for person in people)
    return heard and saring.fake.waiting == 0 and not any(saring.counts().values())


@pytest.mark.parametrize("step", STEPS)
def test_nobody_is_forgotten_when_it_dies_there(saring: Installation, step: str) -> None:
    sari, budi = two_ask(saring.fake)
    assert saring.start(step).wait(timeout=60) == KILLED, saring.log()
    saring.start()
    saring.fake.until(lambda: all_settled(saring, sari, budi), 60.0)
    assert saring.stop() == 0
    answers = [len(saring.fake.sent_to(person)) for person in (sari, budi)]
    assert sorted(answers) in ([[1, 1], [1, 2]] if step in MAY_REPEAT else [[1, 1]])
    texts = {sent.text for sent in saring.fake.sent_to(sari)}
    assert len(texts) == 1
    assert known_claim() not in saring.log()


def test_a_kill_while_telegram_answers_repeats_at_most_one_message(saring: Installation) -> None:
    sari, budi = two_ask(saring.fake)
    process = saring.start()
    saring.fake.heard = lambda method: process.kill() if method == "sendMessage" else None
    assert process.wait(timeout=60) == -signal.SIGKILL
    saring.fake.heard = lambda method: None
    saring.start()
    saring.fake.until(lambda: all_settled(saring, sari, budi), 60.0)
    total = len(saring.fake.sent_to(sari)) + len(saring.fake.sent_to(budi))
    assert total in {2, 3}


def test_a_crash_at_every_start_still_answers_in_the_end(saring: Installation) -> None:
    sari, budi = two_ask(saring.fake)
    for step in ("stored", "lease_taken", "matched", "handled", "send_claimed"):
        assert saring.start(step).wait(timeout=60) == KILLED, saring.log()
    saring.start()
    saring.fake.until(lambda: all_settled(saring, sari, budi), 60.0)
    assert [len(saring.fake.sent_to(person)) for person in (sari, budi)] == [1, 1]
