"""The simulator's routes: durable, once only, and only for whom it is on."""

from dataclasses import replace

import pytest

from bot.inbox import Busy
from bot.web import chat
from bot.web.limits import Limiter
from bot.web.services import Limits

MESSAGE = {"id": "0123456789abcdef", "kind": "message", "text": "Benarkah?", "forwarded": True}


async def test_the_page_gives_every_visitor_a_cookie_of_their_own(browser):
    first = await browser.get("/chat")
    assert first.status_code == 200
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    token = browser.cookies["saring_chat"]
    await browser.get("/chat")
    assert browser.cookies["saring_chat"] == token
    await browser.post("/chat/new")
    assert browser.cookies["saring_chat"] != token


async def test_a_message_is_in_the_inbox_and_in_the_history_before_200(browser, house):
    await browser.get("/chat")
    answer = await browser.post("/chat/send", json=MESSAGE)
    assert answer.status_code == 200
    update = house.updates[0]
    assert (update["kind"], update["text"], update["forwarded"]) == ("message", "Benarkah?", True)
    assert update["ref"] == MESSAGE["id"]
    shown = (await browser.get("/chat/lines")).json()["lines"]
    assert [(line["text"], line["state"], line["ours"]) for line in shown] == [
        ("Benarkah?", "sent", False)
    ]


async def test_repeating_a_message_after_a_lost_reply_shows_it_once(browser, house):
    await browser.get("/chat")
    for _ in range(3):
        assert (await browser.post("/chat/send", json=MESSAGE)).status_code == 200
    shown = (await browser.get("/chat/lines")).json()["lines"]
    assert len(shown) == 1
    assert len({update["id"] for update in house.updates}) == 1


async def test_a_busy_database_leaves_the_line_unsent_and_asks_to_try_again(browser, house):
    await browser.get("/chat")
    house.refusal = Busy("locked")
    answer = await browser.post("/chat/send", json=MESSAGE)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (await browser.get("/chat/lines")).json()["lines"][0]["state"] == "sending"
    house.refusal = None
    assert (await browser.post("/chat/send", json=MESSAGE)).status_code == 200
    assert (await browser.get("/chat/lines")).json()["lines"][0]["state"] == "sent"


async def test_one_visitor_never_sees_the_chat_of_another(browser, browser_of, services):
    await browser.get("/chat")
    await browser.post("/chat/send", json=MESSAGE)
    async with browser_of(services) as stranger:
        await stranger.get("/chat")
        assert (await stranger.get("/chat/lines")).json()["lines"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"id": "short"}, 422),
        ({"id": "x" * 65}, 422),
        ({"kind": "webhook"}, 422),
        ({"text": 5}, 422),
        ({"button": "é" * 33}, 422),
        ({"text": "a" * 100_001}, 413),
    ],
)
async def test_what_is_not_a_message_is_refused_and_not_kept(browser, house, change, status):
    await browser.get("/chat")
    answer = await browser.post("/chat/send", json=MESSAGE | change)
    assert answer.status_code == status
    assert house.received == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff\xfe"])
async def test_a_body_that_is_no_json_object_is_refused(browser, body):
    await browser.get("/chat")
    assert (await browser.post("/chat/send", content=body)).status_code in {411, 422}


async def test_lone_surrogates_and_nul_are_kept_and_can_be_shown(browser, house):
    await browser.get("/chat")
    body = b'{"id": "0123456789abcdef", "kind": "message", "text": "a\\ud800\\u0000b"}'
    assert (await browser.post("/chat/send", content=body)).status_code == 200
    assert house.updates[0]["text"] == "a\ud800\x00b"
    assert (await browser.get("/chat/lines")).json()["lines"][0]["text"] == "a�b"


async def test_a_hundred_thousand_characters_are_taken(browser, house):
    await browser.get("/chat")
    answer = await browser.post("/chat/send", json=MESSAGE | {"text": "😀" * 50_000 + "a" * 50_000})
    assert answer.status_code == 200
    assert len(house.updates[0]["text"]) == 100_000


async def test_a_form_of_another_site_is_refused(browser, house):
    await browser.get("/chat")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert (await browser.post("/chat/send", json=MESSAGE, headers=foreign)).status_code == 403
    assert house.received == []


async def test_on_loopback_only_this_machine_is_served(browser_of, services):
    async with browser_of(services) as local:
        assert (await local.get("/chat")).status_code == 200
        proxied = await local.get("/chat", headers={"X-Forwarded-For": "203.0.113.9"})
        assert proxied.status_code == 404
    async with browser_of(services, peer="203.0.113.9") as remote:
        assert (await remote.get("/chat")).status_code == 404


async def test_a_public_chat_is_limited_per_address(browser_of, services, house):
    limits = Limits(chat=Limiter(2))
    public = replace(services, chat="on", loopback=False, limits=limits)
    async with browser_of(public, host="saring.example", peer="203.0.113.9") as visitor:
        await visitor.get("/chat")
        sent = [await visitor.post("/chat/send", json=MESSAGE) for _ in range(3)]
        assert [answer.status_code for answer in sent] == [200, 200, 429]
        assert int(sent[2].headers["retry-after"]) == 60
        house.later(61)
        assert (await visitor.post("/chat/send", json=MESSAGE)).status_code == 200


async def test_switched_off_means_off_even_for_this_machine(browser_of, services):
    async with browser_of(replace(services, chat="off")) as visitor:
        assert (await visitor.get("/chat")).status_code == 404
        assert (await visitor.post("/chat/send", json=MESSAGE)).status_code == 404


async def test_the_stream_gives_what_is_there_then_what_comes(services, house):
    mailbox = house.doors.mailbox
    mailbox.put("chat", False, {"kind": "message", "text": "Halo"}, house.now)
    events = chat.stream(services, "chat", 0)
    assert (await anext(events)).startswith("retry:")
    assert '"text": "Halo"' in await anext(events)
    services.hub.tell("chat", {"kind": "typing", "text": ""})
    assert (await anext(events)).startswith("event: typing")
    mailbox.put("chat", True, {"kind": "message", "blocks": []}, house.now)
    services.hub.tell("chat")
    assert (await anext(events)).startswith("id: 2\nevent: line")
    await events.aclose()


async def test_a_stream_that_comes_back_goes_on_after_the_last_line_it_saw(services, house):
    for text in ("satu", "dua"):
        house.doors.mailbox.put("chat", False, {"kind": "message", "text": text}, house.now)
    events = chat.stream(services, "chat", 1)
    await anext(events)
    assert '"text": "dua"' in await anext(events)
    await events.aclose()


async def test_closing_the_hub_ends_the_streams(services):
    events = chat.stream(services, "chat", 0)
    await anext(events)
    services.hub.close()
    assert [event async for event in events] == []


async def test_too_many_open_pages_are_sent_to_polling(services):
    events = [chat.stream(services, "chat", 0) for _ in range(7)]
    opened = [await anext(stream) for stream in events]
    assert [line.startswith("event: crowded") for line in opened] == [False] * 6 + [True]
    for stream in events:
        await stream.aclose()


async def test_choosing_a_language_is_told_to_the_bot_like_its_button(browser, house):
    await browser.get("/chat")
    answer = await browser.post("/chat/language", data={"lang": "en"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/chat")
    assert (house.updates[0]["kind"], house.updates[0]["button"]) == ("press", "v1|lang|en|")
    assert '<html lang="en">' in (await browser.get("/chat")).text
    assert (await browser.post("/chat/language", data={"lang": "xx"})).status_code == 404
