"""Message in, findings out, over a handful of invented fact-checks."""

import math
import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search import alignment, compared, features, swaps, telling, text
from knowledge_base.search.finder import SMALL_BASE, Finder
from knowledge_base.search.findings import Decision, Difference, Stance
from knowledge_base.search.index import Record
from tests.knowledge_base.search.fakes import MemorySource

TPS = Record(
    "tps",
    "TPS di Kecamatan Melati tutup pukul 10.00 karena banjir",
    title="[SALAH] Jadwal TPS Kecamatan Melati ditutup lebih awal",
    variants=("INFO!! tps se kec melati tutup jam 10 pagi krn banjir besar, segera nyoblos",),
)
GARAM = Record("garam", "Air garam hangat menyembuhkan virus corona dalam dua hari")
PULSA = Record("pulsa", "Kementerian Sosial membagikan pulsa gratis 200 ribu lewat tautan")
KUOTA = Record("kuota", "Bank Mawar menghapus semua utang nasabah mulai bulan depan")


@pytest.fixture
def source() -> MemorySource:
    return MemorySource(TPS, GARAM, PULSA, KUOTA)


@pytest.fixture
def finder(source: MemorySource) -> Finder:
    return Finder(source)


def test_the_word_lists_are_read_before_anybody_asks() -> None:
    lists = (alignment._contraries, swaps._groups, telling._common, text.common_stems)
    for one in lists:
        one.cache_clear()
    Finder(MemorySource())
    assert all(one.cache_info().currsize for one in lists)


def test_an_exact_repeat_of_a_variant_is_answered_without_scoring(finder: Finder) -> None:
    result = finder.find(
        "Diteruskan: info, tps se kec melati tutup jam 10 pagi krn banjir besar segera nyoblos 🙏"
    )
    assert result.decision is Decision.ANSWER
    assert result.matches[0].id == "tps"
    assert result.matches[0].why.via == "exact"


def test_a_damaged_repeat_is_found_first_with_words_that_agree(finder: Finder) -> None:
    result = finder.find("Katanya minum air garam hanget bisa nyembuhin virus korona lho")
    assert result.matches[0].id == "garam"
    assert "garam" in result.matches[0].why.agree


def test_reasons_name_words_a_long_message_says_late(finder: Finder) -> None:
    chat = " ".join(f"obrolan{n} cerita{n}" for n in range(250))
    result = finder.find(f"Air garam hangat katanya. {chat} menyembuhkan virus corona")
    found = {match.id: match.why.agree for match in result.matches}
    assert {"garam", "corona"} <= set(found["garam"])


def test_words_with_typing_errors_still_find_the_record(finder: Finder) -> None:
    result = finder.find("kementrian sosal bagikan pulsaa gratiss lwt tautan")
    assert result.matches[0].id == "pulsa"


@pytest.mark.parametrize("claim", ["", " \n ", "🙏"])
def test_a_record_with_a_headline_alone_is_never_an_answer(claim: str) -> None:
    finder = Finder(MemorySource(Record("judul", claim, title=GARAM.claim), TPS, PULSA, KUOTA))
    for message in (GARAM.claim, f"Katanya {GARAM.claim.lower()} lho, benarkah?"):
        result = finder.find(message)
        assert (result.decision, result.matches[0].id) == (Decision.SUGGEST, "judul")


def test_an_unrelated_message_goes_to_a_human(finder: Finder) -> None:
    result = finder.find("Resep rendang nenek: daging sapi, santan kental dan serai wangi")
    assert result.decision is Decision.ASK_HUMAN


def test_a_greeting_is_not_checkable_and_matches_nothing(finder: Finder) -> None:
    result = finder.find("Bener gak nih min?")
    assert not result.checkable
    assert result.matches == ()


def test_a_published_record_is_found_by_the_next_question(
    source: MemorySource, finder: Finder
) -> None:
    text = "Jembatan Kenanga runtuh dan seluruh kota gelap gulita"
    assert finder.find(text).decision is Decision.ASK_HUMAN
    source.put(Record("jembatan", "Jembatan Kenanga runtuh, seluruh kota gelap gulita"))
    assert finder.find(text).matches[0].id == "jembatan"


