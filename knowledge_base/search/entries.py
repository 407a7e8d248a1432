"""Records as the search reads them back: every wording as written, as stems and as words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

VIEW_TERMS = 300  # stems of a wording that are compared
SPELLED = 4_000  # characters of which the words are looked at as written
FIELD, RECORD = "\x1f", "\x1e"
FIRST_PLACE = 0x100  # a number as one character: no separator, no surrogate

_WORDS = re.compile(r"\w{3,}")  # the whole run: it never begins inside one
_APART = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in map(chr, range(128)))


class View:
    """One wording of a record: the field it is from, as written, as stems and as words.

    Never changed. Read back by the thousand, so it holds texts with a blank between words, taken
    apart when first asked for. `spelled` are its longer words as written; `told` its different
    stems, those that are compared, the last of the alphabet first; `order` says for each place
    which of these stands there, as one character (its number + FIRST_PLACE).
    """

    __slots__ = (
        *("via", "raw", "spelled", "told", "order"),
        *("_said", "_written", "_stems", "_surface", "_distinct"),
    )

    def __init__(
        self, told: str, order: str, via: str, raw: str, said: str, written: str, spelled: str
    ) -> None:
        self.told, self.order = told, order
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
        if len(self.order) < VIEW_TERMS:
            return self._written
        return " ".join(self.surface[:VIEW_TERMS])


class Entry:
    """A record read back; its parts are taken apart when they are asked for.

    `told` are the stems of each reading: the wordings, and before them claim and title read
    together.
    """

    __slots__ = ("_views", "id", "parts", "told")

    def __init__(self, parts: Sequence[str]) -> None:
        self.parts = parts
        self.id: str = parts[0]
        self.told: list[str] = parts[4].split(FIELD)
        self._views: tuple[View, ...] | None = None

    @property
    def lang(self) -> str:
        """Its language."""
        return self.parts[1]

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
            first = len(self.told) - len(self.parts[6:])
            self._views = tuple(map(self.reading, range(first, len(self.told))))
        return self._views

    def reading(self, at: int) -> View:
        """The wording of which `told[at]` are the stems."""
        told, order, wordings = self.told, self.parts[5].split(FIELD), self.parts[6:]
        both = len(told) - len(wordings)
        via, raw, said, written, spelled = wordings[max(0, at - both)].split(FIELD)
        if at < both:  # claim and title, written as the claim is
            _, _, more, words, _ = wordings[1].split(FIELD)
            said, written = f"{said} {more}".strip(), f"{written} {words}".strip()
        return View(told[at], order[at], via, raw, said, written, spelled)

    @property
    def readings(self) -> tuple[View, ...]:
        """All of them."""
        return tuple(map(self.reading, range(len(self.told))))

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
    made = [tuple(map(plain, wording)) for wording in wordings] or [("claim", "", "", "")]
    said = [stems for _, _, stems, _ in made]
    if len(made) > 1 and made[1][0] == "title":
        said.insert(0, f"{said[0]} {said[1]}")
    told = map(FIELD.join, zip(*map(_told, said), strict=True))
    spelled = [" ".join(sorted(spelled_words(raw))) for _, raw, _, _ in made]
    written = [FIELD.join((*wording, words)) for wording, words in zip(made, spelled, strict=True)]
    day_text = day.isoformat() if day else ""
    return Entry([identity, lang, day_text, explained, *told, *written])


def _told(said: str) -> tuple[str, str]:
    """The different stems that are compared, and which of them stands at each place."""
    stems = said.split()[:VIEW_TERMS]
    different = sorted(set(stems), reverse=True)
    number = {stem: chr(FIRST_PLACE + at) for at, stem in enumerate(different)}
    return " ".join(different), "".join(map(number.__getitem__, stems))


def numbers_of(orders: Sequence[str]) -> NDArray[np.int64]:
    """Which of its stems stand at the places of each wording, one wording after another."""
    found = np.frombuffer("".join(orders).encode("utf-32-le"), np.uint32)
    return found.astype(np.int64) - FIRST_PLACE


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


def encode(entry: Entry) -> bytes:
    """An entry as it is kept."""
    return RECORD.join(entry.parts).encode("utf-8", "replace")


def decode(body: bytes) -> Entry:
    """An entry from what was kept."""
    return Entry(body.decode().split(RECORD))
