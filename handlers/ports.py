"""What a handler may use: doors to the running transaction, the search, the clock, the rules.

The store gives Facts, Questions, People and Evidence bound to one transaction; nothing here is
async and nothing here knows a platform. Errors: `Refused` for input that cannot be taken,
`Stale` when somebody else was faster (both in knowledge_base.facts).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from handlers.messages import Incoming, Outgoing
from knowledge_base.chats import DeskChat, PinCheck, Tap
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    Address,
    AuditEntry,
    FactCheck,
    Moderator,
    Outcome,
    Person,
    Proposal,
    ProposalState,
    Question,
    Saved,
    Submission,
    Told,
    Version,
    Votes,
)
from knowledge_base.queue import Comment, Escalation, Lease, View, Wording
from knowledge_base.search.findings import Match, Result


class Facts(Protocol):
    """Fact-checks with all their versions."""

    def get(self, number: int) -> FactCheck | None:
        """The current version, whatever its state; None if there is no such number."""

    def by_identity(self, identity: str) -> FactCheck | None:
        """The current version by the importer's stable identity."""

    def save(self, fact_check: FactCheck, actor: str, reason: str) -> FactCheck:
        """Insert (number 0) or make a new version; unchanged content makes none.

        Raises Refused when the record is not complete enough for its state, Stale when
        `fact_check.version` is not the stored version of an existing record.
        """

    def save_many(
        self, fact_checks: Iterable[FactCheck], actor: str, reason: str, *, dry: bool = False
    ) -> Saved:
        """Import: insert or change by identity (without one: the first source's address); known
        records keep their state. Refused records are counted and named, the others kept; with
        `dry` nothing is written (works in read() too)."""

    def add_variant(self, number: int, text: str, actor: str) -> None:
        """Remember one more masked wording this claim has been seen in (no new version)."""

    def history(self, number: int) -> tuple[Version, ...]:
        """Every version, newest first."""

    def drop_variant(self, number: int, text: str, actor: str = "") -> bool:
        """Forget a wording that led to wrong answers, with `actor` only if it came from them;
        False when there is none such."""

    def wordings_by(self, actor: str, since: datetime) -> tuple[tuple[int, str], ...]:
        """(number, wording) of what this person taught since then, in the order they did."""

    def by_actor(self, actor: str, since: datetime) -> tuple[int, ...]:
        """Numbers of the fact-checks this person made a version of since then, oldest first."""

    def twins(self, number: int) -> tuple[int, ...]:
        """Other fact-checks the matcher takes for this one, and nobody said that they are two."""

    def citing(self, urls: Sequence[str]) -> tuple[int, ...]:
        """Numbers of the fact-checks that name one of these addresses as a source and are
        published, then of those that were merged, the newest first, at most ten."""

    def published(self, limit: int = 50, offset: int = 0) -> tuple[FactCheck, ...]:
        """Published fact-checks, the newest change first."""


