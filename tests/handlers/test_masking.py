"""What belongs to a person is hidden before a text is kept; what a claim is about stays."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.masking import mask

HIDDEN = [
    ("Hubungi 0812-3456-7890 segera", "Hubungi [nomor] segera"),
    ("WA +62 812 3456 7890", "WA [nomor]"),
    ("0 8 1 2 3 4 5 6 7 8 9 0", "[nomor]"),
    ("telp (021) 7654321", "telp [nomor]"),
    ("telepon 081234567890/087654321098", "telepon [nomor]/[nomor]"),
    ("klik wa.me/6281234567890?text=halo", "klik wa.me/[nomor]?text=halo"),
    ("call +44 7911 123456 now", "call [nomor] now"),
    ("٠٨١٢٣٤٥٦٧٨٩٠", "[nomor]"),
    ("0812\u200b3456\u200b7890", "[nomor]"),
    ("NIK 3273012345670001", "NIK [nomor]"),
    ("KTP 3273 0123 4567 0001", "KTP [nomor]"),
    ("NPWP 12.345.678.9-012.000", "NPWP [nomor]"),
    ("rek BCA 123-456-7890 a.n. Budi", "rek BCA [nomor] a.n. Budi"),
    ("no rekening 1234567", "no rekening [nomor]"),
    ("transfer ke 1234567890123", "transfer ke [nomor]"),
    ("OTP anda 482913", "OTP anda [nomor]"),
    ("kirim ke budi.s@contoh.co.id ya", "kirim ke [surel] ya"),
    ("rumahnya Jl. Melati No. 12 RT 03/RW 05", "rumahnya [alamat] [alamat]"),
    ("alamat Gang Mawar II no 7b", "alamat [alamat]"),
    ("he lives at 12 Main Street", "he lives at [alamat]"),
    ("mobil B 1234 XYZ menabrak", "mobil [pelat] menabrak"),
    ("plat AB4321CD", "plat [pelat]"),
]

KEPT = [
    "dana Rp1.000.000.000 dan Rp 5000000000 cair",
    "204.807.222 pemilih terdaftar",
    "TPS buka pukul 07.00-13.00 WIB",
    "jam 08.00-12.00 13.00",
    "tanggal 14-02-2024 atau 2024-02-14 atau 14/02/2024",
    "Pemilu 2019-2024 dan Pilkada 2024",
    "hubungi 119, 110 atau 14045",
    "UU Nomor 27 Tahun 2022 pasal 57",
    "Jalan Sudirman macet total",
    "warga RT 05 kerja bakti",
    "KM 50 TOL Cikampek",
    "vaksin Covid-19 dosis 3",
    "https://www.facebook.com/100012345678901/posts/1234567890123",
    "dana desa 2024 sebesar 1.200.000",
    "gempa magnitudo 6,7 pukul 12:30",
]


@pytest.mark.parametrize(("text", "masked"), HIDDEN)
def test_what_points_at_a_person_is_hidden(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize("text", KEPT)
def test_what_a_claim_is_about_stays(text: str) -> None:
    assert mask(text) == text


@given(st.text(st.characters(exclude_categories=[]), max_size=300))
def test_any_text_can_be_masked_and_masking_twice_changes_nothing(text: str) -> None:
    assert mask(mask(text)) == mask(text)


@given(st.from_regex(r"\A08[0-9]{8,11}\Z"), st.text("abc ,\n", max_size=20))
def test_no_mobile_number_survives_whatever_stands_around_it(number: str, around: str) -> None:
    masked = mask(f"{around} {number} {around}")
    assert not re.search(r"\d{5}", masked)


@given(st.lists(st.sampled_from(["0", "8", "62", "-", " ", "jl ", "no ", "rek ", "@", "."])))
def test_pieces_of_numbers_in_any_order_never_raise(pieces: list[str]) -> None:
    assert isinstance(mask("".join(pieces)), str)
