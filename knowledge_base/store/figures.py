"""Figures of the desk, counted from what is there anyway; nothing is kept for them."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlmodel import case, col, delete, func, select

from knowledge_base.facts import Outcome, QuestionState
from knowledge_base.figures import (
    Counted,
    DayFigures,
    Heard,
    PartFigures,
    Standing,
    median,
    middle_of,
)
from knowledge_base.store.questions import OPEN, WITHDRAWN
from knowledge_base.store.tables import (
    AuditRow,
    DayFiguresRow,
    DemandRow,
    EvidenceRow,
    FactRow,
    InboxTableRow,
    LeaseRow,
    ModeratorRow,
    OutboxTableRow,
    PersonRow,
    QuestionRow,
    SubmissionRow,
    VoteRow,
)
from knowledge_base.store.unit import Door, Unit

SAMPLE = 5000  # the newest messages that the time to the first word is measured on
Closed = tuple[datetime, datetime, Sequence[str], str]  # asked, closed, channels, topic


CUTS = ("", "topic", "channel")


class _Word(NamedTuple):
    """The first word somebody was sent: when they had written, how many seconds before, on which
    channel, and when their message was handled."""

    at: datetime
    seconds: float
    channel: str
    person: str
    handled: datetime


@dataclass(slots=True)
class _Part:
    """One topic or channel while it is counted."""

    asked: int = 0
    automatic: int = 0
    backlog: int = 0
    refused: int = 0
    times: list[float] = field(default_factory=list)
    words: list[tuple[float, int]] = field(default_factory=list)  # a day's median, of how many
    votes: list[bool] = field(default_factory=list)

    def figures(self, name: str, what: str) -> PartFigures:
        """As it is given out."""
        return PartFigures(
            name,
            self.asked,
            self.automatic,
            len(self.times),
            median(self.times),
            self.backlog,
            middle_of(self.words),
            None if what == "channel" else self.refused,
            sum(self.votes),
            len(self.votes) - sum(self.votes),
        )


class Figures(Door):
    """Figures of one transaction."""

    def __init__(self, unit: Unit) -> None:
        super().__init__(unit)
        self._known: tuple[datetime, list[Closed]] | None = None
        self._words: tuple[datetime, list[_Word]] | None = None

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

    def standing(self) -> Standing:
        """What waits, since when, and who worked on questions in the last 24 hours."""
        oldest = select(func.min(QuestionRow.first_asked)).where(QuestionRow.state == OPEN)
        row = AuditRow
        acts: Any = (
            select(row.actor, func.count())
            .join(ModeratorRow, col(ModeratorRow.name) == col(row.actor))
            .where(row.at > self._unit.now - timedelta(days=1))
            .where(col(row.object).startswith("question/"))
            .group_by(row.actor)
            .order_by(func.count().desc(), row.actor)
        )
        duty = tuple((name, count) for name, count in self._session.exec(acts).all())
        return Standing(self.backlog(), self._session.exec(oldest).one(), duty)

    def sums(self, since: datetime, zone: str) -> tuple[DayFigures, ...]:
        """One row for each local day since then, without gaps, the newest last."""
        place = ZoneInfo(zone)
        days = self._days(since, place)
        begin = _start(days[0], place)
        closed = self._closed(begin)
        settled = _by_day(
            ((end, (end - asked).total_seconds()) for asked, end, _, _ in closed), place
        )
        refused = _by_day(((at, 1.0) for at, _ in self._refused(begin)), place)
        votes = _by_day(((at, float(good)) for at, good, _, _ in self._votes(begin)), place)
        backlogs = self._backlogs(days, begin, place)
        heard = self._heard("", days, place)
        return tuple(
            DayFigures(
                day,
                heard[day][""].asked,
                heard[day][""].automatic,
                len(refused[day]),
                len(settled[day]),
                backlogs[day],
                heard[day][""].first_word,
                median(settled[day]),
                int(sum(votes[day])),
                len(votes[day]) - int(sum(votes[day])),
            )
            for day in days
        )

    def by(self, what: str, since: datetime, zone: str) -> tuple[PartFigures, ...]:
        """The same questions cut by "topic" or "channel", the most asked first."""
        place = ZoneInfo(zone)
        days = self._days(since, place)
        begin = _start(days[0], place)
        parts: defaultdict[str, _Part] = defaultdict(_Part)
        for named in self._heard(what, days, place).values():
            for name, heard in named.items():
                parts[name].asked += heard.asked
                parts[name].automatic += heard.automatic
                if heard.first_word is not None:
                    parts[name].words.append((heard.first_word, max(1, heard.asked)))
        for asked, closed, channels, topic in self._closed(begin):
            for name in channels if what == "channel" else (topic,):
                parts[name].times.append((closed - asked).total_seconds())
        for _, good, topic, channel in self._votes(begin):
            parts[channel if what == "channel" else topic].votes.append(good)
        for name in self._waiting(what):
            parts[name].backlog += 1
        if what == "topic":
            for _, topic in self._refused(begin):
                parts[topic].refused += 1
        found = [part.figures(name, what) for name, part in parts.items()]
        return tuple(sorted(found, key=lambda part: (-part.asked, part.name)))

    def due(self, zone: str) -> Counted:
        """What is counted on rows that are forgotten soon: of today, and once more of yesterday
        in the first round of a day, before its rows begin to go."""
        place = ZoneInfo(zone)
        yesterday, today = self._days(self._unit.now - timedelta(days=1), place)
        begun = self._session.get(DayFiguresRow, (today.isoformat(), "", ""))
        days = [today] if begun else [yesterday, today]
        return tuple(
            (cut, day, parts)
            for cut in CUTS
            for day, parts in self._counted(cut, days, place).items()
        )

    def keep(self, counted: Counted) -> None:
        """Note what was due; nobody has to wait for the counting of it."""
        for cut, day, parts in counted:
            self._note(cut, day, parts)
        self._session.flush()

    def _note(self, cut: str, day: date, parts: Mapping[str, Heard]) -> None:
        """In the place of what was noted: a question may have got another topic meanwhile."""
        row = DayFiguresRow
        gone = delete(row).where(col(row.day) == day.isoformat(), col(row.cut) == cut)
        self._session.exec(gone)
        self._session.add_all(
            row(
                day=day.isoformat(),
                cut=cut,
                name=name,
                asked=heard.asked,
                automatic=heard.automatic,
                first_word=heard.first_word,
            )
            for name, heard in parts.items()
        )

    def _days(self, since: datetime, place: ZoneInfo) -> list[date]:
        first, today = since.astimezone(place).date(), self._unit.now.astimezone(place).date()
        return [first + timedelta(n) for n in range((today - first).days + 1)]

    def _heard(
        self, cut: str, days: Sequence[date], place: ZoneInfo
    ) -> Mapping[date, Mapping[str, Heard]]:
        """What was asked on each day: as it was noted, today counted anew."""
        row = DayFiguresRow
        query = select(row).where(row.cut == cut, row.day >= days[0].isoformat())
        kept: defaultdict[date, dict[str, Heard]] = defaultdict(dict)
        for one in self._session.exec(query):
            day = date.fromisoformat(one.day)
            kept[day][one.name] = Heard(one.asked, one.automatic, one.first_word)
        fresh = [day for day in days if day == days[-1] or day not in kept]
        return {**kept, **self._counted(cut, fresh, place)}

    def _counted(
        self, cut: str, days: Sequence[date], place: ZoneInfo
    ) -> dict[date, dict[str, Heard]]:
        """What was asked on each of these days, and the median first word."""
        words = self._words_of(cut, _start(days[0], place), place)
        found = {}
        for day in days:
            begin, end = _start(day, place), _start(day + timedelta(1), place)
            asked = self._asked_by(cut, begin, end) if cut else {"": self._asked(begin, end)}
            found[day] = {
                name: Heard(*asked.get(name, (0, 0)), median(words[day][name]))
                for name in {*asked, *words[day]}
            }
        return found

    def _words_of(
        self, cut: str, since: datetime, place: ZoneInfo
    ) -> defaultdict[date, defaultdict[str, list[float]]]:
        """Seconds to the first word, by local day and part; by topic those of what was asked."""
        topics = self._topics(since) if cut == "topic" else {}
        found: defaultdict[date, defaultdict[str, list[float]]]
        found = defaultdict(lambda: defaultdict(list))
        for word in self._first_words(since):
            names: Iterable[str] = [word.channel] if cut else [""]
            if cut == "topic":
                names = topics.get((word.person, word.handled), ())
            for name in names:
                found[word.at.astimezone(place).date()][name].append(word.seconds)
        return found

    def _topics(self, since: datetime) -> Mapping[tuple[str, datetime], list[str]]:
        """What was asked about, by who and when it was handled, the newest messages."""
        row = SubmissionRow
        query: Any = _with_topic(select(row.person, row.at, _topic()))
        newest = query.where(row.at >= since, col(row.person).is_not(None))
        found: defaultdict[tuple[str, datetime], list[str]] = defaultdict(list)
        rows = self._session.exec(newest.order_by(col(row.at).desc()).limit(SAMPLE))
        for person, at, topic in rows:
            found[person, at].append(topic)
        return found

    def _asked_by(self, cut: str, begin: datetime, end: datetime) -> dict[str, tuple[int, int]]:
        """By topic or channel: how much was asked, how much of it answered at once."""
        row = SubmissionRow
        name: Any = col(row.channel) if cut == "channel" else _topic()
        automatic = func.sum(case((_automatic(), 1), else_=0))
        query: Any = select(name, func.count(), automatic).where(row.at >= begin, row.at < end)
        if cut != "channel":
            query = _with_topic(query)
        rows = self._session.exec(query.group_by(name)).all()
        return {part: (count, int(alone or 0)) for part, count, alone in rows}

    def _waiting(self, what: str) -> Iterable[str]:
        """The channels, or the guessed topic, of each open question."""
        if what == "channel":
            rows = self._session.exec(select(QuestionRow.channels).where(QuestionRow.state == OPEN))
            return [channel for channels in rows for channel in channels]
        query: Any = (
            select(func.coalesce(DemandRow.topic, ""))
            .select_from(QuestionRow)
            .outerjoin(DemandRow, col(DemandRow.question) == col(QuestionRow.id))
            .where(QuestionRow.state == OPEN)
        )
        return list(self._session.exec(query))

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

    def _first_words(self, since: datetime) -> Sequence[_Word]:
        """The first words to the newest messages; read once in a transaction."""
        if self._words is None or self._words[0] > since:
            self._words = since, list(self._read_words(since))
        return [word for word in self._words[1] if word.at >= since]

    def _read_words(self, since: datetime) -> Iterable[_Word]:
        inbox, outbox = InboxTableRow, OutboxTableRow
        wrote: Any = (
            select(inbox.received, inbox.channel, inbox.person, inbox.closed_at)
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
        for received, channel, person, handled in self._session.exec(wrote).all():
            own = answers.get(person, [])
            place = bisect_left(own, (received, received))
            if place < len(own):
                seconds = (own[place][1] - received).total_seconds()
                yield _Word(received, seconds, channel, person, handled)

    def _refused(self, since: datetime) -> Sequence[tuple[datetime, str]]:
        """When somebody said "not this", and about a fact-check of which topic."""
        row = EvidenceRow
        query: Any = (
            select(row.at, func.coalesce(FactRow.topic, ""))
            .outerjoin(FactRow, col(FactRow.number) == col(row.number))
            .where(row.at >= since, col(row.right).is_(False), row.by == "asker")
        )
        return [tuple(found) for found in self._session.exec(query).all()]

    def _votes(self, since: datetime) -> Sequence[tuple[datetime, bool, str, str]]:
        """When somebody voted, whether it helped, the topic, and their channel."""
        row = VoteRow
        query: Any = (
            select(row.at, row.helpful, func.coalesce(FactRow.topic, ""), PersonRow.channel)
            .join(PersonRow, col(PersonRow.id) == col(row.person))
            .outerjoin(FactRow, col(FactRow.number) == col(row.number))
            .where(row.at >= since)
        )
        return [tuple(found) for found in self._session.exec(query).all()]

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


def _topic() -> Any:
    """The topic of what was told, by now also by people; else the guess."""
    return func.coalesce(FactRow.topic, DemandRow.topic, "")


def _with_topic(query: Any) -> Any:
    """Submissions with the rows that say their topic."""
    row, question = SubmissionRow, QuestionRow
    number = func.coalesce(row.number, question.number)
    return (
        query.select_from(row)
        .outerjoin(question, col(question.id) == col(row.question))
        .outerjoin(FactRow, col(FactRow.number) == number)
        .outerjoin(DemandRow, col(DemandRow.question) == col(row.question))
    )


def _start(day: date, place: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), place)


def _by_day(
    values: Iterable[tuple[datetime, float]], place: ZoneInfo
) -> defaultdict[date, list[float]]:
    days: defaultdict[date, list[float]] = defaultdict(list)
    for at, value in values:
        days[at.astimezone(place).date()].append(value)
    return days
