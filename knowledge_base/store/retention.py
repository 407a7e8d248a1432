"""What is forgotten when: one batch of every rule at a time (docs/storage.md)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import and_, col, delete, or_, select, update

from knowledge_base.accounts import INVITATION
from knowledge_base.chats import TAP
from knowledge_base.deeds import Deed, of_person
from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Outcome
from knowledge_base.store import inbox
from knowledge_base.store.accounts import Accounts
from knowledge_base.store.audit import Audit
from knowledge_base.store.outbox import FINAL
from knowledge_base.store.people import People
from knowledge_base.store.questions import OPEN, Questions
from knowledge_base.store.tables import (
    CommentRow,
    DeskCardRow,
    DeskCodeRow,
    DeskHandleRow,
    DraftRow,
    ErasureRow,
    EscalationRow,
    HitRow,
    InboxTableRow,
    InvitationRow,
    LeaseRow,
    LoginLinkRow,
    LoginSessionRow,
    MailboxTableRow,
    MentionRow,
    OutboxTableRow,
    PeriodKeyRow,
    PersonRow,
    QuestionRow,
    SourceCheckRow,
    SubmissionRow,
)
from knowledge_base.store.unit import Door

BATCH = 500
DAY = timedelta(days=1)
BODY = timedelta(hours=24)  # raw bodies after handling, mailbox, bodies of delivered messages
PARKED_BODY = timedelta(days=7)
SEEN = timedelta(days=30)  # keyed ids for recognising repeats; Meta repeats for 7 days
FAREWELL = timedelta(hours=1)
LINKED = timedelta(days=30)  # question text with its person, after the answer
ADDRESS = timedelta(days=90)  # after the last answer, for corrections
HELD = timedelta(days=90)  # messages for people who cannot be written to now
HITS = timedelta(days=2)
LIMIT_KEY = timedelta(days=60)
LEDGER = timedelta(days=45)  # longer than the oldest backup (30 days)
DRAFT = timedelta(days=90)
SESSION = timedelta(hours=12)
CARD = timedelta(days=30)
AUDIT_BODY = timedelta(days=180)
SOURCE = timedelta(days=60)  # every source in use is looked at once a week

FINAL_STATES = tuple(state.value for state in FINAL)
ON_THEIR_WAY = tuple(state.value for state in Delivery if state not in FINAL)
PENDING = (Delivery.WAITING.value, Delivery.SENDING.value)


class Retention(Door):
    """The rules, bound to one transaction."""

    def forget_old(self, now: datetime, only: Collection[str] = ()) -> Mapping[str, int]:
        """One batch of these rules (of none: of every rule); gives how many rows each touched, so
        that the caller knows which to ask again."""
        rules: Mapping[str, Callable[[datetime], int]] = {
            "raw bodies": self._raw_bodies,
            "message ids": self._message_ids,
            "delivered bodies": self._delivered_bodies,
            "deliveries": self._deliveries,
            "held": self._held_too_long,
            "farewells": self._farewells,
            "mailbox": self._mailbox,
            "submissions": self._submissions,
            "asked once only": self._once_only,
            "addresses": self._addresses,
            "limits": self._limits,
            "erasures": self._erasures,
            "logins": self._logins,
            "accounts": self._accounts,
            "invitations": self._invitations,
            "drafts": self._drafts,
            "casework": self._casework,
            "desk chats": self._desk_chats,
            "audit bodies": self._audit_bodies,
            "source checks": self._source_checks,
            "keys": self._keys,
        }
        self._session.flush()
        counts = {name: rule(now) for name, rule in rules.items() if not only or name in only}
        self._unit.forgot |= any(counts.values())
        return counts

    def _raw_bodies(self, now: datetime) -> int:
        """Bodies of handled updates after a day, of parked ones after a week."""
        row = InboxTableRow
        closed, kept = col(row.closed_at) <= now - BODY, col(row.body).is_not(None)  # the index
        parked = col(row.state) == inbox.PARKED
        young = and_(parked, col(row.closed_at) > now - PARKED_BODY)
        ids = self._ids(row, col(row.id), closed, kept, ~young)
        self._set(row, col(row.id), ids, body=None, person=None)
        return len(ids)

    def _message_ids(self, now: datetime) -> int:
        row = InboxTableRow
        closed = col(row.state).not_in((inbox.WAITING, inbox.LEASED))  # the index is of the time
        return self._delete(row, col(row.id), closed, col(row.received) <= now - SEEN)

    def _delivered_bodies(self, now: datetime) -> int:
        row = OutboxTableRow
        ids = self._ids(
            row,
            col(row.id),
            col(row.state).in_(FINAL_STATES),
            col(row.finished_at) <= now - BODY,
            col(row.body).is_not(None),
        )
        self._set(row, col(row.id), ids, body=None)
        return len(ids)

    def _deliveries(self, now: datetime) -> int:
        row = OutboxTableRow
        final = col(row.state).in_(FINAL_STATES)
        return self._delete(row, col(row.id), final, col(row.finished_at) <= now - SEEN)

    def _held_too_long(self, now: datetime) -> int:
        """What waited in vain for somebody to write again."""
        row = OutboxTableRow
        held = col(row.state) == Delivery.HELD.value
        ids = self._ids(row, col(row.id), held, col(row.created) <= now - HELD)
        expired = {"state": Delivery.EXPIRED.value, "reason": "never came back", "body": None}
        self._set(row, col(row.id), ids, finished_at=now, **expired)
        return len(ids)

    def _farewells(self, now: datetime) -> int:
        """The word to an erased person that could not be delivered within the hour."""
        row = OutboxTableRow
        farewell = and_(col(row.own_key).is_not(None), col(row.state).in_(ON_THEIR_WAY))
        return self._delete(row, col(row.id), farewell, col(row.created) <= now - FAREWELL)

    def _mailbox(self, now: datetime) -> int:
        row = MailboxTableRow
        return self._delete(row, col(row.seq), col(row.at) <= now - BODY)

    def _submissions(self, now: datetime) -> int:
        """Unlink what was answered 30 days ago; without a question nothing of it is kept."""
        row = SubmissionRow
        query = select(row).where(col(row.person) > "", _ended(row, now)).limit(BATCH)
        rows = self._session.exec(query).all()
        questions = Questions(self._unit)
        questions.disconnect(rows)
        old = self._ids(row, col(row.id), col(row.question).is_(None), col(row.at) <= now - LINKED)
        questions.forget_answers(old)
        self._session.exec(delete(row).where(col(row.id).in_(old)))
        return len(rows) + len(old)

    def _once_only(self, now: datetime) -> int:
        """Who wanted to be answered only once, as soon as nothing is owed any more."""
        return self._erase(col(PersonRow.once).is_(True), ~_held().exists())

    def _addresses(self, now: datetime) -> int:
        return self._erase(col(PersonRow.last_answer) <= now - ADDRESS, _silent(now - ADDRESS))

    def _limits(self, now: datetime) -> int:
        return self._delete(HitRow, col(HitRow.id), col(HitRow.at) <= now - HITS)

    def _erasures(self, now: datetime) -> int:
        return self._delete(ErasureRow, col(ErasureRow.mark), col(ErasureRow.at) <= now - LEDGER)

    def _logins(self, now: datetime) -> int:
        link, session = LoginLinkRow, LoginSessionRow
        return self._delete(link, col(link.digest), col(link.expires) <= now) + self._delete(
            session, col(session.digest), col(session.created) <= now - SESSION
        )

    def _accounts(self, now: datetime) -> int:
        """People of the desk who were not here for 30 days; an admin brings them back."""
        names = Accounts(self._unit).sleep(now)
        for name in names:
            what, why = of_person(name), "not here for 30 days"
            Audit(self._unit).write("retention", Deed.MODERATOR_SLEEP, what, why)
        return len(names)

    def _invitations(self, now: datetime) -> int:
        row = InvitationRow
        return self._delete(row, col(row.digest), col(row.expires) <= now - INVITATION)

    def _drafts(self, now: datetime) -> int:
        result = self._session.exec(delete(DraftRow).where(col(DraftRow.at) <= now - DRAFT))
        return int(result.rowcount)

    def _casework(self, now: datetime) -> int:
        """What was said and done about a question among colleagues, 30 days after its end."""
        said = self._ids(CommentRow, col(CommentRow.id), _ended(CommentRow, now))
        self._session.exec(delete(MentionRow).where(col(MentionRow.comment).in_(said)))
        self._session.exec(delete(CommentRow).where(col(CommentRow.id).in_(said)))
        return len(said) + sum(
            self._delete(row, col(row.question), _ended(row, now))
            for row in (EscalationRow, LeaseRow)
        )

    def _desk_chats(self, now: datetime) -> int:
        """Codes that were not used, old buttons and cards of desk chats."""
        code, handle, card = DeskCodeRow, DeskHandleRow, DeskCardRow
        return (
            self._delete(code, col(code.digest), col(code.expires) <= now)
            + self._delete(handle, col(handle.digest), col(handle.at) <= now - TAP)
            + self._delete(card, col(card.id), col(card.at) <= now - CARD)
        )

    def _source_checks(self, now: datetime) -> int:
        """What nobody looks at any more: no published fact-check names it."""
        row = SourceCheckRow
        return self._delete(row, col(row.digest), col(row.at) <= now - SOURCE)

    def _audit_bodies(self, now: datetime) -> int:
        """Reasons and details may speak of people; that something was done, by whom, stays."""
        return Audit(self._unit).erase_old(now - AUDIT_BODY, BATCH)

    def _keys(self, now: datetime) -> int:
        """Keys of days of which no body is left, and limit keys of past months."""
        row = PeriodKeyRow
        used = or_(
            select(InboxTableRow.id)
            .where(InboxTableRow.day == row.period, col(InboxTableRow.body).is_not(None))
            .exists(),
            select(MailboxTableRow.seq).where(MailboxTableRow.day == row.period).exists(),
        )
        days = and_(col(row.purpose) == "body", col(row.period) < f"{now - DAY:%Y-%m-%d}", ~used)
        months = and_(col(row.purpose) == "limit", col(row.period) < f"{now - LIMIT_KEY:%Y-%m}")
        result = self._session.exec(delete(row).where(or_(days, months)))
        return int(result.rowcount)

    def _erase(self, *conditions: Any) -> int:
        """Erase people to whom nothing is owed: nothing they asked waits for its answer (the
        question may be closed already and its askers not told yet), no message is on its way.
        What was closed 30 days ago is unlinked by then, so that nobody is kept for ever."""
        asking = select(SubmissionRow.id).where(
            SubmissionRow.person == PersonRow.id,
            col(SubmissionRow.question).is_not(None),
            SubmissionRow.outcome == Outcome.QUEUED.value,
        )
        sending = select(OutboxTableRow.id).where(
            OutboxTableRow.person == PersonRow.id, col(OutboxTableRow.state).in_(PENDING)
        )
        ids = self._ids(
            PersonRow, col(PersonRow.id), *conditions, ~asking.exists(), ~sending.exists()
        )
        people = People(self._unit)
        for person in ids:
            people.erase(person)
        self._unit.erased.clear()  # nobody says farewell here
        return len(ids)

    def _ids(self, table: Any, key: Any, *conditions: Any) -> list[Any]:
        query = select(key).select_from(table).where(*conditions).limit(BATCH)
        return list(self._session.exec(query).all())

    def _set(self, table: Any, key: Any, ids: list[Any], **values: Any) -> None:
        self._session.exec(update(table).where(key.in_(ids)).values(**values))

    def _delete(self, table: Any, key: Any, *conditions: Any) -> int:
        ids = self._ids(table, key, *conditions)
        self._session.exec(delete(table).where(key.in_(ids)))
        return len(ids)


def _ended(row: Any, now: datetime) -> Any:
    """Was the question of this row closed 30 days ago? Asked of each row: few are left, while
    closed questions stay."""
    question = QuestionRow
    closed = select(question.id).where(
        question.id == row.question, question.state != OPEN, col(question.closed_at) <= now - LINKED
    )
    return closed.exists()


def _held() -> Any:
    return select(OutboxTableRow.id).where(
        OutboxTableRow.person == PersonRow.id, OutboxTableRow.state == Delivery.HELD.value
    )


def _silent(since: datetime) -> Any:
    return or_(col(PersonRow.last_wrote).is_(None), col(PersonRow.last_wrote) <= since)
