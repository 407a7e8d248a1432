"""The people and groups around the strict Telegram: what they do becomes updates."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.servers.telegram_text import units

if TYPE_CHECKING:
    from tests.servers.telegram import FakeTelegram


@dataclass
class Sent:
    """A message of the bot, as it stands now."""

    chat: int
    id: int
    text: str
    entities: list[dict[str, Any]]
    rows: list[list[dict[str, Any]]]
    reply_to: int | None
    at: float
    versions: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [button["text"] for row in self.rows for button in row]

    def button(self, label: str) -> dict[str, Any]:
        """The button whose label contains these words."""
        return next(
            button for row in self.rows for button in row if label.lower() in button["text"].lower()
        )

    def styled(self, kind: str) -> list[str]:
        """The stretches of text marked in this way."""
        wide = self.text.encode("utf-16-le")
        return [
            wide[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
            for e in self.entities
            if e["type"] == kind
        ]


class Chat:
    """What a private chat and a group have in common."""

    def __init__(self, fake: FakeTelegram, id: int) -> None:
        self.fake = fake
        self.id = id

    def chat(self) -> dict[str, Any]:
        """The chat as Telegram shows it."""
        raise NotImplementedError


class Group(Chat):
    """A group with the bot in it."""

    def __init__(self, fake: FakeTelegram, id: int, title: str, privacy: bool) -> None:
        super().__init__(fake, id)
        self.title = title
        self.privacy = privacy
        self.kind = "group"
        self.members: dict[int, str] = {}
        self.bot_is = "member"
        self.moved_to = 0

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, "title": self.title}

    def membership(self, by: Person, before: str, after: str) -> None:
        """The bot's own standing changes."""
        self.bot_is = after
        self.fake.happens("my_chat_member", membership(self, by, before, after))

    def removes_the_bot(self, by: Person) -> None:
        """Somebody throws the bot out."""
        self.membership(by, self.bot_is, "kicked")

    def migrates(self) -> Group:
        """The group becomes a supergroup with a new id."""
        fake = self.fake
        new = Group(fake, -1_000_000_000_000 - next(fake._ids), self.title, self.privacy)
        new.kind, new.members = "supergroup", self.members
        fake._groups[new.id] = new
        self.moved_to = new.id
        author = fake._people[next(iter(self.members))].user()
        fake.happens("message", new_message(fake, self, author, migrate_to_chat_id=new.id))
        fake.happens("message", new_message(fake, new, author, migrate_from_chat_id=self.id))
        return new

    def hears(self, message: dict[str, Any]) -> bool:
        """Does privacy mode let the bot see this message?"""
        if not self.privacy:
            return True
        text = message.get("text") or message.get("caption") or ""
        reply = message.get("reply_to_message", {}).get("from", {})
        to_us = re.match(r"/\w+(@(\w+))?(\s|$)", text)
        command = to_us and (to_us[2] or self.fake.username) == self.fake.username
        return bool(command) or reply.get("id") == self.fake.id


