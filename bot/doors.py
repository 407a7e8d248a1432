"""The doors of one database transaction, as the edge sees them. wiring gives the real ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from handlers.accounts import Book
from handlers.casework import Places, Room
from handlers.factor import Safe
from handlers.given_up import Yard
from handlers.messages import Address
from handlers.ports import (
    Audit,
    Cases,
    Chats,
    Evidence,
    Facts,
    Jobs,
    People,
    Ports,
    Proposals,
    Questions,
    Reviews,
    Rules,
)
from knowledge_base.accounts import Account, Invitation, Passkey, Session
from knowledge_base.deliveries import Delivery, InboxRow, JobRow, MailboxRow, OutboxRow, Turn
from knowledge_base.facts import (
    AuditEntry,
    AuditFilter,
    Changes,
    FactCheck,
    Moderator,
    Pair,
    Person,
    Question,
    Role,
    Vanished,
)
from knowledge_base.figures import Counted, DayFigures, PartFigures, Standing
from knowledge_base.queue import Card, MediaNote, Order, Wish


class Inbox(Protocol):
    """Raw updates, stored before they are acknowledged."""

    def add(
        self,
        channel: str,
        account: str,
        external_id: str,
        chat: str,
        body: bytes,
        now: datetime,
        parked: str = "",
    ) -> bool:
        """Store one raw update encrypted; False when (channel, account, external_id) is known.

        `parked` stores it in quarantine at once with that reason (a body nobody can cut)."""

    def lease(self, now: datetime, seconds: float) -> tuple[InboxRow, ...]:
        """Lease all waiting, due rows of the one chat that has waited longest, oldest first;
        chats with a running lease are passed over. () when nothing is due."""

    def holds(self, rows: Sequence[InboxRow]) -> bool:
        """Are these rows still leased as they were given out?"""

    def again(self, ids: Sequence[int], due: datetime) -> None:
        """Give the rows back, to be leased not before `due` (gathering; not a failure)."""

    def done(self, ids: Sequence[int], now: datetime, person: str = "") -> None:
        """Handled; the body is kept 24 h for the retention rule, then deleted."""

    def failed(self, ids: Sequence[int], now: datetime, reason: str, tries: int = 5) -> bool:
        """Count a failure and back off; after `tries` park with the reason. True if parked."""

    def recover(self) -> int:
        """At start, where one process works: what was leased when it died waits again."""

    def next_due(self) -> datetime | None:
        """When the next waiting row is due; None when there is none."""

    def counts(self) -> Mapping[str, int]:
        """Rows by state: waiting, leased, done, parked."""


class Outbox(Protocol):
    """Messages to deliver, written in the transaction of what caused them."""

    def add(
        self,
        person: str,
        body: Mapping[str, Any],
        *,
        broadcast: bool = False,
        key: str = "",
        due: datetime | None = None,
        now: datetime,
    ) -> None:
        """Queue one Outgoing for this person; the same key is kept once."""

    def claim(
        self,
        now: datetime,
        limit: int = 20,
        channel: str = "",
        lease: float = 60.0,
        without: Sequence[str] = (),
    ) -> tuple[OutboxRow, ...]:
        """Take due messages (replies before broadcasts, one per chat at a time, in order),
        marked as sending; none of the channels in `without`. A row found in sending after its
        lease is given again and marked maybe_duplicate."""

    def finish(
        self, id: int, state: Delivery, now: datetime, *, platform_id: str = "", reason: str = ""
    ) -> None:
        """Final state, or held."""

    def later(self, id: int, due: datetime, reason: str, *, tried: bool = True) -> None:
        """Try again not before `due`; what was not tried this time is not counted."""

    def rewrite(self, id: int, body: Mapping[str, Any]) -> None:
        """What is left to send of it, while it and its person are kept."""

    def follow(self, channel: str, account: str, platform_id: str, state: Delivery) -> None:
        """A status from the platform; states only move forward."""

    def undelivered(
        self, channel: str, account: str, platform_id: str, now: datetime, *, hold: bool
    ) -> None:
        """The platform took a message and could not deliver it: held until the person writes
        again, or tried again a few times."""

    def settle(
        self, id: int, channel: str, account: str, platform_id: str, state: Delivery, now: datetime
    ) -> None:
        """A status names a message by our own number (outbox id) whose answer we never got: it
        did arrive, so it is not sent again."""

    def release_held(self, person: str, now: datetime) -> int:
        """The person wrote again: held messages wait for delivery once more."""

    def release_one(self, id: int, now: datetime) -> None:
        """The same for one message, if it is held."""

    def recover(self) -> int:
        """At start, where one process sends: what was being sent when it died is sent again."""

    def oldest_reply(self) -> datetime | None:
        """Since when the oldest message that is no broadcast could have gone; None when none
        waits."""

    def standing(self, id: int) -> Delivery | None:
        """Where this message stands now; None when it is gone."""

    def count_sending(self) -> int:
        """The number of this transaction among those that say that something was sent. What is
        noted of it outside carries the number, which an older copy has not come to."""

    def sendings(self) -> int:
        """How many such transactions there were."""

    def lacks(self, upto: int, now: datetime) -> None:
        """This database proves to be an older copy: what was sent after its newest such
        transaction, up to number `upto`, it does not know of. It counts on from there."""

    def lacking(self, since: datetime) -> tuple[tuple[int, int], ...]:
        """What it was found to lack since that time: (after this number, up to this one)."""

    def body(self, id: int) -> Mapping[str, Any] | None:
        """The Outgoing of this row, while it and its person are kept."""

    def next_due(self, without: Sequence[str] = ()) -> datetime | None:
        """When the next row can be claimed, none of the channels in `without`; None when there
        is none."""

    def counts(self) -> Mapping[str, int]:
        """Rows by state."""


class JobTable(Protocol):
    """The SQLite side of background work."""

    def claim(self, now: datetime) -> JobRow | None:
        """Take the next due job, marked as running."""

    def done(self, id: int) -> None:
        """Finished; the row goes."""

    def failed(self, id: int, now: datetime, reason: str, tries: int = 8) -> None:
        """Back off; after `tries` the job is parked with its reason (dead letter)."""

    def recover(self, *, alone: bool = True) -> int:
        """What was running when its process died waits again: at the start of the only process
        (`alone`) everything, among others only what has run too long."""

    def next_due(self) -> datetime | None:
        """When the next waiting job is due; None when there is none."""

    def counts(self) -> Mapping[str, int]:
        """Jobs by state: waiting, running, parked."""


class Contacts(Protocol):
    """The only place where persons meet addresses."""

    def at(self, address: Address, now: datetime) -> Person:
        """The person at this address; a new random one at first contact."""

    def known(self, address: Address) -> Person | None:
        """The person at this address, or None; creates nothing."""

    def address(self, person: str) -> Address | None:
        """Decrypted address, for sending only; None when erased or dropped."""

    def moved(self, old: Address, new: Address) -> None:
        """The platform says that this chat has a new address."""

    def erasures(self, since: datetime) -> Mapping[str, datetime]:
        """Keyed hashes of addresses that were erased after that time, each with the last time."""

    def erase_again(self, marks: Mapping[str, datetime]) -> int:
        """Erase whom this database still knows at one of these addresses, without a farewell, and
        keep that they were erased; gives how many people that were."""

    def lost(self, person: str) -> None:
        """The platform says that nobody can be reached there: blocked, gone, deactivated."""

    def wrote(self, person: str, now: datetime) -> None:
        """The person wrote at that time: opens the reply window, clears `unreachable`."""

    def window_end(self, person: str) -> datetime | None:
        """When they last wrote (for the 24-hour window); None when never."""

    def limit_key(self, address: Address, now: datetime) -> str:
        """Key for rate limits: survives erasure, holds no address, changes each month."""

    def turn(self, limit_key: str, now: datetime, a_minute: int, a_day: int) -> Turn:
        """May one more message under this key be worked on? Counts it if so. Once a limit is
        reached nothing is taken until a time that is told once, to the full minute."""


class Mailbox(Protocol):
    """Both sides of a browser or terminal chat, by address value, kept encrypted for a day."""

    def put(self, chat: str, ours: bool, body: Mapping[str, Any], now: datetime) -> int:
        """Append one line; gives its sequence number."""

    def change(self, chat: str, seq: int, body: Mapping[str, Any]) -> None:
        """Replace a line (an edited message)."""

    def since(self, chat: str, seq: int, limit: int = 200) -> tuple[MailboxRow, ...]:
        """Lines after `seq`, in order."""


class Desk(Protocol):
    """Moderators, one-time links and login sessions. Tokens are stored as hashes only."""

    def add(self, name: str, role: Role, org: str, now: datetime) -> Moderator:
        """A new moderator; Refused when the name is taken."""

    def list(self) -> tuple[Moderator, ...]:
        """All moderators by name."""

    def by_name(self, name: str) -> Moderator | None:
        """One moderator by name."""

    def revoke(self, name: str, now: datetime) -> None:
        """Disable and end all sessions; Refused when unknown or the last active admin."""

    def link(self, name: str, now: datetime, minutes: int = 15) -> str:
        """A new one-time login token; older unused ones of the person stop working."""

    def knock(self, house: str, now: datetime) -> int:
        """Count a try to log in from this network address, in whichever process: 0 when it may
        be made, else whole seconds until the next may."""

    def redeem(self, token: str, now: datetime) -> str | None:
        """Use a one-time token; gives a new session token, or None when it is not valid."""

    def end(self, token: str) -> None:
        """Log out."""

    def save_draft(self, moderator: int, code: str, draft: Mapping[str, Any]) -> None:
        """Keep what a moderator is writing on a question."""

    def drop_drafts(self, code: str) -> None:
        """Forget what anybody was writing on this question: it is answered."""

    def draft(self, moderator: int, code: str) -> Mapping[str, Any] | None:
        """What this moderator had written on this question."""


class Accounts(Book, Protocol):
    """Accounts as the web and the tasks need them."""

    def everyone(self, now: datetime) -> tuple[Account, ...]:
        """Everybody by name, with use and second factor."""

    def session(self, token: str, now: datetime) -> Session | None:
        """The session of this cookie; None when unknown, ended, or its person is disabled."""

    def sessions(self, moderator: int, now: datetime) -> tuple[Session, ...]:
        """Live sessions of a person, the newest first."""

    def present(self, now: datetime) -> tuple[Session, ...]:
        """Who is here: the newest session of everybody seen in the last ten minutes."""

    def invitations(self, now: datetime) -> tuple[Invitation, ...]:
        """Open and recently used invitations, the newest first."""


class Factors(Safe, Protocol):
    """Second factors as the web needs them."""

    def recovery_left(self, moderator: int) -> int:
        """How many recovery codes are left."""

    def passkeys(self, moderator: int) -> tuple[Passkey, ...]:
        """The passkeys of a person, the oldest first."""

    def keep_passkey(self, key: Passkey) -> None:
        """A new passkey; Refused when it is known already or there are too many."""

    def passkey_used(self, key: str, count: int, now: datetime) -> None:
        """A passkey was used; its counter stands here now."""

    def drop_passkey(self, moderator: int, key: str) -> bool:
        """Remove a passkey of this person; False when it is not theirs."""

    def set_challenge(self, session: Session, challenge: str) -> None:
        """What the browser is asked to sign; it replaces what was asked before."""

    def take_challenge(self, session: Session) -> str:
        """What the browser was asked to sign, once; empty when nothing was."""


class DeskChats(Chats, Protocol):
    """Desk chats as the web and the sender need them."""

    def new_code(self, moderator: int, now: datetime, *, group: bool = False) -> str:
        """A code that links one chat, once, within ten minutes; older ones stop working."""

    def set_pin(self, moderator: int, pin: str) -> None:
        """A new PIN. Raises Refused when it is not 6 to 12 digits or easily guessed."""

    def card_sent(self, name: str, ref: str) -> None:
        """The platform calls this card so."""

    def card_ref(self, name: str) -> str:
        """What the platform calls this card; empty while it is not sent."""


class Figures(Protocol):
    """Numbers about the work; no person is in them."""

    def sums(self, since: datetime, zone: str) -> Sequence[DayFigures]:
        """One row for each local day since then, without gaps, the newest last."""

    def by(self, what: str, since: datetime, zone: str) -> Sequence[PartFigures]:
        """The same questions cut by "topic" or "channel", the most asked first."""

    def due(self, zone: str) -> Counted:
        """What is counted on rows that are forgotten soon, of yesterday and today."""

    def keep(self, counted: Counted) -> None:
        """Note what was due."""

    def standing(self) -> Standing:
        """What waits, since when, and who worked on questions in the last 24 hours."""

    def backlog(self) -> int:
        """How many questions are open."""

    def taken(self, now: datetime) -> Mapping[int, tuple[str, ...]]:
        """Which open questions each person of the desk has taken, by their number."""


class Tally(Protocol):
    """Counts for the operator."""

    def ignored(self, channel: str, kind: str) -> None:
        """One more update of this kind was left out on purpose; kinds are a closed list."""

    def billed(self, channel: str, day: date) -> None:
        """The platform says that it bills one more message, on this day (UTC)."""

    def announced(self, channel: str, day: date, *, correction: bool = False) -> None:
        """One more template went out, on this day (UTC)."""

    def announced_on(self, channel: str, day: date) -> int:
        """How many templates went out on this day (UTC)."""

    def corrections_on(self, channel: str, day: date) -> int:
        """How many of them were corrections."""

    def all_ignored(self) -> Mapping[tuple[str, str], int]:
        """How many by (channel, kind), since the installation began."""

    def all_billed(self) -> Mapping[tuple[str, date], int]:
        """How many by (channel, day)."""


class Clockwork(Protocol):
    """What was written while the clock was ahead of the time it shows now."""

    def ahead(self, now: datetime) -> bool:
        """Is there anything to put right? Cheap."""

    def put_right(self, now: datetime) -> int:
        """Take one batch of what waits, or is being worked on, back to the present; gives how
        many rows that were."""


class DeskQueue(Places, Protocol):
    """The moderators' list."""

    def order(self, wish: Wish, now: datetime, limit: int = 20_000) -> Order:
        """Which questions this wish leaves, and in which two orders."""

    def count(self, wish: Wish, now: datetime) -> int:
        """How many questions this wish leaves."""

    def cards(self, ids: Sequence[int], now: datetime) -> tuple[Card, ...]:
        """These questions as cards, in this order."""

    def pulse(self) -> str:
        """Something that is different whenever the queue may look different; cheap."""

    def acts(self) -> int:
        """How much people at the desks have done: different whenever one of them did something."""


