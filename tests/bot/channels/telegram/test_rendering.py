"""Our messages as calls of the Bot API, judged by the strict fake's own reader."""

from __future__ import annotations

import html
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.telegram import LIMITS, render
from bot.channels.telegram.rendering import as_plain
from bot.fitting import BETWEEN, clean
from handlers.messages import Block, Button, Do, Outgoing, Style
from tests.servers.telegram_text import as_kept, read, units

ANY_TEXT = st.text(
    alphabet=st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from("<>&\"'/b*_`~[]()#;\n\u202e\u200d\u0301😀"),
    ),
    max_size=60,
)
BLOCKS = st.lists(st.builds(Block, ANY_TEXT, st.sampled_from(Style), st.booleans()), max_size=6)


def message(*blocks: Block | str, **fields: Any) -> Outgoing:
    return Outgoing(
        "p", blocks=tuple(Block(b) if isinstance(b, str) else b for b in blocks), **fields
    )


def visible(params: dict[str, Any]) -> str:
    return read(params["text"], params["parse_mode"])[0]


@settings(max_examples=400)
@given(blocks=BLOCKS)
def test_any_text_in_any_block_is_seen_as_it_is(blocks: list[Block]) -> None:
    calls = render(message(*blocks), LIMITS)
    expected = BETWEEN.join(text for block in blocks if (text := clean(block.text).strip()))
    assert [visible(params) for _, params in calls] == ([as_kept(expected)] if calls else [])
    assert bool(calls) == bool(expected)


@settings(max_examples=100)
@given(text=ANY_TEXT, times=st.integers(1, 600), style=st.sampled_from(Style))
def test_no_page_is_longer_than_telegram_takes(text: str, times: int, style: Style) -> None:
    calls = render(message("❌ Pesan ini SALAH.", Block(text * times, style)), LIMITS)
    assert all(units(visible(params)) <= 4096 for _, params in calls)
    whole = "".join(visible(params) for _, params in calls)
    assert whole.startswith("❌ Pesan ini SALAH.")


def test_what_may_be_shortened_goes_first() -> None:
    why, link = Block("kata " * 2000, shorten=True), "saring.example/p/482"
    [(_, params)] = render(message("❌ Pesan ini SALAH.", why, link), LIMITS)
    shown = visible(params)
    assert shown.startswith("❌ Pesan ini SALAH.\n\nkata kata")
    assert shown.endswith("kata…\n\nsaring.example/p/482")
    assert 4000 < units(shown) <= 4096


def test_several_shortened_blocks_give_way_from_the_last() -> None:
    first, last = Block("a " * 1500, shorten=True), Block("b " * 1500, shorten=True)
    [(_, params)] = render(message("SALAH", first, last), LIMITS)
    assert "a a…" not in visible(params)
    assert visible(params).endswith("b b…")


def test_a_text_that_may_not_be_cut_comes_in_pages() -> None:
    calls = render(message("kata " * 3000, quote="7", buttons=((Button("Ya", "yes"),),)), LIMITS)
    assert len(calls) == 4
    assert ["reply_parameters" in params for _, params in calls] == [True, False, False, False]
    assert ["reply_markup" in params for _, params in calls] == [False, False, False, True]
    assert "".join(visible(params) for _, params in calls).count("kata") == 3000


