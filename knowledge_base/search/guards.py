"""The guards: do message and claim contradict each other where they speak of the same thing?

They object only to a conflict, the same slot filled differently in the aligned stretch: another
number of the same unit, another date, place, person or agency; the predicate negated; "wajib"
against "boleh", "semua" against "sebagian"; who did it to whom. What is missing or added
elsewhere is no conflict. docs/guards.md shows each guard with examples.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace
from datetime import date as Date  # noqa: N812, `date` is the argument's name in the contract
from functools import lru_cache
from itertools import combinations, islice, product

from rapidfuzz.distance import OSA

from knowledge_base.search import causes, instead, lone, swaps, vocabulary
from knowledge_base.search.agreement import agree, apart
from knowledge_base.search.alignment import Alignment, align, contrary, contrary_to, like
from knowledge_base.search.findings import Difference, Stance
from knowledge_base.search.reading import EMPTY, Reading, State, Token, read, words_of
from knowledge_base.search.stance import corrects, quoted
from knowledge_base.search.stance import stance as stance  # one of the guards
from knowledge_base.search.text import frame_stems, lexicon, visible
from knowledge_base.search.values import Kind, Value

LEAST_SHARE = 0.3  # of the shorter text; below it nothing speaks of the same thing
SIGNS = ".,:;!?…\"'“”()[]"  # around a word
MOST = 12  # differences told; enough to refuse
REPEATS = 20  # places of one word, or loose values, that are looked at
SHORT = 3  # content words of a claim for which one aligned word is enough
NAMED_SHARE = 0.5  # the same for names that only their capital letter tells
SIDE = 5  # words on either side of a verb that tell who does it to whom
DEED = 0.5  # of what a scam's account does that a message must tell
BRIEF = 14  # content words of a message that tells of a deed and no more
MOVED = 5  # words within which a negation may have moved

_cached_read = lru_cache(maxsize=256)(read)


def conflicts(
    message: str,
    claim: str,
    *,
    lang: str = "id",
    date: Date | None = None,
    claim_date: Date | None = None,
) -> tuple[Difference, ...]:
    """Where message and claim contradict each other; empty when nothing speaks against a match.

    `date` and `claim_date` are the days the two were written, for "besok" and "hari ini". `lang`
    is taken for the contract's sake: all languages are read together, because messages mix them.
    Never raises; at most the first 8,192 characters of each take part.
    """
    del lang
    return conflicts_between(_cached_read(message, date=date), _cached_read(claim, date=claim_date))


def conflicts_between(message: Reading, claim: Reading) -> tuple[Difference, ...]:
    """The same for two texts already read; the finder keeps the readings of its claims."""
    if message.text == claim.text:
        return ()
    if message.lang != claim.lang:  # "Min, benar? Polls close at 6 pm": stem both alike
        message = _cached_read(message.text, date=message.date, lang=claim.lang)
    if message.stance is Stance.DEBUNK and claim.stance is not Stance.DEBUNK:
        told = quoted(message.text)
        if told != message.text:
            quote = _cached_read(told, date=message.date, lang=claim.lang)
            message = replace(quote, stance=Stance.DEBUNK)
    found = align(message, claim)
    few = len(found.pairs) < 2 and len(claim.keys) > SHORT
    if few or not found.pairs or found.share() < LEAST_SHARE:
        return ()
    return tuple(dict.fromkeys(islice(_differences(found), MOST)))


def _differences(found: Alignment) -> Iterator[Difference]:
    if not _denied(found):
        yield from _predicates(found)
        yield from _contraries(found)
        yield from _allowed(found)
        yield from _slot_states(found)
        yield from _roles(found)
        yield from swaps.other_verbs(found)
        yield from swaps.exchanged(found)
        yield from lone.contraries(found)
    yield from _values(found)
    yield from _lone_values(found)
    yield from _exchanged(found)
    yield from causes.turned(found)
    yield from instead.exchanged(found)
    yield from _kin(found)
    if not scam_reading(found.claim):
        yield from _names(found)
    yield from _classes(found)


def _denied(found: Alignment) -> bool:
    """One of the two denies the rumour as a whole; turned polarity says nothing then.

    "HOAKS: KPU memperpanjang …" tells the rumour as it is: there polarity still counts, for
    "HOAKS: KPU tidak memperpanjang …" refutes something else.
    """
    if found.claim.stance is Stance.DEBUNK:
        return True
    if found.message.stance is Stance.DEBUNK and corrects(found.message.text):
        return True
    return not vocabulary.words_of("headline", "denial").isdisjoint(found.claim.words)


# --- negation, modality, quantity ---------------------------------------------------------------


def _predicates(found: Alignment) -> Iterator[Difference]:
    """Compare what markers say of words that are aligned."""
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        if ours.state is other.state or not _governed(found, mine, theirs):
            continue
        turned = _turned(other, ours)
        if not turned or not found.dense(mine, theirs) or _elsewhere(found, mine, theirs):
            continue
        if not _misspelt(found, mine, theirs) and not _beheaded(found, mine, theirs):
            yield turned


def _misspelt(found: Alignment, mine: int, theirs: int) -> bool:
    """The marker one side lacks stands there with a slip in it: "tiak mendapatkan"."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    if other.state is EMPTY:
        tokens, at, text = found.message.tokens, theirs, ours.state.text
    else:
        tokens, at, text = found.claim.tokens, mine, other.state.text
    before = [token.text.casefold() for token in tokens[max(0, at - 2) : at]]
    words = [word for word in text.casefold().split() if len(word) > 3]
    return any(OSA.distance(word, slip) == 1 for word in words for slip in before)


