"""Table rows. They stay inside the store: everything that leaves it is plain data."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any, ClassVar, cast

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite counts INTEGER keys only
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
NO: dict[str, Any] = {"server_default": text("false")}  # columns that came later
EMPTY_LIST: dict[str, Any] = {"server_default": text("'[]'")}
COUNTED: dict[str, Any] = {"sqlite_autoincrement": True}  # ids that leave us are never reused


class UtcTime(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite itself would lose the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; SQLite gets them without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone must not reach the database")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def clean(value: str) -> str:
    """What no database or encoding takes, NUL and lone surrogates, as replacement characters."""
    return UNSTORABLE.sub("\ufffd", value)


class CleanText(TypeDecorator[str]):
    """Text from people: anything they can type, without NUL and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        return None if value is None else clean(value)


class Json(TypeDecorator[Any]):
    """Plain data as compact JSON text: the same bytes on SQLite and PostgreSQL."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write it down with sorted keys."""
        return None if value is None else as_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        return None if value is None else json.loads(value)


def as_json(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, readable characters."""
    return clean(json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")))


class Row(SQLModel):
    """Base of all rows: own metadata with a naming convention, so that constraints have names."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


def table_of(row: type[Row]) -> Table:
    """The table behind a row class, for statements without row objects."""
    return cast(Table, row.__table__)  # type: ignore[attr-defined]


class CounterRow(Row, table=True):
    """Numbers that only grow: the revisions of the search index, the head of the audit chain."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True, sa_type=String)
    value: int = Field(default=0, sa_type=BigInteger)


class MarkRow(Row, table=True):
    """Facts about this database itself, such as which master key it belongs to."""

    __tablename__ = "marks"

    name: str = Field(primary_key=True, sa_type=String)
    value: str = Field(default="", sa_type=String)


class PeriodKeyRow(Row, table=True):
    """A random key of a day or month, wrapped; destroying it destroys what it opened."""

    __tablename__ = "period_keys"

    purpose: str = Field(primary_key=True, sa_type=String)
    period: str = Field(primary_key=True, sa_type=String)
    wrapped: bytes = Field(sa_type=LargeBinary)


class FactRow(Row, table=True):
    """The current version of a fact-check."""

    __tablename__ = "facts"
    __table_args__ = (
        CheckConstraint("state in ('draft', 'published', 'retracted')", name="state"),
        COUNTED,
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    identity: str = Field(unique=True, sa_type=CleanText)
    claim: str = Field(sa_type=CleanText)
    title: str = Field(default="", sa_type=CleanText)
    fact: str = Field(default="", sa_type=CleanText)
    explanation: str = Field(default="", sa_type=CleanText)
    verdict: str = Field(sa_type=String)
    kind: str | None = Field(default=None, sa_type=String)
    publisher: str = Field(default="", sa_type=CleanText)
    topic: str = Field(default="", sa_type=CleanText)
    lang: str = Field(default="id", sa_type=String)
    claim_date: date | None = Field(default=None, sa_type=Date)
    checked_on: date | None = Field(default=None, sa_type=Date)
    sources: Any = Field(sa_type=Json)
    state: str = Field(sa_type=String)
    version: int = Field(sa_type=Integer)
    changed_at: datetime = Field(sa_type=UtcTime)
    changed_by: str = Field(default="", sa_type=CleanText)
    revision: int = Field(default=0, index=True, sa_type=BigInteger)
    outdated: bool = Field(default=False, sa_column_kwargs=NO)
    replaced_by: int | None = Field(default=None, sa_type=BigId)
    public_figure: bool = Field(default=False, sa_column_kwargs=NO)
    concerns: Any = Field(default_factory=list, sa_type=Json, sa_column_kwargs=EMPTY_LIST)
    our_mistake: bool = Field(default=False, sa_column_kwargs=NO)


class FactVersionRow(Row, table=True):
    """Every state a fact-check has had."""

    __tablename__ = "fact_versions"

    number: int = Field(primary_key=True, foreign_key="facts.number", sa_type=BigId)
    version: int = Field(primary_key=True, sa_type=Integer)
    at: datetime = Field(sa_type=UtcTime)
    actor: str = Field(sa_type=CleanText)
    reason: str = Field(default="", sa_type=CleanText)
    snapshot: Any = Field(sa_type=Json)


class VariantRow(Row, table=True):
    """A masked wording in which a claim has been seen."""

    __tablename__ = "variants"
    __table_args__ = (UniqueConstraint("number", "digest"), COUNTED)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    number: int = Field(foreign_key="facts.number", sa_type=BigId)
    digest: str = Field(sa_type=String)
    text: str = Field(sa_type=CleanText)
    actor: str = Field(default="", sa_type=CleanText)
    at: datetime = Field(sa_type=UtcTime)


class EvidenceRow(Row, table=True):
    """A labelled pair; nothing in it leads to a person."""

    __tablename__ = "evidence"
    __table_args__ = (COUNTED,)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    text: str = Field(sa_type=CleanText)
    number: int = Field(index=True, sa_type=BigId)
    right: bool
    by: str = Field(sa_type=String)
    lang: str = Field(default="id", sa_type=String)
    at: datetime = Field(sa_type=UtcTime)


class PersonRow(Row, table=True):
    """A random id and what is needed to answer; the address is in `contacts`."""

    __tablename__ = "people"

    id: str = Field(primary_key=True, sa_type=String)
    channel: str = Field(sa_type=String)
    language: str = Field(default="", sa_type=String)
    first_seen: datetime = Field(sa_type=UtcTime)
    greeted: bool = False
    once: bool = Field(default=False, index=True)
    notify: bool = True
    unreachable: bool = False
    consent: str = Field(default="", sa_type=CleanText)
    influencer: bool = False
    state: bytes | None = Field(default=None, sa_type=LargeBinary)
    last_wrote: datetime | None = Field(default=None, sa_type=UtcTime)
    last_answer: datetime = Field(index=True, sa_type=UtcTime)


class PersonKeyRow(Row, table=True):
    """The key of a person, wrapped; in a table of its own, so that backups can treat it apart."""

    __tablename__ = "person_keys"

    person: str = Field(primary_key=True, sa_type=String)
    wrapped: bytes = Field(sa_type=LargeBinary)


class ContactRow(Row, table=True):
    """The address of a person: encrypted, found by keyed hash."""

    __tablename__ = "contacts"

    person: str = Field(primary_key=True, foreign_key="people.id", sa_type=String)
    channel: str = Field(sa_type=String)
    account: str = Field(sa_type=String)
    address: bytes = Field(sa_type=LargeBinary)
    mark: str = Field(unique=True, sa_type=String)


class ErasureRow(Row, table=True):
    """That somebody was erased, to be done again after a restore: a keyed hash only."""

    __tablename__ = "erasures"

    mark: str = Field(primary_key=True, sa_type=String)
    at: datetime = Field(index=True, sa_type=UtcTime)


class ToldRow(Row, table=True):
    """The newest version of a fact-check somebody was told, for corrections."""

    __tablename__ = "told"

    number: int = Field(primary_key=True, sa_type=BigId)
    person: str = Field(primary_key=True, foreign_key="people.id", index=True, sa_type=String)
    version: int = Field(sa_type=Integer)
    at: datetime = Field(sa_type=UtcTime)
    submission: str = Field(default="", sa_type=String)


class AnswerRow(Row, table=True):
    """Which fact-checks a message was answered with; goes with the message or its person."""

    __tablename__ = "answers"

    number: int = Field(primary_key=True, sa_type=BigId)
    submission: str = Field(primary_key=True, index=True, sa_type=String)
    person: str = Field(foreign_key="people.id", ondelete="CASCADE", index=True, sa_type=String)
    version: int = Field(sa_type=Integer)
    at: datetime = Field(sa_type=UtcTime)


class VoteRow(Row, table=True):
    """What a person thought of the version they were told; goes with the person."""

    __tablename__ = "votes"
    __table_args__ = (Index(None, "number", "version"),)

    person: str = Field(primary_key=True, foreign_key="people.id", sa_type=String)
    number: int = Field(primary_key=True, sa_type=BigId)
    version: int = Field(primary_key=True, sa_type=Integer)
    helpful: bool
    at: datetime = Field(sa_type=UtcTime)


class DisputeRow(Row, table=True):
    """Which question in the queue is an objection to which fact-check."""

    __tablename__ = "disputes"

    question: int = Field(primary_key=True, foreign_key="questions.id", sa_type=BigId)
    number: int = Field(index=True, sa_type=BigId)


class ProposalRow(Row, table=True):
    """What needs a second person. `waiting_key` holds the subject only while it waits."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'approved', 'returned', 'overtaken')", name="state"),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    subject: str = Field(index=True, sa_type=CleanText)
    waiting_key: str | None = Field(default=None, unique=True, sa_type=CleanText)
    body: Any = Field(sa_type=Json)
    base: int = Field(default=0, sa_type=Integer)
    author: str = Field(sa_type=CleanText)
    author_org: str = Field(default="", sa_type=CleanText)
    reason: str = Field(default="", sa_type=CleanText)
    at: datetime = Field(index=True, sa_type=UtcTime)
    state: str = Field(index=True, sa_type=String)
    decided_by: str = Field(default="", sa_type=CleanText)
    decided_at: datetime | None = Field(default=None, sa_type=UtcTime)
    decision: str = Field(default="", sa_type=CleanText)


