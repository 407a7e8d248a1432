"""Measure and refit the matcher: on labelled files, or on what this installation has learned."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.settings import Settings
from bot.wiring.kept import embedder_of, weights_in_use
from bot.wiring.search import Records
from knowledge_base.facts import KnowledgeError, Pair
from knowledge_base.search import evaluation
from knowledge_base.search.decision import Weights, load_weights
from knowledge_base.search.text import fingerprint

FEWEST = 50  # labelled texts; fewer say nothing about a threshold


@dataclass(frozen=True, slots=True)
class Labelled:
    """Claims, queries and which claims are right for which query."""

    claims: Records
    queries: Iterable[evaluation.Query]
    qrels: Mapping[str, frozenset[str]]


def from_files(claims: list[Path], queries: list[Path], qrels: list[Path]) -> Labelled:
    """Labelled files in the evaluation format; raises evaluation.BadInput."""
    return Labelled(
        evaluation.read_claims(claims),
        evaluation.read_queries(queries),
        evaluation.read_qrels(qrels),
    )


def misfits(labelled: Labelled) -> list[str]:
    """What does not fit together in these files, one sentence each."""
    return evaluation.misfits(labelled.claims, tuple(labelled.queries), labelled.qrels)


def own_pairs(pairs: Sequence[Pair], records: Records) -> Labelled:
    """What askers and moderators confirmed, on these records of the installed knowledge base.

    A wording that was remembered as a variant is taken out of the claims, or every pair would
    be an exact repeat. Raises KnowledgeError when there are too few.
    """
    right: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        right[pair.text] |= {str(pair.fact_number)} if pair.right else set()
    if len(right) < FEWEST:
        raise KnowledgeError(
            f"only {len(right)} labelled texts so far, at least {FEWEST} are needed; "
            "they come from taps on choices and from moderators' merges"
        )
    asked = {fingerprint(text) for text in right}
    claims = [
        replace(record, variants=tuple(v for v in record.variants if fingerprint(v) not in asked))
        for record in records
    ]
    languages = {pair.text: pair.lang for pair in pairs}
    queries = [
        evaluation.Query(
            id=f"pair-{number}",
            text=text,
            lang=languages[text],
            split="match" if numbers else "nomatch",
        )
        for number, (text, numbers) in enumerate(right.items())
    ]
    qrels = {
        query.id: frozenset(numbers)
        for query, numbers in zip(queries, right.values(), strict=True)
        if numbers
    }
    return Labelled(claims, queries, qrels)


def measured(
    settings: Settings, labelled: Labelled, weights: Weights | None, folds: int
) -> evaluation.Report:
    """The figures of these weights (the shipped ones for None)."""
    return evaluation.evaluate(
        labelled.claims,
        labelled.queries,
        labelled.qrels,
        weights,
        fold_count=folds,
        embedder=embedder_of(settings),
    )


def current_weights(settings: Settings) -> Weights | None:
    """The weights this installation has switched to; None for the shipped ones."""
    path = weights_in_use(settings)
    return load_weights(path) if path.exists() else None


def refit(settings: Settings, labelled: Labelled, folds: int) -> tuple[Weights, evaluation.Report]:
    """New weights, and their figures on pairs held back from the fit."""
    sets = [(labelled.claims, labelled.queries, labelled.qrels)]
    return evaluation.fit_weights(sets, fold_count=folds, embedder=embedder_of(settings))


def demand_room(path: Path) -> None:
    """Can weights be written here? Asked before a fit, which takes minutes. Raises
    KnowledgeError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise PermissionError
    except OSError as error:
        raise KnowledgeError(f"{path} cannot be written; choose another place") from error


def keep(weights: Weights, path: Path) -> None:
    """Write a weights file, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.write_text(weights.as_json(), encoding="utf-8")
    draft.replace(path)
