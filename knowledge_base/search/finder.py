"""Text in, findings out: clean, look up repeats, fetch, compare, object, decide, explain."""

from __future__ import annotations

import datetime as dt
import math
import re
import threading
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol, TypeVar

import numpy as np

from knowledge_base.search import features, guards, recurrence, scams, sight, weighing
from knowledge_base.search.compared import (
    PART_TOLD,
    RIVALS,
    SAID,
    SOFT,
    Compared,
    says_little,
    several_claims,
    tells_the_truth,
    told_apart,
    translated,
    why,
)
from knowledge_base.search.decision import (
    Array,
    Weights,
    best_first,
    confidence,
    decide,
    load_weights,
    scores,
)
from knowledge_base.search.entries import Entry, View, make
from knowledge_base.search.findings import Decision, Difference, Match, Part, Result, Stance, Why
from knowledge_base.search.index import Hit, Index, Record
from knowledge_base.search.kept import FolderLost, Marks
from knowledge_base.search.otherwise import Otherwise, otherwise
from knowledge_base.search.paraphrase import Scorecard, scorecard, strict_scorecard
from knowledge_base.search.parts import add, in_given, joined
from knowledge_base.search.reading import cached_read
from knowledge_base.search.recurrence import Heard, Recurrence
from knowledge_base.search.scope import clauses, stretches
from knowledge_base.search.semantic import Embedder, Semantic, Vectors
from knowledge_base.search.signs import signs
from knowledge_base.search.stance import denies_beyond
from knowledge_base.search.telling import nearly, same_words, tells
from knowledge_base.search.text import (
    Text,
    checkable,
    clean,
    common_stems,
    fingerprint_of,
    normalise,
    spelled,
)

CANDIDATES = 36  # fetched by words
COMPARED = 16  # of those, compared in full …
LISTED = 10  # … and beyond so many only those that are not far behind the likeliest
FAR_BEHIND = 8.0  # at first sight: a 3,000th as likely
MEANT = 8  # fetched by meaning, where an embedder is
QUERY_TERMS = 48
REPAIRED_TERMS = 4
NEAR_CANDIDATES = 12  # fetched by misspelt words
OFTEN = 1_000  # records: a word in more than these and 1 in 20 is left out of the query …
ENOUGH_TERMS = 6  # … where so many rarer ones are in it
NEAR_WEIGHT = 4.0  # of a record with a word one or two letters away
EXACT = 0.99
CONTRADICTED = 0.93  # of the confidence: of 105 contradicted firsts 85 were right, 91 by it
SAME_QUESTION = 0.9
ROUNDING = 1e-9  # of sums made in another order
SAME_COVER = 0.6  # of either text that must be in the other, for two questions to be one
COPY_SCORE = 0.7
COPY_COVER = 0.75  # the same, for near-copies with a lesser score
COPY_WORDS = 6  # content words such near-copies have at least
ALIKE_COVER = 0.3  # the same, of one of them, to show them to a moderator side by side
SENTENCE = 300  # characters of a message of one sentence whose clauses are matched on their own
CLAUSES = 4  # of it at most
PARTS = 10  # stretches of a message matched on their own
PART_CANDIDATES = 24  # fetched for each of them
PART_REPAIRED = 2  # misspelt words of each looked for
PART_MATCHES = 3
RECENT = 256  # open questions that are held in memory before they are committed together
CLOSE = 0.5  # of the ranking score: candidates so near the first are looked at by the guards
WARM_UP = ("KPU pusat tolak majukan 27 TPS di Malang", "KPU pusat tolak menunda 27 TPS di Malang")
CLAIMED = 0.5  # of a claim below a headline that must be in the message for an answer …
CLAIMED_AMONG_MANY = 0.35  # … in a base with rivals, that would show a shared topic for what it is
UNTOLD = 0.001  # below the threshold: what is not answered stays the first suggestion
SMALL_BASE = 3_000  # records; the confidence was fitted on bases of 4,000 and more
HEADLINES = ("claim", "title")
READ = 16  # messages whose reading is kept: the open questions are asked right after the records
SLOTS = ("number", "date", "place", "person", "agency")
NAMED = ("place", "person", "agency", "thing")

_read = lru_cache(maxsize=READ)(normalise)


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
    """The objections: the module knowledge_base.search.guards, or none."""

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


Seen = TypeVar("Seen")

