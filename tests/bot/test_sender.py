"""Every message in the outbox ends in a visible state: sent once, later, held or given up."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from bot.channels import ChannelError, Limits
from bot.sender import AT_ONCE, ENOUGH, Sender, back_off
from bot.wakeup import Bell
from handlers.messages import Do, unpack
from knowledge_base.facts import State
from tests.bot.edge import (
    Busy,
    FakeChannel,
    fact,
    person_at,
    put_out,
    save_fact,
    states,
)


class Post:
    """A sender with one fake messenger, and people who have something coming."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.channel = FakeChannel()
        self.sender = Sender(store, {"fake": self.channel}, clock, Bell())
        self.sari = person_at(store, clock, "sari")

    def put(self, *texts, person="", **more):
        put_out(self.store, self.clock, person or self.sari, *texts, **more)

    def someone(self, chat):
        return person_at(self.store, self.clock, chat)

    def fail(self, *errors):
        self.channel.errors += errors

    async def fails(self, times):
        """So many tries that fail, each when it is due."""
        for _ in range(times):
            self.clock.now = max(self.clock(), self.next_due())
            self.fail(passing())
            await self.send()

    async def send(self):
        """Everything that is due now."""
        while await self.sender.step():
            pass

    def states(self):
        return states(self.store)

    def next_due(self):
        with self.store.read() as work:
            return work.outbox.next_due()

    def person(self):
        with self.store.read() as work:
            return work.people.get(self.sari)


@pytest.fixture
def post(store, clock):
    return Post(store, clock)


def passing(**more):
    return ChannelError("the platform stumbles", **more)


# ── what goes well ──────────────────────────────────────────────────────────────────────────


async def test_a_message_is_sent_once_and_marked(post):
    post.put("halo")
    await post.send()
    await post.send()
    assert (post.channel.texts(), post.states()) == (["halo"], {"sent": 1})


async def test_messages_to_one_person_go_out_in_order(post):
    post.put("satu", "dua", "tiga")
    await post.send()
    assert post.channel.texts("sari") == ["satu", "dua", "tiga"]


async def test_a_message_that_must_wait_holds_back_the_next_ones_of_its_chat_only(post):
    post.put("satu", "dua")
    post.fail(passing())
    await post.send()
    post.put("lain", person=post.someone("budi"))
    await post.send()
    assert post.channel.texts() == ["lain"]
    post.clock.forward(minutes=1)
    await post.send()
    assert post.channel.texts("sari") == ["satu", "dua"]


async def test_replies_go_out_before_broadcasts_that_were_there_first(post):
    for number in range(AT_ONCE + 5):
        post.put("kabar", person=post.someone(f"chat-{number}"), broadcast=True)
    post.put("balasan")
    await post.sender.step()
    assert "balasan" in post.channel.texts()
    assert len(post.channel.sent) == AT_ONCE


async def test_a_reply_that_comes_during_a_long_broadcast_overtakes_the_rest(post):
    for number in range(3 * AT_ONCE):
        post.put("kabar", person=post.someone(f"chat-{number}"), broadcast=True)
    await post.sender.step()
    post.put("balasan")
    await post.sender.step()
    assert "balasan" in post.channel.texts()
    assert len(post.channel.sent) == 2 * AT_ONCE


# ── what goes wrong, and comes right ────────────────────────────────────────────────────────


async def test_retry_after_is_honoured(post):
    post.put("halo")
    post.fail(passing(retry_after=40.0))
    await post.send()
    assert (post.next_due() - post.clock()).total_seconds() >= 40
    post.clock.forward(seconds=39)
    assert await post.sender.step() == 0


@pytest.mark.parametrize(("tries", "longest"), [(0, 1), (1, 2), (5, 32), (9, 512), (10, 600)])
def test_the_back_off_doubles_up_to_ten_minutes_with_jitter_in_its_upper_half(tries, longest):
    assert back_off(tries, 0.0) == longest / 2
    assert longest * 0.99 < back_off(tries, 0.999999) < longest


def test_the_back_off_never_overflows():
    assert back_off(100_000, 0.5) == 450


async def test_each_failure_waits_longer_than_the_one_before(post):
    post.put("halo")
    pauses = []
    for _ in range(5):
        post.fail(passing())
        await post.send()
        pauses.append((post.next_due() - post.clock()).total_seconds())
        post.clock.now = post.next_due()
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 8 * pauses[0]


