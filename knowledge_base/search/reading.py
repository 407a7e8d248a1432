"""One text as the guards see it: content words with their marks, values and names in place.

`read` turns a text into a Reading once; the finder keeps the readings of its claims. Function
words are left out. Negation, modality, aspect and quantity words become the state of the words
they govern; numbers, dates and known names become single tokens.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from itertools import accumulate
from operator import eq
from typing import NamedTuple

from knowledge_base.search import vocabulary
from knowledge_base.search.findings import Stance
from knowledge_base.search.numerals import Slips
from knowledge_base.search.stance import stance
from knowledge_base.search.text import guess_language, respell, stem, visible
from knowledge_base.search.values import Kind, Value, holds_none, read_values

HEADS = 2  # content words a marker reaches ("tidak resmi menutup")
TOKENS = 1_200  # content words of a text that are read

_WORDS = re.compile(r"([0-9]+|[^\W_][\w'’]*|[.,!?;:…\"“”()\[\]\n])")
_ASCII_WORDS = re.compile(
    r"([a-zA-Z][\w']*|[0-9]+|[.,!?;:\"()\[\]\n])", re.ASCII
)  # the same, faster
_SIGNS = frozenset('.,!?;:…"“”()[]\n')
_LINKS = re.compile(r"(?:https?://|www\.)[^\s]+|[@][\w.]+|pic\.twitter\.com/\w+", re.IGNORECASE)
_LINKED = ("@", "://", "www.", ".com/")  # one of them is in every link
_STOPS = frozenset('.!?;:\n…"“”()[]')
_INITIAL = re.compile(r"\.[A-Z]\.")
_INITIALS = re.compile(r"\b([A-Z])\.([A-Z])\.(?:([A-Z])\.)?")  # "U.S." is one word


_LETTERED = re.compile(r"\b([A-Z])\.([A-Z]{2,})\b")  # so is the name of a shop, "B.ORA"


@dataclass(frozen=True, slots=True)
class State:
    """What the markers before a word say of it. Empty names: nothing said."""

    negative: bool = False
    modality: str = ""
    aspect: str = ""
    quantity: str = ""
    text: str = ""


EMPTY = State()


@dataclass(slots=True)
class Token:
    """One content word, value or name. `key` is equal for what says the same."""

    key: str
    text: str
    clause: int
    sentence: int = 0
    kind: str = "word"  # word, value, place, agency, office, person, name
    level: str = ""
    inside: str = ""
    case: str = "unknown"  # name, plain, unknown: what the capitals say
    value: Value | None = None
    lead: str = ""  # the small word right before it
    state: State = EMPTY
    first: bool = False  # the nearest word its state governs
    verb: str = ""  # active, passive; "bare" when only "oleh" or "by" can make it passive
    agent: bool = False  # stands behind "oleh", "by"


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text as tokens. `keys` are the tokens' keys, for aligning. Each reading equals itself
    alone, so that what was found out about one can be kept at hand."""

    text: str
    tokens: tuple[Token, ...]
    keys: tuple[str, ...]
    stance: Stance
    words: frozenset[str] = field(default_factory=frozenset)
    lang: str = "id"
    date: date | None = None
    places: dict[str, list[int]] = field(default_factory=dict)  # key → where it stands


@dataclass(frozen=True, slots=True)
class _Pieces:
    """The words and signs of the cleaned text side by side: as written and in small letters,
    without a genitive "'s", and where each begins and ends."""

    raws: list[str]
    lows: list[str]
    starts: list[int]
    ends: list[int]


def _pieces(text: str) -> _Pieces:
    parts = (_ASCII_WORDS if text.isascii() else _WORDS).split(text)
    edges = list(accumulate(map(len, parts)))
    raws = parts[1::2]
    if "'" in text or "’" in text:
        raws = [_bare(raw) if "'" in raw or "’" in raw else raw for raw in raws]
    return _Pieces(raws, [raw.casefold() for raw in raws], edges[:-1:2], edges[1::2])


def _bare(raw: str) -> str:
    raw = raw.replace("’", "'")
    return raw.removesuffix("'s").removesuffix("'S").rstrip("'") or raw


