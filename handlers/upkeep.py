"""What keeps the knowledge base fresh: rounds that look for duplicates and for sources that do
not answer any more, in small parts, so that nobody who asks waits for them."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import duplicates
from handlers.ports import Ports

SOURCES = "look_at_sources"
WEEK = timedelta(days=7)  # how often a source is looked at
DAY = timedelta(days=1)  # one that failed
PAGE = 8  # addresses of one job
REST = timedelta(seconds=30)
AGED = timedelta(days=365)


def begin(ports: Ports) -> None:
    """Every hour: go on where the rounds stand."""
    duplicates.look(ports, rest=timedelta(minutes=1))
    if ports.rules.fetch:
        look_at_sources(ports, rest=timedelta(minutes=2))


def look_at_sources(ports: Ports, rest: timedelta = REST) -> None:
    """Have the next few sources looked at."""
    ports.jobs.enqueue(SOURCES, {}, dedupe_key=SOURCES, due=ports.now + rest)


def place_of(text: str) -> tuple[int, int, datetime | None]:
    """Where a round stands (revision and number of the last fact-check) and when it began."""
    revision, _, rest = text.partition(":")
    number, _, begun = rest.partition(":")
    if not (revision.isdecimal() and number.isdecimal()):
        return 0, 0, None
    return int(revision), int(number), datetime.fromisoformat(begun) if begun else None


def place_text(revision: int, number: int, begun: datetime | None = None) -> str:
    """The same as text."""
    return f"{revision}:{number}:{begun.isoformat() if begun else ''}"
