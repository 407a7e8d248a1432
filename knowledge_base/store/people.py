"""People without addresses, and the one place where they meet their addresses."""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Executable, bindparam, tuple_
from sqlalchemy import select as core
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import and_, case, col, delete, func, select, update

from knowledge_base.deliveries import Delivery, Turn
from knowledge_base.facts import Address, Person, Told
from knowledge_base.store.invitations import join
from knowledge_base.store.person_rows import (
    change_person,
    contact_row,
    find_contact,
    person_row,
    state_now,
)
from knowledge_base.store.questions import Questions
from knowledge_base.store.tables import (
    AnswerRow,
    ContactRow,
    DeskCardRow,
    DeskHandleRow,
    DeskLinkRow,
    ErasureRow,
    FactRow,
    HitRow,
    InboxTableRow,
    MailboxTableRow,
    OutboxTableRow,
    PersonRow,
    SubmissionRow,
    ToldRow,
    VoteRow,
    as_json,
    table_of,
)
from knowledge_base.store.unit import Door, Unit
from knowledge_base.store.vault import keyed, seal, unseal

PERSON_BYTES = 16
AT_ONCE = 400  # pairs in one IN list; SQLite takes at least 999 variables
PENDING = (Delivery.WAITING.value, Delivery.SENDING.value, Delivery.HELD.value)
SAVED = ("language", "greeted", "once", "notify", "unreachable", "consent")

_TOLD, _HIT = table_of(ToldRow), table_of(HitRow)
_ANSWERS, _ASKED = table_of(AnswerRow), table_of(SubmissionRow)
_MINE = _HIT.c.key == bindparam("key")
_BY_NOW = and_(_MINE, _HIT.c.at <= bindparam("now"))
_HITS = core(
    func.count(case((and_(_BY_NOW, _HIT.c.at > bindparam("later")), 1))),
    func.count(case((_BY_NOW, 1))),
    func.min(case((_MINE, _HIT.c.at))),
    func.max(case((~_MINE, _HIT.c.at))),
).where(_HIT.c.key.in_([bindparam("key"), bindparam("pause")]), _HIT.c.at > bindparam("start"))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@cache
def _told_again(dialect: str) -> Executable:
    """Remember what somebody was told; of a fact-check told before, the newest version."""
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = into(_TOLD)
    new = statement.excluded
    newest = case((new.version > _TOLD.c.version, new.version), else_=_TOLD.c.version)
    return statement.on_conflict_do_update(
        index_elements=[_TOLD.c.number, _TOLD.c.person],
        set_={"version": newest, "at": new.at, "submission": new.submission},
    )


@cache
def _answered(dialect: str) -> Executable:
    """Remember that a message was answered with this, while it is kept; again: the newest time."""
    into = postgresql.insert if dialect == "postgresql" else sqlite.insert
    known = core(
        bindparam("number", type_=_ANSWERS.c.number.type),
        _ASKED.c.id,
        _ASKED.c.person,
        bindparam("version", type_=_ANSWERS.c.version.type),
        bindparam("at", type_=_ANSWERS.c.at.type),
    ).where(_ASKED.c.id == bindparam("submission"), _ASKED.c.person == bindparam("person"))
    names = ["number", "submission", "person", "version", "at"]
    statement = into(_ANSWERS).from_select(names, known)
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=[_ANSWERS.c.number, _ANSWERS.c.submission],
        set_={"version": new.version, "at": new.at, "person": new.person},
    )


def parts(address: Address) -> tuple[str, str, str]:
    """An address as the parts of a keyed hash."""
    return (address.channel, address.account, address.value)


