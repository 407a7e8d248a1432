"""Processes that begin with the program loaded: forked from one that has imported it once.

Each is a process like any other, with its own memory, signals and death; only the imports, which
take ten times as long as the rest of a start, are done. That a start from nothing works as well
is shown where an operator's way in is tested (tests/bot/test_server.py).
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import sys
from collections.abc import Mapping
from pathlib import Path

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.everything"])


class Loaded:
    """`python -m MODULE WORDS…` in this folder, with this environment and nothing of ours; what
    it prints goes into these files, at their end."""

    def __init__(
        self, module: str, *words: str, env: Mapping[str, str], folder: Path, out: Path, err: Path
    ) -> None:
        begun = (module, words, dict(env), str(folder), (str(out), str(err)))
        self._process = FORKS.Process(target=_begin, args=begun, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """How it ended: below zero by a signal. None while it runs."""
        return self.poll()

    def poll(self) -> int | None:
        """The same."""
        return self._process.exitcode

    def wait(self, timeout: float = 60.0) -> int:
        """Wait until it has ended; gives how."""
        self._process.join(timeout)
        assert self.returncode is not None, f"it still runs after {timeout} s"
        return self.returncode

    def send_signal(self, sign: int) -> None:
        """Signal it, if it still runs."""
        if self.returncode is None:
            os.kill(self.pid, sign)

    def kill(self) -> None:
        """Let it die here and now."""
        self._process.kill()


def _begin(
    module: str, words: tuple[str, ...], env: dict[str, str], folder: str, files: tuple[str, str]
) -> None:
    """In the new process."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(folder)
    for number, (file, stream) in enumerate(zip(files, (sys.stdout, sys.stderr), strict=True), 1):
        opened = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(opened, number)
        os.close(opened)
        stream.reconfigure(write_through=True)  # type: ignore[union-attr]
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
