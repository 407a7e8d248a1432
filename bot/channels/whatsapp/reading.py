"""WhatsApp messages and statuses in our words. Pure, and tolerant of everything odd.

Types: https://developers.facebook.com/docs/whatsapp/cloud-api/webhooks/components. Notices of
other fields (templates, quality, account) are kept in the inbox and mean nothing to a chat.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bot.channels import UNTOLD
from bot.channels.whatsapp.envelope import (
    Item,
    digits,
    is_user_id,
    items,
    mapping,
    mappings,
    recipient,
    sender,
    text,
)
from bot.channels.whatsapp.errors import UNKNOWN, meaning
from bot.fitting import clean
from handlers.messages import Act, Address, Incoming, Media
from knowledge_base.deliveries import Delivery

CHANNEL = "whatsapp"
SHOW = "saring:show"  # payload of a template's first button: it reopens the chat, no more
STOP = "stop"  # payload of its second one: read as that word, whatever stands on the button

FILES = {
    "image": "image",
    "video": "video",
    "audio": "audio",
    "voice": "voice",  # older accounts
    "document": "document",
    "sticker": "sticker",
}
THINGS = {"location": "location", "contacts": "contact"}
STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}
CHANGED_ADDRESS = {"user_changed_number", "user_changed_user_id", "customer_changed_number"}
MOST_REFERENCE = 512


def read_delivery(raw: Mapping[str, Any], account: str) -> list[Incoming]:
    """The events in one delivery for our number; what nobody needs gives []."""
    events: list[Incoming] = []
    for item in items(raw):
        if item.number_id in {"", account}:
            events += _READERS.get(item.kind, _nothing)(item, account)
    return events


def _nothing(item: Item, account: str) -> list[Incoming]:
    return []


def _message(item: Item, account: str) -> list[Incoming]:
    kind, body = text(item.body, "type"), item.body
    if kind == "system":
        return _moved(item, account)
    who = sender(item)
    if not who or "group_id" in body or kind == "request_welcome":
        return []
    event = _event(account, who, Act.MESSAGE, body, ref=_ref(body, "id"))
    if kind == "edit":
        return _edited(item, event)
    if kind == "revoke":
        original = _ref(mapping(body, "revoke"), "original_message_id")
        return [replace(event, act=Act.REVOKED, ref=original)] if original else []
    if kind == "reaction":
        reaction = mapping(body, "reaction")
        emoji, to = clean(text(reaction, "emoji")), _ref(reaction, "message_id")
        return [replace(event, act=Act.REACTION, text=emoji, reply_to=to)]
    return [_with_context(_with_content(event, body), body, item)]


def _edited(item: Item, event: Incoming) -> list[Incoming]:
    """A correction: the original's reference with the new content."""
    edit = mapping(item.body, "edit")
    original, body = _ref(edit, "original_message_id"), mapping(edit, "message")
    if not original or not body:
        return []
    read = _with_content(replace(event, ref=original), body)
    return [_with_context(replace(read, act=Act.EDIT, button=""), body, item)]


def _with_content(event: Incoming, body: Mapping[str, Any]) -> Incoming:
    """What was said, by the message's type; a type we do not know is a thing we cannot read."""
    kind = text(body, "type")
    content = mapping(body, kind)
    if kind == "text":
        return replace(event, text=_words(content, "body"))
    if kind in FILES:
        voice = kind == "audio" and content.get("voice") is True
        file = Media(
            "voice" if voice else FILES[kind],
            ref=_ref(content, "id"),
            mime=clean(text(content, "mime_type")),
            name=clean(text(content, "filename")),
        )
        return replace(event, text=_words(content, "caption"), media=(file,))
    if kind in THINGS:
        return replace(event, media=(Media(THINGS[kind]),))
    if kind == "interactive":
        return _picked(event, content)
    if kind == "button":
        return _template_button(event, content)
    return replace(event, media=(Media("other", name=clean(kind) or "unknown"),))


def _picked(event: Incoming, content: Mapping[str, Any]) -> Incoming:
    """A tap on one of our buttons or list rows; forms are not used here."""
    for kind in ("button_reply", "list_reply"):
        reply = mapping(content, kind)
        if text(reply, "id"):
            return replace(event, act=Act.PRESS, button=clean(text(reply, "id")))
    name = clean(text(content, "type")) or "interactive"
    return replace(event, media=(Media("other", name=name),))


