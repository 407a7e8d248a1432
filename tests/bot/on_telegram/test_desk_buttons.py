"""PIN and buttons of the desk in Telegram: wrong, locked, late, used, foreign, forged, stale."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.doors import room
from handlers import casework
from knowledge_base.chats import OPEN
from knowledge_base.facts import QuestionState, Role
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
from tests.by_hand import ByHand
from tests.servers.telegram import FakeTelegram

DAY = 86_400


async def ready_to_publish(saring: ByHand, pin: str = PIN) -> Colleague:
    """A moderator at the preview, before the PIN."""
    sari = await joins(saring, "Sari", Role.MODERATOR, pin=pin)
    await asked(saring)
    await writes_an_answer(sari)
    await sari.taps("✅ Terbitkan")
    return sari


def state(saring: ByHand) -> QuestionState:
    """Where the one question stands."""
    return the_question(saring).state


class TestPin:
    async def test_five_wrong_ones_lock_even_the_right_one_for_an_hour(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = await ready_to_publish(saring)
        said = [await sari.says("111222") for _ in range(5)]
        assert ["Coba lagi" in each for each in said] == [True] * 4 + [False]
        await sari.taps("🔁 Coba lagi")
        assert "terlalu sering" in await sari.says(PIN)
        assert state(saring) is QuestionState.OPEN
        fake.passes(3601)
        await sari.taps("🔁 Coba lagi")
        assert "Terbit sebagai" in await sari.says(PIN)

    async def test_words_that_are_no_pin_cost_no_try(self, saring: ByHand) -> None:
        sari = await ready_to_publish(saring)
        for _ in range(6):
            assert "Ketik PIN" in await sari.says("sebentar ya")
        assert "Terbit sebagai" in await sari.says(PIN)

    async def test_it_holds_for_ten_minutes_and_no_longer(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = await ready_to_publish(saring)
        await sari.says(PIN)
        await sari.taps("↩️ Batalkan")
        await writes_an_answer_again(sari)
        assert "Terbit sebagai" in sari.last.text
        await sari.taps("↩️ Batalkan")
        fake.passes(OPEN.total_seconds() + 1)
        await writes_an_answer_again(sari)
        assert "Ketik PIN" in sari.last.text
        assert state(saring) is QuestionState.OPEN

    async def test_who_has_none_is_led_to_the_desk_and_confirming_there_is_enough(
        self, saring: ByHand
    ) -> None:
        sari = await ready_to_publish(saring, pin="")
        assert "https://saring.example/desk/chat" in sari.last.text
        with saring.store.work() as work:
            [chat] = work.chats.of(sari.id)
            work.chats.save(replace(chat, open_until=saring.clock() + OPEN))
        assert "Terbit sebagai" in await sari.says("sudah saya konfirmasi")

    async def test_a_pin_is_kept_nowhere(self, saring: ByHand) -> None:
        sari = await ready_to_publish(saring)
        await sari.says(PIN)
        with saring.store.read() as work:
            written = entries(work)
            [chat] = work.chats.of(sari.id)
        assert PIN not in str(written) + str(chat.talk)
        assert "step up" in [entry.action for entry in written]

    async def test_one_that_is_typed_too_late_is_no_question(self, saring: ByHand) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        assert "Tidak ada langkah yang menunggu" in await sari.says(PIN)
        with saring.store.read() as work:
            assert work.questions.open() == ()

    async def test_a_wrong_pin_is_in_the_audit(self, saring: ByHand) -> None:
        sari = await ready_to_publish(saring)
        await sari.says("111222")
        with saring.store.read() as work:
            actions = [entry.action for entry in entries(work)]
        assert actions.count("pin wrong") == 1

    async def test_a_group_never_asks_for_it(self, saring: ByHand, fake: FakeTelegram) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        group = fake.group("Redaksi", sari.phone)
        with saring.store.work() as work:
            code = work.chats.new_code(sari.id, saring.clock(), group=True)
        sari.phone.sends(f"/desk {code}", to=group)
        await asked(saring, "Kabarnya TPS di Dukuh Awan-awan Atas baru dibuka sesudah magrib")
        card = fake.last_to(group)
        sari.phone.presses("🔗 Sama dengan", on=card, in_=group)
        await saring.settle()
        assert "Ketik PIN" in sari.last.text
        assert all("PIN" not in sent.text for sent in fake.sent_to(group))


async def writes_an_answer_again(colleague: Colleague) -> None:
    """The draft is still there: the preview comes at once."""
    await colleague.taps("▶️ Kerjakan")
    await colleague.taps("✅ Terbitkan")


class TestButtons:
    async def test_a_replayed_publish_publishes_nothing_again(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = await ready_to_publish(saring)
        shown = next(s for s in reversed(fake.sent_to(sari.phone)) if "✅ Terbitkan" in s.labels)
        data = shown.button("✅ Terbitkan")["callback_data"]
        await sari.says(PIN)
        version = the_question(saring).version
        assert "sudah dipakai" in await sari.presses_again(data, shown)
        assert the_question(saring).version == version

    async def test_one_press_of_a_message_uses_up_its_other_buttons(self, saring: ByHand) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        await asked(saring)
        card, data = sari.last, sari.last.button("🚫 Bukan kabar")["callback_data"]
        await sari.taps("🙋 Ambil", on=card)
        assert "sudah dipakai" in await sari.presses_again(data, card)

    async def test_a_button_of_another_chat_does_nothing(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari, dewi = (
            await joins(saring, "Sari", Role.MODERATOR),
            await joins(saring, "Dewi", Role.EDITOR),
        )
        await asked(saring)
        data = sari.last.button("🙋 Ambil")["callback_data"]
        assert "bukan untuk Anda" in await dewi.presses_again(data, dewi.last)
        stranger = fake.person("Tamu")
        stranger.sends("halo")
        await saring.settle()
        stranger.presses_after_years(data, fake.last_to(stranger).id)
        await saring.settle()
        with saring.store.read() as work:
            assert work.cases.lease(the_question(saring).code, saring.clock()) is None

    @pytest.mark.parametrize("end", ["xxxx|", "|", "|desk", "'; drop table desk_handles|"])
    async def test_a_forged_one_does_nothing(self, saring: ByHand, end: str) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        await asked(saring)
        data = sari.last.button("🙋 Ambil")["callback_data"]
        heard = len(sari.heard(""))
        await sari.presses_again((data[:12] + end)[:64], sari.last)
        with saring.store.read() as work:
            assert work.cases.lease(the_question(saring).code, saring.clock()) is None
        assert len(sari.heard("1/5")) == 0
        assert len(sari.heard("")) <= heard + 1

    async def test_a_week_later_a_button_is_of_no_use(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        await asked(saring)
        card, data = sari.last, sari.last.button("🙋 Ambil")["callback_data"]
        fake.passes(8 * DAY)
        assert "tidak berlaku" in await sari.presses_again(data, card)

    async def test_a_stale_one_says_who_was_faster_and_keeps_what_was_written(
        self, saring: ByHand
    ) -> None:
        sari = await ready_to_publish(saring)
        with saring.store.work() as work:
            budi = work.desk.add("Budi", Role.MODERATOR, "Redaksi", saring.clock())
            tools = room(work, saring.clock(), saring.rules)
            code = the_question(saring).code
            casework.close(tools, budi, code, 1, casework.Close.NOT_A_CLAIM)
        await sari.says(PIN)
        assert sari.heard("sudah ditutup") or sari.heard("tetap tersimpan sebagai draf")
        with saring.store.read() as work:
            assert work.desk.draft(sari.id, code)["fact"] == FACT
            assert work.facts.count()["published"] == 2

    async def test_an_editor_sends_back_and_the_author_reads_why(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        sari = await joins(saring, "Sari", Role.MODERATOR)
        dewi, _ = (
            await joins(saring, "Dewi", Role.EDITOR),
            await joins(saring, "Rini", Role.EDITOR),
        )
        await asked(saring)
        await writes_an_answer(sari, "pemilu")
        await publishes(sari)
        await dewi.taps("↩️ Kembalikan")
        await dewi.says("Tambahkan sumber resmi")
        assert "Dewi mengembalikan" in sari.last.text
        assert "Tambahkan sumber resmi" in sari.last.text
        assert "▶️ Kerjakan" in sari.heard(RUMOUR)[0].labels
        assert state(saring) is QuestionState.OPEN

    async def test_the_author_cannot_approve_from_the_chat(self, saring: ByHand) -> None:
        dewi, rini = (
            await joins(saring, "Dewi", Role.EDITOR),
            await joins(saring, "Rini", Role.EDITOR),
        )
        await asked(saring)
        await writes_an_answer(dewi, "pemilu")
        await publishes(dewi)
        assert "✅ Setujui" in rini.last.labels
        assert dewi.heard("Menunggu persetujuan: #") == []
        await dewi.says("/desk")
        await dewi.taps("⏳ Persetujuan")
        await dewi.taps("✅ Setujui")
        assert "orang lain" in dewi.last.text
        assert state(saring) is QuestionState.OPEN

    async def test_a_retraction_needs_the_pin_and_reaches_the_asker_once(
        self, saring: ByHand, fake: FakeTelegram
    ) -> None:
        dewi = await joins(saring, "Dewi", Role.EDITOR)
        ani = await asked(saring)
        await writes_an_answer(dewi)
        await publishes(dewi)
        fake.passes(700)
        await saring.settle()
        number = the_question(saring).fact_number
        assert "Ketik PIN" in await dewi.says(f"/desk tarik {number} sumbernya ditarik")
        assert "ditarik" in await dewi.says(PIN)
        fake.passes(700)
        await saring.settle()
        told = [sent for sent in fake.sent_to(ani) if "sumbernya ditarik" in sent.text]
        assert len(told) == 1
