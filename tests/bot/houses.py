"""The whole program on a database of its own, nobody at work yet."""

from __future__ import annotations

from pathlib import Path

from bot.settings import Settings
from bot.wiring.database import seed
from bot.wiring.house import House, build
from tests.conftest import MASTER_KEY


def house_in(folder: Path, *, bundled: bool = False) -> House:
    """A house in this folder, its schema made; `bundled`: with the fact-checks that come along."""
    settings = {"SARING_VAR": str(folder / "var"), "SECRET_KEY": MASTER_KEY.decode()}
    house = build(Settings.model_validate(settings))
    house.store.migrate()
    if bundled:
        seed(house.store)
    house.finder.refresh()
    return house
