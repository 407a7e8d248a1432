"""A short message that makes another statement of what it shares with a record."""

from __future__ import annotations

import pytest

from knowledge_base.search.entries import Entry, make
from knowledge_base.search.otherwise import Otherwise, otherwise
from knowledge_base.search.text import normalise

CLAIM = "Pemerintah Melati memberikan seratus perahu karet kepada nelayan Teluk Seruni"
OTHERWISE = """
kalau Pemerintah Melati memberikan seratus perahu karet kepada nelayan Teluk Seruni, pasti rebutan
semoga pemerintah melati memberikan seratus perahu karet ke nelayan teluk seruni
kapan ya pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati batal memberikan seratus perahu karet kepada nelayan teluk seruni
seratus perahu karet yang sempat diberikan kepada nelayan teluk seruni ditarik pemerintah melati
pemerintah melati memberikan seratus jaring karet kepada nelayan teluk seruni
nelayan teluk seruni protes solar langka di pelabuhan kenanga
warga pesisir minta pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
DPRD mendesak agar Pemerintah Melati memberikan seratus perahu karet kepada nelayan Teluk Seruni
pemerintah melati didesak memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati berencana memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati nyaris memberikan seratus perahu karet kepada nelayan teluk seruni
ketua dewan: pemerintah melati seharusnya memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati ditargetkan memberikan seratus perahu karet kepada nelayan teluk seruni
usai memberikan seratus perahu karet kepada nelayan teluk seruni, pemerintah melati bangun dermaga beton
nelayan Melati
pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni kalau DPRD setuju
Pemerintah Melati memberikan seratus perahu karet kepada nelayan Teluk Seruni, kecuali yang lansia
gimana kalau pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
di film itu pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni dalam mimpiku
simulasi: pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
rapat membahas apakah pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
""".strip().split("\n")
HEARD = frozenset(["jaring", "protes", "solar"]).__contains__
TOLD = """
pemerintah melati memberikan hundred perahu karet kepada nelayan teluk seruni
pemerintah melati ngasih seratus perahu karet buat nelayan teluk seruni
katanya kalau pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
Semoga kita semua sehat. Pemerintah Melati memberikan seratus perahu karet ke nelayan Teluk Seruni
minta info min, pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
mohon bantu cek minta tolong, pemerintah melati memberikan seratus perahu karet ke nelayan teluk seruni
pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni, kalau benar bagus dong
pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni. kalau lewat dermaga kabari
kalau gak salah pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
bukan simulasi: pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
ada yang tahu kalau pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
lagi rame dibahas pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni, takut banget
setelah rapat pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
usai memberikan perahu karet, pemerintah melati memberikan seratus perahu karet kepada nelayan teluk seruni
pemrintah melati memberikn seratus prahu karet kpd nelayan tluk seruni
""".strip().split("\n")


