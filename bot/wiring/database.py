"""The database of an installation, and the fact-checks that come with Saring."""

from __future__ import annotations

from importlib import resources

from bot.erasures import Erasures
from bot.settings import Settings
from bot.wiring.clock import utc_now
from knowledge_base.exchange.sheet import read_rows
from knowledge_base.facts import FactCheck
from knowledge_base.store import Store

PATIENCE = 1.0  # seconds for our turn, and again for the lock: platforms hear 503 within 2 (P7)


def open_store(settings: Settings, patience: float = 10.0) -> Store:
    """The database, with its folder; not migrated yet. `patience`: see Store."""
    if settings.uses_sqlite:
        settings.make_var()
    only_this_machine = settings.chat == "auto" and settings.only_here
    return Store(
        settings.database,
        settings.master_key(),
        clock=utc_now,
        older_keys=settings.older_keys(),
        patience=patience,
        one_voice=() if only_this_machine else ("browser",),
        on_erased=Erasures(settings.var).note,
    )


def seed(store: Store) -> int:
    """Load the bundled fact-checks that are not there yet; gives how many were new.

    Records people have changed or retracted stay as they are.
    """
    records: list[FactCheck] = []
    for file in sorted(resources.files("knowledge_base").joinpath("seed").iterdir(), key=str):
        if file.name.endswith(".jsonl"):
            rows = read_rows(file.name, file.read_bytes())
            records += [row.fact_check for row in rows if row.fact_check is not None]
    with store.read() as work:
        known = work.facts.known([record.identity for record in records])
    new = [record for record in records if record.identity not in known]
    if new:
        with store.work() as work:
            work.facts.save_many(new, "seed", "bundled with Saring")
    return len(new)
