"""What an installation keeps beside its database: its index, its weights, its model."""

from __future__ import annotations

from pathlib import Path

from bot.embedder import StaticModel
from bot.settings import Settings
from knowledge_base.search.semantic import Embedder

INDEX = "index"  # folder of the kept search index


def weights_in_use(settings: Settings) -> Path:
    """Where `saring fit --use` puts this installation's own weights."""
    return settings.var / "weights.json"


def embedder_of(settings: Settings) -> Embedder | None:
    """The embedding model of this installation, if it has one. Raises SettingsError."""
    return StaticModel(settings.embedder) if settings.embedder else None