def test_a_changed_record_replaces_its_older_self(source: MemorySource, finder: Finder) -> None:
    source.put(Record("garam", "Pabrik es krim Melur memakai pewarna kain"))
    ids = [m.id for m in finder.find("Pabrik es krim Melur memakai pewarna kain").matches]
    assert ids.count("garam") == 1
    assert "garam" not in [m.id for m in finder.find("air garam hangat menyembuhkan").matches]


def test_a_removed_record_is_found_no_more(source: MemorySource, finder: Finder) -> None:
    source.remove("pulsa")
    found = finder.find("Kementerian Sosial membagikan pulsa gratis 200 ribu lewat tautan")
    assert "pulsa" not in [m.id for m in found.matches]


HEADED = (
    Record("lapor", "Program Lapor Pak Camat sudah ditutup", title="Program Lapor Pak Camat"),
    Record(
        "dewan",
        "Jaka Kelana resmi menjadi anggota Dewan Penasihat Daerah",
        title="Jaka Kelana dan Dewan Penasihat Daerah",
    ),
    Record(
        "haji",
        "Keberangkatan haji reguler bisa dipercepat dengan membayar Rp6 juta kepada petugas",
        title="Haji reguler",
    ),
    GARAM,
    PULSA,
    KUOTA,
)


@pytest.mark.parametrize(
    "text",
    [
        "Program Lapor Pak Camat masih dibuka",
        "Jaka Kelana belum resmi menjadi anggota Dewan Penasihat Daerah",
        "Jaka Kelana menjamu Dewan Penasihat Daerah",
        "Haji reguler 2025 mulai berangkat",
        "Soal Jaka Kelana dan Dewan Penasihat Daerah",
    ],
)
def test_a_headline_that_names_the_topic_gives_nobody_the_verdict_of_the_claim(text: str) -> None:
    result = Finder(MemorySource(*HEADED)).find(text)
    assert result.matches
    assert result.decision is Decision.SUGGEST


PANTAI = Record(
    "pantai",
    "Video memperlihatkan tsunami menerjang Pantai Teratai, Melati",
    explanation="Video tsunami di Pantai Teratai itu buatan AI dan bukan kejadian nyata.",
)


@pytest.mark.parametrize(
    ("text", "decision"),
    [
        ("Video tsunami Pantai Teratai, Melati, itu buatan AI, bukan kejadian", Decision.SUGGEST),
        ("video tsunami terjang pantai teratai melati, ngeri", Decision.ANSWER),
    ],
)
def test_who_tells_what_the_correction_tells_is_not_told_it_is_false(
    text: str, decision: Decision
) -> None:
    result = Finder(MemorySource(PANTAI, GARAM, PULSA, KUOTA)).find(text)
    assert result.matches[0].id == "pantai"
    assert result.decision is decision


def test_the_claim_under_such_a_headline_is_answered() -> None:
    result = Finder(MemorySource(*HEADED)).find("program lapor pak camat udah ditutup ya")
    assert result.decision is Decision.ANSWER
    assert result.matches[0].id == "lapor"


def test_an_empty_base_sends_everything_to_a_human() -> None:
    result = Finder(MemorySource()).find("Air garam hangat menyembuhkan virus corona")
    assert result.decision is Decision.ASK_HUMAN


def test_a_near_duplicate_joins_an_open_question_and_another_does_not() -> None:
    questions = MemorySource(Record("7F3K", "Besok listrik padam total di seluruh Pulau Melur"))
    finder = Finder(MemorySource(TPS), questions=questions)
    assert (
        finder.same_question("besok listrik padam total di seluruh pulau melur!!")[0].id == "7F3K"
    )
    assert finder.same_question("Harga cabai di Pasar Melur naik lagi minggu ini") == ()


OPEN = (
    "Stadion Cempaka di Seruni katanya akan dibongkar bulan depan",
    "Lapangan Anggrek di Kenanga mau dijual ke pengembang besok",
    "Atlet Dahlia Ayu Maharani mengalahkan juara dunia asal Jepang di final",
)


