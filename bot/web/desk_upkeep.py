"""Upkeep of the knowledge base: sources that vanished, checks that have aged."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from bot import archive
from bot.doors import Work, ports
from bot.web.desk import missing, page, reading, unit
from bot.web.login import Reader, asks, no_store
from bot.web.pages import Whole
from bot.web.services import Here
from handlers import moderate, texts, upkeep
from handlers.rights import Action
from knowledge_base.facts import Moderator, Refused, State

router = APIRouter(include_in_schema=False)

SHOWN = 25
Editing = Annotated[Moderator, Depends(asks(Action.EDIT_FACT))]


@router.get("/desk/upkeep")
async def lists(request: Request, services: Here, me: Reader) -> Response:
    """What has to be looked at again before somebody is told something that does not hold."""
    today = texts.local(services.clock(), services.rules.timezone).date()

    def gather(work: Work) -> dict[str, Any]:
        return {
            "vanished": work.upkeep.vanished(SHOWN),
            "aged": work.facts.browse(
                state=State.PUBLISHED.value, checked_before=today - upkeep.AGED, limit=SHOWN
            ),
            "pairs": len(work.reviews.pairs()),
            "looking": services.rules.fetch,
            "copy_address": archive.address,
        }

    context = await reading(services, gather)
    done = request.query_params.get("done", "")[:20]
    return page(request, services, "desk_upkeep.html", me, done=done, **context)


@router.post("/desk/upkeep/{number}/sources")
async def look_again(request: Request, services: Here, me: Editing, number: Whole) -> Response:
    """Have the sources of one fact-check looked at now."""

    def look(work: Work) -> None:
        fact = work.facts.get(number)
        if fact is None:
            raise Refused("There is no such fact-check.", "number")
        moderate.check_sources(ports(work, services.clock(), services.rules), fact)

    try:
        await unit(services, look)
    except Refused:
        return missing(request, services, me, "fact", str(number))
    return no_store(RedirectResponse("/desk/upkeep?done=looking", 303))
