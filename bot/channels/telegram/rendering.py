"""Our messages as calls of the Bot API. Pure: data in, (method, parameters) out.

Limits: https://core.telegram.org/bots/api#sendmessage and #inlinekeyboardbutton.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from bot.channels import Limits
from bot.channels.telegram.reading import GUEST, INLINE
from bot.fitting import BETWEEN, clean, clip, fit
from handlers.messages import MOST_DATA, Block, Button, Do, Outgoing, Style

Call = tuple[str, dict[str, Any]]

MOST_TOAST = 200  # characters of a callback answer
MOST_CARDS = 50
MOST_TITLE = 120  # our choice: what a phone shows of a card's title
CARD_SECONDS = 60  # how long Telegram may repeat a card; a verdict can change

_TAGS = {
    Style.PLAIN: ("", ""),
    Style.STRONG: ("<b>", "</b>"),
    Style.QUOTE: ("<blockquote>", "</blockquote>"),
}
_TAG = re.compile(r"<[^<>]*>")


def render(message: Outgoing, limits: Limits, username: str = "") -> list[Call]:
    """The calls that deliver this message, without the chat they go to.

    A message without any visible text gives no call. `username` is our own: buttons into the
    private chat need it and are left out without it.
    """
    match message.do:
        case Do.SEND:
            return _sends(message, limits, username)
        case Do.EDIT:
            return _edit(message, limits, username)
        case Do.TOAST:
            return [("answerCallbackQuery", _toast(message))]
        case Do.TYPING:
            return [("sendChatAction", {"action": "typing"})]
        case Do.LEAVE:
            return [("leaveChat", {})]
        case Do.CARDS:
            return _cards(message, limits, username)


def as_plain(params: dict[str, Any]) -> dict[str, Any]:
    """The same call without formatting, for when Telegram cannot parse ours."""
    plain = {key: value for key, value in params.items() if key != "parse_mode"}
    plain["text"] = html.unescape(_TAG.sub("", params["text"]))
    return plain


def as_new_message(params: dict[str, Any]) -> dict[str, Any]:
    """An edit as a message of its own, for when the old one cannot be changed any more."""
    return {key: value for key, value in params.items() if key != "message_id"}


def _sends(message: Outgoing, limits: Limits, username: str) -> list[Call]:
    """One call for each page; the first quotes, the last carries the buttons."""
    pages = fit(message.blocks, limits.text)
    calls: list[Call] = [("sendMessage", _formatted(page)) for page in pages]
    if calls and message.quote.isdecimal():
        calls[0][1]["reply_parameters"] = {
            "message_id": int(message.quote),
            "allow_sending_without_reply": True,
        }
    keyboard = _keyboard(message.buttons, limits, username)
    if calls and keyboard:
        calls[-1][1]["reply_markup"] = {"inline_keyboard": keyboard}
    return calls


def _edit(message: Outgoing, limits: Limits, username: str) -> list[Call]:
    """Change our message; what does not fit follows as a new one."""
    first, *rest = _sends(message, limits, username) or [("", {})]
    if not first[0] or not message.ref:
        return _sends(message, limits, username)
    params = {key: value for key, value in first[1].items() if key != "reply_parameters"}
    if message.ref.startswith(INLINE):
        params["inline_message_id"] = message.ref.removeprefix(INLINE)
        return [("editMessageText", params)]
    if not message.ref.isdecimal():
        return _sends(message, limits, username)
    return [("editMessageText", params | {"message_id": int(message.ref)}), *rest]


def _formatted(blocks: Sequence[Block]) -> dict[str, Any]:
    return {
        "text": BETWEEN.join(_marked(block) for block in blocks),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }


def _marked(block: Block) -> str:
    opening, closing = _TAGS[block.style]
    return opening + html.escape(block.text, quote=False) + closing


def _keyboard(
    rows: Sequence[Sequence[Button]], limits: Limits, username: str
) -> list[list[dict[str, str]]]:
    """Rows of buttons, wide rows wrapped; what Telegram would refuse is left out."""
    keyboard: list[list[dict[str, str]]] = []
    for row in rows:
        keys = [key for button in row if (key := _key(button, limits, username))]
        for start in range(0, len(keys), limits.buttons_per_row):
            keyboard.append(keys[start : start + limits.buttons_per_row])
    return keyboard[: limits.button_rows]


def _key(button: Button, limits: Limits, username: str) -> dict[str, str] | None:
    label = clip(clean(button.label).replace("\n", " ").strip(), limits.label)
    if label and button.private and username:
        return {"text": label, "url": f"https://t.me/{username}?start={quote(button.private)}"}
    if label and _is_public(button.url):
        return {"text": label, "url": button.url}
    if label and button.data and len(button.data.encode()) <= MOST_DATA:
        return {"text": label, "callback_data": button.data}
    return None


def _is_public(url: str) -> bool:
    """Telegram refuses a button to a host without a dot, such as localhost."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and "." in (parts.hostname or "").strip(".")


def _toast(message: Outgoing) -> dict[str, Any]:
    words = clip(clean(message.text), MOST_TOAST)
    query = {"callback_query_id": message.callback}
    return query | {"text": words} if words else query


def _cards(message: Outgoing, limits: Limits, username: str) -> list[Call]:
    """Answer an inline query with any number of cards, a guest query with the first one."""
    cards = [
        card
        for index, one in enumerate(message.cards[:MOST_CARDS])
        if (card := _card(one, str(index), limits, username))
    ]
    if message.callback.startswith(GUEST):
        query = message.callback.removeprefix(GUEST)
        return [
            ("answerGuestQuery", {"guest_query_id": query, "result": card}) for card in cards[:1]
        ]
    return [
        (
            "answerInlineQuery",
            {
                "inline_query_id": message.callback.removeprefix(INLINE),
                "results": cards,
                "cache_time": CARD_SECONDS,
                "is_personal": True,
            },
        )
    ]


def _card(card: Outgoing, id: str, limits: Limits, username: str) -> dict[str, Any] | None:
    """A card shows its first block as title, its second as description, and posts them all."""
    pages = fit(card.blocks, limits.text)
    if not pages:
        return None
    content = _formatted(pages[0])
    content["message_text"] = content.pop("text")
    result: dict[str, Any] = {
        "type": "article",
        "id": id,
        "title": clip(pages[0][0].text.replace("\n", " "), MOST_TITLE),
        "input_message_content": content,
    }
    if len(pages[0]) > 1:
        result["description"] = clip(pages[0][1].text.replace("\n", " "), MOST_TITLE)
    keyboard = _keyboard(card.buttons, limits, username)
    return result | {"reply_markup": {"inline_keyboard": keyboard}} if keyboard else result
