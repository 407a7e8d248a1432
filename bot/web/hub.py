"""Wake-ups for open chat pages: the channel tells, every page of that chat hears."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Event = Mapping[str, Any]

LINE: Event = {"kind": "line"}
END: Event = {"kind": "end"}


class Crowded(Exception):
    """More pages listen than this process holds open; the page asks again by polling."""


class Hub:
    """Events for the pages of one process.

    What must not be lost lies in the mailbox: a LINE only says "look there". Typing and toasts
    are of the moment; a page that is not open never sees them. All methods run in the event
    loop's thread.
    """

    def __init__(self, per_chat: int = 6, over_all: int = 500, backlog: int = 100) -> None:
        self._per_chat = per_chat
        self._over_all = over_all
        self._backlog = backlog
        self._open = 0
        self._closed = False
        self._pages: dict[str, set[asyncio.Queue[Event]]] = {}

    def tell(self, chat: str, event: Event = LINE) -> None:
        """Put an event before every open page of this chat; a page that is behind loses it."""
        for page in self._pages.get(chat, ()):
            if not page.full():
                page.put_nowait(event)

    @contextmanager
    def listen(self, chat: str) -> Iterator[asyncio.Queue[Event]]:
        """The events of one page while it is open. Raises Crowded."""
        pages = self._pages.setdefault(chat, set())
        if self._closed or len(pages) >= self._per_chat or self._open >= self._over_all:
            if not pages:
                del self._pages[chat]
            raise Crowded
        page: asyncio.Queue[Event] = asyncio.Queue(self._backlog)
        pages.add(page)
        self._open += 1
        try:
            yield page
        finally:
            self._open -= 1
            pages.discard(page)
            if not pages:
                self._pages.pop(chat, None)

    def close(self) -> None:
        """Let every open page go, so that the server can stop at once."""
        self._closed = True
        for pages in self._pages.values():
            for page in pages:
                while not page.empty():
                    page.get_nowait()
                page.put_nowait(END)


async def next_event(page: asyncio.Queue[Event], seconds: float) -> Event | None:
    """The next event, or None when nothing happened for so long."""
    try:
        return await asyncio.wait_for(page.get(), seconds)
    except TimeoutError:
        return None
