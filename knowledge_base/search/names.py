"""Names of places, people and agencies, and things of one kind: another one in the same slot.

A name is known from the lists, by its capital letter, or by standing alone where all around agrees.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import product

from knowledge_base.search import contrasts, lone, swaps, vocabulary
from knowledge_base.search.alignment import Alignment, like, of_one_class, two_offices
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import EMPTY, Reading, Token
from knowledge_base.search.text import frame_stems, lexicon

_WORDS = re.compile(r"[^\W\d_]+|[.,:;!?\n]")
NAMED_SHARE = 0.5  # of the shorter text, where only a capital letter tells the name
ABBREVIATED = 5  # letters of an abbreviation at most
LONGEST_NAME = 3  # words

TYPES = {
    "place": "place", "agency": "agency", "office": "person", "person": "person", "name": "person",
}  # fmt: skip
LISTED = ("place", "agency", "office", "person")  # kinds of known names


def in_one_slot(found: Alignment) -> Iterator[Difference]:
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
            yield from _abbreviated(found, left, right)
            yield from _of_other_kinds(found, left, right)
    yield from _other_halves(found)
    for ours, other in lone.names(found):
        if not _same_name(ours, other) and not _short_for([ours], [other]):
            yield Difference(TYPES[ours.kind], other.text, ours.text)


def _of_other_kinds(
    found: Alignment, left: list[Token], right: list[Token]
) -> Iterator[Difference]:
    """ "Jokowi" in the place of "FPI", "Malaysia" in that of "Kopassus": listed names both."""
    if len(left) != 1 or len(right) != 1 or found.share() < NAMED_SHARE:
        return
    ours, other = left[0], right[0]
    kinds = {ours.kind, other.kind}
    listed = len(kinds) == 2 and kinds <= {"person", "agency", "place"}
    if listed and not (_named(found, left, right) or _part_of(ours, other)):
        yield Difference(TYPES[ours.kind], other.text, ours.text)


def _other_halves(found: Alignment) -> Iterator[Difference]:
    """ "Yudo Pratama" for the listed "Yudo Margono": the half both have does not make them one."""
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        if ours.kind == other.kind:
            continue  # the half of a name is no person yet
        if _another(ours, other, found.message, theirs, found.taken):
            told = joined([other, found.message.tokens[theirs + 1]])
            yield Difference("person", told, ours.text)
        elif _another(other, ours, found.claim, mine, found.pairs):
            told = joined([ours, found.claim.tokens[mine + 1]])
            yield Difference("person", other.text, told)


def _another(
    listed: Token, half: Token, reading: Reading, at: int, aligned: Container[int]
) -> bool:
    """Does a word that is none of the listed person's stand behind the half of the name?"""
    if listed.kind != "person" or half.kind == "person":
        return False
    words = listed.text.casefold().split()
    if len(words) < 2 or not any(like(word, half.text, 4) for word in words):
        return False
    if at + 1 >= len(reading.tokens) or at + 1 in aligned:
        return False
    behind = reading.tokens[at + 1]
    name = behind.case == "name" and behind.kind == "name" and behind.clause == half.clause
    strangers = name and not behind.lead and strange(behind.text.casefold())
    return strangers and not any(like(word, behind.text, 4) for word in words)


def left_over(found: Alignment) -> Iterator[Difference]:
    """Names on either side that the other has nothing for, all else being told alike."""
    for left, right in lone.left_over(found):
        left, right = ([t for t in side if _telling(t)] for side in (left, right))
        if left and right and not _one_name(found, left, right):
            yield _another_name(left, right)


def _another_name(ours: list[Token], others: list[Token]) -> Difference:
    """These in the place of the claim's; told as what the first listed one is."""
    kind = next((t.kind for t in (*ours, *others) if t.kind in TYPES), "name")
    return Difference(TYPES[kind], joined(others), joined(ours))


def displaced(found: Alignment) -> Iterator[Difference]:
    """Another name between the neighbours of a name that the message has elsewhere: "foto Suharyo
    memakai jubah, duduk di sebelah Anies" for "foto Anies memakai jubah"."""
    if not lone.same_sentence(found):
        return
    verbs = [
        (found.claim.tokens[a].verb, found.message.tokens[b].verb) for a, b in found.pairs.items()
    ]
    if any(one != other for one, other in verbs):
        return  # "Panglima akan diganti", "Presiden mengganti Panglima"
    for left, right in contrasts.displaced(found):
        ours = [t for t in left if t.kind in TYPES or t.case == "name"]
        others = [t for t in right if t.kind in TYPES or t.case == "name"]
        if len(ours) < len(left) or not others or not all(map(_telling, (*ours, *others))):
            continue
        if not any(much_alike(a, b) or _same_name(a, b) for a, b in product(ours, others)):
            yield _another_name(ours, others)


