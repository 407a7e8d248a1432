"""The moderators' queue in one transaction: order, filters and cards."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy import select as core
from sqlmodel import and_, case, col, delete, func, or_, select

from knowledge_base.facts import QuestionState
from knowledge_base.queue import Card, Escalation, Lease, Order, Place, Signals, Waiting, Wish
from knowledge_base.store.codes import read_code
from knowledge_base.store.questions import OPEN, Questions, unpack_match
from knowledge_base.store.tables import (
    AuditRow,
    CommentRow,
    DemandRow,
    EscalationRow,
    FactRow,
    LeaseRow,
    ModeratorRow,
    PersonRow,
    ProposalRow,
    QuestionRow,
    SubmissionRow,
    WordingRow,
    clean,
    table_of,
)
from knowledge_base.store.unit import Door

WINDOWED = ("whatsapp",)  # channels with a reply window
WINDOW = timedelta(hours=24)
STALE = timedelta(minutes=10)  # points grow with time: worked out again after so long
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CLOSED = (QuestionState.ANSWERED.value, QuestionState.REJECTED.value)
DEMAND = table_of(DemandRow)
MOST = 20_000  # ids in one order
_ACTS = core(func.max(table_of(AuditRow).c.seq))


class Queue(Door):
    """What the desk's list asks for."""

    def order(self, wish: Wish, now: datetime, limit: int = MOST) -> Order:
        """Which questions this wish leaves, and in which two orders."""
        if wish.text:  # looking into every wording costs more than sorting: once is enough
            return self._found(wish, now, limit)
        return Order(
            self._ids(wish, now, _first(wish), limit, scored=wish.state != "closed"),
            self._ids(wish, now, col(QuestionRow.first_asked), limit),
            self.count(wish, now),
        )

    def _found(self, wish: Wish, now: datetime, limit: int) -> Order:
        asked = col(QuestionRow.first_asked)
        query: Any = select(QuestionRow.id, asked).order_by(_first(wish), col(QuestionRow.id))
        fitting = self._that_fit(query, wish, now, scored=True)
        rows = self._session.connection().execute(fitting).all()
        wanted = tuple(number for number, _ in rows)
        oldest = tuple(number for number, _ in sorted(rows, key=lambda row: (row[1], row[0])))
        return Order(wanted[:limit], oldest[:limit], len(rows))

    def _ids(
        self, wish: Wish, now: datetime, order: Any, limit: int, *, scored: bool = False
    ) -> tuple[int, ...]:
        query: Any = select(QuestionRow.id).order_by(order, col(QuestionRow.id)).limit(limit)
        fitting = self._that_fit(query, wish, now, scored=scored)
        return tuple(self._session.connection().execute(fitting).scalars())  # thousands, plain

    def count(self, wish: Wish, now: datetime) -> int:
        """How many questions this wish leaves."""
        query: Any = select(func.count()).select_from(QuestionRow)
        return int(self._session.exec(self._that_fit(query, wish, now)).one())

    def _that_fit(self, query: Any, wish: Wish, now: datetime, *, scored: bool = False) -> Any:
        """With the places beside them (`scored`) only where these are asked for: looking them up
        costs more than all the rest."""
        if scored or wish.topic:
            beside = col(DemandRow.question) == col(QuestionRow.id)
            query = query.join(DemandRow, beside, isouter=True)
        return query.where(*_conditions(wish, now))

    def cards(self, ids: Sequence[int], now: datetime) -> tuple[Card, ...]:
        """These questions as cards, in this order."""
        parts: Any = (
            QuestionRow,
            DemandRow,
            LeaseRow,
            ModeratorRow.name,
            EscalationRow,
            ProposalRow,
        )
        query = (
            select(*parts)
            .join(DemandRow, col(DemandRow.question) == col(QuestionRow.id), isouter=True)
            .join(
                LeaseRow,
                and_(col(LeaseRow.question) == col(QuestionRow.id), col(LeaseRow.until) > now),
                isouter=True,
            )
            .join(ModeratorRow, col(ModeratorRow.id) == col(LeaseRow.moderator), isouter=True)
            .join(EscalationRow, col(EscalationRow.question) == col(QuestionRow.id), isouter=True)
            .join(ProposalRow, col(ProposalRow.waiting_key) == _subject(), isouter=True)
            .where(col(QuestionRow.id).in_(ids))
        )
        rows = {row[0].id: row for row in self._session.exec(query)}
        found = [rows[number] for number in ids if number in rows]
        plain = Questions(self._unit).plain([row[0] for row in found])
        said = self._comments(ids)
        return tuple(
            Card(
                question=question,
                signals=_signals(row[0], row[1]),
                lease=_lease(row[2], row[3]),
                escalation=_escalation(row[4]),
                proposed_by=row[5].author if row[5] else "",
                comments=said.get(question.id, 0),
                near=tuple(unpack_match(item) for item in row[0].neighbours[:1]),
            )
            for question, row in zip(plain, found, strict=True)
        )

    def _comments(self, ids: Sequence[int]) -> dict[int, int]:
        query = (
            select(CommentRow.question, func.count())
            .where(col(CommentRow.question).in_(ids))
            .group_by(col(CommentRow.question))
        )
        return dict(self._session.exec(query).all())

    def pulse(self) -> str:
        """Something that is different whenever the queue may look different; cheap."""
        query = select(func.count(), func.sum(col(QuestionRow.askers))).where(
            QuestionRow.state == OPEN
        )
        count, askers = self._session.exec(query).one()
        return f"{Questions(self._unit).revision()}.{count}.{askers or 0}.{self.acts()}"

    def acts(self) -> int:
        """How much people at the desks have done: different whenever one of them did something."""
        return self._unit.run(_ACTS).scalar() or 0

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


