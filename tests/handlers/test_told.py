"""Whoever reads a verdict was told it, wherever it stood: a correction reaches them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import corrections, moderate
from handlers.corrections import PAUSE
from knowledge_base.facts import Verdict
from knowledge_base.search.findings import Decision
from tests.fakes import EDITOR, SARI, FakeHouse
from tests.handlers.callers import answers, finds, house_with_facts, said
from tests.handlers.test_corrections import revise

CLAIM = "Jembatan Melati roboh tadi malam"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def corrected(house: FakeHouse) -> list:
    revise(house, EDITOR, verdict=Verdict.TRUE)
    house.now += PAUSE
    out = []
    while job := house.due_job():
        if job[0] == "tell_corrected":
            out += corrections.tell_corrected(house.ports(), **job[1])
    return out


def test_who_asks_how_a_ticket_stands_is_told_the_verdict_of_that_version(house: FakeHouse) -> None:
    answers(house, said(CLAIM, ref="m1"), finds(CLAIM))
    question = house.ports().questions.open()[0]
    moderate.merge_into_fact(house.ports(), SARI, question.code, question.version, 482)
    for words in (f"status {question.code}", "status"):
        (line,) = answers(house, said(words, ref="m2"))
        assert (line.fact, line.more_facts) == ((482, 1), ())
    assert [message.to for message in corrected(house)] == ["p-ani"]


def test_somebody_elses_ticket_counts_as_told_too(house: FakeHouse) -> None:
    house.person("budi")
    answers(house, said(CLAIM, ref="m1"), finds(CLAIM))
    question = house.ports().questions.open()[0]
    moderate.merge_into_fact(house.ports(), SARI, question.code, question.version, 482)
    house.questions.submissions.clear()
    answers(house, said(f"status {question.code}", ref="m2"))
    assert [told.fact_number for told in house.people.told("p-ani")] == [482]


def test_a_group_that_was_answered_hears_the_correction_without_buttons(house: FakeHouse) -> None:
    found = finds(CLAIM, Decision.ANSWER, 482)
    answers(house, said(f"/cek {CLAIM}", group=True), found)
    (message,) = corrected(house)
    assert message.text.startswith("🔁 RALAT")
    assert message.buttons == ()


def test_a_group_that_was_warned_hears_the_correction(house: FakeHouse) -> None:
    group = house.person("ani")
    house.people.save(replace(group, state={"warnings": True}))
    (warning,) = answers(house, said(CLAIM, group=True), finds(CLAIM, Decision.ANSWER, 482))
    assert warning.fact == (482, 1)
    assert len(corrected(house)) == 1


def test_a_look_at_the_status_leaves_the_last_answer_the_last(house: FakeHouse) -> None:
    for minute, number in enumerate((483, 482)):
        house.now += timedelta(minutes=minute)
        text = f"kabar tentang nomor {number}"
        answers(
            house, said(text, ref=f"m{number}"), finds(text, Decision.ANSWER, number), f"s{number}"
        )
    house.now += timedelta(minutes=5)
    answers(house, said("status", ref="m3"))
    (evidence,) = answers(house, said("bukti", ref="m4"))
    assert evidence.fact == (482, 1)
