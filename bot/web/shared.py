"""What several open pages ask for at the same moment is made once for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
KEPT = 1.0  # seconds
MOST = 100  # different things remembered


@dataclass(frozen=True, slots=True)
class _Making(Generic[T]):
    """Something that is being made or was made, and when that began."""

    begun: float
    task: asyncio.Task[T]


class Shared:
    """Things by name, each made by whoever asks first and given to all who ask within a second."""

    def __init__(self, seconds: float = KEPT) -> None:
        self._seconds = seconds
        self._made: dict[Hashable, _Making[Any]] = {}

    async def get(self, key: Hashable, since: float, make: Callable[[], Awaitable[T]]) -> T:
        """What was begun to be made no earlier than `since` (the loop's clock) and within the
        last second; made anew when there is none. What fails is not kept."""
        now = asyncio.get_running_loop().time()
        known = self._made.get(key)
        if known is None or known.begun < max(since, now - self._seconds):
            if len(self._made) >= MOST:
                self._made.clear()
            known = _Making(now, asyncio.ensure_future(_made(make)))
            self._made[key] = known
        try:
            # one who goes away does not take it from the others
            return cast(T, await asyncio.shield(known.task))
        except Exception:
            if self._made.get(key) is known:
                del self._made[key]
            raise


async def _made(make: Callable[[], Awaitable[T]]) -> T:
    return await make()
