"""A second look: what waits for approval, what people doubt, everything somebody published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.doors import Work, ports
from bot.web.desk import missing, page, reading, undo_left, unit
from bot.web.diff import fields_changed
from bot.web.login import Reader, Writer, asks, no_store
from bot.web.pages import Whole, language_of
from bot.web.refusals import REFUSALS, status_of
from bot.web.services import Here, Services
from handlers import approval, curating, deciding, duplicates, notify, rollback
from handlers.answering import number_in
from handlers.moderate import reason_of
from handlers.ports import Ports
from handlers.replies import Voice
from handlers.rights import Action, Denied, objection
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    AuditFilter,
    KnowledgeError,
    Moderator,
    Proposal,
    ProposalState,
    Refused,
    Role,
    Stale,
)

router = APIRouter(include_in_schema=False)

DOUBTS = 5  # thumbs down that ask for a second look
Word = Annotated[str, Form()]
Number = Annotated[Whole, Form()]
Editing = Annotated[Moderator, Depends(asks(Action.EDIT_FACT))]
Approver = Annotated[Moderator, Depends(asks(Action.APPROVE))]
Roller = Annotated[Moderator, Depends(asks(Action.ROLL_BACK, fresh=True))]
SHOWN = 50  # fact-checks of an import
LISTED = 100  # of each kind, of what a roll-back takes back


@router.get("/desk/review")
async def review(request: Request, services: Here, me: Reader) -> Response:
    """Everything that asks for a second person."""
    return await _review(request, services, me)


async def _review(
    request: Request,
    services: Services,
    me: Moderator,
    *,
    status: int = 200,
    problem: KnowledgeError | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    def gather(work: Work) -> dict[str, Any]:
        doubted = work.reviews.doubted(DOUBTS)
        return {
            "waiting": work.proposals.waiting(),
            "mine": [p for p in work.proposals.of_author(me.name) if p.state is not WAITING][:5],
            "doubted": [(votes, work.facts.get(votes.number)) for votes in doubted],
            "pairs": [
                (a, b, work.facts.get(a), work.facts.get(b)) for a, b, _ in work.reviews.pairs()
            ],
            "disputed": work.reviews.open_disputes(),
            "bursts": work.audit.search(
                AuditFilter(action=Deed.BURST, since=services.clock() - timedelta(days=1)), limit=3
            ),
            "people": [one.name for one in work.desk.list()],
            "decided": _decided(work, services, me, request.query_params.get("of", "")),
        }

    context = await reading(services, gather)
    done = request.query_params.get("done", "")[:20]
    return page(
        request, services, "desk_review.html", me, status=status, problem=problem, done=done,
        typed={"name": "", "since": "", "reason": "", **(typed or {})}, **context,
    )  # fmt: skip


WAITING = ProposalState.WAITING


def _decided(work: Work, services: Services, me: Moderator, number: str) -> dict[str, Any]:
    """What was just decided: its kind, and its question while that can still be taken back."""
    found = work.proposals.get(number_in(number))
    kind, _, name = found.subject.partition("/") if found else ("", "", "")
    question = work.questions.get(name) if kind == "question" else None
    left = undo_left(work, services, question, me) if question else 0
    return {"kind": kind, "question": question, "left": left}


# ── one proposal ────────────────────────────────────────────────────────────────────────────


@router.get("/desk/review/{number}")
async def proposal(request: Request, services: Here, me: Reader, number: Whole) -> Response:
    """What would be published, what it replaces, and whether this person may decide."""
    return await _proposal(request, services, me, number)


async def _proposal(
    request: Request,
    services: Services,
    me: Moderator,
    number: Whole,
    *,
    status: int = 200,
    problem: KnowledgeError | None = None,
) -> Response:
    def gather(work: Work) -> dict[str, Any] | None:
        found = work.proposals.get(number)
        if found is None:
            return None
        tools = ports(work, services.clock(), services.rules)
        old = work.facts.get(found.fact.number) if found.fact.number else None
        kind, _, name = found.subject.partition("/")
        return {
            "proposal": found,
            "kind": kind,
            "name": name,
            "old": old,
            "changed": fields_changed(old, found.fact) if old else {},
            "question": work.questions.get(name) if kind == "question" else None,
            **(_effect(tools, found) if kind == "import" else {}),
            "deciders": [one.name for one in approval.deciders(tools, found)],
            "objection": objection(me, Action.APPROVE, approval.thing(tools, found)),
            "messages": _as_told(services, found),
            "fields_changed": fields_changed,
        }

    context = await reading(services, gather)
    if context is None:
        return missing(
            request,
            services,
            me,
            "proposal",
            str(number),
        )
    return page(
        request, services, "desk_proposal.html", me, status=status, problem=problem, **context
    )


def _effect(tools: Ports, found: Proposal) -> dict[str, Any]:
    """What an import would do, and its first records, those that turn a verdict before others."""
    author = Moderator(0, found.author, Role.EDITOR, found.author_org)
    saved, effect = curating.forecast(tools, author, found.facts)
    pairs = saved.touched or [(None, fact) for fact in found.facts]  # it has been taken in
    first = sorted(pairs, key=lambda pair: pair[0] is None or pair[0].verdict is pair[1].verdict)
    return {"effect": effect, "records": first[:SHOWN], "unshown": max(0, len(first) - SHOWN)}


def _as_told(services: Services, proposal: Proposal) -> Any:
    """The reply as each messenger would show it."""
    to = Voice("", proposal.fact.lang, services.rules, services.clock())
    reply = notify.result(to, proposal.fact, "", "preview", "")
    return [("", [show(reply) for show in services.previews])]


Do = Callable[[Work], Proposal | Denied]


async def _decide(
    request: Request, services: Services, me: Moderator, number: Whole, do: Do
) -> Response:
    try:
        decided = await unit(services, do)
        if isinstance(decided, Denied):
            raise decided
    except REFUSALS as problem:
        status = status_of(problem)
        return await _proposal(request, services, me, number, status=status, problem=problem)
    return no_store(RedirectResponse(f"/desk/review?of={decided.id}&done={decided.state}", 303))


@router.post("/desk/review/{number}/approve")
async def approve(request: Request, services: Here, me: Approver, number: Whole) -> Response:
    """Publish it under its author's name."""
    language = language_of(request, services.rules.language)

    def do(work: Work) -> Proposal | Denied:
        tools = ports(work, services.clock(), services.rules)
        try:
            return deciding.approve(tools, me, number, language)
        except Denied as denied:
            return denied  # the note of it stays

    return await _decide(request, services, me, number, do)


