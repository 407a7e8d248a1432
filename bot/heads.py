"""The end of the audit chain, noted and signed in a file outside the database.

The chain itself shows every edit, removal and other order, but not that its end was cut off, nor
that somebody with the file in hands worked the whole chain out anew. A head that was noted
elsewhere shows both (privacy: at most an hour of the end can go unnoticed)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from bot.doors import AuditLog

NAME = "audit.heads"


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry there was at that time. `signature` by the master key."""

    at: str
    number: int
    hash: str
    signature: str = ""

    @property
    def signed(self) -> str:
        """What the signature is about."""
        return f"{self.at} {self.number} {self.hash}"


class Heads:
    """One line for each hour in which something was written; lines are only added."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def last(self) -> Head | None:
        """The newest whole line; None when there is none."""
        if not self._path.exists():
            return None
        for line in reversed(self._path.read_text(encoding="utf-8").splitlines()):
            try:
                return Head(**json.loads(line))
            except (ValueError, TypeError):
                continue  # torn by a crash while it was written
        return None

    def note(self, log: AuditLog, now: datetime) -> Head | None:
        """Add the present head; None when it is noted already or there is nothing."""
        number, hash_ = log.head()
        last = self.last()
        if number == 0 or (last is not None and last.number == number):
            return None
        head = Head(now.isoformat(timespec="seconds"), number, hash_)
        head = Head(head.at, number, hash_, log.sign(head.signed))
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(head)) + "\n")
        return head

    def problem(self, log: AuditLog) -> str:
        """What the noted head says against the chain, in words; empty when nothing."""
        noted = self.last()
        if noted is None:
            return ""
        if not log.signed(noted.signed, noted.signature):
            return f"{self._path} was changed by somebody without the master key"
        number, _ = log.head()
        if number < noted.number:
            return (
                f"the end was cut off: entry {noted.number} was there at {noted.at}, now there "
                f"are {number}. After a restored backup this is right: move {self._path} away"
            )
        if log.hash_of(noted.number) != noted.hash:
            return f"entry {noted.number} is not the one that was there at {noted.at}"
        return ""
