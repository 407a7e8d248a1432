"""Deliver: send what waits in the outbox, retry, give up, keep the pace."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import structlog

from bot.channels import Channel, ChannelError
from bot.doors import Database, Work
from bot.logs import where
from bot.pace import Pace
from bot.patience import insist
from bot.receipts import TRACKER
from bot.sent import FAREWELL, Sent
from bot.wakeup import Bell, Breath
from bot.window import SAID, as_template, is_closed, room
from handlers.corrections import TEMPLATE as CORRECTION
from handlers.messages import Address, Do, Outgoing, pack, unpack
from knowledge_base.deliveries import Delivery, OutboxRow

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
Change = Callable[[Work], int | None]  # gives the number of what it says was sent
GIVE_UP = timedelta(hours=24)
ENOUGH = 20  # tries before that, some two hours of them: a clock set right makes no day of trying
OFF = timedelta(days=7)  # that a channel may be switched off
BRIEF = frozenset({Do.TOAST, Do.TYPING})  # only of use at once
BRIEF_LIFE = timedelta(minutes=2)
LONGEST_PAUSE = 600.0
POLL = 1.0
APART = 0.05  # seconds between two looks when somebody rings all the time
AT_ONCE = 20  # messages under way on one channel
PATIENCE = 3.0  # seconds a message waits for its turn before it goes back to the outbox
STALE = "the verdict has changed since"
LATE = "outside the reply window"
SPENT = "the templates of this day are used up"
ANNOUNCE = "announce_later"  # the task that looks at such a message again
GONE = "nobody can be reached there"
ANNOUNCED = "announced by a template"
SWITCHED_OFF = "this channel is switched off"
SENT_BEFORE = "it was sent before this copy of the database was put back"


def back_off(tries: int, chance: float) -> float:
    """Seconds to wait after so many tries: doubling from 1 s to 10 min, the upper half by chance.

    `chance` is in [0, 1). Source: "equal jitter" in "Exponential Backoff and
    Jitter", AWS Architecture Blog.
    """
    return min(LONGEST_PAUSE, 2.0 ** min(tries, 10)) * (0.5 + chance / 2)


def still_true(message: Outgoing, work: Work) -> bool:
    """Is what this message says of fact-checks still how they stand? A withdrawal has a
    version too, so it is not said any more once the check is back."""
    for number, version in message.verdicts:
        current = work.facts.get(number)
        if current is None or current.version != version:
            return False
    return True


def _tell(done: asyncio.Future[int], became: int | Exception) -> None:
    """Say what became of a change, unless nobody waits for it any more."""
    if done.done():
        return
    if isinstance(became, Exception):
        done.set_exception(became)
    else:
        done.set_result(became)


class Sender:
    """One per process that sends. Every message it takes ends in a visible final state."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        clock: Clock,
        bell: Bell,
        after: Callable[[str], None] = lambda step: None,
        sent: Sent | None = None,
    ) -> None:
        self._sent_before = sent  # what went out, noted outside the database
        self._database = database
        self._channels = channels
        self._clock = clock
        self._bell = bell
        self._after = after  # named steps, for the kill tests
        self._paces = {name: Pace(channel.limits) for name, channel in channels.items()}
        self._flying: dict[int, str] = {}  # rows under way and their channels
        self._quiet: dict[str, float] = {}  # until when a channel takes no broadcasts
        self._spent_on: dict[tuple[str, bool], date] = {}  # the last day without a template left
        self._changes: list[tuple[Change, asyncio.Future[int]]] = []
        self._noting: asyncio.Task[None] | None = None
        self._breath = Breath(APART)
        self._stopping = False

    async def run(self) -> None:
        """Send until stopped; what is under way is finished first.

        Up to AT_ONCE messages of each channel are under way at a time, so that one slow chat,
        or one channel that is told to wait, holds up nobody else.
        """
        tasks: set[asyncio.Task[None]] = set()
        while not self._stopping:
            await self._breath.take()
            rows, due = await insist(self._take)
            for row in rows:
                self._flying[row.id] = row.channel
                task = asyncio.create_task(self._attempt(row))
                tasks.add(task)
                task.add_done_callback(tasks.discard)
                task.add_done_callback(lambda _: self._bell.ring())
            if not rows or due is None or due > self._clock():
                await self._bell.wait(self._pause(due))
        if tasks:
            await asyncio.wait(tasks)

    def stop(self) -> None:
        """Finish what is under way, then return from run()."""
        self._stopping = True
        self._bell.ring()

    async def step(self) -> int:
        """Send what is due now; gives how many messages were taken."""
        rows, _ = await insist(self._take)
        await asyncio.gather(*(self._attempt(row) for row in rows))
        return len(rows)

    def _take(self) -> tuple[tuple[OutboxRow, ...], datetime | None]:
        """Claim what is due and can go now; gives also when the next one is due, as far as the
        channels take any. A row whose lease ran out while it is still under way here keeps its
        place, and is not sent twice."""
        closed, limit = self._closed()
        now = self._clock()
        with self._database.read() as work:
            due = work.outbox.next_due(closed)
        if due is None or due > now:
            return (), due
        with self._database.work() as work:
            rows = work.outbox.claim(now, limit, without=closed)
            due = work.outbox.next_due(closed)
        return tuple(row for row in rows if row.id not in self._flying), due

    def _pause(self, due: datetime | None) -> float:
        """Seconds until it makes sense to look again, if nobody rings."""
        if due is None:
            return POLL
        return min(POLL, max(0.01, (due - self._clock()).total_seconds()))

    def _closed(self) -> tuple[tuple[str, ...], int]:
        """Channels that take nothing now (told to wait, or enough is under way), and how many
        messages the others may take."""
        flying = Counter(list(self._flying.values()))
        now = time.monotonic()
        closed = tuple(
            name
            for name, pace in self._paces.items()
            if flying[name] >= AT_ONCE or pace.held(now) > PATIENCE
        )
        busiest = max((n for name, n in flying.items() if name not in closed), default=0)
        return closed, max(1, AT_ONCE - busiest)

    async def _attempt(self, row: OutboxRow) -> None:
        try:
            await self._deliver(row)
        except Exception as error:  # noqa: BLE001 - the top of a task: the message is kept
            reason = f"{type(error).__name__} at {where(error)}"
            log.error("sender fault", row=row.id, reason=reason)
            await self._again(row, reason, self._back_off(row))
        finally:
            self._flying.pop(row.id, None)

    async def _deliver(self, row: OutboxRow) -> None:
        channel = self._channels.get(row.channel)
        if row.address is None:
            await self._finish(row, Delivery.CANCELLED, reason="the person was erased")
            return
        if channel is None:
            await self._off(row)
            return
        message = unpack(row.body)
        quiet = self._quiet.get(row.channel, 0.0) - time.monotonic()
        if row.broadcast and quiet > 0:
            await self._wait(row, "broadcasts have to pause", quiet)
            return
        if not await self._in_turn(row, message):
            return
        message, refusal, allowed = await insist(self._judged, row, message, channel)
        if refusal == GONE:
            await self._finish(row, Delivery.HELD, reason=GONE)
            return
        if refusal:
            await self._cancel(row, message, refusal)
            return
        if allowed is None:
            await self._finish(row, Delivery.HELD, reason=LATE)
            return
        await self._send(row, message, allowed, channel)

    async def _send(
        self, row: OutboxRow, message: Outgoing, said: Outgoing, channel: Channel
    ) -> None:
        """Send the message, or the template that announces it: then it is held until the person
        writes again. The row's number goes along where a platform repeats it in its statuses."""
        announced = said is not message
        if announced and self._again_of(row, announced=True):
            await self._finish(row, Delivery.HELD, reason=ANNOUNCED)
            return
        if announced and await insist(self._spent, channel, message.template):
            await self._wait_for_tomorrow(row, channel, message.template)
            return
        self._after("send_claimed")
        address = Address(row.channel, row.account, row.address or "")
        try:
            platform_id = await channel.send(
                address, replace(said, key="" if announced else f"{TRACKER}{row.id}")
            )
        except ChannelError as error:
            if error.pages > message.skip and not announced:
                await self._keep_rest(row, error.pages)
            template = await insist(self._template, row, message) if error.window_closed else None
            if template is not None and not announced:
                await self._send(row, message, template, channel)
            else:
                await self._failed(row, message, error, announced=announced)
            return
        self._after("response_read")
        if announced:
            number = await self._announced(row, message.template)
        else:
            number = await self._sent(row, message, platform_id)
        if number and self._sent_before is not None:
            self._sent_before.note(row, number, self._clock(), announced=announced)
        self._after("sent_committed")

    def _spent(self, channel: Channel, template: str) -> bool:
        """Has this day seen as many templates as may be paid for? Whoever asks for many answers
        under many names must not decide what we pay."""
        today = self._clock().date()
        with self._database.read() as work:
            announced = work.tally.announced_on(channel.name, today)
            corrections = work.tally.corrections_on(channel.name, today)
        correction = template == CORRECTION
        return not room(channel.limits, announced, corrections, correction=correction)

    async def _wait_for_tomorrow(self, row: OutboxRow, channel: Channel, template: str) -> None:
        """Held, so that it goes out at once if they write, and looked at again tomorrow. Whoever
        looks after the installation reads it in the log, once a day for the answers and once for
        the corrections."""
        now, kept = self._clock(), (channel.name, template == CORRECTION)
        if self._spent_on.get(kept) != now.date():
            self._spent_on[kept] = now.date()
            limits, waiting = channel.limits, "corrections" if kept[1] else "answers"
            most = {"most": limits.templates_a_day, "for_corrections": limits.corrections_a_day}
            log.error(SPENT, channel=channel.name, waiting=waiting, **most)
        tomorrow = now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)

        def hold(work: Work) -> None:
            key = f"{ANNOUNCE}:{row.id}:{tomorrow:%Y%m%d}"
            work.jobs.enqueue(ANNOUNCE, {"row": row.id}, dedupe_key=key, due=tomorrow)
            work.outbox.finish(row.id, Delivery.HELD, now, reason=SPENT)

        await self._write(hold)

    async def _announced(self, row: OutboxRow, template: str) -> int:
        """Its template went out: it is held until the person writes again."""

        def finish(work: Work) -> int:
            now, number = self._clock(), work.outbox.count_sending()
            work.tally.announced(row.channel, now.date(), correction=template == CORRECTION)
            work.outbox.finish(row.id, Delivery.HELD, now, platform_id="", reason=ANNOUNCED)
            return number

        return await self._write(finish)

    async def _sent(self, row: OutboxRow, message: Outgoing, platform_id: str) -> int:
        """It went out; what the platform calls a card is noted, so that it can be renewed. What
        is of use only at once has no number: nobody would send it again."""

        def finish(work: Work) -> int:
            now = self._clock()
            number = 0 if message.do in BRIEF else work.outbox.count_sending()
            if message.card and message.do is Do.SEND:
                work.chats.card_sent(message.card, platform_id)
            work.outbox.finish(row.id, Delivery.SENT, now, platform_id=platform_id)
            return number

        return await self._write(finish)

    def _judged(
        self, row: OutboxRow, message: Outgoing, channel: Channel
    ) -> tuple[Outgoing, str, Outgoing | None]:
        """Looked up just before it would go: the message (an edit with what the platform calls
        its card), why it must not go out any more, and what may be sent in its place."""
        with self._database.read() as work:
            if message.do is Do.EDIT and message.card and not message.ref:
                message = replace(message, ref=work.chats.card_ref(message.card))
            refusal = self._refusal(work, row, message)
            if refusal or not channel.limits.window_hours or message.do not in SAID:
                return message, refusal, message
            return message, "", self._allowed(work, row, message, channel)

    def _allowed(
        self, work: Work, row: OutboxRow, message: Outgoing, channel: Channel
    ) -> Outgoing | None:
        """What may be sent at this moment: the message, its template, or nothing yet."""
        # who was erased has asked for it just before; nothing else is known of them any more
        erased = row.person.startswith(FAREWELL)
        last_wrote = row.created if erased else work.contacts.window_end(row.person)
        if not is_closed(channel.limits, last_wrote, self._clock()):
            return message
        return as_template(message, work.people.get(row.person))

    def _template(self, row: OutboxRow, message: Outgoing) -> Outgoing | None:
        with self._database.read() as work:
            return as_template(message, work.people.get(row.person))

    async def _in_turn(self, row: OutboxRow, message: Outgoing) -> bool:
        """Wait for this message's turn; False when that takes so long that it goes back."""
        if message.do is not Do.SEND:
            return True
        turn = self._next_free if row.broadcast else self._reserved
        return await turn(row, self._paces[row.channel])

    async def _next_free(self, row: OutboxRow, pace: Pace) -> bool:
        """Go as soon as nobody else does."""
        while (seconds := pace.wait(row.person, time.monotonic())) > 0:
            if not await self._waited(row, seconds):
                return False
        pace.sent(row.person, time.monotonic())
        return True

    async def _reserved(self, row: OutboxRow, pace: Pace) -> bool:
        """Line up before all broadcasts."""
        while (seconds := pace.chat_wait(row.person, time.monotonic())) > 0:
            if not await self._waited(row, seconds):
                return False
        while True:
            if (held := pace.held(time.monotonic())) > PATIENCE:
                return await self._waited(row, held)
            await asyncio.sleep(pace.reserve(time.monotonic()))
            if not pace.paused(time.monotonic()):
                break
        pace.went(row.person, time.monotonic())
        return True

    async def _waited(self, row: OutboxRow, seconds: float) -> bool:
        """Wait so long; where that is too long for us, the message goes back: False."""
        if seconds > PATIENCE:
            await self._wait(row, "keeping the pace", seconds)
            return False
        await asyncio.sleep(seconds)
        return True

    def _again_of(self, row: OutboxRow, *, announced: bool = False) -> bool:
        """Did the database that this one is an older copy of send it already?"""
        noted = self._sent_before
        return noted is not None and noted.again(row, announced=announced)

    def _refusal(self, work: Work, row: OutboxRow, message: Outgoing) -> str:
        """Why this message must not go out any more."""
        if self._again_of(row):
            return SENT_BEFORE
        if message.do in BRIEF and self._clock() - row.created > BRIEF_LIFE:
            return "too late to be of use"
        if work.outbox.standing(row.id) is not Delivery.SENDING:
            return "cancelled meanwhile"
        if message.do is Do.EDIT and not message.ref:
            return "the message to change was never sent"
        if not still_true(message, work):
            return STALE
        person = work.people.get(row.person)
        if person is not None and not person.notify and message.template == CORRECTION:
            return "they said stop"
        if person is None or not person.unreachable:
            return ""
        return "too late to be of use" if message.do in BRIEF else GONE

    async def _cancel(self, row: OutboxRow, message: Outgoing, reason: str) -> None:
        """Let a message be; who would have heard an outdated verdict hears the present one."""
        number, version = message.fact or (0, 0)
        payload: dict[str, Any] = {
            "person": row.person,
            "number": number,
            "row": row.id,  # keeps what was quoted; a platform's ids may hold an address
            "version": version,
            "correction": message.template == CORRECTION,
        }
        if message.more_facts:
            payload["more"] = [list(one) for one in message.more_facts]

        def cancel(work: Work) -> None:
            if reason == STALE:
                work.jobs.enqueue("tell_current", payload, dedupe_key=f"tell_current:{row.id}")
            work.outbox.finish(row.id, Delivery.CANCELLED, self._clock(), reason=reason)

        await self._write(cancel)

    async def _failed(
        self, row: OutboxRow, message: Outgoing, error: ChannelError, *, announced: bool = False
    ) -> None:
        """What to do about a refusal. `announced`: it was the template that was refused; what it
        was to announce is never lost by that."""
        say = log.error if error.alert else log.warning
        say("delivery failed", channel=row.channel, row=row.id, reason=str(error))
        if error.broadcasts:
            self._quiet[row.channel] = time.monotonic() + (error.retry_after or LONGEST_PAUSE)
        elif error.retry_after:
            chat = "" if error.everyone else row.person
            self._paces[row.channel].pause(error.retry_after, time.monotonic(), chat)
        if error.moved_to:
            await self._moved(row, error.moved_to)
        elif error.gone:
            await self._lost(row, message, error)
        elif error.window_closed or error.hold:
            await self._finish(row, Delivery.HELD, reason=str(error))
        elif error.opted_out:
            await self._opted_out(row, str(error), announced=announced)
        elif error.permanent or (error.tries is not None and row.tries >= error.tries):
            state = Delivery.HELD if announced else Delivery.FAILED
            await self._finish(row, state, reason=str(error))
        elif message.do in {Do.TOAST, Do.TYPING, Do.CARDS}:
            await self._finish(row, Delivery.EXPIRED, reason=str(error))
        else:
            wait = 0.0 if error.broadcasts and not row.broadcast else error.retry_after or 0.0
            await self._again(row, str(error), max(wait, self._back_off(row)))

    async def _keep_rest(self, row: OutboxRow, pages: int) -> None:
        """The first pages of a long message have arrived: only the others are sent later."""
        rest = pack(replace(unpack(row.body), skip=pages))
        await self._write(lambda work: work.outbox.rewrite(row.id, rest))

    async def _moved(self, row: OutboxRow, value: str) -> None:
        old = Address(row.channel, row.account, row.address or "")

        def move(work: Work) -> None:
            work.contacts.moved(old, Address(row.channel, row.account, value))
            work.outbox.later(row.id, self._clock(), "the chat moved")

        await self._write(move)

    async def _lost(self, row: OutboxRow, message: Outgoing, error: ChannelError) -> None:
        """Nobody is there. What was for a person is held: it is delivered when they come back."""
        held = error.hold and message.do in SAID - BRIEF
        state = Delivery.HELD if held else Delivery.FAILED

        def lose(work: Work) -> None:
            work.contacts.lost(row.person)
            work.outbox.finish(row.id, state, self._clock(), reason=str(error))

        await self._write(lose)

    async def _opted_out(self, row: OutboxRow, reason: str, *, announced: bool) -> None:
        state = Delivery.HELD if announced else Delivery.FAILED

        def opt_out(work: Work) -> None:
            person = work.people.get(row.person)
            if person is not None:
                work.people.save(replace(person, notify=False))
            work.outbox.finish(row.id, state, self._clock(), reason=reason)

        await self._write(opt_out)

    async def _again(self, row: OutboxRow, reason: str, seconds: float) -> None:
        """Try again later, or give up after a day of trying (faults J12: not after one jump of the
        clock, nor at the first try after an outage). Where there is a reply window it is over by
        then, and what was to be said waits until they write again."""
        now = self._clock()
        if now - row.created > GIVE_UP and row.tries >= ENOUGH:
            channel = self._channels.get(row.channel)
            windowed = channel is not None and bool(channel.limits.window_hours)
            state = Delivery.HELD if windowed else Delivery.EXPIRED
            await self._finish(row, state, reason=f"given up after a day: {reason}")
            return
        due = now + timedelta(seconds=seconds)
        await self._write(lambda work: work.outbox.later(row.id, due, reason))

    async def _wait(self, row: OutboxRow, reason: str, seconds: float) -> None:
        """It is not its turn: no try, however often, since nobody refused it."""
        due = self._clock() + timedelta(seconds=seconds)
        await self._write(lambda work: work.outbox.later(row.id, due, reason, tried=False))

    async def _off(self, row: OutboxRow) -> None:
        """Its channel is off: it waits a week, and then until they write again."""
        if self._clock() - row.created > OFF:
            await self._finish(row, Delivery.HELD, reason=SWITCHED_OFF)
        else:
            await self._wait(row, SWITCHED_OFF, 300.0)

    async def _finish(
        self, row: OutboxRow, state: Delivery, *, platform_id: str = "", reason: str = ""
    ) -> None:
        def finish(work: Work) -> None:
            now = self._clock()
            work.outbox.finish(row.id, state, now, platform_id=platform_id, reason=reason)

        await self._write(finish)

    async def _write(self, change: Change) -> int:
        """Make this change, however long the database takes: what was sent must not be sent
        again because nobody noted it. Changes that come together share a transaction."""
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._changes.append((change, done))
        if self._noting is None or self._noting.done():
            self._noting = asyncio.create_task(self._note_changes())
        return await done

    async def _note_changes(self) -> None:
        while self._changes:
            together, self._changes = self._changes, []
            try:
                became = await insist(self._commit, [change for change, _ in together])
            except Exception as error:  # noqa: BLE001 - one odd change must not undo the others
                if len(together) == 1:
                    _tell(together[0][1], error)
                else:
                    await self._note_alone(together)
            else:
                for (_, done), number in zip(together, became, strict=True):
                    _tell(done, number)

    async def _note_alone(self, together: Sequence[tuple[Change, asyncio.Future[int]]]) -> None:
        for change, done in together:
            try:
                [number] = await insist(self._commit, [change])
            except Exception as error:  # noqa: BLE001 - told to whoever wanted it
                _tell(done, error)
            else:
                _tell(done, number)

    def _commit(self, changes: Sequence[Change]) -> list[int]:
        with self._database.work() as work:
            return [change(work) or 0 for change in changes]

    def _back_off(self, row: OutboxRow) -> float:
        return back_off(row.tries, random.random())  # noqa: S311 - jitter, no secret
