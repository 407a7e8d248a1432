"""Patience with a database that cannot take a change now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread
import structlog

from knowledge_base.facts import Unavailable

log = structlog.get_logger(__name__)

Result = TypeVar("Result")
SHORTEST, LONGEST = 0.1, 2.0  # seconds between two tries


async def insist(unit: Callable[..., Result], *args: object) -> Result:
    """Run a unit of work in a thread until the database takes it; other errors go through.

    For loops that must outlive a locked database, and for what must not be forgotten: that a
    message was sent, that a job is done. Ends early only when the task is cancelled; whatever
    was under way is then taken up after the next start.
    """
    pause = SHORTEST
    while True:
        try:
            return await anyio.to_thread.run_sync(unit, *args)
        except Unavailable as error:
            log.warning("the database is busy", reason=str(error), again_in=pause)
        await asyncio.sleep(pause)
        pause = min(LONGEST, pause * 2)
