"""Candidates from tantivy, kept in step with the database. The only importer of tantivy.

The index is a cache: delete it and it grows back from the source. It is held in memory, or in a
folder of its own whose name says which program made it.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import tantivy

from knowledge_base.facts import FactCheck
from knowledge_base.search.bodies import Bodies, Extent, InFile, InMemory
from knowledge_base.search.entries import Entry, Wording, encode, field_of
from knowledge_base.search.kept import FolderLost, Kept, Marks, folder_lost
from knowledge_base.search.memo import Memo, Rarities
from knowledge_base.search.recent import Held, Recent
from knowledge_base.search.text import common_stems, fingerprint_of, normalise

FIELDS = ("claim", "title", "variants", "explanation")
WRITER_MEMORY = 60_000_000
EXPLANATION_LIMIT = 2_000
VARIANTS_LIMIT = 40
EXPLAINED = "\u2042"  # stands in every explanation, to count those that have one
ENOUGH_PROSE = 100  # explanations from which they say how common a word is
COMMON_WEIGHT = 0.7
FEW_RECORDS = 1_000  # a smaller base is judged as if it had so many: no word is common in ten
CACHED_QUERIES = 20_000  # terms
FIELD_WEIGHTS = {"claim": 1.0, "title": 1.0, "variants": 1.0, "explanation": 0.1}
LEAST_RARE = 0.1
WORDS = ("claim", "title", "variants")  # fields that make a word known


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

    @classmethod
    def of(cls, fact: FactCheck) -> Record:
        """A published fact-check, found by its public number."""
        return cls(
            id=str(fact.number),
            claim=fact.claim,
            title=fact.title,
            explanation=f"{fact.fact} {fact.explanation}".strip(),
            variants=fact.variants,
            lang=fact.lang,
            date=fact.claim_date,
        )


@dataclass(slots=True)
class Hit:
    """One candidate: the word score of the index and the record."""

    score: float
    entry: Entry


class Wanted(NamedTuple):
    """A stem looked for in one field, or words so many letters away from it."""

    field: str
    stem: str
    boost: float
    clause: tuple[tantivy.Occur, tantivy.Query]
    distance: int = 0


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("key", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("url", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("has", tokenizer_name="raw", index_option="basic")  # which of these
    for name in FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("body", fast=True)
    return builder.build()


def _views(record: Record) -> list[tuple[str, str]]:
    """Every wording a message may repeat, with the field it stands in."""
    texts = [("claim", record.claim), ("title", record.title)]
    texts += [("variant", v) for v in record.variants[:VARIANTS_LIMIT]]
    return [(via, raw) for via, raw in texts if raw.strip()]


def _nothing(reason: str) -> None:
    """Nobody need hear that a kept index is made anew."""


def _idf(n: int, count: int) -> float:
    return math.log(1 + (count - n + 0.5) / (n + 0.5))


def _most(counted: Mapping[str, list[int]], terms: int) -> list[int]:
    """In how many records so many stems are at least, counted by field: explanations aside."""
    words = [counted[name] for name in WORDS if name in counted]
    if len(words) == 1:
        return words[0]
    nowhere = [0] * terms
    return list(map(max, nowhere, nowhere, *words))


def _numbers_at(searcher: tantivy.Searcher, addresses: list[tantivy.DocAddress]) -> list[int]:
    """Numbers of the bodies of the documents at these places of this very searcher: in a newer
    one the same address may be another document."""
    numbers = searcher.fast_field_values("body", addresses) if addresses else []
    return [number for number in numbers if isinstance(number, int)]


class Index:
    """Words of all records; safe for many readers and one writer at a time.

    Up to `recent` changed records wait in memory, found like the others, before they are
    committed together. With a folder it is kept there: see Kept for `marks` and `damaged`;
    raises FolderLost when it cannot be.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        recent: int = 0,
        marks: Marks = lambda revision: "",
        damaged: Callable[[str], None] = _nothing,
    ) -> None:
        self._schema = _schema()
        self._lock = threading.Lock()
        self._most_recent = recent
        self._stale: list[int] = []  # bodies of documents that a search under way may still see
        self._lengths: Counter[str] = Counter()  # stems of all records, by field
        with folder_lost():
            self._kept = Kept(folder, marks, damaged) if folder else None
            self._index = self._open(damaged)
            self._bodies = self._begin_bodies()
            self._refresh()
        self._revision = self._kept.note.revision if self._kept else 0

    def _open(self, damaged: Callable[[str], None]) -> tantivy.Index:
        if self._kept is None:
            return tantivy.Index(self._schema)
        try:
            with folder_lost():
                found = tantivy.Index(self._schema, path=str(self._kept.index))
                found.reload()
            if found.searcher().num_docs == self._kept.note.records:
                return found
        except FolderLost as error:
            damaged(str(error))
        self._kept.clear()  # it is only a cache, and made anew
        return tantivy.Index(self._schema, path=str(self._kept.index))

    def _begin_bodies(self) -> Bodies:
        if self._kept is None:
            return InMemory()
        note = self._kept.note
        return InFile(self._kept.bodies, Extent(note.bodies, note.sum))

    def _refresh(self) -> None:
        self._index.reload()
        self._searcher = self._index.searcher()
        self._recent = Recent()
        self._count_records()  # first: what is reckoned from it is kept until the next commit
        self._frequencies = Memo(self._frequencies_of)
        self._rarities = Rarities(self._rarities_of)
        self._wanted = Memo(self._wanted_of, CACHED_QUERIES)

    def _count_records(self) -> None:
        self._waiting = len(self._recent) > 0
        held, hidden = len(self._recent.held), len(self._recent.hidden)
        self._size = int(self._searcher.num_docs) + held - hidden
        self._count = max(FEW_RECORDS, self._size)
        self._used = tuple([name for name in FIELDS if self._anyone_has(name)])
        self._in_words = tuple([name for name in WORDS if name in self._used])
        self._explained = self._doc_freq("explanation", EXPLAINED)
        self._prose_scale = _idf(0, self._count) / _idf(0, max(1, self._explained))

    def _anyone_has(self, name: str) -> bool:
        """Has any record something in this field? In one that is empty no word need be counted."""
        held = self._recent.held.values()
        return bool(self._searcher.doc_freq("has", name)) or any(name in h.stems for h in held)

    def _doc_freq(self, name: str, term: str) -> int:
        """In how many records a field has a stem."""
        indexed = int(self._searcher.doc_freq(name, term))
        return indexed + self._recent.frequency(name, term) if self._waiting else indexed

    @property
    def revision(self) -> int:
        """The last change of the source this index has taken in."""
        return self._revision

    def __len__(self) -> int:
        return self._size

    # --- writing --------------------------------------------------------------------------

    def apply(self, revision: int, records: Iterable[Record], removed: Sequence[str] = ()) -> None:
        """Take in changed records and forget removed ones; searchable when this returns.

        Raises FolderLost, with nothing taken in, when a kept index cannot be written.
        """
        with self._lock:
            if self._revision and self._most_recent:
                self._take(revision, tuple(records), removed)
            else:
                self._commit(revision, records, removed)
            self._revision = revision

    def _take(self, revision: int, records: Sequence[Record], removed: Sequence[str]) -> None:
        """Keep few changes in memory; commit once they have become many."""
        if len(self._recent) + len(records) + len(removed) <= self._most_recent:
            self._hold(records, removed)
        else:
            self._commit(revision, records, removed)

    def _hold(self, records: Sequence[Record], removed: Sequence[str]) -> None:
        """Take changes in without a commit."""
        recent = self._recent
        for gone in removed:
            self._measure(recent.held.get(gone), -1)
            recent = recent.without(gone, self._indexed(gone))
        for record in records:
            self._measure(recent.held.get(record.id), -1)
            held = self._held(record)
            self._measure(held, 1)
            recent = recent.with_(held, self._indexed(record.id))
        other = recent.changed_since(self._recent)
        self._recent = recent
        self._count_records()
        # That one record more makes every word a little rarer can wait for the commit.
        self._frequencies.forget(other)
        self._rarities.forget(other)
        self._wanted.forget(other)

    def _measure(self, held: Held | None, sign: int) -> None:
        """A record counts in the mean lengths of the fields, or does so no more."""
        for name, stems in held.stems.items() if held else ():
            self._lengths[name] += sign * len(stems)

    def _commit(self, revision: int, records: Iterable[Record], removed: Sequence[str]) -> None:
        """Take changes in, with all that is held in memory."""
        with folder_lost():
            stale = self._write(records, removed)
            self._refresh()
            if self._kept is not None:
                count, there = int(self._searcher.num_docs), self._bodies.sync()
                self._kept.take_down(revision, count, there, new=not self._revision)
        self._bodies.forget(self._stale)
        self._stale = stale

    def _write(self, records: Iterable[Record], removed: Sequence[str]) -> list[int]:
        """Everything changed and held into the index; gives bodies that are out of date."""
        fresh, recent = self._revision == 0, self._recent
        stale: list[int] = []
        writer = self._index.writer(heap_size=WRITER_MEMORY, num_threads=1)
        if fresh:
            writer.delete_all_documents()  # a kept folder whose note was lost
            recent, self._lengths = Recent(), Counter()
        for gone in (*removed, *recent.hidden):
            stale += self._numbers("id", gone)
            writer.delete_documents_by_term("id", gone)
        waiting = dict(recent.held)
        for gone in removed:
            waiting.pop(gone, None)
        for record in records:
            waiting.pop(record.id, None)
            if not fresh:
                stale += self._numbers("id", record.id)
                writer.delete_documents_by_term("id", record.id)
            held = self._held(record)
            writer.add_document(self._document(held))
            self._measure(held, 1)
        for held in waiting.values():
            writer.add_document(self._document(held))
        self._bodies.sync()
        writer.commit()
        writer.wait_merging_threads()
        return stale

    def check(self) -> None:
        """Read every byte of a kept index. Raises FolderLost when it is damaged."""
        if self._kept is not None:
            with self._lock:
                self._kept.check()

    def forget(self) -> None:
        """Begin anew: the source is another one than this index was made from."""
        self._revision = 0

    def _held(self, record: Record) -> Held:
        """A record with everything it is found by."""
        wordings: list[Wording] = []
        stems: dict[str, list[str]] = {}
        exact: set[tuple[str, str]] = set()
        for via, raw in _views(record):
            text = normalise(raw, record.lang)
            said, surface = " ".join(text.stems), " ".join(text.surface)
            wordings.append((via, raw, said, surface))
            stems.setdefault(field_of(via), []).extend(said.split())
            exact.update(("url", url) for url in text.urls)
            # a headline may name no more than the topic: whoever repeats it has claimed nothing
            if via != "title" and (key := fingerprint_of(text)):
                exact.add(("key", key))
        explained = ""
        if record.explanation:
            prose = normalise(record.explanation[:EXPLANATION_LIMIT], record.lang)
            explained = " ".join(dict.fromkeys(prose.stems))
            stems["explanation"] = [EXPLAINED, *explained.split()]
        body = encode(record.id, record.lang, record.date, wordings, explained)
        return Held(record.id, body, stems, frozenset(exact))

    def _document(self, held: Held) -> tantivy.Document:
        document = tantivy.Document()
        document.add_text("id", held.id)
        for name, stems in held.stems.items():
            document.add_text("has", name)
            document.add_text(name, " ".join(stems))
        for name, value in held.exact:
            document.add_text(name, value)
        document.add_unsigned("body", self._bodies.add(held.body))
        return document

    # --- reading --------------------------------------------------------------------------

    def frequency(self, term: str) -> int:
        """In how many records the stem occurs (outside explanations)."""
        return self._frequencies[term]

    def _frequencies_of(self, terms: Sequence[str]) -> list[int]:
        return _most(self._counted(terms, self._in_words), len(terms))

    @property
    def size(self) -> int:
        """Of how many records rarities are reckoned."""
        return self._count

    def _counted(self, terms: Sequence[str], fields: Sequence[str]) -> dict[str, list[int]]:
        """In how many records each of these fields has each stem."""
        of = self._doc_freq if self._waiting else self._searcher.doc_freq
        return {name: [of(name, term) for term in terms] for name in fields}

    def _rarities_of(self, terms: Sequence[str]) -> tuple[list[float], list[int]]:
        """How much stems say, from this installation's own records, and in how many of these they
        are (outside explanations); nothing is kept of them."""
        prose = self._explained >= ENOUGH_PROSE
        counted = self._counted(terms, self._used if prose else self._in_words)
        counts = _most(counted, len(terms))
        return self._weights(terms, counts, counted.get("explanation", ())), counts

    def _weights(
        self, terms: Sequence[str], counts: Sequence[int], told: Sequence[int]
    ) -> list[float]:
        """BM25's inverse document frequencies among the claims, lowered where the running prose of
        the explanations shows a word to be an everyday one (headlines are terse), and for words
        the lexicons know as talk."""
        found = [_idf(n, self._count) for n in counts]
        if self._explained >= ENOUGH_PROSE:
            prose = [_idf(n, self._explained) * self._prose_scale for n in told]
            found = list(map(min, found, prose))
        common = common_stems()
        weighed = zip(terms, found, strict=True)
        return [rare * COMMON_WEIGHT if term in common else rare for term, rare in weighed]

    @property
    def frequencies(self) -> Memo[int]:
        """`frequency` as a mapping, for words that come again."""
        return self._frequencies

    @property
    def rarities(self) -> Rarities:
        """How much words say and how often they occur, for hundreds at once."""
        return self._rarities

    def search(self, queries: Sequence[Wanted], limit: int) -> list[Hit]:
        """The best records for any of the queries, by BM25."""
        if not queries:
            return []
        recent = self._recent
        query = tantivy.Query.boolean_query([wanted.clause for wanted in queries])
        most = limit + len(recent.hidden)
        searcher = self._searcher  # addresses are of the searcher that gave them
        found = searcher.search(query, most, count=False).hits
        numbers = _numbers_at(searcher, [address for _, address in found])
        hits = list(map(Hit, [score for score, _ in found], self._entries_at(numbers)))
        return self._with_recent(hits, recent, queries)[:limit] if recent else hits

    def _rare(self, name: str, stem: str) -> float:
        """Inverse document frequency in a field, with the records in memory."""
        return max(LEAST_RARE, _idf(self._doc_freq(name, stem), max(1, len(self))))

    def _rare_in_index(self, name: str, stem: str) -> float:
        """The one that the index reckons with."""
        found = _idf(self._searcher.doc_freq(name, stem), max(1, self._searcher.num_docs))
        return max(LEAST_RARE, found)

    def _with_recent(
        self, hits: Sequence[Hit], recent: Recent, queries: Sequence[Wanted]
    ) -> list[Hit]:
        """The hits of the index that are not out of date, and those in memory, best first."""
        scores: Counter[str] = Counter()
        there = recent.postings
        for wanted in (one for one in queries if one.distance or (one.field, one.stem) in there):
            for identity, score in self._recent_scores(recent, wanted).items():
                scores[identity] += score * wanted.boost  # type: ignore[assignment]
        kept = [hit for hit in hits if recent.leaves(hit.entry.id)]
        kept += [Hit(score, recent.held[identity].entry) for identity, score in scores.items()]
        return sorted(kept, key=lambda hit: -hit.score)

    def _recent_scores(self, recent: Recent, wanted: Wanted) -> Mapping[str, float]:
        if wanted.distance:  # as in the index, every word that is near counts the same
            near = recent.near(wanted.field, wanted.stem, wanted.distance)
            return {identity: 1.0 for identity in near}
        usual = self._lengths[wanted.field] / max(1, len(self))
        rare = self._rare(wanted.field, wanted.stem)
        return recent.scores(wanted.field, wanted.stem, rare, usual)

    def word_queries(self, terms: Sequence[str]) -> list[Wanted]:
        """Stems in every field that has them, weighted by field and by rarity."""
        return [wanted for of_term in self._wanted.of(terms) for wanted in of_term]

    def _wanted_of(self, terms: Sequence[str]) -> list[list[Wanted]]:
        counted = self._counted(terms, self._used)
        counts = _most(counted, len(terms))
        rare = self._weights(terms, counts, counted.get("explanation", ()))
        # what to multiply the index's own weight of a term with, to get its rarity
        size = max(1, self._size)
        factors = [r / max(LEAST_RARE, _idf(n, size)) for r, n in zip(rare, counts, strict=True)]
        fields = [(name, FIELD_WEIGHTS[name], found) for name, found in counted.items()]
        return [
            [self._one(name, term, weight * factor) for name, weight, n in fields if n[at]]
            for at, (term, factor) in enumerate(zip(terms, factors, strict=True))
        ]

    def _one(self, name: str, stem: str, boost: float) -> Wanted:
        """A stem in one field; where records wait, as rare as it is with them."""
        query = tantivy.Query.term_query(self._schema, name, stem, index_option="freq")
        waiting = self._rare(name, stem) / self._rare_in_index(name, stem) if self._waiting else 1.0
        boosted = tantivy.Query.boost_query(query, boost * waiting)
        return Wanted(name, stem, boost, (tantivy.Occur.Should, boosted))

    def near_query(self, term: str, distance: int, weight: float) -> list[Wanted]:
        """Records with a word at most `distance` letters away: for words the index lacks."""
        fuzzy, found = tantivy.Query.fuzzy_term_query, []
        for name in WORDS:
            query = fuzzy(self._schema, name, term, distance)
            boosted = tantivy.Query.boost_query(query, weight)
            found.append(Wanted(name, term, weight, (tantivy.Occur.Should, boosted), distance))
        return found

    def _entries_at(self, numbers: Sequence[int]) -> list[Entry]:
        """The records of these bodies."""
        return [Entry(body) for body in self._bodies.read(numbers)]

    def exact(self, field: str, value: str) -> list[Entry]:
        """Records whose `key` (fingerprint) or `url` is this very value."""
        recent = self._recent
        found = self._entries_at(self._numbers(field, value))
        if not recent:
            return found
        current = [entry for entry in found if recent.leaves(entry.id)]
        return current + recent.having(field, value)

    def entry(self, identity: str) -> Entry | None:
        """The record with this id, as it is now."""
        recent = self._recent
        if identity in recent.held:
            return recent.held[identity].entry
        return None if identity in recent.hidden else self._indexed(identity)

    def _indexed(self, identity: str) -> Entry | None:
        """A record as the index has it, whether out of date or not."""
        return next(iter(self._entries_at(self._numbers("id", identity))), None)

    def _numbers(self, field: str, value: str) -> list[int]:
        """Bodies of the documents in the index with this very id, key or link."""
        searcher = self._searcher
        if not searcher.doc_freq(field, value):  # as most keys: a tenth of what a search costs
            return []
        query = tantivy.Query.term_query(self._schema, field, value, index_option="basic")
        return _numbers_at(searcher, [a for _, a in searcher.search(query, 10, count=False).hits])