class People(Door):
    """Persons of one transaction; nothing here gives an address."""

    def get(self, person: str) -> Person | None:
        """The person, or None when erased."""
        row = person_row(self._unit, person)
        return None if row is None else to_person(self._unit, row)

    def save(self, person: Person) -> None:
        """Change language, consent, dialogue state and the like; an erased person stays erased."""
        row = person_row(self._unit, person.id)
        if row is None:
            return
        values: dict[str, Any] = {name: getattr(person, name) for name in SAVED}
        base = _state(self._unit, row)
        if person.state != base:
            present = _unsealed(self._unit, person.id, state_now(self._unit, person.id))
            state = rebased(base, person.state, present)
            values["state"] = None
            if state:
                key = self._unit.must_have_key(person.id)
                values["state"] = seal(key, as_json(state).encode(), "state", person.id)
        change_person(self._unit, person.id, values)

    def join(self, token: str, person: str, now: datetime) -> str:
        """Use an invitation: the person is an influencer from now on. Gives the inviter's name;
        empty when the invitation is unknown, used or too old."""
        return join(self._unit, token, person, now)

    def tell(self, told: Told) -> None:
        """Remember the newest version that was told (for corrections), and the message that it
        answers, which must be noted before."""
        if person_row(self._unit, told.person) is None:
            return
        values = {
            "number": told.fact_number,
            "person": told.person,
            "version": told.version,
            "at": told.at,
            "submission": told.submission,
        }
        self._unit.run(_told_again(self._unit.dialect), values)
        if told.submission:
            self._unit.flush()
            self._unit.run(_answered(self._unit.dialect), values)

    def told_of(self, submission: str) -> tuple[Told, ...]:
        """Every fact-check this message was answered with, the newest first."""
        query = (
            select(AnswerRow)
            .where(AnswerRow.submission == submission)
            .order_by(col(AnswerRow.at).desc(), col(AnswerRow.number).desc())
        )
        return tuple(_told(row) for row in self._session.exec(query))

    def answered_with(
        self, fact_number: int, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[tuple[Told, str], ...]:
        """Every message answered with this fact-check since then, with its masked text; one page
        by submission id."""
        row = AnswerRow
        query = (
            select(row, SubmissionRow.text)
            .join(SubmissionRow, col(SubmissionRow.id) == row.submission)
            .where(row.number == fact_number, row.at >= since, row.submission > after)
            .order_by(col(row.submission))
            .limit(limit)
        )
        return tuple((_told(row), text) for row, text in self._session.exec(query))

    def told(self, person: str) -> tuple[Told, ...]:
        """What this person was told, newest first; of each fact-check the newest version."""
        query = (
            select(ToldRow)
            .where(ToldRow.person == person)
            .order_by(col(ToldRow.at).desc(), col(ToldRow.number).desc())
        )
        return tuple(_told(row) for row in self._session.exec(query))

    def told_in(self, person: str, ref: str) -> tuple[tuple[int, int], ...]:
        """(number, version) of the verdicts in the message of ours the platform calls so; empty
        when it is none of ours, or sent longer ago than its body is kept."""
        address, key = address_of(self._unit, person), self._unit.person_key(person)
        if address is None or key is None or not ref:
            return ()
        marks = self._unit.vault.marks("platform", address.channel, address.account, ref)
        query = select(OutboxTableRow.body).where(
            OutboxTableRow.person == person,
            col(OutboxTableRow.platform_mark).in_(marks),
            col(OutboxTableRow.body).is_not(None),
        )
        sealed = self._session.exec(query).first()
        body = json.loads(unseal(key, sealed, "outbox", person)) if sealed else {}
        found = [body["fact"], *body.get("more_facts", ())] if body.get("fact") else []
        return tuple((int(number), int(version)) for number, version in found)

    def told_about(self, fact_number: int, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        """Who was told about this fact-check, one page by person id."""
        query = (
            select(ToldRow)
            .where(ToldRow.number == fact_number, ToldRow.person > after)
            .order_by(col(ToldRow.person))
            .limit(limit)
        )
        return tuple(_told(row) for row in self._session.exec(query))

    def outdated(self, limit: int = 1000) -> tuple[int, ...]:
        """Numbers of fact-checks of which somebody was told an older version than the present."""
        older = (FactRow.number == ToldRow.number, ToldRow.version < FactRow.version)
        query = select(ToldRow.number).join(FactRow, and_(*older)).distinct().limit(limit)
        return tuple(self._session.exec(query))

    def told_count(self, fact_number: int, version: int) -> tuple[int, int]:
        """How many were told at least this version, and how many were told any."""
        reached = case((col(ToldRow.version) >= version, 1), else_=0)
        query = select(func.coalesce(func.sum(reached), 0), func.count())
        reached_, all_ = self._session.exec(query.where(ToldRow.number == fact_number)).one()
        return int(reached_), int(all_)

    def heard_count(self, heard: Collection[tuple[int, int]], *, agreed: bool) -> int:
        """How many people who may be written to were told one of these (number, version) last;
        with `agreed` only those who said yes to being written to."""
        pairs, people = sorted(set(heard)), set[str]()
        told = select(ToldRow.person).join(PersonRow, col(PersonRow.id) == ToldRow.person)
        told = told.where(PersonRow.notify, *([PersonRow.consent != ""] if agreed else []))
        for start in range(0, len(pairs), AT_ONCE):
            some = tuple_(col(ToldRow.number), col(ToldRow.version)).in_(
                pairs[start : start + AT_ONCE]
            )
            people.update(self._session.exec(told.where(some).distinct()))
        return len(people)

    def export(self, person: str) -> Mapping[str, Any]:
        """Everything held about the person, as plain data with readable keys; {} when erased.

        Of the address it says only that there is one.
        """
        row, plain = self._session.get(PersonRow, person), self.get(person)
        if row is None or plain is None:
            return {}
        known = asdict(plain)
        waiting = select(func.count()).where(
            OutboxTableRow.person == person, col(OutboxTableRow.state).in_(PENDING)
        )
        questions = Questions(self._unit)
        return known | {
            "first_seen": row.first_seen,
            "last_wrote": row.last_wrote,
            "last_answer": row.last_answer,
            "address_kept": self._session.get(ContactRow, person) is not None,
            "messages_waiting": self._session.exec(waiting).one(),
            "questions": [
                {
                    "text": item.text,
                    "at": item.at,
                    "outcome": item.outcome,
                    "ticket": item.question,
                    "fact_check": item.fact_number,
                }
                for item in questions.of_person(person, limit=1000)
            ],
            "told": [
                {"fact_check": told.fact_number, "version": told.version, "at": told.at}
                for told in self.told(person)
            ],
            "votes": self._votes(person),
        }

    def _votes(self, person: str) -> list[dict[str, Any]]:
        query = select(VoteRow).where(VoteRow.person == person).order_by(col(VoteRow.at))
        return [
            {"fact_check": row.number, "version": row.version, "helpful": row.helpful}
            for row in self._session.exec(query)
        ]

    def erase(self, person: str) -> None:
        """Delete everything of the person in this transaction, waiting messages included.

        What stays is the de-identified text of questions, and keyed hashes: of message ids (30
        days), of the address for limits (60 days), and in the ledger that repeats the erasure
        after a restore. One farewell may still be written in the same transaction.
        """
        row = self._session.get(PersonRow, person)
        if row is None:
            return
        self._unit.forgot = True
        address = address_of(self._unit, person)
        if address is not None:
            self._unit.erased[person] = address
            self._forget_address(address)
        self._forget_deliveries(person)
        Questions(self._unit).unlink(person)
        self._session.exec(delete(ToldRow).where(col(ToldRow.person) == person))
        self._session.exec(delete(AnswerRow).where(col(AnswerRow.person) == person))
        self._session.exec(delete(VoteRow).where(col(VoteRow.person) == person))
        self._session.exec(delete(ContactRow).where(col(ContactRow.person) == person))
        forget_chat(self._unit, person)
        self._unit.destroy_person_key(person)
        self._session.delete(row)
        self._session.flush()
        self._unit.forget_person(person)

    def _forget_address(self, address: Address) -> None:
        """Ledger, mailbox and the handled raw messages of this address."""
        vault = self._unit.vault
        note_erasure(self._unit, vault.mark("erase", *parts(address)), self._unit.now)
        chats = vault.marks("mailbox", address.value)
        self._session.exec(delete(MailboxTableRow).where(col(MailboxTableRow.chat).in_(chats)))
        self._session.exec(
            update(InboxTableRow)
            .where(
                col(InboxTableRow.chat).in_(vault.marks("chat", *parts(address))),
                col(InboxTableRow.state).in_(("done", "parked")),
            )
            .values(body=None, person=None)
        )

    def _forget_deliveries(self, person: str) -> None:
        self._session.exec(
            update(InboxTableRow)
            .where(col(InboxTableRow.person) == person)
            .values(body=None, person=None)
        )
        mine = col(OutboxTableRow.person) == person
        self._session.exec(
            update(OutboxTableRow)
            .where(mine, col(OutboxTableRow.state).in_(PENDING))
            .values(state=Delivery.CANCELLED.value, reason="erased", finished_at=self._unit.now)
        )
        self._session.exec(
            update(OutboxTableRow)
            .where(mine)
            .values(person=None, body=None, key=None, platform_mark=None)
        )


def note_erasure(unit: Unit, mark: str, at: datetime) -> None:
    """Keep that this address was erased at that time, or again at that time."""
    unit.session.merge(ErasureRow(mark=mark, at=at))
    unit.ledger[mark] = at


class Contacts(Door):
    """The only place where persons meet addresses."""

    def erasures(self, since: datetime) -> Mapping[str, datetime]:
        """Keyed hashes of addresses that were erased after that time, each with the last time."""
        row = ErasureRow
        query = select(row.mark, row.at).where(col(row.at) > since)
        return dict(self._session.exec(query).all())

    def erase_again(self, marks: Mapping[str, datetime]) -> int:
        """Erase whom this database still knows at one of these addresses, without a farewell, and
        keep that they were erased. Opens every address: only for a database that was put back."""
        vault, people = self._unit.vault, People(self._unit)
        erased = 0
        for person in self._session.exec(select(ContactRow.person)).all():
            address = address_of(self._unit, person)
            if address and not marks.keys().isdisjoint(vault.marks("erase", *parts(address))):
                people.erase(person)
                erased += 1
        self._unit.erased.clear()
        for mark, at in marks.items():
            note_erasure(self._unit, mark, at)
        return erased

    def at(self, address: Address, now: datetime) -> Person:
        """The person at this address; a new random one at first contact."""
        return self.known(address) or self._new(address, now)

    def known(self, address: Address) -> Person | None:
        """The person at this address, or None; creates nothing."""
        person = find_contact(self._unit, self._unit.vault.marks("contact", *parts(address)))
        row = person_row(self._unit, person) if person is not None else None
        return None if row is None else to_person(self._unit, row)

    def address(self, person: str) -> Address | None:
        """Decrypted address, for sending only; None when erased or dropped."""
        return address_of(self._unit, person)

    def moved(self, old: Address, new: Address) -> None:
        """The platform says that this chat has a new address.

        Who has already written from the new address is the same person: both become one.
        """
        contact = self._contact(old)
        if contact is None or parts(old) == parts(new):
            return
        other = self._contact(new)
        if other is not None:
            self._absorb(contact.person, other)
        self._put(contact, new)
        self._session.flush()
        self._unit.forget_person(contact.person)

    def lost(self, person: str) -> None:
        """The platform says that nobody can be reached there: blocked, gone, deactivated."""
        change_person(self._unit, person, {"unreachable": True})

    def wrote(self, person: str, now: datetime) -> None:
        """The person wrote at that time: opens the reply window, clears `unreachable`. A
        message that comes late does not close a window that a newer one has opened."""
        row = person_row(self._unit, person)
        if row is not None:
            last = max(now, row["last_wrote"] or now)
            change_person(self._unit, person, {"unreachable": False, "last_wrote": last})

    def window_end(self, person: str) -> datetime | None:
        """When they last wrote (for the 24-hour window); None when never."""
        row = person_row(self._unit, person)
        return None if row is None else row["last_wrote"]

    def limit_key(self, address: Address, now: datetime) -> str:
        """Key for rate limits: survives erasure, holds no address, changes each month.

        The month's key is random and destroyed after 60 days: then nobody can make it again.
        """
        month = self._unit.period_key("limit", f"{now:%Y-%m}")
        return keyed(month, *parts(address))

    def turn(self, limit_key: str, now: datetime, a_minute: int, a_day: int) -> Turn:
        """May one more message under this key be worked on? Counts it if so. Once a limit is
        reached nothing is taken until a time that is told once, to the full minute: whatever
        is not taken was either told then, or lies between that and the time it named."""
        pause = f"{limit_key}/pause"
        since = {"now": now, "later": now - MINUTE, "start": now - DAY}
        found = self._unit.run(_HITS, {"key": limit_key, "pause": pause, **since}).one()
        minute, today, first, until = tuple(found)
        if until is not None and until > now:
            return Turn(taken=False, until=until, told=True)
        if minute < a_minute and today < a_day:
            self._unit.insert(HitRow, {"key": limit_key, "at": now})
            return Turn(taken=True)
        daily = today >= a_day
        until = _full_minute(max(first + DAY, now + HOUR) if daily else now + MINUTE)
        self._unit.insert(HitRow, {"key": pause, "at": until})
        return Turn(taken=False, until=until, daily=daily)

    def _contact(self, address: Address) -> ContactRow | None:
        person = find_contact(self._unit, self._unit.vault.marks("contact", *parts(address)))
        return self._session.get(ContactRow, person, populate_existing=True) if person else None

    def _new(self, address: Address, now: datetime) -> Person:
        person = secrets.token_hex(PERSON_BYTES)
        row = {"id": person, "channel": address.channel, "first_seen": now, "last_answer": now}
        self._unit.insert(PersonRow, row)
        key = self._unit.make_person_key(person)
        contact = {"person": person, **self._placed(person, key, address)}
        if self._unit.insert(ContactRow, contact) is None:  # they came twice at this moment
            self._unit.destroy_person_key(person)
            self._session.exec(delete(PersonRow).where(col(PersonRow.id) == person))
            return self.at(address, now)
        return Person(id=person, channel=address.channel, first_seen=now)

    def _put(self, contact: ContactRow, address: Address) -> None:
        key = self._unit.must_have_key(contact.person)
        for name, value in self._placed(contact.person, key, address).items():
            setattr(contact, name, value)

    def _placed(self, person: str, key: bytes, address: Address) -> dict[str, Any]:
        value = address.value.encode("utf-8", "surrogatepass")
        return {
            "channel": address.channel,
            "account": address.account,
            "address": seal(key, value, person, address.channel),
            "mark": self._unit.vault.mark("contact", *parts(address)),
        }

    def _take_votes(self, person: str, gone: str) -> None:
        """One vote per person and version: where both voted, the one that stays has."""
        mine, theirs = (
            list(self._session.exec(select(VoteRow).where(VoteRow.person == who)))
            for who in (person, gone)
        )
        known = {(vote.number, vote.version) for vote in mine}
        for vote in theirs:
            if (vote.number, vote.version) not in known:
                self._session.add(VoteRow(**{**vote.model_dump(), "person": person}))

    def _absorb(self, person: str, other: ContactRow) -> None:
        """Everything of the other person becomes this person's; the other one is gone."""
        gone = other.person
        old_key, key = self._unit.must_have_key(gone), self._unit.must_have_key(person)
        for row in self._session.exec(select(SubmissionRow).where(SubmissionRow.person == gone)):
            if row.ref is not None:
                ref = unseal(old_key, row.ref, "ref", gone, row.id)
                row.ref = seal(key, ref, "ref", person, row.id)
                row.ref_mark = self._unit.vault.mark("ref", person, ref.decode())
            row.person = person
        for message in self._session.exec(
            select(OutboxTableRow).where(OutboxTableRow.person == gone)
        ):
            if message.body is not None:
                body = unseal(old_key, message.body, "outbox", gone)
                message.body = seal(key, body, "outbox", person)
            message.person = person
        self._session.flush()
        people = People(self._unit)
        for told in people.told(gone):
            people.tell(Told(person, told.fact_number, told.version, told.at, told.submission))
        theirs_too = update(AnswerRow).where(col(AnswerRow.person) == gone)
        self._session.exec(theirs_too.values(person=person))
        self._session.exec(
            update(InboxTableRow).where(col(InboxTableRow.person) == gone).values(person=person)
        )
        theirs = self._session.get_one(PersonRow, gone)
        mine = self._session.get_one(PersonRow, person)
        _take_over(mine, theirs, old_key, key)
        self._take_votes(person, gone)
        for table in (ToldRow, VoteRow, ContactRow):
            self._session.exec(delete(table).where(col(table.person) == gone))
        forget_chat(self._unit, gone)
        self._unit.destroy_person_key(gone)
        self._session.delete(theirs)
        self._session.flush()
        for each in (gone, person):
            self._unit.forget_person(each)
        for question in self._session.exec(
            select(SubmissionRow.question)
            .where(SubmissionRow.person == person, col(SubmissionRow.question).is_not(None))
            .distinct()
        ).all():
            Questions(self._unit).recount(question or 0)


def _full_minute(value: datetime) -> datetime:
    whole = value.replace(second=0, microsecond=0)
    return whole if whole == value else whole + MINUTE


def _take_over(mine: PersonRow, theirs: PersonRow, old_key: bytes, key: bytes) -> None:
    """What both have said of themselves: the newer word counts, and a stop always does."""
    newer = (theirs.last_wrote or theirs.first_seen) >= (mine.last_wrote or mine.first_seen)
    first, second = (theirs, mine) if newer else (mine, theirs)
    mine.language = first.language or second.language
    mine.consent = max(mine.consent, theirs.consent, key=_stamped)
    mine.unreachable = first.unreachable
    if newer and theirs.state is not None:
        mine.state = seal(key, unseal(old_key, theirs.state, "state", theirs.id), "state", mine.id)
    mine.once, mine.notify = mine.once or theirs.once, mine.notify and theirs.notify
    mine.greeted, mine.influencer = (
        mine.greeted or theirs.greeted,
        mine.influencer or theirs.influencer,
    )
    mine.first_seen = min(mine.first_seen, theirs.first_seen)
    mine.last_wrote = max(filter(None, (mine.last_wrote, theirs.last_wrote)), default=None)
    mine.last_answer = max(mine.last_answer, theirs.last_answer)


def _stamped(consent: str) -> str:
    """When a consent was given: its text is "version time"."""
    return consent.rpartition(" ")[2]


def forget_chat(unit: Unit, person: str) -> None:
    """This chat is none of the desk any more: its link, buttons and cards go."""
    for table in (DeskLinkRow, DeskHandleRow, DeskCardRow):
        unit.session.exec(delete(table).where(col(table.person) == person))
    unit.session.flush()


def linked(unit: Unit, moderator: int) -> list[str]:
    """The persons behind the desk chats of a moderator."""
    marks = unit.vault.marks("desk link", str(moderator))
    query = select(DeskLinkRow.person).where(col(DeskLinkRow.mark).in_(marks))
    return list(unit.session.exec(query).all())


def address_of(unit: Unit, person: str) -> Address | None:
    """The decrypted address of a person; None when there is none any more."""
    contact = contact_row(unit, person)
    key = unit.person_key(person) if contact is not None else None
    if contact is None or key is None:
        return None
    channel, account = contact["channel"], contact["account"]
    value = unseal(key, contact["address"], person, channel)
    return Address(channel, account, value.decode("utf-8", "surrogatepass"))


def to_person(unit: Unit, row: Mapping[str, Any]) -> Person:
    """A row as plain data."""
    return Person(
        id=row["id"],
        channel=row["channel"],
        language=row["language"],
        first_seen=row["first_seen"],
        greeted=row["greeted"],
        once=row["once"],
        notify=row["notify"],
        unreachable=row["unreachable"],
        consent=row["consent"],
        state=_state(unit, row),
        influencer=row["influencer"],
    )


def _state(unit: Unit, row: Mapping[str, Any]) -> dict[str, object]:
    return _unsealed(unit, row["id"], row["state"])


def _unsealed(unit: Unit, person: str, sealed: bytes | None) -> dict[str, object]:
    if sealed is None:
        return {}
    key = unit.must_have_key(person)
    state: dict[str, object] = json.loads(unseal(key, sealed, "state", person))
    return state


def rebased(
    base: Mapping[str, object], mine: Mapping[str, object], present: Mapping[str, object]
) -> dict[str, object]:
    """What was changed from `base` to `mine`, done to what is there at present: two transactions
    that remember different things of one person keep both."""
    gone = base.keys() - mine.keys()
    changed = {key: value for key, value in mine.items() if key not in base or base[key] != value}
    return {key: value for key, value in {**present, **changed}.items() if key not in gone}


def _told(row: ToldRow | AnswerRow) -> Told:
    return Told(row.person, row.number, row.version, row.at, row.submission)
