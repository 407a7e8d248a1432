"""What the platforms call: size, signature, commit, then 200. Nothing is judged here.

Deliveries come by the hundred a second and all take the same way, so they do not go through the
routes of the pages: choosing one and reading its parameters costs more than storing does.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import structlog
from fastapi import APIRouter, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.inbox import Busy, Forged, TooLarge
from bot.web.guard import body_of
from bot.web.services import Here, Services
from knowledge_base.facts import KnowledgeError

router = APIRouter(include_in_schema=False)
log = structlog.get_logger(__name__)

CHANNELS = {"/webhooks/telegram": "telegram", "/webhooks/whatsapp": "whatsapp"}
ASKED = {"whatsapp": ("GET",)}  # what is no delivery there: Meta's question whether we are it
LARGEST = {"telegram": 1024 * 1024, "whatsapp": 3_670_016}  # Meta's batches: 3.5 MB at most
AGAIN_SECONDS = "5"
A_MINUTE = timedelta(minutes=1)


class Refusals:
    """What was not signed, said in the log once a minute however much it is: a flood of it must
    not fill the disk (faults A15)."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._said: dict[str, datetime] = {}

    def note(self, channel: str, now: datetime) -> None:
        """One more."""
        self._counts[channel] += 1
        last = self._said.get(channel)
        if last is None or not timedelta() <= now - last < A_MINUTE:
            self._said[channel] = now
            count = self._counts.pop(channel)
            log.warning("delivery refused", channel=channel, reason="signature", count=count)


class Deliveries:
    """ASGI middleware: takes what is posted to the webhooks, and leaves all else alone."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._refusals = Refusals()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a delivery; anything else goes on to the routes."""
        channel = CHANNELS.get(scope["path"]) if scope["type"] == "http" else None
        asked = scope["method"] if channel else ""
        if channel is None or asked in ASKED.get(channel, ()):
            await self._app(scope, receive, send)
            return
        if asked == "POST" or channel not in self._services.webhooks:
            response = await take(channel, Request(scope, receive), self._services, self._refusals)
        else:
            known = ", ".join((*ASKED.get(channel, ()), "POST"))
            response = Response(status_code=405, headers={"Allow": known})
        await response(scope, receive, send)


@router.get("/webhooks/whatsapp")
async def handshake(request: Request, services: Here) -> Response:
    """Meta asks whether this address is ours."""
    answer = services.handshake(request.query_params) if services.handshake else None
    if answer is None:
        return Response(status_code=403)
    return PlainTextResponse(answer)


async def take(channel: str, request: Request, services: Services, refusals: Refusals) -> Response:
    """Keep one delivery. Bodies of refusals are empty: they must not help anybody forge one."""
    if channel not in services.webhooks:
        return Response(status_code=404)
    try:
        await services.receive(channel, await body_of(request, LARGEST[channel]), request.headers)
    except TooLarge:
        return Response(status_code=413)
    except Forged:
        refusals.note(channel, services.clock())
        return Response(status_code=401)
    except (Busy, KnowledgeError) as error:
        log.warning("delivery put off", channel=channel, reason=str(error) or "database busy")
        return Response(status_code=503, headers={"Retry-After": AGAIN_SECONDS})
    return Response(status_code=200)
