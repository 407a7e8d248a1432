"""Pages of the desk while messages come in: a large SQLite file, the real program, 20 open desks.

Run: python -m benchmarks.desk [FACTS QUESTIONS SECONDS] [--apart] [--loaded], by default
20,000, 5,000 and 20; the goal (p95 of every page at most 150 ms) is stated for 100,000
fact-checks, 5,000 open questions and 50 messages a second. Two tables:
  alone    processor time of one page in a process that does nothing else
  loaded   asked for by one browser after another while the messages come in and the desks are open
The first seconds of the load are not timed: caches of a program that has just started are empty.
With --apart the web and the work are two processes (`saring serve` and `saring work`); --loaded
leaves the first table out.
Load, browsers and Saring share the machine; docs/benchmarks.md keeps the figures.
SARING_BENCH_FOLDER keeps the filled database for the next run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path

import httpx

from benchmarks.invented import claims
from benchmarks.messengers import (
    KEY,
    Delivered,
    Used,
    count,
    environment,
    free_port,
    messages,
    percentile,
    post,
    served,
)
from bot.settings import Settings
from bot.wiring.house import build
from knowledge_base.facts import (
    Address,
    FactCheck,
    Outcome,
    Role,
    Source,
    Submission,
    Verdict,
)
from knowledge_base.store import Store

GOAL = 0.150  # seconds, p95 of every page
FACTS, QUESTIONS, SECONDS = 20_000, 5_000, 20
RATE = 50  # messages a second
UNKNOWN = 1 / 3  # of them open a question
KNOWN = 2_000  # claims the others are about
DESKS = 20  # open queue pages that renew themselves
CLOSED = 2_000
SEED = 7
ROUNDS = 20  # of each page, alone
LEAST = 20  # rounds under load, however long they take
WARM = 6.0  # seconds of load before the first page is timed
MOST = 600  # seconds of messages that are prepared; the load ends with the last page
TOPICS = ("election", "health", "disaster", "scam", "")
TAKEN = "select count(*) from inbox"
ANSWERED = "select count(*) from inbox where state='done'"
PAGES = {
    "queue": "/desk",
    "queue, filtered": "/desk?topic=election&hours=24",
    "queue, search": "/desk?text=surat+suara",
    "queue, page 100": "/desk?start=2970",
    "queue, closed": "/desk?state=closed",
    "cards": "/desk/cards",
    "question": "/desk/q/{code}",
    "find a check": "/desk/search?q=surat+suara+palsu&code={code}&version=1",
    "facts": "/desk/facts",
    "facts, old ones": "/desk/facts?topic=health&start=1000",
    "facts, search": "/desk/facts?q=surat+suara+palsu",
    "second look": "/desk/review",
    "figures": "/desk/figures?days=30",
    "audit": "/desk/audit",
    "audit, filtered": "/desk/audit?action=answer",
}


def main() -> None:
    """Print both tables."""
    apart, only_loaded = (each in sys.argv for each in ("--apart", "--loaded"))
    given = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    facts, questions, seconds = (*given, *(FACTS, QUESTIONS, SECONDS)[len(given) :])
    with tempfile.TemporaryDirectory() as folder:
        var = filled(Path(folder), facts, questions)
        megabytes = sum(file.stat().st_size for file in var.iterdir()) // 2**20
        print(f"{facts} fact-checks, {questions} open questions, database {megabytes} MB")
        tokens, codes = sign_in(var)
        if not only_loaded:
            show("alone, processor time", asyncio.run(alone(var, tokens[0], codes)))
        with running(var, apart) as (pids, port, posts):
            used = [Used(pid) for pid in pids]
            times = asyncio.run(loaded(port, tokens, codes, seconds, posts))
            taken, answered = count(var, TAKEN), count(var, ANSWERED)
            machine = [line for each in used for line in each.lines(taken, answered)]
        show(f"loaded, {RATE} messages a second, {DESKS} open desks", times)
        print("\n".join(f"  {line}" for line in machine))


def show(name: str, times: dict[str, list[float]]) -> None:
    """A line for each page, and whether the goal holds."""
    print(f"\n{name:<48}{'p50':>9}{'p95':>9}{'max':>9}   pages")
    missed = []
    for page, seconds in times.items():
        middle, slow = (percentile(seconds, cut) for cut in (50, 95))
        figures = "".join(f"{value * 1000:>6.0f} ms" for value in (middle, slow, max(seconds)))
        print(f"  {page:<46}{figures}   {len(seconds)}")
        missed += [page] if slow > GOAL else []
    verdict = f"missed by {', '.join(missed)}" if missed else "holds"
    print(f"  goal, p95 <= {GOAL * 1000:.0f} ms: {verdict}")


# ── the database ────────────────────────────────────────────────────────────────────────────


def filled(folder: Path, facts: int, questions: int) -> Path:
    """The folder of a Saring with so much in it; a kept one is copied."""
    var = folder / "var"
    kept = os.environ.get("SARING_BENCH_FOLDER")
    store = Path(kept) / f"{facts}-{questions}" if kept else None
    if store is not None and store.exists():
        shutil.copytree(store, var)
        with_schema = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode())
        with_schema.migrate()  # it may have been filled by an older program
        with_schema.close()
        return var
    var.mkdir(parents=True)
    fill(var, facts, questions)
    if store is not None:
        shutil.copytree(var, store)
    return var


def fill(var: Path, facts: int, questions: int) -> None:
    """Fact-checks, open and closed questions with their askers, and the audit of it."""
    store = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode())
    store.migrate()
    texts = claims(facts + questions + CLOSED, SEED)
    for start in range(0, facts, 1000):
        with store.work() as work:
            some = texts[start : min(facts, start + 1000)]
            records = [_fact(start + n, text) for n, text in enumerate(some)]
            work.facts.save_many(records, "bench", "bench")
    asked = texts[facts:]
    for start in range(0, len(asked), 250):
        with store.work() as work:
            for number in range(start, min(start + 250, len(asked))):
                _ask(work, number, asked[number], closes=number >= questions)
    store.close()


def _fact(number: int, text: str) -> FactCheck:
    return FactCheck(
        identity=f"bench-{number}",
        claim=text,
        fact="Kabar itu tidak benar menurut pemeriksaan.",
        explanation=f"Sudah ditanyakan kepada yang bersangkutan. {text} Itu tidak terjadi.",
        verdict=Verdict.FALSE,
        topic=TOPICS[number % len(TOPICS)],
        sources=(Source("https://contoh.example/periksa", "Redaksi"),),
    )


def _ask(work, number: int, text: str, *, closes: bool) -> None:
    """A question, asked by a few, most of them in the last days; some are answered."""
    chance = random.Random(number)
    people = min(40, int(chance.paretovariate(1.2)))
    begun = datetime.now(UTC) - timedelta(hours=chance.uniform(0, 24 * (30 if closes else 4)))
    question = None
    for asker in range(people):
        channel = chance.choice(("telegram", "whatsapp"))
        who = work.contacts.at(Address(channel, "1", f"{number}-{asker}"), begun)
        said = text if asker % 3 else f"{text} Benarkah?"
        submission = Submission(
            f"s{number}-{asker}", who.id, said, Outcome.QUEUED, begun + timedelta(minutes=asker)
        )
        code = question.code if question else ""
        question = work.questions.ask(
            submission, same_as=code, forwarded_many=chance.random() < 0.1
        )
    if closes and question is not None:
        number = chance.randint(1, 300)
        work.questions.settle(question.code, number, "bench", question.version)
        work.audit.write("bench", "answer", f"question/{question.code}", number=number)


def sign_in(var: Path) -> tuple[list[str], list[str]]:
    """Session tokens of an admin and of those whose desks are open, and codes of open questions."""
    store, now = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode()), datetime.now(UTC)
    with store.work() as work:
        tokens = []
        for number in range(DESKS + 1):
            role = Role.MODERATOR if number else Role.ADMIN
            name = f"bench {number} {now.timestamp()}"
            work.desk.add(name, role, "", now)
            tokens.append(work.desk.redeem(work.desk.link(name, now), now) or "")
        tokens[0] = _second_factor(work, tokens[0], now)
        codes = [question.code for question in work.questions.open(200)]
    store.close()
    return tokens, codes


def _second_factor(work, token: str, now: datetime) -> str:
    """The session of somebody who has given a one-time code; admins must have."""
    session = work.accounts.session(token, now)
    work.factors.start_codes(session.who.id, now)
    work.factors.used(session.who.id, 1, now)
    return work.factors.confirm(session, now)


# ── pages ───────────────────────────────────────────────────────────────────────────────────


def cookies(token: str) -> dict[str, str]:
    """The header that signs a page in, whatever the public address is."""
    return {"cookie": f"saring_desk={token}; __Host-saring_desk={token}"}


async def alone(var: Path, token: str, codes: Sequence[str]) -> dict[str, list[float]]:
    """Processor time of each page, in a process that does nothing else."""
    house = build(settings_of(var))
    house.finder.refresh()
    transport = httpx.ASGITransport(house.app(), client=("127.0.0.1", 1))
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1", headers=cookies(token), timeout=60
    ) as client:
        for turn in range(ROUNDS + 1):
            for name, path in PAGES.items():
                begun = time.process_time()
                await get(client, path, codes[turn % len(codes)])
                if turn:  # the first round only warms up
                    found[name].append(time.process_time() - begun)
    house.store.close()
    return found


async def get(client: httpx.AsyncClient, path: str, code: str) -> None:
    """Fetch a page; fails when it is not there."""
    answer = await client.get(path.format(code=code))
    assert answer.status_code == 200, f"{path}: {answer.status_code}"


async def loaded(
    port: int, tokens: Sequence[str], codes: Sequence[str], seconds: int, posts: Posts
) -> dict[str, list[float]]:
    """What somebody at the desk waits for each page, one after another, while messages come in
    and the queue is open on other desks."""
    address = f"http://127.0.0.1:{port}"
    found: dict[str, list[float]] = {name: [] for name in PAGES}
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        for path in PAGES.values():  # the first page of each kind reads its template
            await get(_signed(client, tokens[0]), path, codes[0])
        desks = [asyncio.create_task(open_desk(address, token)) for token in tokens[1:]]
        posts.begin(port, MOST)
        await asyncio.sleep(WARM)
        until, turn = time.perf_counter() + seconds, 0
        while time.perf_counter() < until or turn < LEAST:
            for name, path in PAGES.items():
                begun = time.perf_counter()
                await get(_signed(client, tokens[0]), path, codes[turn % len(codes)])
                found[name].append(time.perf_counter() - begun)
            turn += 1
        for desk in desks:
            desk.cancel()
        await asyncio.gather(*desks, return_exceptions=True)
    return found


def _signed(client: httpx.AsyncClient, token: str) -> httpx.AsyncClient:
    client.headers.update(cookies(token))
    return client


async def open_desk(address: str, token: str) -> None:
    """The queue as an open page does it: listen, and fetch the cards whenever they changed."""
    async with (
        httpx.AsyncClient(
            base_url=address, headers=cookies(token), timeout=None, trust_env=False
        ) as client,
        client.stream("GET", "/desk/events") as events,
    ):
        async for line in events.aiter_lines():
            if line.startswith("event: changed"):
                await get(client, "/desk/cards", "")


# ── the program and its load ────────────────────────────────────────────────────────────────


def settings_of(var: Path) -> Settings:
    """A Saring on this folder."""
    return Settings.model_validate({"SARING_VAR": str(var), "SECRET_KEY": KEY})


class Posts:
    """Messages that come in from a process of their own, which is Telegram at the same time."""

    def __init__(self, var: Path, known: Sequence[str]) -> None:
        self._here, there = multiprocessing.Pipe()
        self._process = multiprocessing.Process(target=_telegram, args=(there, var, list(known)))
        self._process.start()
        self.settings: dict[str, str] = self._here.recv()

    def begin(self, port: int, seconds: int) -> None:
        """From now on."""
        self._here.send((port, seconds))

    def end(self) -> None:
        """No more, also of what that process has started."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.join()


