"""Receive: verify, split, store, commit. Nothing else happens before the acknowledgement."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import anyio.to_thread

from bot.channels import Channel, RawUpdate
from bot.doors import Database, Work
from bot.wakeup import Bell
from knowledge_base.facts import KnowledgeError

Clock = Callable[[], datetime]
AT_ONCE = 50  # deliveries in one commit; each waits for one write to the disk, not for fifty


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


@dataclass(frozen=True, slots=True)
class Delivery:
    """One body on its way in, and the promise to say how many of its updates were new."""

    channel: str
    body: bytes
    new: asyncio.Future[int]


def _tell(deliveries: Sequence[Delivery], error: Exception) -> None:
    for delivery in deliveries:
        if not delivery.new.done():
            delivery.new.set_exception(error)


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
        self._arrived: list[Delivery] = []
        self._keeping: asyncio.Task[None] | None = None
        self._unanswered = 0

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        """Check and keep one delivery of a webhook; gives how many updates were new.

        Raises Forged, TooLarge or Busy; after it returns, nothing of it can be lost.
        """
        if len(body) > self.largest:
            raise TooLarge(f"more than {self.largest} bytes")
        if not self._channels[channel].verify(headers, body):
            raise Forged(f"not signed by {channel}")
        return await self.keep(channel, body)

    @property
    def arriving(self) -> bool:
        """Is somebody waiting for an acknowledgement right now?"""
        return self._unanswered > 0

    async def keep(self, channel: str, body: bytes) -> int:
        """Keep a delivery whose origin is certain; gives how many updates were new."""
        delivery = Delivery(channel, body, asyncio.get_running_loop().create_future())
        self._arrived.append(delivery)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep_arrived())
        self._unanswered += 1
        try:
            return await delivery.new
        finally:
            self._unanswered -= 1

    async def _keep_arrived(self) -> None:
        """Commit what has arrived; what arrives meanwhile shares the next commit."""
        while self._arrived:
            together, self._arrived = self._arrived[:AT_ONCE], self._arrived[AT_ONCE:]
            try:
                counts = await anyio.to_thread.run_sync(self._commit, together)
            except Busy as error:
                _tell(together, error)
            except Exception as error:  # noqa: BLE001 - one odd delivery must not fail the others
                if len(together) == 1:
                    _tell(together, error)
                else:
                    await self._keep_alone(together)
            else:
                for delivery, new in zip(together, counts, strict=True):
                    if not delivery.new.done():
                        delivery.new.set_result(new)
                if fresh := sum(counts):
                    self._bell.ring(fresh)

    async def _keep_alone(self, together: Sequence[Delivery]) -> None:
        for delivery in together:
            try:
                [new] = await anyio.to_thread.run_sync(self._commit, [delivery])
            except Exception as error:  # noqa: BLE001 - told to whoever delivered it
                _tell([delivery], error)
            else:
                if not delivery.new.done():
                    delivery.new.set_result(new)
                self._bell.ring()

    def _commit(self, deliveries: Sequence[Delivery]) -> list[int]:
        """One transaction for all of them; gives how many updates of each were new."""
        now = self._clock()
        cut = [(one.channel, *self._split(one.channel, one.body)) for one in deliveries]
        try:
            with self._database.work() as work:
                return [
                    sum(self._add(work, channel, update, parked, now) for update in updates)
                    for channel, updates, parked in cut
                ]
        except KnowledgeError as error:
            raise Busy(str(error)) from error

    def _add(self, work: Work, channel: str, update: RawUpdate, parked: str, now: datetime) -> bool:
        account = self._channels[channel].account
        return work.inbox.add(
            channel, account, update.external_id, update.chat, update.body, now, parked
        )

    def _split(self, channel: str, body: bytes) -> tuple[list[RawUpdate], str]:
        """The single updates, or the whole body under its hash when nobody can cut it."""
        try:
            return self._channels[channel].split(body), ""
        except Exception as error:  # noqa: BLE001 - whatever it is, the body must not be lost
            digest = hashlib.sha256(body).hexdigest()
            return [RawUpdate(f"sha256:{digest}", "", body)], f"unreadable: {type(error).__name__}"