class SourceCheckRow(Row, table=True):
    """Whether a source could be reached when it was last looked at."""

    __tablename__ = "source_checks"

    digest: str = Field(primary_key=True, sa_type=String)
    url: str = Field(sa_type=CleanText)
    reachable: bool
    detail: str = Field(default="", sa_type=CleanText)
    at: datetime = Field(index=True, sa_type=UtcTime)
    number: int | None = Field(default=None, sa_type=BigId)  # a fact-check that names it
    failing_since: datetime | None = Field(default=None, index=True, sa_type=UtcTime)
    archived: str = Field(  # the id of a copy in the Internet Archive
        default="", sa_type=String, sa_column_kwargs={"server_default": ""}
    )


class DuplicateRow(Row, table=True):
    """Two published fact-checks the matcher thinks are one; `dismissed` once somebody said no."""

    __tablename__ = "duplicates"

    first: int = Field(primary_key=True, sa_type=BigId)
    second: int = Field(primary_key=True, index=True, sa_type=BigId)  # asked from either side
    score: float
    dismissed: bool = False
    at: datetime = Field(sa_type=UtcTime)


class CitationRow(Row, table=True):
    """Which fact-checks name an address among their sources; `address` is its digest."""

    __tablename__ = "citations"

    address: str = Field(primary_key=True, sa_type=String)
    number: int = Field(primary_key=True, index=True, foreign_key="facts.number", sa_type=BigId)


