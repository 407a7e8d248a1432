"""The shared words: fact-check, verdict, kind, source, question, submission, person, address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


class Verdict(StrEnum):
    """Can I believe it? The eight labels of the rating scale."""

    FALSE = "false"
    SCAM = "scam"
    MISLEADING = "misleading"
    PARTLY = "partly"
    TRUE = "true"
    SATIRE = "satire"
    UNPROVEN = "unproven"
    OPINION = "opinion"


class Kind(StrEnum):
    """What is wrong with it? The seven types of First Draft, as MAFINDO uses them."""

    SATIRE_PARODY = "satire_parody"
    FALSE_CONNECTION = "false_connection"
    MISLEADING_CONTENT = "misleading_content"
    FALSE_CONTEXT = "false_context"
    IMPOSTER_CONTENT = "imposter_content"
    MANIPULATED_CONTENT = "manipulated_content"
    FABRICATED_CONTENT = "fabricated_content"


class State(StrEnum):
    """Where a fact-check stands. Only published ones are ever searched or sent."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Source:
    """One piece of evidence a verdict rests on."""

    url: str
    publisher: str = ""
    title: str = ""
    date: date | None = None


@dataclass(frozen=True, slots=True)
class FactCheck:
    """A claim with its verdict. `identity` is the importer's stable id, `number` the public one.

    A retracted one may say why: `outdated` (it was right in its time) or `replaced_by` (the
    number of the fact-check it was merged into). `public_figure` and `concerns` (organisations
    the claim is about) are for the approval policy; `our_mistake` says that this version
    corrects a mistake of ours.
    """

    identity: str
    claim: str
    verdict: Verdict
    sources: tuple[Source, ...] = ()
    number: int = 0
    title: str = ""
    fact: str = ""
    explanation: str = ""
    kind: Kind | None = None
    publisher: str = ""
    topic: str = ""
    lang: str = "id"
    claim_date: date | None = None
    variants: tuple[str, ...] = ()
    state: State = State.PUBLISHED
    version: int = 1
    checked_on: date | None = None
    changed_at: datetime | None = None
    outdated: bool = False
    replaced_by: int = 0
    public_figure: bool = False
    concerns: tuple[str, ...] = ()
    our_mistake: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """One earlier or present state of a fact-check: who made it, when and why."""

    version: int
    at: datetime
    actor: str
    reason: str
    fact_check: FactCheck


@dataclass(frozen=True, slots=True)
class Saved:
    """What an import did, or would do. `refused` names each record: its place, the field, what
    is wrong; `flips` each known verdict that it turns: number, verdict before, verdict after;
    `touched` each record that is new (None before) or other: before, after."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[tuple[int, str, str], ...] = ()
    flips: tuple[tuple[int, str, str], ...] = ()
    touched: tuple[tuple[FactCheck | None, FactCheck], ...] = ()

    @property
    def known(self) -> int:
        """How many records of the import were there before."""
        return self.changed + self.unchanged

    def refuse(self, place: int, field: str, message: str) -> Saved:
        """The same with one more record that could not be taken."""
        return replace(self, refused=(*self.refused, (place, field, message)))


@dataclass(frozen=True, slots=True)
class Vanished:
    """A source of a published fact-check that has not answered since then."""

    number: int
    claim: str
    url: str
    detail: str  # what was said instead: a status, or why not
    since: datetime
    archived: str = ""  # the id of a copy in the Internet Archive


@dataclass(frozen=True, slots=True)
class Pair:
    """A labelled pair: was this fact-check the right one for this text?"""

    id: int
    text: str
    fact_number: int
    right: bool
    by: str  # asker or moderator
    lang: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Changes(Generic[Item]):
    """What the search has to learn: items that are new or other, ids of those that are gone."""

    revision: int
    items: tuple[Item, ...]
    removed: tuple[str, ...]


class QuestionState(StrEnum):
    """The life of a question in the human queue."""

    OPEN = "open"
    ANSWERED = "answered"
    REJECTED = "rejected"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Question:
    """One rumour in the queue, however many people asked it. `code` is the ticket (7F3K)."""

    id: int
    code: str
    text: str
    state: QuestionState
    lang: str
    askers: int
    first_asked: datetime
    last_asked: datetime
    wordings: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    forwarded_many: int = 0
    answered_by: str = ""
    fact_number: int | None = None
    reason: str = ""
    merged_into: str = ""
    version: int = 1
    closed_at: datetime | None = None


class Outcome(StrEnum):
    """What a submission led to."""

    ANSWERED = "answered"
    SUGGESTED = "suggested"
    QUEUED = "queued"
    REJECTED = "rejected"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Submission:
    """One message a person sent to be checked; its text is masked before it gets here.

    `fingerprint` is equal for texts that are the same after normalisation (search.text); `media`
    are the kinds of what came with it, never what is in it. `offered` are the fact-checks the
    person could choose from; once it waits for a person, those they did not mean.
    """

    id: str
    person: str
    text: str
    outcome: Outcome
    at: datetime
    ref: str = ""
    lang: str = "id"
    question: str = ""
    fact_number: int | None = None
    offered: tuple[int, ...] = ()
    fingerprint: str = ""
    media: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Who was told which version of which fact-check."""

    person: str
    fact_number: int
    version: int
    at: datetime
    submission: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a chat can be reached. `value` is opaque to everybody but its channel."""

    channel: str
    account: str
    value: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who writes to us: a random id, a channel, a language. Never an address."""

    id: str
    channel: str
    language: str = ""
    first_seen: datetime | None = None
    greeted: bool = False
    once: bool = False
    notify: bool = True
    unreachable: bool = False
    consent: str = ""
    state: dict[str, object] = field(default_factory=dict)
    influencer: bool = False  # by an invitation of the desk


