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


def test_what_is_scattered_over_sentences_is_not_told_together() -> None:
    assert sign("together", CLAIM) == pytest.approx(1)
    assert sign("together", f"Halo semua. {CLAIM}, panen raya") == pytest.approx(1)
    scattered = "Warga Kota Melati rapat. Bibit cabai murah. Jangan taruh pot beracun di apartemen."
    assert sign("together", scattered) < 0.6
    assert sign("together", "Halo semua") == 0


def test_words_that_change_places_are_told_by_their_order() -> None:
    turned = "Pot apartemen beracun ditanam cabai bibit oleh Melati Kota Warga"
    assert sign("inverted", CLAIM) == 0 < sign("inverted", turned)
    assert sign("adjacent", CLAIM) == 1 > sign("adjacent", turned)
    assert sign("aligned", CLAIM) == 1 > sign("aligned", CLAIM[:20])


def test_names_and_figures_lost_and_new_are_counted() -> None:
    other = "The Home Secretary signed a deal to house 40 migrants in Bristol's closed schools"
    assert sign("new_values", other, ENGLISH) == 1
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
        (
            "shifting",
            "Former mayor of Leeds signed a deal to house 4,000 migrants in closed schools",
        ),
        ("single", "Mayor of Leeds signed a deal to house 4,000 migrants in one closed school"),
    ],
)
def test_what_makes_another_statement_is_counted(name: str, message: str) -> None:
    assert sign(name, message, ENGLISH) > 0 == sign(name, ENGLISH, ENGLISH)


def test_a_body_is_not_taken_for_another_by_its_letters() -> None:
    claim = "MUI menyatakan perdagangan kripto haram bagi pegawai negeri"
    assert sign("lost", claim.replace("MUI", "Muhammadiyah"), claim) > 0
    assert sign("lost", claim, claim) == 0


def test_an_office_of_the_list_is_no_slip_of_another() -> None:
    claim = "Ketua RT di Kota Melati dilaporkan warga karena menjual data"
    assert sign("lost", claim.replace("RT", "RW"), claim) > 0
    assert sign("exchanged", claim.replace("RT", "RW"), claim) > 0


def test_all_of_it_lost_counts() -> None:
    claim = ENGLISH.replace("closed", "all closed")
    assert sign("less_all", ENGLISH, claim) == 1
    assert sign("less_all", claim, claim) == sign("less_all", claim, ENGLISH) == 0


def test_words_of_other_sentences_shift_nothing_and_a_debunk_shifts_none() -> None:
    assert sign("shifting", f"Dulu pernah besok. {CLAIM}") == 0
    assert sign("shifting", f"HOAKS: tidak, {CLAIM}") == 0
    assert sign("shifting", f"{CLAIM} besok") == 1


def test_runs_of_lost_and_new_words_are_measured_together() -> None:
    scattered = CLAIM.replace("menanam", "menanam kelapa").replace("beracun", "beracun kemarau")
    together = CLAIM.replace("menanam", "menanam kelapa kemarau")
    assert sign("new", scattered) == pytest.approx(sign("new", together))
    assert 0 < sign("new_run", scattered) < sign("new_run", together)
    assert sign("new_length", scattered) == 1 < sign("new_length", together) == 2
    assert sign("new_behind", together) == 0 < sign("new_behind", f"{CLAIM} kelapa")
    apart = CLAIM.replace("menanam ", "").replace("beracun ", "")
    assert 0 < sign("lost_run", apart) < sign("lost_run", CLAIM.replace("menanam bibit ", ""))


def test_a_new_run_with_a_name_counts_apart_and_clauses_part_the_others() -> None:
    assert sign("new_named", f"{CLAIM} kelapa") == 0 < sign("new_named", f"{CLAIM} di Wonogiri")
    parted = f"{CLAIM} kelapa, kemarau"
    assert sign("new_behind", parted) > sign("new_run", parted) == sign("new_most", parted) > 0


def test_words_that_two_sentences_have_are_those_beside_the_claim() -> None:
    greeting = f"Halo warga semua. {CLAIM.replace('Warga', 'warga')}"
    assert sign("adjacent", greeting) == 1
    assert (
        sign("broken", greeting) == 0 < sign("broken", "Di pot cabai beracun menanam bibit warga")
    )


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