class _Builder:
    """Walks over the pieces of one text and builds its tokens."""

    def __init__(self, text: str, today: date | None, lang: str) -> None:
        flat, low = text, text.lower()
        if any([sign in low for sign in _LINKED]):
            flat = _LINKS.sub(lambda found: " " * len(found.group()), flat)
        if _INITIAL.search(flat):
            flat = _INITIALS.sub(r"\1\2\3", flat)
        if "." in flat:
            flat = _LETTERED.sub(r"\1\2", flat)
        self.text = flat
        self.pieces = pieces = _pieces(flat)
        self.size = len(pieces.raws)
        self.lang = lang or guess_language(pieces.lows)
        self.english = self.lang == "en"
        self.cased = self._cased()
        self.known = self._looked_up()
        self.low = [word.usual for word in self.known]
        values = () if holds_none(flat, pieces.lows) else read_values(flat, today)
        self.values = {_first_letter(flat, value): value for value in values}
        self.tokens: list[Token] = []
        self.clause = self.sentence = 0
        self.pending: list[tuple[vocabulary.Meaning, str]] = []
        self.owed: list[tuple[State, int, int]] = []
        self.agent = self.fresh = False
        self.lead = ""
        self.head: vocabulary.Name | None = None

    def _looked_up(self) -> list[_Word]:
        """The words in their usual spelling; signs and abbreviations in capitals ("DPT") stay."""
        raws, lows, lang, cased = self.pieces.raws, self.pieces.lows, self.lang, self.cased
        return [
            _as_written(low, lang)
            if len(raw) == 1 or (cased and raw.isupper())
            else _word(low, lang)
            for raw, low in zip(raws, lows, strict=True)
        ]

    def _cased(self) -> bool:
        """Do capitals mark names here? Not in texts all small, all capitals or In Title Case."""
        if self.text.islower():
            return False
        small = capital = shouted = sentences = 0
        begins, skipped = True, vocabulary.skipped()
        for raw, low in zip(self.pieces.raws, self.pieces.lows, strict=True):
            if begins:
                sentences += raw not in _SIGNS
            elif len(low) > 2 and raw[0].islower():
                small += low not in skipped
            elif len(low) > 2 and raw[0].isalpha():
                loud = raw.isupper()
                shouted += loud
                capital += not loud and raw[0].isupper() and low not in skipped
            begins = raw in _STOPS
        alone = sentences == 1 and self.text[:1].isupper()
        named = capital + shouted > 0 or alone
        return named and small > 0 and shouted <= small >= 0.15 * (small + capital)

    def build(self) -> tuple[Token, ...]:
        at = 0
        self.fresh = True
        while at < self.size and len(self.tokens) < TOKENS:
            at += self._at(at)
        self._close(at >= self.size)
        return tuple(self.tokens)

    def _at(self, at: int) -> int:
        if self.values and (value := self.values.get(self.pieces.starts[at])) is not None:
            return self._value(at, value)
        raw = self.pieces.raws[at]
        if raw in _SIGNS:
            return self._sign(raw)
        known = self.known[at]
        if known.ordinary or (self.head is not None and self._abbreviates(at, self.head)):
            self._add(self._plain(at))
            return 1
        low = known.usual
        if raw.isupper() and self._abbreviated(at) and self._like_a_marker(at):
            # "BKN" is not "bkn" for "bukan"
            self.known[at] = _as_written(self.pieces.lows[at], self.lang)
            self.low[at] = self.known[at].usual
            return self._name(at) or self._word(at)
        if low in _small_words() and (self.head is None or len(low) > 1):
            return self._small(low)
        meaning, taken = self._meaning(at)
        if meaning is not None:
            return self._marker(at, meaning, taken)
        return self._name(at) or self._word(at)

    def _abbreviates(self, at: int, head: vocabulary.Name) -> bool:
        """Letters behind "PT" or "Bank" that are a small word elsewhere: "PT DI"."""
        behind = head.kind == "agency" and bool(self.tokens) and self.tokens[-1].kind == "word"
        return behind and self._abbreviated(at)

    def _like_a_marker(self, at: int) -> bool:
        return self.pieces.lows[at] in _agencies_like_markers()

    def _abbreviated(self, at: int) -> bool:
        """Some letters in capitals, with a word beside them that is not in capitals."""
        raws = self.pieces.raws
        beside = (*raws[max(0, at - 1) : at], *raws[at + 1 : at + 2])
        return len(raws[at]) > 1 and raws[at].isupper() and any(b[1:].islower() for b in beside)

    def _meaning(self, at: int) -> tuple[vocabulary.Meaning | None, int]:
        """The marker that begins here, also with a slip of the finger in it."""
        meaning, taken = vocabulary.markers().find(self.low, at)
        low = self.low[at]
        if meaning is None and low == "no" and self.english:
            return vocabulary.Meaning("polarity", "not"), 1  # in Indonesian chat it is "number"
        if meaning is None and len(low) >= 6:
            meaning = _slipped(low)
            taken = 1
        return meaning, taken

    def _sign(self, raw: str) -> int:
        if raw == "," and self._of_whom():
            return 1
        self._close()
        self.sentence += raw != ","
        self.fresh = raw in ".!?\n"
        return 1

    def _of_whom(self) -> bool:
        """ "untuk anaknya, Baskoro": the name behind the comma belongs to the clause."""
        last = self.tokens[-1] if self.tokens else None
        owned = last is not None and last.text.casefold().endswith("nya") and not self.pending
        return owned and last is not None and last.key in vocabulary.words_of("kin", "words")

    def _close(self, ends: bool = False) -> None:
        """End the clause: "masks are mandatory" speaks of the words before."""
        if not ends or (self.pending and _looks_back(*self.pending[-1])):
            self._look_back()
        self.pending, self.owed = [], []
        self.clause += 1
        self.agent, self.head, self.lead = False, None, ""

    def _look_back(self) -> None:
        """A modality without a word after it speaks of the words before: "nonton itu dilarang",
        "konser itu batal"."""
        if not any(_looks_back(meaning, text) for meaning, text in self.pending):
            return
        near = self.tokens[-HEADS - 1 :]
        before = [t for t in near if t.clause == self.clause and t.value is None]
        state = self._state()
        for count, token in enumerate(reversed(before)):
            if token.state is EMPTY:
                token.state, token.first = state, count == 0

    def _marker(self, at: int, meaning: vocabulary.Meaning, taken: int) -> int:
        if meaning.name != "neutral":
            self.pending.append((meaning, self._written(at, taken)))
            self.lead = "" if self.lead == "di" else self.lead
        self.fresh = False
        return taken

    def _written(self, at: int, taken: int) -> str:
        """So many pieces as they stand in the text."""
        return self.text[self.pieces.starts[at] : self.pieces.ends[at + taken - 1]]

    def _state(self) -> State:
        state = _combine(self.pending)
        self.pending = []
        return state

    def _add(self, token: Token) -> None:
        """Add a token under the markers that stand before it."""
        if self.pending:
            self.owed = [(self._state(), HEADS, len(self.tokens))]
        if self.owed:
            state, left, began = self.owed[0]
            token.state, token.first = state, began == len(self.tokens)
            self.owed = [(state, left - 1, began)] if left > 1 else []
        token.agent, self.agent = self.agent, False
        token.sentence = self.sentence
        token.lead, self.lead = self.lead, ""
        self.tokens.append(token)
        self.fresh = False

    def _value(self, at: int, value: Value) -> int:
        taken = 1
        while at + taken < self.size and self.pieces.starts[at + taken] < value.end:
            taken += 1
        self._add(Token(_value_key(value), value.text, self.clause, kind="value", value=value))
        self.head = None
        return taken

    def _case(self, at: int) -> str:
        first = self.pieces.raws[at][0]
        if not self.cased or not first.isalpha():
            return "unknown"
        if not first.isupper():
            return "plain"
        if _derived(self.low[at]):
            return "unknown"
        if not self.fresh:
            return (
                "unknown" if self.low[at] in vocabulary.common() and not self._short(at) else "name"
            )
        if self.low[at] in vocabulary.common():
            return "plain"
        return "name" if self._unheard(at) else "unknown"

    def _short(self, at: int) -> bool:
        """Letters in capitals that stand for something of a class: "MBG", "SIM"."""
        return self.pieces.raws[at].isupper() and self.pieces.lows[at] in vocabulary.classes()

    def _unheard(self, at: int) -> bool:
        """The first word of a sentence is no common word and has no prefix: a name."""
        low = self.low[at]
        bare = low.startswith(stem(low, self.lang)) or low in vocabulary.names().longest
        return bare and len(low) > 3

    def _name(self, at: int) -> int:
        """A name of the gazetteer, or 0."""
        name, taken = vocabulary.names().find(self.low, at)
        if name is None or not self._really(at, name, taken):
            return 0
        headed = self.head is not None and self.head.kind == "place"
        if taken == 1 and headed and not (name.kind == "office" and self._at_school()):
            return 0  # "Gunung Kamboja" is not the country; "ijazah SMA Presiden …" names him
        self.head = None
        text, case = self._written(at, taken), self._case(at)
        token = Token(name.name, text, self.clause, kind=name.kind, case=case)
        token.level, token.inside = name.level, name.inside
        self._add(token)
        if name.kind == "office":
            self.head = vocabulary.Name("name", "person", "")
        return taken

    def _at_school(self) -> bool:
        return self.head is not None and self.head.level == "school"

    def _really(self, at: int, name: vocabulary.Name, taken: int) -> bool:
        """Is this word the name, not a plain word of the same letters ("malang", "pan")?"""
        raw, low = self.pieces.raws[at], self.pieces.lows[at]
        if taken > 1 or name.kind == "office":
            return True
        if low in vocabulary.only_in_capitals():
            return raw.isupper() and self.cased
        if low == "us":
            return raw.isupper() and self.english
        if name.level != "regency" or low not in vocabulary.plain_places():
            return True
        before = self.low[at - 1] if at else ""
        placed = before in vocabulary.words_of("places", "before") or self.head is not None
        return placed or (self.cased and raw[0].isupper())

    def _word(self, at: int) -> int:
        low = self.low[at]
        if low in vocabulary.agent_words() and (self.english or low != "by"):
            self.agent = True
        if low in vocabulary.breaks():
            if self.pending and not _looks_back(*self.pending[-1]):
                pending, self.pending = self.pending, []
            else:
                pending = []
            self._close()
            self.pending = pending  # "bukan karena …" speaks of what follows
        letter = self.head is not None and self.pieces.raws[at].isupper() and len(low) == 1
        if not letter and (low in vocabulary.skipped() or low in vocabulary.titles()):
            return self._small(low)  # the "A" of "Partai A" is a name
        heading, taken = vocabulary.heads().find(self.low, at)
        self._add(self._plain(at))
        if heading is not None:
            for extra in range(1, taken):
                self._add(self._plain(at + extra))
            self.head = heading
            return int(taken)
        return 1

    def _small(self, low: str) -> int:
        """A function word: it leads the next word and ends the reach of a marker."""
        if self.pending and low in _PLACERS:
            self._look_back()
        if low in vocabulary.titles():
            self.head = vocabulary.Name("name", "person", "")
        elif low not in _ARTICLES:
            self.head, self.owed = None, []
        self.lead, self.fresh = low, False
        return 1

    def _plain(self, at: int) -> Token:
        known = self.known[at]
        token = Token(known.key, self.pieces.raws[at], self.clause)
        if known.voice:
            token.verb = known.voice
        if self.cased:
            token.case = self._case(at)
            if token.case == "name":
                token.kind = "name"
        if self.head is not None:
            self._headed(token, at, self.head)
        return token

    def _headed(self, token: Token, at: int, head: vocabulary.Name) -> None:
        """Take the word for the name that the head announces, if it can be one."""
        low = self.low[at]
        low = vocabulary.same_words().get(low, low)
        beside = bool(self.tokens) and self.tokens[-1].kind == "word"  # right behind "kecamatan"
        small = beside and head.level in _NAMED_SO
        deed = not self.cased and head.kind == "name" and _a_deed(token)
        if _derived(low) or deed or (token.case == "plain" and not small):
            self.head = None
            return
        token.kind, token.level = head.kind, head.level
        token.case = "unknown" if token.case == "plain" else "name"
        if not self.cased and low not in _PARTICLES:
            self.head = None  # without capitals only one word can be trusted to be the name