class Role(StrEnum):
    """What a moderator may do, from least to most."""

    READER = "reader"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Moderator:
    """A person of the desk."""

    id: int
    name: str
    role: Role
    org: str = ""
    active: bool = True


class ProposalState(StrEnum):
    """Where something stands that needs a second person."""

    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"  # sent back with a reason
    OVERTAKEN = "overtaken"  # what it was about has been settled otherwise


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person of the desk wants to publish and another one must approve.

    `subject` is what it is about ("question/7F3K", "fact/482", "import/name"): only one waits
    for each. `base` is the version of the subject it was written on; `decision` is the reason
    of who decided. In lists `facts` holds the first one alone and `left_out` counts the others:
    an import may have thousands.
    """

    subject: str
    facts: tuple[FactCheck, ...]
    author: str
    author_org: str = ""
    reason: str = ""
    base: int = 0
    id: int = 0
    at: datetime | None = None
    state: ProposalState = ProposalState.WAITING
    decided_by: str = ""
    decided_at: datetime | None = None
    decision: str = ""
    left_out: int = 0

    @property
    def size(self) -> int:
        """How many fact-checks it is about."""
        return len(self.facts) + self.left_out

    @property
    def fact(self) -> FactCheck:
        """The fact-check as it would be; of an import the first one."""
        return self.facts[0]


@dataclass(frozen=True, slots=True)
class Votes:
    """What people who were told a version thought of it."""

    number: int
    version: int
    helpful: int = 0
    unhelpful: int = 0


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One entry of the audit log; `details` is empty once its body was erased."""

    seq: int
    at: datetime
    actor: str
    action: str
    what: str
    reason: str
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which entries somebody wants to see; what is empty does not matter. `action` may be the
    beginning of a name, `since` is included and `until` is not."""

    actor: str = ""
    action: str = ""
    what: str = ""
    since: datetime | None = None
    until: datetime | None = None


class KnowledgeError(Exception):
    """The store or the search refuses something; the text says what and what to do."""


class Unavailable(KnowledgeError):
    """The database cannot take this now: locked too long, full, or not there. Nothing was
    written; the same again later may work."""


class Refused(KnowledgeError):
    """A record or change that cannot be taken. `field` names the part that is wrong."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Stale(KnowledgeError):
    """Somebody else was faster: the object is not in the expected state or version any more."""

    def __init__(self, message: str, by: str = "") -> None:
        super().__init__(message)
        self.by = by


class TooLate(Stale):
    """Nobody else did it: the time for undo is over."""
