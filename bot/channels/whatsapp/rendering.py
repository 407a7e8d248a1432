"""Our messages as bodies of POST /{number}/messages. Pure: data in, payloads out.

Limits: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/messages
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from bot.channels import Limits
from bot.channels.whatsapp.markup import harmless, marked
from bot.channels.whatsapp.reading import SHOW, STOP
from bot.fitting import BETWEEN, clean, clip, fit
from handlers.messages import Block, Button, Do, Outgoing
from handlers.reading import units

Payload = dict[str, Any]

ROW_TITLE, ROW_HINT, ROW_ID = 24, 72, 200
LINK_TITLE, LINK_LENGTH = 20, 2000
TRACKER = 512
TEMPLATE_VALUE = 200  # our choice; Meta bounds only the whole text (1024)
MENU = "☰ Menu"  # opens a list; the same word in every language we speak
NO_TEMPLATES: Mapping[str, str] = {}


def render(
    message: Outgoing, limits: Limits, templates: Mapping[str, str] = NO_TEMPLATES
) -> list[Payload]:
    """The bodies that deliver this message, without whom they go to.

    An edit is not possible here: its text goes out as a new message that quotes the old one;
    an edit without text, cards and leaving give nothing. A toast is a message if it has words.
    A message without text whose template is in `templates` (kind → name at Meta) is that
    template.
    """
    match message.do:
        case Do.SEND | Do.TOAST:
            if message.template in templates and not message.text:
                return [_template(message, templates[message.template])]
            return _sends(message, limits)
        case Do.EDIT:
            return _sends(replace(message, quote=message.ref or message.quote), limits)
        case Do.TYPING:
            reference = message.ref or message.quote
            return [_read_and_typing(reference)] if reference else []
        case Do.CARDS | Do.LEAVE:
            return []


def to_recipient(payload: Payload, address: str, *, is_user_id: bool) -> Payload:
    """The body with whom it goes to: a user id in `recipient`, a number in `to`."""
    if "status" in payload:
        return payload
    return {**payload, "recipient" if is_user_id else "to": address}


def _template(message: Outgoing, name: str) -> Payload:
    """The approved template of this name: one text with values, two quick replies."""
    values = [{"type": "text", "text": _value(one)} for one in message.template_values]
    components: list[Payload] = [{"type": "body", "parameters": values}] if values else []
    components += [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": payload}],
        }
        for index, payload in enumerate((SHOW, STOP))
    ]
    language = {"code": message.template_language or "id"}
    content = {"name": name, "language": language, "components": components}
    return _body("template", content)


def _value(value: str) -> str:
    """A template's value: one line, never empty, no run of spaces (Meta refuses those)."""
    return clip(_one_line(harmless(value)), TEMPLATE_VALUE) or "-"


def _read_and_typing(reference: str) -> Payload:
    return {
        "messaging_product": "whatsapp",
        "status": "read",
        "message_id": reference,
        "typing_indicator": {"type": "text"},
    }


def _sends(message: Outgoing, limits: Limits) -> list[Payload]:
    """One body for each page: the first quotes, the last carries what can be tapped."""
    taps = _taps(message.buttons, limits)
    links = [button for row in message.buttons for button in row if _is_public(button.url)]
    as_button = len(links) == 1 and not taps and units(links[0].url) <= LINK_LENGTH
    extra = () if as_button else links
    blocks = _plain_blocks(message.blocks, extra, taps[limits.choices :])
    shown = taps[: limits.choices]
    if not blocks and (shown or links):
        blocks = [Block(harmless(clean(button.label)).strip()) for button in (*shown, *links)]
    pages = _pages(blocks, limits, with_buttons=bool(shown) or as_button)
    bodies = [_body("text", _text(page)) for page in pages]
    if pages and shown:
        content = _tappable(marked(pages[-1]), shown, limits)
        bodies[-1] = _body("interactive", content)
    elif pages and as_button:
        bodies[-1] = _body("interactive", _link_button(marked(pages[-1]), links[0]))
    if bodies and message.quote:
        bodies[0]["context"] = {"message_id": message.quote}
    if bodies and message.key and units(message.key) <= TRACKER:
        bodies[-1]["biz_opaque_callback_data"] = message.key  # back in its statuses: all arrived
    return bodies


