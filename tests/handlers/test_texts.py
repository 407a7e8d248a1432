"""House rules of the texts: complete, with the same blanks, within the platforms' limits."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from handlers import texts
from handlers.reading import units
from knowledge_base.facts import Kind, Verdict

HANDLERS = Path(__file__).resolve().parents[2] / "handlers"
OTHERS = [language for language in texts.LANGUAGES if language != texts.FALLBACK]


def blanks(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_the_same_sentences_with_the_same_blanks(language: str) -> None:
    first, other = texts.sentences(texts.FALLBACK), texts.sentences(language)
    assert first.keys() == other.keys()
    assert {key: blanks(text) for key, text in first.items()} == {
        key: blanks(text) for key, text in other.items()
    }


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_verdict_and_kind_has_words_and_an_icon(language: str) -> None:
    known = texts.sentences(language)
    for verdict in Verdict:
        word, icon = known[f"word.{verdict}"], known[f"icon.{verdict}"]
        assert known[f"verdict.{verdict}"].startswith(icon)
        assert word in known[f"verdict.{verdict}"]
    assert all(known[f"kind.{kind}"] for kind in Kind)


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_who_is_nobody_of_the_desk_has_a_word_and_people_keep_their_names(language: str) -> None:
    for name in ("command line", "matcher", "retention", "seed", "asker", "influencer"):
        assert texts.sentences(language)[f"actor.{name}"]
    assert texts.actor(language, "Sari") == "Sari"


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_no_label_is_longer_than_whatsapp_takes(language: str) -> None:
    labels = {k: v for k, v in texts.sentences(language).items() if k.startswith("button.")}
    assert {key: label for key, label in labels.items() if units(label) > 20} == {}


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_descriptions_fit_the_platforms(language: str) -> None:
    assert len(texts.say(language, "bot.short")) <= 120
    assert len(texts.say(language, "bot.description")) <= 512
    commands = {k: v for k, v in texts.sentences(language).items() if k.startswith("command.")}
    assert all(3 <= len(text) <= 256 for text in commands.values())


def test_every_sentence_that_is_said_exists() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in HANDLERS.glob("*.py"))
    code += (HANDLERS / "texts" / "__init__.py").read_text(encoding="utf-8")
    said = set(re.findall(r'say(?:_many)?\(\s*(?:[\w.]+,\s*)?"([a-z_.]+)"', code))
    known = {re.sub(r"\.(one|other)$", "", key) for key in texts.sentences(texts.FALLBACK)}
    assert said - known == set()


def test_values_are_never_read_as_templates() -> None:
    assert "{code}" in texts.say("id", "waiting.tell", code="{code}")


def test_an_unknown_language_falls_back() -> None:
    assert texts.say("jv", "word.false") == "SALAH"
    assert texts.say("en-GB", "word.false") == "FALSE"


def test_dates_times_and_numbers_are_written_the_local_way() -> None:
    at = datetime(2026, 11, 12, 0, 5, tzinfo=UTC)
    assert texts.day("id", date(2026, 11, 12)) == "12 November 2026"
    assert texts.short_day("id", date(2026, 8, 2)) == "2 Agu 2026"
    assert texts.clock("id", at, "Asia/Jakarta") == "07.05 WIB"
    assert texts.clock("en", at, "Asia/Jayapura") == "09:05 WIT"
    assert texts.number("id", 1234567) == "1.234.567"
    assert texts.number("en", 1234567) == "1,234,567"


def test_a_moment_of_another_day_carries_its_date() -> None:
    now = datetime(2026, 11, 13, 3, 0, tzinfo=UTC)
    late = datetime(2026, 11, 12, 16, 30, tzinfo=UTC)
    early = datetime(2026, 11, 12, 17, 30, tzinfo=UTC)
    assert texts.moment("id", late, now, "Asia/Jakarta") == "12 November 2026 pukul 23.30 WIB"
    assert texts.moment("id", early, now, "Asia/Jakarta") == "pukul 00.30 WIB"
