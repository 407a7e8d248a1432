"""Files people sent: ask where one lies, then fetch it from Meta's own hosts and no other.

Source: https://developers.facebook.com/docs/whatsapp/cloud-api/reference/media
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from bot import net
from bot.channels import ChannelError
from bot.channels.whatsapp.envelope import text
from bot.channels.whatsapp.errors import channel_error
from handlers.messages import Media

LARGEST = 20 * 1024 * 1024
SECONDS = 30.0  # for the whole file
HOSTS = frozenset({"lookaside.fbsbx.com", "graph.facebook.com"})


class Files:
    """Fetches files by their id; the token goes to allow-listed hosts only."""

    def __init__(
        self, api: net.Client, api_url: str, number_id: str, bearer: Mapping[str, str]
    ) -> None:
        parts = urlsplit(api_url)
        self._api = api
        self._number_id = number_id
        self._bearer = bearer
        self._own = (parts.scheme, parts.netloc)  # where WHATSAPP_API_URL points

    async def fetch(self, media: Media) -> bytes:
        """The bytes, checked against the platform's hash. Raises ChannelError.

        An address lives five minutes: when it is gone, a new one is asked for, once.
        """
        try:
            async with asyncio.timeout(SECONDS):
                found = await self._bytes(media.ref)
                return found if found is not None else await self._again(media.ref)
        except (TimeoutError, net.TimeoutException):
            raise ChannelError("the file did not arrive in time") from None
        except net.InvalidURL:
            raise ChannelError("the file has no address", permanent=True) from None
        except net.HTTPError as error:
            raise ChannelError(f"the file cannot be fetched ({type(error).__name__})") from None

    async def _again(self, reference: str) -> bytes:
        found = await self._bytes(reference)
        if found is None:
            raise ChannelError("the file is not there any more", permanent=True)
        return found

    async def _bytes(self, reference: str) -> bytes | None:
        """The file, or None when its address is gone already."""
        about = await self._describe(reference)
        url = text(about, "url")
        if not self._is_trusted(url):
            raise ChannelError("the file lies on a host we do not trust", permanent=True)
        size = about.get("file_size")
        if isinstance(size, int) and size > LARGEST:
            raise ChannelError("the file is too large", permanent=True)
        async with self._api.stream("GET", url, headers=dict(self._bearer)) as response:
            if response.status_code == 404:
                return None
            if response.status_code != 200:
                raise channel_error(response.status_code, response.headers, b"")
            content = await _bounded(response)
        if not _is_the_same(content, text(about, "sha256")):
            raise ChannelError("the file is not what was announced", permanent=True)
        return content

    async def _describe(self, reference: str) -> Mapping[str, Any]:
        if not (reference.isascii() and reference.isdecimal()):
            raise ChannelError("not the id of a file", permanent=True)
        response = await self._api.get(
            reference, params={"phone_number_id": self._number_id}, headers=dict(self._bearer)
        )
        if not response.is_success:
            raise channel_error(response.status_code, response.headers, response.content)
        try:
            about = response.json()
        except (ValueError, RecursionError):
            about = None
        if not isinstance(about, Mapping):
            raise ChannelError("the answer about a file cannot be read")
        return about

    def _is_trusted(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return False
        if (parts.scheme, parts.netloc) == self._own:
            return True
        return (
            parts.scheme == "https"
            and parts.hostname in HOSTS
            and port in {None, 443}
            and not parts.username
        )


async def _bounded(response: net.Response) -> bytes:
    """The body, given up as soon as it is longer than we take."""
    content = bytearray()
    async for part in response.aiter_bytes():
        content += part
        if len(content) > LARGEST:
            raise ChannelError("the file is too large", permanent=True)
    return bytes(content)


def _is_the_same(content: bytes, announced: str) -> bool:
    """Is this the hash the platform named? It comes in hex or in base64."""
    digest = hashlib.sha256(content)
    known = {digest.hexdigest(), base64.b64encode(digest.digest()).decode()}
    return any(hmac.compare_digest(one, announced) for one in known if announced.isascii())
