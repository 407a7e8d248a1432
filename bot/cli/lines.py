"""The lines a command prints, and the exit codes scripts rely on."""

from __future__ import annotations

import sys

DONE, FAILED, USAGE, PARTLY = 0, 1, 2, 3
MUCH = 200  # so many queries take a while


def fail(message: str, code: int = FAILED) -> None:
    """Say it in one line on standard error and end."""
    sys.stderr.write(f"saring: {' '.join(message.split())}\n")
    sys.exit(code)


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def moving(line: str, *, last: bool = False) -> None:
    """A line on standard error that takes the place of the one before: on a terminal only."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{line}\n" if last else f"\r{line}")
        sys.stderr.flush()


def progress(done: int, total: int, what: str) -> None:
    """A moving line on a terminal; elsewhere a plain line at the end, and at each tenth of much."""
    if sys.stderr.isatty():
        moving(f"{done}/{total} {what}", last=done == total)
    elif done == total or (total >= MUCH and done % (total // 10) == 0):
        sys.stderr.write(f"{done}/{total} {what}\n")
