"""Text in, findings out: clean, look up repeats, fetch, compare, object, decide, explain."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from knowledge_base.search import features, guards, stance
from knowledge_base.search.decision import (
    Array,
    Weights,
    confidence,
    decide,
    load_weights,
    scores,
)
from knowledge_base.search.findings import Decision, Difference, Match, Result, Stance, Why
from knowledge_base.search.index import Entry, Hit, Index, Record, View
from knowledge_base.search.text import Text, checkable, clean, fingerprint_of, normalise, translate

CANDIDATES = 50  # fetched by words
COMPARED = 24  # of those, compared in full
QUERY_TERMS = 48
REPAIRED_TERMS = 4
NEAR_WEIGHT = 4.0  # of a record with a word one or two letters away
EXACT = 0.99
CONFLICT_FACTOR = 0.5
SAME_QUESTION = 0.9
FIELD_WEIGHTS = {"claim": 1.0, "title": 1.0, "variants": 1.0, "explanation": 0.1}


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the source since a revision: all records when asked since 0."""

    revision: int
    records: tuple[Record, ...] = ()
    removed: tuple[str, ...] = ()


class Source(Protocol):
    """Where the records come from; asked before every search, so it must be cheap."""

    def changes(self, since: int) -> Changes:
        """Records changed and ids removed after revision `since`; everything for 0."""


class Guards(Protocol):
    """The objections (knowledge_base.search.guards, or none)."""

    def conflicts(
        self,
        message: str,
        claim: str,
        *,
        lang: str = "id",
        date: dt.date | None = None,
        claim_date: dt.date | None = None,
    ) -> tuple[Difference, ...]:
        """Conflicts in the aligned stretch of the two texts."""

    def stance(self, message: str) -> Stance:
        """How the message speaks of what it says."""


class OwnGuards:
    """The guards and the stance reading of this package."""

    def conflicts(
        self,
        message: str,
        claim: str,
        *,
        lang: str = "id",
        date: dt.date | None = None,
        claim_date: dt.date | None = None,
    ) -> tuple[Difference, ...]:
        """Same slot, different filling, in the aligned stretch."""
        return guards.conflicts(message, claim, lang=lang, date=date, claim_date=claim_date)

    def stance(self, message: str) -> Stance:
        """Claim, debunk or question."""
        return stance.stance(message)


@dataclass(frozen=True, slots=True)
class Compared:
    """A message beside its candidates: entries, the view that fits best, features of each."""

    text: Text
    entries: tuple[Entry, ...]
    views: tuple[View, ...]
    rows: Array
    scores: Array


def _views(entry: Entry) -> tuple[View, ...]:
    """The wordings of a record, and claim and title read together."""
    views = entry.views
    if len(views) > 1 and views[1].via == "title":
        claim, title = views[0], views[1]
        together = View(
            "claim", claim.raw, claim.stems + title.stems, claim.surface + title.surface
        )
        return (together, *views)
    return views


