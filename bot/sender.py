"""Deliver: send what waits in the outbox, retry, give up, keep the pace."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import anyio.to_thread
import structlog

from bot.channels import Channel, ChannelError
from bot.doors import Database, Work
from bot.pace import Pace
from bot.wakeup import Bell
from handlers.messages import Address, Do, Outgoing, unpack
from knowledge_base.deliveries import Delivery, OutboxRow
from knowledge_base.facts import State

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
GIVE_UP = timedelta(hours=24)
TOAST_LIFE = timedelta(minutes=2)
LONGEST_PAUSE = 600.0
POLL = 1.0
AT_ONCE = 20


def back_off(tries: int, chance: float) -> float:
    """Seconds to wait after so many failures: full jitter, doubling from 1 s to 10 min.

    `chance` is in [0, 1). Source: "Exponential Backoff and Jitter", AWS Architecture Blog.
    """
    return min(LONGEST_PAUSE, 2.0**tries) * (0.5 + chance / 2)


def still_true(message: Outgoing, work: Work) -> bool:
    """Is the verdict in this message still the one that is published?"""
    if message.fact is None:
        return True
    number, version = message.fact
    current = work.facts.get(number)
    return current is not None and current.state is State.PUBLISHED and current.version == version


class Sender:
    """One per process that sends. Every message it takes ends in a visible final state."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        bell: Bell,
        after: Callable[[str], None] = lambda step: None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._bell = bell
        self._after = after  # named steps, for the kill tests
        self._paces = {name: Pace(channel.limits) for name, channel in channels.items()}
        self._stopping = False

    async def run(self) -> None:
        """Send until stopped; what is under way is finished first.

        Up to AT_ONCE messages are under way at a time, so that one slow chat holds up nobody.
        """
        flying: set[asyncio.Task[None]] = set()
        while not self._stopping:
            rows = await self._take(AT_ONCE - len(flying))
            for row in rows:
                task = asyncio.create_task(self._attempt(row))
                flying.add(task)
                task.add_done_callback(flying.discard)
                task.add_done_callback(lambda _: self._bell.ring())
            if not rows:
                await self._bell.wait(await self._pause())
        if flying:
            await asyncio.wait(flying)

    def stop(self) -> None:
        """Finish what is under way, then return from run()."""
        self._stopping = True
        self._bell.ring()

    async def step(self) -> int:
        """Send what is due now; gives how many messages were taken."""
        rows = await self._take(AT_ONCE)
        await asyncio.gather(*(self._attempt(row) for row in rows))
        return len(rows)

    async def _take(self, limit: int) -> tuple[OutboxRow, ...]:
        def claim() -> tuple[OutboxRow, ...]:
            with self._database.read() as work:
                due = work.outbox.next_due()
            if due is None or due > self._clock():
                return ()
            with self._database.work() as work:
                return work.outbox.claim(self._clock(), limit)

        return await anyio.to_thread.run_sync(claim) if limit > 0 else ()

    async def _pause(self) -> float:
        def due() -> datetime | None:
            with self._database.read() as work:
                return work.outbox.next_due()

        when = await anyio.to_thread.run_sync(due)
        if when is None:
            return POLL
        return min(POLL, max(0.01, (when - self._clock()).total_seconds()))

    async def _attempt(self, row: OutboxRow) -> None:
        try:
            await self._deliver(row)
        except Exception as error:
            log.exception("sender fault", row=row.id)
            await self._later(row, type(error).__name__, back_off(row.tries, random.random()))  # noqa: S311

    async def _deliver(self, row: OutboxRow) -> None:
        message = unpack(row.body)
        refusal = await anyio.to_thread.run_sync(self._refusal, row, message)
        if refusal:
            await self._finish(row, Delivery.CANCELLED, reason=refusal)
            return
        channel = self._channels.get(row.channel)
        if channel is None or row.address is None:
            await self._later(row, "this channel is switched off", 300.0)
            return
        await self._keep_pace(row, message)
        self._after("send_claimed")
        try:
            platform_id = await channel.send(
                Address(row.channel, row.account, row.address), message
            )
        except ChannelError as error:
            await self._failed(row, message, error)
            return
        self._after("response_read")
        await self._finish(row, Delivery.SENT, platform_id=platform_id)
        self._after("sent_committed")

    def _refusal(self, row: OutboxRow, message: Outgoing) -> str:
        """Why this message must not go out any more; empty when it may."""
        if row.address is None:
            return "the person was erased"
        if message.do is Do.TOAST and self._clock() - row.created > TOAST_LIFE:
            return "too late to acknowledge the tap"
        with self._database.work() as work:
            if still_true(message, work):
                return ""
            number = message.fact[0] if message.fact else 0
            work.jobs.enqueue(
                "tell_current",
                {"person": row.person, "number": number, "quote": message.quote},
                dedupe_key=f"tell_current:{row.id}",
            )
            return "the verdict has changed since"

    async def _keep_pace(self, row: OutboxRow, message: Outgoing) -> None:
        if message.do is not Do.SEND:
            return
        pace, loop = self._paces[row.channel], asyncio.get_running_loop()
        while (seconds := pace.wait(row.person, loop.time())) > 0:
            await asyncio.sleep(seconds)
        pace.sent(row.person, loop.time())

    async def _failed(self, row: OutboxRow, message: Outgoing, error: ChannelError) -> None:
        log.warning("delivery failed", channel=row.channel, row=row.id, reason=str(error))
        if error.retry_after:
            self._paces[row.channel].pause(
                error.retry_after,
                asyncio.get_running_loop().time(),
                "" if error.everyone else row.person,
            )
        if error.moved_to:
            await anyio.to_thread.run_sync(self._move, row, error.moved_to)
            await self._later(row, "the chat moved", 0.0)
        elif error.gone:
            await anyio.to_thread.run_sync(self._lost, row)
            await self._finish(row, Delivery.FAILED, reason=str(error))
        elif error.window_closed:
            await self._finish(row, Delivery.HELD, reason="outside the reply window")
        elif error.permanent:
            await self._finish(row, Delivery.FAILED, reason=str(error))
        elif message.do in {Do.TOAST, Do.TYPING, Do.CARDS}:
            await self._finish(row, Delivery.EXPIRED, reason=str(error))
        elif self._clock() - row.created > GIVE_UP:
            await self._finish(row, Delivery.EXPIRED, reason=f"given up after a day: {error}")
        else:
            pause = max(error.retry_after or 0.0, back_off(row.tries, random.random()))  # noqa: S311
            await self._later(row, str(error), pause)

    def _move(self, row: OutboxRow, value: str) -> None:
        old = Address(row.channel, row.account, row.address or "")
        with self._database.work() as work:
            work.contacts.moved(old, Address(row.channel, row.account, value))

    def _lost(self, row: OutboxRow) -> None:
        with self._database.work() as work:
            work.contacts.lost(row.person)

    async def _later(self, row: OutboxRow, reason: str, seconds: float) -> None:
        def write() -> None:
            with self._database.work() as work:
                due = self._clock() + timedelta(seconds=seconds)
                work.outbox.later(row.id, due, reason)

        await anyio.to_thread.run_sync(write)

    async def _finish(
        self, row: OutboxRow, state: Delivery, *, platform_id: str = "", reason: str = ""
    ) -> None:
        def write() -> None:
            with self._database.work() as work:
                work.outbox.finish(
                    row.id, state, self._clock(), platform_id=platform_id, reason=reason
                )

        await anyio.to_thread.run_sync(write)
