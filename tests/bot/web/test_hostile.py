"""Nothing a stranger or a moderator can send makes a 500, and a fault of ours says nothing."""

import json
from dataclasses import replace
from urllib.parse import quote

import httpx
import pytest

from bot.web import login
from bot.web.app import create_app
from bot.web.services import Services
from bot.wiring.sources import FactSource, QuestionSource
from handlers.ports import Rules
from knowledge_base.facts import Role
from knowledge_base.search.finder import Finder

TEXTS = [
    "",
    " ",
    "\x00",
    "a" * 20_000,
    "😀" * 500,
    "e" + "\u0301" * 5_000,
    "\u202eabc\u2066",
    "' OR 1=1 --",
    '"(AND)* a:b ~5 ^',
    "{{7*7}} {% raise %} ${x} %s %n",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "9" * 400,
    "-1",
    "1e309",
    "NaN",
    "٣",
]
HUGE = str(2**70)
NUMBERS = ["0", "-1", "9" * 30, "1.5", "abc", "", "٣", "true", "1e3", " 1"]


@pytest.fixture
async def browser(store, clock):
    async def receive(channel, body, headers):
        return 1

    finder = Finder(FactSource(store), questions=QuestionSource(store))
    services = Services(database=store, rules=Rules(), finder=finder, receive=receive, clock=clock)
    with store.work() as work:
        work.desk.add("ani", Role.MODERATOR, "", clock())
        token = work.desk.link("ani", clock())
    transport = httpx.ASGITransport(
        create_app(services), client=("127.0.0.1", 40000), raise_app_exceptions=False
    )
    headers = {"Sec-Fetch-Site": "same-origin"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as client:
        await client.post("/desk/login", data={"token": token})
        await client.get("/chat")
        yield client


async def test_no_number_is_too_large_for_a_page_of_the_desk(at_desk, enter):
    at_desk = replace(at_desk, rules=Rules(fetch=True))
    browser = await enter("Ani", Role.ADMIN, at_desk)
    asked = 0
    for path, route in login._routes(create_app(at_desk).routes):
        ways = route.dependant
        names = [
            p.name
            for p in (*ways.path_params, *ways.query_params)
            if p.field_info.annotation is int
        ]
        form = {p.name: HUGE for p in ways.body_params}
        if path.endswith("/events") or not names:
            continue
        address = path.replace("{kind}", "task").replace("{code}", "AAAA")
        for name in ways.path_params:
            address = address.replace(f"{{{name.name}}}", HUGE)
        for method in route.methods:
            query = {name: HUGE for name in names if f"{{{name}}}" not in path}
            answer = await browser.request(method, address, params=query, data=form or None)
            assert answer.status_code < 500, f"{method} {address}"
            asked += 1
    assert asked > 15


@pytest.mark.parametrize("text", TEXTS)
async def test_no_text_in_an_address_is_a_fault(browser, text):
    for path in ("/p/{}", "/desk/q/{}", "/desk/search?q={}", "/?lang={}", "/desk/login?token={}"):
        answer = await browser.get(path.format(quote(text, safe="")))
        assert answer.status_code < 500, path


@pytest.mark.parametrize("number", NUMBERS)
async def test_no_number_in_an_address_is_a_fault(browser, number):
    paths = ("/desk?start={}", "/desk/cards?start={}", "/chat/lines?after={}")
    for path in (*paths, "/desk/search?q=x&version={}"):
        answer = await browser.get(path.format(quote(number)))
        assert answer.status_code < 500, path


@pytest.mark.parametrize("text", [*TEXTS, "\ud800", "a\udfff b"])
async def test_no_text_in_a_body_is_a_fault(browser, text):
    for after in (0, -1, 10**30, True, None, "x"):
        message = {"id": f"id{abs(hash(text))}", "kind": "message", "text": text, "after": after}
        answer = await browser.post("/chat/send", content=json.dumps(message))
        assert answer.status_code < 500, answer.text
    for body in ({"text": text}, {"text": "x", "lang": text}):
        answer = await browser.post("/api/v1/check", content=json.dumps(body))
        assert answer.status_code < 500, answer.text


@pytest.mark.parametrize("text", TEXTS)
async def test_no_text_in_a_form_is_a_fault(browser, text):
    form = dict.fromkeys(("version", "number", "into", "reason", "verdict", "claim", "lang"), text)
    for action in ("draft", "answer", "merge", "join", "reject", "undo"):
        answer = await browser.post(f"/desk/q/AAAA/{action}", data=form)
        assert answer.status_code < 500, action
    assert (await browser.post("/desk/login", data={"token": text})).status_code < 500


async def test_a_fault_of_ours_says_nothing_and_keeps_the_headers(browser, monkeypatch):
    def broken(*arguments, **options):
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr("bot.web.public.changes", broken)
    monkeypatch.setattr("bot.web.public.shown", broken)
    monkeypatch.setattr("bot.web.api.find", broken)
    monkeypatch.setattr("bot.web.desk_queue._list", broken)
    page = await browser.get("/desk")
    told = await browser.post("/api/v1/check", json={"text": "x"})
    for answer in (page, told):
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert "ZeroDivision" not in answer.text
        assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert told.json() == {"error": "internal error"}
