"""For whoever looks after the installation: what was given up, what was ignored, what is billed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from bot.doors import Work
from bot.overdue import overdue
from bot.web.desk import page, reading, unit
from bot.web.login import asks, no_store
from bot.web.pages import Whole
from bot.web.services import Here, Services
from handlers import given_up
from handlers.rights import Action
from knowledge_base.deliveries import Kind
from knowledge_base.facts import Moderator, Stale

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Moderator, Depends(asks(Action.LOOK_AFTER))]
DAYS = 30


@router.get("/desk/duty")
async def duty(request: Request, services: Here, me: Keeper) -> Response:
    """What was given up and can be started again, with its reason; counts."""
    return await _duty(request, services, me)


async def _duty(
    request: Request, services: Services, me: Moderator, status: int = 200, problem: str = ""
) -> Response:
    today = services.clock().date()

    def gather(work: Work) -> dict[str, Any]:
        billed = work.tally.all_billed()
        days = sorted({day for _, day in billed}, reverse=True)[:DAYS]
        return {
            "stopped": work.yard.stopped(),
            "late": overdue(work, services.clock()),
            "held": work.outbox.counts().get("held", 0),
            "ignored": sorted(work.tally.all_ignored().items()),
            "billed": [(day, given_up.billed_on(billed, day)) for day in days],
            "surprising": given_up.surprising(billed, today),
        }

    found = await reading(services, gather)
    done = request.query_params.get("done", "")[:20]
    return page(
        request,
        services,
        "desk_duty.html",
        me,
        status=status,
        problem=problem,
        done=done,
        today=today,
        **found,
    )


@router.post("/desk/duty/{kind}/{number}/again")
async def again(
    request: Request, services: Here, me: Keeper, kind: Kind, number: Whole
) -> Response:
    """Start it again, from its first try."""
    return await _act(
        request, services, me, "again", lambda work: given_up.start_again(work, me, kind, number)
    )


@router.post("/desk/duty/{kind}/{number}/drop")
async def drop(request: Request, services: Here, me: Keeper, kind: Kind, number: Whole) -> Response:
    """Let it be for good."""
    return await _act(
        request, services, me, "drop", lambda work: given_up.drop(work, me, kind, number)
    )


async def _act(
    request: Request, services: Services, me: Moderator, done: str, do: Callable[[Work], None]
) -> Response:
    try:
        await unit(services, do)
    except Stale:
        return await _duty(request, services, me, 409, "stale")
    return no_store(RedirectResponse(f"/desk/duty?done={done}", 303))