class Library(Facts, Protocol):
    """Fact-checks as import, search and pages need them."""

    def browse(
        self,
        text: str = "",
        numbers: Sequence[int] | None = None,
        topic: str = "",
        verdict: str = "",
        state: str = "",
        checked_before: date | None = None,
        limit: int = 50,
        offset: int = 0,
    ) -> tuple[FactCheck, ...]:
        """Fact-checks that fit, the newest number first; aged ones the oldest check first;
        `numbers` in their own order. `text` is a number or words that stand in it."""

    def count(self) -> Mapping[str, int]:
        """How many fact-checks there are in each state."""

    def topics(self) -> frozenset[str]:
        """Every topic that a fact-check has."""

    def after(self, revision: int, number: int, limit: int) -> tuple[tuple[int, FactCheck], ...]:
        """Published fact-checks after this place in the order of their last change, each with
        its revision."""

    def revision(self) -> int:
        """Number of the newest change the search has to know of; cheap."""

    def changed(self, numbers: Collection[int], since: int) -> bool:
        """Has one of these changed after revision `since`? Otherwise none of them does until this
        transaction ends."""

    def mark(self, revision: int) -> str:
        """The random mark of this change, by which copies of a database that went different
        ways are told apart; empty when it is too long ago."""

    def changes(self, since: int) -> Changes[FactCheck]:
        """Published fact-checks that are new or other since revision `since`, and the numbers
        (as text) of those that must not be found any more. Cheap when nothing changed."""


