"""Telegram updates in our words. Reads raw JSON itself: one odd update must never stop others.

Shapes: https://core.telegram.org/bots/api#update. Business messages (private mail of a person)
and channel posts are ignored on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.channels import UNTOLD
from bot.channels.telegram.kinds import ENVELOPE, FILES, SERVICE, THINGS
from bot.fitting import clean
from handlers.messages import Act, Address, Incoming, Media

CHANNEL = "telegram"
INLINE, GUEST = "inline:", "guest:"  # what a query to answer with cards begins with
MOST_LINKS = 20

_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w{1,64}))?(?=\s|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Me:
    """Who we are on Telegram. `username` is empty until Telegram has been asked."""

    id: int
    username: str = ""

    @property
    def account(self) -> str:
        """The account under which updates and chats of this bot are kept."""
        return str(self.id)


def read_update(raw: Mapping[str, Any], me: Me) -> list[Incoming]:
    """The events in one update; an unknown or unwanted kind gives []."""
    for kind, reader in _READERS.items():
        body = raw.get(kind)
        if isinstance(body, Mapping):
            return reader(body, me)
    return []


def chat_of(raw: Mapping[str, Any]) -> str:
    """The chat an update belongs to, for order; empty when it belongs to none."""
    for kind, body in raw.items():
        if kind != "update_id" and isinstance(body, Mapping):
            message = _map(body, "message")
            for place in (_map(body, "chat"), _map(message, "chat"), _map(body, "from")):
                if _id(place):
                    return _id(place)
    return ""


def _new(message: Mapping[str, Any], me: Me) -> list[Incoming]:
    return _moved(message, me) or _said(message, me, Act.MESSAGE)


def _edited(message: Mapping[str, Any], me: Me) -> list[Incoming]:
    """A correction. A moving live location is none."""
    return [] if "location" in message else _said(message, me, Act.EDIT)


def _moved(message: Mapping[str, Any], me: Me) -> list[Incoming]:
    """A group became a supergroup: told once in the old chat and once in the new one."""
    here = _id(_map(message, "chat"))
    new, old = _number(message, "migrate_to_chat_id"), _number(message, "migrate_from_chat_id")
    if new:
        return [_event(me, here, Act.MOVED, _time(message), text=new, group=True)]
    if old:
        return [_event(me, old, Act.MOVED, _time(message), text=here, group=True)]
    return []


def _said(message: Mapping[str, Any], me: Me, act: Act) -> list[Incoming]:
    """Something a person wrote, forwarded or sent."""
    chat, author = _map(message, "chat"), _map(message, "from")
    group = _text(chat, "type") in {"group", "supergroup"}
    if not (group or chat.get("type") == "private") or not _id(chat) or _is_noise(message, me):
        return []
    text, addressed = _own_words(message, me)
    if text is None:
        return []
    media = _media(message)
    if not text and not media and not addressed:
        if group:
            return []
        media = (Media("other", name=_unknown_kind(message)),)
    event = _event(
        me,
        _id(chat),
        act,
        _time(message),
        ref=_number(message, "message_id"),
        text=text,
        language=_language(author),
        forwarded="forward_origin" in message or "forward_date" in message,
        links=_links(message, with_reply=group),
        media=media,
        album=_text(message, "media_group_id"),
        group=group,
        mentioned=addressed,
    )
    return [_with_sender(_with_reply(event, message, me), message)]


def _is_noise(message: Mapping[str, Any], me: Me) -> bool:
    """Service messages, other bots, and our own cards posted in a group."""
    if any(kind in message for kind in SERVICE):
        return True
    if _map(message, "from").get("is_bot") is True and not _map(message, "sender_chat"):
        return True
    chat = _map(message, "chat")
    ours = _map(message, "via_bot").get("id") == me.id
    return chat.get("is_direct_messages") is True or (ours and chat.get("type") != "private")


def _with_sender(event: Incoming, message: Mapping[str, Any]) -> Incoming:
    if not event.group:
        return event
    as_chat = _id(_map(message, "sender_chat"))
    anonymous_admin = bool(as_chat) and as_chat == event.address.value
    return replace(event, sender=as_chat or _id(_map(message, "from")), by_admin=anonymous_admin)


def _with_reply(event: Incoming, message: Mapping[str, Any], me: Me) -> Incoming:
    """What this message answers. In a forum every message hangs on the topic: that is no reply."""
    answered = _map(message, "reply_to_message")
    elsewhere = _map(message, "external_reply")
    quoted = clean(_text(_map(message, "quote"), "text"))
    if not answered or "forum_topic_created" in answered:
        return replace(event, reply_text=quoted) if elsewhere else event
    return replace(
        event,
        reply_to=_number(answered, "message_id"),
        reply_text=_words(answered) or quoted,
        reply_from_us=_map(answered, "from").get("id") == me.id,
    )


def _guest(message: Mapping[str, Any], me: Me) -> list[Incoming]:
    """Somebody mentioned us in a chat we are not in: answered with one card, nothing else."""
    query, author = _text(message, "guest_query_id"), _map(message, "from")
    if not query or not _id(author) or author.get("is_bot") is True:
        return []
    text, _ = _own_words(message, me)
    event = _event(
        me,
        _id(author),
        Act.GUEST,
        _time(message),
        ref=_number(message, "message_id"),
        text=text or "",
        language=_language(author),
        callback=GUEST + query,
        links=_links(message, with_reply=True),
        media=_media(message),
        mentioned=True,
    )
    return [_with_reply(event, message, me)]


def _pressed(query: Mapping[str, Any], me: Me) -> list[Incoming]:
    """A button. The message it was under may be too old to see, or somebody's inline card."""
    author, message = _map(query, "from"), _map(query, "message")
    chat = _map(message, "chat")
    if not _id(author) or not _text(query, "id"):
        return []
    inline = _text(query, "inline_message_id")
    group = _text(chat, "type") in {"group", "supergroup"}
    return [
        _event(
            me,
            _id(chat) or _id(author),
            Act.PRESS,
            UNTOLD,
            ref=_number(message, "message_id") or (INLINE + inline if inline else ""),
            language=_language(author),
            button=clean(_text(query, "data")),
            callback=_text(query, "id"),
            group=group,
            sender=_id(author) if group else "",
        )
    ]


