"""Long polling: an update is kept before Telegram may forget it, and nothing stops the loop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import structlog

from bot.channels.telegram import Profile, Telegram
from tests.servers.telegram import TOKEN, FakeTelegram


class Kept:
    """An inbox that remembers, and may refuse."""

    def __init__(self, fake: FakeTelegram) -> None:
        self.fake = fake
        self.texts: list[str] = []
        self.waiting: list[int] = []  # how many were unconfirmed when each one came in
        self.refusals = 0

    async def __call__(self, body: bytes) -> None:
        if self.refusals:
            self.refusals -= 1
            raise RuntimeError("database is locked")
        self.waiting.append(self.fake.waiting)
        self.texts.append(json.loads(body)["message"]["text"])


async def poll_until(
    telegram: Telegram,
    receive: Callable[[bytes], Awaitable[Any]],
    done: Callable[[], bool],
) -> list[float]:
    """Poll until something is so; gives the rests it took."""
    rests: list[float] = []

    async def rest(seconds: float) -> None:
        rests.append(seconds)
        await asyncio.sleep(0)

    task = asyncio.create_task(telegram.poll(receive, rest))
    for _ in range(2000):
        if done():
            break
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done()
    return rests


async def test_updates_are_kept_before_they_are_confirmed(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    kept, sari = Kept(fake), fake.person("Sari")
    for text in ("satu", "dua", "tiga"):
        sari.sends(text)
    await poll_until(telegram, kept, lambda: fake.waiting == 0)
    assert kept.texts == ["satu", "dua", "tiga"]
    assert kept.waiting == [3, 3, 3]


async def test_what_could_not_be_kept_comes_again(fake: FakeTelegram, telegram: Telegram) -> None:
    kept, sari = Kept(fake), fake.person("Sari")
    kept.refusals = 3
    sari.sends("satu")
    sari.sends("dua")
    rests = await poll_until(telegram, kept, lambda: fake.waiting == 0)
    assert kept.texts == ["dua", "satu", "dua"]  # known again by its id, so it does no harm
    assert rests == [1.0, 2.0]


async def test_a_poison_update_stops_nobody(fake: FakeTelegram, telegram: Telegram) -> None:
    bodies: list[bytes] = []

    async def receive(body: bytes) -> None:
        bodies.append(body)

    fake.emits({"update_id": 700_000_000, "poll": {"members_only": "dulu tidak ada"}})
    fake.person("Sari").sends("halo")
    await poll_until(telegram, receive, lambda: fake.waiting == 0)
    events = [event for body in bodies for event in telegram.parse(json.loads(body))]
    assert [event.text for event in events] == ["halo"]


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (409, "another program"),
        (401, "TELEGRAM_TOKEN"),
        (502, "cannot be reached"),
        (0, "cannot be reached"),
        (429, "slow down"),
    ],
)
async def test_every_trouble_is_named_and_waited_out(
    fake: FakeTelegram, telegram: Telegram, code: int, hint: str
) -> None:
    kept = Kept(fake)
    fake.fails("getUpdates", code, "x", times=2, **({"retry_after": 9} if code == 429 else {}))
    fake.person("Sari").sends("halo")
    with structlog.testing.capture_logs() as logs:
        rests = await poll_until(telegram, kept, lambda: kept.texts == ["halo"])
    assert [hint in line["hint"] for line in logs] == [True, True]
    assert TOKEN.partition(":")[2] not in str(logs)
    assert rests[0] >= {409: 5.0, 401: 60.0, 429: 9.0}.get(code, 1.0)


async def test_numbers_that_begin_anew_lose_nothing(fake: FakeTelegram, telegram: Telegram) -> None:
    kept, sari = Kept(fake), fake.person("Sari")
    sari.sends("sebelum")
    polling = asyncio.create_task(telegram.poll(kept, asyncio.sleep))
    while fake.waiting:
        await asyncio.sleep(0)
    for _ in range(50):
        await asyncio.sleep(0)
    fake.idles_a_week()
    sari.sends("sesudah")
    for _ in range(200):
        await asyncio.sleep(0)
    polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await polling
    assert kept.texts == ["sebelum", "sesudah"]


async def test_only_the_kinds_we_read_are_asked_for(fake: FakeTelegram, telegram: Telegram) -> None:
    await poll_until(telegram, Kept(fake), lambda: len(fake.called("getUpdates")) > 1)
    asked = fake.called("getUpdates")[0]
    assert "guest_message" in asked["allowed_updates"]
    assert not [kind for kind in asked["allowed_updates"] if "business" in kind]
    assert asked["timeout"] == 30


async def test_the_start_waits_until_telegram_can_be_reached(fake: FakeTelegram) -> None:
    telegram, kept, rests = Telegram(TOKEN, request=fake.request()), Kept(fake), []
    words = Profile([("cek", "periksa")], "Panjang", "Pendek")

    async def rest(seconds: float) -> None:
        rests.append(seconds)

    fake.fails("deleteWebhook", 0)
    fake.fails("getMe", 502)
    fake.fails("setMyDescription", 429, "Too Many Requests: retry after 900", retry_after=900)
    fake.person("Sari").sends("halo")
    with structlog.testing.capture_logs() as logs:
        running = asyncio.create_task(telegram.run(kept, {"": words, "id": words}, rest))
        while not kept.texts:
            await asyncio.sleep(0)
    running.cancel()
    assert (rests, telegram.username) == ([1.0, 2.0], fake.username)
    assert [line["event"] for line in logs][-1] == "the bot's profile is not up to date"


async def test_a_stolen_webhook_is_noticed(fake: FakeTelegram) -> None:
    secret, url = "s" * 32, "https://saring.example/webhooks/telegram"
    telegram = Telegram(
        TOKEN, mode="webhook", webhook_secret=secret, webhook_url=url, request=fake.request()
    )
    looks: list[float] = []

    async def rest(seconds: float) -> None:
        looks.append(seconds)
        fake.webhook["url"] = "https://maling.example"
        if len(looks) == 3:
            raise asyncio.CancelledError

    with structlog.testing.capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await telegram.run(Kept(fake), {}, rest)
    assert [line["event"] for line in logs] == ["the webhook is in trouble"] * 2
    assert looks == [300.0] * 3


async def test_our_name_is_asked_for_once_and_not_again_after_a_dead_line(
    fake: FakeTelegram,
) -> None:
    fresh = Telegram(TOKEN, request=fake.request())
    fake.fails("getMe", 500)
    assert [await fresh.whoami(), await fresh.whoami()] == ["", ""]
    assert len(fake.called("getMe")) == 1
    await fresh.set_up()
    assert [await fresh.whoami(), await fresh.whoami()] == [fake.username] * 2
    assert len(fake.called("getMe")) == 2
    await fresh.close()
