"""The search over an installation: what it takes in from the database, and how it weighs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bot.settings import Settings
from bot.wiring.kept import embedder_of, weights_in_use
from knowledge_base.search.decision import Weights, load_weights
from knowledge_base.search.finder import Changes, Finder
from knowledge_base.search.index import Record
from knowledge_base.store import Store


@dataclass(frozen=True, slots=True)
class FactSource:
    """The published fact-checks, as the search takes them in."""

    store: Store

    def mark(self, revision: int) -> str:
        """The random mark of a change; empty when there is none (any more)."""
        with self.store.read() as work:
            return work.facts.mark(revision)

    def changes(self, since: int) -> Changes:
        """What was published, changed or retracted after this revision; everything for 0."""
        with self.store.read() as work:
            if since and work.facts.revision() == since:
                return Changes(since)
            found = work.facts.changes(since)
        records = tuple(Record.of(fact) for fact in found.items)
        return Changes(found.revision, records, found.removed)


@dataclass(frozen=True, slots=True)
class QuestionSource:
    """The open questions, as the search takes them in; wordings are variants."""

    store: Store

    def changes(self, since: int) -> Changes:
        """What was opened, joined or closed after this revision; everything for 0."""
        with self.store.read() as work:
            if since and work.questions.revision() == since:
                return Changes(since)
            found = work.questions.changes(since)
        records = tuple(
            Record(
                id=question.code,
                claim=question.text,
                variants=question.wordings,
                lang=question.lang,
                date=None,
            )
            for question in found.items
        )
        return Changes(found.revision, records, found.removed)


def finder_of(settings: Settings, store: Store, weights: Path | None = None) -> Finder:
    """The search over the fact-checks and open questions of an installation, with these weights
    or its own. Raises BadWeights, SettingsError."""
    return Finder(
        FactSource(store),
        _weights(settings, weights),
        questions=QuestionSource(store),
        embedder=embedder_of(settings),
    )


def _weights(settings: Settings, chosen: Path | None) -> Weights | None:
    path = chosen or weights_in_use(settings)
    if chosen or path.exists():
        return load_weights(path)
    return None