def entry(*wordings: str) -> Entry:
    read = [normalise(wording, "id") for wording in wordings]
    views = [
        ("claim", wording, " ".join(one.stems), " ".join(one.surface))
        for wording, one in zip(wordings, read, strict=True)
    ]
    return make("m-1", "id", None, views, "")


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "bini gue ngunci kulkas udah kayak Baskoro menutup Selat Melati",
            "Baskoro menutup Selat Melati",
        ),
        ("hatiku runtuh kayak jembatan kelok Melati", "Video jembatan kelok Melati runtuh"),
        ("bayangin kalo jembatan Melati runtuh pas ramai", "Jembatan Melati runtuh"),
        ("warga usul Mal Seruni mengadakan nikah massal", "Mal Seruni mengadakan nikah massal"),
        (
            "solar dan air ludah untuk memecahkan kaca mobil",
            "Garam dan air ludah untuk memecahkan kaca mobil",
        ),
        ("pengen ke Melati biar tinggi bertambah", "Ke Melati membuat tinggi bertambah"),
        (
            "nasi di magic com baiknya diangkat kapan biar tidak kering? anak kos",
            "Racun dari nasi di magic com",
        ),
        (
            "air rebusan jaring solar bisa menurunkan kadar gula",
            "Air rebusan kayu manis bisa menurunkan kadar gula",
        ),
        (
            "ada parade Seruni Jaya di bundaran kota, televisi Cempaka siarkan protes nelayan",
            "Tayangan televisi Cempaka tentang parade Seruni Jaya: Bupati terharu, banyak peserta tidak kebagian "
            "tempat sampai tercebur di pantai Kenanga bersama para pengawal",
        ),
    ],
)
def test_likened_or_hardly_told_is_another_statement(text: str, claim: str) -> None:
    assert otherwise(normalise(text), entry(claim), HEARD)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("katanya seperti Baskoro menutup Selat Melati", "Baskoro menutup Selat Melati"),
        ("ada kabar seperti ini: Baskoro menutup Selat Melati", "Baskoro menutup Selat Melati"),
        (
            "ludah dan air garam untuk mecahin kaca mobil",
            "Garam dan air ludah untuk memecahkan kaca mobil",
        ),
        ("racun dari nasi di magic com, hati-hati anak kos", "Racun dari nasi di magic com"),
        (
            "parade Seruni Jaya: Bupati terharu, banyak peserta",
            "Tayangan televisi Cempaka tentang parade Seruni Jaya: Bupati terharu, banyak peserta tidak kebagian "
            "tempat sampai tercebur di pantai Kenanga bersama para pengawal",
        ),
    ],
)
def test_a_repeat_with_little_else_is_none(text: str, claim: str) -> None:
    assert not otherwise(normalise(text), entry(claim), HEARD)


@pytest.mark.parametrize("text", OTHERWISE)
def test_another_statement_is_seen(text: str) -> None:
    assert otherwise(normalise(text), entry(CLAIM), HEARD)


@pytest.mark.parametrize("text", [CLAIM, *TOLD])
def test_a_repeat_is_no_other_statement(text: str) -> None:
    assert not otherwise(normalise(text), entry(CLAIM), HEARD)


def test_other_words_are_told_from_another_kind_of_statement() -> None:
    words = "pemerintah melati memberikan seratus jaring karet kepada nelayan teluk seruni"
    assert otherwise(normalise(words), entry(CLAIM), HEARD) is Otherwise.IN_WORDS
    kind = "pemerintah melati batal memberikan seratus perahu karet kepada nelayan teluk seruni"
    assert otherwise(normalise(kind), entry(CLAIM), HEARD) is Otherwise.IN_KIND
    both = kind.replace("perahu", "jaring")
    assert otherwise(normalise(both), entry(CLAIM), HEARD) is Otherwise.IN_KIND
    assert otherwise(normalise(both), entry(CLAIM, kind), HEARD) is Otherwise.IN_WORDS
    assert otherwise(normalise(words), entry(CLAIM)) is Otherwise.NOT
    assert otherwise(normalise(both), entry(CLAIM)) is Otherwise.IN_KIND


def test_a_wording_that_says_it_so_is_enough() -> None:
    text = "pemerintah melati batal memberikan seratus perahu karet kepada nelayan teluk seruni"
    assert not otherwise(normalise(text), entry(CLAIM, text), HEARD)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Penyanyi Sekar Wulan kecelakaan motor di Jalan Kenanga, kondisinya stabil", True),
        ("penyanyi sekar wulan kecelakaan motor di jalan kenanga", True),
        ("penyanyi sekar wulan wafat kecelakaan motor di jalan kenanga", False),
        ("innalillahi, sekar wulan penyanyi itu kecelakaan motor di jalan kenanga", False),
    ],
)
def test_who_only_had_an_accident_is_not_told_of_as_dead(text: str, other: bool) -> None:
    claim = "Penyanyi Sekar Wulan meninggal dunia dalam kecelakaan motor di Jalan Kenanga"
    assert bool(otherwise(normalise(text), entry(claim), HEARD)) is other


