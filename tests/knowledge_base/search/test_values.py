"""Reading numbers, money, times, dates and elections out of Indonesian and English text."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.agreement import agree
from knowledge_base.search.numerals import Slips, cuts, decimal
from knowledge_base.search.values import Kind, Value, holds_none, read_values


def one(text: str, today: date | None = None) -> Value:
    (value,) = read_values(text, today)
    return value


@pytest.mark.parametrize(
    ("text", "kind", "amount", "unit"),
    [
        ("1,5 juta", Kind.NUMBER, 1_500_000, ""),
        ("1.5 million", Kind.NUMBER, 1_500_000, ""),
        ("Rp 600 rb", Kind.MONEY, 600_000, "rupiah"),
        ("Rp50.000", Kind.MONEY, 50_000, "rupiah"),
        ("Rp. 900.000,-", Kind.MONEY, 900_000, "rupiah"),
        ("Rp 2,5 M", Kind.MONEY, 2_500_000_000, "rupiah"),
        ("seratus juta rupiah", Kind.MONEY, 100_000_000, "rupiah"),
        ("$80 million", Kind.MONEY, 80_000_000, "dollar"),
        ("50rb", Kind.NUMBER, 50_000, ""),
        ("dua puluh tujuh", Kind.NUMBER, 27, ""),
        ("twenty seven", Kind.NUMBER, 27, ""),
        ("dua ratus lima puluh ribu orang", Kind.NUMBER, 250_000, "person"),
        ("three hundred thousand people", Kind.NUMBER, 300_000, "person"),
        ("seratus dua puluh tiga", Kind.NUMBER, 123, ""),
        ("3 hari", Kind.NUMBER, 3 * 86_400, "second"),
        ("72 jam", Kind.NUMBER, 3 * 86_400, "second"),
        ("2 tahun", Kind.NUMBER, 24, "month"),
        ("12 persen", Kind.PERCENT, 12, ""),
        ("12%", Kind.PERCENT, 12, ""),
        ("pukul 13.00 WIB", Kind.TIME, 780, "wib"),
        ("jam 1 siang", Kind.TIME, 780, ""),
        ("1 pm", Kind.TIME, 780, ""),
        ("13:00", Kind.TIME, 780, ""),
        ("jam 12 malam", Kind.TIME, 0, ""),
        ("putaran kedua", Kind.ORDINAL, 2, "round"),
        ("dosis ke-3", Kind.ORDINAL, 3, "dose"),
        ("the 2nd round", Kind.ORDINAL, 2, "round"),
        ("Tahap IV", Kind.ORDINAL, 4, "phase"),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, kind: Kind, amount: float, unit: str) -> None:
    value = one(text)
    assert (value.kind, value.amount, value.unit) == (kind, amount, unit)


@pytest.mark.parametrize(
    ("text", "year", "month", "day"),
    [
        ("27 November", None, 11, 27),
        ("27 Nov 2024", 2024, 11, 27),
        ("27/11", None, 11, 27),
        ("27-11-2024", 2024, 11, 27),
        ("2024-11-27", 2024, 11, 27),
        ("November 27th, 2024", 2024, 11, 27),
        ("dua puluh tujuh November", None, 11, 27),
        ("tanggal 27", None, None, 27),
        ("tgl 27/11", None, 11, 27),
        ("Desember", None, 12, None),
        ("November 2024", 2024, 11, None),
        ("tahun 2024", 2024, None, None),
    ],
)
def test_a_date_is_read_as_far_as_it_is_given(
    text: str, year: int | None, month: int | None, day: int | None
) -> None:
    value = one(text)
    assert (value.kind, value.year, value.month, value.day) == (Kind.DATE, year, month, day)


def test_a_range_of_days_gives_both_days() -> None:
    first, last = read_values("tanggal 27-28 November 2024")
    assert (first.day, first.month, last.day, last.year) == (27, 11, 28, 2024)


def test_tomorrow_becomes_a_date_when_the_day_of_writing_is_known() -> None:
    value = one("besok", date(2024, 11, 26))
    assert (value.year, value.month, value.day) == (2024, 11, 27)
    assert one("besok").day is None


@pytest.mark.parametrize(
    ("text", "unit", "year"),
    [
        ("Pilpres 2024", "pilpres", 2024),
        ("Pilkada serentak 2024", "pilkada", 2024),
        ("the 2024 presidential election", "pilpres", 2024),
        ("pemilihan gubernur", "pilgub", None),
    ],
)
def test_an_election_is_read_with_its_year(text: str, unit: str, year: int | None) -> None:
    value = next(v for v in read_values(text) if v.kind is Kind.ELECTION)
    assert (value.unit, value.year) == (unit, year)


@pytest.mark.parametrize("text", ["²", "covid-19", "h5n1", "satu-satunya", "salah satu", "1.2.3.4"])
def test_what_is_no_amount_gives_no_value(text: str) -> None:
    assert read_values(text) == ()


@pytest.mark.parametrize(
    ("one_text", "other_text", "same"),
    [
        ("27 November", "27/11/2024", True),
        ("27 November", "28 November", False),
        ("Rp50.000", "50 ribu", True),
        ("Rp50.000", "Rp5.000", False),
        ("3 hari", "72 jam", True),
        ("3 hari", "3 bulan", False),
        ("12 persen", "12 orang", None),
        ("1,5 juta", "1.487.250", True),
        ("jam 7", "19.00 WIB", True),
        ("07.00 WIB", "09.00 WIT", True),
        ("07.00 WIB", "08.00 WIB", False),
        ("Pilpres 2024", "Pilpres 2019", False),
        ("Pemilu 2024", "Pilpres 2024", None),
        ("Pilkada 2024", "Pilpres 2024", False),
        ("putaran pertama", "putaran kedua", False),
        ("Senin", "Selasa", False),
        ("besok", "hari ini", False),
    ],
)
def test_two_values_agree_contradict_or_cannot_be_compared(
    one_text: str, other_text: str, same: bool | None
) -> None:
    assert agree(one(one_text), one(other_text)) is same
    assert agree(one(other_text), one(one_text)) is same


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=300))
def test_reading_never_raises_and_spans_lie_in_the_text(text: str) -> None:
    for value in read_values(text):
        assert 0 <= value.start < value.end <= len(text)


@given(st.text(alphabet="0123456789.,:/- rpjutaribknovember", max_size=80))
def test_digits_and_signs_in_any_order_are_survived(text: str) -> None:
    read_values(text)
    decimal(text or "0")


@given(st.integers(min_value=0, max_value=10**12))
def test_grouped_digits_mean_the_same_either_way(number: int) -> None:
    dotted = f"{number:,}".replace(",", ".")
    assert decimal(dotted) == decimal(f"{number:,}") == number


KNOWN = ("persen", "november", "kilometer", "rupiah")
WORDS = (
    "vaksin",
    "di",
    "tiga",
    "Puluh",
    "BESOK",
    "separuh",
    "VII",
    "kedua",
    "mei",
    "$",
    "ratus",
    "5",
)


@given(st.sampled_from(KNOWN), st.integers(0, 9), st.sampled_from("aeinprz "), st.booleans())
def test_a_slip_is_undone_as_if_every_way_were_tried(
    word: str, at: int, letter: str, swapped: bool
) -> None:
    begin, end = word[:at], word[at:]
    slipped = begin + end[1:2] + end[:1] + end[2:] if swapped else begin + letter + end
    tried = next((cut for cut in cuts(slipped) if cut in KNOWN), "")
    assert Slips(KNOWN).undone(slipped) == tried


def test_other_words_are_left_as_they_are() -> None:
    assert [Slips(KNOWN).undone(word) for word in ("vaksin", "person", "percent")] == ["", "", ""]


@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_a_text_said_to_have_no_value_has_none(words: list[str]) -> None:
    text = " ".join(words)
    assert not (holds_none(text, text.casefold().split()) and read_values(text))


def test_most_claims_are_said_to_have_no_value() -> None:
    assert holds_none("vaksin berisi cip", ["vaksin", "berisi", "cip"])
    assert not holds_none("jum'at vaksin", ["jum'at", "vaksin"])