class Upkeep(Protocol):
    """What keeps the knowledge base fresh."""

    def place(self, task: str) -> str:
        """Where a round of this task stands; empty before the first one."""

    def keep_place(self, task: str, place: str) -> None:
        """Remember where it stands."""

    def source_checked(self, number: int, url: str, reachable: bool, detail: str) -> None:
        """Whether a source of this fact-check answered just now, and what it said."""

    def fresh(self, urls: Sequence[str], since: datetime) -> frozenset[str]:
        """Those of these sources that were looked at since then."""

    def failing(self, before: datetime, limit: int) -> tuple[tuple[int, str], ...]:
        """Sources that failed last time, before then: (fact-check, address)."""

    def vanished(self, limit: int = 50) -> tuple[Vanished, ...]:
        """Sources of published fact-checks that failed again and again, the longest first."""

    def copied(self, url: str, archived: str) -> None:
        """The Internet Archive holds this copy of a source that was looked at."""

    def copies(self, urls: Sequence[str]) -> Mapping[str, str]:
        """The id of the copy of each of these sources that the Internet Archive holds."""

    def gone(self, urls: Sequence[str]) -> frozenset[str]:
        """Those of these sources that vanished."""


class Queue(Questions, Protocol):
    """Questions as search, desk and figures need them."""

    def count(self) -> Mapping[str, int]:
        """How many questions there are in each state."""

    def asked_at(self, code: str, limit: int = 1000) -> tuple[datetime, ...]:
        """When it was asked, newest first: the growth of a question."""

    def media(self, code: str, limit: int = 1000) -> tuple[MediaNote, ...]:
        """What came with the newest messages about this, by kind, the most frequent first."""

    def together(self, codes: Collection[str]) -> int:
        """How many distinct people asked these questions."""

    def revision(self) -> int:
        """Number of the newest change the search has to know of; cheap."""

    def changes(self, since: int) -> Changes[Question]:
        """Open questions that are new or other since revision `since`, and the codes of those
        that are open no more. Cheap when nothing changed."""

    def reworded(self, seen: Collection[tuple[str, str]]) -> bool:
        """Has one of these questions, seen as (code, words), other words by now? Otherwise none
        of them gets any from others until this writing transaction ends. Who joins changes none."""


