"""The desk shows an answer as Telegram and WhatsApp would: text, marks, links, buttons, lengths."""

from hypothesis import given
from hypothesis import strategies as st

from bot.previews import as_telegram, as_whatsapp
from handlers.messages import Block, Button, Outgoing, Style

ROW = (Button("📤 Teruskan", "a"), Button("🔎 Buktinya", "b"), Button("🙅 Bukan ini", "c"))
THUMBS = (Button("👍", "d", optional=True), Button("👎", "e", optional=True))
ANSWER = Outgoing(
    "p",
    blocks=(Block("❌ Pesan ini SALAH.", Style.STRONG), Block("Baca https://x.example/p/3")),
    buttons=(ROW, THUMBS),
)


def text_of(bubble):
    return [(each.style, each.text) for each in bubble.paragraphs]


def test_telegram_shows_bold_words_links_and_every_row_of_buttons():
    shown = as_telegram(ANSWER)
    (bubble,) = shown.bubbles
    assert text_of(bubble) == [
        ("strong", "❌ Pesan ini SALAH."),
        ("plain", "Baca https://x.example/p/3"),
    ]
    assert bubble.paragraphs[1].pieces == ((False, "Baca "), (True, "https://x.example/p/3"))
    assert [[key.words for key in row] for row in bubble.keys] == [
        [button.label for button in row] for row in ANSWER.buttons
    ]
    assert (bubble.limit, shown.shortened) == (4096, False)


def test_whatsapp_shows_three_replies_below_each_other_and_leaves_out_the_optional_ones():
    (bubble,) = as_whatsapp(ANSWER).bubbles
    assert text_of(bubble) == text_of(as_telegram(ANSWER).bubbles[0])
    assert [row[0].words for row in bubble.keys] == [button.label for button in ROW]
    assert bubble.limit == 1024


def test_more_choices_than_buttons_are_a_list_on_whatsapp():
    many = Outgoing("p", blocks=ANSWER.blocks, buttons=((*ROW, Button("Lain", "z", hint="ya")),))
    (bubble,) = as_whatsapp(many).bubbles
    assert [[key.words for key in row] for row in bubble.keys] == [["☰ Menu"]]
    assert bubble.choices[-1] == ("Lain", "ya")


def test_a_button_that_opens_a_page_says_so():
    page = Outgoing("p", blocks=ANSWER.blocks, buttons=((Button("Buka", url="https://a.b/c"),),))
    for show in (as_telegram, as_whatsapp):
        (bubble,) = show(page).bubbles
        assert [(key.words, key.page) for row in bubble.keys for key in row] == [("Buka", True)]


def test_what_is_too_long_is_cut_where_it_may_be_and_that_is_said():
    long = Outgoing(
        "p", blocks=(*ANSWER.blocks, Block("kata " * 400, shorten=True)), buttons=(ROW,)
    )
    assert not as_telegram(long).shortened
    shown = as_whatsapp(long)
    assert shown.shortened
    assert [bubble.length <= bubble.limit for bubble in shown.bubbles] == [True]


def test_what_may_not_be_cut_becomes_several_messages():
    long = Outgoing("p", blocks=(Block("kata " * 1000),), buttons=(ROW,))
    shown = as_whatsapp(long)
    assert len(shown.bubbles) > 1
    assert [bool(bubble.keys) for bubble in shown.bubbles][-2:] == [False, True]
    assert not shown.shortened


@given(st.text(max_size=300), st.sampled_from(Style))
def test_nothing_anybody_writes_is_taken_for_formatting(text, style):
    message = Outgoing("p", blocks=(Block("❌ SALAH", Style.STRONG), Block(text, style)))
    for show in (as_telegram, as_whatsapp):
        first, *rest = (each for bubble in show(message).bubbles for each in bubble.paragraphs)
        assert (first.style, first.text) == ("strong", "❌ SALAH")
        assert {each.style for each in rest} <= {style.value, "plain"}
