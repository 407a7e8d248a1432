"""Who has not chosen hears what people answered to others: once, like those, and by the page."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import choosing, notify
from handlers.messages import Outgoing
from knowledge_base.facts import Outcome, Submission
from knowledge_base.search.findings import Decision
from knowledge_base.search.text import fingerprint
from tests.fakes import FakeHouse
from tests.handlers.callers import answers, asked, finds, house_with_facts, said

RUMOUR = "TPS Melati tutup jam sepuluh katanya"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def test_who_heard_it_as_an_asker_is_not_told_twice(house: FakeHouse) -> None:
    answers(house, said(RUMOUR), finds(RUMOUR, Decision.SUGGEST, 482))
    code = asked(house, RUMOUR, "budi", "s2").question
    own = Submission("s3", "p-ani", "tpsnya ditutup", Outcome.QUEUED, house.now, ref="m3")
    house.ports().questions.ask(own, same_as=code)
    told, again = told_of(house, code)
    assert [house.name(message.to) for message in told] == ["ani", "budi"]
    assert again == []
    done = house.questions.submissions["s1"]
    assert (done.outcome, done.fact_number) == (Outcome.ANSWERED, 485)


def test_who_has_not_chosen_is_told_like_the_askers(house: FakeHouse) -> None:
    answers(house, said(RUMOUR), finds(RUMOUR, Decision.SUGGEST, 482))
    code = asked(house, RUMOUR, "budi", "s2").question
    (told,), (later,) = told_of(house, code)
    assert later.broadcast
    assert later.key == told.key.replace("p-budi", "p-ani")


def test_many_who_have_not_chosen_are_looked_at_by_the_page(
    house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notify, "PAGE", 2)
    code = asked(house, RUMOUR, "budi", "s2").question
    for n in range(5):
        house.person(f"w{n}")
        asks = Submission(f"w{n}", f"p-w{n}", RUMOUR, Outcome.SUGGESTED, house.now)
        house.ports().questions.note(replace(asks, fingerprint=fingerprint(RUMOUR)))
    _, later = told_of(house, code)
    assert [house.name(message.to) for message in later] == [f"w{n}" for n in range(5)]


def told_of(house: FakeHouse, code: str) -> tuple[list[Outgoing], list[Outgoing]]:
    """The question is answered with 485: what its askers hear, and what those who wait."""
    house.now += timedelta(minutes=1)
    question = house.ports().questions.get(code)
    house.ports().questions.settle(code, 485, "sari", question.version)
    told, later = notify.tell_askers(house.ports(), code), []
    for task, payload in iter(house.due_job, None):
        if task == notify.UNDECIDED:
            notify.tell_undecided(house.ports(), **payload)
        elif task == choosing.NO_CHOICE:
            later += choosing.answered_for_others(house.ports(), **payload)
    return sorted(told, key=lambda message: message.to), later