def _body(kind: str, content: Payload) -> Payload:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "type": kind,
        kind: content,
    }


def _text(page: Sequence[Block]) -> Payload:
    return {"body": marked(page), "preview_url": False}


# ── what can be tapped ──────────────────────────────────────────────────────────────────────


def _taps(rows: Sequence[Sequence[Button]], limits: Limits) -> list[Button]:
    """Buttons with data, each once; the optional ones go first where there are too many."""
    unique: dict[str, Button] = {}
    for row in rows:
        for button in row:
            if button.data and not button.url and clean(button.label).strip():
                unique.setdefault(button.data, button)
    taps = [one for one in unique.values() if units(one.data) <= ROW_ID]
    if len(taps) > limits.buttons:
        taps = [one for one in taps if not one.optional]
    return taps


def _tappable(body: str, taps: Sequence[Button], limits: Limits) -> Payload:
    """Reply buttons, or a list when there are more of them than buttons fit."""
    if len(taps) <= limits.buttons:
        replies = [
            {"type": "reply", "reply": {"id": one.data, "title": _label(one, limits.label)}}
            for one in taps
        ]
        return {"type": "button", "body": {"text": body}, "action": {"buttons": replies}}
    rows = [_row(one) for one in taps]
    action = {"button": MENU, "sections": [{"rows": rows}]}
    return {"type": "list", "body": {"text": body}, "action": action}


def _row(button: Button) -> Payload:
    row = {"id": button.data, "title": _label(button, ROW_TITLE)}
    hint = clip(_one_line(button.hint), ROW_HINT)
    return row | {"description": hint} if hint else row


def _label(button: Button, limit: int) -> str:
    return clip(_one_line(button.label), limit)


def _one_line(words: str) -> str:
    return " ".join(clean(words).split())


def _link_button(body: str, button: Button) -> Payload:
    parameters = {"display_text": _label(button, LINK_TITLE) or "🔗", "url": button.url}
    action = {"name": "cta_url", "parameters": parameters}
    return {"type": "cta_url", "body": {"text": body}, "action": action}


def _is_public(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")


# ── what can be read ────────────────────────────────────────────────────────────────────────


def _plain_blocks(
    blocks: Sequence[Block], links: Sequence[Button], untappable: Sequence[Button]
) -> list[Block]:
    """The blocks with harmless text; links and choices that found no button stand below."""
    told = [replace(block, text=harmless(clean(block.text)).strip()) for block in blocks]
    lines = [harmless(f"{_one_line(button.label)}: {button.url}") for button in links]
    lines += [f"• {harmless(_one_line(button.label))}" for button in untappable]
    kept = [block for block in told if block.text]
    return [*kept, Block("\n".join(lines))] if lines else kept


def _pages(
    blocks: Sequence[Block], limits: Limits, *, with_buttons: bool
) -> list[tuple[Block, ...]]:
    """Pages of text; with buttons the last one is short enough to carry them.

    What may be shortened is cut first, so that one billed message is enough if at all possible.
    """
    if not with_buttons:
        return _fitted(blocks, limits.text)
    short = _fitted(blocks, limits.text_with_buttons)
    head = [block for page in short[:-1] for block in page]
    return [*_fitted(head, limits.text), *short[-1:]]


def _fitted(blocks: Sequence[Block], limit: int) -> list[tuple[Block, ...]]:
    """Pages that stay within the limit with their marks. Marks at most double a text."""
    for room in (limit, limit - _overhead(blocks), limit // 3):
        pages = list(fit(blocks, max(room, limit // 3)))
        if all(units(marked(page)) <= limit for page in pages):
            return pages
    return pages


def _overhead(blocks: Sequence[Block]) -> int:
    return units(marked(blocks)) - units(BETWEEN.join(block.text for block in blocks))
