"""What a wish leaves of the queue: statements made once for every kind of wish.

A filter that is not set stands in no statement, so there is one for each combination that somebody
has asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import FromClause, Select, bindparam, func, or_, select, union

from knowledge_base.facts import QuestionState
from knowledge_base.queue import Wish
from knowledge_base.store.asking import OPEN
from knowledge_base.store.codes import read_code
from knowledge_base.store.tables import (
    DemandRow,
    EscalationRow,
    LeaseRow,
    ProposalRow,
    QuestionRow,
    SubmissionRow,
    WordingRow,
    clean,
    table_of,
)

CLOSED = (QuestionState.ANSWERED.value, QuestionState.REJECTED.value)
WORDS = 8  # that are looked for
QUESTIONS, DEMAND, LEASES = table_of(QuestionRow), table_of(DemandRow), table_of(LeaseRow)
WORDED, TOLD = table_of(WordingRow), table_of(SubmissionRow)
PROPOSALS, ESCALATIONS = table_of(ProposalRow), table_of(EscalationRow)
SUBJECT = "question/" + QUESTIONS.c.code  # what a proposal about a question is filed under


@dataclass(frozen=True, slots=True)
class Kind:
    """Which filters a wish sets. `folds`: LIKE of this database takes A for a (SQLite)."""

    state: str
    topic: bool
    lang: bool
    hours: bool
    channel: bool
    words: int
    folds: bool


def kind_of(wish: Wish, dialect: str) -> Kind:
    """The kind of a wish."""
    return Kind(
        wish.state,
        bool(wish.topic),
        bool(wish.lang),
        bool(wish.hours),
        bool(wish.channel),
        len(_words(wish)),
        dialect == "sqlite",
    )


def values_of(wish: Wish, now: datetime) -> dict[str, Any]:
    """What fills the blanks of its statements."""
    values: dict[str, Any] = {}
    if wish.state in {"free", "mine", "taken"}:
        values["now"] = now
    if wish.state == "mine":
        values["moderator"] = wish.moderator
    if wish.hours:
        values["since"] = now - timedelta(hours=wish.hours)
    for name in ("topic", "lang", "channel"):
        if value := getattr(wish, name):
            values[name] = value
    if words := _words(wish):
        values["code"] = read_code(clean(wish.text).lstrip("#"))
        values |= {f"word{place}": f"%{_plain(word)}%" for place, word in enumerate(words)}
    return values


def _words(wish: Wish) -> list[str]:
    return clean(wish.text).split()[:WORDS]


def _plain(word: str) -> str:
    """A word that means itself in a pattern."""
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


@cache
def wanted(kind: Kind) -> Select[Any]:
    """The first `most` ids: the most wanted first; of what is closed, the newest."""
    return _the_first(select(QUESTIONS.c.id), kind)


@cache
def oldest(kind: Kind) -> Select[Any]:
    """The first `most` ids, those that wait longest first."""
    query = _fitting(select(QUESTIONS.c.id), kind, scored=kind.topic)
    return query.order_by(QUESTIONS.c.first_asked, QUESTIONS.c.id).limit(bindparam("most"))


@cache
def both(kind: Kind) -> Select[Any]:
    """The first `most` ids as in `wanted`, with the moment each was asked first."""
    return _the_first(select(QUESTIONS.c.id, QUESTIONS.c.first_asked), kind)


@cache
def counted(kind: Kind) -> Select[Any]:
    """How many there are."""
    return _fitting(select(func.count()).select_from(QUESTIONS), kind, scored=kind.topic)


def _the_first(query: Select[Any], kind: Kind) -> Select[Any]:
    if kind.state == "closed":
        query, first = _fitting(query, kind, scored=kind.topic), QUESTIONS.c.closed_at.desc()
    else:
        # what nobody has worked out yet stands where one fresh asker would, and a bit higher
        points = func.coalesce(DEMAND.c.score, 10.0 + QUESTIONS.c.askers)
        query, first = _fitting(query, kind, scored=True), points.desc()
    return query.order_by(first, QUESTIONS.c.id).limit(bindparam("most"))


def _fitting(query: Select[Any], kind: Kind, *, scored: bool) -> Select[Any]:
    """With the places beside them (`scored`) only where these are asked for: looking them up
    costs more than all the rest."""
    if scored:
        query = query.outerjoin_from(QUESTIONS, DEMAND, DEMAND.c.question == QUESTIONS.c.id)
    return query.where(*_conditions(kind))


def _conditions(kind: Kind) -> Iterator[Any]:
    yield _standing(kind)
    yield from _of_state(kind.state)
    if kind.topic:
        yield DEMAND.c.topic == bindparam("topic")
    if kind.lang:
        yield QUESTIONS.c.lang == bindparam("lang")
    if kind.hours:
        yield QUESTIONS.c.first_asked <= bindparam("since")
    if kind.channel:
        here = TOLD.c.question == QUESTIONS.c.id
        yield select(TOLD.c.id).where(here, TOLD.c.channel == bindparam("channel")).exists()
    if kind.words:
        yield QUESTIONS.c.id.in_(_saying(kind))


def _standing(kind: Kind, questions: FromClause = QUESTIONS) -> Any:
    """Open or closed, as wished."""
    if kind.state == "closed":
        return or_(*(questions.c.state == each for each in CLOSED))
    return questions.c.state == OPEN


def _of_state(state: str) -> Iterator[Any]:
    """The conditions of one state; those of the others are not even written down."""
    taken = select(LEASES.c.question).where(LEASES.c.until > bindparam("now"))
    proposed = select(PROPOSALS.c.id).where(PROPOSALS.c.waiting_key == SUBJECT).exists()
    match state:
        case "free":
            yield QUESTIONS.c.id.not_in(taken)
            yield ~proposed
        case "mine":
            yield QUESTIONS.c.id.in_(taken.where(LEASES.c.moderator == bindparam("moderator")))
        case "taken":
            yield QUESTIONS.c.id.in_(taken)
        case "approval":
            yield proposed
        case "escalated":
            yield QUESTIONS.c.id.in_(select(ESCALATIONS.c.question))


def _saying(kind: Kind) -> Any:
    """Every word stands in one of the wordings, or the text is the code. The wordings of all that
    stands as wished are walked through once: to ask of each question whether it has one takes
    twice as long."""
    asked = QUESTIONS.alias("asked")
    says = select(WORDED.c.question).join(asked, asked.c.id == WORDED.c.question)
    says = says.where(_standing(kind, asked))
    for place in range(kind.words):
        like = WORDED.c.text.like if kind.folds else WORDED.c.text.ilike
        says = says.where(like(bindparam(f"word{place}"), escape="/"))
    return union(says, select(asked.c.id).where(asked.c.code == bindparam("code")))