def attributes(found: Alignment) -> Iterator[Difference]:
    """ "permen Fox's" for "Permen Mentos": behind the same word another name, wherever the two
    stand."""
    if not lone.same_sentence(found):
        return
    for mine, theirs in found.pairs.items():
        ours = _attribute(found.claim, mine, found.pairs)
        other = _attribute(found.message, theirs, found.taken)
        if ours is None or other is None or "name" not in (ours.case, other.case):
            continue
        if not _one_name(found, [ours], [other]):
            yield Difference(TYPES["name"], other.text, ours.text)


def _attribute(reading: Reading, at: int, aligned: Container[int]) -> Token | None:
    """A word that may be a name, right behind a word that is none, without a counterpart."""
    tokens = reading.tokens
    if at + 1 >= len(tokens) or at + 1 in aligned or tokens[at].kind != "word":
        return None
    head, token = tokens[at], tokens[at + 1]
    plain = token.kind in ("word", "name") and token.case != "plain" and not token.verb
    beside = token.clause == head.clause and not token.lead and token.state is EMPTY
    return token if plain and beside and strange(token.text.casefold()) else None


def _telling(token: Token) -> bool:
    return token.kind in LISTED or strange(token.text.casefold())


def _one_name(found: Alignment, left: list[Token], right: list[Token]) -> bool:
    """May one of these be another form of the other: misspelt, inside it, its letters?"""
    alike = any(
        much_alike(a, b) or _same_name(a, b) or _run_together(a.text, b.text) or _shuffled(a, b)
        for a, b in product(left, right)
    )
    return alike or _named(found, left, right) or _short_for(left, right)


def _known_names(found: Alignment, left: list[Token], right: list[Token]) -> Iterator[Difference]:
    for kind in LISTED:
        ours = [t for t in left if t.kind == kind]
        others = [t for t in right if t.kind == kind]
        if not ours or not others or _named(found, ours, others):
            continue
        pairs = list(product(ours, others))
        if kind == "agency" and _short_for(ours, others):
            continue
        if not any(_same_name(a, b) for a, b in pairs) or _beside_each_other(pairs):
            yield Difference(TYPES[kind], joined(others), joined(ours))


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
    if _misspelt(left, right) or _misspelt(right, left):
        return
    if any(_run_together(a.text, b.text) for a in ours for b in others):
        return
    if _blend(ours, others) or _blend(others, ours) or _cut_short(others, left):
        return
    if _initials(ours, others) or _initials(others, ours):
        return
    kinds = [t.kind for t in (*ours, *others)]
    if len(set(kinds)) == 1 and kinds[0] in LISTED:
        return  # compared as known names already
    kind = next((k for k in kinds if k in TYPES and k != "name"), "name")
    yield Difference(TYPES[kind], joined(others), joined(ours))


def _misspelt(listed: list[Token], words: list[Token]) -> bool:
    """ "Anika Perkasa" for the listed "Andika Perkasa": every word is like one of the name."""
    name = listed[0].text.split() if len(listed) == 1 else []
    return len(name) > 1 and all(any(like(one, t.text, 4) for one in name) for t in words)


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
        yield Difference("person", joined(right), joined(left))
        return
    if len(left) != len(right):
        short, long = sorted((left, right), key=len)
        if _whole_name(short, long) and not (_named(found, left, right) or _short_for(left, right)):
            yield Difference(TYPES[short[0].kind], joined(right), joined(left))
        return
    if _listed_for_named(left, right) and not _one_name(found, left, right):
        yield Difference("person", joined(right), joined(left))
        return
    named = [side for side in (left, right) if all(_a_name(token) for token in side)]
    other = right if named and named[0] is left else left
    if not named or (len(named) == 1 and not all(_unheard_of(token) for token in other)):
        return
    if left[0].kind == right[0].kind in LISTED:
        return  # compared as known names already
    if len(left) > 1 and not all(token.case == "name" for token in named[0]):
        return  # "Presiden Jokowi" in the place of other words
    if _named(found, left, right) or any(much_alike(a, b) for a, b in product(left, right)):
        return
    kind = next((t.kind for t in named[0] if t.kind in TYPES), "name")
    yield Difference(TYPES[kind], joined(right), joined(left))


def _abbreviated(found: Alignment, left: list[Token], right: list[Token]) -> Iterator[Difference]:
    """ "PMI" in the place of "BNPB": letters in capitals, where the texts have other words too."""
    if len(left) != 1 or len(right) != 1 or found.share() < NAMED_SHARE:
        return
    ours, other = left[0], right[0]
    both = _letters(ours, found.claim) and _letters(other, found.message)
    if both and not _shuffled(ours, other) and not _named(found, left, right):
        yield Difference("agency", other.text, ours.text)


