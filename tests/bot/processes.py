"""Saring as an operator runs it: a process of its own, on a free port of this machine."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from tests.loaded import Loaded

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
PLAIN = ssl.SSLContext(
    ssl.PROTOCOL_TLS_CLIENT
)  # nothing is encrypted here: no certificates to read


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(folder: Path, port: int, **more: str) -> dict[str, str]:
    """Only what is set here: nothing of the machine's own settings."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    here = {"SARING_VAR": str(folder), "SARING_PORT": str(port), "PYTHONPATH": str(ROOT)}
    return {**kept, **here, "PYTHONUNBUFFERED": "1", **more}


def finished(*words: str, env: Mapping[str, str], folder: Path) -> tuple[int, str, str]:
    """Run a verb to its end; gives exit code, standard output and standard error."""
    with TemporaryDirectory() as kept:
        out, err = Path(kept, "out"), Path(kept, "err")
        done = Loaded("bot", *words, env=env, folder=folder, out=out, err=err)
        return done.wait(PATIENCE), out.read_text(), err.read_text()


def is_ready(base: str) -> bool:
    """Does it take work? False when nobody is there."""
    with suppress(httpx.TransportError):
        return httpx.get(f"{base}/readyz", verify=PLAIN).status_code == 200
    return False


class Running:
    """A verb that runs until it is stopped; `fresh`: in a new interpreter, as an operator has it,
    else in one that has imported the program (tests/loaded.py)."""

    def __init__(
        self, verb: str, folder: Path, port: int, *, fresh: bool = False, **more: str
    ) -> None:
        self.folder, self.port = folder, port
        folder.mkdir(parents=True, exist_ok=True)
        self._out = folder / f"{verb}.out"
        self._out.write_text("")
        start = self._fresh if fresh else self._loaded
        self.process = start(verb, environment(folder, port, **more))

    def _loaded(self, verb: str, env: dict[str, str]) -> Loaded:
        return Loaded("bot", verb, env=env, folder=self.folder, out=self._out, err=self._out)

    def _fresh(self, verb: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "bot", verb]
        with self._out.open("ab") as out:
            return subprocess.Popen(words, env=env, cwd=self.folder, stdout=out, stderr=out)

    @property
    def base(self) -> str:
        """The address it serves."""
        return f"http://localhost:{self.port}"

    def output(self) -> str:
        """What it has printed so far."""
        return self._out.read_text()

    def ready(self) -> Running:
        """Wait until it takes work."""
        return self.until(lambda: is_ready(self.base))

    def until(self, reached: Any) -> Running:
        """Wait until something is so; fails with what the process printed."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            assert self.process.poll() is None, self.output()
            with suppress(httpx.TransportError):
                if reached():
                    return self
            time.sleep(0.05)
        raise AssertionError(f"it never came: {self.output()}")

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Signal it; gives the exit code."""
        self.process.send_signal(sign)
        return self.process.wait(PATIENCE)

    def end(self) -> None:
        """Whatever happened, leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)


class Visitor:
    """Somebody with the chat page open."""

    def __init__(self, base: str) -> None:
        self.client = httpx.Client(base_url=base, headers={"origin": base}, verify=PLAIN)
        self.client.get("/chat")
        self.sent = 0

    def say(self, text: str) -> int:
        """Send a message; gives the status."""
        self.sent += 1
        body = {"id": f"message-{self.sent}", "kind": "message", "text": text}
        return self.client.post("/chat/send", json=body).status_code

    def lines(self) -> list[dict[str, Any]]:
        """Both sides of the chat."""
        return list(self.client.get("/chat/lines").json()["lines"])

    def answers(self) -> list[dict[str, Any]]:
        """What the bot has said."""
        return [line for line in self.lines() if line["ours"]]
