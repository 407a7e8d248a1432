"""match, evaluate and fit over small files."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from knowledge_base.search import evaluation
from knowledge_base.search.decision import BadWeights, load_weights
from knowledge_base.search.evaluation import (
    BadInput,
    FixedSource,
    evaluate,
    fit_weights,
    match_lines,
    read_claims,
    read_qrels,
    read_queries,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision, Match, Part, Result

TOPICS = ["banjir", "gempa", "vaksin", "pemilu", "beras", "listrik", "sekolah", "jembatan"]
PLACES = ["Melati", "Mawar", "Kenanga", "Dahlia", "Anggrek"]


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    return path


@pytest.fixture
def sets(tmp_path: Path):
    pairs = [(t, p) for t in TOPICS for p in PLACES]
    claims = [
        {"id": f"{t}-{p}", "text": f"Kabar {t} besar di Kota {p} tahun ini"} for t, p in pairs
    ]
    queries = [
        {"id": f"q-{t}-{p}", "text": f"Tolong cek, katanya {t} di {p} parah", "split": "match"}
        for t, p in pairs
    ]
    queries += [
        {"id": f"n{i}", "text": f"Resep {w} gulung untuk pesta keluarga", "split": "nomatch"}
        for i, w in enumerate(PLACES)
    ]
    qrels = tmp_path / "qrels.tsv"
    rows = "\n".join(f"q-{t}-{p}\t{t}-{p}" for t, p in pairs)
    qrels.write_text(f"query_id\tclaim_id\n{rows}\n", encoding="utf-8")
    return (
        read_claims([write(tmp_path / "claims.jsonl", claims)]),
        read_queries([write(tmp_path / "queries.jsonl", queries)]),
        read_qrels([qrels]),
    )


def test_match_gives_one_line_for_each_query_and_an_error_for_a_bad_one(sets) -> None:
    lines = [
        '{"id": "q1", "text": "gempa besar di kota dahlia", "more": 1}',
        "nonsense",
        '{"id": 3}',
    ]
    results = list(match_lines(lines, Finder(FixedSource(sets[0])), limit=3))
    assert results[0]["matches"][0]["id"] == "gempa-Dahlia"
    assert set(results[0]) == {"id", "decision", "confidence", "stance", "ms", "matches"}
    assert [(r["id"], r["line"]) for r in results[1:]] == [(None, 2), (None, 3)]


class TwoClaims:
    """A search that finds three of everything, in two parts."""

    def find(self, text: str, lang: str = "", date: object = None, limit: int = 10) -> Result:
        matches = tuple(Match(f"k{n}", 0.5) for n in range(3))
        parts = tuple(Part(n, n + 1, Decision.SUGGEST, 0.5, matches=matches) for n in range(2))
        return Result(Decision.SUGGEST, 0.5, matches=matches, parts=parts)


def test_a_limit_holds_for_the_message_and_for_each_of_its_parts() -> None:
    (found,) = match_lines(['{"id": "q", "text": "dua kabar"}'], TwoClaims(), limit=2)
    assert [len(part["matches"]) for part in found["parts"]] == [2, 2]
    assert len(found["matches"]) == 2


def test_evaluate_measures_the_shipped_weights(sets) -> None:
    report = evaluate(*sets)
    assert report.groups["all without trivial"].s1 > 0.9
    assert report.none == len(PLACES)
    assert "MAP@5" in report.as_text()
    json.dumps(report.as_dict())


def test_evaluate_says_what_refitting_in_folds_gives(sets, monkeypatch) -> None:
    monkeypatch.setattr(evaluation, "FEWEST", 5)
    refitted = evaluate(*sets).as_dict()["refitted"]
    assert refitted["folds"] == 5
    assert refitted["n"] == len(TOPICS) * len(PLACES)
    assert refitted["s1"] > 0.9
    assert [at["rate"] for at in refitted["at_false_rate"]] == [0.01, 0.05]


def test_evaluate_says_when_there_is_too_little_to_refit(sets) -> None:
    report = evaluate(*sets)
    assert report.refitted == {}
    assert "too few queries" in report.as_text()


def test_fit_makes_weights_that_can_be_kept_and_read(sets, tmp_path: Path) -> None:
    weights, report = fit_weights([sets])
    path = tmp_path / "weights.json"
    path.write_text(weights.as_json(), encoding="utf-8")
    kept = load_weights(path)
    assert (kept.ranking, kept.confidence) == (weights.ranking, weights.confidence)
    assert report.groups["all without trivial"].s1 > 0.9


def test_weights_from_before_there_was_a_fitted_first_sight_go_with_the_shipped_one(
    sets, tmp_path: Path
) -> None:
    weights, _ = fit_weights([sets])
    older = {name: value for name, value in asdict(weights).items() if name != "first_sight"}
    path = tmp_path / "weights.json"
    path.write_text(json.dumps(older), encoding="utf-8")
    assert weights.first_sight == load_weights(path).first_sight == load_weights().first_sight
    path.write_text(json.dumps(older | {"first_sight": {"moon": 1}}), encoding="utf-8")
    with pytest.raises(BadWeights, match="moon"):
        load_weights(path)


def test_weights_of_another_matcher_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    path.write_text(
        '{"ranking": {"moon": 1}, "confidence": {}, "bias": 0, "answer": 1, "suggest": 1}'
    )
    with pytest.raises(BadWeights, match="moon"):
        load_weights(path)


@pytest.mark.parametrize("line", ['{"id": "a"}', "[1]", "{", '{"text": "  "}'])
def test_a_bad_claims_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "claims.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(BadInput, match="line 1"):
        read_claims([path])
