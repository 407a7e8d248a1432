"""The gate set is what its hand-written texts make of it, and it is large enough."""

from __future__ import annotations

import json
import runpy
from collections import Counter
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "benchmarks" / "own"


def queries() -> list[dict[str, str]]:
    lines = (FOLDER / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_files_are_built_from_the_written_texts() -> None:
    build = runpy.run_path(str(FOLDER / "build.py"))["build"]
    for name, content in build().items():
        assert (FOLDER / name).read_text(encoding="utf-8") == content, name


def test_every_kind_of_message_is_there_in_number() -> None:
    kinds = Counter(query["kind"] for query in queries())
    least = {"edit": 900, "paraphrase": 120, "flip": 300, "debunk": 40, "two": 30, "unrelated": 100}
    assert {kind: count for kind, count in least.items() if kinds[kind] < count} == {}


def test_every_kind_of_flip_is_there_in_number() -> None:
    written = Counter(q["flip"] for q in queries() if q["kind"] == "flip" and "edit" not in q)
    assert written["negation"] >= 60
    assert written["number"] >= 60
    assert written["date"] >= 40
    assert written["place"] + written["person"] + written["agency"] >= 60
    assert written["modality"] >= 40
    assert written["roles"] >= 25


def test_every_query_id_is_unique_and_every_flip_names_its_wrong_claim() -> None:
    ids = [query["id"] for query in queries()]
    flips = {q["id"] for q in queries() if q["split"] == "flip"}
    rows = (FOLDER / "flips.tsv").read_text(encoding="utf-8").splitlines()[1:]
    assert len(ids) == len(set(ids))
    assert {row.split("\t")[0] for row in rows} == flips
