"""Working on a question: take, hand over, comment, merge, split, close, escalate."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.doors import Work, room
from bot.web.desk import At, act, missing, page, pulse_of, read_version, reading, unit
from bot.web.login import Owner, Reader, asks, no_store
from bot.web.pages import Whole
from bot.web.services import Here, Services
from handlers import casework
from handlers.answering import number_in
from handlers.casework import Close
from handlers.rights import Action
from knowledge_base.facts import Moderator, Question, QuestionState, Refused
from knowledge_base.queue import Lease

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

    await unit(services, do)
    return await _live(request, services, me, code, None)


@router.get("/desk/live")
async def live(
    request: Request,
    services: Here,
    me: Reader,
    code: str = "",
    version: Whole = 0,
    seen: str = "",
) -> Response:
    """Who has this question now, and whether it is as it was when the page was opened (in that
    version); nothing as long as the queue looks as the page has seen it."""
    if await pulse_of(services) == seen:
        return no_store(Response(status_code=204))
    return await _live(request, services, me, code, version)


async def _live(
    request: Request, services: Services, me: Moderator, code: str, version: int | None
) -> Response:
    pulse, now = await pulse_of(services), services.clock()

    def look(work: Work) -> tuple[Question | None, Lease | None]:
        return work.questions.get(code[:12]), work.cases.lease(code[:12], now)

    asked, lease = await reading(services, look)
    if asked is None:
        return missing(request, services, me, "question", code[:12])
    settled = asked.state is not QuestionState.OPEN or asked.code != code
    return page(
        request, services, "desk_live.html", me, question=asked, lease=lease, pulse=pulse,
        settled=settled, changed=settled or version not in (None, asked.version),
    )  # fmt: skip


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
async def seen(services: Here, me: Owner, code: str) -> Response:
    """The comments of this question that name me have been read."""
    await unit(services, lambda work: work.cases.read(code[:12], me.id))
    return no_store(Response(status_code=204))


@router.post("/desk/q/{code}/split")
async def split(request: Request, services: Here, me: Splitter, code: str) -> Response:
    """The chosen wordings are another rumour."""
    form = await request.form()
    chosen = [str(value) for value in form.getlist("wording")][:MOST_WORDINGS]

    def do(at: At) -> Any:
        ids = [number for number in map(number_in, chosen) if number]
        return casework.split(at.room, me, at.code, read_version(form), ids, at.language)

    return await act(request, services, me, code, do, "split")


@router.post("/desk/q/{code}/join")
async def join(request: Request, services: Here, me: Merger, code: str) -> Response:
    """This question and another open one are the same rumour."""
    form = await request.form()
    into = str(form.get("into", "")).strip().lstrip("#")[:12]

    def do(at: At) -> Any:
        return casework.merge(at.room, me, at.code, read_version(form), into, at.language)

    return await act(request, services, me, code, do, "joined", settles=True)


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

    return await act(request, services, me, code, do, "closed", settles=True)


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
