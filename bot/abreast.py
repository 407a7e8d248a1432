"""What the search found, and what became of it until somebody acts on it.

The search looks before the transaction that answers. Between the two a wording may be taken back,
a verdict rolled back, two fact-checks merged: an answer that did not notice would tell what nobody
stands behind any more, after those who had heard it were looked up to be corrected. And the only
asker of an open question may edit it into another rumour: who joined it all the same would be told
the verdict on words they never sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.doors import Database, Work
from handlers.ports import Found
from knowledge_base.search.findings import Match, Result

SEARCHES = 3  # for one message, before it is left for later


class Overtaken(Exception):
    """What was found changed again and again while it was looked for; the same later may work."""


def revision(database: Database) -> int:
    """How far the knowledge base is; to be asked before the search."""
    with database.read() as work:
        return work.facts.revision()


def still_so(work: Work, before: int, found: Sequence[Found]) -> bool:
    """Are the fact-checks that were found as they were at that revision, and the open questions
    called what they were called? They stay so until this transaction ends."""
    numbers = {number for each in found for number in _numbers(each.result)}
    if numbers and work.facts.changed(numbers, before):
        return False
    asked = {(match.id, match.claim) for each in found for match in each.same}
    return not asked or not work.questions.reworded(asked)


def _numbers(result: Result) -> Iterable[int]:
    matches: list[Match] = [*result.matches, *(m for part in result.parts for m in part.matches)]
    return (int(match.id) for match in matches if match.id.isascii() and match.id.isdecimal())
