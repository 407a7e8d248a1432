"""What a question's page shows of the work on it: lease, comments, wordings, growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.doors import Work
from bot.web.services import Services
from handlers.rights import Action, Thing, may
from knowledge_base.facts import Moderator, Proposal, ProposalState, Question, QuestionState

BARS = 24
WIDTH, HEIGHT, GAP = 480, 90, 2
STEPS = (timedelta(minutes=5), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of the growth curve: when it begins, how often it was asked, and its place."""

    begins: datetime
    count: int
    x: int
    y: int
    width: int
    height: int


def growth(asked: Sequence[datetime], now: datetime) -> tuple[Bar, ...]:
    """How often it was asked, in at most BARS equal spans up to now."""
    if not asked:
        return ()
    age = now - min(asked)
    step = next((step for step in STEPS if age < step * BARS), max(age / (BARS - 1), STEPS[-1]))
    spans = min(BARS, int(age / step) + 1)
    counts = [0] * spans
    for at in asked:
        counts[spans - 1 - min(spans - 1, max(0, int((now - at) / step)))] += 1
    most, width = max(counts), WIDTH // BARS
    return tuple(
        Bar(
            begins=now - step * (spans - n),
            count=count,
            x=n * width,
            y=HEIGHT - HEIGHT * count // most,
            width=width - GAP,
            height=HEIGHT * count // most,
        )
        for n, count in enumerate(counts)
    )


def sent_back(work: Work, me: Moderator, code: str = "") -> list[Proposal]:
    """Answers of this person that a colleague sent back and that nobody has settled since, the
    newest first; with `code` only those to that question."""
    latest: dict[str, Proposal] = {}
    for one in work.proposals.of_author(me.name, "question"):
        if one.subject.endswith(code):
            latest.setdefault(one.subject, one)
    return [
        one
        for one in latest.values()
        if one.state is ProposalState.RETURNED and one.decided_by != me.name and _open(work, one)
    ]


def _open(work: Work, proposal: Proposal) -> bool:
    asked = work.questions.get(proposal.subject.partition("/")[2])
    return asked is not None and asked.state is QuestionState.OPEN


def case_of(work: Work, services: Services, asked: Question, me: Moderator) -> dict[str, Any]:
    """Everything of the page that is about working on it."""
    now = services.clock()
    asked_at = work.questions.asked_at(asked.code)
    lease = work.cases.lease(asked.code, now)
    whose = Thing(taken_by=lease.name if lease else "")
    people = [one for one in work.desk.list() if one.active]
    return {
        "lease": lease,
        "sent_back": sent_back(work, me, asked.code),
        "escalation": work.cases.escalation(asked.code),
        "comments": work.cases.comments(asked.code),
        "wordings": work.cases.wordings(asked.code),
        "media": work.questions.media(asked.code),
        "bars": growth(asked_at, now),
        "times": len(asked_at),
        "hour": sum(now - at < timedelta(hours=1) for at in asked_at),
        "day": sum(now - at < timedelta(days=1) for at in asked_at),
        "colleagues": [
            one
            for one in people
            if may(me, Action.HAND_OVER, whose)
            and one.id not in (me.id, lease.moderator if lease else 0)
            and may(one, Action.TAKE)
        ],
        "names": [one.name for one in people if one.id != me.id],
        "now": now,
    }
