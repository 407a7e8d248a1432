"""Where a line of the history leads."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.web.leads import leads
from knowledge_base.facts import AuditEntry


@pytest.mark.parametrize(
    ("details", "addresses"),
    [
        ({"new": "7F3K"}, ["/desk/q/7F3K"]),
        ({"of": "7F3K"}, ["/desk/q/7F3K"]),
        ({"into": "7F3K"}, ["/desk/q/7F3K"]),
        ({"into": 12}, ["/desk/facts/12"]),
        ({"number": 12, "verdict": "false"}, ["/desk/facts/12"]),
        ({"new": "../../evil", "to": "Budi"}, []),
        ({}, []),
    ],
)
def test_a_line_leads_to_what_it_names_and_nowhere_else(details: dict, addresses: list) -> None:
    at = datetime(2027, 2, 10, tzinfo=UTC)
    entry = AuditEntry(1, at, "Ani", "split", "question/AAAA", "", details)
    assert [address for address, _ in leads(entry)] == addresses