def _membership(change: Mapping[str, Any], me: Me) -> list[Incoming]:
    """Our own standing in a chat changed."""
    chat, author = _map(change, "chat"), _map(change, "from")
    before = _is_member(_map(change, "old_chat_member"))
    after = _is_member(_map(change, "new_chat_member"))
    if before == after or not _id(chat):
        return []
    if chat.get("type") == "private":
        act = Act.RETURNED if after else Act.BLOCKED
        return [_event(me, _id(chat), act, _time(change), language=_language(author))]
    if _text(chat, "type") not in {"group", "supergroup"}:
        return []
    act = Act.JOINED if after else Act.LEFT
    return [_event(me, _id(chat), act, _time(change), group=True, sender=_id(author))]


def _is_member(member: Mapping[str, Any]) -> bool:
    status = _text(member, "status")
    return status in {"creator", "administrator", "member"} or (
        status == "restricted" and member.get("is_member") is True
    )


def _reacted(change: Mapping[str, Any], me: Me) -> list[Incoming]:
    chat, author = _map(change, "chat"), _map(change, "user")
    if not _id(chat) or not _id(author) or author.get("is_bot") is True:
        return []
    emoji = [_text(reaction, "emoji") for reaction in _maps(change.get("new_reaction")) if reaction]
    group = chat.get("type") != "private"
    return [
        _event(
            me,
            _id(chat),
            Act.REACTION,
            _time(change),
            text=next((one for one in emoji if one), ""),
            reply_to=_number(change, "message_id"),
            language=_language(author),
            group=group,
            sender=_id(author) if group else "",
        )
    ]


def _searched(query: Mapping[str, Any], me: Me) -> list[Incoming]:
    author, reference = _map(query, "from"), _text(query, "id")
    if not _id(author) or not reference:
        return []
    return [
        _event(
            me,
            _id(author),
            Act.INLINE,
            UNTOLD,
            text=clean(_text(query, "query")).strip(),
            language=_language(author),
            callback=INLINE + reference,
        )
    ]


_READERS = {
    "message": _new,
    "edited_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _membership,
    "message_reaction": _reacted,
    "inline_query": _searched,
    "guest_message": _guest,
}
WANTED = tuple(_READERS)  # the kinds of update we ask Telegram for


def _event(me: Me, chat: str, act: Act, at: datetime, **fields: Any) -> Incoming:
    return Incoming(address=Address(CHANNEL, me.account, chat), act=act, at=at, **fields)


def _own_words(message: Mapping[str, Any], me: Me) -> tuple[str | None, bool]:
    """The text without our name in it, and whether it was meant for us by name.

    None instead of a text when it is a command for another bot.
    """
    text, named = _without_mention(message, me)
    command = _COMMAND.match(text)
    if command is None or not command[2]:
        return text, named
    if me.username and command[2].lower() != me.username.lower():
        return None, False
    return text[: command.end(1)] + text[command.end() :], True


