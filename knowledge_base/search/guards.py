"""The guards: do message and claim contradict each other where they speak of the same thing?

They object only to a conflict, the same slot filled differently in the aligned stretch: another
number of the same unit, another date, place, person or agency; the predicate negated; "wajib"
against "boleh", "semua" against "sebagian"; who did it to whom. What is missing or added
elsewhere is no conflict. docs/guards.md shows each guard with examples.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import date as Date  # noqa: N812, `date` is the argument's name in the contract
from itertools import combinations, islice, product

from rapidfuzz.distance import OSA

from knowledge_base.search import (
    causes,
    contrasts,
    instead,
    lone,
    names,
    roles,
    scams,
    swaps,
    vocabulary,
)
from knowledge_base.search.agreement import agree, apart
from knowledge_base.search.alignment import Alignment, align, contrary, contrary_to
from knowledge_base.search.findings import Difference, Stance
from knowledge_base.search.reading import EMPTY, Reading, State, Token, cached_read
from knowledge_base.search.stance import corrects, quoted
from knowledge_base.search.stance import stance as stance  # one of the guards
from knowledge_base.search.values import MEASURES, Kind, Value

LEAST_SHARE = 0.3  # of the shorter text; below it nothing speaks of the same thing
CORE_SHARE = 0.6  # the same of the clauses that tell the claim, without the others
MOST = 12  # differences told; enough to refuse
REPEATS = 20  # places of one word, or loose values, that are looked at
SHORT = 3  # content words of a claim for which one aligned word is enough
MOVED = 5  # words within which a negation may have moved


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
    return conflicts_between(cached_read(message, date=date), cached_read(claim, date=claim_date))


def conflicts_between(message: Reading, claim: Reading) -> tuple[Difference, ...]:
    """The same for two texts already read; the finder keeps the readings of its claims."""
    if message.text == claim.text:
        return ()
    if message.lang != claim.lang:  # "Min, benar? Polls close at 6 pm": stem both alike
        message = cached_read(message.text, date=message.date, lang=claim.lang)
    if message.stance is Stance.DEBUNK and claim.stance is not Stance.DEBUNK:
        told = quoted(message.text)
        if told != message.text:
            quote = cached_read(told, date=message.date, lang=claim.lang)
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
        yield from _denied_alike(found)
        yield from _allowed(found)
        yield from _slot_states(found)
        yield from swaps.other_verbs(found)
        yield from lone.contraries(found)
        yield from lone.aspects(found)
        yield from lone.permissions(found)
        yield from _lone_quantities(found)
    yield from roles.exchanged(found)
    yield from roles.rotated(found)
    yield from roles.lent(found)
    yield from swaps.exchanged(found)
    yield from _counted(found)
    yield from _values(found)
    yield from _lone_values(found)
    yield from _exchanged(found)
    yield from causes.turned(found)
    yield from causes.other_reason(found)
    yield from instead.exchanged(found)
    yield from roles.other_kin(found)
    yield from roles.of_somebody(found)
    if not scams.of_claim(found.claim):
        yield from names.in_one_slot(found)
        yield from names.left_over(found)
        yield from names.attributes(found)
        yield from names.displaced(found)
        yield from names.abroad(found)
    yield from names.of_a_class(found)
    yield from _in_core(found)


def _in_core(found: Alignment) -> Iterator[Difference]:
    """The same of the clauses that tell the claim, without those beside it that name it: "Bali akan
    referendum, Yogyakarta tidak" for "Yogyakarta akan referendum"."""
    core = contrasts.core(found) if lone.same_sentence(found) else None
    if core is None or core.share() < CORE_SHARE:
        return
    if not _denied(found):
        yield from _contraries(core)
    yield from _counted(core)
    yield from _values(core)
    if not scams.of_claim(found.claim):
        named = names.in_one_slot(core)
        # In small letters it is a slip ("msih") and no name.
        yield from (one for one in named if not one.message.islower())
    yield from names.of_a_class(core)


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
        if _forbidden_alike(found, ours, other):
            continue
        if not _misspelt(found, mine, theirs) and not _beheaded(found, mine, theirs):
            yield turned


def _forbidden_alike(found: Alignment, ours: Token, other: Token) -> bool:
    """Both clauses forbid: "melarang jemaah membawa", "jemaah dilarang oleh … membawa" (by whom
    also behind another clause, "jemaah yang …"). Which word stands next to the marker says nothing
    then, unless one of the two is allowed or bound."""
    forbids = _FORBIDS in (ours.state.modality, other.state.modality)
    if not forbids or EMPTY not in (ours.state, other.state):
        return False
    return all(
        any(
            t.state.modality == _FORBIDS and (t.agent or t.clause == here.clause)
            for t in reading.tokens
        )
        for reading, here in ((found.claim, ours), (found.message, other))
    )


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
        one.state.modality == _FORBIDS and one.lead in ways and two.lead not in ways
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