async def test_of_a_long_message_only_the_pages_that_did_not_arrive_are_sent_again(post):
    post.put("tiga halaman")
    third = passing()
    third.pages = 2
    post.fail(third)
    await post.send()
    post.clock.forward(minutes=1)
    await post.send()
    assert [message.skip for _, message in post.channel.sent] == [2]
    assert (post.channel.texts(), post.states()) == (["tiga halaman"], {"sent": 1})


async def test_a_permanent_error_is_not_tried_again(post):
    post.put("halo")
    post.fail(passing(permanent=True))
    await post.send()
    post.clock.forward(hours=1)
    await post.send()
    assert (post.states(), post.channel.sent) == ({"failed": 1}, [])


async def test_what_waits_for_somebody_who_blocked_us_is_held_until_they_return(post):
    post.put("satu", "dua")
    post.fail(passing(permanent=True, gone=True, hold=True))
    await post.send()
    assert post.person().unreachable
    assert (post.states(), post.channel.sent) == ({"held": 2}, [])
    with post.store.work() as work:
        work.contacts.wrote(post.sari, post.clock())
        work.outbox.release_held(post.sari, post.clock())
    await post.send()
    assert (post.channel.texts("sari"), post.states()) == (["satu", "dua"], {"sent": 2})


async def test_who_says_stop_gets_no_correction_that_was_on_its_way_but_their_answers(post):
    post.put("ralat", template="correction", broadcast=True)
    post.put("jawaban", template="result", broadcast=True)
    with post.store.work() as work:
        work.people.save(replace(work.people.get(post.sari), notify=False))
    await post.send()
    assert (post.channel.texts(), post.states()) == (["jawaban"], {"sent": 1, "cancelled": 1})


async def test_what_a_group_was_told_is_over_when_we_are_put_out(post):
    post.put("satu")
    post.fail(passing(permanent=True, gone=True))
    await post.send()
    assert (post.states(), post.channel.sent) == ({"failed": 1}, [])


async def test_a_verdict_that_changed_while_its_asker_was_away_is_told_as_it_stands(post):
    saved = save_fact(post.store)
    post.put("lama", fact=(saved.number, saved.version))
    post.fail(passing(permanent=True, gone=True, hold=True))
    await post.send()
    with post.store.work() as work:
        work.facts.save(replace(saved, fact="Lebih tepat begini."), "test", "test")
        work.contacts.wrote(post.sari, post.clock())
        work.outbox.release_held(post.sari, post.clock())
    await post.send()
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])
    with post.store.read() as work:
        assert work.job_table.counts()["waiting"] == 1


async def test_an_acknowledgement_of_a_tap_is_not_kept_for_who_is_gone(post):
    post.put("baik", do=Do.TOAST)
    with post.store.work() as work:
        work.contacts.lost(post.sari)
    await post.send()
    assert post.states() == {"cancelled": 1}


async def test_a_chat_that_moved_is_followed_at_once(post):
    post.put("halo")
    post.fail(passing(moved_to="-100200"))
    await post.send()
    assert [chat for chat, _ in post.channel.sent] == ["-100200"]


async def test_outside_the_reply_window_a_message_is_held_until_they_write_again(post):
    post.put("jawaban")
    post.fail(passing(window_closed=True))
    await post.send()
    assert post.states() == {"held": 1}
    with post.store.work() as work:
        work.outbox.release_held(post.sari, post.clock())
    await post.send()
    assert (post.channel.texts(), post.states()) == (["jawaban"], {"sent": 1})


async def test_after_a_day_of_failures_a_message_is_given_up(post):
    post.put("halo")
    await post.fails(ENOUGH)
    assert post.states() == {"waiting": 1}
    post.clock.forward(hours=24)
    await post.fails(1)
    assert post.states() == {"expired": 1}


@pytest.mark.parametrize("days", [2, 20_000])
async def test_a_clock_that_was_behind_and_is_set_right_gives_up_nothing(post, days):
    """J12: nor does an outage of more than a day, before anything was tried."""
    post.put("halo")
    post.clock.forward(days=days)
    await post.fails(ENOUGH - 1)
    assert post.states() == {"waiting": 1}
    post.clock.now = post.next_due()
    await post.send()
    assert (post.channel.texts(), post.states()) == (["halo"], {"sent": 1})


