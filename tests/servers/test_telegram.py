"""The fake is not its own judge: aiogram and the published schema read what it says."""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest

from bot.channels.telegram import Profile, Telegram
from handlers.messages import Block, Button, Do, Outgoing, Style
from tests.bot.channels.telegram.conftest import at
from tests.conftest import SHARED
from tests.servers.telegram import TOKEN, FakeTelegram
from tests.servers.telegram_text import Refused, read


async def a_whole_day(fake: FakeTelegram) -> None:
    """Everything people can do here, with a bot that answers in every way it can."""
    bot = Telegram(TOKEN, request=fake.request())
    await bot.set_up()
    await bot.introduce({"id": Profile([("cek", "periksa")], "Panjang", "Pendek")})
    fake._allowed = None
    sari, budi = fake.person("Sari"), fake.person("Budi", language="")
    buttons = ((Button("Ya", "yes:1"), Button("Buka", url="https://saring.example/p/1")),)
    blocks = (Block("❌ SALAH", Style.STRONG), Block("katanya", Style.QUOTE), Block("a & b"))
    asked = sari.sends("/start x")
    message = Outgoing("p", blocks=blocks, buttons=buttons, quote=str(asked["message_id"]))
    ref = await bot.send(at(sari), message)
    for origin in ("channel", "chat", "hidden", "user"):
        sari.forwards("kabar", origin=origin)
    for kind in ("photo video animation video_note voice audio document sticker").split():  # noqa: SIM905
        sari.shows(kind, caption="lihat")
    sari.shows_album(2, "dua gambar")
    sari.edits(sari.sends("lihat https://contoh.id"), "lihat lagi")
    query = sari.presses("Ya")
    sari.presses_after_years("yes:1", 5)
    sari.replies(fake.last_to(sari), "kenapa?")
    group = fake.group("RT 05", sari, budi)
    sari.sends("/cek@saring_uji_bot apa", to=group)
    await bot.is_admin(at(group), str(budi.id))
    new = group.migrates()
    fake._allowed = {"message_reaction", "guest_message", "inline_query", "my_chat_member"}
    sari.reacts(3)
    search, guest = sari.searches("jam"), sari.summons("@saring_uji_bot?", about="kabar")
    new.removes_the_bot(sari)
    for do, fields in (
        (Do.EDIT, {"ref": ref, "blocks": (Block("lain"),)}),
        (Do.TOAST, {"callback": query, "blocks": (Block("ya"),)}),
        (Do.TYPING, {}),
        (Do.CARDS, {"callback": f"inline:{search}", "cards": (message,)}),
        (Do.CARDS, {"callback": f"guest:{guest}", "cards": (message,)}),
    ):
        await bot.send(at(sari), Outgoing("p", do=do, **fields))
    sari.blocks()
    sari.returns()


async def test_aiogram_reads_every_update() -> None:
    from aiogram.types import Update  # takes seconds: not before each run of any test

    fake = FakeTelegram()
    await a_whole_day(fake)
    assert len(fake.updates) >= 30
    for update in fake.updates:
        Update.model_validate(update)


@pytest.mark.shared
async def test_the_published_schema_agrees_with_updates_and_calls() -> None:
    sys.path.insert(0, str(SHARED / "validators"))
    from tg_schema import Spec

    spec, fake = Spec(), FakeTelegram()
    await a_whole_day(fake)
    problems = [spec.check(update, "Update", str(update)[:80]) for update in fake.updates]
    problems += [spec.check_call(method, params) for method, params in fake.calls]
    assert [problem for problem in problems if problem] == []
    assert len({method for method, _ in fake.calls}) >= 11


async def ask(fake: FakeTelegram, method: str, token: str = TOKEN, **params: Any) -> Any:
    """A bare call; gives the answer."""
    transport = httpx.ASGITransport(app=fake.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://telegram") as client:
        answer = await client.post(f"/bot{token}/{method}", json=params)
    body = answer.json()
    assert answer.status_code == body.get("error_code", 200)
    return body


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": "x"}, "chat_id is empty"),
        ({"chat_id": 999, "text": "x"}, "chat not found"),
        ({"chat_id": 50001, "text": " \n\u200b"}, "message text is empty"),
        ({"chat_id": 50001, "text": "😀" * 2049}, "message is too long"),
        ({"chat_id": 50001, "text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
        (
            {"chat_id": 50001, "text": "x", "reply_parameters": {"message_id": 77}},
            "message to be replied not found",
        ),
        (
            {"chat_id": 50001, "text": "x", "reply_markup": {"inline_keyboard": {}}},
            'Field "inline_keyboard" must be of type Array',
        ),
    ],
)
async def test_it_refuses_a_message_like_telegram(params: dict[str, Any], words: str) -> None:
    fake = FakeTelegram()
    fake.person("Sari")
    assert words in (await ask(fake, "sendMessage", **params))["description"]


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        ({"text": "x"}, "Text buttons are not allowed"),
        ({"text": "x", "callback_data": "a", "url": "https://a.id"}, "BUTTON_TYPE_INVALID"),
        ({"text": "x", "url": "http://localhost/p/1"}, "Wrong HTTP URL"),
    ],
)
async def test_it_refuses_a_button_like_telegram(button: dict[str, str], words: str) -> None:
    fake = FakeTelegram()
    sari = fake.person("Sari")
    markup = {"inline_keyboard": [[button]]}
    answer = await ask(fake, "sendMessage", chat_id=sari.id, text="x", reply_markup=markup)
    assert words in answer["description"]