def _first(wish: Wish) -> Any:
    """The most wanted first; of what is closed, the newest."""
    if wish.state == "closed":
        return col(QuestionRow.closed_at).desc()
    # what nobody has worked out yet stands where one fresh asker would, and a bit higher
    points = func.coalesce(col(DemandRow.score), 10.0 + col(QuestionRow.askers))
    return points.desc()


def _subject() -> ColumnElement[str]:
    """What a proposal about a question is filed under."""
    found: ColumnElement[str] = "question/" + col(QuestionRow.code)
    return found


def _conditions(wish: Wish, now: datetime) -> list[Any]:
    closed = wish.state == "closed"
    found: list[Any] = [
        col(QuestionRow.state).in_(CLOSED) if closed else col(QuestionRow.state) == OPEN
    ]
    found += _of_state(wish, now)
    if wish.topic:
        found.append(col(DemandRow.topic) == wish.topic)
    if wish.lang:
        found.append(col(QuestionRow.lang) == wish.lang)
    if wish.hours:
        found.append(col(QuestionRow.first_asked) <= now - timedelta(hours=wish.hours))
    if wish.channel:
        found.append(_asked_on(wish.channel))
    if wish.text:
        found.append(_says(wish.text))
    return found


def _of_state(wish: Wish, now: datetime) -> list[Any]:
    """The conditions of one state; those of the others are not even written down."""
    match wish.state:
        case "free":
            return [~_taken(now).exists(), ~_proposed().exists()]
        case "mine":
            return [_taken(now).where(LeaseRow.moderator == wish.moderator).exists()]
        case "taken":
            return [_taken(now).exists()]
        case "approval":
            return [_proposed().exists()]
        case "escalated":
            row = EscalationRow
            return [select(row.question).where(row.question == QuestionRow.id).exists()]
    return []


def _taken(now: datetime) -> Any:
    here = LeaseRow.question == QuestionRow.id
    return select(LeaseRow.question).where(here, col(LeaseRow.until) > now)


def _proposed() -> Any:
    return select(ProposalRow.id).where(col(ProposalRow.waiting_key) == _subject())


def _asked_on(channel: str) -> Any:
    row = SubmissionRow
    return select(row.id).where(row.question == QuestionRow.id, row.channel == channel).exists()


def _says(text: str) -> Any:
    """Every word stands in one of the wordings, or the text is the code."""
    says = select(WordingRow.id).where(WordingRow.question == QuestionRow.id)
    for word in clean(text).split()[:8]:
        says = says.where(col(WordingRow.text).icontains(word, autoescape=True))
    return or_(says.exists(), col(QuestionRow.code) == read_code(clean(text).lstrip("#")))


def _signals(row: QuestionRow, demand: DemandRow | None) -> Signals:
    """With the count of this moment; the rest as last worked out."""
    now = Signals(row.askers, row.first_asked, forwarded_many=row.forwarded_many)
    if demand is None:
        return now
    return replace(
        now,
        hour=demand.hour,
        day=demand.day,
        influencers=demand.influencers,
        topic=demand.topic,
        window_ends=demand.window_ends,
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


def _lease(row: LeaseRow | None, name: str | None) -> Lease | None:
    return Lease(row.moderator, name or "", row.since, row.until) if row else None


def _escalation(row: EscalationRow | None) -> Escalation | None:
    return Escalation(row.by, row.reason, row.at) if row else None
