"""Telegram updates as events, played by people against the strict fake."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.channels import UNTOLD, Channel
from bot.channels.telegram import Telegram
from handlers.messages import Act, Incoming
from tests.channel_contract import Contract
from tests.conftest import SHARED
from tests.servers.telegram import TOKEN, FakeTelegram

Heard = Callable[[], list[Incoming]]
OWN = sorted((Path(__file__).parents[3] / "payloads/telegram").glob("*.json"))
COLLECTED = sorted((SHARED / "payloads/telegram").glob("*.json"))


class TestContract(Contract):
    one = Telegram(TOKEN)

    def channel(self) -> Channel:
        return self.one

    def delivery(self, text: str) -> dict[str, Any]:
        fake = FakeTelegram()
        fake.person("Sari").sends("x")
        fake.updates[0]["message"] |= {"text": text}
        return fake.updates[0]


@pytest.mark.parametrize("origin", ["channel", "user", "hidden", "chat"])
def test_every_kind_of_forward_is_a_forward(fake: FakeTelegram, heard: Heard, origin: str) -> None:
    fake.person("Sari").forwards("TPS tutup jam 10", origin=origin)
    [event] = heard()
    assert (event.act, event.forwarded, event.text) == (Act.MESSAGE, True, "TPS tutup jam 10")


def test_a_public_channel_post_brings_its_address(fake: FakeTelegram, heard: Heard) -> None:
    fake.person("Sari").forwards("TPS tutup jam 10", origin="channel")
    assert heard()[0].links == ("https://t.me/kabar_uji/77",)


def test_links_behind_words_are_found(fake: FakeTelegram, heard: Heard) -> None:
    mark = {"type": "text_link", "offset": 5, "length": 4, "url": "https://contoh.id/x"}
    fake.person("Sari").sends("klik sini ya", entities=[mark])
    assert heard()[0].links == ("https://contoh.id/x",)


def test_who_wrote_what_and_when(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari", language="en-GB")
    message = sari.sends("Benarkah ini?")
    [event] = heard()
    assert event.address.value == str(sari.id)
    assert (event.ref, event.language) == (str(message["message_id"]), "en")
    assert event.at.timestamp() == message["date"]
    assert (event.group, event.sender) == (False, "")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("photo", "image"),
        ("video", "video"),
        ("animation", "video"),
        ("video_note", "video"),
        ("voice", "voice"),
        ("audio", "audio"),
        ("document", "document"),
        ("sticker", "sticker"),
    ],
)
def test_files_are_kept_by_reference(
    fake: FakeTelegram, heard: Heard, kind: str, expected: str
) -> None:
    fake.person("Sari").shows(kind, caption="lihat ini")
    [event] = heard()
    assert event.text == "lihat ini"
    assert event.media[0].kind == expected
    assert event.media[0].ref.startswith("f")


def test_an_album_is_several_messages_with_one_mark(fake: FakeTelegram, heard: Heard) -> None:
    fake.person("Sari").shows_album(3, caption="banjir di Melati")
    events = heard()
    assert len(events) == 3
    assert len({event.album for event in events}) == 1
    assert [event.text for event in events] == ["banjir di Melati", "", ""]


def test_an_edit_names_the_message_it_corrects(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari")
    sari.edits(sari.sends("TPS tutup jam 1"), "TPS tutup jam 10")
    before, after = heard()
    assert (after.act, after.text, after.ref) == (Act.EDIT, "TPS tutup jam 10", before.ref)


async def test_a_button_press_brings_data_and_place(
    fake: FakeTelegram, heard: Heard, say: Any
) -> None:
    from handlers.messages import Button

    sari = fake.person("Sari")
    ref = await say(sari, "Yang mana?", buttons=((Button("Yang ini", "pick:7"),),))
    query = sari.presses("Yang ini")
    [event] = heard()
    assert (event.act, event.button, event.callback) == (Act.PRESS, "pick:7", query)
    assert (event.ref, event.at) == (ref, UNTOLD)


def test_a_button_of_a_forgotten_message_still_works(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari")
    sari.presses_after_years("evidence:482", message_id=9)
    [event] = heard()
    assert (event.act, event.button, event.ref) == (Act.PRESS, "evidence:482", "9")
    assert event.address.value == str(sari.id)


def test_blocking_and_coming_back(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari")
    sari.blocks()
    sari.returns()
    assert [event.act for event in heard()] == [Act.BLOCKED, Act.RETURNED]


def test_joining_moving_and_leaving_a_group(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari")
    group = fake.group("RT 05", sari)
    new = group.migrates()
    new.removes_the_bot(sari)
    joined, moved, again, left = heard()
    assert (joined.act, joined.group, joined.sender) == (Act.JOINED, True, str(sari.id))
    for event in (moved, again):
        assert (event.act, event.address.value, event.text) == (
            Act.MOVED,
            str(group.id),
            str(new.id),
        )
    assert left.act is Act.LEFT


async def test_a_reaction_names_the_message_it_is_on(
    fake: FakeTelegram, telegram: Telegram, heard: Heard
) -> None:
    fake._allowed = {"message_reaction"}
    sari = fake.person("Sari")
    sari.reacts(12, "👍")
    sari.reacts(12, "")
    thumb, gone = heard()
    assert (thumb.act, thumb.text, thumb.reply_to) == (Act.REACTION, "👍", "12")
    assert gone.text == ""


def test_a_search_from_any_chat(fake: FakeTelegram, heard: Heard) -> None:
    sari = fake.person("Sari")
    query = sari.searches(" jam TPS ")
    [event] = heard()
    assert (event.act, event.text, event.callback) == (Act.INLINE, "jam TPS", f"inline:{query}")
    assert event.address.value == str(sari.id)


def test_summoned_into_a_chat_the_bot_is_not_in(fake: FakeTelegram, heard: Heard) -> None:
    fake._allowed = {"guest_message"}
    sari = fake.person("Sari")
    query = sari.summons("@saring_uji_bot benar gak?", about="TPS tutup jam 10")
    [event] = heard()
    assert (event.act, event.text) == (Act.GUEST, "benar gak?")
    assert (event.reply_text, event.callback) == ("TPS tutup jam 10", f"guest:{query}")
    assert event.address.value == str(sari.id)


class TestGroups:
    def test_a_command_as_a_reply_brings_the_other_message(
        self, fake: FakeTelegram, heard: Heard
    ) -> None:
        sari, budi = fake.person("Sari"), fake.person("Budi")
        group = fake.group("RT 05", sari, budi)
        rumour = budi.sends("TPS tutup jam 10", to=group)
        sari.replies(rumour, "/cek@saring_uji_bot", to=group)
        event = heard()[-1]
        assert (event.text, event.reply_text) == ("/cek", "TPS tutup jam 10")
        assert (event.group, event.mentioned, event.sender) == (True, True, str(sari.id))
        assert event.address.value == str(group.id)

    def test_privacy_mode_hides_small_talk(self, fake: FakeTelegram, heard: Heard) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        sari.sends("selamat pagi semua", to=group)
        assert [event.act for event in heard()] == [Act.JOINED]

    def test_our_name_is_cut_out_of_a_mention(self, fake: FakeTelegram, heard: Heard) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari, privacy=False)
        sari.sends("😀 @Saring_Uji_Bot TPS tutup jam 10?", to=group)
        event = heard()[-1]
        assert (event.mentioned, event.text) == (True, "😀  TPS tutup jam 10?")

    def test_a_command_for_another_bot_is_ignored(self, fake: FakeTelegram, heard: Heard) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari, privacy=False)
        sari.sends("/cek@bot_lain TPS tutup", to=group)
        assert [event.act for event in heard()] == [Act.JOINED]

    async def test_a_reply_to_us_is_known_as_one(
        self, fake: FakeTelegram, heard: Heard, say: Any
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        ref = await say(group, "Belum diperiksa.")
        sari.replies(fake.last_to(group), "kapan?", to=group)
        event = heard()[-1]
        assert (event.reply_from_us, event.reply_to) == (True, ref)

    def test_another_bot_is_not_heard(self, telegram: Telegram, fake: FakeTelegram) -> None:
        sari = fake.person("Sari")
        message = sari.sends("/cek apa ini")
        message["from"] |= {"is_bot": True}
        assert telegram.parse({"update_id": 1, "message": message}) == []

    def test_an_anonymous_admin_is_an_admin(self, telegram: Telegram, fake: FakeTelegram) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        message = sari.sends("/auto", to=group)
        message |= {"sender_chat": group.chat(), "from": {"id": 1087968824, "is_bot": True}}
        [event] = telegram.parse({"update_id": 1, "message": message})
        assert (event.by_admin, event.sender) == (True, str(group.id))


@pytest.mark.parametrize(
    "kind",
    ["channel_post", "edited_channel_post", "business_message", "edited_business_message"],
)
def test_private_mail_and_channel_posts_are_ignored(telegram: Telegram, kind: str) -> None:
    chat = {"id": 5, "type": "private"}
    body = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 5}, "text": "rahasia"}
    assert telegram.parse({"update_id": 1, kind: body}) == []


def test_a_service_message_is_no_message(telegram: Telegram) -> None:
    chat = {"id": -5, "type": "group"}
    body = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 5}, "new_chat_title": "RT"}
    assert telegram.parse({"update_id": 1, "message": body}) == []


def test_a_kind_of_tomorrow_gets_an_answer_in_private(telegram: Telegram) -> None:
    chat = {"id": 5, "type": "private"}
    body = {"message_id": 1, "date": 1, "chat": chat, "from": {"id": 5}, "hologram": {"x": 1}}
    [event] = telegram.parse({"update_id": 1, "message": body})
    assert [(media.kind, media.name) for media in event.media] == [("other", "hologram")]


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_a_saved_update_reads_as_noted(path: Path) -> None:
    saved = json.loads(path.read_text())
    channel = Telegram(TOKEN)
    events = [event for update in saved["updates"] for event in channel.parse(update)]
    noted = [
        {key: str(getattr(event, key)) for key in saved["read"][i]}
        for i, event in enumerate(events)
    ]
    assert noted == saved["read"]


@pytest.mark.shared
@pytest.mark.parametrize("path", COLLECTED, ids=lambda path: path.stem)
def test_a_collected_update_is_read_without_a_crash(path: Path) -> None:
    raw = json.loads(path.read_text())
    channel = Telegram(TOKEN)
    assert isinstance(channel.parse(raw if isinstance(raw, dict) else {}), list)
    if isinstance(raw, dict) and isinstance(raw.get("update_id"), int):
        [update] = channel.split(path.read_bytes())
        assert update.external_id == str(raw["update_id"])


def test_what_is_left_out_has_a_name_from_a_closed_list(telegram: Telegram) -> None:
    assert telegram.kind_of({"update_id": 1, "channel_post": {}}) == "channel_post"
    assert telegram.kind_of({"update_id": 1, "hologram": {}}) == "other"
