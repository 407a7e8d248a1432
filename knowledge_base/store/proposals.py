"""What waits for a second person: answers, edits and imports, whole, with who decided and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, cast, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSON

from knowledge_base.facts import FactCheck, Proposal, ProposalState, Refused, Stale
from knowledge_base.store.records import content, from_content
from knowledge_base.store.tables import Json, ProposalRow, table_of
from knowledge_base.store.unit import Door

WAITING = ProposalState.WAITING.value
PROPOSALS = table_of(ProposalRow)
_WAITS = select(PROPOSALS).where(PROPOSALS.c.waiting_key == bindparam("subject"))
_UNDECIDED = (
    select(func.count())
    .select_from(PROPOSALS)
    .where(PROPOSALS.c.state == WAITING, PROPOSALS.c.author != bindparam("who"))
)
EPOCH = datetime.fromtimestamp(0, UTC)


class Proposals(Door):
    """The proposals of one transaction."""

    def add(self, proposal: Proposal) -> Proposal:
        """Let it wait. Raises Stale when one waits for the same subject already."""
        row = ProposalRow(
            subject=proposal.subject,
            waiting_key=proposal.subject,
            body=[_pack(fact) for fact in proposal.facts],
            base=proposal.base,
            author=proposal.author,
            author_org=proposal.author_org,
            reason=proposal.reason,
            at=self._unit.now,
            state=WAITING,
        )
        waiting = self.about(proposal.subject)
        if waiting is not None or not self._unit.insert_new(row):
            by = waiting.author if waiting else ""
            raise Stale(f"{proposal.subject} waits for approval already.", by=by)
        added = self.about(proposal.subject)
        if added is None:
            raise Refused("The proposal was not kept.")
        return added

    def get(self, id: int) -> Proposal | None:
        """One proposal, whatever became of it."""
        if not 0 < id < 2**63:
            return None
        row = self._session.get(ProposalRow, id)
        return None if row is None else _plain(row)

    def about(self, subject: str) -> Proposal | None:
        """The one that waits for this subject."""
        row = self._run(_WAITS, {"subject": subject}).first()
        return None if row is None else _plain(row)

    def waiting(self, limit: int = 100, offset: int = 0) -> tuple[Proposal, ...]:
        """Those that wait, the oldest first, each with its first fact-check only."""
        query = _waiting(self._unit.dialect)
        return tuple(_first(row) for row in self._run(query, {"most": limit, "after": offset}))

    def undecided(self, who: str) -> int:
        """How many of others wait for this person."""
        return int(self._run(_UNDECIDED, {"who": who}).scalar_one())

    def of_author(self, author: str, kind: str = "", limit: int = 20) -> tuple[Proposal, ...]:
        """What this person proposed (of the kind "question", "fact" or "import"; empty: any), the
        newest first, each with its first fact-check only."""
        query = _of_author(self._unit.dialect)
        values = {"author": author, "subject": f"{kind}/%" if kind else "%", "most": limit}
        return tuple(_first(row) for row in self._run(query, values))

    def decide(self, id: int, state: ProposalState, by: str, reason: str = "") -> Proposal:
        """It waits no more. Raises Stale when somebody decided before."""
        row = self._session.get(ProposalRow, id, with_for_update=True)
        if row is None:
            raise Refused(f"There is no proposal {id}.", "id")
        if row.state != WAITING:
            raise Stale(f"Proposal {id} has been decided.", by=row.decided_by)
        row.state, row.waiting_key = state.value, None
        row.decided_by, row.decided_at, row.decision = by, self._unit.now, reason
        self._session.flush()
        return _plain(row)


def _pack(fact: FactCheck) -> dict[str, Any]:
    return content(fact) | {"number": fact.number, "version": fact.version}


def _unpack(data: dict[str, Any]) -> FactCheck:
    return from_content(data, data["number"], data["version"], EPOCH)


def _listed(dialect: str) -> Select[Any]:
    """Rows without their bodies, the first fact-check of each, how many it has."""
    body: Any = PROPOSALS.c.body
    first: Any
    if dialect == "postgresql":
        body = cast(body, JSON)
        first = body[0].astext
    else:
        first = func.json_extract(body, "$[0]")
    rest = [column for column in PROPOSALS.c if column is not PROPOSALS.c.body]
    size = func.json_array_length(body).label("size")
    return select(*rest, type_coerce(first, Json).label("first"), size)


@cache
def _waiting(dialect: str) -> Select[Any]:
    listed = _listed(dialect).where(PROPOSALS.c.state == WAITING)
    paged = listed.limit(bindparam("most")).offset(bindparam("after"))
    return paged.order_by(PROPOSALS.c.at, PROPOSALS.c.id)


@cache
def _of_author(dialect: str) -> Select[Any]:
    listed = _listed(dialect).where(
        PROPOSALS.c.author == bindparam("author"), PROPOSALS.c.subject.like(bindparam("subject"))
    )
    return listed.order_by(PROPOSALS.c.id.desc()).limit(bindparam("most"))


def _first(row: Any) -> Proposal:
    return replace(_plain(row, [row.first]), left_out=row.size - 1)


def _plain(row: Any, body: Sequence[dict[str, Any]] | None = None) -> Proposal:
    return Proposal(
        subject=row.subject,
        facts=tuple(_unpack(data) for data in (row.body if body is None else body)),
        author=row.author,
        author_org=row.author_org,
        reason=row.reason,
        base=row.base,
        id=row.id or 0,
        at=row.at,
        state=ProposalState(row.state),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        decision=row.decision,
    )
