"""Speed of the road in and out, through a real process and the strict Telegram on loopback.

Run: python -m benchmarks.messengers [SECONDS]. Three tables:
  acknowledged   webhook posted → 200, at 200 messages a second
  answered       posted → reply committed → handed to Telegram, at 50 messages a second
  broadcast      the same at 5 a second while a correction to 10,000 people goes out
The load, the platform and Saring share the machine; docs/benchmarks.md keeps the figures.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import uvicorn

from handlers.messages import Block, Outgoing, pack
from knowledge_base.facts import Address
from knowledge_base.store import Store
from tests.servers.telegram import FakeTelegram

KEY = "kunci-utama-untuk-pengukuran-0123456789"
SECRET = "rahasia-webhook-untuk-pengukuran-0123456789"
SECONDS = 20
PEOPLE_TOLD = 10_000


def main() -> None:
    """Print the tables."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    acknowledged(200, seconds)
    answered(50, seconds)
    broadcast(5, seconds)


def acknowledged(rate: int, seconds: int) -> None:
    """How soon the platform hears 200, and whether everything it was told yes to is there."""
    with running() as (fake, port, var):
        posts = asyncio.run(post_all(fake, port, rate, seconds))
        taken = [done - begun for _, begun, done, status in posts if status == 200]
        rows = count(var, "select count(*) from inbox")
    show(f"acknowledged, {rate}/s", taken)
    print(f"    {len(taken)} of {len(posts)} acknowledged, {len(taken) - rows} of them lost")


def answered(rate: int, seconds: int) -> None:
    """How soon a reply is committed, and how soon Telegram has it."""
    with running() as (fake, port, var):
        posts = asyncio.run(post_all(fake, port, rate, seconds))
        wait_for_answers(fake, posts)
        query = "select i.received, o.created from inbox i join outbox o on o.person = i.person"
        pairs = [(read_time(a), read_time(b)) for a, b in rows_of(var, query)]
    show(f"reply committed, {rate}/s", [(b - a).total_seconds() for a, b in pairs])
    show(f"handed to Telegram, {rate}/s", answer_times(fake, posts))


def broadcast(rate: int, seconds: int) -> None:
    """How much a large correction delays the replies to those who ask meanwhile."""
    with running(tell=PEOPLE_TOLD) as (fake, port, _):
        posts = asyncio.run(post_all(fake, port, rate, seconds))
        wait_for_answers(fake, posts)
    show(f"handed to Telegram, {rate}/s beside a broadcast", answer_times(fake, posts))


@contextmanager
def running(tell: int = 0):
    """A real Saring with a webhook, and the Telegram it answers."""
    with tempfile.TemporaryDirectory() as folder, served() as (fake, url):
        var, port = Path(folder) / "var", free_port()
        environment = {
            "PATH": os.environ["PATH"],
            "SARING_VAR": str(var),
            "SARING_PORT": str(port),
            "SECRET_KEY": KEY,
            "PUBLIC_URL": "https://saring.example",
            "TELEGRAM_TOKEN": fake.token,
            "TELEGRAM_API_URL": url,
            "TELEGRAM_MODE": "webhook",
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }
        if tell:
            prepare_broadcast(var, fake, tell)
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            fake.until(lambda: bool(fake.called("setMyShortDescription")), 60)
            yield fake, port, var
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()


@contextmanager
def served():
    """The fake Telegram on a port of its own."""
    fake = FakeTelegram(clock=time.time)
    server = uvicorn.Server(
        uvicorn.Config(fake.app, host="127.0.0.1", port=0, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield fake, f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def prepare_broadcast(var: Path, fake: FakeTelegram, number: int) -> None:
    """Messages to so many people wait in the outbox."""
    var.mkdir(parents=True)
    store = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode())
    store.migrate()
    now = datetime.now(UTC)
    words = pack(Outgoing("", blocks=(Block("🔁 RALAT atas jawaban kami nomor 482."),)))
    people = [fake.person(f"P{index}") for index in range(number)]
    for start in range(0, number, 500):
        with store.work() as work:
            for person in people[start : start + 500]:
                address = Address("telegram", str(fake.id), str(person.id))
                known = work.contacts.at(address, now)
                work.outbox.add(known.id, words, broadcast=True, now=now)
    store.close()


async def post_all(fake: FakeTelegram, port: int, rate: int, seconds: int):
    """One new person with one message at every beat; (chat, begun, done, status) of each."""
    texts = rumours(rate * seconds)
    address = f"http://127.0.0.1:{port}/webhooks/telegram"
    headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
    fake._allowed = {"message"}
    posts: list[tuple[int, float, float, int]] = []
    repeats: list[int] = []
    limits = httpx.Limits(max_connections=100)
    async with httpx.AsyncClient(limits=limits, timeout=30, trust_env=False) as client:

        async def post(chat: int, body: bytes) -> None:
            begun = time.time()
            status = 0
            while status != 200:  # what was not acknowledged comes again, as from Telegram
                try:
                    answer = await client.post(address, content=body, headers=headers)
                    status = answer.status_code
                except httpx.HTTPError:
                    repeats.append(chat)
            posts.append((chat, begun, time.time(), status))

        start = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for beat, text in enumerate(texts):
                await asyncio.sleep(max(0.0, start + beat / rate - time.perf_counter()))
                person = fake.person(f"Warga {beat}")
                person.sends(text)
                group.create_task(post(person.id, json.dumps(fake.updates[-1]).encode()))
    if repeats:
        print(f"    {len(repeats)} deliveries repeated: the connection was closed")
    return posts


def rumours(number: int) -> list[str]:
    """Texts as long as real ones, each about something else: words put together by chance."""
    chance = random.Random(11)
    syllables = ["ka", "ru", "me", "lati", "du", "sun", "bo", "ngga", "pi", "re", "wo", "tan"]

    def word() -> str:
        return "".join(chance.choices(syllables, k=3))

    return [f"Kabarnya warga {' '.join(word() for _ in range(18))} besok" for _ in range(number)]


def wait_for_answers(fake: FakeTelegram, posts) -> None:
    """Until everybody who asked has heard something."""
    chats = {chat for chat, *_ in posts}
    fake.until(lambda: chats <= {chat for chat, _ in list(fake._sent)}, 300)


def answer_times(fake: FakeTelegram, posts) -> list[float]:
    """Seconds from the post to the moment Telegram had the first answer."""
    first: dict[int, float] = {}
    for (chat, _), sent in list(fake._sent.items()):
        first.setdefault(chat, sent.at)
    return [first[chat] - begun for chat, begun, *_ in posts if chat in first]


def show(name: str, seconds: list[float]) -> None:
    """One line: middle, the slow ones, the slowest."""
    cuts = [cut * 1000 for cut in statistics.quantiles(seconds, n=100)]
    print(
        f"{name:45} p50 {cuts[49]:7.0f} ms   p95 {cuts[94]:7.0f} ms   p99 {cuts[98]:7.0f} ms"
        f"   max {max(seconds) * 1000:7.0f} ms"
    )


def rows_of(var: Path, query: str):
    """Rows of the database, read beside the running process."""
    with sqlite3.connect(f"file:{var / 'saring.db'}?mode=ro", uri=True) as database:
        return database.execute(query).fetchall()


def count(var: Path, query: str) -> int:
    """One number of the database."""
    return int(rows_of(var, query)[0][0])


def read_time(stored: str) -> datetime:
    """A time as SQLite keeps it."""
    return datetime.fromisoformat(stored)


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    main()
