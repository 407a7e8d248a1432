"""Cutting messages to size: nothing is torn, nothing is lost that must stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fitting import BETWEEN, clean, clip, fit
from handlers.messages import Block
from handlers.reading import units

ANY = st.text(st.characters(exclude_categories=()), max_size=80)


@given(ANY)
def test_clean_text_can_be_stored_and_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert clean(cleaned) == cleaned
    assert not set(cleaned) & set("\x00\r\t\u202e\u2066")


@given(ANY)
def test_units_are_what_utf16_counts(text: str) -> None:
    assert units(clean(text)) == len(clean(text).encode("utf-16-le")) // 2


@given(ANY, st.integers(0, 40))
def test_a_clipped_text_fits_and_says_so(text: str, limit: int) -> None:
    cleaned = clean(text)
    clipped = clip(cleaned, limit)
    assert units(clipped) <= limit
    assert clipped == cleaned or clipped == "" or clipped.endswith("…")


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("halo", 4, "halo"),
        ("halo semua", 8, "halo se…"),
        ("satu dua tiga empat lima", 22, "satu dua tiga empat…"),
        ("a👨‍👩‍👧b", 6, "a…"),
        ("ae\u0301", 2, "a…"),
        ("😀😀", 3, "😀…"),
    ],
)
def test_a_text_is_cut_between_characters(text: str, limit: int, expected: str) -> None:
    assert clip(text, limit) == expected


def test_a_text_of_marks_alone_is_cut_all_the_same() -> None:
    assert units(clip("a" + "\u0301" * 10_000, 100)) <= 100


@given(st.lists(st.builds(Block, ANY, shorten=st.booleans()), max_size=5), st.integers(8, 60))
def test_pages_fit_and_keep_what_may_not_be_shortened(blocks: list[Block], limit: int) -> None:
    pages = fit(blocks, limit)
    assert all(
        sum(units(block.text) for block in page) + len(BETWEEN) * (len(page) - 1) <= limit
        for page in pages
    )
    kept = "".join("".join(b.text.split()) for page in pages for b in page if not b.shorten)
    wanted = "".join("".join(clean(b.text).split()) for b in blocks if not b.shorten)
    assert kept == wanted


def test_nothing_to_say_gives_no_page() -> None:
    assert fit([Block("  "), Block("\u202e")], 100) == ()
