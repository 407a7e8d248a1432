"""The bundled fact-checks: complete, fair in form, and enough of them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from knowledge_base.exchange.sheet import read_rows

SEED = Path(__file__).parents[2] / "knowledge_base" / "seed"
FILES = sorted(SEED.glob("*.jsonl"))


def records():
    return [json.loads(line) for file in FILES for line in file.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_record_reads_like_any_import(file: Path) -> None:
    refused = [row for row in read_rows(file.name, file.read_bytes()) if row.error]
    assert refused == []


def test_there_are_enough_and_enough_about_elections() -> None:
    topics = Counter(record["topic"] for record in records())
    assert topics.total() >= 250
    assert topics["election"] >= 80


def test_every_record_says_what_is_true_short_enough_for_a_chat() -> None:
    for record in records():
        assert 20 <= len(record["fact"]) <= 160, record["id"]
        assert record["fact"] != record["claim"], record["id"]
        assert len(record["title"]) <= 80, record["id"]
        assert not record["title"].startswith("["), record["id"]


def test_ids_and_claims_are_unique() -> None:
    for key in ("id", "claim", "fact"):
        doubles = [value for value, n in Counter(r[key] for r in records()).items() if n > 1]
        assert doubles == []


def test_every_source_is_a_page_of_its_own_publisher() -> None:
    for record in records():
        assert record["sources"], record["id"]
        for source in record["sources"]:
            assert source["url"].startswith("https://"), record["id"]
            assert source["publisher"], record["id"]
