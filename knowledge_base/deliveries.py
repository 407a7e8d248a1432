"""What waits on its way in and out: inbox, outbox, jobs and mailbox rows as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

INBOX_TRIES = 5  # so often an update is handled in vain before it is parked


@dataclass(frozen=True, slots=True)
class Turn:
    """May one more message be worked on? If not: nothing is until `until`; `told` says that the
    chat has heard so already, `daily` that it was the limit of a day."""

    taken: bool
    until: datetime | None = None
    told: bool = False
    daily: bool = False


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One raw update that is stored and not yet done. `chat` is a keyed hash, for order."""

    id: int
    channel: str
    account: str
    chat: str
    body: bytes
    received: datetime
    tries: int = 0


class Delivery(StrEnum):
    """Where an outgoing message stands; the last six are final."""

    WAITING = "waiting"
    SENDING = "sending"
    HELD = "held"  # until the person writes again
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"  # given up, with the reason
    CANCELLED = "cancelled"  # stale verdict, erased or stopped person
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message to deliver. `address` is (channel, account, value), decrypted for the sender
    alone; None when the person was erased. `body` is the Outgoing as plain data."""

    id: int
    person: str
    channel: str
    account: str
    address: str | None
    body: Mapping[str, Any]
    broadcast: bool
    tries: int
    created: datetime
    due: datetime
    maybe_duplicate: bool = False


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job that was enqueued in a committed transaction."""

    id: int
    task: str
    payload: Mapping[str, Any]
    tries: int


class Kind(StrEnum):
    """What can be given up."""

    UPDATE = "update"  # something that came in and could not be handled
    TASK = "task"  # background work
    MESSAGE = "message"  # something that could not be delivered


@dataclass(frozen=True, slots=True)
class Stopped:
    """One thing that was given up: `what` names the channel or task, never a person."""

    kind: Kind
    id: int
    what: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MailboxRow:
    """One line of a browser or terminal chat: `ours` says who wrote it."""

    seq: int
    ours: bool
    body: Mapping[str, Any]
    at: datetime
