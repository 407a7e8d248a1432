"""Working on a question: take, hand over, comment, merge, split, close, escalate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.doors import Work, room
from bot.web.desk import act, page, read_version, unit
from bot.web.login import asks, no_store
from bot.web.pages import language_of
from bot.web.services import Here
from handlers import casework
from handlers.casework import Close
from handlers.rights import Action
from knowledge_base.facts import Moderator, Question, Refused

router = APIRouter(include_in_schema=False)

MOST_WORDINGS = 200
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
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.take(tools, me, asked.code, language)

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
async def release(request: Request, services: Here, me: Taker, code: str) -> Response:
    """Give it back to the queue."""
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.release(tools, me, asked.code, language)

    return await act(request, services, me, code, do, "released")


@router.post("/desk/q/{code}/hand")
async def hand_over(request: Request, services: Here, me: Giver, code: str) -> Response:
    """A colleague goes on with it."""
    to = str((await request.form()).get("to", ""))
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.hand_over(tools, me, asked.code, to, language)

    return await act(request, services, me, code, do, "handed")


@router.post("/desk/q/{code}/comment")
async def comment(request: Request, services: Here, me: Speaker, code: str) -> Response:
    """Say something to the colleagues."""
    said = str((await request.form()).get("comment", ""))
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.comment(tools, me, asked.code, said, language)

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
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        ids = [int(value) for value in chosen if value.isdecimal() and len(value) < 16]
        return casework.split(tools, me, asked.code, read_version(form), ids, language)

    return await act(request, services, me, code, do, "split")


@router.post("/desk/q/{code}/join")
async def join(request: Request, services: Here, me: Merger, code: str) -> Response:
    """This question and another open one are the same rumour."""
    form = await request.form()
    into = str(form.get("into", "")).strip().lstrip("#")[:12]
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.merge(tools, me, asked.code, read_version(form), into, language)

    return await act(request, services, me, code, do, "joined")


@router.post("/desk/q/{code}/close")
async def close(request: Request, services: Here, me: Closer, code: str) -> Response:
    """Not a claim, or spam."""
    form = await request.form()
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        try:
            kind = Close(str(form.get("kind", "")))
        except ValueError as error:
            raise Refused(f"Unknown kind {str(form.get('kind'))[:20]!r}.", "kind") from error
        return casework.close(tools, me, asked.code, read_version(form), kind, language)

    return await act(request, services, me, code, do, "rejected")


@router.post("/desk/q/{code}/escalate")
async def escalate(request: Request, services: Here, me: Caller, code: str) -> Response:
    """An editor should look."""
    reason = str((await request.form()).get("reason", ""))
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.escalate(tools, me, asked.code, reason, language)

    return await act(request, services, me, code, do, "escalated")


@router.post("/desk/q/{code}/calm")
async def calm(request: Request, services: Here, me: Approver, code: str) -> Response:
    """An editor has looked."""
    language = language_of(request, services.rules.language)

    def do(work: Work, asked: Question) -> Any:
        tools = room(work, services.clock(), services.rules)
        return casework.calm(tools, me, asked.code, language)

    return await act(request, services, me, code, do, "calmed")
