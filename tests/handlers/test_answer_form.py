"""The answer form and the draft it stands for."""

from datetime import UTC, date, datetime

import pytest

from handlers.answer_form import KEPT, address, fields_of, fresh, read, so_far
from knowledge_base.facts import (
    FactCheck,
    Kind,
    Question,
    QuestionState,
    Refused,
    Source,
    Verdict,
)

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
FORM = dict.fromkeys(KEPT, "") | {
    "verdict": "false",
    "kind": "false_context",
    "fact": "Begini.",
    "url_2": " https://b.example/1 ",
    "publisher_2": "B",
    "date_2": "2026-11-20",
    "lang": "en",
}


def test_a_form_becomes_a_draft_with_the_sources_that_were_named():
    draft = read(FORM, "id")
    assert (draft.verdict, draft.kind, draft.lang) == (Verdict.FALSE, Kind.FALSE_CONTEXT, "en")
    [source] = draft.sources
    assert (source.url, source.publisher, source.date) == (
        "https://b.example/1",
        "B",
        date(2026, 11, 20),
    )


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" https://kpu.go.id/a ", "https://kpu.go.id/a"),
        ("Https://kpu.go.id/A", "https://kpu.go.id/A"),
        ("HTTP://kpu.go.id", "http://kpu.go.id"),
        ("www.kpu.go.id", "https://www.kpu.go.id"),
        ("kpu.go.id/berita/1?x=2", "https://kpu.go.id/berita/1?x=2"),
        ("KPU.GO.ID?id=2", "https://KPU.GO.ID?id=2"),
        ("sumber.Nanti", "sumber.Nanti"),
        ("kpu", "kpu"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("//evil.example", "//evil.example"),
        ("sari@kpu.go.id", "sari@kpu.go.id"),
        ("", ""),
    ],
)
def test_an_address_typed_on_a_telephone_is_meant_as_one(typed, meant):
    assert address(typed) == meant


def test_choices_we_do_not_have_count_as_not_chosen():
    draft = read(FORM | {"verdict": "nonsense", "kind": "FALSE_CONTEXT"}, "id")
    assert (draft.verdict, draft.kind) == (None, None)


@pytest.mark.parametrize("name", ["date_2", "claim_date"])
def test_a_date_that_is_none_is_named(name):
    with pytest.raises(Refused) as refused:
        read(FORM | {name: "kemarin"}, "id")
    assert "kemarin" in str(refused.value)
    assert so_far(FORM | {name: "kemarin"}).fact == "Begini."


def test_a_new_answer_begins_in_the_askers_language():
    question = Question(1, "7F3K", "x", QuestionState.OPEN, "en", 1, NOON, NOON)
    assert fresh(question)["lang"] == "en"
    assert set(fresh(question)) == set(KEPT)


def test_a_fact_check_and_its_fields_say_the_same():
    day = date(2026, 11, 20)
    record = FactCheck(
        "x", "K", Verdict.SCAM, (Source("https://a.example/x", "A", "T", day),), claim_date=day,
        kind=Kind.FALSE_CONTEXT, public_figure=True, concerns=("Org A", "Org B"), lang="en",
    )  # fmt: skip
    draft = read(fields_of(record), "id")
    for name in ("verdict", "claim", "sources", "claim_date", "kind", "public_figure", "concerns"):
        assert getattr(draft, name) == getattr(record, name)