# "gak dilarang kok", "wajib di sekolah": the modality's word stands before it.
_PLACERS = frozenset(
    ("di", "pada", "kok", "sih", "ya", "lho", "in", "at", "during", "saat", "selama")
)
_PARTICLES = frozenset(("al", "el", "an", "ar", "as"))  # "Pesantren Al Melati"
_NASAL_PREFIXES = ("mem", "men", "di", "ber", "ter")
_ARTICLES = frozenset(("of", "the", "a", "an", "si", "sang", "para"))


def _a_deed(token: Token) -> bool:
    """By its form a verb, where no capital tells: "HAKIM MENANGIS" names nobody."""
    low = token.text.casefold()
    return len(low) > 6 and low.startswith(_NASAL_PREFIXES) and not low.startswith(token.key)


def _looks_back(meaning: vocabulary.Meaning, text: str) -> bool:
    """Can this marker be the predicate of what stands before it?"""
    alone = vocabulary.words_of("reach", "alone")
    return meaning.family == "modality" or text.casefold() in alone


@cache
def _agencies_like_markers() -> frozenset[str]:
    """Abbreviations of agencies that are markers, or spelled as one, in small letters."""
    markers, names = vocabulary.markers().table, vocabulary.names().table
    short = {name[0] for name, one in names.items() if len(name) == 1 and one.kind == "agency"}
    return frozenset(low for low in short if (low,) in markers or (respell(low),) in markers)


