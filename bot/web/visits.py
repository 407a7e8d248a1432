"""Pages that somebody waits for right now. Background work lets them pass (bot/worker.py)."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

PAGES = "/desk"
# asked for by a page itself: no sign that anybody is there
RENEWED = frozenset({"/desk/cards", "/desk/events", "/desk/live"})


class Visits:
    """How many pages are being made. Counted and read in the event loop's thread."""

    def __init__(self) -> None:
        self._open = 0

    @property
    def waiting(self) -> bool:
        """Does somebody wait for a page?"""
        return self._open > 0

    async def during(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer this request, counted until it is answered."""
        self._open += 1
        try:
            await app(scope, receive, send)
        finally:
            self._open -= 1


class Visited:
    """ASGI middleware that counts the pages under way."""

    def __init__(self, app: ASGIApp, visits: Visits) -> None:
        self._app = app
        self._visits = visits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count pages; anything else only passes."""
        if scope["type"] == "http" and is_page(scope["path"]):
            await self._visits.during(self._app, scope, receive, send)
        else:
            await self._app(scope, receive, send)


def is_page(path: str) -> bool:
    """Is somebody there who has opened it, and sees nothing until it comes?"""
    return path.startswith(PAGES) and path not in RENEWED
