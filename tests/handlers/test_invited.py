"""Influencers: an invitation works once, and what they write themselves is a draft."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, house_with_facts, said

TOKEN = "a" * 32
DRAFT = "Teman-teman, TPS di Kecamatan Melati tutup pukul 10.00, datang pagi ya."


@pytest.fixture
def house() -> FakeHouse:
    made = house_with_facts()
    made.ports().people.invitations[TOKEN] = "Ani"
    return made


@pytest.mark.parametrize("text", [f"/start inv_{TOKEN}", f"inv_{TOKEN}", f"  inv_{TOKEN}\n"])
def test_the_link_and_the_typed_word_do_the_same(house: FakeHouse, text: str) -> None:
    assert "Anda sudah bergabung" in spoken(answers(house, said(text)))
    assert house.person("ani").influencer
    assert "sebagai influencer" in spoken(answers(house, said("status")))


def test_an_invitation_works_once_and_says_not_why_it_does_not(house: FakeHouse) -> None:
    answers(house, said(f"inv_{TOKEN}"))
    assert "Tempel naskah" in spoken(answers(house, said(f"inv_{TOKEN}")))
    house.ports().people.save(replace(house.person("ani"), influencer=False))
    used = spoken(answers(house, said(f"inv_{TOKEN}")))
    assert "tidak berlaku lagi" in used
    assert spoken(answers(house, said(f"inv_{'b' * 32}"))) == used


@pytest.mark.parametrize("more", [{"forwarded": True}, {"group": True}])
def test_an_invitation_somebody_forwards_or_posts_is_not_used(house: FakeHouse, more) -> None:
    answers(house, said(f"inv_{TOKEN}", **more))
    assert not house.person("ani").influencer
    assert TOKEN in house.ports().people.invitations


def test_what_an_influencer_writes_is_answered_as_a_draft(house: FakeHouse) -> None:
    before = spoken(answers(house, said(DRAFT)))
    answers(house, said(f"inv_{TOKEN}"))
    after = spoken(answers(house, said(DRAFT), new_id="s2"))
    as_draft = spoken(answers(house, said(f"cek {DRAFT}"), new_id="s3"))
    assert after == as_draft != before
    forwarded = spoken(answers(house, said(DRAFT, forwarded=True, ref="m4"), new_id="s4"))
    assert forwarded != after


def test_a_remark_of_an_influencer_is_no_draft(house: FakeHouse) -> None:
    remark = said("barusan dapat dari alumni kantor tetangga, kenapa belum dijawab")
    before = spoken(answers(house, remark)).splitlines()[0]
    answers(house, said(f"inv_{TOKEN}"))
    assert spoken(answers(house, remark, new_id="s2")) == before
    assert not house.questions.rows


def test_an_influencer_who_once_voted_still_gets_drafts(house: FakeHouse) -> None:
    answers(house, said(f"inv_{TOKEN}"))
    as_draft = spoken(answers(house, said(DRAFT, ref="m2"), new_id="s2"))
    person = house.person("ani")
    house.ports().people.save(replace(person, state={"votes": {"482:1": "up"}}))
    other = spoken(answers(house, said(f"{DRAFT} sejak kemarin", ref="m3"), new_id="s3"))
    assert other.splitlines()[0] == as_draft.splitlines()[0] != ""
    assert "Kalimat yang bisa dipakai" in other