async def test_it_knows_its_token_and_its_methods() -> None:
    fake = FakeTelegram()
    assert (await ask(fake, "getMe", token="1:x"))["error_code"] == 401
    assert (await ask(fake, "sendTelepathy"))["description"] == "Not Found: method not found"
    assert "unknown parameter" in (await ask(fake, "getMe", mood="good"))["description"]
    assert len(fake.violations) == 2


async def test_it_forgets_only_what_was_confirmed() -> None:
    fake = FakeTelegram()
    sari = fake.person("Sari")
    for text in ("satu", "dua", "tiga"):
        sari.sends(text)
    first = (await ask(fake, "getUpdates", limit=2))["result"]
    again = (await ask(fake, "getUpdates"))["result"]
    rest = (await ask(fake, "getUpdates", offset=first[-1]["update_id"] + 1))["result"]
    assert [len(first), len(again), len(rest)] == [2, 3, 1]
    fake.passes(25 * 3600)
    assert (await ask(fake, "getUpdates"))["result"] == []


async def test_it_sends_only_the_kinds_that_were_asked_for() -> None:
    fake = FakeTelegram()
    await ask(fake, "getUpdates", allowed_updates=["message"])
    sari = fake.person("Sari")
    sari.searches("jam")
    sari.sends("halo")
    await ask(fake, "getUpdates")
    assert [list(update)[1] for update in fake.updates] == ["message"]


async def test_it_allows_one_poller_or_one_webhook() -> None:
    fake = FakeTelegram(longest_hold=5)
    import asyncio

    held = asyncio.create_task(ask(fake, "getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    fake.person("Sari").sends("halo")
    fake._pending.clear()
    second = asyncio.create_task(ask(fake, "getUpdates", timeout=0))
    assert (await held)["error_code"] == 409
    assert (await second)["ok"]
    await ask(fake, "setWebhook", url="https://saring.example/x", secret_token="rahasia")
    assert (await ask(fake, "getUpdates"))["error_code"] == 409


async def test_it_keeps_the_pace_of_chats_and_groups() -> None:
    fake = FakeTelegram(paced=True)
    sari = fake.person("Sari")
    group = fake.group("RT 05", sari)
    assert (await ask(fake, "sendMessage", chat_id=sari.id, text="1"))["ok"]
    refused = await ask(fake, "sendMessage", chat_id=sari.id, text="2")
    assert (refused["error_code"], refused["parameters"]) == (429, {"retry_after": 1})
    fake.passes(1)
    assert (await ask(fake, "sendMessage", chat_id=sari.id, text="2"))["ok"]
    answers = [await ask(fake, "sendMessage", chat_id=group.id, text="x") for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]


async def test_a_webhook_gets_the_secret_and_repeats_what_was_refused() -> None:
    fake = FakeTelegram()
    await ask(fake, "setWebhook", url="https://saring.example/x", secret_token="rahasia")
    fake.person("Sari").sends("halo")
    seen: list[dict[str, str]] = []

    async def post(headers: dict[str, str], body: bytes) -> int:
        seen.append(headers)
        return 503 if len(seen) == 1 else 200

    assert await fake.push(post) == [503, 200]
    assert seen[0]["X-Telegram-Bot-Api-Secret-Token"] == "rahasia"


@pytest.mark.parametrize(
    ("markup", "visible"),
    [
        ("<b>a</b> &lt;b&gt; &amp;amp; &nbsp;", "a <b> &amp; &nbsp;"),
        ("<a href='https://a.id'>a</a>&#128512;", "a😀"),
        ("  <i> a </i>\r\n ", "a"),
        ("<blockquote expandable>a</blockquote>", "a"),
    ],
)
def test_it_reads_html_like_telegram(markup: str, visible: str) -> None:
    assert read(markup, "HTML")[0] == visible


@pytest.mark.parametrize(
    "markup", ["<b>", "</b>", "<b></i>", "<x>a</x>", "<", "<b", "<a href>x</a>", "a < b", "<b>a</b"]
)
def test_it_refuses_broken_html(markup: str) -> None:
    with pytest.raises(Refused, match="can't parse entities"):
        read(markup, "HTML")


def test_entities_count_in_utf16() -> None:
    assert read("😀<b>é😀</b>", "HTML")[1] == [{"type": "bold", "offset": 2, "length": 3}]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://saring.example/webhooks/telegram", "HTTPS URL must be provided"),
        ("https://saring.example:8000/webhooks/telegram", "only on ports"),
    ],
)
async def test_a_webhook_needs_https_on_a_port_of_telegrams(url: str, words: str) -> None:
    answer = await ask(FakeTelegram(), "setWebhook", url=url, secret_token="x" * 32)
    assert (answer["error_code"], words in answer["description"]) == (400, True)


async def test_the_address_of_a_file_lives_an_hour() -> None:
    fake = FakeTelegram()
    fake.files["files/abc"] = b"isi"
    path = (await ask(fake, "getFile", file_id="abc"))["result"]["file_path"]
    async with httpx.AsyncClient(transport=httpx.ASGITransport(fake.app)) as client:
        address = f"http://x/file/bot{TOKEN}/{path}"
        assert (await client.get(address)).content == b"isi"
        fake.passes(3600)
        assert (await client.get(address)).status_code == 404


async def test_a_tap_cannot_be_answered_when_it_is_old() -> None:
    fake = FakeTelegram()
    query = fake.query_id()
    fake.passes(1000)
    answer = await ask(fake, "answerCallbackQuery", callback_query_id=query)
    assert "query is too old" in answer["description"]