@router.post("/desk/review/{number}/return")
async def send_back(
    request: Request, services: Here, me: Writer, number: Whole, reason: Word = ""
) -> Response:
    """Send it back with a reason; its author takes it back the same way."""
    language = language_of(request, services.rules.language)

    def do(work: Work) -> Proposal:
        tools = ports(work, services.clock(), services.rules)
        return deciding.send_back(tools, me, number, reason, language)

    return await _decide(request, services, me, number, do)


# ── two that may be one ─────────────────────────────────────────────────────────────────────


@router.post("/desk/duplicates")
async def find_duplicates(request: Request, services: Here, me: Editing) -> Response:
    """Have the matcher compare the published fact-checks with each other."""
    await unit(
        services,
        lambda work: duplicates.look(ports(work, services.clock(), services.rules), again=True),
    )
    return no_store(RedirectResponse("/desk/review?done=looking", 303))


@router.post("/desk/duplicates/dismiss")
async def dismiss(
    request: Request, services: Here, me: Editing, first: Number = 0, second: Number = 0
) -> Response:
    """They are two."""

    def do(work: Work) -> None:
        duplicates.dismiss(ports(work, services.clock(), services.rules), me, first, second)

    await unit(services, do)
    return no_store(RedirectResponse("/desk/review", 303))


# ── everything somebody published ───────────────────────────────────────────────────────────


@router.post("/desk/rollback")
async def roll_back(
    request: Request,
    services: Here,
    me: Roller,
    name: Word = "",
    since: Word = "",
    reason: Word = "",
    seen: Word = "",
) -> Response:
    """Take back what a person published since a time (local time of the installation): first
    shown, with how many people will be told, then done when the list was `seen`."""
    typed = {"name": name, "since": since, "reason": reason}
    try:
        when = _moment(since, services.rules.timezone)
        if seen:
            return await _rolled_back(request, services, me, name, when, reason, seen)
        return await _plan(request, services, me, when, typed)
    except Refused as problem:
        return await _review(request, services, me, status=422, problem=problem, typed=typed)
    except Stale as problem:
        return await _plan(request, services, me, when, typed, problem)


async def _plan(
    request: Request,
    services: Services,
    me: Moderator,
    when: datetime,
    typed: Mapping[str, str],
    problem: Stale | None = None,
) -> Response:
    """Exactly what it would take back."""
    language = language_of(request, services.rules.language)

    def look(work: Work) -> tuple[rollback.Plan, int]:
        name = _colleague(work, typed["name"])
        reason_of(typed["reason"], language)
        tools = ports(work, services.clock(), services.rules)
        plan = rollback.plan(tools, me, name, when)
        return plan, rollback.answered(tools, plan, when)

    found, answered = await reading(services, look)
    return page(
        request, services, "desk_roll_back.html", me, plan=found, answered=answered,
        typed=typed, when=when, problem=problem, listed=LISTED,
        status=status_of(problem) if problem else 200,
    )  # fmt: skip


async def _rolled_back(
    request: Request,
    services: Services,
    me: Moderator,
    name: str,
    when: datetime,
    reason: str,
    seen: str,
) -> Response:
    language = language_of(request, services.rules.language)

    def do(work: Work) -> rollback.RolledBack:
        tools = ports(work, services.clock(), services.rules)
        return rollback.roll_back(
            tools, me, _colleague(work, name), when, reason, language, seen
        )  # fmt: skip

    done = await unit(services, do)
    return page(request, services, "desk_rolled_back.html", me, name=name, result=done)


def _colleague(work: Work, name: str) -> str:
    if work.desk.by_name(name) is None:
        raise Refused("?", "name")
    return name


def _moment(text: str, zone: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(text[:20] or "?", "since") from error
    return (when if when.tzinfo else when.replace(tzinfo=ZoneInfo(zone))).astimezone(UTC)
