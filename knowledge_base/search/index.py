"""Candidates from tantivy, kept in step with the database. The only importer of tantivy.

The index is a cache: delete it and it grows back from the source. It is held in memory, or in a
folder of its own whose name carries the version of schema and normaliser.
"""

from __future__ import annotations

import json
import math
import shutil
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import tantivy

from knowledge_base.search.text import common_stems, fingerprint_of, normalise

VERSION = 1  # raise it when the schema or the normaliser changes: kept folders are built anew
FIELDS = ("claim", "title", "variants", "explanation")
WRITER_MEMORY = 60_000_000
EXPLANATION_LIMIT = 2_000
VARIANTS_LIMIT = 40
EXPLAINED = "\u2042"  # stands in every explanation, to count those that have one
ENOUGH_PROSE = 100  # explanations from which they say how common a word is
COMMON_WEIGHT = 0.7
FEW_RECORDS = 1_000  # a smaller base is judged as if it had so many: no word is common in ten
CACHED = 100_000  # terms
CACHED_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class Record:
    """One fact-check (or open question) as the search sees it."""

    id: str
    claim: str
    title: str = ""
    explanation: str = ""
    variants: tuple[str, ...] = ()
    lang: str = "id"
    date: date | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One wording of a record: the field it is from, as written, as stems and as words."""

    via: str
    raw: str
    stems: tuple[str, ...]
    surface: tuple[str, ...]


@dataclass(slots=True)
class Entry:
    """A record read back from the index; views are made when they are first asked for."""

    id: str
    lang: str
    date: date | None
    wordings: list[list[str]]
    explained: str
    _views: tuple[View, ...] | None = None
    _explanation: frozenset[str] | None = None

    @property
    def views(self) -> tuple[View, ...]:
        """Every wording, the claim first, then the title, then variants."""
        if self._views is None:
            self._views = tuple(
                View(via, raw, tuple(stems.split()), tuple(surface.split()))
                for via, raw, stems, surface in self.wordings
            )
        return self._views

    @property
    def explanation(self) -> frozenset[str]:
        """Stems of the explanation."""
        if self._explanation is None:
            self._explanation = frozenset(self.explained.split())
        return self._explanation


@dataclass(frozen=True, slots=True)
class Hit:
    """One candidate: the word score of the index and the record."""

    score: float
    entry: Entry


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("url", tokenizer_name="raw", index_option="basic")
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_bytes_field("body", stored=True, indexed=False)
    return builder.build()


def _views(record: Record) -> list[tuple[str, str]]:
    """Every wording a message may repeat, with the field it stands in."""
    texts = [("claim", record.claim), ("title", record.title)]
    texts += [("variant", v) for v in record.variants[:VARIANTS_LIMIT]]
    return [(via, raw) for via, raw in texts if raw.strip()]


def _idf(n: int, count: int) -> float:
    return math.log(1 + (count - n + 0.5) / (n + 0.5))


class _Memo(dict[str, float]):
    """Values computed when first asked for; forgets everything when it grows too large."""

    def __init__(self, make: Callable[[str], float]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, term: str) -> float:
        if len(self) > CACHED:
            self.clear()
        value = self[term] = self._make(term)
        return value


class Index:
    """Words of all records; safe for many readers and one writer at a time."""

    def __init__(self, folder: Path | None = None) -> None:
        self._schema = _schema()
        self._lock = threading.Lock()
        self._folder = folder / f"v{VERSION}" if folder else None
        self._index = self._open()
        self._revision = self._kept_revision()
        self._refresh()

    def _open(self) -> tantivy.Index:
        if self._folder is None:
            return tantivy.Index(self._schema)
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            return tantivy.Index(self._schema, path=str(self._folder))
        except ValueError:  # damaged: it is only a cache
            shutil.rmtree(self._folder)
            self._folder.mkdir()
            if self._note is not None:
                self._note.unlink(missing_ok=True)
            return tantivy.Index(self._schema, path=str(self._folder))

    @cached_property
    def _note(self) -> Path | None:
        return self._folder.with_name(f"{self._folder.name}.json") if self._folder else None

    def _kept_revision(self) -> int:
        if self._note is None or not self._note.exists():
            return 0
        return int(json.loads(self._note.read_text(encoding="utf-8"))["revision"])

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        self._frequencies: dict[str, int] = {}
        self._rarities = _Memo(self._rarity)
        self._entries: dict[tuple[int, int], Entry] = {}
        self._count = max(FEW_RECORDS, self._searcher.num_docs)
        self._explained = self._searcher.doc_freq("explanation", EXPLAINED)
        self._prose_scale = _idf(0, self._count) / _idf(0, max(1, self._explained))

    @property
    def revision(self) -> int:
        """The last change of the source this index has taken in."""
        return self._revision

    def __len__(self) -> int:
        return int(self._searcher.num_docs)

    # --- writing --------------------------------------------------------------------------

    def apply(self, revision: int, records: Iterable[Record], removed: Sequence[str] = ()) -> None:
        """Take in changed records and forget removed ones; searchable when this returns."""
        with self._lock:
            fresh = self._revision == 0
            writer = self._index.writer(heap_size=WRITER_MEMORY, num_threads=1)
            if fresh:
                writer.delete_all_documents()  # a kept folder whose note was lost
            for gone in removed:
                writer.delete_documents_by_term("id", gone)
            for record in records:
                if not fresh:
                    writer.delete_documents_by_term("id", record.id)
                writer.add_document(self._document(record))
            writer.commit()
            writer.wait_merging_threads()
            self._refresh()
            self._revision = revision
            if self._note is not None:
                self._note.write_text(json.dumps({"revision": revision}), encoding="utf-8")

    def forget(self) -> None:
        """Begin anew: the source is another one than this index was made from."""
        self._revision = 0

    def _document(self, record: Record) -> tantivy.Document:
        document = tantivy.Document()
        document.add_text("id", record.id)
        views: list[tuple[str, str, str, str]] = []
        keys: set[str] = set()
        urls: set[str] = set()
        for via, raw in _views(record):
            text = normalise(raw, record.lang)
            views.append((via, raw, " ".join(text.stems), " ".join(text.surface)))
            document.add_text("variants" if via == "variant" else via, views[-1][2])
            keys.update(filter(None, [fingerprint_of(text)]))
            urls.update(text.urls)
        explained = ""
        if record.explanation:
            prose = normalise(record.explanation[:EXPLANATION_LIMIT], record.lang)
            explained = " ".join(dict.fromkeys(prose.stems))
            document.add_text("explanation", f"{EXPLAINED} {explained}")
        for key in keys:
            document.add_text("key", key)
        for url in urls:
            document.add_text("url", url)
        day = record.date.isoformat() if record.date else ""
        body = _FIELD.join([record.id, record.lang, day, explained])
        body += "".join(_RECORD + _FIELD.join(_plain(part) for part in view) for view in views)
        document.add_bytes("body", body.encode("utf-8", "replace"))
        return document

    # --- reading --------------------------------------------------------------------------

    def frequency(self, term: str) -> int:
        """In how many records the stem occurs (outside explanations)."""
        known = self._frequencies.get(term)
        if known is None:
            count = self._searcher.doc_freq
            known = max(count("claim", term), count("title", term), count("variants", term))
            if len(self._frequencies) > CACHED:
                self._frequencies = {}
            self._frequencies[term] = known
        return known

    def rarity(self, term: str) -> float:
        """How much a stem says, from this installation's own records.

        BM25's inverse document frequency among the claims, lowered where the running prose of the
        explanations shows the word to be an everyday one (headlines are terse), and for words the
        lexicons know as talk.
        """
        return self._rarities[term]

    def _rarity(self, term: str) -> float:
        found = _idf(self.frequency(term), self._count)
        if self._explained >= ENOUGH_PROSE:
            prose = _idf(self._searcher.doc_freq("explanation", term), self._explained)
            found = min(found, prose * self._prose_scale)
        return found * COMMON_WEIGHT if term in common_stems() else found

    @property
    def rarities(self) -> Mapping[str, float]:
        """`rarity` as a mapping, for loops that ask for many words."""
        return self._rarities

    def boost(self, term: str) -> float:
        """What to multiply the index's own weight of a term with, to get its rarity."""
        return self.rarity(term) / max(0.1, _idf(self.frequency(term), max(1, len(self))))

    def search(self, queries: Sequence[tantivy.Query], limit: int) -> list[Hit]:
        """The best records for any of the queries, by BM25."""
        if not queries:
            return []
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, q) for q in queries])
        found = self._searcher.search(query, limit, count=False).hits
        return [Hit(float(score), self._entry(address)) for score, address in found]

    def word_query(self, term: str, weights: Mapping[str, float]) -> list[tantivy.Query]:
        """One stem in every field that has it, weighted by field and by rarity."""
        made = []
        factor = self.boost(term)
        for name, weight in weights.items():
            if self._searcher.doc_freq(name, term):
                query = tantivy.Query.term_query(self._schema, name, term, index_option="freq")
                made.append(tantivy.Query.boost_query(query, weight * factor))
        return made

    def near_query(self, term: str, distance: int, weight: float) -> list[tantivy.Query]:
        """Records with a word at most `distance` letters away: for words the index lacks."""
        fuzzy = tantivy.Query.fuzzy_term_query
        return [
            tantivy.Query.boost_query(fuzzy(self._schema, name, term, distance), weight)
            for name in ("claim", "title", "variants")
        ]

    def _entry(self, address: tantivy.DocAddress) -> Entry:
        key = (address.segment_ord, address.doc)
        known = self._entries.get(key)
        if known is None:
            if len(self._entries) > CACHED_ENTRIES:
                self._entries = {}
            known = _decode(self._searcher.doc(address).get_first("body"))
            self._entries[key] = known
        return known

    def exact(self, field: str, value: str) -> list[Entry]:
        """Records whose `key` (fingerprint) or `url` is this very value."""
        query = tantivy.Query.term_query(self._schema, field, value, index_option="basic")
        return [self._entry(a) for _, a in self._searcher.search(query, 10, count=False).hits]


_FIELD, _RECORD = "\x1f", "\x1e"


def _plain(text: str) -> str:
    """Free of our separators."""
    return text.replace(_FIELD, " ").replace(_RECORD, " ")


def _decode(body: Any) -> Entry:
    head, *views = bytes(body).decode().split(_RECORD)
    identity, lang, day, explained = head.split(_FIELD)
    when = date.fromisoformat(day) if day else None
    return Entry(identity, lang, when, [view.split(_FIELD) for view in views], explained)