class HitRow(Row, table=True):
    """One message counted under a limit key."""

    __tablename__ = "hits"
    __table_args__ = (Index(None, "key", "at"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(sa_type=String)
    at: datetime = Field(index=True, sa_type=UtcTime)


class QuestionRow(Row, table=True):
    """One rumour in the queue. The state `withdrawn` never leaves the store."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint(
            "state in ('open', 'answered', 'rejected', 'merged', 'withdrawn')", name="state"
        ),
        Index(None, "state", "askers"),
        Index(None, "state", "first_asked"),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    code: str = Field(unique=True, sa_type=String)
    text: str = Field(sa_type=CleanText)
    state: str = Field(sa_type=String)
    lang: str = Field(default="id", sa_type=String)
    askers: int = Field(default=0, sa_type=Integer)
    forwarded_many: int = Field(default=0, sa_type=Integer)
    channels: Any = Field(sa_type=Json)
    first_asked: datetime = Field(sa_type=UtcTime)
    last_asked: datetime = Field(sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, index=True, sa_type=UtcTime)
    closed_by: str = Field(default="", sa_type=CleanText)
    number: int | None = Field(default=None, index=True, sa_type=BigId)
    reason: str = Field(default="", sa_type=CleanText)
    merged_into: int | None = Field(default=None, foreign_key="questions.id", sa_type=BigId)
    neighbours: Any = Field(default_factory=list, sa_type=Json)
    version: int = Field(default=1, sa_type=Integer)
    revision: int = Field(default=0, index=True, sa_type=BigInteger)


class WordingRow(Row, table=True):
    """One wording of a question, folded: equal fingerprints are one row."""

    __tablename__ = "wordings"
    __table_args__ = (UniqueConstraint("question", "fingerprint"), COUNTED)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    question: int = Field(foreign_key="questions.id", sa_type=BigId)
    fingerprint: str = Field(index=True, sa_type=String)
    text: str = Field(sa_type=CleanText)
    times: int = Field(default=1, sa_type=Integer)


class SubmissionRow(Row, table=True):
    """What a person sent, masked; `person` and `ref` go when it is unlinked."""

    __tablename__ = "submissions"
    __table_args__ = (
        Index(None, "person", "at"),
        Index(None, "question", "person"),
        Index(None, "question", "id"),
    )

    id: str = Field(primary_key=True, sa_type=String)
    person: str | None = Field(default=None, foreign_key="people.id", sa_type=String)
    channel: str = Field(default="", sa_type=String)
    text: str = Field(sa_type=CleanText)
    fingerprint: str = Field(sa_type=String)
    outcome: str = Field(sa_type=String)
    at: datetime = Field(index=True, sa_type=UtcTime)
    ref: bytes | None = Field(default=None, sa_type=LargeBinary)
    ref_mark: str | None = Field(default=None, index=True, sa_type=String)
    lang: str = Field(default="id", sa_type=String)
    question: int | None = Field(default=None, foreign_key="questions.id", sa_type=BigId)
    number: int | None = Field(default=None, sa_type=BigId)
    offered: Any = Field(sa_type=Json)
    forwarded_many: bool = False
    media: str = Field(default="", sa_type=String)  # kinds of what came with it, by commas


class AuditRow(Row, table=True):
    """One link of the chain; `commitment` is SHA-256 of salt and body, kept apart."""

    __tablename__ = "audit"

    seq: int = Field(primary_key=True, sa_type=BigId)
    at: datetime = Field(index=True, sa_type=UtcTime)
    actor: str = Field(sa_type=CleanText)
    action: str = Field(sa_type=CleanText)
    object: str = Field(index=True, sa_type=CleanText)
    commitment: str = Field(sa_type=String)
    prev: str = Field(sa_type=String)
    hash: str = Field(sa_type=String)


class AuditBodyRow(Row, table=True):
    """Reason and details of an entry; may be erased without breaking the chain."""

    __tablename__ = "audit_bodies"

    seq: int = Field(primary_key=True, sa_type=BigId)
    salt: bytes = Field(sa_type=LargeBinary)
    body: str = Field(sa_type=Text)


KEPT = text("body is not null")  # retention looks for bodies; most rows have none any more


class InboxTableRow(Row, table=True):
    """One raw update: body encrypted with the key of its day, ids as keyed hashes."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external"),
        CheckConstraint("state in ('waiting', 'leased', 'done', 'parked')", name="state"),
        Index(None, "state", "due"),
        Index(None, "chat", "state"),
        Index(None, "closed_at", sqlite_where=KEPT, postgresql_where=KEPT),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    channel: str = Field(sa_type=String)
    account: str = Field(sa_type=String)
    external: str = Field(sa_type=String)
    chat: str = Field(sa_type=String)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    day: str = Field(index=True, sa_type=String)
    state: str = Field(sa_type=String)
    tries: int = Field(default=0, sa_type=Integer)
    received: datetime = Field(index=True, sa_type=UtcTime)
    due: datetime = Field(sa_type=UtcTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcTime)
    closed_at: datetime | None = Field(default=None, sa_type=UtcTime)
    reason: str = Field(default="", sa_type=CleanText)
    person: str | None = Field(default=None, index=True, sa_type=String)


class OutboxTableRow(Row, table=True):
    """One message to deliver: body encrypted under the key of its person. A farewell (person
    erased, address still owed one word) carries its own key and address, and is deleted once
    it is delivered."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index(None, "state", "rank", "id"),
        Index(None, "state", "due"),
        Index(None, "person", "state"),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person: str | None = Field(default=None, sa_type=String)
    channel: str = Field(sa_type=String)
    account: str = Field(sa_type=String)
    body: bytes | None = Field(default=None, sa_type=LargeBinary)
    own_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    address: bytes | None = Field(default=None, sa_type=LargeBinary)
    key: str | None = Field(default=None, unique=True, sa_type=String)
    rank: int = Field(default=0, sa_type=Integer)  # 0 reply, 1 broadcast
    state: str = Field(sa_type=String)
    tries: int = Field(default=0, sa_type=Integer)
    created: datetime = Field(sa_type=UtcTime)
    due: datetime = Field(sa_type=UtcTime)
    leased_until: datetime | None = Field(default=None, sa_type=UtcTime)
    finished_at: datetime | None = Field(default=None, index=True, sa_type=UtcTime)
    platform_mark: str | None = Field(default=None, index=True, sa_type=String)
    maybe_duplicate: bool = False
    reason: str = Field(default="", sa_type=CleanText)


class JobTableRow(Row, table=True):
    """One job. `waiting_key` holds the dedupe key only while it waits: unique among waiting."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'running', 'parked')", name="state"),
        Index(None, "state", "due"),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    task: str = Field(sa_type=String)
    payload: Any = Field(sa_type=Json)
    waiting_key: str | None = Field(default=None, unique=True, sa_type=String)
    state: str = Field(sa_type=String)
    tries: int = Field(default=0, sa_type=Integer)
    due: datetime = Field(sa_type=UtcTime)
    created: datetime = Field(sa_type=UtcTime)
    reason: str = Field(default="", sa_type=CleanText)


