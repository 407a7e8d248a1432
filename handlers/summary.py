"""A day of the desk in a few lines: on its page of figures, and each morning to its chats."""

from __future__ import annotations

from datetime import datetime

from handlers import texts
from knowledge_base.figures import DayFigures, Standing


def lines(
    day: DayFigures | None, standing: Standing, language: str, now: datetime
) -> tuple[str, ...]:
    """What this day (None: nothing) was like and how the desk stands now, as sentences."""
    found = [*_day(day, language)] if day else []
    count = texts.number(language, standing.backlog)
    found.append(texts.say(language, "summary.backlog", count=count))
    if standing.oldest is not None:
        waited = span(language, (now - standing.oldest).total_seconds())
        found.append(texts.say(language, "summary.oldest", time=waited))
    names = ", ".join(f"{name} ({number})" for name, number in standing.on_duty)
    duty = "summary.duty" if names else "summary.nobody"
    return (*found, texts.say(language, duty, names=names))


def _day(day: DayFigures, language: str) -> tuple[str, ...]:
    share = round(100 * day.automatic / day.asked) if day.asked else 0
    count = texts.number(language, day.asked)
    found = [
        texts.say(language, "summary.day", day=texts.day(language, day.day)),
        texts.say(language, "summary.asked", count=count, share=share),
        texts.say(language, "summary.settled", count=texts.number(language, day.settled)),
    ]
    for key, seconds in (("first_word", day.first_word), ("verdict", day.verdict)):
        if seconds is not None:
            found.append(texts.say(language, f"summary.{key}", time=span(language, seconds)))
    return tuple(found)


def span(language: str, seconds: float) -> str:
    """A length of time in its largest unit."""
    unit, count = in_unit(seconds)
    return texts.say_many(language, f"desk_chat.{unit}", count)


def in_unit(seconds: float) -> tuple[str, int]:
    """The largest unit of a length of time, and how many whole ones it has."""
    minutes = int(seconds // 60)
    if minutes < 2:
        return "seconds", max(1, round(seconds))
    if minutes < 60:
        return "minutes", minutes
    return ("hours", minutes // 60) if minutes < 48 * 60 else ("days", minutes // 1440)