class Person(Chat):
    """Somebody who uses Telegram."""

    def __init__(self, fake: FakeTelegram, id: int, name: str, language: str) -> None:
        super().__init__(fake, id)
        self.name = name
        self.language = language
        self.refusal = ""  # why the bot cannot write to them

    def user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | ({"language_code": self.language} if self.language else {})

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def sends(self, text: str, to: Group | None = None, **fields: Any) -> dict[str, Any]:
        """Type a text, here or in a group; gives the message."""
        marks = entities_of(text)
        return self._sends(to, text=text, **({"entities": marks} if marks else {}), **fields)

    def replies(self, message: Any, text: str, to: Group | None = None) -> dict[str, Any]:
        """Answer a message of a person or of the bot."""
        return self.sends(text, to=to, reply_to_message=self._quoted(message, to))

    def forwards(self, text: str = "", origin: str = "channel", **fields: Any) -> dict[str, Any]:
        """Forward something: from a channel, a user, a hidden user, or a chat."""
        content = {"text": text} if text else {}
        return self._sends(None, forward_origin=origin_of(self.fake, origin), **content, **fields)

    def shows(self, kind: str, caption: str = "", **fields: Any) -> dict[str, Any]:
        """Send a file: photo, video, voice, audio, document, sticker, animation, video_note."""
        content: dict[str, Any] = {kind: file_of(self.fake, kind)}
        if kind == "animation":
            content["document"] = file_of(self.fake, "document")
        if caption:
            content["caption"] = caption
        return self._sends(None, **content, **fields)

    def shows_album(self, number: int, caption: str = "") -> list[dict[str, Any]]:
        """Send several pictures as one album; one of them carries the caption."""
        album = str(13_000_000_000 + next(self.fake._ids))
        return [
            self.shows("photo", caption if index == 0 else "", media_group_id=album)
            for index in range(number)
        ]

    def edits(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        """Correct an earlier message."""
        key = "caption" if "caption" in message else "text"
        edited = message | {key: text, "edit_date": int(self.fake.now())}
        edited.pop("entities", None)
        self.fake.happens("edited_message", edited)
        return edited

    def presses(self, label: str, on: Sent | None = None, in_: Group | None = None) -> str:
        """Tap a button of the newest message that has it; gives the query's id."""
        chat: Chat = in_ or self
        sent = on or next(
            one
            for one in reversed(self.fake.sent_to(in_ or self))
            if any(label.lower() in text.lower() for text in one.labels)
        )
        query = self.fake.query_id()
        self.fake.happens(
            "callback_query",
            {
                "id": query,
                "from": self.user(),
                "message": self.fake.as_message(sent, chat.chat()),
                "chat_instance": str(-7_000_000 - chat.id),
                "data": sent.button(label)["callback_data"],
            },
        )
        return query

    def presses_after_years(self, data: str, message_id: int) -> str:
        """Tap a button of a message that Telegram does not show any more."""
        query = self.fake.query_id()
        message = {"chat": self.chat(), "message_id": message_id, "date": 0}
        body = {
            "id": query,
            "from": self.user(),
            "message": message,
            "chat_instance": str(-7_000_000 - self.id),
            "data": data,
        }
        self.fake.happens("callback_query", body)
        return query

    def reacts(self, message_id: int, emoji: str = "👍") -> None:
        """Put an emoji on a message, or take it back (empty)."""
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self.fake.happens(
            "message_reaction",
            {
                "chat": self.chat(),
                "message_id": message_id,
                "user": self.user(),
                "date": int(self.fake.now()),
                "old_reaction": [],
                "new_reaction": new,
            },
        )

    def searches(self, query: str) -> str:
        """Type `@bot query` in some chat; gives the query's id."""
        reference = self.fake.query_id()
        body = {"id": reference, "from": self.user(), "query": query, "offset": ""}
        self.fake.happens("inline_query", body)
        return reference

    def summons(self, text: str, about: str = "") -> str:
        """Mention the bot in a chat it is not in, perhaps in reply to a message."""
        fake, query = self.fake, self.fake.query_id()
        there = Group(fake, -next(fake._ids), "Keluarga besar", True)
        fields: dict[str, Any] = {"text": text, "guest_query_id": query}
        if marks := entities_of(text):
            fields["entities"] = marks
        if about:
            other = {"id": next(fake._ids), "is_bot": False, "first_name": "Budi"}
            fields["reply_to_message"] = new_message(fake, there, other, text=about)
        fake.happens("guest_message", new_message(fake, there, self.user(), **fields))
        return query

    def blocks(self) -> None:
        """Stop the bot."""
        self.refusal = "bot was blocked by the user"
        self.fake.happens("my_chat_member", membership(self, self, "member", "kicked"))

    def returns(self) -> None:
        """Start the bot again."""
        self.refusal = ""
        self.fake.happens("my_chat_member", membership(self, self, "kicked", "member"))

    def deletes_account(self) -> None:
        """The account is gone; Telegram says nothing until somebody writes to it."""
        self.refusal = "user is deactivated"

    def _sends(self, to: Group | None, **content: Any) -> dict[str, Any]:
        message = new_message(self.fake, to or self, self.user(), **content)
        if to is None or to.hears(message):
            self.fake.happens("message", message)
        return message

    def _quoted(self, message: Any, to: Group | None) -> dict[str, Any]:
        if isinstance(message, Sent):
            return self.fake.as_message(message, (to or self).chat())
        return {key: value for key, value in message.items() if key != "reply_to_message"}


def new_message(
    fake: FakeTelegram, chat: Chat, author: dict[str, Any], **content: Any
) -> dict[str, Any]:
    return {
        "message_id": fake.message_id(chat.id),
        "from": author,
        "chat": chat.chat(),
        "date": int(fake.now()),
        **content,
    }


def membership(chat: Chat, by: Person, before: str, after: str) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": chat.fake.user(), **until}

    return {
        "chat": chat.chat(),
        "from": by.user(),
        "date": int(chat.fake.now()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }


def origin_of(fake: FakeTelegram, kind: str) -> dict[str, Any]:
    date = int(fake.now()) - 3600
    channel = {"id": -1_001_234_567, "type": "channel", "title": "Kabar", "username": "kabar_uji"}
    match kind:
        case "channel":
            return {"type": "channel", "date": date, "chat": channel, "message_id": 77}
        case "chat":
            return {"type": "chat", "date": date, "sender_chat": channel}
        case "hidden":
            return {"type": "hidden_user", "date": date, "sender_user_name": "Tanpa Nama"}
    user = {"id": next(fake._ids), "is_bot": False, "first_name": "Budi"}
    return {"type": "user", "date": date, "sender_user": user}


def file_of(fake: FakeTelegram, kind: str) -> Any:
    number = next(fake._ids)
    file = {"file_id": f"f{number}", "file_unique_id": f"u{number}", "file_size": 2048}
    size = {"width": 640, "height": 480}
    match kind:
        case "photo":
            small = {"file_id": f"s{number}", "file_unique_id": f"v{number}"}
            return [small | {"width": 90, "height": 67}, file | size]
        case "video" | "animation":
            return file | size | {"duration": 5, "mime_type": "video/mp4"}
        case "video_note":
            return file | {"length": 240, "duration": 5}
        case "voice":
            return file | {"duration": 5, "mime_type": "audio/ogg"}
        case "audio":
            return file | {"duration": 5, "mime_type": "audio/mpeg"}
        case "sticker":
            kinds = {"type": "regular", "is_animated": False, "is_video": False}
            return file | size | kinds
    return file | {"file_name": "surat.pdf", "mime_type": "application/pdf"}


def entities_of(text: str) -> list[dict[str, Any]]:
    """What Telegram marks by itself: commands, mentions, addresses."""
    marks = []
    patterns = {
        "bot_command": r"(?<!\S)/\w{1,32}(?:@\w+)?",
        "mention": r"(?<![\w/])@\w{3,}",
        "url": r"https?://\S+",
    }
    for kind, pattern in patterns.items():
        for match in re.finditer(pattern, text):
            start = units(text[: match.start()])
            marks.append({"type": kind, "offset": start, "length": units(match[0])})
    return sorted(marks, key=lambda mark: mark["offset"])