def _beheaded(found: Alignment, mine: int, theirs: int) -> bool:
    """The message begins in the middle of the claim, behind what could have been the marker."""
    return theirs == 0 and mine > 0 and found.message.tokens[0].state is EMPTY


def _governed(found: Alignment, mine: int, theirs: int) -> bool:
    """A marker is compared at its nearest aligned word."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    if other.state is not EMPTY and not other.first and _nearer(found.message, theirs, found.taken):
        return ours.state is not EMPTY and ours.first
    if theirs and mine and contrary(found.claim.tokens[mine - 1], found.message.tokens[theirs - 1]):
        return False  # "tidak menolak pindah" against "setuju pindah": compared as contraries
    if ours.state is not EMPTY and not ours.first and _nearer(found.claim, mine, found.pairs):
        return other.state is not EMPTY and other.first
    return not (_of_another(found, mine, theirs) or _not_there(other, ours))


def _nearer(reading: Reading, at: int, aligned: Container[int]) -> bool:
    """An aligned word stands nearer to the marker: before it, or behind it where the marker
    closes the clause ("di Melati pawai dilarang")."""
    behind = reading.tokens[at + 1 : at + 2]
    closes = any(token.state is reading.tokens[at].state for token in behind)
    return (at + 1 if closes else at - 1) in aligned


def _of_another(found: Alignment, mine: int, theirs: int) -> bool:
    """The word is the object of a negated verb that the other text has nothing for.

    "tidak mewajibkan warga …" says nothing of the "warga" of another sentence; "tidak mewajibkan
    warga" against "memaksa warga" does.
    """
    claim, message = found.claim.tokens, found.message.tokens
    if message[theirs].state is EMPTY:
        return _object(claim, mine) and not _verb_before(message, theirs, found.taken)
    if claim[mine].state is EMPTY:
        return _object(message, theirs) and not _verb_before(claim, mine, found.pairs.keys())
    return False


def _object(tokens: tuple[Token, ...], at: int) -> bool:
    """A word without a verb's form behind the negated verb nearest to the marker."""
    token, verb = tokens[at], tokens[at - 1]
    behind = at > 0 and not token.first and not token.verb and verb.state is token.state
    return behind and token.state.negative and _transitive(verb)


def _verb_before(tokens: tuple[Token, ...], at: int, aligned: Container[int]) -> bool:
    """A verb of the other text stands in the place of the negated one."""
    before = at - 1
    here = before >= 0 and before not in aligned and tokens[before].clause == tokens[at].clause
    return here and _transitive(tokens[before])


def _transitive(token: Token) -> bool:
    word = token.text.casefold()
    return bool(token.verb) or word in vocabulary.words_of("verbs", "with_object")


def _not_there(other: Token, ours: Token) -> bool:
    """ "Jangan ke pasar" is no contrary of "pedagang pasar": only going there is negated."""
    ways = vocabulary.words_of("direction", "to")
    return any(
        one.state.modality == "must_not" and one.lead in ways and two.lead not in ways
        for one, two in ((other, ours), (ours, other))
    )


