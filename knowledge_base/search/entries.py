"""Records as the search reads them back: every wording as written, as stems and as words."""

from __future__ import annotations

import datetime as dt
import re
import struct
from array import array
from collections.abc import Iterable, Sequence

from knowledge_base.search.codes import codes_again

VIEW_TERMS = 300  # stems of a wording that are compared
SPELLED = 4_000  # characters of which the words are looked at as written
FIELD, RECORD = "\x1f", "\x1e"
_END = RECORD.encode()

_WORDS = re.compile(r"\w{3,}")  # the whole run: it never begins inside one
_APART = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in map(chr, range(128)))


_RECORD = struct.Struct("<I")  # where the text begins
_READING = struct.Struct("<4H")  # different stems, words, stems that are figures, 0


class Numbers:
    """A reading in numbers: `stems`, the codes of its different stems; `order`, which of these each
    of its words has (16 bits each); how many `words` are in it; how many stems are `figures`."""

    __slots__ = ("figures", "order", "stems", "words")

    def __init__(self, body: bytes, at: int) -> None:
        stems, self.words, self.figures, _ = _READING.unpack_from(body, at)
        order = at + _READING.size + 8 * stems
        self.stems = body[at + _READING.size : order]
        self.order = body[order : order + 2 * self.words]


class View:
    """One wording of a record: the field it is from, as written, as stems and as words.

    Never changed. Read back by the thousand, so it holds texts with a blank between words, taken
    apart when first asked for. `told` are its different stems, those that are compared, the last of
    the alphabet first; `spelled` its longer words as written.
    """

    __slots__ = (
        *("_distinct", "_said", "_stems", "_surface", "_written"),
        *("numbers", "raw", "spelled", "told", "via"),
    )

    def __init__(
        self, told: str, numbers: Numbers, via: str, raw: str, said: str, written: str, spelled: str
    ) -> None:
        self.told, self.numbers = told, numbers
        self.via, self.raw, self.spelled = via, raw, spelled
        self._said, self._written = said, written
        self._stems: tuple[str, ...] | None = None
        self._surface: tuple[str, ...] | None = None
        self._distinct: frozenset[str] | None = None

    @property
    def stems(self) -> tuple[str, ...]:
        """Its content words, stemmed."""
        if self._stems is None:
            self._stems = tuple(self._said.split())
        return self._stems

    @property
    def surface(self) -> tuple[str, ...]:
        """The same words unstemmed, side by side."""
        if self._surface is None:
            self._surface = tuple(self._written.split())
        return self._surface

    @property
    def distinct(self) -> frozenset[str]:
        """The different stems that are compared."""
        if self._distinct is None:
            self._distinct = frozenset(self.told.split())
        return self._distinct

    @property
    def text(self) -> str:
        """The words that are compared, unstemmed."""
        if self.numbers.words < VIEW_TERMS:
            return self._written
        return " ".join(self.surface[:VIEW_TERMS])