def _without_mention(message: Mapping[str, Any], me: Me) -> tuple[str, bool]:
    """Cut our name out where Telegram marked it (offsets count UTF-16 code units)."""
    text = _text(message, "text") or _text(message, "caption")
    wide = text.encode("utf-16-le", "surrogatepass")
    private = _map(message, "chat").get("type") == "private" and "guest_query_id" not in message
    named = False
    for entity in reversed(_entities(message)):
        start, length = entity.get("offset"), entity.get("length")
        if private or not isinstance(start, int) or not isinstance(length, int) or start < 0:
            continue
        span = slice(2 * start, 2 * (start + max(0, length)))
        if _names_us(entity, wide[span].decode("utf-16-le", "replace"), me):
            wide, named = wide[: span.start] + wide[span.stop :], True
    return clean(wide.decode("utf-16-le", "replace")).strip() or _rich(message), named


def _names_us(entity: Mapping[str, Any], words: str, me: Me) -> bool:
    if entity.get("type") == "text_mention":
        return _map(entity, "user").get("id") == me.id
    return (
        entity.get("type") == "mention"
        and bool(me.username)
        and words.lower() == f"@{me.username.lower()}"
    )


def _words(message: Mapping[str, Any]) -> str:
    plain = _text(message, "text") or _text(message, "caption")
    return clean(plain).strip() or _rich(message)


def _rich(message: Mapping[str, Any]) -> str:
    """The words of a formatted article, a checklist or a poll."""
    found = [
        *_strings(_map(message, "rich_message"), "text", depth=12),
        *_strings(_map(message, "checklist"), "title text", depth=4),
        _text(_map(message, "poll"), "question"),
    ]
    return clean("\n".join(part for part in found if part.strip())).strip()


def _strings(value: object, keys: str, depth: int) -> Iterable[str]:
    """Every string under one of the keys, in order, not deeper than `depth`."""
    if depth == 0:
        return
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            if not isinstance(item, str) or keys == "text":
                yield from _strings(item, keys, depth - 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if key in keys.split() or isinstance(item, list | Mapping):
                yield from _strings(item, keys, depth - 1)


def _entities(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    key = "entities" if _text(message, "text") else "caption_entities"
    return _maps(message.get(key))


def _links(message: Mapping[str, Any], *, with_reply: bool) -> tuple[str, ...]:
    """Addresses hidden behind words, and the public address of a forwarded channel post."""
    found = [_text(entity, "url") for entity in _entities(message)]
    origin = _map(message, "forward_origin")
    username, number = _text(_map(origin, "chat"), "username"), _number(origin, "message_id")
    if username and number:
        found.append(f"https://t.me/{username}/{number}")
    if with_reply:
        found += _links(_map(message, "reply_to_message"), with_reply=False)
    unique = dict.fromkeys(clean(link) for link in found if link)
    return tuple(unique)[:MOST_LINKS]


def _media(message: Mapping[str, Any]) -> tuple[Media, ...]:
    photos = [photo for photo in _maps(message.get("photo")) if _text(photo, "file_id")]
    if photos:
        largest = max(photos, key=lambda photo: _count(photo, "width") * _count(photo, "height"))
        return (_file("image", largest, mime="image/jpeg"),)
    for key, kind in FILES.items():
        if isinstance(message.get(key), Mapping):
            return (_file(kind, _map(message, key)),)
    for key, kind in THINGS.items():
        if isinstance(message.get(key), Mapping):
            return (Media(kind),)
    return ()


def _file(kind: str, file: Mapping[str, Any], mime: str = "") -> Media:
    return Media(
        kind,
        ref=_text(file, "file_id"),
        mime=_text(file, "mime_type") or mime,
        size=_count(file, "file_size"),
        name=clean(_text(file, "file_name")),
    )


def _unknown_kind(message: Mapping[str, Any]) -> str:
    return next((clean(key) for key in message if key not in ENVELOPE), "unknown")


def _language(author: Mapping[str, Any]) -> str:
    """The language alone of an IETF tag such as `id-ID`."""
    return _text(author, "language_code").replace("_", "-").split("-")[0].lower()[:8]


def _time(body: Mapping[str, Any]) -> datetime:
    stamp = body.get("edit_date") or body.get("date")
    try:
        return datetime.fromtimestamp(stamp, UTC) if isinstance(stamp, int) else UNTOLD
    except (OverflowError, ValueError, OSError):
        return UNTOLD


def _map(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = body.get(key)
    return value if isinstance(value, Mapping) else {}


def _maps(value: object) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _text(body: Mapping[str, Any], key: str) -> str:
    value = body.get(key)
    return value if isinstance(value, str) else ""


def _count(body: Mapping[str, Any], key: str) -> int:
    value = body.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _number(body: Mapping[str, Any], key: str) -> str:
    """An id as text; empty when it is none."""
    value = body.get(key)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value else ""


def _id(body: Mapping[str, Any]) -> str:
    return _number(body, "id")
