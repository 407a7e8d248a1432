"""One's own account: sessions, second factor, language."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from bot.doors import Work
from bot.web.desk import page, reading, unit
from bot.web.login import GUARDED, HalfIn, Owner, no_store, wants_factor
from bot.web.services import Here
from handlers import accounts

router = APIRouter(include_in_schema=False)


@router.get("/desk/me")
async def own_page(request: Request, services: Here, me: Owner, session: HalfIn) -> Response:
    """Sessions, second factor, language."""
    now = services.clock()

    def gather(work: Work) -> dict[str, Any]:
        key = work.factors.codes(me.id)
        return {
            "sessions": work.accounts.sessions(me.id, now),
            "codes": key is not None and key.confirmed,
            "passkeys": work.factors.passkeys(me.id),
            "left": work.factors.recovery_left(me.id),
        }

    return page(
        request,
        services,
        "desk_me.html",
        me,
        here=session.handle,
        guarded=session.guarded,
        wanted=me.role in GUARDED,
        demanded=wants_factor(services, me.role),
        done=request.query_params.get("done", "")[:20],
        **await reading(services, gather),
    )


@router.post("/desk/me/sessions/end")
async def end_others(services: Here, me: Owner, session: HalfIn) -> Response:
    """End every session of one's own but this one."""
    await unit(services, lambda work: accounts.end_own(work, me, here=session.handle))
    return no_store(RedirectResponse("/desk/me?done=ended", 303))


@router.post("/desk/me/sessions/{which}/end")
async def end_one(services: Here, me: Owner, which: str) -> Response:
    """End one session of one's own; another person's is as unknown as one that never was."""
    ended = await unit(services, lambda work: accounts.end_own(work, me, which=which[:40]))
    if not ended:
        raise HTTPException(404)
    return no_store(RedirectResponse("/desk/me?done=ended", 303))