_FORBIDS = "must_not"
_MODALITY = _pairs(
    ("must", "may"), ("must", "need_not"), ("must", "should"),
    ("must_not", "need_not"), ("must_not", "may"), ("perhaps", "certain"),
)  # fmt: skip
_ASPECT = _pairs(("future", "done"), ("ongoing", "future"), ("not_yet", "done"))
_QUANTITY = _pairs(
    ("all", "some"), ("all", "most"), ("all", "only"), ("most", "some"), ("all", "none"),
    ("at_least", "at_most"), ("many", "none"), ("all", "many"), ("at_least", "only"),
    *combinations(("tens", "hundreds", "thousands", "millions", "none"), 2),
    *product(("all",), ("tens", "hundreds", "thousands", "millions")),
)  # fmt: skip


_LEAST = {"tens": 10, "hundreds": 100, "thousands": 1_000, "millions": 1_000_000}


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


def _denied_alike(found: Alignment) -> Iterator[Difference]:
    """ "gak bikin sakit" in the place of "menyebabkan sakit": a verb that says the same, denied."""
    for mine, theirs in found.slots:
        for at, other_at in product(mine, theirs):
            ours, other = found.claim.tokens[at], found.message.tokens[other_at]
            denied = ours.state.negative != other.state.negative
            denied = denied and not any(t.text.casefold().startswith("pe") for t in (ours, other))
            if denied and swaps.alike_words(ours.text.casefold(), other.text.casefold()):
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


def _counted(found: Alignment) -> Iterator[Difference]:
    """ "dua bacaleg" for "seluruh bacaleg", whichever of the two says all."""
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        before = _count_before(found.message, theirs, found.taken)
        if before and (_far_off(ours, before) or (_of_all(ours) and other.state.quantity != "all")):
            yield Difference("quantity", f"{before.text} {other.text}", _said_of(ours))
        before = _count_before(found.claim, mine, found.pairs)
        if before and (
            _far_off(other, before) or (_of_all(other) and ours.state.quantity != "all")
        ):
            yield Difference("quantity", _said_of(other), f"{before.text} {ours.text}")
    for left, right in found.slots:
        ours, other = found.claim.tokens[left[0]], found.message.tokens[right[0]]
        far = _far_off(ours, other) or _far_off(other, ours)
        far = far or _several(ours, other) or _several(other, ours)
        if far or _all_or_some(ours, other):
            yield Difference("quantity", _said_of(other), _said_of(ours))


def _lone_quantities(found: Alignment) -> Iterator[Difference]:
    """ "Semua … memakai" for "hanya … yang memakai": the only such word of either text."""
    for ours, other in lone.quantities(found):
        how = {ours.state.quantity, other.state.quantity}
        if "all" in how and _against(ours.state.quantity, other.state.quantity, _QUANTITY):
            yield Difference("quantity", _said_of(other), _said_of(ours))


def _far_off(said: Token, count: Token) -> bool:
    """ "20 warga" for "ribuan warga"."""
    least = _LEAST.get(said.state.quantity, 0) if said.first else 0
    value = _count(count)
    return value is not None and value.amount < least


def _several(one: Token, count: Token) -> bool:
    """ "Tujuh suporter" for "seorang suporter"."""
    value = _count(count)
    single = one.text.casefold() in vocabulary.words_of("one", "words")
    return single and value is not None and value.amount > 1


def _of_all(token: Token) -> bool:
    return token.first and token.state.quantity == "all"


def _all_or_some(ours: Token, other: Token) -> bool:
    if _of_all(ours) is _of_all(other):
        return False
    return _count(other if _of_all(ours) else ours) is not None


def _count(token: Token) -> Value | None:
    """Its number of people or of what nobody named: "dua orang", "15"."""
    value = token.value
    counted = value is not None and value.kind is Kind.NUMBER and value.sure
    return value if counted and value is not None and value.unit not in MEASURES else None


def _count_before(reading: Reading, at: int, aligned: Container[int]) -> Token | None:
    """The number right before a word, where the other text has nothing for it."""
    before = reading.tokens[at - 1] if at else None
    loose = before is not None and at - 1 not in aligned and _count(before) is not None
    near = before is not None and before.clause == reading.tokens[at].clause
    some = before is not None and before.state.quantity != "all"  # "semua dari 15 siswa"
    return before if loose and near and some and not reading.tokens[at].lead else None


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
        yield Difference("number", *(names.joined(side) for side in told))


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
    return token.kind if token.kind in names.TYPES else ""
