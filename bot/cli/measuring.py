"""`saring evaluate`: how good the matcher is on labelled files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from bot import measure
from bot.cli.lines import progress, say
from bot.settings import load
from knowledge_base.search import evaluation
from knowledge_base.search.decision import load_weights


def evaluate(
    claims: list[Path],
    queries: list[Path],
    qrels: list[Path],
    weights: Path | None,
    folds: int,
    as_json: bool,
) -> None:
    """The figures of these weights (of the shipped ones for None) on labelled files."""
    labelled = labelled_from(claims, queries, qrels)
    chosen = load_weights(weights) if weights else None
    report = measure.measured(load(), watched(labelled), chosen, folds)
    say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else report.as_text())


def labelled_from(claims: list[Path], queries: list[Path], qrels: list[Path]) -> measure.Labelled:
    """The files, and on standard error what does not fit together in them."""
    labelled = measure.from_files(claims, queries, qrels)
    for note in measure.misfits(labelled):
        sys.stderr.write(f"saring: note: {note}\n")
    return labelled


def watched(labelled: measure.Labelled) -> measure.Labelled:
    """The same, telling how far its queries are read; they can be read once."""

    def each() -> Iterator[evaluation.Query]:
        queries = tuple(labelled.queries)
        for number, query in enumerate(queries, start=1):
            yield query
            progress(number, len(queries), "queries")

    return replace(labelled, queries=each())
