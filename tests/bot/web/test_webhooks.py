"""Webhooks: 200 only after the commit, and nothing that helps a forger."""

from dataclasses import replace

import pytest

from bot.inbox import Busy, Forged, TooLarge

BODY = b'{"update_id": 1}'
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s" * 32}


@pytest.fixture
def on(services):
    """Both platforms deliver by HTTP."""
    return replace(services, webhooks=frozenset({"telegram", "whatsapp"}))


@pytest.mark.parametrize("channel", ["telegram", "whatsapp"])
async def test_the_raw_bytes_and_headers_reach_the_inbox(browser_of, on, house, channel):
    async with browser_of(on) as platform:
        answer = await platform.post(f"/webhooks/{channel}", content=BODY, headers=SECRET)
    assert answer.status_code == 200
    name, body, headers = house.received[0]
    assert (name, body) == (channel, BODY)
    assert headers["x-telegram-bot-api-secret-token"] == "s" * 32


@pytest.mark.parametrize(
    ("refusal", "status"),
    [(Forged("secret wrong"), 401), (TooLarge("too much"), 413), (Busy("locked"), 503)],
)
async def test_a_refusal_says_nothing_but_its_status(browser_of, on, house, refusal, status):
    house.refusal = refusal
    async with browser_of(on) as platform:
        answer = await platform.post("/webhooks/telegram", content=BODY)
    assert answer.status_code == status
    assert answer.content == b""
    assert ("retry-after" in answer.headers) is (status == 503)


async def test_a_flood_of_forged_deliveries_is_a_line_a_minute(
    browser_of, on, house, clock, capsys
):
    """A15: else whoever sends it fills the disk with our log."""
    house.refusal = Forged("secret wrong")
    async with browser_of(replace(on, clock=clock)) as stranger:
        for minutes, times, said in ((0, 1, "count=1"), (0, 5, ""), (1, 1, "count=6"), (0, 5, "")):
            clock.forward(minutes=minutes)
            for _ in range(times):
                answer = await stranger.post("/webhooks/telegram", content=BODY)
                assert answer.status_code == 401
            told = capsys.readouterr().out
            assert told.count("delivery refused") == bool(said)
            assert said in told


async def test_a_body_that_is_too_long_is_refused_before_anything_else(browser_of, on, house):
    async with browser_of(on) as platform:
        answer = await platform.post("/webhooks/telegram", content=b"x" * (1024 * 1024 + 1))
    assert answer.status_code == 413
    assert house.received == []


async def test_endless_chunks_end_at_the_limit(browser_of, on, house):
    async def chunks():
        for _ in range(2000):
            yield b"x" * 1024

    async with browser_of(on) as platform:
        answer = await platform.post("/webhooks/telegram", content=chunks())
    assert answer.status_code == 413
    assert house.received == []


async def test_a_platform_that_is_off_has_no_address(browser, house):
    for channel in ("telegram", "whatsapp"):
        assert (await browser.post(f"/webhooks/{channel}", content=BODY)).status_code == 404
    assert house.received == []


async def test_the_handshake_is_answered_by_the_channel_alone(browser_of, on):
    def handshake(query):
        return query["hub.challenge"] if query.get("hub.verify_token") == "v" else None

    asked = "/webhooks/whatsapp?hub.challenge=123&hub.verify_token="
    async with browser_of(replace(on, handshake=handshake)) as meta:
        right = await meta.get(asked + "v")
        assert (right.text, right.headers["content-type"]) == ("123", "text/plain; charset=utf-8")
        assert (await meta.get(asked + "x")).status_code == 403
    async with browser_of(on) as meta:
        assert (await meta.get(asked + "v")).status_code == 403


@pytest.mark.parametrize(
    ("channel", "verb", "allowed"),
    [
        ("telegram", "GET", "POST"),
        ("whatsapp", "PUT", "GET, POST"),
        ("telegram", "OPTIONS", "POST"),
    ],
)
async def test_another_verb_is_told_which_ones_there_are(browser_of, on, channel, verb, allowed):
    async with browser_of(on) as other:
        answer = await other.request(verb, f"/webhooks/{channel}")
    assert (answer.status_code, answer.headers.get("allow"), answer.text) == (405, allowed, "")
