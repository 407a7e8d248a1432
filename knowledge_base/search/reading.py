"""One text as the guards see it: content words with their marks, values and names in place.

`read` turns a text into a Reading once; the finder keeps the readings of its claims. Function
words are left out. Negation, modality, aspect and quantity words become the state of the words
they govern; numbers, dates and known names become single tokens.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from knowledge_base.search import vocabulary
from knowledge_base.search.findings import Stance
from knowledge_base.search.stance import stance
from knowledge_base.search.values import Kind, Value, fold_digits, read_values

LIMIT = 8192  # characters of a text that are read; the match window
LONGEST_MARKS = 30  # combining marks in a row (the stream-safe bound of UAX #15)
HEADS = 2  # content words a marker reaches ("tidak resmi menutup")

_WORDS = re.compile(r"[^\W_][\w'’]*|[^\w\s]|\n")
_LINKS = re.compile(r"(?:https?://|www\.)[^\s]+|[@][\w.]+", re.IGNORECASE)
_STOPS = frozenset('.!?;:\n…"“”()[]')
_INVISIBLE_SPANS = (
    *((0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x034F, 0x034F)),
    *((0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F)),
    *((0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF)),
    *((0xFFA0, 0xFFA0), (0xFFF9, 0xFFFB), (0xD800, 0xDFFF), (0xE0000, 0xE0FFF)),
)
_INVISIBLE = dict.fromkeys(code for a, b in _INVISIBLE_SPANS for code in range(a, b + 1))


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
    kind: str = "word"  # word, value, place, agency, office, name
    level: str = ""
    inside: str = ""
    case: str = "unknown"  # name, plain, unknown: what the capitals say
    sign: int = 0
    value: Value | None = None
    state: State = EMPTY
    first: bool = False  # the nearest word its state governs
    verb: str = ""  # active, passive
    agent: bool = False  # stands behind "oleh", "by"


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as tokens. `keys` are the tokens' keys, for aligning."""

    text: str
    tokens: tuple[Token, ...]
    keys: tuple[str, ...]
    stance: Stance
    words: frozenset[str] = field(default_factory=frozenset)


def clean(text: str) -> str:
    """At most 8,192 visible characters in their compatible form, long runs of marks cut."""
    text = text[: 4 * LIMIT].translate(_INVISIBLE)[:LIMIT]
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", _short_marks(text))[:LIMIT]
    return fold_digits(text.translate(_INVISIBLE))


def _short_marks(text: str) -> str:
    """Cut runs of combining marks before normalising, whose cost grows with their square."""
    kept, run = [], 0
    for char in text:
        run = run + 1 if unicodedata.combining(char) else 0
        if run <= LONGEST_MARKS:
            kept.append(char)
    return "".join(kept)


