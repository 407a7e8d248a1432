"""A number on WhatsApp and a strict Graph API around it; our token goes nowhere else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels.whatsapp import WhatsApp
from handlers.messages import Address, Block, Incoming, Outgoing
from tests.servers.graph import SECRET, TOKEN, FakeGraph, Person

PAYLOADS = Path(__file__).parents[3] / "payloads/whatsapp"
TEMPLATES = {kind: f"saring_{kind}" for kind in ("result", "correction", "interim", "rejected")}


def number(fake: FakeGraph | None = None, **changes: Any) -> WhatsApp:
    """Our side of the fake; without one, for the pure methods."""
    settings: dict[str, Any] = {
        "app_secret": SECRET,
        "verify_token": "kata-rahasia",
        "templates": TEMPLATES,
        "transport": fake.transport() if fake else None,
    }
    return WhatsApp(TOKEN, FakeGraph.number_id, **(settings | changes))


def payload(name: str) -> dict[str, Any]:
    """One of our own payloads."""
    read: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return read


def events(channel: WhatsApp, delivery: dict[str, Any]) -> list[Incoming]:
    """The whole way in: bytes, single updates, events."""
    updates = channel.split(json.dumps(delivery).encode())
    return [event for one in updates for event in channel.parse(json.loads(one.body))]


def at(person: Person) -> Address:
    """The address of somebody in the fake."""
    return Address("whatsapp", FakeGraph.number_id, person.bsuid or person.number)


@pytest.fixture
def fake() -> Iterator[FakeGraph]:
    server = FakeGraph()
    yield server
    assert server.leaked == []


@pytest.fixture
async def whatsapp(fake: FakeGraph) -> AsyncIterator[WhatsApp]:
    channel = number(fake)
    yield channel
    await channel.close()


@pytest.fixture
def sari(fake: FakeGraph) -> Person:
    """Somebody who has just written."""
    person = fake.person("Sari", number="6281234567890", bsuid="ID.7719228840172635")
    person.sends("Halo")
    return person


@pytest.fixture
def say(whatsapp: WhatsApp) -> Callable[..., Any]:
    """Send some blocks to somebody; gives the reference."""

    async def send(to: Person, *texts: str, **fields: Any) -> str:
        blocks = tuple(Block(text) for text in texts)
        return await whatsapp.send(at(to), Outgoing(to="p", blocks=blocks, **fields))

    return send


@pytest.fixture
def heard(fake: FakeGraph, whatsapp: WhatsApp) -> Callable[[], list[Incoming]]:
    """What the bot understands of everything that waits."""
    return lambda: [event for one in fake.payloads() for event in events(whatsapp, one)]