def _template_button(event: Incoming, content: Mapping[str, Any]) -> Incoming:
    """A tap under a template. What is not our data counts as typed: "Berhenti" means it."""
    payload = clean(text(content, "payload"))
    if payload == SHOW:
        return replace(event, act=Act.RETURNED)
    if payload == STOP:
        return replace(event, text=STOP)
    if "|" in payload:
        return replace(event, act=Act.PRESS, button=payload)
    return replace(event, text=_words(content, "text"))


def _with_context(event: Incoming, body: Mapping[str, Any], item: Item) -> Incoming:
    """What it answers, and whether it was forwarded; one context may say both."""
    context = mapping(body, "context")
    many = context.get("frequently_forwarded") is True
    author = text(context, "from")
    return replace(
        event,
        reply_to=_ref(context, "id"),
        reply_from_us=bool(author)
        and (author == item.number_id or digits(author) == item.number != ""),
        forwarded=many or context.get("forwarded") is True,
        forwarded_many=many,
    )


def _moved(item: Item, account: str) -> list[Incoming]:
    """The platform's own word that a person has a new number or id; nothing else re-links.

    `also` in the payload is a second name they may have been known by.
    """
    system = mapping(item.body, "system")
    if text(system, "type") not in CHANGED_ADDRESS:
        return []
    new_id = text(system, "user_id")
    number = digits(text(system, "wa_id") or text(system, "new_wa_id"))
    new = new_id if is_user_id(new_id) else number
    old = [text(item.body, "from_user_id"), text(item.body, "from"), text(system, "customer")]
    names = dict.fromkeys(name if is_user_id(name) else digits(name) for name in old)
    first, *others = [name for name in names if name and name != new] or [""]
    if not first or not new:
        return []
    also = {"also": others[0]} if others else {}
    return [_event(account, first, Act.MOVED, item.body, text=new, payload=also)]


def _status(item: Item, account: str) -> list[Incoming]:
    """A message of ours went on: sent, delivered, read, failed. Unknown states mean nothing.

    What failed for now comes back as waiting, what may go once they write again as held. The
    payload says `code` of a failure, `gone` or `opted_out` where it means that, `tracker` (what
    we sent along), and what it costs.
    """
    body = item.body
    state = STATES.get(text(body, "status"))
    reference = _ref(body, "id")
    if state is None or not reference:
        return []
    code = next((error.get("code") for error in mappings(body.get("errors"))), None)
    what = meaning(code) if isinstance(code, int) else UNKNOWN
    failed = state is Delivery.FAILED
    pricing = mapping(body, "pricing")
    told = {
        "code": str(code) if isinstance(code, int) else "",
        "gone": "yes" if failed and what.gone else "",
        "opted_out": "yes" if failed and what.opted_out else "",
        "tracker": clean(text(body, "biz_opaque_callback_data")),
        "category": clean(text(pricing, "category")),
        "billable": "yes" if pricing.get("billable") is True else "",
    }
    if failed and (what.window_closed or what.hold):
        state = Delivery.HELD
    elif failed and not what.permanent and what.tries is None:
        state = Delivery.WAITING
    payload = {key: value for key, value in told.items() if value}
    who = recipient(item)
    return [
        _event(account, who, Act.RECEIPT, body, ref=reference, text=state.value, payload=payload)
    ]


_READERS: Mapping[str, Callable[[Item, str], list[Incoming]]] = {
    "message": _message,
    "status": _status,
}


def _event(account: str, who: str, act: Act, body: Mapping[str, Any], **fields: Any) -> Incoming:
    return Incoming(address=Address(CHANNEL, account, who), act=act, at=_time(body), **fields)


def _ref(body: Mapping[str, Any], key: str) -> str:
    """A reference of the platform, fit to be kept."""
    return clean(text(body, key))[:MOST_REFERENCE]


def _words(content: Mapping[str, Any], key: str) -> str:
    return clean(text(content, key)).strip()


def _time(body: Mapping[str, Any]) -> datetime:
    """Unix seconds, which come as a string; UNTOLD when they make no sense."""
    stamp = body.get("timestamp")
    plain = str(stamp) if isinstance(stamp, str | int) and not isinstance(stamp, bool) else ""
    if not (plain.isascii() and plain.isdecimal()) or len(plain) > 12:
        return UNTOLD
    try:
        return datetime.fromtimestamp(int(plain), UTC)
    except (OverflowError, ValueError, OSError):
        return UNTOLD
