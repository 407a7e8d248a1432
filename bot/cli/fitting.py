"""`saring fit`: new weights from labelled files, or from what this installation has learned."""

from __future__ import annotations

from pathlib import Path

from bot import measure
from bot.cli.installed import begin
from bot.cli.lines import say
from bot.cli.measuring import labelled_from, watched
from bot.settings import Settings
from bot.wiring.database import open_store
from bot.wiring.kept import weights_in_use
from bot.wiring.sources import FactSource
from knowledge_base.facts import Pair


def fit(
    claims: list[Path] | None,
    queries: list[Path] | None,
    qrels: list[Path] | None,
    folds: int,
    out: Path | None,
    use: bool,
) -> None:
    """New weights from these files, or from this installation's own confirmed pairs."""
    settings = begin()
    target = out or settings.var / "weights.fitted.json"
    measure.demand_room(target)
    if claims and queries and qrels:
        labelled = labelled_from(claims, queries, qrels)
    else:
        labelled = _own_pairs(settings)
    old = measure.measured(settings, watched(labelled), measure.current_weights(settings), folds)
    say("in use now:\n" + old.as_text())
    weights, new = measure.refit(settings, watched(labelled), folds)
    say("\nfitted, measured on pairs held back from the fit:\n" + new.as_text())
    measure.keep(weights, target)
    say(f"\nwritten to {target}")
    if use:
        chosen = weights_in_use(settings)
        measure.keep(weights, chosen)
        say(f"in use from the next start on; remove {chosen} to go back")
    else:
        say("nothing is switched; add --use to let this installation use them")


def _own_pairs(settings: Settings) -> measure.Labelled:
    """What askers and moderators confirmed here. Raises KnowledgeError when that is too little."""
    store = open_store(settings)
    store.migrate()
    pairs: list[Pair] = []
    with store.read() as work:
        while page := work.evidence.pairs(pairs[-1].id if pairs else 0):
            pairs += page
    return measure.own_pairs(pairs, FactSource(store).changes(0).records)
