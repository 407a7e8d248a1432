"""The desk from Telegram: two moderators and an asker, the real store and handlers between."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.doors import room
from handlers import casework
from knowledge_base.facts import QuestionState, Role
from tests.bot.colleagues import FACT, PIN, RUMOUR, asked, joins, the_question, writes_an_answer
from tests.by_hand import ByHand
from tests.servers.telegram import FakeTelegram


async def test_from_the_first_asker_to_the_answer_everyone_is_told_once(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari, dewi = (
        await joins(saring, "Sari", Role.MODERATOR),
        await joins(saring, "Dewi", Role.EDITOR),
    )
    ani, budi = fake.person("Ani"), fake.person("Budi")
    ani.forwards(RUMOUR)
    budi.sends(RUMOUR + " 😱")
    await saring.settle()
    for colleague in (sari, dewi):
        assert RUMOUR in colleague.last.text
        assert "🙋 Ambil" in colleague.last.labels
    card = dewi.last
    await writes_an_answer(sari)
    assert "Sari" in card.text
    assert card.labels == ["⋯ Lainnya"]
    preview = fake.sent_to(sari.phone)[-2]
    assert FACT in preview.text
    assert "PIN" in (await sari.taps("✅ Terbitkan")) + sari.last.text
    assert the_question(saring).state is QuestionState.OPEN
    assert "Terbit" in await sari.says(PIN)
    assert "Selesai" in card.text
    fake.passes(60)
    await saring.settle()
    for person in (ani, budi):
        [told] = [sent for sent in fake.sent_to(person) if FACT in sent.text]
        assert told.text.replace("486", "…").splitlines()[0] == preview.text.splitlines()[0]


async def test_an_election_answer_waits_for_a_second_person(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    dewi, rini = await joins(saring, "Dewi", Role.EDITOR), await joins(saring, "Rini", Role.EDITOR)
    ani = await asked(saring)
    await writes_an_answer(sari, "pemilu")
    await sari.taps("✅ Terbitkan")
    assert "menunggu persetujuan" in await sari.says(PIN)
    assert FACT in dewi.last.text
    other, data = rini.last, rini.last.button("✅ Setujui")["callback_data"]
    await dewi.taps("✅ Setujui")
    assert "Disetujui" in await dewi.says(PIN)
    assert "Dewi" in sari.last.text
    assert (other.labels, "Disetujui oleh Dewi" in other.text) == ([], True)
    await rini.presses_again(data, other)
    await rini.says(PIN)
    assert rini.heard("Sudah terbit") == []
    fake.passes(60)
    await saring.settle()
    assert len([sent for sent in fake.sent_to(ani) if FACT in sent.text]) == 1


async def test_a_pressed_button_works_no_second_time_and_a_forged_one_never(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari, dewi = (
        await joins(saring, "Sari", Role.MODERATOR),
        await joins(saring, "Dewi", Role.EDITOR),
    )
    await asked(saring)
    card = sari.last
    data = card.button("🙋 Ambil")["callback_data"]
    await sari.taps("🙋 Ambil", on=card)
    heard = len(fake.sent_to(sari.phone)), len(fake.sent_to(dewi.phone))
    for person, pressed in ((sari, data), (dewi, data), (dewi, data[:-4] + "xxx|")):
        query = person.phone.presses_after_years(pressed, card.id)
        await saring.settle()
        assert fake.toasts[query].startswith("Tombol ini")
    assert (len(fake.sent_to(sari.phone)), len(fake.sent_to(dewi.phone))) == heard


async def test_a_colleague_cannot_take_what_is_taken(saring: ByHand, fake: FakeTelegram) -> None:
    sari, dewi = (
        await joins(saring, "Sari", Role.MODERATOR),
        await joins(saring, "Dewi", Role.EDITOR),
    )
    await asked(saring)
    card = dewi.last
    await sari.taps("🙋 Ambil")
    assert "Sari" in card.text
    dewi.phone.replies({"message_id": card.id, "chat": dewi.phone.chat(), "date": 1}, "SALAH")
    await saring.settle()
    assert "Sari" in dewi.last.text
    await sari.taps("✖️ Batal")
    assert "🙋 Ambil" in card.labels


async def test_one_message_in_the_simple_form_is_a_whole_answer(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    form = f"SALAH\n{FACT}\nPetugas memeriksanya.\nhttps://dinas.example/air"
    sari.phone.replies({"message_id": sari.last.id, "chat": sari.phone.chat(), "date": 1}, form)
    await saring.settle()
    assert "✅ Terbitkan" in sari.last.labels
    assert FACT in fake.sent_to(sari.phone)[-2].text
    await sari.taps("✅ Terbitkan")
    await sari.says(PIN)
    assert the_question(saring).state is QuestionState.ANSWERED


async def test_not_a_claim_is_closed_with_a_reason_and_can_be_undone(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    await sari.taps("🚫 Bukan kabar")
    assert "ditutup" in await sari.says("Ini lelucon, bukan kabar.")
    assert the_question(saring).reason == "Ini lelucon, bukan kabar."
    await sari.taps("↩️ Batalkan")
    assert the_question(saring).state is QuestionState.OPEN


async def test_a_wrong_pin_publishes_nothing(saring: ByHand, fake: FakeTelegram) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    await writes_an_answer(sari)
    await sari.taps("✅ Terbitkan")
    for _ in range(5):
        await sari.says("111222")
    assert "terlalu sering" in sari.last.text
    assert the_question(saring).state is QuestionState.OPEN


async def test_a_linked_chat_opens_the_web_desk_after_the_pin(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.EDITOR)
    await sari.says("/desk")
    await sari.taps("🔑 Masuk ke meja")
    assert "login?token=" not in sari.last.text
    await sari.says("111222")
    assert not sari.heard("login?token=")
    await sari.says(PIN)
    [told] = sari.heard("login?token=")
    [token] = re.findall(r"login\?token=(\S+)", told.text)
    now = datetime.fromtimestamp(fake.now(), UTC)
    with saring.store.work() as work:
        session = work.desk.redeem(token, now)
        assert work.accounts.session(session, now).who.name == "Sari"
        assert work.desk.redeem(token, now) is None


async def test_who_is_revoked_has_no_desk_in_the_chat(saring: ByHand, fake: FakeTelegram) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    card = sari.last
    with saring.store.work() as work:
        work.desk.revoke("Sari", saring.clock())
    await sari.taps("🙋 Ambil", on=card)
    assert "milik Anda" not in sari.last.text
    assert "KODE" in await sari.says("/desk")


async def test_a_group_of_the_desk_gets_cards_and_strangers_in_it_do_nothing(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    stranger = fake.person("Tamu")
    group = fake.group("Redaksi", sari.phone, stranger)
    with saring.store.work() as work:
        admin = work.desk.add("Ani Admin", Role.ADMIN, "Redaksi", saring.clock())
        code = work.chats.new_code(admin.id, saring.clock(), group=True)
    sari.phone.sends(f"/desk {code}", to=group)
    await saring.settle()
    await asked(saring, name="Budi")
    card = fake.last_to(group)
    assert "⏭ Lewati" not in card.labels
    query = stranger.presses("🙋 Ambil", on=card, in_=group)
    await saring.settle()
    assert "Hubungkan" in fake.toasts[query]
    sari.phone.presses("🙋 Ambil", on=card, in_=group)
    await saring.settle()
    assert "Sari" in card.text
    assert "1/5" in sari.last.text


async def test_the_day_in_short_goes_to_the_desk(saring: ByHand, fake: FakeTelegram) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    with saring.store.work() as work:
        work.jobs.enqueue("desk_summary", {}, due=saring.clock())
    await saring.settle()
    assert "1 pertanyaan sedang menunggu" in sari.last.text
    assert "paling lama menunggu" in sari.last.text


async def test_what_is_taken_on_the_web_desk_is_taken_in_the_chat(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    await asked(saring)
    with saring.store.work() as work:
        budi = work.desk.add("Budi", Role.MODERATOR, "Redaksi", saring.clock())
        [question] = work.questions.open()
        casework.take(room(work, saring.clock(), saring.rules), budi, question.code)
    await saring.settle()
    assert "Budi" in sari.last.text
    assert sari.last.labels == ["⋯ Lainnya"]


async def test_the_link_of_the_desk_does_what_its_code_does(
    saring: ByHand, fake: FakeTelegram
) -> None:
    with saring.store.work() as work:
        who = work.desk.add("Sari", Role.MODERATOR, "Redaksi", saring.clock())
        codes = [
            work.chats.new_code(who.id, saring.clock(), group=group) for group in (False, True)
        ]
    phone = fake.person("Sari")
    phone.sends(f"/start desk_{codes[0]}")
    group = fake.group("Redaksi", phone)
    phone.sends(f"/start@{fake.username} desk_{codes[1]}", to=group)
    await saring.settle()
    assert "sebagai Sari" in fake.last_to(phone).text
    assert "Grup ini terhubung" in fake.last_to(group).text


async def test_a_stranger_learns_from_no_reply_who_works_at_the_desk(
    saring: ByHand, fake: FakeTelegram
) -> None:
    sari = await joins(saring, "Sari", Role.MODERATOR)
    with saring.store.work() as work:
        budi = work.desk.add("Budi", Role.MODERATOR, "", saring.clock())
        codes = [work.chats.new_code(who, saring.clock()) for who in (budi.id, sari.id)]
        used = codes[0]
    await joins(saring, "Dewi", Role.EDITOR)
    citra = fake.person("Citra")
    citra.sends(f"/desk {used}")  # hers for a moment, then Budi is gone
    await saring.settle()
    with saring.store.work() as work:
        work.desk.revoke("Budi", saring.clock())
    fake.passes(601)  # the other code is old by now
    stranger, told = fake.person("Eka"), []
    for code in (used, codes[1], "ZZZZZZZZ", "Sari", "Budi"):
        stranger.sends(f"/desk {code}")
        await saring.settle()
        told.append(fake.last_to(stranger).text)
    assert len(set(told)) == 1
    assert "Sari" not in told[0]
