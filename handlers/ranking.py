"""Which question is wanted most, and why, in words; and room for the small and the old ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge_base.queue import Signals

# Points. Counts grow by their logarithm: the tenth asker says more than the hundred-and-tenth.
ASKERS = 10.0  # each doubling of distinct askers
SPEED = 6.0  # each doubling of how often it was asked in the last hour
FORWARDED = 5.0  # each doubling of "forwarded many times"
INFLUENCERS = 12.0  # each doubling of influencers who wait before they post
ELECTION = 15.0
AGE = 0.5  # each hour of waiting …
OLDEST = timedelta(hours=72)  # … up to here
CLOSING = 18.0  # the first reply window closes now; less the further away it is
CLOSING_SOON = timedelta(hours=6)
ELECTION_TOPIC = "election"

RESERVED = 0.3  # of the places, for those that wait longest whatever their points
OLD = timedelta(hours=24)
SHOWN = 3  # reasons on a card


@dataclass(frozen=True, slots=True)
class Reason:
    """One part of the points; `key` names its sentence, `count` fills its blank."""

    key: str
    points: float
    count: int


def reasons(signals: Signals, now: datetime) -> tuple[Reason, ...]:
    """What a question's points are made of, the weightiest first."""
    waited = max(timedelta(), now - signals.first_asked)
    hours = int(waited / timedelta(hours=1))
    aged = min(waited, OLDEST) / timedelta(hours=1)
    found = (
        Reason("askers", ASKERS * _doublings(signals.askers), signals.askers),
        Reason("speed", SPEED * _doublings(signals.hour - 1), signals.hour),
        Reason("forwarded", FORWARDED * _doublings(signals.forwarded_many), signals.forwarded_many),
        Reason("influencers", INFLUENCERS * _doublings(signals.influencers), signals.influencers),
        Reason("election", ELECTION * (signals.topic == ELECTION_TOPIC), 0),
        Reason("age", AGE * aged, hours),
        _window(signals, now),
    )
    return tuple(sorted((r for r in found if r.points > 0), key=lambda r: -r.points))


def score(signals: Signals, now: datetime) -> float:
    """How much a question is wanted; never lower for more askers."""
    return sum(reason.points for reason in reasons(signals, now))


def told(signals: Signals, now: datetime) -> tuple[Reason, ...]:
    """The reasons worth saying on a card."""
    return tuple(r for r in reasons(signals, now) if r.key != "age" or r.count)[:SHOWN]


def _doublings(count: int) -> float:
    return math.log2(1 + max(0, count))


def _window(signals: Signals, now: datetime) -> Reason:
    if signals.window_ends is None or not now < signals.window_ends <= now + CLOSING_SOON:
        return Reason("window", 0, 0)
    left = signals.window_ends - now
    return Reason(
        "window", CLOSING * (1 - left / (2 * CLOSING_SOON)), int(left.total_seconds()) // 60
    )


def arrange(wanted: Sequence[int], oldest: Sequence[int], share: float = RESERVED) -> list[int]:
    """The order of the queue: the most wanted, with every 1/share-th place for the oldest that
    has none yet. Both lists hold the same ids; every id comes once.

    Whoever works from the top reaches every question: the n-th oldest stands within the first
    n / share places.
    """
    order: list[int] = []
    placed: set[int] = set()
    tops, olds = iter(wanted), iter(oldest)
    for place in range(len(wanted)):
        reserved = int((place + 1) * share) > int(place * share)
        for one in olds if reserved else tops:
            if one not in placed:
                placed.add(one)
                order.append(one)
                break
    return order
