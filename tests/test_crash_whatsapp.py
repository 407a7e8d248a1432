"""kill -9 at every step behind Meta's webhook, restart: nothing acknowledged is lost.

A real process works against the strict Graph API on loopback. Meta repeats what nobody said yes
to; everybody must have their answer in the end, once. Only where the process died between
sending and remembering that it had sent may one message be repeated.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from knowledge_base.store import Store
from tests.bot.processes import ROOT, free_port
from tests.crashing import KILLED
from tests.servers.graph import SECRET, TOKEN, FakeGraph, Person
from tests.servers.serving import served, until

PATIENCE = 180.0  # seconds until a state is given up, on a busy machine too
STRACE = shutil.which("strace")
KEY = "kunci-utama-untuk-uji-coba-0123456789"
CLAIM = "mulai besok kucing di Kelurahan Mawar wajib punya kartu identitas"
# Each reply comes after a read mark of its own: the second time a step is reached is the reply.
SHORT = ("stored", "response_read:2")
LONG = (
    "received",
    "before_commit",
    "lease_taken",
    "matched",
    "handled",
    "send_claimed:2",
    "sent_committed:2",
)
MAY_REPEAT = {"response_read:2"}


class Installation:
    """Saring with a WhatsApp number on this machine, and Meta around it."""

    def __init__(self, var: Path, url: str, fake: FakeGraph) -> None:
        self.var, self.fake, self.port = var, fake, free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self.settings = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "SARING_VAR": str(var),
            "SARING_PORT": str(self.port),
            "SECRET_KEY": KEY,
            "WHATSAPP_TOKEN": TOKEN,
            "WHATSAPP_PHONE_NUMBER_ID": fake.number_id,
            "WHATSAPP_APP_SECRET": SECRET,
            "WHATSAPP_VERIFY_TOKEN": "kata-rahasia",
            "WHATSAPP_API_URL": url,
        }

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/webhooks/whatsapp"

    def start(self, step: str = "never") -> None:
        """Start a process that dies at this step, and wait until it listens or is dead."""
        with (self.var.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.crashing", step, "web"],
                cwd=self.var.parent,
                env=self.settings,
                stdout=log,
                stderr=log,
            )
        until(lambda: self.is_dead() or self.listens(), PATIENCE)

    def is_dead(self) -> bool:
        assert self.process is not None
        return self.process.poll() is not None

    def listens(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200
        except httpx.HTTPError:
            return False

    def is_told(self, deliveries: list[tuple[dict[str, str], bytes]]) -> None:
        """Meta delivers, again and again until somebody says yes, and once more for luck."""
        for headers, body in [*deliveries, *deliveries]:
            while not self._says_yes(headers, body):
                self.revive()
                time.sleep(0.05)

    def revive(self) -> None:
        """Start again if it was killed."""
        if self.is_dead():
            assert self.process is not None
            assert self.process.returncode in {KILLED, -signal.SIGKILL}, self.log()
            self.deaths += 1
            self.start()

    def _says_yes(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            return httpx.post(self.webhook, headers=headers, content=body).status_code == 200
        except httpx.HTTPError:
            return False

    def unfinished(self) -> int:
        """How much is still on its way in or out, or was put aside."""
        store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode())
        with store.read() as work:
            inbox, outbox = work.inbox.counts(), work.outbox.counts()
        store.close()
        coming = inbox["waiting"] + inbox["leased"] + inbox["parked"]
        return coming + outbox["waiting"] + outbox["sending"]

    def log(self) -> str:
        """What the process said."""
        return (self.var.parent / "log.txt").read_text()

    def dies_at_write(self, number: int) -> subprocess.Popen[bytes]:
        """Let the running process be killed at its N-th write to the disk from now on."""
        assert self.process is not None
        pid = self.process.pid
        inject = f"inject=pwrite64,fdatasync:signal=KILL:when={number}"
        command = [str(STRACE), "-f", "-qq", "-o", "/dev/null", "-e", inject, "-p", str(pid)]
        strace = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        threads = Path(f"/proc/{pid}/task")
        until(lambda: all(map(is_traced, threads.iterdir())))
        return strace

    def settles(self, *people: Person) -> list[int]:
        """Wait until it has died, everybody has an answer and nothing is on its way; gives how many
        each. It may die right behind its last commit, when all else is done."""

        def settled() -> bool:
            self.revive()
            return self.deaths > 0 and all(map(self.fake.sent_to, people)) and not self.unfinished()

        until(settled, PATIENCE)
        return sorted(len(self.fake.sent_to(person)) for person in people)

    def stop(self) -> None:
        """Ask the process to end, and see that it does so properly."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=30) == 0, self.log()


