"""Saring beside what one would pick instead, on the own set and the sets beside the checkout.

Run: python -m benchmarks.matching_quality [SET…]. S@1, R@10 and milliseconds of processor time per
query; trivial and ambiguous queries left out. The same queries for every method; rapidfuzz compares
all claims with all queries, so it gets 100 of them, and Saring's figures on those 100 stand in
brackets. Sets lie in ../shared/data and are read there; without them only the own set is measured.
"""

from __future__ import annotations

import random
import re
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import bm25s
import numpy as np
from rapidfuzz import fuzz, process
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge_base.search.evaluation import (
    FixedSource,
    Query,
    read_claims,
    read_qrels,
    read_queries,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Record

OWN = Path(__file__).parent / "own"
SHARED = Path(__file__).parents[2] / "shared" / "data"
SETS = ("own", "indonesian_dev", "resubmission_dev", "clef2020")
SAMPLE, SEED, DEPTH = 100, 7, 10
WORDS = re.compile(r"\w+")
Search = Callable[[str], Sequence[str]]


def saring(claims: Sequence[Record]) -> Search:
    """This engine, guards and all."""
    finder = Finder(FixedSource(tuple(claims)))
    finder.refresh()
    return lambda text: [m.id for m in finder.find(text).matches]


def brute(scorer: Callable[..., float]) -> Callable[[Sequence[Record]], Search]:
    """rapidfuzz process.extract over all claims."""

    def make(claims: Sequence[Record]) -> Search:
        texts = {c.id: f"{c.title} {c.claim}".lower() for c in claims}

        def search(text: str) -> list[str]:
            found = process.extract(text.lower(), texts, scorer=scorer, limit=DEPTH)
            return [identity for _, _, identity in found]

        return search

    return make


def bm25(claims: Sequence[Record]) -> Search:
    """bm25s over lower-case words."""
    retriever = bm25s.BM25()
    tokens = [WORDS.findall(f"{c.title} {c.claim}".lower()) for c in claims]
    retriever.index(tokens, show_progress=False)

    def search(text: str) -> list[str]:
        asked = [WORDS.findall(text.lower())]
        places, _ = retriever.retrieve(asked, k=min(DEPTH, len(claims)), show_progress=False)
        return [claims[int(place)].id for place in places[0]]

    return search


def fts5(claims: Sequence[Record]) -> Search:
    """SQLite FTS5, any of the words."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE claims USING fts5(id UNINDEXED, text)")
    base.executemany(
        "INSERT INTO claims VALUES (?, ?)", [(c.id, f"{c.title} {c.claim}") for c in claims]
    )

    def search(text: str) -> list[str]:
        words = dict.fromkeys(WORDS.findall(text.lower()))
        if not words:
            return []
        asked = " OR ".join(f'"{w}"' for w in words)
        rows = base.execute(
            "SELECT id FROM claims WHERE claims MATCH ? ORDER BY rank LIMIT ?", (asked, DEPTH)
        )
        return [row[0] for row in rows]

    return search


def letters(claims: Sequence[Record]) -> Search:
    """scikit-learn TF-IDF of 3 to 5 letters within words, cosine."""
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    table = vectors.fit_transform([f"{c.title} {c.claim}" for c in claims])

    def search(text: str) -> list[str]:
        alike = (table @ vectors.transform([text]).T).toarray().ravel()
        return [claims[int(i)].id for i in np.argsort(-alike)[:DEPTH]]

    return search


METHODS: dict[str, tuple[Callable[[Sequence[Record]], Search], bool]] = {
    "saring": (saring, True),
    "bm25s": (bm25, True),
    "SQLite FTS5": (fts5, True),
    "scikit-learn letters": (letters, True),
    "rapidfuzz token_set_ratio": (brute(fuzz.token_set_ratio), False),
    "rapidfuzz WRatio": (brute(fuzz.WRatio), False),
}


def load(name: str) -> tuple[tuple[Record, ...], list[Query], dict[str, frozenset[str]]]:
    """Claims, match queries and right answers of a set."""
    folder = OWN if name == "own" else SHARED / name
    qrels = read_qrels([folder / "qrels.tsv"])
    queries = [
        q
        for q in read_queries([folder / "queries.jsonl"])
        if q.id in qrels and q.difficulty != "trivial" and q.split != "ambiguous"
    ]
    return read_claims([folder / "claims.jsonl"]), queries, qrels


def measure(search: Search, queries: Sequence[Query], qrels: dict[str, frozenset[str]]) -> str:
    """S@1, R@10 and milliseconds as one line."""
    first = within = 0
    start = time.thread_time()
    for query in queries:
        found = search(query.text)[:DEPTH]
        first += bool(found) and found[0] in qrels[query.id]
        within += bool(set(found) & qrels[query.id])
    spent = (time.thread_time() - start) * 1000 / len(queries)
    return f"{first / len(queries):>8.3f}{within / len(queries):>8.3f}{spent:>9.2f}"


def main(arguments: Sequence[str]) -> None:
    """Print one table a set."""
    for name in arguments or SETS:
        if name != "own" and not (SHARED / name).exists():
            print(f"{name}: left out, {SHARED / name} is not there")
            continue
        claims, queries, qrels = load(name)
        some = random.Random(SEED).sample(queries, min(SAMPLE, len(queries)))
        print(f"\n{name}: {len(claims)} claims, {len(queries)} queries")
        print(f"{'':<28}{'S@1':>8}{'R@10':>8}{'ms':>9}")
        for method, (make, everything) in METHODS.items():
            search = make(claims)
            line = measure(search, queries if everything else some, qrels)
            print(f"{method:<28}{line}{'' if everything else f'  ({len(some)} queries)'}")
            if method == "saring":
                print(f"{'  on the same sample':<28}{measure(search, some, qrels)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
