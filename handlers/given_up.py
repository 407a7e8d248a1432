"""What was given up: started again or dropped by an admin, and noted who did it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Protocol

from handlers.ports import Audit
from handlers.rights import Action, demand
from knowledge_base.deeds import Deed
from knowledge_base.deliveries import Kind, Stopped
from knowledge_base.facts import Moderator, Stale

USUAL = 7  # days that say what is usual
AT_LEAST = 100  # so few billed messages a day are never a surprise
SURPRISE = 3  # times what is usual
COMMAND_LINE = "command line"


class Yard(Protocol):
    """What was given up, of one transaction."""

    def stopped(self, limit: int = 200) -> tuple[Stopped, ...]:
        """The newest of each kind that can still be started again."""

    def again(self, kind: Kind, id: int) -> bool:
        """Start it again, from its first try; False when it does not stand here any more."""

    def drop(self, kind: Kind, id: int) -> bool:
        """It is not needed any more; False when it does not stand here any more."""


class Bench(Protocol):
    """The doors this needs."""

    @property
    def yard(self) -> Yard:
        """What was given up."""

    @property
    def audit(self) -> Any:
        """Who did what."""


def start_again(bench: Bench, who: Moderator | None, kind: Kind, id: int) -> None:
    """Start it again; nobody (None) is the command line. Raises Denied, and Stale when it does
    not stand here any more."""
    _do(bench, who, "again", kind, id, bench.yard.again)


def drop(bench: Bench, who: Moderator | None, kind: Kind, id: int) -> None:
    """Let it be for good. Raises Denied, and Stale when it does not stand here any more."""
    _do(bench, who, "drop", kind, id, bench.yard.drop)


def _do(bench: Bench, who: Moderator | None, what: str, kind: Kind, id: int, act: Any) -> None:
    if who is not None:
        demand(who, Action.LOOK_AFTER)
    if not act(kind, id):
        raise Stale("It is not there any more.", by="")
    audit: Audit = bench.audit
    audit.write(who.name if who else COMMAND_LINE, Deed(f"{kind}.{what}"), f"{kind}/{id}")


def billed_on(billed: Mapping[tuple[str, date], int], day: date) -> int:
    """How many messages platforms bill for this day."""
    return sum(count for (_, on), count in billed.items() if on == day)


def surprising(billed: Mapping[tuple[str, date], int], today: date) -> bool:
    """Are far more messages billed today than on the days before?"""
    usual = sum(billed_on(billed, today - timedelta(days=n)) for n in range(1, USUAL + 1)) / USUAL
    return billed_on(billed, today) > max(AT_LEAST, SURPRISE * usual)
