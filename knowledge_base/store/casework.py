"""Who works on a question: leases, comments with mentions, escalations, saved views."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import bindparam
from sqlalchemy import select as core
from sqlmodel import col, delete, select

from knowledge_base.facts import Question, Refused, Stale
from knowledge_base.queue import Comment, Escalation, Lease, View, Wording
from knowledge_base.store.codes import read_code
from knowledge_base.store.questions import Questions
from knowledge_base.store.tables import (
    CommentRow,
    EscalationRow,
    LeaseRow,
    MentionRow,
    ModeratorRow,
    QuestionRow,
    ViewRow,
    WordingRow,
    clean,
    table_of,
)
from knowledge_base.store.unit import Door

VIEWS = 20  # of one person
QUESTIONS, LEASES, MODERATORS = table_of(QuestionRow), table_of(LeaseRow), table_of(ModeratorRow)
COMMENTS, MENTIONED = table_of(CommentRow), table_of(MentionRow)
CALLS, SAVED, WORDED = table_of(EscalationRow), table_of(ViewRow), table_of(WordingRow)
_ID = core(QUESTIONS.c.id).where(QUESTIONS.c.code == bindparam("code"))
_LEASE = (
    core(LEASES.c.moderator, MODERATORS.c.name, LEASES.c.since, LEASES.c.until)
    .join_from(LEASES, MODERATORS, MODERATORS.c.id == LEASES.c.moderator)
    .where(LEASES.c.question == bindparam("number"), LEASES.c.until > bindparam("now"))
)
_COMMENTS = (
    core(COMMENTS)
    .where(COMMENTS.c.question == bindparam("number"))
    .order_by(COMMENTS.c.id.desc())
    .limit(bindparam("most"))
)
_MENTIONS = (
    core(COMMENTS.c.id, QUESTIONS.c.code, COMMENTS.c.author, COMMENTS.c.text, COMMENTS.c.at)
    .join_from(COMMENTS, MENTIONED, MENTIONED.c.comment == COMMENTS.c.id)
    .join(QUESTIONS, QUESTIONS.c.id == COMMENTS.c.question)
    .where(MENTIONED.c.moderator == bindparam("moderator"))
    .order_by(COMMENTS.c.id.desc())
    .limit(bindparam("most"))
)
_ESCALATION = core(CALLS.c.by, CALLS.c.reason, CALLS.c.at).where(
    CALLS.c.question == bindparam("number")
)
_VIEWS = (
    core(SAVED.c.id, SAVED.c.name, SAVED.c.query)
    .where(SAVED.c.moderator == bindparam("moderator"))
    .order_by(SAVED.c.name)
)
_WORDINGS = (
    core(WORDED.c.id, WORDED.c.text, WORDED.c.times)
    .where(WORDED.c.question == bindparam("number"))
    .order_by(WORDED.c.times.desc(), WORDED.c.id)
    .limit(bindparam("most"))
)


class Casework(Door):
    """Work on questions in one transaction."""

    # --- leases

    def lease(self, code: str, now: datetime) -> Lease | None:
        """Who has taken this question, unless the time is over."""
        found = self._run(_LEASE, {"number": self._id(code), "now": now}).first()
        return Lease(*found) if found else None

    def take(self, code: str, moderator: int, now: datetime, until: datetime) -> Lease:
        """It is theirs until then; one's own is renewed. Raises Stale when somebody else has
        it, Refused when there is no such question."""
        question = self._id(code)
        if not question:
            raise Refused(f"There is no question {code[:12]}.", "code")
        present = self.lease(code, now)
        if present is not None and present.moderator != moderator:
            raise Stale(f"{present.name} has taken this question.", by=present.name)
        row = self._session.get(LeaseRow, question, with_for_update=True) or LeaseRow(
            question=question, moderator=moderator, since=now, until=until
        )
        if present is None:
            row.since = now
        row.moderator, row.until = moderator, until
        self._session.add(row)
        self._session.flush()
        name = self._session.get_one(ModeratorRow, moderator).name
        return Lease(moderator, name, row.since, until)

    def release(self, code: str) -> None:
        """Nobody has it any more."""
        self._session.exec(delete(LeaseRow).where(col(LeaseRow.question) == self._id(code)))

    # --- comments

    def comment(
        self, code: str, author: str, text: str, mentioned: Collection[int], now: datetime
    ) -> Comment:
        """Keep what somebody said, and whom they named."""
        row = CommentRow(question=self._id(code), author=author, text=text, at=now)
        self._session.add(row)
        self._session.flush()
        for moderator in set(mentioned):
            self._session.add(MentionRow(comment=row.id or 0, moderator=moderator))
        self._session.flush()
        return Comment(row.id or 0, read_code(code), author, text, now)

    def comments(self, code: str, limit: int = 100) -> tuple[Comment, ...]:
        """What was said about a question, the oldest first."""
        rows = self._run(_COMMENTS, {"number": self._id(code), "most": limit}).all()[::-1]
        return tuple(Comment(r.id, read_code(code), r.author, r.text, r.at) for r in rows)

    def mentions(self, moderator: int, limit: int = 20) -> tuple[Comment, ...]:
        """Comments that name this person and that they have not read, the newest first."""
        found = self._run(_MENTIONS, {"moderator": moderator, "most": limit})
        return tuple(Comment(*row) for row in found)

    def read(self, code: str, moderator: int) -> None:
        """This person has seen the comments on a question."""
        own = select(CommentRow.id).where(CommentRow.question == self._id(code))
        self._session.exec(
            delete(MentionRow).where(
                col(MentionRow.moderator) == moderator, col(MentionRow.comment).in_(own)
            )
        )

    # --- escalations

    def escalate(self, code: str, by: str, reason: str, now: datetime) -> None:
        """An editor should look; the last reason counts."""
        question = self._id(code)
        row = self._session.get(EscalationRow, question) or EscalationRow(
            question=question, by=by, reason=reason, at=now
        )
        row.by, row.reason, row.at = by, reason, now
        self._session.add(row)
        self._session.flush()

    def escalation(self, code: str) -> Escalation | None:
        """Who wants an editor to look, and why."""
        found = self._run(_ESCALATION, {"number": self._id(code)}).first()
        return Escalation(*found) if found else None

    def calm(self, code: str) -> None:
        """An editor has looked."""
        self._session.exec(
            delete(EscalationRow).where(col(EscalationRow.question) == self._id(code))
        )

    # --- views and wordings

    def views(self, moderator: int) -> tuple[View, ...]:
        """What this person saved, by name."""
        return tuple(View(*row) for row in self._run(_VIEWS, {"moderator": moderator}))

    def save_view(self, moderator: int, name: str, query: str) -> None:
        """Keep a filter; the same name is replaced. Raises Refused beyond VIEWS."""
        found = select(ViewRow).where(ViewRow.moderator == moderator, ViewRow.name == clean(name))
        row = self._session.exec(found).first()
        if row is None and len(self.views(moderator)) >= VIEWS:
            raise Refused(f"At most {VIEWS} views.", "name")
        row = row or ViewRow(moderator=moderator, name=name, query=query)
        row.query = query
        self._session.add(row)
        self._session.flush()

    def drop_view(self, moderator: int, id: int) -> None:
        """Forget one of one's own."""
        own = col(ViewRow.moderator) == moderator
        self._session.exec(delete(ViewRow).where(own, col(ViewRow.id) == id))

    def wordings(self, code: str, limit: int = 200) -> tuple[Wording, ...]:
        """All wordings, the most frequent first."""
        found = self._run(_WORDINGS, {"number": self._id(code), "most": limit})
        return tuple(Wording(*row) for row in found)

    def split(self, code: str, wordings: Sequence[int], version: int) -> Question:
        """These wordings (ids) become an open question of their own, with their submissions.
        Gives the new question. Raises Stale, Refused."""
        return Questions(self._unit).split(code, wordings, version)

    def _id(self, code: str) -> int:
        return self._run(_ID, {"code": read_code(code)}).scalar() or 0
