"""Two workers never share one embedded database."""

import subprocess
import sys

import pytest

from bot.lock import AlreadyRunning, only_worker


def test_a_second_worker_is_refused_and_told_who_holds_the_lock(tmp_path) -> None:
    with (
        only_worker(tmp_path),
        pytest.raises(AlreadyRunning, match="process"),
        only_worker(tmp_path),
    ):
        pass


def test_the_lock_is_free_again_after_a_kill(tmp_path) -> None:
    code = (
        "import os, sys, pathlib; from bot.lock import only_worker\n"
        "with only_worker(pathlib.Path(sys.argv[1])): os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)]).returncode == -9
    with only_worker(tmp_path):
        assert (tmp_path / "worker.lock").read_text()
