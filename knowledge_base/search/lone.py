"""Values and contraries that stand alone of their kind: told apart wherever they stand.

The slots of an alignment need agreeing neighbours. A message is often told in another order
("Biaya parkir digabung STNK mulai 2030" for "Mulai 2027 biaya parkir …"): where either text has
one date, one sum, one percentage only, the two are of the same thing, whatever stands beside.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

from knowledge_base.search import vocabulary
from knowledge_base.search.agreement import agree
from knowledge_base.search.alignment import Alignment, contrary, contrary_to, like
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import Reading, Token
from knowledge_base.search.values import Kind, Value

_Fits = Callable[[Token], bool]

LEAST_SHARE = 0.6  # of the shorter text
LEAST_DATED = 0.5  # the same for days, which say most surely what is meant
SHORT = 14  # content words of a claim: a longer one has its values in clauses of their own
NAMED_SHARE = 0.8  # the same where all else must have a counterpart
OPEN = 2.0  # times the claim's words: a longer message tells more than the claim


def values(found: Alignment) -> Iterator[tuple[Value, Value]]:
    """(the claim's, the message's): the only value of a kind on either side, contradicting."""
    units = {t.value.unit for t in found.claim.tokens if t.value and t.value.kind is Kind.NUMBER}
    counted = [_Sort(Kind.NUMBER, unit) for unit in sorted(units) if unit and unit[0] != "?"]
    alone = (*_alone(found, _DATED, LEAST_DATED), *_alone(found, (*_KINDS, *counted)))
    for ours, theirs in alone:  # no "— Somebody (@somebody) 1 September 2019"
        mine, other = ours.value, theirs.value
        if mine and other and _plain(mine) and _plain(other) and agree(mine, other) is False:
            yield mine, other


def names(found: Alignment) -> Iterator[tuple[Token, Token]]:
    """(the claim's, the message's): the only listed place, agency or person on either side."""
    for mine, other in _alone(found, _NAMED):
        there = (*found.message.tokens, *found.claim.tokens)
        again = any(like(t.text, one.text) for one in (mine, other) for t in there if t is not one)
        if mine.level == other.level and not again:
            yield mine, other


def _alone(
    found: Alignment, sorts: Iterable[_Fits], least: float = LEAST_SHARE
) -> Iterator[tuple[Token, Token]]:
    """(the claim's, the message's): the only word of a sort on either side, both without a
    counterpart, the message's in a sentence that tells the claim."""
    if not same_sentence(found, least):
        return
    told = {found.message.tokens[at].sentence for at in found.taken}
    for fits in sorts:
        ours, theirs = _only(found.claim, fits), _only(found.message, fits)
        if ours is None or theirs is None or ours in found.pairs or theirs in found.taken:
            continue
        if found.message.tokens[theirs].sentence in told:
            yield found.claim.tokens[ours], found.message.tokens[theirs]


def contraries(found: Alignment) -> Iterator[Difference]:
    """ "bayar" here, "gratis" there, neither of them with a counterpart."""
    if not same_sentence(found):
        return
    left = [t for at, t in enumerate(found.claim.tokens) if at not in found.pairs]
    right = [t for at, t in enumerate(found.message.tokens) if at not in found.taken]
    for ours in left:
        for other in right:
            if _turned(found, ours, other):
                yield Difference("polarity", other.text, ours.text)


def _turned(found: Alignment, ours: Token, other: Token) -> bool:
    if ours.state.negative != other.state.negative or not contrary(ours, other):
        return False
    return ours.key not in found.message.places and other.key not in found.claim.places


def aspects(found: Alignment) -> Iterator[Difference]:
    """ "sudah meletus" for "akan mengalami erupsi", whatever the verbs: the one text speaks of what
    is to come only, the other of what is done."""
    if not same_sentence(found) or not found.taken:
        return
    ours = _of_time(found.claim.tokens[min(found.pairs) : max(found.pairs) + 2])
    other = _of_time(found.message.tokens[min(found.taken) : max(found.taken) + 2])
    if ours and other and ours.key != other.key and (_reports(ours) or _reports(other)):
        return  # "has announced that it will …"
    if ours and other and {ours.state.aspect, other.state.aspect} == {"future", "done"}:
        yield Difference("modality", _marked(other), _marked(ours))
    elif other and not ours and other.state.aspect == "done":
        yield from _on_condition(found, other)


def permissions(found: Alignment) -> Iterator[Difference]:
    """ "Warga boleh membawa payung" for "Dinas melarang warga membawa payung", whichever words the
    markers stand next to: the one text only allows, the other only forbids."""
    claim, message = _stretches(found)
    ours, other = _permitted(claim), _permitted(message)
    if ours and other and ours.state.negative is not other.state.negative:
        yield Difference("polarity", _marked(other), _marked(ours))
    bans = _contrary_to(ours, message) if ours and not other else None
    if ours and bans:
        yield Difference("polarity", bans.text, _marked(ours))
    bans = _contrary_to(other, claim) if other and not ours else None
    if other and bans:
        yield Difference("polarity", _marked(other), bans.text)