def _first_letter(text: str, value: Value) -> int:
    """Where the first letter or digit of a value stands ("$30" begins with a sign)."""
    start = value.start
    while start < value.end and not text[start].isalnum():
        start += 1
    return start


# "kecamatan kenanga" names a place in small letters too; "jalan rusak" does not.
_NAMED_SO = frozenset(("province", "regency", "district", "village"))


class _Word(NamedTuple):
    """What is known of a word wherever it stands: its usual spelling, the stem of the word that it
    stands for, its voice as it is written, and whether it may be passed over as most words are."""

    usual: str
    key: str
    voice: str
    ordinary: bool


@lru_cache(maxsize=65536)
def _word(low: str, lang: str) -> _Word:
    """Of a word as written; looked up once, since each look waits for memory."""
    usual = _usual(low, lang)
    return _Word(usual, _key(usual, lang), _voice(low), _ordinary(usual))


@lru_cache(maxsize=8192)
def _as_written(low: str, lang: str) -> _Word:
    """The same of a sign or an abbreviation, which is not respelled."""
    return _Word(low, _key(low, lang), _voice(low), _ordinary(low))


def _usual(low: str, lang: str) -> str:
    """One word in its usual spelling, where that is one word too."""
    if len(low) > 5 and low[-1] == "2" and low[:-1].isalpha():
        low = low[:-1]  # "disobek2": said twice
    spelled = respell(low, lang)
    return low if " " in spelled else spelled


