"""Both sides of a browser or terminal chat, kept encrypted for a day."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from knowledge_base.deliveries import MailboxRow
from knowledge_base.store.tables import MailboxTableRow, as_json
from knowledge_base.store.unit import Door
from knowledge_base.store.vault import seal, unseal


class Mailbox(Door):
    """The mailbox of one transaction."""

    def put(self, chat: str, ours: bool, body: Mapping[str, Any], now: datetime) -> int:
        """Append one line; gives its sequence number."""
        day, mark = f"{now:%Y-%m-%d}", self._unit.vault.mark("mailbox", chat)
        row = MailboxTableRow(chat=mark, ours=ours, body=b"", day=day, at=now)
        row.body = self._sealed(row, body)
        self._session.add(row)
        self._session.flush()
        return row.seq or 0

    def change(self, chat: str, seq: int, body: Mapping[str, Any]) -> None:
        """Replace a line (an edited message); a line that is gone stays gone."""
        row = self._session.get(MailboxTableRow, seq)
        if row is not None and row.chat in self._unit.vault.marks("mailbox", chat):
            row.body = self._sealed(row, body)
            self._session.flush()

    def since(self, chat: str, seq: int, limit: int = 200) -> tuple[MailboxRow, ...]:
        """Lines after `seq`, in order."""
        query = (
            select(MailboxTableRow)
            .where(
                col(MailboxTableRow.chat).in_(self._unit.vault.marks("mailbox", chat)),
                col(MailboxTableRow.seq) > seq,
            )
            .order_by(col(MailboxTableRow.seq))
            .limit(limit)
        )
        return tuple(
            MailboxRow(row.seq or 0, row.ours, self._opened(row), row.at)
            for row in self._session.exec(query)
        )

    def _sealed(self, row: MailboxTableRow, body: Mapping[str, Any]) -> bytes:
        key = self._unit.period_key("body", row.day)
        return seal(key, as_json(body).encode(), "mailbox", row.chat)

    def _opened(self, row: MailboxTableRow) -> dict[str, Any]:
        key = self._unit.period_key("body", row.day)
        data: dict[str, Any] = json.loads(unseal(key, row.body, "mailbox", row.chat))
        return data
