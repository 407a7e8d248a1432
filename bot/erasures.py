"""Who was erased, noted in a file outside the database, so that an older copy of it that is put
back is told at the next start.

Keyed hashes of addresses only, written right after the erasure was committed and kept for 45 days:
longer than the oldest backup. What a crash in between left out is added from the database itself
at the next start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.doors import Database
from bot.outside import readable

NAME = "erasures"
PURPOSE = "who was erased since, so that they stay so"
DAMAGED = "\ufffd"  # what a byte is read as that is no text
KEPT = timedelta(days=45)  # as long as the rule *erasures* keeps them in the database
log = structlog.get_logger(__name__)


class Erasures:
    """One line for each erasure: {"mark", "at"}."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def note(self, marks: Mapping[str, datetime]) -> None:
        """Add what was erased just now. A full disk holds up nobody: it is noted later."""
        lines = (json.dumps({"mark": mark, "at": at.isoformat()}) for mark, at in marks.items())
        try:
            self._write(self._path, os.O_APPEND, "".join(f"{line}\n" for line in lines))
        except OSError as error:
            log.error("erasure not noted", problem=error.strerror)

    def replay(self, database: Database, now: datetime) -> int:
        """Erase again whom this database still knows, bring the list up to date; gives how many
        people that were. Raises KnowledgeError, as Unreadable when the list cannot be read."""
        since = now - KEPT
        lines, found = self._read()
        noted = {mark: at for mark, at in found.items() if at > since}
        with database.read() as work:
            known = work.contacts.erasures(since)
        missing = {mark: at for mark, at in noted.items() if mark not in known or known[mark] < at}
        erased = 0
        if missing:
            with database.work() as work:
                erased = work.contacts.erase_again(missing)
        try:
            self._keep({**known, **missing}, noted, lines)
        except OSError as error:  # the database has it all
            log.error("erasures not noted", problem=error.strerror)
        return erased

    def check(self) -> None:
        """Raises Unreadable."""
        self._read()

    def _keep(
        self, all_: Mapping[str, datetime], noted: Mapping[str, datetime], lines: int
    ) -> None:
        """Write the list anew when it, of so many lines, lacks something or holds what is too
        old, torn or twice there."""
        if dict(noted) == dict(all_) and lines == len(all_):
            return
        text = "".join(
            json.dumps({"mark": mark, "at": at.isoformat()}) + "\n" for mark, at in all_.items()
        )
        fresh = self._path.with_suffix(".new")
        self._write(fresh, os.O_TRUNC, text)
        fresh.replace(self._path)

    def _read(self) -> tuple[int, dict[str, datetime]]:
        """How many lines there are, and who stands in those that are whole."""
        found: dict[str, datetime] = {}
        with readable(self._path, PURPOSE):
            exists = self._path.exists()
            text = self._path.read_text(encoding="utf-8", errors="replace") if exists else ""
        lines = text.splitlines()
        for line in lines:
            try:
                entry = json.loads(line)
                mark, at = str(entry["mark"]), datetime.fromisoformat(entry["at"])
            except (ValueError, TypeError, KeyError):
                continue  # torn by a crash while it was written; the database has it
            if DAMAGED in line:
                continue  # it would name somebody else
            found[mark] = max(at, found.get(mark, at))
        return len(lines), found

    def _write(self, path: Path, how: int, text: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | how, 0o600)
        with os.fdopen(handle, "a", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