def _key(low: str, lang: str) -> str:
    """The stem of the word that this one stands for."""
    return stem(vocabulary.same_words().get(low, low), lang)


def _ordinary(low: str) -> bool:
    """No marker, name, function word or head begins with this word: most words are so."""
    return low not in _beginnings() and (len(low) < 6 or not _slipped(low))


@cache
def _beginnings() -> frozenset[str]:
    """The words they begin with."""
    return _telling() | vocabulary.skipped() | vocabulary.titles()


@cache
def _telling() -> frozenset[str]:
    """Those that are looked at more closely than a mere function word."""
    phrases = (vocabulary.markers(), vocabulary.names(), vocabulary.heads())
    words = (vocabulary.agent_words(), vocabulary.breaks())
    return frozenset(("no",)).union(*(table.longest for table in phrases), *words)


@cache
def _small_words() -> frozenset[str]:
    """Function words that can be nothing else, not even a marker with a slip in it."""
    small = (vocabulary.skipped() | vocabulary.titles()) - _telling()
    return frozenset(low for low in small if len(low) < 6 or not _slipped(low))


def _slipped(low: str) -> vocabulary.Meaning | None:
    """The long marker this word is with a slip of the finger."""
    if low in vocabulary.words_of("slips", "none"):
        return None
    whole, shortened, slips = _long_markers()
    return shortened.get(low) or whole.get(slips.undone(low))


@cache
def _long_markers() -> tuple[dict[str, vocabulary.Meaning], dict[str, vocabulary.Meaning], Slips]:
    """Markers long enough to be known by a slip, whole and with one letter missing."""
    whole: dict[str, vocabulary.Meaning] = {}
    shortened: dict[str, vocabulary.Meaning] = {}
    for words, meaning in vocabulary.markers().table.items():
        word = words[0]
        if len(words) == 1 and len(word) >= 7 and meaning.family != "quantity":
            whole[word] = meaning
            for at in range(1, len(word)):
                shortened.setdefault(word[:at] + word[at + 1 :], meaning)
    return whole, shortened, Slips(whole)


