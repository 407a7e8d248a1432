"""Claim, debunk or question?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.findings import Stance
from knowledge_base.search.stance import quoted, retells, stance

DEBUNKS = [
    "HOAKS: KPU memperpanjang pemungutan suara sampai 28 November",
    "[SALAH] Vaksin berisi cip pelacak",
    "[HOAKS] Bantuan Rp5 juta untuk semua warga",
    "Klarifikasi: RSUD Melati tidak menolak pasien BPJS",
    "Tidak benar bahwa TPS tutup pukul 11.00",
    "Kabar bahwa sekolah libur sebulan itu hoaks",
    "Cek Fakta: video banjir di Kota Melati adalah rekaman lama",
    "Jangan percaya pesan berantai soal undian itu, itu hoax",
    "that's fake news, the bridge is open",
    "FACT CHECK: the water is not poisoned",
    "This is a hoax. The school stays open.",
    "KPU memastikan kabar pemungutan suara ditunda tidak benar",
    "Tidak benar KPU menunda pemungutan suara",
    "Kabar sekolah libur sebulan dipastikan bohong",
    "Informasi yang menyebut bantuan Rp5 juta itu keliru",
    "Bupati Melati membantah tudingan menjual aset desa",
    "It is not true that voters must pay",
    "ga bener itu KPU nunda pencoblosan, udah diklarifikasi",
    "teu leres yen bantuan Rp5 juta cair",
    "IDI: vaksin berisi cip itu mitos",
    "Mana ada air rebusan pepaya nyembuhin kanker",
    "Mana ada vaksin berisi cip!",
    "Video banjir di Melati ternyata hasil AI",
    "Vaksin berisi cip, bohong.",
    "Kemenkes bantah vaksin berisi cip",
    "Kemenkes membantah kabar vaksin berisi cip.",
    "Jangan percaya kabar vaksin berisi cip",
    "[SALAH] Warga sudah membayar iuran tapi tetap didenda",
    # our own answers, cut out and sent on without their number
    "❌ Pesan ini SALAH. Faktanya: TPS di Melati buka sampai pukul 13.00.",
    "🚨 Kabar itu PENIPUAN. Faktanya: bantuan itu tidak lewat tautan.",
    "TPS di Melati buka sampai pukul 13.00. Kabar yang beredar dinilai SALAH.",
    "⚠️ This message is MISLEADING. The fact: that queue was in 2019.",
]
QUESTIONS = [
    "bener gak sih KPU perpanjang pemungutan suara?",
    "Apakah benar vaksin berisi cip?",
    "ini hoaks bukan ya? bantuan 5 juta dari bupati",
    "Min, mau tanya, iuran jalan itu beneran?",
    "Is it true that the school is closed?",
    "apakah ini hoaks: bantuan untuk semua warga",
    "bantuan 5 juta itu hoax atau fakta?",
    "can anyone confirm the curfew starts tonight",
]
# What spreads a rumour may quote its debunk: taken for neither.
EITHER = [
    "Meski Kemenkes membantah, vaksin berisi cip",
    "Walaupun sudah dibantah Kemenkes, vaksin berisi cip",
    "Pakar bantah WHO: vaksin berisi cip",
    "Pakar bantah klaim WHO: vaksin berisi cip",
    "netizen bantah menkes vaksin berisi cip",
    "Pakar bantah pernyataan resmi WHO soal vaksin berisi cip",
    "Kemenkes bantah vaksin tidak berisi cip",
    "Dokter yang membantah vaksin berisi cip dipecat",
    "Kemenkes membantah vaksin berisi cip padahal banyak buktinya",
    "Dokter bilang itu mitos, padahal vaksin berisi cip",
    "Kata dokter itu mitos. Ternyata vaksin berisi cip",
    "Kominfo bilang ini hoaks tapi vaksin berisi cip",
    "Meskipun kata mereka itu hoaks, vaksin berisi cip",
    "Jangan percaya berita TV, vaksin berisi cip",
    "Mana mungkin pemerintah ngaku. Vaksin berisi cip",
    "Mana bisa diam saja! Vaksin berisi cip",
    "Vaksin berisi cip. Mana mungkin dokter ngaku",
    "Mana bisa diam saja vaksin berisi cip",
    "mana mungkin pemerintah ngaku vaksin berisi cip",
    "They say it's fake, but the vaccine contains a chip",
    # who spread it takes it back, says sorry for it or is caught: the news of that is true
    "Maaf ya grup, info vaksin berisi cip tadi saya tarik",
    "Ralat: tadi aku post vaksin berisi cip, itu salah, aku kira beneran",
    "Sorry all, tadi keliru forward yang vaksin berisi cip",
    "Saya yang nyebarin kabar vaksin berisi cip, saya minta maaf",
    "Penyebar kabar vaksin berisi cip akhirnya minta maaf",
    "Polisi menangkap penyebar hoaks vaksin berisi cip",
    "Janji bupati soal isu jalan rusak tidak benar-benar ditepati",
    "Video vaksin berisi cip itu saya hapus dari story, bikinan AI",
    "Kemenkes minta warga tidak menyebarkan video vaksin berisi cip",
    "Jangan sebarkan video vaksin berisi cip",
    "Setelah isu vaksin berisi cip, Menkes minta penjelasan",
    "Duh malu, aku kemakan hoax vaksin berisi cip",
    "Man arrested for spreading the rumour that vaccines contain chips",
    "Sorry for sharing this: the vaccine contains a chip",
    # a bare "untrue" at the very end may deny what was said, or be what is claimed
    "Info: data KPU tidak benar",
    "Kabar terbaru, data penerima bantuan tidak benar",
    "KPU memperpanjang pemungutan suara sampai 28 November gak bener",
    "vaksin berisi cip hoax!!",
    "Gempa besar di Melati belum terjadi",
    "the vaccine contains a chip, it never happened",
    "Nobody believes that the vaccine contains a chip",
    "Tidak ada bukti vaksin berisi cip",
]
CLAIMS = [
    "Tidak mungkin salah, ini dari orang RS: vaksin berisi cip",
    "Ora mungkin salah, vaksin berisi cip",
    "KPU memperpanjang pemungutan suara sampai 28 November",
    "Sebarkan! Mulai besok semua TPS tutup pukul 11.00",
    "The governor has resigned, share before it is deleted",
    "Vaksin berisi cip, ini bukan hoax",
    "Bohong besar pemerintah soal vaksin berisi cip",
    "INI BUKAN HOAX. Gereja tidak ikut digusur, masjid digusur",
    "This is not fake news, we have the pictures",
    "FAKTA: vaksin berisi cip, sebarkan sebelum dihapus",
    "Polisi menangkap perampok minimarket di Kecamatan Melati",
    "Nyamuk penyebar demam berdarah masuk Kecamatan Melati",
    "Sebarkan kabar ini: vaksin berisi cip",
    "Bupati Melati tidak hadir dalam debat",
    "Istana tidak membantah rencana kenaikan iuran",
    "Warga tanya di mana ada posko bantuan",
    "Janji bupati tentang kabar jalan rusak tidak benar-benar ditepati",
    "Pesan ini salah satu dari pesan resmi bupati",
]


@pytest.mark.parametrize("text", DEBUNKS)
def test_a_debunk_is_recognised(text: str) -> None:
    assert stance(text) is Stance.DEBUNK


@pytest.mark.parametrize("text", QUESTIONS)
def test_a_question_is_recognised(text: str) -> None:
    assert stance(text) is Stance.QUESTION


@pytest.mark.parametrize("text", EITHER)
def test_what_may_quote_a_debunk_only_is_none(text: str) -> None:
    assert stance(text) is Stance.QUESTION


@pytest.mark.parametrize("text", CLAIMS)
def test_everything_else_is_a_claim(text: str) -> None:
    assert stance(text) is Stance.CLAIM


def test_the_told_part_of_a_debunk_ends_where_the_fact_begins() -> None:
    text = "HOAKS: TPS di Melati tutup pukul 11.00. Faktanya tutup pukul 13.00."
    assert quoted(text) == "HOAKS: TPS di Melati tutup pukul 11.00. "


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Ralat: tadi aku post vaksin berisi cip, itu salah", True),
        ("Penyebar kabar vaksin berisi cip akhirnya minta maaf", True),
        ("Meski penyebar kabar vaksin berisi cip ditangkap, semua tahu itu nyata", False),
        ("Penyebar kabar vaksin berisi cip ditangkap, padahal benar", False),
        ("Vaksin berisi cip", False),
    ],
)
def test_who_only_speaks_of_a_rumour_is_told_from_who_spreads_it(text: str, only: bool) -> None:
    assert retells(text) is only


@given(st.text(alphabet=st.characters(codec=None, categories=None), max_size=300))
def test_any_text_has_a_stance(text: str) -> None:
    assert stance(text) in Stance
    assert isinstance(quoted(text), str)
