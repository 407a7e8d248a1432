"""Votes, reactions and objections: counted once, never changing a verdict."""

from __future__ import annotations

import pytest

from handlers.messages import Act, Do
from knowledge_base.facts import Told
from knowledge_base.search.findings import Decision
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, finds, house_with_facts, pressed, said


@pytest.fixture
def house() -> FakeHouse:
    house = house_with_facts()
    house.person("ani")
    house.people.tell(Told("p-ani", 482, 1, house.now))
    return house


def votes(house: FakeHouse) -> list[tuple[str, str]]:
    entries = (entry for entry in house.audit.entries if entry[1] == "vote")
    return [(object_, details["vote"]) for _, _, object_, _, details in entries]


def test_a_vote_is_counted_once_without_naming_the_person(house: FakeHouse) -> None:
    for _ in range(3):
        (reply,) = answers(house, pressed("v1|up|482|1"))
        assert reply.do is Do.TOAST
    assert votes(house) == [("fact/482", "up")]
    assert "p-ani" not in str(house.audit.entries)


def test_a_changed_mind_is_a_new_vote(house: FakeHouse) -> None:
    answers(house, pressed("v1|up|482|1"))
    replies = answers(house, pressed("v1|down|482|1"))
    assert votes(house) == [("fact/482", "up"), ("fact/482", "down")]
    assert "v1|wrong|482|" in [b.data for row in replies[-1].buttons for b in row]


@pytest.mark.parametrize("button", ["v1|up|483|1", "v1|up|482|9", "v1|down|²|1", "v1|up||"])
def test_only_who_was_told_that_version_may_vote(house: FakeHouse, button: str) -> None:
    assert "hanya dihitung" in spoken(answers(house, pressed(button)))
    assert votes(house) == []


def test_a_vote_never_changes_a_verdict(house: FakeHouse) -> None:
    before = house.facts.rows[482]
    answers(house, pressed("v1|down|482|1"))
    assert house.facts.rows[482] == before


def test_a_reaction_counts_for_the_answer_it_is_put_on(house: FakeHouse) -> None:
    house.people.tell(Told("p-ani", 483, 1, house.now))
    house.people.sent["p-ani", "b1"] = ((482, 1),)
    assert answers(house, said("👍🏽", act=Act.REACTION, reply_to="b1")) == []
    assert votes(house) == [("fact/482", "up")]


@pytest.mark.parametrize("emoji", ["", "😂", "❤"])
def test_other_reactions_say_nothing(house: FakeHouse, emoji: str) -> None:
    house.people.sent["p-ani", "b1"] = ((482, 1),)
    assert answers(house, said(emoji, act=Act.REACTION, reply_to="b1")) == []
    assert votes(house) == []


@pytest.mark.parametrize("ref", ["", "m1", "b2"])
def test_a_reaction_on_anything_else_is_no_vote(house: FakeHouse, ref: str) -> None:
    house.people.sent["p-ani", "b2"] = ((482, 1), (483, 1))  # of several claims: which one?
    assert answers(house, said("👎", act=Act.REACTION, reply_to=ref)) == []
    assert votes(house) == []


def test_a_typed_thumb_is_a_vote(house: FakeHouse) -> None:
    answers(house, said("👎"))
    assert votes(house) == [("fact/482", "down")]


def test_an_objection_becomes_a_question_for_another_person(house: FakeHouse) -> None:
    answers(house, pressed("v1|wrong|482|"))
    replies = answers(house, said("Di TPS 7 memang tutup jam 10, telepon 081234567890"))
    (question,) = house.questions.open()
    assert question.text == (
        "Keberatan atas nomor 482: Di TPS 7 memang tutup jam 10, telepon [nomor]"
    )
    assert question.code in spoken(replies)


def test_a_corrected_reason_is_still_the_same_objection(house: FakeHouse) -> None:
    answers(house, pressed("v1|wrong|482|"))
    answers(house, said("TPS Melati tutup jam 10", ref="m5"))
    known = finds("TPS Melati tutup pukul 10", Decision.ANSWER, 482)
    mended = said("TPS Melati tutup pukul 10", ref="m5", act=Act.EDIT)
    assert "sudah kami perbarui" in spoken(answers(house, mended, known, "s2"))
    ((number, question),) = house.ports().reviews.open_disputes()
    assert (number, question.wordings[-1]) == (
        482,
        "Keberatan atas nomor 482: TPS Melati tutup pukul 10",
    )
