"""What brought about what: the cause of the claim told as the effect, and its effect as the cause.

"Listrik padam karena banjir" and "banjir karena listrik padam" have the same words, and "karena"
is none that could be aligned: it only says which side of it is which. "X menyebabkan Y" says the
same as "Y karena X".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge_base.search import lone, vocabulary
from knowledge_base.search.alignment import Alignment
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import Reading, Token

LEAST_REASONED = 0.5  # of the shorter text that must be told where reasons are compared
TOLD = 0.6  # of what either text gives a reason for, the shorter one
TWICE = 2  # times as many words must have changed sides as kept theirs


@dataclass(frozen=True, slots=True)
class _Sides:
    """Places of the words that tell the cause, and of those that tell the effect."""

    cause: frozenset[int]
    effect: frozenset[int]


def turned(found: Alignment) -> Iterator[Difference]:
    """Cause and effect exchanged; nothing where either text tells none, or several."""
    sides = _both_sides(found)
    if sides is None:
        return
    ours, theirs = sides
    gone, kept = _moved(found, ours, theirs)
    whole = not kept[0] and gone[1] == sum(at in found.pairs for at in ours.cause)
    if min(gone) and (whole or sum(gone) > TWICE * sum(kept)):
        yield Difference("roles", _told(found.message, theirs), _told(found.claim, ours))


def other_reason(found: Alignment) -> Iterator[Difference]:
    """Another reason for the same: "karena bukan di Jawa" for "karena mampu sendiri". Nothing of
    either reason is in the other text, most of what it is the reason for is."""
    sides = _both_sides(found, denied=True)
    if sides is None or _only_after(found.claim) or _only_after(found.message):
        return
    ours, theirs = sides
    told = sum(mine in ours.effect and at in theirs.effect for mine, at in found.pairs.items())
    least = min(len(ours.effect), len(theirs.effect))
    loose = ours.cause.isdisjoint(found.pairs) and theirs.cause.isdisjoint(found.taken)
    if loose and least > 1 and told >= TOLD * least:
        yield Difference("thing", _told(found.message, theirs), _told(found.claim, ours))


def _only_after(reading: Reading) -> bool:
    """ "Setelah" tells what came before, which need not be the reason."""
    after = vocabulary.words_of("causes", "after")
    return any(t.lead in after or t.text.casefold() in after for t in reading.tokens)


def told_alike(found: Alignment, one: int, other: int) -> bool:
    """Do both tell the same cause of the same effect, in whatever order, where one of two words
    of the claim (places) belongs to the cause and one to the effect?"""
    sides = _both_sides(found)
    if sides is None or (one in sides[0].cause) is (other in sides[0].cause):
        return False
    gone, kept = _moved(found, *sides)
    return not sum(gone) and min(kept) > 0


def _both_sides(found: Alignment, denied: bool = False) -> tuple[_Sides, _Sides] | None:
    least = LEAST_REASONED if denied else lone.LEAST_SHARE
    ours = _sides(found.claim, denied) if lone.same_sentence(found, least) else None
    theirs = _sides(found.message, denied) if ours else None
    return (ours, theirs) if ours and theirs else None


def _moved(
    found: Alignment, ours: _Sides, theirs: _Sides
) -> tuple[tuple[int, int], tuple[int, int]]:
    """How many words changed sides (to the cause, to the effect), how many kept theirs."""
    pairs = found.pairs.items()
    to_cause = sum(mine in ours.effect and there in theirs.cause for mine, there in pairs)
    to_effect = sum(mine in ours.cause and there in theirs.effect for mine, there in pairs)
    cause = sum(mine in ours.cause and there in theirs.cause for mine, there in pairs)
    effect = sum(mine in ours.effect and there in theirs.effect for mine, there in pairs)
    return (to_cause, to_effect), (cause, effect)


def _sides(reading: Reading, denied: bool) -> _Sides | None:
    """The sides of the only word of cause in the text; `denied`: also where something is denied."""
    marks = [at for at, token in enumerate(reading.tokens) if _kind(token)]
    if len(marks) != 1:
        return None
    at = marks[0]
    tokens, kind = reading.tokens, _kind(reading.tokens[at])
    here = [i for i, t in enumerate(tokens) if t.sentence == tokens[at].sentence]
    leads = kind == "led"
    before = frozenset(i for i in here if i < at)
    after = frozenset(i for i in here if i > at or (leads and i == at))
    if not before:  # "Karena banjir, listrik padam"
        first = frozenset(i for i in after if tokens[i].clause == tokens[at].clause)
        before, after = after - first, first
    negative = any(tokens[i].state.negative for i in here)
    if not before or not after or (negative and not denied):
        return None  # "jangan minum es karena …" gives a reason, no cause
    return _Sides(before, after) if kind == "effect" else _Sides(after, before)


def _kind(token: Token) -> str:
    """ "led": a cause begins with this word; "cause", "effect": what stands behind it."""
    if _before_cause(token.lead):
        return "led"
    low = token.text.casefold()
    if _before_cause(low):
        return "cause"
    return "effect" if low in vocabulary.words_of("causes", "brings") else ""


def _before_cause(word: str) -> bool:
    because, after = (vocabulary.words_of("causes", key) for key in ("because", "after"))
    return word in because or word in after


def _told(reading: Reading, sides: _Sides) -> str:
    """The effect and its cause, in short."""
    tokens = reading.tokens
    effect, cause = (
        " ".join(tokens[i].text for i in sorted(side)[:3]) for side in (sides.effect, sides.cause)
    )
    return f"{cause} → {effect}"
