"""The browser simulator: a messenger on a page, durable like every other channel."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import tomllib
from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Form, Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from bot.fitting import clean
from bot.inbox import Busy, ReceptionError, TooLarge
from bot.web.guard import body_of, is_local
from bot.web.hub import END, Crowded, next_event
from bot.web.limits import network
from bot.web.pages import HERE, LANGUAGES, choose, language_of, render, within, words
from bot.web.services import Here, Services
from handlers.answering import number_in
from handlers.replies import data
from knowledge_base.deliveries import MailboxRow
from knowledge_base.facts import KnowledgeError

router = APIRouter(include_in_schema=False)

COOKIE = "saring_chat"
KEPT_DAYS = 90  # as long as we keep an address; decision 13 and privacy.md 3
LARGEST = 700_000  # bytes: 100,000 characters, each escaped
LONGEST = 100_000  # characters
PAGE = 200
LISTEN_SECONDS = 3.0  # how often the mailbox is read when nobody woke us (another process)
QUIET_ROUNDS = 5
IDENTIFIER = re.compile(r"[A-Za-z0-9-]{8,64}")
KINDS = {"message", "edit", "press"}
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


class Unusable(Exception):
    """What the page sent is not a message; the text names the field."""


def served(services: Services, request: Request) -> bool:
    """Is the simulator on for this visitor? (decision 22)"""
    if services.chat == "auto":
        return is_local(request)
    return services.chat == "on"


def pause_of(request: Request, services: Services) -> int:
    """Seconds this address has to wait; this machine never has to. Counts the request."""
    if is_local(request):
        return 0
    client = request.client.host if request.client else ""
    return services.limits.chat.wait(network(client), services.clock())


def chat_of(token: str) -> str:
    """The chat's address: a hash, so that whoever reads it cannot write in this chat."""
    return hashlib.sha256(token.encode()).hexdigest()[:32]


def token_of(request: Request) -> str:
    """The visitor's own random token; empty when there is none or it is not one of ours."""
    token = request.cookies.get(COOKIE, "")
    return token if TOKEN.fullmatch(token) else ""


def _fail(status: int, error: str, wait: int = 0) -> JSONResponse:
    headers = {"Retry-After": str(wait)} if wait else None
    return JSONResponse({"error": error}, status, headers)


@cache
def samples() -> tuple[Mapping[str, Any], ...]:
    """Messages to forward: a label for each language and the text."""
    text = (HERE / "texts" / "samples.toml").read_text("utf-8")
    return tuple(tomllib.loads(text)["sample"])


@router.get("/chat")
def page(request: Request, services: Here) -> Response:
    """The messenger."""
    if not served(services, request):
        return render(request, services, "missing.html", 404)
    say = words(language_of(request, services.rules.language))
    response = render(
        request, services, "chat.html", samples=samples(), script_words=say.group("script")
    )
    response.headers["Cache-Control"] = "no-store"
    token = token_of(request) or secrets.token_urlsafe(32)
    _remember(response, token, services)
    return response


@router.post("/chat/new")
def start_again(request: Request, services: Here) -> Response:
    """A new, empty chat: another person, as far as anybody can tell."""
    if not served(services, request):
        return render(request, services, "missing.html", 404)
    response = RedirectResponse("/chat", 303)
    _remember(response, secrets.token_urlsafe(32), services)
    return response


@router.post("/chat/language")
async def choose_language(
    request: Request, services: Here, lang: Annotated[str, Form()] = ""
) -> Response:
    """Page and replies in another language: the same as its button in the chat."""
    token = token_of(request)
    if not served(services, request) or not token or lang not in LANGUAGES:
        return render(request, services, "missing.html", 404)
    press = dict.fromkeys(("text", "ref"), "") | {
        "id": secrets.token_hex(16),
        "kind": "press",
        "button": data("lang", lang),
        "forwarded": False,
        "after": 0,
    }
    if not pause_of(request, services):
        await _keep(services, chat_of(token), press, lang)
    response = RedirectResponse("/chat", 303)
    choose(response, services, lang)
    return response


def _remember(response: Response, token: str, services: Services) -> None:
    response.set_cookie(
        COOKIE,
        token,
        max_age=KEPT_DAYS * 24 * 3600,
        path="/chat",
        secure=services.secure_cookies,
        httponly=True,
        samesite="lax",
    )


@router.get("/chat/lines")
def lines(request: Request, services: Here, after: int = 0) -> Response:
    """Both sides of the chat after a line, oldest first, at most PAGE."""
    token = token_of(request)
    if not served(services, request) or not token:
        return _fail(404, "no chat")
    rows = _since(services, chat_of(token), within(after))
    body = json.dumps({"lines": [_line(row) for row in rows], "more": len(rows) == PAGE})
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})


