"""A draft about a refuted rumour: does it repeat the rumour, or may it be putting it right?"""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge_base.search.findings import Decision
from tests.fakes import FakeHouse, spoken
from tests.handlers.callers import answers, finds, said
from tests.handlers.player import FACTS, START

BACK = "Kabar TPS Melati tutup pukul 10.00 saya tarik kembali"


@pytest.mark.parametrize(
    ("claim", "first"),
    [
        ("TPS di Kecamatan Melati tutup pukul 10.00.", "TUNGGU"),
        ("Air minum Melati ditarik kembali karena beracun.", "JANGAN DULU"),
    ],
)
def test_words_of_the_rumour_itself_put_nothing_right(claim: str, first: str) -> None:
    house = FakeHouse(START)
    house.know([replace(FACTS[0], claim=claim)])
    text = BACK if first == "TUNGGU" else "Air minum Melati ditarik kembali karena beracun"
    said_to = answers(house, said(f"cek {text}"), finds(text, Decision.ANSWER, 482))
    assert first in spoken(said_to).splitlines()[0]
