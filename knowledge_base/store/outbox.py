"""Messages to deliver, written in the transaction of what caused them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, bindparam, case, delete, or_, true, update
from sqlalchemy import select as core
from sqlmodel import col, func, select

from knowledge_base.deliveries import Delivery, OutboxRow
from knowledge_base.store.people import address_of
from knowledge_base.store.person_rows import change_person, contact_row
from knowledge_base.store.tables import CounterRow, MarkRow, OutboxTableRow, as_json, table_of
from knowledge_base.store.unit import Door
from knowledge_base.store.vault import OtherMaster, VaultError, new_key, seal, unseal

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
CLOSED_TO_US = "it cannot be decrypted"
SENDINGS = "sendings"  # the counter
PUT_BACK = "put-back:"  # marks: what this database lacks since it was put back

OUTBOX = table_of(OutboxTableRow)
_OTHER = OUTBOX.alias()


def _first_in_line(state: str) -> Any:
    """No other message of the same person is under way or stands before this one. One that was
    being sent when its process died (SENDING) waits for none that waits: those wait for it."""
    before = or_(
        _OTHER.c.rank < OUTBOX.c.rank,
        and_(_OTHER.c.rank == OUTBOX.c.rank, _OTHER.c.id < OUTBOX.c.id),
    )
    in_the_way = core(_OTHER.c.id).where(
        _OTHER.c.person == OUTBOX.c.person,
        _OTHER.c.id != OUTBOX.c.id,
        and_(_OTHER.c.state == SENDING, before)
        if state == SENDING
        else or_(_OTHER.c.state == SENDING, and_(_OTHER.c.state == WAITING, before)),
    )
    return ~in_the_way.exists()


def _due(state: str, when: Any, channel: Any) -> Any:
    return (
        core(OUTBOX)
        .where(OUTBOX.c.state == state, when <= bindparam("now"), _first_in_line(state), *channel)
        .order_by(OUTBOX.c.rank, OUTBOX.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


_NOT_THERE = OUTBOX.c.channel.not_in(bindparam("without", expanding=True))
_HERE = {
    False: (_NOT_THERE,),
    True: (_NOT_THERE, OUTBOX.c.channel == bindparam("channel")),
}
_LOST = {one: _due(SENDING, OUTBOX.c.leased_until, here) for one, here in _HERE.items()}
_DUE = {one: _due(WAITING, OUTBOX.c.due, here) for one, here in _HERE.items()}
_CLAIMED = (
    update(OUTBOX)
    .where(OUTBOX.c.id.in_(bindparam("ids", expanding=True)))
    .values(
        maybe_duplicate=case((OUTBOX.c.state == SENDING, true()), else_=OUTBOX.c.maybe_duplicate),
        state=SENDING,
        leased_until=bindparam("until"),
        tries=OUTBOX.c.tries + 1,
    )
)
_ONE = core(OUTBOX).where(OUTBOX.c.id == bindparam("row")).with_for_update()
_CHANGED = update(OUTBOX).where(OUTBOX.c.id == bindparam("row"))
_GONE = delete(OUTBOX).where(OUTBOX.c.id == bindparam("row"))
_LATER = _CHANGED.where(OUTBOX.c.state == SENDING)
_NOT_TRIED = _LATER.values(tries=OUTBOX.c.tries - 1)
_RELEASED = update(OUTBOX).where(OUTBOX.c.person == bindparam("whose"), OUTBOX.c.state == HELD)
_RELEASED_ONE = update(OUTBOX).where(OUTBOX.c.id == bindparam("row"), OUTBOX.c.state == HELD)
_STANDING = core(OUTBOX.c.state).where(OUTBOX.c.id == bindparam("row"))
_NEXT = (
    core(OUTBOX.c.due)
    .where(OUTBOX.c.state == WAITING, _first_in_line(WAITING), _NOT_THERE)
    .order_by(OUTBOX.c.due, OUTBOX.c.id)
    .limit(1)
)
_OLDEST = core(func.min(OUTBOX.c.due)).where(  # what waits behind another row waits for that one
    OUTBOX.c.state == WAITING, OUTBOX.c.rank == REPLY, _first_in_line(WAITING)
)
_LEASE_ENDS = core(func.min(OUTBOX.c.leased_until)).where(OUTBOX.c.state == SENDING, _NOT_THERE)


class Outbox(Door):
    """The outbox of one transaction."""

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
        keys = self._unit.vault.marks("outbox", key) if key else ()
        if len(keys) > 1 and self._said(keys[1:]):
            return  # before the master key was changed
        sealed = self._addressed(person, as_json(body).encode())
        if sealed is None:
            return
        values = {
            "state": WAITING,
            "rank": BROADCAST if broadcast else REPLY,
            "key": keys[0] if keys else None,
            "created": now,
            "due": due or now,
        }
        self._unit.insert(OutboxTableRow, sealed | values)

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
        its lease is given again and marked maybe_duplicate. What cannot be decrypted has failed
        and holds up nobody."""
        here = {"now": now, "without": list(without)} | ({"channel": channel} if channel else {})
        one = bool(channel)
        rows = list(self._unit.run(_LOST[one], {**here, "most": max(limit, 0)}))
        left = max(limit - len(rows), 0)
        rows += self._unit.run(_DUE[one], {**here, "most": left})
        claimed = self._readable(rows, now)
        if claimed:
            values = {"ids": [row.id for row in claimed], "until": now + timedelta(seconds=lease)}
            self._unit.run(_CLAIMED, values)
        return tuple(claimed)

    def finish(
        self, id: int, state: Delivery, now: datetime, *, platform_id: str = "", reason: str = ""
    ) -> None:
        """Final state, or held. A state that would be a step back changes nothing."""
        row = self._unit.run(_ONE, {"row": id}).first()
        if row is None:
            return
        values: dict[str, Any] = {}
        if platform_id:
            values["platform_mark"] = self._platform_mark(row.channel, row.account, platform_id)
        moves = state in MOVES.get(row.state, ())
        if moves:
            values |= {"state": state.value, "reason": reason, "leased_until": None}
            values["finished_at"] = now if state in FINAL else None
            if state is Delivery.SENT and row.person:
                self._answered(row.person, now)
        ended = (state.value if moves else row.state) in FINAL or state is Delivery.HELD
        if row.own_key is not None and ended:
            self._unit.run(_GONE, {"row": id})  # a farewell leaves nothing behind, nor waits
        elif values:
            self._unit.run(_CHANGED, {"row": id, **values})

    def later(self, id: int, due: datetime, reason: str, *, tried: bool = True) -> None:
        """Try again not before `due`; what was not tried this time is not counted."""
        values = {"state": WAITING, "due": due, "reason": reason, "leased_until": None}
        self._unit.run(_LATER if tried else _NOT_TRIED, {"row": id, **values})

    def rewrite(self, id: int, body: Mapping[str, Any]) -> None:
        """What is left to send of it, while it and its person are kept."""
        row = self._unit.run(_ONE, {"row": id}).first()
        key = self._unit.person_key(row.person or "") if row is not None else None
        if row is not None and key is not None and row.body is not None:
            sealed = seal(key, as_json(body).encode(), "outbox", row.person)
            self._unit.run(_CHANGED, {"row": id, "body": sealed})

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
        values = {"state": WAITING, "due": now, "created": now, "tries": 0, "finished_at": None}
        return int(self._unit.run(_RELEASED, {"whose": person, **values}).rowcount)

    def release_one(self, id: int, now: datetime) -> None:
        """The same for one message, if it is held."""
        values = {"state": WAITING, "due": now, "created": now, "tries": 0, "finished_at": None}
        self._unit.run(_RELEASED_ONE, {"row": id, **values})

    def recover(self) -> int:
        """At start, where one process sends: what was being sent when it died is sent again
        at once, marked maybe_duplicate."""
        result = self._session.exec(
            update(OutboxTableRow)
            .where(col(OutboxTableRow.state) == SENDING)
            .values(leased_until=self._unit.now)
        )
        return int(result.rowcount)

    def oldest_reply(self) -> datetime | None:
        """Since when the oldest message that is no broadcast could have gone; None when none
        waits."""
        oldest: datetime | None = self._unit.run(_OLDEST).scalar()
        return oldest

    def standing(self, id: int) -> Delivery | None:
        """Where this message stands now; None when it is gone."""
        state = self._unit.run(_STANDING, {"row": id}).scalar()
        return None if state is None else Delivery(state)

    def count_sending(self) -> int:
        """The number of this transaction among those that say that something was sent. What is
        noted of it outside carries the number, which an older copy has not come to."""
        return self._unit.revise(SENDINGS)

    def sendings(self) -> int:
        """How many such transactions there were."""
        return self._unit.counter(SENDINGS)

    def lacks(self, upto: int, now: datetime) -> None:
        """This database proves to be an older copy: what was sent after its newest such
        transaction, up to number `upto`, it does not know of. It counts on from there."""
        query = select(CounterRow).where(CounterRow.name == SENDINGS).with_for_update()
        counted = self._session.exec(query).one()
        if counted.value < upto:  # no other process was first
            value = json.dumps([counted.value, upto, now.isoformat()])
            self._session.add(MarkRow(name=f"{PUT_BACK}{upto}", value=value))
            counted.value = upto
            self._session.flush()

    def lacking(self, since: datetime) -> tuple[tuple[int, int], ...]:
        """What it was found to lack since that time: (after this number, up to this one)."""
        query = select(MarkRow.value).where(col(MarkRow.name).startswith(PUT_BACK))
        found = map(json.loads, self._session.exec(query))
        return tuple((n, upto) for n, upto, at in found if datetime.fromisoformat(at) > since)

    def body(self, id: int) -> Mapping[str, Any] | None:
        """The Outgoing of this row, while it and its person are kept."""
        row = self._session.get(OutboxTableRow, id)
        key = self._unit.person_key(row.person or "") if row is not None else None
        if row is None or key is None or row.body is None:
            return None
        body: Mapping[str, Any] = json.loads(unseal(key, row.body, "outbox", row.person or ""))
        return body

    def next_due(self, without: Sequence[str] = ()) -> datetime | None:
        """When the next row can be claimed, none of the channels in `without`; None when there
        is none.

        A message that is being sent counts with the end of its lease.
        """
        here = {"without": list(without)}
        times = [self._unit.run(query, here).scalar() for query in (_NEXT, _LEASE_ENDS)]
        return min((time for time in times if time is not None), default=None)

    def counts(self) -> Mapping[str, int]:
        """Rows by state."""
        query = select(OutboxTableRow.state, func.count()).group_by(OutboxTableRow.state)
        return {state.value: 0 for state in Delivery} | dict(self._session.exec(query).all())

    def _said(self, keys: Sequence[str]) -> bool:
        query = select(OutboxTableRow.id).where(col(OutboxTableRow.key).in_(keys))
        return self._session.exec(query).first() is not None

    def _addressed(self, person: str, body: bytes) -> dict[str, Any] | None:
        """Whom a row is for, and the sealed body; None when there is nobody."""
        contact = contact_row(self._unit, person)
        key = self._unit.person_key(person)
        if contact is not None and key is not None:
            return {
                "person": person,
                "channel": contact["channel"],
                "account": contact["account"],
                "body": seal(key, body, "outbox", person),
            }
        address = self._unit.erased.get(person)
        if address is None:
            return None
        own = new_key()
        return {
            "channel": address.channel,
            "account": address.account,
            "own_key": self._unit.vault.wrap(own, "farewell"),
            "address": seal(own, address.value.encode("utf-8", "surrogatepass"), "address"),
            "body": seal(own, body, "farewell"),
        }

    def _readable(self, rows: Sequence[Row[Any]], now: datetime) -> list[OutboxRow]:
        """The rows as plain data; what was altered has failed, with that reason."""
        readable = []
        for row in rows:
            try:
                readable.append(self._claimed(row))
            except OtherMaster:
                raise  # the wrong secret key: nothing of this is the row's fault
            except VaultError:
                values = {"state": Delivery.FAILED.value, "reason": CLOSED_TO_US}
                finished = {"leased_until": None, "finished_at": now}
                self._unit.run(_CHANGED, {"row": row.id, **values, **finished})
        return readable

    def _claimed(self, row: Row[Any]) -> OutboxRow:
        body, address, channel, account = self._opened(row)
        return OutboxRow(
            id=row.id,
            person=row.person or f"erased:{row.id}",
            channel=channel,
            account=account,
            address=address,
            body=json.loads(body) if body else {},
            broadcast=row.rank == BROADCAST,
            tries=row.tries,
            created=row.created,
            due=row.due,
            maybe_duplicate=row.maybe_duplicate or row.state == SENDING,
        )

    def _opened(self, row: Row[Any]) -> tuple[bytes, str | None, str, str]:
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
        change_person(self._unit, person, {"last_answer": now})