def _elsewhere(found: Alignment, mine: int, theirs: int) -> bool:
    """The message also says it the claim's way: at another place, or of a word beside it."""
    ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
    near = {found.claim.keys[at] for at in (mine - 1, mine + 1) if 0 <= at < len(found.claim.keys)}
    for at in found.message.places.get(ours.key, ())[:REPEATS]:
        around = found.message.keys[max(0, at - 2) : at + 3]
        same = at != theirs and not near.isdisjoint(around)
        again = found.message.tokens[at]
        if same and (again.state is EMPTY) == (ours.state is EMPTY) and not _turned(again, ours):
            return True
    if other.state is EMPTY:
        return _moved(found.message, theirs, ours.state, found.taken)
    return ours.state is EMPTY and _moved(found.claim, mine, other.state, frozenset(found.pairs))


def _moved(reading: Reading, at: int, state: State, aligned: frozenset[int]) -> bool:
    """A like marker stands close by and governs a word the other text does not have."""
    near = reading.tokens[max(0, at - MOVED) : at + MOVED + 1]
    first = max(0, at - MOVED)
    return any(
        token.state.negative == state.negative
        and token.state is not EMPTY
        and token.first
        and first + place not in aligned
        for place, token in enumerate(near)
    )


def _turned(other: Token, ours: Token) -> Difference | None:
    """Polarity, modality, aspect or quantity of the same word turned round."""
    m, c = other.state, ours.state
    if m.negative != c.negative:
        return Difference("polarity", _said_of(other), _said_of(ours))
    if _against(m.modality, c.modality, _MODALITY) or _against(m.aspect, c.aspect, _ASPECT):
        return Difference("modality", _said_of(other), _said_of(ours))
    if _against(m.quantity, c.quantity, _QUANTITY):
        return Difference("quantity", _said_of(other), _said_of(ours))
    return None


def _said_of(token: Token) -> str:
    return f"{token.state.text} {token.text}".strip()


def _pairs(*pairs: tuple[str, str]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in pairs)


_MODALITY = _pairs(
    ("must", "may"), ("must", "need_not"), ("must", "should"),
    ("must_not", "need_not"), ("must_not", "may"), ("perhaps", "certain"),
)  # fmt: skip
_ASPECT = _pairs(("future", "done"), ("ongoing", "future"), ("not_yet", "done"))
_QUANTITY = _pairs(
    ("all", "some"), ("all", "most"), ("all", "only"), ("most", "some"), ("all", "none"),
    ("at_least", "at_most"), ("many", "none"), ("all", "many"), ("at_least", "only"),
    *combinations(("tens", "hundreds", "thousands", "millions", "none"), 2),
)  # fmt: skip


def _against(one: str, other: str, pairs: frozenset[frozenset[str]]) -> bool:
    return bool(one and other) and frozenset((one, other)) in pairs


def _contraries(found: Alignment) -> Iterator[Difference]:
    """ "naik" in the place of "turun", unless one of them is negated."""
    for mine, theirs in found.slots:
        for at in mine:
            ours = found.claim.tokens[at]
            for other_at in theirs:
                other = found.message.tokens[other_at]
                both = ours.state.negative == other.state.negative or _neither(ours, other)
                if both and contrary(ours, other) and other.key not in found.claim.places:
                    yield Difference("polarity", _said_of(other), _said_of(ours))


def _neither(ours: Token, other: Token) -> bool:
    """May both be untrue? Who does not resign was not therefore dismissed."""
    return not vocabulary.words_of("verbs", "neither").isdisjoint((ours.key, other.key))


def _allowed(found: Alignment) -> Iterator[Difference]:
    """ "banned" on one side, a marker of the contrary ("allowed") in its place on the other."""
    for at, ours in enumerate(found.claim.tokens):
        place = found.pairs.get(at + 1)
        if at in found.pairs or place is None:
            continue
        state = found.message.tokens[place].state
        if state.text and not state.negative and contrary_to(ours, state.text):
            yield Difference("polarity", state.text, ours.text)


def _slot_states(found: Alignment) -> Iterator[Difference]:
    """ "hanya lansia" in the place of "semua orang": quantity and modality of unlike words."""
    for mine, theirs in found.slots:
        if len(mine) == len(theirs) == 1:
            ours, other = found.claim.tokens[mine[0]], found.message.tokens[theirs[0]]
            turned = _turned(other, ours)
            if turned and turned.type != "polarity":
                yield turned


# --- numbers, dates -----------------------------------------------------------------------------


