"""Several claims of one message: neighbouring stretches as one, and one result of all of them."""

from __future__ import annotations

from dataclasses import replace

from knowledge_base.search.decision import decide_whole
from knowledge_base.search.findings import Decision, Match, Part, Result
from knowledge_base.search.text import places

SAME_SCORE = 0.6  # of the likeliest record: so near are the others a stretch may speak of


def add(found: list[Part], part: Part) -> None:
    """One more part; as one with the last where both make the same claim."""
    if found and _same_claim(found[-1], part):
        found[-1] = _longer(found[-1], part)
    else:
        found.append(part)


def _same_claim(one: Part, other: Part) -> bool:
    """Do two neighbouring stretches speak of the same record?"""
    if other.decision is Decision.ASK_HUMAN and one.decision is Decision.ASK_HUMAN:
        return True
    first = one.matches[0].id
    near = {m.id for m in other.matches if m.score >= other.matches[0].score * SAME_SCORE}
    return first in near


def _longer(one: Part, other: Part) -> Part:
    """Two stretches as one, with the better match."""
    best = max(one, other, key=lambda part: part.confidence)
    return replace(best, start=one.start, end=other.end)


def in_given(found: Result, text: str, read: str) -> Result:
    """Parts of the cleaned text as stretches of the text as given."""
    at = places(text, read)
    parts = (replace(one, start=at[one.start], end=at[one.end - 1] + 1) for one in found.parts)
    return replace(found, parts=tuple(parts))


def joined(whole: Result, parts: tuple[Part, ...]) -> Result:
    """One result of several parts, every part's match listed.

    What fits the whole message stays first, unless only a part is sure enough to be answered.
    """
    surest = sorted(parts, key=lambda part: -part.confidence)
    firsts = [part.matches[0] for part in surest if part.confidence > 0]
    sure = surest[0].decision is Decision.ANSWER and whole.decision is not Decision.ANSWER
    first, *others = (
        (*firsts, *whole.matches) if sure else (whole.matches[0], *firsts, *whole.matches)
    )
    listed: dict[str, Match] = {}
    for match in others:
        if match.id != first.id:
            listed.setdefault(match.id, replace(match, score=min(match.score, first.score)))
    rest = sorted(listed.values(), key=lambda match: -match.score)
    kept = (first, *rest)[: max(len(whole.matches), len(parts))]
    decision = decide_whole([(True, part.decision) for part in parts])
    return Result(decision, first.score, whole.stance, kept, parts)
