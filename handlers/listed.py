"""A numbered list as its author wrote it: no item left out, nothing that only announces it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from handlers.texts import words
from knowledge_base.search.findings import Decision, Part
from knowledge_base.search.scope import stretches
from knowledge_base.search.text import checkable

_MARK = re.compile(r"\s*\(?\d{1,2}[.)]\s+(?=\D)")
_WORD = re.compile(r"\w+")
FEWEST = 2  # numbered items that make a list


def unmarked(text: str) -> str:
    """A claim without the number of its place in a list: our own stands before it."""
    return _MARK.sub("", text, count=1) if _MARK.match(text) else text


def whole_list(parts: Sequence[Part], text: str) -> tuple[Part, ...]:
    """The parts of a message, by its own list where it has one.

    The search leaves out what it knows nothing near; an item that has a number of its own is
    there all the same, or its author would take silence for "checked". The sentence before the
    first item that only counts them ("5 things to know") is no claim.
    """
    items = [(start, end) for start, end in stretches(text) if _MARK.match(text, start)]
    if len(items) < FEWEST:
        return tuple(parts)
    first = items[0][0]
    kept = [
        part
        for part in parts
        if not _lumped(part, items) and (part.end > first or not _counts(part, text))
    ]
    missing = [
        Part(start, end, Decision.ASK_HUMAN, 0.0)
        for start, end in items
        if not any(part.start < end and start < part.end for part in kept)
        and checkable(unmarked(text[start:end]))
    ]
    return tuple(sorted((*kept, *missing), key=lambda part: part.start))


def _lumped(part: Part, items: Sequence[tuple[int, int]]) -> bool:
    """Several items that the search took for one, and knows nothing of."""
    held = sum(part.start < end and start < part.end for start, end in items)
    return held > 1 and part.decision is Decision.ASK_HUMAN


def _counts(part: Part, text: str) -> bool:
    said = _WORD.findall(text[part.start : part.end].casefold())
    announces = any(one.isdecimal() and other in words("items") for one, other in pairwise(said))
    return announces and part.decision is Decision.ASK_HUMAN
