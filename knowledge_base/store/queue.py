"""The moderators' queue in one transaction: order, filters and cards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Executable, bindparam
from sqlalchemy import select as core
from sqlmodel import and_, case, col, delete, func, or_, select

from knowledge_base.queue import Card, Escalation, Lease, Order, Place, Signals, Waiting, Wish
from knowledge_base.store import wishes
from knowledge_base.store.questions import OPEN, Questions, unpack_match
from knowledge_base.store.tables import (
    AuditRow,
    CommentRow,
    DemandRow,
    FactRow,
    ModeratorRow,
    PersonRow,
    QuestionRow,
    SubmissionRow,
    table_of,
)
from knowledge_base.store.unit import Door
from knowledge_base.store.wishes import DEMAND, ESCALATIONS, LEASES, PROPOSALS, QUESTIONS, SUBJECT

WINDOWED = ("whatsapp",)  # channels with a reply window
WINDOW = timedelta(hours=24)
STALE = timedelta(minutes=10)  # points grow with time: worked out again after so long
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
COMMENTS, MODERATORS = table_of(CommentRow), table_of(ModeratorRow)
EVERY = 2**31 - 1  # ids in one order
_ACTS = core(func.max(table_of(AuditRow).c.seq))
_PULSE = core(func.count(), func.sum(QUESTIONS.c.askers)).where(QUESTIONS.c.state == OPEN)
_COMMENTS = (
    core(COMMENTS.c.question, func.count())
    .where(COMMENTS.c.question.in_(bindparam("ids", expanding=True)))
    .group_by(COMMENTS.c.question)
)
_WORKED_OUT = [DEMAND.c[each] for each in ("hour", "day", "influencers", "topic", "window_ends")]
_CARDS = (
    core(
        *QUESTIONS.c,
        *_WORKED_OUT,
        LEASES.c.moderator.label("taken_by"),
        MODERATORS.c.name.label("taken_name"),
        LEASES.c.since.label("taken_since"),
        LEASES.c.until.label("taken_until"),
        ESCALATIONS.c.by.label("called_by"),
        ESCALATIONS.c.reason.label("called_for"),
        ESCALATIONS.c.at.label("called_at"),
        PROPOSALS.c.author.label("proposed_by"),
    )
    .outerjoin_from(QUESTIONS, DEMAND, DEMAND.c.question == QUESTIONS.c.id)
    .outerjoin(LEASES, and_(LEASES.c.question == QUESTIONS.c.id, LEASES.c.until > bindparam("now")))
    .outerjoin(MODERATORS, MODERATORS.c.id == LEASES.c.moderator)
    .outerjoin(ESCALATIONS, ESCALATIONS.c.question == QUESTIONS.c.id)
    .outerjoin(PROPOSALS, PROPOSALS.c.waiting_key == SUBJECT)
    .where(QUESTIONS.c.id.in_(bindparam("ids", expanding=True)))
)


class Queue(Door):
    """What the desk's list asks for."""

    def order(self, wish: Wish, now: datetime, limit: int = EVERY) -> Order:
        """Which questions this wish leaves, and in which two orders."""
        kind, values = self._kind(wish), wishes.values_of(wish, now)
        if kind.words:  # looking into every wording costs more than sorting: once is enough
            return self._found(kind, values, limit)
        first = values | {"most": limit}
        wanted = self._ids(wishes.wanted(kind), first)
        return Order(
            wanted,
            self._ids(wishes.oldest(kind), first),
            len(wanted) if len(wanted) < limit else self.count(wish, now),
        )

    def _found(self, kind: wishes.Kind, values: dict[str, Any], limit: int) -> Order:
        rows = self._run(wishes.both(kind), values | {"most": EVERY}).all()
        wanted = tuple(number for number, _ in rows)
        oldest = tuple(number for number, _ in sorted(rows, key=lambda row: (row[1], row[0])))
        return Order(wanted[:limit], oldest[:limit], len(rows))

    def _ids(self, statement: Executable, values: Mapping[str, Any]) -> tuple[int, ...]:
        return tuple(number for (number,) in self._run(statement, values))

    def count(self, wish: Wish, now: datetime) -> int:
        """How many questions this wish leaves."""
        statement = wishes.counted(self._kind(wish))
        return int(self._run(statement, wishes.values_of(wish, now)).scalar_one())

    def _kind(self, wish: Wish) -> wishes.Kind:
        return wishes.kind_of(wish, self._unit.dialect)

    def cards(self, ids: Sequence[int], now: datetime) -> tuple[Card, ...]:
        """These questions as cards, in this order."""
        wanted = {"ids": ids}
        rows = {row.id: row for row in self._run(_CARDS, wanted | {"now": now})}
        found = [rows[number] for number in ids if number in rows]
        plain = Questions(self._unit).plain(found)
        said = dict(iter(self._run(_COMMENTS, wanted)))
        return tuple(
            Card(
                question=question,
                signals=_signals(row),
                lease=_lease(row),
                escalation=_escalation(row),
                proposed_by=row.proposed_by or "",
                comments=said.get(question.id, 0),
                near=tuple(unpack_match(item) for item in row.neighbours[:1]),
            )
            for question, row in zip(plain, found, strict=True)
        )

    def pulse(self) -> str:
        """Something that is different whenever the queue may look different; cheap."""
        count, askers = self._run(_PULSE).one()
        return f"{Questions(self._unit).revision()}.{count}.{askers or 0}.{self.acts()}"

    def acts(self) -> int:
        """How much people at the desks have done: different whenever one of them did something."""
        return self._run(_ACTS).scalar() or 0

    def due(self, now: datetime, limit: int = 200) -> tuple[Waiting, ...]:
        """Open questions whose points are missing or old, the least known first."""
        changed = or_(
            col(DemandRow.question).is_(None),
            col(DemandRow.askers) != col(QuestionRow.askers),
            col(DemandRow.forwarded_many) != col(QuestionRow.forwarded_many),
            col(DemandRow.at) <= now - STALE,
        )
        query = (
            select(QuestionRow)
            .join(DemandRow, col(DemandRow.question) == col(QuestionRow.id), isouter=True)
            .where(QuestionRow.state == OPEN, changed)
            .order_by(col(DemandRow.at).is_not(None), col(DemandRow.at), col(QuestionRow.id))
            .limit(limit)
        )
        rows = self._session.exec(query).all()
        heard = self._heard([row.id or 0 for row in rows], now)
        near = {row.id or 0: _near(row) for row in rows}
        topics = self._topics({number for found in near.values() for number, _ in found})
        return tuple(
            Waiting(
                row.id or 0,
                row.text,
                tuple((topics.get(number, ""), score) for number, score in near[row.id or 0]),
                _heard_signals(row, heard.get(row.id or 0)),
            )
            for row in rows
        )

    def _topics(self, numbers: Collection[int]) -> dict[int, str]:
        query = select(FactRow.number, FactRow.topic).where(col(FactRow.number).in_(numbers))
        return {number or 0: topic for number, topic in self._session.exec(query)}

    def keep(self, places: Sequence[Place], now: datetime) -> None:
        """Remember the places of these questions."""
        ids = [place.id for place in places]
        self._session.exec(delete(DemandRow).where(col(DemandRow.question).in_(ids)))
        if places:
            self._session.execute(DEMAND.insert(), [_demand(place, now) for place in places])

    def forget(self, limit: int = 500) -> None:
        """Drop the places of questions that wait no more."""
        closed = (
            select(DemandRow.question)
            .join(QuestionRow, col(QuestionRow.id) == col(DemandRow.question))
            .where(QuestionRow.state != OPEN)
            .limit(limit)
        )
        ids = self._session.exec(closed).all()
        self._session.exec(delete(DemandRow).where(col(DemandRow.question).in_(ids)))

    def _heard(self, ids: Iterable[int], now: datetime) -> dict[int, Any]:
        """Of each question: asks in the last hour and day, influencers, first end of a window."""
        row, person = SubmissionRow, PersonRow
        open_window = and_(col(person.channel).in_(WINDOWED), col(person.last_wrote) > now - WINDOW)
        parts: Any = (
            row.question,
            func.sum(case((col(row.at) > now - HOUR, 1), else_=0)),
            func.sum(case((col(row.at) > now - DAY, 1), else_=0)),
            func.count(func.distinct(case((col(person.influencer), col(row.person))))),
            func.min(case((open_window, col(person.last_wrote)))),
        )
        query = (
            select(*parts)
            .join(person, col(person.id) == col(row.person), isouter=True)
            .where(col(row.question).in_(list(ids)))
            .group_by(col(row.question))
        )
        return {found[0]: found[1:] for found in self._session.exec(query) if found[0]}


