"""docs/storage.md says what is kept for how long: every rule is in its table."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from knowledge_base.store import Store

PAGE = Path(__file__).parents[3] / "docs" / "storage.md"


def test_every_retention_rule_is_documented(store: Store):
    with store.work() as work:
        rules = set(work.forget_old(datetime(2027, 2, 10, tzinfo=UTC)))
    table = PAGE.read_text().split("## How long")[1].split("##")[0]
    rows = {line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")}
    assert rows - {"rule", "---"} == rules
