"""What `saring match`, `evaluate` and `fit` do, without the command line: files in, reports out."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from knowledge_base.search.compared import Compared
from knowledge_base.search.decision import Weights, confidence, scores
from knowledge_base.search.finder import Changes, Finder, Guards
from knowledge_base.search.findings import Decision, Match, Part, Result, Why
from knowledge_base.search.fit import Example, fit
from knowledge_base.search.index import Record
from knowledge_base.search.quality import (
    AtRate,
    Judged,
    at_false_rate,
    average_precision,
    calibration_error,
    folds,
    found_within,
    mean_interval,
    percentile,
    threshold_at,
    wilson,
)
from knowledge_base.search.semantic import Embedder
from knowledge_base.search.text import normalise

RATES = (0.01, 0.05)
DEPTH = 10
HEADERS = frozenset({"query_id", "query", "qid", "query-id"})
FEWEST = 20  # queries with a right claim, and without one, that refitting in folds needs
REFITTED = ("map5", "s1", "s1_interval", "r5", "r10", "r10_interval")


class BadInput(Exception):
    """A file that cannot be read; the text names file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Query:
    """One query of a set, with what is known of it."""

    id: str
    text: str
    lang: str = ""
    date: dt.date | None = None
    split: str = ""
    difficulty: str = ""


@dataclass(frozen=True, slots=True)
class FixedSource:
    """Records that never change."""

    records: tuple[Record, ...]

    def changes(self, since: int) -> Changes:
        """Everything once, then nothing."""
        return Changes(1, self.records) if since < 1 else Changes(since)


Learned = tuple[Query, tuple[str, ...], Example]
"""A query, the ids of its candidates, and their features with marks."""


# --- reading ----------------------------------------------------------------------------------


def read_claims(paths: Iterable[Path]) -> tuple[Record, ...]:
    """Claims in the import's fields (`text` for `claim`; verdict and sources may be missing).

    Raises BadInput with file and line.
    """
    records = []
    for path in paths:
        for number, row in _rows(path):
            claim = row.get("claim") or row.get("text")
            if not isinstance(claim, str) or not claim.strip():
                raise BadInput(f"{path}, line {number}: a claim needs `claim` (or `text`)")
            given = (row.get("id"), row.get("url"), _first_url(row), f"{path.stem}:{number}")
            identity = next(one for one in given if one not in (None, ""))
            try:
                records.append(_record(str(identity), claim, row))
            except BadInput as error:
                raise BadInput(f"{path}, line {number}: {error}") from error
    return tuple(records)


def _record(identity: str, claim: str, row: Mapping[str, Any]) -> Record:
    variants = row.get("variants") or ()
    if isinstance(variants, str):
        variants = variants.split(" || ")
    if not isinstance(variants, list | tuple):
        raise BadInput("`variants` is no list of texts")
    return Record(
        identity,
        claim,
        str(row.get("title") or ""),
        str(row.get("explanation") or row.get("fact") or ""),
        tuple(str(v) for v in variants),
        str(row.get("lang") or "id"),
        _day(row.get("date")),
    )


def _first_url(row: Mapping[str, Any]) -> str:
    sources = row.get("sources") or ()
    first = sources[0] if isinstance(sources, list) and sources else None
    return str(first.get("url") or "") if isinstance(first, dict) else ""


