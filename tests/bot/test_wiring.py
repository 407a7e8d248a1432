"""What the search takes in, and when."""

from __future__ import annotations

from bot.wiring.sources import QuestionSource
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
