"""Working together from Telegram: what the web desk can do, its chat can do, by the same rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.doors import room
from handlers import casework, moderate
from knowledge_base.facts import QuestionState, Role, State
from tests.audit_log import entries
from tests.bot.colleagues import (
    FACT,
    PIN,
    RUMOUR,
    Colleague,
    asked,
    joins,
    publishes,
    the_question,
    writes_an_answer,
)
from tests.by_hand import FACTS, ByHand
from tests.servers.telegram import FakeTelegram, Person

OTHER = "Jembatan gantung Kali Bening dikabarkan putus tadi malam"


async def two(saring: ByHand) -> tuple[Colleague, Colleague]:
    """A moderator and an editor."""
    return await joins(saring, "Sari", Role.MODERATOR), await joins(saring, "Dewi", Role.EDITOR)


def actions(saring: ByHand) -> list[str]:
    """What the audit says was done to questions, in order."""
    with saring.store.read() as work:
        written = entries(work)
    return [entry.action for entry in written if entry.what.startswith("question/")]


class TestTalking:
    async def test_a_comment_reaches_whom_it_names_with_the_card(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        await sari.taps("⋯ Lainnya")
        await sari.taps("💬 Komentar")
        assert "tersimpan" in await sari.says("@Dewi tolong lihat sumbernya")
        assert "Sari menyebut Anda" in dewi.last.text
        assert "tolong lihat sumbernya" in dewi.last.text
        assert "🙋 Ambil" in dewi.last.labels
        assert "1 komentar" in sari.heard(RUMOUR)[0].text

    async def test_an_answer_goes_on_after_a_comment(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await sari.taps("❌ SALAH")
        await sari.taps("⋯ Lainnya")
        await sari.taps("💬 Komentar")
        await sari.says("sebentar, saya telepon dinasnya")
        assert "3/5" in await sari.says(FACT)

    async def test_never_mind_leads_back_to_the_step_before(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await sari.taps("❌ SALAH")
        await sari.taps("⋯ Lainnya")
        await sari.taps("🚩 Minta editor")
        await sari.taps("✖️ Tidak jadi")
        assert "3/5" in await sari.says(FACT)
        assert "escalate" not in actions(saring)

    async def test_an_editor_who_is_called_hears_it_and_settles_it(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        await sari.taps("⋯ Lainnya")
        await sari.taps("🚩 Minta editor")
        await sari.says("Ini menyangkut sengketa pilkada")
        assert "Sari minta editor melihat" in dewi.last.text
        assert dewi.last is not dewi.heard(RUMOUR)[0]
        assert "sengketa pilkada" in sari.heard(RUMOUR)[0].text
        await dewi.taps("⋯ Lainnya")
        await dewi.taps("👌 Sudah dilihat")
        assert "sengketa pilkada" not in sari.heard(RUMOUR)[0].text
        assert actions(saring)[-2:] == ["escalate", "escalation settled"]


class TestHandingOver:
    async def test_a_colleague_gets_it_with_a_card_and_goes_on(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await sari.taps("⋯ Lainnya")
        await sari.taps("🤝 Serahkan")
        await sari.taps("Dewi")
        assert "Sari menyerahkan" in dewi.last.text
        await dewi.taps("▶️ Kerjakan")
        assert "1/5" in dewi.last.text
        assert "Dewi" in sari.heard(RUMOUR)[0].text
        assert actions(saring)[:2] == ["take", "hand over"]

    async def test_what_a_colleague_has_cannot_be_given_away(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        rini = await joins(saring, "Rini", Role.MODERATOR)
        await asked(saring)
        await sari.taps("⋯ Lainnya")
        menu = sari.last
        await dewi.taps("🙋 Ambil")
        await sari.taps("🤝 Serahkan", on=menu)
        await sari.taps("Rini")
        assert "Dewi sedang mengerjakan" in sari.last.text
        assert rini.heard("menyerahkan") == []

    async def test_an_editor_gives_back_what_somebody_left_lying(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await dewi.taps("⋯ Lainnya")
        await dewi.taps("↩️ Lepaskan")
        assert "🙋 Ambil" in sari.heard(RUMOUR)[0].labels
        assert actions(saring) == ["take", "release"]
        assert "Dewi mengembalikan" in sari.last.text
        assert "🙋 Ambil" in sari.last.labels
        assert dewi.heard("mengembalikan") == []

    async def test_who_gives_back_their_own_is_not_told_so_by_a_colleague(self, saring) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await sari.taps("⋯ Lainnya")
        await sari.taps("↩️ Lepaskan")
        assert sari.heard("mengembalikan") == []

    async def test_who_had_it_hears_that_an_editor_passed_it_on(self, saring: ByHand) -> None:
        sari, dewi = await two(saring)
        rini = await joins(saring, "Rini", Role.MODERATOR)
        await asked(saring)
        await sari.taps("🙋 Ambil")
        await dewi.taps("⋯ Lainnya")
        await dewi.taps("🤝 Serahkan")
        await dewi.taps("Rini")
        assert "kepada rekan lain" in sari.last.text
        assert "Rini" in sari.last.text
        assert "menyerahkan" in rini.last.text
        assert rini.heard("rekan lain") == []


class TestOneRumourOrTwo:
    async def test_it_is_merged_into_the_ticket_that_is_typed(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await asked(saring, OTHER, "Budi")
        [first, second] = [sari.heard(text)[0] for text in (RUMOUR, OTHER)]
        into = first.text.split()[0]
        await sari.taps("⋯ Lainnya", on=second)
        await sari.taps("🔗 Gabung pertanyaan")
        assert "digabung" in await sari.says(into)
        assert f"Digabung dengan {into.lstrip('#')}" in second.text
        assert second.labels == []
        saring.fake.passes(61)
        await saring.settle()
        assert "2 penanya" in first.text

    async def test_what_looks_alike_is_merged_by_one_tap(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        for name, filled in (("Ani", "40 liter sirup"), ("Budi", "900 liter sirup")):
            saring.fake.person(name).sends(RUMOUR.replace("sirup jambu", filled))
            await saring.settle()
        with saring.store.read() as work:
            assert len(work.questions.open()) == 2
        await sari.taps("⋯ Lainnya", on=sari.heard("900 liter")[0])
        await sari.taps("🔗 Gabung pertanyaan")
        assert "Yang mirip" in sari.last.text
        await sari.taps("#")
        assert "digabung dengan" in sari.last.text
        with saring.store.read() as work:
            assert [one.askers for one in work.questions.open()] == [2]

    async def test_wordings_are_split_off_and_their_askers_go_along(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await asked(saring, OTHER, "Budi")
        with saring.store.work() as work:
            [first, second] = work.questions.open()
            tools = room(work, saring.clock(), saring.rules)
            casework.merge(tools, work.desk.by_name("Dewi"), second.code, 1, first.code)
        await saring.settle()
        await sari.taps("⋯ Lainnya", on=sari.heard(f"#{first.code}")[0])
        await sari.taps("✂️ Pisahkan")
        assert "Pilih sebagian" in await sari.says("9")
        await sari.says("2")
        assert sari.heard("pertanyaan baru")
        assert "🙋 Ambil" in sari.last.labels
        with saring.store.read() as work:
            assert [one.askers for one in work.questions.open()] == [1, 1]

    async def test_a_split_of_what_has_changed_meanwhile_says_so(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        await asked(saring, OTHER, "Budi")
        await asked(saring, "Kambing di Dukuh Cemara katanya bisa bernyanyi", "Citra")
        with saring.store.work() as work:
            [first, *others] = work.questions.open()
            tools, editor = room(work, saring.clock(), saring.rules), work.desk.by_name("Dewi")
            for other in others:
                casework.merge(tools, editor, other.code, 1, first.code)
        await saring.settle()
        await sari.taps("⋯ Lainnya", on=sari.heard(f"#{first.code}")[0])
        await sari.taps("✂️ Pisahkan")
        with saring.store.work() as work:
            last = work.cases.wordings(first.code)[2].id
            casework.split(room(work, saring.clock(), saring.rules), editor, first.code, 1, [last])
        await sari.says("2")
        assert sari.heard("sementara itu berubah")

    async def test_same_as_a_typed_number_is_told_after_the_pin(self, saring: ByHand) -> None:
        sari, _ = await two(saring)
        ani = await asked(saring)
        await sari.taps("⋯ Lainnya")
        await sari.taps("🔗 Sama dengan nomor …")
        assert "nomor" in await sari.says("9999")
        assert the_question(saring).state is QuestionState.OPEN
        await sari.says("#2")
        assert "dijawab dengan nomor 2" in await sari.says(PIN)
        saring.fake.passes(60)
        await saring.settle()
        assert "daun sirsak" in saring.fake.last_to(ani).text


class TestClosing:
    @pytest.mark.parametrize(
        ("path", "kind"),
        [(("⋯ Lainnya", "🗑 Spam"), "spam"), (("🚫 Bukan kabar", "Pakai alasan"), "not a claim")],
    )
    async def test_ready_words_are_polite_and_name_no_spam(
        self, saring: ByHand, path: tuple[str, str], kind: str
    ) -> None:
        sari, _ = await two(saring)
        ani = await asked(saring)
        for label in path:
            await sari.taps(label)
        assert "ditutup" in sari.last.text
        assert actions(saring)[-1] == f"closed as {kind}"
        saring.fake.passes(60)
        await saring.settle()
        told = saring.fake.last_to(ani).text
        assert "kirim bagian itu saja" in told
        assert "spam" not in told.lower()


class TestCorrecting:
    async def published(self, saring: ByHand) -> tuple[Colleague, Person]:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        ani = await asked(saring)
        await writes_an_answer(sari)
        await publishes(sari)
        saring.fake.passes(60)
        await saring.settle()
        return sari, ani

    async def test_a_correction_is_told_once_to_whoever_was_told(self, saring: ByHand) -> None:
        sari, ani = await self.published(saring)
        number = the_question(saring).fact_number
        await sari.says(f"/desk ralat {number}")
        await sari.taps("✏️ Fakta")
        await sari.says("Air sumur itu keruh karena hujan, dan tidak manis.")
        await sari.taps("✅ Terbitkan")
        await sari.taps("Ada fakta baru")
        assert "Ralat" in await sari.says("Dinas mengirim hasil laboratorium.") + sari.last.text
        for _ in range(3):
            saring.fake.passes(600)
            await saring.settle()
        [told] = [sent for sent in saring.fake.sent_to(ani) if "keruh" in sent.text]
        assert "hasil laboratorium" in told.text

    async def test_a_mark_of_outdated_is_an_editors(self, saring: ByHand) -> None:
        sari, _ = await self.published(saring)
        dewi = await joins(saring, "Dewi", Role.EDITOR)
        number = the_question(saring).fact_number
        await sari.says(f"/desk usang {number} jadwalnya sudah lewat")
        assert "Peran Anda tidak mencakup" in sari.last.text
        await dewi.says(f"/desk usang {number} jadwalnya sudah lewat")
        assert "usang" in await dewi.says(PIN)
        with saring.store.read() as work:
            fact = work.facts.get(number)
        assert (fact.state, fact.outdated) == (State.RETRACTED, True)

    async def test_nothing_is_revised_when_nothing_was_changed(self, saring: ByHand) -> None:
        sari, _ = await self.published(saring)
        number = the_question(saring).fact_number
        await sari.says(f"/desk ralat {number}")
        await sari.taps("✅ Terbitkan")
        await sari.taps("Kesalahan kami")
        await sari.says("salah ketik")
        with saring.store.read() as work:
            assert work.facts.get(number).version == 1


class TestCards:
    async def test_one_more_asker_is_counted_within_a_minute_by_one_edit(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        card = sari.last
        for name in ("Budi", "Cici", "Dodo"):
            await asked(saring, name=name)
        assert "1 penanya" in card.text
        before = len(fake.called("editMessageText"))
        fake.passes(60)
        await saring.settle()
        assert "4 penanya" in card.text
        assert len(fake.called("editMessageText")) - before == 2  # one for each chat

    async def test_who_takes_their_question_back_is_counted_no_more(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, _ = await two(saring)
        ani, budi = await asked(saring), await asked(saring, name="Budi")
        fake.passes(60)
        for person in (budi, ani):
            person.presses("🗑 Hapus yang ini", on=fake.sent_to(person)[0])
            await saring.settle()
            fake.passes(61)
            await saring.settle()
        assert "tidak ada lagi yang menanyakannya" in sari.last.text
        assert sari.last.labels == []

    async def test_a_card_is_free_again_when_the_half_hour_is_over(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        card = dewi.last
        await sari.taps("🙋 Ambil")
        assert "🙋 Ambil" not in card.labels
        fake.passes(31 * 60)
        await saring.settle()
        assert "🙋 Ambil" in card.labels

    async def test_what_happens_on_the_web_is_seen_on_the_card(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        _, dewi = await two(saring)
        await asked(saring)
        card, code = dewi.last, the_question(saring).code
        with saring.store.work() as work:
            budi = work.desk.add("Budi", Role.MODERATOR, "Redaksi", saring.clock())
        steps = (
            (lambda tools: casework.take(tools, budi, code), "Budi"),
            (lambda tools: casework.hand_over(tools, budi, code, "Sari"), "Sari"),
            (lambda tools: casework.release(tools, sari_herself(saring), code), "🙋 Ambil"),
            (
                lambda tools: moderate.merge_into_fact(tools.ports, budi, code, 1, 1),
                "nomor 1, oleh Budi",
            ),
        )
        for step, words in steps:
            with saring.store.work() as work:
                step(room(work, saring.clock(), saring.rules))
            await saring.settle()
            assert words in " ".join([card.text, *card.labels])

    async def test_a_skipped_card_stays_small_and_does_not_come_again(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, _ = await two(saring)
        await asked(saring)
        card = sari.last
        await sari.taps("⏭ Lewati")
        await asked(saring, name="Budi")
        fake.passes(61)
        await saring.settle()
        assert "Dilewati" in card.text
        assert sari.last is card

    async def test_an_edit_that_has_to_wait_shows_the_newest_state(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        card = dewi.last
        fake.fails("editMessageText", 429, "Too Many Requests", retry_after=1)
        await sari.taps("🙋 Ambil")
        fake.passes(8)
        await saring.settle()
        await sari.taps("✖️ Batal")
        assert "🙋 Ambil" in card.labels

    async def test_what_the_matcher_settles_is_closed_on_the_card(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, _ = await two(saring)
        fake.person("Ani").sends(RUMOUR)
        await saring.settle()
        card = sari.last
        fake.passes(1)
        with saring.store.work() as work:
            work.facts.save(
                replace(
                    FACTS[0], identity="f-9", claim=RUMOUR, title="", fact=FACT, explanation=""
                ),
                "test",
                "test",
            )
            work.jobs.enqueue("rematch_open", {}, due=saring.clock())
        await saring.settle()
        saring.fake.passes(40)
        await saring.settle()
        assert "Selesai dengan nomor" in card.text
        assert card.labels == []


def sari_herself(saring: ByHand):
    with saring.store.read() as work:
        return work.desk.by_name("Sari")


def waits(saring: ByHand, code: str) -> bool:
    """Is it open, and not merged into another?"""
    with saring.store.read() as work:
        found = work.questions.get(code)
    assert found is not None
    return found.code == code and found.state is QuestionState.OPEN


class TestLeases:
    @pytest.mark.parametrize("way", ["same", "spam", "into"])
    async def test_what_a_colleague_has_taken_is_settled_only_when_said_twice(
        self, saring: ByHand, way: str
    ) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        if way == "into":
            await asked(saring, OTHER)
        code = dewi.heard(RUMOUR)[0].text.split()[0].lstrip("#")
        await sari.taps("🙋 Ambil", on=sari.heard(RUMOUR)[0])
        await dewi.taps("⋯ Lainnya", on=dewi.heard(RUMOUR)[0])
        if way == "spam":
            said = await dewi.taps("🗑 Spam")
        elif way == "same":
            await dewi.taps("🔗 Sama dengan nomor …")
            said = await dewi.says("1")
        else:
            other = dewi.heard(OTHER)[0].text.split()[0]
            await dewi.taps("🔗 Gabung pertanyaan")
            said = await dewi.says(other)
        assert f"Sari sedang mengerjakan {code}" in dewi.last.text, said
        assert waits(saring, code)
        await dewi.taps("⚠️ Tetap lakukan")
        if way == "same":
            await dewi.says(PIN)
        assert not waits(saring, code)

    async def test_who_writes_in_a_chat_is_warned_before_the_time_is_over(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        card = dewi.last
        await sari.taps("🙋 Ambil")
        fake.passes(20 * 60)
        await sari.taps("❌ SALAH")  # works on it: the half hour begins anew
        fake.passes(6 * 60)
        await saring.settle()
        assert sari.heard("hanya sampai") == []
        fake.passes(20 * 60)
        await saring.settle()
        [warning] = sari.heard("hanya sampai")
        assert dewi.heard("hanya sampai") == []
        await sari.taps("▶️ Kerjakan", on=warning)
        fake.passes(10 * 60)
        await saring.settle()
        assert "Sedang dikerjakan Sari" in card.text
        fake.passes(30 * 60)
        await saring.settle()
        assert "🙋 Ambil" in card.labels

    async def test_a_reason_typed_after_a_colleague_took_it_is_asked_about_and_kept(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, dewi = await two(saring)
        await asked(saring)
        await sari.taps("🚫 Bukan kabar")
        fake.passes(31 * 60)
        await saring.settle()
        await dewi.taps("🙋 Ambil", on=dewi.heard(RUMOUR)[0])
        await sari.says("Ini iklan.")
        assert "Dewi sedang mengerjakan" in sari.last.text
        await sari.taps("⚠️ Tetap lakukan")
        question = the_question(saring)
        assert (question.state, question.reason) == (QuestionState.REJECTED, "Ini iklan.")