def is_traced(thread: Path) -> bool:
    """Does strace hold this thread?"""
    return "TracerPid:\t0\n" not in (thread / "status").read_text()


class Meta:
    """A server on loopback that plays Meta; each test puts its own fake in."""

    fake: FakeGraph

    async def __call__(self, scope: dict[str, object], receive: object, send: object) -> None:
        await self.fake.app(scope, receive, send)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def meta() -> Iterator[tuple[Meta, str]]:
    played = Meta()
    with served(played) as url:
        yield played, url


@pytest.fixture(scope="module")
def prepared(meta: tuple[Meta, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A `var` with the bundled fact-checks, made once and copied for every test."""
    var = tmp_path_factory.mktemp("prepared") / "var"
    installation = Installation(var, meta[1], FakeGraph())
    installation.start()
    installation.stop()
    return var


@pytest.fixture
def saring(meta: tuple[Meta, str], prepared: Path, tmp_path: Path) -> Iterator[Installation]:
    shutil.copytree(prepared, tmp_path / "var")
    meta[0].fake = FakeGraph(clock=time.time)
    installation = Installation(tmp_path / "var", meta[1], meta[0].fake)
    yield installation
    if installation.process is not None and not installation.is_dead():
        installation.process.kill()
        installation.process.wait()


@pytest.mark.parametrize(
    "step", [*SHORT, *(pytest.param(step, marks=pytest.mark.soak) for step in LONG)]
)
def test_nobody_is_forgotten_when_it_dies_there(saring: Installation, step: str) -> None:
    fake = saring.fake
    sari = fake.person("Sari", number="6281234567890", bsuid="ID.7719228840172635")
    budi = fake.person("Budi", number="6281298765432")
    saring.start(step)
    sari.forwards(CLAIM, many=True)
    budi.sends(CLAIM + " 😱")
    saring.is_told([fake.signed(payload) for payload in fake.payloads()])
    answers = saring.settles(sari, budi)
    assert answers == [1, 1] or (step in MAY_REPEAT and answers == [1, 2])
    assert saring.deaths == 1
    saring.stop()
    assert CLAIM not in saring.log()
    for secret in (TOKEN, SECRET, sari.number, budi.number, sari.bsuid, "wamid."):
        assert secret not in saring.log()


def killed_at_a_write(saring: Installation, number: int) -> None:
    fake = saring.fake
    sari = fake.person("Sari", number="6281234567890", bsuid="ID.7719228840172635")
    budi = fake.person("Budi", number="6281298765432")
    saring.start()
    strace = saring.dies_at_write(number)
    sari.forwards(CLAIM, many=True)
    budi.sends(CLAIM + " 😱")
    saring.is_told([fake.signed(payload) for payload in fake.payloads()])
    answers = saring.settles(sari, budi)
    assert set(answers) <= {1, 2}, answers  # both may have been on their way at that write
    saring.stop()
    strace.wait()


@pytest.mark.skipif(STRACE is None, reason="needs strace: apt install strace")
def test_nobody_is_forgotten_when_it_dies_at_a_write(saring: Installation) -> None:
    killed_at_a_write(saring, 9)
    assert saring.deaths == 1


@pytest.mark.soak
@pytest.mark.skipif(STRACE is None, reason="needs strace: apt install strace")
@pytest.mark.parametrize("number", [*range(1, 21), *range(23, 81, 3)])
def test_nobody_is_forgotten_at_any_of_forty_writes(saring: Installation, number: int) -> None:
    killed_at_a_write(saring, number)
