"""What stands together of a claim or a message: the longest run of words that is lost, or new.

A word lost here and one added there is how people tell a thing in their own words; as much in one
place is another person, cause or deed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

from knowledge_base.search.names import TYPES
from knowledge_base.search.reading import Token

RUNS = (  # shares of the claim's rarity, except the last
    "lost_run",  # the longest run of lost words
    "new_run",  # the longest run of new words within a clause of the message
    "new_named",  # the same with a name or a figure in it, wherever a clause ends
    "new_behind",  # the same behind all that the message has of the claim
    "new_most",  # the rarest new word
    "new_length",  # number of words of the longest run, words of talk too
)


def runs(
    rare: Mapping[int, float],
    lost: Container[int],
    come: Mapping[int, float],
    taken: Container[int],
    tokens: Sequence[Token],
    telling: Sequence[int],
) -> tuple[float, ...]:
    """RUNS: `rare` and `come` are the rarities of the claim's words and of the new ones, by their
    places; `taken` the places of what the message has of the claim, `telling` those of the
    sentences that tell it."""
    whole = sum(rare.values()) or 1.0
    gone = _longest(rare[at] if at in lost else None for at in sorted(rare))
    beside = list(_split(telling, taken))
    new = [[at for at in run if at in come] for run in beside]
    sums = [sum(come[at] for at in run) for run in new]
    named = (
        some for some, run in zip(sums, new, strict=True) if any(_named(tokens[i]) for i in run)
    )
    behind = sums[-1] if beside and telling[-1] not in taken else 0.0
    within = (sum(come[at] for at in part) for run in new for part in _clauses(run, tokens))
    shares = (gone, max(within, default=0.0), max(named, default=0.0), behind)
    most = max(come.values(), default=0.0)
    return *(share / whole for share in (*shares, most)), float(max(map(len, beside), default=0))


def _longest(values: Iterable[float | None]) -> float:
    """The greatest sum of neighbours; None parts them."""
    best = run = 0.0
    for value in values:
        run = 0.0 if value is None else run + value
        best = max(best, run)
    return best


def _split(places: Iterable[int], taken: Container[int]) -> Iterator[list[int]]:
    """The runs of places that are not taken."""
    run: list[int] = []
    for at in places:
        if at not in taken:
            run.append(at)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _clauses(run: Sequence[int], tokens: Sequence[Token]) -> Iterator[list[int]]:
    """A run clause by clause."""
    part: list[int] = []
    for at in run:
        if part and tokens[at].clause != tokens[part[-1]].clause:
            yield part
            part = []
        part.append(at)
    yield part


def _named(token: Token) -> bool:
    return token.kind in TYPES or token.case == "name" or token.value is not None
