"""`saring run`, `serve`, `work` and `chat`: what goes on until it is stopped."""

from __future__ import annotations

import asyncio

from bot import server, terminal
from bot.cli.installed import begin


def serve(*, web: bool, work: bool) -> None:
    """Serve the web, work, or both, until somebody stops it."""
    asyncio.run(server.run(begin(), web=web, work=work))


def chat(language: str) -> None:
    """Talk in the terminal until the input ends."""
    asyncio.run(terminal.talk(begin(), language))
