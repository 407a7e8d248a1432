"""What went out, noted in files outside the database, so that an older copy of it that is put
back does not send it again (faults K9).

Digests only, right after the platform took a message; one file for each day, kept as long as the
oldest backup may be. They are looked at only where the database turns out to be an older copy: it
does not know of what was sent last. From then on they are asked until they are too old.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import structlog

from bot.doors import Database
from knowledge_base.deliveries import Delivery, OutboxRow

FOLDER, PUT_BACK = "sent", "put-back"
KEPT = timedelta(days=31)  # longer than the oldest backup (30 days)
KNOWN = timedelta(days=29)  # the database itself forgets deliveries after 30 days
NOT_GONE = frozenset({Delivery.WAITING, Delivery.SENDING})
FAREWELL = "erased:"  # such a row goes once it is delivered, and is not missed
log = structlog.get_logger(__name__)


class Sent:
    """One line for each message: [row, when, tries, digests…]."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._known: dict[str, int] = {}  # digest → tries; empty unless it is an older copy

    def note(self, row: OutboxRow, now: datetime, *, announced: bool = False) -> None:
        """It went out just now; `announced`: only a template that says there is something. A full
        disk holds up nobody."""
        if row.person.startswith(FAREWELL):
            return
        marks = [_mark(name, announced) for name in _names(row)]
        line = json.dumps([row.id, now.isoformat(), row.tries, *marks], separators=(",", ":"))
        try:
            self._append(f"{now:%Y%m%d}", f"{line}\n")
        except OSError as error:
            log.error("what was sent is not noted", problem=error.strerror)

    def again(self, row: OutboxRow, *, announced: bool = False) -> bool:
        """Did this go out already, by a database that was ahead of this one? `announced`: did its
        template? What was tried more often since was not delivered."""
        if not self._known:
            return False
        noted = [self._known.get(_mark(name, announced), -1) for name in _names(row)]
        return max(noted) >= row.tries

    def open(self, database: Database, now: datetime) -> None:
        """At a start: forget what is too old, and look whether the database is an older copy.
        Raises KnowledgeError, and OSError when the files cannot be read."""
        lines = [line for file in self._files(now) for line in _lines(file)]
        if lines and now - lines[-1].at < KNOWN and _unknown(database, lines[-1].row):
            young = (line for line in lines if now - line.at < KNOWN)
            begun = next(line.at for line in young if _unknown(database, line.row))
            self._append(PUT_BACK, f"{begun.isoformat()} {now.isoformat()}\n")
        lost = [(begun, at) for begun, at in self._put_back() if now - at < KEPT]
        if not lost:
            return
        for line in lines:
            if any(begun <= line.at <= at for begun, at in lost):
                for mark in line.marks:
                    self._known[mark] = max(line.tries, self._known.get(mark, 0))
        log.warning("the database is an older copy: what was sent since is not sent again")

    def _append(self, name: str, text: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(self._folder / name, flags, 0o600)
        try:
            os.write(handle, text.encode())
        finally:
            os.close(handle)

    def _files(self, now: datetime) -> Iterator[Path]:
        """The files that are kept, the oldest first; others go."""
        for file in sorted(self._folder.glob("[0-9]" * 8)):
            if file.name < f"{now - KEPT:%Y%m%d}":
                file.unlink()
            else:
                yield file

    def _put_back(self) -> list[tuple[datetime, datetime]]:
        """From when on an older copy that was found lacks what was sent, and when it was found:
        what it knows of may have been refused since, and is to be sent again."""
        file = self._folder / PUT_BACK
        found = []
        for line in file.read_text(encoding="utf-8").splitlines() if file.exists() else ():
            try:
                begun, at = map(datetime.fromisoformat, line.split())
            except ValueError:
                continue  # torn by a crash while it was written
            found.append((begun, at))
        return found


@dataclass(frozen=True, slots=True)
class _Line:
    """What one line says."""

    row: int
    at: datetime
    tries: int
    marks: tuple[str, ...]


def _unknown(database: Database, row: int) -> bool:
    """Does the database not know that this row was sent?"""
    with database.read() as work:
        stands = work.outbox.standing(row)
    return stands is None or stands in NOT_GONE


def _names(row: OutboxRow) -> Iterator[str]:
    """What a message is known by: as this row, and where it has a key as the same said again by a
    row of its own. Who hears it is a random id, so that nothing can be told from the digest."""
    said = json.dumps(dict(row.body), sort_keys=True)
    yield f"{row.id} {row.person} {said}"
    if row.body.get("key"):
        yield f"key {row.person} {said}"


def _mark(name: str, announced: bool) -> str:
    return sha256(f"{int(announced)} {name}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _lines(file: Path) -> Iterator[_Line]:
    for text in file.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            row, at, tries, *marks = json.loads(text)
            yield _Line(int(row), datetime.fromisoformat(at), int(tries), tuple(map(str, marks)))
        except (ValueError, TypeError):
            continue  # torn by a crash while it was written