class MailboxTableRow(Row, table=True):
    """One line of a browser or terminal chat, encrypted with the key of its day."""

    __tablename__ = "mailbox"
    __table_args__ = (Index(None, "chat", "seq"), COUNTED)

    seq: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    chat: str = Field(sa_type=String)
    ours: bool
    body: bytes = Field(sa_type=LargeBinary)
    day: str = Field(index=True, sa_type=String)
    at: datetime = Field(index=True, sa_type=UtcTime)


class ModeratorRow(Row, table=True):
    """A person of the desk."""

    __tablename__ = "moderators"
    __table_args__ = (
        CheckConstraint("role in ('reader', 'moderator', 'editor', 'admin')", name="role"),
        COUNTED,
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    name: str = Field(unique=True, sa_type=CleanText)
    role: str = Field(sa_type=String)
    org: str = Field(default="", sa_type=CleanText)
    active: bool = True
    created: datetime = Field(sa_type=UtcTime)
    revoked: datetime | None = Field(default=None, sa_type=UtcTime)
    seen: datetime | None = Field(default=None, sa_type=UtcTime)
    asleep: datetime | None = Field(default=None, sa_type=UtcTime)


class LoginLinkRow(Row, table=True):
    """A one-time login token, as SHA-256 only."""

    __tablename__ = "login_links"

    digest: str = Field(primary_key=True, sa_type=String)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)
    expires: datetime = Field(sa_type=UtcTime)


