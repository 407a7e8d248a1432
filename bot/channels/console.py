"""The bot in a terminal: the smallest complete channel, the one to copy."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import anyio.to_thread

from bot.channels import ChannelError, Limits, RawUpdate, read_json
from bot.doors import Database
from bot.fitting import clean
from handlers.messages import Act, Address, Button, Do, Incoming, Media, Outgoing

WORDS = ("text", "button")


def line(chat: str, number: int, at: datetime, *, text: str = "", button: str = "") -> bytes:
    """What the terminal sends: one typed line or one chosen button."""
    typed = {"chat": chat, "id": number, "at": at.isoformat(), "text": text, "button": button}
    return json.dumps(typed).encode()


def render(message: Outgoing) -> dict[str, Any]:
    """What the terminal shows: plain text, and buttons to choose by number."""
    buttons = [button for row in message.buttons for button in row if button.data]
    links = [button.url for row in message.buttons for button in row if button.url]
    return {
        "text": "\n\n".join(filter(None, [message.text, *links])),
        "buttons": [{"label": button.label, "data": button.data} for button in buttons],
        "quote": message.quote,
    }


class Console:
    """Delivers into the mailbox, which the terminal reads; no network at all."""

    name = "console"
    account = "local"
    limits = Limits(per_second=1000.0, per_chat_seconds=0.0)

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Nobody posts to a terminal from outside."""
        return False

    def split(self, body: bytes) -> list[RawUpdate]:
        """A typed line is one update. Raises ValueError when it is none."""
        typed = _fields(read_json(body))
        return [RawUpdate(f"{typed['chat']}:{typed['id']}", typed["chat"], body)]

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """Read a typed line or a chosen button; anything else gives []."""
        try:
            typed = _fields(raw)
        except ValueError:
            return []
        pressed = bool(typed["button"])
        return [
            Incoming(
                address=Address(self.name, self.account, typed["chat"]),
                act=Act.PRESS if pressed else Act.MESSAGE,
                at=datetime.fromisoformat(typed["at"]),
                ref=typed["id"],
                text=typed["text"],
                button=typed["button"],
                callback=typed["id"] if pressed else "",
            )
        ]

    async def send(self, address: Address, message: Outgoing) -> str:
        """Put the message into the mailbox; gives its line number."""
        if not message.text or message.do in {Do.TYPING, Do.LEAVE, Do.CARDS}:
            return ""

        def put() -> int:
            with self._database.work() as work:
                return work.mailbox.put(address.value, True, render(message), self._clock())

        return str(await anyio.to_thread.run_sync(put))

    async def download(self, media: Media) -> bytes:
        """A terminal sends no files."""
        raise ChannelError("a terminal sends no files", permanent=True)


def _fields(raw: object) -> dict[str, str]:
    """What a typed line holds, as text every database takes. Raises ValueError."""
    if not isinstance(raw, Mapping):
        raise ValueError("no line of a terminal")
    fields = {name: clean(str(raw.get(name, ""))) for name in ("chat", "id", "at", *WORDS)}
    if not (fields["chat"] and fields["id"]) or datetime.fromisoformat(fields["at"]).tzinfo is None:
        raise ValueError("no line of a terminal")
    return fields


def shown_buttons(body: Mapping[str, Any]) -> tuple[Button, ...]:
    """The buttons of a mailbox line, in the order of their numbers."""
    return tuple(Button(entry["label"], entry["data"]) for entry in body.get("buttons", ()))
