"""The desk in a chat: an answer in one message, and what a button carries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from handlers.desk_answer import (
    draft_of,
    form,
    take,
    typed,
    urls,
    verdict_of,
    whole,
    whole_draft,
)
from handlers.desk_cards import announce, redraw, summary
from handlers.desk_talk import Desk
from handlers.messages import Act, Outgoing
from handlers.summary import span
from knowledge_base.chats import DeskChat, Wish
from knowledge_base.facts import Moderator, Refused, Role, Source
from knowledge_base.figures import DayFigures, Standing
from tests.fakes import SARI, FakeHouse
from tests.handlers.callers import answers, asked, house_with_facts, said


@pytest.fixture
def house() -> FakeHouse:
    made = house_with_facts()
    made.person("sari")
    made.desk.people = [SARI]
    made.chats.linked["p-sari"] = DeskChat("p-sari", SARI)
    return made


def cards(house: FakeHouse, code: str) -> list[Outgoing]:
    return announce(house.ports(), code)


@pytest.mark.parametrize(
    ("word", "verdict"),
    [("SALAH", "false"), ("false.", "false"), ("Menyesatkan", "misleading"), ("halo", "")],
)
def test_a_verdict_is_named_in_any_language(word: str, verdict: str) -> None:
    assert verdict_of(word) == verdict


def test_a_form_is_verdict_fact_why_and_addresses() -> None:
    fields = form("SALAH\n\nSumurnya jernih.\nSudah diperiksa.\nhttps://a.example/x.\n")
    assert fields["verdict"] == "false"
    assert fields["fact"] == "Sumurnya jernih."
    assert fields["explanation"] == "Sudah diperiksa."
    assert fields["url_1"] == "https://a.example/x"
    assert form("terima kasih\nsama-sama") == {}


def test_three_addresses_are_kept_and_words_around_them_are_not() -> None:
    found = urls("lihat https://a.example/1, https://b.example/2 https://c.example/3 http://d.ex/4")
    assert [found[f"url_{n}"] for n in (1, 2, 3)] == [
        "https://a.example/1", "https://b.example/2", "https://c.example/3",
    ]  # fmt: skip
    assert urls("tidak ada") == {}
    assert urls("Lihat Https://a.example/X.")["url_1"] == "https://a.example/X"


WRITTEN = {
    "verdict": "false", "claim": "Tokoh X ditangkap", "fact": "Tidak.", "claim_date": "2026-11-01",
    "url_1": "https://a.example/x", "title_1": "T", "date_1": "2026-11-02",
    "public_figure": "yes", "concerns": "Org A",
}  # fmt: skip


def test_what_was_written_on_the_web_is_published_whole_from_a_chat(house: FakeHouse) -> None:
    code = asked(house, "Tokoh X ditangkap polisi kemarin malam").question
    house.desk.save_draft(SARI.id, code, WRITTEN)
    desk = Desk(house.ports(), house.chats.linked["p-sari"], "b")
    take(desk, code)
    whole(desk, {"fact": "Tidak benar."})
    draft = whole_draft(desk)
    assert (draft.public_figure, draft.concerns) == (True, ("Org A",))
    assert draft.claim_date == date(2026, 11, 1)
    assert draft.sources == (Source("https://a.example/x", "", "T", date(2026, 11, 2)),)
    kept = house.desk.draft(SARI.id, code)
    assert {name: kept[name] for name in WRITTEN} == WRITTEN | {"fact": "Tidak benar."}


def test_a_date_nobody_can_read_keeps_nobody_from_taking_a_question(house: FakeHouse) -> None:
    code = asked(house, "Tokoh X ditangkap polisi kemarin malam").question
    house.desk.save_draft(SARI.id, code, WRITTEN | {"date_1": "kemarin"})
    desk = Desk(house.ports(), house.chats.linked["p-sari"], "b")
    assert take(desk, code)
    with pytest.raises(Refused, match="kemarin"):
        whole_draft(desk)


def test_what_was_edited_away_is_not_the_claim_of_the_answer(house: FakeHouse) -> None:
    code = asked(house, "Sumur di Melati berisi sirup jambu").question
    desk = Desk(house.ports(), house.chats.linked["p-sari"], "b")
    take(desk, code)
    typed(desk, "fact", "Airnya biasa.")
    other = "Semua kucing di Melati wajib punya KTP"
    house.questions.ask(replace(house.questions.submissions["s1"], text=other, fingerprint="x"))
    take(desk, code)
    assert (draft_of(desk).claim, draft_of(desk).fact) == (other, "Airnya biasa.")


@pytest.mark.parametrize("text", ["/desk", "Sumurnya jernih."])
def test_who_writes_in_a_linked_chat_is_here(house: FakeHouse, text: str) -> None:
    house.chats.linked["p-ani"] = DeskChat("p-ani", SARI)
    answers(house, said(text))
    assert house.chats.here == {SARI.id}


def test_a_card_comes_once_and_only_to_who_wished_for_it(house: FakeHouse) -> None:
    code = asked(house, "Sumur di Melati berisi sirup jambu").question
    assert len(cards(house, code)) == 1
    assert cards(house, code) == []
    other = asked(house, "Jembatan Melati roboh tadi malam", "budi", "s2").question
    house.chats.linked["p-sari"] = DeskChat("p-sari", SARI, wish=Wish.RISING)
    assert cards(house, other) == []


def test_a_reader_gets_no_cards(house: FakeHouse) -> None:
    reader = Moderator(9, "rani", Role.READER)
    house.chats.linked["p-sari"] = DeskChat("p-sari", reader)
    assert cards(house, asked(house, "Sumur di Melati berisi sirup jambu").question) == []


def test_a_card_is_edited_only_where_that_is_no_new_message(house: FakeHouse) -> None:
    for name in ("dewi", "budi"):
        house.person(name)
        house.chats.linked[f"p-{name}"] = DeskChat(f"p-{name}", SARI)
    house.people.save(replace(house.people.get("p-budi"), channel="whatsapp"))
    code = asked(house, "Sumur di Melati berisi sirup jambu").question
    assert len(cards(house, code)) == 3
    assert sorted(each.to for each in redraw(house.ports(), code)) == ["p-dewi", "p-sari"]


def test_many_questions_become_one_digest(house: FakeHouse) -> None:
    for number in range(7):
        code = asked(house, f"Kabar aneh nomor {number} di Melati", "ani", f"s{number}").question
        cards(house, code)
    assert len(house.chats.sent) == 5
    assert len([job for job in house.jobs.waiting if job.task == "desk_digest"]) == 1


def test_a_card_shows_no_telephone_number(house: FakeHouse) -> None:
    [card] = cards(house, asked(house, "Hubungi 0812-3456-7890 untuk bantuan").question)
    assert "3456" not in card.text
    assert "[nomor]" in card.text


def test_the_day_goes_to_groups_where_there_are_some(house: FakeHouse) -> None:
    house.person("grup")
    house.chats.linked["p-grup"] = DeskChat("p-grup", SARI, group=True)
    standing = Standing(backlog=3, on_duty=(("Sari", 4),))
    [said] = summary(house.ports(), DayFigures(date(2026, 11, 20), first_word=9.0), standing)
    assert (said.to, "3 pertanyaan sedang menunggu" in said.text) == ("p-grup", True)
    assert "kata pertama dalam 9 detik" in said.text
    assert "Sari (4)" in said.text


def test_a_span_is_told_in_its_largest_unit() -> None:
    spans = [span("id", 60 * minutes) for minutes in (0.5, 59, 150, 60 * 72)]
    assert spans == ["30 detik", "59 menit", "2 jam", "3 hari"]


def linked_and_waiting(step: str, **talk: object) -> FakeHouse:
    house = house_with_facts()
    house.person("ani")
    house.desk.people = [SARI]
    house.chats.linked["p-ani"] = DeskChat("p-ani", SARI, talk={"step": step, **talk})
    return house


@pytest.mark.parametrize(
    ("words", "urls_kept"),
    [
        ("kpu.go.id, bawaslu.go.id.", ["https://kpu.go.id", "https://bawaslu.go.id"]),
        ("KPU (kpu.go.id/berita)", ["https://kpu.go.id/berita"]),
        ("menurut dr.Tirta di detik.com", ["https://detik.com"]),
    ],
)
def test_addresses_begun_at_the_host_are_sources(words: str, urls_kept: list[str]) -> None:
    house = linked_and_waiting("sources", code="7F3K", version=1, fields={})
    answers(house, said(words))
    fields = house.chats.linked["p-ani"].talk["fields"]
    assert [fields[f"url_{n}"] for n in (1, 2, 3) if fields[f"url_{n}"]] == urls_kept


def test_a_corrected_step_becomes_no_question() -> None:
    house = linked_and_waiting("fact", code="7F3K", version=1, fields={})
    (told,) = answers(
        house, said("KPU menyatakan TPS tetap buka sampai sore", act=Act.EDIT, ref="m9")
    )
    assert "tidak kami baca" in told.text
    assert house.ports().questions.open() == ()


def test_a_moderators_own_question_can_still_be_corrected() -> None:
    house = linked_and_waiting("")
    answers(house, said("Jembatan Melati roboh tadi malam", ref="m1"))
    (told,) = answers(house, said("Jembatan Melati roboh tadi pagi", act=Act.EDIT, ref="m1"))
    assert "sudah kami perbarui" in told.text


@pytest.mark.parametrize(
    "words", ["Cek ulang sumber kedua, tautannya mati", "Status hukumnya belum jelas"]
)
def test_a_reason_that_begins_like_a_command_is_a_reason(words: str) -> None:
    house = linked_and_waiting("back", code="", proposal=3)
    answers(house, said(words))
    assert house.ports().questions.open() == ()
    assert not house.questions.submissions


def test_a_command_with_a_slash_is_a_command_in_every_step() -> None:
    house = linked_and_waiting("back", code="", proposal=3)
    (told,) = answers(house, said("/status"))
    assert "Belum ada pertanyaan" in told.text
