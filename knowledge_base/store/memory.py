"""What one process remembers between transactions: a few unwrapped keys of periods, and the
fact-checks people ask about now. Nothing of a person is ever kept here."""

from __future__ import annotations

from knowledge_base.facts import FactCheck

PERIODS = 8  # keys of days and months; two are in use at a time
FACTS = 1_000  # fact-checks, a few kilobytes each


class Memory:
    """Shared by all units of a store; what is in it was committed."""

    def __init__(self) -> None:
        self.periods: dict[tuple[str, str], bytes] = {}
        self._revision = 0
        self._facts: dict[int, FactCheck] = {}

    def keep_period(self, purpose: str, period: str, key: bytes) -> None:
        """Remember the key of a period that is in the database."""
        if len(self.periods) >= PERIODS:
            self.periods = {}
        self.periods[purpose, period] = key

    def forget_periods(self) -> None:
        """Keys were destroyed: none of them may stay here."""
        self.periods = {}

    def facts(self, revision: int) -> dict[int, FactCheck]:
        """Published fact-checks as they are at this revision of the knowledge base."""
        facts = self._facts
        if revision != self._revision or len(facts) > FACTS:
            facts = {}
            if revision >= self._revision:
                self._revision, self._facts = revision, facts
        return facts
