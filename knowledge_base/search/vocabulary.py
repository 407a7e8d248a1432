"""The words the guards know: meaning words of every language, and names, read from data files.

`lexicons/meaning/<language>.toml` are read together, because messages mix languages;
`lexicons/names/*.toml` hold places, agencies and offices. In the files "_" stands for a space.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from knowledge_base.search.text import respell

Phrase = tuple[str, ...]


def phrase(entry: str) -> Phrase:
    """The words of a file entry: "tidak_hanya" is ("tidak", "hanya")."""
    return tuple(entry.split("_"))


def entries(words: str) -> list[Phrase]:
    """All phrases of one list of a data file."""
    return [phrase(word) for word in words.split()]


@dataclass(slots=True)
class Phrases:
    """A table from phrases to something, found longest first at a place in a list of words."""

    table: dict[Phrase, Any] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)

    def add(self, words: Phrase, value: Any) -> None:
        """Put a phrase; the first one put stays."""
        self.table.setdefault(words, value)
        self.longest[words[0]] = max(self.longest.get(words[0], 0), len(words))

    def find(self, words: list[str], at: int) -> tuple[Any, int]:
        """(value, how many words) of the longest phrase that begins at `at`, or (None, 0)."""
        reach = self.longest.get(words[at])
        if reach is None:
            return None, 0
        for length in range(min(reach, len(words) - at), 0, -1):
            value = self.table.get(tuple(words[at : at + length]))
            if value is not None:
                return value, length
        return None, 0


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a marker word says: its family (polarity, modality …) and which one of it."""

    family: str
    name: str


@dataclass(frozen=True, slots=True)
class Name:
    """A known name: kind (place, agency, office, person), level, name, what it belongs to."""

    kind: str
    level: str
    name: str
    inside: str = ""


def _folder(name: str) -> Iterator[Mapping[str, Any]]:
    """Every data file of a folder, in the order of their names, Indonesian first."""
    folder = files("knowledge_base.search").joinpath("lexicons", name)
    found = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    for file in sorted(found, key=lambda file: (file.name != "id.toml", file.name)):
        yield tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def languages() -> tuple[Mapping[str, Any], ...]:
    """The meaning files of all languages."""
    return tuple(_folder("meaning"))


@cache
def markers() -> Phrases:
    """Negation, modality, aspect and quantity words of all languages; "neutral" phrases too."""
    found = Phrases()
    for section in ("polarity", "modality", "aspect", "quantity"):
        for language in languages():
            for name, words in language.get(section, {}).items():
                for words_of_phrase in entries(words):
                    found.add(words_of_phrase, Meaning(section, name))
    for written, meaning in [*found.table.items()]:
        if len(written) > 1:  # messages are read in one spelling: "leres teu" is "leres tidak"
            found.add(tuple(respell(word) for word in written), meaning)
    return found


@cache
def skipped() -> frozenset[str]:
    """Words that the alignment goes without."""
    lists = (language.get("skip", {}).get("words", "") for language in languages())
    return frozenset(word for words in lists for word in words.split())


@cache
def breaks() -> frozenset[str]:
    """Words at which a clause ends."""
    lists = (language.get("skip", {}).get("breaks", "") for language in languages())
    return frozenset(word for words in lists for word in words.split())


@cache
def agent_words() -> frozenset[str]:
    """Words before the one who acts in a passive clause ("oleh", "by")."""
    return frozenset(language["skip"]["by"] for language in languages() if "by" in language["skip"])


@cache
def opposites() -> Mapping[str, frozenset[str]]:
    """word → the words that say the contrary, both ways; compared by their stems."""
    found: dict[str, set[str]] = {}
    for language in languages():
        for word, against in language.get("opposites", {}).items():
            for other in against.split():
                found.setdefault(word, set()).add(other)
                found.setdefault(other, set()).add(word)
    return {word: frozenset(others) for word, others in found.items()}


