"""Speed of the road in and out, through a real process and the strict platforms on loopback.

Run: python -m benchmarks.messengers [PART …] [--seconds N] [--drain N] [--rate N] [--unknown SHARE]
  ack        webhook posted → 200 heard, and nothing of it lost, at 200 a second
  committed  posted → reply committed to the outbox, at 50 a second
  telegram   posted → reply handed to Telegram, at 20 a second
  whatsapp   posted → reply handed to WhatsApp, at 35 a second
  broadcast  the same on Telegram, at 5 a second, while 10,000 people are told of a correction
All of them for 20 seconds, where nothing is said; the goal of `ack` is about 300. `ack` takes in
more than one process handles, on purpose: it says how much was handled meanwhile, and then waits
for the rest, `--drain` seconds at most (120).

Every message comes from a new person. A third of the texts are known claims word for word, a
third known ones among other words, a third is about something else and opens a question
(`--unknown 1` makes all of them such). There are 10,000 fact-checks; SQLite syncs every commit.
The load, the platform and Saring share the machine, and so may others: each part says how much
of the processors they took, and what a message cost Saring, which depends less on the others.
docs/benchmarks.md keeps the figures. Gives 1 when a goal was missed.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvicorn

from benchmarks.backlog import HANDLED, WAITING, count, drained, open_beside, rows_of
from benchmarks.invented import claims
from bot.channels import Channel
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from handlers.messages import Block, Outgoing, pack
from knowledge_base.facts import Address, FactCheck, Source, Verdict
from knowledge_base.store import Store
from knowledge_base.store.vault import Vault
from tests.servers.graph import FakeGraph
from tests.servers.telegram import FakeTelegram

KEY = "kunci-utama-untuk-pengukuran-0123456789"
SECRET = "rahasia-webhook-untuk-pengukuran-0123456789"
SECONDS = 20
FACTS = 10_000
PEOPLE_TOLD = 10_000
SEED = 7
UNKNOWN = 1 / 3
WARM = 30  # messages before the measuring begins: everything is used once
PATIENCE = 60.0  # seconds for what is unanswered when the last delivery was posted
DRAIN = 120.0  # seconds for what `ack` has piled up
LOOK = 0.02  # seconds between two looks at what is committed
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Part:
    """One thing to measure and its goal."""

    name: str
    what: str
    platform: str
    rate: float
    percentile: int
    goal: float  # seconds
    until: str  # acknowledged, committed or handed
    tell: int = 0


PARTS = (
    Part("ack", "acknowledged", "telegram", 200, 99, 0.1, "acknowledged"),
    Part("committed", "reply committed", "telegram", 50, 95, 1.0, "committed"),
    Part("telegram", "handed to Telegram", "telegram", 20, 95, 1.0, "handed"),
    Part("whatsapp", "handed to WhatsApp", "whatsapp", 35, 95, 1.0, "handed"),
    Part("broadcast", "handed beside a broadcast", "telegram", 5, 95, 2.0, "handed", PEOPLE_TOLD),
)


@dataclass
class Platform:
    """A strict platform on loopback, and what Saring has to be told of it."""

    name: str
    channel: Channel  # the code that reads its deliveries, here to name what must be stored
    settings: dict[str, str]
    path: str
    message: Callable[[int, str], tuple[str, dict[str, str], bytes]]  # (chat, headers, body)
    first_answers: Callable[[], dict[str, float]]  # when each chat had its first answer
    ready: Callable[[], bool]
    broken: Callable[[], list[str]]


@dataclass
class Delivered:
    """One delivery and what became of it; Unix seconds, infinite while it has not happened."""

    chat: str
    external: str  # as the inbox knows it
    posted: float = math.inf
    acknowledged: float = math.inf
    committed: float = math.inf
    handed: float = math.inf
    tries: int = 0


class Yardstick(threading.Thread):
    """Now and then a fixed piece of work. How long it takes tells how fast the processors are
    now: with others beside it, the same work costs up to twice the processor time."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._times: list[float] = []
        self._stopping = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._stopping.wait(0.25):
            begun = time.thread_time()
            words = [f"{number % 97:x}-{number}" for number in range(4000)]
            sum(len(part) for word in words for part in word.split("-"))
            self._times.append(time.thread_time() - begun)

    def stop(self) -> float:
        """Stop; gives the middle time in seconds."""
        self._stopping.set()
        self.join()
        return statistics.median(self._times)


