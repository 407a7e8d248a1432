"""Words, languages and dates of the pages; nothing inline, nothing from elsewhere."""

import re
import string
from datetime import UTC, date, datetime

import pytest

from bot.web.pages import HERE, LANGUAGES, STATIC, accepted, day, deed, moment, words
from knowledge_base.deeds import Deed


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_every_language_has_the_same_keys_with_the_same_blanks():
    first, *others = (words(language)._sentences for language in LANGUAGES)
    for other in others:
        assert other.keys() == first.keys()
        for key, sentence in first.items():
            assert blanks(sentence) == blanks(other[key]), key
            assert other[key].strip(), key


def test_every_word_a_page_asks_for_exists():
    known = words("id")._sentences
    for template in sorted((HERE / "templates").rglob("*.html")):
        for key in re.findall(r"\bt\('([\w.]+)'", template.read_text("utf-8")):
            assert key in known or any(name.startswith(key) for name in known), (template, key)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_deed_has_a_plain_word(language: str):
    said = {one: deed(words(language), one) for one in Deed}
    assert len(set(said.values())) == len(said)
    assert not [word for word in said.values() if "." in word or "_" in word]
    assert set(words(language).group("deed")) == {one.name.lower() for one in Deed}
    assert deed(words(language), "of another age") == "of another age"


def test_no_page_has_inline_script_or_style_or_foreign_addresses():
    for template in sorted((HERE / "templates").rglob("*.html")):
        text = template.read_text("utf-8")
        scripts = re.findall(r"<script(?![^>]*\bsrc=)(?![^>]*application/(?:ld\+)?json)", text)
        assert not scripts, template
        assert not re.search(r"\sstyle=|\son\w+=|<style", text), template
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text), template


def test_no_own_file_loads_anything_from_elsewhere():
    for file in sorted(STATIC.glob("*.css")) + sorted(STATIC.glob("*.js")):
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"@import|url\((?!['\"]?data:)|eval\(|innerHTML", text), file


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("id-ID,id;q=0.9,en;q=0.8", "id"),
        ("en-GB", "en"),
        ("de, en;q=0.5, id;q=0.7", "id"),
        ("de", ""),
        ("", ""),
        ("en;q=x, id;q=0.2", "en"),
        (",;;,=", ""),
    ],
)
def test_the_language_a_browser_prefers_is_chosen(header, language):
    assert accepted(header) == language


def test_dates_are_written_the_local_way():
    evening, zone = datetime(2026, 11, 21, 18, 5, tzinfo=UTC), "Asia/Jakarta"
    assert day("id", date(2026, 11, 12), zone) == "12 November 2026"
    assert day("id", evening, zone) == "22 November 2026"
    assert moment("id", evening, zone) == "22 November 2026, 01.05 WIB"
    assert moment("en", evening, zone) == "22 November 2026, 01:05 WIB"
    assert day("id", None, zone) == moment("id", None, zone) == ""


async def test_a_chosen_language_is_remembered(browser):
    assert 'lang="id"' in (await browser.get("/chat")).text
    assert 'lang="en"' in (await browser.get("/chat?lang=en")).text
    assert 'lang="en"' in (await browser.get("/chat")).text
    assert 'lang="en"' in (await browser.get("/chat?lang=xx")).text