def _signals(row: Any) -> Signals:
    """With the count of this moment; the rest as last worked out, if it was."""
    now = Signals(row.askers, row.first_asked, forwarded_many=row.forwarded_many)
    if row.hour is None:
        return now
    return replace(
        now,
        hour=row.hour,
        day=row.day,
        influencers=row.influencers,
        topic=row.topic,
        window_ends=row.window_ends,
    )


def _heard_signals(row: QuestionRow, heard: Any) -> Signals:
    hour, day, influencers, wrote = heard or (0, 0, 0, None)
    return Signals(
        askers=row.askers,
        first_asked=row.first_asked,
        hour=int(hour),
        day=int(day),
        forwarded_many=row.forwarded_many,
        influencers=influencers,
        window_ends=wrote + WINDOW if wrote else None,
    )


def _near(row: QuestionRow) -> list[tuple[int, float]]:
    """Numbers and scores of the nearest fact-checks, best first."""
    matches = [unpack_match(item) for item in row.neighbours]
    return [(int(match.id), match.score) for match in matches if match.id.isdecimal()][:3]


def _demand(place: Place, now: datetime) -> dict[str, Any]:
    said = place.signals
    return {
        "question": place.id,
        "score": place.score,
        "at": now,
        "topic": said.topic,
        "askers": said.askers,
        "forwarded_many": said.forwarded_many,
        "hour": said.hour,
        "day": said.day,
        "influencers": said.influencers,
        "window_ends": said.window_ends,
    }


def _lease(row: Any) -> Lease | None:
    if row.taken_until is None:
        return None
    return Lease(row.taken_by, row.taken_name or "", row.taken_since, row.taken_until)


def _escalation(row: Any) -> Escalation | None:
    if row.called_at is None:
        return None
    return Escalation(row.called_by, row.called_for, row.called_at)
