"""What a question's page shows of the work on it: lease, comments, wordings, growth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.doors import Work
from bot.web.services import Services
from handlers.rights import Action, may
from knowledge_base.facts import Moderator, Question

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


def case_of(work: Work, services: Services, asked: Question, me: Moderator) -> dict[str, Any]:
    """Everything of the page that is about working on it."""
    now = services.clock()
    asked_at = work.questions.asked_at(asked.code)
    return {
        "lease": work.cases.lease(asked.code, now),
        "escalation": work.cases.escalation(asked.code),
        "comments": work.cases.comments(asked.code),
        "wordings": work.cases.wordings(asked.code),
        "media": work.questions.media(asked.code),
        "bars": growth(asked_at, now),
        "times": len(asked_at),
        "hour": sum(now - at < timedelta(hours=1) for at in asked_at),
        "day": sum(now - at < timedelta(days=1) for at in asked_at),
        "colleagues": [
            one for one in work.desk.list() if one.id != me.id and may(one, Action.TAKE)
        ],
        "now": now,
    }
