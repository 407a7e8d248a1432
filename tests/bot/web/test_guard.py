"""What stands before every route."""

from dataclasses import replace

import pytest
from starlette.datastructures import Headers

from bot.web.guard import host_of, own_origin


@pytest.mark.parametrize("path", ["/chat", "/no-such-page", "/static/chat.css"])
async def test_every_reply_carries_the_strict_headers(browser, path):
    headers = (await browser.get(path)).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


async def test_on_loopback_a_foreign_host_name_is_not_answered(browser):
    reply = await browser.get("/chat", headers={"Host": "evil.example"})
    assert reply.status_code == 421
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert (await browser.get("/chat", headers={"Host": host})).status_code == 200


async def test_behind_a_public_address_any_host_of_the_proxy_is_taken(browser_of, services):
    async with browser_of(
        replace(services, loopback=False, chat="on"), "saring.example"
    ) as visitor:
        assert (await visitor.get("/chat")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://saring.example"}, False),
        ({"origin": "http://saring.example"}, True),
        ({"origin": "https://evil.example"}, False),
        ({"origin": "null"}, False),
        ({}, False),
    ],
)
def test_only_our_own_pages_may_post(headers, own):
    assert own_origin(Headers({"host": "saring.example"} | headers)) is own


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://Saring.Example/p/1", "saring.example"),
        ("localhost:8000", "localhost"),
        ("[::1]:8000", "::1"),
        ("", ""),
        ("[broken", ""),
    ],
)
def test_the_host_name_is_read_from_addresses_and_headers(text, host):
    assert host_of(text) == host


async def test_static_files_with_a_content_hash_are_kept_for_a_year(browser):
    page = (await browser.get("/chat")).text
    address = page.split('href="/static/chat.css')[1].split('"')[0]
    assert address.startswith("?v=")
    kept = await browser.get(f"/static/chat.css{address}")
    assert "immutable" in kept.headers["cache-control"]
    assert "immutable" not in (await browser.get("/static/chat.css")).headers["cache-control"]


async def test_pages_answer_head_like_get(browser):
    for path in ("/", "/healthz", "/privasi"):
        assert (await browser.head(path)).status_code == 200
