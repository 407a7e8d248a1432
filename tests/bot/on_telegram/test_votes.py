"""Votes as people cast them on Telegram: one for each who was told, and never a verdict."""

from __future__ import annotations

from bot.web.desk_review import DOUBTS
from tests.by_hand import CLAIM, ByHand
from tests.servers.telegram import FakeTelegram, Person


async def told(saring: ByHand, name: str) -> Person:
    """Somebody who was told the verdict."""
    person = saring.fake.person(name)
    person.forwards(CLAIM)
    await saring.settle()
    assert "👎" in saring.fake.last_to(person).labels
    return person


def votes(saring: ByHand) -> list[tuple[int, int]]:
    """(helpful, unhelpful) of each version."""
    with saring.store.read() as work:
        return [(one.helpful, one.unhelpful) for one in work.reviews.votes(1)]


async def test_one_person_has_one_vote_however_often_they_press(saring: ByHand) -> None:
    ani = await told(saring, "Ani")
    answer = saring.fake.sent_to(ani)[0]
    for label in ("👍", "👍", "👎", "👍", "👎"):
        ani.presses(label, on=answer)
        await saring.settle()
    assert votes(saring) == [(0, 1)]


async def test_who_was_not_told_has_none(saring: ByHand, fake: FakeTelegram) -> None:
    ani, stranger = await told(saring, "Ani"), fake.person("Tamu")
    data = fake.sent_to(ani)[0].button("👎")["callback_data"]
    stranger.sends("halo")
    await saring.settle()
    query = stranger.presses_after_years(data, fake.last_to(stranger).id)
    await saring.settle()
    assert votes(saring) == []
    assert fake.toasts[query]


async def test_many_thumbs_down_ask_for_a_look_and_change_nothing(saring: ByHand) -> None:
    with saring.store.read() as work:
        before = work.facts.get(1)
    for number in range(DOUBTS):
        person = await told(saring, f"Orang {number}")
        person.presses("👎", on=saring.fake.sent_to(person)[0])
        await saring.settle()
    with saring.store.read() as work:
        assert work.facts.get(1) == before
        assert [one.number for one in work.reviews.doubted(DOUBTS)] == [1]
        assert work.questions.open() == ()
    assert votes(saring) == [(0, DOUBTS)]


async def test_a_vote_goes_with_the_data_of_who_cast_it(saring: ByHand) -> None:
    ani = await told(saring, "Ani")
    ani.presses("👍", on=saring.fake.sent_to(ani)[0])
    await saring.settle()
    assert votes(saring) == [(1, 0)]
    ani.sends("/hapus")
    await saring.settle()
    ani.presses("hapus")
    await saring.settle()
    assert votes(saring) == []