def _values(found: Alignment) -> Iterator[Difference]:
    """Compare the values that stand in the same slot."""
    for mine, theirs in found.slots:
        others = [v for at in theirs if (v := found.message.tokens[at].value)]
        for at in mine:
            value = found.claim.tokens[at].value
            against = _against_value(value, others) if value else None
            cut = against and theirs[-1] == len(found.message.keys) - 1
            if cut and value and against and value.text.startswith(against.text):
                continue  # the message ends in the middle of the figure
            if value and against and not _said(found, value, against):
                yield Difference(_value_type(value, against), against.text, value.text)
        yield from _other_measure(found, mine, theirs)
        yield from _codes(found, mine, theirs)


def _lone_values(found: Alignment) -> Iterator[Difference]:
    """The only date or sum of either text, wherever it stands."""
    for value, against in lone.values(found):
        yield Difference(_value_type(value, against), against.text, value.text)


def _other_measure(found: Alignment, mine: range, theirs: range) -> Iterator[Difference]:
    """Between agreeing words a sum for a measure: "dibatasi 50 liter per transaksi"."""
    ours, other = found.claim.tokens[mine[0]], found.message.tokens[theirs[0]]
    if not (ours.value and other.value and found.enclosed(mine, theirs)) or len(mine) > 2:
        return
    if len(mine) == len(theirs) and apart(ours.value, other.value):
        told = [found.message.tokens[at] for at in theirs], [found.claim.tokens[at] for at in mine]
        yield Difference("number", *(_joined(side) for side in told))


def _codes(found: Alignment, mine: range, theirs: range) -> Iterator[Difference]:
    """Figures that belong to a name: "Covid-19" and "Covid-26", "F-15" and "F-22"."""
    if len(mine) != 1 or len(theirs) != 1:
        return
    ours, other = found.claim.tokens[mine[0]], found.message.tokens[theirs[0]]
    codes = ours.text.isdecimal() and other.text.isdecimal() and ours.key != other.key
    if codes and ours.value is None and other.value is None:
        yield Difference("number", other.text, ours.text)


def _against_value(value: Value, others: list[Value]) -> Value | None:
    """The first of the others that contradicts, if none agrees."""
    verdicts = [(agree(value, other), other) for other in others]
    if any(same for same, _ in verdicts):
        return None
    return next((other for same, other in verdicts if same is False), None)


def _said(found: Alignment, value: Value, against: Value) -> bool:
    """One of the two values also stands, unaligned, on the other side."""
    message = _loose_values(found.message, found.taken)
    claim = _loose_values(found.claim, found.pairs.keys())
    return any(agree(v, value) for v in message) or any(agree(v, against) for v in claim)


def _loose_values(reading: Reading, aligned: Container[int]) -> Iterator[Value]:
    loose = (t.value for at, t in enumerate(reading.tokens) if t.value and at not in aligned)
    return islice((value for value in loose if value), REPEATS)


def _value_type(value: Value, other: Value) -> str:
    dates = (Kind.DATE, Kind.TIME, Kind.ELECTION, Kind.ORDINAL)
    return "date" if value.kind in dates or other.kind in dates else "number"


def _exchanged(found: Alignment) -> Iterator[Difference]:
    """Two figures or names changed places: "dari 3.000 menjadi 10.000", "dari A ke B"."""
    directions = vocabulary.words_of("direction", "words")
    tokens = found.claim.tokens
    for last, theirs in found.pairs.items():
        if _lead(tokens, last) not in directions:
            continue
        for first in range(max(0, last - 3), last):
            there = found.pairs.get(first, -1)
            led = there >= 0 and _lead(found.message.tokens, there) in directions
            if (
                led
                and theirs < there <= theirs + 3
                and _sort(tokens[first]) == _sort(tokens[last]) != ""
            ):
                kind = "number" if tokens[first].value else "roles"
                ours = f"{tokens[first].text} → {tokens[last].text}"
                yield Difference(kind, f"{tokens[last].text} → {tokens[first].text}", ours)


def _lead(tokens: tuple[Token, ...], at: int) -> str:
    """The small word before a name or figure, also before the "Kota" of "ke Kota Seruni"."""
    headed = at > 0 and tokens[at].level and not tokens[at].lead
    return tokens[at - 1].lead if headed else tokens[at].lead


def _sort(token: Token) -> str:
    """What may be exchanged with what."""
    if token.value:
        return str(token.value.kind)
    return token.kind if token.kind in _TYPES else ""


