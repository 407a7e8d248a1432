"""The word in between for those whose question is not answered yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.doors import ports
from handlers.interim import interim, is_waiting
from handlers.ports import Rules
from knowledge_base.facts import Address, Outcome, Submission
from knowledge_base.store import Store
from tests.conftest import Clock
from tests.handlers.callers import answers, house_with_facts, said


def ask(store: Store, clock: Clock, name: str, text: str = "") -> tuple[str, str]:
    """Somebody asks something unknown; gives the person and the ticket."""
    with store.work() as work:
        person = work.contacts.at(Address("whatsapp", "1", "628123"), clock()).id
        words = text or f"kabar {name} yang belum pernah diperiksa"
        asked = Submission(name, person, words, Outcome.QUEUED, clock(), ref=f"wamid.{name}")
        return person, work.questions.ask(asked).code


def test_one_message_names_the_ticket_and_quotes_the_question(store: Store, clock: Clock) -> None:
    person, code = ask(store, clock, "a")
    with store.work() as work:
        [message] = interim(ports(work, clock(), Rules()), person, clock() - timedelta(days=1))
    assert code in message.text
    assert (message.quote, message.template) == ("wamid.a", "interim")
    assert (message.template_values, message.template_language) == ((code,), "id")


def test_two_questions_are_one_message(store: Store, clock: Clock) -> None:
    person, first = ask(store, clock, "a", "sumur warga berisi sirup jambu")
    _, second = ask(store, clock, "b", "kucing wajib punya kartu identitas")
    with store.work() as work:
        [message] = interim(ports(work, clock(), Rules()), person, clock() - timedelta(days=1))
    assert first in message.text
    assert second in message.text


def test_the_same_newest_question_gives_the_same_key(store: Store, clock: Clock) -> None:
    person, _ = ask(store, clock, "a")
    with store.work() as work:
        doors = ports(work, clock(), Rules())
        since = clock() - timedelta(days=1)
        assert interim(doors, person, since)[0].key == interim(doors, person, since)[0].key


def test_nothing_is_said_once_the_question_is_closed(store: Store, clock: Clock) -> None:
    person, code = ask(store, clock, "a")
    with store.work() as work:
        question = work.questions.get(code)
        assert question is not None
        work.questions.reject(code, "bukan kabar", "desk", question.version)
        doors = ports(work, clock(), Rules())
        assert interim(doors, person, clock() - timedelta(days=1)) == []
        assert not is_waiting(doors, person, clock() - timedelta(days=1))


def test_questions_of_an_earlier_window_were_told_then(store: Store, clock: Clock) -> None:
    person, _ = ask(store, clock, "a")
    with store.work() as work:
        doors = ports(work, clock(), Rules())
        assert is_waiting(doors, person, clock())
        assert not is_waiting(doors, person, clock() + timedelta(seconds=1))
        assert interim(doors, "nobody", clock()) == []


@pytest.mark.parametrize("change", [{"consent": "tap"}, {}])
def test_who_said_stop_or_never_agreed_is_not_written_to(change: dict[str, str]) -> None:
    house = house_with_facts()
    house.rules = replace(house.rules, **change)
    answers(house, said("Jembatan Melati roboh tadi malam", ref="m1"))
    if not change:
        answers(house, said("stop", ref="m2"))
    house.now += timedelta(hours=23)
    assert interim(house.ports(), "p-ani", house.now - timedelta(hours=24)) == []
