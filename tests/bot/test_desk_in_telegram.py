"""The desk from Telegram: two moderators and an asker, the real store and handlers between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import pytest

from knowledge_base.facts import QuestionState, Role
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


def the_question(saring: ByHand):
    with saring.store.read() as work:
        [found] = [work.questions.get(code) for code in codes(work)]
        return found


def codes(work) -> list[str]:
    return [
        entry.what.removeprefix("question/")
        for entry in work.audit.entries()
        if entry.action == "take"
    ][:1] or [q.code for q in work.questions.open()]


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
