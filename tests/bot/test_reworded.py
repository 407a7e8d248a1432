"""An open question that gets other words while somebody who asks it is looked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest

from bot.wiring.sources import FactSource, QuestionSource
from handlers.messages import Address
from knowledge_base.facts import Outcome, Question, Submission
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store, Work
from tests.bot.edge import update
from tests.bot.test_worker import Desk
from tests.conftest import MASTER_KEY, Clock

OLD = "Besok listrik padam di seluruh kecamatan Melati selama tiga hari, siapkan lilin"
ALIKE = "Siapkan lilin, besok listrik padam di seluruh kecamatan Melati selama tiga hari ya"
NEW = "Kucing di kecamatan Kenanga wajib punya KTP mulai bulan depan"
A_WHILE = 0.5  # seconds in which somebody could join, if they did not wait
Do = Callable[[Work], object]


class Watched(Finder):
    """Counts the searches."""

    searches = 0

    def find(self, *given, **more):
        self.searches += 1
        return super().find(*given, **more)


class Meanwhile(Desk):
    """Sari has asked; between Budi's first search and its transaction, `meanwhile` is done."""

    def __init__(self, store: Store, clock: Clock) -> None:
        super().__init__(store, clock, after=self.step)
        self.finder = self.worker._finder = Watched(
            FactSource(store), questions=QuestionSource(store)
        )
        self.meanwhile: list[Callable[[], object]] = []

    def step(self, name: str) -> None:
        if name == "matched" and self.meanwhile:
            self.meanwhile.pop()()

    def ask(self, who: str, text: str) -> Do:
        def do(work: Work) -> Question:
            person = work.contacts.at(Address("fake", "bot", who), self.clock())
            asked = Submission(f"by-{who}", person.id, text, Outcome.QUEUED, self.clock())
            return work.questions.ask(asked, same_as="" if text == NEW else self.code(work))

        return do

    def code(self, work: Work) -> str:
        return next((question.code for question in work.questions.open()), "")

    def do(self, what: Do) -> None:
        with self.store.work() as work:
            what(work)

    async def budi_asks(self) -> list[tuple[str, int]]:
        """Gives what the open questions are called, and by how many they are asked."""
        await self.deliver(update(1, ALIKE, chat="budi"))
        await self.work()
        return sorted((question.text, question.askers) for question in self.questions())


@pytest.fixture
def desk(database: str, clock: Clock) -> Iterator[Meanwhile]:
    store = Store(database, MASTER_KEY, clock)
    made = Meanwhile(store, clock)
    made.do(made.ask("sari", OLD))
    yield made
    store.close()


async def test_who_asks_the_same_joins_after_one_search(desk: Meanwhile) -> None:
    assert (await desk.budi_asks(), desk.finder.searches) == ([(OLD, 2)], 1)


async def test_who_asks_the_old_words_does_not_join_the_new_ones(desk: Meanwhile) -> None:
    desk.meanwhile.append(lambda: desk.do(desk.ask("sari", NEW)))
    assert await desk.budi_asks() == [(NEW, 1), (ALIKE, 1)]
    assert desk.finder.searches == 2


async def test_nor_where_the_edit_is_about_to_commit(desk: Meanwhile) -> None:
    edited, pool = Event(), ThreadPoolExecutor(1)

    def edit() -> None:
        with desk.store.work() as work:
            desk.ask("sari", NEW)(work)
            edited.set()
            Event().wait(A_WHILE)

    def begin() -> Future[None]:
        begun = pool.submit(edit)
        assert edited.wait(10)
        return begun

    desk.meanwhile.append(begin)
    with pool:
        assert await desk.budi_asks() == [(NEW, 1), (ALIKE, 1)]


async def test_who_joined_meanwhile_costs_no_second_search(desk: Meanwhile) -> None:
    desk.meanwhile.append(lambda: desk.do(desk.ask("rini", OLD + " dan air")))
    assert (await desk.budi_asks(), desk.finder.searches) == ([(OLD, 3)], 1)


async def test_a_merge_meanwhile_is_followed(desk: Meanwhile) -> None:
    def merge(work: Work) -> None:
        [old] = work.questions.open()
        desk.ask("rini", NEW)(work)
        [new] = [each for each in work.questions.open() if each.code != old.code]
        work.questions.merge(old.code, new.code, "ani", old.version)

    desk.meanwhile.append(lambda: desk.do(merge))
    assert (await desk.budi_asks(), desk.finder.searches) == ([(NEW, 3)], 1)


@pytest.mark.parametrize("blank", ["", " "])
async def test_a_question_without_words_of_its_own_is_joined_by_its_others(
    desk: Meanwhile, blank: str
) -> None:
    """A picture alone was asked, and somebody found that OLD is the same."""

    def merge(work: Work) -> None:
        [old] = work.questions.open()
        person = work.contacts.at(Address("fake", "bot", "rini"), desk.clock())
        picture = Submission("r1", person.id, blank, Outcome.QUEUED, desk.clock(), fingerprint="r")
        work.questions.merge(old.code, work.questions.ask(picture).code, "ani", old.version)

    desk.do(merge)
    assert (await desk.budi_asks(), desk.finder.searches) == ([(blank, 3)], 1)
