"""docs/storage.md says what is kept for how long: every rule is in its table."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.store import Store
from knowledge_base.store.tables import Row

PAGE = Path(__file__).parents[3] / "docs" / "storage.md"


def test_every_retention_rule_is_documented(store: Store):
    with store.work() as work:
        rules = set(work.forget_old(datetime(2027, 2, 10, tzinfo=UTC)))
    table = PAGE.read_text().split("## How long")[1].split("##")[0]
    rows = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")}
    assert rows - {"rule", "---"} == rules


def test_every_table_is_documented_and_names_only_rules_that_exist():
    text = PAGE.read_text()
    tables = text.split("## Tables")[1].split("##")[0]
    rows = [line.split("|") for line in tables.splitlines() if line.startswith("| `")]
    documented = [name for row in rows for name in re.findall(r"`(\w+)`", row[1])]
    assert sorted(documented) == sorted(Row.metadata.tables)
    rules = {line.split("|")[1].strip() for line in text.split("## How long")[1].splitlines()
             if line.count("|") == 4}  # fmt: skip
    named = {rule for row in rows for rule in re.findall(r"\*([a-z ]+)\*", row[3])}
    assert named - {"delete my data"} <= rules


def test_what_the_answers_of_sources_were_is_forgotten_with_the_source(store: Store, clock):
    with store.work() as work:
        work.upkeep.source_checked(1, "https://x.example/", True, "200")
    clock.forward(days=61)
    with store.work() as work:
        assert work.forget_old(clock())["source checks"] == 1
        assert work.upkeep.fresh(["https://x.example/"], datetime(2020, 1, 1, tzinfo=UTC)) == set()
