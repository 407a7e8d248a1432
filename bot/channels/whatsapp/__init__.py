"""WhatsApp over the Cloud API: signed deliveries in, messages and templates out."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import structlog

from bot import net
from bot.channels import ChannelError, Limits, RawUpdate, read_json
from bot.channels.whatsapp.envelope import OBJECT, cut, is_user_id, kind_of, mappings, text
from bot.channels.whatsapp.errors import channel_error
from bot.channels.whatsapp.files import Files
from bot.channels.whatsapp.health import Health
from bot.channels.whatsapp.reading import CHANNEL, read_delivery
from bot.channels.whatsapp.rendering import NO_TEMPLATES, Payload, render, to_recipient
from bot.channels.whatsapp.signature import handshake, is_signed
from handlers.messages import Address, Do, Incoming, Media, Outgoing

__all__ = ["LIMITS", "WhatsApp", "render"]

log = structlog.get_logger(__name__)

# https://developers.facebook.com/docs/whatsapp/cloud-api/overview#throughput: 80 messages a
# second in both directions, one in 6 seconds to one person with short bursts.
LIMITS = Limits(
    text=4096,
    text_with_buttons=1024,
    button_rows=3,
    buttons_per_row=1,
    buttons=3,
    label=20,
    choices=10,
    per_second=38.0,  # beside 35 a second that come: a little more, to catch up
    per_chat_seconds=6.0,
    per_chat_burst=5,
    window_hours=24,
    one_reply=True,
)
SECONDS = 20.0  # for one call
LOOK_EVERY = 300.0  # seconds between two looks at the number's health

Rest = Callable[[float], Awaitable[None]]


class WhatsApp:
    """One telephone number on the Cloud API. `ignored` counts what was left out on purpose."""

    name = CHANNEL
    limits = LIMITS

    def __init__(
        self,
        token: str,
        number_id: str,
        *,
        app_secret: str,
        verify_token: str,
        previous_secret: str = "",
        api_url: str = "https://graph.facebook.com",
        api_version: str = "v25.0",
        templates: Mapping[str, str] = NO_TEMPLATES,
        business_id: str = "",
        templates_a_day: int = 0,
        corrections_a_day: int = 0,
        transport: net.Transport | None = None,
    ) -> None:
        """`previous_secret`: an app secret whose signatures are taken as well, while it is being
        replaced. `templates`: what we call one → its name at Meta; with `business_id` they are
        looked after. `templates_a_day`: so many are paid for, 0 for no bound, and
        `corrections_a_day` more for corrections. `transport` replaces the network in tests. Raises
        ValueError when a setting is missing or makes no sense."""
        if not (number_id.isascii() and number_id.isdecimal()):
            raise ValueError("WHATSAPP_PHONE_NUMBER_ID is the id of the number: digits only")
        if not token or not app_secret or not verify_token:
            raise ValueError("WhatsApp needs its token, app secret and verify token")
        self.account = number_id
        self.limits = replace(
            LIMITS, templates_a_day=templates_a_day, corrections_a_day=corrections_a_day
        )
        self.ignored: Counter[str] = Counter()
        self._secrets = tuple(filter(None, (app_secret, previous_secret)))
        self._verify_token = verify_token
        self._templates = {kind: name for kind, name in templates.items() if name}
        self._bearer = {"Authorization": f"Bearer {token}"}
        if not _is_address(api_url):
            raise ValueError(
                "WHATSAPP_API_URL must be an address such as https://graph.facebook.com"
            )
        base = f"{api_url.rstrip('/')}/{api_version}/"
        self._api = net.client(base, seconds=SECONDS, transport=transport)
        names = list(dict.fromkeys(self._templates.values()))
        self._health = Health(self._api, self._bearer, number_id, business_id, names)
        self._files = Files(self._api, api_url, number_id, self._bearer)

    def verify(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Is the delivery signed with our app's secret, over exactly these bytes?"""
        return any(is_signed(secret, headers, body) for secret in self._secrets)

    def handshake(self, params: Mapping[str, str]) -> str | None:
        """The challenge to give back when Meta checks our address, or None to refuse."""
        return handshake(self._verify_token, params)

    def split(self, body: bytes) -> list[RawUpdate]:
        """Every message, status, error and notice of a delivery, each in its own envelope.

        What came to another number is left out and counted. Raises ValueError when the body is
        no delivery at all.
        """
        raw = read_json(body)
        if not isinstance(raw, dict) or raw.get("object") != OBJECT:
            raise ValueError(f"not a delivery: no {OBJECT}")
        try:
            updates, foreign = cut(raw, self.account)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error
        if foreign:
            self.ignored["foreign_number"] += foreign
            log.warning("delivery for another number ignored", count=foreign)
        return updates

    def parse(self, raw: Mapping[str, Any]) -> list[Incoming]:
        """The events in one update; what means nothing to a chat gives []."""
        return read_delivery(raw, self.account)

    def kind_of(self, raw: Mapping[str, Any]) -> str:
        """A message's type, "status", "error", or the field of a notice, where Meta documents
        it."""
        return kind_of(raw)

    async def send(self, address: Address, message: Outgoing) -> str:
        """Deliver; gives the wamid of the last message sent, empty where there is none.

        Raises ChannelError, which says how many pages have arrived: they are not sent again.
        """
        bodies = render(message, self.limits, self._templates)
        if not bodies and message.do is Do.SEND and message.template:
            raise ChannelError(f"no name is set for the template {message.template}", hold=True)
        if message.reads and not message.skip:
            await self._mark_read(message)
        reference = ""
        for page, body in enumerate(bodies[message.skip :], start=message.skip):
            whole = to_recipient(body, address.value, is_user_id=is_user_id(address.value))
            try:
                reference = await self._deliver(whole) or reference
            except ChannelError as error:
                error.pages = page
                raise
        return reference

    async def download(self, media: Media) -> bytes:
        """Fetch a file people sent, of at most 20 MB; raises ChannelError."""
        return await self._files.fetch(media)

    async def run(self, rest: Rest = asyncio.sleep) -> None:
        """Look after the number until cancelled: whatever is new is told to the operator."""
        known: list[str] = []
        while True:
            found = await self._health.complaints()
            for complaint in found:
                if complaint not in known:
                    log.warning("WhatsApp needs a look", hint=complaint)
            known = found
            await rest(LOOK_EVERY)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.aclose()

    async def _mark_read(self, message: Outgoing) -> None:
        """Show that theirs was read; where that fails, the answer will say so too."""
        [body] = render(replace(message, do=Do.TYPING, ref=message.reads), self.limits)
        try:
            await self._post(body)
        except ChannelError as error:
            log.info("not marked as read", reason=str(error))

    async def _deliver(self, body: Payload) -> str:
        """One body; a message that cannot quote any more is sent without its quote."""
        try:
            return await self._post(body)
        except ChannelError as error:
            if "context" not in body or not error.permanent or error.gone:
                raise
        return await self._post({key: part for key, part in body.items() if key != "context"})

    async def _post(self, body: Payload) -> str:
        """One call; a lost answer may mean that it arrived, so the message is tried again."""
        path = f"{self.account}/messages"
        try:
            response = await self._api.post(path, json=body, headers=self._bearer)
        except net.TimeoutException:
            raise ChannelError("WhatsApp did not answer in time") from None
        except net.HTTPError as error:
            raise ChannelError(f"WhatsApp cannot be reached ({type(error).__name__})") from None
        if not response.is_success:
            raise channel_error(response.status_code, response.headers, response.content)
        return _wamid(response)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _wamid(response: net.Response) -> str:
    """The id of an accepted message; empty where the answer names none."""
    found = [text(message, "id") for message in mappings(_read(response).get("messages"))]
    return found[0] if found else ""


def _read(response: net.Response) -> Mapping[str, Any]:
    """The answer's object; an answer nobody can read counts as an empty one."""
    try:
        read = response.json()
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, Mapping) else {}
