"""Submissions of people, and the human queue they may lead to."""

from __future__ import annotations

import hashlib
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import case, col, delete, func, select, update

from knowledge_base.facts import (
    Changes,
    Outcome,
    Question,
    QuestionState,
    Refused,
    Stale,
    Submission,
)
from knowledge_base.queue import MediaNote
from knowledge_base.search.entries import plain
from knowledge_base.search.findings import Difference, Match, Why
from knowledge_base.store import asking
from knowledge_base.store.asking import CODE_LENGTH, DRAWS, REVISION, WORDINGS
from knowledge_base.store.codes import new_code, read_code
from knowledge_base.store.person_rows import PEOPLE, person_row
from knowledge_base.store.tables import (
    AnswerRow,
    QuestionRow,
    SubmissionRow,
    ToldRow,
    WordingRow,
    table_of,
)
from knowledge_base.store.unit import Door
from knowledge_base.store.vault import seal, unseal

OPEN, WITHDRAWN = asking.OPEN, "withdrawn"
REOPENABLE = (QuestionState.ANSWERED.value, QuestionState.REJECTED.value)
TOLD = (Outcome.ANSWERED.value, Outcome.REJECTED.value)
AT_ONCE = 400  # values in one IN list

SUBMISSIONS, QUESTIONS = table_of(SubmissionRow), table_of(QuestionRow)
WORDED = table_of(WordingRow)
_FILED = core(SUBMISSIONS, QUESTIONS.c.code).outerjoin_from(
    SUBMISSIONS, QUESTIONS, QUESTIONS.c.id == SUBMISSIONS.c.question
)
_OF_PERSON = (
    _FILED.where(SUBMISSIONS.c.person == bindparam("person"))
    .order_by(SUBMISSIONS.c.at.desc(), SUBMISSIONS.c.id.desc())
    .limit(bindparam("most"))
)
# Locked (PostgreSQL) until whoever found them has joined or not.
_CALLED = (
    core(QUESTIONS.c.code, QUESTIONS.c.text)
    .where(QUESTIONS.c.code.in_(bindparam("codes", expanding=True)))
    .order_by(QUESTIONS.c.id)
    .with_for_update()
)
_CHANGED = core(QUESTIONS).where(QUESTIONS.c.revision > bindparam("since")).order_by(QUESTIONS.c.id)
_SAID = (
    core(WORDED.c.question, WORDED.c.text)
    .where(WORDED.c.question.in_(bindparam("ids", expanding=True)))
    .order_by(WORDED.c.times.desc(), WORDED.c.id)
)
_COUNTED = (
    core(QUESTIONS.c.state, func.count())
    .where(QUESTIONS.c.state != WITHDRAWN)
    .group_by(QUESTIONS.c.state)
)
_SAME_TEXT = _OF_PERSON.where(SUBMISSIONS.c.fingerprint == bindparam("fingerprint"))
_NEWEST_OF = (
    core(SUBMISSIONS.c.at)
    .where(SUBMISSIONS.c.question == bindparam("number"))
    .order_by(SUBMISSIONS.c.at.desc())
    .limit(bindparam("most"))
)
_SENT = _NEWEST_OF.add_columns(SUBMISSIONS.c.media).where(SUBMISSIONS.c.media != "")
_VOICE = case(
    (SUBMISSIONS.c.channel.in_(bindparam("voices", expanding=True)), SUBMISSIONS.c.channel),
    else_=SUBMISSIONS.c.person,
)
_TOGETHER = (
    core(func.count(func.distinct(_VOICE)))
    .join_from(SUBMISSIONS, QUESTIONS, QUESTIONS.c.id == SUBMISSIONS.c.question)
    .where(SUBMISSIONS.c.person.is_not(None))
    .where(QUESTIONS.c.code.in_(bindparam("codes", expanding=True)))
)
_MARKED = _OF_PERSON.where(SUBMISSIONS.c.ref_mark.in_(bindparam("marks", expanding=True)))
_ITS_PERSON = (
    core(PEOPLE.c.id)
    .join(SUBMISSIONS, SUBMISSIONS.c.person == PEOPLE.c.id)
    .where(SUBMISSIONS.c.id == bindparam("submission"))
    .with_for_update(of=PEOPLE, key_share=True)
)
_ITSELF = core(SUBMISSIONS.c.id).where(SUBMISSIONS.c.id == bindparam("submission"))
_HELD = (_ITS_PERSON, _ITSELF.with_for_update())