@cache
def classes() -> Mapping[str, tuple[str, int]]:
    """word → (type of the difference, number of its class); words of one class exclude another."""
    found: dict[str, tuple[str, int]] = {}
    count = 0
    for language in languages():
        for kind, groups in language.get("classes", {}).items():
            for group in groups:
                count += 1
                found.update((word, (kind, count)) for word in group.split() if word not in found)
    return found


@cache
def alike_verbs() -> tuple[tuple[str, ...], ...]:
    """Groups of verbs, as roots, that say nearly the same."""
    groups = [group for one in languages() for group in one.get("verbs", {}).get("alike", ())]
    return tuple(tuple(group.split()) for group in groups)


@cache
def common() -> frozenset[str]:
    """Words that are no names even when a sentence begins with them."""
    return words_of("common", "words") | skipped() | frozenset(classes()) | frozenset(opposites())


@cache
def same_words() -> Mapping[str, str]:
    """word → the word it stands for."""
    found: dict[str, str] = {}
    for language in languages():
        for word, others in language.get("same", {}).items():
            found.update((other, word) for other in others.split())
    return found


@cache
def table(section: str) -> Mapping[str, Any]:
    """One table of all languages put together; the first file that has a word wins."""
    found: dict[str, Any] = {}
    for language in languages():
        part: Any = language
        for key in section.split("."):
            part = part.get(key, {})
        for word, value in part.items():
            found.setdefault(word, value)
    return found


@cache
def words_of(section: str, key: str) -> frozenset[str]:
    """One list of words of all languages put together."""
    lists = (language.get(section, {}).get(key, "") for language in languages())
    return frozenset(word for words in lists for word in words.split())


@cache
def phrases_of(section: str) -> Phrases:
    """The phrases of a section of all languages, each pointing to its key."""
    found = Phrases()
    for language in languages():
        for key, words in language.get(section, {}).items():
            for words_of_phrase in entries(words):
                found.add(words_of_phrase, key)
    return found


@cache
def _files() -> Mapping[str, Any]:
    """The name files as one table of sections by file."""
    joined: dict[str, Any] = {}
    for part in _folder("names"):
        for section, content in part.items():
            joined.setdefault(section, {}).update(content)
    return joined


def _add(found: Phrases, name: Name, others: str) -> None:
    found.add(phrase(name.name), name)
    for words_of_phrase in entries(others):
        found.add(words_of_phrase, name)


@cache
def names() -> Phrases:
    """Places, agencies, offices and people by their words."""
    found, content = Phrases(), _files()
    for section, level in (("provinces", "province"), ("islands", "island")):
        for name, others in content[section].items():
            _add(found, Name("place", level, name), others)
    for province, inside in content["inside"].items():
        for name in inside.split():
            _add(found, Name("place", "regency", name, province), content["called"].get(name, ""))
    for name, others in content["countries"].items():
        _add(found, Name("place", "country", name), others)
    for name, others in content["others"].items():
        _add(found, Name("place", "city", name), others)
    belongs = {part: whole for whole, parts in content["parts"].items() for part in parts.split()}
    for name, others in content["agencies"].items():
        _add(found, Name("agency", "", name, belongs.get(name, "")), others)
    for name, others in content["offices"].items():
        _add(found, Name("office", "", name), others)
    for name, others in content["people"].items():
        _add(found, Name("person", "", name), others)
    return found


@cache
def plain_places() -> frozenset[str]:
    """Regencies that are also plain words ("malang", "batang")."""
    return frozenset(_files()["plain"]["words"].split())


@cache
def only_in_capitals() -> frozenset[str]:
    """Agency names that are also plain words: they count only when written in capitals."""
    return frozenset(_files()["capitals"]["words"].split())


@cache
def titles() -> frozenset[str]:
    """Words before a person's name."""
    return frozenset(_files()["titles"]["words"].split())


@cache
def heads() -> Phrases:
    """Words that make the name after them a place or an agency: "kecamatan", "dinas" …"""
    found = Phrases()
    for level, words in _files()["heads"].items():
        kind = "agency" if level == "agency" else "place"
        for words_of_phrase in entries(words):
            found.add(words_of_phrase, Name(kind, level, ""))
    return found