@dataclass
class Used:
    """Processor seconds since it was made: of Saring, of the measuring, of the machine."""

    pid: int
    yardstick: Yardstick = field(default_factory=Yardstick)
    begun: float = field(default_factory=time.perf_counter)
    at_first: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        self.at_first = self._now()

    def _now(self) -> tuple[float, float, float]:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        own = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        busy = Path("/proc/stat").read_text().splitlines()[0].split()[1:9]
        idle = int(busy[3]) + int(busy[4])
        return (
            (int(fields[11]) + int(fields[12])) / TICK,
            sum(each.ru_utime + each.ru_stime for each in own),
            (sum(map(int, busy)) - idle) / TICK,
        )

    def lines(self, messages: int, handled: int) -> list[str]:
        """What that means for so many messages."""
        saring, own, machine = (b - a for a, b in zip(self.at_first, self._now(), strict=True))
        passed = time.perf_counter() - self.begun
        cores = os.cpu_count() or 1
        others = max(0.0, machine - saring - own)
        loop = self.yardstick.stop()
        return [
            f"processor time of Saring: {saring / messages * 1000:.1f} ms a message taken in"
            f" ({handled} of {messages} handled), {saring / passed:.0%} of one core",
            f"that is {saring / messages / loop:.2f} times a fixed piece of work that takes"
            f" {loop * 1000:.2f} ms now",
            f"the load and the platform took {own / passed:.0%} of one core, others on this"
            f" machine {others / passed:.0%} of its {cores}",
        ]


