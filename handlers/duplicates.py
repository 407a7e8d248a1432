"""Pairs of published fact-checks that the matcher thinks are one; a person confirms or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from handlers.matched import published
from handlers.ports import Ports
from handlers.rights import Action, demand
from knowledge_base.deeds import Deed
from knowledge_base.facts import FactCheck, Moderator
from knowledge_base.search.findings import Match

TASK = "find_duplicates"
PAGE = 20  # fact-checks of one job; the next one leaves the matcher to those who ask meanwhile
REST = timedelta(seconds=3)
SURE = 0.5  # score, seen alone, worth a look: 2 pairs among the 345 bundled fact-checks


def pairs_of(fact: FactCheck, matches: Sequence[Match]) -> tuple[tuple[int, float], ...]:
    """Numbers of other fact-checks the matcher takes this claim for, with their scores. A guard
    that objects is listened to: what differs is no duplicate."""
    return tuple(
        (int(match.id), match.score)
        for match in matches
        if match.id.isdecimal() and int(match.id) != fact.number
        if match.score >= SURE and not match.why.differ
    )


def look(ports: Ports, *, again: bool = False, rest: timedelta = timedelta()) -> None:
    """Have the next page of new and changed fact-checks compared with all the others; `again`:
    from the first one on."""
    due = ports.now + rest
    ports.jobs.enqueue(TASK, {"again": again}, dedupe_key=f"{TASK}:{again}", due=due)


def look_at(ports: Ports, number: int) -> None:
    """Have this one, new or changed just now, compared before its turn: until it is, nobody knows
    that another one says the opposite."""
    ports.jobs.enqueue(TASK, {"number": number}, dedupe_key=f"{TASK}:{number}", due=ports.now)


def note(ports: Ports, pairs: Iterable[tuple[int, int, float]]) -> None:
    """Remember pairs (number, other, score), unless somebody has looked at them or one of them is
    gone."""
    for number, other, score in pairs:
        if published(ports.facts, number) and published(ports.facts, other):
            ports.reviews.pair(min(number, other), max(number, other), score)


def dismiss(ports: Ports, who: Moderator, first: int, second: int) -> None:
    """They are two: not asked again. Raises Denied."""
    demand(who, Action.EDIT_FACT)
    ports.reviews.dismiss(first, second)
    ports.audit.write(who.name, Deed.NO_DUPLICATE, f"fact/{first}", other=second)
