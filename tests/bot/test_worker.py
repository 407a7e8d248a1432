"""Stored updates become effects and outbox rows: in order, once, all or nothing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from threading import Lock

import pytest

from bot.abreast import SEARCHES
from bot.inbox import Reception
from bot.wakeup import Bell
from bot.worker import PAGE_YIELDS, Worker
from handlers import routes
from handlers.messages import Address, unpack
from handlers.ports import Rules
from handlers.texts import say
from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Unavailable
from tests.bot.edge import (
    SECRET,
    Busy,
    FakeChannel,
    FakeFinder,
    delivery,
    person_at,
    put_out,
    save_fact,
    states,
    update,
)

HOAX = "TPS tutup pukul sepuluh pagi menurut pesan berantai"


class Desk:
    """One worker on a real store, with a hand on everything around it."""

    def __init__(self, store, clock, *channels, database=None, after=lambda step: None):
        self.store, self.clock = store, clock
        self.finder = FakeFinder()
        self.channels = {channel.name: channel for channel in channels or (FakeChannel(),)}
        self.reception = Reception(store, self.channels, clock, Bell())
        self.rings = 0
        self.worker = Worker(
            database or store, self.channels, self.finder, Rules(), clock, Bell(), self.ring, after
        )

    def ring(self):
        self.rings += 1

    async def deliver(self, *updates, channel="fake"):
        await self.reception.receive(channel, delivery(*updates), SECRET)

    async def work(self):
        """Until nothing is due; gives the number of steps."""
        steps = 0
        while await self.worker.step():
            steps += 1
            assert steps < 50
        return steps

    async def all_tries(self):
        for _ in range(6):
            await self.work()
            self.clock.forward(minutes=2)

    def outgoing(self):
        """The texts that wait for each chat, in order."""
        return [(chat, message.text) for chat, message in self.messages()]

    def messages(self):
        """What waits for each chat, in order."""
        with self.store.work() as work:
            rows = []
            while found := work.outbox.claim(self.clock(), 100):
                rows += found
                for row in found:
                    work.outbox.finish(row.id, Delivery.SENT, self.clock())
        return [(row.address, unpack(row.body)) for row in rows]

    def inbox(self):
        return states(self.store, "inbox")

    def questions(self):
        with self.store.read() as work:
            return work.questions.open(200)


@pytest.fixture
def desk(store, clock):
    return Desk(store, clock)


# ── the road of one message ─────────────────────────────────────────────────────────────────


async def test_a_known_rumour_is_answered_and_its_row_done(desk, store):
    number = save_fact(store).number
    desk.finder.known[HOAX] = number
    await desk.deliver(update(1, HOAX))
    await desk.work()
    [(chat, text)] = desk.outgoing()
    assert (chat, desk.inbox()) == ("sari", {"done": 1})
    assert "Itu tidak benar." in text


async def test_an_unknown_rumour_gets_an_honest_reply_and_a_place_in_the_queue(desk):
    await desk.deliver(update(1, HOAX))
    await desk.work()
    [question] = desk.questions()
    [(_, text)] = desk.outgoing()
    assert question.code in text


async def test_an_unknown_kind_of_update_is_done_without_a_word(desk, store):
    await desk.deliver(update(1, kind="news"))
    await desk.work()
    assert desk.inbox() == {"done": 1}
    assert states(store) == {}


async def test_what_is_left_out_on_purpose_is_counted_by_kind(desk, store):
    await desk.deliver(update(1, kind="news"), update(2, kind="news"), update(3, by_bot=True))
    await desk.work()
    with store.read() as work:
        assert work.tally.all_ignored() == {("fake", "news"): 2, ("fake", "route: bot"): 1}


async def test_an_update_delivered_twice_has_one_effect(desk):
    await desk.deliver(update(1, HOAX))
    await desk.deliver(update(1, HOAX))
    await desk.work()
    await desk.deliver(update(1, HOAX))
    await desk.work()
    assert len(desk.outgoing()) == 1


async def test_others_are_woken_when_something_was_committed(desk):
    await desk.deliver(update(1, HOAX))
    await desk.work()
    assert desk.rings == 1


# ── what belongs together ───────────────────────────────────────────────────────────────────


async def test_an_album_becomes_one_submission_under_its_caption(desk):
    await desk.deliver(
        update(1, HOAX, album="a"), update(2, " ", album="a"), update(3, " ", album="a")
    )
    await desk.work()
    assert desk.inbox() == {"waiting": 3}  # more parts may follow
    desk.clock.forward(seconds=1.5)
    await desk.work()
    assert len(desk.outgoing()) == 1
    assert (desk.inbox(), desk.questions()[0].text) == ({"done": 3}, HOAX)


async def test_a_part_of_an_album_that_comes_a_second_later_still_belongs_to_it(desk):
    await desk.deliver(update(1, " ", album="a"))
    await desk.work()
    desk.clock.forward(seconds=1)
    await desk.deliver(update(2, HOAX, album="a"))
    await desk.work()
    desk.clock.forward(seconds=1.5)
    await desk.work()
    assert len(desk.outgoing()) == 1


async def test_a_greeting_waits_a_second_and_a_half_for_what_follows(desk):
    await desk.deliver(update(1, "Assalamualaikum"))
    await desk.work()
    desk.clock.forward(seconds=1)
    assert (await desk.work(), desk.inbox()) == (0, {"waiting": 1})
    desk.clock.forward(seconds=0.5)
    assert (await desk.work(), desk.inbox()) == (1, {"done": 1})


async def test_a_question_before_the_forward_is_folded_into_it(desk):
    await desk.deliver(update(1, "bener gak nih?"))
    await desk.work()
    await desk.deliver(update(2, HOAX))
    await desk.work()
    assert len(desk.outgoing()) == 1
    assert (desk.inbox(), desk.finder.asked) == ({"done": 2}, [HOAX])


@pytest.mark.parametrize("short", ["vaksin", "123456", "kapan dijawab"])
async def test_what_was_sent_half_an_hour_apart_is_two_messages_after_an_outage(desk, short):
    await desk.deliver(update(1, short))
    desk.clock.forward(minutes=30)
    await desk.deliver(update(2, HOAX))
    desk.clock.forward(minutes=1)
    await desk.work()
    assert len(desk.outgoing()) == 2


async def test_messages_that_come_together_late_are_told_apart_by_when_they_were_sent(desk):
    sent = desk.clock.now
    desk.clock.forward(hours=1)
    later = (sent + timedelta(minutes=30)).isoformat()
    await desk.deliver(update(1, "bener gak nih?", at=sent.isoformat()))
    await desk.deliver(update(2, HOAX, at=later))
    desk.clock.forward(minutes=1)
    await desk.work()
    assert len(desk.outgoing()) == 2


async def test_a_text_that_can_be_judged_does_not_wait(desk):
    await desk.deliver(update(1, HOAX))
    assert (await desk.work(), desk.inbox()) == (1, {"done": 1})


async def test_three_quick_forwards_are_three_questions_in_order(desk):
    texts = [f"Kabar {word} tentang pemilu besok pagi" for word in ("satu", "dua", "tiga")]
    await desk.deliver(*(update(n, text) for n, text in enumerate(texts)))
    await desk.work()
    assert (desk.finder.asked, len(desk.outgoing())) == (texts, 3)


# ── what changes while it is looked for ─────────────────────────────────────────────────────


class Meanwhile(FakeFinder):
    """Somebody changes something right after each of the first searches."""

    def __init__(self, *changes):
        super().__init__()
        self.changes = list(changes)

    def find(self, text, lang="", date=None, limit=10):
        found = super().find(text, lang, date, limit)
        if self.changes:
            self.changes.pop(0)(self)
        return found


def taught(store):
    """A fact-check that somebody taught the rumour to as a wording; gives its number."""
    number = save_fact(store).number
    with store.work() as work:
        work.facts.add_variant(number, HOAX, "budi")
    return number


def forget(store, number):
    """The wording is taken back, and the search does not find it any more."""

    def change(finder):
        finder.known.clear()
        with store.work() as work:
            work.facts.drop_variant(number, HOAX)

    return change


async def test_what_was_taken_back_during_the_search_answers_nothing(desk, store):
    number = taught(store)
    desk.worker._finder = finder = Meanwhile(forget(store, number))
    finder.known[HOAX] = number
    await desk.deliver(update(1, HOAX))
    await desk.work()
    [question] = desk.questions()
    [(_, text)] = desk.outgoing()
    assert (question.code in text, "Itu tidak benar." in text) == (True, False)
    assert finder.asked == [HOAX, HOAX]


async def test_a_verdict_that_never_stands_still_is_looked_at_again_later(desk, store):
    number = taught(store)

    def revise(finder):
        with store.work() as work:
            old = work.facts.get(number)
            work.facts.save(replace(old, fact=f"Itu keliru, versi {old.version}."), "budi", "lagi")

    desk.worker._finder = finder = Meanwhile(*[revise] * SEARCHES)
    finder.known[HOAX] = number
    await desk.deliver(update(1, HOAX))
    await desk.work()
    assert (desk.outgoing(), desk.inbox()) == ([], {"waiting": 1})
    desk.clock.forward(minutes=1)
    await desk.work()
    [(_, text)] = desk.outgoing()
    assert f"versi {SEARCHES}." in text


async def test_a_change_of_something_else_costs_no_second_search(desk, store):
    number = taught(store)
    desk.worker._finder = finder = Meanwhile(lambda _: save_fact(store, 2))
    finder.known[HOAX] = number
    await desk.deliver(update(1, HOAX))
    await desk.work()
    assert (len(desk.outgoing()), finder.asked) == (1, [HOAX])


# ── order, and what goes wrong ──────────────────────────────────────────────────────────────


class Breaking(FakeFinder):
    """A search that breaks on one text."""

    def __init__(self, *bad):
        super().__init__()
        self.bad = set(bad)

    def find(self, text, lang="", date=None, limit=10):
        if text in self.bad:
            raise RuntimeError("this text breaks the search")
        return super().find(text, lang, date, limit)


async def test_a_poison_message_is_parked_after_five_tries_with_a_neutral_receipt(desk, store):
    desk.worker._finder = Breaking(HOAX)
    await desk.deliver(update(1, HOAX))
    await desk.all_tries()
    assert desk.inbox() == {"parked": 1}
    assert desk.outgoing() == [("sari", say("id", "small.received"))]


async def test_a_poison_message_stops_nobody_else(desk):
    desk.worker._finder = finder = Breaking(HOAX)
    await desk.deliver(update(1, HOAX), update(2, "Kabar lain tentang bantuan", chat="budi"))
    await desk.work()
    assert finder.asked == ["Kabar lain tentang bantuan"]


async def test_what_follows_a_failing_message_in_its_chat_keeps_its_place(desk):
    desk.worker._finder = finder = Breaking(HOAX)
    after = "Kabar kedua dari chat yang sama"
    await desk.deliver(update(1, HOAX), update(2, after))
    await desk.work()
    assert (finder.asked, desk.inbox()) == ([], {"waiting": 2})
    finder.bad.clear()
    desk.clock.forward(seconds=5)
    await desk.work()
    assert finder.asked == [HOAX, after]


async def test_a_row_nobody_can_parse_is_parked_and_the_next_one_is_answered(desk):
    await desk.deliver(update(1, act="no such act"), update(2, HOAX))
    await desk.work()
    assert desk.finder.asked == [HOAX]
    await desk.all_tries()
    assert desk.inbox() == {"parked": 1, "done": 1}


async def test_a_receipt_that_fails_too_does_not_keep_the_poison_alive(desk, monkeypatch):
    def breaks(call):
        raise RuntimeError("no receipt either")

    monkeypatch.setattr("bot.worker.start.received", breaks)
    desk.worker._finder = Breaking(HOAX)
    await desk.deliver(update(1, HOAX))
    await desk.all_tries()
    assert (desk.inbox(), desk.outgoing()) == ({"parked": 1}, [])


async def test_a_message_the_process_died_of_again_and_again_gets_its_receipt(desk, store):
    await desk.deliver(update(1, HOAX))
    for _ in range(5):
        with store.work() as work:
            assert work.inbox.lease(desk.clock(), 60)
            work.inbox.recover()
    await desk.work()
    assert (desk.inbox(), desk.finder.asked) == ({"parked": 1}, [])
    assert desk.outgoing() == [("sari", say("id", "small.received"))]


class Batches(FakeChannel):
    """Some rows of this messenger hold two messages."""

    def parse(self, raw):
        return [
            message
            for place, part in enumerate(raw["text"].split(" / "))
            for message in super(Batches, self).parse({**raw, "text": part, "id": f"m{place}"})
        ]


async def test_all_messages_of_a_row_are_handled_or_none(store, clock):
    desk = Desk(store, clock, Batches())
    desk.worker._finder = finder = Breaking("Kabar kedua tentang vaksin")
    await desk.deliver(update(1, f"{HOAX} / Kabar kedua tentang vaksin"))
    await desk.work()
    assert (desk.questions(), desk.inbox()) == ((), {"waiting": 1})
    finder.bad.clear()
    clock.forward(seconds=5)
    await desk.work()
    assert (len(desk.questions()), len(desk.outgoing()), desk.inbox()) == (2, 2, {"done": 1})


async def test_a_fault_before_the_commit_leaves_nothing_behind(store, clock):
    def dies(step):
        if step == "before_commit":
            raise RuntimeError("killed")

    desk = Desk(store, clock, after=dies)
    await desk.deliver(update(1, HOAX))
    await desk.work()
    assert (desk.inbox(), desk.questions(), states(store)) == ({"waiting": 1}, (), {})


async def test_a_database_that_is_busy_for_a_while_is_no_failure_of_the_message(store, clock):
    desk = Desk(store, clock)
    await desk.deliver(update(1, HOAX, album="a"), update(2, " ", album="a"))
    clock.forward(seconds=2)
    desk.worker._database = Busy(store, 2)
    await desk.work()
    assert (desk.inbox(), len(desk.outgoing())) == ({"done": 2}, 1)


async def test_a_worker_outlives_a_fault_of_the_database(store, clock):
    class Broken(Busy):
        def read(self):
            raise Unavailable("gone for a moment")

    desk = Desk(store, clock, database=Broken(store, 0))
    await desk.deliver(update(1, HOAX))
    running = asyncio.create_task(desk.worker.run())
    await asyncio.sleep(0.05)
    desk.worker._database = store
    while desk.inbox() != {"done": 1}:
        await asyncio.sleep(0.02)
    desk.worker.stop()
    await running


async def test_rows_somebody_else_took_over_are_not_handled_twice(store, clock):
    desk = Desk(store, clock)
    other = Desk(store, clock)

    def slow(step):
        if step == "matched":
            clock.forward(seconds=61)
            with store.work() as work:
                assert len(work.inbox.lease(clock(), 60)) == 1

    desk.worker._after = slow
    await desk.deliver(update(1, HOAX))
    await desk.worker.step()
    assert (desk.questions(), desk.inbox()) == ((), {"leased": 1})
    clock.forward(seconds=61)
    await other.work()
    assert (len(desk.outgoing()), desk.inbox()) == (1, {"done": 1})


async def test_a_channel_that_is_switched_off_keeps_its_updates(store, clock):
    desk = Desk(store, clock, FakeChannel(name="fake"), FakeChannel(name="other"))
    await desk.deliver(update(1, HOAX), channel="other")
    gone = desk.worker._channels.pop("other")
    await desk.work()
    assert desk.inbox() == {"waiting": 1}
    desk.worker._channels["other"] = gone
    clock.forward(minutes=6)
    await desk.work()
    assert desk.inbox() == {"done": 1}


# ── one commit ends a chat and leases the next ──────────────────────────────────────────────


class Counting:
    """A store that counts its writing transactions."""

    def __init__(self, store):
        self.read, self._store, self.written = store.read, store, 0

    def work(self):
        self.written += 1
        return self._store.work()


async def three_chats(desk):
    """A message in each of three chats."""
    for number, chat in enumerate(("sari", "budi", "wati")):
        await desk.deliver(update(number, f"{HOAX} {number}", chat=chat))


async def test_a_commit_leases_the_next_chat_as_well(store, clock):
    desk = Desk(store, clock, database=Counting(store))
    await three_chats(desk)
    found = [await desk.worker.step(ahead=True) for _ in range(3)]
    assert (found, desk.inbox()) == ([True, True, False], {"done": 3})
    assert desk.worker._database.written == 4  # the first lease, three commits


async def test_what_comes_later_is_found_though_the_last_commit_found_nothing(desk):
    await desk.deliver(update(1, HOAX))
    assert not await desk.worker.step(ahead=True)
    await desk.deliver(update(2, f"{HOAX} lagi", chat="budi"))
    assert not await desk.worker.step(ahead=True)
    assert desk.inbox() == {"done": 2}


async def test_what_was_leased_when_a_stop_came_waits_again_and_has_not_failed(desk, store):
    await three_chats(desk)
    await desk.worker.step(ahead=True)
    assert desk.inbox() == {"done": 1, "leased": 1, "waiting": 1}
    desk.worker.stop()
    await desk.worker.run()
    assert desk.inbox() == {"done": 1, "waiting": 2}
    with store.work() as work:
        assert [row.tries for row in work.inbox.lease(desk.clock(), 60)] == [0]


async def test_a_fault_before_the_commit_leases_nobody_else(store, clock):
    def dies(step):
        if step == "before_commit":
            raise RuntimeError("killed")

    desk = Desk(store, clock, after=dies)
    await three_chats(desk)
    await desk.worker.step(ahead=True)
    assert desk.inbox() == {"waiting": 3}


# ── limits ──────────────────────────────────────────────────────────────────────────────────


def forwards(count, start=0, **more):
    return [
        update(n, f"Kabar berantai ke {n} soal pemilu", **more) for n in range(start, start + count)
    ]


def notice(key, clock):
    """Too much: with the time, to the full minute, from which on messages are taken."""
    return say("id", key, time=f"pukul {clock} WIB")


async def test_the_eleventh_message_of_a_minute_hears_when_to_go_on_and_what_was_not_taken(desk):
    await desk.deliver(*forwards(15))
    await desk.work()
    sent = [message for _, message in desk.messages()]
    assert (len(sent), desk.inbox()) == (11, {"done": 15})
    assert sent[-1].text == notice("small.many", "16.01")
    assert sent[-1].quote == "10"  # the first one that was not taken


async def test_who_goes_on_too_fast_hears_it_again_after_the_time_that_was_told(desk):
    for minute in range(3):
        at = desk.clock.now.isoformat()
        await desk.deliver(*forwards(12, start=100 * minute, at=at))
        await desk.work()
        desk.clock.forward(minutes=1)
    texts = [text for _, text in desk.outgoing()]
    assert len(texts) == 33
    assert [text.startswith("Kirimannya banyak") for text in texts].count(True) == 3


async def test_a_group_that_calls_too_often_hears_it_once_and_no_other_group(desk):
    calls = [
        update(n, f"/cek Kabar berantai ke {n} soal pemilu", chat="rt-5", group=True)
        for n in range(20)
    ]
    await desk.deliver(*calls, update(50, "/cek Kabar lain soal pemilu", chat="rw-2", group=True))
    await desk.work()
    out = desk.outgoing()
    said = [text for chat, text in out if chat == "rt-5"]
    assert (len(said), said[-1]) == (16, notice("group.many", "16.01"))
    assert [chat for chat, _ in out].count("rw-2") == 1


async def test_after_a_minute_messages_are_taken_again(desk):
    await desk.deliver(*forwards(12))
    await desk.work()
    later = desk.clock.forward(seconds=61)
    await desk.deliver(*forwards(2, start=100, at=later.isoformat()))
    await desk.work()
    assert len(desk.outgoing()) == 13


async def test_a_message_replayed_after_a_month_is_not_answered(desk):
    desk.clock.forward(days=31)
    await desk.deliver(update(1))
    await desk.work()
    assert (desk.outgoing(), desk.inbox()) == ([], {"done": 1})


async def test_what_piled_up_while_we_were_away_was_not_sent_too_fast(desk):
    written = [(desk.clock.now + timedelta(minutes=n)).isoformat() for n in range(15)]
    desk.clock.forward(hours=2)
    await desk.deliver(*(forwards(1, start=n, at=at)[0] for n, at in enumerate(written)))
    await desk.work()
    assert len(desk.outgoing()) == 15


async def test_others_are_not_slowed_by_somebody_who_sends_too_much(desk):
    await desk.deliver(*forwards(12), update(50, HOAX, chat="budi"))
    await desk.work()
    assert [chat for chat, _ in desk.outgoing()].count("budi") == 1


async def test_the_hundred_and_first_message_of_a_day_hears_when_to_go_on(desk):
    with desk.store.work() as work:
        key = work.contacts.limit_key(Address("fake", "bot", "sari"), desk.clock())
        for _ in range(100):
            work.contacts.turn(key, desk.clock(), 1000, 1000)
    for start in (200, 300):
        await desk.deliver(*forwards(12, start))
        await desk.work()
        desk.clock.forward(minutes=2)
    tomorrow = say("id", "small.many_today", time="11 Februari 2027 pukul 16.00 WIB")
    assert [text for _, text in desk.outgoing()] == [tomorrow]


async def test_no_block_is_hidden_and_none_is_for_ever(desk):
    """Who sends too much every day is told so every day, in words, and is heard again the next
    morning, whatever they did; nothing about them is kept for it (G7)."""
    for day in range(6):
        with desk.store.work() as work:
            key = work.contacts.limit_key(Address("fake", "bot", "sari"), desk.clock())
            for _ in range(99):
                work.contacts.turn(key, desk.clock(), 1000, 1000)
        desk.clock.forward(minutes=2)
        at = desk.clock.now.isoformat()
        await desk.deliver(*forwards(1, 100 * day, at=at))
        desk.clock.forward(minutes=2)
        await desk.deliver(*forwards(4, 100 * day + 10, at=desk.clock.now.isoformat()))
        await desk.work()
        desk.clock.forward(hours=24)
    said = [text for _, text in desk.outgoing()]
    assert [text.startswith("Terima kasih, sudah banyak") for text in said] == [False, True] * 6
    with desk.store.read() as work:
        person = work.contacts.known(Address("fake", "bot", "sari"))
        assert not {"blocked", "banned", "limit"} & set(person.state)


async def test_commands_have_a_limit_of_their_own(desk):
    await desk.deliver(*forwards(12), update(50, "bantuan"))
    await desk.work()
    assert len(desk.outgoing()) == 12


async def test_thanks_between_questions_use_up_no_check(desk):
    thanks = [update(100 + n, "makasih") for n in range(9)]
    await desk.deliver(*forwards(2), *thanks, *forwards(8, 200))
    await desk.work()
    said = [text for _, text in desk.outgoing()]
    assert not [text for text in said if text.startswith("Kirimannya banyak")]
    assert len([text for text in said if "BELUM DIPERIKSA" in text]) == 10


async def test_who_only_taps_and_talks_hears_once_that_it_is_too_much(desk):
    await desk.deliver(*[update(n, "ya") for n in range(35)])
    await desk.work()
    said = [text for _, text in desk.outgoing()]
    assert (len(said), said[-1]) == (31, notice("small.many_else", "16.01"))


async def test_who_talks_too_much_may_still_send_what_they_doubt_and_is_told_so(desk):
    await desk.deliver(*[update(n, "makasih") for n in range(35)], *forwards(1, 200))
    await desk.work()
    *_, told, answer = [text for _, text in desk.outgoing()]
    assert told == notice("small.many_else", "16.01")
    assert "Pesan yang meragukan tetap boleh dikirim." in told
    assert "BELUM DIPERIKSA" in answer


async def test_delete_and_stop_work_in_the_middle_of_a_flood(desk):
    await desk.deliver(*forwards(12), *[update(100 + n, "makasih") for n in range(35)])
    await desk.deliver(update(200, "stop"), update(201, "hapus"), update(202, "ya"))
    await desk.work()
    said = [text for _, text in desk.outgoing()]
    assert said == [say("id", "privacy.erased")]  # all before it went with the person
    with desk.store.read() as work:
        assert work.contacts.known(Address("fake", "bot", "sari")) is None


async def test_a_plain_yes_in_a_flood_is_still_too_much(desk):
    await desk.deliver(*[update(n, "makasih") for n in range(35)], update(100, "ya"))
    await desk.work()
    assert len(desk.outgoing()) == 31


async def test_even_deleting_has_its_measure(desk):
    await desk.deliver(*[update(n, "hapus") for n in range(35)])
    await desk.work()
    said = [text for _, text in desk.outgoing()]
    assert (len(said), said[-1]) == (31, notice("small.many_else", "16.01"))


# ── what platforms tell us ──────────────────────────────────────────────────────────────────


async def test_a_receipt_moves_the_state_of_our_message_forward(desk, store, clock):
    put_out(store, clock, person_at(store, clock), "halo")
    with store.work() as work:
        [row] = work.outbox.claim(clock())
        work.outbox.finish(row.id, Delivery.SENT, clock(), platform_id="77")
    await desk.deliver(update(77, "read", act="receipt"))
    await desk.work()
    assert states(store) == {"read": 1}


async def test_a_chat_that_moved_is_the_same_person_at_the_new_address(desk, store, clock):
    person = person_at(store, clock, "old")
    await desk.deliver(update(1, "new", chat="old", act="moved"))
    await desk.work()
    with store.read() as work:
        assert work.contacts.address(person) == Address("fake", "bot", "new")


async def test_who_blocks_us_is_marked_and_who_returns_is_reachable_again(desk, store, clock):
    person = person_at(store, clock)
    await desk.deliver(update(1, "x", act="blocked"))
    await desk.work()
    with store.read() as work:
        assert work.people.get(person).unreachable
    await desk.deliver(update(2, "x", act="returned"))
    await desk.work()
    with store.read() as work:
        assert not work.people.get(person).unreachable


@pytest.mark.parametrize("words", ["stop", "bahasa inggris", "language english", "bantuan"])
async def test_whoever_writes_can_be_reached_whatever_they_say(desk, store, clock, words):
    person = person_at(store, clock)
    with store.work() as work:
        work.contacts.lost(person)
    await desk.deliver(update(1, words))
    await desk.work()
    with store.read() as work:
        assert not work.people.get(person).unreachable


async def test_writing_again_releases_what_was_held(desk, store, clock):
    put_out(store, clock, person_at(store, clock), "jawaban")
    with store.work() as work:
        [row] = work.outbox.claim(clock())
        work.outbox.finish(row.id, Delivery.HELD, clock())
    await desk.deliver(update(1, "bantuan"))
    await desk.work()
    assert "jawaban" in [text for _, text in desk.outgoing()]


def test_every_route_that_searches_is_known_to_the_worker():
    assert {route.needs for route in routes.ROUTES} == set(routes.Needs)


async def test_a_flood_goes_first_but_does_not_stop_the_answers(desk):
    waited = []
    desk.worker._arriving = lambda: waited.append(1) or True
    await desk.deliver(update(1))
    running = asyncio.create_task(desk.worker.run())
    while desk.inbox() != {"done": 1}:
        await asyncio.sleep(0.01)
    desk.worker.stop()
    await running
    assert len(waited) >= 25


async def handled(desk):
    """Run until everything is done, then stop."""
    running = asyncio.create_task(desk.worker.run())
    while set(desk.inbox()) != {"done"}:
        await asyncio.sleep(0.01)
    desk.worker.stop()
    await running


async def test_a_page_somebody_waits_for_goes_first_but_does_not_stop_the_answers(desk):
    looked = []
    desk.worker._visited = lambda: looked.append(desk.inbox()) or True
    await desk.deliver(update(1))
    await handled(desk)
    assert looked[:PAGE_YIELDS] == [{"waiting": 1}] * PAGE_YIELDS


async def test_messages_that_are_late_wait_for_no_page(desk):
    looked = []
    await three_chats(desk)
    desk.clock.forward(seconds=2)
    assert await desk.worker.step(ahead=True)
    desk.worker._visited = lambda: looked.append(1) or True
    await desk.worker._let_others_pass()
    assert looked == []


async def test_messages_are_matched_one_at_a_time(desk):
    desk.worker._matching = turn = Lock()
    turn.acquire()
    await desk.deliver(update(1))
    stepping = asyncio.create_task(desk.worker.step())
    while desk.inbox() != {"leased": 1}:
        await asyncio.sleep(0.01)
    assert desk.finder.asked == []
    turn.release()
    assert await stepping
    assert len(desk.finder.asked) == 1
