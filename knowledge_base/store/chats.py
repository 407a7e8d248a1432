"""Desk chats: links, one-time codes, PINs, buttons that work once, cards that can be renewed.

Which chat belongs to whom is sealed under the key of the chat's person; codes and handles are
kept as hashes only.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import col, delete, func, select, update

from knowledge_base.chats import (
    CODE,
    LONGEST_PIN,
    PIN_TRIES,
    PIN_WINDOW,
    SHORTEST_PIN,
    TAP,
    DeskChat,
    PinCheck,
    Standing,
    Tap,
    Wish,
)
from knowledge_base.facts import Address, Moderator, Refused
from knowledge_base.store.codes import new_code, read_code
from knowledge_base.store.desk import plain
from knowledge_base.store.invitations import digest
from knowledge_base.store.people import Contacts, forget_chat
from knowledge_base.store.tables import (
    DeskCardRow,
    DeskCodeRow,
    DeskHandleRow,
    DeskLinkRow,
    DeskPinRow,
    HitRow,
    ModeratorRow,
    as_json,
    table_of,
)
from knowledge_base.store.unit import Door
from knowledge_base.store.vault import seal, unseal

CODE_LENGTH = 10
HANDLE_BYTES = 15  # 20 characters: with `v1|desk||` well below 64 bytes
SALT_BYTES = 16
SEEN_EVERY = timedelta(days=1)  # exact enough for who sleeps after 30

LINKS = table_of(DeskLinkRow)
_LINKS = core(LINKS).order_by(LINKS.c.person)
_LINK = core(LINKS).where(LINKS.c.person == bindparam("person"))


class Chats(Door):
    """The desk chats of one transaction."""

    # ── linking ─────────────────────────────────────────────────────────────────────────────

    def new_code(self, moderator: int, now: datetime, *, group: bool = False) -> str:
        """A code that links one chat, once, within ten minutes; older ones stop working."""
        row = DeskCodeRow
        self._session.exec(
            delete(row).where(col(row.moderator) == moderator, col(row.for_group).is_(group))
        )
        code = new_code(CODE_LENGTH)
        self._session.add(
            DeskCodeRow(
                digest=digest(code), moderator=moderator, for_group=group, expires=now + CODE
            )
        )
        self._session.flush()
        return code

    def redeem(self, code: str, person: str, now: datetime, *, group: bool) -> DeskChat | None:
        """Link this chat by a code; None when the code is not good, or tried too often."""
        key = f"desk code:{person}"
        if self._failures(key, now) >= PIN_TRIES:
            return None
        query = select(DeskCodeRow).where(DeskCodeRow.digest == digest(read_code(code)))
        row = self._session.exec(query.with_for_update()).first()
        who = None if row is None else self._moderator(row.moderator)
        good = row is not None and row.expires > now and row.for_group is group
        if row is None or who is None or not good:
            self._failed(key, now)
            return None
        self._session.delete(row)
        self._session.flush()
        if not group:
            for old in self.of(who.id):
                if not old.group:
                    self.unlink(old.person)
        self.unlink(person)
        chat = DeskChat(person, who, group)
        self.save(chat)
        return chat

    def at(self, person: str) -> DeskChat | None:
        """The desk chat of this person or group; None when it is none, or its moderator is
        disabled."""
        row = self._unit.run(_LINK, {"person": person}).first()
        return None if row is None else self._chat(row)

    def seen(self, moderator: int, now: datetime) -> None:
        """Somebody works in their chat: they are here, as if on the web desk. Written once a
        day at most."""
        row = self._session.get(ModeratorRow, moderator)
        if row is not None and (row.seen is None or now - row.seen >= SEEN_EVERY):
            row.seen = now
            self._session.flush()

    def sender(self, address: Address, sender: str) -> DeskChat | None:
        """The private desk chat of who wrote in a group."""
        if not sender:
            return None
        known = Contacts(self._unit).known(replace(address, value=sender))
        chat = self.at(known.id) if known else None
        return None if chat is None or chat.group else chat

    def all(self) -> tuple[DeskChat, ...]:
        """Every desk chat of active people."""
        rows = self._unit.run(_LINKS)
        return tuple(chat for row in rows if (chat := self._chat(row)))

    def of(self, moderator: int) -> tuple[DeskChat, ...]:
        """The chats a moderator has linked."""
        marks = self._unit.vault.marks("desk link", str(moderator))
        query = select(DeskLinkRow).where(col(DeskLinkRow.mark).in_(marks))
        rows = self._session.exec(query).all()
        return tuple(chat for row in rows if (chat := self._chat(row)))

    def save(self, chat: DeskChat) -> None:
        """Keep wish, dialogue and step-up."""
        body = {
            "moderator": chat.who.id,
            "group": chat.group,
            "wish": chat.wish.value,
            "open": chat.open_until.isoformat() if chat.open_until else "",
            "talk": dict(chat.talk),
        }
        key = self._unit.must_have_key(chat.person)
        row = self._session.get(DeskLinkRow, chat.person) or DeskLinkRow(
            person=chat.person, mark="", body=b""
        )
        row.mark = self._unit.vault.mark("desk link", str(chat.who.id))
        row.body = seal(key, as_json(body).encode(), "desk link", chat.person)
        self._session.add(row)
        self._session.flush()

    def unlink(self, person: str) -> None:
        """This chat is none of the desk any more; its buttons do nothing."""
        forget_chat(self._unit, person)

    def _chat(self, row: Any) -> DeskChat | None:
        key = self._unit.person_key(row.person)
        if key is None:
            return None
        body = json.loads(unseal(key, row.body, "desk link", row.person))
        who = self._moderator(body["moderator"])
        if who is None:
            return None
        until = datetime.fromisoformat(body["open"]) if body["open"] else None
        return DeskChat(row.person, who, body["group"], Wish(body["wish"]), until, body["talk"])

    def _moderator(self, id: int) -> Moderator | None:
        row = self._session.get(ModeratorRow, id)
        return plain(row) if row is not None and row.active else None

    # ── PIN ─────────────────────────────────────────────────────────────────────────────────

    def set_pin(self, moderator: int, pin: str) -> None:
        """A new PIN. Raises Refused when it is not 6 to 12 digits or easily guessed."""
        fits = SHORTEST_PIN <= len(pin) <= LONGEST_PIN and pin.isascii() and pin.isdecimal()
        if not fits or len(set(pin)) < 3 or pin in "01234567890 98765432109":
            raise Refused(
                f"A PIN has {SHORTEST_PIN} to {LONGEST_PIN} digits and is no simple row.", "pin"
            )
        row = self._session.get(DeskPinRow, moderator) or DeskPinRow(
            moderator=moderator, salt=b"", mark=""
        )
        row.salt = secrets.token_bytes(SALT_BYTES)
        row.mark = self._unit.vault.mark("pin", _stretched(pin, row.salt))
        self._session.add(row)
        self._session.flush()

    def has_pin(self, moderator: int) -> bool:
        """Has this person set one?"""
        return self._session.get(DeskPinRow, moderator) is not None

    def try_pin(self, moderator: int, pin: str, now: datetime) -> PinCheck:
        """Is it theirs? Five wrong ones within an hour, and even the right one does not open."""
        row, key = self._session.get(DeskPinRow, moderator), f"desk pin:{moderator}"
        if row is None:
            return PinCheck.NONE
        if self._failures(key, now) >= PIN_TRIES:
            return PinCheck.LOCKED
        stretched = _stretched(pin[: 2 * LONGEST_PIN], row.salt)
        marks = self._unit.vault.marks("pin", stretched)
        if any(hmac.compare_digest(mark, row.mark) for mark in marks):
            return PinCheck.RIGHT
        self._failed(key, now)
        return PinCheck.LOCKED if self._failures(key, now) >= PIN_TRIES else PinCheck.WRONG

    def _failures(self, key: str, now: datetime) -> int:
        where = (HitRow.key == key, HitRow.at > now - PIN_WINDOW, HitRow.at <= now)
        return self._session.exec(select(func.count()).where(*where)).one()

    def _failed(self, key: str, now: datetime) -> None:
        self._session.add(HitRow(key=key, at=now))
        self._session.flush()

    # ── buttons ─────────────────────────────────────────────────────────────────────────────

    def handle(
        self, batch: str, person: str, moderator: int, action: str, subject: str, version: int
    ) -> str:
        """What a button carries: random, good once, in this chat, for this moderator (0: for
        everybody of the desk there). Using one of a batch uses up the others."""
        handle = secrets.token_urlsafe(HANDLE_BYTES)
        self._session.add(
            DeskHandleRow(
                digest=digest(handle),
                batch=batch,
                person=person,
                moderator=moderator,
                action=action,
                subject=subject,
                version=version,
                at=self._unit.now,
            )
        )
        self._session.flush()
        return handle

    def tap(self, handle: str, person: str, moderator: int) -> Tap:
        """Use a button; what is not GOOD has changed nothing."""
        query = select(DeskHandleRow).where(DeskHandleRow.digest == digest(handle))
        row = self._session.exec(query.with_for_update()).first()
        if row is None or row.at <= self._unit.now - TAP:
            return Tap(Standing.UNKNOWN)
        if row.person != person or row.moderator not in (0, moderator):
            return Tap(Standing.FOREIGN)
        if row.used:
            return Tap(Standing.USED)
        self._session.exec(
            update(DeskHandleRow)
            .where(col(DeskHandleRow.batch) == row.batch, col(DeskHandleRow.person) == person)
            .values(used=True)
        )
        return Tap(Standing.GOOD, row.action, row.subject, row.version)

    # ── cards ───────────────────────────────────────────────────────────────────────────────

    def new_card(self, person: str, subject: str) -> str:
        """A name for a message about `subject`, so that it can be renewed later."""
        row = DeskCardRow(person=person, subject=subject, at=self._unit.now)
        self._session.add(row)
        self._session.flush()
        return str(row.id)

    def cards(self, subject: str) -> tuple[tuple[str, str], ...]:
        """(name, person) of every card about this, the oldest first."""
        query = select(DeskCardRow).where(DeskCardRow.subject == subject)
        rows = self._session.exec(query.order_by(col(DeskCardRow.id))).all()
        return tuple((str(row.id), row.person) for row in rows)

    def about_now(self, person: str, subject: str, now: str) -> None:
        """The cards of this chat about `subject` are about something else from now on."""
        row = DeskCardRow
        self._session.exec(
            update(row)
            .where(col(row.person) == person, col(row.subject) == subject)
            .values(subject=now)
        )

    def cards_since(self, person: str, since: datetime) -> int:
        """How many cards of questions this chat has got since then and not skipped."""
        other = col(DeskCardRow.subject).contains("/")  # proposals, notes, what was skipped
        where = (DeskCardRow.person == person, DeskCardRow.at > since, ~other)
        return self._session.exec(select(func.count()).where(*where)).one()

    def card_sent(self, name: str, ref: str) -> None:
        """The platform calls this card so."""
        row = self._session.get(DeskCardRow, int(name))
        key = self._unit.person_key(row.person) if row else None
        if row is None or key is None:
            return
        row.ref = seal(key, ref.encode(), "desk card", row.person)
        row.ref_mark = self._unit.vault.mark("desk card", row.person, ref)
        self._session.flush()

    def card_ref(self, name: str) -> str:
        """What the platform calls this card; empty while it is not sent."""
        row = self._session.get(DeskCardRow, int(name))
        key = self._unit.person_key(row.person) if row else None
        if row is None or row.ref is None or key is None:
            return ""
        return unseal(key, row.ref, "desk card", row.person).decode()

    def card_at(self, person: str, ref: str) -> str:
        """The subject of the card that was answered; empty when it is none of ours."""
        marks = self._unit.vault.marks("desk card", person, ref)
        query = select(DeskCardRow.subject).where(
            DeskCardRow.person == person, col(DeskCardRow.ref_mark).in_(marks)
        )
        return self._session.exec(query).first() or ""


def _stretched(pin: str, salt: bytes) -> str:
    """Slow to guess even for who has the database and the key."""
    return hashlib.scrypt(pin.encode(), salt=salt, n=2**13, r=8, p=1).hex()


__all__ = ["Chats"]