def _shuffled(one: Token, other: Token) -> bool:
    """ "PSN" for "PNS": a slip."""
    return sorted(one.text.casefold()) == sorted(other.text.casefold())


def _letters(token: Token, reading: Reading) -> bool:
    """Some letters in capitals, no common word, beside words that are not in capitals."""
    short = 2 < len(token.text) <= ABBREVIATED and token.text.isupper() and token.text.isalpha()
    quiet = any(one.text[1:].islower() for one in reading.tokens)
    low = token.text.casefold()
    common = low in vocabulary.words_of("common", "words") or low in vocabulary.skipped()
    return short and quiet and not common and not _no_name(token)


def _against_each_other(found: Alignment, left: list[Token], right: list[Token]) -> bool:
    """ "FC Melati vs Persiwa" and "FC Melati vs Kenanga": whoever is behind "vs" is a name."""
    tokens = found.claim.tokens
    at = next((at for at, token in enumerate(tokens) if token is left[0]), 0)
    versus = at > 0 and tokens[at - 1].text.casefold() in vocabulary.words_of("kin", "versus")
    if not versus or max(len(left), len(right)) > 2 or any(t.verb or t.value for t in right):
        return False
    alike = any(much_alike(a, b) for a, b in product(left, right))
    return not (alike or _short_for(left, right) or _named(found, left, right))


def _a_name(token: Token) -> bool:
    if token.kind in ("place", "person"):
        return token.key != "indonesia"  # named or left out at will
    short = token.text.isupper() and len(token.text) < 5  # "ICU"
    named = token.kind == "name" and token.case == "name" and not short
    return named and strange(token.text.casefold())


def _listed_for_named(left: list[Token], right: list[Token]) -> bool:
    """ "Anies Baswedan" and "Gatot Nurmantyo": a listed person on one side, on the other words that
    are a name by their capitals or may be one."""
    if not 1 < len(left) == len(right) <= LONGEST_NAME:
        return False
    listed = [any(t.kind == "person" for t in side) for side in (left, right)]
    plain = [t for t in (*left, *right) if t.kind not in ("person", "name") and t.case == "plain"]
    return any(listed) and not plain and all(strange(t.text.casefold()) for t in (*left, *right))


def _whole_name(short: list[Token], long: list[Token]) -> bool:
    """ "Rafael Alun" in the place of a listed name, "BEM Unindra" in that of "BEM UI": what the two
    do not share are words of names, by their capitals or because they are no others."""
    if len(short) != 1 or short[0].kind not in ("person", "agency", "place"):
        return False
    listed = short[0].text.casefold().split()
    rest = [t for t in long if t.text.casefold() not in listed]
    if not rest or len(long) > LONGEST_NAME or not all(t.text[:1].isupper() for t in long):
        return False
    own = [word for word in listed if word not in {t.text.casefold() for t in long}]
    named = rest[0].case == "name" or all(t.case == "unknown" and not t.verb for t in rest)
    strangers = named and any(strange(t.text.casefold()) for t in rest)
    return strangers and bool(own) and not any(like(w, t.text, 4) for w in own for t in rest)


def much_alike(one: Token, other: Token) -> bool:
    """One word or name, by a slip, by words that say the same, or as one half of it: "Anika" for
    "Andika Perkasa"."""
    a, b = one.text.casefold(), other.text.casefold()
    halves = [(x, y) for x in a.split() for y in b.split()] if " " in a or " " in b else []
    half = (" " in a) != (" " in b) and any(like(x, y, 4) for x, y in halves)
    return half or like(a, b, 4) or swaps.alike_words(a, b)


def _unheard_of(token: Token) -> bool:
    """A word of an uncased text that may be a name: no verb, no common word."""
    plain = token.kind == "word" and token.case == "unknown" and not token.verb
    said = token.state is EMPTY and token.value is None
    return plain and said and strange(token.text.casefold())


def strange(low: str) -> bool:
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


def abroad(found: Alignment) -> Iterator[Difference]:
    """ "Badan Meteorologi Jepang" for "BMKG": the agency of another country, right behind it."""
    for mine, theirs in found.pairs.items():
        ours, other = found.claim.tokens[mine], found.message.tokens[theirs]
        if not ours.kind == other.kind == "agency" or theirs + 1 >= len(found.message.tokens):
            continue
        country = found.message.tokens[theirs + 1]
        foreign = country.level == "country" and country.key != "indonesia" and not country.lead
        if foreign and country.clause == other.clause and country.key not in found.claim.places:
            yield Difference("agency", joined([other, country]), ours.text)


