"""The simulator's channel: a messenger on a web page, delivered into the mailbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread

from bot.channels import ChannelError, Limits, RawUpdate
from bot.doors import Database
from bot.fitting import clean
from handlers.messages import Act, Address, Button, Do, Incoming, Media, Outgoing
from knowledge_base.facts import KnowledgeError

Tell = Callable[[str, Mapping[str, Any]], None]

VISITOR = "saring-chat"  # header in which /chat/send names the chat of the visitor's cookie
ACTS = {"message": Act.MESSAGE, "edit": Act.EDIT, "press": Act.PRESS}
MOMENTARY = {Do.TYPING: "typing", Do.TOAST: "toast"}


def render(message: Outgoing) -> dict[str, Any]:
    """The mailbox line of an outgoing message: plain data, the page makes elements of it."""
    return {
        "kind": "edit" if message.do is Do.EDIT else "message",
        "ref": message.ref if message.do is Do.EDIT else "",
        "blocks": [{"text": block.text, "style": block.style.value} for block in message.blocks],
        "buttons": [[_button(button) for button in row] for row in message.buttons if row],
        "quote": message.quote,
    }


def _button(button: Button) -> dict[str, str]:
    return {
        "label": button.label,
        "data": button.data,
        "url": button.url,
        "hint": button.hint,
    }


def _read(body: bytes) -> dict[str, str]:
    """Id and chat of a delivery. Raises ValueError."""
    try:
        raw = json.loads(body.decode("utf-8"))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    fields = {key: _text(raw, key) for key in ("id", "chat")} if isinstance(raw, dict) else {}
    if not fields or not all(fields.values()):
        raise ValueError("no update of the page")
    return fields


def _text(raw: Mapping[str, Any], key: str) -> str:
    """A field as text every database takes."""
    value = raw.get(key)
    return clean(value) if isinstance(value, str) else ""


def _moment(raw: Mapping[str, Any]) -> datetime | None:
    try:
        return datetime.fromisoformat(_text(raw, "at")).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


class BrowserChannel:
    """Implements Channel. `tell` wakes the open pages of a chat; the mailbox is the truth."""

    name = "browser"
    account = "web"
    limits = Limits(
        text=100_000, text_with_buttons=100_000, per_second=1000.0, per_chat_seconds=0.0
    )

    def __init__(self, database: Database, clock: Callable[[], datetime], tell: Tell) -> None:
        self._database = database
        self._clock = clock
        self._tell = tell

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """The page's route names whose cookie it saw; the update must be of that chat."""
        try:
            return bool(headers.get(VISITOR)) and headers[VISITOR] == _read(body)["chat"]
        except ValueError:
            return False

    def split(self, body: bytes) -> list[RawUpdate]:
        """Each delivery is one update. Raises ValueError when it is not."""
        raw = _read(body)
        return [RawUpdate(raw["id"], raw["chat"], body)]

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """Read one update; an unknown kind gives []."""
        act, at, chat = ACTS.get(_text(raw, "kind")), _moment(raw), _text(raw, "chat")
        if act is None or at is None or not chat:
            return []
        pressed = act is Act.PRESS
        return [
            Incoming(
                address=Address(self.name, self.account, chat),
                act=act,
                at=at,
                ref=_text(raw, "ref"),
                text=_text(raw, "text"),
                language=_text(raw, "language"),
                button=_text(raw, "button") if pressed else "",
                callback=_text(raw, "id") if pressed else "",
                forwarded=raw.get("forwarded") is True,
            )
        ]

    async def send(self, address: Address, message: Outgoing) -> str:
        """Put the message into the chat's mailbox; gives its number there."""
        if message.do in MOMENTARY:
            event = {"kind": MOMENTARY[message.do], "text": message.text}
            self._tell(address.value, event)
            return ""
        if message.do not in {Do.SEND, Do.EDIT}:
            return ""  # groups and inline queries do not exist on the page
        try:
            number = await anyio.to_thread.run_sync(self._put, address.value, render(message))
        except KnowledgeError as error:
            raise ChannelError(f"the mailbox is not ready: {error}") from error
        self._tell(address.value, {"kind": "line"})
        return message.ref if message.do is Do.EDIT else str(number)

    def _put(self, chat: str, line: Mapping[str, Any]) -> int:
        with self._database.work() as work:
            return work.mailbox.put(chat, True, line, self._clock())

    async def download(self, media: Media) -> bytes:
        """The page sends no files yet."""
        raise ChannelError("the browser chat has no files", permanent=True)