# --- places, people, agencies -------------------------------------------------------------------

_TYPES = {
    "place": "place", "agency": "agency", "office": "person", "person": "person", "name": "person",
}  # fmt: skip
_LISTED = ("place", "agency", "office", "person")  # kinds of known names


def _names(found: Alignment) -> Iterator[Difference]:
    """Another name in the same slot."""
    for mine, theirs in found.slots:
        left = [found.claim.tokens[at] for at in mine]
        right = [found.message.tokens[at] for at in theirs]
        known = list(_known_names(found, left, right))
        yield from known
        yield from _unknown_names(found, left, right)
        open_words = found.open_words(theirs)
        if not known and found.enclosed(mine, open_words):
            right = [found.message.tokens[at] for at in open_words]
            yield from _uncased_names(found, left, right)
    for ours, other in lone.names(found):
        if not _same_name(ours, other) and not _short_for([ours], [other]):
            yield Difference(_TYPES[ours.kind], other.text, ours.text)


def _known_names(found: Alignment, left: list[Token], right: list[Token]) -> Iterator[Difference]:
    for kind in _LISTED:
        ours = [t for t in left if t.kind == kind]
        others = [t for t in right if t.kind == kind]
        if not ours or not others or _named(found, ours, others):
            continue
        pairs = list(product(ours, others))
        if kind == "agency" and _short_for(ours, others):
            continue
        if not any(_same_name(a, b) for a, b in pairs) or _beside_each_other(pairs):
            yield Difference(_TYPES[kind], _joined(others), _joined(ours))


def _short_for(ours: list[Token], others: list[Token]) -> bool:
    """ "PT DI" and "PT Dirgantara Indonesia"."""
    sides = ((ours, others), (others, ours))
    return any(_blend(short, long) or _initials(short, long) for short, long in sides)


def _unknown_names(found: Alignment, left: list[Token], right: list[Token]) -> Iterator[Difference]:
    """A name nobody listed in the place of another one, told by its capital letter."""
    ours = [t for t in left if t.case == "name" and t.value is None and not _no_name(t)]
    others = [t for t in right if t.value is None and t.case != "plain" and not _no_name(t)]
    others = [
        t
        for t in others
        if t.kind in ("name", "place", "agency", "person") or (t.case == "unknown" and not t.verb)
    ]
    if not ours or not others or found.share() < NAMED_SHARE:
        return
    if abs(len(left) - len(right)) > 1 or len(left) > len(ours) + 1 or len(right) > len(others) + 1:
        return  # the slot holds more than a name
    if all(t.case == "unknown" for t in others) and len(left) != len(right):
        return
    if any(like(a.text, b.text) for a in left for b in others) or _named(found, ours, others):
        return
    if any(_run_together(a.text, b.text) for a in ours for b in others):
        return
    if _blend(ours, others) or _blend(others, ours) or _cut_short(others, left):
        return
    if _initials(ours, others) or _initials(others, ours):
        return
    kinds = [t.kind for t in (*ours, *others)]
    if len(set(kinds)) == 1 and kinds[0] in _LISTED:
        return  # compared as known names already
    kind = next((k for k in kinds if k in _TYPES and k != "name"), "name")
    yield Difference(_TYPES[kind], _joined(others), _joined(ours))


def _run_together(one: str, other: str) -> bool:
    """ "#KamiMelati" names Melati."""
    short, long = sorted((one, other), key=len)
    ends = len(short) > 3 and long.endswith(short)
    return ends and short[0].isupper() and long[: -len(short)][-1:].islower()


def _no_name(token: Token) -> bool:
    """A word about the form of a rumour ("Viral", "Pesan Berantai"), a cry before the news."""
    return token.text.casefold() in vocabulary.words_of("names", "never")


def _uncased_names(found: Alignment, left: list[Token], right: list[Token]) -> Iterator[Difference]:
    """Between agreeing words on both sides: a listed name in the place of an unknown word, or a
    name told by its capital where the other text has none that tell ("PLTU Cempaka Meledak")."""
    if found.share() < NAMED_SHARE:
        return
    if _against_each_other(found, left, right):
        yield Difference("person", _joined(right), _joined(left))
        return
    if len(left) != len(right):
        return
    named = [side for side in (left, right) if all(_a_name(token) for token in side)]
    other = right if named and named[0] is left else left
    if not named or (len(named) == 1 and not all(_unheard_of(token) for token in other)):
        return
    if left[0].kind == right[0].kind in _LISTED:
        return  # compared as known names already
    if len(left) > 1 and not all(token.case == "name" for token in named[0]):
        return  # "Presiden Jokowi" in the place of other words
    if _named(found, left, right) or any(_much_alike(a, b) for a, b in product(left, right)):
        return
    kind = next((t.kind for t in named[0] if t.kind in _TYPES), "name")
    yield Difference(_TYPES[kind], _joined(right), _joined(left))


