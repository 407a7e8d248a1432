"""The desk from Telegram, played whole and compared with what is written down."""

from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.store import Store
from tests.bot.telegram_player import played
from tests.servers.telegram import FakeTelegram

FOLDER = Path(__file__).parent / "transcripts"
PAGE = Path(__file__).parents[3] / "docs" / "desk.md"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.txt")), ids=lambda path: path.stem)
async def test_the_desk_says_what_is_written_down(
    path: Path, store: Store, fake: FakeTelegram
) -> None:
    written = path.read_text(encoding="utf-8")
    assert await played(store, fake, written) == written


def test_everyone_in_the_long_transcript_is_told_the_answer_and_its_correction_once() -> None:
    text = (FOLDER / "from_first_asker_to_correction.txt").read_text(encoding="utf-8")
    for asker in ("Ani", "Cici"):
        told = text.split(f"to {asker}:\n")[1:]
        firsts = [said.splitlines()[0] for said in told]
        assert [first[0] for first in firsts] == ["🔎", "❌", "🔁"]


def test_the_page_shows_the_transcript_as_it_is_played() -> None:
    text = (FOLDER / "from_first_asker_to_correction.txt").read_text(encoding="utf-8")
    assert text.strip() in PAGE.read_text(encoding="utf-8")