def main() -> int:
    """Print the tables; 1 when a goal was missed."""
    parser = argparse.ArgumentParser(description="Speed of the road in and out.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="ack, committed, telegram, …")
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--drain", type=float, default=DRAIN, help="seconds `ack` waits after it")
    parser.add_argument("--rate", type=float, help="messages a second, in place of the goal's")
    parser.add_argument("--unknown", type=float, default=UNKNOWN, help="share of unknown texts")
    parser.add_argument("--entry", default="bot", help="module to run, for a profiler around it")
    asked = parser.parse_args()
    names = [part.name for part in PARTS]
    if odd := sorted(set(asked.parts) - set(names)):
        parser.error(f"no such part: {', '.join(odd)}; there are {', '.join(names)}")
    with tempfile.TemporaryDirectory(prefix="saring-bench-") as folder:
        prepared = Path(folder) / "prepared"
        known = prepare(prepared)
        missed = [
            part.name
            for part in PARTS
            if (not asked.parts or part.name in asked.parts)
            and not measure(part, prepared, known, asked.rate or part.rate, asked)
        ]
    print(f"\nmissed: {', '.join(missed)}" if missed else "\nevery goal was reached")
    return 1 if missed else 0


def measure(
    part: Part, prepared: Path, known: Sequence[str], rate: float, asked: argparse.Namespace
) -> bool:
    """Run one part and print its lines; did it reach its goal?"""
    print(f"\n{part.name}: {part.what}, {rate:g}/s for {asked.seconds} s", flush=True)
    var = prepared.parent / part.name
    shutil.copytree(prepared, var)
    number = max(2, round(rate * asked.seconds))
    with served(part.platform) as platform:
        if part.tell:
            prepare_broadcast(var, platform, part.tell)
        texts = messages(WARM + number, known, asked.unknown)
        made = [platform.message(beat, text) for beat, text in enumerate(texts)]
        delivered = [name_delivery(platform, chat, body) for chat, _, body in made]
        with saring(var, platform, asked.entry) as (process, port):
            watch = Watch(var, delivered)
            post(var, port, platform, 10, made[:WARM], delivered[:WARM])
            wait_for_answers(part, platform, watch, delivered[:WARM])
            made, delivered = made[WARM:], delivered[WARM:]
            before = count(var, HANDLED)
            used = Used(process.pid)
            post(var, port, platform, rate, made, delivered)
            if part.until != "acknowledged":
                wait_for_answers(part, platform, watch, delivered)
            cost = used.lines(number, count(var, HANDLED) - before)
            nobody_waits = True
            if part.until == "acknowledged":
                nobody_waits, lines = work_off(var, asked.drain, process, platform, delivered)
                cost += lines
            watch.stop()
            answers = platform.first_answers()
            for one in delivered:
                one.handed = answers.get(one.chat, math.inf)
        good = report(part, var, delivered)
        problems = platform.broken()
    for line in [*cost, *(f"the platform refused: {each}" for each in problems[:3])]:
        print(f"    {line}")
    shutil.rmtree(var)
    return good and nobody_waits and not problems


def work_off(
    var: Path,
    limit: float,
    process: subprocess.Popen[bytes],
    platform: Platform,
    delivered: Sequence[Delivered],
) -> tuple[bool, list[str]]:
    """Wait for what the load has piled up, and tell how long it took. False when it is done and
    somebody who was promised an answer has none, or something was put aside."""
    used = Used(process.pid)
    drain = drained(var, limit, lambda: process.poll() is None)
    lines = drain.lines()
    if drain.handled and process.poll() is None:
        lines += [f"meanwhile: {used.lines(drain.handled, drain.handled)[0]}"]
    if not drain.over:
        return not drain.parked, lines
    answers = platform.first_answers()
    waiting = sum(one.chat not in answers for one in delivered if one.acknowledged < math.inf)
    return not waiting and not drain.parked, [*lines, f"{waiting} people have no answer"]


def report(part: Part, var: Path, delivered: Sequence[Delivered]) -> bool:
    """Print the figures against the goal."""
    ends = [getattr(one, part.until) for one in delivered]
    times = [
        end - one.posted if end < math.inf else end
        for one, end in zip(delivered, ends, strict=True)
    ]
    slow = percentile(times, part.percentile)
    stored = {row[0] for row in rows_of(var, "select external from inbox")}
    taken = [one for one in delivered if one.acknowledged < math.inf]
    lost = sum(one.external not in stored for one in taken)
    repeated = sum(one.tries > 1 for one in delivered)
    good = slow <= part.goal and not lost and len(taken) == len(delivered)
    shown = "   ".join(f"p{cut} {milliseconds(percentile(times, cut))}" for cut in (50, 95, 99))
    print(f"    {shown}   max {milliseconds(max(times))}")
    print(
        f"    goal: p{part.percentile} ≤ {part.goal * 1000:.0f} ms, nothing lost:"
        f" {'reached' if good else 'MISSED'}"
    )
    posted = [one.posted for one in delivered if one.posted < math.inf]
    beat = (len(posted) - 1) / max(0.001, max(posted) - min(posted))
    print(
        f"    {len(posted)} posted at {beat:.0f}/s; {len(taken)} of {len(delivered)} acknowledged"
        f" ({repeated} after a repetition), {len(taken) - lost} kept, {lost} lost;"
        f" {count(var, WAITING)} wait to be handled now"
    )
    if part.tell:
        told = count(var, "select count(*) from outbox where rank = 1 and state = 'sent'")
        print(f"    {told} of {part.tell} had heard of the correction by the end")
    return good


def percentile(times: Sequence[float], cut: int) -> float:
    """The value that `cut` percent do not exceed (nearest rank)."""
    return sorted(times)[max(0, math.ceil(len(times) * cut / 100) - 1)]


def milliseconds(seconds: float) -> str:
    """As text; never when it did not happen."""
    return f"{seconds * 1000:6.0f} ms" if seconds < math.inf else "  never"


class Watch:
    """Looks from outside at what is committed, and notes when each reply was there."""

    def __init__(self, var: Path, delivered: Sequence[Delivered]) -> None:
        self._var = var
        self._by_external = {one.external: one for one in delivered}
        self._stopping = threading.Event()
        self._seen: dict[str, float] = {}
        self._last = count(var, "select coalesce(max(id), 0) from outbox")
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look once more, then note for each delivery when its reply was there."""
        self._stopping.set()
        self._thread.join()
        for external, person in rows_of(self._var, "select external, person from inbox"):
            one = self._by_external.get(external)
            if one is not None and person:
                one.committed = self._seen.get(person, math.inf)

    @property
    def replies(self) -> int:
        """How many people have a reply."""
        return len(self._seen)

    def _run(self) -> None:
        query = "select id, person from outbox where id > ?"
        stopping, database = False, open_beside(self._var)
        while not stopping:
            stopping = self._stopping.wait(LOOK)
            for number, person in database.execute(query, [self._last]).fetchall():
                self._last = number
                self._seen.setdefault(person, time.time())
        database.close()


def wait_for_answers(
    part: Part, platform: Platform, watch: Watch, delivered: Sequence[Delivered]
) -> None:
    """Until everybody has what is measured, or patience ends."""
    deadline, chats = time.monotonic() + PATIENCE, {one.chat for one in delivered}

    def there() -> bool:
        if part.until == "committed":
            return watch.replies >= len(chats) + (WARM if len(chats) > WARM else 0)
        return chats <= platform.first_answers().keys()

    while time.monotonic() < deadline and not there():
        time.sleep(0.2)


def post(
    var: Path,
    port: int,
    platform: Platform,
    rate: float,
    made: Sequence[tuple[str, dict[str, str], bytes]],
    delivered: Sequence[Delivered],
) -> None:
    """Post all deliveries from a process of its own, and note when each was acknowledged; what
    is not within PATIENCE of the last beat stays so."""
    plan, limit = var / "deliveries", len(made) / rate + PATIENCE
    lines = [{"port": port, "path": platform.path, "rate": rate, "limit": limit}]
    lines += [{"headers": headers, "body": body.decode()} for _, headers, body in made]
    plan.write_text("\n".join(json.dumps(line) for line in lines))
    command = [sys.executable, "-m", "benchmarks.load", str(plan)]
    heard = subprocess.run(command, stdout=subprocess.PIPE, timeout=limit + PATIENCE, check=True)
    for line in heard.stdout.decode().splitlines():
        number, posted, acknowledged, tries = line.split()
        one = delivered[int(number)]
        one.posted, one.acknowledged, one.tries = float(posted), float(acknowledged), int(tries)


def name_delivery(platform: Platform, chat: str, body: bytes) -> Delivered:
    """A delivery with the mark under which the inbox must have it."""
    [update] = platform.channel.split(body)
    marks = Vault(KEY.encode())
    parts = (platform.name, platform.channel.account, update.external_id)
    return Delivered(chat, marks.mark("external", *parts))


def messages(number: int, known: Sequence[str], unknown: float) -> list[str]:
    """Texts as people send them: known, known among other words, about something else."""
    chance = random.Random(SEED)
    new = iter(rumours(number))
    made = []
    for _ in range(number):
        if chance.random() < unknown:
            made.append(next(new))
            continue
        text = chance.choice(known)
        near = chance.random() < 0.5
        made.append(f"Assalamualaikum, info penting! {text} tolong sebarkan" if near else text)
    return made


def rumours(number: int) -> list[str]:
    """Texts as long as real ones, each about something else: words put together by chance."""
    chance = random.Random(11)
    syllables = ["ka", "ru", "me", "lati", "du", "sun", "bo", "ngga", "pi", "re", "wo", "tan"]

    def word() -> str:
        return "".join(chance.choices(syllables, k=3))

    return [f"Kabarnya warga {' '.join(word() for _ in range(18))} besok" for _ in range(number)]


# --- the installation ------------------------------------------------------------------


def prepare(var: Path) -> list[str]:
    """An installation with its fact-checks; gives their claims."""
    var.mkdir(parents=True)
    texts = claims(FACTS, SEED)
    store = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode())
    store.migrate()
    for start in range(0, FACTS, 1000):
        records = [
            FactCheck(
                identity=f"bench-{number}",
                claim=texts[number],
                fact="Kabar itu tidak benar menurut pemeriksaan.",
                verdict=Verdict.FALSE,
                sources=(Source("https://contoh.example/periksa", "Redaksi"),),
            )
            for number in range(start, min(start + 1000, FACTS))
        ]
        with store.work() as work:
            work.facts.save_many(records, "bench", "bench")
    store.close()
    return texts


def prepare_broadcast(var: Path, platform: Platform, number: int) -> None:
    """Messages to so many people wait in the outbox."""
    store = Store(f"sqlite:///{var / 'saring.db'}", KEY.encode())
    now = datetime.now(UTC)
    words = pack(Outgoing("", blocks=(Block("🔁 RALAT atas jawaban kami nomor 482."),)))
    chats = [platform.message(index, "")[0] for index in range(number)]
    for start in range(0, number, 500):
        with store.work() as work:
            for chat in chats[start : start + 500]:
                address = Address(platform.name, platform.channel.account, chat)
                known = work.contacts.at(address, now)
                work.outbox.add(known.id, words, broadcast=True, now=now)
    store.close()


def environment(var: Path, port: int, settings: Mapping[str, str]) -> dict[str, str]:
    """What a real Saring on this folder and port is started with."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
        "SARING_VAR": str(var),
        "SARING_PORT": str(port),
        "SECRET_KEY": KEY,
        "PUBLIC_URL": "https://saring.example",
        **settings,
    }


