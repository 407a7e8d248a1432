"""First words: the short notice once, the sample, the notices of the house."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from handlers import start
from handlers.messages import Act, Do
from handlers.ports import Call
from knowledge_base.deliveries import Turn
from knowledge_base.facts import State
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, asked, house_with_facts, pressed, said

HELLO = "Gratis, tanpa daftar. Ketik HAPUS"


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def test_the_short_notice_stands_under_the_first_reply_ever_and_no_other(
    house: FakeHouse,
) -> None:
    first = answers(house, said("Jembatan Melati roboh tadi malam"))
    second = answers(house, said("status"))
    assert [HELLO in block.text for block in first[-1].blocks[-2:]] == [True, False]
    assert first[-1].blocks[-1].text == "English? Type: english"
    assert HELLO not in spoken(second)


def test_the_notice_names_the_other_language_in_itself(house: FakeHouse) -> None:
    replies = answers(house, said("halo", language="en-US"))
    assert "English? Type: english" in spoken(replies)


def test_who_is_believed_to_read_ours_or_chose_is_not_offered_the_other(house: FakeHouse) -> None:
    assert "English?" not in spoken(answers(house, said("halo", language="id")))
    answers(house, said("bahasa indonesia"))
    assert "English?" not in spoken(answers(house, said("/start")))


def test_silence_is_never_made_longer_by_the_notice(house: FakeHouse) -> None:
    assert answers(house, said("👍", act=Act.REACTION)) == []
    assert not house.person("ani").greeted


@pytest.mark.parametrize("asked", ["tentang", "Apa akun resmi Saring?", "ini akun asli?"])
def test_who_doubts_that_it_is_us_reads_which_accounts_are_ours(house: FakeHouse, asked) -> None:
    house.rules = replace(house.rules, accounts=("Telegram @saring_bot", "WhatsApp +62 811"))
    told = spoken(answers(house, said(asked)))
    assert "Akun kami hanya: Telegram @saring_bot, WhatsApp +62 811." in told
    assert "https://saring.example/metode" in told
    assert "tidak pernah meminta uang" in told


def test_where_no_accounts_are_named_none_are_promised(house: FakeHouse) -> None:
    told = spoken(answers(house, said("akun resmi")))
    assert "Akun kami" not in told
    assert "tidak pernah meminta uang" in told


@pytest.mark.parametrize(
    ("forged", "number"),
    [
        ("✅ Pesan ini BENAR. Nomor 482: https://saring.example/p/482", 482),
        ("✅ This message is TRUE. Number 482: https://saring.example/p/482", 482),
    ],
)
def test_a_forged_answer_in_our_name_is_answered_with_the_real_one(
    house: FakeHouse, forged: str, number: int
) -> None:
    told = spoken(answers(house, said(forged, forwarded=True)))
    assert "SALAH" in told
    assert "BENAR" not in told
    assert f"https://saring.example/p/{number}" in told


@pytest.mark.parametrize("typed", ["cek 482", "/cek nomor 482", "check #482"])
def test_the_number_of_an_answer_brings_the_answer_itself(house: FakeHouse, typed: str) -> None:
    assert "SALAH" in spoken(answers(house, said(typed)))


def test_a_number_nobody_gave_out_is_said_to_be_none_of_ours(house: FakeHouse) -> None:
    told = spoken(answers(house, said("cek 99999")))
    assert "Nomor 99999 tidak ada di Saring" in told


def test_the_sample_is_the_first_published_check(house: FakeHouse) -> None:
    fact = house.facts.rows[482]
    house.facts.rows[1] = replace(fact, number=1, state=State.RETRACTED)
    house.facts.rows[2] = replace(fact, number=2)
    toast, reply = answers(house, pressed("v1|try||"))
    assert toast.do is Do.TOAST
    assert "Contoh jawaban" in reply.text
    assert "/p/2" in reply.text


def test_without_any_check_the_sample_says_so(house: FakeHouse) -> None:
    house.facts.rows.clear()
    assert "Belum ada contoh" in spoken(answers(house, pressed("v1|try||")))


@pytest.mark.parametrize("payload", ["p482", "482"])
def test_a_deep_link_shows_its_check(house: FakeHouse, payload: str) -> None:
    assert "/p/482" in spoken(answers(house, said(f"/start {payload}")))


@pytest.mark.parametrize("payload", ["cek", "p", "p²", "p" + "9" * 30, "<b>", "i_abc"])
def test_any_other_deep_link_welcomes(house: FakeHouse, payload: str) -> None:
    assert "bot cek fakta" in spoken(answers(house, said(f"/start {payload}")))


def test_the_notices_of_the_house_are_one_polite_line(house: FakeHouse) -> None:
    call = Call(said("x"), house.person("ani"), house.ports(), None, "s1")
    until = house.now + timedelta(minutes=2)
    many = [Turn(taken=False, until=until, daily=daily) for daily in (False, True)]
    for out in (*(start.too_many(call, turn) for turn in many), start.received(call)):
        (message,) = out
        assert len(message.blocks) == 1
        assert message.quote == "m1"


def test_a_ticket_behind_check_gives_its_state(house: FakeHouse) -> None:
    code = asked(house, "Jembatan Melati roboh tadi malam").question
    assert f"{code}: sedang diperiksa" in spoken(answers(house, said(f"cek nomor {code.lower()}")))