def _cut_short(others: list[Token], left: list[Token]) -> bool:
    """The message ends in the middle of the claim's name: "calon Wali" of "calon Wali Kota"."""
    return joined(others).casefold() in joined(left).casefold()


def _named(found: Alignment, ours: list[Token], others: list[Token]) -> bool:
    """The claim's name stands somewhere else in the message, or the other way round, or one is the
    initials of the other's words ("RBI")."""
    there = any(token.key in found.message.places for token in ours)
    if there or any(token.key in found.claim.places for token in others):
        return True
    letters = _abbreviation(others), _abbreviation(ours)
    return _stands_for(letters[0], found.claim.text) or _stands_for(letters[1], found.message.text)


def _abbreviation(tokens: list[Token]) -> str:
    """The letters of the only name there, where it is an abbreviation in capitals ("MoD" too)."""
    text = tokens[0].text if len(tokens) == 1 else ""
    capitals = sum(letter.isupper() for letter in text)
    return text.upper() if 3 <= len(text) <= ABBREVIATED and capitals > 1 else ""


def _stands_for(letters: str, text: str) -> bool:
    """Are these the first letters of words in capitals that stand together, small words between
    them counted or not: "Central Bank of Nigeria", "Ministry of Defence"?"""
    if not letters:
        return False
    first = "".join(map(_first_letter, _WORDS.findall(text)))
    capital = "".join(letter for letter in first if not letter.islower())
    return letters in first.upper() or letters in capital


def _first_letter(word: str) -> str:
    """Nothing but a gap for a longer word in small letters, or a sign: there a name ends."""
    of_name = word[0].isupper() or (word.isalpha() and len(word) < 4)
    return word[0] if of_name else " "


def joined(tokens: list[Token]) -> str:
    """The words as they stand there."""
    return " ".join(token.text for token in tokens)


def _same_name(one: Token, other: Token) -> bool:
    """The same known name, or one inside the other (a regency and its province)."""
    if one.key == other.key or one.inside == other.key or other.inside == one.key:
        return True
    if one.kind == other.kind == "office" and two_offices(one, other):
        return False
    levels = {one.level, other.level}
    if len(levels) == 1 or not levels <= _LEVELS:
        return like(one.text, other.text) or _part_of(one, other)
    here, there = sorted((one, other), key=lambda token: token.level not in _HERE)
    if there.level in _HERE:
        return False  # neither lies in the other
    if "indonesia" in (here.key, there.key):
        return True
    if here.level in _HERE:
        if there.level == "island":
            return _on(there.key, here)
        return there.level not in ("country", "city")  # the cities listed lie abroad
    place, country = sorted((one, other), key=lambda token: token.level == "country")
    island = bool(vocabulary.words_of("islands_of", place.key))
    ours = island or place.key in vocabulary.words_of("mountains", "here")
    return not (country.level == "country" and ours)


def _on(island: str, place: Token) -> bool:
    """Does a province or regency lie on the island, or in a part of the world? Not abroad."""
    province = place.key if place.level == "province" else place.inside
    return island in province or province in vocabulary.words_of("islands_of", island)


def _part_of(one: Token, other: Token) -> bool:
    """ "IKN" and "Otorita IKN": of agencies, or of what is of two kinds, one within the other."""
    words = [frozenset(token.text.casefold().split()) for token in (one, other)]
    of_sort = one.kind != other.kind or one.kind == "agency"
    return of_sort and (words[0] < words[1] or words[1] < words[0])


def _beside_each_other(pairs: list[tuple[Token, Token]]) -> bool:
    """ "Sumatra" for "Jawa dan Bali": of two islands neither lies in the other, whatever else is
    named with them."""
    if any(a.key == b.key or a.inside == b.key or b.inside == a.key for a, b in pairs):
        return False
    levels = [(a, b) for a, b in pairs if a.level == b.level and a.level in _LEVELS]
    return bool(levels) and not any(like(a.text, b.text) for a, b in pairs)


_HERE = ("province", "regency")
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


def of_a_class(found: Alignment) -> Iterator[Difference]:
    """ "gereja" in the place of "masjid": words of one class exclude each other."""
    for mine, theirs in found.slots:
        for at, other_at in product(mine, theirs):
            ours, other = found.claim.tokens[at], found.message.tokens[other_at]
            said, told = other.text.casefold(), ours.text.casefold()
            if not of_one_class(ours, other) or swaps.alike_words(told, said):
                continue  # "siswa" and "pelajar"
            if not _named(found, [ours], [other]):
                kind, _ = vocabulary.classes()[told]
                yield Difference(kind, other.text, ours.text)
