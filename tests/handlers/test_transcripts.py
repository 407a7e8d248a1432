"""Every conversation as a readable transcript: what stands in the file is what is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers.player import replay

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path) -> None:
    assert replay(path) == path.read_text(encoding="utf-8")
