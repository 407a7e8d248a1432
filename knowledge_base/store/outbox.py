"""Messages to deliver, written in the transaction of what caused them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select, update

from knowledge_base.deliveries import Delivery, OutboxRow
from knowledge_base.store.people import address_of
from knowledge_base.store.tables import ContactRow, OutboxTableRow, PersonRow, as_json
from knowledge_base.store.unit import Unit
from knowledge_base.store.vault import new_key, seal, unseal

WAITING, SENDING, HELD = Delivery.WAITING.value, Delivery.SENDING.value, Delivery.HELD.value
REPLY, BROADCAST = 0, 1
MOVES: Mapping[str, frozenset[Delivery]] = {
    WAITING: frozenset({Delivery.HELD, Delivery.CANCELLED, Delivery.EXPIRED, Delivery.FAILED}),
    SENDING: frozenset(
        {
            Delivery.HELD,
            Delivery.SENT,
            Delivery.DELIVERED,
            Delivery.READ,
            Delivery.FAILED,
            Delivery.CANCELLED,
            Delivery.EXPIRED,
        }
    ),
    HELD: frozenset({Delivery.CANCELLED, Delivery.EXPIRED, Delivery.FAILED}),
    Delivery.SENT.value: frozenset({Delivery.DELIVERED, Delivery.READ, Delivery.FAILED}),
    Delivery.DELIVERED.value: frozenset({Delivery.READ}),
}
ARRIVED = frozenset({Delivery.SENT, Delivery.DELIVERED, Delivery.READ})
RESENDS = 4  # so often a message is tried again that was taken and then not delivered
FINAL = frozenset(set(Delivery) - {Delivery.WAITING, Delivery.SENDING, Delivery.HELD})


class Outbox:
    """The outbox of one transaction."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._session = unit.session

    def add(
        self,
        person: str,
        body: Mapping[str, Any],
        *,
        broadcast: bool = False,
        key: str = "",
        due: datetime | None = None,
        now: datetime,
    ) -> None:
        """Queue one Outgoing for this person; the same key is kept once.

        Nothing is queued for somebody who was erased earlier; who is erased in this very
        transaction still gets the farewell.
        """
        row = OutboxTableRow(
            channel="",
            account="",
            state=WAITING,
            rank=BROADCAST if broadcast else REPLY,
            key=self._unit.vault.mark("outbox", key) if key else None,
            created=now,
            due=due or now,
        )
        if self._addressed(row, person, as_json(body).encode()):
            self._unit.insert_new(row)

    def claim(
        self,
        now: datetime,
        limit: int = 20,
        channel: str = "",
        lease: float = 60.0,
        without: Sequence[str] = (),
    ) -> tuple[OutboxRow, ...]:
        """Take due messages, marked as sending: replies before broadcasts, of each person one
        at a time and in order; none of the channels in `without`. A row found in sending after
        its lease is given again and marked maybe_duplicate."""
        here = _on(channel, without)
        lost = self._due(SENDING, col(OutboxTableRow.leased_until) <= now, here, limit)
        left = limit - len(lost)
        rows = [*lost, *self._due(WAITING, col(OutboxTableRow.due) <= now, here, left)]
        claimed = tuple(self._claimed(row, now + timedelta(seconds=lease)) for row in rows)
        self._session.flush()
        return claimed

    def finish(
        self, id: int, state: Delivery, now: datetime, *, platform_id: str = "", reason: str = ""
    ) -> None:
        """Final state, or held. A state that would be a step back changes nothing."""
        row = self._session.get(OutboxTableRow, id, with_for_update=True)
        if row is None:
            return
        if platform_id:
            row.platform_mark = self._platform_mark(row.channel, row.account, platform_id)
        if state in MOVES.get(row.state, ()):
            row.state, row.reason, row.leased_until = state.value, reason, None
            row.finished_at = now if state in FINAL else None
            if state is Delivery.SENT and row.person:
                self._answered(row.person, now)
        if row.own_key is not None and row.state in FINAL:
            self._session.delete(row)  # a farewell leaves nothing behind
        self._session.flush()

    def later(self, id: int, due: datetime, reason: str) -> None:
        """Try again not before `due`."""
        self._session.exec(
            update(OutboxTableRow)
            .where(col(OutboxTableRow.id) == id, col(OutboxTableRow.state) == SENDING)
            .values(state=WAITING, due=due, reason=reason, leased_until=None)
        )

    def follow(self, channel: str, account: str, platform_id: str, state: Delivery) -> None:
        """A status from the platform; states only move forward."""
        marks = self._unit.vault.marks("platform", channel, account, platform_id)
        query = select(OutboxTableRow).where(col(OutboxTableRow.platform_mark).in_(marks))
        for row in self._session.exec(query.with_for_update()):
            if state in MOVES.get(row.state, ()):
                row.state = state.value
        self._session.flush()

    def undelivered(
        self, channel: str, account: str, platform_id: str, now: datetime, *, hold: bool
    ) -> None:
        """The platform took a message and could not deliver it: it is held until the person
        writes again, or tried again a few times, later each time."""
        marks = self._unit.vault.marks("platform", channel, account, platform_id)
        query = select(OutboxTableRow).where(
            col(OutboxTableRow.platform_mark).in_(marks),
            OutboxTableRow.state == Delivery.SENT.value,
            col(OutboxTableRow.body).is_not(None),
        )
        for row in self._session.exec(query.with_for_update()):
            row.platform_mark, row.finished_at = None, None
            if hold:
                row.state = HELD
            elif row.tries > RESENDS:
                row.state, row.finished_at = Delivery.FAILED.value, now
            else:
                row.state, row.due = WAITING, now + timedelta(seconds=5.0**row.tries)
        self._session.flush()

    def settle(
        self, id: int, channel: str, account: str, platform_id: str, state: Delivery, now: datetime
    ) -> None:
        """A status names a message by our own number, whose answer we never got: it did arrive,
        so it is not sent again."""
        row = self._session.get(OutboxTableRow, id, with_for_update=True)
        if row is None or (row.channel, row.account) != (channel, account):
            return
        if row.state in (WAITING, SENDING) and state in ARRIVED:
            row.platform_mark = self._platform_mark(channel, account, platform_id)
            row.state, row.finished_at, row.leased_until = state.value, now, None
            if row.person:
                self._answered(row.person, now)
        self._session.flush()

    def release_held(self, person: str, now: datetime) -> int:
        """The person wrote again: held messages wait for delivery as if they were new."""
        result = self._session.exec(
            update(OutboxTableRow)
            .where(col(OutboxTableRow.person) == person, col(OutboxTableRow.state) == HELD)
            .values(state=WAITING, due=now, created=now, tries=0, finished_at=None)
        )
        return int(result.rowcount)

    def recover(self) -> int:
        """At start, where one process sends: what was being sent when it died is sent again
        at once, marked maybe_duplicate."""
        result = self._session.exec(
            update(OutboxTableRow)
            .where(col(OutboxTableRow.state) == SENDING)
            .values(leased_until=self._unit.now)
        )
        return int(result.rowcount)

    def standing(self, id: int) -> Delivery | None:
        """Where this message stands now; None when it is gone."""
        query = select(OutboxTableRow.state).where(OutboxTableRow.id == id)
        state = self._session.exec(query).first()
        return None if state is None else Delivery(state)

    def next_due(self, without: Sequence[str] = ()) -> datetime | None:
        """When the next row can be claimed, none of the channels in `without`; None when there
        is none.

        A message that is being sent counts with the end of its lease.
        """
        here = _on("", without)
        waiting = (
            select(OutboxTableRow.due)
            .where(OutboxTableRow.state == WAITING, _first_in_line(), *here)
            .order_by(col(OutboxTableRow.due), col(OutboxTableRow.id))
            .limit(1)
        )
        sending = select(func.min(OutboxTableRow.leased_until)).where(
            OutboxTableRow.state == SENDING, *here
        )
        times = [self._session.exec(query).first() for query in (waiting, sending)]
        return min((time for time in times if time is not None), default=None)

    def counts(self) -> Mapping[str, int]:
        """Rows by state."""
        query = select(OutboxTableRow.state, func.count()).group_by(OutboxTableRow.state)
        return {state.value: 0 for state in Delivery} | dict(self._session.exec(query).all())

    def _due(self, state: str, when: Any, here: Sequence[Any], limit: int) -> list[OutboxTableRow]:
        query = (
            select(OutboxTableRow)
            .where(OutboxTableRow.state == state, when, _first_in_line(), *here)
            .order_by(col(OutboxTableRow.rank), col(OutboxTableRow.id))
            .limit(max(limit, 0))
            .with_for_update(skip_locked=True)
        )
        return list(self._session.exec(query))

    def _addressed(self, row: OutboxTableRow, person: str, body: bytes) -> bool:
        """Fill in whom the row is for, body encrypted; False when there is nobody."""
        contact = self._session.get(ContactRow, person)
        key = self._unit.person_key(person)
        if contact is not None and key is not None:
            row.person, row.channel, row.account = person, contact.channel, contact.account
            row.body = seal(key, body, "outbox", person)
            return True
        address = self._unit.erased.get(person)
        if address is None:
            return False
        own = new_key()
        row.channel, row.account = address.channel, address.account
        row.own_key = self._unit.vault.wrap(own, "farewell")
        row.address = seal(own, address.value.encode("utf-8", "surrogatepass"), "address")
        row.body = seal(own, body, "farewell")
        return True

    def _claimed(self, row: OutboxTableRow, until: datetime) -> OutboxRow:
        row.maybe_duplicate = row.maybe_duplicate or row.state == SENDING
        row.state, row.leased_until = SENDING, until
        row.tries += 1
        body, address, channel, account = self._opened(row)
        return OutboxRow(
            id=row.id or 0,
            person=row.person or f"erased:{row.id}",
            channel=channel,
            account=account,
            address=address,
            body=json.loads(body) if body else {},
            broadcast=row.rank == BROADCAST,
            tries=row.tries - 1,
            created=row.created,
            due=row.due,
            maybe_duplicate=row.maybe_duplicate,
        )

    def _opened(self, row: OutboxTableRow) -> tuple[bytes, str | None, str, str]:
        if row.own_key is not None:
            own = self._unit.vault.unwrap(row.own_key, "farewell")
            value = unseal(own, row.address or b"", "address").decode("utf-8", "surrogatepass")
            return unseal(own, row.body or b"", "farewell"), value, row.channel, row.account
        person = row.person or ""
        key = self._unit.person_key(person)
        if key is None or row.body is None:
            return b"", None, row.channel, row.account
        address = address_of(self._unit, person)
        body = unseal(key, row.body, "outbox", person)
        if address is None:
            return body, None, row.channel, row.account
        return body, address.value, address.channel, address.account

    def _platform_mark(self, channel: str, account: str, platform_id: str) -> str:
        return self._unit.vault.mark("platform", channel, account, platform_id)

    def _answered(self, person: str, now: datetime) -> None:
        self._session.exec(
            update(PersonRow).where(col(PersonRow.id) == person).values(last_answer=now)
        )


def _on(channel: str, without: Sequence[str]) -> list[Any]:
    """Conditions for rows of this channel, if one is named, and of none of the others."""
    only = [col(OutboxTableRow.channel) == channel] if channel else []
    return [*only, col(OutboxTableRow.channel).not_in(without)] if without else only


def _first_in_line() -> Any:
    """No other message of the same person is under way or stands before this one."""
    other = aliased(OutboxTableRow)
    before = or_(
        col(other.rank) < col(OutboxTableRow.rank),
        and_(col(other.rank) == col(OutboxTableRow.rank), col(other.id) < col(OutboxTableRow.id)),
    )
    in_the_way = select(other.id).where(
        other.person == OutboxTableRow.person,
        col(other.id) != col(OutboxTableRow.id),
        or_(col(other.state) == SENDING, and_(col(other.state) == WAITING, before)),
    )
    return ~in_the_way.exists()
