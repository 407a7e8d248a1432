"""kill -9 at every step, restart: nothing acknowledged is lost, nothing visible comes twice.

A real process works against the strict platforms on loopback. It dies at a named step, or at
some write to the disk, and is started again; then everybody must have their answer, once. Only
where it died between sending and remembering that it had sent may one message be repeated:
the platforms have no way to ask.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from knowledge_base.store import Store
from tests.crashing import KILLED
from tests.servers.serving import served, until
from tests.servers.telegram import FakeTelegram, Person

HOUSE = Path(__file__).resolve().parents[1]
KEY = "kunci-utama-untuk-uji-coba-0123456789"
SECRET = "rahasia-webhook-untuk-uji-coba-0123456789"
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
PATIENCE = 180.0  # seconds until a state is given up, on a busy machine too
STRACE = shutil.which("strace")


def known_claim() -> str:
    """A claim of the bundled fact-checks, word for word."""
    with (HOUSE / "knowledge_base/seed/health.jsonl").open(encoding="utf-8") as file:
        return str(json.loads(file.readline())["claim"])


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Platforms:
    """A server on loopback that plays the platforms; each test puts its own fake in."""

    url: str = ""
    telegram: FakeTelegram | None = None

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        assert self.telegram is not None
        await self.telegram.app(scope, receive, send)  # type: ignore[arg-type]

    def renew(self) -> FakeTelegram:
        """A Telegram without any past."""
        self.telegram = FakeTelegram(clock=time.time, longest_hold=1.0)
        return self.telegram


class Installation:
    """Saring on this machine, and the platforms it talks to."""

    def __init__(self, var: Path, platforms: Platforms) -> None:
        self.var = var
        self.fake = platforms.renew()
        self.port = free_port()
        self.web = False
        self.process: subprocess.Popen[bytes] | None = None
        self.settings = {
            "SARING_VAR": str(var),
            "SARING_PORT": str(self.port),
            "SECRET_KEY": KEY,
            "TELEGRAM_TOKEN": self.fake.token,
            "TELEGRAM_API_URL": platforms.url,
        }

    def start(self, step: str = "never") -> subprocess.Popen[bytes]:
        """Start a process that dies at this step."""
        arguments = [sys.executable, "-m", "tests.crashing", step, *(["web"] if self.web else [])]
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOUSE), **self.settings}
        with (self.var.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                arguments, cwd=self.var.parent, env=environment, stdout=log, stderr=log
            )
        return self.process

    def dies(self, code: int = KILLED) -> None:
        """Wait until the process is dead."""
        assert self.process is not None
        assert self.process.wait(timeout=PATIENCE) == code, self.log()

    def stop(self) -> None:
        """Ask the process to end, and see that it does so properly."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.log()

    def delivers(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Post to the Telegram webhook; False when nobody said yes."""
        address = f"http://127.0.0.1:{self.port}/webhooks/telegram"
        try:
            return httpx.post(address, headers=dict(headers), content=body).status_code == 200
        except httpx.HTTPError:
            return False

    def unfinished(self) -> dict[str, int]:
        """What is still on its way in or out."""
        store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode())
        with store.read() as work:
            inbox, outbox = work.inbox.counts(), work.outbox.counts()
        store.close()
        waiting = {"in": inbox["waiting"] + inbox["leased"], "parked": inbox["parked"]}
        return waiting | {"out": outbox["waiting"] + outbox["sending"]}

    def outbox(self) -> dict[str, int]:
        """Messages by state, where there are any."""
        store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode())
        with store.read() as work:
            counts = work.outbox.counts()
        store.close()
        return {state: number for state, number in counts.items() if number}

    def log(self) -> str:
        """What the process said."""
        return (self.var.parent / "log.txt").read_text()

    def settles(self, *people: Person) -> list[int]:
        """Wait until everybody has an answer and nothing is on its way; gives how many each."""

        def settled() -> bool:
            heard = all(self.fake.sent_to(person) for person in people)
            return heard and self.fake.waiting == 0 and not any(self.unfinished().values())

        until(settled, PATIENCE)
        return [len(self.fake.sent_to(person)) for person in people]


@pytest.fixture(scope="module")
def platforms() -> Iterator[Platforms]:
    """The platforms, served by a thread of ours."""
    played = Platforms()
    with served(played) as played.url:
        yield played


@pytest.fixture(scope="module")
def prepared(platforms: Platforms, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `var` with the bundled fact-checks, made once and copied for every test."""
    installation = Installation(tmp_path_factory.mktemp("prepared") / "var", platforms)
    installation.start()
    until(lambda: bool(installation.fake.called("getUpdates")), PATIENCE)
    installation.stop()
    return installation.var


@pytest.fixture
def saring(platforms: Platforms, prepared: Path, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(prepared, tmp_path / "var")
    installation = Installation(tmp_path / "var", platforms)
    yield installation
    if installation.process is not None and installation.process.poll() is None:
        installation.process.kill()
        installation.process.wait()
    assert installation.fake.violations == []


def two_ask(fake: FakeTelegram) -> tuple[Person, Person]:
    """Sari forwards something that is known, Budi something that is not."""
    sari, budi = fake.person("Sari"), fake.person("Budi")
    sari.forwards(known_claim())
    budi.forwards(RUMOUR)
    return sari, budi


def wait_for(true: Callable[[], bool], saring: Installation) -> None:
    until(true, PATIENCE)


@pytest.mark.parametrize("step", STEPS)
def test_nobody_is_forgotten_when_it_dies_there(saring: Installation, step: str) -> None:
    people = two_ask(saring.fake)
    saring.start(step)
    saring.dies()
    in_the_air = step == "sent_committed" and saring.outbox() == {"sent": 1, "sending": 1}
    saring.start()
    answers = sorted(saring.settles(*people))
    saring.stop()
    # one was noted, but the other's answer may have been on its way just then
    assert answers == [1, 1] or ((step in MAY_REPEAT or in_the_air) and answers == [1, 2])
    texts = [{sent.text for sent in saring.fake.sent_to(person)} for person in people]
    assert [len(different) for different in texts] == [1, 1]
    assert known_claim() not in saring.log()
    assert saring.fake.token not in saring.log()


def test_a_kill_while_telegram_answers_repeats_at_most_one_message(saring: Installation) -> None:
    people = two_ask(saring.fake)
    process = saring.start()
    saring.fake.heard = lambda method: process.kill() if method == "sendMessage" else None
    saring.dies(-signal.SIGKILL)
    saring.fake.heard = lambda method: None
    saring.start()
    assert sum(saring.settles(*people)) in {2, 3}


def test_a_crash_at_every_start_still_answers_in_the_end(saring: Installation) -> None:
    people = two_ask(saring.fake)
    for step in ("stored", "lease_taken", "matched", "handled", "send_claimed"):
        saring.start(step)
        saring.dies()
    saring.start()
    assert saring.settles(*people) == [1, 1]


@pytest.mark.parametrize(
    "step", ["stored", *(pytest.param(step, marks=pytest.mark.soak) for step in STEPS[:6])]
)
def test_a_webhook_that_dies_gets_the_update_again(saring: Installation, step: str) -> None:
    saring.web = True
    saring.settings |= {
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
        "PUBLIC_URL": "https://saring.example",
    }
    saring.start(step)
    wait_for(lambda: bool(saring.fake.webhook) and bool(saring.fake.called("getMe")), saring)
    people = two_ask(saring.fake)
    headers = {"X-Telegram-Bot-Api-Secret-Token": saring.fake.webhook["secret_token"]}
    for _ in range(3):  # Telegram delivers again what nobody said yes to, and sometimes what was
        for update in saring.fake.updates:
            while not saring.delivers(headers, json.dumps(update).encode()):
                if saring.process is not None and saring.process.poll() is not None:
                    saring.start()
                time.sleep(0.05)
    saring.fake._pending.clear()
    assert not saring.delivers({"X-Telegram-Bot-Api-Secret-Token": "x" * 32}, b"{}")
    if saring.process is not None and saring.process.poll() is not None:
        saring.start()
    assert saring.settles(*people) == [1, 1]
    saring.stop()


def killed_at_a_write(saring: Installation, number: int) -> bool:
    """Let the process die at its N-th write to the disk, counted once it waits for messages;
    gives whether it came so far."""
    process = saring.start()
    wait_for(lambda: bool(saring.fake.called("getUpdates")), saring)
    inject = f"inject=pwrite64,fdatasync:signal=KILL:when={number}"
    command = [str(STRACE), "-f", "-qq", "-o", "/dev/null", "-e", inject, "-p", str(process.pid)]
    strace = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    time.sleep(0.5)  # strace takes hold of every thread
    people = two_ask(saring.fake)
    wait_for(lambda: process.poll() is not None or answered(saring, *people), saring)
    died = process.poll() is not None
    process.kill()
    process.wait()
    strace.wait()
    saring.start()
    answers = sorted(saring.settles(*people))
    assert set(answers) <= {1, 2}, answers  # both may have been on their way at that write
    return died


def answered(saring: Installation, *people: Person) -> bool:
    return all(saring.fake.sent_to(person) for person in people)


@pytest.mark.skipif(STRACE is None, reason="needs strace: apt install strace")
def test_nobody_is_forgotten_when_it_dies_at_a_write(saring: Installation) -> None:
    assert killed_at_a_write(saring, 9)


@pytest.mark.soak
@pytest.mark.skipif(STRACE is None, reason="needs strace: apt install strace")
@pytest.mark.parametrize("number", [*range(1, 21), *range(23, 81, 3)])
def test_nobody_is_forgotten_at_any_of_forty_writes(saring: Installation, number: int) -> None:
    killed_at_a_write(saring, number)
