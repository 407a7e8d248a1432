"""What was counted lately: costly figures are shown to everybody who asks within a minute."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")
KEPT = timedelta(minutes=1)
MOST = 100  # different questions remembered


class Recent:
    """Values with the time they were made at. Safe from several threads: at worst something is
    counted twice."""

    def __init__(self, kept: timedelta = KEPT) -> None:
        self._kept = kept
        self._found: dict[Hashable, tuple[datetime, Any]] = {}

    def get(self, key: Hashable, now: datetime, make: Callable[[], T]) -> tuple[datetime, T]:
        """When it was counted, and what came out; counted anew when that is too long ago."""
        known = self._found.get(key)
        if known is not None and timedelta() <= now - known[0] < self._kept:
            return known
        if len(self._found) >= MOST:
            self._found.clear()
        self._found[key] = (now, made := make())
        return now, made