@pytest.fixture
def asked() -> Finder:
    questions = MemorySource(*(Record(f"Q{n}", text) for n, text in enumerate(OPEN)))
    return Finder(MemorySource(TPS), questions=questions)


def test_a_few_shared_words_do_not_make_two_rumours_one(asked: Finder) -> None:
    text = (
        "Info dari grup: mulai Senin depan Jembatan Kenanga di Kecamatan Melati ditutup tiga bulan, "
        "semua angkot lewat Jalan Cempaka. Katanya warga yang lewat akan didenda Rp250 ribu."
    )
    assert asked.same_question(text) == ()


def test_another_name_written_small_is_another_question(asked: Finder) -> None:
    text = "atlet dahlia wulan pertiwi mengalahkan juara dunia asal jepang di final"
    assert asked.same_question(text) == ()
    assert asked.same_question(OPEN[2].lower() + " kemarin")[0].id == "Q2"


@pytest.mark.parametrize("lead", ["Warga minta", "bayangin", "semoga"])
def test_what_is_asked_for_or_imagined_is_another_question(lead: str) -> None:
    claim = "Pemerintah Melati memberikan seratus perahu karet kepada nelayan Teluk Seruni"
    asked = Finder(MemorySource(), questions=MemorySource(Record("Q7", claim)))
    assert asked.same_question(f"{lead} {claim.lower()}") == ()
    assert asked.same_question(f"bener gak {claim.lower()}")[0].id == "Q7"


@pytest.mark.parametrize("label", ["HOAKS: ", "[SALAH] ", "Tidak benar bahwa "])
def test_a_debunk_and_what_it_refutes_are_two_questions(asked: Finder, label: str) -> None:
    assert asked.same_question(label + OPEN[1]) == ()
    refuted = Finder(MemorySource(), questions=MemorySource(Record("Q7", label + OPEN[1])))
    assert refuted.same_question(OPEN[1]) == ()
    assert refuted.same_question(label + OPEN[1] + ", pak!!")[0].id == "Q7"
    assert asked.same_question(f"Apakah benar {OPEN[1]}?")[0].id == "Q1"


def test_a_near_copy_joins_however_few_questions_there_are() -> None:
    text = (
        "Info penting dari puskesmas: mulai Senin depan semua warga Kecamatan Melati wajib membawa "
        "kartu vaksin saat belanja di Pasar Kenanga"
    )
    questions = MemorySource(Record("Q7", f"Bener gak nih? {text.replace('semua', 'semua lho')}"))
    finder = Finder(MemorySource(TPS), questions=questions)
    copy = f"Dari grup: {text.replace('wajib membawa', 'wajib bawa')}, nanti didenda"
    assert [match.id for match in finder.same_question(copy)] == ["Q7"]
    assert finder.same_question(text.replace("Pasar Kenanga", "Pasar Cempaka")) == ()
    assert finder.same_question(text.replace("wajib", "tidak wajib")) == ()


def test_questions_that_look_alike_are_listed_with_their_reasons(asked: Finder) -> None:
    alike = asked.alike_questions("Stadion Cempaka dibongkar Maret", without="Q1")
    assert [match.id for match in alike] == ["Q0"]
    assert {"stadion", "cempaka", "dibongkar"} <= set(alike[0].why.agree)
    assert asked.alike_questions(OPEN[0], without="Q0") == ()


def test_two_claims_in_one_message_are_found_part_by_part(finder: Finder) -> None:
    text = (
        "TPS di Kecamatan Melati tutup pukul 10.00 karena banjir. "
        "Terus katanya Bank Mawar menghapus semua utang nasabah mulai bulan depan."
    )
    result = finder.find(text)
    assert [p.matches[0].id for p in result.parts] == ["tps", "kuota"]
    assert text[result.parts[1].start :].startswith("Terus")
    assert {m.id for m in result.matches[:2]} == {"tps", "kuota"}