def _against_each_other(found: Alignment, left: list[Token], right: list[Token]) -> bool:
    """ "FC Melati vs Persiwa" and "FC Melati vs Kenanga": whoever is behind "vs" is a name."""
    tokens = found.claim.tokens
    at = next((at for at, token in enumerate(tokens) if token is left[0]), 0)
    versus = at > 0 and tokens[at - 1].text.casefold() in vocabulary.words_of("kin", "versus")
    if not versus or max(len(left), len(right)) > 2 or any(t.verb or t.value for t in right):
        return False
    alike = any(_much_alike(a, b) for a, b in product(left, right))
    return not (alike or _short_for(left, right) or _named(found, left, right))


def _a_name(token: Token) -> bool:
    if token.kind in ("place", "person"):
        return token.key != "indonesia"  # named or left out at will
    short = token.text.isupper() and len(token.text) < 5  # "ICU"
    named = token.kind == "name" and token.case == "name" and not short
    return named and _strange(token.text.casefold())


def _much_alike(one: Token, other: Token) -> bool:
    return like(one.text, other.text, 4) or swaps.alike_words(
        one.text.casefold(), other.text.casefold()
    )


def _unheard_of(token: Token) -> bool:
    """A word of an uncased text that may be a name: no verb, no common word."""
    plain = token.kind == "word" and token.case == "unknown" and not token.verb
    said = token.state is EMPTY and token.value is None
    return plain and said and _strange(token.text.casefold())


def _strange(low: str) -> bool:
    """No common word, head of a name or form that no name has."""
    talk = lexicon("id")
    known = low in vocabulary.common() or low in talk.common or low in talk.filler
    known = known or low in frame_stems() or low in vocabulary.heads().longest
    known = known or low in vocabulary.words_of("names", "never")
    derived = low.endswith(("nya", "kan")) or low.startswith(("ber", "ter", "pe"))
    spoken = len(low) > 2 and any(letter in "aiueo" for letter in low)
    return spoken and not known and not derived and not _around(low)


def _around(low: str) -> bool:
    return low.startswith("ke") and low.endswith("an")


def _cut_short(others: list[Token], left: list[Token]) -> bool:
    """The message ends in the middle of the claim's name: "calon Wali" of "calon Wali Kota"."""
    return _joined(others).casefold() in _joined(left).casefold()


def _named(found: Alignment, ours: list[Token], others: list[Token]) -> bool:
    """The claim's name stands somewhere else in the message, or the other way round."""
    there = any(token.key in found.message.places for token in ours)
    return there or any(token.key in found.claim.places for token in others)


def _joined(tokens: list[Token]) -> str:
    return " ".join(token.text for token in tokens)


def _same_name(one: Token, other: Token) -> bool:
    """The same known name, or one inside the other (a regency and its province)."""
    if one.key == other.key or one.inside == other.key or other.inside == one.key:
        return True
    if {one.level, other.level} == {"province", "regency"}:
        return False  # neither lies in the other
    known = one.level in _LEVELS and other.level in _LEVELS
    return (known and one.level != other.level) or like(one.text, other.text)


def _beside_each_other(pairs: list[tuple[Token, Token]]) -> bool:
    """ "Sumatra" for "Jawa dan Bali": of two islands neither lies in the other, whatever else is
    named with them."""
    if any(a.key == b.key or a.inside == b.key or b.inside == a.key for a, b in pairs):
        return False
    levels = [(a, b) for a, b in pairs if a.level == b.level and a.level in _LEVELS]
    return bool(levels) and not any(like(a.text, b.text) for a, b in pairs)


_LEVELS = frozenset(("province", "regency", "country", "island", "city"))


