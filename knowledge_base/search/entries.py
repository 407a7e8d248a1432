"""Records as the search reads them back: every wording as written, as stems and as words."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

VIEW_TERMS = 300  # stems of a wording that are compared
SPELLED = 4_000  # characters of which the words are looked at as written
FIELD, RECORD = "\x1f", "\x1e"

_WORDS = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class View:
    """One wording of a record: the field it is from, as written, as stems and as words.

    `weighed` is what a search made of it, by the state of its index.
    """

    via: str
    raw: str
    stems: tuple[str, ...]
    surface: tuple[str, ...]
    weighed: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def distinct(self) -> frozenset[str]:
        """The different stems that are compared."""
        return frozenset(self.stems[:VIEW_TERMS])

    @cached_property
    def spelled(self) -> frozenset[str]:
        """The words as written."""
        return spelled_words(self.raw)


@dataclass(frozen=True)
class Entry:
    """A record read back; its parts are taken apart when they are first asked for."""

    id: str
    lang: str
    date: date | None
    wordings: tuple[str, ...]
    explained: str

    @cached_property
    def views(self) -> tuple[View, ...]:
        """Every wording, the claim first, then the title, then variants."""
        made = []
        for wording in self.wordings:
            via, raw, stems, surface = wording.split(FIELD)
            made.append(View(via, raw, tuple(stems.split()), tuple(surface.split())))
        return tuple(made)

    @cached_property
    def readings(self) -> tuple[View, ...]:
        """The wordings, and before them claim and title read together."""
        views = self.views
        if len(views) < 2 or views[1].via != "title":
            return views
        claim, title = views[0], views[1]
        stems, surface = claim.stems + title.stems, claim.surface + title.surface
        return (View("claim", claim.raw, stems, surface), *views)

    @cached_property
    def explanation(self) -> frozenset[str]:
        """Stems of the explanation."""
        return frozenset(self.explained.split())

    @property
    def terms(self) -> frozenset[tuple[str, str]]:
        """Field of the index and stem, for every stem."""
        found = {(field_of(view.via), stem) for view in self.views for stem in view.stems}
        return frozenset(found | {("explanation", stem) for stem in self.explanation})


def spelled_words(text: str) -> frozenset[str]:
    """The longer words of a text's beginning as written, capitals and all."""
    return frozenset(word for word in _WORDS.findall(text[:SPELLED]) if len(word) > 2)


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