@pytest.mark.parametrize(
    "before", ["\r\n", "\x00\x07 ", "\ufeff😀\r\n", "a" + "\u0301" * 40 + ". "]
)
def test_parts_are_stretches_of_the_text_as_it_was_given(finder: Finder, before: str) -> None:
    lines = (
        "TPS di Kecamatan Melati tutup pukul 10.00 karena banjir.",
        "Terus katanya Bank Mawar menghapus semua utang nasabah mulai bulan depan.",
    )
    text = before + "\r\n".join(lines)
    spoken = [text[part.start : part.end] for part in finder.find(text).parts]
    assert len(spoken) == 2
    assert [said.endswith(line) for said, line in zip(spoken, lines, strict=True)] == [True] * 2


@pytest.mark.parametrize("joint", [" dan ", ", ", ", sedangkan "])
def test_two_known_claims_in_one_sentence_both_get_their_verdict(
    finder: Finder, joint: str
) -> None:
    first = "Air garam hangat menyembuhkan virus corona dalam dua hari"
    text = f"{first}{joint}Bank Mawar menghapus semua utang nasabah mulai bulan depan"
    result = finder.find(text)
    assert result.decision is Decision.ANSWER
    assert [p.matches[0].id for p in result.parts] == ["garam", "kuota"]
    assert text[result.parts[1].start :].startswith("Bank Mawar")


@pytest.mark.parametrize(
    "denied",
    [
        "Tidak benar bahwa {}",
        "Kemenkes membantah {}",
        "Jangan percaya {}",
        "Saya ga percaya {}",
        "Tidak pernah terbukti {}",
        "Hoaks {}",
        "{} itu tidak benar",
        "{} semuanya bohong",
    ],
)
def test_a_denial_that_may_be_of_both_claims_is_not_cut_in_half(
    finder: Finder, denied: str
) -> None:
    first = "Air garam hangat menyembuhkan virus corona dalam dua hari"
    text = denied.format(f"{first} dan Bank Mawar menghapus semua utang nasabah mulai bulan depan")
    assert finder.find(text).parts == ()


def test_a_sentence_with_one_known_claim_is_taken_as_one(finder: Finder) -> None:
    first = "Air garam hangat menyembuhkan virus corona dalam dua hari"
    turned = "Bank Mawar tidak menghapus semua utang nasabah mulai bulan depan"
    assert finder.find(f"{first} dan {turned}").parts == ()


def test_one_claim_told_in_two_sentences_is_one_part(finder: Finder) -> None:
    result = finder.find("Air garam hangat ternyata obat. Menyembuhkan virus corona dua hari saja!")
    assert result.parts == ()


def test_a_blessing_between_two_claims_is_not_answered(source: MemorySource) -> None:
    chance = random.Random(3)
    for number in range(SMALL_BASE):  # in a small base words are looked at one by one
        source.put(Record(f"f{number}", " ".join(_word(chance) for _ in range(8))))
    source.put(Record("doa", "BUPATI MAWAR DIBAPTIS DI GEREJA INNALILLAHI WAINNA ILAIHI ROJIUN"))
    result = Finder(source).find(
        "TPS di Kecamatan Melati tutup pukul 10.00 karena banjir. Innalillahi wainna ilaihi "
        "rojiun. Katanya Bank Mawar menghapus semua utang nasabah mulai bulan depan."
    )
    answered = [p.matches[0].id for p in result.parts if p.decision is Decision.ANSWER]
    assert answered == ["tps", "kuota"]


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdgjklmnprst") + chance.choice("aeiou") for _ in range(3))