def _blend(short: list[Token], long: list[Token]) -> bool:
    """Is the one name made of beginnings of the others, like "Kemenkes"?"""
    if len(short) != 1 or len(long) < 2:
        return False
    rest = short[0].text.casefold()
    for token in long:
        word = token.text.casefold()
        size = next((n for n in range(min(len(rest), len(word)), 0, -1) if rest[:n] == word[:n]), 0)
        rest = rest[size:]
    return not rest


def _initials(short: list[Token], long: list[Token]) -> bool:
    """The last letters of an abbreviation: "SBY" and "(Susilo) Bambang Yudhoyono"."""
    letters = "".join(token.text[0] for token in long).casefold()
    abbreviated = len(short) == 1 and short[0].text.isupper() and len(short[0].text) <= 5
    return abbreviated and len(long) > 1 and short[0].text.casefold().endswith(letters)


def _classes(found: Alignment) -> Iterator[Difference]:
    """ "gereja" in the place of "masjid": words of one class exclude each other."""
    classes = vocabulary.classes()
    for mine, theirs in found.slots:
        for at, other_at in product(mine, theirs):
            ours, other = found.claim.tokens[at], found.message.tokens[other_at]
            kind, group = classes.get(ours.text.casefold(), ("", 0))
            if not group or classes.get(other.text.casefold()) != (kind, group):
                continue
            if swaps.alike_words(ours.text.casefold(), other.text.casefold()):
                continue  # "siswa" and "pelajar"
            if ours.key != other.key and not _named(found, [ours], [other]):
                yield Difference(kind, other.text, ours.text)


def _kin(found: Alignment) -> Iterator[Difference]:
    """ "anak A bersama B" and "anak B bersama A": whose child it is, told by the next name."""
    for mine, theirs in found.pairs.items():
        if found.claim.tokens[mine].text.casefold() not in vocabulary.words_of("kin", "words"):
            continue
        ours, other = _next_name(found.claim, mine), _next_name(found.message, theirs)
        if ours is None or other is None or _much_alike(ours, other) or ours.key == other.key:
            continue
        if ours.key in found.message.places and other.key in found.claim.places:
            told = _told(found.message, theirs), _told(found.claim, mine)
            yield Difference("roles", *told)


def _next_name(reading: Reading, at: int) -> Token | None:
    """Whose it is: the word right behind, over an office ("anak Bupati Melati")."""
    here = reading.tokens[at]
    after = (t for t in reading.tokens[at + 1 : at + 3] if t.kind != "office")
    token = next(after, None)
    near = token is not None and token.clause == here.clause and not token.lead
    return token if near and token and _may_be_name(token) else None


def _may_be_name(token: Token) -> bool:
    named = token.kind in _TYPES or token.case == "name"
    plain = token.kind == "word" and not token.verb and token.value is None
    return named or (plain and token.case == "unknown" and _strange(token.text.casefold()))


# --- roles --------------------------------------------------------------------------------------


def _roles(found: Alignment) -> Iterator[Difference]:
    """Who does it to whom, told by voice and order around an aligned verb."""
    if found.share() < NAMED_SHARE:
        return
    keys = list(found.message.keys)
    for mine, theirs in found.pairs.items():
        keys[theirs] = found.claim.keys[mine]
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        silent = {_verb(ours), _verb(other)} in _TELLS_NOTHING or ours.value
        if silent or not (_acts(ours) and _acts(other)) or _agentless(found, mine, theirs):
            continue
        claim = _sides(found.claim, found.claim.keys, mine)
        message = _sides(found.message, keys, theirs)
        if _swapped(claim, message):
            yield Difference("roles", _told(found.message, theirs), _told(found.claim, mine))


# No verb; "libur" against "diliburkan"; "listed" against "list".
_TELLS_NOTHING = ({""}, {"", "passive"}, {"", "bare"})


def _acts(token: Token) -> bool:
    """A verb, by its form or because it is a bare root ("usir"); "pemilih" is none."""
    return bool(_verb(token)) or token.text.casefold() == token.key


def _agentless(found: Alignment, mine: int, theirs: int) -> bool:
    """An English passive without "by" does not say who did it."""
    for reading, at in ((found.claim, mine), (found.message, theirs)):
        passive = reading.lang == "en" and _verb(reading.tokens[at]) == "passive"
        if passive and not any(t.agent for t in reading.tokens[at + 1 : at + 1 + SIDE]):
            return True
    return False