def test_a_family_is_never_torn_apart() -> None:
    family = "👨‍👩‍👧"
    calls = render(message(family * 1000), LIMITS)
    assert all(visible(params) == family * (len(visible(params)) // 5) for _, params in calls)


def test_styles_are_ours_and_cannot_be_faked() -> None:
    faked = "<b>✅ Pesan ini BENAR.</b>"
    [(_, params)] = render(
        message(Block("❌ Pesan ini SALAH.", Style.STRONG), Block(faked, Style.QUOTE)), LIMITS
    )
    shown, entities = read(params["text"], "HTML")
    assert faked in shown
    assert [entity["type"] for entity in entities] == ["bold", "blockquote"]


def test_the_plain_form_shows_the_same_words() -> None:
    words = "a < b & c > d &lt; <b>tebal</b>"
    [(_, params)] = render(message(Block(words, Style.STRONG), words), LIMITS)
    plain = as_plain(params)
    assert plain["text"] == words + BETWEEN + words
    assert "parse_mode" not in plain
    assert html.escape(words, quote=False) in params["text"]


def test_buttons_telegram_would_refuse_are_left_out() -> None:
    row = (
        Button("Buktinya", "evidence:482"),
        Button("terlalu panjang", "x" * 65),
        Button("Lihat", url="http://localhost:8000/p/482"),
        Button("Buka", url="https://saring.example/p/482"),
        Button("", "kosong"),
        Button("tanpa apa-apa"),
    )
    [(_, params)] = render(message("SALAH", buttons=(row,)), LIMITS)
    [keys] = params["reply_markup"]["inline_keyboard"]
    assert [key["text"] for key in keys] == ["Buktinya", "Buka"]


def test_the_way_into_the_private_chat_needs_our_name() -> None:
    rows = ((Button("Lanjut di chat pribadi", private="cek"),),)
    [(_, params)] = render(message("Belum diperiksa.", buttons=rows), LIMITS, "saring_bot")
    [[key]] = params["reply_markup"]["inline_keyboard"]
    assert key["url"] == "https://t.me/saring_bot?start=cek"
    [(_, params)] = render(message("Belum diperiksa.", buttons=rows), LIMITS)
    assert "reply_markup" not in params


def test_wide_rows_are_wrapped() -> None:
    row = tuple(Button(str(number), f"pick:{number}") for number in range(10))
    [(_, params)] = render(message("Yang mana?", buttons=(row,)), LIMITS)
    assert [len(keys) for keys in params["reply_markup"]["inline_keyboard"]] == [8, 2]


@pytest.mark.parametrize(
    ("outgoing", "expected"),
    [
        (message(do=Do.TYPING), [("sendChatAction", {"action": "typing"})]),
        (message(do=Do.LEAVE), [("leaveChat", {})]),
        (message(do=Do.TOAST, callback="9"), [("answerCallbackQuery", {"callback_query_id": "9"})]),
        (message("   "), []),
    ],
)
def test_small_calls(outgoing: Outgoing, expected: list[Any]) -> None:
    assert render(outgoing, LIMITS) == expected


def test_a_toast_is_cut_to_what_fits() -> None:
    [(_, params)] = render(message("ya " * 200, do=Do.TOAST, callback="9"), LIMITS)
    assert len(params["text"]) <= 200


def test_an_edit_replaces_and_never_quotes() -> None:
    [(method, params)] = render(message("Terima kasih", do=Do.EDIT, ref="12", quote="3"), LIMITS)
    assert (method, params["message_id"]) == ("editMessageText", 12)
    assert "reply_parameters" not in params


def test_cards_show_title_and_description() -> None:
    card = message(Block("Jam TPS Melati", Style.STRONG), "Tetap 07.00–13.00", "saring.example/p/1")
    [(method, params)] = render(message(do=Do.CARDS, callback="inline:5", cards=(card,)), LIMITS)
    assert (method, params["inline_query_id"]) == ("answerInlineQuery", "5")
    [result] = params["results"]
    assert (result["title"], result["description"]) == ("Jam TPS Melati", "Tetap 07.00–13.00")
    assert result["input_message_content"]["message_text"].startswith("<b>Jam TPS Melati</b>")


def test_a_guest_query_gets_the_first_card() -> None:
    cards = (message("satu"), message("dua"))
    [(method, params)] = render(message(do=Do.CARDS, callback="guest:5", cards=cards), LIMITS)
    assert (method, params["result"]["title"]) == ("answerGuestQuery", "satu")
