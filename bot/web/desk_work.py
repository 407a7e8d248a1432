"""Working on a question: take, hand over, comment, merge, split, close, escalate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.doors import Work, room
from bot.web.desk import At, act, page, read_version, unit
from bot.web.login import asks, no_store
from bot.web.services import Here
from handlers import casework
from handlers.casework import Close
from handlers.rights import Action
from knowledge_base.facts import Moderator, Refused

router = APIRouter(include_in_schema=False)

MOST_WORDINGS = 200
Releaser = Annotated[Moderator, Depends(asks(Action.RELEASE))]
Taker = Annotated[Moderator, Depends(asks(Action.TAKE))]
Giver = Annotated[Moderator, Depends(asks(Action.HAND_OVER))]
Speaker = Annotated[Moderator, Depends(asks(Action.COMMENT))]
Splitter = Annotated[Moderator, Depends(asks(Action.SPLIT))]
Merger = Annotated[Moderator, Depends(asks(Action.MERGE))]
Closer = Annotated[Moderator, Depends(asks(Action.REJECT))]
Caller = Annotated[Moderator, Depends(asks(Action.ESCALATE))]
Approver = Annotated[Moderator, Depends(asks(Action.APPROVE))]


@router.post("/desk/q/{code}/take")
async def take(request: Request, services: Here, me: Taker, code: str) -> Response:
    """It is mine for half an hour."""

    def do(at: At) -> Any:
        return casework.take(at.room, me, at.code, at.language)

    return await act(request, services, me, code, do, "taken")


@router.post("/desk/q/{code}/alive")
async def alive(request: Request, services: Here, me: Taker, code: str) -> Response:
    """Somebody is typing or clicking on this page: what is theirs stays theirs."""

    def do(work: Work) -> Any:
        return casework.renew(room(work, services.clock(), services.rules), me, code[:12])

    lease = await unit(services, do)
    now = services.clock()
    return page(request, services, "desk_lease.html", me, lease=lease, now=now)


@router.post("/desk/q/{code}/release")
async def release(request: Request, services: Here, me: Releaser, code: str) -> Response:
    """Give it back to the queue."""

    def do(at: At) -> Any:
        return casework.release(at.room, me, at.code, at.language)

    return await act(request, services, me, code, do, "released")


@router.post("/desk/q/{code}/hand")
async def hand_over(request: Request, services: Here, me: Giver, code: str) -> Response:
    """A colleague goes on with it."""
    to = str((await request.form()).get("to", ""))

    def do(at: At) -> Any:
        return casework.hand_over(at.room, me, at.code, to, at.language)

    return await act(request, services, me, code, do, "handed")


@router.post("/desk/q/{code}/comment")
async def comment(request: Request, services: Here, me: Speaker, code: str) -> Response:
    """Say something to the colleagues."""
    said = str((await request.form()).get("comment", ""))

    def do(at: At) -> Any:
        return casework.comment(at.room, me, at.code, said, at.language)

    return await act(request, services, me, code, do, "commented")


@router.post("/desk/q/{code}/seen")
async def seen(services: Here, me: Speaker, code: str) -> Response:
    """The comments of this question that name me have been read."""
    await unit(services, lambda work: work.cases.read(code[:12], me.id))
    return no_store(Response(status_code=204))


@router.post("/desk/q/{code}/split")
async def split(request: Request, services: Here, me: Splitter, code: str) -> Response:
    """The chosen wordings are another rumour."""
    form = await request.form()
    chosen = [str(value) for value in form.getlist("wording")][:MOST_WORDINGS]

    def do(at: At) -> Any:
        ids = [int(value) for value in chosen if value.isdecimal() and len(value) < 16]
        return casework.split(at.room, me, at.code, read_version(form), ids, at.language)

    return await act(request, services, me, code, do, "split")


@router.post("/desk/q/{code}/join")
async def join(request: Request, services: Here, me: Merger, code: str) -> Response:
    """This question and another open one are the same rumour."""
    form = await request.form()
    into = str(form.get("into", "")).strip().lstrip("#")[:12]

    def do(at: At) -> Any:
        return casework.merge(at.room, me, at.code, read_version(form), into, at.language)

    return await act(request, services, me, code, do, "joined")


@router.post("/desk/q/{code}/close")
async def close(request: Request, services: Here, me: Closer, code: str) -> Response:
    """Not a claim, or spam."""
    form = await request.form()

    def do(at: At) -> Any:
        try:
            kind = Close(str(form.get("kind", "")))
        except ValueError as error:
            raise Refused(f"Unknown kind {str(form.get('kind'))[:20]!r}.", "kind") from error
        return casework.close(at.room, me, at.code, read_version(form), kind, at.language)

    return await act(request, services, me, code, do, "rejected")


@router.post("/desk/q/{code}/escalate")
async def escalate(request: Request, services: Here, me: Caller, code: str) -> Response:
    """An editor should look."""
    reason = str((await request.form()).get("reason", ""))

    def do(at: At) -> Any:
        return casework.escalate(at.room, me, at.code, reason, at.language)

    return await act(request, services, me, code, do, "escalated")


@router.post("/desk/q/{code}/calm")
async def calm(request: Request, services: Here, me: Approver, code: str) -> Response:
    """An editor has looked."""

    def do(at: At) -> Any:
        return casework.calm(at.room, me, at.code, at.language)

    return await act(request, services, me, code, do, "calmed")
