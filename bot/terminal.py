"""The bot in a terminal: the same conversation as on every channel, line by line."""

from __future__ import annotations

import asyncio
import contextlib
import getpass
import itertools
import sys
from collections.abc import AsyncIterator
from typing import TextIO

import anyio.to_thread

from bot.channels.console import line, shown_buttons
from bot.inbox import Busy
from bot.lock import AlreadyRunning, only_worker
from bot.server import prepare
from bot.settings import Settings
from bot.wiring.clock import utc_now
from bot.wiring.house import House, begin_work, build, work_loop
from handlers.messages import Button
from handlers.texts import say
from knowledge_base.deliveries import MailboxRow
from knowledge_base.facts import Unavailable

LOOK = 0.05  # seconds between two looks into the mailbox
PATIENCE = 10.0  # seconds until we say that nobody answers
PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0)  # seconds between tries while the database is busy
QUIET = 0.4  # seconds of silence after which an answer is complete


async def talk(settings: Settings, language: str = "") -> None:
    """Read lines from standard input until it ends; print what the bot says."""
    house = build(settings)
    await asyncio.to_thread(prepare, house)
    async with working(settings, house):
        await Conversation(house, language or settings.language, sys.stdin, sys.stdout).run()


@contextlib.asynccontextmanager
async def working(settings: Settings, house: House) -> AsyncIterator[None]:
    """Work in this process, unless a running Saring does already."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(only_worker(settings.var))
        except AlreadyRunning:
            yield
            return
        await begin_work(house)
        task = asyncio.create_task(work_loop(house, polling=False))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


class Conversation:
    """One terminal chat; a number typed alone presses the button of that number."""

    def __init__(self, house: House, language: str, typed: TextIO, shown: TextIO) -> None:
        self._house = house
        self._language = language
        self._typed = typed
        self._shown = shown
        self._chat = f"terminal:{getpass.getuser()}"
        self._seen = 0
        self._buttons: tuple[Button, ...] = ()

    async def run(self) -> None:
        """Talk until the input ends or somebody types /keluar or /quit."""
        self._seen = await self._last()
        self._print(say(self._language, "terminal.hello"))
        start = int(utc_now().timestamp() * 1000)
        for number in itertools.count(start):
            typed = await self._ask()
            if typed is None or typed.strip().lower() in {"/keluar", "/quit"}:
                return
            if typed.strip():
                await self._send(number, typed)
                await self._listen()

    async def _ask(self) -> str | None:
        if self._typed.isatty():
            self._print("> ", end="")
        text = await anyio.to_thread.run_sync(self._typed.readline, abandon_on_cancel=True)
        return text.rstrip("\n").encode("utf-8", "replace").decode() if text else None

    async def _send(self, number: int, typed: str) -> None:
        choice = typed.strip()
        data = ""
        if choice.isascii() and choice.isdecimal() and 1 <= int(choice) <= len(self._buttons):
            data = self._buttons[int(choice) - 1].data
        text = "" if data else typed
        body = line(self._chat, number, utc_now(), text=text, button=data)
        await self._keep(body)

    async def _keep(self, body: bytes) -> None:
        """Have the message stored, also when the database is busy for some seconds. Raises
        Unavailable after that: nothing was kept."""
        for pause in PAUSES:
            try:
                await self._house.reception.keep("console", body)
            except Busy:
                await asyncio.sleep(pause)
            else:
                return
        raise Unavailable("The database is busy; your message was not kept. Try again.")

    async def _listen(self) -> None:
        """Print what comes until it is quiet; say so when nobody answers."""
        loop = asyncio.get_running_loop()
        sent, last = loop.time(), 0.0
        while True:
            rows = await self._new()
            for row in rows:
                self._show(row)
            now = loop.time()
            last = now if rows else last
            if last and now - last > QUIET:
                return
            if not last and now - sent > PATIENCE:
                key = "terminal.waiting" if await self._is_waiting() else "terminal.silent"
                self._print(say(self._language, key))
                return
            await asyncio.sleep(LOOK)

    def _show(self, row: MailboxRow) -> None:
        self._seen = max(self._seen, row.seq)
        if not row.ours:
            return
        self._print("\n" + str(row.body["text"]))
        buttons = shown_buttons(row.body)
        if buttons:
            self._buttons = buttons
            self._print("  ".join(f"[{n}] {b.label}" for n, b in enumerate(buttons, start=1)))

    async def _is_waiting(self) -> bool:
        """Does anything that came in still wait to be handled?"""

        def read() -> bool:
            with self._house.store.read() as work:
                counts = work.inbox.counts()
            return counts["waiting"] + counts["leased"] > 0

        return await anyio.to_thread.run_sync(read)

    async def _new(self) -> tuple[MailboxRow, ...]:
        def read() -> tuple[MailboxRow, ...]:
            with self._house.store.read() as work:
                return work.mailbox.since(self._chat, self._seen)

        return await anyio.to_thread.run_sync(read)

    async def _last(self) -> int:
        seen = 0
        while True:
            self._seen = seen
            rows = await self._new()
            if not rows:
                return seen
            seen = rows[-1].seq

    def _print(self, text: str, end: str = "\n") -> None:
        self._shown.write(text + end)
        self._shown.flush()
