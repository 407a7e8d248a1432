"""Figures of the desk, counted from what is there anyway; nothing is kept for them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import case, col, func, select

from knowledge_base.facts import Outcome, QuestionState
from knowledge_base.figures import DayFigures, PartFigures, median
from knowledge_base.store.questions import OPEN, WITHDRAWN
from knowledge_base.store.tables import (
    EvidenceRow,
    FactRow,
    InboxTableRow,
    LeaseRow,
    OutboxTableRow,
    QuestionRow,
    SubmissionRow,
    VoteRow,
)
from knowledge_base.store.unit import Door, Unit

SAMPLE = 5000  # the newest messages that the time to the first word is measured on
Closed = tuple[datetime, datetime, Sequence[str], str]  # asked, closed, channels, topic


class Figures(Door):
    """Figures of one transaction."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit)
        self._known: tuple[datetime, list[Closed]] | None = None

    def backlog(self) -> int:
        """How many questions are open."""
        query = select(func.count()).where(QuestionRow.state == OPEN)
        return self._session.exec(query).one()

    def taken(self, now: datetime) -> Mapping[int, tuple[str, ...]]:
        """Which open questions each person of the desk has taken, by their number."""
        row, question = LeaseRow, QuestionRow
        query: Any = (
            select(row.moderator, question.code)
            .join(question, col(question.id) == col(row.question))
            .where(row.until > now, question.state == OPEN)
            .order_by(col(question.id))
        )
        found: dict[int, tuple[str, ...]] = {}
        for moderator, code in self._session.exec(query).all():
            found[moderator] = (*found.get(moderator, ()), code)
        return found

    def sums(self, since: datetime, zone: str) -> tuple[DayFigures, ...]:
        """One row for each local day since then, without gaps, the newest last."""
        place = ZoneInfo(zone)
        first, today = since.astimezone(place).date(), self._unit.now.astimezone(place).date()
        days = [first + timedelta(n) for n in range((today - first).days + 1)]
        begin = _start(first, place)
        closed = self._closed(begin)
        settled = _by_day(
            ((end, (end - asked).total_seconds()) for asked, end, _, _ in closed), place
        )
        words = _by_day(self._first_words(begin), place)
        refused = _by_day(((at, 1.0) for at in self._refused(begin)), place)
        votes = _by_day(((at, float(good)) for at, good in self._votes(begin)), place)
        backlogs = self._backlogs(days, begin, place)
        rows = []
        for day in days:
            asked, automatic = self._asked(_start(day, place), _start(day + timedelta(1), place))
            rows.append(
                DayFigures(
                    day,
                    asked,
                    automatic,
                    len(refused[day]),
                    len(settled[day]),
                    backlogs[day],
                    median(words[day]),
                    median(settled[day]),
                    int(sum(votes[day])),
                    len(votes[day]) - int(sum(votes[day])),
                )
            )
        return tuple(rows)

    def by(self, what: str, since: datetime) -> tuple[PartFigures, ...]:
        """The same questions cut by "topic" or "channel", the most asked first."""
        row = SubmissionRow
        name: Any = col(row.channel) if what == "channel" else func.coalesce(FactRow.topic, "")
        automatic = func.sum(case((_automatic(), 1), else_=0))
        query: Any = select(name, func.count(), automatic).where(row.at >= since)
        if what != "channel":
            query = query.outerjoin(FactRow, col(FactRow.number) == col(row.number))
        times: dict[str, list[float]] = defaultdict(list)
        for asked, closed, channels, topic in self._closed(since):
            for part in channels if what == "channel" else (topic,):
                times[part].append((closed - asked).total_seconds())
        found = [
            PartFigures(part, count, int(alone or 0), len(times[part]), median(times[part]))
            for part, count, alone in self._session.exec(query.group_by(name)).all()
        ]
        return tuple(sorted(found, key=lambda part: (-part.asked, part.name)))

    def _asked(self, begin: datetime, end: datetime) -> tuple[int, int]:
        automatic = func.sum(case((_automatic(), 1), else_=0))
        query: Any = select(func.count(), automatic).where(
            SubmissionRow.at >= begin, SubmissionRow.at < end
        )
        count, alone = self._session.exec(query).one()
        return count, int(alone or 0)

    def _closed(self, since: datetime) -> list[Closed]:
        """Questions a verdict or a reason was given to; read once in a transaction."""
        if self._known is None or self._known[0] > since:
            self._known = since, self._read_closed(since)
        return [closed for closed in self._known[1] if closed[1] >= since]

    def _read_closed(self, since: datetime) -> list[Closed]:
        row = QuestionRow
        states = (QuestionState.ANSWERED.value, QuestionState.REJECTED.value)
        query: Any = (
            select(row.first_asked, row.closed_at, row.channels, func.coalesce(FactRow.topic, ""))
            .outerjoin(FactRow, col(FactRow.number) == col(row.number))
            .where(col(row.closed_at) >= since, col(row.state).in_(states))
        )
        return [tuple(found) for found in self._session.exec(query).all()]

    def _first_words(self, since: datetime) -> Iterable[tuple[datetime, float]]:
        """When people wrote, and how many seconds later a message to them was delivered."""
        inbox, outbox = InboxTableRow, OutboxTableRow
        wrote: Any = (
            select(inbox.received, inbox.person)
            .where(inbox.received >= since, col(inbox.person).is_not(None))
            .order_by(col(inbox.id).desc())
            .limit(SAMPLE)
        )
        said: Any = (
            select(outbox.created, outbox.finished_at, outbox.person)
            .where(col(outbox.finished_at) >= since, col(outbox.person).is_not(None))
            .order_by(col(outbox.id).desc())
            .limit(SAMPLE * 2)
        )
        answers: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
        for created, finished, person in self._session.exec(said).all():
            answers[person].append((created, finished))
        for own in answers.values():
            own.sort()
        for received, person in self._session.exec(wrote).all():
            own = answers.get(person, [])
            place = bisect_left(own, (received, received))
            if place < len(own):
                yield received, (own[place][1] - received).total_seconds()

    def _refused(self, since: datetime) -> Sequence[datetime]:
        row = EvidenceRow
        query = select(row.at).where(row.at >= since, col(row.right).is_(False), row.by == "asker")
        return self._session.exec(query).all()

    def _votes(self, since: datetime) -> Sequence[tuple[datetime, bool]]:
        return self._session.exec(
            select(VoteRow.at, VoteRow.helpful).where(VoteRow.at >= since)
        ).all()

    def _backlogs(self, days: Sequence[date], begin: datetime, place: ZoneInfo) -> dict[date, int]:
        """Open questions at the end of each day, counted back from now."""
        row = QuestionRow
        kept = row.state != WITHDRAWN
        born = self._session.exec(select(row.first_asked).where(kept, row.first_asked >= begin))
        gone: Any = select(row.closed_at).where(
            kept, row.state != OPEN, col(row.closed_at) >= begin
        )
        opened = _by_day(((at, 1.0) for at in born), place)
        closed = _by_day(((at, 1.0) for at in self._session.exec(gone)), place)
        backlogs, left = {}, self.backlog()
        for day in reversed(days):
            backlogs[day] = max(0, left)
            left += len(closed[day]) - len(opened[day])
        return backlogs


def _automatic() -> Any:
    answered = col(SubmissionRow.outcome) == Outcome.ANSWERED.value
    return answered & col(SubmissionRow.question).is_(None)


def _start(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place)


def _by_day(
    values: Iterable[tuple[datetime, float]], place: ZoneInfo
) -> defaultdict[date, list[float]]:
    days: defaultdict[date, list[float]] = defaultdict(list)
    for at, value in values:
        days[at.astimezone(place).date()].append(value)
    return days
