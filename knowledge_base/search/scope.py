"""Which stretch of a message a verdict speaks of, where the message says other things as well."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from knowledge_base.search.text import normalise

SHORT = 3  # words below which a stretch joins the next
STRETCHED = 4_096  # characters of a message that are looked at
CLAIMING = 5  # different content words a stretch needs to say something of its own
ELSEWHERE = 0.25  # of its words in the record, below which it is about something else
SPOKEN_OF = 0.5  # of its words in the record, above which the record is about it

_END = re.compile(
    r"[.!?…]+[\"”’)]*(?=\s)|\n+|;(?=\s)"
    # "…, selain itu …", "1) … 2) …": another claim in the same sentence
    r"|,?\s(?=(?:selain itu|di ?samping itu|besides that|in addition)\b|\d{1,2}\)\s)",
    re.IGNORECASE,
)
_JOINING = "dan|serta|sementara|sedangkan|tapi|tetapi|namun|lalu|and|while|whereas|but"
_JOINED = re.compile(rf"\s(?=(?:{_JOINING})\s)", re.IGNORECASE)
_BESIDE = re.compile(rf",?\s+(?:{_JOINING})\s+|,\s+", re.IGNORECASE)


def stretches(text: str) -> list[tuple[int, int]]:
    """Sentences and lines of a text as [start, end), short ones joined to the next."""
    found: list[tuple[int, int]] = []
    start = 0
    seen = text[:STRETCHED]
    signs = (sign for sign in _END.finditer(seen) if not _inside(seen, sign))
    for end in (*(sign.end() for sign in signs), len(seen)):
        piece = text[start:end]
        if len(piece.split()) < SHORT and end < len(text):
            continue
        if piece.strip():
            lead = len(piece) - len(piece.lstrip())
            found.append((start + lead, start + len(piece.rstrip())))
        start = end
    return found


def clauses(text: str) -> list[tuple[int, int]]:
    """Sentences as the clauses that "dan", "tapi" or a comma joins, as [start, end), without the
    joining word; a short one stays with its neighbour."""
    found: list[tuple[int, int]] = []
    for start, end in stretches(text):
        for joint in _BESIDE.finditer(text, start, end):
            halves = text[start : joint.start()], text[joint.end() : end]
            if all(len(half.split()) >= SHORT for half in halves):
                found.append((start, joint.start()))
                start = joint.end()
        found.append((start, end))
    return found


def _inside(text: str, found: re.Match[str]) -> bool:
    """ "(ayat 1) …" is no list: its sign closes what was opened in the same line."""
    if found[0].strip(", "):
        return False
    line = text.rfind("\n", 0, found.start()) + 1
    return text.rfind("(", line, found.start()) > text.rfind(")", line, found.start())


def judged(text: str, wordings: Iterable[str], lang: str = "") -> tuple[int, int] | None:
    """The stretch [start, end) a record speaks of; None where it speaks of the whole text.

    `wordings` is all that the record says: its claim, title, variants, fact and explanation. A
    forward that carries a known rumour beside another one must not pass for judged as a whole.
    """
    pieces = [part for piece in stretches(text) for part in _clauses(text, piece)]
    if len(pieces) < 2:
        return None
    known = frozenset(stem for words in wordings for stem in normalise(words, lang).stems)
    said = [frozenset(normalise(text[start:end], lang).stems) for start, end in pieces]
    if not any(_of_its_own(stems, known) for stems in said):
        return None
    best = max(range(len(pieces)), key=lambda at: len(said[at] & known))
    return pieces[best] if len(said[best] & known) >= SPOKEN_OF * len(said[best]) else None


def _of_its_own(stems: frozenset[str], known: frozenset[str]) -> bool:
    return len(stems) >= CLAIMING and len(stems & known) < ELSEWHERE * len(stems)


def _clauses(text: str, piece: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """A sentence as its halves, where a joining word stands between two long ones."""
    start, end = piece
    for joint in _JOINED.finditer(text, start, end):
        halves = text[start : joint.start()], text[joint.end() : end]
        if all(len(half.split()) >= CLAIMING for half in halves):
            yield start, joint.start()
            start = joint.end()
    yield start, end
