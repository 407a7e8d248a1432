"""The conversation in a terminal is the one of every channel."""

from __future__ import annotations

import asyncio
import io
import json
from datetime import UTC, datetime

import pytest

from bot import terminal
from bot.channels.console import Console, line, shown_buttons
from bot.inbox import Busy
from bot.lock import only_worker
from bot.settings import Settings
from bot.terminal import Conversation, working
from bot.wiring.clock import utc_now
from bot.wiring.house import begin_work, build, work_loop
from handlers.messages import Act, Address, Block, Button, Do, Outgoing
from handlers.texts import say
from knowledge_base.facts import FactCheck, Source, Unavailable, Verdict
from tests.bot.edge import states
from tests.channel_contract import Contract

HOAX = "TPS di Kecamatan Melati tutup pukul sepuluh pagi"
NOW = datetime(2027, 2, 10, 9, 0, tzinfo=UTC)


class TestContract(Contract):
    """What every channel must do."""

    def channel(self):
        return Console(None, lambda: NOW)

    def delivery(self, text):
        return json.loads(line("terminal:sari", 1, NOW, text=text))


@pytest.fixture
def settings(tmp_path, empty_database):
    (tmp_path / "saring.db").write_bytes(empty_database.read_bytes())
    key = (b"a master key that only tests have").decode()
    return Settings.model_validate({"SARING_VAR": tmp_path, "SECRET_KEY": key})


@pytest.fixture
def house(settings, monkeypatch):
    built = build(settings)
    with built.store.work() as work:
        work.facts.save(
            FactCheck(
                identity="k-1",
                claim=HOAX,
                verdict=Verdict.FALSE,
                fact="TPS tetap buka sampai pukul 13.00.",
                sources=(Source("https://kpu.example/jadwal", "KPU"),),
            ),
            "test",
            "test",
        )
    monkeypatch.setattr(terminal, "QUIET", 0.1)
    yield built
    built.store.close()


async def talk(house, *typed):
    """What the terminal shows for these lines."""
    shown = io.StringIO()
    await Conversation(house, "id", io.StringIO("".join(typed)), shown).run()
    return shown.getvalue()


async def test_a_known_hoax_gets_its_verdict(settings, house):
    async with working(settings, house):
        shown = await talk(house, HOAX + "\n")
    assert shown.startswith(say("id", "terminal.hello"))
    assert "TPS tetap buka sampai pukul 13.00." in shown


async def test_a_number_presses_the_button_of_that_number(settings, house):
    async with working(settings, house):
        shown = await talk(house, HOAX + "\n", "1\n")
    assert "[1]" in shown
    assert shown.count("TPS tetap buka") >= 2  # the clarification to share


async def test_a_line_without_an_end_and_empty_lines_are_taken(settings, house):
    async with working(settings, house):
        shown = await talk(house, "\n", "   \n", HOAX)
    assert "TPS tetap buka" in shown


@pytest.mark.parametrize("word", ["/keluar\n", "/QUIT\n", ""])
async def test_it_ends_on_a_word_or_at_the_end_of_the_input(house, word):
    assert await talk(house, word) == say("id", "terminal.hello") + "\n"


async def test_beside_a_running_saring_that_one_answers(settings, house, tmp_path):
    await begin_work(house)
    running = asyncio.create_task(work_loop(house, polling=False))
    with only_worker(tmp_path):
        mine = build(settings)
        async with working(settings, mine):
            shown = await talk(mine, HOAX + "\n")
        mine.store.close()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert "TPS tetap buka" in shown


async def test_a_database_that_is_busy_for_a_while_loses_no_message(house, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.1)
    monkeypatch.setattr(terminal, "PAUSES", (0.0, 0.0, 0.0))
    refusals, keep = [Busy("locked"), Busy("locked")], house.reception.keep

    async def busy(channel, body):
        if refusals:
            raise refusals.pop()
        return await keep(channel, body)

    monkeypatch.setattr(house.reception, "keep", busy)
    await talk(house, HOAX + "\n")
    with house.store.read() as work:
        assert work.inbox.counts()["waiting"] == 1
    refusals += [Busy("locked")] * 3
    with pytest.raises(Unavailable, match="not kept"):
        await talk(house, HOAX + "\n")


async def test_when_nobody_answers_it_says_that_nothing_is_lost(house, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.1)
    shown = await talk(house, HOAX + "\n")
    assert say("id", "terminal.waiting") in shown
    with house.store.read() as work:
        assert work.inbox.counts()["waiting"] == 1


async def test_when_there_is_nothing_more_to_say_it_does_not_promise_an_answer(house, monkeypatch):
    monkeypatch.setattr(terminal, "PATIENCE", 0.1)
    talking = asyncio.create_task(talk(house, HOAX + "\n"))
    while not states(house.store, "inbox"):
        await asyncio.sleep(0.01)
    with house.store.work() as work:
        rows = work.inbox.lease(utc_now(), 60)
        work.inbox.done([row.id for row in rows], utc_now())
    assert say("id", "terminal.silent") in await talking


# ── the channel ─────────────────────────────────────────────────────────────────────────────


def test_nobody_posts_to_a_terminal_from_outside():
    assert not Console(None, lambda: NOW).verify({}, line("terminal:sari", 1, NOW, text="halo"))


def test_a_chosen_button_is_a_press():
    [press] = Console(None, lambda: NOW).parse(
        json.loads(line("terminal:sari", 4, NOW, button="v1|pick|s1|1"))
    )
    assert (press.act, press.button, press.callback) == (Act.PRESS, "v1|pick|s1|1", "4")


async def test_what_is_sent_lies_in_the_mailbox_with_its_buttons(store, clock):
    console = Console(store, clock)
    buttons = ((Button("Bukan ini", "n"), Button("Sumber", url="https://kpu.example")),)
    message = Outgoing("p", blocks=(Block("Salah."),), buttons=buttons)
    await console.send(Address("console", "local", "terminal:sari"), message)
    with store.read() as work:
        [row] = work.mailbox.since("terminal:sari", 0)
    assert row.body["text"] == "Salah.\n\nhttps://kpu.example"
    assert shown_buttons(row.body) == (Button("Bukan ini", "n"),)


@pytest.mark.parametrize("do", [Do.TYPING, Do.LEAVE, Do.CARDS])
async def test_what_a_terminal_cannot_show_is_left_out(do):
    assert await Console(None, lambda: NOW).send(Address("c", "l", "t"), Outgoing("p", do)) == ""
