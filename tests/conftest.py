"""What all tests share: where the real material lies, and how it is skipped without it."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `shared` are left out, and say so, where ../shared is absent."""
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason="needs the real material in ../shared, beside the checkout")
    for item in items:
        if item.get_closest_marker("shared"):
            item.add_marker(skip)