class Pairs(Evidence, Protocol):
    """Labelled pairs, to be read for fitting."""

    def pairs(self, after: int = 0, limit: int = 1000) -> tuple[Pair, ...]:
        """Labelled pairs in order, one page after pair `after`."""


class AuditLog(Audit, Protocol):
    """The audit log, to be read and checked."""

    def about(self, object_: str, limit: int = 100) -> tuple[AuditEntry, ...]:
        """What happened to one object, newest first."""

    def search(
        self, wanted: AuditFilter, before: int = 0, limit: int = 50
    ) -> tuple[AuditEntry, ...]:
        """Entries that fit, newest first, one page before number `before` (0: from the end)."""

    def names(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Everybody who ever did something, and everything that was done."""

    def sign(self, text: str) -> str:
        """The master key's signature under this text."""

    def signed(self, text: str, signature: str) -> bool:
        """Was this signed by this master key, or one before it?"""

    def verify(self) -> int | None:
        """Walk the whole chain; gives the number of the first entry that is wrong, or None."""


class Work(Protocol):
    """One transaction with every door in it."""

    @property
    def facts(self) -> Library:
        """Fact-checks."""

    @property
    def questions(self) -> Queue:
        """Submissions and the queue."""

    @property
    def people(self) -> People:
        """Persons without addresses."""

    @property
    def evidence(self) -> Pairs:
        """Labelled pairs."""

    @property
    def audit(self) -> AuditLog:
        """The audit log."""

    @property
    def jobs(self) -> Jobs:
        """Follow-up work, enqueued."""

    @property
    def inbox(self) -> Inbox:
        """Raw updates."""

    @property
    def outbox(self) -> Outbox:
        """Messages to deliver."""

    @property
    def job_table(self) -> JobTable:
        """Follow-up work, for the runner."""

    @property
    def contacts(self) -> Contacts:
        """Persons and their addresses."""

    @property
    def mailbox(self) -> Mailbox:
        """Browser and terminal chats."""

    @property
    def desk(self) -> Desk:
        """Moderators."""

    @property
    def proposals(self) -> Proposals:
        """What waits for a second person."""

    @property
    def reviews(self) -> Reviews:
        """Votes and objections."""

    @property
    def upkeep(self) -> Upkeep:
        """What keeps the knowledge base fresh."""

    @property
    def accounts(self) -> Accounts:
        """Sessions, roles, invitations."""

    @property
    def figures(self) -> Figures:
        """Numbers about the work."""

    @property
    def factors(self) -> Factors:
        """Second factors."""

    @property
    def chats(self) -> DeskChats:
        """The desk in messengers."""

    @property
    def yard(self) -> Yard:
        """What was given up."""

    @property
    def tally(self) -> Tally:
        """Counts for the operator."""

    @property
    def clockwork(self) -> Clockwork:
        """Times in the future, taken back."""

    @property
    def queue(self) -> DeskQueue:
        """The moderators' list."""

    @property
    def cases(self) -> Cases:
        """Who works on what."""

    def forget_old(self, now: datetime, only: Collection[str] = ()) -> Mapping[str, int]:
        """One batch of these retention rules, of all when none is named (decision 13, privacy.md
        3); counts by rule."""


def ports(work: Work, now: datetime, rules: Rules) -> Ports:
    """What a handler gets of this transaction."""
    return Ports(
        facts=work.facts,
        questions=work.questions,
        people=work.people,
        evidence=work.evidence,
        audit=work.audit,
        jobs=work.jobs,
        proposals=work.proposals,
        reviews=work.reviews,
        desk=work.desk,
        chats=work.chats,
        cases=work.cases,
        now=now,
        rules=rules,
    )


def room(work: Work, now: datetime, rules: Rules) -> Room:
    """What working on questions gets of this transaction."""
    return Room(ports(work, now, rules), work.cases)


class Database(Protocol):
    """The one way to the database."""

    def work(self) -> AbstractContextManager[Work]:
        """A writing transaction (BEGIN IMMEDIATE): commits at the end, rolls back on error."""

    def read(self) -> AbstractContextManager[Work]:
        """A reading transaction."""

    def ready(self) -> None:
        """Raises KnowledgeError when the database does not answer or its schema is not ours."""

    def check(self) -> None:
        """Raises KnowledgeError when pages of the database are damaged (SQLite); reads all."""
