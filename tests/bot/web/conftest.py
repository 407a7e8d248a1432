"""A web application on small hand-written doors, and a client that behaves like a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.inbox import ReceptionError
from bot.web.app import create_app
from bot.web.services import Services
from handlers.ports import Rules
from knowledge_base.deliveries import MailboxRow

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


class Mailbox:
    """Lines in a list per chat."""

    def __init__(self) -> None:
        self.rows: dict[str, list[MailboxRow]] = {}
        self.number = 0

    def put(self, chat: str, ours: bool, body: Mapping[str, Any], now: datetime) -> int:
        self.number += 1
        self.rows.setdefault(chat, []).append(MailboxRow(self.number, ours, dict(body), now))
        return self.number

    def change(self, chat: str, seq: int, body: Mapping[str, Any]) -> None:
        rows = self.rows.get(chat, [])
        self.rows[chat] = [replace(row, body=body) if row.seq == seq else row for row in rows]

    def since(self, chat: str, seq: int, limit: int = 200) -> tuple[MailboxRow, ...]:
        return tuple(row for row in self.rows.get(chat, []) if row.seq > seq)[:limit]


class Doors:
    """One never-ending transaction with only the doors a test needs."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()

    @contextmanager
    def work(self) -> Iterator[Doors]:
        yield self

    read = work

    def ready(self) -> None:
        """Always."""


class Nobody:
    """A finder that was never asked."""


@dataclass
class House:
    """What a test may look into: doors, what was received, and the hands of the clock."""

    doors: Doors = field(default_factory=Doors)
    received: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    refusal: ReceptionError | None = None
    now: datetime = NOON

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.refusal is not None:
            raise self.refusal
        self.received.append((channel, body, dict(headers)))
        return 1

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def updates(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.received]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def services(house: House) -> Services:
    return Services(
        database=house.doors,
        rules=Rules(),
        finder=Nobody(),
        receive=house.receive,
        clock=lambda: house.now,
    )


@pytest.fixture
def browser_of():
    """A client on any services: `async with browser_of(services) as browser`."""

    def open_browser(services: Services, host: str = "localhost", peer: str = "127.0.0.1"):
        transport = httpx.ASGITransport(create_app(services), client=(peer, 40000))
        return httpx.AsyncClient(
            transport=transport,
            base_url=f"http://{host}",
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "id"},
        )

    return open_browser


@pytest.fixture
async def browser(services: Services, browser_of) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(services) as client:
        yield client
