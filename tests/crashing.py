"""A real Saring process that dies at a named step. Only tests can do this (decision 28).

    python -m tests.crashing STEP[:N]       dies when STEP is reached for the N-th time
    python -m tests.crashing never          lives
    python -m tests.crashing STEP web       the same, with webhooks

Dying is `os._exit`: no cleanup, no flushing, like kill -9 or a power switch.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence

from bot import logs
from bot.inbox import Delivery, Reception
from bot.server import run
from bot.settings import load

KILLED = 137


def dying(step: str, times: int) -> Callable[[str], None]:
    """Hears every named step, and dies at the wanted one."""
    left = times

    def after(name: str) -> None:
        nonlocal left
        if name == step:
            left -= 1
            if left == 0:
                os._exit(KILLED)

    return after


def name_the_inbox_steps(after: Callable[[str], None]) -> None:
    """The inbox has two steps that nothing inside it tells: arrived, and committed."""
    commit = Reception._commit

    def commit_and_tell(self: Reception, deliveries: Sequence[Delivery]) -> list[int]:
        after("received")
        new = commit(self, deliveries)
        after("stored")
        return new

    Reception._commit = commit_and_tell  # type: ignore[method-assign]


def main() -> None:
    """Work until told to stop or killed by the wanted step."""
    step, _, times = sys.argv[1].partition(":")
    after = dying(step, int(times or 1))
    name_the_inbox_steps(after)
    logs.set_up(readable=False)
    asyncio.run(run(load(), web="web" in sys.argv[2:], work=True, after=after))


if __name__ == "__main__":
    main()
