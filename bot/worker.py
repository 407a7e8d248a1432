"""Handle: parse, gather, search, route, one commit."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock

import structlog

from bot import receipts
from bot.abreast import SEARCHES, Overtaken, revision, still_so
from bot.channels import UNTOLD, Channel, ChannelError, KnowsAdmins, NamesKinds
from bot.doors import Database, Work, ports
from bot.logs import where
from bot.patience import insist
from bot.wakeup import Bell
from bot.window import watch
from handlers import groups, start
from handlers.messages import Act, Address, Do, Incoming, Outgoing, pack
from handlers.ports import Call, Finder, Found, Rules
from handlers.routes import Needs, leaves, must_wait, route, text_to_check
from knowledge_base.deliveries import INBOX_TRIES, InboxRow, Turn
from knowledge_base.facts import Person
from knowledge_base.search.findings import Decision
from knowledge_base.search.text import fingerprint

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
GATHER = timedelta(seconds=1.5)
A_MOMENT = timedelta(seconds=3)  # between two that belong together, by the platform's whole seconds
SWITCHED_OFF = timedelta(minutes=5)  # until we look again for a channel that is off
LEASE = 60.0
YIELD, YIELDS = 0.01, 25  # seconds, and how often in a row: a quarter of a second at most
PAGE_YIELDS = 3  # how often in a row for a page
LATE = timedelta(seconds=0.3)  # messages that have waited so long wait for no page
STALE = timedelta(days=30)  # as long as ids are remembered: older ones could come twice
ACTED = frozenset({Act.MESSAGE, Act.EDIT})
SLOW = 0.7  # seconds of work before we show that we are at it
AT_ONCE = frozenset({Act.INLINE, Act.GUEST})
SILENT = frozenset({Act.BLOCKED, Act.LEFT, Act.REVOKED, Act.REACTION})  # opens no reply window
ACKNOWLEDGED = frozenset({Act.MESSAGE, Act.EDIT, Act.PRESS})
DIED = "the process died of it again and again"
NOBODY = "nobody"  # no person has this id: what is done for it keeps no body
POLL = 0.5

# How much of what is worked on for one address, in a minute and a day (faults G1):
CHECKED = ("", 10, 100)
ELSE = ("/else", 30, 2_000)  # small talk, commands and taps
LEAVE = ("/leave", 30, 2_000)  # delete my data, stop: whatever else was sent too fast
GROUP = ("", 15, 500)  # in one group; Telegram lets us say 20 things a minute there


class LeaseLost(Exception):
    """The work took longer than the lease, and somebody else has the rows now."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Inbox rows that are one submission: an album, a caption and its picture, or one row."""

    rows: tuple[InboxRow, ...]
    message: Incoming | None  # None: a kind of update that is ignored on purpose
    more: tuple[Incoming, ...] = ()  # what else the same row holds: done together or not at all

    @property
    def ids(self) -> tuple[int, ...]:
        """The inbox ids of the rows."""
        return tuple(row.id for row in self.rows)

    @property
    def messages(self) -> tuple[Incoming, ...]:
        """Everything in it."""
        return (self.message, *self.more) if self.message is not None else ()

    @property
    def given_up(self) -> bool:
        """Did the process die of it so often that it must not be tried once more?"""
        return any(row.tries >= INBOX_TRIES for row in self.rows)

    @property
    def newest(self) -> datetime:
        """When its last part arrived."""
        return max(row.received for row in self.rows)


def join_album(parts: Sequence[Incoming]) -> Incoming:
    """One message out of the parts of an album: all media, the one caption, the first place. The
    part with the caption stands for it: that is the one an edit names."""
    first = parts[0]
    return replace(
        first,
        ref=next((part.ref for part in parts if part.text), first.ref),
        text="\n".join(part.text for part in parts if part.text),
        media=tuple(media for part in parts for media in part.media),
        links=tuple(link for part in parts for link in part.links),
    )


def gather(read: Sequence[tuple[InboxRow, Sequence[Incoming]]]) -> list[Unit]:
    """Rows of one chat as units, in order; parts of an album come together (decision 3), and so
    do the messages of one row."""
    units: list[Unit] = []
    albums: dict[str, int] = {}
    for row, messages in read:
        if not messages:
            units.append(Unit((row,), None))
        home: int | None = None
        for message in messages:
            known = albums.get(message.album) if message.album else None
            if known is not None:
                units[known] = _with_part(units[known], row, message)
            elif home is not None:
                units[home] = replace(units[home], more=(*units[home].more, message))
                known = home
            else:
                known = len(units)
                units.append(Unit((row,), message))
                if message.album:
                    albums[message.album] = known
            home = known
    return units


