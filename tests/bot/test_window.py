"""The reply window and what a sender does about it, on a clock that is moved by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.channels import ChannelError, Limits
from bot.jobs.sqlite import TableRunner
from bot.sender import Sender
from bot.tasks import Chores
from bot.wakeup import Bell
from bot.window import as_template, is_closed, room
from handlers.messages import Block, Do, Outgoing
from handlers.ports import Rules
from knowledge_base.facts import Person
from knowledge_base.store import Store
from tests.bot.edge import FakeChannel, FakeFinder, person_at, put_out, states
from tests.conftest import Clock

A_DAY = Limits(window_hours=24)
ALWAYS = Limits()
AGREED = Person("p", "fake", consent="1 2027-02-10T09:00:00+00:00")
RESULT = Outgoing(
    "p", blocks=(Block("x"),), quote="q", template="result", template_values=("7F3K",)
)


@pytest.mark.parametrize(
    ("hours", "minutes", "seconds", "closed"),
    [(0, 0, 0, False), (23, 59, 59, False), (24, 0, 0, True), (24, 0, 1, True)],
)
def test_free_text_may_go_for_exactly_a_day(
    clock: Clock, hours: int, minutes: int, seconds: int, closed: bool
) -> None:
    wrote = clock()
    now = clock.forward(hours=hours, minutes=minutes, seconds=seconds)
    assert is_closed(A_DAY, wrote, now) is closed
    assert is_closed(ALWAYS, wrote, now) is False


def test_who_never_wrote_has_no_window(clock: Clock) -> None:
    assert is_closed(A_DAY, None, clock()) is True
    assert is_closed(ALWAYS, None, clock()) is False


def test_a_template_needs_a_yes_that_still_holds() -> None:
    assert as_template(RESULT, AGREED) == replace(RESULT, blocks=(), quote="")
    assert as_template(replace(RESULT, template=""), AGREED) is None
    assert as_template(RESULT, replace(AGREED, consent="")) is None
    assert as_template(RESULT, replace(AGREED, notify=False)) is None
    assert as_template(RESULT, None) is None


class Late:
    """A sender on a channel with a window, and somebody who wrote at the test's beginning."""

    def __init__(self, store: Store, clock: Clock, **person: str) -> None:
        self.store, self.clock, self.channel = store, clock, FakeChannel()
        self.channel.limits = replace(self.channel.limits, window_hours=24)
        self.sender = Sender(store, {"fake": self.channel}, clock, Bell())
        self.sari = person_at(store, clock, "sari")
        with store.work() as work:
            work.contacts.wrote(self.sari, clock())
            known = work.people.get(self.sari)
            assert known is not None
            work.people.save(replace(known, **person))

    async def sends(self, **message: object) -> dict[str, int]:
        """Queue a result and send what is due; gives the states."""
        put_out(self.store, self.clock, self.sari, "hasilnya", **message)
        while await self.sender.step():
            pass
        return states(self.store)

    @property
    def said(self) -> list[tuple[str, str]]:
        """Text and template of what went out."""
        return [(message.text, message.template) for _, message in self.channel.sent]


YES = {"consent": "1 2027-02-10"}


async def test_in_the_window_the_message_itself_goes_out(store: Store, clock: Clock) -> None:
    late = Late(store, clock, **YES)
    clock.forward(hours=23, minutes=59, seconds=59)
    assert await late.sends(template="result") == {"sent": 1}
    assert late.said == [("hasilnya", "result")]


async def test_after_it_the_template_announces_the_message(store: Store, clock: Clock) -> None:
    late = Late(store, clock, **YES)
    clock.forward(hours=24, seconds=1)
    assert await late.sends(template="result") == {"held": 1}
    assert late.said == [("", "result")]
    with store.work() as work:
        work.contacts.wrote(late.sari, clock())
        work.outbox.release_held(late.sari, clock())
    await late.sender.step()
    assert late.said[1:] == [("hasilnya", "result")]


@pytest.mark.parametrize("person", [{}, {"consent": "1", "notify": False}])
async def test_without_a_yes_it_waits_unsaid(store: Store, clock: Clock, person: dict) -> None:
    late = Late(store, clock, **person)
    clock.forward(days=2)
    assert await late.sends(template="result") == {"held": 1}
    assert late.said == []


async def test_the_platforms_own_word_about_the_window_counts(store: Store, clock: Clock) -> None:
    late = Late(store, clock, **YES)
    late.channel.errors = [ChannelError("closed", window_closed=True)]
    assert await late.sends(template="result") == {"held": 1}
    assert late.said == [("", "result")]


async def test_a_refused_template_is_not_tried_for_ever(store: Store, clock: Clock) -> None:
    late = Late(store, clock, **YES)
    clock.forward(days=2)
    late.channel.errors = [ChannelError("paused", hold=True, alert=True)]
    assert await late.sends(template="result") == {"held": 1}
    clock.forward(days=1)
    assert await late.sender.step() == 0


def full(store: Store, clock: Clock, templates: int = 1) -> Late:
    """Somebody outside the window, on a channel that may pay for so many templates a day."""
    late = Late(store, clock, **YES)
    late.channel.limits = replace(late.channel.limits, templates_a_day=templates)
    clock.forward(hours=25)
    return late


