"""Rarities kept by code: asked for once, until they are forgotten."""

from collections.abc import Sequence

import pytest

from knowledge_base.search import memo
from knowledge_base.search.codes import stem_codes
from knowledge_base.search.memo import Rarities

WORDS = [f"kata{at}" for at in range(200)]


class Asked:
    """Rarities of a source that notes what it was asked."""

    def __init__(self) -> None:
        self.stems: list[str] = []
        self.weight = 1.0
        self.rarities = Rarities(self.make)

    def make(self, stems: Sequence[str]) -> tuple[list[float], list[int]]:
        self.stems += stems
        return [self.weight * len(stem) for stem in stems], [ord(stem[0]) for stem in stems]

    def of(self, *words: str) -> list[float]:
        found, records = self.rarities.of(
            stem_codes(words), lambda places: [words[at] for at in places]
        )
        assert records.tolist() == [ord(word[0]) for word in words]
        return [float(rare) for rare in found]


def test_a_rarity_is_asked_for_once() -> None:
    asked = Asked()
    assert asked.of("banjir", "air") == [6.0, 3.0]
    assert asked.of("air", "laut", "banjir") == [3.0, 4.0, 6.0]
    assert asked.stems == ["banjir", "air", "laut"]


def test_what_is_forgotten_is_asked_for_again() -> None:
    asked = Asked()
    asked.of("banjir", "air")
    asked.weight = 2.0
    asked.rarities.forget({"banjir", "laut"})
    assert asked.of("banjir", "air") == [12.0, 3.0]


def test_what_was_out_of_date_before_it_was_kept_is_not_kept() -> None:
    class Overtaken(Asked):
        def make(self, stems: Sequence[str]) -> tuple[list[float], list[int]]:
            if not self.stems:
                self.rarities.forget(stems)
            return super().make(stems)

    asked = Overtaken()
    asked.of("banjir")
    asked.of("banjir")
    assert asked.stems == ["banjir", "banjir"]


def test_a_table_that_is_too_small_gives_right_rarities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "CELLS_BITS", 4)
    asked = Asked()
    for _ in range(3):
        assert asked.of(*WORDS) == [float(len(word)) for word in WORDS]