def own_fingerprint(submission: Submission) -> str:
    """The fingerprint, or one of the bare words where none was given."""
    if submission.fingerprint:
        return submission.fingerprint
    words = " ".join(submission.text.casefold().split())
    return hashlib.sha256(words.encode("utf-8", "replace")).hexdigest()


def pack_match(match: Match) -> dict[str, Any]:
    """A match as plain data."""
    why = match.why
    differ = [{"type": d.type, "message": d.message, "claim": d.claim} for d in why.differ]
    told = {"agree": list(why.agree), "differ": differ, "via": why.via}
    return {"id": match.id, "score": match.score, "why": told}


def unpack_match(data: Mapping[str, Any]) -> Match:
    """A match from plain data."""
    why = data["why"]
    differ = tuple(Difference(**item) for item in why["differ"])
    return Match(data["id"], data["score"], Why(tuple(why["agree"]), differ, why["via"]))


class Questions(Door):
    """Questions and submissions of one transaction."""

    # --- submissions

    def note(self, submission: Submission) -> Submission:
        """Keep what a person sent and what became of it (same id: replaced)."""
        target = self._row(submission.question) if submission.question else None
        return self._file(submission, target)

    def submission(self, submission_id: str, *, hold: bool = False) -> Submission | None:
        """One submission; None when it is unknown or erased. With `hold` nobody else changes it
        until this writing transaction ends."""
        fresh = hold and self._hold(submission_id)
        row = self._session.get(SubmissionRow, submission_id, populate_existing=fresh)
        return None if row is None or row.person is None else self._submissions([row])[0]

    def by_ref(self, person: str, ref: str) -> Submission | None:
        """The submission that came from this platform message (for edits), if still kept."""
        marks = list(self._unit.vault.marks("ref", person, ref))
        return self._newest(_MARKED, {"person": person, "marks": marks})

    def recent(self, person: str, fingerprint: str) -> Submission | None:
        """The newest submission of this person with the same text fingerprint."""
        return self._newest(_SAME_TEXT, {"person": person, "fingerprint": fingerprint})

    def of_person(self, person: str, limit: int = 10) -> tuple[Submission, ...]:
        """What this person asked, newest first."""
        rows = self._unit.run(_OF_PERSON, {"person": person, "most": limit})
        return tuple(self._submission(row, row.code) for row in rows)

    # --- the queue

    def ask(
        self,
        submission: Submission,
        *,
        same_as: str = "",
        forwarded_many: bool = False,
        nearest: Sequence[Match] = (),
    ) -> Question:
        """Take a place in the queue: join open question `same_as` (a code) or one with the
        same text fingerprint, else open a new one.

        Raises the count of distinct askers once per person (all of a browser chat count as
        one), remembers the wording, and `nearest` where no neighbours are known. Files the
        submission as queued.
        """
        self._session.flush()
        values = {"id": submission.id, **self._values(replace(submission, outcome=Outcome.QUEUED))}
        if values["person"] is None or asking.known(self._unit, submission.id):
            question = self._ask_again(submission, same_as, forwarded_many)
            if nearest and not self.neighbours(question.code):
                self.keep_neighbours(question.code, nearest)
            return question
        packed = [pack_match(match) for match in nearest]
        question = asking.place(self._unit, values, read_code(same_as), forwarded_many, packed)
        self._session.expire_all()  # row objects read before are out of date
        return question

    def _ask_again(self, submission: Submission, same_as: str, forwarded_many: bool) -> Question:
        """The same for a submission that is there already, or whose person is gone."""
        row = self._session.get(SubmissionRow, submission.id)
        fingerprint = own_fingerprint(submission)
        question = self._open_row(same_as) or self._with_wording(fingerprint)
        before = ""  # the wording of an edited submission that stays where it is
        if row is not None and row.question is not None:
            same = question is not None and row.question == question.id
            if question is not None and same and row.fingerprint == fingerprint:
                return self._question(question)  # asked twice, a button pressed twice
            question = question or self._only_own(row)
            if question is None or question.id != row.question:
                self._leave(row)
            else:
                before = row.fingerprint
        if question is None or question.state != OPEN:
            question = self._new(submission)
        self._file(replace(submission, outcome=Outcome.QUEUED), question)
        row = self._session.get_one(SubmissionRow, submission.id)
        self._join(question, row, submission, fingerprint, forwarded_many)
        if before:
            self._reword(question, before)
        elif not self._heard(question, row):
            question.askers += 1
        return self._question(question)

    def withdraw(self, submission_id: str) -> None:
        """The person does not want this question kept: take it out of the count and forget it.

        An open question that nobody else asked goes with it.
        """
        row = self._session.get(SubmissionRow, submission_id)
        if row is None:
            return
        if row.question is not None:
            self._leave(row)
        self.forget_answers([row.id])
        self._session.delete(row)
        self._session.flush()

    def get(self, code: str) -> Question | None:
        """One question by its ticket code (any case), following merges."""
        row = self._behind(code)
        return None if row is None or row.state == WITHDRAWN else self._questions([row])[0]

    def open(self, limit: int = 50, offset: int = 0) -> tuple[Question, ...]:
        """Open questions, the most wanted first: askers, forwarded-many marks, then age."""
        query = (
            select(QuestionRow)
            .where(QuestionRow.state == OPEN)
            .order_by(
                col(QuestionRow.askers).desc(),
                col(QuestionRow.forwarded_many).desc(),
                col(QuestionRow.first_asked),
                col(QuestionRow.id),
            )
        )
        return self._questions(self._session.exec(query.limit(limit).offset(offset)).all())

    def count(self) -> Mapping[str, int]:
        """How many questions there are in each state."""
        self._unit.flush()
        return {state: number for state, number in self._unit.run(_COUNTED)}

    def settle(self, code: str, fact_number: int, actor: str, version: int) -> Question:
        """Answered by this fact-check. Raises Stale if it is not open in that version."""
        row = self._expected(code, version)
        row.number = fact_number
        return self._close(row, QuestionState.ANSWERED, actor)

    def reject(self, code: str, reason: str, actor: str, version: int) -> Question:
        """Closed without a verdict, with the reason askers will read. Raises Stale."""
        row = self._expected(code, version)
        row.reason = reason
        return self._close(row, QuestionState.REJECTED, actor)

    def merge(self, code: str, into: str, actor: str, version: int) -> Question:
        """The same rumour as open question `into`: its askers, wordings and count move there,
        and its ticket leads there. Gives the question merged into. Raises Stale, Refused."""
        row, target = self._expected(code, version), self._row(into, lock=True)
        if target is None or target.state != OPEN:
            raise Refused(f"There is no open question {into[:12]}.", "into")
        if target.id == row.id:
            raise Refused("A question cannot be merged into itself.", "into")
        row.merged_into = target.id
        self._close(row, QuestionState.MERGED, actor)
        self._move(row, target)
        return self._question(target)

    def split(self, code: str, wordings: Sequence[int], version: int) -> Question:
        """These wordings (ids) are another rumour: they become an open question of their own,
        with the submissions that said so. Gives the new question. Raises Stale, Refused."""
        row = self._expected(code, version)
        rows = self._session.exec(select(WordingRow).where(WordingRow.question == row.id)).all()
        chosen = [wording for wording in rows if wording.id in set(wordings)]
        if not chosen or len(chosen) == len(rows):
            raise Refused("Choose some of the wordings, and leave at least one.", "wordings")
        new = QuestionRow(
            code=self._free_code(),
            text="",
            state=OPEN,
            lang=row.lang,
            channels=row.channels,
            first_asked=row.first_asked,
            last_asked=row.last_asked,
        )
        self._session.add(new)
        self._session.flush()
        for start in range(0, len(chosen), AT_ONCE):
            self._hand_on(chosen[start : start + AT_ONCE], row.id or 0, new.id or 0)
        for question in (row, new):
            self._look_again(question)
        row.version += 1
        self._session.flush()
        return self._question(new)

    def reopen(self, code: str, actor: str, version: int) -> Question:
        """Undo of an answer or rejection: open again, its submissions queued as before.

        Raises Stale if it is not closed in that version.
        """
        row = self._locked(code)
        if row is None or row.state not in REOPENABLE or row.version != version:
            raise Stale(f"Question {code[:12]} is not closed in that version.", by=_closer(row))
        self._session.exec(
            update(SubmissionRow)
            .where(col(SubmissionRow.question) == row.id, col(SubmissionRow.outcome).in_(TOLD))
            .values(outcome=Outcome.QUEUED.value, number=None)
        )
        row.number, row.reason, row.closed_at = None, "", None
        return self._turn(row, QuestionState.OPEN, "")

    def settled_by(self, actor: str, since: datetime) -> tuple[Question, ...]:
        """What this person answered or closed since then and people are still linked to, the
        oldest first."""
        linked = select(SubmissionRow.id).where(
            SubmissionRow.question == QuestionRow.id, col(SubmissionRow.person).is_not(None)
        )
        query = (
            select(QuestionRow)
            .where(QuestionRow.closed_by == actor, col(QuestionRow.closed_at) >= since)
            .where(col(QuestionRow.state).in_(REOPENABLE), linked.exists())
            .order_by(col(QuestionRow.id))
        )
        return self._questions(self._session.exec(query).all())

    def askers(
        self, code: str, after: str = "", limit: int = 100, *, hold: bool = False
    ) -> tuple[Submission, ...]:
        """Submissions waiting on this question, one page, ordered by id, after `after`. With
        `hold` nobody else changes them until this writing transaction ends."""
        row = self._behind(code)
        if row is None:
            return ()
        query = (
            select(SubmissionRow)
            .where(
                SubmissionRow.question == row.id,
                SubmissionRow.outcome == Outcome.QUEUED.value,
                col(SubmissionRow.person).is_not(None),
                SubmissionRow.id > after,
            )
            .order_by(col(SubmissionRow.id))
            .limit(limit)
        )
        if hold:
            query = query.with_for_update().execution_options(populate_existing=True)
        return self._submissions(self._session.exec(query).all())

    def undecided(
        self, code: str, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[Submission, ...]:
        """Submissions in the words of this question that were offered a choice since then and wait
        for it, one page by id."""
        row = self._behind(code)
        words = select(WordingRow.fingerprint).where(WordingRow.question == (row and row.id))
        query = (
            select(SubmissionRow)
            .where(SubmissionRow.outcome == Outcome.SUGGESTED.value, SubmissionRow.at > since)
            .where(col(SubmissionRow.person).is_not(None))
            .where(col(SubmissionRow.fingerprint).in_(words), SubmissionRow.id > after)
            .order_by(col(SubmissionRow.id))
            .limit(limit)
        )
        return self._submissions(self._session.exec(query).all())

    def heard(self, code: str, number: int, version: int) -> int:
        """How many of those who asked this were told that fact-check in that version or a later
        one."""
        row = self._behind(code)
        asked = select(SubmissionRow.person).where(
            SubmissionRow.question == (row.id if row else None)
        )
        query = select(func.count()).where(
            ToldRow.number == number,
            col(ToldRow.version) >= version,
            col(ToldRow.person).in_(asked),
        )
        return int(self._session.exec(query).one())

    def asked_at(self, code: str, limit: int = 1000) -> tuple[datetime, ...]:
        """When it was asked, newest first: the growth of a question."""
        row = self._behind(code)
        found = self._run(_NEWEST_OF, {"number": row.id, "most": limit}) if row else ()
        return tuple(at for (at,) in found)

    def media(self, code: str, limit: int = 1000) -> tuple[MediaNote, ...]:
        """What came with the newest messages about this, by kind, the most frequent first."""
        row = self._behind(code)
        times: defaultdict[str, list[datetime]] = defaultdict(list)
        for at, kinds in self._run(_SENT, {"number": row.id, "most": limit}) if row else ():
            for kind in kinds.split(","):
                times[kind].append(at)
        notes = [MediaNote(kind, len(at), min(at), max(at)) for kind, at in times.items()]
        return tuple(sorted(notes, key=lambda note: (-note.count, note.kind)))

    def neighbours(self, code: str) -> tuple[Match, ...]:
        """What the matcher found nearest when the question was asked."""
        row = self._behind(code)
        return tuple(unpack_match(item) for item in row.neighbours) if row else ()

    def keep_neighbours(self, code: str, matches: Sequence[Match]) -> None:
        """Remember what the matcher found nearest, with the reasons."""
        row = self._row(code)
        if row is not None:
            row.neighbours = [pack_match(match) for match in matches]
            self._session.flush()

    def revision(self) -> int:
        """Number of the newest change the search has to know of; cheap."""
        return self._unit.counter(REVISION)

    def changes(self, since: int) -> Changes[Question]:
        """Open questions that are new or other since revision `since`, and the codes of those
        that are open no more."""
        rows = self._unit.run(_CHANGED, {"since": since}).all()
        still = [row for row in rows if row.state == OPEN]
        wordings = self._wordings([row.id for row in still])
        found = tuple(_plain(row, wordings[row.id][:WORDINGS], "") for row in still)
        return Changes(self.revision(), found, tuple(r.code for r in rows if r.state != OPEN))

    def reworded(self, seen: Collection[tuple[str, str]]) -> bool:
        """Has one of these questions, seen as (code, words), other words by now? Otherwise none
        of them gets any from others until this writing transaction ends. Who joins changes none."""
        found = self._run(_CALLED, {"codes": sorted({code for code, _ in seen})})
        now = {code: plain(text) if text.strip() else "" for code, text in found}
        return any(now.get(code, words) != words for code, words in seen)

    def unlink(self, person: str) -> None:
        """Take the person out of their submissions and of the count of open questions."""
        query = select(SubmissionRow).where(SubmissionRow.person == person).with_for_update()
        rows = self._session.exec(query.execution_options(populate_existing=True)).all()
        self.disconnect(rows)
        for question in {row.question for row in rows if row.question is not None}:
            self.recount(question)
        self._session.exec(
            delete(SubmissionRow).where(
                col(SubmissionRow.id).in_([row.id for row in rows if row.question is None])
            )
        )

    def disconnect(self, rows: Sequence[SubmissionRow]) -> None:
        """Submissions of nobody: with ids of their own, since the old ones may be guessed from
        the message."""
        self.forget_answers([row.id for row in rows])
        for row in rows:
            row.person, row.ref, row.ref_mark = None, None, None
            row.id = f"-{secrets.token_hex(8)}"
        self._session.flush()

    def forget_answers(self, submissions: Sequence[str]) -> None:
        """What these messages were answered with goes with them."""
        self._session.exec(delete(AnswerRow).where(col(AnswerRow.submission).in_(submissions)))

    # --- inside

    def _file(self, submission: Submission, target: QuestionRow | None) -> Submission:
        """Insert or replace the row of a submission, which waits on `target`."""
        values = self._values(submission) | {"question": target.id if target else None}
        if self._unit.insert(SubmissionRow, {"id": submission.id, **values}) is None:
            row = self._session.get_one(SubmissionRow, submission.id)
            if row.question is not None and row.question != values["question"]:
                self._leave(row)
            for name, value in values.items():
                setattr(row, name, value)
            self._session.flush()
        return replace(
            submission,
            person=values["person"] or "",
            ref=submission.ref if values["ref"] else "",
            fingerprint=values["fingerprint"],
            question=target.code if target else "",
        )

    def _values(self, submission: Submission) -> dict[str, Any]:
        key = self._unit.person_key(submission.person)
        person = person_row(self._unit, submission.person) if key else None
        values: dict[str, Any] = {
            "person": person["id"] if person else None,
            "text": submission.text,
            "fingerprint": own_fingerprint(submission),
            "outcome": submission.outcome.value,
            "at": submission.at,
            "lang": submission.lang,
            "number": submission.fact_number,
            "offered": list(submission.offered),
            "ref": None,
            "ref_mark": None,
            "media": ",".join(submission.media),
        }
        if person:
            values["channel"] = person["channel"]
        if submission.ref and key and person:
            owner, ref = person["id"], submission.ref
            values["ref"] = seal(key, ref.encode(), "ref", owner, submission.id)
            values["ref_mark"] = self._unit.vault.mark("ref", owner, ref)
        return values

    def _join(
        self,
        question: QuestionRow,
        row: SubmissionRow,
        submission: Submission,
        fingerprint: str,
        forwarded: bool,
    ) -> None:
        question.last_asked = max(question.last_asked, submission.at)
        if row.channel and row.channel not in question.channels:
            question.channels = sorted({*question.channels, row.channel})
        if forwarded and not row.forwarded_many:
            row.forwarded_many = True
            question.forwarded_many += 1
        new = WordingRow(question=question.id or 0, fingerprint=fingerprint, text=submission.text)
        if self._unit.insert_new(new):
            question.revision = self._unit.revise(REVISION)
        else:
            self._count_wording(question.id or 0, fingerprint, 1)
        self._session.flush()

    def _heard(self, question: QuestionRow, row: SubmissionRow) -> bool:
        """Has this person asked it before? A one-voice channel speaks as one."""
        others = select(SubmissionRow.id).where(
            SubmissionRow.question == question.id, SubmissionRow.id != row.id
        )
        if row.channel in self._unit.one_voice:
            one = others.where(
                SubmissionRow.channel == row.channel, col(SubmissionRow.person).is_not(None)
            )
        else:
            one = others.where(SubmissionRow.person == row.person)
        return self._session.exec(one.limit(1)).first() is not None

    def _only_own(self, row: SubmissionRow) -> QuestionRow | None:
        """The open question of an edited submission that nobody else asked: it keeps its
        ticket and takes the new text. It is another question by now, so what was begun with the
        old text is stale and its neighbours are not near any more."""
        question = self._session.get_one(QuestionRow, row.question, with_for_update=True)
        others = select(SubmissionRow.id).where(
            SubmissionRow.question == question.id, SubmissionRow.id != row.id
        )
        if question.state != OPEN or self._session.exec(others).first() is not None:
            return None
        question.neighbours = []
        question.version += 1
        return question

    def _reword(self, question: QuestionRow, before: str) -> None:
        """An edited submission does not say any more what it said; a question nobody asks in
        the words it was called by is called by those it is asked in most."""
        self._count_wording(question.id or 0, before, -1)
        said = self._session.exec(_said_most(question.id or 0)).all()
        if said and question.text not in said:
            question.text = said[0]
        question.revision = self._unit.revise(REVISION)
        self._session.flush()

    def _count_wording(self, question: int, fingerprint: str, by: int) -> None:
        where = (col(WordingRow.question) == question, col(WordingRow.fingerprint) == fingerprint)
        self._session.exec(update(WordingRow).where(*where).values(times=WordingRow.times + by))
        self._session.exec(delete(WordingRow).where(*where, col(WordingRow.times) <= 0))

    def together(self, codes: Collection[str]) -> int:
        """How many distinct people asked these questions."""
        values = {
            "voices": list(self._unit.one_voice),
            "codes": [read_code(code) for code in codes],
        }
        return int(self._run(_TOGETHER, values).scalar_one())

    def _voices(self, which: Any) -> int:
        """Distinct askers; those of a one-voice channel are one together."""
        voice = case(
            (col(SubmissionRow.channel).in_(self._unit.one_voice), SubmissionRow.channel),
            else_=col(SubmissionRow.person),
        )
        linked = (which, col(SubmissionRow.person).is_not(None))
        return self._session.exec(select(func.count(func.distinct(voice))).where(*linked)).one()

    def recount(self, question: int) -> None:
        """Count the distinct askers of a question anew."""
        askers = self._voices(col(SubmissionRow.question) == question)
        self._session.exec(
            update(QuestionRow)
            .where(col(QuestionRow.id) == question, col(QuestionRow.state) == OPEN)
            .values(askers=askers)
        )

    def _new(self, submission: Submission) -> QuestionRow:
        row = QuestionRow(
            code=self._free_code(),
            text=submission.text,
            state=OPEN,
            lang=submission.lang,
            channels=[],
            first_asked=submission.at,
            last_asked=submission.at,
            revision=self._unit.revise(REVISION),
        )
        self._session.add(row)
        self._session.flush()
        return row

    def _free_code(self) -> str:
        length = CODE_LENGTH
        while True:
            for _ in range(DRAWS):
                code = new_code(length)
                query = select(QuestionRow.id).where(QuestionRow.code == code)
                if self._session.exec(query).first() is None:
                    return code
            length += 1

    def _leave(self, row: SubmissionRow) -> None:
        """Take a submission out of its question; what nobody asks any more is withdrawn."""
        question = self._session.get_one(QuestionRow, row.question)
        row.question = None
        self._session.flush()
        if question.state != OPEN:
            return
        self._count_wording(question.id or 0, row.fingerprint, -1)
        if row.forwarded_many:
            row.forwarded_many = False
            question.forwarded_many -= 1
        self.recount(question.id or 0)
        rest = self._session.exec(_said_most(question.id or 0)).first()
        if rest is None:
            question.state, question.closed_at = WITHDRAWN, self._unit.now
            question.version += 1
        question.text = rest or ""
        question.revision = self._unit.revise(REVISION)
        self._session.flush()

    def _move(self, row: QuestionRow, target: QuestionRow) -> None:
        """Submissions and wordings of a merged question go to the one it is merged into."""
        self._session.exec(
            update(SubmissionRow)
            .where(col(SubmissionRow.question) == row.id)
            .values(question=target.id)
        )
        for wording in self._session.exec(select(WordingRow).where(WordingRow.question == row.id)):
            moved = WordingRow(
                question=target.id or 0,
                fingerprint=wording.fingerprint,
                text=wording.text,
                times=wording.times,
            )
            if not self._unit.insert_new(moved):
                self._count_wording(target.id or 0, wording.fingerprint, wording.times)
            self._session.delete(wording)
        target.forwarded_many += row.forwarded_many
        target.channels = sorted({*target.channels, *row.channels})
        target.first_asked = min(target.first_asked, row.first_asked)
        target.last_asked = max(target.last_asked, row.last_asked)
        target.revision = self._unit.revise(REVISION)
        self._session.flush()
        self.recount(target.id or 0)

    def _hand_on(self, wordings: Sequence[WordingRow], old: int, new: int) -> None:
        """Wordings of one question go to another, with the submissions that used them."""
        marks = [wording.fingerprint for wording in wordings]
        self._session.exec(
            update(SubmissionRow)
            .where(col(SubmissionRow.question) == old, col(SubmissionRow.fingerprint).in_(marks))
            .values(question=new)
        )
        for wording in wordings:
            wording.question = new
        self._session.flush()

    def _look_again(self, row: QuestionRow) -> None:
        """Text, times, channels and counts as its wordings and submissions now say."""
        own = SubmissionRow.question == row.id
        dated = select(func.min(SubmissionRow.at), func.max(SubmissionRow.at)).where(own)
        first, last = self._session.exec(dated).one()
        row.first_asked, row.last_asked = first or row.first_asked, last or row.last_asked
        channels = self._session.exec(select(SubmissionRow.channel).where(own).distinct()).all()
        row.channels = sorted(filter(None, channels))
        often = select(func.count()).where(own, col(SubmissionRow.forwarded_many))
        row.forwarded_many = self._session.exec(often).one()
        row.text = self._session.exec(_said_most(row.id or 0)).first() or row.text
        row.revision = self._unit.raise_counter(REVISION)
        self._session.flush()
        self.recount(row.id or 0)

    def _expected(self, code: str, version: int) -> QuestionRow:
        """The row if it is open in that version; else Stale, which names who closed it."""
        row = self._locked(code)
        if row is None or row.state == WITHDRAWN:
            raise Stale(f"There is no question {code[:12]} any more.")
        if row.state != OPEN or row.version != version:
            raise Stale(f"Question {row.code} has been closed meanwhile.", by=row.closed_by)
        return row

    def _locked(self, code: str) -> QuestionRow | None:
        query = select(QuestionRow).where(QuestionRow.code == read_code(code))
        return self._session.exec(query.with_for_update()).first()

    def _close(self, row: QuestionRow, state: QuestionState, actor: str) -> Question:
        row.closed_at = self._unit.now
        return self._turn(row, state, actor)

    def _turn(self, row: QuestionRow, state: QuestionState, actor: str) -> Question:
        row.state, row.closed_by = state.value, actor
        row.version += 1
        row.revision = self._unit.revise(REVISION)
        self._session.flush()
        return self._question(row)

    def _row(self, code: str, *, lock: bool = False) -> QuestionRow | None:
        """The question behind a code, at the end of its merges (which never form a circle); with
        `lock` nobody else closes it in this transaction (PostgreSQL)."""
        query = select(QuestionRow).where(QuestionRow.code == read_code(code))
        if lock:
            query = query.with_for_update()
        fresh = {"populate_existing": True}  # counts are raised by SQL
        row = self._session.exec(query.execution_options(**fresh)).first()
        while row is not None and row.merged_into is not None:
            row = self._session.get(
                QuestionRow, row.merged_into, populate_existing=True, with_for_update=lock or None
            )
        return row

    def _behind(self, code: str) -> Any:
        """The same without a row object, only to be read."""
        row = self._run(asking.BY_CODE, {"code": read_code(code)}).first()
        while row is not None and row.merged_into is not None:
            row = self._run(asking.BY_ID, {"number": row.merged_into}).first()
        return row

    def _open_row(self, code: str) -> QuestionRow | None:
        row = self._row(code, lock=True) if code else None
        return row if row is not None and row.state == OPEN else None

    def _with_wording(self, fingerprint: str) -> QuestionRow | None:
        query = (
            select(QuestionRow)
            .join(WordingRow, col(WordingRow.question) == col(QuestionRow.id))
            .where(WordingRow.fingerprint == fingerprint, QuestionRow.state == OPEN)
            .order_by(col(QuestionRow.id))
            .limit(1)
            .with_for_update(of=table_of(QuestionRow))
        )
        return self._session.exec(query).first()

    def _question(self, row: QuestionRow) -> Question:
        if self._unit.writing:  # statements without row objects may have changed it
            self._session.flush()
            self._session.refresh(row)
        return self._questions([row])[0]

    def plain(self, rows: Sequence[Any]) -> tuple[Question, ...]:
        """Rows of this transaction as plain data, in their order."""
        return self._questions(rows)

    def _wordings(self, ids: Sequence[int]) -> Mapping[int, list[str]]:
        """The wordings of questions, the most used first."""
        wordings: defaultdict[int, list[str]] = defaultdict(list)
        for start in range(0, len(ids), AT_ONCE):
            for question, text in self._unit.run(_SAID, {"ids": ids[start : start + AT_ONCE]}):
                wordings[question].append(text)
        return wordings

    def _questions(self, rows: Sequence[Any]) -> tuple[Question, ...]:
        self._session.flush()
        wordings = self._wordings([row.id or 0 for row in rows])
        return tuple(_plain(row, wordings[row.id or 0][:WORDINGS], self._into(row)) for row in rows)

    def _into(self, row: Any) -> str:
        if row.merged_into is None:
            return ""
        return self._session.get_one(QuestionRow, row.merged_into).code

    def _hold(self, submission_id: str) -> bool:
        """Nobody else changes it until this transaction ends; whether somebody may have until
        now. On PostgreSQL a tap and a job may look at it at once: its person comes first, as
        with every message of theirs, so that neither waits for the other. SQLite has one
        writer."""
        if not self._unit.writing or self._unit.dialect == "sqlite":
            return False
        for statement in _HELD:
            self._run(statement, {"submission": submission_id})
        return True

    def _newest(self, query: Any, values: Mapping[str, Any]) -> Submission | None:
        row = self._unit.run(query, {**values, "most": 1}).first()
        if row is not None and self._hold(row.id):  # it is looked for to be changed
            row = self._unit.run(query, {**values, "most": 1}).first()
        return None if row is None else self._submission(row, row.code)

    def _submissions(self, rows: Sequence[SubmissionRow]) -> tuple[Submission, ...]:
        codes = {row.question: "" for row in rows if row.question is not None}
        for number in codes:
            codes[number] = self._session.get_one(QuestionRow, number).code
        return tuple(self._submission(row, codes.get(row.question or 0)) for row in rows)

    def _submission(self, row: Any, code: str | None) -> Submission:
        """A row of `submissions`, an object or a tuple, as plain data."""
        ref, key = "", None
        if row.ref is not None and row.person is not None:
            key = self._unit.person_key(row.person)
        if key is not None:
            ref = unseal(key, row.ref, "ref", row.person, row.id).decode()
        return Submission(
            id=row.id,
            person=row.person or "",
            text=row.text,
            outcome=Outcome(row.outcome),
            at=row.at,
            ref=ref,
            lang=row.lang,
            question=code or "",
            fact_number=row.number,
            offered=tuple(row.offered),
            fingerprint=row.fingerprint,
            media=tuple(filter(None, row.media.split(","))),
        )


def _said_most(question: int) -> Any:
    """Its wordings, the most used first."""
    return (
        select(WordingRow.text)
        .where(WordingRow.question == question)
        .order_by(col(WordingRow.times).desc(), col(WordingRow.id))
    )


def _closer(row: QuestionRow | None) -> str:
    return row.closed_by if row else ""


def _plain(row: Any, wordings: Sequence[str], merged_into: str) -> Question:
    return Question(
        id=row.id or 0,
        code=row.code,
        text=row.text,
        state=QuestionState(row.state),
        lang=row.lang,
        askers=row.askers,
        first_asked=row.first_asked,
        last_asked=row.last_asked,
        wordings=tuple(wordings),
        channels=tuple(row.channels),
        forwarded_many=row.forwarded_many,
        answered_by=row.closed_by,
        fact_number=row.number,
        reason=row.reason,
        merged_into=merged_into,
        version=row.version,
        closed_at=row.closed_at,
    )
