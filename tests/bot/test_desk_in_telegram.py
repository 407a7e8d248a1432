"""The desk from Telegram: two moderators and an asker, the real store and handlers between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from bot.doors import room
from handlers import casework
from knowledge_base.facts import Question, QuestionState, Role
from knowledge_base.store import Store
from tests.by_hand import ByHand
from tests.servers.telegram import FakeTelegram

RUMOUR = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu"
FACT = "Air sumur di Dukuh Awan-awan Atas jernih seperti biasa."
PIN = "482913"


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    server = FakeTelegram()
    yield server
    assert server.violations == []


@pytest.fixture
async def saring(store: Store, fake: FakeTelegram) -> AsyncIterator[ByHand]:
    by_hand = ByHand(store, fake)
    await by_hand.telegram.set_up()
    yield by_hand
    await by_hand.telegram.close()
    assert by_hand.counts() == {"inbox": 0, "parked": 0, "outbox": 0}


@dataclass
class Colleague:
    """Somebody of the desk with a telephone."""

    saring: ByHand
    phone: object
    id: int

    async def says(self, text: str) -> str:
        """Type something; gives the last answer."""
        self.phone.sends(text)
        await self.saring.settle()
        return self.last.text

    async def taps(self, label: str, on: object = None) -> str:
        """Press the newest button with these words; gives the toast."""
        query = self.phone.presses(label, on=on)
        await self.saring.settle()
        return self.saring.fake.toasts[query]

    @property
    def last(self):
        """What was said to them last."""
        return self.saring.fake.last_to(self.phone)


async def joins(saring: ByHand, name: str, role: Role, org: str = "Redaksi") -> Colleague:
    """A person of the desk who links their telephone, with a PIN."""
    with saring.store.work() as work:
        who = work.desk.add(name, role, org, saring.clock())
        code = work.chats.new_code(who.id, saring.clock())
        work.chats.set_pin(who.id, PIN)
    colleague = Colleague(saring, saring.fake.person(name), who.id)
    assert f"sebagai {name}" in await colleague.says(f"/desk {code}")
    return colleague


def the_question(saring: ByHand) -> Question:
    """The one question that was asked, whatever became of it."""
    with saring.store.read() as work:
        cards = [entry.what for entry in work.audit.entries() if entry.what.startswith("question/")]
        code = cards[0].removeprefix("question/") if cards else work.questions.open()[0].code
        found = work.questions.get(code)
    assert found is not None
    return found


async def writes_an_answer(colleague: Colleague, topic: str = "lainnya") -> None:
    """From the card to the preview."""
    await colleague.taps("🙋 Ambil")
    await colleague.taps("❌ SALAH")
    await colleague.says(FACT)
    await colleague.says("Petugas mengambil contoh air pada hari yang sama.")
    await colleague.says("https://dinas.example/air dan https://desa.example/sumur")
    await colleague.taps(topic)


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
    assert card.labels == []
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


async def asked(saring: ByHand, text: str = RUMOUR, name: str = "Ani"):
    """Somebody asks; gives them."""
    asker = saring.fake.person(name)
    asker.forwards(text)
    await saring.settle()
    return asker


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
    other = rini.last
    await dewi.taps("✅ Setujui")
    assert "Disetujui" in await dewi.says(PIN)
    assert "Dewi" in sari.last.text
    await rini.taps("✅ Setujui", on=other)
    await rini.says(PIN)
    assert "Disetujui" not in rini.last.text
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
    assert "Menunggu: 1" in sari.last.text
    assert "Paling lama menunggu" in sari.last.text


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
    assert sari.last.labels == []
