"""What Telegram's refusals mean for a delivery.

Texts are matched by their beginning, in lower case: Telegram documents classes, not sentences.
An unknown sentence never marks a person as gone.
"""

from __future__ import annotations

import warnings
from datetime import timedelta

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels import ChannelError

_ALREADY_DONE = (
    "message is not modified",
    "query is too old",
    "message to delete not found",
)
_GONE = (
    "bot was blocked by the user",
    "user is deactivated",
    "bot was kicked",
    "bot is not a member",
    "bot can't initiate conversation",
    "bot can't send messages to bots",
    "the group chat was deleted",
    "chat not found",
    "user not found",
)
_UNCHANGEABLE = ("message to edit not found", "message can't be edited")


def is_already_done(error: TelegramError) -> bool:
    """Nothing is left to do: the edit changes nothing, the query was answered or forgotten."""
    return isinstance(error, BadRequest) and _sentence(error).startswith(_ALREADY_DONE)


def is_unparsable(error: TelegramError) -> bool:
    """Telegram could not read our formatting: a bug of ours."""
    return isinstance(error, BadRequest) and _sentence(error).startswith("can't parse entities")


def is_unchangeable(error: TelegramError) -> bool:
    """The message to edit does not exist any more or is too old."""
    return isinstance(error, BadRequest) and _sentence(error).startswith(_UNCHANGEABLE)


def channel_error(error: TelegramError, token: str, *, private: bool = True) -> ChannelError:
    """The same failure in the words of the seam, without the token.

    `private`: the message was for one person; a 429 then most likely concerns the whole bot,
    in a group only that group (20 messages a minute). What was for a person who is gone waits
    until they are back; what a group was told is over when we are put out.
    """
    text = without_token(f"Telegram: {error.message}", token)
    if isinstance(error, RetryAfter):
        return ChannelError(text, retry_after=seconds_to_wait(error), everyone=private)
    if isinstance(error, ChatMigrated):
        return ChannelError(text, moved_to=str(error.new_chat_id))
    if isinstance(error, InvalidToken | Conflict):
        return ChannelError(text, everyone=True, stop=True)
    if isinstance(error, Forbidden | BadRequest):
        gone = _sentence(error).startswith(_GONE)
        return ChannelError(text, permanent=True, gone=gone, hold=gone and private)
    return ChannelError(text)


def seconds_to_wait(error: RetryAfter) -> float:
    """How long Telegram wants us to wait; the library gives a number now, a timedelta later."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # announces the timedelta
        wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)


def without_token(text: str, token: str) -> str:
    """Addresses of the Bot API hold the token; nobody may read it in a log or an error."""
    secret = token.partition(":")[2]
    hidden = text.replace(token, "<token>")
    return hidden.replace(secret, "<token>") if secret else hidden


def _sentence(error: TelegramError) -> str:
    text = error.message.lower()
    for prefix in ("bad request: ", "forbidden: "):
        text = text.removeprefix(prefix)
    return text
