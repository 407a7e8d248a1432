"""Deliveries over python-telegram-bot to the strict fake, and what its refusals mean."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.channels import ChannelError
from bot.channels.telegram import Profile, Telegram
from handlers.messages import Block, Button, Do, Media, Outgoing, Style
from tests.bot.channels.telegram.conftest import at
from tests.servers.telegram import TOKEN, FakeTelegram

SECRET = "rahasia-webhook-yang-cukup-panjang-0123456789"
VERDICT = Outgoing(
    "p",
    blocks=(Block("❌ Pesan ini SALAH.", Style.STRONG), Block("Faktanya: a < b & c")),
    buttons=((Button("Buktinya", "evidence:482"), Button("Bukan ini", "not:482")),),
)


async def failing(telegram: Telegram, to: Any, message: Outgoing = VERDICT) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        await telegram.send(at(to), message)
    assert TOKEN.partition(":")[2] not in str(caught.value)
    return caught.value


async def test_a_verdict_arrives_with_style_and_buttons(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    sari = fake.person("Sari")
    ref = await telegram.send(at(sari), VERDICT)
    [sent] = fake.sent_to(sari)
    assert (str(sent.id), sent.styled("bold")) == (ref, ["❌ Pesan ini SALAH."])
    assert sent.text.endswith("Faktanya: a < b & c")
    assert sent.labels == ["Buktinya", "Bukan ini"]


async def test_a_reply_quotes_and_survives_a_deleted_message(fake: FakeTelegram, say: Any) -> None:
    sari = fake.person("Sari")
    asked = sari.sends("Benarkah?")
    await say(sari, "SALAH", quote=str(asked["message_id"]))
    await say(sari, "SALAH", quote="99999")
    assert [sent.reply_to for sent in fake.sent_to(sari)] == [asked["message_id"], None]


async def test_an_edit_changes_the_message_and_an_equal_one_is_success(
    fake: FakeTelegram, say: Any
) -> None:
    sari = fake.person("Sari")
    ref = await say(sari, "Yang mana?")
    await say(sari, "Terima kasih", do=Do.EDIT, ref=ref)
    await say(sari, "Terima kasih", do=Do.EDIT, ref=ref)
    assert [sent.text for sent in fake.sent_to(sari)] == ["Terima kasih"]


async def test_what_cannot_be_edited_is_said_anew(fake: FakeTelegram, say: Any) -> None:
    sari = fake.person("Sari")
    await say(sari, "Terima kasih", do=Do.EDIT, ref="555")
    assert fake.last_to(sari).text == "Terima kasih"


async def test_a_tap_is_acknowledged_once_and_twice_does_no_harm(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    sari = fake.person("Sari")
    await telegram.send(at(sari), VERDICT)
    query = sari.presses("Buktinya")
    toast = Outgoing("p", do=Do.TOAST, callback=query, blocks=(Block("Sebentar"),))
    await telegram.send(at(sari), toast)
    assert fake.toasts == {query: "Sebentar"}
    await telegram.send(at(sari), toast)
    assert fake.violations == [f"query {query} was answered twice"]
    fake.violations.clear()


async def test_typing_leaving_and_cards(fake: FakeTelegram, telegram: Telegram) -> None:
    sari = fake.person("Sari")
    group = fake.group("RT 05", sari)
    await telegram.send(at(sari), Outgoing("p", do=Do.TYPING))
    await telegram.send(at(group), Outgoing("p", do=Do.LEAVE))
    search, guest = sari.searches("jam TPS"), fake.query_id()
    cards = (Outgoing("", blocks=(Block("Jam TPS"), Block("Tetap sampai 13.00"))),)
    for query in (f"inline:{search}", f"guest:{guest}"):
        await telegram.send(at(sari), Outgoing("p", do=Do.CARDS, callback=query, cards=cards))
    assert (fake.typing, fake.left) == ([sari.id], [group.id])
    assert [fake.cards[query][0]["title"] for query in (search, guest)] == ["Jam TPS"] * 2


async def test_a_formatting_error_is_sent_as_plain_text(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    fake.fails("sendMessage", 400, "Bad Request: can't parse entities: unexpected end")
    sari = fake.person("Sari")
    await telegram.send(at(sari), VERDICT)
    assert fake.last_to(sari).text == "❌ Pesan ini SALAH.\n\nFaktanya: a < b & c"
    assert fake.last_to(sari).entities == []


@pytest.mark.parametrize(
    ("code", "description", "expected"),
    [
        (400, "Bad Request: chat not found", {"permanent", "gone"}),
        (400, "Bad Request: message is too long", {"permanent"}),
        (400, "Bad Request: something nobody has seen", {"permanent"}),
        (403, "Forbidden: bot was blocked by the user", {"permanent", "gone"}),
        (403, "Forbidden: user is deactivated", {"permanent", "gone"}),
        (403, "Forbidden: bot was kicked from the group chat", {"permanent", "gone"}),
        (403, "Forbidden: bot can't initiate conversation with a user", {"permanent", "gone"}),
        (403, "Forbidden: something nobody has seen", {"permanent"}),
        (401, "Unauthorized", {"stop", "everyone"}),
        (409, "Conflict: terminated by other getUpdates request", {"stop", "everyone"}),
        (500, "Internal Server Error", set()),
        (502, "Bad Gateway", set()),
        (0, "no answer", set()),
    ],
)
async def test_a_refusal_says_what_to_do(
    fake: FakeTelegram, telegram: Telegram, code: int, description: str, expected: set[str]
) -> None:
    fake.fails("sendMessage", code, description)
    error = await failing(telegram, fake.person("Sari"))
    kinds = {"permanent", "gone", "stop", "everyone", "window_closed"}
    assert {kind for kind in kinds if getattr(error, kind)} == expected
    assert error.retry_after is None


async def test_slow_down_is_obeyed_for_all_or_for_the_group(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    sari = fake.person("Sari")
    group = fake.group("RT 05", sari)
    errors = []
    for chat in (sari, group):
        fake.fails("sendMessage", 429, "Too Many Requests: retry after 7", retry_after=7)
        errors.append(await failing(telegram, chat))
    assert [error.retry_after for error in errors] == [7.0, 7.0]
    assert [error.everyone for error in errors] == [True, False]


async def test_a_group_that_moved_tells_its_new_address(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    group = fake.group("RT 05", fake.person("Sari"))
    new = group.migrates()
    error = await failing(telegram, group)
    assert (error.moved_to, error.permanent) == (str(new.id), False)


async def test_people_who_left_are_gone(fake: FakeTelegram, telegram: Telegram) -> None:
    sari, budi = fake.person("Sari"), fake.person("Budi")
    sari.blocks()
    budi.deletes_account()
    assert [(await failing(telegram, one)).gone for one in (sari, budi)] == [True, True]


async def test_a_file_is_fetched_or_refused(fake: FakeTelegram, telegram: Telegram) -> None:
    fake.files["files/f1"] = b"isi"
    assert await telegram.download(Media("image", ref="f1")) == b"isi"
    with pytest.raises(ChannelError, match="Wrong file_id"):
        await telegram.download(Media("image", ref="f2"))


async def test_group_admins_are_asked_for(fake: FakeTelegram, telegram: Telegram) -> None:
    sari, budi = fake.person("Sari"), fake.person("Budi")
    group = fake.group("RT 05", sari, budi)
    assert await telegram.is_admin(at(group), str(sari.id)) is True
    assert await telegram.is_admin(at(group), str(budi.id)) is False


async def test_the_profile_is_set_in_each_language(fake: FakeTelegram, telegram: Telegram) -> None:
    words = Profile([("cek", "periksa tulisan")], "Teruskan pesan ke sini.", "Saring dulu.")
    await telegram.introduce({"": words, "id": words})
    assert fake.profile["commands", ""] == [{"command": "cek", "description": "periksa tulisan"}]
    assert fake.profile["description", "id"] == "Teruskan pesan ke sini."
    assert telegram.username == fake.username
    assert fake.webhook == {}


async def test_a_webhook_is_set_with_its_secret_and_watched(fake: FakeTelegram) -> None:
    channel = Telegram(
        TOKEN,
        mode="webhook",
        webhook_secret=SECRET,
        webhook_url="https://saring.example/hook",
        request=fake.request(),
    )
    await channel.set_up()
    assert (fake.webhook["url"], fake.webhook["secret_token"]) == (
        "https://saring.example/hook",
        SECRET,
    )
    assert await channel.complaint() == ""
    fake.webhook_error = "Connection refused"
    assert "Connection refused" in await channel.complaint()
    fake.webhook["url"] = "https://maling.example"
    assert "another address" in await channel.complaint()


@pytest.mark.parametrize(
    ("headers", "genuine"),
    [
        ({"x-telegram-bot-api-secret-token": SECRET}, True),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET}, True),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET[:-1]}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": SECRET.upper()}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": ""}, False),
        ({"X-Telegram-Bot-Api-Secret-Token": "é"}, False),
        ({}, False),
    ],
)
def test_only_the_secret_opens_the_webhook(headers: dict[str, str], genuine: bool) -> None:
    assert Telegram(TOKEN, webhook_secret=SECRET).verify(headers, b"{}") is genuine


def test_without_a_secret_the_webhook_is_closed() -> None:
    assert Telegram(TOKEN).verify({"X-Telegram-Bot-Api-Secret-Token": ""}, b"{}") is False


async def test_the_token_stands_in_no_log(
    fake: FakeTelegram, telegram: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    await telegram.send(at(fake.person("Sari")), VERDICT)
    fake.fails("sendMessage", 0)
    await failing(telegram, fake.person("Budi"))
    ours = [record for record in caplog.records if not record.name.startswith("telegram")]
    assert all(TOKEN not in record.getMessage() for record in ours)


def test_a_wrong_token_stops_the_start() -> None:
    with pytest.raises(ValueError, match="TELEGRAM_TOKEN"):
        Telegram("bukan token")


LONG = Outgoing("p", blocks=tuple(Block(f"{n} " + "kata " * 700) for n in range(3)))


async def test_a_long_message_goes_on_at_the_page_that_failed(
    fake: FakeTelegram, telegram: Telegram
) -> None:
    sari = fake.person("Sari")
    fake.fails("sendMessage", 500, spare=1)
    error = await failing(telegram, sari, LONG)
    assert error.pages == 1
    await telegram.send(at(sari), replace(LONG, skip=error.pages))
    assert [sent.text[0] for sent in fake.sent_to(sari)] == ["0", "1", "2"]
