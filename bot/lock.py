"""What one process has alone: the work on an embedded database (a lock on a file, which the system
frees when we die), and a port."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process works on this database; the text says what to do."""


class PortTaken(Exception):
    """Somebody else listens on our port; the text says what to do."""


@contextmanager
def only_worker(folder: Path) -> Iterator[None]:
    """Hold the worker's lock of this folder; raises AlreadyRunning (decision 17)."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "worker.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            owner = file.read().strip() or "?"
            raise AlreadyRunning(
                f"Saring is already running on {folder} (process {owner}). "
                "Stop it first, or set SARING_VAR to another folder."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
