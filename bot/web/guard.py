"""What stands before every route: known hosts, own forms only, small bodies, strict headers."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.inbox import TooLarge
from bot.settings import LOOPBACK, only_this_machine
from bot.web.services import Services, services_of

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # not no-referrer: with that, browsers send our own forms with `Origin: null` over plain http
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FOREIGN = ("/webhooks/", "/api/")  # called by programs, which prove themselves otherwise
LARGEST_FORM = 1024 * 1024
LARGER = {"/desk/import": 16 * 1024 * 1024}  # it says itself, in words, what is too large
PROXIED = ("x-forwarded-for", "forwarded", "x-real-ip", "via")


def host_of(url_or_host: str) -> str:
    """The host name of an address or Host header, lower case, without port and brackets."""
    text = url_or_host if "//" in url_or_host else f"//{url_or_host}"
    try:
        return (urlsplit(text).hostname or "").lower()
    except ValueError:
        return ""


def only_here(services: Services) -> bool:
    """Can nobody but this machine reach us?"""
    return only_this_machine(services.loopback, services.proxied, services.rules.public_url)


def is_local(request: Request) -> bool:
    """Does the request come from this very machine, not through a proxy on it? Where a proxy
    stands before us nobody counts as local: it may forget to say for whom it asks."""
    if not only_here(services_of(request)) or any(name in request.headers for name in PROXIED):
        return False
    return request.client is not None and request.client.host in LOOPBACK


def own_origin(headers: Headers) -> bool:
    """Was an unsafe request sent by one of our own pages? (Fetch Metadata, else Origin)"""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == headers.get("host")


async def body_of(request: Request, most: int) -> bytes:
    """The raw body. Raises TooLarge as soon as it is longer than `most` bytes."""
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > most:
        raise TooLarge(f"more than {most} bytes")
    chunks = bytearray()
    async for chunk in request.stream():
        chunks += chunk
        if len(chunks) > most:
            raise TooLarge(f"more than {most} bytes")
    return bytes(chunks)


class Guard:
    """ASGI middleware. `hosts` empty: any Host header is taken (a proxy stands before us)."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str] = (), secure: bool = False) -> None:
        self._app = app
        self._hosts = frozenset(hosts)
        added = HEADERS | (STRICT_TRANSPORT if secure else {})
        self._added = [(name.lower().encode(), value.encode()) for name, value in added.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", ()))
                names = {name.lower() for name, _ in given}
                message["headers"] = given + [one for one in self._added if one[0] not in names]
            await send(message)

        if scope["method"] == "HEAD":  # a server sends no body to HEAD, whatever the route gives
            scope = {**scope, "method": "GET"}
        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if self._hosts and host_of(headers.get("host", "")) not in self._hosts:
            return PlainTextResponse("Unknown host: set PUBLIC_URL to this address.", 421)
        if scope["method"] in SAFE or scope["path"].startswith(FOREIGN):
            return None
        if not own_origin(headers):
            return PlainTextResponse("Refused: this form was not sent by our own page.", 403)
        length = headers.get("content-length", "")
        if not length.isdecimal():
            return PlainTextResponse("Content-Length is required.", 411)
        if int(length) > LARGER.get(scope["path"], LARGEST_FORM):
            return PlainTextResponse("Too long.", 413)
        return None
