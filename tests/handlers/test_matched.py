"""What was found is read again: only what is published now, and by its number, is used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from handlers import notify
from handlers.matched import Known, holding, how_to_speak, near, read, remember
from handlers.ports import Found
from knowledge_base.facts import State, Verdict
from knowledge_base.search.findings import Decision, Difference, Match, Result, Stance, Why
from tests.fakes import FakeHouse
from tests.handlers.callers import answers, asked, house_with_facts, pressed, said
from tests.handlers.player import FACTS


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def found(*ids: str, decision: Decision = Decision.ANSWER, stance: Stance = Stance.CLAIM) -> Result:
    matches = tuple(Match(each, 0.9) for each in ids)
    return Result(decision, 0.9, stance, matches)


def numbers(house: FakeHouse, result: Result) -> list[int]:
    return [known.fact.number for known in read(house.facts, result).known]


def merged(house: FakeHouse, number: int, into: int) -> None:
    gone = replace(house.facts.rows[number], state=State.RETRACTED, replaced_by=into)
    house.facts.rows[number] = gone


def test_a_number_leads_to_the_end_of_its_merges(house: FakeHouse) -> None:
    merged(house, 482, 483)
    merged(house, 483, 484)
    assert [holding(house.facts, n).number for n in (482, 483, 484)] == [484] * 3
    merged(house, 484, 482)
    assert holding(house.facts, 482) is None
    assert holding(house.facts, 999) is None


def test_a_merged_number_is_told_by_what_took_its_place(house: FakeHouse) -> None:
    merged(house, 482, 483)
    merged(house, 483, 484)
    [told] = answers(house, said("/cek 482"))
    assert told.fact == (484, 1)


def test_askers_hear_the_end_of_two_merges(house: FakeHouse) -> None:
    code = asked(house, "TPS Melati tutup").question
    house.ports().questions.settle(code, 482, "sari", 1)
    merged(house, 482, 483)
    merged(house, 483, 484)
    assert [m.fact for m in notify.tell_askers(house.ports(), code)] == [(484, 1)]


def test_matches_are_read_by_number_once_each(house: FakeHouse) -> None:
    assert numbers(house, found("482", "483", "482")) == [482, 483]


def test_an_importers_numeric_identity_is_never_taken_for_a_number(house: FakeHouse) -> None:
    house.facts.rows[483] = replace(house.facts.rows[483], identity="482")
    assert numbers(house, found("482")) == [482]


def test_an_answer_whose_first_match_is_gone_is_only_a_suggestion(house: FakeHouse) -> None:
    house.facts.rows[482] = replace(house.facts.rows[482], state=State.RETRACTED)
    assert read(house.facts, found("482", "483")).decision is Decision.SUGGEST
    assert read(house.facts, found("482")).decision is Decision.ASK_HUMAN


def test_an_answer_that_differs_in_something_is_never_given(house: FakeHouse) -> None:
    match = Match("482", 0.99, Why(differ=(Difference("date", "27 November", "14 Februari"),)))
    reading = read(house.facts, Result(Decision.ANSWER, 0.99, matches=(match,)))
    assert reading.decision is Decision.SUGGEST


def test_a_debunk_of_something_that_holds_is_no_answer(house: FakeHouse) -> None:
    assert read(house.facts, found("484", stance=Stance.DEBUNK)).decision is Decision.SUGGEST
    assert read(house.facts, found("482", stance=Stance.DEBUNK)).decision is Decision.ANSWER


def test_a_repeat_of_a_claim_that_denies_something_is_no_debunk_of_it(house: FakeHouse) -> None:
    denial = "Bupati Melati membantah tudingan menjual aset desa"
    house.facts.rows[482] = replace(house.facts.rows[482], claim=denial)
    reading = read(house.facts, found("482", stance=Stance.DEBUNK))
    assert (reading.decision, reading.stance) == (Decision.ANSWER, Stance.QUESTION)
    house.facts.rows[482] = replace(house.facts.rows[482], verdict=Verdict.TRUE)
    assert read(house.facts, found("482", stance=Stance.DEBUNK)).decision is Decision.SUGGEST


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("vaksin berisi cip", Stance.CLAIM),
        ("bener gak sih vaksin berisi cip?", Stance.CLAIM),
        ("HOAKS: vaksin berisi cip", Stance.QUESTION),
        ("Meski Kemenkes membantah, vaksin berisi cip", Stance.QUESTION),
    ],
)
def test_a_chosen_verdict_on_what_may_be_a_debunk_speaks_of_that_claim(
    text: str, spoken: Stance
) -> None:
    assert how_to_speak(text) is spoken


def test_choices_are_near_the_best_and_without_conflict() -> None:
    conflict = Why(differ=(Difference("date", "a", "b"),))
    candidates = [
        Known(FACTS[0], Match("482", 0.6)),
        Known(FACTS[1], Match("483", 0.5, conflict)),
        Known(FACTS[2], Match("484", 0.1)),
    ]
    assert [known.fact.number for known in near(candidates)] == [482]


def test_dialogue_state_is_kept_and_forgotten_key_by_key(house: FakeHouse) -> None:
    house.person("ani")
    remember(house.people, "p-ani", menu={"1": "x"}, votes={})
    remember(house.people, "p-ani", menu=None)
    remember(house.people, "p-nobody", menu={})
    assert house.person("ani").state == {"votes": {}}


@pytest.fixture
def opposed(house: FakeHouse) -> FakeHouse:
    """482 says false, 483 of another house says the same claim is true."""
    claim, row = house.facts.rows[482].claim, house.facts.rows[483]
    house.facts.rows[483] = replace(
        row, claim=claim, verdict=Verdict.TRUE, publisher="Redaksi Lain", fact="Memang tutup."
    )
    house.facts.pairs = [frozenset({482, 483})]
    return house


def test_where_two_checkers_disagree_both_are_shown_and_neither_chosen(opposed: FakeHouse) -> None:
    call = said("TPS Melati tutup pukul 10")
    [reply] = answers(opposed, call, Found(found("482")))
    for words in ("berbeda pendapat", "SALAH", "BENAR, menurut Redaksi Lain", "/p/482", "/p/483"):
        assert words in reply.text, words
    assert {reply.fact, *reply.more_facts} == {(482, 1), (483, 1)}
    assert opposed.questions.open() == ()
    [again] = answers(opposed, replace(call, ref="m2"), Found(found("482")), "s2")
    assert "berbeda pendapat" in again.text


def test_whoever_meant_neither_of_two_verdicts_gets_to_a_person(opposed: FakeHouse) -> None:
    [reply] = answers(opposed, said("TPS Melati tutup pukul 10"), Found(found("482")))
    [row] = reply.buttons
    *_, waiting = answers(opposed, pressed(row[0].data), Found(found("482")))
    assert len(opposed.questions.open()) == 1
    assert "/p/483" not in waiting.text


@pytest.mark.parametrize("change", [{"verdict": Verdict.MISLEADING}, {"state": State.RETRACTED}])
def test_a_twin_that_does_not_say_the_opposite_changes_nothing(
    opposed: FakeHouse, change: dict
) -> None:
    opposed.facts.rows[483] = replace(opposed.facts.rows[483], **change)
    assert read(opposed.facts, found("482")).decision is Decision.ANSWER


def test_once_somebody_said_they_are_two_the_answer_is_given(opposed: FakeHouse) -> None:
    assert read(opposed.facts, found("482")).opposed is not None
    opposed.facts.pairs = []
    assert read(opposed.facts, found("482")).decision is Decision.ANSWER