class Entry:
    """A record read back; its parts are taken apart when they are asked for: most of those that
    are fetched are looked at once.

    `codes` are the different stems of each reading: the wordings, and before them claim and title
    read together.
    """

    __slots__ = ("_at", "_body", "_parts", "_text", "_views", "codes")

    def __init__(self, body: bytes) -> None:
        self._body = body
        (self._text,) = _RECORD.unpack_from(body)
        self.codes: list[bytes] = []
        self._at: list[int] = []
        at = _RECORD.size
        while at < self._text:
            stems, words, _, _ = _READING.unpack_from(body, at)
            self._at.append(at)
            at += _READING.size + 8 * stems
            self.codes.append(body[at - 8 * stems : at])
            at += 2 * words
        self._parts: list[str] | None = None
        self._views: tuple[View, ...] | None = None

    @property
    def parts(self) -> list[str]:
        """Its texts, as they were written."""
        if self._parts is None:
            self._parts = self._body[self._text :].decode().split(RECORD)
        return self._parts

    @property
    def id(self) -> str:
        """The first of its texts, alone."""
        if self._parts is not None:
            return self._parts[0]
        return self._body[self._text : self._body.index(_END, self._text)].decode()

    @property
    def told(self) -> list[str]:
        """The same stems as `codes` themselves, a blank between them."""
        return self.parts[4].split(FIELD)

    @property
    def lang(self) -> str:
        """Its language."""
        return self.parts[1]

    @property
    def claim(self) -> str:
        """Its claim as written; empty where it has only other wordings."""
        via, raw, _ = self.parts[5].split(FIELD, 2)
        return raw if via == "claim" else ""

    @property
    def date(self) -> dt.date | None:
        """When the claim went round."""
        day = self.parts[2]
        return dt.date.fromisoformat(day) if day else None

    @property
    def explained(self) -> str:
        """Different stems of the explanation."""
        return self.parts[3]

    @property
    def explanation(self) -> frozenset[str]:
        """The same, taken apart."""
        return frozenset(self.explained.split())

    @property
    def views(self) -> tuple[View, ...]:
        """Every wording, the claim first, then the title, then variants."""
        if self._views is None:
            first = len(self.codes) - len(self.parts[5:])
            self._views = tuple(map(self.reading, range(first, len(self.codes))))
        return self._views

    def reading(self, at: int) -> View:
        """The wording of which `codes[at]` are the stems."""
        parts = self.parts
        both = len(self.codes) - len(parts) + 5
        via, raw, said, written, spelled = parts[5 + max(0, at - both)].split(FIELD)
        if at < both:  # claim and title, written as the claim is
            _, _, more, words, _ = parts[6].split(FIELD)
            said, written = f"{said} {more}".strip(), f"{written} {words}".strip()
        numbers = Numbers(self._body, self._at[at])
        told = parts[4] if len(self.codes) == 1 else self.told[at]
        return View(told, numbers, via, raw, said, written, spelled)

    @property
    def readings(self) -> tuple[View, ...]:
        """All of them."""
        return tuple(map(self.reading, range(len(self.codes))))

    @property
    def terms(self) -> frozenset[tuple[str, str]]:
        """Field of the index and stem, for every stem."""
        found = {(field_of(view.via), stem) for view in self.views for stem in view.stems}
        return frozenset(found | {("explanation", stem) for stem in self.explanation})


Wording = tuple[str, str, str, str]  # via, as written, stems and words with a blank between


def make(
    identity: str, lang: str, day: dt.date | None, wordings: Iterable[Wording], explained: str
) -> Entry:
    """An entry of its wordings: the claim first, then the title, then variants."""
    return Entry(encode(identity, lang, day, wordings, explained))


def encode(
    identity: str, lang: str, day: dt.date | None, wordings: Iterable[Wording], explained: str
) -> bytes:
    """The body of an entry, of its wordings: the claim first, then the title, then variants."""
    made = [(via, plain(raw), stems, words) for via, raw, stems, words in wordings]
    made = made or [("claim", "", "", "")]
    said = [stems.split() for _, _, stems, _ in made]
    if len(made) > 1 and made[1][0] == "title":
        said.insert(0, said[0] + said[1])
    said = [stems[:VIEW_TERMS] for stems in said]
    told = [sorted(set(stems), reverse=True) for stems in said]
    numbers = b"".join(map(_numbers, told, said))
    texts = [identity, lang, day.isoformat() if day else "", explained]
    texts.append(FIELD.join(map(" ".join, told)))
    texts += [FIELD.join((*one, " ".join(spelled_words(one[1])))) for one in made]
    text = RECORD.join(texts).encode("utf-8", "replace")
    return _RECORD.pack(_RECORD.size + len(numbers)) + numbers + text


def _numbers(told: Sequence[str], stems: Sequence[str]) -> bytes:
    """A reading in numbers, see Numbers; `told` are its different stems in their order."""
    number = dict(zip(told, range(len(told)), strict=True))
    order = array("H", map(number.__getitem__, stems))
    figures = 0 if "".join(told).isalpha() else sum(stem[0].isdecimal() for stem in told)
    head = _READING.pack(len(told), len(order), figures, 0)
    return b"".join([head, array("Q", codes_again(told)), order])


def spelled_words(text: str) -> frozenset[str]:
    """The longer words of a text's beginning as written, capitals and all."""
    text = text[:SPELLED]
    if text.isascii():  # the same, six times faster
        return frozenset([word for word in text.translate(_APART).split() if len(word) > 2])
    return frozenset(_WORDS.findall(text))


def field_of(via: str) -> str:
    """The index's field of a wording."""
    return "variants" if via == "variant" else via


def plain(text: str) -> str:
    """Free of our separators."""
    return text.replace(FIELD, " ").replace(RECORD, " ")
