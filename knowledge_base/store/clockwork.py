"""What was written while the clock was ahead: once it is set back, none of it waits until the
time it was written comes again (faults J12).

A row made in the future is as old as the present; one that was put off, or is held by a worker,
for longer than anything ever is was so under another clock.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import and_, col, or_, select

from knowledge_base.store.tables import InboxTableRow, JobTableRow, OutboxTableRow
from knowledge_base.store.unit import Door

SKEW = timedelta(minutes=1)  # clocks of two machines may differ by so much
HELD = timedelta(minutes=10)  # longer than a message is leased, or an update put off
RUNS = timedelta(hours=1)  # longer than a job runs
FAILED = timedelta(hours=2)  # longer than a job is put off after a failure
PUT_OFF = timedelta(hours=6)  # longer than a platform tells us to wait
BATCH = 500


class Clockwork(Door):
    """Times in the future, taken back."""

    def ahead(self, now: datetime) -> bool:
        """Is there anything to put right? Cheap."""
        return any(self._found(row, which(now), 1) for row, which, _ in _TABLES)

    def put_right(self, now: datetime) -> int:
        """Take one batch of what waits, or is being worked on, back to the present; gives how
        many rows that were."""
        done = 0
        for row, which, mend in _TABLES:
            found = self._found(row, which(now), BATCH)
            for each in found:
                mend(each, now)
            done += len(found)
        self._session.flush()
        return done

    def _found(self, row: Any, which: Any, most: int) -> list[Any]:
        query = select(row).where(which).limit(most)
        query = query.with_for_update(skip_locked=True) if self._unit.writing else query
        return list(self._session.exec(query))


def _waits(row: Any, now: datetime, *made_ahead: Any) -> Any:
    return and_(col(row.state) == "waiting", col(row.due) > now + SKEW, or_(*made_ahead))


def _updates(now: datetime) -> Any:
    row = InboxTableRow
    made = (col(row.received) > now + SKEW, col(row.due) > now + HELD)
    held = and_(col(row.state) == "leased", col(row.leased_until) > now + HELD)
    return or_(_waits(row, now, *made), held)


def _messages(now: datetime) -> Any:
    row = OutboxTableRow
    made = (col(row.created) > now + SKEW, col(row.due) > now + PUT_OFF)
    held = and_(col(row.state) == "sending", col(row.leased_until) > now + HELD)
    return or_(_waits(row, now, *made), held)


def _work(now: datetime) -> Any:
    row = JobTableRow
    failed = and_(col(row.tries) > 0, col(row.due) > now + FAILED)
    runs = and_(col(row.state) == "running", col(row.due) > now + RUNS)
    return or_(_waits(row, now, col(row.created) > now + SKEW, failed), runs)


def _mend_update(row: InboxTableRow, now: datetime) -> None:
    row.received, row.due = min(row.received, now), min(row.due, now)
    row.leased_until = now if row.leased_until else None


def _mend_message(row: OutboxTableRow, now: datetime) -> None:
    row.due, row.created = now, min(row.created, now)
    row.leased_until = now if row.leased_until else None


def _mend_job(row: JobTableRow, now: datetime) -> None:
    """What was to come some time after it was made still does; what failed, or runs, is due."""
    ahead = row.created - now
    row.due = max(now, row.due - ahead) if ahead > SKEW else now
    row.created = min(row.created, now)


_TABLES: tuple[tuple[Any, Callable[[datetime], Any], Callable[[Any, datetime], None]], ...] = (
    (InboxTableRow, _updates, _mend_update),
    (OutboxTableRow, _messages, _mend_message),
    (JobTableRow, _work, _mend_job),
)
