"""Accounts of the desk: people with what is known of their use, sessions, passkeys. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge_base.facts import Moderator

IDLE_DAYS = 30  # an account nobody used for so long is put to sleep
INVITATION = timedelta(days=7)
WISH = timedelta(days=1)  # how long an admin waits for another one to do the same
PRESENT = timedelta(minutes=10)  # who was seen within counts as being here
FRESH = timedelta(minutes=10)  # how long a given second factor opens what needs a step-up
KEY = timedelta(minutes=30)  # how long a new secret of one-time codes may be confirmed
TRIES = 10  # wrong codes a session survives; and an hour before an account has to wait


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the desk with what an admin has to know. `asleep`: put to sleep then for not
    being used; `factor`: "", "totp", "passkey" or "both"."""

    who: Moderator
    created: datetime
    seen: datetime | None = None
    asleep: datetime | None = None
    sessions: int = 0
    factor: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One login session. `handle` names it without opening it; `confirmed` is when a second
    factor was given last; `guarded` says whether its person has one."""

    handle: str
    who: Moderator
    created: datetime
    seen: datetime
    confirmed: datetime | None = None
    guarded: bool = False
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Passkey:
    """A public key of a person; `id` is the credential id in base64url."""

    id: str
    moderator: int
    name: str
    public_key: bytes
    count: int
    created: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link for one influencer, open or used; the token itself is kept by nobody."""

    handle: str
    by: str
    note: str
    created: datetime
    expires: datetime
    used: datetime | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """An admin (`by`) wants something done to a person that takes two: "admin" (make them one)
    or "reset" (their second factor). It stands for a day."""

    what: str
    moderator: int
    by: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CodeKey:
    """The secret of one-time codes; `step` is the last one used. Counts once `confirmed`; until
    then it is good for KEY only, from when it was `made`."""

    secret: bytes
    step: int = 0
    confirmed: bool = False
    made: datetime | None = None