class Questions(Protocol):
    """Submissions of people, and the human queue they may lead to."""

    def note(self, submission: Submission) -> Submission:
        """Keep what a person sent and what became of it (same id: replaced)."""

    def submission(self, submission_id: str, *, hold: bool = False) -> Submission | None:
        """One submission; None when it is unknown or erased. With `hold` nobody else changes it
        until this transaction ends, which must be a writing one."""

    def by_ref(self, person: str, ref: str) -> Submission | None:
        """The submission that came from this platform message (for edits), if still kept."""

    def recent(self, person: str, fingerprint: str) -> Submission | None:
        """The newest submission of this person with the same text fingerprint."""

    def of_person(self, person: str, limit: int = 10) -> tuple[Submission, ...]:
        """What this person asked, newest first."""

    def ask(
        self,
        submission: Submission,
        *,
        same_as: str = "",
        forwarded_many: bool = False,
        nearest: Sequence[Match] = (),
    ) -> Question:
        """Take a place in the queue: join open question `same_as` (a code) or one with the
        same text fingerprint, else open a new one. Raises the count of distinct askers once
        per person, remembers the wording, and `nearest` where no neighbours are known. Files
        the submission as queued."""

    def withdraw(self, submission_id: str) -> None:
        """The person does not want this question kept: take it out of the count and forget it."""

    def get(self, code: str) -> Question | None:
        """One question by its ticket code (any case), following merges."""

    def open(self, limit: int = 50, offset: int = 0) -> tuple[Question, ...]:
        """Open questions, the most wanted first."""

    def settle(self, code: str, fact_number: int, actor: str, version: int) -> Question:
        """Answered by this fact-check. Raises Stale if it is not open in that version."""

    def reject(self, code: str, reason: str, actor: str, version: int) -> Question:
        """Closed without a verdict, with the reason askers will read. Raises Stale."""

    def merge(self, code: str, into: str, actor: str, version: int) -> Question:
        """The same rumour as open question `into`: its askers, wordings and count move there,
        and its ticket leads there. Gives the question merged into. Raises Stale, Refused."""

    def reopen(self, code: str, actor: str, version: int) -> Question:
        """Undo of an answer or rejection: open again, its submissions queued as before.
        Raises Stale if it is not closed in that version."""

    def settled_by(self, actor: str, since: datetime) -> tuple[Question, ...]:
        """What this person answered or closed since then and people are still linked to, the
        oldest first."""

    def askers(
        self, code: str, after: str = "", limit: int = 100, *, hold: bool = False
    ) -> tuple[Submission, ...]:
        """Submissions waiting on this question, one page, ordered by id, after `after`; `hold`
        as above."""

    def undecided(
        self, code: str, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[Submission, ...]:
        """Submissions in the words of this question that were offered a choice since then and wait
        for it, one page by id."""

    def heard(self, code: str, number: int, version: int) -> int:
        """How many of its askers were told that fact-check in that version or a later one."""

    def neighbours(self, code: str) -> tuple[Match, ...]:
        """What the matcher found nearest when the question was asked."""

    def keep_neighbours(self, code: str, matches: Sequence[Match]) -> None:
        """Remember what the matcher found nearest, with the reasons."""


class People(Protocol):
    """Persons without addresses."""

    def get(self, person: str) -> Person | None:
        """The person, or None when erased."""

    def save(self, person: Person) -> None:
        """Change language, consent, dialogue state and the like."""

    def join(self, token: str, person: str, now: datetime) -> str:
        """Use an invitation: the person is an influencer from now on. Gives the inviter's name;
        empty when the invitation is unknown, used or too old."""

    def tell(self, told: Told) -> None:
        """Remember that this version was told (for corrections), and the message that it
        answers, which must be noted before."""

    def told_of(self, submission: str) -> tuple[Told, ...]:
        """Every fact-check this message was answered with, the newest first."""

    def answered_with(
        self, fact_number: int, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[tuple[Told, str], ...]:
        """Every message answered with this fact-check since then, with its masked text; one page
        by submission id."""

    def told(self, person: str) -> tuple[Told, ...]:
        """What this person was told, newest first."""

    def told_in(self, person: str, ref: str) -> tuple[tuple[int, int], ...]:
        """(number, version) of the verdicts in the message of ours the platform calls so; empty
        when it is none of ours, or sent more than a day ago."""

    def told_about(self, fact_number: int, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        """Who was told about this fact-check, one page by person id."""

    def outdated(self, limit: int = 1000) -> tuple[int, ...]:
        """Numbers of fact-checks of which somebody was told an older version than the present."""

    def told_count(self, fact_number: int, version: int) -> tuple[int, int]:
        """How many were told at least this version, and how many were told any."""

    def heard_count(self, heard: Collection[tuple[int, int]], *, agreed: bool) -> int:
        """How many people who may be written to were told one of these (number, version) last;
        with `agreed` only those who said yes to being written to."""

    def export(self, person: str) -> Mapping[str, Any]:
        """Everything held about the person, as plain data with readable keys."""

    def erase(self, person: str) -> None:
        """Delete everything of the person in this transaction, waiting messages included."""


class Proposals(Protocol):
    """What waits for a second person."""

    def add(self, proposal: Proposal) -> Proposal:
        """Let it wait. Raises Stale when one waits for the same subject already."""

    def get(self, id: int) -> Proposal | None:
        """One proposal, whatever became of it."""

    def about(self, subject: str) -> Proposal | None:
        """The one that waits for this subject."""

    def waiting(self, limit: int = 100, offset: int = 0) -> tuple[Proposal, ...]:
        """Those that wait, the oldest first, each with its first fact-check only."""

    def undecided(self, who: str) -> int:
        """How many of others wait for this person."""

    def of_author(self, author: str, kind: str = "", limit: int = 20) -> tuple[Proposal, ...]:
        """What this person proposed (of the kind "question", "fact" or "import"; empty: any), the
        newest first, each with its first fact-check only."""

    def decide(self, id: int, state: ProposalState, by: str, reason: str = "") -> Proposal:
        """It waits no more. Raises Stale when somebody decided before."""


class Reviews(Protocol):
    """Votes and objections: they ask for a second look and never change a verdict."""

    def vote(self, person: str, number: int, version: int, *, helpful: bool) -> None:
        """One vote per person and version; the last one counts."""

    def votes(self, number: int) -> tuple[Votes, ...]:
        """What people thought of each version, the newest version first."""

    def doubted(self, unhelpful: int, limit: int = 50) -> tuple[Votes, ...]:
        """Present versions of published fact-checks with at least so many thumbs down, and more
        of them than thumbs up; the most doubted first."""

    def source_checks(self, urls: Sequence[str]) -> Mapping[str, tuple[bool, str]]:
        """What is known of these sources: whether each answered last time, and what it said."""

    def pair(self, first: int, second: int, score: float) -> None:
        """Two fact-checks may be one; what was dismissed stays dismissed."""

    def dismiss(self, first: int, second: int) -> None:
        """They are two; not to be asked again."""

    def pairs(self, limit: int = 50) -> tuple[tuple[int, int, float], ...]:
        """Published pairs nobody has looked at, the likest first."""

    def dispute(self, number: int, code: str) -> None:
        """This question in the queue is an objection to that fact-check."""

    def disputes(self, number: int, limit: int = 50) -> tuple[Question, ...]:
        """Objections to a fact-check, the newest first, with what became of them."""

    def disputed(self, code: str) -> int:
        """The fact-check this question objects to; 0 when it is no objection."""

    def open_disputes(self, limit: int = 50) -> tuple[tuple[int, Question], ...]:
        """Fact-check numbers with an objection nobody has dealt with, the oldest first."""


class Colleagues(Protocol):
    """The people of the desk, and what they are writing."""

    def list(self) -> tuple[Moderator, ...]:
        """All of them by name."""

    def link(self, name: str, now: datetime, minutes: int = 15) -> str:
        """A new one-time login token; older unused ones of the person stop working."""

    def save_draft(self, moderator: int, code: str, draft: Mapping[str, Any]) -> None:
        """Keep what a moderator is writing on a question."""

    def drop_drafts(self, code: str) -> None:
        """Forget what anybody was writing on this question: it is answered."""

    def draft(self, moderator: int, code: str) -> Mapping[str, Any] | None:
        """What this moderator had written on this question."""


class Cases(Protocol):
    """Who works on what."""

    def lease(self, code: str, now: datetime) -> Lease | None:
        """Who has taken this question, unless the time is over."""

    def take(self, code: str, moderator: int, now: datetime, until: datetime) -> Lease:
        """It is theirs until then. Raises Stale when somebody else has it."""

    def release(self, code: str) -> None:
        """Nobody has it any more."""

    def comment(
        self, code: str, author: str, text: str, mentioned: Collection[int], now: datetime
    ) -> Comment:
        """Keep what somebody said, and whom they named."""

    def comments(self, code: str, limit: int = 100) -> tuple[Comment, ...]:
        """What was said about a question, the oldest first."""

    def mentions(self, moderator: int, limit: int = 20) -> tuple[Comment, ...]:
        """Comments that name this person and that they have not read."""

    def read(self, code: str, moderator: int) -> None:
        """This person has seen the comments on a question."""

    def escalate(self, code: str, by: str, reason: str, now: datetime) -> None:
        """An editor should look."""

    def escalation(self, code: str) -> Escalation | None:
        """Who wants an editor to look, and why."""

    def calm(self, code: str) -> None:
        """An editor has looked."""

    def views(self, moderator: int) -> tuple[View, ...]:
        """What this person saved, by name."""

    def save_view(self, moderator: int, name: str, query: str) -> None:
        """Keep a filter; the same name is replaced."""

    def drop_view(self, moderator: int, id: int) -> None:
        """Forget one of one's own."""

    def split(self, code: str, wordings: Sequence[int], version: int) -> Question:
        """These wordings (ids) are another rumour: they become an open question of their own,
        with the submissions that said so. Gives the new question. Raises Stale, Refused."""

    def wordings(self, code: str, limit: int = 200) -> tuple[Wording, ...]:
        """All wordings, the most frequent first."""


class Chats(Protocol):
    """The desk in messengers: linked chats, PINs, buttons that work once, cards."""

    def redeem(self, code: str, person: str, now: datetime, *, group: bool) -> DeskChat | None:
        """Link this chat by a code; None when the code is not good, or tried too often."""

    def at(self, person: str) -> DeskChat | None:
        """The desk chat of this person or group, while its moderator is active."""

    def seen(self, moderator: int, now: datetime) -> None:
        """Somebody works in their chat: they are here, as if on the web desk."""

    def sender(self, address: Address, sender: str) -> DeskChat | None:
        """The private desk chat of who wrote in a group."""

    def all(self) -> tuple[DeskChat, ...]:
        """Every desk chat of active people."""

    def of(self, moderator: int) -> tuple[DeskChat, ...]:
        """The chats a moderator has linked."""

    def save(self, chat: DeskChat) -> None:
        """Keep wish, dialogue and step-up."""

    def unlink(self, person: str) -> None:
        """This chat is none of the desk any more; its buttons do nothing."""

    def has_pin(self, moderator: int) -> bool:
        """Has this person set one?"""

    def try_pin(self, moderator: int, pin: str, now: datetime) -> PinCheck:
        """Is it theirs? After five wrong ones in an hour even the right one does not open."""

    def handle(
        self, batch: str, person: str, moderator: int, action: str, subject: str, version: int
    ) -> str:
        """What a button carries: random, good once, in this chat, for this moderator (0: for
        everybody of the desk there). Using one of a batch uses up the others."""

    def tap(self, handle: str, person: str, moderator: int) -> Tap:
        """Use a button; what is not GOOD has changed nothing."""

    def new_card(self, person: str, subject: str) -> str:
        """A name for a message about `subject`, so that it can be renewed later."""

    def cards(self, subject: str) -> tuple[tuple[str, str], ...]:
        """(name, person) of every card about this, the oldest first."""

    def about_now(self, person: str, subject: str, now: str) -> None:
        """The cards of this chat about `subject` are about something else from now on."""

    def cards_since(self, person: str, since: datetime) -> int:
        """How many cards of questions this chat has got since then and not skipped."""

    def card_at(self, person: str, ref: str) -> str:
        """The subject of the card that was answered; empty when it is none of ours."""


class Evidence(Protocol):
    """Labelled pairs: what people and moderators confirmed or refused."""

    def add(self, text: str, fact_number: int, *, right: bool, by: str, lang: str = "id") -> None:
        """Text (masked), the fact-check, whether it was the right one, and who says so
        (`asker` or `moderator`)."""

    def take_back(self, text: str, fact_number: int) -> None:
        """The newest time a moderator said that this text asks about this fact-check was a
        mistake."""


class Audit(Protocol):
    """Who did what to what, and why."""

    def write(
        self, actor: str, action: Deed, object_: str, reason: str = "", **details: Any
    ) -> None:
        """Append one entry in this transaction."""

    def count_by(self, actor: str, deeds: Collection[Deed], since: datetime) -> int:
        """How often this person did one of these since then."""

    def deeds_on(
        self, what: str, deeds: Collection[Deed], since: datetime | None = None, after: int = 0
    ) -> tuple[AuditEntry, ...]:
        """Each time one of these was done to something, the oldest first; without reasons. Only
        since then, and only after entry number `after`."""

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry; the hash stands for all before it, too."""

    def hash_of(self, number: int) -> str:
        """The hash of one entry; empty when there is none."""


class Finder(Protocol):
    """The search; used before the transaction, never inside it."""

    def find(self, text: str, lang: str = "", date: date | None = None, limit: int = 10) -> Result:
        """Match a text against the published fact-checks."""

    def same_question(self, text: str, lang: str = "", limit: int = 5) -> tuple[Match, ...]:
        """Open questions (by code) that ask about the same rumour, best first; only those
        that are the same beyond doubt."""

    def alike_questions(
        self, text: str, lang: str = "", without: str = "", limit: int = 5
    ) -> tuple[Match, ...]:
        """Open questions a person may want to see beside this one (`without`: its own code),
        the likeliest first, with what agrees and what differs."""

    def alike_facts(
        self, text: str, lang: str = "", without: str = "", limit: int = 5
    ) -> tuple[Match, ...]:
        """Published fact-checks that may be the same as this one (`without`: its number), each
        seen alone, the likeliest first."""


class Jobs(Protocol):
    """Follow-up work, kept in the caller's transaction."""

    def enqueue(
        self,
        task: str,
        payload: Mapping[str, Any],
        *,
        dedupe_key: str = "",
        due: datetime | None = None,
    ) -> None:
        """Run `task` after the commit, not before `due`; the same key waits only once."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Settings a handler may know."""

    public_url: str = "http://localhost:8000"
    language: str = "id"
    timezone: str = "Asia/Jakarta"
    consent: str = "notice"  # or "tap"
    groups: str = "open"  # approved, off
    group_key: str = ""  # what /start must carry in a group to approve it
    organisation: str = "Saring"
    fetch: bool = False  # may sources be looked at from here?
    archive: bool = False  # and the Internet Archive be asked for copies of them?
    approval_topics: tuple[str, ...] = ("election", "politics")
    accounts: tuple[str, ...] = ()  # that are really ours, as people should read them


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything a handler may touch, bound to one transaction."""

    facts: Facts
    questions: Questions
    people: People
    evidence: Evidence
    audit: Audit
    jobs: Jobs
    proposals: Proposals
    reviews: Reviews
    desk: Colleagues
    chats: Chats
    cases: Cases
    now: datetime
    rules: Rules = Rules()


@dataclass(frozen=True, slots=True)
class Found:
    """What the search said before the transaction began; `facts` are re-read inside it."""

    result: Result
    same: tuple[Match, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One message on its way through a handler.

    `new_id` is a short id (at most 24 of 0-9a-z) derived from the message, for the submission
    it may become: the same message gives the same id. `found` is None where the route needs no
    search. `person` is as it was when the transaction began.
    """

    message: Incoming
    person: Person
    ports: Ports
    found: Found | None
    new_id: str


Handler = Callable[[Call], list[Outgoing]]


__all__ = [
    "Audit",
    "Call",
    "Cases",
    "Chats",
    "Colleagues",
    "Evidence",
    "Facts",
    "Finder",
    "Found",
    "Handler",
    "Jobs",
    "Outcome",
    "People",
    "Ports",
    "Proposals",
    "Questions",
    "Reviews",
    "Rules",
]
