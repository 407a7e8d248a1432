"""The queue: one rumour is one question, counted once per person, closed by one moderator."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.dialects import postgresql

from knowledge_base.facts import (
    Address,
    Outcome,
    Question,
    QuestionState,
    Refused,
    Stale,
    Submission,
)
from knowledge_base.search.findings import Difference, Match, Why
from knowledge_base.store import Store, asking, codes
from tests.conftest import MASTER_KEY

NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


def person(store: Store, name: str, channel: str = "telegram") -> str:
    with store.work() as work:
        return work.contacts.at(Address(channel, "bot", name), NOW).id


def ask(store: Store, who: str, text: str, id: str = "", **values) -> Question:
    same_as, many = values.pop("same_as", ""), values.pop("forwarded_many", False)
    asked = Submission(id or f"{who}/{text}", who, text, Outcome.SUGGESTED, NOW, **values)
    with store.work() as work:
        return work.questions.ask(asked, same_as=same_as, forwarded_many=many)


def get(store: Store, code: str) -> Question | None:
    with store.read() as work:
        return work.questions.get(code)


def test_asking_gives_a_ticket_and_files_the_submission_as_queued(store: Store):
    siti = person(store, "siti")
    question = ask(store, siti, "Benarkah air lemon menyembuhkan kanker?", "s1", ref="m-77")
    with store.read() as work:
        kept = work.questions.submission("s1")
        assert work.questions.by_ref(siti, "m-77") == kept
    assert (kept.outcome, kept.question, kept.ref) == (Outcome.QUEUED, question.code, "m-77")
    assert (question.askers, question.version, question.state) == (1, 1, QuestionState.OPEN)


def test_the_same_rumour_of_others_is_the_same_question(store: Store):
    first = ask(store, person(store, "a"), "Air lemon obat kanker", fingerprint="f1")
    ask(store, person(store, "b"), "AIR LEMON obat kanker!!", fingerprint="f1")
    third = ask(store, person(store, "c"), "lemon bisa obati kanker?", same_as=first.code.lower())
    assert (third.code, third.askers) == (first.code, 3)
    assert third.wordings == ("Air lemon obat kanker", "lemon bisa obati kanker?")


def test_whoever_asked_both_questions_counts_once_in_what_merging_gives(store: Store):
    siti, budi = person(store, "siti"), person(store, "budi")
    first = ask(store, siti, "Air lemon obat kanker", fingerprint="f1")
    second = ask(store, siti, "Air jeruk obat kanker", fingerprint="f2")
    ask(store, budi, "Air jeruk obat kanker", fingerprint="f2")
    with store.read() as work:
        assert work.questions.together((first.code, second.code)) == 2


def test_in_a_chat_only_this_machine_can_use_everyone_counts(tmp_path, empty_database, clock):
    shutil.copy(empty_database, tmp_path / "local.db")
    local = Store(f"sqlite:///{tmp_path / 'local.db'}", MASTER_KEY, clock, one_voice=())
    for name in ("ani", "budi"):
        last = ask(local, person(local, name, "browser"), "gempa besok?")
    local.close()
    assert last.askers == 2


def test_a_person_counts_once_and_browser_chats_count_as_one(store: Store):
    siti = person(store, "siti")
    first = ask(store, siti, "Gempa besok?", "s1")
    ask(store, siti, "Gempa besok?", "s2")
    for name in ("x", "y", "z"):
        last = ask(store, person(store, name, "browser"), "gempa  BESOK?")
    assert (last.code, last.askers) == (first.code, 2)
    assert last.channels == ("browser", "telegram")


def test_asking_twice_with_one_submission_changes_nothing(store: Store):
    siti = person(store, "siti")
    once = ask(store, siti, "Gempa besok?", "s1", forwarded_many=True)
    assert ask(store, siti, "Gempa besok?", "s1", forwarded_many=True) == once
    assert once.forwarded_many == 1


def test_a_closed_question_is_not_joined(store: Store):
    first = ask(store, person(store, "a"), "Gempa besok?")
    with store.work() as work:
        work.questions.reject(first.code, "bukan klaim", "ani", 1)
    assert ask(store, person(store, "b"), "Gempa besok?").code != first.code
    assert ask(store, person(store, "c"), "Gempa apa?", same_as=first.code).code != first.code


def test_codes_are_unique_and_grow_when_they_run_short(store: Store, monkeypatch):
    drawn = iter(["7F3K"] + ["7F3K"] * asking.DRAWS + ["7F3KQ"])
    monkeypatch.setattr(asking, "new_code", lambda length: next(drawn))
    assert ask(store, person(store, "a"), "satu").code == "7F3K"
    assert ask(store, person(store, "b"), "dua").code == "7F3KQ"


def test_a_ticket_is_read_as_people_type_it(store: Store, monkeypatch):
    monkeypatch.setattr(asking, "new_code", lambda length: "10Q7")
    ask(store, person(store, "a"), "satu")
    assert get(store, " lo-q7 ").code == "10Q7"
    assert get(store, "ZZZZ") is get(store, "") is None


def test_codes_use_only_letters_nobody_mistakes():
    code = codes.new_code(4000)
    assert set(code) == set(codes.ALPHABET)
    assert not set("ILOU") & set(code)


def test_the_most_wanted_come_first(store: Store):
    people = [person(store, name) for name in "abc"]
    ask(store, people[0], "satu")
    two = ask(store, people[0], "dua", forwarded_many=True)
    for who in people:
        three = ask(store, who, "tiga")
    with store.read() as work:
        page = work.questions.open(limit=2)
        rest = work.questions.open(limit=2, offset=2)
    assert [q.code for q in page] == [three.code, two.code]
    assert [q.text for q in rest] == ["satu"]


def test_only_one_moderator_closes_a_question(store: Store):
    question = ask(store, person(store, "a"), "satu")
    with store.work() as work:
        settled = work.questions.settle(question.code, 7, "ani", question.version)
    for close in ("settle", "reject"):
        with pytest.raises(Stale) as caught, store.work() as work:
            values = (7,) if close == "settle" else ("bukan klaim",)
            getattr(work.questions, close)(question.code, *values, "budi", question.version)
        assert caught.value.by == "ani"
    assert (settled.state, settled.fact_number, settled.version) == ("answered", 7, 2)


def test_a_merged_ticket_leads_to_where_it_went(store: Store):
    a, b, c = (person(store, name) for name in "abc")
    old = ask(store, a, "lemon obat", forwarded_many=True)
    target = ask(store, b, "air lemon sembuh")
    ask(store, a, "air lemon sembuh", "again")
    ask(store, c, "lemon obat")
    with store.work() as work:
        merged = work.questions.merge(old.code, target.code, "ani", old.version)
    assert get(store, old.code) == merged
    assert (merged.code, merged.askers, merged.forwarded_many) == (target.code, 3, 1)
    assert set(merged.wordings) == {"lemon obat", "air lemon sembuh"}
    with pytest.raises(Stale), store.work() as work:
        work.questions.settle(old.code, 1, "budi", old.version)


def test_a_question_is_merged_only_into_an_open_other_one(store: Store):
    one, two = ask(store, person(store, "a"), "satu"), ask(store, person(store, "b"), "dua")
    with store.work() as work:
        work.questions.settle(two.code, 1, "ani", 1)
    for into in (one.code, two.code, "ZZZZ"):
        with pytest.raises(Refused), store.work() as work:
            work.questions.merge(one.code, into, "ani", 1)


def test_undo_opens_it_again_with_its_askers(store: Store):
    question = ask(store, person(store, "a"), "satu", "s1")
    with store.work() as work:
        work.questions.settle(question.code, 7, "ani", 1)
        told = work.questions.askers(question.code)[0]
        work.questions.note(replace(told, outcome=Outcome.ANSWERED, fact_number=7))
        assert work.questions.askers(question.code) == ()
        again = work.questions.reopen(question.code, "ani", 2)
        assert [item.id for item in work.questions.askers(question.code)] == ["s1"]
    assert (again.state, again.fact_number, again.answered_by) == (QuestionState.OPEN, None, "")
    with pytest.raises(Stale), store.work() as work:
        work.questions.reopen(question.code, "ani", 2)


def test_askers_are_paged_by_id(store: Store):
    people = [person(store, str(n)) for n in range(5)]
    codes = {ask(store, who, "satu", f"s{n}").code for n, who in enumerate(people)}
    (code,) = codes
    with store.read() as work:
        first = work.questions.askers(code, limit=3)
        rest = work.questions.askers(code, after=first[-1].id, limit=3)
        assert len(work.questions.asked_at(code)) == 5
    assert [item.id for item in (*first, *rest)] == ["s0", "s1", "s2", "s3", "s4"]


def test_a_withdrawn_wording_is_forgotten_and_the_others_stay(store: Store):
    first = ask(store, person(store, "a"), "satu dari siti", "s1", fingerprint="f1")
    ask(store, person(store, "b"), "satu dari budi", "s2", fingerprint="f2", same_as=first.code)
    with store.work() as work:
        work.questions.withdraw("s1")
        work.questions.withdraw("s1")
        assert work.questions.submission("s1") is None
    left = get(store, first.code)
    assert (left.text, left.wordings, left.askers) == ("satu dari budi", ("satu dari budi",), 1)


def test_what_nobody_else_asked_goes_with_its_asker(store: Store):
    question = ask(store, person(store, "a"), "satu", "s1")
    with store.work() as work:
        revision = work.questions.revision()
        work.questions.withdraw("s1")
        assert work.questions.changes(revision).removed == (question.code,)
        assert work.questions.open() == ()
    assert get(store, question.code) is None
    with pytest.raises(Stale), store.work() as work:
        work.questions.settle(question.code, 1, "ani", 1)


def test_an_edited_message_keeps_its_ticket(store: Store):
    siti = person(store, "siti")
    first = ask(store, siti, "gempa bsk", "s1", fingerprint="f1")
    edited = ask(store, siti, "gempa besok di Palu", "s1", fingerprint="f2")
    assert (edited.code, edited.text, edited.askers) == (first.code, "gempa besok di Palu", 1)
    assert edited.wordings == ("gempa besok di Palu",)


def test_an_edit_does_not_change_what_others_asked(store: Store):
    siti, budi = person(store, "siti"), person(store, "budi")
    first = ask(store, siti, "gempa", "s1", fingerprint="f1")
    ask(store, budi, "gempa", "s2", fingerprint="f1")
    edited = ask(store, siti, "banjir", "s1", fingerprint="f2")
    assert edited.code != first.code
    left = get(store, first.code)
    assert (left.askers, left.wordings) == (1, ("gempa",))


def test_an_edit_of_what_is_still_the_same_takes_its_old_words_along(store: Store):
    siti, budi = person(store, "siti"), person(store, "budi")
    first = ask(store, siti, "gempa bsk", "s1", fingerprint="f1")
    ask(store, budi, "gempa besok", "s2", fingerprint="f2", same_as=first.code)
    edited = ask(store, siti, "gempa besok pagi", "s1", fingerprint="f3", same_as=first.code)
    assert (edited.code, edited.version, edited.askers) == (first.code, first.version, 2)
    assert (edited.text, edited.wordings) == ("gempa besok", ("gempa besok", "gempa besok pagi"))
    with store.work() as work:
        for sent in ("s1", "s2"):
            work.questions.withdraw(sent)
        assert work.questions.open() == ()


def test_what_was_begun_with_the_old_text_of_an_edited_question_is_stale(store: Store):
    siti = person(store, "siti")
    first = ask(store, siti, "gempa", "s1", fingerprint="f1")
    with store.work() as work:
        work.questions.keep_neighbours(first.code, [Match("7", 0.5)])
    edited = ask(store, siti, "banjir", "s1", fingerprint="f2")
    with store.work() as work:
        assert work.questions.neighbours(first.code) == ()
        with pytest.raises(Stale):
            work.questions.settle(first.code, 1, "ani", first.version)
        assert work.questions.settle(first.code, 1, "ani", edited.version).fact_number == 1


def test_an_answered_edit_leaves_the_queue(store: Store):
    siti = person(store, "siti")
    question = ask(store, siti, "gempa", "s1")
    answered = Submission("s1", siti, "banjir", Outcome.ANSWERED, NOW, fact_number=3)
    with store.work() as work:
        assert work.questions.note(answered).outcome is Outcome.ANSWERED
    assert get(store, question.code) is None


def test_a_person_finds_their_own_submissions(store: Store, clock):
    siti, budi = person(store, "siti"), person(store, "budi")
    for n in range(3):
        noted = Submission(
            f"s{n}", siti, f"teks {n}", Outcome.ANSWERED, clock.forward(hours=1), fingerprint="f"
        )
        with store.work() as work:
            work.questions.note(noted)
    with store.read() as work:
        assert [item.id for item in work.questions.of_person(siti, limit=2)] == ["s2", "s1"]
        assert work.questions.recent(siti, "f").id == "s2"
        assert work.questions.of_person(budi) == ()
        assert work.questions.recent(budi, "f") is None


def test_who_waits_for_a_choice_in_the_words_of_a_question_is_found(store: Store):
    siti, budi = person(store, "a"), person(store, "b")
    code = ask(store, person(store, "c"), "satu").code
    with store.work() as work:
        for name, who, text, hours in (
            ("s1", siti, "satu", 2), ("s2", budi, "satu", 0), ("s3", siti, "dua", 2),
        ):  # fmt: skip
            at = NOW + timedelta(hours=hours)
            work.questions.note(Submission(name, who, text, Outcome.SUGGESTED, at))
        work.questions.note(Submission("s4", siti, "satu", Outcome.ANSWERED, NOW))
        before, an_hour = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
        found = [work.questions.undecided(code, since) for since in (before, an_hour)]
        assert [[one.id for one in some] for some in found] == [["s1", "s2"], ["s1"]]
        pages = [work.questions.undecided(code, before, after, 1) for after in ("", "s1", "s2")]
        assert [[one.id for one in some] for some in pages] == [["s1"], ["s2"], []]
        assert work.questions.undecided("ZZZZ", before) == ()
        work.people.erase(budi)
        assert [one.id for one in work.questions.undecided(code, before)] == ["s1"]


def test_what_the_matcher_found_nearest_is_kept(store: Store):
    code = ask(store, person(store, "a"), "satu").code
    why = Why(("TPS",), (Difference("date", "27 November", "14 Februari"),), "variant")
    with store.work() as work:
        assert work.questions.neighbours(code) == ()
        work.questions.keep_neighbours(code, [Match("12", 0.4, why), Match("7", 0.1)])
    with store.read() as work:
        assert work.questions.neighbours(code) == (Match("12", 0.4, why), Match("7", 0.1))


def test_the_search_is_told_of_new_wordings_and_closed_questions(store: Store):
    one = ask(store, person(store, "a"), "satu")
    with store.read() as work:
        first = work.questions.changes(0)
    ask(store, person(store, "b"), "satu juga", same_as=one.code)
    with store.work() as work:
        second = work.questions.changes(first.revision)
        assert work.questions.changes(second.revision).items == ()
        work.questions.settle(one.code, 1, "ani", 1)
        third = work.questions.changes(second.revision)
    assert [q.wordings for q in second.items] == [("satu", "satu juga")]
    assert (third.items, third.removed) == ((), (one.code,))


@pytest.mark.parametrize(
    "statement",
    [asking._JOINING, asking._MERGED_INTO, asking._SAME_WORDS],
    ids=["code", "id", "words"],
)
def test_who_joins_a_question_holds_it_where_others_write_meanwhile(statement):
    """On PostgreSQL a merge in between would leave them on a question that nobody answers."""
    assert "FOR UPDATE" in str(statement.compile(dialect=postgresql.dialect()))