def _telegram(pipe: Connection, var: Path, known: Sequence[str]) -> None:
    os.setsid()
    with served("telegram") as platform:
        pipe.send(platform.settings)
        port, seconds = pipe.recv()
        texts = messages(RATE * seconds, known, UNKNOWN)
        made = [platform.message(beat, text) for beat, text in enumerate(texts)]
        post(var, port, platform, RATE, made, [Delivered(chat, "") for chat, _, _ in made])
        pipe.recv()  # until the process is ended


@contextmanager
def running(var: Path, apart: bool) -> Iterator[tuple[list[int], int, Posts]]:
    """The real program on this folder, ready, with a webhook: its processes and its port."""
    posts, port = Posts(var, claims(KNOWN, SEED)), free_port()
    settings = environment(var, port, posts.settings)
    verbs = ("work", "serve") if apart else ("run",)
    processes: list[subprocess.Popen[bytes]] = []
    try:
        for verb in verbs:
            with (var / f"{verb}.log").open("wb") as log:
                command = [sys.executable, "-m", "bot", verb]
                processes.append(subprocess.Popen(command, env=settings, stdout=log, stderr=log))
        for process, verb in zip(processes, verbs, strict=True):
            wait_until_said(process, var / f"{verb}.log")
        wait_until_ready(processes[-1], port)
        yield [process.pid for process in processes], port, posts
    finally:
        posts.end()
        for process in processes:
            process.send_signal(signal.SIGKILL)
            process.wait()


def wait_until_said(process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it says that it runs: one that works has no address to ask."""
    deadline = time.monotonic() + 600
    while b"Saring is running" not in log.read_bytes():
        assert process.poll() is None, f"ended while starting: {log.read_text()[-2000:]}"
        assert time.monotonic() < deadline, "not started within ten minutes"
        time.sleep(0.2)


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Until /readyz says 200; a large index takes its minute."""
    deadline = time.monotonic() + 600
    while time.monotonic() < deadline:
        assert process.poll() is None, "the program ended while starting"
        try:
            if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise AssertionError("not ready within ten minutes")


if __name__ == "__main__":
    main()
