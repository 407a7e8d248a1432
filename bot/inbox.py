"""Receive: verify, split, store, commit. Nothing else happens before the acknowledgement."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime

import anyio.to_thread

from bot.channels import Channel, RawUpdate
from bot.doors import Database
from bot.wakeup import Bell
from knowledge_base.facts import KnowledgeError

Clock = Callable[[], datetime]


class ReceptionError(Exception):
    """A delivery is not acknowledged.

    Forged: not from the platform. TooLarge: more than we take. Busy: please send it again.
    """


class Forged(ReceptionError):
    """The signature or secret is missing or wrong."""


class TooLarge(ReceptionError):
    """The body is longer than any delivery of the platform."""


class Busy(ReceptionError):
    """The database cannot take it now; the platform should deliver it again."""


class Reception:
    """The one way in for every channel, polled or pushed."""

    largest = 4 * 1024 * 1024  # bytes; Meta's batches are believed to end at 3 MB

    def __init__(
        self, database: Database, channels: Mapping[str, Channel], clock: Clock, bell: Bell
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._bell = bell

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Check and keep one delivery of a webhook; gives how many updates were new.

        Raises Forged, TooLarge or Busy; after it returns, nothing of it can be lost.
        """
        if len(body) > self.largest:
            raise TooLarge(f"more than {self.largest} bytes")
        if not self._channels[channel].verify(headers, body):
            raise Forged(f"not signed by {channel}")
        return await self.keep(channel, body)

    async def keep(self, channel: str, body: bytes) -> int:
        """Keep a delivery whose origin is certain; gives how many updates were new."""
        new = await anyio.to_thread.run_sync(self._keep, channel, body)
        if new:
            self._bell.ring()
        return new

    def _keep(self, channel: str, body: bytes) -> int:
        now = self._clock()
        name, account = channel, self._channels[channel].account
        updates, parked = self._split(channel, body)
        try:
            with self._database.work() as work:
                return sum(
                    work.inbox.add(
                        name, account, update.external_id, update.chat, update.body, now, parked
                    )
                    for update in updates
                )
        except KnowledgeError as error:
            raise Busy(str(error)) from error

    def _split(self, channel: str, body: bytes) -> tuple[list[RawUpdate], str]:
        """The single updates, or the whole body under its hash when nobody can cut it."""
        try:
            return self._channels[channel].split(body), ""
        except Exception as error:  # noqa: BLE001 - whatever it is, the body must not be lost
            digest = hashlib.sha256(body).hexdigest()
            return [RawUpdate(f"sha256:{digest}", "", body)], f"unreadable: {type(error).__name__}"
