"""What a message is: a command, a typed button, small talk, or something to check."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import Act, Media
from handlers.reading import (
    LONGEST,
    Command,
    Talk,
    asks_after,
    command,
    cut,
    is_remark,
    links,
    meant,
    must_wait,
    shown,
    small_talk,
    text_to_check,
    tidy,
    typed,
    units,
)
from tests.handlers.callers import said

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=200)

COMMANDS = [
    ("/start", "start", ""),
    ("/start p482", "start", "p482"),
    ("/CEK@saringbot TPS tutup", "check", "TPS tutup"),
    ("/check\nTPS tutup\njam 10", "check", "TPS tutup\njam 10"),
    ("/apaini", "unknown", ""),
    ("Bantuan", "help", ""),
    ("  menu!! ", "help", ""),
    ("STATUS", "status", ""),
    ("status 7F3K", "status", "7F3K"),
    ("Status nomor 482", "status", "482"),
    ("cek nomor #482", "check", "482"),
    ("/check no. 7F3K", "check", "7F3K"),
    ("cek nomor rumah 17 dijual", "check", "nomor rumah 17 dijual"),
    ("bahasa inggris", "language", "inggris"),
    ("cek TPS tutup jam 10", "check", "TPS tutup jam 10"),
    ("data saya", "data", ""),
    ("HAPUS", "erase", ""),
    ("forget me", "erase", ""),
    ("Stop.", "stop", ""),
    ("berhenti", "stop", ""),
    ("/Hapus!!", "erase", ""),
    ("/cek: TPS tutup jam 10", "check", "TPS tutup jam 10"),
    ("hapus dong", "erase", ""),
    ("CEK: TPS tutup jam 10", "check", "TPS tutup jam 10"),
    ("cek, TPS tutup jam 10", "check", "TPS tutup jam 10"),
    ("stop ya min!", "stop", ""),
    ("status dong kak", "status", ""),
    ("halo, bantuan", "help", ""),
    ("help please", "help", ""),
]
NO_COMMANDS = [
    "tolong hapus foto itu",
    "stop sebarkan berita ini",
    "status gunung merapi naik jadi siaga",
    "bahasa daerah akan dihapus dari sekolah",
    "datanya bocor",
    "hapus /hapus",
    "",
    "/",
    "//hapus",
    "/etc/passwd",
    "hapus aja",
    "hapus saja ya",
    "hapus aja min",
    "apa berhenti?",
    "apakah stop?",
    "pak berhenti",
    "apa data",
    "tentang apa?",
]


@pytest.mark.parametrize(("text", "name", "rest"), COMMANDS)
def test_a_command_is_known_in_any_case_and_spelling(text: str, name: str, rest: str) -> None:
    found = command(said(text))
    assert found is not None
    assert (found.name, found.rest) == (name, rest)


@pytest.mark.parametrize("text", NO_COMMANDS)
def test_words_inside_a_sentence_are_no_command(text: str) -> None:
    assert command(said(text)) is None


@pytest.mark.parametrize("text", ["/hapus", "HAPUS", "stop", "/start"])
def test_a_forwarded_or_edited_command_does_nothing(text: str) -> None:
    assert command(said(text, forwarded=True)) is None
    assert command(said(text, act=Act.EDIT)) is None


def test_a_command_for_another_bot_is_not_ours() -> None:
    ours = said("/cek@saringbot halo", payload={"bot": "SaringBot"})
    theirs = said("/cek@otherbot halo", payload={"bot": "SaringBot"})
    assert command(ours) is not None
    assert command(theirs) is None


def test_in_a_group_only_slash_commands_count() -> None:
    assert command(said("hapus", group=True)) is None
    assert command(said("/hapus", group=True)) is not None


@pytest.mark.parametrize(
    ("text", "kind"),
    [("1", "1"), (" 0. ", "0"), ("Bukan ini", "not_this"), ("👍", "helpful"), ("ya", "yes")],
)
def test_every_button_has_a_typed_twin(text: str, kind: str) -> None:
    assert typed(said(text)) == kind


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("kok lama ya min?", "status"),
        ("mana jawabannya??", "status"),
        ("Apakah kamu robot?", "about"),
        ("so are you human?", "about"),
    ],
)
def test_who_is_spoken_to_does_not_hide_what_is_asked(text: str, name: str) -> None:
    assert command(said(text)) == Command(name)


@pytest.mark.parametrize("text", ["ya", "lama tidak jumpa Prabowo", "robot menggantikan guru"])
def test_a_word_of_asking_inside_a_sentence_is_no_command(text: str) -> None:
    assert command(said(text)) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("hapos", "hapus"),
        ("Bantuann!", "bantuan"),
        ("/staus", "status"),
        ("/cekk apa kabar", "cek"),
        ("/hapsu", "hapus"),
        ("hapus", ""),
        ("meno", ""),
        ("/otomatiskan", ""),
        ("harus dihapus", ""),
        ("kebakaran", ""),
        ("", ""),
        ("/", ""),
    ],
)
def test_a_slip_of_the_finger_in_a_command_is_known(text: str, word: str) -> None:
    assert meant(text) == word


@pytest.mark.parametrize("text", ["²", "١", "12", "bukan ini yang saya maksud", "yakinlah"])
def test_only_the_exact_word_or_an_ascii_digit_is_a_choice(text: str) -> None:
    assert typed(said(text)) == ""


@pytest.mark.parametrize(
    ("text", "talk"),
    [
        ("Halo kak!", Talk.GREETING),
        ("Assalamualaikum", Talk.GREETING),
        ("Assalamualaikum nak", Talk.GREETING),
        ("Assalamualaikum wr. wb. bapak ibu", Talk.GREETING),
        ("selamat pagi nak", Talk.GREETING),
        ("halo, selamat malam kak", Talk.GREETING),
        ("halo ini benar gak kak", Talk.FILLER),
        ("makasih ya sayang", Talk.THANKS),
        ("jadi gak boleh diposting ya", Talk.FILLER),
        ("selamat tinggal", Talk.THANKS),
        ("lama bgt sih anjir", Talk.FILLER),
        ("semoga gempa di Melati segera berlalu", None),
        ("makasih ya", Talk.THANKS),
        ("Terima kasih", Talk.THANKS),
        ("terima kasih banyak ya kak 🙏", Talk.THANKS),
        ("Thank you so much!", Talk.THANKS),
        ("terima bansos besok", None),
        ("bener gak nih?", Talk.FILLER),
        ("Is this true?", Talk.FILLER),
        ("🙏😂", Talk.EMOJI),
        ("🙏🏽🙏🏽", Talk.THANKS),
        ("!!!", Talk.FILLER),
        ("Assalamualaikum, ini benar gak ya nak? Tante dapat dari grup arisan", Talk.FILLER),
        ("makasih ya nak", Talk.THANKS),
        ("grup arisan dibubarkan polisi", None),
        ("https://contoh.example/a", Talk.LINK),
        ("kebakaran", Talk.SHORT),
        ("TPS Melati tutup jam sepuluh", None),
    ],
)
def test_small_talk_is_told_apart_from_claims(text: str, talk: Talk | None) -> None:
    assert small_talk(text) is talk


@pytest.mark.parametrize("text", ["halo", "bener gak nih?", "min", "tolong cek dong"])
def test_a_text_nobody_can_judge_waits_for_what_follows(text: str) -> None:
    assert must_wait(said(text))


def test_what_can_be_judged_or_obeyed_never_waits() -> None:
    assert not must_wait(said("Jembatan Melati roboh tadi malam"))
    assert not must_wait(said("hapus"))
    assert not must_wait(said("1"))
    assert not must_wait(said("halo", forwarded=True))
    assert not must_wait(said("halo", media=(Media("image"),)))
    assert not must_wait(said("bener?", reply_text="Jembatan Melati roboh"))


def test_the_text_to_check_is_what_the_person_points_at() -> None:
    claim = "Jembatan Melati roboh tadi malam"
    assert text_to_check(said(claim)) == claim
    assert text_to_check(said(f"/cek {claim}")) == claim
    assert text_to_check(said("/cek", reply_text=claim)) == claim
    assert text_to_check(said("bener gak?", reply_text=claim)) == claim
    assert text_to_check(said("bener gak?", reply_text=claim, reply_from_us=True)) == "bener gak?"
    group = said("@saringbot", reply_text=claim, group=True, mentioned=True)
    assert text_to_check(group) == claim
    assert text_to_check(said("")) == ""


def test_an_edited_draft_is_still_the_words_after_the_command() -> None:
    claim = "Jembatan Melati roboh tadi malam"
    assert text_to_check(said(f"cek {claim}", act=Act.EDIT)) == claim
    assert text_to_check(said("/hapus", act=Act.EDIT)) == ""


def test_own_words_that_make_a_claim_win_over_the_message_replied_to() -> None:
    own = "Katanya Jembatan Kenanga yang roboh"
    assert text_to_check(said(own, reply_text="Jembatan Melati roboh tadi malam")) == own


def test_addresses_hidden_behind_words_are_looked_up_too() -> None:
    message = said("klik di sini", links=("https://jahat.example/x",))
    assert text_to_check(message) == "klik di sini\nhttps://jahat.example/x"


def test_the_text_to_check_is_masked_tidied_and_bounded() -> None:
    hostile = "hubungi 081234567890 \x00\ud800" + "a" * 100_000
    text = text_to_check(said(hostile))
    assert text.startswith("hubungi [nomor]")
    assert len(text) <= LONGEST
    assert "\x00" not in text
    text.encode()


def test_runs_of_marks_are_cut_before_anything_else() -> None:
    assert len(tidy("Z" + "\u0301" * 5000)) <= 5


CATS = "Mulai besok semua kucing di Melati wajib punya kartu identitas"
TOLD = "Hasil pilkada kemarin: Anies menang di Jakarta, Ridwan kalah, vaksin tidak aman"


@pytest.mark.parametrize(
    ("text", "earlier", "asks"),
    [
        ("yang kucing tadi gimana", CATS, True),
        ("hasil kucing yang tadi", CATS, True),
        ("gimana yang kucing Melati tadi?", CATS, True),
        ("yang anjing tadi gimana", CATS, False),
        ("Hasil pilkada kemarin Ridwan menang di Jakarta", TOLD, False),
        ("hasil vaksin kemarin aman", TOLD, False),
        ("Result yesterday: Biden lost to Trump", "Result yesterday: Trump lost to Biden", False),
    ],
)
def test_who_claims_something_in_the_words_of_before_does_not_ask_after_it(
    text: str, earlier: str, asks: bool
) -> None:
    assert asks_after(said(text), earlier) is asks


@given(ANYTHING)
def test_any_text_can_be_read(text: str) -> None:
    message = said(text)
    assert not command(message) or command(message).name  # type: ignore[union-attr]
    assert isinstance(must_wait(message), bool)
    text_to_check(message).encode()


@given(ANYTHING, st.integers(1, 50))
def test_cutting_respects_utf_16_units(text: str, limit: int) -> None:
    assert units(cut(text, limit)) <= max(limit, 1)


@given(ANYTHING)
def test_shown_text_is_one_line_without_hidden_signs(text: str) -> None:
    line = shown(text, 80)
    assert line.splitlines() in ([], [line])
    assert not set(line) & set("\u202e\u2066\u200b\u200e\x00")


@pytest.mark.parametrize("act", [Act.MESSAGE, Act.EDIT])
def test_words_around_a_message_stay_a_remark_when_corrected(act: Act) -> None:
    assert is_remark(replace(said("ini benar gak ya nak, dapat dari grup"), act=act))


@pytest.mark.parametrize(
    "claim",
    [
        "ada babi di kampung sebelah",
        "link ini harus diklik semua",
        "tulisan Allah di gambar babi",
        "text from God in the picture",
    ],
)
def test_a_claim_in_common_words_is_no_remark(claim: str) -> None:
    assert not is_remark(said(claim))


@pytest.mark.parametrize(
    "remark",
    [
        "saya tunggu lho, penting ini buat cucu saya",
        "tolong cek video yang saya kirim tadi",
        "please check the video I sent earlier",
        "dasar bot gak guna",
        "bot goblok jawab woi",
        "kamu bohong ya",
        "saya gak ngerti, pencet apa",
        "gimana cara sebarinnya ini",
        "kalo gitu tulis apa dong",
        "kok aneh gitu sih jawabannya",
        "which button should I press",
    ],
)
def test_what_somebody_says_around_a_question_is_none_of_its_own(remark: str) -> None:
    assert is_remark(said(remark))
    assert small_talk(remark) is Talk.FILLER


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("bisa bicara sama orang?", "about"),
        ("nomor wa nya berapa", "about"),
        ("siapa yang bayar kamu?", "about"),
        ("who pays you?", "about"),
        ("kapan selesainya ya min", "status"),
        ("aman disebar gak?", "status"),
        ("What happened to my question?", "status"),
        ("tolong bantu saya", "help"),
    ],
)
def test_questions_about_us_are_answered_not_queued(asked: str, meant: str) -> None:
    assert command(said(asked)) == Command(meant)


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        ("ya udah batal aja", "no"),
        ("Maaf, salah kirim", "no"),
        ("wrong chat, sorry", "no"),
        ("kata siapa?", "evidence"),
        ("kamu yakin?", "evidence"),
        ("I don't believe it.", "evidence"),
        ("gimana cara sebarinnya?", "forward"),
        ("buatin caption dong", "forward"),
        ("Teks siap pakai", "forward"),
    ],
)
def test_second_thoughts_and_doubts_are_taken_at_their_word(words: str, meant: str) -> None:
    assert typed(said(words)) == meant


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "<{}>",
        "*{}*",
        "_{}_",
        "~{}~",
        "“{}”",
        "'{}'.",
        "({}).",
        "{}!",
        "{}\u200e",
        "{}\u200b*",
    ],
)
def test_a_link_ends_before_what_stands_around_it(around: str):
    assert links(around.format("https://contoh.example/a?id=7")) == [
        "https://contoh.example/a?id=7"
    ]
