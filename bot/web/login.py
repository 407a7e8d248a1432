"""Moderators' sessions: a one-time link that a mere preview cannot use up, and a cookie."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Annotated
from urllib.parse import quote, urlsplit

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI, Form, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.responses import RedirectResponse, Response

from bot.web.guard import is_local, only_here
from bot.web.limits import network
from bot.web.pages import render
from bot.web.services import Here, Services
from bot.web.visits import RENEWED
from handlers.rights import RIGHTS, Action, Thing, may
from knowledge_base.accounts import FRESH, Session
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Moderator, Role

router = APIRouter(include_in_schema=False)

HOURS = 12
TOUCHED = timedelta(minutes=1)  # a session seen so lately needs no writing
GUARDED = frozenset({Role.EDITOR, Role.ADMIN})
SET_UP = frozenset({Action.OWN_ACCOUNT})  # open while a second factor is still to be set up
Person = Callable[..., Awaitable[Moderator]]
RIGHT_OF: dict[Person, Action] = {}  # every dependency `asks` has made, with what it asks for
FRESHLY: set[Person] = set()  # those of them that want a fresh second factor
NEXT = "saring_next"  # the page to come back to after logging in
ALONE = "/desk/cards"  # a part that stands on a page on which nobody writes
OPEN_TO_ALL = frozenset({"/desk/login", "/desk/logout"})
HALF_IN = frozenset({"/desk/factor", "/desk/factor/options", "/desk/factor/passkey"})


class NotSignedIn(Exception):
    """There is no session, or it has ended."""


class NotAllowed(Exception):
    """The role does not include this."""

    def __init__(self, action: Action) -> None:
        super().__init__(action.value)
        self.action = action


class FactorNeeded(Exception):
    """The session is open, but its second factor is missing (`setup`: there is none yet, the
    role wants one) or too old for what was asked."""

    def __init__(self, setup: bool = False) -> None:
        super().__init__("second factor")
        self.setup = setup


def cookie_name(services: Services) -> str:
    """With https the prefix ties the cookie to this host; plain http cannot carry it."""
    return "__Host-saring_desk" if services.secure_cookies else "saring_desk"


def no_store(response: Response) -> Response:
    """A desk page must not stay in any cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def give_cookie(response: Response, services: Services, token: str) -> None:
    """The cookie of a session."""
    response.set_cookie(
        cookie_name(services),
        token,
        max_age=HOURS * 3600,
        path="/",
        secure=services.secure_cookies,
        httponly=True,
        samesite="lax",
    )


async def half_in(request: Request, services: Here) -> Session:
    """The session of this browser, with or without its second factor. Raises NotSignedIn."""
    token = request.cookies.get(cookie_name(services), "")
    by_itself = request.url.path in RENEWED

    def visit() -> Session | None:
        now = services.clock()
        with services.database.read() as work:
            known = work.accounts.session(token, now)
        if known is None or by_itself or now - known.seen < TOUCHED:
            return known
        # only a writing transaction keeps the session from going idle
        with services.database.work() as work:
            return work.accounts.session(token, now)

    session = await anyio.to_thread.run_sync(visit) if token else None
    if session is None:
        raise NotSignedIn
    return session


HalfIn = Annotated[Session, Depends(half_in)]


def wants_factor(services: Services, role: Role) -> bool:
    """Has this role to have a second factor (decision 20)? On an installation that only this
    machine reaches it is asked for, never demanded."""
    return role in GUARDED and not only_here(services)


def asks(action: Action, *, fresh: bool = False, guarded: bool = False) -> Person:
    """The dependency of a route that needs this right; `fresh`: and a second factor given within
    ten minutes; `guarded`: and that there is one where the role has to have it, though it is
    about one's own account. Raises NotSignedIn, FactorNeeded or NotAllowed."""

    async def person(services: Here, session: HalfIn) -> Moderator:
        who = session.who
        if session.guarded and session.confirmed is None:
            raise FactorNeeded
        setting_up = action in SET_UP and not guarded
        if not session.guarded and wants_factor(services, who.role) and not setting_up:
            raise FactorNeeded(setup=True)
        if not may(who, action, Thing(person=who.name) if action in SET_UP else None):
            raise NotAllowed(action)
        if fresh and session.guarded and not _fresh(session, services):
            raise FactorNeeded
        return who

    RIGHT_OF[person] = action
    if fresh:
        FRESHLY.add(person)
    return person


def _fresh(session: Session, services: Services) -> bool:
    return session.confirmed is not None and services.clock() - session.confirmed < FRESH


Reader = Annotated[Moderator, Depends(asks(Action.SEE_QUEUE))]
Writer = Annotated[Moderator, Depends(asks(Action.ANSWER))]
Owner = Annotated[Moderator, Depends(asks(Action.OWN_ACCOUNT))]


def rights_of(app: FastAPI) -> Mapping[tuple[str, str], Action | None]:
    """What every route of the desk asks for, by method and path; None where it asks nothing."""
    return {
        (method, path): _right(route.dependant)
        for path, route in _routes(app.routes)
        for method in sorted((route.methods or set()) - {"HEAD"})
        if path.startswith("/desk")
    }


def _routes(routes: Iterable[object], before: str = "") -> Iterator[tuple[str, APIRoute]]:
    for route in routes:
        if isinstance(route, APIRoute):
            yield before + route.path, route
        elif inner := getattr(getattr(route, "original_router", None), "routes", None):
            yield from _routes(inner, before)


