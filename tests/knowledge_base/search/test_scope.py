"""Which words of a message a verdict is about."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.scope import clauses, judged, stretches

CLAIM = "Minum air dingin saat cuaca panas membuat pembuluh darah pecah."
RECORD = (CLAIM, "Air dingin dan pembuluh darah", "Minum air dingin aman bagi tubuh yang panas.")
OTHER = "Gubernur Melati ditangkap karena suap proyek jembatan Kenanga."


@pytest.mark.parametrize(
    "text",
    [f"{OTHER} {CLAIM} Sebarkan!", f"{CLAIM}\n{OTHER}", f"{OTHER[:-1]} dan {CLAIM.lower()}"],
)
def test_another_claim_beside_the_known_one_is_not_judged(text: str) -> None:
    start, end = judged(text, RECORD) or (0, 0)
    assert "air dingin" in text[start:end]
    assert "Gubernur" not in text[start:end]


@pytest.mark.parametrize(
    "text",
    [
        CLAIM,
        f"Assalamualaikum bapak ibu. {CLAIM} Tolong sebarkan ya!",
        "Hati-hati minum air dingin! Pembuluh darah bisa pecah saat cuaca panas.",
        "",
    ],
)
def test_a_message_that_is_all_about_the_claim_is_judged_whole(text: str) -> None:
    assert judged(text, RECORD) is None


def test_a_wording_known_as_a_whole_is_judged_whole() -> None:
    text = f"{OTHER} {CLAIM}"
    assert judged(text, (*RECORD, text)) is None


@pytest.mark.parametrize(
    "text",
    [
        "Gubernur Melati ditangkap, selain itu minum air dingin memecah pembuluh darah",
        "Gubernur Melati ditangkap Selain itu minum air dingin memecah pembuluh darah",
        "Gubernur Melati ditangkap; di samping itu minum air dingin memecah pembuluh darah",
        "1) Gubernur Melati ditangkap 2) minum air dingin memecah pembuluh darah",
        "The governor was arrested, in addition cold water bursts your veins",
    ],
)
def test_a_second_claim_in_the_same_sentence_is_a_stretch_of_its_own(text: str) -> None:
    (_, told), (begins, end) = stretches(text)
    assert told < begins
    assert text[begins:end].lower().startswith(("selain", "di samping", "2)", "in addition"))


@pytest.mark.parametrize(
    "text",
    [
        "Pukul 10 (2 TPS) di Melati ditutup",
        "Iuran berobat di Melati naik dua kali lipat (untuk kelas 3) dan itu tidak benar sama sekali",
        "Bukan selain ituan lagi",
    ],
)
def test_a_number_in_brackets_or_another_word_parts_nothing(text: str) -> None:
    assert stretches(text) == [(0, len(text))]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Tol Melati gratis besok dan PT Kenanga dijual murah", 2),
        ("Tol Melati gratis besok, PT Kenanga dijual murah", 2),
        ("Tol Melati gratis besok sedangkan PT Kenanga dijual murah. Harga beras naik", 3),
        ("Bupati dan wakilnya meresmikan tol Melati", 1),
        ("Tol Melati, Kenanga, dan Seruni", 1),
        ("Harga tol naik jadi Rp8.150, kata warga", 1),
    ],
)
def test_a_sentence_falls_into_the_clauses_that_are_joined(text: str, parts: int) -> None:
    found = [text[start:end] for start, end in clauses(text)]
    assert len(found) == parts
    assert not any(part.startswith(("dan ", "sedangkan ", ",")) for part in found)


def test_news_behind_but_is_not_judged() -> None:
    text = f"{CLAIM[:-1]} sedangkan gubernur Melati ditangkap karena suap jembatan"
    start, end = judged(text, RECORD) or (0, 0)
    assert text[start:end] == CLAIM[:-1]


@given(st.text(max_size=300), st.lists(st.text(max_size=60), max_size=3))
def test_any_text_gives_a_stretch_of_itself_or_nothing(text: str, wordings: list[str]) -> None:
    found = judged(text, wordings)
    assert found is None or 0 <= found[0] < found[1] <= len(text)
    for pieces in (stretches(text), clauses(text)):
        assert all(text[start:end].strip() == text[start:end] for start, end in pieces)