async def test_a_channel_that_is_switched_off_keeps_messages_for_a_week(post):
    """Then until they write: nobody refused them."""
    post.put("halo", "lagi", person=post.sari)
    off = Sender(post.store, {}, post.clock, Bell())
    for _ in range(ENOUGH + 1):
        await off.step()
        post.clock.now = post.next_due()
    post.clock.forward(days=2)
    await post.fails(ENOUGH - 1)  # it is on again, and stumbles
    post.clock.now = post.next_due()
    assert post.states() == {"waiting": 2}
    post.clock.forward(days=7)
    await off.step()
    assert post.states() == {"held": 1, "waiting": 1}


async def test_waiting_for_the_pace_gives_up_nothing(post):
    """A message that was never refused is not given up at its first failure."""
    post.put("halo")
    for _ in range(ENOUGH + 1):
        post.sender._paces["fake"].pause(60.0, time.monotonic(), post.sari)
        await post.sender.step()
        post.clock.now = post.next_due()
    post.clock.forward(days=2)
    post.sender = Sender(post.store, {"fake": post.channel}, post.clock, Bell())
    await post.fails(1)
    assert post.states() == {"waiting": 1}


async def test_a_fault_of_our_own_keeps_the_message(post):
    post.put("halo")
    post.fail(RuntimeError("a bug in the channel"))
    await post.send()
    assert post.states() == {"waiting": 1}
    post.clock.forward(minutes=1)
    await post.send()
    assert post.channel.texts() == ["halo"]


async def test_an_acknowledgement_of_a_tap_expires(post):
    post.put("Baik.", do=Do.TOAST)
    post.clock.forward(minutes=3)
    await post.send()
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])


async def test_an_acknowledgement_that_fails_is_not_repeated(post):
    post.put("Baik.", do=Do.TOAST)
    post.fail(passing())
    await post.send()
    assert post.states() == {"expired": 1}


# ── looked at once more, just before it would go out ────────────────────────────────────────


async def test_an_outdated_verdict_is_replaced_by_the_present_one(post):
    old = save_fact(post.store)
    post.put("versi lama", fact=(old.number, old.version), quote="7")
    with post.store.work() as work:
        work.facts.save(replace(old, fact="Itu sebagian benar."), "test", "corrected")
    await post.send()
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])
    with post.store.work() as work:
        job = work.job_table.claim(post.clock())
    told = {"person": post.sari, "number": old.number, "row": 1}
    told |= {"version": old.version, "correction": False}
    assert (job.task, job.payload) == ("tell_current", told)
    with post.store.read() as work:
        assert unpack(work.outbox.body(1)).quote == "7"  # kept encrypted, and nowhere else


async def test_a_reply_with_several_verdicts_waits_for_none_that_is_outdated(post):
    first, second = save_fact(post.store), save_fact(post.store, 2)
    told = ((first.number, 1), (second.number, 1))
    post.put("dua kabar", fact=told[0], more_facts=told[1:])
    with post.store.work() as work:
        work.facts.save(replace(second, fact="Itu sebagian benar."), "test", "corrected")
    await post.send()
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])
    with post.store.work() as work:
        job = work.job_table.claim(post.clock())
    assert (job.payload["number"], job.payload["more"]) == (first.number, [list(told[1])])


async def test_a_retracted_verdict_does_not_go_out(post):
    old = save_fact(post.store)
    post.put("versi lama", fact=(old.number, old.version))
    with post.store.work() as work:
        work.facts.save(replace(old, state=State.RETRACTED), "test", "wrong")
    await post.send()
    assert post.channel.sent == []


async def test_the_present_verdict_goes_out(post):
    current = save_fact(post.store)
    assert current.claim == fact().claim
    post.put("versi kini", fact=(current.number, current.version))
    await post.send()
    assert post.channel.texts() == ["versi kini"]


async def test_an_erased_person_gets_nothing(post):
    post.put("halo")
    with post.store.work() as work:
        work.people.erase(post.sari)
    await post.send()
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])


async def test_who_is_erased_while_their_message_waits_its_turn_gets_nothing(post):
    post.put("halo")
    [row], _ = post.sender._take()
    with post.store.work() as work:
        work.people.erase(post.sari)
    await post.sender._attempt(row)
    assert (post.states(), post.channel.sent) == ({"cancelled": 1}, [])