def _right(dependant: Dependant) -> Action | None:
    if dependant.call in RIGHT_OF:
        return RIGHT_OF[dependant.call]
    found = (_right(inner) for inner in dependant.dependencies)
    return next((right for right in found if right is not None), None)


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """The answer to NotSignedIn: the login page, in place of a form too; who is writing keeps
    the page and reads it in one line. The page asked for is remembered until they are in."""
    services: Services = request.app.state.services
    if _is_part(request):
        if request.url.path == ALONE:
            response = Response(status_code=401, headers={"HX-Redirect": "/desk/login"})
        else:
            response = _notice(request, 401, "ended", "/desk/login")
    elif request.method == "GET":
        response = RedirectResponse("/desk/login", 303)
    else:
        response = render(request, services, "desk_login.html", 401, token="", problem="ended")
    return no_store(_remember(response, services, _page_of(request)))


def _is_part(request: Request) -> bool:
    return bool(request.headers.get("hx-request"))


def _page_of(request: Request) -> str:
    """The page that is open in this browser."""
    whole = request.method == "GET" and not _is_part(request)
    return own_page(request.url.path if whole else request.headers.get("referer", ""))


def _notice(request: Request, status: int, what: str, target: str = "") -> Response:
    """One line above an open page, which stays as it is."""
    services: Services = request.app.state.services
    response = render(request, services, "desk_notice.html", status, what=what, target=target)
    swap = {"HX-Retarget": "#notice", "HX-Reswap": "innerHTML", "HX-Reselect": ".alert"}
    response.headers.update(swap)
    return response


def _remember(response: Response, services: Services, page: str) -> Response:
    response.set_cookie(
        NEXT, page, max_age=3600, path="/desk", secure=services.secure_cookies, httponly=True,
        samesite="lax",
    )  # fmt: skip
    return response


async def visitor(request: Request) -> Moderator | None:
    """Whose desk is open in this browser, for pages that ask for no right."""
    services: Services = request.app.state.services
    token = request.cookies.get(cookie_name(services), "")
    if not token or not request.url.path.startswith("/desk"):
        return None

    def look() -> Session | None:
        with services.database.read() as work:
            return work.accounts.session(token, services.clock())

    session = await anyio.to_thread.run_sync(look)
    known = session is not None and (session.confirmed is not None or not session.guarded)
    return session.who if session is not None and known else None


async def refuse(request: Request, error: Exception) -> Response:
    """The answer to NotAllowed and Denied: which right is missing, and who has it."""
    if _is_part(request):
        return no_store(_notice(request, 403, "refused"))
    services: Services = request.app.state.services
    action = getattr(error, "action", None)
    html = render(
        request, services, "desk_refused.html", 403,
        me=await visitor(request), action=action, why=getattr(error, "why", "role"),
        roles=[role for role in Role if action in RIGHTS[role]],
    )  # fmt: skip
    return no_store(html)


async def ask_for_factor(request: Request, error: Exception) -> Response:
    """The answer to FactorNeeded: the page that takes the code, or the one that sets it up."""
    setup = isinstance(error, FactorNeeded) and error.setup
    here = request.url.path if request.method == "GET" else request.headers.get("referer", "")
    target = "/desk/me?first=1" if setup else f"/desk/factor?next={quote(own_page(here))}"
    if _is_part(request):
        return no_store(_notice(request, 401, "factor", target))
    return no_store(RedirectResponse(target, 303))


def own_page(address: str) -> str:
    """The path of a page of the desk, or the queue: nobody is sent anywhere else."""
    path = urlsplit(address).path
    return path if re.fullmatch(r"/desk(?:/[A-Za-z0-9_-]+)*", path) else "/desk"


@router.get("/desk/login")
def login_page(request: Request, services: Here, token: str = "") -> Response:
    """A page with one button. Opening the link uses nothing up: chat apps open links too."""
    return no_store(render(request, services, "desk_login.html", token=token[:200], problem=""))


@router.post("/desk/login")
def login(request: Request, services: Here, token: Annotated[str, Form()] = "") -> Response:
    """Use the one-time token."""
    now, house = services.clock(), ""
    if not is_local(request):
        house = network(request.client.host if request.client else "")
        if wait := services.limits.login.wait(house, now):
            return _too_many(request, services, wait)
    with services.database.work() as work:
        if house and (wait := work.desk.knock(house, now)):
            return _too_many(request, services, wait)
        session = work.desk.redeem(token, now) if token else None
        if session and (opened := work.accounts.session(session, now)):
            work.audit.write(opened.who.name, Deed.SESSION_BEGIN, of_person(opened.who.name))
    if session is None:
        page = render(request, services, "desk_login.html", 403, token="", problem="invalid")
        return no_store(page)
    response = RedirectResponse(own_page(request.cookies.get(NEXT, "")), 303)
    give_cookie(response, services, session)
    if NEXT in request.cookies:
        response.delete_cookie(NEXT, path="/desk", secure=services.secure_cookies, httponly=True)
    return no_store(response)


def _too_many(request: Request, services: Services, wait: int) -> Response:
    page = render(request, services, "desk_login.html", 429, token="", problem="many")
    page.headers["Retry-After"] = str(wait)
    return no_store(page)


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
