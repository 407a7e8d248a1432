"""A bot and a strict Telegram around it; nothing may be called that Telegram does not know."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.channels.telegram import Telegram
from handlers.messages import Address, Block, Incoming, Outgoing
from tests.servers.telegram import TOKEN, FakeTelegram


@pytest.fixture
async def telegram(fake: FakeTelegram) -> AsyncIterator[Telegram]:
    channel = Telegram(TOKEN, request=fake.request())
    await channel.set_up()
    yield channel
    await channel.close()


@pytest.fixture
def say(telegram: Telegram) -> Callable[..., Any]:
    """Send some blocks to somebody; gives the reference."""

    async def send(to: Any, *texts: str, **fields: Any) -> str:
        blocks = tuple(Block(text) for text in texts)
        return await telegram.send(at(to), Outgoing(to="p", blocks=blocks, **fields))

    return send


@pytest.fixture
def heard(fake: FakeTelegram, telegram: Telegram) -> Callable[[], list[Incoming]]:
    """What the bot understands of everything that has happened so far."""
    return lambda: [event for update in fake.updates for event in telegram.parse(update)]


def at(chat: Any) -> Address:
    """The address of somebody in the fake."""
    return Address("telegram", TOKEN.partition(":")[0], str(chat.id))
