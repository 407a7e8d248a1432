"""A place in the queue: honest numbers, forwarded-many marks, what was found nearest."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest

from handlers.messages import Act, Outgoing
from handlers.ports import Found, Rules
from knowledge_base.search.findings import Decision, Part, Result
from knowledge_base.search.text import fingerprint
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, asked, finds, house_with_facts, pressed, said
from tests.handlers.player import FACTS, START

CLAIM = "Jembatan Melati roboh tadi malam"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def crowd(house: FakeHouse, people: int) -> None:
    for number in range(people):
        asked(house, CLAIM, f"orang{number}", f"x{number:03d}")


@pytest.mark.parametrize(("people", "hours"), [(8, 30), (30, 23)])
def test_how_many_asked_is_not_told_early_or_of_few(
    house: FakeHouse, people: int, hours: int
) -> None:
    crowd(house, people)
    house.now += timedelta(hours=hours)
    assert "orang sudah menanyakan" not in spoken(answers(house, said(CLAIM)))


def test_how_many_asked_is_told_rounded_after_a_day(house: FakeHouse) -> None:
    crowd(house, 37)
    house.now += timedelta(days=1)
    assert "Lebih dari 30 orang" in spoken(answers(house, said(CLAIM)))


def test_a_much_forwarded_message_says_so_to_the_queue(house: FakeHouse) -> None:
    answers(house, said(CLAIM, forwarded=True, forwarded_many=True))
    assert house.questions.open()[0].forwarded_many == 1


def test_what_was_found_nearest_is_kept_for_the_desk(house: FakeHouse) -> None:
    found = finds(CLAIM, Decision.ASK_HUMAN, 483, 482)
    answers(house, said(CLAIM), found)
    code = house.questions.open()[0].code
    assert house.questions.neighbours(code) == found.result.matches


def test_only_masked_text_reaches_the_queue(house: FakeHouse) -> None:
    answers(house, said(f"{CLAIM}, lapor ke 081234567890 atau budi@contoh.id"))
    question = house.questions.open()[0]
    assert question.text == f"{CLAIM}, lapor ke [nomor] atau [surel]"
    assert question.wordings == (question.text,)


def test_a_message_taken_back_leaves_the_queue(house: FakeHouse) -> None:
    answers(house, said(CLAIM))
    assert answers(house, said(act=Act.REVOKED)) == []
    assert not house.questions.open()
    assert not house.questions.submissions


def several_unknown(text: str) -> Found:
    half = len(text) // 2
    parts = tuple(Part(at, at + half, Decision.ASK_HUMAN, 0.1) for at in (0, half))
    return Found(Result(Decision.ASK_HUMAN, 0.1, parts=parts), fingerprint=fingerprint(text))


def buttons_of(messages: list[Outgoing]) -> list[str]:
    return [each.data for each in chain.from_iterable(messages[-1].buttons)]


def test_a_draft_of_several_unknown_claims_can_be_taken_back(house: FakeHouse) -> None:
    text = f"{CLAIM}. Listrik Kenanga padam dua hari mulai Senin"
    tell, _, drop = buttons_of(answers(house, said(f"cek {text}"), several_unknown(text)))
    assert house.questions.open()
    answers(house, pressed(tell))
    assert house.person("ani").consent
    answers(house, pressed(drop))
    assert not house.questions.open()


@pytest.mark.parametrize("before", ["", "cek "])
def test_where_the_rule_is_a_tap_what_is_left_of_several_claims_asks_for_it(before: str) -> None:
    house = FakeHouse(START, Rules(consent="tap"))
    text = f"{CLAIM}. Listrik Kenanga padam dua hari mulai Senin"
    said_back = answers(house, said(before + text), several_unknown(text))
    yes, _, no = buttons_of(said_back)
    assert "Boleh tim pemeriksa membacanya?" in spoken(said_back)
    assert (yes.split("|")[1], no.split("|")[1]) == ("tell", "no")
    answers(house, pressed(yes))
    assert house.person("ani").consent


def test_where_the_rule_is_a_tap_an_objection_asks_for_it() -> None:
    house = FakeHouse(START, Rules(consent="tap"))
    house.know(FACTS)
    answers(house, pressed("v1|wrong|482|"))
    said_back = answers(house, said("Tanggalnya keliru, bukan 14 Februari"))
    assert [each.split("|")[1] for each in buttons_of(said_back)] == ["tell", "once", "no"]


def test_a_remark_in_the_place_of_a_question_is_no_wording_of_it(house: FakeHouse) -> None:
    code = answers(house, said(CLAIM)) and house.questions.submission("s1").question
    remark = "barusan dapat dari alumni kantor tetangga, kenapa belum dijawab"
    assert answers(house, said(remark, act=Act.EDIT), new_id="s2") == []
    assert house.questions.rows[code].wordings == (CLAIM,)
    corrected = answers(house, said(f"{CLAIM} pukul dua", act=Act.EDIT), new_id="s3")
    assert code in spoken(corrected)