class LoginSessionRow(Row, table=True):
    """A login session, its token as SHA-256 only. `confirmed`: second factor given then."""

    __tablename__ = "login_sessions"

    digest: str = Field(primary_key=True, sa_type=String)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)
    created: datetime = Field(sa_type=UtcTime)
    seen: datetime = Field(sa_type=UtcTime)
    confirmed: datetime | None = Field(default=None, sa_type=UtcTime)
    tries: int = Field(default=0, sa_type=Integer)
    challenge: str = Field(default="", sa_type=String)


class CodeKeyRow(Row, table=True):
    """The secret of a person's one-time codes (TOTP), sealed; `step` is the last one used."""

    __tablename__ = "code_keys"

    moderator: int = Field(primary_key=True, foreign_key="moderators.id", sa_type=BigId)
    sealed: bytes = Field(sa_type=LargeBinary)
    step: int = Field(default=0, sa_type=BigInteger)
    created: datetime = Field(sa_type=UtcTime)
    confirmed: datetime | None = Field(default=None, sa_type=UtcTime)


class RecoveryCodeRow(Row, table=True):
    """A recovery code nobody has used yet, as a keyed hash."""

    __tablename__ = "recovery_codes"

    mark: str = Field(primary_key=True, sa_type=String)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)


class PasskeyRow(Row, table=True):
    """A passkey: a public key, so nothing in it is secret."""

    __tablename__ = "passkeys"

    id: str = Field(primary_key=True, sa_type=String)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)
    name: str = Field(default="", sa_type=CleanText)
    public_key: bytes = Field(sa_type=LargeBinary)
    count: int = Field(default=0, sa_type=BigInteger)
    created: datetime = Field(sa_type=UtcTime)
    used: datetime | None = Field(default=None, sa_type=UtcTime)


