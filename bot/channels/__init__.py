"""The seam to a messenger: Channel, Limits, RawUpdate, ChannelError."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn, Protocol, runtime_checkable

from handlers.messages import Address, Incoming, Media, Outgoing

Receive = Callable[[bytes], Awaitable[object]]  # keeps one delivery; returns after the commit

UNTOLD = datetime.fromtimestamp(0, UTC)  # `Incoming.at` where the platform names no time


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform takes. Lengths count UTF-16 code units, the strictest measure."""

    text: int = 4096
    text_with_buttons: int = 4096
    button_rows: int = 100
    buttons_per_row: int = 8
    buttons: int = 100
    label: int = 64
    choices: int = 10  # rows of a list, where buttons are few
    per_second: float = 25.0  # messages a second over all chats
    per_chat_seconds: float = 1.0  # seconds between two messages to one chat
    per_chat_burst: int = 1  # so many may follow each other at once; the time is paid back
    window_hours: int = 0  # free text only so long after their last message; 0 = always
    one_reply: bool = False  # each message is billed: merge receipt and answer
    templates_a_day: int = 0  # paid messages outside the window on one day (UTC); 0 = no bound
    corrections_a_day: int = 0  # so many more on that day, for corrections alone


@dataclass(frozen=True, slots=True)
class RawUpdate:
    """One update cut out of a delivery, before anybody looks inside."""

    external_id: str
    chat: str  # opaque key of the chat, for order
    body: bytes


class ChannelError(Exception):
    """A delivery failed.

    permanent: do not try again. retry_after: seconds to wait at least. everyone: the limit
    or fault concerns the whole account. gone: the person cannot be reached until they return.
    moved_to: the chat's new address. window_closed: only a template is allowed now. stop: the
    account does not work, an operator must act. hold: wait until the person writes again.
    broadcasts: what was not asked for must pause. opted_out: the person wants no messages that
    were not asked for. tries: give up after so many failures. alert: tell the operator. pages: so
    many pages of the message have arrived.
    """

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        retry_after: float | None = None,
        everyone: bool = False,
        gone: bool = False,
        moved_to: str = "",
        window_closed: bool = False,
        stop: bool = False,
        hold: bool = False,
        broadcasts: bool = False,
        opted_out: bool = False,
        tries: int | None = None,
        alert: bool = False,
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after
        self.everyone = everyone
        self.gone = gone
        self.moved_to = moved_to
        self.window_closed = window_closed
        self.stop = stop
        self.hold = hold
        self.broadcasts = broadcasts
        self.opted_out = opted_out
        self.tries = tries
        self.alert = alert or stop
        self.pages = 0


class Channel(Protocol):
    """A messenger. Three pure methods, two that touch the network."""

    @property
    def name(self) -> str:
        """The channel's name, as addresses carry it."""

    @property
    def account(self) -> str:
        """Which of our accounts this is: the bot, the number."""

    @property
    def limits(self) -> Limits:
        """What the platform takes."""

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Is this delivery really from the platform? Pure, on the raw bytes."""

    def split(self, body: bytes) -> list[RawUpdate]:
        """Cut a delivery into single updates; shallow, never judges content."""

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """Read one update; an unknown kind gives []."""

    async def send(self, address: Address, message: Outgoing) -> str:
        """Deliver what has not arrived of it (`skip`); gives the platform's reference of the
        last message, or raises ChannelError with the number of pages that have arrived."""

    async def download(self, media: Media) -> bytes:
        """Fetch a file; raises ChannelError."""


@runtime_checkable
class KnowsAdmins(Protocol):
    """A channel with groups can tell who decides for one."""

    async def is_admin(self, address: Address, sender: str) -> bool:
        """May this member of the group decide for it? Raises ChannelError."""


@runtime_checkable
class NamesKinds(Protocol):
    """A channel that can name what it leaves out."""

    def kind_of(self, raw: Mapping[str, Any]) -> str:
        """What kind of update this is, out of a closed list; "other" for everything else."""


def read_json(body: bytes) -> Any:
    """Read JSON that came from outside: UTF-8, no NaN, no key twice. Raises ValueError."""
    try:
        return json.loads(
            body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_number
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("the same key twice in one object")
    return read


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