# ── never twice, never lost ─────────────────────────────────────────────────────────────────


async def test_what_was_sent_is_noted_however_long_the_database_is_busy(post):
    post.put("halo")
    [row], _ = post.sender._take()
    post.sender._database = Busy(post.store, 3)
    await post.sender._attempt(row)
    await post.send()
    assert (post.channel.texts(), post.states()) == (["halo"], {"sent": 1})


async def test_a_message_whose_lease_runs_out_while_it_is_under_way_is_not_sent_twice(post):
    post.put("halo")
    release = asyncio.Event()

    class Slow(FakeChannel):
        async def send(self, address, message):
            await release.wait()
            return await super().send(address, message)

    slow = Slow()
    post.sender._channels = {"fake": slow}
    running = asyncio.create_task(post.sender.run())
    while not post.sender._flying:
        await asyncio.sleep(0.01)
    post.clock.forward(minutes=2)
    post.sender._bell.ring()
    await asyncio.sleep(0.1)
    release.set()
    while post.states() != {"sent": 1}:
        await asyncio.sleep(0.01)
    post.sender.stop()
    await running
    assert slow.texts() == ["halo"]


async def test_what_a_dead_process_was_sending_is_sent_once_more_and_marked(post):
    post.put("halo")
    with post.store.work() as work:
        work.outbox.claim(post.clock())
    post.clock.forward(seconds=59)
    assert await post.sender.step() == 0
    post.clock.forward(seconds=2)
    [row], _ = post.sender._take()
    assert row.maybe_duplicate
    await post.sender._attempt(row)
    assert post.channel.texts() == ["halo"]


async def test_stopping_finishes_what_is_under_way(post):
    post.put("halo")
    post.channel.before_send = post.sender.stop
    await asyncio.wait_for(post.sender.run(), 10)
    assert post.states() == {"sent": 1}


async def test_never_more_than_at_once_are_under_way(post):
    most = 0

    class Counting(FakeChannel):
        async def send(self, address, message):
            nonlocal most
            most = max(most, len(post.sender._flying))
            await asyncio.sleep(0.01)
            return await super().send(address, message)

    for number in range(3 * AT_ONCE):
        post.put("kabar", person=post.someone(f"chat-{number}"))
    post.sender._channels = {"fake": Counting()}
    running = asyncio.create_task(post.sender.run())
    while post.states() != {"sent": 3 * AT_ONCE}:
        await asyncio.sleep(0.02)
    post.sender.stop()
    await running
    assert 1 < most <= AT_ONCE


# ── pace ────────────────────────────────────────────────────────────────────────────────────


async def test_a_channel_that_is_told_to_wait_holds_up_no_other_channel(post):
    other = FakeChannel(name="other")
    post.sender = Sender(post.store, {"fake": post.channel, "other": other}, post.clock, Bell())
    for number in range(AT_ONCE):
        post.put("kabar", person=post.someone(f"chat-{number}"))
    post.sender._paces["fake"].pause(5000.0, time.monotonic())
    post.put("halo", person=person_at(post.store, post.clock, "budi", "other"))
    await post.send()
    assert (other.texts(), post.channel.sent) == (["halo"], [])
    assert post.states() == {"waiting": AT_ONCE, "sent": 1}


async def test_a_wait_for_everybody_pauses_the_whole_channel(post):
    post.put("satu")
    post.fail(passing(retry_after=3000.0, everyone=True))
    await post.send()
    post.put("dua", person=post.someone("budi"))
    await post.send()
    assert post.channel.sent == []


async def test_a_long_wait_for_one_chat_gives_its_message_back(post):
    post.put("halo")
    post.sender._paces["fake"].pause(5000.0, time.monotonic(), post.sari)
    await post.send()
    assert post.states() == {"waiting": 1}
    assert 500 < (post.next_due() - post.clock()).total_seconds() <= 5000


async def test_a_short_wait_for_the_next_message_of_a_chat_is_waited_out(post):
    channel = FakeChannel()
    channel.limits = Limits(per_second=1000.0, per_chat_seconds=0.1)
    sender = Sender(post.store, {"fake": channel}, post.clock, Bell())
    post.put("satu", "dua")
    while await sender.step():
        pass
    assert channel.texts() == ["satu", "dua"]
