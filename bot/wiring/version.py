"""Which Saring this is."""

from __future__ import annotations

from importlib import metadata


def version() -> str:
    """The installed version of Saring."""
    try:
        return metadata.version("saring")
    except metadata.PackageNotFoundError:
        return "0"
