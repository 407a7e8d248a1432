"""What was given up and waits for the operator: updates, tasks and messages, on three tables."""

from __future__ import annotations

from sqlalchemy import Update, delete, update
from sqlmodel import col, select

from knowledge_base.deliveries import Delivery, Kind, Stopped
from knowledge_base.store import inbox, jobs
from knowledge_base.store.tables import InboxTableRow, JobTableRow, OutboxTableRow
from knowledge_base.store.unit import Door

FAILED, CANCELLED = Delivery.FAILED.value, Delivery.CANCELLED.value
DROPPED = "dropped by the operator"


class Yard(Door):
    """Everything that was given up, in one transaction. No text and no person is in it."""

    def stopped(self, limit: int = 200) -> tuple[Stopped, ...]:
        """The newest of each kind that can still be started again, tasks first."""
        return (*self._tasks(limit), *self._updates(limit), *self._messages(limit))

    def again(self, kind: Kind, id: int) -> bool:
        """Start it again, from its first try; False when it does not stand here any more."""
        now = self._unit.now
        fresh = {"tries": 0, "due": now, "reason": ""}
        if kind is Kind.TASK:
            return self._changed(_task(id).values(state=jobs.WAITING, **fresh))
        if kind is Kind.UPDATE:
            waits = {"state": inbox.WAITING, "closed_at": None, "leased_until": None}
            return self._changed(_update(id).values(**waits, **fresh))
        values = {"state": Delivery.WAITING.value, "created": now, "finished_at": None}
        return self._changed(_message(id).values(**values, platform_mark=None, **fresh))

    def drop(self, kind: Kind, id: int) -> bool:
        """It is not needed any more; False when it does not stand here any more."""
        if kind is Kind.TASK:
            gone = delete(JobTableRow).where(
                col(JobTableRow.id) == id, col(JobTableRow.state) == jobs.PARKED
            )
            return bool(self._session.exec(gone).rowcount)
        if kind is Kind.UPDATE:
            values = {"state": inbox.DONE, "body": None, "closed_at": self._unit.now}
            return self._changed(_update(id).values(reason=DROPPED, **values))
        return self._changed(_message(id).values(state=CANCELLED, reason=DROPPED))

    def _tasks(self, limit: int) -> list[Stopped]:
        row = JobTableRow
        query = select(row).where(row.state == jobs.PARKED).order_by(col(row.id).desc())
        return [
            Stopped(Kind.TASK, one.id or 0, one.task, one.reason, one.created)
            for one in self._session.exec(query.limit(limit))
        ]

    def _updates(self, limit: int) -> list[Stopped]:
        row = InboxTableRow
        query = select(row).where(row.state == inbox.PARKED, col(row.body).is_not(None))
        return [
            Stopped(Kind.UPDATE, one.id or 0, one.channel, one.reason, one.received)
            for one in self._session.exec(query.order_by(col(row.id).desc()).limit(limit))
        ]

    def _messages(self, limit: int) -> list[Stopped]:
        row = OutboxTableRow
        query = select(row).where(row.state == FAILED, col(row.body).is_not(None))
        return [
            Stopped(Kind.MESSAGE, one.id or 0, one.channel, one.reason, one.created)
            for one in self._session.exec(query.order_by(col(row.id).desc()).limit(limit))
        ]

    def _changed(self, statement: Update) -> bool:
        return bool(self._session.exec(statement).rowcount)


def _task(id: int) -> Update:
    return update(JobTableRow).where(
        col(JobTableRow.id) == id, col(JobTableRow.state) == jobs.PARKED
    )


def _update(id: int) -> Update:
    return update(InboxTableRow).where(
        col(InboxTableRow.id) == id,
        col(InboxTableRow.state) == inbox.PARKED,
        col(InboxTableRow.body).is_not(None),
    )


def _message(id: int) -> Update:
    return update(OutboxTableRow).where(
        col(OutboxTableRow.id) == id,
        col(OutboxTableRow.state) == FAILED,
        col(OutboxTableRow.body).is_not(None),
    )