_SEMANTIC = features.NAMES.index("semantic")


class Finder:
    """The search over one source of records. Safe to call from several threads."""

    def __init__(
        self,
        source: Source,
        weights: Weights | None = None,
        *,
        questions: Source | None = None,
        objections: Guards | None = None,
        recent: int = 0,
        embedder: Embedder | None = None,
    ) -> None:
        self._source = source
        self._weights = weights or load_weights()
        self._recurrence = recurrence.shipped()
        self._card = scorecard()
        self._strict = strict_scorecard()
        self._lost: Callable[[Exception], None] = _raised
        self._guards: Guards = objections or guards
        self._index = Index(recent=recent)
        self._semantic = Semantic(embedder) if embedder else None
        _read_word_lists(self._guards)
        self._lock = threading.Lock()
        self._renewal = threading.Lock()
        self._questions = (
            Finder(
                questions,
                self._weights,
                objections=self._guards,
                recent=RECENT,
                embedder=embedder,
            )
            if questions
            else None
        )

    def judging_by(self, weights: Weights, words: Recurrence) -> Finder:
        """The same search by other models, on this very index: to measure these."""
        other = copy(self)
        other._weights, other._recurrence = weights, words
        return other

    def held_to(self, card: Scorecard) -> Finder:
        """The same search, on this very index, with other points for what says the claim: to
        measure these."""
        other = copy(self)
        other._card = card
        return other

    @property
    def ready(self) -> bool:
        """Has the index taken in the source at least once?"""
        return self._index.revision > 0

    def keep_in(
        self,
        folder: Path,
        marks: Marks,
        lost: Callable[[Exception], None],
        damaged: Callable[[str], None] = lambda reason: None,
    ) -> None:
        """Keep the index in this folder from now on, and begin with the one that is there if it
        fits the source, whose changes carry `marks` (see Kept). For one process at a time. What
        is there and `damaged` is made anew. When the folder cannot be used any more, `lost` hears
        why and the index is held in memory. With an embedder nothing is kept: vectors are not.
        """
        if self._semantic is None:
            self._lost = lost
            try:
                self._index = Index(folder, marks=marks, damaged=damaged)
            except FolderLost as error:
                lost(error)

    def check(self) -> None:
        """Read every byte of a kept index; one that is damaged is made anew in memory, while it
        goes on answering where it is whole."""
        index = self._index
        try:
            index.check()
        except FolderLost as error:
            self._renew(index, error)

    def refresh(self) -> None:
        """Take in what changed since the last look."""
        with self._lock:
            try:
                self._take_in(self._index)
            except FolderLost as error:
                self._lost(error)
                index = Index()
                self._take_in(index)
                self._index = index

    def _renew(self, damaged: Index, error: FolderLost) -> None:
        """Another index in place of a damaged one; whoever meets damage meanwhile waits."""
        with self._renewal:
            if self._index is damaged:
                self._lost(error)
                index = Index()
                self._take_in(index)
                with self._lock:
                    if self._index is damaged:  # else a change has found the same and mended it
                        self._take_in(index)
                        self._index = index

    def _whole(self, look: Callable[[], Seen]) -> Seen:
        """What is seen in the index; in another one if a kept one proves to be damaged."""
        index = self._index
        try:
            return look()
        except FolderLost as error:
            self._renew(index, error)
        except BaseException:  # a panic of the index library is no Exception
            self.check()
            if self._index is index:
                raise
        return look()

    def _take_in(self, index: Index) -> None:
        changes = self._source.changes(index.revision)
        if changes.revision < index.revision:
            index.forget()
            changes = self._source.changes(0)
        if changes.revision != index.revision:
            if self._semantic is not None:
                changes = replace(changes, records=tuple(changes.records))
                texts = [(one.id, f"{one.claim}\n{one.title}") for one in changes.records]
                self._semantic.apply(texts, changes.removed, index.revision == 0)
            index.apply(changes.revision, changes.records, changes.removed)

    # --- finding ------------------------------------------------------------------------------

    def find(
        self, text: str, lang: str = "", date: dt.date | None = None, limit: int = 10
    ) -> Result:
        """Match a text against the records; its parts are stretches of the text as given. Never
        raises for any text."""
        self.refresh()
        read = clean(text)
        found = self._whole(lambda: self._find(read, lang, date, limit))
        return found if not found.parts or read == text else in_given(found, text, read)

    def _find(self, text: str, lang: str, date: dt.date | None, limit: int) -> Result:
        read, said = _read(text, lang), self._guards.stance(text)
        settled = self._settled(text, read, said, date, limit)
        return settled or self._judge(text, self.compare(read), date, limit, said)

    def examine(
        self, text: str, lang: str = "", date: dt.date | None = None, limit: int = 10
    ) -> tuple[Result, Compared]:
        """As `find`, and the candidates with their features: for measuring and fitting."""
        self.refresh()
        text = clean(text)
        read, said = _read(text, lang), self._guards.stance(text)
        compared = self.compare(read)
        settled = self._settled(text, read, said, date, limit)
        return settled or self._judge(text, compared, date, limit, said), compared

    def _settled(
        self, text: str, read: Text, said: Stance, date: dt.date | None, limit: int
    ) -> Result | None:
        """What needs no comparing: an exact repeat, or nothing to check."""
        exact = self._exact(text, read, date)
        if exact:
            return Result(Decision.ANSWER, EXACT, said, tuple(exact[:limit]))
        return None if checkable(text) else Result(Decision.ASK_HUMAN, 0.0, said, checkable=False)

    def same_question(self, text: str, lang: str = "", limit: int = 5) -> tuple[Match, ...]:
        """Open questions about the same rumour, only those beyond doubt: most of either is in
        the other, and neither contradicts the other."""
        return self._questions._twins(text, lang, limit) if self._questions else ()

    def alike_questions(
        self, text: str, lang: str = "", without: str = "", limit: int = 5
    ) -> tuple[Match, ...]:
        """Open questions a person may want to see beside this one (`without`: its own code),
        the likeliest first, with what agrees and what differs."""
        return self._questions._alike(text, lang, without, limit) if self._questions else ()

    def alike_facts(
        self, text: str, lang: str = "", without: str = "", limit: int = 5
    ) -> tuple[Match, ...]:
        """Other records that may be the same as this one (`without`: its own id): most of either
        text is in the other. Each is seen alone: as an exact repeat of itself it would hide
        them."""
        return self._whole(lambda: self._alike(text, lang, without, limit, both=SAME_COVER))

    def _twins(self, text: str, lang: str, limit: int) -> tuple[Match, ...]:
        self.refresh()
        text = clean(text)
        read = _read(text, lang)
        exact = self._exact(text, read, None)
        if exact or not checkable(text):
            return tuple(exact[:limit])
        message = weighing.prepare(read, self._index.rarities)
        hits = self._candidates(message)
        if self._semantic is None and not self._any_covers(message, hits):
            return ()
        compared = self._compared(read, message, hits)
        covered = compared.rows[:, [SOFT, SAID]].min(axis=1, initial=1.0)
        if not (covered >= SAME_COVER).any():
            return ()  # none of them can be a twin
        _, _, matches = self._decided(text, compared, None, limit)
        return tuple(
            match for match in matches if not match.why.differ if self._twin(text, compared, match)
        )

    def _any_covers(self, message: weighing.Message, hits: Sequence[Hit]) -> bool:
        """May one of these and the message be mostly in each other? Never wrongly no, and cheap
        beside the full comparison, without which most messages are seen to be new."""
        least = SAME_COVER - ROUNDING
        views = [view for hit in hits for view in hit.entry.readings]
        views = [v for v in views if weighing.most_covered(message, v.distinct) >= least]
        covered = features.covered_both(message, weighing.weigh(views, self._index.rarities))
        return max(covered, default=0.0) >= least

    def _twin(self, text: str, compared: Compared, match: Match) -> bool:
        """Most of either text is in the other, both make the claim or both refute it (the askers
        of one question hear one verdict on what they sent), and the guards find no conflict,
        whichever of the two is read as the message."""
        at = compared.place_of(match)
        if at is None or not self._covered(compared, at, match.score):
            return False
        entry, raw = compared.entries[at], compared.views[at].raw
        if self._refutes(text) is not self._refutes(raw):
            return False
        if self._objections(text, compared, at, None):
            return False
        if not (same_words(compared.text, entry) or self._joins(text, entry)):
            return False
        if self._guards.conflicts(raw, clean(text), lang=entry.lang):
            return False
        read, asked = compared.text, _as_entry(text, compared.text)
        sides = ((read, entry), (_read(clean(raw), entry.lang), asked))
        return not any(otherwise(*side) for side in sides)

    def _joins(self, text: str, entry: Entry) -> bool:
        """Enough points for two questions to be one?"""
        return self._card.of(signs(cached_read(text), entry, self._rarities)) >= self._card.enough

    def _covered(self, compared: Compared, at: int, score: float) -> bool:
        """A good score and most of either text in the other; or nearly all of either, where that
        is more than a few words: among a few questions, or many alike, no score is high, so it
        is taken as if there were no rivals."""
        cover = min(compared.rows[at, SOFT], compared.rows[at, SAID])
        if score >= SAME_QUESTION:
            return bool(cover >= SAME_COVER)
        words = min(len(set(compared.text.stems)), len(set(compared.views[at].stems)))
        near = compared.scores[at] >= compared.scores.max() - CLOSE
        if not near or cover < COPY_COVER or words < COPY_WORDS:
            return False
        return self._alone(compared, at) >= COPY_SCORE

    def _refutes(self, text: str) -> bool:
        return self._guards.stance(text) is Stance.DEBUNK

    def _alike(
        self, text: str, lang: str, without: str, limit: int, both: float = 0.0
    ) -> tuple[Match, ...]:
        self.refresh()
        text = clean(text)
        compared = self.compare(_read(text, lang))
        others = [
            i
            for i, entry in enumerate(compared.entries)
            if entry.id != without
            and max(compared.rows[i, SOFT], compared.rows[i, SAID]) >= ALIKE_COVER
            and min(compared.rows[i, SOFT], compared.rows[i, SAID]) >= both
        ]
        others.sort(key=lambda i: -compared.scores[i])
        return tuple(self._beside(text, compared, i) for i in others[:limit])

    def _alone(self, compared: Compared, at: int) -> float:
        """The confidence of one record as if there were no others."""
        return self._confidence(compared, [at])

    def _beside(self, text: str, compared: Compared, at: int) -> Match:
        """One record seen alone, without rivals."""
        value = self._alone(compared, at)
        differ = self._objections(text, compared, at, None)
        entry = compared.entries[at]
        return Match(entry.id, round(value, 6), why(compared, at, differ), entry.claim)

    def _exact(self, text: str, read: Text, date: dt.date | None) -> list[Match]:
        key = fingerprint_of(read)
        entries = self._index.exact("key", key) if key and read.words else []
        # One spelling may stand for two meanings ("menipu", "ditipu"): the guards look here too.
        entries = [e for e in entries if self._says_the_same(text, e, date)]
        if not entries and len(read.stems) <= 3:
            entries = [e for url in read.urls for e in self._index.exact("url", url)]
        seen = {e.id: e.claim for e in entries}
        return [Match(one, EXACT, Why(via="exact"), claim) for one, claim in seen.items()]

    def _says_the_same(self, text: str, entry: Entry, date: dt.date | None) -> bool:
        """One of the record's wordings is free of conflict with the text."""
        return any(not self._conflicts(text, entry, view, date) for view in entry.views)

    def _conflicts(
        self, text: str, entry: Entry, view: View, date: dt.date | None
    ) -> tuple[Difference, ...]:
        return self._guards.conflicts(
            text, view.raw, lang=entry.lang, date=date, claim_date=entry.date
        )

    def compare(
        self, read: Text, fetched: int = CANDIDATES, repaired: int = REPAIRED_TERMS
    ) -> Compared:
        """Candidates of a message with their features, the likeliest first; `fetched` are looked
        at, `repaired` words that the index lacks are looked for among those alike."""
        message = weighing.prepare(read, self._index.rarities)
        return self._compared(read, message, self._candidates(message, fetched, repaired))

    def sighted(self, read: Text) -> tuple[list[str], Array]:
        """Ids of all that is fetched for a message, and what is seen of each at first sight, in the
        order of sight.NAMES: to learn from what should be compared."""
        message = weighing.prepare(read, self._index.rarities)
        hits = self._candidates(message)
        return [hit.entry.id for hit in hits], self._look(message, self._hear(message), hits).rows

    def beside(self, read: Text, identities: Iterable[str]) -> Compared:
        """A message beside these records, found by its words or not: to learn from pairs."""
        entries = [entry for one in identities if (entry := self._index.entry(one)) is not None]
        message = weighing.prepare(read, self._index.rarities)
        hits = [Hit(0.0, entry) for entry in entries]
        return self._compared(read, message, hits, len(hits))

    def signs(self, text: str, identity: str) -> tuple[float, ...]:
        """What tells whether a message says the same as a record, in the order of signs.NAMES:
        to learn from pairs. Raises KeyError for an unknown record."""
        entry = self._index.entry(identity)
        if entry is None:
            raise KeyError(identity)
        return signs(cached_read(text), entry, self._rarities)

    def _compared(
        self, read: Text, message: weighing.Message, hits: Sequence[Hit], least: int = LISTED
    ) -> Compared:
        best = max((hit.score for hit in hits), default=1.0)
        heard = self._hear(message)
        chosen, stems = self._likeliest(message, heard, hits, least)
        meaning = self._semantic.read(read.letters) if self._semantic else None
        more = self._meaning_the_same(message, meaning, hits, chosen)
        chosen += more
        views = tuple([view for _, view in chosen])
        rarities = self._index.rarities
        wordings = weighing.weigh(views, rarities) if more else weighing.weighed(views, stems)
        word_scores = [hit.score for hit, _ in chosen]
        entries = tuple([hit.entry for hit, _ in chosen])
        explanations = [entry.explained for entry in entries]
        table = self._rows(message, heard, wordings, word_scores, best, explanations)
        if self._semantic is not None and meaning is not None and chosen:
            likeness = self._semantic.likeness(meaning, [entry.id for entry in entries])
            table[:, _SEMANTIC] = likeness
        ranked = told_apart(read, views, wordings, table, scores(table, self._weights))
        found = tuple(word_scores)
        return Compared(read, entries, views, table, ranked, message, heard, wordings, found, best)

    def _hear(self, message: weighing.Message) -> Heard:
        """Which of its words recur."""
        return self._recurrence.heard(message, self._index.size)

    def _rows(
        self,
        message: weighing.Message,
        heard: Heard,
        wordings: weighing.Wordings,
        found: Sequence[float],
        best: float,
        explanations: Sequence[str],
    ) -> Array:
        """The features of these wordings, of records with these word scores, in this index."""
        return features.compare_all(
            *(message, wordings, found, best, explanations),
            *(heard, self._recurrence, self._index.size),
        )

    def _likeliest(
        self, message: weighing.Message, heard: Heard, hits: Sequence[Hit], least: int
    ) -> tuple[list[tuple[Hit, View]], weighing.Stems]:
        """The candidates that are worth comparing, `least` of them whatever they look like, with
        the readings that are likest to the message; the likeliest at first sight first. And the
        stems of these readings."""
        seen = self._look(message, heard, hits)
        likeness = (seen.rows @ self._weights.sight).tolist()
        order = best_first(likeness)[: max(COMPARED, least)]
        order = order[:least] + [
            at for at in order[least:] if likeness[at] >= likeness[order[0]] - FAR_BEHIND
        ]
        views = [(hits[at], hits[at].entry.reading(seen.readings[at])) for at in order]
        return views, seen.stems_of(np.array(order, dtype=np.int64))

    def _look(self, message: weighing.Message, heard: Heard, hits: Sequence[Hit]) -> sight.Seen:
        entries, found = [hit.entry for hit in hits], [hit.score for hit in hits]
        return sight.look(message, heard, entries, found, self._index.rarities)

    def _meaning_the_same(
        self,
        message: weighing.Message,
        meaning: Vectors | None,
        hits: Sequence[Hit],
        by_sight: Sequence[tuple[Hit, View]],
    ) -> list[tuple[Hit, View]]:
        """Records not chosen by their words that mean nearly the same."""
        if self._semantic is None or meaning is None:
            return []
        chosen = {hit.entry.id for hit, _ in by_sight}
        by_words = {hit.entry.id: hit for hit in hits}
        found: list[tuple[Hit, View]] = []
        for identity in self._semantic.nearest(meaning, MEANT):
            entry = self._index.entry(identity) if identity not in chosen else None
            if entry is not None:
                readings = entry.readings
                view = readings[sight.likest(message, readings, self._index.rarities)]
                found.append((by_words.get(identity, Hit(0.0, entry)), view))
        return found

    def _candidates(
        self,
        message: weighing.Message,
        fetched: int = CANDIDATES,
        repaired: int = REPAIRED_TERMS,
    ) -> list[Hit]:
        index, terms, count = self._index, message.terms, message.records
        known = [t for t in terms if count[t]][:QUERY_TERMS]
        often = max(OFTEN, len(index) // 20)
        rare = [t for t in known if count[t] <= often]
        known = rare if len(rare) >= ENOUGH_TERMS else known
        queries = index.word_queries(known)
        unknown = [t for t in terms if len(t) >= 5 and t.isalpha() and not count[t]]
        near = []
        for term in unknown[:repaired]:
            split = self._split(term)
            queries += index.word_queries(split)
            if not split:
                near += index.near_query(term, 1 if len(term) < 8 else 2, NEAR_WEIGHT)
        # Apart: one query by distance would make tantivy walk all records for all words.
        alike, hits = index.search(near, NEAR_CANDIDATES), index.search(queries, fetched)
        if not alike:
            return hits
        each = {hit.entry.id: hit for hit in alike} | {hit.entry.id: hit for hit in hits}
        return list(each.values())

    def _split(self, term: str) -> tuple[str, ...]:
        """A word the index lacks as two that it has, if there is a way."""
        count = self._index.frequencies
        splits = [(term[:i], term[i:]) for i in range(3, min(len(term) - 2, 24))]
        known = [s for s in splits if count[s[0]] and count[s[1]]]
        return max(known, key=lambda s: min(len(s[0]), len(s[1])), default=())

    # --- judging ------------------------------------------------------------------------------

    def _judge(
        self, text: str, compared: Compared, date: dt.date | None, limit: int, said: Stance
    ) -> Result:
        if not compared.entries:
            return Result(Decision.ASK_HUMAN, 0.0, said)
        decision, value, matches = self._decided(text, compared, date, limit)
        parts = self._parts(text, compared, date)
        whole = Result(decision, value, said, matches)
        return joined(whole, parts) if len(parts) > 1 else whole

    def _decided(
        self,
        text: str,
        compared: Compared,
        date: dt.date | None,
        limit: int,
        told: float = 0.0,
    ) -> tuple[Decision, float, tuple[Match, ...]]:
        """Decision, confidence after the guards, and the matches with their reasons. Where less
        than `told` of the claim is said, no answer: a blessing at a death, a mayor's name, an item
        of a programme are in many claims, and make none."""
        value = self._confidence(compared, range(len(compared.entries)))
        order, differ = self._ordered(text, compared, date, limit, value)
        first, best = differ.get(order[0], ()), compared.scores[order[0]]
        if differ and not first:
            rivals = [i for i in range(len(compared.entries)) if i not in differ]
            value = self._confidence(compared, rivals)
        if value >= self._weights.answer:
            value = self._without_headline(compared, order[0], set(differ), value)
        if value >= self._weights.answer and tells_the_truth(compared, order[0]):
            value = self._weights.suggest
        if value >= self._weights.answer and not (
            compared.rows[order[0], SOFT] >= told
            and self._sure(text, compared, order[0], date, bool(first))
        ):
            value = self._weights.answer - UNTOLD  # the topic of a short claim, not the claim
        decision = decide(value, self._weights, conflict=bool(first))
        if first:  # only suggested, so below every answer, yet mostly the record that is meant
            value *= min(CONTRADICTED, self._weights.answer)
        value = round(value, 6)
        falls = [math.exp(min(0.0, score - best)) for score in compared.scores[order].tolist()]
        matches = [
            Match(
                compared.entries[i].id,
                round(value * fall, 6),
                why(compared, i, differ.get(i, ())),
                compared.entries[i].claim,
            )
            for i, fall in zip(order, falls, strict=True)
        ]
        return decision, value, tuple(matches)

    def _sure(
        self, text: str, compared: Compared, at: int, date: dt.date | None, contradicts: bool
    ) -> bool:
        """Is the match of one language, and told or contradicted as such?"""
        if translated(compared, at):
            return False
        return contradicts or self._told(text, compared, at, date)

    def _told(self, text: str, compared: Compared, at: int, date: dt.date | None) -> bool:
        """Does the message tell the claim itself?"""
        entry = compared.entries[at]
        if scams.told(text, compared.views[at].raw):
            return True  # a templated scam is the same, whoever it poses as
        if scams.left_out(text, compared.views[at].raw):
            return False  # news of the office holder: no account is spoken of
        few = len(self._index) < SMALL_BASE
        other = otherwise(compared.text, entry, self._heard if few else None)
        if other is Otherwise.IN_KIND and not self._refutes(text):
            return False
        row = signs(cached_read(text, date=date), entry, self._rarities)
        if self._card.of(row) < self._card.least:
            return False
        return not few or self._clearly(text, compared.text, entry, bool(other), row)

    def _clearly(
        self, text: str, message: Text, entry: Entry, other: bool, row: Sequence[float]
    ) -> bool:
        """Does the message tell all of a short claim, or get points that make up for what is
        missing? Asked in a small base only: there a record has no rivals that would show a shared
        topic for what it is, every lead is large."""
        points = self._strict.of(row)
        if points >= self._strict.enough and nearly(message, entry):
            return True
        if points < self._strict.least:
            return False
        if not other and tells(message, entry):
            return True
        return self._refutes(text) and tells(message, entry, refutes=True)

    def _rarities(self, stems: Sequence[str]) -> list[float]:
        """How rare stems are among the records, most for one that none of them has."""
        size = len(self._index) + 2  # of a word that a single record has, more than nothing
        return [math.log(size / (n + 1)) for n in self._index.frequencies.of(stems)]

    def _heard(self, stem: str) -> bool:
        """Has any record this stem?"""
        return self._index.frequencies[stem] > 0

    def _without_headline(
        self, compared: Compared, at: int, contradicting: set[int], value: float
    ) -> float:
        """The confidence where a headline helped: a headline may name no more than the topic, so
        what is answered must be said by the claim, or by a wording people sent, as well."""
        entry = compared.entries[at]
        views = [view for view in entry.views if view.via != "title"]
        if len(views) == len(entry.views):
            return value
        if not views:
            return self._weights.suggest
        score, best, heard = compared.found[at], compared.best, compared.heard
        message, rarities = compared.message, self._index.rarities
        view, rows = views[sight.likest(message, views, rarities)], compared.rows.copy()
        wording = weighing.weigh([view], rarities)
        rows[[at]] = self._rows(message, heard, wording, [score], best, [entry.explained])
        ranked, copies = compared.scores.copy(), compared.wordings.near_copies_of(wording.codes)
        without, with_it = scores(np.stack([rows[at], compared.rows[at]]), self._weights)
        ranked[at] += without - with_it  # what tells near-copies apart stays
        same = copies & (np.arange(len(ranked)) != at)
        ranked[same] = np.minimum(ranked[same], ranked[at] - ROUNDING)  # and they are no rivals
        kept = [i for i in range(len(ranked)) if i == at or i not in contradicting]
        least = self._weights.suggest
        enough = CLAIMED if len(self._index) < SMALL_BASE else CLAIMED_AMONG_MANY
        if ranked[at] < ranked[kept].max() or rows[at, SOFT] < enough:
            return least
        alone = confidence(rows[kept], ranked[kept], copies[kept], self._weights)
        return max(least, min(value, alone))

    def _confidence(self, compared: Compared, among: Sequence[int]) -> float:
        """How likely the first of these candidates is the right one."""
        some = list(among)
        ranked = compared.scores[some]
        copies = compared.wordings.near_copies(some[int(ranked.argmax())])
        if len(some) == len(compared.rows):
            return confidence(compared.rows, ranked, copies, self._weights)
        return confidence(compared.rows[some], ranked, copies[some], self._weights)

    # --- parts --------------------------------------------------------------------------------

    def _parts(self, text: str, compared: Compared, date: dt.date | None) -> tuple[Part, ...]:
        """The stretches of a message that make claims of their own, if there are several.

        Looked for only when two records that are not about the same are both largely in the
        message; each stretch is then matched like a message.
        """
        if not several_claims(compared):
            return ()
        found: list[Part] = []
        pieces, near = stretches(text)[:PARTS], 0
        if len(pieces) == 1:
            return self._both(text, date)
        for at, (start, end) in enumerate(pieces):
            if near + len(pieces) - at < 2:
                return ()  # what is left cannot make two claims of it any more
            part = self._part(text, start, end, date)
            near += part is not None and part.decision is not Decision.ASK_HUMAN
            if part is not None:
                add(found, part)
        firsts = {part.matches[0].id for part in found if part.decision is not Decision.ASK_HUMAN}
        return tuple(found) if len(firsts) > 1 else ()

    def _both(self, text: str, date: dt.date | None) -> tuple[Part, ...]:
        """Known claims in one sentence ("… dan …"), where every clause of it is answered and none
        denies, since nobody knows whether it denies both; else the sentence is taken as one."""
        found: list[Part] = []
        halves = clauses(text) if len(text) <= SENTENCE else []
        for start, end in halves if 1 < len(halves) <= CLAUSES else ():
            part = self._part(text, start, end, date)
            if part is None or part.decision is not Decision.ANSWER:
                return ()
            if part.stance is Stance.DEBUNK or self._denies(text[start:end], part.matches[0].id):
                return ()
            add(found, part)
        return tuple(found) if len(found) > 1 else ()

    def _denies(self, piece: str, identity: str) -> bool:
        """Does a stretch deny more than any wording of this record does?"""
        entry = self._index.entry(identity)
        views = entry.views if entry is not None else ()
        return all(denies_beyond(piece, view.raw) for view in views)

    def _part(self, text: str, start: int, end: int, date: dt.date | None) -> Part | None:
        """One stretch matched on its own; None when it holds nothing to check."""
        piece = text[start:end]
        if not checkable(piece):
            return None
        said = self._guards.stance(piece)
        compared = self.compare(_read(piece), PART_CANDIDATES, PART_REPAIRED)
        if not compared.entries:
            return None
        decision, value, matches = self._decided(piece, compared, date, PART_MATCHES, PART_TOLD)
        exact = self._exact(piece, compared.text, date)
        if exact:
            return Part(start, end, Decision.ANSWER, EXACT, said, tuple(exact))
        if decision is not Decision.ANSWER and says_little(compared, matches[0]):
            return None
        return Part(start, end, decision, value, said, matches)

    def _ordered(
        self, text: str, compared: Compared, date: dt.date | None, limit: int, value: float
    ) -> tuple[list[int], dict[int, tuple[Difference, ...]]]:
        """The likeliest first, and what differs in the first ones.

        Where the first contradicts the message and one close behind does not ("to the 27th", "to
        the 28th"), the one that agrees comes first, and the others are no rivals to it.
        """
        order = best_first(compared.scores.tolist())
        if value < self._weights.suggest:
            return order[:limit], {}
        near = compared.scores[order[0]] - CLOSE
        close = [i for i in order[:RIVALS] if compared.scores[i] >= near]
        found = {i: self._objections(text, compared, i, date) for i in close}
        differ = {i: differences for i, differences in found.items() if differences}
        agree = next((i for i in close if i not in differ), order[0])
        return [agree, *(i for i in order if i != agree)][:limit], differ

    def _objections(
        self, text: str, compared: Compared, at: int, date: dt.date | None
    ) -> tuple[Difference, ...]:
        """What contradicts the wording that was found; where that is the headline, the claim
        too, and the other way round, but of a headline only figures and names: it may itself
        deny the rumour."""
        entry, view = compared.entries[at], compared.views[at]
        found = self._conflicts(text, entry, view, date)
        if found or view.via not in HEADLINES:
            return found
        others = (v for v in entry.views if v.via in HEADLINES and v.raw != view.raw)
        return tuple(
            difference
            for other in others
            for difference in self._conflicts(text, entry, other, date)
            if (other.via == "claim" or difference.type in SLOTS)
            and not _in_words(difference, view.raw)  # "Alfamart" for "minimarket"
        )


def _raised(error: Exception) -> None:
    """What becomes of damage where nobody listens: an index in memory cannot be made anew."""
    raise error


def _read_word_lists(objections: Guards) -> None:
    """Have them at hand before a first asker waits for them: two texts are held against each other
    that need all of them."""
    said, claimed = WARM_UP
    objections.conflicts(said, claimed)
    otherwise(normalise(said), _as_entry(claimed, normalise(claimed)), bool)
    common_stems()
    spelled(said.split())


def _as_entry(text: str, read: Text) -> Entry:
    """A text as if it were a record with this claim."""
    wording = ("claim", text, " ".join(read.stems), " ".join(read.surface))
    return make("", read.lang, None, [wording], "")


def _in_words(difference: Difference, wording: str) -> bool:
    """Is the other name or thing one of the wording that was found? Never said of what turns a
    statement, whose words may all stand in a headline: "tidak", "wajib", a figure, who did it."""
    known = set(re.findall(r"\w+", wording.casefold()))
    told = re.findall(r"\w+", difference.message.casefold())
    return difference.type in NAMED and known.issuperset(told)
