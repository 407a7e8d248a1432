"""The answer form and the draft it stands for."""

from datetime import UTC, date, datetime

import pytest

from bot.web.drafts import KEPT, LONGEST, fields_of, fresh, to_draft
from knowledge_base.facts import Kind, Question, QuestionState, Refused, Verdict

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
    draft = to_draft(FORM)
    assert (draft.verdict, draft.kind, draft.lang) == (Verdict.FALSE, Kind.FALSE_CONTEXT, "en")
    [source] = draft.sources
    assert (source.url, source.publisher, source.date) == (
        "https://b.example/1",
        "B",
        date(2026, 11, 20),
    )


def test_choices_we_do_not_have_count_as_not_chosen():
    draft = to_draft(FORM | {"verdict": "nonsense", "kind": "FALSE_CONTEXT"})
    assert (draft.verdict, draft.kind) == (None, None)


@pytest.mark.parametrize("name", ["date_2", "claim_date"])
def test_a_date_that_is_none_is_named(name):
    with pytest.raises(Refused) as refused:
        to_draft(FORM | {name: "kemarin"})
    assert "kemarin" in str(refused.value)


def test_only_our_fields_are_kept_whole_and_not_endless():
    fields = fields_of({"fact": "a\x00\r\nb\ud800", "role": "admin", "claim": "x" * 20_000})
    assert fields["fact"] == "a\nb�"
    assert "role" not in fields
    assert len(fields["claim"]) == LONGEST
    assert fields["title"] == ""


def test_a_new_answer_begins_in_the_askers_language():
    question = Question(1, "7F3K", "x", QuestionState.OPEN, "en", 1, NOON, NOON)
    assert fresh(question)["lang"] == "en"
    assert set(fresh(question)) == set(KEPT)