def test_who_asks_for_it_in_the_claim_too_repeats_it() -> None:
    claim = "Warga meminta Pemerintah Melati memberikan seratus perahu karet kepada nelayan"
    said = "warga minta pemerintah melati memberikan seratus perahu karet ke nelayan"
    assert not otherwise(normalise(said), entry(claim), HEARD)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Nyaris 500 orang tewas di kapal Melati", False),
        ("nyaris lima ratus orang tewas di kapal Melati", False),
        ("Nearly 500 orang tewas di kapal Melati", False),
        ("Kapal Melati nyaris tenggelam, 500 orang tewas", True),
    ],
)
def test_about_so_many_are_those_many(text: str, other: bool) -> None:
    claim = entry("500 orang tewas di kapal Melati")
    assert bool(otherwise(normalise(text), claim, HEARD)) is other


def test_a_figure_with_a_point_ends_no_sentence() -> None:
    claim = entry("Pemerintah Melati menjual perahu karet Rp2.000.000 kepada nelayan Teluk Seruni")
    said = "pemerintah melati menjual perahu karet Rp2.000.000 kepada nelayan teluk seruni"
    assert otherwise(normalise(f"{said} kalau DPRD setuju"), claim) is Otherwise.IN_KIND
    assert not otherwise(normalise(f"{said}. kalau lewat mampir"), claim)


def test_what_the_claim_itself_supposes_is_no_sign() -> None:
    claim = "Kalau Pilkades Melati ditunda, kepala desa lama menjabat sampai panen"
    said = "kalo pilkades melati ditunda kepala desa lama menjabat sampai panen"
    assert not otherwise(normalise(said), entry(claim), HEARD)


def test_a_long_message_is_left_to_its_shares() -> None:
    long = "Semoga sehat. Banjir di Kenanga surut, warga kembali ke rumah, posko ditutup Senin. "
    assert not otherwise(normalise(f"{long * 3} kalau {CLAIM}"), entry(CLAIM), HEARD)


def test_nothing_at_all_is_nothing_else() -> None:
    assert not otherwise(normalise("😂😂"), entry("😂"), HEARD)


def test_a_plan_is_what_a_claim_of_the_future_tells() -> None:
    claim = "Pemerintah Melati akan memindahkan seribu nelayan Teluk Seruni ke Kenanga"
    said = "pemerintah melati berencana memindahkan seribu nelayan teluk seruni ke kenanga"
    assert not otherwise(normalise(said), entry(claim), HEARD)
    assert otherwise(normalise(said), entry(claim.replace("akan ", "")), HEARD)


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("The mayor of Melati stops paying fishermen for plastic nets", True),
        ("The mayor of Melati intends paying fishermen for plastic nets", True),
        ("Imagine the mayor of Melati is paying fishermen for plastic nets", True),
        ("The mayor of Melati is paying fishermen for plastic boats", True),
        ("The mayor of Melati is paying fishermen for plastic nets if approved", True),
        ("The mayor of Melati is paying fishermen for plastic nets, except the old ones", True),
        ("In the movie, the mayor of Melati is paying fishermen for plastic nets", True),
        ("Protesters demand that the mayor of Melati pay fishermen for plastic nets", True),
        ("The mayor of Melati is paying fishermen for plastic nets, if true that's sad", False),
        ("the mayor of melati pays fishermen for plastic nets!!", False),
        ("OMG the mayor of Melati is now paying fishermen for plastic nets", False),
    ],
)
def test_english_has_the_same_signs(text: str, other: bool) -> None:
    claim = "The mayor of Melati is paying fishermen for plastic nets"
    heard = frozenset(["kapal"]).__contains__
    assert bool(otherwise(normalise(text, "en"), entry(claim), heard)) is other


@pytest.mark.parametrize("before", ["", "!!! ", "... ", "\n", "17:05\n", "⚠️\n", ","])
def test_signs_and_misspelt_words_are_read(before: str) -> None:
    misspelt = f"{before}Hasiil sidaang menyaatakan ijazzah Jokkowi teerbukti paalsu"
    claim = entry("Hasil sidang menyatakan ijazah Jokowi terbukti palsu")
    assert not otherwise(normalise(misspelt), claim, HEARD)


def test_nothing_at_all_is_read() -> None:
    assert not otherwise(normalise(","), entry(CLAIM), HEARD)
