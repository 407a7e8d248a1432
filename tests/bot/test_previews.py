"""The desk shows an answer as WhatsApp would: the same text, its marks as bold, its buttons."""

from bot.wiring import as_whatsapp
from handlers.messages import Block, Button, Outgoing, Style

ANSWER = Outgoing(
    "p",
    blocks=(Block("❌ Pesan ini SALAH.", Style.STRONG), Block("Faktanya: buka.")),
    buttons=((Button("📤 Teruskan", "a"), Button("🔎 Buktinya", "b")),),
)


def test_paragraphs_and_buttons_are_those_of_the_channel():
    (bubble,) = as_whatsapp(ANSWER)
    assert bubble.paragraphs == ((True, "❌ Pesan ini SALAH."), (False, "Faktanya: buka."))
    assert bubble.buttons == ("📤 Teruskan", "🔎 Buktinya")


def test_more_choices_than_buttons_are_a_list():
    many = Outgoing(
        "p",
        blocks=ANSWER.blocks,
        buttons=((*ANSWER.buttons[0], *(Button(str(n), str(n)) for n in range(3))),),
    )
    (bubble,) = as_whatsapp(many)
    assert bubble.buttons == ("☰ Menu",)


def test_what_is_too_long_is_shortened_where_it_may_be():
    long = Outgoing(
        "p", blocks=(*ANSWER.blocks, Block("kata " * 400, shorten=True)), buttons=ANSWER.buttons
    )
    (bubble,) = as_whatsapp(long)
    assert sum(len(text) for _, text in bubble.paragraphs) < 1024
