"""The second factor on the desk: giving it, setting it up, taking it away."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response

from bot.doors import Work
from bot.web import passkeys
from bot.web.desk import page, reading, unit
from bot.web.links import drawing
from bot.web.login import HalfIn, asks, give_cookie, no_store, own_page
from bot.web.services import Here, Services
from handlers import factor
from handlers.rights import Action
from knowledge_base.accounts import Session
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Moderator, Refused

router = APIRouter(include_in_schema=False)

FreshOwner = Annotated[Moderator, Depends(asks(Action.OWN_ACCOUNT, fresh=True))]
Word = Annotated[str, Form()]
LARGEST_ANSWER = 20_000


# ── giving it ───────────────────────────────────────────────────────────────────────────────


@router.get("/desk/factor")
async def ask(request: Request, services: Here, session: HalfIn) -> Response:
    """Asks for a code or a passkey."""
    return await _ask(request, services, session)


async def _ask(
    request: Request,
    services: Services,
    session: Session,
    *,
    status: int = 200,
    problem: str = "",
    wait: int = 0,
    target: str = "",
) -> Response:
    def gather(work: Work) -> dict[str, Any]:
        key = work.factors.codes(session.who.id)
        return {
            "codes": key is not None and key.confirmed,
            "passkeys": bool(work.factors.passkeys(session.who.id)),
        }

    context = await reading(services, gather)
    target = own_page(target or request.query_params.get("next", ""))
    answer = page(
        request,
        services,
        "desk_factor.html",
        session.who,
        status=status,
        problem=problem,
        minutes=-(-wait // 60),
        target=target,
        again=session.confirmed is not None,
        **context,
    )
    if wait:
        answer.headers["Retry-After"] = str(wait)
    return answer


@router.post("/desk/factor")
async def give(
    request: Request, services: Here, session: HalfIn, code: Word = "", target: Word = ""
) -> Response:
    """A one-time or recovery code."""
    now = services.clock()
    done = await unit(services, lambda work: factor.give(work, session, code[:40], now))
    if done.token:
        return _inside(services, done.token, own_page(target))
    if done.ended:
        return no_store(RedirectResponse("/desk/login", 303))
    status, problem = (429, "wait") if done.wait else (403, "wrong")
    return await _ask(
        request, services, session, status=status, problem=problem, wait=done.wait, target=target
    )


def _inside(services: Services, token: str, target: str) -> Response:
    response = RedirectResponse(target, 303)
    give_cookie(response, services, token)
    return no_store(response)


@router.post("/desk/factor/options")
async def passkey_question(services: Here, session: HalfIn) -> Response:
    """What the browser is to sign with a passkey."""

    def do(work: Work) -> dict[str, Any]:
        keys = work.factors.passkeys(session.who.id)
        options, challenge = passkeys.question(services.rules.public_url, keys)
        work.factors.set_challenge(session, challenge)
        return options

    return no_store(JSONResponse(await unit(services, do)))


@router.post("/desk/factor/passkey")
async def passkey_answer(request: Request, services: Here, session: HalfIn) -> Response:
    """The signed answer; the page then goes where it wanted to."""
    answer, now = await _answer(request), services.clock()

    def do(work: Work) -> factor.Try:
        if wait := factor.waiting(work, session.who.id, now):
            return factor.Try(wait=wait)
        challenge, keys = (
            work.factors.take_challenge(session),
            work.factors.passkeys(session.who.id),
        )
        try:
            key = passkeys.signed(services.rules.public_url, challenge, answer, keys)
        except Refused:
            return factor.wrong(work, session, now)
        work.factors.passkey_used(key.id, key.count, now)
        me = session.who.name
        work.audit.write(me, Deed.FACTOR_GIVEN, of_person(me), how="passkey")
        return factor.Try(token=work.factors.confirm(session, now))

    done = await unit(services, do)
    if not done.token:
        return no_store(JSONResponse({"ok": False}, 429 if done.wait else 403))
    response = JSONResponse({"ok": True})
    give_cookie(response, services, done.token)
    return no_store(response)


async def _answer(request: Request) -> dict[str, Any]:
    """What the browser sent. Raises 422 for anything that is not a small object."""
    if len(await request.body()) > LARGEST_ANSWER:
        raise HTTPException(422)
    try:
        answer = await request.json()
    except ValueError as error:
        raise HTTPException(422) from error
    if not isinstance(answer, dict):
        raise HTTPException(422)
    return answer


# ── one's own ───────────────────────────────────────────────────────────────────────────────


@router.get("/desk/me/codes")
async def codes(request: Request, services: Here, me: FreshOwner) -> Response:
    """The QR code of a new secret."""
    return await _codes(request, services, me)


async def _codes(
    request: Request, services: Services, me: Moderator, status: int = 200, problem: str = ""
) -> Response:
    now = services.clock()
    try:
        secret = await unit(services, lambda work: factor.begin(work, me, now))
    except Refused:
        return no_store(RedirectResponse("/desk/me", 303))
    uri = factor.address(secret, me.name, services.rules.organisation)
    key = factor.base32(secret)
    return page(
        request,
        services,
        "desk_codes.html",
        me,
        status=status,
        problem=problem,
        uri=uri,
        key=" ".join(key[n : n + 4] for n in range(0, len(key), 4)),
        drawing=drawing(uri),
    )


@router.post("/desk/me/codes")
async def finish_codes(
    request: Request, services: Here, me: FreshOwner, session: HalfIn, code: Word = ""
) -> Response:
    """The first code: from now on it is asked for at every login."""
    now = services.clock()

    def do(work: Work) -> tuple[factor.Try, tuple[str, ...]]:
        done = factor.finish(work, session, code[:40], now)
        first = not session.guarded or not work.factors.recovery_left(me.id)
        fresh = done.token and first
        return done, factor.recovery(work, me) if fresh else ()

    done, recovery = await unit(services, do)
    if done.ended:
        return no_store(RedirectResponse("/desk/login", 303))
    if not done.token:
        status, problem = (429, "wait") if done.wait else (422, "wrong")
        return await _codes(request, services, me, status, problem)
    return _recovery(request, services, me, recovery, done.token)


def _recovery(
    request: Request, services: Services, me: Moderator, recovery: tuple[str, ...], token: str = ""
) -> Response:
    response = page(request, services, "desk_recovery.html", me, recovery=recovery)
    if token:
        give_cookie(response, services, token)
    return response


@router.post("/desk/me/codes/stop")
async def stop_codes(services: Here, me: FreshOwner) -> Response:
    """No one-time codes any more."""
    await unit(services, lambda work: factor.stop(work, me))
    return no_store(RedirectResponse("/desk/me?done=removed", 303))


@router.post("/desk/me/recovery")
async def new_recovery(request: Request, services: Here, me: FreshOwner) -> Response:
    """Ten new recovery codes, shown once; who has no factor yet begins with that."""
    try:
        recovery = await unit(services, lambda work: factor.recovery(work, me))
    except Refused:
        return no_store(RedirectResponse("/desk/me?first=1", 303))
    return _recovery(request, services, me, recovery)


@router.post("/desk/me/passkeys/options")
async def new_passkey(services: Here, me: FreshOwner, session: HalfIn) -> Response:
    """What the browser needs to make a passkey."""

    def do(work: Work) -> dict[str, Any]:
        rules, keys = services.rules, work.factors.passkeys(me.id)
        options, challenge = passkeys.creation(rules.public_url, rules.organisation, me, keys)
        work.factors.set_challenge(session, challenge)
        return options

    return no_store(JSONResponse(await unit(services, do)))


@router.post("/desk/me/passkeys")
async def keep_passkey(
    request: Request, services: Here, me: FreshOwner, session: HalfIn
) -> Response:
    """The passkey the browser made. After the first factor (`first`) the page goes on to the
    recovery codes."""
    answer, now = await _answer(request), services.clock()

    def do(work: Work) -> str:
        challenge = work.factors.take_challenge(session)
        key = passkeys.created(services.rules.public_url, challenge, answer, me, now)
        factor.admit(work, session)
        work.factors.keep_passkey(key)
        work.audit.write(me.name, Deed.FACTOR_ADD, of_person(me.name), how="passkey")
        return work.factors.confirm(session, now)

    try:
        token = await unit(services, do)
    except Refused:
        return no_store(JSONResponse({"ok": False}, 422))
    response = JSONResponse({"ok": True, "first": not session.guarded})
    give_cookie(response, services, token)
    return no_store(response)


@router.post("/desk/me/passkeys/{key}/remove")
async def drop_passkey(services: Here, me: FreshOwner, key: str) -> Response:
    """One passkey of one's own goes; another person's is as unknown as none."""

    def do(work: Work) -> bool:
        gone = work.factors.drop_passkey(me.id, key[:400])
        if gone:
            work.audit.write(me.name, Deed.FACTOR_REMOVE, of_person(me.name), how="passkey")
        return gone

    if not await unit(services, do):
        raise HTTPException(404)
    return no_store(RedirectResponse("/desk/me?done=removed", 303))