def _with_part(unit: Unit, row: InboxRow, part: Incoming) -> Unit:
    """An album and one more part of it."""
    rows = unit.rows if row in unit.rows else (*unit.rows, row)
    parts = [unit.message, part] if unit.message else [part]
    return replace(unit, rows=rows, message=join_album(parts))


def fold_fillers(units: Sequence[Unit]) -> Iterator[Unit]:
    """A greeting or "is this true?" that is followed by a message belongs to that message."""
    waiting: tuple[InboxRow, ...] = ()
    for index, unit in enumerate(units):
        followed = any(_soon_after(unit, later) for later in units[index + 1 :])
        alone = unit.message is not None and not unit.more and not unit.given_up
        if alone and followed and unit.message and must_wait(unit.message):
            waiting = (*waiting, *unit.rows)
            continue
        yield replace(unit, rows=(*waiting, *unit.rows))
        waiting = ()


def _soon_after(unit: Unit, later: Unit) -> bool:
    """Did this message come so soon that the one before may belong to it? After an hour without
    us both lie here side by side, and were sent at different times."""
    first, second = unit.message, later.message
    if first is None or second is None or second.act is not Act.MESSAGE:
        return False
    told = first.at > UNTOLD and second.at > UNTOLD
    sent = second.at - first.at if told else timedelta()
    return later.newest - unit.newest <= GATHER and sent <= A_MOMENT


