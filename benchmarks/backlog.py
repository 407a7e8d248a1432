"""The database of a running Saring seen from outside, and how long it takes to work off what waits.

Used by benchmarks.messengers. All times are seconds.
"""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HANDLED = "select count(*) from inbox where state = 'done'"
WAITING = "select count(*) from inbox where state in ('waiting', 'leased')"
PARKED = "select count(*) from inbox where state = 'parked'"
UNSENT = "select count(*) from outbox where state in ('waiting', 'sending')"
SENT = "select count(*) from outbox where state = 'sent'"
BETWEEN_LOOKS = 0.5


def open_beside(var: Path) -> sqlite3.Connection:
    """The database, to be read beside the running process."""
    return sqlite3.connect(f"file:{var / 'saring.db'}?mode=ro", uri=True, timeout=30)


def rows_of(var: Path, query: str) -> list[Any]:
    """Rows of the database."""
    database = open_beside(var)
    try:
        return database.execute(query).fetchall()
    finally:
        database.close()


def count(var: Path, query: str) -> int:
    """One number of the database."""
    return int(rows_of(var, query)[0][0])


@dataclass
class Drain:
    """What was left when the load ended, and what became of it; infinite: not within the limit."""

    waiting: int  # messages to be handled when the load ended
    limit: float
    handled: int = 0  # since then
    sent: int = 0
    handled_in: float = math.inf
    sent_in: float = math.inf
    took: float = 0.0
    left: int = 0
    unsent: int = 0
    parked: int = 0

    @property
    def over(self) -> bool:
        """Is nothing on its way any more?"""
        return self.sent_in < math.inf

    def lines(self) -> list[str]:
        """In words."""
        handled_for, sent_for = min(self.handled_in, self.took), min(self.sent_in, self.took)
        return [
            f"{self.waiting} waited when the load ended; {self.handled} were handled after it,"
            f" {_rate(self.handled, handled_for)}: {self._end(self.handled_in, self.left)}",
            f"{self.sent} answers were handed over after it, {_rate(self.sent, sent_for)}:"
            f" {self._end(self.sent_in, self.unsent + self.left)}",
            *([f"{self.parked} were put aside as not to be handled"] if self.parked else ()),
        ]

    def _end(self, after: float, left: int) -> str:
        if after < math.inf:
            return f"the last one after {after:.0f} s"
        return f"{left} still waited at the limit of {self.limit:.0f} s"


def _rate(number: int, seconds: float) -> str:
    return f"{number / seconds:.1f}/s" if seconds > 0 else "at once"


def drained(var: Path, limit: float, alive: Callable[[], bool] = lambda: True) -> Drain:
    """Wait until everything that was taken in is handled and its answers are handed over, for
    `limit` seconds at most; gives what was reached. Ends early when the process is not alive."""
    begun, handled, sent = time.monotonic(), count(var, HANDLED), count(var, SENT)
    drain = Drain(count(var, WAITING), limit)
    while True:
        drain.left, drain.unsent = count(var, WAITING), count(var, UNSENT)
        drain.took = time.monotonic() - begun
        if not drain.left:
            drain.handled_in = min(drain.handled_in, drain.took)
            if not drain.unsent:
                drain.sent_in = drain.took
        if drain.over or drain.took >= limit or not alive():
            break
        time.sleep(BETWEEN_LOOKS)
    drain.handled, drain.sent = count(var, HANDLED) - handled, count(var, SENT) - sent
    drain.parked = count(var, PARKED)
    return drain
