"""Incoming, Outgoing, Button, Address, Media: plain data between channels and handlers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from knowledge_base.facts import Address as Address


class Act(StrEnum):
    """What happened in the chat."""

    MESSAGE = "message"  # text, caption or media
    EDIT = "edit"  # the same message, corrected
    PRESS = "press"  # a button, `button` holds its data
    REACTION = "reaction"  # `text` holds the emoji, empty when it was taken back
    INLINE = "inline"  # a search typed in any chat
    GUEST = "guest"  # summoned into a chat the bot is not a member of
    BLOCKED = "blocked"  # the person stopped the bot
    RETURNED = "returned"  # the person started the bot again
    JOINED = "joined"  # the bot was added to a group
    LEFT = "left"  # the bot was removed from a group
    MOVED = "moved"  # the chat has a new address, `text` holds it
    REVOKED = "revoked"  # the person deleted the message
    RECEIPT = "receipt"  # delivery state of a message of ours


@dataclass(frozen=True, slots=True)
class Media:
    """A file in a message, by the platform's reference; nothing is downloaded for it."""

    kind: str  # image, video, audio, voice, document, sticker, location, contact, other
    ref: str = ""
    mime: str = ""
    size: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of a chat, already parsed. Text may still hold anything a person can type."""

    address: Address
    act: Act
    at: datetime
    ref: str = ""  # the platform's reference of this message, to quote or follow it
    text: str = ""
    language: str = ""  # what the platform believes the person reads
    button: str = ""
    callback: str = ""  # reference for acknowledging a press, inline or guest query
    reply_to: str = ""  # reference of the message this one answers
    reply_text: str = ""  # text of that message where the platform gives it
    reply_from_us: bool = False
    forwarded: bool = False
    forwarded_many: bool = False
    links: tuple[str, ...] = ()  # addresses hidden behind words
    media: tuple[Media, ...] = ()
    album: str = ""
    group: bool = False
    mentioned: bool = False
    by_admin: bool = False
    by_bot: bool = False
    sender: str = ""  # in groups: opaque value of who wrote; empty otherwise
    payload: Mapping[str, str] = field(default_factory=dict)


class Style(StrEnum):
    """How a block looks; channels translate it, people's text can never fake it."""

    PLAIN = "plain"
    STRONG = "strong"
    QUOTE = "quote"


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph. Blocks with `shorten` are cut first when a message is too long."""

    text: str
    style: Style = Style.PLAIN
    shorten: bool = False


MOST_DATA = 64  # bytes behind a button, as Telegram has it


@dataclass(frozen=True, slots=True)
class Button:
    """A tap. `data` is at most MOST_DATA bytes; a button with `url` opens a page instead."""

    label: str
    data: str = ""
    url: str = ""
    private: str = ""  # opens the private chat with the bot, with this start parameter
    hint: str = ""  # second line where a channel shows choices as a list
    optional: bool = False  # left out first where a channel takes few buttons


class Do(StrEnum):
    """What a channel is asked to do."""

    SEND = "send"
    EDIT = "edit"  # replace our message `ref`
    TOAST = "toast"  # acknowledge a press; words in it are a message where there are no toasts
    TYPING = "typing"  # mark as read and show that we are at work
    LEAVE = "leave"  # leave a group
    CARDS = "cards"  # answer an inline or guest query


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One thing to deliver to one person or group; never sent by a handler itself.

    `to` is a person id. `quote` is the reference of the message it answers. `fact` is
    (number, version) of the verdict inside, `more_facts` those of further ones: where one of
    them is stale the message is not sent. A message with a template but without blocks is the
    template itself.
    """

    to: str
    do: Do = Do.SEND
    blocks: tuple[Block, ...] = ()
    buttons: tuple[tuple[Button, ...], ...] = ()
    quote: str = ""
    ref: str = ""
    callback: str = ""
    broadcast: bool = False
    fact: tuple[int, int] | None = None
    more_facts: tuple[tuple[int, int], ...] = ()
    template: str = ""  # result, correction, interim, rejected: where free text is not allowed
    template_values: tuple[str, ...] = ()
    template_language: str = ""
    cards: tuple[Outgoing, ...] = ()
    key: str = ""  # idempotency key: the same key is written to the outbox once
    card: str = ""  # name under which an edit finds this message again (instead of `ref`)
    skip: int = 0  # so many pages of it have arrived already; set by the sender alone
    reads: str = ""  # reference of a message to mark as read, just before; set by the worker alone

    @property
    def text(self) -> str:
        """The visible text, blocks joined by empty lines (style left out)."""
        return "\n\n".join(block.text for block in self.blocks if block.text)

    @property
    def verdicts(self) -> tuple[tuple[int, int], ...]:
        """(number, version) of every verdict in it."""
        return (self.fact, *self.more_facts) if self.fact else self.more_facts


_PARTS = tuple(part.name for part in fields(Outgoing))


def pack(message: Outgoing) -> dict[str, Any]:
    """An Outgoing as plain JSON data, for the outbox; empty fields are left out."""
    return {name: _plain(value) for name in _PARTS if (value := getattr(message, name))}


def _plain(value: Any) -> Any:
    """A field as plain data. Done by hand: every reply goes this way, and what dataclasses offer
    copies every word of it."""
    match value:
        case tuple():
            return tuple(map(_plain, value))
        case Block():
            return {name: getattr(value, name) for name in Block.__slots__}
        case Button():
            return {name: getattr(value, name) for name in Button.__slots__}
        case Outgoing():
            return pack(value)
        case _:
            return value


def unpack(data: Mapping[str, Any]) -> Outgoing:
    """The Outgoing that `pack` made; raises ValueError on anything else."""
    fact = data.get("fact")
    return Outgoing(
        to=data.get("to", ""),
        do=Do(data.get("do", Do.SEND)),
        blocks=tuple(
            Block(block["text"], Style(block["style"]), bool(block["shorten"]))
            for block in data.get("blocks", ())
        ),
        buttons=tuple(tuple(Button(**button) for button in row) for row in data.get("buttons", ())),
        quote=data.get("quote", ""),
        ref=data.get("ref", ""),
        callback=data.get("callback", ""),
        broadcast=bool(data.get("broadcast", False)),
        fact=(int(fact[0]), int(fact[1])) if fact else None,
        more_facts=tuple((int(one[0]), int(one[1])) for one in data.get("more_facts", ())),
        template=data.get("template", ""),
        template_values=tuple(data.get("template_values", ())),
        template_language=data.get("template_language", ""),
        cards=tuple(unpack(card) for card in data.get("cards", ())),
        key=data.get("key", ""),
        card=data.get("card", ""),
        skip=int(data.get("skip", 0)),
        reads=data.get("reads", ""),
    )