def _verb(token: Token) -> str:
    """Active, passive or bare; English past forms are bare."""
    word = token.text.casefold()
    if token.lead in _BE and word.endswith(("ed", "en")):
        return "passive"
    past = token.kind == "word" and len(word) > 4 and word.endswith("ed")
    return token.verb or ("bare" if past else "")


_BE = frozenset(("is", "are", "was", "were", "be", "been", "being"))


def _sides(reading: Reading, keys: Sequence[str], at: int) -> tuple[list[str], list[str]]:
    """(who does it, to whom it is done) around a verb, without what stands on both sides."""
    tokens = reading.tokens
    here = tokens[at].clause
    reach = range(at + 1, min(len(keys), at + 1 + SIDE))
    # Figures do nothing to anybody, and what stands in another clause is left out.
    before = [keys[i] for i in range(max(0, at - SIDE), at) if _takes_part(tokens[i], here)]
    after = [keys[i] for i in reach if _takes_part(tokens[i], here)]
    both = set(before) & set(after)
    before = [key for key in before if key not in both]
    after = [key for key in after if key not in both]
    voice = _verb(tokens[at])
    passive = voice == "passive" or tokens[at].lead == "di"
    passive = passive or (voice == "bare" and any(tokens[i].agent for i in reach))
    return (after, before) if passive else (before, after)


def _takes_part(token: Token, clause: int) -> bool:
    place = token.lead in vocabulary.words_of("direction", "at")
    return token.clause == clause and token.value is None and not place


def _swapped(claim: tuple[list[str], list[str]], message: tuple[list[str], list[str]]) -> bool:
    """Each side's words stand on the other side: all of them, or the words they begin with."""
    (agent, patient), (agent2, patient2) = claim, message
    if set(agent).isdisjoint(patient2) or set(patient).isdisjoint(agent2):
        return False
    heads = agent[0] in patient2 and agent2[0] in patient
    return heads or set(agent).isdisjoint(agent2)


def _told(reading: Reading, at: int) -> str:
    tokens = reading.tokens
    around = [t for t in tokens[max(0, at - 2) : at + 3] if t.clause == tokens[at].clause]
    return _joined(around)


# --- templated scams ----------------------------------------------------------------------------


def scam_reading(claim: Reading) -> bool:
    """Is the claim a templated scam: an account or number that poses as an office holder?"""
    return _poses(claim.words)


def _poses(words: frozenset[str]) -> bool:
    poses = vocabulary.words_of("scam", "poses") | vocabulary.words_of("scam", "platform")
    account = vocabulary.words_of("scam", "account")
    words = frozenset(word.strip(SIGNS) for word in words)  # "… lewat akun WhatsApp."
    return not account.isdisjoint(words) and not poses.isdisjoint(words)


def scam_pattern(message: str, claim: str) -> bool:
    """Do both tell of an account or number that poses as somebody (whoever it is)?"""
    account = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    poses = _poses(words_of(visible(claim)))
    said = frozenset(word.strip(SIGNS) for word in words_of(visible(message)))
    return poses and not account.isdisjoint(said)


def scam_told(message: str, claim: str) -> bool:
    """Is it the same scam, with what the account does there? Not every message about an account is:
    "akun Facebook Bupati Melati tidak aktif" beside "… menyalurkan bantuan"."""
    if not scam_pattern(message, claim):
        return False
    deed = _deed(_cached_read(claim))
    said = _cached_read(message).tokens
    told = [any(_same_deed(one, other) for other in said) for one in deed]
    verbs = [there for one, there in zip(deed, told, strict=True) if one.verb]
    return all(verbs) and sum(told) >= DEED * len(deed)


def scam_left_out(message: str, claim: str) -> bool:
    """Does a short message tell the deed of a templated scam without any account or platform?"""
    if not _poses(words_of(visible(claim))):
        return False
    said = _cached_read(message)
    words = frozenset(word.strip(SIGNS) for word in said.words)
    speaks = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    speaks |= vocabulary.words_of("scam", "poses")
    return len(said.keys) <= BRIEF and words.isdisjoint(speaks)


def _deed(claim: Reading) -> list[Token]:
    """What the account does: the words of the claim without names, offices and platforms."""
    aside = vocabulary.words_of("scam", "account") | vocabulary.words_of("scam", "platform")
    words = (t for t in claim.tokens if t.kind == "word" and t.value is None)
    return [t for t in words if t.text.casefold() not in aside]


def _same_deed(one: Token, other: Token) -> bool:
    return one.key == other.key or _much_alike(one, other)
