"""One rumour in a thousand spellings: the moderators see a few cards, and every asker counts."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from bot.channels.console import line
from bot.wiring.clock import utc_now
from handlers.messages import unpack
from tests.bot.houses import house_in

RUMOUR = (
    "Info penting dari puskesmas: mulai Senin depan semua warga Kecamatan Melati wajib membawa "
    "kartu vaksin saat belanja di Pasar Kenanga, yang tidak membawa akan didenda petugas."
)
LEADS = ("Assalamualaikum, ", "Dari grup sebelah: ", "*Diteruskan* ", "Bener gak nih? ", "")
ENDS = (" 🙏🙏", " Tolong sebarkan!", " Sumber: grup RT", " Mohon info min", "!!!", "")
SHORT = {"yang": "yg", "akan": "bakal", "tidak": "tdk", "saat": "pas"}
FILLERS = ("katanya", "eh", "nih", "lho")


def variant(number: int) -> str:
    """The rumour as somebody passes it on: slips, short forms, capitals, fillers, frames."""
    chance, words = random.Random(number), RUMOUR.split()
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(words))
        words[at] = changed(words[at], chance)
    text = chance.choice(LEADS) + " ".join(words) + chance.choice(ENDS)
    return text.lower() if chance.random() < 0.2 else text


def changed(word: str, chance: random.Random) -> str:
    """One word as a hasty person types it."""
    kind = chance.randrange(4)
    if kind == 0 and len(word) > 4:
        at = chance.randrange(1, len(word) - 2)
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return SHORT.get(word, word)
    return word.upper() if kind == 2 else f"{chance.choice(FILLERS)} {word}"


async def flood(folder: Path, messages: int) -> list[int]:
    """Askers of every card there is after so many people have asked."""
    house = house_in(folder)
    for number in range(messages):
        body = line(f"chat{number}", number, utc_now(), text=variant(number))
        await house.reception.keep("console", body)
        assert await house.workers[0].step()
    with house.store.read() as work:
        askers = [question.askers for question in work.questions.open(1000)]
    house.store.close()
    return askers


async def test_some_hundred_spellings_of_a_rumour_are_a_few_cards(tmp_path):
    askers = await flood(tmp_path, 200)
    assert len(askers) <= 5  # one or two as a rule; cards that are equally near differ by chance
    assert max(askers) >= 100
    assert sum(askers) == 200


async def test_a_rush_is_taken_in_whole_before_any_of_it_is_answered(tmp_path):
    house = house_in(tmp_path, bundled=True)
    known = "Prabowo menyegel Selat Malaka"
    texts = [known if n % 5 == 0 else f"Jalan {n} di Melati ditutup besok pagi" for n in range(60)]
    for number, text in enumerate(texts):  # nobody works yet: every one is acknowledged at once
        body = line(f"chat{number}", number, utc_now(), text=text)
        await house.reception.keep("console", body)
    with house.store.read() as work:
        assert work.inbox.counts()["waiting"] == len(texts)
    while await house.workers[0].step():
        pass
    with house.store.work() as work:
        said = [unpack(row.body).text for row in work.outbox.claim(utc_now(), 100)]
    house.store.close()
    assert len(said) == len(texts)
    assert sum("SALAH" in text for text in said) == 12
    assert sum("BELUM DIPERIKSA" in text for text in said) == 48


@pytest.mark.soak
async def test_ten_thousand_near_copies_are_few_cards(tmp_path):
    askers = await flood(tmp_path, 10_000)
    assert len(askers) <= 50  # 26 when it was written: slips in the very words the guards watch
    assert sum(askers) == 10_000
    assert askers[0] > 5_000
