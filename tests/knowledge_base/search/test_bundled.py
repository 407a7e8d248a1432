"""The bundled fact-checks under turned messages: none may get a verdict that is not its own."""

from __future__ import annotations

from importlib import resources

import pytest

from knowledge_base.exchange.sheet import read_rows
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision
from knowledge_base.search.index import Record
from tests.knowledge_base.search.fakes import MemorySource

TURNED = """
Petugas KPU nyamar pakai baju timses Anies bawa bocoran kertas debat
KPU menerima pendaftaran Ganjar Pranowo sebagai capres Pilpres 2024
Ganjar Pranowo menolak pendaftaran KPU di Pilpres 2024
Pramono Anung dan Puan Maharani tidak terlibat korupsi e-KTP
Khofifah menangis karena kalah dari Tri Rismaharini di Pilgub Jatim 2024
PDIP mengusir Ganjar karena ngotot menjadi cawapres Sandiaga Uno
Susi Pudjiastuti berorasi menolak Anies Baswedan
Minum air panas saat cuaca dingin bisa membuat pembuluh darah pecah
Menerima transfusi darah dari donor yang sudah divaksin itu aman
Hasil sidang menyatakan ijazah Jokowi asli
Jokowi belum resmi menjadi anggota Wantimpres
ASEAN menyebut Indonesia akan maju pada tahun 2030
Akan ada pemadaman listrik total di Sumatra pada bulan Juni
BMKG mencabut peringatan ancaman squall line di Jabodetabek
Italia memulihkan hubungan dengan Trump
Program Lapor Mas Wapres masih dibuka
Program Lapor Mas Wapres menerima 500 aduan hari ini
Gempa bermagnitudo 5,2 mengguncang Maluku Barat Daya pada 12 Maret 2024
Tolak Angin aman untuk lambung
Haji reguler 2025 mulai berangkat
Jokowi menghadiri rapat bersama Wantimpres
Prabowo failed to arrest Harun Masiku
Shell denies closing its stations in Indonesia
Trump membatalkan rencana memindahkan jutaan warga Israel ke Papua
Indonesia mengirimkan bantuan beras untuk Iran
Indonesia menolak kirim bantuan rudal untuk Iran
PSSI memutuskan timnas putri tidak ikut Piala AFF
Prabowo janji akan menangkap Harun Masiku
Menkeu purbaya nolak program MBG diganti uang
BGN akan memidanakan guru yang mengunggah foto menu MBG
makan ikan asin jd penyebab gagal ginjal kronis
Cina berhasil mengkloning babi dengan monyet
Natal bersama batal diadakan di Masjid Istiqlal
Hakim PN Surakarta menegaskan bahwa gugatan ijazah Jokowi ditolak
beli pertalite dibatasi 50 liter per transaksi
Biaya parkir digabung STNK mulai 2030
PSI dorong Kaesang maju Pilpres 2029 dan Gibran Pilpres 2034
gempa pangandaran 18 februari 2024 kekuatannya cuma 3,5 SR kok
wkwk iya deh Prabowo berhasil nangkap Harun Masiku, mimpi kali
usulan agar Bahasa Indonesia jadi bahasa resmi di Sabah dan Sarawak
Setelah diprotes warga, pembatasan Pertalite Rp50.000 per transaksi dicabut
""".strip().split("\n")
SAME_TOPIC = """
Stok darah PMI kurang, ayo donor darah, donor yang sudah divaksin boleh ikut
Hubungan Italia dan Amerika memanas setelah tarif baru Trump
Pasokan listrik Jawa dan Bali aman selama bulan Juni
Prabowo menyambangi rumah Megawati saat lebaran
Harun Masiku masih buron, KPK terus mencari
PSSI umumkan skuad timnas untuk Piala AFF
Vaksin campak gratis di puskesmas untuk anak
Susi Pudjiastuti bertemu Anies Baswedan di Pangandaran
Siapa yang menggantikan Bahlil di Menteri ESDM?
Semoga Prabowo dan Purbaya menurunkan harga Pertalite
Iran memutus akses internet di Teheran
Catatan rapat RT semalam. Parkir di depan gang digabung ke lapangan mulai bulan depan. Biaya parkir \
Rp50 ribu per bulan. STNK dan KTP difotokopi buat pendataan. Terima kasih.
Sidang hari ini di PN Surakarta agendanya mediasi. Penggugat minta ijazah Jokowi ditunjukkan. Hakim \
menunda sidang dua minggu. Kuasa hukum tergugat keberatan. Kita ikuti saja prosesnya.
""".strip().split("\n")
REPEATED = """
Susi Pudjiastuti orasi dukung Anies
Minum air dingin pas cuaca panas bikin pembuluh darah pecah
Program Lapor Mas Wapres udah ditutup ya
PDIP usir Sandiaga Uno gara-gara ngotot jadi cawapres Ganjar
Trump mau mindahin jutaan warga israel ke papua
prabowo udh nyopot bahlil dr jabatan mentri esdm
indo ngirim rudal buat iran
beli pertalite dibatasi Rp50rb sekali transaksi
merapi meletus tgl 26 november 2025
Prabowo mengunjungi rumah Megawati dan Gibran didiskualifikasi
Klarifikasi: Indonesia tidak mengirimkan bantuan rudal untuk Iran
Kemenag nyatakan uang infak sama zakat sekarang dikelola pemerintah
Selat Malaka disegel Prabowo
Petugas KPU nyamar pakai baju timses Prabowo bawa bocoran kertas debat
Tidak benar DPR menyetujui penutupan Alfamart dan Indomaret demi koperasi desa.
""".strip().split("\n")


@pytest.fixture(scope="module")
def finder() -> Finder:
    folder = resources.files("knowledge_base.seed")
    files = [file for file in folder.iterdir() if file.name.endswith(".jsonl")]
    rows = [row for file in files for row in read_rows(file.name, file.read_bytes())]
    facts = [row.fact_check for row in rows if row.fact_check]
    return Finder(
        MemorySource(
            *(
                Record(f.identity, f.claim, f.title, f"{f.fact} {f.explanation}", f.variants)
                for f in facts
            )
        )
    )


@pytest.mark.parametrize("text", TURNED)
def test_a_turned_message_gets_no_verdict(finder: Finder, text: str) -> None:
    assert finder.find(text).decision is not Decision.ANSWER


@pytest.mark.parametrize("text", SAME_TOPIC)
def test_other_news_of_the_same_people_and_things_gets_no_verdict(
    finder: Finder, text: str
) -> None:
    assert finder.find(text).decision is not Decision.ANSWER


@pytest.mark.parametrize("text", REPEATED)
def test_a_repeat_in_other_words_is_answered(finder: Finder, text: str) -> None:
    assert finder.find(text).decision is Decision.ANSWER


def test_a_short_repeat_in_another_order_is_answered(finder: Finder) -> None:
    found = finder.find("ijazah jokowi terbukti palsu di sidang")
    assert (found.decision, found.matches[0].id) == (Decision.ANSWER, "seed-119")