_PREFIX = re.compile(
    r"^(?:memper|diper|meng|meny|mem|men|me|di|ber|ter|peng|peny|pem|pen|per|pe|ng|ny|se|ke)"
)
_SUFFIX = re.compile(r"(?:nya|lah|kah|kan|an|in|i|ing|ed|es|s)$")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A rough stem for aligning only: the same for "menutup", "ditutup", "nutup", "tutup".

    Initial p, t, k, s fall away because the prefix meN- swallows them; no root list is needed.
    """
    short = word
    for _ in range(2):
        cut = _SUFFIX.sub("", short)
        short = cut if len(cut) >= 4 else short
    cut = _PREFIX.sub("", short)
    short = cut if len(cut) >= 3 else short
    if len(short) >= 4 and short[0] in "ptks" and short[1] in "aiueo":
        short = short[1:]
    return short


@dataclass(slots=True)
class _Piece:
    """A word or sign of the cleaned text."""

    raw: str
    low: str
    start: int
    end: int
    word: bool


class _Builder:
    """Walks over the pieces of one text and builds its tokens."""

    def __init__(self, text: str, today: date | None) -> None:
        self.text = text
        flat = _LINKS.sub(lambda found: " " * len(found.group()), text)
        self.pieces = [
            _Piece(
                raw, raw.casefold().replace("’", "'"), found.start(), found.end(), raw[0].isalnum()
            )
            for found in _WORDS.finditer(flat)
            for raw in (found.group(),)
        ]
        self.low = [piece.low for piece in self.pieces]
        self.values = {value.start: value for value in read_values(flat, today)}
        self.tokens: list[Token] = []
        self.clause = 0
        self.pending: list[tuple[vocabulary.Meaning, str]] = []
        self.owed: list[tuple[State, int, int]] = []
        self.cased = self._cased()
        self.agent = self.fresh = False
        self.head: vocabulary.Name | None = None

    def _cased(self) -> bool:
        """Do capitals mark names here? Not in texts all small, all capitals or In Title Case."""
        words = [piece.raw for piece in self.pieces if piece.word and piece.raw[0].isalpha()]
        upper = sum(word[0].isupper() for word in words)
        return 0 < upper <= 0.6 * len(words) or (len(words) < 3 and 0 < upper < len(words))

    def build(self) -> tuple[Token, ...]:
        at = 0
        self.fresh = True
        while at < len(self.pieces):
            at += self._at(at)
        self._close()
        return tuple(self.tokens)

    def _at(self, at: int) -> int:
        piece = self.pieces[at]
        value = self.values.get(piece.start)
        if value is not None:
            return self._value(at, value)
        if not piece.word:
            return self._sign(piece)
        meaning, taken = vocabulary.markers().find(self.low, at)
        if meaning is None and piece.low == "no" and self._english_no(at):
            meaning, taken = vocabulary.Meaning("polarity", "not"), 1
        if meaning is not None:
            return self._marker(at, meaning, taken)
        return self._name(at) or self._word(at)

    def _english_no(self, at: int) -> bool:
        """ "no" is a negation in English and "number" in Indonesian chat."""
        after = self.low[at + 1] if at + 1 < len(self.low) else ""
        english = {"the", "is", "are", "of", "to", "there", "will", "has", "have", "in"}
        return after.isalpha() and after != "urut" and not english.isdisjoint(self.low)

    def _sign(self, piece: _Piece) -> int:
        if piece.raw in _STOPS or piece.raw == ",":
            self._close()
            self.fresh = piece.raw in ".!?\n"
        return 1

    def _close(self) -> None:
        """End the clause: markers without a word after them speak of the words before."""
        if self.pending:
            before = [token for token in self.tokens[-HEADS:] if token.clause == self.clause]
            state = self._state()
            for count, token in enumerate(reversed(before)):
                if token.state is EMPTY:
                    token.state, token.first = state, count == 0
        self.pending, self.owed = [], []
        self.clause += 1
        self.agent, self.head = False, None

    def _marker(self, at: int, meaning: vocabulary.Meaning, taken: int) -> int:
        if meaning.name != "neutral":
            start, end = self.pieces[at].start, self.pieces[at + taken - 1].end
            self.pending.append((meaning, self.text[start:end]))
        self.fresh = False
        return taken

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
        self.tokens.append(token)
        self.fresh = False

    def _value(self, at: int, value: Value) -> int:
        taken = 1
        while at + taken < len(self.pieces) and self.pieces[at + taken].start < value.end:
            taken += 1
        self._add(Token(_value_key(value), value.text, self.clause, "value", value=value))
        self.head = None
        return taken

    def _case(self, at: int) -> str:
        piece = self.pieces[at]
        if not self.cased or not piece.raw[0].isalpha():
            return "unknown"
        if not piece.raw[0].isupper():
            return "plain"
        return "unknown" if self.fresh else "name"

    def _name(self, at: int) -> int:
        """A name of the gazetteer, or 0."""
        name, taken = vocabulary.names().find(self.low, at)
        if name is None or not self._really(at, name, taken):
            return 0
        self.head = None
        text = self.text[self.pieces[at].start : self.pieces[at + taken - 1].end]
        case = self._case(at)
        token = Token(name.name, text, self.clause, name.kind, name.level, name.inside, case)
        self._add(token)
        if name.kind == "office":
            self.head = vocabulary.Name("name", "person", "")
        return taken

    def _really(self, at: int, name: vocabulary.Name, taken: int) -> bool:
        """Is this word the name, not a plain word of the same letters ("malang", "pan")?"""
        piece = self.pieces[at]
        if taken > 1 or name.kind == "office":
            return True
        if piece.low in vocabulary.only_in_capitals():
            return piece.raw.isupper() and self.cased
        if name.level != "regency":
            return True
        before = self.low[at - 1] if at else ""
        placed = before in vocabulary.words_of("places", "before") or self.head is not None
        return placed or (self.cased and piece.raw[0].isupper())

    def _word(self, at: int) -> int:
        low = self.low[at]
        heading, taken = vocabulary.heads().find(self.low, at)
        if low in vocabulary.agent_words():
            self.agent = True
        if low in vocabulary.breaks():
            self._close()
        if low in vocabulary.skipped() or low in vocabulary.titles():
            if low in vocabulary.titles():
                self.head = vocabulary.Name("name", "person", "")
            return 1
        self._add(self._plain(at))
        if heading is not None:
            self.head = heading
            for extra in range(1, taken):
                self._add(self._plain(at + extra))
            return int(taken)
        return 1

    def _plain(self, at: int) -> Token:
        piece = self.pieces[at]
        low = vocabulary.same_words().get(piece.low, piece.low)
        pair, sign = vocabulary.opposites().get(low, ("", 0))
        token = Token(stem(pair or low), piece.raw, self.clause, sign=sign, case=self._case(at))
        token.verb = _voice(piece.low)
        if token.case == "name":
            token.kind = "name"
        if self.head is not None and token.case != "plain":
            token.kind, token.level = self.head.kind, self.head.level
            token.case = "name"
            if not self.cased:
                self.head = None  # without capitals only one word can be trusted to be the name
        else:
            self.head = None
        return token


def _voice(low: str) -> str:
    """Active or passive by the form of the word; "" when the form does not say."""
    if len(low) > 5 and low.startswith("di"):
        return "passive"
    if len(low) > 5 and low.startswith("me"):
        return "active"
    return "active" if low in vocabulary.words_of("verbs", "active") else ""


def _value_key(value: Value) -> str:
    if value.kind is Kind.DATE:
        return f"={value.day}/{value.month}/{value.year}/{value.weekday}/{value.shift}"
    if value.kind is Kind.ELECTION:
        return f"={value.unit}{value.year or ''}"
    unit = "" if value.unit.startswith("?") else value.unit
    return f"={value.kind}{value.amount:g}{unit}"


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
    if negative and quantity == "all":
        negative, quantity = False, "some"
    if modality in ("must_not", "need_not"):
        negative = True
    elif modality == "may" and negative:
        negative = False
    if quantity == "none":
        negative = True
    text = " ".join(text for _, text in markers)
    return State(negative, modality, named["aspect"], quantity, text)


def _tokens(text: str, today: date | None) -> tuple[Token, ...]:
    return tuple(_undoubled(_Builder(text, today).build()))


def _undoubled(tokens: tuple[Token, ...]) -> Iterator[Token]:
    """Leave out the second half of "anak-anak"."""
    for at, token in enumerate(tokens):
        if at and token.key == tokens[at - 1].key and token.kind == "word":
            continue
        yield token


def read(text: str, *, date: date | None = None) -> Reading:
    """The reading of a text; `date` is the day it was written, for "besok". Never raises."""
    cleaned = clean(text)
    tokens = _tokens(cleaned, date)
    keys = tuple(token.key for token in tokens)
    return Reading(cleaned, tokens, keys, stance(cleaned), frozenset(cleaned.casefold().split()))
