"""docs/desk.md shows every page of the desk, and every picture it shows is there and small."""

import re
from pathlib import Path

import pytest

from tests.browser.pictures import IMAGES, PAGES

GUIDE = Path(__file__).parents[2] / "docs" / "desk.md"
LARGEST = 250_000  # bytes


@pytest.mark.parametrize("language", ["English", "Bahasa Indonesia"])
def test_every_page_is_in_the_guide_in_both_languages(language):
    text = GUIDE.read_text("utf-8").split(f"## {language}\n")[1]
    shown = set(re.findall(r"images/([a-z-]+)\.png", text.split("\n## ")[0]))
    assert shown >= set(PAGES) | {"desk-question"}


def test_every_picture_is_there_and_small():
    for name in set(re.findall(r"images/([a-z-]+)\.png", GUIDE.read_text("utf-8"))):
        assert 5_000 < (IMAGES / f"{name}.png").stat().st_size < LARGEST
