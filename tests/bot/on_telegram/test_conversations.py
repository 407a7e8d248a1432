"""Whole conversations on Telegram: people on one side, the real store and handlers on the other."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.facts import Verdict
from tests.by_hand import CLAIM, ByHand
from tests.fakes import DESK
from tests.servers.telegram import FakeTelegram

HOUSE = Path(__file__).resolve().parents[3]
RUMOUR = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu"


async def test_a_forwarded_hoax_gets_its_verdict_as_a_reply(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = fake.person("Sari")
    asked = sari.forwards(CLAIM)
    await saring.settle()
    [answer] = fake.sent_to(sari)
    assert answer.styled("bold") == ["❌ Pesan ini SALAH."]
    assert "tetap buka pukul 07.00–13.00" in answer.text
    assert answer.reply_to == asked["message_id"]
    assert answer.labels


async def test_every_button_of_a_verdict_answers(saring: ByHand, fake: FakeTelegram) -> None:
    sari = fake.person("Sari")
    sari.forwards(CLAIM)
    await saring.settle()
    for label in fake.last_to(sari).labels:
        before = sum(len(sent.versions) for sent in fake.sent_to(sari))
        query = sari.presses(label, on=fake.sent_to(sari)[0])
        await saring.settle()
        said = sum(len(sent.versions) for sent in fake.sent_to(sari)) > before
        assert said or fake.toasts[query], label


async def test_an_album_is_one_question(saring: ByHand, fake: FakeTelegram) -> None:
    sari = fake.person("Sari")
    sari.shows_album(4, caption=CLAIM)
    await saring.settle()
    await saring.settle()
    [answer] = fake.sent_to(sari)
    assert "SALAH" in answer.text


async def test_the_caption_of_an_album_can_be_corrected_wherever_it_stands(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = fake.person("Sari")
    sari.shows("photo", media_group_id="7")
    captioned = sari.shows("photo", caption=RUMOUR, media_group_id="7")
    await saring.settle()
    await saring.settle()
    sari.edits(captioned, CLAIM)
    await saring.settle()
    assert "SALAH" in fake.last_to(sari).text
    with saring.store.read() as work:
        assert work.questions.open() == ()


async def test_typing_shows_while_we_wait_for_more_and_never_after_the_answer(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari, budi = fake.person("Sari"), fake.person("Budi")
    sari.sends("bener gak nih?")
    budi.forwards(CLAIM)
    await saring.receive(fake.updates)
    while await saring.worker.step():
        pass
    while not fake.typing:
        await asyncio.sleep(0)
    await saring.settle()
    assert fake.typing == [sari.id]
    assert len(fake.sent_to(budi)) == 1


async def test_an_edit_corrects_the_same_question(saring: ByHand, fake: FakeTelegram) -> None:
    sari = fake.person("Sari")
    asked = sari.sends(RUMOUR)
    await saring.settle()
    sari.edits(asked, CLAIM)
    await saring.settle()
    assert "SALAH" in fake.last_to(sari).text
    assert fake.last_to(sari).reply_to == asked["message_id"]


async def test_an_edit_into_another_rumour_gets_nobody_elses_answer(
    saring: ByHand, fake: FakeTelegram
) -> None:
    other = "Mulai besok semua kucing di Kelurahan Mawar wajib punya kartu identitas"
    sari, budi, citra = (fake.person(name) for name in ("Sari", "Budi", "Citra"))
    asked = sari.sends(RUMOUR)
    budi.sends(RUMOUR)
    await saring.settle()
    sari.edits(asked, RUMOUR.replace("Kabarnya", "Katanya"))
    await saring.settle()
    assert "sudah kami perbarui" in fake.last_to(sari).text
    sari.edits(asked, other)
    await saring.settle()
    assert "BELUM DIPERIKSA" in fake.last_to(sari).text
    with saring.store.read() as work:
        texts = {question.text: question.askers for question in work.questions.open()}
    assert texts == {RUMOUR: 1, other: 1}
    budi.sends("hapus yang ini")
    await saring.settle()
    with saring.store.read() as work:
        assert [question.text for question in work.questions.open()] == [other]
    await answer_the_question(saring, other)
    citra.sends(RUMOUR)
    await saring.settle()
    assert "SALAH" in fake.last_to(sari).text
    assert "SALAH" not in fake.last_to(budi).text + fake.last_to(citra).text


async def test_deleting_a_question_takes_along_all_they_sent_about_it(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = fake.person("Sari")
    for text in (RUMOUR, f"{RUMOUR} Sebarkan ke semua warga!!"):
        sari.sends(text)
        await saring.settle()
    sari.presses("Hapus yang ini")
    await saring.settle()
    assert "tidak kami simpan lagi" in fake.last_to(sari).text
    with saring.store.read() as work:
        assert work.questions.open() == ()


async def test_the_asker_is_told_when_a_moderator_has_answered(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari, budi = fake.person("Sari"), fake.person("Budi")
    asked = sari.forwards(RUMOUR)
    budi.sends(RUMOUR + " 😱😱")
    await saring.settle()
    await answer_the_question(saring)
    for person in (sari, budi):
        assert "SALAH" in fake.last_to(person).text
    assert fake.last_to(sari).reply_to == asked["message_id"]


async def answer_the_question(saring: ByHand, claim: str = RUMOUR) -> None:
    """A moderator answers the only open question; the time for undoing passes."""
    from bot.doors import ports
    from handlers import moderate
    from knowledge_base.facts import Source

    with saring.store.work() as work:
        [question] = work.questions.open()
        draft = moderate.Draft(
            verdict=Verdict.FALSE,
            claim=claim,
            fact="Air sumur di Dukuh Awan-awan Atas jernih seperti biasa.",
            sources=(Source("https://dinas.example/air", "Dinas Air"),),
        )
        doors = ports(work, saring.clock(), saring.rules)
        moderate.answer_question(doors, DESK, question.code, question.version, draft)
    saring.fake.passes(60)
    await saring.settle()


async def test_who_blocks_us_is_left_alone_and_served_again_later(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = fake.person("Sari")
    sari.forwards(RUMOUR)
    await saring.settle()
    sari.blocks()
    await saring.settle()
    await answer_the_question(saring)
    assert len(fake.sent_to(sari)) == 1
    sari.returns()
    await saring.settle()
    assert "jernih seperti biasa" in fake.last_to(sari).text
    sari.forwards(CLAIM)
    await saring.settle()
    assert "SALAH" in fake.last_to(sari).text


async def test_a_flood_of_near_copies_from_many_accounts_is_one_question(
    saring: ByHand, fake: FakeTelegram
) -> None:
    for number in range(40):
        tail = ("🔥" * (number % 4), f" {number:04d}", f" https://t.example/?id={number}", "!!!")
        fake.person(f"Akun {number}").sends(f"{RUMOUR}{tail[number % 4]}")
    await saring.settle()
    with saring.store.read() as work:
        [question] = work.questions.open()
    assert question.askers == 40


async def test_an_account_that_is_gone_costs_one_try_and_no_retry(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = fake.person("Sari")
    sari.forwards(RUMOUR)
    await saring.settle()
    sari.deletes_account()
    calls = len(fake.called("sendMessage"))
    await answer_the_question(saring)
    for _ in range(3):
        fake.passes(3600)
        await saring.settle()
    assert len(fake.called("sendMessage")) == calls + 1
    known = saring.known(sari)
    assert known is not None
    assert known.unreachable


async def test_a_message_of_every_kind_gets_a_reply(saring: ByHand, fake: FakeTelegram) -> None:
    sari = fake.person("Sari")
    kinds = ("photo", "video", "animation", "video_note", "voice", "audio", "document", "sticker")
    for number, kind in enumerate(kinds, start=1):
        sari.shows(kind)
        await saring.settle()
        fake.passes(20)
        assert len(fake.sent_to(sari)) == number, kind


async def test_the_page_for_operators_shows_what_is_really_said(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari, budi = fake.person("Sari"), fake.person("Budi")
    sari.forwards(CLAIM)
    await saring.settle()
    sari.forwards(RUMOUR)
    await saring.settle()
    await answer_the_question(saring)
    group = fake.group("RT 05", sari, budi)
    sari.replies(budi.sends(CLAIM, to=group), "/cek", to=group)
    await saring.settle()
    page, readme = (
        re.sub(r"\s+", " ", (HOUSE / name).read_text(encoding="utf-8"))
        for name in ("docs/telegram.md", "README.md")
    )
    told = []
    for sent in [*fake.sent_to(sari), fake.last_to(group)]:
        said = re.sub(r"([Nn]omor:? )[0-9A-Z]{4}\b", r"\g<1>7F3K", sent.text)
        labels = " ".join(f"[{label}]" for label in sent.labels)
        told.append(re.sub(r"\s+", " ", f"{said} {labels}").strip())
    assert [words for words in told if words not in page] == []
    assert told[0] in readme


class TestGroups:
    async def test_cek_as_a_reply_checks_the_other_message(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, budi = fake.person("Sari"), fake.person("Budi")
        group = fake.group("RT 05", sari, budi)
        rumour = budi.sends(CLAIM, to=group)
        sari.replies(rumour, "/cek", to=group)
        await saring.settle()
        answer = fake.last_to(group)
        assert (answer.reply_to, answer.styled("bold")) == (
            rumour["message_id"],
            ["❌ Pesan ini SALAH."],
        )
        assert fake.sent_to(budi) == []

    async def test_cek_below_what_cannot_be_checked_says_so(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, budi = fake.person("Sari"), fake.person("Budi")
        group = fake.group("RT 05", sari, budi)
        picture = budi.sends("", to=group, photo=[])
        sari.replies(picture, "/cek", to=group)
        sari.replies(budi.sends("wkwk", to=group), "/cek", to=group)
        sari.replies(budi.sends(CLAIM, to=group), "/cek", to=group)
        await saring.settle()
        *before, verdict = fake.sent_to(group)
        assert ["tidak ada tulisan" in sent.text for sent in before[1:]] == [True, True]
        ours = {"message_id": verdict.id, "chat": group.chat(), "date": 1, "text": verdict.text}
        sari.replies(ours | {"from": {"id": fake.id, "is_bot": True}}, "/cek", to=group)
        await saring.settle()
        assert "jawaban saya sendiri" in fake.last_to(group).text

    async def test_a_mention_in_a_reply_checks_the_other_message(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, budi = fake.person("Sari"), fake.person("Budi")
        group = fake.group("RT 05", sari, budi, privacy=False)  # else Telegram tells us nothing
        rumour = budi.sends(CLAIM, to=group)
        sari.replies(rumour, f"@{fake.username} benarkah?", to=group)
        await saring.settle()
        answer = fake.last_to(group)
        assert (answer.reply_to, "SALAH" in answer.text) == (rumour["message_id"], True)

    async def test_put_out_of_a_group_it_says_nothing_there_and_nothing_later(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        await saring.settle()
        sari.sends(f"/cek {CLAIM}", to=group)
        await saring.receive(fake.updates)
        group.removes_the_bot(sari)
        await saring.settle()
        assert len(fake.sent_to(group)) == 1  # the greeting
        group.membership(sari, "left", "member")
        await saring.settle()
        assert not any("SALAH" in sent.text for sent in fake.sent_to(group))

    async def test_unknown_leads_into_the_private_chat(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        sari.sends(f"/cek {RUMOUR}", to=group)
        await saring.settle()
        [[button]] = fake.last_to(group).rows
        assert button["url"] == f"https://t.me/{fake.username}?start=cek"

    async def test_an_admin_switches_warnings_on(self, saring: ByHand, fake: FakeTelegram) -> None:
        sari, budi = fake.person("Sari"), fake.person("Budi")
        group = fake.group("RT 05", sari, budi, privacy=False)
        budi.sends("/otomatis", to=group)
        await saring.settle()
        assert "admin" in fake.last_to(group).text
        sari.sends("/otomatis", to=group)
        await saring.settle()
        rumour = budi.sends(CLAIM, to=group)
        budi.sends(RUMOUR, to=group)
        await saring.settle()
        assert fake.last_to(group).reply_to == rumour["message_id"]
        assert len(fake.sent_to(group)) == 4  # hello, not an admin, switched on, one warning

    async def test_nothing_is_looked_up_where_warnings_are_off(
        self, saring: ByHand, fake: FakeTelegram, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari, privacy=False)
        await saring.settle()
        looked_up: list[str] = []
        monkeypatch.setattr(saring.finder, "find", looked_up.append)
        sari.sends(CLAIM, to=group)
        await saring.settle()
        assert looked_up == []

    async def test_a_group_that_moves_keeps_its_warnings(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari, privacy=False)
        sari.sends("/otomatis", to=group)
        await saring.settle()
        new = group.migrates()
        await saring.settle()
        sari.sends(CLAIM, to=new)
        await saring.settle()
        assert "SALAH" in fake.last_to(new).text

    async def test_an_answer_follows_a_group_that_moved_meanwhile(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        group = fake.group("RT 05", sari)
        await saring.settle()
        sari.sends(f"/cek {CLAIM}", to=group)
        await saring.receive(fake.updates)
        new = group.migrates()
        saring.fake.passes(2)
        while await saring.worker.step() or await saring.sender.step():
            pass
        await saring.settle()
        assert "SALAH" in fake.last_to(new).text

    async def test_where_groups_are_off_it_says_goodbye_and_leaves(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        saring.rules = replace(saring.rules, groups="off")
        saring.starts()
        group = fake.group("RT 05", fake.person("Sari"))
        await saring.settle()
        assert len(fake.sent_to(group)) == 1
        assert fake.left == [group.id]

    async def test_only_the_invitation_approves_a_group(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        saring.rules = replace(saring.rules, groups="approved", group_key="kunci-grup")
        saring.starts()
        sari = fake.person("Sari")
        invited, stranger = fake.group("RT 05", sari), fake.group("RT 06", sari)
        sari.sends(f"/start@{fake.username} kunci-grup", to=invited)
        sari.sends(f"/start@{fake.username} tebakan", to=stranger)
        sari.sends(f"/cek {CLAIM}", to=invited)
        await saring.settle()
        assert "SALAH" in fake.last_to(invited).text
        assert "belum terdaftar" in fake.last_to(stranger).text
        assert fake.left == [stranger.id]


class TestQueries:
    async def test_a_search_in_any_chat_offers_cards_and_keeps_nobody(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        query = sari.searches(CLAIM)
        await saring.settle()
        [card] = fake.cards[query]
        assert "07.00–13.00" in card["visible"]
        assert saring.known(sari) is None

    async def test_nothing_found_is_no_card(self, saring: ByHand, fake: FakeTelegram) -> None:
        query = fake.person("Sari").searches(RUMOUR)
        await saring.settle()
        assert fake.cards[query] == []

    async def test_summoned_as_a_guest_it_answers_once_and_keeps_nobody(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = fake.person("Sari")
        query = sari.summons(f"@{fake.username} benar?", about=CLAIM)
        await saring.settle()
        [card] = fake.cards[query]
        assert "SALAH" in card["visible"]
        assert saring.known(sari) is None
        with saring.store.read() as work:
            assert work.questions.open() == ()

    async def test_a_query_that_is_too_old_is_forgotten(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        query = fake.person("Sari").searches(CLAIM)
        fake.passes(1000)
        await saring.settle()
        assert query not in fake.cards
