"""Records as the search reads them back: every wording as written, as stems and as words."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

VIEW_TERMS = 300  # stems of a wording that are compared
SPELLED = 4_000  # characters of which the words are looked at as written
FIELD, RECORD = "\x1f", "\x1e"

_WORDS = re.compile(r"\w{3,}")  # the whole run: it never begins inside one
_APART = "".join(sign if sign.isalnum() or sign == "_" else " " for sign in map(chr, range(128)))


class View:
    """One wording of a record: the field it is from, as written, as stems and as words.

    Never changed. Read back by the thousand, so each part is taken apart when first asked for.
    `weighed` is what a search made of it, `heft` what its different stems weigh together, both
    with the state of the index they are true for.
    """

    __slots__ = (
        *("via", "raw", "weighed", "heft", "_said", "_written"),
        *("_stems", "_surface", "_distinct", "_spelled"),
    )

    def __init__(self, via: str, raw: str, said: str, written: str) -> None:
        self.via, self.raw = via, raw
        self._said, self._written = said, written
        self._stems: tuple[str, ...] | None = None
        self._surface: tuple[str, ...] | None = None
        self._distinct: frozenset[str] | None = None
        self._spelled: frozenset[str] | None = None
        self.weighed: tuple[int, Any] | None = None
        self.heft: tuple[int, float] | None = None

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
            self._distinct = frozenset(self._said.split()[:VIEW_TERMS])
        return self._distinct

    @property
    def spelled(self) -> frozenset[str]:
        """The words as written."""
        if self._spelled is None:
            self._spelled = spelled_words(self.raw)
        return self._spelled

    def with_(self, other: View) -> View:
        """This wording and another one read together, written as this one is."""
        said, written = f"{self._said} {other._said}", f"{self._written} {other._written}"
        return View(self.via, self.raw, said, written)


class Entry:
    """A record read back; its parts are taken apart when they are first asked for."""

    __slots__ = (
        *("id", "lang", "date", "wordings", "explained"),
        *("_views", "_readings", "_explanation"),
    )

    def __init__(
        self, id: str, lang: str, date: date | None, wordings: tuple[str, ...], explained: str
    ) -> None:
        self.id, self.lang, self.date = id, lang, date
        self.wordings, self.explained = wordings, explained
        self._views: tuple[View, ...] | None = None
        self._readings: tuple[View, ...] | None = None
        self._explanation: frozenset[str] | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """Every wording, the claim first, then the title, then variants."""
        if self._views is None:
            self._views = tuple([View(*wording.split(FIELD)) for wording in self.wordings])
        return self._views

    @property
    def readings(self) -> tuple[View, ...]:
        """The wordings, and before them claim and title read together."""
        if self._readings is None:
            views = self.views
            both = len(views) > 1 and views[1].via == "title"
            self._readings = (views[0].with_(views[1]), *views) if both else views
        return self._readings

    @property
    def explanation(self) -> frozenset[str]:
        """Stems of the explanation."""
        if self._explanation is None:
            self._explanation = frozenset(self.explained.split())
        return self._explanation

    @property
    def terms(self) -> frozenset[tuple[str, str]]:
        """Field of the index and stem, for every stem."""
        found = {(field_of(view.via), stem) for view in self.views for stem in view.stems}
        return frozenset(found | {("explanation", stem) for stem in self.explanation})


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
    day = entry.date.isoformat() if entry.date else ""
    head = FIELD.join([entry.id, entry.lang, day, entry.explained])
    return RECORD.join([head, *entry.wordings]).encode("utf-8", "replace")


def decode(body: bytes) -> Entry:
    """An entry from what was kept."""
    head, *wordings = body.decode().split(RECORD)
    identity, lang, day, explained = head.split(FIELD)
    when = date.fromisoformat(day) if day else None
    return Entry(identity, lang, when, tuple(wordings), explained)