class Listening:
    """No objections; keeps what it was asked to judge the stance of."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def conflicts(self, *texts: str, **told: object) -> tuple[Difference, ...]:
        return ()

    def stance(self, message: str) -> Stance:
        self.heard.append(message)
        return Stance.CLAIM


def test_stretches_that_cannot_make_two_claims_are_not_matched_alone(source: MemorySource) -> None:
    guards = Listening()
    finder = Finder(source, objections=guards)
    both = "Air garam hangat menyembuhkan virus corona dalam dua hari bila "
    both += "Bank Mawar menghapus semua utang nasabah mulai bulan depan"
    finder.find(both)
    assert guards.heard == [both]
    finder.find(both.replace(" bila ", ". "))
    assert len(guards.heard) == 4  # the whole message and its two stretches


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec=None), max_size=300))
def test_no_text_raises(text: str) -> None:
    result = SHARED.find(text)
    assert 0 <= result.confidence <= 1


SHARED = Finder(MemorySource(TPS, GARAM, PULSA, KUOTA))


def test_an_exact_spelling_with_another_meaning_is_not_answered() -> None:
    record = Record("tipu", "Ketua RT 05 Melati menipu 20 warga dengan arisan")
    result = Finder(MemorySource(record)).find("Ketua RT 05 Melati ditipu 20 warga dengan arisan")
    assert result.decision is not Decision.ANSWER
    assert [difference.type for difference in result.matches[0].why.differ] == ["roles"]


def test_of_two_near_checks_the_one_without_a_conflict_comes_first() -> None:
    text = "KPU memperpanjang pemungutan suara di Kecamatan Melati sampai {} November"
    twins = MemorySource(*(Record(day, text.format(day)) for day in ("26", "27", "28", "29")))
    for day in ("26", "27", "28", "29"):
        result = Finder(twins).find(f"info: {text.format(day)}, sebarkan ya bapak ibu semuanya")
        assert result.matches[0].id == day
        assert not result.matches[0].why.differ


def test_a_figure_that_only_the_headline_tells_is_guarded_too() -> None:
    record = Record(
        "perpanjang",
        "KPU memperpanjang pemungutan suara di Kecamatan Melati karena banjir",
        title="KPU memperpanjang pemungutan suara di Kecamatan Melati sampai 27 November",
    )
    message = "KPU memperpanjang pemungutan suara di Kecamatan Melati karena banjir sampai {}"
    finder = Finder(MemorySource(record))
    assert not finder.find(message.format("27 November")).matches[0].why.differ
    (found,) = finder.find(message.format("28 November")).matches[0].why.differ
    assert (found.type, found.message, found.claim) == ("date", "28 November", "27 November")


@pytest.mark.parametrize(
    ("claim", "title", "kind"),
    [
        (
            "Dinas Perdagangan Melati wajib menutup pasar Kenanga karena banjir",
            "Dinas Perdagangan Melati boleh menutup pasar Kenanga selama musim banjir tahun ini",
            "modality",
        ),
        (
            "Larasati menggugat Baskoro di Pengadilan Melati karena tanah warisan",
            "Baskoro menggugat Larasati soal tanah warisan keluarga di Kenanga",
            "roles",
        ),
    ],
)
def test_what_turns_the_claim_is_a_conflict_though_its_words_are_in_the_headline(
    claim: str, title: str, kind: str
) -> None:
    finder = Finder(MemorySource(Record("turned", claim, title=title)))
    result = finder.find(f"info: {title}, sebarkan ya ibu")
    assert result.decision is not Decision.ANSWER
    assert {difference.type for difference in result.matches[0].why.differ} == {kind}


def test_of_two_near_copies_the_one_that_was_sent_comes_first() -> None:
    one = (
        "Jika ada pemuda yang meminta kamu utk menunjukkan KTP dg alasan skripsi, jangan diijinkan!"
    )
    other = one.replace("utk", "untuk").replace("dg", "dengan").replace("kamu", "Kamu")
    finder = Finder(MemorySource(Record("short", one), Record("long", other), GARAM))
    assert finder.find("cek min: " + one.replace("alasan", "alasn")).matches[0].id == "short"
    assert finder.find("cek min: " + other.replace("alasan", "alasn")).matches[0].id == "long"


def test_two_questions_that_share_only_markup_are_not_the_same() -> None:
    tag = "<img src=x onerror=alert(document.cookie)>"
    open_one = Record("7F3K", f"{tag} Besok listrik padam di seluruh Pulau Melur")
    finder = Finder(MemorySource(TPS), questions=MemorySource(open_one))
    assert finder.same_question(f"{tag} Harga cabai di Pasar Mawar naik lagi") == ()


def test_of_two_near_copies_the_one_that_holds_more_of_the_message_comes_first() -> None:
    short = (
        "Dari hasil evaluasi tim seleksi lamaran kerja saudara yang kami terima, dengan ini kami "
        "sampaian bahwa berkas lamaran saudara memenuhi persyaratan yang ditetapkan. Saudara dapat "
        "mengikuti tes seleksi calon karyawan"
    )
    whole = (
        "Dari hasil evaluasi tim seleksi lamaran kerja saudara yang kamu terima, dengan ini kami "
        "sampaikan bahwa berkas lamaran saudara memenuhi persyaratan yang ditetapkan, sehingga "
        "saudara dapat mengikuti tes seleksi calon karyawan PT Kenanga Raya II (Persero) Untuk dapat "
        "mengikuti seleksi ini saudara wajib membawa KTP (kartu identitas asli) serta surat "
        "panggilan tes yang sudah dikirim lewat surel masing-masing dan dicetak berwarna"
    )
    sent = (
        "dari hasil evaluasi teams seleksi lamaran kerja sodara yg kami trima, dgn ini kami "
        "bilangin bhw beerkas lamaran saudara memenuhi persyaratan dititapkan, sehingga saudara "
        "dpat mengikuti tes seleksi calon karyawan pt kenanga raya ii utk dpat mengikuti seleksi"
    )
    finder = Finder(MemorySource(Record("short", short), Record("whole", whole), GARAM))
    assert finder.find(sent).matches[0].id == "whole"


def test_a_repeat_whose_language_is_guessed_otherwise_is_answered() -> None:
    claim = (
        "Military vehicles arrived at Bluebell Harbour, WUHAN CORONAVIRUS reached Saint Rosemary"
    )
    finder = Finder(MemorySource(Record("harbour", claim, lang="en"), GARAM, PULSA, KUOTA))
    sent = claim.replace(" at", "").replace("reached", "reachd")
    result = finder.find(f"ini nih kak yg di grup {sent}")
    assert (result.decision, result.matches[0].id) == (Decision.ANSWER, "harbour")


def beside(message: str, first: str, second: str) -> bool:
    """Are two claims seen in this message, when both records are largely in it?"""
    rows = np.zeros((2, len(features.NAMES)))
    rows[:, compared.SOFT] = 0.9, 0.7
    views = [SimpleNamespace(stems=one.split()) for one in (first, second)]
    text = SimpleNamespace(stems=message.split())
    return compared.several_claims(
        SimpleNamespace(scores=np.array([0.9, 0.5]), rows=rows, views=views, text=text)  # type: ignore[arg-type]
    )


FIRST = "daun kelor sembuh kanker payudara diabetes"


@pytest.mark.parametrize(
    ("second", "two"),
    [
        ("kelor diabetes warga kota naik harga", False),  # all it has of the message is the first's
        ("kelor diabetes bank hapus utang nasabah", True),  # it tells more of the message
        ("daun kelor sembuh kanker bank hapus", False),  # it is about the same
    ],
)
def test_a_second_claim_tells_something_the_first_record_does_not(second: str, two: bool) -> None:
    assert beside(f"{FIRST} bank hapus utang nasabah bulan depan", FIRST, second) is two


@pytest.mark.parametrize(
    ("text", "enough", "decision"),
    [
        ("hari senin pemerintah melati memberikan seratus jaring karet ke nelayan", -math.inf, Decision.ANSWER),
        ("hari senin pemerintah melati memberikan seratus jaring karet ke nelayan", math.inf, Decision.SUGGEST),
        ("kalau pemerintah melati memberikan seratus perahu karet ke nelayan hari senin", -math.inf, Decision.SUGGEST),
    ],
)  # fmt: skip
def test_enough_points_outweigh_other_words_but_no_other_statement(
    text: str, enough: float, decision: Decision
) -> None:
    claim = "Hari Senin Pemerintah Melati memberikan seratus perahu karet kepada nelayan"
    known = Record("jaring", "Jaring nelayan Kenanga dicuri")
    finder = Finder(MemorySource(Record("perahu", claim), known))
    finder._card = replace(finder._card, least=-math.inf)
    finder._strict = replace(finder._strict, enough=enough)
    result = finder.find(text)
    assert (result.decision, result.matches[0].id) == (decision, "perahu")
