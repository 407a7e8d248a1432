"""Who was answered through a wording that was taken back: told once, and not left without an
answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import mistaken
from handlers.ports import Found
from knowledge_base.facts import Outcome, State, Submission, Told
from knowledge_base.search.findings import Decision, Match, Part, Result
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import finds, house_with_facts

WORDING = "Besok listrik padam se-Jawa selama tiga hari, siapkan lilin"
SAID = f"Info dari grup: {WORDING}!"


@pytest.fixture
def house() -> FakeHouse:
    """Ani was told 482 about a message that it does not answer."""
    house = house_with_facts()
    answered = Submission("s1", house.person("ani").id, SAID, Outcome.ANSWERED, house.now, "m1")
    house.questions.note(replace(answered, fact_number=482))
    house.people.tell(Told("p-ani", 482, 1, house.now, "s1"))
    return house


def looked_at(house: FakeHouse, wording: str = WORDING, hours: int = 1) -> list[str]:
    since = (house.now - timedelta(hours=hours)).isoformat()
    page, after = mistaken.answered(house.ports(), 482, [wording], since, "")
    assert after == ""
    return [one.id for one in page]


def told(house: FakeHouse, decision: Decision = Decision.ASK_HUMAN, *numbers: int) -> str:
    return spoken(mistaken.tell(house.ports(), 482, "s1", finds(SAID, decision, *numbers)))


def test_they_hear_whose_mistake_it_was_and_wait_for_a_person(house: FakeHouse) -> None:
    assert looked_at(house) == ["s1"]
    said = told(house)
    assert "bukan tentang pesan Anda" in said
    assert "Kami yang keliru" in said
    asked = house.questions.submission("s1")
    assert (asked.outcome, asked.offered) == (Outcome.QUEUED, (482,))
    assert asked.question in said
    assert told(house) == ""


def test_who_waits_again_already_keeps_their_number(house: FakeHouse) -> None:
    asked = house.questions.submission("s1")
    question = house.questions.ask(replace(asked, outcome=Outcome.QUEUED, fact_number=None))
    assert question.code in told(house)
    assert house.questions.submission("s1").question == question.code


def test_what_it_really_asks_about_is_told_at_once(house: FakeHouse) -> None:
    said = told(house, Decision.ANSWER, 484)
    assert "bukan tentang pesan Anda" in said
    assert "rekam KTP" in said
    assert house.questions.submission("s1").fact_number == 484
    assert {one.fact_number for one in house.people.told("p-ani")} == {482, 484}


@pytest.mark.parametrize("number", [482, 483])
def test_who_would_hear_the_same_without_the_wording_is_left_alone(
    house: FakeHouse, number: int
) -> None:
    assert told(house, Decision.ANSWER, number) == ""
    assert house.questions.submission("s1").fact_number == 482


def test_who_saw_to_it_themselves_is_left_alone(house: FakeHouse) -> None:
    house.questions.note(replace(house.questions.submission("s1"), offered=(482,)))
    assert told(house) == ""


def test_who_said_stop_hears_nothing(house: FakeHouse) -> None:
    house.people.rows["p-ani"] = replace(house.person("ani"), notify=False)
    assert told(house) == ""
    assert house.questions.submission("s1").outcome is Outcome.ANSWERED


def test_who_was_erased_hears_nothing(house: FakeHouse) -> None:
    del house.people.rows["p-ani"]
    assert told(house) == ""


def heard_again(house: FakeHouse, number: int, id: str, text: str = SAID) -> None:
    """An hour later Ani was told this about that message."""
    house.now += timedelta(hours=1)
    known = house.questions.submission(id)
    fresh = Submission(id, "p-ani", text, Outcome.ANSWERED, house.now, "m2")
    house.questions.note(replace(known or fresh, fact_number=number))
    house.people.tell(Told("p-ani", number, 1, house.now, id))


def test_who_asked_what_it_really_answers_afterwards_still_hears(house: FakeHouse) -> None:
    day = house.now.date()
    heard_again(house, 482, "s2", "TPS di Kecamatan Melati tutup pukul 10.00?")
    assert looked_at(house, hours=2) == ["s1"]
    said = told(house)
    assert "bukan tentang pesan Anda" in said
    assert f"{day.day} " in said
    assert house.questions.submission("s1").outcome is Outcome.QUEUED
    assert house.questions.submission("s2").fact_number == 482


def test_two_messages_with_the_wording_are_both_looked_at(house: FakeHouse) -> None:
    heard_again(house, 482, "s2")
    assert looked_at(house, hours=2) == ["s1", "s2"]
    assert looked_at(house, hours=0) == ["s2"]


def test_who_was_answered_by_another_one_since_is_left_alone(house: FakeHouse) -> None:
    heard_again(house, 484, "s1")
    assert told(house) == ""
    asked = house.questions.submission("s1")
    assert (asked.outcome, asked.fact_number) == (Outcome.ANSWERED, 484)


KNOWN = "Rekam KTP buka hari Sabtu di kecamatan."


def parts(*numbers: int) -> Found:
    """A message of two claims: the one that is known, and the one with the wording."""
    ends = (len(KNOWN), len(f"{KNOWN} {SAID}"))
    matches = [(Match(str(number), 0.97),) if number else () for number in numbers]
    claims = tuple(
        Part(start, end, Decision.ANSWER if found else Decision.ASK_HUMAN, 0.9, matches=found)
        for start, end, found in zip((0, ends[0]), ends, matches, strict=True)
    )
    return Found(Result(Decision.SUGGEST, 0.5, matches=matches[0], parts=claims))


def told_both(house: FakeHouse, first: int) -> None:
    """Ani was rightly told the first about one claim of her message, and 482 about the other."""
    asked = replace(house.questions.submission("s1"), text=f"{KNOWN} {SAID}")
    house.questions.note(replace(asked, fact_number=first))
    house.people.tell(Told("p-ani", first, 1, house.now, "s1"))


@pytest.mark.parametrize("right", [484, 483])  # 483 says the same as 482, of something else
def test_of_two_claims_only_the_one_answered_wrongly_waits(house: FakeHouse, right: int) -> None:
    told_both(house, right)
    said = spoken(mistaken.tell(house.ports(), 482, "s1", parts(right, 0)))
    assert "bukan tentang pesan Anda" in said
    assert "listrik padam" in said
    assert KNOWN not in said
    [question] = house.questions.open()
    assert question.code in said
    assert question.text == SAID
    asked, rest = (house.questions.submission(each) for each in ("s1", "s1.r"))
    assert (asked.outcome, asked.fact_number) == (Outcome.ANSWERED, right)
    assert (rest.outcome, rest.fact_number) == (Outcome.QUEUED, None)
    assert mistaken.tell(house.ports(), 482, "s1", parts(right, 0)) == []


def test_what_we_took_back_is_not_offered_again(house: FakeHouse) -> None:
    told_both(house, 484)
    found = parts(484, 482)
    near = replace(found.result.parts[1], decision=Decision.SUGGEST)
    found = replace(found, result=replace(found.result, parts=(found.result.parts[0], near)))
    said = spoken(mistaken.tell(house.ports(), 482, "s1", found))
    assert "TPS" not in said
    assert house.questions.submission("s1.r").outcome is Outcome.QUEUED


def test_an_earlier_message_of_several_claims_is_looked_at_too(house: FakeHouse) -> None:
    told_both(house, 484)
    heard_again(house, 482, "s2", "TPS di Kecamatan Melati tutup pukul 10.00?")
    assert looked_at(house, hours=2) == ["s1"]
    said = spoken(mistaken.tell(house.ports(), 482, "s1", parts(484, 0)))
    assert "bukan tentang pesan Anda" in said
    assert "listrik padam" in said
    assert house.questions.submission("s1.r").outcome is Outcome.QUEUED
    assert house.questions.submission("s2").fact_number == 482


def test_a_claim_that_another_one_answers_is_told_and_the_other_not_again(
    house: FakeHouse,
) -> None:
    told_both(house, 484)
    [said] = mistaken.tell(house.ports(), 482, "s1", parts(484, 483))
    assert said.verdicts == ((483, 1),)
    assert "Kenanga" in said.text
    assert "rekam KTP" not in said.text
    assert house.questions.open() == ()
    assert mistaken.tell(house.ports(), 482, "s1", parts(484, 483)) == []


def test_a_claim_that_is_found_without_the_wording_stays_answered(house: FakeHouse) -> None:
    told_both(house, 484)
    assert mistaken.tell(house.ports(), 482, "s1", parts(482, 0)) == []
    assert house.questions.open() == ()


def test_of_two_claims_without_an_answer_the_message_waits_as_one(house: FakeHouse) -> None:
    house.questions.note(replace(house.questions.submission("s1"), text=f"{KNOWN} {SAID}"))
    said = spoken(mistaken.tell(house.ports(), 482, "s1", parts(0, 0)))
    asked = house.questions.submission("s1")
    assert (asked.outcome, asked.offered) == (Outcome.QUEUED, (482,))
    assert asked.question in said


def test_a_correction_of_the_other_claim_hides_nothing(house: FakeHouse) -> None:
    told_both(house, 484)
    house.now += timedelta(hours=1)
    house.people.tell(Told("p-ani", 484, 2, house.now, "s1"))
    said = spoken(mistaken.tell(house.ports(), 482, "s1", parts(484, 0)))
    assert "bukan tentang pesan Anda" in said


def test_other_messages_and_older_answers_are_not_looked_at(house: FakeHouse) -> None:
    assert looked_at(house, "Jembatan Kenanga ditutup tiga bulan") == []
    house.now += timedelta(hours=2)
    assert looked_at(house) == []


def test_a_withdrawn_fact_check_is_corrected_as_ever(house: FakeHouse) -> None:
    house.facts.rows[482] = replace(house.facts.rows[482], state=State.RETRACTED)
    assert looked_at(house) == []


def test_many_are_told_page_by_page(house: FakeHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mistaken, "PAGE", 1)
    since = (house.now - timedelta(hours=1)).isoformat()
    page, after = mistaken.answered(house.ports(), 482, [WORDING], since, "")
    assert (len(page), after) == (1, "s1")
    assert mistaken.answered(house.ports(), 482, [WORDING], since, after) == ((), "")
