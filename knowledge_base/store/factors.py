"""Second factors: secrets sealed under the master key, recovery codes as keyed hashes."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

from sqlmodel import col, delete, func, select, update

from knowledge_base.accounts import TRIES, CodeKey, Passkey, Session
from knowledge_base.facts import Refused
from knowledge_base.store.accounts import handle
from knowledge_base.store.chats import Chats
from knowledge_base.store.desk import TOKEN_BYTES
from knowledge_base.store.invitations import digest
from knowledge_base.store.tables import (
    CodeKeyRow,
    DeskCodeRow,
    DeskPinRow,
    HitRow,
    LoginLinkRow,
    LoginSessionRow,
    PasskeyRow,
    RecoveryCodeRow,
    clean,
)
from knowledge_base.store.unit import Door

SECRET_BYTES = 20  # as RFC 4226 recommends
RECOVERY_CODES = 10
RECOVERY_BYTES = 10  # 80 bits, 16 characters
LONGEST_LABEL = 60
MOST_PASSKEYS = 10


class Factors(Door):
    """Second factors of one transaction."""

    # ── one-time codes ──────────────────────────────────────────────────────────────────────

    def codes(self, moderator: int) -> CodeKey | None:
        """The secret of one-time codes; None when there is none."""
        row = self._session.get(CodeKeyRow, moderator)
        if row is None:
            return None
        secret = self._unit.vault.unwrap(row.sealed, "totp", str(moderator))
        return CodeKey(secret, row.step, row.confirmed is not None, row.created)

    def start_codes(self, moderator: int, now: datetime) -> bytes:
        """A new secret, not in use until a code of it was given."""
        secret = secrets.token_bytes(SECRET_BYTES)
        sealed = self._unit.vault.wrap(secret, "totp", str(moderator))
        self._session.merge(CodeKeyRow(moderator=moderator, sealed=sealed, created=now))
        self._session.flush()
        return secret

    def used(self, moderator: int, step: int, now: datetime) -> None:
        """A code of this step was given: no earlier or equal one is good any more."""
        row = self._session.get(CodeKeyRow, moderator)
        if row is not None:
            row.step, row.confirmed = max(row.step, step), row.confirmed or now
            self._session.flush()

    def stop_codes(self, moderator: int) -> bool:
        """No one-time codes any more; False when none had been in use."""
        mine = delete(CodeKeyRow).where(col(CodeKeyRow.moderator) == moderator)
        used = self._session.exec(mine.where(col(CodeKeyRow.confirmed).is_not(None))).rowcount
        self._session.exec(mine)
        self._drop_recovery_if_bare(moderator)
        return bool(used)

    # ── recovery codes ──────────────────────────────────────────────────────────────────────

    def new_recovery(self, moderator: int) -> tuple[str, ...]:
        """Ten new recovery codes; the old ones are void."""
        self._drop_recovery(moderator)
        codes = [
            base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode()
            for _ in range(RECOVERY_CODES)
        ]
        for code in codes:
            mark = self._unit.vault.mark("recovery", str(moderator), code)
            self._session.add(RecoveryCodeRow(mark=mark, moderator=moderator))
        self._session.flush()
        return tuple("-".join(code[n : n + 4] for n in range(0, 16, 4)) for code in codes)

    def use_recovery(self, moderator: int, code: str) -> bool:
        """Use up one recovery code; False when it is not good."""
        marks = self._unit.vault.marks("recovery", str(moderator), code)
        statement = delete(RecoveryCodeRow).where(
            col(RecoveryCodeRow.mark).in_(marks), col(RecoveryCodeRow.moderator) == moderator
        )
        return bool(self._session.exec(statement).rowcount)

    def recovery_left(self, moderator: int) -> int:
        """How many recovery codes are left."""
        query = select(func.count()).where(RecoveryCodeRow.moderator == moderator)
        return self._session.exec(query).one()

    def _drop_recovery(self, moderator: int) -> None:
        self._session.exec(
            delete(RecoveryCodeRow).where(col(RecoveryCodeRow.moderator) == moderator)
        )

    def _drop_recovery_if_bare(self, moderator: int) -> None:
        """Recovery codes stand in for a factor; without one they would be the only one."""
        key = self.codes(moderator)
        if not (key and key.confirmed) and not self.passkeys(moderator):
            self._drop_recovery(moderator)

    # ── passkeys ────────────────────────────────────────────────────────────────────────────

    def passkeys(self, moderator: int) -> tuple[Passkey, ...]:
        """The passkeys of a person, the oldest first."""
        query = select(PasskeyRow).where(PasskeyRow.moderator == moderator)
        rows = self._session.exec(query.order_by(col(PasskeyRow.created))).all()
        return tuple(
            Passkey(
                row.id, row.moderator, row.name, row.public_key, row.count, row.created, row.used
            )
            for row in rows
        )

    def keep_passkey(self, key: Passkey) -> None:
        """A new passkey; Refused when it is known already or there are too many."""
        row = PasskeyRow(
            id=key.id,
            moderator=key.moderator,
            name=clean(key.name).strip()[:LONGEST_LABEL],
            public_key=key.public_key,
            count=key.count,
            created=key.created,
        )
        if len(self.passkeys(key.moderator)) >= MOST_PASSKEYS or not self._unit.insert_new(row):
            raise Refused("This passkey cannot be added.", "passkey")

    def passkey_used(self, key: str, count: int, now: datetime) -> None:
        """A passkey was used; its counter stands here now."""
        statement = update(PasskeyRow).where(col(PasskeyRow.id) == key)
        self._session.exec(statement.values(count=count, used=now))

    def drop_passkey(self, moderator: int, key: str) -> bool:
        """Remove a passkey of this person; False when it is not theirs."""
        row = self._session.get(PasskeyRow, key)
        if row is None or row.moderator != moderator:
            return False
        self._session.delete(row)
        self._session.flush()
        self._drop_recovery_if_bare(moderator)
        return True

    # ── sessions and tries ──────────────────────────────────────────────────────────────────

    def confirm(self, session: Session, now: datetime) -> str:
        """The factor was given: the session goes on under a new token, which is returned."""
        old = self._row(session)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        created, moderator = old.created, old.moderator
        self._session.delete(old)
        self._session.flush()
        self._session.add(
            LoginSessionRow(
                digest=digest(token),
                moderator=moderator,
                created=created,
                seen=now,
                confirmed=now,
            )
        )
        self._session.flush()
        return token

    def close_others(self, session: Session) -> None:
        """What was open before the first factor is closed, but for this session and groups:
        other sessions and links, the chat with its codes and PIN, recovery codes."""
        moderator, here = session.who.id, self._row(session).digest
        row = LoginSessionRow
        self._session.exec(
            delete(row).where(col(row.moderator) == moderator, col(row.digest) != here)
        )
        for table in (LoginLinkRow, DeskCodeRow, DeskPinRow, RecoveryCodeRow):
            self._session.exec(delete(table).where(col(table.moderator) == moderator))
        chats = Chats(self._unit)
        for chat in chats.of(moderator):
            if not chat.group:
                chats.unlink(chat.person)
        self._session.flush()

    def wrong(self, session: Session) -> int:
        """Count a wrong code; gives how many there were. The session ends with the last."""
        row = self._row(session)
        row.tries += 1
        tries = row.tries
        if tries >= TRIES:
            self._session.delete(row)
        self._session.flush()
        return tries

    def failures(self, moderator: int, since: datetime) -> tuple[datetime, ...]:
        """When wrong codes were given for this account, oldest first."""
        query = select(HitRow.at).where(HitRow.key == f"factor:{moderator}", HitRow.at > since)
        return tuple(self._session.exec(query.order_by(col(HitRow.at))).all())

    def failed(self, moderator: int, now: datetime) -> None:
        """Note a wrong code for this account."""
        self._session.add(HitRow(key=f"factor:{moderator}", at=now))
        self._session.flush()

    def set_challenge(self, session: Session, challenge: str) -> None:
        """What the browser is asked to sign; it replaces what was asked before."""
        self._row(session).challenge = challenge
        self._session.flush()

    def take_challenge(self, session: Session) -> str:
        """What the browser was asked to sign, once; empty when nothing was."""
        row = self._row(session)
        challenge, row.challenge = row.challenge, ""
        self._session.flush()
        return challenge

    def _row(self, session: Session) -> LoginSessionRow:
        query = select(LoginSessionRow).where(LoginSessionRow.moderator == session.who.id)
        for row in self._session.exec(query).all():
            if handle(row.digest) == session.handle:
                return row
        raise Refused("This session has ended.", "session")
