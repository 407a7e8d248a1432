"""Two spellings of one rumour look alike, and nothing hostile hurts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.search.text import (
    WINDOW,
    canonical_url,
    checkable,
    clean,
    fingerprint,
    normalise,
    places,
    root,
    spelled,
    stem,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TPS tutup pukul 13.00", "tps TUTUP pukul 13.00!!! 🙏"),
        ("Vaksin menyebabkan mandul", "V\u200ba\u00adksin menyebabkan mandul"),
        ("Vaksin menyebabkan mandul", "Vаksin mеnyebabkan mandul"),  # Cyrillic а, е
        ("Vaksin menyebabkan mandul", "𝐕𝐚𝐤𝐬𝐢𝐧 menyebabkan mandul"),
        ("Gempa akan terjadi besok", "Diteruskan: gempa akan terjadi bsk. Sebarkan!"),
        ("Bantuan Rp600.000 cair", "Apakah benar? Bantuan Rp 600 rb cair"),
        ("Penculikan anak di sekolah", "Assalamualaikum. Penculikan anak2 di sekolah"),
        ("KPU memperpanjang pencoblosan", "kpu memperpanjaaang pencoblosan"),
    ],
)
def test_spellings_of_one_rumour_have_one_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TPS buka sampai pukul 13.00", "TPS buka sampai pukul 15.00"),
        ("Warga wajib membayar iuran", "Warga tidak wajib membayar iuran"),
        ("Iuran Rp50.000", "Iuran Rp5.000"),
        ("Coblos nomor 1", "Coblos nomor 2"),
    ],
)
def test_different_claims_have_different_fingerprints(one: str, other: str) -> None:
    assert fingerprint(one) != fingerprint(other)


@pytest.mark.parametrize(
    ("forms", "root"),
    [
        (("mengirim", "dikirim", "kirimkan", "pengiriman"), "kirim"),
        (("menulis", "ditulis", "tulisan"), "tulis"),
        (("mengubah", "diubah", "perubahan"), "ubah"),
        (("menyebarkan", "disebarkan", "sebaran"), "sebar"),
        (("memilih", "dipilih", "pilihan", "pemilihan"), "pilih"),
    ],
)
def test_forms_of_an_indonesian_word_share_a_stem(forms: tuple[str, ...], root: str) -> None:
    assert {stem(form, "id") for form in forms} == {root}


def test_english_texts_are_stemmed_as_english() -> None:
    read = normalise("The ponies are causing ovations of buckets")
    assert read.lang == "en"
    assert {"pony", "ovation", "bucket"} <= set(read.stems)


def test_english_and_indonesian_texts_share_their_words() -> None:
    english = normalise("The giant snake was found in the river by the villagers")
    indonesian = normalise("Ular raksasa ditemukan di sungai oleh warga")
    assert english.lang == "en"
    assert {"ular", "temu", "besar"} <= set(english.stems) & set(indonesian.stems)


def test_english_words_within_an_indonesian_text_are_shared_too() -> None:
    mixed = normalise("Viral! Perempuan ini arrested karena vaccines dan screaming di bandara")
    plain = normalise("Perempuan ini ditangkap karena vaksin dan berteriak di bandara")
    assert mixed.lang == "id"
    assert set(plain.stems) <= set(mixed.stems)


@pytest.mark.parametrize("name", ["Bill Gates", "Lion Air", "Amien Rais", "burung liar", "orang"])
def test_names_and_indonesian_words_are_no_english_ones(name: str) -> None:
    assert set(normalise(f"kabar {name} di pasar").surface) == {
        *name.lower().split(),
        "kabar",
        "pasar",
    }
    assert all(root(word, "id") == stem(word, "id") for word in name.lower().split())


def test_words_of_several_meanings_stand_for_themselves() -> None:
    assert root("pulang", "id") != root("meninggal", "id")
    assert root("kekerasan", "id") != root("alkohol", "id")
    assert normalise("pesta minuman keras").stems == normalise("pesta miras").stems


def test_forwarding_marks_of_both_languages_are_dropped() -> None:
    plain = normalise("Gubernur menutup pasar ikan").words
    marked = (
        "Forwarded as received 🙏 Gubernur menutup pasar ikan Sebarkan!!! Jangan berhenti di kamu"
    )
    assert normalise(marked).words == plain
    assert not checkable("Forwarded as received 🙏 Sebarkan!!! Jangan berhenti di kamu")


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("https://www.example.com/a/?utm_source=wa&id=7", "example.com/a?id=7"),
        ("http://m.example.com/a", "example.com/a"),
        ("example.com/a).", "example.com/a"),
        ("http://[broken", ""),
    ],
)
def test_links_have_one_spelling(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


def test_long_forms_and_synonyms_stand_for_one_word() -> None:
    one = normalise("Majelis Ulama Indonesia: ustaz Abdul Somad wafat")
    other = normalise("MUI: UAS meninggal")
    assert set(one.stems) >= set(other.stems)


def test_other_words_for_a_thing_are_no_exact_repeat() -> None:
    assert fingerprint("Ketua RT menipu warga") != fingerprint("Ketua RT ditipu warga")


def test_the_author_of_a_shared_post_is_kept_without_handle_and_date() -> None:
    read = normalise("Rumah saya terbakar — Neka Kasuma (@neka) September 19, 2017")
    assert "kasuma" in read.surface
    assert "2017" not in read.words


def test_links_are_taken_out_and_kept_apart() -> None:
    read = normalise("Baca https://contoh.example.com/berita/1?fbclid=x sekarang juga warga")
    assert read.urls == ("contoh.example.com/berita/1",)
    assert "https" not in read.words


def test_hashtags_are_split() -> None:
    assert {"ganti", "presiden"} <= set(normalise("#GantiPresiden ramai").surface)


@pytest.mark.parametrize(
    "text",
    [
        *("", "halo", "Bener gak nih?", "🙏🙏", "https://contoh.id/x", "assalamualaikum min"),
        *("vaksin", "0812-3456-7890", "السلام عليكم ورحمة الله وبركاته"),
    ],
)
def test_a_text_without_a_claim_is_not_checkable(text: str) -> None:
    assert not checkable(text)


@pytest.mark.parametrize("text", ["KPU tutup besok", "Minum air kelapa sembuhkan covid"])
def test_a_claim_is_checkable(text: str) -> None:
    assert checkable(text)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(codec=None), max_size=400))
def test_any_text_is_read_without_an_error(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert "\x00" not in cleaned
    assert len(normalise(text).words) <= len(text) * 18 + 1


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=200),
    st.text(st.sampled_from("\u200b\u200d\u2060\ufeff\u00ad\u202e\ufe0f\U000e0041"), max_size=20),
)
def test_invisible_characters_change_nothing(text: str, invisible: str) -> None:
    assert normalise(text + invisible) == normalise(text)


@pytest.mark.parametrize("limit", [3, 5, 100])
@pytest.mark.parametrize(
    "text", ["beras\x00 naik", "beras naik", "be\r\nras", "\ud800beras", "ber\x07as"]
)
def test_every_letter_kept_has_its_place_in_the_text_as_given(text: str, limit: int) -> None:
    cleaned = clean(text, limit)
    found = places(text, cleaned)
    assert [text[at].replace("\ud800", "\ufffd") for at in found] == list(cleaned)
    assert list(found) == sorted(set(found))


@pytest.mark.parametrize(
    "unit", ["a\u0301\u0316", "\ufdfa", "ß", "<", "www.", "#a", "@", "1,", "a2"]
)
def test_a_huge_hostile_text_stays_bounded(unit: str) -> None:
    read = normalise(unit * (100_000 // len(unit)))
    assert sum(map(len, read.words)) <= 4 * WINDOW


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("<img src=x onerror=alert(1)> vaksin berisi cip", "vaksin berisi cip"),
        ("<p class='a'>Banjir<br/>di <b>Melati</b></p>", "Banjir di Melati"),
    ],
)
def test_tags_are_no_words(marked: str, plain: str) -> None:
    assert normalise(marked).words == normalise(plain).words


def test_signs_of_less_and_more_are_no_tags() -> None:
    assert "5000" in normalise("beras <Rp 5.000 dan >Rp 3.000").words
    assert "jalan" in normalise("upah a <b jalan c> d").words


def test_what_travels_with_a_message_does_not_say_its_language() -> None:
    plain = normalise("FBI Arrests Banker After Tip Off From Melbourne Protestors")
    asked = normalise(
        "Mau tanya apakah info ini hoax? FBI Arrests Banker After Tip Off From Melbourne "
        "Protestors Sebarkan!!! Jangan berhenti di kamu"
    )
    assert plain.lang == "en"
    assert asked.stems == plain.stems


@pytest.mark.parametrize(
    ("compared", "written"), [("srimulyani", "sri mulyani"), ("vaksin", "vaksin"), ("ahok", "ahok")]
)
def test_a_name_compared_as_one_word_is_shown_as_it_is_written(compared: str, written: str) -> None:
    assert spelled([compared]) == [written]
