"""Accounts of the desk: roles, sessions on every replica, sleep, invitations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import col, delete, func, select

from knowledge_base.accounts import (
    IDLE_DAYS,
    INVITATION,
    PRESENT,
    WISH,
    Account,
    Invitation,
    Session,
    Wish,
)
from knowledge_base.facts import Moderator, Refused, Role, Stale
from knowledge_base.store.chats import Chats
from knowledge_base.store.desk import (
    ABSOLUTE,
    IDLE,
    SEEN_EVERY,
    active_admins,
    plain,
    shut_out,
)
from knowledge_base.store.invitations import digest
from knowledge_base.store.tables import (
    CodeKeyRow,
    HitRow,
    InvitationRow,
    LoginLinkRow,
    LoginSessionRow,
    ModeratorRow,
    PasskeyRow,
    RecoveryCodeRow,
    Row,
    clean,
    table_of,
)
from knowledge_base.store.unit import Door

HANDLE = 16
INVITATION_BYTES = 24  # 32 characters; with `inv_` well below the 64 of a deep link
LONGEST_ORG = 80
LONGEST_NOTE = 120
WISHED = "wish"

_BY_KEY: Mapping[type[Row], Any] = {
    row: core(table_of(row)).where(next(iter(table_of(row).primary_key)) == bindparam("key"))
    for row in (LoginSessionRow, ModeratorRow)
}
_CODES = core(table_of(CodeKeyRow).c.moderator).where(
    table_of(CodeKeyRow).c.moderator == bindparam("of"),
    table_of(CodeKeyRow).c.confirmed.is_not(None),
)
_PASSKEYS = core(table_of(PasskeyRow).c.moderator).where(
    table_of(PasskeyRow).c.moderator == bindparam("of")
)


def handle(stored: str) -> str:
    """A name for a session or invitation that does not open it."""
    return digest(stored)[:HANDLE]


def _wish(row: HitRow) -> Wish:
    _, what, moderator, by = row.key.split(":")
    return Wish(what, int(moderator), int(by), row.at)


class Accounts(Door):
    """The accounts of one transaction."""

    # ── people ──────────────────────────────────────────────────────────────────────────────

    def everyone(self, now: datetime) -> tuple[Account, ...]:
        """Everybody by name, with use and second factor."""
        rows = self._session.exec(select(ModeratorRow).order_by(col(ModeratorRow.name))).all()
        counts: dict[int, int] = {}
        for row in self._live(now):
            counts[row.moderator] = counts.get(row.moderator, 0) + 1
        codes = set(self._session.exec(_confirmed_codes()))
        keys = set(self._session.exec(select(PasskeyRow.moderator)))
        return tuple(
            Account(
                plain(row),
                row.created,
                row.seen,
                row.asleep,
                counts.get(row.id or 0, 0),
                _factor(row.id in codes, row.id in keys),
            )
            for row in rows
        )

    def get(self, moderator: int) -> Moderator | None:
        """One person by number."""
        row = self._session.get(ModeratorRow, moderator)
        return None if row is None else plain(row)

    def change(self, old: Moderator, role: Role, org: str) -> Moderator:
        """Another role or organisation. Raises Stale when the person is not `old` any more, and
        Refused when nobody would be left to manage the desk."""
        row = self._row(old.id)
        if plain(row) != old:
            raise Stale(f"{row.name} was changed in the meantime.", row.name)
        if row.role == Role.ADMIN.value and role is not Role.ADMIN:
            self._keep_an_admin(row)
        row.role, row.org = Role(role).value, clean(org).strip()[:LONGEST_ORG]
        self._session.flush()
        return plain(row)

    def wake(self, moderator: int, now: datetime) -> Moderator:
        """A disabled or sleeping account works again; old sessions do not come back."""
        row = self._row(moderator)
        row.active, row.revoked, row.asleep, row.seen = True, None, None, now
        self._session.flush()
        return plain(row)

    def sleep(self, now: datetime) -> tuple[str, ...]:
        """Disable who was not here for IDLE_DAYS; gives their names. An admin always stays."""
        since = now - timedelta(days=IDLE_DAYS)
        used = func.coalesce(ModeratorRow.seen, ModeratorRow.created)
        query = select(ModeratorRow).where(col(ModeratorRow.active).is_(True), used <= since)
        names = []
        for row in self._session.exec(query.order_by(used)).all():
            if row.role == Role.ADMIN.value and active_admins(self._unit) == 1:
                continue
            row.active, row.asleep = False, now
            shut_out(self._unit, row.id or 0)
            names.append(row.name)
        self._session.flush()
        return tuple(names)

    def _keep_an_admin(self, row: ModeratorRow) -> None:
        if row.active and active_admins(self._unit) == 1:
            raise Refused(f"{row.name} is the last active admin: add another one first.", "role")

    def _row(self, moderator: int) -> ModeratorRow:
        row = self._session.get(ModeratorRow, moderator)
        if row is None:
            raise Refused("There is no such person.", "name")
        return row

    # ── sessions ────────────────────────────────────────────────────────────────────────────

    def session(self, token: str, now: datetime) -> Session | None:
        """The session of this cookie; None when unknown, ended, or its person is disabled.

        In a writing transaction this also keeps it from going idle.
        """
        row = self._found(LoginSessionRow, digest(token))
        if row is None or now - row.seen >= IDLE or now - row.created >= ABSOLUTE:
            return None
        person = self._found(ModeratorRow, row.moderator)
        if person is None or not person.active:
            return None
        if self._unit.writing and now - row.seen >= SEEN_EVERY:
            row.seen = person.seen = now
            self._session.flush()
        return replace(_session(row, plain(person)), guarded=self.guarded(row.moderator))

    def _found(self, table: type[Row], key: str | int) -> Any:
        """The row with this key: an object where it may be changed, else only what is in it,
        which costs a tenth. Every page and every tick of an open desk asks for two."""
        if self._unit.writing:
            return self._session.get(table, key)
        return self._unit.run(_BY_KEY[table], {"key": key}).first()

    def guarded(self, moderator: int) -> bool:
        """Has this person a second factor?"""
        self._unit.flush()
        asked = {"of": moderator}
        return any(self._unit.run(query, asked).first() for query in (_CODES, _PASSKEYS))

    def sessions(self, moderator: int, now: datetime) -> tuple[Session, ...]:
        """Live sessions of a person, the newest first."""
        who = plain(self._row(moderator))
        found = [row for row in self._live(now) if row.moderator == moderator]
        return tuple(_session(row, who) for row in found)

    def present(self, now: datetime) -> tuple[Session, ...]:
        """Who is here: the newest session of everybody seen within PRESENT."""
        found: dict[int, Session] = {}
        for row in self._live(now):
            person = self._session.get(ModeratorRow, row.moderator)
            if person is None or not person.active or now - row.seen > PRESENT:
                continue
            known = found.get(row.moderator)
            if known is None or known.seen < row.seen:
                found[row.moderator] = _session(row, plain(person))
        return tuple(sorted(found.values(), key=lambda session: session.who.name))

    def end_session(self, moderator: int, which: str) -> bool:
        """End one session of this person by its handle; False when it is not theirs."""
        query = select(LoginSessionRow).where(LoginSessionRow.moderator == moderator)
        return self._drop(query, which)

    def end_sessions(self, moderator: int, but: str = "") -> int:
        """End all sessions and open links of a person, except the one with handle `but`; their
        chat asks for the PIN again."""
        query = select(LoginSessionRow).where(LoginSessionRow.moderator == moderator)
        rows = [row for row in self._session.exec(query).all() if handle(row.digest) != but]
        for row in rows:
            self._session.delete(row)
        self._session.exec(delete(LoginLinkRow).where(col(LoginLinkRow.moderator) == moderator))
        chats = Chats(self._unit)
        for chat in chats.of(moderator):
            if chat.open_until is not None:
                chats.save(replace(chat, open_until=None))
        self._session.flush()
        return len(rows)

    def _live(self, now: datetime) -> list[LoginSessionRow]:
        row = LoginSessionRow
        query = select(row).where(row.seen > now - IDLE, row.created > now - ABSOLUTE)
        return list(self._session.exec(query.order_by(col(row.created).desc())).all())

    def forget_factor(self, moderator: int) -> None:
        """Every second factor of this person is gone (a lost telephone), and every way in."""
        for table in (CodeKeyRow, PasskeyRow, RecoveryCodeRow):
            self._session.exec(delete(table).where(col(table.moderator) == moderator))
        shut_out(self._unit, moderator)

    # ── what takes two ──────────────────────────────────────────────────────────────────────

    def wish(self, wish: Wish) -> None:
        """Remember that an admin wants this done."""
        key = f"{WISHED}:{wish.what}:{wish.moderator}:{wish.by}"
        self._session.add(HitRow(key=key, at=wish.at))
        self._session.flush()

    def wishes(self, now: datetime) -> tuple[Wish, ...]:
        """What admins want done and another one has not done yet, the oldest first."""
        row = HitRow
        query = select(row).where(col(row.key).startswith(f"{WISHED}:"), row.at > now - WISH)
        rows = self._session.exec(query.order_by(col(row.at), col(row.id)))
        return tuple(_wish(one) for one in rows)

    def fulfil(self, what: str, moderator: int) -> None:
        """It is done, or not wanted any more."""
        start = f"{WISHED}:{what}:{moderator}:"
        self._session.exec(delete(HitRow).where(col(HitRow.key).startswith(start)))

    # ── invitations ─────────────────────────────────────────────────────────────────────────

    def invite(self, by: str, note: str, now: datetime) -> str:
        """A new invitation for one influencer; gives its token, which nobody keeps."""
        token = secrets.token_urlsafe(INVITATION_BYTES)
        row = InvitationRow(
            digest=digest(token),
            by=by,
            note=clean(note).strip()[:LONGEST_NOTE],
            created=now,
            expires=now + INVITATION,
        )
        self._session.add(row)
        self._session.flush()
        return token

    def invitations(self, now: datetime) -> tuple[Invitation, ...]:
        """Open and recently used invitations, the newest first."""
        query = select(InvitationRow).order_by(col(InvitationRow.created).desc()).limit(50)
        return tuple(
            Invitation(handle(row.digest), row.by, row.note, row.created, row.expires, row.used)
            for row in self._session.exec(query)
        )

    def withdraw(self, which: str) -> bool:
        """An invitation works no more; False when there is no open one of this handle."""
        return self._drop(select(InvitationRow).where(col(InvitationRow.used).is_(None)), which)

    def _drop(self, query: Any, which: str) -> bool:
        """Delete the one of these rows that has this handle; False when there is none."""
        found = [row for row in self._session.exec(query).all() if handle(row.digest) == which]
        for row in found:
            self._session.delete(row)
        self._session.flush()
        return bool(found)


def _confirmed_codes() -> Any:
    return select(CodeKeyRow.moderator).where(col(CodeKeyRow.confirmed).is_not(None))


def _factor(code: bool, key: bool) -> str:
    if code and key:
        return "both"
    return "totp" if code else "passkey" if key else ""


def _session(row: Any, who: Moderator) -> Session:
    return Session(handle(row.digest), who, row.created, row.seen, row.confirmed, tries=row.tries)
