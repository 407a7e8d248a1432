"""People of the desk with a telephone, for tests that play them against the strict Telegram."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge_base.facts import Question, Role
from tests.audit_log import entries
from tests.by_hand import ByHand
from tests.servers.telegram import Person
from tests.servers.telegram_people import Sent

RUMOUR = "Kabarnya sumur warga di Dukuh Awan-awan Atas mendadak berisi sirup jambu"
FACT = "Air sumur di Dukuh Awan-awan Atas jernih seperti biasa."
PIN = "482913"


@dataclass
class Colleague:
    """Somebody of the desk with a telephone."""

    saring: ByHand
    phone: Person
    id: int

    async def says(self, text: str) -> str:
        """Type something; gives the last answer."""
        self.phone.sends(text)
        await self.saring.settle()
        return self.last.text

    async def taps(self, label: str, on: Sent | None = None) -> str:
        """Press the newest button with these words; gives the toast."""
        query = self.phone.presses(label, on=on)
        await self.saring.settle()
        return self.saring.fake.toasts[query]

    async def presses_again(self, data: str, on: Sent) -> str:
        """Press a button that this chat does not show any more; gives the toast."""
        query = self.phone.presses_after_years(data, on.id)
        await self.saring.settle()
        return self.saring.fake.toasts[query]

    async def replies(self, to: Sent, text: str) -> str:
        """Answer a message of the bot; gives the last answer."""
        shown = {"message_id": to.id, "chat": self.phone.chat(), "date": 1}
        self.phone.replies(shown, text)
        await self.saring.settle()
        return self.last.text

    @property
    def last(self) -> Sent:
        """What was said to them last."""
        return self.saring.fake.last_to(self.phone)

    def heard(self, words: str) -> list[Sent]:
        """Everything said to them that has these words now."""
        return [sent for sent in self.saring.fake.sent_to(self.phone) if words in sent.text]


async def joins(
    saring: ByHand, name: str, role: Role, org: str = "Redaksi", pin: str = PIN
) -> Colleague:
    """A person of the desk who links their telephone, with a PIN."""
    with saring.store.work() as work:
        who = work.desk.add(name, role, org, saring.clock())
        code = work.chats.new_code(who.id, saring.clock())
        if pin:
            work.chats.set_pin(who.id, pin)
    colleague = Colleague(saring, saring.fake.person(name), who.id)
    assert f"sebagai {name}" in await colleague.says(f"/desk {code}")
    return colleague


def the_question(saring: ByHand) -> Question:
    """The one question that was asked, whatever became of it."""
    with saring.store.read() as work:
        cards = [entry.what for entry in entries(work) if entry.what.startswith("question/")]
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


async def publishes(colleague: Colleague) -> str:
    """From the preview to the word that it is public (or waits); gives it."""
    await colleague.taps("✅ Terbitkan")
    return await colleague.says(PIN)


async def asked(saring: ByHand, text: str = RUMOUR, name: str = "Ani") -> Person:
    """Somebody asks; gives them."""
    asker = saring.fake.person(name)
    asker.forwards(text)
    await saring.settle()
    return asker
