"""The application: routes, guard, static files, pages for errors."""

from __future__ import annotations

import re
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.settings import LOOPBACK
from bot.web import (
    api,
    chat,
    desk,
    desk_audit,
    desk_chats,
    desk_duty,
    desk_factor,
    desk_facts,
    desk_figures,
    desk_me,
    desk_people,
    desk_queue,
    desk_review,
    desk_upkeep,
    desk_work,
    login,
    public,
    webhooks,
)
from bot.web.guard import HEADERS, Guard, host_of
from bot.web.pages import STATIC, render
from bot.web.services import Services
from bot.web.visits import Visited
from handlers.rights import Denied
from knowledge_base.facts import KnowledgeError

__all__ = ["Services", "create_app"]

PARTS = (
    public.router,
    chat.router,
    desk_queue.router,
    desk.router,
    desk_work.router,
    desk_facts.router,
    desk_upkeep.router,
    desk_review.router,
    desk_people.router,
    desk_me.router,
    desk_chats.router,
    desk_factor.router,
    desk_audit.router,
    desk_figures.router,
    desk_duty.router,
    login.router,
    api.router,
    webhooks.router,
)


OBJECT = re.compile(r"/desk/(?:(?:q|facts|review)/[A-Za-z0-9]+|[a-z]+)(?=/)")
ELSEWHERE = {"/desk/rollback": "/desk/review", "/desk/duplicates": "/desk/review"}


class Files(StaticFiles):
    """Our own files; an address with a content hash may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        kept = b"v=" in scope.get("query_string", b"")
        life = "public, max-age=31536000, immutable" if kept else "public, max-age=3600"
        response.headers["Cache-Control"] = life
        return response


def create_app(services: Services) -> FastAPI:
    """The web of one installation."""
    app = FastAPI(
        title="Saring",
        version=services.version,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
        # as they are: what include_router makes of each, it makes in the first visitor's time
        routes=[route for part in PARTS for route in part.routes],
    )
    app.state.services = services
    app.mount("/static", Files(directory=STATIC), name="static")
    app.add_exception_handler(HTTPException, _problem)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(Exception, _fault)
    app.add_exception_handler(KnowledgeError, _busy)
    app.add_exception_handler(ClientDisconnect, _left)
    app.add_exception_handler(login.NotSignedIn, login.ask_to_sign_in)
    app.add_exception_handler(login.FactorNeeded, login.ask_for_factor)
    app.add_exception_handler(Denied, login.refuse)
    app.add_exception_handler(login.NotAllowed, login.refuse)
    app.add_middleware(webhooks.Deliveries, services=services)
    app.add_middleware(Visited, visits=services.visits)
    app.add_middleware(Guard, hosts=_hosts(services), secure=services.secure_cookies)
    return app


def _hosts(services: Services) -> frozenset[str]:
    """On loopback only our own names are answered, or any page could reach us by DNS tricks."""
    if not services.loopback:
        return frozenset()
    return LOOPBACK | {host_of(services.rules.public_url)}


async def _problem(request: Request, error: Exception) -> Response:
    problem = cast(HTTPException, error)
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": problem.detail}, problem.status_code, problem.headers)
    services: Services = request.app.state.services
    if request.url.path.startswith("/desk"):
        if problem.status_code == 405 and request.method in ("GET", "HEAD"):
            return login.no_store(RedirectResponse(_object_of(request.url.path), 303))
        if problem.status_code == 404:
            return await _not_on_the_desk(request)
    template = "missing.html" if problem.status_code == 404 else "problem.html"
    response = render(request, services, template, problem.status_code)
    response.headers.update(problem.headers or {})
    return response


async def _unreadable(request: Request, error: Exception) -> Response:
    """An address with a part that cannot be read, such as a number that is none."""
    if request.url.path.startswith("/desk") and request.method == "GET":
        return await _not_on_the_desk(request)
    return render(request, request.app.state.services, "problem.html", 422)


async def _not_on_the_desk(request: Request) -> Response:
    """No such page; who is at the desk stays there."""
    services: Services = request.app.state.services
    me = await login.visitor(request)
    return login.no_store(
        render(request, services, "desk_missing.html", 404, me=me, what="page", code="404")
    )


def _object_of(path: str) -> str:
    """The page on which something can be done that is done at this address."""
    if path in ELSEWHERE:
        return ELSEWHERE[path]
    found = OBJECT.match(path)
    return found.group() if found else "/desk"


async def _left(request: Request, error: Exception) -> Response:
    """The visitor went on to another page while sending this one: nobody reads the answer, and
    it is no fault."""
    return Response(status_code=400)


async def _fault(request: Request, error: Exception) -> Response:
    """Our own mistake: the page says nothing of it, the log says all. Headers are set here,
    since this answer is made outside of the guard."""
    if request.url.path.startswith(("/api/", "/chat/", "/webhooks/")):
        response: Response = JSONResponse({"error": "internal error"}, 500)
    else:
        response = render(request, request.app.state.services, "problem.html", 500)
    response.headers.update(HEADERS)
    return response


async def _busy(request: Request, error: Exception) -> Response:
    """The database does not answer: nothing was changed, the visitor may try again."""
    if request.url.path.startswith(("/api/", "/chat/")):
        return JSONResponse({"error": "busy"}, 503, {"Retry-After": "2"})
    response = render(request, request.app.state.services, "problem.html", 503)
    response.headers["Retry-After"] = "2"
    return response
