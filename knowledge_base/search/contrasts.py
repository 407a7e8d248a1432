"""The claim told of another, its own name elsewhere: "Bali akan referendum, Aceh tidak".

The alignment finds the claim's name wherever it stands, so its own place seems to be empty. Here
the clauses that tell the claim are read without the others, and a name is looked at that left its
neighbours while another one stands between them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from knowledge_base.search.alignment import Alignment, align
from knowledge_base.search.reading import Reading, Token

MAINLY = 0.6  # of the aligned words that the clauses which tell the claim must hold
ASIDE = 3  # aligned words of a clause left out, at most
MOSTLY = 0.75  # of a clause's words that are aligned where it belongs to the claim
LONGEST = 3  # words of a name that left its place, and of the one that came


def core(found: Alignment) -> Alignment | None:
    """The alignment with only those clauses of the message that tell the claim, where there are
    others that have words of it too: behind the one that tells most of it, they say something else
    as well or name what the claim names first."""
    tokens, size = found.message.tokens, Counter(t.clause for t in found.message.tokens)
    told = Counter(tokens[at].clause for at in found.taken)
    if len(size) < 2 or not told:
        return None
    main = max(told, key=lambda clause: (told[clause], -clause))
    claimed = _claimed(found)
    kept = {
        clause
        for clause, count in told.items()
        if count > ASIDE
        or clause <= main
        or (count >= MOSTLY * size[clause] and max(claimed[clause]) > min(claimed[main]))
    }
    left_out = sum(count for clause, count in told.items() if clause not in kept)
    if not left_out or sum(told[c] for c in kept) < MAINLY * len(found.taken):
        return None
    return align(_only(found.message, [t for t in tokens if t.clause in kept]), found.claim)


def _claimed(found: Alignment) -> dict[int, list[int]]:
    """Clause of the message → the places of its words in the claim."""
    places: dict[int, list[int]] = {}
    for mine, theirs in found.pairs.items():
        places.setdefault(found.message.tokens[theirs].clause, []).append(mine)
    return places


def _only(reading: Reading, tokens: list[Token]) -> Reading:
    places: dict[str, list[int]] = {}
    for at, token in enumerate(tokens):
        places.setdefault(token.key, []).append(at)
    keys = tuple(token.key for token in tokens)
    return replace(reading, tokens=tuple(tokens), keys=keys, places=places)


def displaced(found: Alignment) -> Iterator[tuple[list[Token], list[Token]]]:
    """(the claim's words, the message's): words that stand elsewhere now, and what stands between
    their old neighbours."""
    size = len(found.claim.keys)
    for start in range(size):
        for end in range(start + 1, min(size, start + LONGEST) + 1):
            there = _between(found, start, end)
            if there is not None:
                yield list(found.claim.tokens[start:end]), there


def _between(found: Alignment, start: int, end: int) -> list[Token] | None:
    """What the message has in the place of the claim's [start, end), all of which it has somewhere
    else."""
    pairs, tokens = found.pairs, found.message.tokens
    if any(at not in pairs for at in range(start, end)):
        return None
    before, after = pairs.get(start - 1), pairs.get(end)
    if after is None or (start and before is None):
        return None
    first = before + 1 if before is not None else max(0, after - LONGEST)
    inside = [at for at in range(first, after) if at not in found.taken]
    if not 0 < len(inside) <= LONGEST or after - first > LONGEST + 1:
        return None
    if any(pairs[at] <= after for at in range(start, end)):
        return None  # before it: "Dahnil (Anzar) Simanjuntak"
    other = [tokens[at] for at in inside]
    return other if all(token.clause == tokens[after].clause for token in other) else None