class InvitationRow(Row, table=True):
    """An invitation for one influencer, its token as SHA-256 only; who used it is not kept."""

    __tablename__ = "invitations"

    digest: str = Field(primary_key=True, sa_type=String)
    by: str = Field(sa_type=CleanText)
    note: str = Field(default="", sa_type=CleanText)
    created: datetime = Field(sa_type=UtcTime)
    expires: datetime = Field(index=True, sa_type=UtcTime)
    used: datetime | None = Field(default=None, sa_type=UtcTime)


class DraftRow(Row, table=True):
    """What a moderator is writing on a question."""

    __tablename__ = "drafts"

    moderator: int = Field(primary_key=True, foreign_key="moderators.id", sa_type=BigId)
    code: str = Field(primary_key=True, sa_type=String)
    body: Any = Field(sa_type=Json)
    at: datetime = Field(index=True, sa_type=UtcTime)


class DeskCodeRow(Row, table=True):
    """A code that links a chat to the desk, as SHA-256 only."""

    __tablename__ = "desk_codes"

    digest: str = Field(primary_key=True, sa_type=String)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)
    for_group: bool = False
    expires: datetime = Field(index=True, sa_type=UtcTime)


class DeskLinkRow(Row, table=True):
    """A chat of the desk: whose, what they wish and the dialogue, sealed under its person's key;
    `mark` finds the chats of a moderator."""

    __tablename__ = "desk_links"

    person: str = Field(primary_key=True, foreign_key="people.id", sa_type=String)
    mark: str = Field(index=True, sa_type=String)
    body: bytes = Field(sa_type=LargeBinary)


class DeskPinRow(Row, table=True):
    """A PIN, stretched and keyed."""

    __tablename__ = "desk_pins"

    moderator: int = Field(primary_key=True, foreign_key="moderators.id", sa_type=BigId)
    salt: bytes = Field(sa_type=LargeBinary)
    mark: str = Field(sa_type=String)


class DeskHandleRow(Row, table=True):
    """What a button of a desk chat stands for; its handle as SHA-256 only."""

    __tablename__ = "desk_handles"

    digest: str = Field(primary_key=True, sa_type=String)
    batch: str = Field(index=True, sa_type=String)
    person: str = Field(index=True, sa_type=String)
    moderator: int = Field(sa_type=BigId)
    action: str = Field(sa_type=String)
    subject: str = Field(sa_type=String)
    version: int = Field(sa_type=Integer)
    used: bool = False
    at: datetime = Field(index=True, sa_type=UtcTime)


