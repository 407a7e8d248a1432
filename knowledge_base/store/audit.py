"""Who did what to what, and why: an append-only chain of hashes.

Each entry holds the hash of the one before it and a salted commitment to its body. The body
lies in another table and may be erased; the chain stays whole. An edit, a removal or another
order is found by `verify`; that the end was cut off is found only by comparing `head` with one
noted elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import col, delete, func, select

from knowledge_base.deeds import Deed, spelt
from knowledge_base.facts import AuditEntry, AuditFilter
from knowledge_base.store.tables import AuditBodyRow, AuditRow, as_json, clean, table_of
from knowledge_base.store.unit import Door

HEAD = "audit"
START = "0" * 64
SALT_BYTES = 16
PAGE = 1000
EVER = datetime(2000, 1, 1, tzinfo=UTC)
ENTRIES, BODIES = table_of(AuditRow), table_of(AuditBodyRow)
_ABOUT = (
    core(ENTRIES)
    .where(ENTRIES.c.object.in_(bindparam("names", expanding=True)))
    .order_by(ENTRIES.c.seq.desc())
    .limit(bindparam("most"))
)
_DEEDS = (
    core(ENTRIES.c.seq, ENTRIES.c.at, ENTRIES.c.actor, ENTRIES.c.action, ENTRIES.c.object)
    .where(
        ENTRIES.c.object.in_(bindparam("names", expanding=True)),
        ENTRIES.c.action.in_(bindparam("deeds", expanding=True)),
        ENTRIES.c.at >= bindparam("since"),
        ENTRIES.c.seq > bindparam("after"),
    )
    .order_by(ENTRIES.c.seq)
)
_BODIES = core(BODIES.c.seq, BODIES.c.body).where(
    BODIES.c.seq.in_(bindparam("numbers", expanding=True))
)
PERSON = re.compile(r"\b[0-9a-f]{32}\b")  # what person ids look like


def nameless(text: str) -> str:
    """The text without person ids: the chain outlives every person in it."""
    return PERSON.sub("asker", text)


def commit(salt: bytes, body: str) -> str:
    """The commitment to a body."""
    return hashlib.sha256(salt + body.encode()).hexdigest()


def link(
    seq: int, at: datetime, actor: str, action: str, object_: str, commitment: str, prev: str
) -> str:
    """The hash of one entry."""
    fields = [seq, at.astimezone(UTC).isoformat(), actor, action, object_, commitment, prev]
    return hashlib.sha256(json.dumps(fields).encode()).hexdigest()


class Audit(Door):
    """The audit log of one transaction."""

    def write(
        self, actor: str, action: str, object_: str, reason: str = "", **details: Any
    ) -> None:
        """Append one entry in this transaction. Person ids are replaced by `asker`."""
        seq = self._unit.raise_counter(HEAD)
        self._session.flush()
        prev, at = self._hash(seq - 1), self._unit.now.astimezone(UTC)
        salt = secrets.token_bytes(SALT_BYTES)
        body = nameless(as_json({"reason": reason, **details}))
        names = [nameless(clean(text)) for text in (actor, str(action), object_)]
        commitment = commit(salt, body)
        self._session.add(AuditBodyRow(seq=seq, salt=salt, body=body))
        self._session.add(
            AuditRow(
                seq=seq,
                at=at,
                actor=names[0],
                action=names[1],
                object=names[2],
                commitment=commitment,
                prev=prev,
                hash=link(seq, at, names[0], names[1], names[2], commitment, prev),
            )
        )
        self._session.flush()

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry, to be noted outside; the hash stands for all before
        it, too."""
        seq = self._unit.counter(HEAD)
        return seq, self._hash(seq)

    def hash_of(self, number: int) -> str:
        """The hash of one entry; empty when there is none."""
        query = select(AuditRow.hash).where(AuditRow.seq == number)
        return self._session.exec(query).first() or ""

    def sign(self, text: str) -> str:
        """The master key's signature under this text."""
        return self._unit.vault.mark("audit head", text)

    def signed(self, text: str, signature: str) -> bool:
        """Was this signed by this master key, or one before it?"""
        marks = self._unit.vault.marks("audit head", text)
        return any(hmac.compare_digest(mark, signature) for mark in marks)

    def erase_old(self, before: datetime, limit: int) -> int:
        """Forget reasons and details of entries older than that; the chain stays whole."""
        old = (
            select(AuditBodyRow.seq)
            .join(AuditRow, col(AuditRow.seq) == col(AuditBodyRow.seq))
            .where(AuditRow.at <= before)
            .limit(limit)
        )
        numbers = list(self._session.exec(old))
        self._session.exec(delete(AuditBodyRow).where(col(AuditBodyRow.seq).in_(numbers)))
        return len(numbers)

    def about(self, object_: str, limit: int = 100) -> tuple[AuditEntry, ...]:
        """What happened to one object, newest first."""
        names = {"names": list(spelt(object_)), "most": limit}
        return self._entries(self._run(_ABOUT, names).all())

    def count_by(self, actor: str, deeds: Collection[Deed], since: datetime) -> int:
        """How often this person did one of these since then."""
        names = [str(one) for one in deeds]
        query = select(func.count()).where(AuditRow.at >= since, AuditRow.actor == actor)
        return self._session.exec(query.where(col(AuditRow.action).in_(names))).one()

    def deeds_on(
        self, what: str, deeds: Collection[Deed], since: datetime | None = None, after: int = 0
    ) -> tuple[AuditEntry, ...]:
        """Each time one of these was done to something, the oldest first; without reasons. Only
        since then, and only after entry number `after`."""
        kinds = [str(one) for one in deeds]
        asked = {"names": list(spelt(what)), "deeds": kinds, "since": since or EVER, "after": after}
        return tuple(self._entry(row, None) for row in self._run(_DEEDS, asked).all())

    def search(
        self, wanted: AuditFilter, before: int = 0, limit: int = 50
    ) -> tuple[AuditEntry, ...]:
        """Entries that fit, newest first, one page before number `before` (0: from the end)."""
        row = AuditRow
        query = select(row).order_by(col(row.seq).desc()).limit(limit)
        if before:
            query = query.where(row.seq < before)
        if wanted.actor:
            query = query.where(row.actor == wanted.actor)
        if wanted.what:
            query = query.where(col(row.object).in_(spelt(wanted.what)))
        if wanted.action:
            query = query.where(col(row.action).startswith(wanted.action, autoescape=True))
        if wanted.since:
            query = query.where(row.at >= wanted.since)
        if wanted.until:
            query = query.where(row.at < wanted.until)
        return self._entries(self._session.exec(query).all())

    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Everybody who ever did something, and everything that was done."""
        columns = (col(AuditRow.actor), col(AuditRow.action))
        actors, actions = (
            tuple(self._session.exec(select(column).distinct().order_by(column)).all())
            for column in columns
        )
        return actors, actions

    def verify(self) -> int | None:
        """Walk the whole chain; gives the number of the first entry that is wrong, or None."""
        prev, seq = START, 0
        while rows := self._page(seq):
            for row in rows:
                seq += 1
                if row.seq != seq or row.prev != prev or not _whole(row):
                    return seq
                prev = row.hash
        return None if seq == self._unit.counter(HEAD) else seq + 1

    def _page(self, after: int) -> Sequence[Any]:
        """Entries with their bodies as plain rows: a long chain is walked without objects."""
        query: Any = (
            core(ENTRIES, BODIES.c.salt, BODIES.c.body)
            .outerjoin_from(ENTRIES, BODIES, BODIES.c.seq == ENTRIES.c.seq)
            .where(ENTRIES.c.seq > after)
            .order_by(ENTRIES.c.seq)
            .limit(PAGE)
        )
        rows: Sequence[Any] = self._session.exec(query).all()
        return rows

    def _entries(self, rows: Sequence[Any]) -> tuple[AuditEntry, ...]:
        bodies = dict(iter(self._run(_BODIES, {"numbers": [row.seq for row in rows]})))
        return tuple(self._entry(row, bodies.get(row.seq)) for row in rows)

    def _entry(self, row: Any, body: str | None) -> AuditEntry:
        details = json.loads(body) if body else {}
        reason = str(details.pop("reason", ""))
        return AuditEntry(row.seq, row.at, row.actor, row.action, row.object, reason, details)

    def _hash(self, seq: int) -> str:
        if seq == 0:
            return START
        return self._session.exec(select(AuditRow.hash).where(AuditRow.seq == seq)).one()


def _whole(row: Any) -> bool:
    own = link(row.seq, row.at, row.actor, row.action, row.object, row.commitment, row.prev)
    kept = row.body is None or commit(row.salt, row.body) == row.commitment
    return bool(own == row.hash and kept)
