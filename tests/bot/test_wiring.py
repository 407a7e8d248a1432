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


def test_new_questions_of_a_flood_are_taken_in_together(store, clock, monkeypatch):
    moment = 100.0
    monkeypatch.setattr(wiring.time, "monotonic", lambda: moment)
    source = QuestionSource(store)
    ask(store, clock, 1)
    first = source.changes(0)
    ask(store, clock, 2)
    ask(store, clock, 3)
    assert source.changes(first.revision).records == ()
    moment += wiring.TOGETHER
    later = source.changes(first.revision)
    assert [record.claim for record in later.records] == ["kabar 2", "kabar 3"]
    assert later.revision > first.revision
