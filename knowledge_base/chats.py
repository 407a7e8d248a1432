"""The desk in a messenger: linked chats, taps on buttons that work once, wishes. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from knowledge_base.facts import Moderator

CODE = timedelta(minutes=10)  # a link code works so long, once
OPEN = timedelta(minutes=10)  # publishing after a PIN
PIN_TRIES, PIN_WINDOW = 5, timedelta(hours=1)
SHORTEST_PIN, LONGEST_PIN = 6, 12  # digits
TAP = timedelta(days=7)  # buttons and cards older than that do nothing any more


class Wish(StrEnum):
    """Which new questions a chat hears of at once."""

    OFF = "off"
    EACH = "each"
    RISING = "rising"


@dataclass(frozen=True, slots=True)
class DeskChat:
    """A chat that belongs to the desk: of one moderator, or a group that an admin has linked.

    `talk` is the dialogue under way; `open_until` is until when publishing needs no PIN.
    """

    person: str
    who: Moderator
    group: bool = False
    wish: Wish = Wish.EACH
    open_until: datetime | None = None
    talk: Mapping[str, Any] = field(default_factory=dict)


class Standing(StrEnum):
    """What a tap is worth."""

    GOOD = "good"
    UNKNOWN = "unknown"  # forged, or too old
    USED = "used"
    FOREIGN = "foreign"  # of another chat or another person


@dataclass(frozen=True, slots=True)
class Tap:
    """A pressed button of the desk: what it does to what, in which version."""

    standing: Standing
    action: str = ""
    subject: str = ""
    version: int = 0


class PinCheck(StrEnum):
    """What came of typing a PIN."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"
    NONE = "none"  # none has been set
