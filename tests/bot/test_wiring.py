"""What the search takes in, and when."""

from __future__ import annotations

from bot import wiring
from bot.wiring import QuestionSource
from knowledge_base.facts import Address, Outcome, Submission


def ask(store, clock, number: int) -> None:
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", str(number)), clock())
        work.questions.ask(
            Submission(f"s{number}", person.id, f"kabar {number}", Outcome.QUEUED, clock())
        )


def test_a_new_question_is_known_to_the_very_next_search(store, clock):
    source, revision = QuestionSource(store), 0
    for number in range(1, 4):
        ask(store, clock, number)
        found = source.changes(revision)
        assert f"kabar {number}" in [record.claim for record in found.records]
        revision = found.revision


def test_new_questions_of_a_flood_are_taken_in_together(store, clock, monkeypatch):
    moment = 100.0
    monkeypatch.setattr(wiring.time, "monotonic", lambda: moment)
    source, revision = QuestionSource(store), 0
    for number in range(wiring.FLOOD):
        ask(store, clock, number)
        revision = source.changes(revision).revision
    ask(store, clock, 98)
    ask(store, clock, 99)
    assert source.changes(revision).records == ()
    moment += 1
    later = source.changes(revision)
    assert [record.claim for record in later.records] == ["kabar 98", "kabar 99"]