@router.get("/chat/events")
async def events(request: Request, services: Here, after: int = 0) -> Response:
    """The same as a stream, with typing and toasts."""
    token = token_of(request)
    if not served(services, request) or not token:
        return _fail(404, "no chat")
    seen = request.headers.get("last-event-id", "")
    start = number_in(seen) or after
    return StreamingResponse(
        stream(services, chat_of(token), within(start)),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(services: Services, chat: str, after: int) -> AsyncIterator[str]:
    """Server-sent events of one page: `line` (with its number as id), `typing`, `toast`."""
    try:
        with services.hub.listen(chat) as heard:
            yield "retry: 1500\n\n"
            quiet = 0
            while True:
                rows = await anyio.to_thread.run_sync(_since, services, chat, after)
                for row in rows:
                    after = row.seq
                    yield _event("line", _line(row), row.seq)
                if len(rows) == PAGE:
                    continue
                event = await next_event(heard, LISTEN_SECONDS)
                if event is END:
                    return
                quiet = quiet + 1 if event is None and not rows else 0
                if quiet == QUIET_ROUNDS:  # finds out whether the page is still there
                    quiet = 0
                    yield ": still here\n\n"
                if event is not None and event["kind"] != "line":
                    yield _event(str(event["kind"]), event)
    except Crowded:
        yield "event: crowded\ndata: {}\n\n"


def _event(name: str, data: Mapping[str, Any], number: int = 0) -> str:
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {name}\ndata: {json.dumps(data)}\n\n"


def _line(row: MailboxRow) -> dict[str, Any]:
    return {"seq": row.seq, "ours": row.ours, "at": row.at.isoformat(), **row.body}


def _since(services: Services, chat: str, after: int) -> tuple[MailboxRow, ...]:
    with services.database.read() as work:
        return work.mailbox.since(chat, after, PAGE)


@router.post("/chat/send")
async def send(request: Request, services: Here) -> Response:
    """Take a message, an edit or a press. 200 only when nothing of it can be lost any more.

    The page repeats the same `id` until it hears 200; repeating has no second effect.
    """
    token = token_of(request)
    if not served(services, request) or not token:
        return _fail(404, "no chat")
    if wait := pause_of(request, services):
        return _fail(429, "too many", wait)
    try:
        fields = read_fields(await body_of(request, LARGEST))
        language = language_of(request, services.rules.language)
        row = await _keep(services, chat_of(token), fields, language)
    except TooLarge:
        return _fail(413, "too long")
    except Unusable as error:
        return _fail(422, str(error))
    except (Busy, KnowledgeError):
        return _fail(503, "busy", 2)
    except ReceptionError as error:
        return _fail(400, str(error))
    return JSONResponse({"seq": row})


def read_fields(body: bytes) -> dict[str, Any]:
    """The checked fields of a request. Raises Unusable or TooLarge."""
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unusable("not JSON") from error
    if not isinstance(raw, dict):
        raise Unusable("not an object")
    fields = {key: raw.get(key, "") for key in ("id", "kind", "text", "button", "ref")}
    for key, value in fields.items():
        if not isinstance(value, str):
            raise Unusable(key)
    if not IDENTIFIER.fullmatch(fields["id"]):
        raise Unusable("id")
    if fields["kind"] not in KINDS:
        raise Unusable("kind")
    if len(fields["text"]) > LONGEST:
        raise TooLarge(f"more than {LONGEST} characters")
    if len(fields["button"].encode("utf-8", "surrogatepass")) > 64 or len(fields["ref"]) > 64:
        raise Unusable("button")
    after = raw.get("after", 0)
    return fields | {
        "forwarded": raw.get("forwarded") is True,
        "after": within(int(after)) if isinstance(after, int) else 0,
    }


async def _keep(services: Services, chat: str, fields: Mapping[str, Any], language: str) -> int:
    """Line into the mailbox, update into the inbox, line marked as sent; gives its number.

    In this order the page shows question before answer, and a stop in between leaves a line
    that the page knows to be unsent and offers to send again.
    """
    number, line = await anyio.to_thread.run_sync(_put, services, chat, fields)
    update = {
        "id": f"{chat[:12]}:{fields['id']}",
        "chat": chat,
        "kind": fields["kind"],
        "at": services.clock().isoformat(),
        "text": fields["text"],
        "button": fields["button"],
        "ref": fields["ref"] or fields["id"],
        "language": language,
        "forwarded": fields["forwarded"],
    }
    await services.receive("browser", json.dumps(update).encode(), {"saring-chat": chat})
    await anyio.to_thread.run_sync(_mark_sent, services, chat, number, line)
    services.hub.tell(chat)
    return number


def _put(services: Services, chat: str, fields: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    line = {
        "kind": fields["kind"],
        "id": fields["id"],
        "ref": fields["ref"],
        "text": clean(fields["text"]),
        "button": clean(fields["button"]),
        "forwarded": fields["forwarded"],
        "state": "sending",
    }
    with services.database.work() as work:
        for row in work.mailbox.since(chat, fields["after"], PAGE):
            if row.body.get("id") == fields["id"]:
                return row.seq, row.body
        return work.mailbox.put(chat, False, line, services.clock()), line


def _mark_sent(services: Services, chat: str, number: int, line: Mapping[str, Any]) -> None:
    with services.database.work() as work:
        work.mailbox.change(chat, number, {**line, "state": "sent"})
