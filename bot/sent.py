"""What went out, noted in files outside the database, so that an older copy of it that is put
back does not send it again (faults K9).

Digests only, right after the platform took a message; one file for each day, kept as long as the
oldest backup may be. Each line carries the number that its transaction has in the database: one
that has not come to the newest number is an older copy, and lacks what has a later one. Only then
the lines are read, and from then on they are asked until they are too old.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog

from bot.doors import Database
from bot.outside import readable
from knowledge_base.deliveries import OutboxRow

FOLDER = "sent"
KEPT = timedelta(days=31)  # longer than the oldest backup (30 days)
SOME = 4_096  # bytes, some fifty lines
FAREWELL = "erased:"  # such a row goes once it is delivered, and is not missed
PURPOSE = "what was sent since, so that it is not sent again"
_NUMBER = re.compile(rb"^\[([0-9]{1,18}),[0-9]+,", re.MULTILINE)
_LINE = re.compile(r'^\[([0-9]{1,18}),([0-9]{1,9}),"([0-9a-f",]+)"\]$', re.MULTILINE)
log = structlog.get_logger(__name__)


class Sent:
    """One line for each message: [number, tries, digests…]. A line begins with its line break, so
    that one that was torn (a crash, a full disk) spoils no other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._known: dict[str, int] = {}  # digest → tries; empty unless it is an older copy
        self._stuck = False  # nothing can be noted, and the log has said so

    def note(self, row: OutboxRow, number: int, now: datetime, *, announced: bool = False) -> None:
        """It went out just now, in the transaction of this number; `announced`: only a template
        that says there is something. A full disk holds up nobody."""
        if row.person.startswith(FAREWELL):
            return
        marks = [_mark(name, announced) for name in _names(row)]
        line = json.dumps([number, row.tries, *marks], separators=(",", ":"))
        try:
            self._append(_day(now), f"\n{line}")
        except OSError as error:
            if not self._stuck:
                log.error("what was sent is not noted", problem=error.strerror)
            self._stuck = True
        else:
            self._stuck = False

    def again(self, row: OutboxRow, *, announced: bool = False) -> bool:
        """Did this go out already, by a database that was ahead of this one? `announced`: did its
        template? What was tried more often since was not delivered."""
        if not self._known:
            return False
        noted = [self._known.get(_mark(name, announced), -1) for name in _names(row)]
        return max(noted) >= row.tries

    def open(self, database: Database, now: datetime) -> None:
        """At a start: look whether the database is an older copy, and forget what is too old.
        Raises Unreadable: a start that cannot tell might send everything again."""
        newest = self.newest(now)
        with database.read() as work:
            behind = work.outbox.sendings() < newest
        if behind:
            with database.work() as work:
                work.outbox.lacks(newest, now)
        with database.read() as work:
            lacking = work.outbox.lacking(now - KEPT)
        if lacking:
            self._known = self._noted(lacking, now)
            log.warning("the database is an older copy: what was sent since is not sent again")
        self._forget(now)

    def newest(self, now: datetime) -> int:
        """The number that a database has come to unless it is an older copy; 0 when nothing is
        noted. Reads all of the newest file, for several may have been put together, and of those
        of days to come, which a clock that was ahead wrote; of the others the end, for a clock
        may have been behind. Raises Unreadable."""
        found = [0]
        with readable(self._folder, PURPOSE):
            ends = self._files()
            while ends and (ends[-1].name >= _day(now) or len(found) == 1):
                found += _numbers(_read(ends.pop(), now))
            found += [number for file in ends for number in _numbers(_read(file, now, -SOME))]
        return max(found)

    def _noted(self, lacking: Sequence[tuple[int, int]], now: datetime) -> dict[str, int]:
        """What was sent by these numbers, with the most tries each took."""
        known: dict[str, int] = {}
        with readable(self._folder, PURPOSE):
            for file in self._files():
                for line in _LINE.finditer(_read(file, now).decode(errors="replace")):
                    number, tries = int(line[1]), int(line[2])
                    if any(after < number <= upto for after, upto in lacking):
                        for mark in line[3].split('","'):
                            known[mark] = max(tries, known.get(mark, 0))
        return known

    def _append(self, name: str, text: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(self._folder / name, flags, 0o600)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def _files(self) -> list[Path]:
        """One for each day, the oldest first."""
        if not self._folder.exists():
            return []
        return sorted(
            file for file in self._folder.iterdir() if re.fullmatch("[0-9]{8}", file.name)
        )

    def _forget(self, now: datetime) -> None:
        """What is too old goes; what only looks so, for a clock was behind, is of later numbers
        than what is kept."""
        with readable(self._folder, PURPOSE):
            kept = [file for file in self._files() if file.name >= _oldest(now)]
            first = [number for file in kept for number in _numbers(_read(file, now, SOME))[:1]]
            for file in set(self._files()) - set(kept):
                last = max(_numbers(_read(file, now, -SOME)), default=0)
                if last > min(first, default=last):
                    continue
                try:
                    file.unlink(missing_ok=True)
                except OSError as error:
                    log.warning("an old list of what was sent stays", problem=error.strerror)


def _day(at: datetime) -> str:
    return f"{at:%Y%m%d}"


def _oldest(now: datetime) -> str:
    return _day(now - KEPT)


def _numbers(text: bytes) -> list[int]:
    return [int(number) for number in _NUMBER.findall(text)]


def _read(file: Path, now: datetime, part: int = 0) -> bytes:
    """All of a list, its first bytes, or (below 0) its last ones; nothing where another process
    has just found it too old."""
    try:
        with file.open("rb") as opened:
            opened.seek(max(0, file.stat().st_size + part) if part < 0 else 0)
            return opened.read(part if part > 0 else -1)
    except FileNotFoundError:
        if file.name < _oldest(now):
            return b""
        raise


def _names(row: OutboxRow) -> Iterator[str]:
    """What a message is known by: as this row, and where it has a key as the same said again by a
    row of its own. Who hears it is a random id, so that nothing can be told from the digest."""
    said = json.dumps(dict(row.body), sort_keys=True)
    yield f"{row.id} {row.person} {said}"
    if row.body.get("key"):
        yield f"key {row.person} {said}"


def _mark(name: str, announced: bool) -> str:
    return sha256(f"{int(announced)} {name}".encode("utf-8", "surrogatepass")).hexdigest()[:24]