class DeskCardRow(Row, table=True):
    """A message to a desk chat that can be renewed; what the platform calls it, sealed."""

    __tablename__ = "desk_cards"
    __table_args__ = (COUNTED,)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    person: str = Field(index=True, sa_type=String)
    subject: str = Field(index=True, sa_type=String)
    ref: bytes | None = Field(default=None, sa_type=LargeBinary)
    ref_mark: str | None = Field(default=None, index=True, sa_type=String)
    at: datetime = Field(index=True, sa_type=UtcTime)


class DemandRow(Row, table=True):
    """The place of an open question in the queue, as last worked out."""

    __tablename__ = "demand"

    question: int = Field(primary_key=True, foreign_key="questions.id", sa_type=BigId)
    score: float = Field(index=True)
    topic: str = Field(default="", sa_type=String)
    askers: int = Field(default=0, sa_type=Integer)
    forwarded_many: int = Field(default=0, sa_type=Integer)
    hour: int = Field(default=0, sa_type=Integer)
    day: int = Field(default=0, sa_type=Integer)
    influencers: int = Field(default=0, sa_type=Integer)
    window_ends: datetime | None = Field(default=None, sa_type=UtcTime)
    at: datetime = Field(index=True, sa_type=UtcTime)


class LeaseRow(Row, table=True):
    """Who works on a question."""

    __tablename__ = "leases"

    question: int = Field(primary_key=True, foreign_key="questions.id", sa_type=BigId)
    moderator: int = Field(foreign_key="moderators.id", index=True, sa_type=BigId)
    since: datetime = Field(sa_type=UtcTime)
    until: datetime = Field(sa_type=UtcTime)


class EscalationRow(Row, table=True):
    """A question an editor should look at."""

    __tablename__ = "escalations"

    question: int = Field(primary_key=True, foreign_key="questions.id", sa_type=BigId)
    by: str = Field(sa_type=CleanText)
    reason: str = Field(sa_type=CleanText)
    at: datetime = Field(sa_type=UtcTime)


class CommentRow(Row, table=True):
    """What somebody of the desk said about a question."""

    __tablename__ = "comments"
    __table_args__ = (COUNTED,)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    question: int = Field(foreign_key="questions.id", index=True, sa_type=BigId)
    author: str = Field(sa_type=CleanText)
    text: str = Field(sa_type=CleanText)
    at: datetime = Field(sa_type=UtcTime)


class MentionRow(Row, table=True):
    """Somebody is named in a comment; goes once they have read it."""

    __tablename__ = "mentions"

    comment: int = Field(primary_key=True, foreign_key="comments.id", sa_type=BigId)
    moderator: int = Field(primary_key=True, foreign_key="moderators.id", index=True, sa_type=BigId)


class ViewRow(Row, table=True):
    """A filter of the queue somebody saved."""

    __tablename__ = "views"
    __table_args__ = (UniqueConstraint("moderator", "name"), COUNTED)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    moderator: int = Field(foreign_key="moderators.id", sa_type=BigId)
    name: str = Field(sa_type=CleanText)
    query: str = Field(sa_type=CleanText)


class DayFiguresRow(Row, table=True):
    """What was counted of a local day before its rows are forgotten; no person is in it.
    `cut`: "" for the whole day, "topic" or "channel", and then `name` is the part."""

    __tablename__ = "day_figures"

    day: str = Field(primary_key=True, sa_type=String)
    cut: str = Field(primary_key=True, sa_type=String)
    name: str = Field(primary_key=True, sa_type=CleanText)
    asked: int = Field(sa_type=Integer)
    automatic: int = Field(sa_type=Integer)
    first_word: float | None = Field(default=None, sa_type=Float)
