"""Labelled pairs: what people and moderators confirmed or refused."""

from __future__ import annotations

from sqlmodel import col, select

from knowledge_base.facts import Pair
from knowledge_base.store.tables import EvidenceRow
from knowledge_base.store.unit import Unit


class Evidence:
    """What people and moderators confirmed or refused; nothing in it leads to a person."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def add(self, text: str, fact_number: int, *, right: bool, by: str, lang: str = "id") -> None:
        """Text (masked), the fact-check, whether it was the right one, and who says so."""
        self._unit.session.add(
            EvidenceRow(
                text=text, number=fact_number, right=right, by=by, lang=lang, at=self._unit.now
            )
        )

    def take_back(self, text: str, fact_number: int) -> None:
        """The newest time a moderator said that this text asks about this fact-check was a
        mistake."""
        row = self._unit.session.exec(
            select(EvidenceRow)
            .where(EvidenceRow.text == text, EvidenceRow.number == fact_number)
            .where(col(EvidenceRow.right), EvidenceRow.by == "moderator")
            .order_by(col(EvidenceRow.id).desc())
        ).first()
        if row is not None:
            self._unit.session.delete(row)
            self._unit.session.flush()

    def pairs(self, after: int = 0, limit: int = 1000) -> tuple[Pair, ...]:
        """Labelled pairs in order, one page after pair `after`."""
        query = (
            select(EvidenceRow)
            .where(col(EvidenceRow.id) > after)
            .order_by(col(EvidenceRow.id))
            .limit(limit)
        )
        return tuple(
            Pair(row.id or 0, row.text, row.number, row.right, row.by, row.lang, row.at)
            for row in self._unit.session.exec(query)
        )
