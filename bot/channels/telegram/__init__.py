"""Telegram over python-telegram-bot. Nothing else imports that library.

Only its Bot is used, for raw calls: the library's own polling and handlers confirm an update
once it is in memory, and would lose it when the process dies.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest, HTTPXRequest

from bot.channels import ChannelError, Limits, RawUpdate, Receive, read_json
from bot.channels.telegram.errors import (
    channel_error,
    is_already_done,
    is_unchangeable,
    is_unparsable,
    seconds_to_wait,
    without_token,
)
from bot.channels.telegram.kinds import KINDS
from bot.channels.telegram.reading import CHANNEL, WANTED, Me, chat_of, read_update
from bot.channels.telegram.rendering import as_new_message, as_plain, render
from bot.net import certificates
from handlers.messages import Address, Incoming, Media, Outgoing

__all__ = ["LIMITS", "Profile", "Telegram", "render"]

log = structlog.get_logger(__name__)

LIMITS = Limits(
    text=4096, text_with_buttons=4096, button_rows=100, buttons_per_row=8, buttons=100, label=64
)
SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (the header's name)
HOLD = 30  # seconds Telegram may hold a poll open
LONGEST_REST = 60.0  # seconds between two failing polls
ASK_AGAIN = 60.0  # seconds after our name could not be learned
BETWEEN_CHECKS = 300.0  # seconds between two looks at the webhook

Rest = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Profile:
    """How the bot introduces itself in one language; commands are (name, description)."""

    commands: Sequence[tuple[str, str]]
    description: str = ""
    short_description: str = ""
    group_commands: Sequence[tuple[str, str]] = ()


class _RawBot(Bot):
    """A Bot for raw calls, of which the library would advise against each single one."""

    @classmethod
    def _warn(cls, *_: Any, **__: Any) -> None:
        """Say nothing: see the module's docstring for why the calls are raw."""


