"""Our messages as bodies the Cloud API takes: limits, what can be tapped, marks nobody can fake."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp import LIMITS, render
from bot.channels.whatsapp.markup import harmless
from bot.channels.whatsapp.rendering import Payload
from handlers.messages import Block, Button, Do, Outgoing, Style
from tests.servers.graph_rules import check, marks, units

NAMES = {"result": "saring_result"}


def message(*blocks: str | Block, **fields: object) -> Outgoing:
    told = tuple(Block(one) if isinstance(one, str) else one for one in blocks)
    return Outgoing(to="p", blocks=told, **fields)  # type: ignore[arg-type]


def taps(*labels: str) -> tuple[tuple[Button, ...], ...]:
    return tuple((Button(label, f"v1|{index}||"),) for index, label in enumerate(labels))


def text(body: Payload) -> str:
    content = body[body["type"]]
    return str(content["body"] if body["type"] == "text" else content["body"]["text"])


def accepted(bodies: list[Payload]) -> list[Payload]:
    for body in bodies:
        check({**body, "to": "6281234567890"})
    return bodies


def test_a_plain_message_is_a_text_without_preview() -> None:
    [body] = accepted(render(message("Halo", "Apa kabar?"), LIMITS))
    assert body["text"] == {"body": "Halo\n\nApa kabar?", "preview_url": False}
    assert "context" not in body


def test_it_quotes_and_carries_its_key() -> None:
    [body] = accepted(render(message("Jawab", quote="wamid.x", key="row:7"), LIMITS))
    assert body["context"] == {"message_id": "wamid.x"}
    assert body["biz_opaque_callback_data"] == "row:7"


def test_strong_and_quoted_blocks_are_marked_line_by_line() -> None:
    blocks = (Block("SALAH.\nSungguh", Style.STRONG), Block("kata\norang", Style.QUOTE))
    [body] = accepted(render(message(*blocks), LIMITS))
    assert text(body) == "*SALAH.*\n*Sungguh*\n\n> kata\n> orang"
    shown = marks(text(body))
    assert shown["bold"] == ["SALAH.", "Sungguh"]
    assert shown["quote"] == ["kata", "orang"]
    assert shown["italic"] == shown["strike"] == shown["code"] == []


def test_up_to_three_buttons_are_reply_buttons() -> None:
    [body] = accepted(render(message("Pilih", buttons=taps("Ya", "Tidak", "Batal")), LIMITS))
    replies = body["interactive"]["action"]["buttons"]
    assert [one["reply"]["title"] for one in replies] == ["Ya", "Tidak", "Batal"]


def test_optional_buttons_make_room_first() -> None:
    thumb = (Button("👍", "up", optional=True),)
    rows = (*taps("📤 Teruskan", "🔎 Buktinya", "🙅 Bukan ini"), thumb)
    [body] = accepted(render(message("x", buttons=rows), LIMITS))
    assert len(body["interactive"]["action"]["buttons"]) == 3
    [kept] = accepted(render(message("x", buttons=rows[1:]), LIMITS))
    assert kept["interactive"]["action"]["buttons"][2]["reply"]["title"] == "👍"


def test_more_choices_become_a_list_with_hints() -> None:
    long = "Topik yang panjang sekali namanya"
    rows = tuple((Button(f"{n}. {long}", f"p{n}", hint="K" * 90),) for n in range(4))
    [body] = accepted(render(message("Yang mana?", buttons=rows), LIMITS))
    listed = body["interactive"]["action"]["sections"][0]["rows"]
    assert body["interactive"]["type"] == "list"
    assert [units(row["title"]) <= 24 for row in listed] == [True] * 4
    assert units(listed[0]["description"]) == 72


def test_choices_beyond_the_tenth_are_named_in_the_text() -> None:
    rows = taps(*(f"Topik {n}" for n in range(12)))
    [body] = accepted(render(message("x", buttons=rows), LIMITS))
    assert len(body["interactive"]["action"]["sections"][0]["rows"]) == 10
    assert text(body) == "x\n\n• Topik 10\n• Topik 11"


def test_a_lone_link_is_a_link_button() -> None:
    rows = ((Button("Buka halamannya", url="https://saring.example/p/4_8"),),)
    [body] = accepted(render(message("Lengkapnya di sini.", buttons=rows), LIMITS))
    parameters = body["interactive"]["action"]["parameters"]
    assert parameters == {"display_text": "Buka halamannya", "url": "https://saring.example/p/4_8"}


def test_a_link_beside_buttons_stands_in_the_text() -> None:
    rows = (*taps("Ya"), (Button("Laman", url="https://saring.example/p/1"),))
    [body] = accepted(render(message("x", buttons=rows), LIMITS))
    assert text(body) == "x\n\nLaman: https://saring.example/p/1"
    assert body["interactive"]["type"] == "button"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://localhost:8000/p/1", "http://["])
def test_a_link_that_leads_nowhere_is_left_out(url: str) -> None:
    [body] = accepted(render(message("x", buttons=((Button("Laman", url=url),),)), LIMITS))
    assert text(body) == "x"


def test_the_reason_is_shortened_first_verdict_and_link_never() -> None:
    verdict, link = "❌ Pesan ini SALAH.", "saring.example/p/482"
    why = Block("Alasan yang panjang. " * 100, shorten=True)
    blocks = (Block(verdict, Style.STRONG), why, Block(link))
    [body] = accepted(render(message(*blocks, buttons=taps("Buktinya")), LIMITS))
    assert text(body).startswith(f"*{verdict}*")
    assert text(body).endswith(link)
    assert "…" in text(body)


def test_a_text_too_long_for_buttons_comes_before_them() -> None:
    sources = tuple(Block(f"Sumber {n}: " + "x" * 200) for n in range(12))
    bodies = accepted(render(message(*sources, buttons=taps("Keliru"), quote="w"), LIMITS))
    assert [body["type"] for body in bodies] == ["text", "interactive"]
    assert ["context" in body for body in bodies] == [True, False]
    whole = "\n\n".join(text(body) for body in bodies)
    assert [f"Sumber {n}:" in whole for n in range(12)] == [True] * 12


def test_an_edit_goes_out_anew_and_quotes_the_old_message() -> None:
    [body] = accepted(render(message("Baru", do=Do.EDIT, ref="wamid.old", quote="wamid.q"), LIMITS))
    assert (text(body), body["context"]) == ("Baru", {"message_id": "wamid.old"})
    assert render(message(do=Do.EDIT, ref="wamid.old"), LIMITS) == []


def test_a_toast_is_a_message_only_if_it_has_words() -> None:
    assert render(message(do=Do.TOAST, callback="c"), LIMITS) == []
    [body] = accepted(render(message("Terima kasih!", do=Do.TOAST), LIMITS))
    assert text(body) == "Terima kasih!"


def test_typing_marks_as_read_in_the_same_call() -> None:
    [body] = render(message(do=Do.TYPING, ref="wamid.in"), LIMITS)
    assert (body["status"], body["message_id"]) == ("read", "wamid.in")
    assert body["typing_indicator"] == {"type": "text"}
    assert render(message(do=Do.TYPING), LIMITS) == []


@pytest.mark.parametrize("do", [Do.CARDS, Do.LEAVE])
def test_what_whatsapp_does_not_have_gives_nothing(do: Do) -> None:
    assert render(message("x", do=do), LIMITS) == []


def test_a_message_with_only_a_template_is_that_template() -> None:
    wanted = Outgoing("p", template="result", template_values=("7F3K",), template_language="en")
    [body] = accepted(render(wanted, LIMITS, NAMES))
    content = body["template"]
    assert (content["name"], content["language"]) == ("saring_result", {"code": "en"})
    assert content["components"][0]["parameters"] == [{"type": "text", "text": "7F3K"}]
    assert [one["sub_type"] for one in content["components"][1:]] == ["quick_reply"] * 2


def test_a_message_with_words_and_a_template_keeps_its_words() -> None:
    [body] = render(message("Hasilnya", template="result"), LIMITS, NAMES)
    assert body["type"] == "text"


def test_links_keep_working_when_signs_are_made_harmless() -> None:
    assert harmless("https://x.id/a_b_c") == "https://x.id/a_b_c"
    assert harmless("*https://x.id/_a_*") == "∗https://x.id/%5Fa%5F%2A"
    assert harmless("a > b\n> c") == "a › b\n› c"


SIGNS = st.text(st.sampled_from("*_~`> \nab1😀.:/"), max_size=60)
ANY = st.one_of(st.text(max_size=80), SIGNS, SIGNS.map(lambda part: f"https://x.id/{part} *b*"))
LONG = st.builds(lambda part, times: part * times, ANY, st.integers(1, 300))
BLOCKS = st.lists(st.builds(Block, LONG, st.sampled_from(Style), st.booleans()), max_size=5)
ACTION = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=20)  # made by us
BUTTONS = st.lists(
    st.builds(
        Button,
        ANY,
        st.one_of(st.just(""), ACTION),
        st.sampled_from(["", "https://saring.example/p/1", "x"]),
        hint=ANY,
        optional=st.booleans(),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(blocks=BLOCKS, buttons=BUTTONS)
def test_any_message_is_one_the_platform_takes(blocks: list[Block], buttons: list[Button]) -> None:
    told = Outgoing("p", blocks=tuple(blocks), buttons=tuple((one,) for one in buttons))
    for body in accepted(render(told, LIMITS)):
        assert text(body).encode()


@settings(max_examples=200, deadline=None)
@given(words=ANY, style=st.sampled_from(Style))
def test_no_text_can_fake_a_mark(words: str, style: Style) -> None:
    told = message("Di atas", Block(words, style), "Di bawah")
    for body in render(told, LIMITS):
        shown = marks(text(body))
        assert shown["italic"] == shown["strike"] == shown["code"] == []
        assert not shown["bold"] or style is Style.STRONG
        assert not shown["quote"] or style is Style.QUOTE


@given(words=st.text(max_size=100))
def test_template_values_are_one_plain_line(words: str) -> None:
    told = Outgoing("p", template="result", template_values=(words,))
    [body] = accepted(render(told, LIMITS, NAMES))
    value = body["template"]["components"][0]["parameters"][0]["text"]
    assert value
    assert "\n" not in value
