"""Every conversation as a readable transcript: what stands in the file is what is said."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from knowledge_base.store import Store
from tests.conftest import MASTER_KEY, Clock
from tests.handlers.player import START, replay
from tests.handlers.real_house import RealHouse

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_the_conversation_goes_as_written(path: Path) -> None:
    assert replay(path) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_it_goes_the_same_on_the_real_store(path: Path, database: str, clock: Clock) -> None:
    clock.now = START
    with closing(Store(database, MASTER_KEY, clock)) as store:
        assert replay(path, RealHouse(store, clock)) == path.read_text(encoding="utf-8")
