"""The simulator's channel: a messenger on a web page, delivered into the mailbox."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread

from bot.channels import ChannelError, Limits, RawUpdate
from bot.doors import Database
from handlers.messages import Act, Address, Button, Do, Incoming, Media, Outgoing
from knowledge_base.facts import KnowledgeError

Tell = Callable[[str, Mapping[str, Any]], None]

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
        """Our own page is the only sender: /chat/send composes the body behind its cookie."""
        return True

    def split(self, body: bytes) -> list[RawUpdate]:
        """Each delivery is one update. Raises ValueError or KeyError when it is not."""
        raw = json.loads(body)
        return [RawUpdate(str(raw["id"]), str(raw["chat"]), body)]

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """Read one update; an unknown kind gives []."""
        act = ACTS.get(str(raw.get("kind")))
        if act is None:
            return []
        pressed = act is Act.PRESS
        return [
            Incoming(
                address=Address(self.name, self.account, str(raw["chat"])),
                act=act,
                at=datetime.fromisoformat(str(raw["at"])).astimezone(UTC),
                ref=str(raw.get("ref", "")),
                text=str(raw.get("text", "")),
                language=str(raw.get("language", "")),
                button=str(raw.get("button", "")) if pressed else "",
                callback=str(raw["id"]) if pressed else "",
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
