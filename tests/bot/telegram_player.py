"""Plays the desk from Telegram: lines of people go in, what each telephone shows comes out.

    # a comment                       @ desk Sari moderator      links a telephone with a PIN
                                      @ colleague Rini editor    (without a telephone)
    > ani: text she types             @ 2 minutes later
    > ani forwards: text              @ web: Budi takes        (also: hands to Sari, releases)
    > Sari taps [label]               (the newest button that shows these words)
    > Sari taps [label] again         (the same press once more, as an old client sends it)
    > Sari on “words”: text           (a reply to the newest message with these words)

Everything runs: strict Telegram, database, worker, jobs, sender. New messages are written as
`to Sari:`, changed ones as `to Sari, changed:` with only what is new in them, toasts as
`Sari sees:`. Tickets become 7F3K, 9C2D … in the order they appear. Rewrite after a wanted change,
then read the diff: python -m tests.bot.telegram_player tests/bot/on_telegram/transcripts/*.txt
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bot.doors import room
from handlers import casework
from knowledge_base.facts import Role
from knowledge_base.store import Store
from tests.bot.colleagues import PIN, Colleague, joins
from tests.by_hand import ByHand
from tests.conftest import MASTER_KEY
from tests.fakes import CODES
from tests.servers.telegram import FakeTelegram
from tests.servers.telegram_people import Sent

_TICKET = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}\b")
Shown = dict[tuple[int, int], tuple[str, tuple[str, ...]]]


class Player:
    """One transcript, on a Saring of its own."""

    def __init__(self, saring: ByHand) -> None:
        self.saring, self.fake = saring, saring.fake
        self.colleagues: dict[str, Colleague] = {}
        self.askers: dict[str, object] = {}
        self.names: dict[int, str] = {}
        self.seen: Shown = {}
        self.codes: dict[str, str] = {}
        self.pressed: dict[str, tuple[str, Sent]] = {}

    async def play(self, script: str) -> str:
        """The script with everything that was said."""
        out: list[str] = []
        for line in script.splitlines():
            if line.startswith(("# ", "@ ", "> ")) or not line:
                out.append(line)
            if line.startswith(("@ ", "> ")):
                out += await self._step(line)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(out)).rstrip() + "\n"

    async def _step(self, line: str) -> list[str]:
        words = line[2:].replace("\\n", "\n")
        toast = await (self._setting(words) if line[0] == "@" else self._person(words))
        return [self._told(said) for said in [*toast, *self._news()]] + [""]

    async def _setting(self, words: str) -> list[str]:
        if desk := re.fullmatch(r"desk (\w+) (\w+)", words):
            colleague = await joins(self.saring, desk[1], Role(desk[2]))
            self.colleagues[desk[1]] = colleague
            self.names[colleague.phone.id] = desk[1]
            self._news()
        elif colleague := re.fullmatch(r"colleague (\w+) (\w+)", words):
            with self.saring.store.work() as work:
                work.desk.add(colleague[1], Role(colleague[2]), "Redaksi", self.saring.clock())
        elif later := re.fullmatch(r"(\d+) (second|minute|hour|day)s? later", words):
            seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[later[2]]
            self.fake.passes(int(later[1]) * seconds)
            await self.saring.settle()
        else:
            self._web(words.removeprefix("web: "))
            await self.saring.settle()
        return []

    def _web(self, words: str) -> None:
        name, _, act = words.partition(" ")
        with self.saring.store.work() as work:
            who = work.desk.by_name(name)
            who = who or work.desk.add(name, Role.MODERATOR, "Redaksi", self.saring.clock())
            code = work.questions.open()[0].code
            tools = room(work, self.saring.clock(), self.saring.rules)
            if act == "takes":
                casework.take(tools, who, code)
            elif act == "releases":
                casework.release(tools, who, code)
            else:
                casework.hand_over(tools, who, code, act.removeprefix("hands to "))

    async def _person(self, words: str) -> list[str]:
        name = re.match(r"\w+", words)[0]
        rest = words.removeprefix(name)
        phone = self._phone(name)
        if tap := re.fullmatch(r" taps \[(.*)\]( again)?", rest):
            return await self._taps(name, tap[1], again=bool(tap[2]))
        if reply := re.fullmatch(r" on “(.*)”: (.*)", rest, re.DOTALL):
            sent = next(s for s in reversed(self.fake.sent_to(phone)) if reply[1] in s.text)
            shown = {"message_id": sent.id, "chat": phone.chat(), "date": 1}
            phone.replies(shown, self._real(reply[2]))
        elif rest.startswith(" forwards: "):
            phone.forwards(self._real(rest.removeprefix(" forwards: ")), "hidden")
        else:
            phone.sends(self._real(rest.removeprefix(": ").replace("(PIN)", PIN)))
        await self.saring.settle()
        return []

    async def _taps(self, name: str, label: str, *, again: bool) -> list[str]:
        phone = self._phone(name)
        if again:
            data, sent = self.pressed[f"{name} {label}"]
            query = phone.presses_after_years(data, sent.id)
        else:
            real = self._real(label)
            mine = [s for s in reversed(self.fake.sent_to(phone)) if _has(s, real)]
            shown = [(s.text, s.labels) for s in self.fake.sent_to(phone)[-3:]]
            assert mine, f"{name} has no button {label!r}: {shown}"
            data = mine[0].button(real)["callback_data"]
            self.pressed[f"{name} {label}"] = (data, mine[0])
            query = phone.presses(real, on=mine[0])
        await self.saring.settle()
        toast = self.fake.toasts[query]
        return [f"{name} sees: {toast}"] if toast else []

    def _phone(self, name: str):
        if name in self.colleagues:
            return self.colleagues[name].phone
        if name not in self.askers:
            self.askers[name] = self.fake.person(name)
            self.names[self.askers[name].id] = name
        return self.askers[name]

    def _news(self) -> list[str]:
        """What has changed on the telephones since the last step, in the order people came."""
        said: list[str] = []
        for chat, name in sorted(self.names.items()):
            for sent in self.fake.sent_to(_At(chat)):
                old = self.seen.get((chat, sent.id))
                now = (sent.text, tuple(sent.labels))
                if now != old:
                    said += _lines(name, sent, old[0] if old else None)
                self.seen[chat, sent.id] = now
        return said

    def _told(self, line: str) -> str:
        with self.saring.store.read() as work:
            for found in _TICKET.findall(line):
                if found not in self.codes and work.questions.get(found) is not None:
                    self.codes[found] = CODES[len(self.codes)]
        return _TICKET.sub(lambda match: self.codes.get(match[0], match[0]), line)

    def _real(self, line: str) -> str:
        known = {written: real for real, written in self.codes.items()}
        return _TICKET.sub(lambda match: known.get(match[0], match[0]), line)


class _At:
    """A chat by its number, as the fake asks for it."""

    def __init__(self, id: int) -> None:
        self.id = id


def _has(sent: Sent, label: str) -> bool:
    return any(label in shown for shown in sent.labels)


def _lines(name: str, sent: Sent, before: str | None) -> list[str]:
    """A message as the telephone shows it; of a changed one only what is new."""
    known = set((before or "").splitlines())
    text = [line for line in sent.text.splitlines() if line not in known or not line]
    rows = ["  " + " ".join(f"[{b['text']}]" for b in row) for row in sent.rows]
    body = [line for n, line in enumerate(text) if line or (n and text[n - 1])]
    head = f"to {name}:" if before is None else f"to {name}, changed:"
    return ["", head, *body, *(rows or (["  (no buttons)"] if before is not None else []))]


async def played(store: Store, fake: FakeTelegram, script: str) -> str:
    """This script, played on a new Saring."""
    saring = ByHand(store, fake)
    await saring.telegram.set_up()
    try:
        return await Player(saring).play(script)
    finally:
        await saring.telegram.close()


def _rewrite(path: Path) -> None:
    fake = FakeTelegram()
    with tempfile.TemporaryDirectory() as folder:
        clock = lambda: datetime.fromtimestamp(fake.now(), UTC)  # noqa: E731
        store = Store(f"sqlite:///{folder}/saring.db", MASTER_KEY, clock)
        store.migrate()
        path.write_text(
            asyncio.run(played(store, fake, path.read_text(encoding="utf-8"))), encoding="utf-8"
        )
        store.close()


if __name__ == "__main__":
    for name in sys.argv[1:]:
        _rewrite(Path(name))