class Telegram:
    """A bot on Telegram, by long polling or behind a webhook."""

    name = CHANNEL
    limits = LIMITS

    def __init__(
        self,
        token: str,
        *,
        api_url: str = "https://api.telegram.org",
        mode: str = "polling",
        webhook_secret: str = "",
        previous_secret: str = "",
        webhook_url: str = "",
        request: BaseRequest | None = None,
    ) -> None:
        """`previous_secret` is taken as well, while what was sent with it may still come;
        `request` replaces the network in tests. Raises ValueError when it is no token."""
        number = token.partition(":")[0]
        if not (number.isascii() and number.isdecimal()):
            raise ValueError("TELEGRAM_TOKEN does not look like 123456:ABC…; ask @BotFather")
        logging.getLogger("httpx").setLevel(logging.WARNING)  # its addresses hold the token
        self._token = token
        self._mode = mode
        self._secret = webhook_secret
        self._secrets = tuple(one.encode() for one in (webhook_secret, previous_secret) if one)
        self._webhook_url = webhook_url
        self._requests = [request] if request else [_network(4), _network(64)]
        self._bot = _RawBot(
            token,
            base_url=f"{api_url.rstrip('/')}/bot",
            base_file_url=f"{api_url.rstrip('/')}/file/bot",
            get_updates_request=self._requests[0],
            request=self._requests[-1],
        )
        self._me = Me(int(number))
        self._ask_again = 0.0  # when our name may be asked for again

    @property
    def account(self) -> str:
        """The bot's own number, the same for the life of the bot."""
        return self._me.account

    @property
    def username(self) -> str:
        """The bot's @name without the @; empty until Telegram has been asked."""
        return self._me.username

    async def whoami(self) -> str:
        """The same, asking Telegram when nobody has in this process; empty when it does not say.

        Asked at most once a minute: a page must not wait for a dead line again and again."""
        if not self.username and time.monotonic() >= self._ask_again:
            self._ask_again = time.monotonic() + ASK_AGAIN
            try:
                await self._learn_name()
            except ChannelError as error:
                log.warning("Telegram does not say our name", reason=str(error))
        return self.username

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Does the delivery carry the secret we gave to Telegram? Without a secret: never."""
        given = [value for name, value in headers.items() if name.lower() == SECRET_HEADER]
        if not self._secret or len(given) != 1:
            return False
        right = [hmac.compare_digest(given[0].encode(), secret) for secret in self._secrets]
        return any(right)

    def split(self, body: bytes) -> list[RawUpdate]:
        """One delivery holds one update. Raises ValueError when it cannot be read."""
        raw = read_json(body)
        number = raw.get("update_id") if isinstance(raw, dict) else None
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("not an update: no update_id")
        return [RawUpdate(str(number), chat_of(raw) or f"update:{number}", body)]

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """The events in one update; an unknown kind gives []."""
        return read_update(raw, self._me)

    def kind_of(self, raw: Mapping[str, Any]) -> str:
        """The update's own name, where Telegram documents it."""
        return next((kind for kind in KINDS if kind in raw), "other")

    async def send(self, address: Address, message: Outgoing) -> str:
        """Deliver; gives the id of the last message sent, empty where there is none.

        Raises ChannelError, which says how many pages have arrived: they are not sent again.
        """
        reference = ""
        calls = render(message, self.limits, self.username)
        for page, (method, params) in enumerate(calls[message.skip :], start=message.skip):
            if method in _TO_A_CHAT and "inline_message_id" not in params:
                params["chat_id"] = int(address.value)
            try:
                result = await self._deliver(method, params)
            except ChannelError as error:
                error.pages = page
                raise
            reference = _reference(result) or reference
        return reference

    async def download(self, media: Media) -> bytes:
        """Fetch a file of at most 20 MB; raises ChannelError."""
        try:
            file = await self._bot.get_file(media.ref)
            return bytes(await file.download_as_bytearray())
        except TelegramError as error:
            raise channel_error(error, self._token) from None

    async def is_admin(self, address: Address, sender: str) -> bool:
        """May this member of a group decide for it? Raises ChannelError."""
        if not sender.isdecimal():
            return False
        params = {"chat_id": int(address.value), "user_id": int(sender)}
        member = await self._deliver("getChatMember", params)
        return isinstance(member, dict) and member.get("status") in {"creator", "administrator"}

    async def run(
        self, receive: Receive, profiles: Mapping[str, Profile], rest: Rest = asyncio.sleep
    ) -> None:
        """Set up, however often it takes, then poll or watch the webhook until cancelled."""
        failures, ready = 0, False
        while not ready:
            try:
                await self.set_up()
                ready = True
            except ChannelError as error:
                failures += 1
                pause = _pause(failures)
                log.warning("Telegram is not set up yet", reason=str(error), again_in=pause)
                await rest(pause)
        await self.introduce(profiles)
        if self._mode == "webhook":
            await self._watch(rest)
        else:
            await self.poll(receive, rest)

    async def set_up(self) -> None:
        """Learn our name and choose how updates come; raises ChannelError."""
        if self._mode == "webhook":
            await self._deliver("setWebhook", self._webhook())
        else:
            await self._deliver("deleteWebhook", {"drop_pending_updates": False})
        await self._learn_name()

    async def _learn_name(self) -> None:
        me = await self._deliver("getMe", {})
        self._me = Me(self._me.id, str(me.get("username", "")))

    async def introduce(self, profiles: Mapping[str, Profile]) -> None:
        """Set commands and descriptions by language code; "" is for everybody else.

        Telegram allows this only so often: a refusal is told to the operator and changes
        nothing else.
        """
        try:
            for language, profile in profiles.items():
                await self._introduce(language, profile)
        except ChannelError as error:
            log.warning("the bot's profile is not up to date", reason=str(error))

    async def complaint(self) -> str:
        """What is wrong with the webhook, in words for the operator; empty when all is well."""
        if self._mode != "webhook":
            return ""
        info = await self._deliver("getWebhookInfo", {})
        if info.get("url") != self._webhook_url:
            return "Telegram sends this bot's updates to another address"
        error = str(info.get("last_error_message", ""))
        waiting = int(info.get("pending_update_count", 0))
        return f"Telegram could not deliver: {error} ({waiting} waiting)" if error else ""

    async def poll(self, receive: Receive, rest: Rest = asyncio.sleep) -> None:
        """Fetch updates for ever; each is kept by `receive` before Telegram may forget it.

        The offset that confirms a batch comes from that batch alone: Telegram may number anew
        after an idle week. Whatever fails, the loop waits a little and asks again.
        """
        offset, failures = 0, 0
        while True:
            try:
                batch = await self._updates(offset)
                offset = offset if batch else 0
                bodies = [json.dumps(raw).encode() for raw in batch]
                kept = await asyncio.gather(*map(receive, bodies), return_exceptions=True)
                for raw, result in zip(batch, kept, strict=True):
                    if isinstance(result, BaseException):
                        raise result
                    offset = raw["update_id"] + 1
                failures = 0
            except asyncio.CancelledError:
                raise
            except Exception as error:  # noqa: BLE001  (polling must outlive everything)
                failures += 1
                await rest(self._trouble(error, failures))

    async def _watch(self, rest: Rest) -> None:
        """Tell the operator when Telegram cannot deliver, or delivers to somebody else."""
        while True:
            try:
                problem = await self.complaint()
            except ChannelError as error:
                problem = str(error)
            if problem:
                log.warning("the webhook is in trouble", reason=problem)
            await rest(BETWEEN_CHECKS)

    async def close(self) -> None:
        """Let go of the connections."""
        for request in self._requests:
            await request.shutdown()

    async def _updates(self, offset: int) -> list[dict[str, Any]]:
        params: dict[str, Any] = {"timeout": HOLD, "allowed_updates": list(WANTED)}
        if offset:
            params["offset"] = offset
        batch: list[dict[str, Any]] = await self._bot.do_api_request(
            "getUpdates", api_kwargs=params, read_timeout=HOLD + 10
        )
        return batch

    def _trouble(self, error: Exception, failures: int) -> float:
        """Say what is wrong, once in clear words; gives the seconds to wait."""
        pause = _pause(failures)
        if isinstance(error, Conflict):
            hint = "another program polls with this token, or a webhook is set: stop it"
            pause = max(pause, 5.0)
        elif isinstance(error, InvalidToken):
            hint = "Telegram refuses the token: check TELEGRAM_TOKEN with @BotFather"
            pause = LONGEST_REST
        elif isinstance(error, RetryAfter):
            hint, pause = "Telegram asks us to slow down", max(pause, seconds_to_wait(error))
        elif isinstance(error, TelegramError):
            hint = "Telegram cannot be reached; nothing is lost for 24 hours"
        else:
            hint = "an update could not be kept; Telegram still has it"
        log.warning(
            "polling failed",
            hint=hint,
            reason=without_token(f"{type(error).__name__}: {error}", self._token),
            again_in=pause,
        )
        return pause

    async def _deliver(self, method: str, params: dict[str, Any]) -> Any:
        """One call; what can be mended is mended here, the rest becomes a ChannelError."""
        try:
            return await self._call(method, params)
        except TelegramError as error:
            if is_already_done(error):
                return None
            mended = self._mended(error, method, params)
            if mended is None:
                private = int(params.get("chat_id", 1)) > 0
                raise channel_error(error, self._token, private=private) from None
        return await self._deliver(*mended)

    def _mended(
        self, error: TelegramError, method: str, params: dict[str, Any]
    ) -> tuple[str, dict[str, Any]] | None:
        """The same message in another form; None when there is none. Ends after two changes."""
        if is_unparsable(error) and "parse_mode" in params and "text" in params:
            log.error("Telegram cannot parse our formatting; sent as plain text", method=method)
            return method, as_plain(params)
        if is_unchangeable(error) and method == "editMessageText" and "message_id" in params:
            return "sendMessage", as_new_message(params)
        return None

    async def _call(self, method: str, params: dict[str, Any]) -> Any:
        return await self._bot.do_api_request(method, api_kwargs=params)

    def _webhook(self) -> dict[str, Any]:
        return {
            "url": self._webhook_url,
            "secret_token": self._secret,
            "allowed_updates": list(WANTED),
            "drop_pending_updates": False,
        }

    async def _introduce(self, language: str, profile: Profile) -> None:
        tongue = {"language_code": language} if language else {}
        await self._deliver("setMyCommands", _commands(profile.commands) | tongue)
        in_groups = {"scope": {"type": "all_group_chats"}}
        await self._deliver("setMyCommands", _commands(profile.group_commands) | in_groups | tongue)
        await self._deliver("setMyDescription", {"description": profile.description} | tongue)
        short = {"short_description": profile.short_description}
        await self._deliver("setMyShortDescription", short | tongue)


_TO_A_CHAT = frozenset({"sendMessage", "editMessageText", "sendChatAction", "leaveChat"})


def _pause(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 1, 2, 4 … LONGEST_REST."""
    return min(LONGEST_REST, 2.0 ** (min(failures, 7) - 1))


def _commands(commands: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {"commands": [{"command": name, "description": text} for name, text in commands]}


def _network(connections: int) -> HTTPXRequest:
    """Connections to Telegram that give up in time and ignore proxy variables."""
    return HTTPXRequest(
        connection_pool_size=connections,
        connect_timeout=10.0,
        read_timeout=20.0,
        write_timeout=20.0,
        pool_timeout=5.0,
        httpx_kwargs={"trust_env": False, "verify": certificates()},
    )


def _reference(result: Any) -> str:
    """The id of the message a call made, as text; inline messages have none we can quote."""
    if isinstance(result, dict) and isinstance(result.get("message_id"), int):
        return str(result["message_id"])
    return ""
