"""Raw updates, stored before they are acknowledged: encrypted, recognised by keyed hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import Row, String, and_, bindparam, or_, update
from sqlalchemy import select as core
from sqlmodel import col, func, select

from knowledge_base.deliveries import INBOX_TRIES, InboxRow
from knowledge_base.store.person_rows import person_row
from knowledge_base.store.tables import InboxTableRow, table_of
from knowledge_base.store.unit import Door
from knowledge_base.store.vault import OtherMaster, VaultError, seal, unseal

WAITING, LEASED, DONE, PARKED = "waiting", "leased", "done", "parked"
TRIES = INBOX_TRIES
LONGEST_BACK_OFF = 60.0  # seconds
IN_A_LEASE = 100
DIED = "the process died while handling it"
CLOSED_TO_US = "it cannot be decrypted"

INBOX = table_of(InboxTableRow)
_OTHER = INBOX.alias()


def _free() -> Any:
    """Rows of chats nobody works on, with no earlier row that pauses after a failure."""
    paused = and_(_OTHER.c.state == WAITING, _OTHER.c.tries > 0, _OTHER.c.id < INBOX.c.id)
    blocked = core(_OTHER.c.id).where(
        _OTHER.c.chat == INBOX.c.chat, or_(_OTHER.c.state == LEASED, paused)
    )
    return ~blocked.exists()


_IDS = INBOX.c.id.in_(bindparam("ids", expanding=True))
_KNOWN = core(INBOX.c.id).where(
    INBOX.c.channel == bindparam("channel"),
    INBOX.c.account == bindparam("account"),
    INBOX.c.external.in_(bindparam("externals", expanding=True)),
)
_LOST = core(INBOX.c.id).where(INBOX.c.state == LEASED, INBOX.c.leased_until <= bindparam("now"))
_HEADS = (
    core(INBOX.c.chat)
    .where(INBOX.c.state == WAITING, INBOX.c.due <= bindparam("now"), _free())
    .order_by(INBOX.c.due, INBOX.c.id)
    .limit(bindparam("most"))
)
_STILL = _HEADS.where(INBOX.c.chat == bindparam("chat"))
# A row cannot stand for its chat: the next one of it would be free to another taker.
_MINE = core(
    func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("chat", type_=String), 0))
)
_OF_CHAT = (
    core(INBOX)
    .where(INBOX.c.chat == bindparam("chat"), INBOX.c.state == WAITING)
    .order_by(INBOX.c.id)
    .limit(IN_A_LEASE)
)
_GIVEN = update(INBOX).where(_IDS)
_RETURNED = update(INBOX).where(_IDS, INBOX.c.state == LEASED)
_HELD = core(INBOX.c.id, INBOX.c.tries).where(_IDS, INBOX.c.state == LEASED)
_NEXT = (
    core(INBOX.c.due)
    .where(INBOX.c.state == WAITING, _free())
    .order_by(INBOX.c.due, INBOX.c.id)
    .limit(1)
)
_LEASE_ENDS = core(func.min(INBOX.c.leased_until)).where(INBOX.c.state == LEASED)


def back_off(tries: int) -> timedelta:
    """Pause before the next try: 1, 2, 4 … seconds, at most a minute."""
    return timedelta(seconds=min(LONGEST_BACK_OFF, 2.0 ** (tries - 1)))


class Inbox(Door):
    """The inbox of one transaction."""

    def add(
        self,
        channel: str,
        account: str,
        external_id: str,
        chat: str,
        body: bytes,
        now: datetime,
        parked: str = "",
    ) -> bool:
        """Store one raw update encrypted; False when (channel, account, external_id) is known.

        `parked` stores it in quarantine at once with that reason (a body nobody can cut).
        """
        vault, day = self._unit.vault, f"{now:%Y-%m-%d}"
        externals = vault.marks("external", channel, account, external_id)
        if len(externals) > 1 and self._known(channel, account, externals[1:]):
            return False
        key = self._unit.period_key("body", day)
        values = {
            "channel": channel,
            "account": account,
            "external": externals[0],
            "chat": vault.mark("chat", channel, account, chat),
            "body": seal(key, body, "inbox", channel, account, externals[0]),
            "day": day,
            "state": PARKED if parked else WAITING,
            "received": now,
            "due": now,
            "closed_at": now if parked else None,
            "reason": parked,
        }
        return self._unit.insert(InboxTableRow, values) is not None

    def lease(self, now: datetime, seconds: float) -> tuple[InboxRow, ...]:
        """Lease the waiting rows of the one chat that has waited longest, oldest first.

        Chats with a running lease are passed over, and so are chats whose oldest row pauses
        after a failure: order is kept. Rows given back to gather what follows come along as
        soon as something did. A row that failed before is leased alone, so that it cannot
        take others with it. A row whose lease ran out counts as failed; one
        that cannot be decrypted is parked and holds up nobody.
        """
        self._reclaim(now)
        while True:
            chat = self._head(now)
            if chat is None:
                return ()
            given = self._readable(self._waiting_of(chat), now)
            if given:
                break
        values = {"state": LEASED, "leased_until": now + timedelta(seconds=seconds)}
        self._unit.run(_GIVEN, {"ids": [row.id for row in given], **values})
        return tuple(given)

    def holds(self, rows: Sequence[InboxRow]) -> bool:
        """Are these rows still leased as they were given out? A lease that ran out counts as
        a failure, so that its rows are known by another number of tries."""
        held = self._unit.run(_HELD, {"ids": [row.id for row in rows]})
        return {(row.id, row.tries) for row in rows} == {(row.id, row.tries) for row in held}

    def again(self, ids: Sequence[int], due: datetime) -> None:
        """Give the rows back, to be leased not before `due` unless more of the chat comes
        (gathering; not a failure)."""
        self._leased(ids, state=WAITING, leased_until=None, due=due)

    def done(self, ids: Sequence[int], now: datetime, person: str = "") -> None:
        """Handled; the body is kept 24 h for the retention rule, then deleted.

        Where the person was erased in the same transaction it is deleted at once.
        """
        known = bool(person) and person_row(self._unit, person) is not None
        values: dict[str, Any] = {"person": person} if known else {}
        if person and not known:
            values = {"body": None}
        self._leased(ids, state=DONE, leased_until=None, closed_at=now, **values)

    def failed(self, ids: Sequence[int], now: datetime, reason: str, tries: int = TRIES) -> bool:
        """Count a failure and back off; after `tries` park with the reason. True if parked."""
        self._session.flush()
        query = select(InboxTableRow).where(
            col(InboxTableRow.id).in_(ids), InboxTableRow.state == LEASED
        )
        parked = [_fail(row, now, reason, tries) for row in self._session.exec(query)]
        self._session.flush()
        return any(parked)

    def recover(self) -> int:
        """At start, where one process works: what was leased when it died waits again, and
        counts as failed (a row that kills the process must not do so for ever)."""
        rows = self._session.exec(select(InboxTableRow).where(InboxTableRow.state == LEASED)).all()
        for row in rows:
            _fail(row, self._unit.now, DIED, TRIES + 1)
            row.due = min(row.due, self._unit.now)
        self._session.flush()
        return len(rows)

    def next_due(self) -> datetime | None:
        """When the next row can be leased; None when there is none.

        A running lease counts with its end: its worker may have died.
        """
        times = [self._unit.run(query).scalar() for query in (_NEXT, _LEASE_ENDS)]
        return min((time for time in times if time is not None), default=None)

    def counts(self) -> Mapping[str, int]:
        """Rows by state: waiting, leased, done, parked."""
        query = select(InboxTableRow.state, func.count()).group_by(InboxTableRow.state)
        found = dict(self._session.exec(query).all())
        return dict.fromkeys((WAITING, LEASED, DONE, PARKED), 0) | found

    def _known(self, channel: str, account: str, externals: Sequence[str]) -> bool:
        values = {"channel": channel, "account": account, "externals": list(externals)}
        return self._unit.run(_KNOWN, values).first() is not None

    def _reclaim(self, now: datetime) -> None:
        if self._unit.run(_LOST, {"now": now}).first() is None:
            return
        query = select(InboxTableRow).where(
            InboxTableRow.state == LEASED, col(InboxTableRow.leased_until) <= now
        )
        for row in self._session.exec(query):
            _fail(row, now, DIED, TRIES + 1)
            row.due = min(row.due, now)
        self._session.flush()

    def _head(self, now: datetime) -> str | None:
        """The chat to take up; on PostgreSQL one that no other transaction is taking up."""
        if self._unit.dialect == "sqlite":
            return cast("str | None", self._unit.run(_HEADS, {"now": now, "most": 1}).scalar())
        found = self._unit.run(_HEADS, {"now": now, "most": IN_A_LEASE})
        for chat in dict.fromkeys(row.chat for row in found):
            ours = self._unit.run(_MINE, {"chat": chat}).scalar()
            # another one may have leased it and ended since we looked
            if ours and self._unit.run(_STILL, {"now": now, "most": 1, "chat": chat}).first():
                return str(chat)
        return None

    def _waiting_of(self, chat: str) -> list[Row[Any]]:
        rows = list(self._unit.run(_OF_CHAT, {"chat": chat}))
        if rows[0].tries:
            return rows[:1]
        clean = next((place for place, row in enumerate(rows) if row.tries), len(rows))
        return rows[:clean]

    def _readable(self, rows: Sequence[Row[Any]], now: datetime) -> list[InboxRow]:
        """The rows as plain data; what was altered, or whose key is gone, is parked."""
        readable = []
        for row in rows:
            try:
                readable.append(self._plain(row))
            except OtherMaster:
                raise  # the wrong secret key: nothing of this is the row's fault
            except VaultError:
                parked = {"state": PARKED, "closed_at": now, "reason": CLOSED_TO_US}
                self._unit.run(_GIVEN, {"ids": [row.id], **parked})
        return readable

    def _leased(self, ids: Sequence[int], **values: Any) -> None:
        self._unit.run(_RETURNED, {"ids": list(ids), **values})

    def _plain(self, row: Row[Any]) -> InboxRow:
        key = self._unit.period_key("body", row.day)
        context = ("inbox", row.channel, row.account, row.external)
        return InboxRow(
            id=row.id,
            channel=row.channel,
            account=row.account,
            chat=row.chat,
            body=unseal(key, row.body or b"", *context),
            received=row.received,
            tries=row.tries,
        )


def _fail(row: InboxTableRow, now: datetime, reason: str, tries: int) -> bool:
    row.tries += 1
    row.reason, row.leased_until = reason, None
    if row.tries >= tries:
        row.state, row.closed_at = PARKED, now
        return True
    row.state, row.due = WAITING, now + back_off(row.tries)
    return False
