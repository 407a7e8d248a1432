"""A short claim is told when all of it is said; near-alike questions are not one."""

from __future__ import annotations

import pytest

from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Record
from knowledge_base.search.telling import nearly, same_words, tells
from knowledge_base.search.text import normalise
from tests.knowledge_base.search.fakes import MemorySource

ELEPHANT = "Gajah kebun binatang Dahlia mencuri payung satpam"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("gajah kebon binatang dahlia nyuri payung satpam", True),
        ("Info grup sebelah: payung satpam dicuri gajah kebun binatang Dahlia", True),
        ("Gajah kebun binatang Dahlia mencuri payung", True),
        ("Gajah kebun binatang Dahlia mencuri sepeda satpam", False),
        ("Gajah kebun binatang Dahlia batal mencuri payung satpam", False),
        ("Satpam kebun binatang Dahlia merawat gajah", False),
        ("Gajah kebun binatang Dahlia", False),
    ],
)
def test_a_short_claim_is_told_by_all_its_words(text: str, told: bool) -> None:
    finder = Finder(MemorySource(Record("gajah", ELEPHANT)))
    _, compared = finder.examine(text)
    assert tells(normalise(text), compared.entries[0]) is told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Payung satpam digondol gajah di kebun binatang Dahlia", True),
        ("Gajah kebun binatang Dahlia mencuri sepeda", True),
        ("Gajah kebun binatang Melati", False),
        ("Harga beras naik lagi", False),
    ],
)
def test_a_short_claim_is_nearly_told_by_more_than_half_of_it(text: str, said: bool) -> None:
    _, compared = Finder(MemorySource(Record("gajah", ELEPHANT))).examine(ELEPHANT)
    assert nearly(normalise(text), compared.entries[0]) is said


def test_a_claim_of_a_few_words_is_never_nearly_told() -> None:
    _, compared = Finder(MemorySource(Record("few", "Gajah mencuri payung"))).examine("Gajah")
    assert not nearly(normalise("Gajah mencuri payung"), compared.entries[0])


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("payung satpam dicuri gajah kebun binatang dahlia ya 0042 🔥", True),
        ("Gajah kebon binatang Dahlia nyuri payung satpam!!!", True),
        ("Gajah kebun binatang Dahlia mencuri payung satpam besar", False),
        ("Gajah kebun binatang Dahlia mencuri payung", False),
        ("kata " * 5_000, False),
        ("😂", False),
    ],
)
def test_the_same_words_in_any_order_and_spelling(text: str, same: bool) -> None:
    _, compared = Finder(MemorySource(Record("gajah", ELEPHANT))).examine(ELEPHANT)
    assert same_words(normalise(text), compared.entries[0]) is same


@pytest.mark.parametrize(
    ("asked", "again", "one"),
    [
        ("Air keran di Kampung Delima mendadak berisi sirup jambu",
         "Air keran di Kampung Delima berisi kopi hitam panas", False),
        ("Bupati Melati kirim bantuan beras ke Pulau Seruni",
         "Bupati Melati kirim bantuan perahu ke Pulau Seruni", False),
        ("Lurah Teratai akan menutup pasar ikan",
         "Lurah Teratai membatalkan rencana menutup pasar ikan", False),
        ("Warga Melati meninggal dalam kecelakaan bus di Teluk Seruni",
         "Warga Melati dalam kecelakaan bus di Teluk Seruni", False),
        ("Bupati Melati kirim bantuan beras ke Pulau Seruni besok pagi",
         "Bupati Melati curi bantuan beras di Pulau Seruni besok pagi", False),
        ("Kalau bupati Melati menutup tambang pasir di Teluk Seruni, warga menganggur",
         "Bupati Melati menutup tambang pasir di Teluk Seruni, warga menganggur", False),
        ("Bupati Melati berencana menutup tambang pasir di Teluk Seruni",
         "Bupati Melati menutup tambang pasir di Teluk Seruni", False),
        ("HOAKS: guru honorer di Kota Melati dapat bonus rumah dari wali kota",
         "HOAKS: guru honorer di Kota Melati batal dapat bonus rumah dari wali kota", False),
        ("Air keran di Kampung Delima mendadak berisi sirup jambu",
         "air kran kampung delima mendadak isinya sirup jambu", True),
    ],
)  # fmt: skip
def test_questions_that_differ_in_a_word_are_not_one(asked: str, again: str, one: bool) -> None:
    for first, second in ((asked, again), (again, asked)):
        finder = Finder(MemorySource(), questions=MemorySource(Record("q", first)))
        assert bool(finder.same_question(second)) is one
