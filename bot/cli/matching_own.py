"""`saring match` without files: over the installed base."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from bot.cli.installed import begin
from bot.cli.matching import Searched
from bot.wiring.database import PATIENCE, open_store, seed
from bot.wiring.sources import finder_of


def over(weights: Path | None) -> Searched:
    """The search over the installed base, and the identity behind each public number it gives."""
    settings = begin()
    store = open_store(settings, PATIENCE)
    finder = finder_of(settings, store, weights)
    store.migrate()
    seed(store)

    @cache
    def identity(number: str) -> str:
        with store.read() as work:
            fact = work.facts.get(int(number))
        return fact.identity if fact else number

    return finder, identity
