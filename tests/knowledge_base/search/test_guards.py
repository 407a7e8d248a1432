"""The truth table of the guards: what is a conflict, and what is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search.guards import conflicts

LEVY = (
    "Mulai 1 Desember semua warga Kabupaten Melati wajib membayar iuran jalan Rp50.000 per bulan "
    "lewat RT, yang tidak membayar akan didenda dan tidak boleh mengurus KTP."
)


@pytest.mark.parametrize(
    ("old", "new", "types"),
    [
        ("wajib", "tidak wajib", {"polarity"}),
        ("yang tidak membayar", "yang membayar", {"polarity"}),
        ("50.000", "5.000", {"number"}),
        ("1 Desember", "1 Januari", {"date"}),
        ("Melati", "Kenanga", {"place"}),
        ("semua", "sebagian", {"quantity"}),
        ("wajib", "boleh", {"modality"}),
        ("akan didenda", "sudah didenda", {"modality"}),
    ],
)
def test_one_changed_word_is_a_conflict(old: str, new: str, types: set[str]) -> None:
    found = conflicts(LEVY.replace(old, new), LEVY)
    assert {difference.type for difference in found} == types


@pytest.mark.parametrize(
    "message",
    [
        "Assalamualaikum, tolong sebarkan! " + LEVY.lower() + " Jangan berhenti di kamu",
        "mulai 1/12 smua wrga kab melati wjb bayar iuran jln 50rb per bln lwt RT yg gak bayar "
        "bakal didenda & gak boleh ngurus ktp",
        "bener gak sih mulai desember warga melati wajib bayar iuran jalan 50 ribu?",
        "HOAKS: warga Kabupaten Melati wajib membayar iuran jalan Rp50.000 per bulan.",
    ],
)
def test_the_same_claim_told_otherwise_is_no_conflict(message: str) -> None:
    assert conflicts(message, LEVY) == ()


any_text = st.text(alphabet=st.characters(codec=None, categories=None), max_size=200)


@given(any_text, any_text)
@settings(deadline=None)
def test_no_text_raises(message: str, claim: str) -> None:
    conflicts(message, claim)


@given(any_text)
@settings(deadline=None)
def test_a_text_never_contradicts_itself(text: str) -> None:
    assert conflicts(text, text) == ()