async def run_due(late: Late) -> None:
    """What the job runner does now, then what the sender does."""
    tasks = Chores(late.store, FakeFinder(), Rules(), late.clock, lambda: None).table()
    while await TableRunner(late.store, late.clock, Bell()).step(tasks):
        pass
    while await late.sender.step():
        pass


async def test_templates_cost_no_more_on_a_day_than_was_set_and_the_rest_waits(
    store: Store, clock: Clock
) -> None:
    late = full(store, clock, templates=2)
    for _ in range(5):
        await late.sends(template="result")
    assert states(store) == {"held": 5}
    assert late.said == [("", "result")] * 2
    for day, announced in enumerate((4, 5, 5)):
        clock.forward(hours=24)
        await run_due(late)
        assert len(late.said) == announced, f"day {day + 1}"


@pytest.mark.parametrize(
    ("answers", "corrections", "answer", "correction"),
    [
        (0, 0, True, True),
        (3, 0, False, True),  # a rush of answers leaves the corrections theirs
        (3, 1, False, True),
        (3, 2, False, False),
        (0, 2, True, True),  # and a wave of corrections may use what the answers leave
        (0, 5, False, False),
        (2, 3, False, False),
        (1, 3, True, True),
    ],
)
def test_corrections_have_a_part_of_their_own(
    answers: int, corrections: int, answer: bool, correction: bool
) -> None:
    limits = replace(FakeChannel.limits, templates_a_day=3, corrections_a_day=2)
    sent = answers + corrections
    assert room(limits, sent, corrections, correction=False) is answer
    assert room(limits, sent, corrections, correction=True) is correction


def test_without_a_bound_there_is_always_room() -> None:
    assert room(FakeChannel.limits, 10_000, 10_000, correction=False)


async def test_a_rush_of_answers_holds_no_correction(
    store: Store, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    late = full(store, clock)
    late.channel.limits = replace(late.channel.limits, corrections_a_day=1)
    for template in ("result", "result", "correction", "correction"):
        await late.sends(template=template)
    assert [template for _, template in late.said] == ["result", "correction"]
    said = [line for line in capsys.readouterr().out.splitlines() if "used up" in line]
    assert [("answers" in line, "waiting=corrections" in line) for line in said] == [
        (True, False),
        (False, True),
    ]
    clock.forward(hours=24)
    await run_due(late)
    assert sorted(template for _, template in late.said[2:]) == ["correction", "result"]


async def test_what_found_no_room_goes_out_at_once_when_they_write(
    store: Store, clock: Clock
) -> None:
    late = full(store, clock)
    await late.sends(template="result")
    await late.sends(template="result")
    with store.work() as work:
        work.contacts.wrote(late.sari, clock())
        work.outbox.release_held(late.sari, clock())
    assert await late.sends() == {"sent": 3}
    clock.forward(hours=30)
    await run_due(late)
    assert [text for text, _ in late.said] == ["", "hasilnya", "hasilnya", "hasilnya"]


async def test_the_first_day_over_the_bound_is_told_once(
    store: Store, clock: Clock, capsys
) -> None:
    late = full(store, clock)
    for _ in range(4):
        await late.sends(template="result")
    assert capsys.readouterr().out.count("templates of this day are used up") == 1


async def test_in_the_window_nothing_is_counted(store: Store, clock: Clock) -> None:
    late = Late(store, clock, **YES)
    late.channel.limits = replace(late.channel.limits, templates_a_day=1)
    for _ in range(3):
        await late.sends(template="result")
    assert late.said == [("hasilnya", "result")] * 3


async def test_marking_as_read_needs_no_window(store: Store, clock: Clock) -> None:
    late = Late(store, clock)
    clock.forward(hours=25)
    assert await late.sends(do=Do.TYPING, ref="m1") == {"sent": 1}


# ── what else a refusal may ask for ─────────────────────────────────────────────────────────


async def test_a_failure_with_few_tries_ends_visibly(store: Store, clock: Clock) -> None:
    late = Late(store, clock)
    late.channel.errors = [ChannelError("odd", tries=2) for _ in range(3)]
    assert await late.sends() == {"waiting": 1}
    for _ in range(2):
        clock.forward(minutes=11)
        await late.sender.step()
    assert states(store) == {"failed": 1}


async def test_who_opted_out_is_remembered(store: Store, clock: Clock) -> None:
    late = Late(store, clock)
    late.channel.errors = [ChannelError("no more", permanent=True, opted_out=True)]
    assert await late.sends() == {"failed": 1}
    with store.read() as work:
        person = work.people.get(late.sari)
    assert person is not None
    assert not person.notify


async def test_broadcasts_pause_while_answers_go_on(store: Store, clock: Clock) -> None:
    late = Late(store, clock)
    late.channel.errors = [ChannelError("spam", broadcasts=True, retry_after=600.0)]
    assert await late.sends(broadcast=True) == {"waiting": 1}
    budi = person_at(store, clock, "budi")
    with store.work() as work:
        work.contacts.wrote(budi, clock())
    put_out(store, clock, budi, "kabar", broadcast=True)
    clock.forward(minutes=1)
    assert await late.sends() == {"waiting": 2, "sent": 1}
    assert late.said == [("hasilnya", "")]
