"""What the search found, and what became of it until somebody acts on it.

The search looks before the transaction that answers. Between the two a wording may be taken back,
a verdict rolled back, two fact-checks merged: an answer that did not notice would tell what nobody
stands behind any more, after those who had heard it were looked up to be corrected.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.doors import Database, Work
from knowledge_base.search.findings import Match, Result

SEARCHES = 3  # for one message, before it is left for later


class Overtaken(Exception):
    """What was found changed again and again while it was looked for; the same later may work."""


def revision(database: Database) -> int:
    """How far the knowledge base is; to be asked before the search."""
    with database.read() as work:
        return work.facts.revision()


def still_so(work: Work, before: int, results: Iterable[Result]) -> bool:
    """Are the fact-checks behind these results as they were at that revision? They stay so until
    this transaction ends."""
    found = {number for result in results for number in _numbers(result)}
    return not found or not work.facts.changed(found, before)


def _numbers(result: Result) -> Iterable[int]:
    matches: list[Match] = [*result.matches, *(m for part in result.parts for m in part.matches)]
    return (int(match.id) for match in matches if match.id.isascii() and match.id.isdecimal())
