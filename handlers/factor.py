"""The second factor: one-time codes (RFC 6238), recovery codes, and how often one may try.

A code is good for its 30 seconds and those next to it, once. Ten wrong codes end the session;
ten an hour make an account wait five minutes before each further try, but never lock it out.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeGuard
from urllib.parse import quote

from handlers.ports import Audit
from handlers.rights import Action, Thing, demand
from knowledge_base.accounts import KEY, TRIES, CodeKey, Passkey, Session
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Moderator, Refused

STEP = 30  # seconds
DIGITS = 6
AROUND = (0, -1, 1)  # clocks differ
HOUR = timedelta(hours=1)
DELAY = timedelta(minutes=5)


class Safe(Protocol):
    """Secrets of second factors (the store keeps them sealed)."""

    def codes(self, moderator: int) -> CodeKey | None:
        """The secret of one-time codes; None when there is none."""

    def start_codes(self, moderator: int, now: datetime) -> bytes:
        """A new secret, not in use until a code of it was given."""

    def used(self, moderator: int, step: int, now: datetime) -> None:
        """A code of this step was given: no earlier or equal one is good any more."""

    def stop_codes(self, moderator: int) -> bool:
        """No one-time codes any more; False when none had been in use."""

    def passkeys(self, moderator: int) -> tuple[Passkey, ...]:
        """The passkeys of a person, the oldest first."""

    def new_recovery(self, moderator: int) -> tuple[str, ...]:
        """Ten new recovery codes; the old ones are void."""

    def use_recovery(self, moderator: int, code: str) -> bool:
        """Use up one recovery code; False when it is not good."""

    def confirm(self, session: Session, now: datetime) -> str:
        """The factor was given: the session goes on under a new token, which is returned."""

    def close_others(self, session: Session) -> None:
        """What was open before the first factor is closed, but for this session and groups:
        other sessions and links, the chat with its codes and PIN, recovery codes."""

    def wrong(self, session: Session) -> int:
        """Count a wrong code; gives how many there were. The session ends with the last."""

    def failures(self, moderator: int, since: datetime) -> tuple[datetime, ...]:
        """When wrong codes were given for this account, oldest first."""

    def failed(self, moderator: int, now: datetime) -> None:
        """Note a wrong code for this account."""


class Office(Protocol):
    """The doors of one transaction that this needs."""

    @property
    def factors(self) -> Safe:
        """Second factors."""

    @property
    def audit(self) -> Audit:
        """The audit log."""


@dataclass(frozen=True, slots=True)
class Try:
    """How a try went: the new session token, or what is in the way. `wait`: seconds."""

    token: str = ""
    wait: int = 0
    ended: bool = False


def hotp(secret: bytes, counter: int, digits: int = DIGITS) -> str:
    """The code of one counter (RFC 4226)."""
    mac = hmac.new(secret, counter.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = mac[-1] & 15
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_of(now: datetime) -> int:
    """Which 30 seconds these are (RFC 6238)."""
    return int(now.timestamp()) // STEP


def good_step(key: CodeKey, code: str, now: datetime) -> int | None:
    """The step this code belongs to, if it is near and none from there on was used."""
    tried = "".join(code.split())
    for around in AROUND:
        step = step_of(now) + around
        same = hmac.compare_digest(
            hotp(key.secret, step).encode(), tried.encode("utf-8", "replace")
        )
        if same and step > key.step:
            return step
    return None


def base32(secret: bytes) -> str:
    """The secret as people type it."""
    return base64.b32encode(secret).decode().rstrip("=")


def address(secret: bytes, name: str, organisation: str) -> str:
    """The otpauth address an authenticator app reads from a QR code."""
    label = quote(f"{organisation}:{name}", safe="")
    issuer = quote(organisation, safe="")
    return f"otpauth://totp/{label}?secret={base32(secret)}&issuer={issuer}"


def waiting(office: Office, moderator: int, now: datetime) -> int:
    """Seconds until this account may try again; 0 when it may now."""
    failures = office.factors.failures(moderator, now - HOUR)
    if len(failures) < TRIES:
        return 0
    left = failures[-1] + DELAY - now
    return max(0, int(left.total_seconds() + 0.999))


def give(office: Office, session: Session, code: str, now: datetime) -> Try:
    """A one-time or recovery code for this session."""
    who = session.who
    if wait := waiting(office, who.id, now):
        return Try(wait=wait)
    how = _accept(office, who, code, now)
    if how:
        office.audit.write(who.name, Deed.FACTOR_GIVEN, of_person(who.name), how=how)
        return Try(token=office.factors.confirm(session, now))
    return wrong(office, session, now)


def wrong(office: Office, session: Session, now: datetime) -> Try:
    """A wrong code or passkey was given."""
    office.factors.failed(session.who.id, now)
    ended = office.factors.wrong(session) >= TRIES
    if ended:
        me = session.who.name
        office.audit.write(me, Deed.FACTOR_REFUSED, of_person(me), tries=TRIES)
    return Try(ended=ended)


def _accept(office: Office, who: Moderator, code: str, now: datetime) -> str:
    key = office.factors.codes(who.id)
    step = good_step(key, code, now) if key is not None and key.confirmed else None
    if step is not None:
        office.factors.used(who.id, step, now)
        return "code"
    plain = "".join(mark for mark in code.upper() if mark.isalnum())[:20]
    return "recovery code" if plain and office.factors.use_recovery(who.id, plain) else ""


def begin(office: Office, me: Moderator, now: datetime) -> bytes:
    """A secret for the app of this person; codes count only after `finish`."""
    demand(me, Action.OWN_ACCOUNT, Thing(person=me.name))
    known = office.factors.codes(me.id)
    if known is not None and known.confirmed:
        raise Refused("There are one-time codes already.", "code")
    return known.secret if _pending(known, now) else office.factors.start_codes(me.id, now)


def _pending(key: CodeKey | None, now: datetime) -> TypeGuard[CodeKey]:
    """Is this a secret that may still be confirmed? Not for long: whoever began it may have been
    another one in the same account, and must not hold what its owner confirms days later."""
    return key is not None and not key.confirmed and key.made is not None and now - key.made < KEY


def finish(office: Office, session: Session, code: str, now: datetime) -> Try:
    """The first code of the new secret: from now on it is asked for. Raises Refused."""
    who = session.who
    if wait := waiting(office, who.id, now):
        return Try(wait=wait)
    key = office.factors.codes(who.id)
    step = good_step(key, code, now) if _pending(key, now) else None
    if step is None:
        return wrong(office, session, now)
    admit(office, session)
    office.factors.used(who.id, step, now)
    office.audit.write(who.name, Deed.FACTOR_ADD, of_person(who.name), how="codes")
    return Try(token=office.factors.confirm(session, now))


def guarded(office: Office, moderator: int) -> bool:
    """Has this person a second factor?"""
    key = office.factors.codes(moderator)
    return bool(key and key.confirmed) or bool(office.factors.passkeys(moderator))


def admit(office: Office, session: Session) -> None:
    """A factor is about to be added. With the first one, every way in that was opened without
    it is closed: somebody else may be standing there, and a chat asks for a PIN only."""
    if not guarded(office, session.who.id):
        office.factors.close_others(session)


def stop(office: Office, me: Moderator) -> None:
    """No one-time codes any more."""
    demand(me, Action.OWN_ACCOUNT, Thing(person=me.name))
    if office.factors.stop_codes(me.id):
        office.audit.write(me.name, Deed.FACTOR_REMOVE, of_person(me.name), how="codes")


def recovery(office: Office, me: Moderator) -> tuple[str, ...]:
    """Ten new recovery codes, shown once. Raises Refused without a factor they could stand in
    for: they would be the only one."""
    demand(me, Action.OWN_ACCOUNT, Thing(person=me.name))
    if not guarded(office, me.id):
        raise Refused("There is no second factor yet.", "factor")
    office.audit.write(me.name, Deed.FACTOR_RECOVERY, of_person(me.name))
    return office.factors.new_recovery(me.id)
