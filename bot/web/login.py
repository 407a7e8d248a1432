"""Moderators' sessions: a one-time link that a mere preview cannot use up, and a cookie."""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import RedirectResponse, Response

from bot.web.guard import is_local
from bot.web.limits import network
from bot.web.pages import render
from bot.web.services import Here, Services
from knowledge_base.facts import Moderator, Role

router = APIRouter(include_in_schema=False)

HOURS = 12
WRITERS = frozenset({Role.MODERATOR, Role.EDITOR, Role.ADMIN})


class NotSignedIn(Exception):
    """There is no session, or it has ended."""


class NotAllowed(Exception):
    """The role does not include this."""


def cookie_name(services: Services) -> str:
    """With https the prefix ties the cookie to this host; plain http cannot carry it."""
    return "__Host-saring_desk" if services.secure_cookies else "saring_desk"


def no_store(response: Response) -> Response:
    """A desk page must not stay in any cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


async def signed_in(request: Request, services: Here) -> Moderator:
    """Who is at the desk. Raises NotSignedIn."""
    token = request.cookies.get(cookie_name(services), "")

    def session() -> Moderator | None:
        with services.database.work() as work:  # writing: keeps the session from going idle
            return work.desk.session(token, services.clock())

    moderator = await anyio.to_thread.run_sync(session) if token else None
    if moderator is None:
        raise NotSignedIn
    return moderator


Reader = Annotated[Moderator, Depends(signed_in)]


async def may_write(moderator: Reader) -> Moderator:
    """Who is at the desk and may answer. Raises NotSignedIn or NotAllowed."""
    if moderator.role not in WRITERS:
        raise NotAllowed
    return moderator


Writer = Annotated[Moderator, Depends(may_write)]


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The answer to NotSignedIn: the login page, in place of a form or a part of a page too."""
    services: Services = request.app.state.services
    if request.headers.get("hx-request"):
        return no_store(Response(status_code=401, headers={"HX-Redirect": "/desk/login"}))
    if request.method == "GET":
        return no_store(RedirectResponse("/desk/login", 303))
    return no_store(render(request, services, "desk_login.html", 401, token="", problem="ended"))


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to NotAllowed."""
    services: Services = request.app.state.services
    return no_store(render(request, services, "desk_refused.html", 403))


@router.get("/desk/login")
def login_page(request: Request, services: Here, token: str = "") -> Response:
    """A page with one button. Opening the link uses nothing up: chat apps open links too."""
    return no_store(render(request, services, "desk_login.html", token=token[:200], problem=""))


@router.post("/desk/login")
def login(request: Request, services: Here, token: Annotated[str, Form()] = "") -> Response:
    """Use the one-time token."""
    client = request.client.host if request.client else ""
    if not is_local(request) and (
        wait := services.limits.login.wait(network(client), services.clock())
    ):
        page = render(request, services, "desk_login.html", 429, token="", problem="many")
        page.headers["Retry-After"] = str(wait)
        return no_store(page)
    with services.database.work() as work:
        session = work.desk.redeem(token, services.clock()) if token else None
    if session is None:
        page = render(request, services, "desk_login.html", 403, token="", problem="invalid")
        return no_store(page)
    response = RedirectResponse("/desk", 303)
    response.set_cookie(
        cookie_name(services),
        session,
        max_age=HOURS * 3600,
        path="/",
        secure=services.secure_cookies,
        httponly=True,
        samesite="lax",
    )
    return no_store(response)


@router.post("/desk/logout")
def logout(request: Request, services: Here) -> Response:
    """End the session everywhere at once."""
    name = cookie_name(services)
    with services.database.work() as work:
        work.desk.end(request.cookies.get(name, ""))
    response = RedirectResponse("/desk/login", 303)
    response.delete_cookie(name, path="/", secure=services.secure_cookies, httponly=True)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return no_store(response)