class Finder:
    """The search over one source of records. Safe to call from several threads."""

    def __init__(
        self,
        source: Source,
        weights: Weights | None = None,
        *,
        questions: Source | None = None,
        objections: Guards | None = None,
        folder: Path | None = None,
    ) -> None:
        self._source = source
        self._weights = weights or load_weights()
        self._guards: Guards = objections or OwnGuards()
        self._index = Index(folder)
        self._lock = threading.Lock()
        self._questions = (
            Finder(questions, self._weights, objections=self._guards) if questions else None
        )

    @property
    def ready(self) -> bool:
        """Has the index taken in the source at least once?"""
        return self._index.revision > 0

    def refresh(self) -> None:
        """Take in what changed since the last look."""
        with self._lock:
            changes = self._source.changes(self._index.revision)
            if changes.revision != self._index.revision:
                self._index.apply(changes.revision, changes.records, changes.removed)

    # --- finding ------------------------------------------------------------------------------

    def find(
        self, text: str, lang: str = "", date: dt.date | None = None, limit: int = 10
    ) -> Result:
        """Match a text against the records. Never raises for any text."""
        self.refresh()
        text = clean(text)
        read = normalise(text, lang)
        said = self._guards.stance(text)
        exact = self._exact(read)
        if exact:
            return Result(Decision.ANSWER, EXACT, said, tuple(exact[:limit]))
        if not checkable(text):
            return Result(Decision.ASK_HUMAN, 0.0, said, checkable=False)
        compared = self.compare(read)
        return self._judge(text, compared, date, limit, said)

    def same_question(self, text: str, lang: str = "", limit: int = 5) -> tuple[Match, ...]:
        """Open questions about the same rumour, only those beyond doubt."""
        if self._questions is None:
            return ()
        result = self._questions.find(text, lang, limit=limit)
        return tuple(m for m in result.matches if m.score >= SAME_QUESTION and not m.why.differ)

    def _exact(self, read: Text) -> list[Match]:
        key = fingerprint_of(read)
        entries = self._index.exact("key", key) if key and read.words else []
        if not entries and len(read.stems) <= 3:
            entries = [e for url in read.urls for e in self._index.exact("url", url)]
        seen = dict.fromkeys(e.id for e in entries)
        return [Match(identity, EXACT, Why(via="exact")) for identity in seen]

    def compare(self, read: Text) -> Compared:
        """Candidates of a message with their features, the likeliest first."""
        index = self._index
        read = translate(read, lambda term: index.frequency(term) > 0)
        message = features.prepare(read, index.rarity)
        hits = self._candidates(message)
        best = max((hit.score for hit in hits), default=1.0)
        chosen = [self._likeliest_view(message, hit) for hit in hits]
        chosen.sort(key=lambda pick: -pick[0])
        chosen = chosen[:COMPARED]
        rows = [
            features.compare(message, wording, hit.score, best, hit.entry.explanation)
            for _, hit, _, wording in chosen
        ]
        table = np.array(rows, dtype=np.float64).reshape(len(rows), len(features.NAMES))
        return Compared(
            read,
            tuple(hit.entry for _, hit, _, _ in chosen),
            tuple(view for _, _, view, _ in chosen),
            table,
            scores(table, self._weights),
        )

    def _candidates(self, message: features.Message) -> list[Hit]:
        index, weights = self._index, message.weights
        terms = sorted(weights, key=weights.__getitem__, reverse=True)
        known = [t for t in terms if index.frequency(t)][:QUERY_TERMS]
        queries = [q for t in known for q in index.word_query(t, FIELD_WEIGHTS)]
        unknown = [t for t in terms if len(t) >= 5 and t.isalpha() and not index.frequency(t)]
        for term in unknown[:REPAIRED_TERMS]:
            queries += self._repaired(term)
        return index.search(queries, CANDIDATES)

    def _repaired(self, term: str) -> list[Any]:
        """Queries for a word the index lacks: split in two it knows, or one letter away."""
        index = self._index
        splits = [(term[:i], term[i:]) for i in range(3, min(len(term) - 2, 24))]
        known = [s for s in splits if index.frequency(s[0]) and index.frequency(s[1])]
        if known:
            best = max(known, key=lambda s: min(len(s[0]), len(s[1])))
            return [q for t in best for q in index.word_query(t, FIELD_WEIGHTS)]
        return index.near_query(term, 1 if len(term) < 8 else 2, NEAR_WEIGHT)

    def _likeliest_view(
        self, message: features.Message, hit: Hit
    ) -> tuple[float, Hit, View, features.Wording]:
        """The wording of the record that is likest to the message at first sight."""
        rarity = self._index.rarity
        picks = []
        for view in _views(hit.entry):
            wording = features.weigh(view.stems, view.surface, rarity)
            picks.append((features.sketch(message, wording, hit.score), hit, view, wording))
        return max(picks, key=lambda pick: pick[0])

    # --- judging ------------------------------------------------------------------------------

    def _judge(
        self, text: str, compared: Compared, date: dt.date | None, limit: int, said: Stance
    ) -> Result:
        if not compared.entries:
            return Result(Decision.ASK_HUMAN, 0.0, said)
        order = [int(i) for i in np.argsort(-compared.scores, kind="stable")][:limit]
        value = confidence(compared.rows, compared.scores, self._weights)
        differ = self._objections(text, compared, order[0], date)
        decision = decide(
            value, self._weights, conflict=bool(differ) and value >= self._weights.suggest
        )
        if differ:
            value *= CONFLICT_FACTOR
        best = compared.scores[order[0]]
        matches = [
            Match(
                compared.entries[i].id,
                round(value * float(np.exp(compared.scores[i] - best)), 6),
                self._why(compared, i, differ if place == 0 else ()),
            )
            for place, i in enumerate(order)
        ]
        return Result(decision, round(value, 6), said, tuple(matches))

    def _objections(
        self, text: str, compared: Compared, at: int, date: dt.date | None
    ) -> tuple[Difference, ...]:
        entry, view = compared.entries[at], compared.views[at]
        return self._guards.conflicts(
            text, view.raw, lang=compared.text.lang, date=date, claim_date=entry.date
        )

    @staticmethod
    def _why(compared: Compared, at: int, differ: Sequence[Difference]) -> Why:
        view = compared.views[at]
        mine = set(compared.text.stems)
        agree = dict.fromkeys(
            w for s, w in zip(view.stems, view.surface, strict=False) if s in mine
        )
        return Why(tuple(agree)[:12], tuple(differ), view.via)
