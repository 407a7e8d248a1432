"""What keeps the knowledge base fresh: how far a round has come, sources that vanished."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlmodel import and_, col, select

from knowledge_base.facts import State, Vanished
from knowledge_base.store.records import digest
from knowledge_base.store.tables import FactRow, MarkRow, SourceCheckRow
from knowledge_base.store.unit import Door

SURE_AFTER = timedelta(hours=20)  # a source is gone when it failed twice so far apart


class Upkeep(Door):
    """The upkeep of the knowledge base in one transaction."""

    def place(self, task: str) -> str:
        """Where a round of this task stands; empty before the first one."""
        row = self._session.get(MarkRow, f"upkeep:{task}")
        return row.value if row else ""

    def keep_place(self, task: str, place: str) -> None:
        """Remember where it stands."""
        name = f"upkeep:{task}"
        row = self._session.get(MarkRow, name) or MarkRow(name=name)
        row.value = place
        self._session.add(row)
        self._session.flush()

    def source_checked(self, number: int, url: str, reachable: bool, detail: str) -> None:
        """Whether a source of this fact-check answered just now, and what it said."""
        now = self._unit.now
        row = self._session.get(SourceCheckRow, digest(url)) or SourceCheckRow(
            digest=digest(url), url=url, reachable=reachable, at=now
        )
        row.failing_since = None if reachable else row.failing_since or now
        row.number, row.reachable, row.detail, row.at = number, reachable, detail, now
        self._session.add(row)
        self._session.flush()

    def copied(self, url: str, archived: str) -> None:
        """The Internet Archive holds this copy of a source that was looked at."""
        row = self._session.get(SourceCheckRow, digest(url))
        if row is not None:
            row.archived = archived
            self._session.flush()

    def copies(self, urls: Sequence[str]) -> Mapping[str, str]:
        """The id of the copy of each of these sources that the Internet Archive holds."""
        row = SourceCheckRow
        known = col(row.digest).in_([digest(url) for url in urls])
        return dict(
            self._session.exec(select(row.url, row.archived).where(known, row.archived != "")).all()
        )

    def fresh(self, urls: Sequence[str], since: datetime) -> frozenset[str]:
        """Those of these sources that were looked at since then."""
        row = SourceCheckRow
        known = col(row.digest).in_([digest(url) for url in urls])
        return frozenset(self._session.exec(select(row.url).where(known, row.at >= since)))

    def failing(self, before: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        """Sources that failed last time, before then: (fact-check, address)."""
        row = SourceCheckRow
        query = select(row.number, row.url).where(
            col(row.failing_since).is_not(None), row.at < before, col(row.number).is_not(None)
        )
        found = self._session.exec(query.order_by(col(row.at)).limit(limit)).all()
        return tuple((number or 0, url) for number, url in found)

    def vanished(self, limit: int = 50) -> tuple[Vanished, ...]:
        """Sources of published fact-checks that failed again and again, the longest first."""
        row, fact = SourceCheckRow, FactRow
        query = (
            select(row, fact)
            .join(fact, and_(col(fact.number) == col(row.number)))
            .where(fact.state == State.PUBLISHED.value, col(row.failing_since).is_not(None))
            .order_by(col(row.failing_since), col(row.digest))
        )
        found = []
        for check, record in self._session.exec(query):
            since = check.failing_since or check.at
            cited = any(source["url"] == check.url for source in record.sources)
            if cited and check.at - since >= SURE_AFTER:
                found.append(
                    Vanished(
                        record.number or 0,
                        record.claim,
                        check.url,
                        check.detail,
                        since,
                        check.archived,
                    )
                )
        return tuple(found[:limit])

    def gone(self, urls: Sequence[str]) -> frozenset[str]:
        """Those of these sources that vanished."""
        row = SourceCheckRow
        known = col(row.digest).in_([digest(url) for url in urls])
        checks = self._session.exec(select(row).where(known, col(row.failing_since).is_not(None)))
        return frozenset(
            one.url for one in checks if one.at - (one.failing_since or one.at) >= SURE_AFTER
        )
