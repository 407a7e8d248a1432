"""One's own desk chat: a code to link it, the PIN for publishing there, and confirming here."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.doors import Work
from bot.web.desk import page, reading, unit
from bot.web.links import deep_link
from bot.web.login import Owner, asks, no_store
from bot.web.services import Here, Services
from handlers.rights import Action
from knowledge_base.chats import OPEN, SHORTEST_PIN
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Moderator, Refused

router = APIRouter(include_in_schema=False)

GroupKeeper = Annotated[Moderator, Depends(asks(Action.MANAGE_GROUPS, fresh=True))]
# Who may approve in a chat has a second factor first: the chat stands in for it afterwards.
Opener = Annotated[Moderator, Depends(asks(Action.OWN_ACCOUNT, fresh=True, guarded=True))]
Word = Annotated[str, Form()]


@router.get("/desk/chat")
async def chat_page(request: Request, services: Here, me: Owner) -> Response:
    """What is linked, and what can be done."""
    return await _page(request, services, me, done=request.query_params.get("done", "")[:20])


async def _page(request: Request, services: Here, me: Moderator, **more: Any) -> Response:
    now = services.clock()

    def gather(work: Work) -> dict[str, Any]:
        chats = work.chats.of(me.id)
        private = next((chat for chat in chats if not chat.group), None)
        opened = private and private.open_until and private.open_until > now
        return {
            "private": private,
            "opened": bool(opened),
            "groups": [chat for chat in chats if chat.group],
            "pin": work.chats.has_pin(me.id),
            "least": SHORTEST_PIN,
        }

    shown = (
        {"done": "", "code": "", "link": None, "bad_pin": False}
        | await reading(services, gather)
        | more
    )
    return page(request, services, "desk_chats.html", me, **shown)


@router.post("/desk/chat/code")
async def private_code(request: Request, services: Here, me: Opener) -> Response:
    """A code for one's own chat; shown once."""
    return await _with_code(request, services, me, group=False)


@router.post("/desk/chat/group")
async def group_code(request: Request, services: Here, me: GroupKeeper) -> Response:
    """A code for a group of the desk; shown once."""
    return await _with_code(request, services, me, group=True)


async def _with_code(
    request: Request, services: Services, me: Moderator, *, group: bool
) -> Response:
    code = await _code(services, me, group=group)
    link = deep_link(await services.telegram_name(), f"desk_{code}", group=group)
    return await _page(request, services, me, code=code, link=link)


async def _code(services: Here, me: Moderator, *, group: bool) -> str:
    now = services.clock()

    def make(work: Work) -> str:
        work.audit.write(me.name, Deed.CHAT_CODE, of_person(me.name), group=group)
        return work.chats.new_code(me.id, now, group=group)

    return await unit(services, make)


@router.post("/desk/chat/pin")
async def set_pin(request: Request, services: Here, me: Opener, pin: Word = "") -> Response:
    """A new PIN for publishing from the chat."""

    def keep(work: Work) -> None:
        work.chats.set_pin(me.id, pin.strip())
        work.audit.write(me.name, Deed.PIN_SET, of_person(me.name))

    try:
        await unit(services, keep)
    except Refused:
        return await _page(request, services, me, bad_pin=True, status=422)
    return no_store(RedirectResponse("/desk/chat?done=pin", 303))


@router.post("/desk/chat/confirm")
async def confirm(services: Here, me: Opener) -> Response:
    """Publishing from the chat is open for ten minutes, without the PIN."""
    now = services.clock()

    def keep(work: Work) -> None:
        for chat in work.chats.of(me.id):
            if not chat.group:
                work.chats.save(replace(chat, open_until=now + OPEN))
        work.audit.write(me.name, Deed.STEP_UP, of_person(me.name), where="desk")

    await unit(services, keep)
    return no_store(RedirectResponse("/desk/chat?done=open", 303))


@router.post("/desk/chat/unlink")
async def unlink(services: Here, me: Owner) -> Response:
    """A lost telephone: every chat one has linked is none of the desk any more."""

    def drop(work: Work) -> None:
        for chat in work.chats.of(me.id):
            work.chats.unlink(chat.person)
        work.audit.write(me.name, Deed.CHAT_UNLINK, of_person(me.name))

    await unit(services, drop)
    return no_store(RedirectResponse("/desk/chat?done=unlinked", 303))