def _day(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(value[:10]) if isinstance(value, str) else None
    except ValueError:
        return None


def read_queries(paths: Iterable[Path]) -> tuple[Query, ...]:
    """Labelled queries. Raises BadInput with file and line."""
    queries = []
    for path in paths:
        for number, row in _rows(path):
            try:
                queries.append(parse_query(row))
            except BadInput as error:
                raise BadInput(f"{path}, line {number}: {error}") from error
    return tuple(queries)


def parse_query(row: object) -> Query:
    """One query from its JSON. Raises BadInput saying what is wrong."""
    if not isinstance(row, dict):
        raise BadInput("a query is a JSON object")
    for key in ("id", "text"):
        if not isinstance(row.get(key), str):
            raise BadInput(f"`{key}` is missing or no text")
    for key in ("lang", "date"):
        if not isinstance(row.get(key), str | None):
            raise BadInput(f"`{key}` is no text")
    day = row.get("date") or ""
    if day and _day(day) is None:
        raise BadInput("`date` is no day like 2026-11-27")
    return Query(
        row["id"],
        row["text"],
        row.get("lang") or "",
        _day(day),
        str(row.get("split") or ""),
        str(row.get("difficulty") or ""),
    )


def read_qrels(paths: Iterable[Path]) -> dict[str, frozenset[str]]:
    """Right claims of each query, from tab-separated rows under a header line, which may be
    missing; only under one may more columns follow. Raises BadInput with file and line.
    """
    right: dict[str, set[str]] = {}
    for path in paths:
        headed = False
        for number, line in _lines(path):
            row = [cell.strip() for cell in line.split("\t")]
            if number == 1 and row[0].lower() in HEADERS:
                headed = True
                continue
            if not all(row[:2]) or len(row) < 2 or (len(row) > 2 and not headed):
                raise BadInput(f"{path}, line {number}: not `query_id`, a tab, `claim_id`")
            right.setdefault(row[0], set()).add(row[1])
    return {query: frozenset(claims) for query, claims in right.items()}


def misfits(
    claims: Sequence[Record], queries: Sequence[Query], qrels: Mapping[str, frozenset[str]]
) -> list[str]:
    """What does not fit together in a labelled set, one sentence each: figures of files that were
    mixed up look like figures of a bad matcher."""
    there, asked = {one.id for one in claims}, Counter(one.id for one in queries)
    lost = sum(not right & there for query, right in qrels.items() if query in asked)
    bare = sum(one.split == "match" and one.id not in qrels for one in queries)
    found = {
        "query ids occur more than once": sum(n > 1 for n in asked.values()),
        "claim ids occur more than once": len(claims) - len(there),
        "queries of the qrels are not among the queries": len(qrels.keys() - asked.keys()),
        "queries have right claims of which none is among the claims": lost,
        "queries of the split `match` are not in the qrels; they count as without a claim": bare,
    }
    return [f"{number} {words}" for words, number in found.items() if number]


def _rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(path):
        try:
            row = _loaded(line)
        except BadInput as error:
            raise BadInput(f"{path}, line {number}: {error}") from error
        if not isinstance(row, dict):
            raise BadInput(f"{path}, line {number}: not a JSON object")
        yield number, row


def _loaded(line: str) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise BadInput(f"not JSON ({error})") from error
    except (ValueError, RecursionError) as error:  # a number, or a nest, of thousands
        raise BadInput("not JSON that can be read") from error


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a file that are not empty, each with its number. Raises BadInput."""
    number = 0
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeError as error:  # text is decoded some way ahead of the line it is given by
        raise BadInput(f"{path} is not text in UTF-8, at or after line {number + 1}") from error


# --- match ------------------------------------------------------------------------------------


def match_lines(
    lines: Iterable[str],
    finder: Finder,
    limit: int = DEPTH,
    name: Callable[[str], str] = str,
) -> Iterator[dict[str, Any]]:
    """One result for each query line, in order; a bad line gives an error and the run goes on.
    `name` gives the fact-check's own id for the one the index knows it by."""
    warm = False
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            query = parse_query(_loaded(line))
        except BadInput as error:
            yield {"id": None, "error": str(error), "line": number}
            continue
        warm = warm or _warm_up(finder, query)
        started = time.perf_counter()
        result = _within(finder.find(query.text, query.lang, query.date, limit), limit)
        yield as_json(query.id, result, (time.perf_counter() - started) * 1000, name)


def _warm_up(finder: Finder, query: Query) -> bool:
    """Word lists are read at the first search; no query's time should tell of that."""
    finder.find(query.text, query.lang, query.date)
    return True


def _within(result: Result, limit: int) -> Result:
    """Nowhere more matches than that: a message of several claims lists those of each part."""
    parts = tuple(replace(part, matches=part.matches[:limit]) for part in result.parts)
    return replace(result, matches=result.matches[:limit], parts=parts)


def as_json(
    identity: str, result: Result, ms: float, name: Callable[[str], str] = str
) -> dict[str, Any]:
    """A result as the contract writes it."""
    found: dict[str, Any] = {
        "id": identity,
        "decision": result.decision.value,
        "confidence": round(result.confidence, 4),
        "stance": result.stance.value,
        "ms": round(ms, 2),
        "matches": [_match_json(m, name) | {"why": _why_json(m.why)} for m in result.matches],
    }
    if result.parts:
        found["parts"] = [_part_json(p, name) for p in result.parts]
    return found


def _match_json(match: Match, name: Callable[[str], str]) -> dict[str, Any]:
    return {"id": name(match.id), "score": round(match.score, 4)}


def _why_json(why: Why) -> dict[str, Any]:
    differ = [{"type": d.type, "message": d.message, "claim": d.claim} for d in why.differ]
    return {"agree": list(why.agree), "differ": differ, "via": why.via}


def _part_json(part: Part, name: Callable[[str], str]) -> dict[str, Any]:
    return {
        "start": part.start,
        "end": part.end,
        "decision": part.decision.value,
        "confidence": round(part.confidence, 4),
        "matches": [_match_json(m, name) for m in part.matches],
    }


# --- evaluate ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one group of queries."""

    n: int
    map5: float
    s1: float
    r5: float
    r10: float
    answered_right: float
    answered_wrong: float
    map5_interval: tuple[float, float]
    s1_interval: tuple[float, float]
    r5_interval: tuple[float, float]
    r10_interval: tuple[float, float]
    answered_right_interval: tuple[float, float]
    answered_wrong_interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything `saring evaluate` prints."""

    groups: Mapping[str, Figures]
    none: int
    false_replies: float
    false_interval: tuple[float, float]
    calibration: float
    at_rates: Sequence[AtRate]
    p50: float
    p99: float
    refitted: Mapping[str, Any] | None = None  # empty: too few queries; None: not asked for

    def as_dict(self) -> dict[str, Any]:
        """Plain data for `--json`."""
        return {
            "groups": {name: _plain(f) for name, f in self.groups.items()},
            "no_match": {
                "n": self.none,
                "false_replies": self.false_replies,
                "false_replies_interval": self.false_interval,
            },
            "calibration_error": self.calibration,
            "at_false_rate": [_plain(a) for a in self.at_rates],
            "ms": {"p50": self.p50, "p99": self.p99},
            "refitted": dict(self.refitted or {}),
        }

    def as_text(self) -> str:
        """The table people read."""
        lines = [
            f"{'queries':<28}{'n':>6}{'MAP@5':>8}{'S@1':>8}{'R@5':>8}{'R@10':>8}"
            f"{'right':>8}{'wrong':>8}   S@1 95 %"
        ]
        for name, f in self.groups.items():
            low, high = f.s1_interval
            lines.append(
                f"{name:<28}{f.n:>6}{f.map5:>8.3f}{f.s1:>8.3f}{f.r5:>8.3f}{f.r10:>8.3f}"
                f"{f.answered_right:>8.3f}{f.answered_wrong:>8.3f}   {low:.3f}-{high:.3f}"
            )
        low, high = self.false_interval
        lines.append(
            f"no-match queries: {self.none}, answered {self.false_replies:.4f} "
            f"({low:.4f}-{high:.4f})"
        )
        lines += [_rate_line("", a) for a in self.at_rates]
        lines.append(f"calibration error {self.calibration:.4f}")
        if self.p99:  # folds of a fit are judged by features kept, which takes no time
            lines.append(f"ms p50 {self.p50:.2f}, p99 {self.p99:.2f}")
        if self.refitted is not None:
            lines += _refitted_lines(self.refitted)
        return "\n".join(lines)


def _refitted_lines(found: Mapping[str, Any]) -> list[str]:
    if not found:
        return ["refitted in folds: too few queries with and without a right claim"]
    shares = (("MAP@5", "map5"), ("S@1", "s1"), ("R@5", "r5"), ("R@10", "r10"))
    ranges = {"s1": found["s1_interval"], "r10": found["r10_interval"]}
    told = [
        f"{label} {found[name]:.3f}"
        + (f" ({ranges[name][0]:.3f}-{ranges[name][1]:.3f})" if name in ranges else "")
        for label, name in shares
    ]
    return [
        f"refitted in {found['folds']} folds, each measured on what was held out, guards aside:",
        "  " + ", ".join(told),
        *(_rate_line("  ", AtRate(**rate)) for rate in found["at_false_rate"]),
        f"  calibration error {found['calibration_error']:.4f}, "
        f"no-match queries answered {found['false_replies']:.4f}",
    ]


def _rate_line(prefix: str, a: AtRate) -> str:
    return (
        f"{prefix}at {a.rate:.0%} false replies: right {a.right:.3f} "
        f"({a.right_interval[0]:.3f}-{a.right_interval[1]:.3f}), wrong {a.wrong:.4f}, "
        f"false on held-out queries {a.false:.4f}"
    )


def _plain(value: Figures | AtRate) -> dict[str, Any]:
    return {name: getattr(value, name) for name in value.__dataclass_fields__}


def judge(
    finder: Finder, queries: Iterable[Query], qrels: Mapping[str, frozenset[str]]
) -> tuple[list[Judged], list[Learned]]:
    """Run every query that is not ambiguous; the features are kept for refitting."""
    judged: list[Judged] = []
    learned: list[Learned] = []
    for query in queries:
        if query.split == "ambiguous":
            continue
        if not judged:
            _warm_up(finder, query)
        right = qrels.get(query.id, frozenset())
        started = time.perf_counter()
        result, compared = finder.examine(query.text, query.lang, query.date, DEPTH)
        took = (time.perf_counter() - started) * 1000
        judged.append(
            Judged(
                query.id,
                query.split,
                query.difficulty,
                right,
                tuple(m.id for m in result.matches),
                result.confidence,
                result.decision,
                took,
            )
        )
        learned.append(as_learned(query, compared, right))
    return judged, learned


def figures(items: Sequence[Judged]) -> Figures:
    """The figures of a group of match queries."""
    n = max(1, len(items))
    precision = [average_precision(i.found, i.right) for i in items]
    first = sum(i.first_is_right for i in items)
    within = {k: sum(found_within(i.found, i.right, k) for i in items) for k in (5, 10)}
    answered = [i for i in items if i.decision is Decision.ANSWER]
    right = sum(i.first_is_right for i in answered)
    return Figures(
        len(items),
        sum(precision) / n,
        first / n,
        within[5] / n,
        within[10] / n,
        right / n,
        (len(answered) - right) / n,
        mean_interval(precision),
        wilson(first, len(items)),
        wilson(within[5], len(items)),
        wilson(within[10], len(items)),
        wilson(right, len(items)),
        wilson(len(answered) - right, len(items)),
    )


def report(items: Sequence[Judged], fold_count: int = 5) -> Report:
    """All figures of judged queries; trivial ones count only in their own line."""
    match = [i for i in items if i.right]
    plain = [i for i in match if i.difficulty != "trivial"]
    groups = {"all without trivial": figures(plain)}
    for kind in ("split", "difficulty"):
        for name in sorted({str(getattr(i, kind)) for i in match} - {""}):
            chosen = [i for i in match if getattr(i, kind) == name]
            if kind == "split":
                chosen = [i for i in chosen if i.difficulty != "trivial"]
            groups[f"{kind} {name}"] = figures(chosen)
    none = [i for i in items if not i.right]
    false = sum(i.decision is Decision.ANSWER for i in none)
    counted = [*plain, *none]
    return Report(
        groups,
        len(none),
        false / max(1, len(none)),
        wilson(false, len(none)),
        calibration_error((i.confidence, i.first_is_right) for i in counted),
        _at_rates(counted, fold_count) if none else (),
        percentile([i.ms for i in items], 0.5),
        percentile([i.ms for i in items], 0.99),
    )


def _groups(items: Sequence[Judged]) -> list[tuple[str, ...]]:
    return [tuple(sorted(i.right)) or (f"query:{i.id}",) for i in items]


def _at_rates(items: Sequence[Judged], fold_count: int) -> list[AtRate]:
    fold_of = folds(_groups(items), fold_count)
    return [_at_rate(items, fold_of, rate, fold_count) for rate in RATES]


def _at_rate(items: Sequence[Judged], fold_of: Sequence[int], rate: float, count: int) -> AtRate:
    thresholds = [
        threshold_at(
            [i.confidence for i, f in zip(items, fold_of, strict=True) if f != k and not i.right],
            rate,
        )
        for k in range(count)
    ]
    return at_false_rate(items, fold_of, rate, thresholds.__getitem__)


def refitted(
    learned: Sequence[Learned], qrels: Mapping[str, frozenset[str]], fold_count: int = 5
) -> dict[str, Any]:
    """What refitting on these labels gives on the folds held out of the fit, guards aside.

    Trivial queries take no part. Empty when there is too little to learn from: an order needs
    queries with a right claim, a threshold needs queries without one.
    """
    plain = [x for x in learned if x[0].difficulty != "trivial"]
    right = sum(bool(example.right.any()) for _, _, example in plain)
    if right < FEWEST or sum(example.none for _, _, example in plain) < FEWEST:
        return {}
    held = report(cross_validated(plain, qrels, fold_count), fold_count)
    whole = held.groups["all without trivial"]
    return {
        "folds": fold_count,
        "n": whole.n,
        **{name: getattr(whole, name) for name in REFITTED},
        "false_replies": held.false_replies,
        "calibration_error": held.calibration,
        "at_false_rate": [_plain(a) for a in held.at_rates],
    }


def evaluate(
    claims: Sequence[Record],
    queries: Iterable[Query],
    qrels: Mapping[str, frozenset[str]],
    weights: Weights | None = None,
    *,
    fold_count: int = 5,
    objections: Guards | None = None,
    embedder: Embedder | None = None,
) -> Report:
    """Measure given (or shipped) weights, and what refitting in folds would give."""
    finder = Finder(FixedSource(tuple(claims)), weights, objections=objections, embedder=embedder)
    judged, learned = judge(finder, queries, qrels)
    found = report(judged, fold_count)
    return replace(found, refitted=refitted(learned, qrels, fold_count))


# --- fit --------------------------------------------------------------------------------------


def examples(
    finder: Finder, queries: Iterable[Query], qrels: Mapping[str, frozenset[str]]
) -> list[Learned]:
    """Candidates and features of every query that can be learned from."""
    finder.refresh()
    return [
        as_learned(query, finder.compare(normalise(query.text, query.lang)), right)
        for query in queries
        if query.split != "ambiguous"
        for right in [qrels.get(query.id, frozenset())]
    ]


def as_learned(query: Query, compared: Compared, right: frozenset[str]) -> Learned:
    """One query with its candidates, as it is learned from."""
    ids = tuple(entry.id for entry in compared.entries)
    marks = np.array([float(identity in right) for identity in ids])
    each = [compared.wordings.near_copies(at) for at in range(len(ids))]
    copies = np.array(each, dtype=bool).reshape(len(ids), len(ids))
    return query, ids, Example(compared.rows, marks, copies, not right)


def fit_weights(
    sets: Sequence[tuple[Sequence[Record], Iterable[Query], Mapping[str, frozenset[str]]]],
    *,
    fold_count: int = 5,
    objections: Guards | None = None,
    embedder: Embedder | None = None,
) -> tuple[Weights, Report]:
    """Fit on labelled sets (claims, queries, qrels); the report is cross-validated.

    Raises BadInput when there is too little to learn from.
    """
    learned: list[Learned] = []
    qrels: dict[str, frozenset[str]] = {}
    for claims, queries, right in sets:
        finder = Finder(FixedSource(tuple(claims)), objections=objections, embedder=embedder)
        learned += examples(finder, queries, right)
        qrels |= right
    taught = sum(bool(example.right.any()) for _, _, example in learned)
    if taught < FEWEST:
        raise BadInput(
            f"there is too little to learn from: {taught} queries find a right claim among their "
            f"candidates, at least {FEWEST} are needed"
        )
    judged = cross_validated(learned, qrels, fold_count)
    found = report(judged, fold_count)
    weights = fit([e for _, _, e in learned])
    return replace(weights, measured=found.as_dict()), found


def cross_validated(
    learned: Sequence[Learned], qrels: Mapping[str, frozenset[str]], fold_count: int = 5
) -> list[Judged]:
    """Every query judged by weights that were fitted without its fold, guards aside. Folds are
    grouped by right claim; queries come back fold by fold."""
    groups = [tuple(sorted(qrels.get(q.id, ()))) or (f"query:{q.id}",) for q, _, _ in learned]
    fold_of = folds(groups, fold_count)
    judged: list[Judged] = []
    for fold in range(fold_count):
        held = [x for x, f in zip(learned, fold_of, strict=True) if f == fold]
        fitted = fit([e for (_, _, e), f in zip(learned, fold_of, strict=True) if f != fold])
        judged += [judged_by(fitted, one, qrels) for one in held]
    return judged


def judged_by(weights: Weights, one: Learned, qrels: Mapping[str, frozenset[str]]) -> Judged:
    """One query judged by these weights, guards aside."""
    query, ids, example = one
    ranked = scores(example.rows, weights)
    order = np.argsort(-ranked, kind="stable")[:DEPTH]
    copies = np.logical_or.reduce(example.copies[order[:1]])  # of the first, if there is one
    value = confidence(example.rows, ranked, copies, weights)
    decision = Decision.ANSWER if value >= weights.answer else Decision.ASK_HUMAN
    return Judged(
        query.id,
        query.split,
        query.difficulty,
        qrels.get(query.id, frozenset()),
        tuple(ids[int(i)] for i in order),
        value,
        decision,
    )
