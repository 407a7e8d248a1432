"""Entries of the audit in words: no technical key and no stable name reaches a reader."""

from __future__ import annotations

import ast
from datetime import UTC, datetime
from pathlib import Path

import pytest

import bot
import handlers
from bot.web.audit_words import ALONE, NOTES, THINGS, InWords, key_of, sought
from bot.web.pages import words
from knowledge_base.facts import AuditEntry

ID, EN = (InWords(words(language), "Asia/Jakarta") for language in ("id", "en"))


def entry(**details: object) -> AuditEntry:
    return AuditEntry(1, datetime(2027, 2, 10, tzinfo=UTC), "Ani", "x", "audit", "", details)


def written() -> set[str]:
    """Every name of a detail that some code writes to the audit."""
    found: set[str] = set()
    for folder in (bot, handlers):
        texts = [file.read_text("utf-8") for file in Path(folder.__file__).parent.rglob("*.py")]
        for text in (one for one in texts if "Deed." in one):
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("write"):
                    found |= {one.arg for one in node.keywords if one.arg}
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    target = ast.unparse(getattr(node, "target", None) or node.targets[0])
                    if target in ("details", "told", "counts") and isinstance(node.value, ast.Dict):
                        keys = [key for key in node.value.keys if isinstance(key, ast.Constant)]
                        found |= {str(key.value) for key in keys}
    return (found | {"approval", "asked_by"}) - {"reason", "limit", "count"}


def test_every_detail_that_is_written_has_its_word_in_both_languages() -> None:
    names = written()
    assert {"verdict", "version", "restored", "sessions", "flips"} <= names
    for language in ("id", "en"):
        assert names - set(words(language).group("audit_detail")) == set(), language


def test_every_kind_of_thing_and_every_own_note_has_its_words() -> None:
    for said in (ID, EN):
        for kind in THINGS:
            assert said.thing(f"{kind}/7")[0].endswith("7")
            assert "/" not in said.thing(f"{kind}/7")[0]
        assert all(said.thing(one)[0] != one for one in ALONE)
        assert all(said.reason(one) != one for one in NOTES)


@pytest.mark.parametrize(
    ("what", "shown", "page"),
    [
        ("question/7F3K", "pertanyaan #7F3K", "/desk/q/7F3K"),
        ("fact/482", "pemeriksaan #482", "/desk/facts/482"),
        ("import/data/../x.csv", "impor data/../x.csv", ""),
        ("question/../evil", "pertanyaan #../evil", ""),
        ("moderator/Sari", "Sari", ""),
        ("Sari", "Sari", ""),
    ],
)
def test_a_thing_is_named_and_leads_to_its_page(what: str, shown: str, page: str) -> None:
    assert ID.thing(what) == (shown, page)


def test_details_are_said_in_words_and_empty_ones_not_at_all() -> None:
    told = ID.details(
        entry(
            verdict="false",
            restored=[3, 4],
            left=[],
            org="",
            before=None,
            vote="down",
            approval="nobody else could approve",
            since="2027-02-10T09:30:00+00:00",
            role="editor",
            group=True,
            broken_at=0,
            into=12,
        )
    )
    assert told == (
        "hasil: SALAH", "kembali ke versi sebelumnya: #3, #4", "suara: 👎",
        "persetujuan: tidak ada orang lain yang bisa menyetujui",
        "sejak: 10 Februari 2027, 16.30 WIB", "peran: Editor", "untuk grup: ya", "ke: #12",
    )  # fmt: skip


def test_a_name_of_another_version_is_shown_rather_than_nothing() -> None:
    assert EN.details(entry(unheard="of", how="carrier pigeon")) == (
        "unheard: of", "how: carrier pigeon",
    )  # fmt: skip
    assert key_of("answer withdrawn") == "answer_withdrawn"


@pytest.mark.parametrize(
    ("typed", "what"),
    [
        ("7F3K", "question/7F3K"), ("#an8c", "question/AN8C"), (" #482 ", "fact/482"),
        ("482", "fact/482"), ("Sari", "Sari"), ("fact/482", "fact/482"), ("", ""),
        ("9" * 5000, "9" * 5000), ("Sari2", "Sari2"),
    ],
)  # fmt: skip
def test_what_somebody_types_is_found_under_its_stable_name(typed: str, what: str) -> None:
    assert sought(typed) == what
