"""Raw updates, stored before they are acknowledged: encrypted, recognised by keyed hash."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select, update

from knowledge_base.deliveries import InboxRow
from knowledge_base.store.tables import InboxTableRow, PersonRow
from knowledge_base.store.unit import Unit
from knowledge_base.store.vault import seal, unseal

WAITING, LEASED, DONE, PARKED = "waiting", "leased", "done", "parked"
TRIES = 5
LONGEST_BACK_OFF = 60.0  # seconds
IN_A_LEASE = 100


def back_off(tries: int) -> timedelta:
    """Pause before the next try: 1, 2, 4 … seconds, at most a minute."""
    return timedelta(seconds=min(LONGEST_BACK_OFF, 2.0 ** (tries - 1)))


class Inbox:
    """The inbox of one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session

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
        return self._unit.insert_new(
            InboxTableRow(
                channel=channel,
                account=account,
                external=externals[0],
                chat=vault.mark("chat", channel, account, chat),
                body=seal(key, body, "inbox", channel, account, externals[0]),
                day=day,
                state=PARKED if parked else WAITING,
                received=now,
                due=now,
                closed_at=now if parked else None,
                reason=parked,
            )
        )

    def lease(self, now: datetime, seconds: float) -> tuple[InboxRow, ...]:
        """Lease the waiting rows of the one chat that has waited longest, oldest first.

        Chats with a running lease are passed over, and so are chats whose oldest row pauses
        after a failure: order is kept. Rows given back to gather what follows come along as
        soon as something did. A row that failed before is leased alone, so that it cannot
        take others with it. A row whose lease ran out counts as failed.
        """
        self._reclaim(now)
        head = self._session.exec(
            select(InboxTableRow)
            .where(InboxTableRow.state == WAITING, InboxTableRow.due <= now, *_free())
            .order_by(col(InboxTableRow.due), col(InboxTableRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if head is None:
            return ()
        rows = self._waiting_of(head.chat)
        for row in rows:
            row.state, row.leased_until = LEASED, now + timedelta(seconds=seconds)
        self._session.flush()
        return tuple(self._plain(row) for row in rows)

    def holds(self, rows: Sequence[InboxRow]) -> bool:
        """Are these rows still leased as they were given out? A lease that ran out counts as
        a failure, so that its rows are known by another number of tries."""
        query = select(InboxTableRow.id, InboxTableRow.tries).where(
            col(InboxTableRow.id).in_([row.id for row in rows]), InboxTableRow.state == LEASED
        )
        return {(row.id, row.tries) for row in rows} == set(self._session.exec(query).all())

    def again(self, ids: Sequence[int], due: datetime) -> None:
        """Give the rows back, to be leased not before `due` unless more of the chat comes
        (gathering; not a failure)."""
        self._leased(ids, state=WAITING, leased_until=None, due=due)

    def done(self, ids: Sequence[int], now: datetime, person: str = "") -> None:
        """Handled; the body is kept 24 h for the retention rule, then deleted.

        Where the person was erased in the same transaction it is deleted at once.
        """
        known = bool(person) and self._session.get(PersonRow, person) is not None
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
            _fail(row, self._unit.now, "the process died while handling it", TRIES)
            row.due = min(row.due, self._unit.now)
        self._session.flush()
        return len(rows)

    def next_due(self) -> datetime | None:
        """When the next row can be leased; None when there is none.

        A running lease counts with its end: its worker may have died.
        """
        waiting = (
            select(InboxTableRow.due)
            .where(InboxTableRow.state == WAITING, *_free())
            .order_by(col(InboxTableRow.due), col(InboxTableRow.id))
            .limit(1)
        )
        leased = select(func.min(InboxTableRow.leased_until)).where(InboxTableRow.state == LEASED)
        times = [self._session.exec(query).first() for query in (waiting, leased)]
        return min((time for time in times if time is not None), default=None)

    def counts(self) -> Mapping[str, int]:
        """Rows by state: waiting, leased, done, parked."""
        query = select(InboxTableRow.state, func.count()).group_by(InboxTableRow.state)
        found = dict(self._session.exec(query).all())
        return dict.fromkeys((WAITING, LEASED, DONE, PARKED), 0) | found

    def _known(self, channel: str, account: str, externals: Sequence[str]) -> bool:
        query = select(InboxTableRow.id).where(
            InboxTableRow.channel == channel,
            InboxTableRow.account == account,
            col(InboxTableRow.external).in_(externals),
        )
        return self._session.exec(query).first() is not None

    def _reclaim(self, now: datetime) -> None:
        query = select(InboxTableRow).where(
            InboxTableRow.state == LEASED, col(InboxTableRow.leased_until) <= now
        )
        for row in self._session.exec(query):
            _fail(row, now, "the process died while handling it", TRIES)
            row.due = min(row.due, now)
        self._session.flush()

    def _waiting_of(self, chat: str) -> list[InboxTableRow]:
        query = (
            select(InboxTableRow)
            .where(InboxTableRow.chat == chat, InboxTableRow.state == WAITING)
            .order_by(col(InboxTableRow.id))
            .limit(IN_A_LEASE)
        )
        rows = list(self._session.exec(query))
        if rows[0].tries:
            return rows[:1]
        clean = next((place for place, row in enumerate(rows) if row.tries), len(rows))
        return rows[:clean]

    def _leased(self, ids: Sequence[int], **values: Any) -> None:
        self._session.exec(
            update(InboxTableRow)
            .where(col(InboxTableRow.id).in_(ids), col(InboxTableRow.state) == LEASED)
            .values(**values)
        )

    def _plain(self, row: InboxTableRow) -> InboxRow:
        key = self._unit.period_key("body", row.day)
        context = ("inbox", row.channel, row.account, row.external)
        return InboxRow(
            id=row.id or 0,
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


def _free() -> tuple[Any, ...]:
    """Rows of chats nobody works on, with no earlier row that pauses after a failure."""
    other = aliased(InboxTableRow)
    paused = and_(
        col(other.state) == WAITING, col(other.tries) > 0, col(other.id) < col(InboxTableRow.id)
    )
    blocked = select(other.id).where(
        other.chat == InboxTableRow.chat, or_(col(other.state) == LEASED, paused)
    )
    return (~blocked.exists(),)
