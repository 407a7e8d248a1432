"""Moderators, one-time links, login sessions and drafts. Tokens are kept as SHA-256 only."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import col, delete, func, select

from knowledge_base.facts import Moderator, Refused, Role
from knowledge_base.store.invitations import digest
from knowledge_base.store.people import forget_chat, linked
from knowledge_base.store.tables import (
    DeskCodeRow,
    DeskPinRow,
    DraftRow,
    HitRow,
    LoginLinkRow,
    LoginSessionRow,
    ModeratorRow,
    clean,
    table_of,
)
from knowledge_base.store.unit import Door, Unit
from knowledge_base.store.vault import keyed

TOKEN_BYTES = 32
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)  # how exactly `seen` is kept; saves a write per page
LONGEST_NAME = 80
KNOCKS, KNOCKING = 20, timedelta(hours=1)  # tries to log in from one network address
# who else writes in the audit and beside versions; nobody may be taken for one of these
OUR_OWN = frozenset(
    {"command line", "matcher", "retention", "seed", "import", "saring", "asker", "influencer"}
)
MODERATORS, DRAFTS = table_of(ModeratorRow), table_of(DraftRow)
_PEOPLE = core(MODERATORS).order_by(MODERATORS.c.name)
_DRAFT = core(DRAFTS.c.body).where(
    DRAFTS.c.moderator == bindparam("moderator"), DRAFTS.c.code == bindparam("code")
)


class Desk(Door):
    """The people of the desk in one transaction."""

    def add(self, name: str, role: Role, org: str, now: datetime) -> Moderator:
        """A new moderator; Refused when the name is taken."""
        name = clean(name).strip()
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            raise Refused(f"A name has 1 to {LONGEST_NAME} readable characters.", "name")
        same = select(ModeratorRow.id).where(func.lower(ModeratorRow.name) == name.lower())
        taken = name.lower() in OUR_OWN or self._session.exec(same).first() is not None
        row = ModeratorRow(name=name, role=Role(role).value, org=org, created=now)
        if taken or not self._unit.insert_new(row):
            raise Refused(f"There is a moderator {name} already.", "name")
        return plain(self._known(name))

    def list(self) -> tuple[Moderator, ...]:
        """All moderators by name."""
        return tuple(plain(row) for row in self._run(_PEOPLE))

    def by_name(self, name: str) -> Moderator | None:
        """One moderator by name."""
        row = self._row(name)
        return None if row is None else plain(row)

    def revoke(self, name: str, now: datetime) -> None:
        """Disable and end all sessions; Refused when unknown or the last active admin."""
        row = self._known(name)
        if row.active and row.role == Role.ADMIN.value and active_admins(self._unit) == 1:
            raise Refused(f"{name} is the last active admin: add another one first.", "name")
        row.active, row.revoked = False, now
        shut_out(self._unit, row.id or 0)

    def link(self, name: str, now: datetime, minutes: int = 15) -> str:
        """A new one-time login token; older unused ones of the person stop working."""
        row = self._known(name)
        if not row.active:
            raise Refused(f"{name} is disabled.", "name")
        self._session.exec(delete(LoginLinkRow).where(col(LoginLinkRow.moderator) == row.id))
        token = secrets.token_urlsafe(TOKEN_BYTES)
        expires = now + timedelta(minutes=minutes)
        self._session.add(
            LoginLinkRow(digest=digest(token), moderator=row.id or 0, expires=expires)
        )
        self._session.flush()
        return token

    def knock(self, house: str, now: datetime) -> int:
        """Count a try to log in from this network address, in whichever process: 0 when it may
        be made, else whole seconds until the next may. The address itself is not kept."""
        month = self._unit.period_key("limit", f"{now:%Y-%m}")
        key = keyed(month, "login", house)
        query = select(func.count(), func.min(HitRow.at)).where(
            HitRow.key == key, HitRow.at > now - KNOCKING
        )
        count, first = self._session.exec(query).one()
        if count >= KNOCKS and first is not None:
            return max(1, ceil((first + KNOCKING - now).total_seconds()))
        self._session.add(HitRow(key=key, at=now))
        self._session.flush()
        return 0

    def redeem(self, token: str, now: datetime) -> str | None:
        """Use a one-time token; gives a new session token, or None when it is not valid."""
        query = select(LoginLinkRow).where(LoginLinkRow.digest == digest(token))
        link = self._session.exec(query.with_for_update()).first()
        if link is None:
            return None
        self._session.delete(link)
        moderator = self._session.get(ModeratorRow, link.moderator)
        self._session.flush()
        if link.expires <= now or moderator is None or not moderator.active:
            return None
        moderator.seen = now
        session = secrets.token_urlsafe(TOKEN_BYTES)
        self._session.add(
            LoginSessionRow(digest=digest(session), moderator=link.moderator, created=now, seen=now)
        )
        self._session.flush()
        return session

    def end(self, token: str) -> None:
        """Log out."""
        self._session.exec(
            delete(LoginSessionRow).where(col(LoginSessionRow.digest) == digest(token))
        )

    def save_draft(self, moderator: int, code: str, draft: Mapping[str, Any]) -> None:
        """Keep what a moderator is writing on a question."""
        row = self._session.get(DraftRow, (moderator, code)) or DraftRow(
            moderator=moderator, code=code, body={}, at=self._unit.now
        )
        row.body, row.at = dict(draft), self._unit.now
        self._session.add(row)
        self._session.flush()

    def drop_drafts(self, code: str) -> None:
        """Forget what anybody was writing on this question: it is answered."""
        self._session.exec(delete(DraftRow).where(col(DraftRow.code) == code))

    def draft(self, moderator: int, code: str) -> Mapping[str, Any] | None:
        """What this moderator had written on this question."""
        body = self._run(_DRAFT, {"moderator": moderator, "code": code}).scalar()
        return None if body is None else dict(body)

    def _row(self, name: str) -> ModeratorRow | None:
        query = select(ModeratorRow).where(ModeratorRow.name == clean(name).strip())
        return self._session.exec(query).first()

    def _known(self, name: str) -> ModeratorRow:
        row = self._row(name)
        if row is None:
            raise Refused(f"There is no moderator {name[:LONGEST_NAME]}.", "name")
        return row


def plain(row: Any) -> Moderator:
    """A row of `moderators`, an object or a tuple, as plain data."""
    return Moderator(row.id or 0, row.name, Role(row.role), row.org, row.active)


def active_admins(unit: Unit) -> int:
    """How many could manage the desk."""
    unit.flush()
    query = select(func.count()).where(
        ModeratorRow.role == Role.ADMIN.value, col(ModeratorRow.active).is_(True)
    )
    return unit.session.exec(query).one()


def shut_out(unit: Unit, moderator: int) -> None:
    """Every way in of this person is closed: sessions, links, the chats they have linked with
    codes and PIN. Who lost their telephone, is disabled or asleep leaves no door open."""
    for table in (LoginLinkRow, LoginSessionRow, DeskCodeRow, DeskPinRow):
        unit.session.exec(delete(table).where(col(table.moderator) == moderator))
    for person in linked(unit, moderator):
        forget_chat(unit, person)
    unit.flush()
