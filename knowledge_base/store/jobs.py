"""Background work on a table: enqueued in the caller's transaction, run at least once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, func, select

from knowledge_base.deliveries import JobRow
from knowledge_base.store.tables import JobTableRow, table_of
from knowledge_base.store.unit import Door

WAITING, RUNNING, PARKED = "waiting", "running", "parked"
TRIES = 8
LONGEST_BACK_OFF = 3600.0  # seconds
LEASE = timedelta(minutes=15)  # longer than any job runs

JOBS = table_of(JobTableRow)
_NEXT = select(func.min(JOBS.c.due)).where(JOBS.c.state == WAITING)


def back_off(tries: int) -> timedelta:
    """Pause before the next try: 2, 4, 8 … seconds, at most an hour."""
    return timedelta(seconds=min(LONGEST_BACK_OFF, 2.0**tries))


class Jobs(Door):
    """Both sides of the job table in one transaction: enqueue, and the runner's claim."""

    def enqueue(
        self,
        task: str,
        payload: Mapping[str, Any],
        *,
        dedupe_key: str = "",
        due: datetime | None = None,
    ) -> None:
        """Run `task` after the commit, not before `due`; the same key waits only once."""
        now = self._unit.now
        values = {
            "task": task,
            "payload": dict(payload),
            "waiting_key": dedupe_key or None,
            "state": WAITING,
            "due": due or now,
            "created": now,
        }
        self._unit.insert(JobTableRow, values)

    def claim(self, now: datetime) -> JobRow | None:
        """Take the next due job, marked as running; `due` says until when nobody else takes it."""
        row = self._session.exec(
            select(JobTableRow)
            .where(JobTableRow.state == WAITING, JobTableRow.due <= now)
            .order_by(col(JobTableRow.due), col(JobTableRow.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.state, row.waiting_key, row.due = RUNNING, None, now + LEASE
        self._session.flush()
        return JobRow(row.id or 0, row.task, row.payload, row.tries)

    def done(self, id: int) -> None:
        """Finished; the row goes."""
        row = self._session.get(JobTableRow, id)
        if row is not None:
            self._session.delete(row)
            self._session.flush()

    def failed(self, id: int, now: datetime, reason: str, tries: int = TRIES) -> None:
        """Back off; after `tries` the job is parked with its reason (dead letter)."""
        row = self._session.get(JobTableRow, id)
        if row is not None:
            _fail(row, now, reason, tries)
            self._session.flush()

    def recover(self, *, alone: bool = True) -> int:
        """What was running when its process died waits again, and counts as failed: at the start
        of the only process (`alone`) everything, among others what has run longer than LEASE."""
        query = select(JobTableRow).where(JobTableRow.state == RUNNING)
        if not alone:
            query = query.where(JobTableRow.due <= self._unit.now)
        rows = self._session.exec(query.with_for_update(skip_locked=True)).all()
        for row in rows:
            _fail(row, self._unit.now, "the process died while it ran", TRIES)
            row.due = self._unit.now
        self._session.flush()
        return len(rows)

    def next_due(self) -> datetime | None:
        """When the next waiting job is due; None when there is none."""
        due: datetime | None = self._unit.run(_NEXT).scalar()
        return due

    def counts(self) -> Mapping[str, int]:
        """Jobs by state: waiting, running, parked."""
        query = select(JobTableRow.state, func.count()).group_by(JobTableRow.state)
        return dict.fromkeys((WAITING, RUNNING, PARKED), 0) | dict(self._session.exec(query).all())


def _fail(row: JobTableRow, now: datetime, reason: str, tries: int) -> None:
    row.tries += 1
    row.reason = reason
    row.state = PARKED if row.tries >= tries else WAITING
    row.due = now + back_off(row.tries)
