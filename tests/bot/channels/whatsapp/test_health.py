"""The operator hears of a red number, a dead token and templates Meta took away, each once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from bot.channels.whatsapp import WhatsApp
from tests.bot.channels.whatsapp.conftest import number
from tests.servers.graph import TOKEN, FakeGraph
from tests.servers.graph_rules import Template


@pytest.fixture
async def watched(fake: FakeGraph) -> AsyncIterator[WhatsApp]:
    channel = number(fake, business_id=fake.business_id)
    yield channel
    await channel.close()


async def complaints(channel: WhatsApp, rounds: int = 1) -> list[str]:
    """What is told in so many looks."""
    left = rounds

    async def rest(seconds: float) -> None:
        nonlocal left
        left -= 1
        if not left:
            raise asyncio.CancelledError

    with capture_logs() as told, pytest.raises(asyncio.CancelledError):
        await channel.run(rest)
    return [str(line["hint"]) for line in told]


async def test_nothing_is_said_when_all_is_well(watched: WhatsApp) -> None:
    assert await complaints(watched) == []


async def test_a_red_number_is_told_once(fake: FakeGraph, watched: WhatsApp) -> None:
    fake.quality = "RED"
    [hint] = await complaints(watched, rounds=3)
    assert "red" in hint


async def test_a_dead_token_is_told_and_not_shown(fake: FakeGraph, watched: WhatsApp) -> None:
    fake.expired = True
    [hint] = await complaints(watched)
    assert "token" in hint
    assert TOKEN not in hint


async def test_each_template_that_is_not_approved_is_named(
    fake: FakeGraph, watched: WhatsApp
) -> None:
    fake.templates["saring_result"] = Template(state="PAUSED")
    fake.templates["saring_interim"] = Template(languages=frozenset({"id"}))
    del fake.templates["saring_rejected"]
    assert await complaints(watched) == [
        "the template saring_result (id) is paused",
        "the template saring_result (en) is paused",
        "the template saring_interim (en) is missing",
        "the template saring_rejected (id) is missing",
        "the template saring_rejected (en) is missing",
    ]


async def test_without_the_account_id_templates_are_not_asked_for(
    fake: FakeGraph, whatsapp: WhatsApp
) -> None:
    fake.templates.clear()
    assert await complaints(whatsapp) == []


async def test_a_platform_out_of_reach_is_told(fake: FakeGraph) -> None:
    channel = number(fake, api_url="https://elsewhere.example")
    [hint] = await complaints(channel)
    assert "cannot be reached" in hint
    fake.leaked.clear()  # the operator's own address is trusted
    await channel.close()
