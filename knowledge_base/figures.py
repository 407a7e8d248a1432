"""Figures of the desk: how much is asked, how fast it is answered, how good. Plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One local day. Times are medians in seconds, None where nothing was answered. `automatic`
    of `asked` were answered without a person; `refused` times somebody said "not this"."""

    day: date
    asked: int = 0
    automatic: int = 0
    refused: int = 0
    settled: int = 0
    backlog: int = 0
    first_word: float | None = None
    verdict: float | None = None
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class PartFigures:
    """The same cut another way: one topic or channel. `first_word` is in the middle of the
    medians of the days (what those are measured on is forgotten soon); `refused` is known of
    topics only."""

    name: str
    asked: int = 0
    automatic: int = 0
    settled: int = 0
    verdict: float | None = None
    backlog: int = 0
    first_word: float | None = None
    refused: int | None = None
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class Heard:
    """How much was asked, how much of it answered at once, the median first word."""

    asked: int = 0
    automatic: int = 0
    first_word: float | None = None


Counted = Sequence[tuple[str, date, Mapping[str, Heard]]]  # a cut, a day, and its parts by name


@dataclass(frozen=True, slots=True)
class Standing:
    """How the desk stands at a moment. `on_duty`: who worked on questions in the last 24 hours,
    and how often they did something, the busiest first."""

    backlog: int = 0
    oldest: datetime | None = None
    on_duty: tuple[tuple[str, int], ...] = ()


def median(values: Sequence[float]) -> float | None:
    """The middle value (the mean of the two middle ones); None of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def middle_of(medians: Sequence[tuple[float, int]]) -> float | None:
    """The middle one of medians, each counted as often as it says; None of nothing."""
    whole, below = sum(count for _, count in medians), 0
    ordered = sorted(medians)
    for place, (value, count) in enumerate(ordered):
        below += count
        if 2 * below == whole:
            return (value + ordered[place + 1][0]) / 2
        if 2 * below > whole:
            return value
    return None
