"""What the routes need, in one frozen bundle that wiring fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, cast

from fastapi import Depends, Request

from bot.doors import Database
from bot.web.hub import Hub
from bot.web.limits import Limiter
from bot.web.pulse import Pulse
from bot.web.recent import Recent
from bot.web.shared import Shared
from bot.web.visits import Visits
from handlers.messages import Outgoing
from handlers.ports import Finder, Rules

Receive = Callable[[str, bytes, Mapping[str, str]], Awaitable[int]]
Name = Callable[[], Awaitable[str]]  # empty: not known (yet)
Handshake = Callable[[Mapping[str, str]], str | None]


@dataclass(frozen=True, slots=True)
class Limits:
    """Requests a minute (logins: an hour) and network address; questions of the desk an hour and
    person, and how often the audit hears that somebody opened more."""

    api: Limiter = field(default_factory=lambda: Limiter(60))
    chat: Limiter = field(default_factory=lambda: Limiter(30))
    login: Limiter = field(default_factory=lambda: Limiter(20, timedelta(hours=1)))
    questions: Limiter = field(default_factory=lambda: Limiter(600, timedelta(hours=1)))
    noted: Limiter = field(default_factory=lambda: Limiter(1, timedelta(hours=1)))
    wrong_keys: Limiter = field(default_factory=lambda: Limiter(10))


@dataclass(frozen=True, slots=True)
class Key:
    """A button; `page`: it opens a page instead of answering."""

    words: str
    page: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in pieces (is it a link, text); style: plain, strong or quote."""

    pieces: tuple[tuple[bool, str], ...]
    style: str = "plain"

    @property
    def text(self) -> str:
        """The words without anything else."""
        return "".join(text for _, text in self.pieces)


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a platform shows it. `choices` (title, hint) are the list its only button
    opens; length and limit count UTF-16 units, as the platforms do."""

    paragraphs: tuple[Paragraph, ...]
    keys: tuple[tuple[Key, ...], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    length: int = 0
    limit: int = 0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a platform makes of one of our messages: one bubble or several, whole or cut."""

    platform: str
    bubbles: tuple[Bubble, ...]
    shortened: bool = False


Show = Callable[[Outgoing], Preview]


async def nobody() -> str:
    """There is no bot."""
    return ""


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the web may touch.

    `receive` keeps a delivery or raises bot.inbox.Forged, TooLarge or Busy. `readiness` gives
    what is not ready yet, part by part; empty means ready. `handshake` answers a platform's
    address check with the text to return, or None to refuse. `webhooks` names the channels
    whose deliveries come by HTTP.
    """

    database: Database
    rules: Rules
    finder: Finder
    receive: Receive
    clock: Callable[[], datetime]
    hub: Hub = field(default_factory=Hub)
    pulse: Pulse = field(default_factory=Pulse)
    recent: Recent = field(default_factory=Recent)
    shared: Shared = field(default_factory=Shared)
    visits: Visits = field(default_factory=Visits)
    readiness: Callable[[], Mapping[str, str]] = dict
    handshake: Handshake | None = None
    webhooks: frozenset[str] = frozenset()
    chat: str = "auto"  # auto: only for this machine; on; off
    loopback: bool = True  # the server listens on this machine only
    proxied: bool = False  # a proxy whose word is trusted stands before us
    secure_cookies: bool = False  # the public address is https
    api_keys: frozenset[str] = frozenset()
    metrics_token: str = ""
    telegram_name: Name = nobody  # of our bot, for deep links
    version: str = "0"
    ignored: Callable[[], Mapping[tuple[str, str], int]] = dict  # (channel, kind), of this process
    limits: Limits = field(default_factory=Limits)
    previews: tuple[Show, ...] = ()  # how each messenger would show a message


def services_of(request: Request) -> Services:
    """The bundle of the running application."""
    return cast(Services, request.app.state.services)


async def _here(request: Request) -> Services:
    """The same for the routes: what does not say `async` is run in a thread."""
    return services_of(request)


Here = Annotated[Services, Depends(_here)]
