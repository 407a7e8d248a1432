"""Moderators: an answer needs a source, settles the question, and is told to each asker once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers import casework, moderate, notify, texts
from handlers.moderate import Draft
from handlers.rights import Denied
from knowledge_base.facts import (
    Outcome,
    Proposal,
    QuestionState,
    Refused,
    Role,
    Source,
    Stale,
    State,
    Told,
    Verdict,
)
from knowledge_base.search.findings import Decision
from tests.fakes import EDITOR, SARI, FakeHouse, spoken
from tests.handlers.callers import answers, asked, finds, house_with_facts, pressed, said

SOURCE = Source("https://dinas.example/rilis", "Dinas Melati", date=date(2026, 11, 20))
DRAFT = Draft(
    verdict=Verdict.FALSE,
    claim="Jembatan Melati roboh pada 20 November 2026.",
    title="Kabar Jembatan Melati",
    fact="Jembatan Melati tidak roboh.",
    sources=(SOURCE,),
)
CLAIM = "Jembatan Melati roboh tadi malam, hubungi 081234567890"


@pytest.fixture
def house() -> FakeHouse:
    house = house_with_facts()
    asked(house, CLAIM, "ani", "s1")
    asked(house, "Katanya Jembatan Melati ambruk semalam", "budi", "s2")
    house.ports().questions.merge("9C2D", "7F3K", "sari", 1)
    return house


def told(house: FakeHouse, code: str = "7F3K") -> list[str]:
    return [message.to for message in notify.tell_askers(house.ports(), code)]


def test_an_answer_is_published_with_the_masked_wordings(house: FakeHouse) -> None:
    saved = moderate.answer_question(house.ports(), SARI, "7f3k", 1, DRAFT)
    assert saved.state is State.PUBLISHED
    assert saved.checked_on == date(2026, 11, 21)
    assert saved.variants == (
        "Jembatan Melati roboh tadi malam, hubungi [nomor]",
        "Katanya Jembatan Melati ambruk semalam",
    )
    assert house.questions.rows["7F3K"].state is QuestionState.ANSWERED


@pytest.mark.parametrize(("field", "days"), [("sources", 2), ("claim_date", 9)])
def test_a_day_that_is_still_to_come_is_refused(house: FakeHouse, field: str, days: int) -> None:
    ahead = date(2026, 11, 21) + timedelta(days=days)
    value = (replace(SOURCE, date=ahead),) if field == "sources" else ahead
    with pytest.raises(Refused, match="masih akan datang") as refused:
        moderate.answer_question(house.ports(), SARI, "7F3K", 1, replace(DRAFT, **{field: value}))
    assert refused.value.field == field


def test_an_answer_teaches_and_is_written_down(house: FakeHouse) -> None:
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    assert [(number, right, by) for _, number, right, by in house.evidence.pairs] == [
        (saved.number, True, "moderator")
    ] * 2
    actor, action, object_, _, details = house.audit.entries[-1]
    assert (actor, action, object_, details["number"]) == (
        "sari",
        "answer",
        "question/7F3K",
        saved.number,
    )


def test_askers_are_told_after_the_time_for_undo(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    told, _, rematch = house.jobs.waiting
    payload = {"code": "7F3K", "after": "", "version": 2}
    assert (told.task, told.payload) == ("tell_askers", payload)
    assert rematch.task == "rematch_open"
    assert {told.due, rematch.due} == {house.now + timedelta(seconds=30)}


def test_what_was_published_is_compared_with_the_others_at_once(house: FakeHouse) -> None:
    fact = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    [job] = [job for job in house.jobs.waiting if job.task == "find_duplicates"]
    assert (job.payload, job.due) == ({"number": fact.number}, house.now)


def test_what_is_answered_again_after_an_undo_has_its_own_time_for_undo(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    moderate.undo(house.ports(), SARI, "7F3K", 2)
    moderate.answer_question(house.ports(), SARI, "7F3K", 3, DRAFT)
    first, second = (job.payload for job in house.jobs.waiting if job.task == "tell_askers")
    assert notify.tell_askers(house.ports(), **first) == []
    assert len(notify.tell_askers(house.ports(), **second)) == 2


def test_an_answer_withdrawn_before_it_was_told_leaves_the_question_open(house: FakeHouse) -> None:
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    assert not isinstance(saved, Proposal)
    house.ports().facts.save(replace(saved, state=State.RETRACTED), "tono", "salah")
    assert told(house) == []
    assert house.questions.rows["7F3K"].state is QuestionState.OPEN
    assert house.audit.entries[-1][1] == "question.reopen"


def test_an_answer_merged_before_it_was_told_gives_the_one_that_stays(house: FakeHouse) -> None:
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    assert not isinstance(saved, Proposal)
    gone = replace(saved, state=State.RETRACTED, replaced_by=482)
    house.ports().facts.save(gone, "tono", "digabung")
    messages = notify.tell_askers(house.ports(), "7F3K")
    assert {message.fact for message in messages} == {(482, 1)}


def test_a_draft_stays_for_an_undo_and_goes_once_the_answer_is_told(house: FakeHouse) -> None:
    house.desk.save_draft(SARI.id, "7F3K", {"fact": "Tidak roboh."})
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    moderate.undo(house.ports(), SARI, "7F3K", 2)
    told(house)
    assert house.desk.draft(SARI.id, "7F3K")
    moderate.answer_question(house.ports(), SARI, "7F3K", 3, DRAFT)
    told(house)
    assert house.desk.draft(SARI.id, "7F3K") is None


def test_everyone_is_told_once_quoting_their_own_message(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    messages = notify.tell_askers(house.ports(), "7F3K")
    assert [(m.to, m.quote) for m in messages] == [("p-ani", "ref-s1"), ("p-budi", "ref-s2")]
    assert all(m.broadcast and m.template and m.key for m in messages)
    assert told(house) == []


def test_each_asker_is_told_in_their_own_language(house: FakeHouse) -> None:
    house.people.save(replace(house.person("budi"), language="en"))
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    ani, budi = notify.tell_askers(house.ports(), "7F3K")
    assert ani.text.startswith("❌ Pesan ini SALAH.")
    assert budi.text.startswith("❌ This message is FALSE.")


def test_who_asked_twice_is_told_once(house: FakeHouse) -> None:
    asked(house, CLAIM, "ani", "s3")
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    assert told(house) == ["p-ani", "p-budi"]
    third = house.questions.submission("s3")
    assert (third.outcome, len(house.people.told_of("s3"))) == (Outcome.ANSWERED, 1)


def test_who_got_the_verdict_meanwhile_is_not_told_again(house: FakeHouse) -> None:
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    house.now += timedelta(seconds=5)
    house.people.tell(Told("p-ani", saved.number, saved.version, house.now, "s1"))
    assert told(house) == ["p-budi"]


def test_who_refused_that_check_before_and_waited_is_still_told(house: FakeHouse) -> None:
    text = "TPS Melati tutup jam sepuluh karena banjir"
    answers(house, said(text), finds(text, Decision.ANSWER, 482), new_id="s9")
    answers(house, pressed("v1|not|s9|482"))
    code = house.questions.submission("s9").question  # type: ignore[union-attr]
    house.now += timedelta(hours=1)
    moderate.merge_into_fact(house.ports(), SARI, code, 1, 482)
    assert told(house, code) == ["p-ani"]


def test_who_was_erased_is_not_told(house: FakeHouse) -> None:
    house.people.rows.pop("p-ani")
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    assert told(house) == ["p-budi"]


def test_many_askers_are_told_page_by_page(house: FakeHouse) -> None:
    for n in range(150):
        asked(house, CLAIM, f"orang{n}", f"x{n:03d}")
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    first = notify.tell_askers(house.ports(), "7F3K")
    page = house.jobs.waiting[-1]
    second = notify.tell_askers(house.ports(), **page.payload)
    people = [message.to for message in (*first, *second)]
    assert len(first) == 100
    assert len(people) == len(set(people)) == 152


def test_nobody_is_told_while_the_question_is_open_again(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    moderate.undo(house.ports(), SARI, "7F3K", 2)
    assert told(house) == []
    assert house.facts.rows[486].state is State.RETRACTED
    assert house.questions.rows["7F3K"].state is QuestionState.OPEN


def test_undo_is_too_late_once_askers_are_told(house: FakeHouse) -> None:
    moderate.merge_into_fact(house.ports(), SARI, "7F3K", 1, 482)
    told(house)
    with pytest.raises(Stale):
        moderate.undo(house.ports(), SARI, "7F3K", 2)


def test_undo_of_an_own_answer_is_too_late_after_thirty_seconds(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    house.now += timedelta(seconds=31)
    with pytest.raises(Stale, match="30"):
        moderate.undo(house.ports(), SARI, "7F3K", 2)


def test_who_is_slower_is_told_so_and_changes_nothing(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    with pytest.raises(Stale) as error:
        moderate.merge_into_fact(house.ports(), EDITOR, "7F3K", 1, 482)
    assert error.value.by == "sari"
    assert house.facts.rows[482].variants == ()


def test_connecting_teaches_the_fact_check_once_it_is_told_and_before_that_is_noted(
    house: FakeHouse,
) -> None:
    """As an answer does: on a database with row locks one would wait for the other for ever."""
    taken: list[str] = []
    add_variant, note = house.facts.add_variant, house.questions.note
    house.facts.add_variant = lambda *parts: taken.append("fact") or add_variant(*parts)
    house.questions.note = lambda *parts: taken.append("question") or note(*parts)
    moderate.merge_into_fact(house.ports(), SARI, "7F3K", 1, 482)
    assert taken == []
    notify.tell_askers(house.ports(), "7F3K")
    assert taken == sorted(taken)
    assert set(taken) == {"fact", "question"}
    assert len(house.facts.rows[482].variants) == 2


def test_a_rejection_tells_the_reason(house: FakeHouse) -> None:
    moderate.reject(house.ports(), SARI, "7F3K", 1, "Ini soal pribadi.")
    said_ = spoken(notify.tell_askers(house.ports(), "7F3K"))
    assert said_.count("Ini soal pribadi.") == 2


BAD = [
    (replace(DRAFT, verdict=None), "verdict"),
    (replace(DRAFT, claim=" "), "claim"),
    (replace(DRAFT, fact=""), "fact"),
    (replace(DRAFT, fact="x" * 161), "fact"),
    (replace(DRAFT, explanation="x" * 2001), "explanation"),
    (replace(DRAFT, sources=()), "sources"),
    (replace(DRAFT, sources=(Source("javascript:alert(1)"),)), "sources"),
    (replace(DRAFT, sources=(Source("", "KPU"),)), "sources"),
    (replace(DRAFT, title="[SALAH] Jembatan Melati roboh"), "title"),
    (replace(DRAFT, title="HOAKS: Jembatan Melati roboh"), "title"),
    (replace(DRAFT, title=DRAFT.claim), "title"),
]


@pytest.mark.parametrize(("draft", "field"), BAD, ids=[f"{n}-{f}" for n, (_, f) in enumerate(BAD)])
def test_a_draft_that_is_not_ready_is_refused_by_field(
    house: FakeHouse, draft: Draft, field: str
) -> None:
    with pytest.raises(Refused) as error:
        moderate.answer_question(house.ports(), SARI, "7F3K", 1, draft)
    assert error.value.field == field
    assert list(moderate.problems(draft, "en")) == [field]
    assert house.questions.rows["7F3K"].state is QuestionState.OPEN


def test_the_preview_is_what_the_asker_will_see(house: FakeHouse) -> None:
    preview = moderate.preview(house.ports(), DRAFT, "id", "7F3K")
    saved = moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    sent = notify.tell_askers(house.ports(), "7F3K")[0]
    assert preview.text.replace("…", str(saved.number)) == sent.text
    labels = [[button.label for button in row] for row in preview.buttons]
    assert labels == [[button.label for button in row] for row in sent.buttons]


def test_an_unfinished_draft_can_be_previewed(house: FakeHouse) -> None:
    assert moderate.preview(house.ports(), Draft(), "en").text


@pytest.mark.parametrize(
    ("code", "into", "field"), [("7F3K", "7f3k", "into"), ("7F3K", "ZZZZ", "code")]
)
def test_a_question_joins_only_another_one(
    house: FakeHouse, code: str, into: str, field: str
) -> None:
    with pytest.raises(Refused) as error:
        moderate.merge_questions(house.ports(), SARI, code, 1, into)
    assert error.value.field == field


def test_only_a_published_check_can_answer(house: FakeHouse) -> None:
    with pytest.raises(Refused):
        moderate.merge_into_fact(house.ports(), SARI, "7F3K", 1, 999)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_rejection_needs_a_reason_people_can_read(house: FakeHouse, reason: str) -> None:
    with pytest.raises(Refused):
        moderate.reject(house.ports(), SARI, "7F3K", 1, reason)


def test_who_has_not_the_right_changes_nothing(house: FakeHouse) -> None:
    reader = replace(SARI, role=Role.READER)
    for attempt in (
        lambda: moderate.merge_into_fact(house.ports(), reader, "7F3K", 1, 482),
        lambda: moderate.merge_questions(house.ports(), reader, "7F3K", 1, "9C2D"),
        lambda: moderate.reject(house.ports(), reader, "7F3K", 1, "Ini pendapat."),
        lambda: moderate.undo(house.ports(), reader, "7F3K", 1),
    ):
        with pytest.raises(Denied):
            attempt()
    assert house.questions.rows["7F3K"].version == 1


def test_an_answer_is_taken_back_by_its_author_or_an_editor_only(house: FakeHouse) -> None:
    moderate.answer_question(house.ports(), SARI, "7F3K", 1, DRAFT)
    with pytest.raises(Denied, match="colleagues"):
        moderate.undo(house.ports(), replace(SARI, id=7, name="budi"), "7F3K", 2)
    assert moderate.undo(house.ports(), EDITOR, "7F3K", 2).state is QuestionState.OPEN


@pytest.mark.parametrize("kind", list(casework.Close))
def test_ready_words_reach_each_asker_in_their_own_language(
    house: FakeHouse, kind: casework.Close
) -> None:
    house.people.save(replace(house.person("ann"), language="en"))
    for name in ("ani", "ann"):
        code = asked(house, CLAIM, name, f"s-{name}").question
    casework.close(casework.Room(house.ports(), house.cases), SARI, code, 1, kind)
    house.now += timedelta(minutes=1)
    told = {message.to: message.text for message in notify.tell_askers(house.ports(), code)}
    for person, language in (("p-ani", "id"), ("p-ann", "en")):
        assert texts.say(language, f"desk.closed_as.{kind}") in told[person]
    house.people.save(replace(house.person("ani"), language="en"))
    assert texts.say("en", f"desk.closed_as.{kind}") in spoken(answers(house, said("status")))


def test_a_reason_in_somebodys_own_words_stays_as_it_is(house: FakeHouse) -> None:
    house.people.save(replace(house.person("ani"), language="en"))
    code = asked(house, CLAIM).question
    moderate.reject(house.ports(), SARI, code, 1, "Ini salam, bukan kabar.")
    assert "Ini salam, bukan kabar." in spoken(answers(house, said("status")))