class Worker:
    """Turns stored updates into effects and outbox rows, chat by chat."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        finder: Finder,
        rules: Rules,
        clock: Clock,
        bell: Bell,
        committed: Callable[[], None],
        after: Callable[[str], None] = lambda step: None,
        arriving: Callable[[], bool] = lambda: False,
        visited: Callable[[], bool] = lambda: False,
        matching: Lock | None = None,
    ) -> None:
        self._arriving = arriving  # deliveries are waiting to be acknowledged
        self._visited = visited  # somebody waits for a page
        self._matching = matching or Lock()  # one message at a time: more would only share a core
        self._database = database
        self._channels = channels
        self._finder = finder
        self._rules = rules
        self._clock = clock
        self._bell = bell
        self._committed = committed
        self._after = after  # named steps, for the kill tests
        self._signs: set[asyncio.Task[None]] = set()
        self._busy = False  # there was something to do the last time
        self._due: datetime | None = None  # when there will be something
        self._next: tuple[InboxRow, ...] = ()  # leased in the commit of what was done before
        self._looked = False  # that commit looked for more
        self._lag = timedelta()  # how long the last message had waited when its turn came
        self._stopping = False

    async def _let_others_pass(self) -> None:
        """In a flood what arrives is stored first: it may be lost, what is stored may only wait.
        Then comes the page that somebody looks at the empty place of, unless messages are late.

        Never for long: people wait for answers, too."""
        await self._yield_to(self._arriving, YIELDS)
        if self._lag < LATE:
            await self._yield_to(self._visited, PAGE_YIELDS)

    async def _yield_to(self, others: Callable[[], bool], most: int) -> None:
        for _ in range(most):
            if not others() or self._stopping:
                return
            await asyncio.sleep(YIELD)

    async def run(self) -> None:
        """Handle until stopped; the chat under way is finished first."""
        while not self._stopping:
            try:
                await self._let_others_pass()
                found = await self.step(ahead=True)
            except Exception as error:  # noqa: BLE001 - the worker outlives whatever it meets
                log.error("worker fault", reason=type(error).__name__, where=where(error))
                await asyncio.sleep(POLL)
                continue
            if not found:
                await self._bell.wait(self._pause())
        await self._give_back([Unit(self._next, None)], self._clock())

    def stop(self) -> None:
        """Finish the chat under way, then return from run()."""
        self._stopping = True
        self._bell.ring()

    async def step(self, *, ahead: bool = False) -> bool:
        """Handle the waiting rows of one chat, in order; False when nothing is due (any more).

        Behind a message that waits or has failed, the rest of its chat waits too. With `ahead`
        the last commit leases the next chat as well: one transaction and one write to the disk
        less for each message.
        """
        rows, self._next = self._next, ()
        if not rows:
            rows, self._due = await insist(self._lease, self._busy)
        self._busy, self._looked = bool(rows), False
        if not rows:
            return False
        self._lag = self._clock() - rows[-1].received
        self._after("lease_taken")
        read = [(row, messages) for row in rows if (messages := await self._read(row)) is not None]
        units = tuple(fold_fillers(gather(read)))
        for place, unit in enumerate(units, start=1):
            due = await self._handle(unit, ahead=ahead and place == len(units))
            if due is not None:
                await self._give_back(units[place:], due)
                break
        self._busy = not self._looked
        return self._busy or bool(self._next)

    def _lease(self, expected: bool) -> tuple[tuple[InboxRow, ...], datetime | None]:
        """The rows of the next chat, or when there will be some. Where none are `expected`, it
        looks before it asks for a writing transaction: every ring wakes all workers."""
        if not expected:
            with self._database.read() as work:
                due = work.inbox.next_due()
            if due is None or due > self._clock():
                return (), due
        with self._database.work() as work:
            return self._leased(work)

    def _leased(self, work: Work) -> tuple[tuple[InboxRow, ...], datetime | None]:
        rows = work.inbox.lease(self._clock(), LEASE)
        return rows, None if rows else work.inbox.next_due()

    def _pause(self) -> float:
        """Seconds until it makes sense to look again, if nobody rings."""
        if self._due is None:
            return POLL
        return min(POLL, max(0.01, (self._due - self._clock()).total_seconds()))

    async def _read(self, row: InboxRow) -> list[Incoming] | None:
        """Parse one row; a row nobody can read counts as a failure of its own."""
        channel = self._channels.get(row.channel)
        if channel is None:
            await self._give_back([Unit((row,), None)], self._clock() + SWITCHED_OFF)
            return None
        try:
            return channel.parse(json.loads(row.body))
        except Exception as error:  # noqa: BLE001 - any parser fault parks this row, not the others
            await self._failed(Unit((row,), None), error)
            return None

    async def _handle(self, unit: Unit, *, ahead: bool = False) -> datetime | None:
        """Handle one unit; gives until when its chat has to wait, if it must."""
        message = unit.message
        if unit.given_up:
            await self._park(unit, DIED)
            return None
        if message is not None and self._should_wait(unit, message):
            due = unit.newest + GATHER
            await self._give_back([unit], due)
            self._show_work(message, 0.0)
            return due
        sign = self._show_work(message, SLOW)
        try:
            messages = [await self._with_rank(each) for each in unit.messages]
            if len(messages) == 1 and messages[0].act in AT_ONCE:
                await self._answer_at_once(unit, messages[0])
            else:
                await insist(self._find_and_commit, unit, messages, ahead)
        except LeaseLost:
            log.warning("somebody else handles this", rows=unit.ids)
        except Exception as error:  # noqa: BLE001 - the top of a loop: this unit is kept, others go on
            await self._failed(unit, error)
            return self._clock()
        else:
            self._after("handled")
            self._committed()
        finally:
            sign.cancel()  # the answer is a better sign, and must not be followed by this one
        return None

    def _show_work(self, message: Incoming | None, delay: float) -> asyncio.Task[None]:
        """Mark as read and show typing, unless the answer comes before `delay` is over."""
        task = asyncio.create_task(self._sign(message, delay))
        self._signs.add(task)
        task.add_done_callback(self._signs.discard)
        return task

    async def _sign(self, message: Incoming | None, delay: float) -> None:
        if message is None or message.group or message.act is not Act.MESSAGE:
            return
        await asyncio.sleep(delay)
        channel = self._channels[message.address.channel]
        try:
            await channel.send(message.address, Outgoing("", do=Do.TYPING, ref=message.ref))
        except ChannelError as error:
            log.info("typing not shown", channel=channel.name, reason=str(error))

    def _should_wait(self, unit: Unit, message: Incoming) -> bool:
        young = self._clock() - unit.newest < GATHER
        return young and (bool(message.album) or (not unit.more and must_wait(message)))

    async def _with_rank(self, message: Incoming) -> Incoming:
        """Where a route needs it, the platform says whether the sender decides for the group."""
        channel = self._channels.get(message.address.channel)
        unknown = route(message).needs is Needs.ADMIN and not message.by_admin
        if not unknown or not isinstance(channel, KnowsAdmins):
            return message
        try:
            rank = await channel.is_admin(message.address, message.sender)
        except ChannelError as error:
            if not error.permanent:
                raise
            return message  # the platform does not know this member: nobody who decides
        return replace(message, by_admin=rank)

    async def _answer_at_once(self, unit: Unit, message: Incoming) -> None:
        """Answer a query that dies within seconds. Nothing is kept: no person, no outbox row;
        a crash or a refusal costs one list of cards, which the next letter typed brings back."""
        channel = self._channels[message.address.channel]
        for outgoing in await insist(self._cards, message):
            try:
                await channel.send(message.address, outgoing)
            except ChannelError as error:
                log.info("query not answered", channel=channel.name, reason=str(error))

        def done() -> None:
            with self._database.work() as work:
                work.inbox.done(unit.ids, self._clock(), NOBODY)

        await insist(done)

    def _cards(self, message: Incoming) -> list[Outgoing]:
        found = self._search(message)
        self._after("matched")
        somebody = Person(id=NOBODY, channel=message.address.channel, language=message.language)
        with self._database.read() as work:
            doors = ports(work, self._clock(), self._rules)
            return route(message).handler(Call(message, somebody, doors, found, ""))

    def _search(self, message: Incoming) -> Found | None:
        """What the search says, where the route needs it. Open questions are compared only if
        the fact-checks give no clear answer."""
        chosen = route(message)
        if not _searches(message):
            return None
        if chosen.only_if and not self._holds(message.address, chosen.only_if):
            return None
        text = text_to_check(message)
        result = self._finder.find(text)
        clear = result.decision is Decision.ANSWER and not result.parts
        same = () if clear else self._finder.same_question(text)
        return Found(result, same, fingerprint(text))

    def _holds(self, address: Address, condition: Callable[[Person], bool]) -> bool:
        """Is this so of whoever is at the address? Of a stranger nothing is."""
        with self._database.read() as work:
            person = work.contacts.known(address)
        return person is not None and condition(person)

    def _find_and_commit(self, unit: Unit, messages: Sequence[Incoming], ahead: bool) -> None:
        """Search, then the one transaction; once more where what was found changed in between."""
        for _ in range(SEARCHES):
            before = revision(self._database) if any(map(_searches, messages)) else 0
            with self._matching:
                found = [self._search(message) for message in messages]
            self._after("matched")
            if self._commit(unit, messages, found, before, ahead):
                return
        raise Overtaken

    def _commit(
        self,
        unit: Unit,
        messages: Sequence[Incoming],
        found: Sequence[Found | None],
        before: int,
        ahead: bool,
    ) -> bool:
        """Effects, outgoing messages, follow-ups and the done mark, of everything in the unit; and
        with `ahead` the next lease. False, and nothing is done, where what was found has changed
        since revision `before` of the knowledge base."""
        now, person = self._clock(), ""
        with self._database.work() as work:
            if not work.inbox.holds(unit.rows):
                raise LeaseLost
            if not still_so(work, before, [said for said in found if said]):
                return False
            for row in unit.rows if not messages else ():
                work.tally.ignored(row.channel, self._kind(row))
            for message, said in zip(messages, found, strict=True):
                person = self._effects(work, message, said, now) or person
            work.inbox.done(unit.ids, now, person)
            looked = ahead and not self._stopping
            rows, due = self._leased(work) if looked else ((), None)
            self._after("before_commit")
        if looked:
            self._looked, self._next, self._due = True, rows, due
        return True

    def _kind(self, row: InboxRow) -> str:
        """The name of what is left out, where its channel can tell."""
        channel = self._channels[row.channel]
        return channel.kind_of(json.loads(row.body)) if isinstance(channel, NamesKinds) else "other"

    def _effects(self, work: Work, message: Incoming, found: Found | None, now: datetime) -> str:
        if message.act is Act.RECEIPT:
            receipts.note(work, message, now)
            return ""
        if message.act is Act.MOVED:
            _move(work, message)
            return ""
        if message.act in ACTED and now - written(message, now) > STALE:
            log.info("a message from long ago is not answered", channel=message.address.channel)
            return ""
        person = work.contacts.at(message.address, now)
        if message.act is Act.BLOCKED:
            work.contacts.lost(person.id)
        elif message.act not in SILENT:
            work.contacts.wrote(person.id, written(message, now))
            person = replace(person, unreachable=False)  # handlers save what they were given
            if not message.group:
                work.outbox.release_held(person.id, now)
        said = self._answer(work, message, person, found, now)
        limits = self._channels[message.address.channel].limits
        if said and limits.one_reply and message.ref and message.act in ACKNOWLEDGED:
            said = _reading(said, person.id, message.ref)
        for outgoing in said:
            add_outgoing(work, outgoing, now)
        watch(work, ports(work, now, self._rules), limits, person.id)
        return person.id

    def _answer(
        self, work: Work, message: Incoming, person: Person, found: Found | None, now: datetime
    ) -> list[Outgoing]:
        call = Call(message, person, ports(work, now, self._rules), found, secrets.token_hex(5))
        chosen = route(message)
        counted = found if chosen.only_if is None else None
        turn = take_turn(work, message, counted, now, leaves=leaves(call, chosen))
        if not turn.taken:
            refuse = groups.too_many if message.group else start.too_many
            return [] if turn.told else refuse(replace(call, found=counted), turn)
        if chosen.handler is start.quiet:
            work.tally.ignored(message.address.channel, f"route: {chosen.name}")
        return chosen.handler(call)

    async def _give_back(self, units: Sequence[Unit], due: datetime) -> None:
        ids = [number for unit in units for number in unit.ids]

        def write() -> None:
            with self._database.work() as work:
                work.inbox.again(ids, due)

        if ids:
            await insist(write)

    async def _failed(self, unit: Unit, error: Exception) -> None:
        """Count the failure; a parked message still gets a neutral receipt, if that works."""
        await self._park(unit, f"{type(error).__name__} at {where(error)}")

    async def _park(self, unit: Unit, reason: str) -> None:
        log.warning("not handled", rows=unit.ids, reason=reason)
        try:
            await insist(self._count_failure, unit, reason, self._receipt)
        except Exception as fault:  # noqa: BLE001 - what broke the message may break the receipt
            log.error("no receipt", rows=unit.ids, reason=type(fault).__name__, where=where(fault))
            await insist(self._count_failure, unit, reason, lambda *_: None)
        self._committed()

    def _count_failure(
        self, unit: Unit, reason: str, say: Callable[[Work, Incoming, datetime], None]
    ) -> None:
        now = self._clock()
        with self._database.work() as work:
            parked = work.inbox.failed(unit.ids, now, reason)
            waiting = next((each for each in unit.messages if _somebody_waits(each)), None)
            if parked and waiting is not None:
                say(work, waiting, now)

    def _receipt(self, work: Work, message: Incoming, now: datetime) -> None:
        person = work.contacts.at(message.address, now)
        call = Call(message, person, ports(work, now, self._rules), None, "")
        for outgoing in start.received(call):
            add_outgoing(work, outgoing, now)


def _searches(message: Incoming) -> bool:
    return route(message).needs is Needs.SEARCH


def _move(work: Work, message: Incoming) -> None:
    """The chat has a new address; a person may have been known by another name, too."""
    new = replace(message.address, value=message.text)
    for old in filter(None, (message.address.value, message.payload.get("also"))):
        work.contacts.moved(replace(message.address, value=old), new)


def _reading(said: Sequence[Outgoing], person: str, ref: str) -> list[Outgoing]:
    """The same messages, of which the first to this person marks theirs as read."""
    first = next((place for place, one in enumerate(said) if one.to == person), None)
    if first is None:
        return [Outgoing(person, Do.TYPING, ref=ref), *said]
    return [*said[:first], replace(said[first], reads=ref), *said[first + 1 :]]


def _somebody_waits(message: Incoming) -> bool:
    return message.act in {Act.MESSAGE, Act.EDIT, Act.PRESS} and not message.group


def written(message: Incoming, now: datetime) -> datetime:
    """When the person wrote, as far as the platform says. What piled up while we were away
    was not sent too fast, and a reply window began when they wrote, not when we read."""
    return min(message.at, now) if message.at > UNTOLD else now


def take_turn(
    work: Work, message: Incoming, found: Found | None, now: datetime, *, leaves: bool
) -> Turn:
    """May this be worked on now? Counted for the chat it came from, when it was written: what is
    checked, and apart from it everything else somebody says to us alone; and apart from that what
    takes back what they gave us (`leaves`), which no flood of theirs keeps from them."""
    if message.group:
        limit = GROUP if found else None
    elif leaves:
        limit = LEAVE
    elif found and found.result.checkable:
        limit = CHECKED
    else:
        limit = ELSE if message.act in ACKNOWLEDGED else None
    if limit is None:
        return Turn(taken=True)
    at, (kind, a_minute, a_day) = written(message, now), limit
    key = work.contacts.limit_key(message.address, at)
    return work.contacts.turn(f"{key}{kind}", at, a_minute, a_day)


def add_outgoing(work: Work, message: Outgoing, now: datetime) -> None:
    """Put one message of a handler into the outbox of the running transaction."""
    work.outbox.add(
        message.to, pack(message), broadcast=message.broadcast, key=message.key, now=now
    )