@contextmanager
def saring(
    var: Path, platform: Platform, entry: str
) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real Saring with a webhook; stopped as an operator stops it."""
    port = free_port()
    with (var / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", entry, "run"],
            env=environment(var, port, platform.settings),
            stdout=log,
            stderr=log,
        )
        try:
            wait_until_ready(process, port, platform, var / "log")
            yield process, port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                print("    Saring did not stop within 30 s of being told to")
                process.kill()
                process.wait()


def wait_until_ready(
    process: subprocess.Popen[bytes], port: int, platform: Platform, log: Path
) -> None:
    """Until it takes connections and the platform knows it."""
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and platform.ready():
                time.sleep(1.0)  # what it does only once after its start
                return
        time.sleep(0.1)
    sys.exit(f"Saring did not start:\n{log.read_text()[-2000:]}")


# --- the platforms ---------------------------------------------------------------------


@contextmanager
def served(name: str) -> Iterator[Platform]:
    """The strict platform of this name on a port of its own."""
    port = free_port()
    platform, app = PLATFORMS[name](f"http://127.0.0.1:{port}")
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield platform
    server.should_exit = True
    thread.join(10)


def telegram(url: str) -> tuple[Platform, Any]:
    """Telegram, with its limits."""
    fake = FakeTelegram(clock=time.time, paced=True)

    def message(beat: int, text: str) -> tuple[str, dict[str, str], bytes]:
        fake._allowed = {"message"}
        person = fake.person(f"Warga {beat}")
        if text:
            person.sends(text)
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET, "Content-Type": "application/json"}
        body = json.dumps(fake.updates[-1]).encode() if text else b""
        return str(person.id), headers, body

    def first_answers() -> dict[str, float]:
        first: dict[str, float] = {}
        for (chat, _), sent in fake._sent.copy().items():  # it goes on being filled
            first.setdefault(str(chat), sent.at)
        return first

    settings = {
        "TELEGRAM_TOKEN": fake.token,
        "TELEGRAM_API_URL": url,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": SECRET,
    }
    platform = Platform(
        "telegram",
        Telegram(fake.token),
        settings,
        "/webhooks/telegram",
        message,
        first_answers,
        lambda: bool(fake.called("setMyShortDescription")),
        lambda: fake.violations,
    )
    return platform, fake.app


def whatsapp(url: str) -> tuple[Platform, Any]:
    """WhatsApp, with its limits."""
    fake = FakeGraph(clock=time.time, paced=True, url=url)
    settings = {
        "WHATSAPP_TOKEN": fake.token,
        "WHATSAPP_PHONE_NUMBER_ID": fake.number_id,
        "WHATSAPP_APP_SECRET": fake.secret,
        "WHATSAPP_VERIFY_TOKEN": "verifikasi-untuk-pengukuran",
        "WHATSAPP_API_URL": url,
    }

    def message(beat: int, text: str) -> tuple[str, dict[str, str], bytes]:
        person = fake.person(f"Warga {beat}")
        if not text:
            return person.phone, {}, b""
        person.sends(text)
        headers, body = fake.signed(fake.payloads()[0])
        return person.phone, headers, body

    def first_answers() -> dict[str, float]:
        first: dict[str, float] = {}
        for sent in list(fake._sent.values()):
            first.setdefault(sent.to.phone, sent.at)
        return first

    channel = WhatsApp(
        fake.token, fake.number_id, app_secret=fake.secret, verify_token="v" * 20, api_url=url
    )
    platform = Platform(
        "whatsapp",
        channel,
        settings,
        "/webhooks/whatsapp",
        message,
        first_answers,
        lambda: True,
        lambda: fake.violations,
    )
    return platform, fake.app


PLATFORMS: Mapping[str, Callable[[str], tuple[Platform, Any]]] = {
    "telegram": telegram,
    "whatsapp": whatsapp,
}


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
