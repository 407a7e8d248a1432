"""Invented Indonesian claims for measuring: all different, about invented places and people."""

from __future__ import annotations

import random

WHO = (
    """
KPU Kabupaten {place}|Bawaslu Provinsi {place}|petugas KPPS di {place}|saksi partai di {place}
calon bupati {person}|gubernur {person}|Menteri {person}|relawan {person}|dokter {person}
Dinas Sosial {place}|RSUD {place}|polisi lalu lintas {place}|Kementerian Kesehatan|BMKG
bank daerah {place}|perusahaan listrik|artis {person}|ustaz {person}|kepala desa {place}
Pemerintah Kota {place}|Kementerian Keuangan|BPJS cabang {place}|operator seluler|TNI di {place}
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

DOES = """
membagikan {thing} gratis kepada {number} warga
melarang warga membawa {thing} ke tempat pemungutan suara
menutup pendaftaran {thing} mulai {time}
mengganti {thing} lama dengan yang baru tanpa pemberitahuan
menemukan {number} {thing} palsu di gudang milik {person}
menjanjikan uang Rp{number}.000 bagi siapa saja yang menyebarkan {thing}
memotong {thing} sebesar {percent} persen sejak {time}
mengaku kehilangan {number} {thing} saat banjir {time}
mewajibkan setiap keluarga menyerahkan {thing} paling lambat {time}
membuktikan bahwa {thing} menyembuhkan {illness} dalam {percent} hari
memperingatkan bahwa {thing} menyebabkan {illness} pada anak
menangkap {number} orang karena mengunggah foto {thing}
menunda pembagian {thing} sampai {time} atas perintah {person}
mengumumkan {thing} tidak berlaku lagi di {place}
meminta kode rahasia lewat pesan untuk mengambil {thing}
""".strip().splitlines()

THING = (
    """
surat suara|kartu pemilih|kotak suara|formulir C1|daftar pemilih|undangan memilih|tinta pemilu
bantuan sosial|beras murah|minyak goreng|kartu keluarga|sertifikat tanah|subsidi listrik
vaksin|obat batuk sirop|air kelapa muda|daun kelor|telur ayam|garam dapur|mi instan|susu bubuk
tiket mudik|kuota internet|pulsa|paket data|rekening tabungan|uang kertas|dompet digital
peringatan gempa|sirene tsunami|masker|lowongan kerja|seragam sekolah|ijazah|beasiswa
""".replace("\n", "|")
    .strip("|")
    .split("|")
)

ILLNESS = ("diabetes", "kanker", "darah tinggi", "demam berdarah", "gagal ginjal", "kebutaan")
MONTHS = ("Januari", "Maret", "April", "Mei", "Juli", "Agustus", "September", "November")
STARTS = (
    "Suka",
    "Karang",
    "Tanjung",
    "Muara",
    "Bukit",
    "Teluk",
    "Sumber",
    "Gunung",
    "Rawa",
    "Pulo",
    "Banjar",
    "Cipta",
)
ENDS = (
    "maju",
    "jaya",
    "sari",
    "mulya",
    "rejo",
    "indah",
    "asri",
    "makmur",
    "agung",
    "baru",
    "lestari",
    "kencana",
)
FIRST = (
    "Arga",
    "Bima",
    "Citra",
    "Darma",
    "Elok",
    "Galuh",
    "Hesti",
    "Indra",
    "Jati",
    "Kirana",
    "Laras",
    "Mahesa",
    "Nirmala",
)
LAST = (
    "Wirasena",
    "Pradipta",
    "Kusumaji",
    "Rangkuti",
    "Halimun",
    "Satyawan",
    "Lumenta",
    "Parwati",
    "Sasongko",
)


def claims(count: int, seed: int) -> list[str]:
    """So many different claims, the same ones for the same seed; about 120 characters each."""
    chance = random.Random(seed)
    found: dict[str, None] = {}
    while len(found) < count:
        who, does = chance.choice(WHO), chance.choice(DOES)
        found[_filled(f"{who} {does}, {_tail(chance)}.", chance)] = None
    return list(found)


def _tail(chance: random.Random) -> str:
    return chance.choice(
        (
            "menurut pesan dari grup {place}",
            "kata saksi mata di {place}",
            "seperti terlihat di video",
            "disiarkan radio {place} pada {time}",
        )
    )


def _filled(text: str, chance: random.Random) -> str:
    """Every blank filled by chance, each for itself."""
    while "{" in text:
        blank = text[text.index("{") + 1 : text.index("}")]
        text = text.replace(f"{{{blank}}}", _value(blank, chance), 1)
    return text[0].upper() + text[1:]


def _value(blank: str, chance: random.Random) -> str:
    if blank == "place":
        return chance.choice(STARTS) + chance.choice(ENDS)
    if blank == "person":
        return f"{chance.choice(FIRST)} {chance.choice(LAST)}"
    if blank == "time":
        return f"{chance.randint(1, 28)} {chance.choice(MONTHS)} {chance.randint(2019, 2028)}"
    if blank == "number":
        return str(chance.randint(2, 999))
    if blank == "percent":
        return str(chance.randint(2, 90))
    return chance.choice(THING if blank == "thing" else ILLNESS)
