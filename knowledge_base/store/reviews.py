"""Votes and objections: what asks for a second look at a fact-check, and never changes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import and_, case, col, func, select

from knowledge_base.facts import Question, State, Votes
from knowledge_base.store.questions import Questions
from knowledge_base.store.records import digest
from knowledge_base.store.tables import (
    DisputeRow,
    DuplicateRow,
    FactRow,
    PersonRow,
    QuestionRow,
    SourceCheckRow,
    VoteRow,
)
from knowledge_base.store.unit import Door


class Reviews(Door):
    """Votes and objections of one transaction."""

    def vote(self, person: str, number: int, version: int, *, helpful: bool) -> None:
        """One vote per person and version; the last one counts. Nobody's vote is not kept."""
        if self._session.get(PersonRow, person) is None:
            return
        row = self._session.get(VoteRow, (person, number, version)) or VoteRow(
            person=person, number=number, version=version, helpful=helpful, at=self._unit.now
        )
        row.helpful, row.at = helpful, self._unit.now
        self._session.add(row)
        self._session.flush()

    def votes(self, number: int) -> tuple[Votes, ...]:
        """What people thought of each version, the newest version first."""
        query = _counted().where(VoteRow.number == number).group_by(VoteRow.number, VoteRow.version)
        rows = self._session.exec(query.order_by(col(VoteRow.version).desc()))
        return tuple(Votes(*row) for row in rows)

    def doubted(self, unhelpful: int, limit: int = 50) -> tuple[Votes, ...]:
        """Present versions of published fact-checks with at least so many thumbs down, and more
        of them than thumbs up; the most doubted first."""
        down = func.sum(case((col(VoteRow.helpful), 0), else_=1))
        current = and_(
            col(FactRow.number) == col(VoteRow.number),
            col(FactRow.version) == col(VoteRow.version),
            col(FactRow.state) == State.PUBLISHED.value,
        )
        query = (
            _counted()
            .join(FactRow, current)
            .group_by(VoteRow.number, VoteRow.version)
            .having(down >= unhelpful, down * 2 > func.count())
            .order_by(down.desc(), col(VoteRow.number))
            .limit(limit)
        )
        return tuple(Votes(*row) for row in self._session.exec(query))

    def source_checks(self, urls: Sequence[str]) -> Mapping[str, tuple[bool, str]]:
        """What is known of these sources: whether each answered last time, and what it said."""
        keys = [digest(url) for url in urls]
        query = select(SourceCheckRow).where(col(SourceCheckRow.digest).in_(keys))
        return {row.url: (row.reachable, row.detail) for row in self._session.exec(query)}

    def pair(self, first: int, second: int, score: float) -> None:
        """Two fact-checks may be one; what was dismissed stays dismissed."""
        self._unit.insert_new(
            DuplicateRow(first=first, second=second, score=score, at=self._unit.now)
        )

    def dismiss(self, first: int, second: int) -> None:
        """They are two; not to be asked again."""
        row = self._session.get(DuplicateRow, (first, second))
        if row is not None:
            row.dismissed = True
            self._session.flush()

    def pairs(self, limit: int = 50) -> tuple[tuple[int, int, float], ...]:
        """Published pairs nobody has looked at, the likest first."""
        one, two, row = aliased(FactRow), aliased(FactRow), DuplicateRow
        published = State.PUBLISHED.value
        query = (
            select(row.first, row.second, row.score)
            .join(one, and_(col(one.number) == col(row.first), one.state == published))
            .join(two, and_(col(two.number) == col(row.second), two.state == published))
            .where(col(row.dismissed).is_(False))
            .order_by(col(row.score).desc(), col(row.first))
            .limit(limit)
        )
        return tuple(self._session.exec(query).all())

    def dispute(self, number: int, code: str) -> None:
        """This question in the queue is an objection to that fact-check."""
        query = select(QuestionRow.id).where(QuestionRow.code == code)
        question = self._session.exec(query).first()
        if question is not None:
            self._unit.insert_new(DisputeRow(question=question, number=number))

    def disputes(self, number: int, limit: int = 50) -> tuple[Question, ...]:
        """Objections to a fact-check, the newest first, with what became of them."""
        query = (
            select(QuestionRow.code)
            .join(DisputeRow, col(DisputeRow.question) == col(QuestionRow.id))
            .where(DisputeRow.number == number)
            .order_by(col(QuestionRow.id).desc())
            .limit(limit)
        )
        return self._questions(query)

    def disputed(self, code: str) -> int:
        """The fact-check this question objects to; 0 when it is no objection."""
        query = (
            select(DisputeRow.number)
            .join(QuestionRow, col(DisputeRow.question) == col(QuestionRow.id))
            .where(QuestionRow.code == code)
        )
        return self._session.exec(query).first() or 0

    def open_disputes(self, limit: int = 50) -> tuple[tuple[int, Question], ...]:
        """Fact-check numbers with an objection nobody has dealt with, the oldest first."""
        query = (
            select(DisputeRow.number, QuestionRow.code)
            .join(QuestionRow, col(DisputeRow.question) == col(QuestionRow.id))
            .where(QuestionRow.state == "open")
            .order_by(col(QuestionRow.id))
            .limit(limit)
        )
        found = Questions(self._unit)
        pairs = [(number, found.get(code)) for number, code in self._session.exec(query).all()]
        return tuple((number, question) for number, question in pairs if question is not None)

    def _questions(self, query: Any) -> tuple[Question, ...]:
        found = Questions(self._unit)
        questions = [found.get(code) for code in self._session.exec(query).all()]
        return tuple(question for question in questions if question is not None)


def _counted() -> Any:
    return select(
        VoteRow.number,
        VoteRow.version,
        func.sum(case((col(VoteRow.helpful), 1), else_=0)),
        func.sum(case((col(VoteRow.helpful), 0), else_=1)),
    )