def _voice(low: str) -> str:
    """Active or passive by the form of the word; "" when the form does not say."""
    if low in vocabulary.words_of("verbs", "none"):
        return ""
    if len(low) > 5 and low[0] == "d" and low[1] in "ibkmpst":  # also "dtolak"
        return "passive"
    if len(low) > 5 and low.startswith("me"):
        return "active"
    if low in vocabulary.words_of("verbs", "passive"):
        return "passive"
    if low in vocabulary.words_of("verbs", "active"):
        return "bare"
    made = len(low) > 6 and low.endswith("kan") and not low.startswith(("ke", "pe", "ter", "ber"))
    return "bare" if made and stem(low, "id") == low[:-3] else ""  # "donorkan", "laporkan"


def _derived(low: str) -> bool:
    """A word whose ending or affixes no name has: "Menyelesaikan", "Tempatnya", "KEBERANGKATAN"."""
    around = low.startswith("ke") and low.endswith("an") and len(low) > 8
    return (
        around or (low.endswith("kan") and len(low) > 7) or (low.endswith("nya") and len(low) > 6)
    )


def _value_key(value: Value) -> str:
    if value.kind is Kind.DATE:
        return f"={value.day}/{value.month}/{value.year}/{value.weekday}/{value.shift}"
    if value.kind is Kind.ELECTION:
        return f"={value.unit}{value.year or ''}"
    unit = "" if value.unit.startswith("?") else value.unit
    return f"={value.kind}{value.amount:g}{unit}"


_TURNED_QUANTITY = {"all": "some", "at_least": "at_most", "at_most": "at_least"}
_TURNED = {"must": "need_not", "may": "must_not", "must_not": "may", "need_not": "must"}


def _combine(markers: list[tuple[vocabulary.Meaning, str]]) -> State:
    """One state from the markers before a word: "tidak" + "wajib" is need_not, negative."""
    negative, named = False, {"modality": "", "aspect": "", "quantity": ""}
    for meaning, _ in markers:
        if meaning.family == "polarity":
            negative = not negative
            if meaning.name == "not_yet":
                named["aspect"] = "not_yet"
            elif meaning.name == "do_not":
                named["modality"] = "must_not"
        else:
            named[meaning.family] = meaning.name
    modality, quantity = named["modality"], named["quantity"]
    do_not = any(meaning.name == "do_not" for meaning, _ in markers)
    if negative and modality and not do_not:
        modality = _TURNED.get(modality, modality)
    if negative and quantity in _TURNED_QUANTITY:
        negative, quantity = False, _TURNED_QUANTITY[quantity]
    if modality in ("must_not", "need_not"):
        negative = True
    elif modality == "may" and negative:
        negative = False
    if quantity == "none":
        # "tidak ada larangan": what is not forbidden is allowed.
        modality, negative = _TURNED.get(modality, modality), modality != "must_not"
    text = " ".join(text for _, text in markers)
    return State(negative, modality, named["aspect"], quantity, text)


def _undoubled(tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """Without the second half of "anak-anak"."""
    keys = [token.key for token in tokens]
    if not any(map(eq, keys, keys[1:])):
        return tokens
    behind = zip(tokens, [None, *keys], strict=False)
    return tuple([one for one, key in behind if one.key != key or one.kind != "word"])


def read(text: str, *, date: date | None = None, lang: str = "") -> Reading:
    """The reading of a text; `date` is the day it was written, for "besok". Never raises.

    `lang` ("id" or "en") says how to stem; empty: guessed from the words.
    """
    seen = visible(text)
    builder = _Builder(seen, date, lang)
    tokens = _undoubled(builder.build())
    keys = tuple([token.key for token in tokens])
    places: dict[str, list[int]] = {}
    for at, key in enumerate(keys):
        places.setdefault(key, []).append(at)
    return Reading(seen, tokens, keys, stance(seen), words_of(seen), builder.lang, date, places)


def cached_read(text: str, date: date | None = None, lang: str = "") -> Reading:
    """The same, at hand for the next rule that asks."""
    return _kept(text, date, lang)


@lru_cache(maxsize=256)
def _kept(text: str, date: date | None, lang: str) -> Reading:
    return read(text, date=date, lang=lang)


def words_of(seen: str) -> frozenset[str]:
    """What stands between spaces of a text as it is seen, in small letters, signs and all."""
    return frozenset(seen.casefold().split())
