"""What the scorecard looks at: how a message and a claim differ, as numbers."""

from __future__ import annotations

import pytest

from knowledge_base.search.reading import read
from knowledge_base.search.signs import NAMES, STRETCH, signs
from tests.knowledge_base.search.test_paraphrase import CLAIM, entry, equally

ENGLISH = "Mayor of Leeds signed a deal to house 4,000 migrants in closed schools"


def sign(name: str, message: str, claim: str = CLAIM) -> float:
    return signs(read(message), entry(("claim", claim)), equally)[NAMES.index(name)]


def test_what_fills_a_slot_counts_as_exchanged_as_far_as_something_is_lost_for_it() -> None:
    assert sign("exchanged", CLAIM) == 0
    assert sign("exchanged", CLAIM.replace("cabai", "ganja")) == pytest.approx(1 / 8, abs=0.03)
    assert sign("exchanged", CLAIM.replace("cabai ", "")) == 0
    assert sign("exchanged", CLAIM.replace("cabai", "cabai rawit merah")) == 0


def test_the_same_word_in_another_form_or_place_is_not_exchanged() -> None:
    assert sign("exchanged", CLAIM.replace("menanam", "nanam")) == 0
    assert sign("exchanged", "Beracun! Bibit cabai ditanam warga Kota Melati di pot apartemen") == 0


def test_a_slip_in_a_word_that_is_usually_spelt_otherwise_is_not_exchanged() -> None:
    claim = "Foto truk militer Tiongkok parkir di pelabuhan Kota Melati"
    assert sign("exchanged", claim.replace("Tiongkok", "tionkok"), claim) == 0
    assert sign("exchanged", claim.replace("Tiongkok", "Amerika"), claim) > 0


def test_what_is_lost_is_weighed_and_what_is_new_counted_where_the_claim_is_told() -> None:
    assert sign("lost", CLAIM) == sign("new", CLAIM) == 0
    assert sign("lost", CLAIM.replace("cabai ", "")) == pytest.approx(1 / 8, abs=0.03)
    behind = f"{CLAIM}, panen raya kemarin sore"
    beside = f"Panen raya kemarin sore ramai. {CLAIM}"
    assert sign("new", behind) > 0 == sign("new", beside)
    assert sign("inside", behind) == 0
    assert sign("inside", CLAIM.replace("bibit", "ratusan karung bibit unggul")) > 0


def test_words_that_change_places_are_told_by_their_order() -> None:
    turned = "Pot apartemen beracun ditanam cabai bibit oleh Melati Kota Warga"
    assert sign("inverted", CLAIM) == 0 < sign("inverted", turned)
    assert sign("adjacent", CLAIM) == 1 > sign("adjacent", turned)
    assert sign("aligned", CLAIM) == 1 > sign("aligned", CLAIM[:20])


def test_names_and_figures_lost_and_new_are_counted() -> None:
    other = "The Home Secretary signed a deal to house 40 migrants in Bristol's closed schools"
    assert sign("lost_values", other, ENGLISH) == sign("new_values", other, ENGLISH) == 1
    assert sign("other_values", other, ENGLISH) == 1
    assert sign("new_names", other, ENGLISH) > 0 == sign("new_names", ENGLISH, ENGLISH)
    assert sign("other_values", ENGLISH, ENGLISH) == 0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("negated", "Mayor of Leeds never signed a deal to house 4,000 migrants in closed schools"),
        ("negations", "Mayor of Leeds didn't sign a deal to house 4,000 migrants in schools"),
        ("modalities", "Mayor of Leeds may sign a deal to house 4,000 migrants in closed schools"),
        ("quantities", "Mayor of Leeds signed a deal to house only some migrants in schools"),
        ("turning", "If Mayor of Leeds signed a deal to house 4,000 migrants in closed schools"),
        ("replaced", "Mayor of Leeds hated a deal to house 4,000 migrants in closed schools"),
    ],
)
def test_what_makes_another_statement_is_counted(name: str, message: str) -> None:
    assert sign(name, message, ENGLISH) > 0 == sign(name, ENGLISH, ENGLISH)


def test_a_body_is_not_taken_for_another_by_its_letters() -> None:
    claim = "MUI menyatakan perdagangan kripto haram bagi pegawai negeri"
    assert sign("lost_names", claim.replace("MUI", "Muhammadiyah"), claim) == 1
    assert sign("lost_names", claim, claim) == 0


def test_of_long_texts_the_opening_of_the_shorter_one_is_looked_for_in_the_other() -> None:
    lead, tail = f"{CLAIM}. " * 9, "Panen raya kemarin sore ramai sekali. " * 9
    assert len(lead) > STRETCH
    assert sign("partial_ratio", lead + tail, lead + tail[::-1]) == 1
    assert sign("partial_ratio", lead[: STRETCH // 2] + tail, lead + tail[::-1]) < 1


@pytest.mark.parametrize("message", ["", "🙏", "a" * 5000, "?!" * 3000, "cabai " * 2000])
def test_any_text_has_signs(message: str) -> None:
    for claim in (CLAIM, "🙏", "a" * 3000):
        row = signs(read(message), entry(("claim", claim)), equally)
        assert len(row) == len(NAMES)
        assert all(-9 < value < 3000 for value in row)
