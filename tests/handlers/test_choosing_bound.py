"""A choice, or "none of these", holds for the words it was listed for and no others."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.messages import Act
from handlers.replies import data, listing
from knowledge_base.facts import Outcome, Submission
from knowledge_base.search.findings import Decision
from tests.fakes import FakeHouse
from tests.handlers.callers import answers, finds, house_with_facts, said
from tests.handlers.player import START
from tests.handlers.test_choosing_late import REFUSED, RUMOUR, refuses, silent_for_an_hour

OTHER = "Bansos beras akan dihentikan mulai bulan depan"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def offered(house: FakeHouse, *numbers: int) -> str:
    """The button below this list, for the same words."""
    message, found = said(RUMOUR, ref=f"m{numbers[0]}"), finds(RUMOUR, Decision.SUGGEST, *numbers)
    said_of_it = answers(house, message, found)
    return said_of_it[0].buttons[-1][0].data


def edited(house: FakeHouse, decision: Decision, *numbers: int) -> None:
    answers(house, said(OTHER, act=Act.EDIT, ref="m482"), finds(OTHER, decision, *numbers), "s2")
    assert house.questions.submissions["s1"].text == OTHER


def offers(house: FakeHouse, *numbers: int) -> str:
    """The first choice of this list, for the same words."""
    found = finds(RUMOUR, Decision.SUGGEST, *numbers)
    return answers(house, said(RUMOUR, ref=f"m{numbers[0]}"), found)[0].buttons[0][0].data


def test_a_choice_offered_for_other_words_says_nothing_about_these(house: FakeHouse) -> None:
    first = offers(house, 482, 483)
    edited(house, Decision.ASK_HUMAN)
    (words,) = refuses(house, first)
    assert "Kabar itu SALAH" in words.text
    assert house.evidence.pairs == []
    asked = house.questions.submissions["s1"]
    assert (asked.question, asked.fact_number) == ("7F3K", None)


def test_a_choice_offered_for_both_words_is_taken(house: FakeHouse) -> None:
    first = offers(house, 482, 483)
    edited(house, Decision.SUGGEST, 482)
    (words,) = refuses(house, first)
    assert "Pesan ini SALAH" in words.text
    assert house.evidence.pairs == [(OTHER, 482, True, "asker")]


def test_what_was_listed_for_other_words_is_not_refused_for_these(house: FakeHouse) -> None:
    button = offered(house, 482, 483)
    edited(house, Decision.ASK_HUMAN)
    (words,) = refuses(house, button)
    assert "7F3K" in words.text
    assert house.evidence.pairs == []
    assert house.questions.submissions["s1"].offered == ()


def test_an_old_list_does_not_refuse_the_verdict_on_other_words(house: FakeHouse) -> None:
    button = offered(house, 482, 483)
    edited(house, Decision.ANSWER, 482)
    (words,) = refuses(house, button)
    assert "SALAH" in words.text
    assert house.evidence.pairs == []


def test_an_old_list_does_not_refuse_the_one_for_other_words(house: FakeHouse) -> None:
    button = offered(house, 482, 483)
    edited(house, Decision.SUGGEST, 484)
    (words,) = refuses(house, button)
    assert house.evidence.pairs == []
    assert words.buttons[0][0].data.startswith(data("pick", "s1", 484))
    refuses(house, words.buttons[-1][0].data)
    assert house.evidence.pairs == [(OTHER, 484, False, "asker")]


def test_the_list_above_the_button_is_refused_and_no_newer_one(house: FakeHouse) -> None:
    older = offered(house, 482, 483)
    house.now += timedelta(minutes=5)
    offered(house, 484, 485)
    refuses(house, older)
    assert house.evidence.pairs == REFUSED
    assert house.questions.submissions["s1"].offered == (482, 483)


def verdict_then(house: FakeHouse, decision: Decision, *numbers: int) -> str:
    """ "Not this" below the verdict on the old words, which are others by now."""
    told = answers(house, said(RUMOUR, ref="m482"), finds(RUMOUR, Decision.ANSWER, 482))
    edited(house, decision, *numbers)
    return next(b.data for row in told[0].buttons for b in row if b.data.startswith("v1|not|"))


def test_not_this_of_an_old_verdict_leaves_the_one_on_the_new_words(house: FakeHouse) -> None:
    button = verdict_then(house, Decision.ANSWER, 483)
    (words,) = refuses(house, button)
    assert "/p/483" in words.text
    assert house.evidence.pairs == []
    asked = house.questions.submissions["s1"]
    assert (asked.question, asked.fact_number) == ("", 483)


def test_not_this_of_an_old_verdict_leaves_the_choice_for_the_new_words(house: FakeHouse) -> None:
    button = verdict_then(house, Decision.SUGGEST, 484)
    (words,) = refuses(house, button)
    assert words.buttons[0][0].data.startswith(data("pick", "s1", 484))
    assert house.evidence.pairs == []
    assert house.questions.submissions["s1"].outcome is Outcome.SUGGESTED


def test_what_was_refused_before_takes_no_place_of_the_list(house: FakeHouse) -> None:
    button = silent_for_an_hour(house, Decision.ANSWER, 485)
    refuses(house, data("not", "s1", 485))
    refuses(house, button)
    assert house.evidence.pairs == [(RUMOUR, 485, False, "asker"), *REFUSED]


def test_a_list_too_long_for_a_button_is_left_out() -> None:
    numbers, at = (999999999, 999999998, 999999997), FakeHouse(START).now
    long = Submission("s" * 24, "p-ani", RUMOUR, Outcome.SUGGESTED, at, fingerprint="f" * 32)
    assert listing(numbers, long) == ""
    assert len(data("none", long.id, listing((1234567,) * 3, long))) <= 64
