"""A message as each messenger shows it, read back from the very bodies that would be sent."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.channels import telegram, whatsapp
from bot.fitting import BETWEEN, clean
from bot.web.services import Bubble, Key, Paragraph, Preview
from handlers.messages import Outgoing, Style
from handlers.reading import units

_TAG = re.compile(r"<[^<>]*>")
_OPENS = {"<b>": Style.STRONG, "<blockquote>": Style.QUOTE}
_LINK = re.compile(r"(https?://\S+)")


def as_telegram(message: Outgoing) -> Preview:
    """As Telegram shows it: bold and quotes, links that can be tapped, rows of buttons."""
    calls = telegram.render(message, telegram.LIMITS)
    bubbles = tuple(_telegram(params) for _, params in calls)
    return Preview("telegram", bubbles, _shortened(message, bubbles))


def as_whatsapp(message: Outgoing) -> Preview:
    """As WhatsApp shows it: its own marks, three reply buttons or a list, 1024 characters
    beside them."""
    bubbles = tuple(_whatsapp(body) for body in whatsapp.render(message, whatsapp.LIMITS))
    return Preview("whatsapp", bubbles, _shortened(message, bubbles))


def _shortened(message: Outgoing, bubbles: Sequence[Bubble]) -> bool:
    """Was anything cut? What a channel adds (links below the text) never makes up for it."""
    parts = [part for block in message.blocks for part in clean(block.text).split()]
    shown = [word for bubble in bubbles for each in bubble.paragraphs for word in each.text.split()]
    return len(shown) < len(parts)


# ── Telegram ────────────────────────────────────────────────────────────────────────────────


def _telegram(params: Mapping[str, Any]) -> Bubble:
    keyboard = params.get("reply_markup", {}).get("inline_keyboard", ())
    return Bubble(
        paragraphs=tuple(_from_html(params["text"])),
        keys=tuple(tuple(Key(key["text"], "url" in key) for key in row) for row in keyboard),
        length=units(html.unescape(_TAG.sub("", params["text"]))),
        limit=telegram.LIMITS.text_with_buttons if keyboard else telegram.LIMITS.text,
    )


def _from_html(text: str) -> Iterator[Paragraph]:
    """The paragraphs of our own HTML: one tag round a whole block, everything else escaped."""
    style = Style.PLAIN
    for part in text.split(BETWEEN):
        opened = next((tag for tag in _OPENS if part.startswith(tag)), "")
        style = _OPENS.get(opened, style)
        yield _paragraph(html.unescape(_TAG.sub("", part)), style)
        if _TAG.search(part[len(opened) :]):
            style = Style.PLAIN


# ── WhatsApp ────────────────────────────────────────────────────────────────────────────────


def _whatsapp(body: Mapping[str, Any]) -> Bubble:
    content = body[body["type"]]
    tappable = body["type"] == "interactive"
    text = content["body"]["text"] if tappable else content["body"]
    action = content.get("action", {})
    limits = whatsapp.LIMITS
    return Bubble(
        paragraphs=tuple(_from_marks(part) for part in text.split(BETWEEN)),
        keys=tuple((key,) for key in _whatsapp_keys(action)),
        choices=tuple(_rows(action)),
        length=units(text),
        limit=limits.text_with_buttons if tappable else limits.text,
    )


def _from_marks(part: str) -> Paragraph:
    """One paragraph of our own marks; those in anybody's words were made harmless before."""
    lines = part.split("\n")
    if all(line.startswith("> ") for line in lines):
        return _paragraph("\n".join(line[2:] for line in lines), Style.QUOTE)
    if all(len(line) > 2 and line[0] == "*" == line[-1] for line in lines if line):
        return _paragraph("\n".join(line[1:-1] for line in lines), Style.STRONG)
    return _paragraph(part, Style.PLAIN)


def _whatsapp_keys(action: Mapping[str, Any]) -> Iterator[Key]:
    yield from (Key(one["reply"]["title"]) for one in action.get("buttons", ()))
    if "sections" in action:
        yield Key(action["button"])
    if "parameters" in action:
        yield Key(action["parameters"]["display_text"], True)


def _rows(action: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for section in action.get("sections", ()):
        yield from ((row["title"], row.get("description", "")) for row in section["rows"])


def _paragraph(text: str, style: Style) -> Paragraph:
    pieces = [piece for piece in _LINK.split(text) if piece]
    return Paragraph(tuple((bool(_LINK.fullmatch(piece)), piece) for piece in pieces), style.value)


PREVIEWS = (as_telegram, as_whatsapp)
