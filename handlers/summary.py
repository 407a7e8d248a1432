"""The daily summary: yesterday and what waits, in five lines for the moderators."""

from __future__ import annotations

from collections.abc import Sequence

from handlers import texts
from knowledge_base.figures import DayFigures


def lines(days: Sequence[DayFigures], backlog: int, language: str) -> tuple[str, ...]:
    """What the last day of these (none: nothing) was like and how many wait now, as sentences."""
    if not days:
        return ()
    day = days[-1]
    share = round(100 * day.automatic / day.asked) if day.asked else 0
    found = [
        texts.say(language, "summary.day", day=texts.day(language, day.day)),
        texts.say(language, "summary.asked", count=texts.number(language, day.asked), share=share),
        texts.say(language, "summary.settled", count=texts.number(language, day.settled)),
        texts.say(language, "summary.backlog", count=texts.number(language, backlog)),
    ]
    if day.verdict is not None:
        hours = round(day.verdict / 3600, 1)
        found.append(texts.say(language, "summary.verdict", hours=f"{hours:g}"))
    return tuple(found)
