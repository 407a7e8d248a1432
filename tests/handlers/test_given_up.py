"""What was given up is started again or dropped by an admin, and the audit says by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pytest

from handlers import given_up
from handlers.rights import Denied
from knowledge_base.deliveries import Kind, Stopped
from knowledge_base.facts import Moderator, Role, Stale
from tests.fakes import FakeAudit

TODAY = date(2027, 2, 10)
NOW = datetime(2027, 2, 10, 9, tzinfo=UTC)
ADMIN = Moderator(1, "Ani", Role.ADMIN)


@dataclass
class Shed:
    """One task that was given up."""

    audit: FakeAudit = field(default_factory=lambda: FakeAudit(lambda: NOW))
    left: list[tuple[Kind, int]] = field(default_factory=lambda: [(Kind.TASK, 12)])

    @property
    def yard(self) -> Shed:
        return self

    def stopped(self, limit: int = 200) -> tuple[Stopped, ...]:
        return ()

    def again(self, kind: Kind, id: int) -> bool:
        known = (kind, id) in self.left
        self.left = [one for one in self.left if one != (kind, id)]
        return known

    drop = again


@pytest.mark.parametrize("do", [given_up.start_again, given_up.drop])
@pytest.mark.parametrize(("who", "name"), [(ADMIN, "Ani"), (None, "command line")])
def test_it_is_done_once_and_noted(do, who: Moderator | None, name: str) -> None:
    shed = Shed()
    do(shed, who, Kind.TASK, 12)
    with pytest.raises(Stale):
        do(shed, who, Kind.TASK, 12)
    [entry] = shed.audit.entries
    assert (entry[0], entry[2]) == (name, "task/12")


@pytest.mark.parametrize("role", [Role.READER, Role.MODERATOR, Role.EDITOR])
def test_nobody_but_an_admin_may(role: Role) -> None:
    shed = Shed()
    with pytest.raises(Denied):
        given_up.drop(shed, Moderator(2, "Budi", role), Kind.TASK, 12)
    assert shed.left


@pytest.mark.parametrize(
    ("usual", "today", "odd"),
    [(0, 100, False), (0, 101, True), (200, 600, False), (200, 601, True)],
)
def test_a_day_far_above_the_usual_is_a_surprise(usual: int, today: int, odd: bool) -> None:
    days = {("whatsapp", TODAY - timedelta(days=n)): usual for n in range(1, 8)}
    assert given_up.surprising(days | {("whatsapp", TODAY): today}, TODAY) is odd
