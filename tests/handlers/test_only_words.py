"""The same words under another picture: a verdict covers the words, and says so (H8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import mistaken, moderate, notify
from handlers.messages import Media
from handlers.texts import say
from knowledge_base.facts import Outcome, Submission, Told, Verdict
from knowledge_base.search.findings import Decision
from tests.fakes import SARI, FakeHouse, spoken
from tests.handlers.callers import answers, finds, house_with_facts, pressed, said
from tests.handlers.test_moderate import DRAFT
from tests.handlers.test_several import TEXT, three_claims

HOAX = "TPS di Kecamatan Melati tutup pukul 10 pagi"
PICTURE = (Media("image", "file"),)
ONLY = say("id", "answer.only_text")


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def answered(house: FakeHouse, media: tuple[Media, ...] = PICTURE) -> str:
    return spoken(answers(house, said(HOAX, media=media), finds(HOAX, Decision.ANSWER, 482)))


def test_a_verdict_at_once_covers_the_words_only(house: FakeHouse) -> None:
    """H8: the caption is known, the picture may be any."""
    assert ONLY in answered(house)


def test_a_message_of_words_alone_hears_nothing_of_pictures(house: FakeHouse) -> None:
    """H8: the sentence stands only where something came with the words."""
    assert ONLY not in answered(house, ())


def test_so_does_each_verdict_of_several_claims(house: FakeHouse) -> None:
    """H8: said once for the whole reply."""
    told = spoken(answers(house, said(TEXT, media=PICTURE), three_claims()))
    assert told.count(ONLY) == 1


def test_so_do_verdicts_that_contradict_each_other(house: FakeHouse) -> None:
    """H8: two fact-checkers, one picture nobody looked at."""
    house.facts.rows[483] = replace(house.facts.rows[483], verdict=Verdict.TRUE)
    house.facts.pairs.append(frozenset({482, 483}))
    assert ONLY in answered(house)


def test_so_does_what_they_chose_themselves(house: FakeHouse) -> None:
    """H8: the picture came with the message, the tap comes later."""
    found = finds(HOAX, Decision.SUGGEST, 482, 483)
    [offer] = answers(house, said(HOAX, media=PICTURE), found)
    tap = next(b.data for row in offer.buttons for b in row if "|482" in b.data)
    assert ONLY in spoken(answers(house, pressed(tap)))


def test_so_does_the_answer_of_a_person(house: FakeHouse) -> None:
    """H8: the desk sees that a picture came, never the picture."""
    answers(house, said("Kabar baru soal pasar Melati yang ditutup", media=PICTURE))
    [code] = house.questions.rows
    moderate.answer_question(house.ports(), SARI, code, 1, DRAFT)
    [told] = notify.tell_askers(house.ports(), code)
    assert ONLY in told.text


def test_so_does_an_answer_in_place_of_a_wrong_one(house: FakeHouse) -> None:
    """H8: a wording was taken back, and another fact-check is what the message asks about."""
    asked = Submission("s1", house.person("ani").id, HOAX, Outcome.ANSWERED, house.now, "m1")
    house.questions.note(replace(asked, fact_number=482, media=("image",)))
    house.people.tell(Told("p-ani", 482, 1, house.now, "s1"))
    told = mistaken.tell(house.ports(), 482, "s1", finds(HOAX, Decision.ANSWER, 484))
    assert ONLY in spoken(told)
