"""What a job runner must do: run what was enqueued in a committed transaction, at least once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

Task = Callable[[Mapping[str, Any]], Awaitable[None]]


class JobRunner(Protocol):
    """Runs due jobs until stopped. Tasks may run twice and must not mind."""

    async def run(self, tasks: Mapping[str, Task]) -> None:
        """Drain for ever; returns after `stop()` when the running task is done."""

    def wake(self) -> None:
        """Look now instead of at the next poll."""

    def stop(self) -> None:
        """Finish what runs and return."""
