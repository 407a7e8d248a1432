"""The people of the desk, for admins: who may what, who is here, who was away too long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.doors import Work
from bot.web import once
from bot.web.desk import page, reading, unit
from bot.web.links import deep_link
from bot.web.login import asks, no_store
from bot.web.pages import Whole
from bot.web.refusals import REFUSALS, status_of
from bot.web.services import Here, Services
from handlers import accounts
from handlers.rights import Action, Denied
from knowledge_base.facts import KnowledgeError, Moderator, Refused, Role, Stale

router = APIRouter(include_in_schema=False)

Manager = Annotated[Moderator, Depends(asks(Action.MANAGE_PEOPLE, fresh=True))]
Inviter = Annotated[Moderator, Depends(asks(Action.INVITE))]
Word = Annotated[str, Form()]
Do = Callable[[Work], object]
T = TypeVar("T")


def login_address(services: Services, token: str) -> str:
    """The one-time address a person opens."""
    return accounts.login_address(services.rules.public_url, token)


def _role(text: str) -> Role:
    try:
        return Role(text)
    except ValueError as error:
        raise Refused("There is no such role.", "role") from error


# ── people ──────────────────────────────────────────────────────────────────────────────────


@router.get("/desk/people")
async def people(request: Request, services: Here, me: Manager) -> Response:
    """Everybody, with role, organisation, use and second factor."""
    return await _people(request, services, me)


async def _people(
    request: Request,
    services: Services,
    me: Moderator,
    *,
    status: int = 200,
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    now, secret = services.clock(), once.shown_at(request, services)
    found, wishes = await reading(
        services, lambda work: (work.accounts.everyone(now), work.accounts.wishes(now))
    )
    shown = page(
        request,
        services,
        "desk_people.html",
        me,
        status=status,
        people=found,
        wishes={(one.what, one.moderator): one.by for one in wishes},
        names={one.who.id: one.who.name for one in found},
        roles=list(Role),
        problem=problem,
        link=(secret["name"], login_address(services, secret["token"])) if secret else None,
        typed=typed or {"name": "", "role": Role.MODERATOR.value, "org": me.org},
        done=request.query_params.get("done", "")[:20],
    )
    return once.forget(shown, services) if secret else shown


async def _do(
    request: Request,
    services: Services,
    me: Moderator,
    do: Callable[[Work], T],
    typed: Mapping[str, str] | None = None,
) -> T | Response:
    """Do it, or show the page again with what is in the way."""
    try:
        return await unit(services, do)
    except REFUSALS as problem:
        word = _word(problem)
        return await _people(
            request, services, me, status=status_of(problem), problem=word, typed=typed
        )


def _word(problem: KnowledgeError) -> str:
    """The key of the sentence that says what is in the way."""
    if isinstance(problem, Stale):
        return "stale"
    return problem.why if isinstance(problem, Denied) else getattr(problem, "field", "") or "name"


def _linked(services: Services, made: tuple[Moderator, str], done: str) -> Response:
    """Back to the people, with the link that was made."""
    secret = {"name": made[0].name, "token": made[1]}
    return once.show_at(services, f"/desk/people?done={done}", secret)


def _back(done: str) -> Response:
    return no_store(RedirectResponse(f"/desk/people?done={done}", 303))


@router.post("/desk/people")
async def add(
    request: Request,
    services: Here,
    me: Manager,
    name: Word = "",
    role: Word = "",
    org: Word = "",
) -> Response:
    """A new person; their one-time link is shown once, on the page after this one only."""

    def do(work: Work) -> tuple[Moderator, str]:
        return accounts.add(work, me, name, _role(role), org, services.clock())

    typed = {"name": name, "role": role, "org": org}
    made = await _do(request, services, me, do, typed)
    if isinstance(made, Response):
        return made
    return _linked(services, made, "begun" if made[0].role.value != role else "added")


@router.post("/desk/people/{number}/link")
async def new_link(request: Request, services: Here, me: Manager, number: Whole) -> Response:
    """A new one-time link; older unused ones stop working."""
    now = services.clock()
    made = await _do(request, services, me, lambda work: accounts.link(work, me, number, now))
    if isinstance(made, Response):
        return made
    return _linked(services, made, "linked")


@router.post("/desk/people/{number}/role")
async def change(
    request: Request,
    services: Here,
    me: Manager,
    number: Whole,
    role: Word = "",
    org: Word = "",
    was_role: Word = "",
    was_org: Word = "",
) -> Response:
    """Another role or organisation."""
    was, now = (was_role, was_org), services.clock()

    def do(work: Work) -> Moderator:
        return accounts.change(work, me, number, was, _role(role), org, now)

    made = await _do(request, services, me, do)
    if isinstance(made, Response):
        return made
    return _back("changed" if made.role.value == role else "asked")


@router.post("/desk/people/{number}/revoke")
async def revoke(request: Request, services: Here, me: Manager, number: Whole) -> Response:
    """Disable; every session ends at once."""
    now = services.clock()
    made = await _do(request, services, me, lambda work: accounts.revoke(work, me, number, now))
    return made if isinstance(made, Response) else _back("revoked")


@router.post("/desk/people/{number}/restore")
async def restore(request: Request, services: Here, me: Manager, number: Whole) -> Response:
    """Bring back who was disabled or asleep."""
    now = services.clock()
    made = await _do(request, services, me, lambda work: accounts.restore(work, me, number, now))
    return made if isinstance(made, Response) else _back("restored")


@router.post("/desk/people/{number}/factor/reset")
async def reset_factor(request: Request, services: Here, me: Manager, number: Whole) -> Response:
    """A lost telephone: the second factor and all sessions go."""
    now = services.clock()

    def do(work: Work) -> bool:
        return accounts.reset_factor(work, me, number, now)

    made = await _do(request, services, me, do)
    return made if isinstance(made, Response) else _back("reset" if made else "asked")


@router.post("/desk/people/{number}/sessions/end")
async def end_sessions(request: Request, services: Here, me: Manager, number: Whole) -> Response:
    """End every session of somebody; they may log in again."""
    made = await _do(request, services, me, lambda work: accounts.end_sessions(work, me, number))
    return made if isinstance(made, Response) else _back("ended")


# ── invitations ─────────────────────────────────────────────────────────────────────────────


@router.get("/desk/invite")
async def invitations(request: Request, services: Here, me: Inviter) -> Response:
    """Open and used invitations for influencers."""
    return await _invitations(request, services, me)


async def _invitations(request: Request, services: Services, me: Moderator) -> Response:
    now, secret = services.clock(), once.shown_at(request, services)
    token = secret.get("token", "")
    found = await reading(services, lambda work: work.accounts.invitations(now))
    word = f"inv_{token}" if token else ""
    link = deep_link(await services.telegram_name(), word)
    shown = page(
        request, services, "desk_invite.html", me, found=found, word=word, link=link, now=now
    )
    return once.forget(shown, services) if secret else shown


@router.post("/desk/invite")
async def invite(request: Request, services: Here, me: Inviter, note: Word = "") -> Response:
    """A new invitation, shown once on the page after this one."""
    now = services.clock()
    token = await unit(services, lambda work: accounts.invite(work, me, note, now))
    return once.show_at(services, "/desk/invite", {"token": token})


@router.post("/desk/invite/{which}/withdraw")
async def withdraw(request: Request, services: Here, me: Inviter, which: str) -> Response:
    """An invitation nobody has used works no more."""
    await unit(services, lambda work: accounts.withdraw(work, me, which[:40]))
    return no_store(RedirectResponse("/desk/invite", 303))
