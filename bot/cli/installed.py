"""What commands share that work on an installation: its settings, its logs, its database."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TypeVar

from bot import logs
from bot.doors import Work
from bot.settings import Settings, load
from bot.wiring.database import open_store
from handlers import accounts
from knowledge_base.facts import Moderator, Role

# whoever may use the server
OPERATOR = Moderator(accounts.COMMAND_LINE, "command line", Role.ADMIN)
Result = TypeVar("Result")


def begin() -> Settings:
    """Read the settings and set up logs. Raises SettingsError."""
    settings = load()
    logs.set_up(readable=sys.stderr.isatty())
    return settings


def on_desk(settings: Settings, do: Callable[[Work], Result]) -> Result:
    """Do one thing with the people of the desk, in one transaction on a migrated database."""
    store = open_store(settings)
    store.migrate()
    with store.work() as work:
        return do(work)