def _contrary_to(allowed: Token, tokens: Iterable[Token]) -> Token | None:
    """ "Bans", for who is "allowed"; neither of them denied."""
    if allowed.state.negative:
        return None
    plain = (token for token in tokens if not token.state.negative)
    return next((token for token in plain if contrary_to(token, allowed.state.text)), None)


def _permitted(tokens: Iterable[Token]) -> Token | None:
    """The first word allowed or forbidden, where all that are so are alike."""
    allows = vocabulary.words_of("verbs", "allows")
    marked = [
        token
        for token in tokens
        if token.first
        and (token.state.modality == "must_not" or token.state.text.casefold() in allows)
    ]
    return marked[0] if len({token.state.negative for token in marked}) == 1 else None


def _reports(token: Token) -> bool:
    return token.text.casefold() in vocabulary.words_of("verbs", "reports")


def _on_condition(found: Alignment, done: Token) -> Iterator[Difference]:
    """ "Bali sudah dijual" for "jika rakyat mengizinkan, Bali kita jual"."""
    conditions = vocabulary.words_of("telling", "conditions")
    on = sorted(found.claim.words & conditions)
    if on and found.message.words.isdisjoint(conditions):
        yield Difference("modality", _marked(done), on[0])


def quantities(found: Alignment) -> Iterator[tuple[Token, Token]]:
    """(the claim's, the message's): "semua" for "hanya", whatever words they belong to; each text
    has one such marker."""
    ours, other = map(_how_many, _stretches(found))
    if ours and other:
        yield ours, other


def _stretches(found: Alignment) -> tuple[tuple[Token, ...], tuple[Token, ...]]:
    """Of claim and message what is told alike, with a word on either side; nothing where more than
    that is told."""
    if not same_sentence(found) or not found.taken:
        return (), ()
    return (
        found.claim.tokens[max(0, min(found.pairs) - 1) : max(found.pairs) + 2],
        found.message.tokens[max(0, min(found.taken) - 1) : max(found.taken) + 2],
    )


def _how_many(tokens: Iterable[Token]) -> Token | None:
    marked = [token for token in tokens if token.state.quantity and token.first]
    return marked[0] if len(marked) == 1 and not marked[0].state.negative else None


def left_over(found: Alignment) -> Iterator[tuple[list[Token], list[Token]]]:
    """(the claim's, the message's): names by their capitals that have no counterpart, where all
    else has one: "University of Vermont …" for "Western Kentucky University …"."""
    if not same_sentence(found, NAMED_SHARE):
        return
    ours = _loose_names(found.claim, found.pairs.keys())
    theirs = _loose_names(found.message, found.taken)
    if ours and theirs:
        yield ours, theirs


def _loose_names(reading: Reading, aligned: Collection[int]) -> list[Token]:
    """Those in the stretch that the other text tells too, or right beside it."""
    first, last = min(aligned) - 1, max(aligned) + 1
    clauses = {reading.tokens[at].clause for at in aligned}
    tokens = enumerate(reading.tokens)
    inside = [t for at, t in tokens if first <= at <= last and at not in aligned]
    named = [t for t in inside if t.case == "name" and t.value is None and t.key != "indonesia"]
    return [t for t in named if t.clause in clauses]


def _of_time(tokens: Iterable[Token]) -> Token | None:
    """The first word said to be done or to come, where all that are marked so are alike."""
    marked = [token for token in tokens if token.state.aspect and token.first]
    alike = len({token.state.aspect for token in marked}) == 1
    return marked[0] if alike and not any(t.state.negative for t in marked) else None


def _marked(token: Token) -> str:
    return f"{token.state.text} {token.text}"


def same_sentence(found: Alignment, least: float = LEAST_SHARE) -> bool:
    """Does a short message tell what a short claim tells?"""
    claim, message = len(found.claim.keys), len(found.message.keys)
    return found.share() >= least and claim <= SHORT and message <= max(6, OPEN * claim)


@dataclass(frozen=True, slots=True)
class _Sort:
    """What may be compared: a kind, and for numbers their unit."""

    kind: Kind
    unit: str = ""

    def __call__(self, token: Token) -> bool:
        value = token.value
        if value is None or value.kind is not self.kind:
            return False
        return not self.unit or value.unit == self.unit


@dataclass(frozen=True, slots=True)
class _Named:
    """A listed name of one kind."""

    kind: str

    def __call__(self, token: Token) -> bool:
        return token.kind == self.kind and bool(token.key)


_KINDS = (*(_Sort(kind) for kind in (Kind.MONEY, Kind.PERCENT, Kind.TIME, Kind.ELECTION)),)
_DATED = (_Sort(Kind.DATE), _Sort(Kind.NUMBER, "magnitude"))
_NAMED = (_Named("place"), _Named("agency"), _Named("person"))


def _only(reading: Reading, fits: _Fits) -> int | None:
    """The place of the only word of a sort."""
    places = [at for at, token in enumerate(reading.tokens) if fits(token)]
    return places[0] if len(places) == 1 else None


def _plain(value: Value) -> bool:
    """Surely read; "besok" alone is no date to compare with another day."""
    return value.sure and value.shift is None
