"""Text in → reply ready: one process, 10,000 fact-checks, real SQLite with full sync.

Run: python -m benchmarks.reply [MESSAGES]. For known rumours, near ones and unknown ones:
  ready      text read → reply made, nothing of it written to the disk yet
  committed  stored update → reply committed, lease and two synced transactions included
Each as processor time of the process (`cpu`) and as a clock says (`wall`), in milliseconds;
docs/benchmarks.md keeps the figures.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.invented import claims
from bot.channels.console import line
from bot.garbage import spare_what_stays
from bot.settings import Settings
from bot.wiring.clock import utc_now
from bot.wiring.house import build
from knowledge_base.facts import FactCheck, Source, Verdict

FACTS = 10_000
MESSAGES = 600
SEED = 7


KINDS = ("known", "near", "unknown")
STEPS = ("lease_taken", "matched", "before_commit", "handled")
Moment = tuple[float, float]  # processor time and clock, in seconds


def now() -> Moment:
    """Both times."""
    return time.process_time(), time.perf_counter()


class Watch:
    """When the worker reached its named steps."""

    def __init__(self) -> None:
        self.at: dict[str, Moment] = {}

    def __call__(self, step: str) -> None:
        self.at[step] = now()

    def between(self, first: str, last: str) -> Moment:
        """Milliseconds from one step to another."""
        pairs = zip(self.at[first], self.at[last], strict=True)
        cpu, wall = [(end - begin) * 1000 for begin, end in pairs]
        return cpu, wall


def main() -> None:
    """Print the table."""
    messages = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings.model_validate({"SARING_VAR": folder, "SECRET_KEY": "k" * 40})
        house = build(chosen, after=watch)
        house.store.migrate()
        texts = claims(FACTS, SEED)
        fill(house, texts)
        house.finder.refresh()
        spare_what_stays()  # as a server does when it is ready
        found = asyncio.run(measure(house, texts, watch, messages))
        print(f"{FACTS} fact-checks, {messages} messages, database {size(folder)} MB")
        print(f"{'':<24}{'cpu p50':>9}{'p95':>8}{'p99':>8}{'wall p50':>10}{'p95':>8}{'p99':>8}")
        for kind in KINDS:
            for name in ("searched", "ready", "committed"):
                print(row(f"{kind}: {name}", [times[name] for times in found[kind]]))
        for name in ("searched", "ready", "committed"):
            every = [times[name] for kind in KINDS for times in found[kind]]
            print(row(f"all: {name}", every))


def row(name: str, times: list[Moment]) -> str:
    """One line of the table."""
    figures = ""
    for column, width in ((0, 9), (1, 10)):
        cuts = statistics.quantiles([both[column] for both in times], n=100)
        figures += f"{cuts[49]:>{width}.1f}{cuts[94]:>8.1f}{cuts[98]:>8.1f}"
    return f"{name:<24}{figures}"


def size(folder: str) -> int:
    """Megabytes of the database."""
    return sum(file.stat().st_size for file in Path(folder).iterdir()) // 2**20


def fill(house, texts: list[str]) -> None:
    """Publish one fact-check for each text."""
    records = [
        FactCheck(
            identity=f"bench-{number}",
            claim=text,
            fact="Kabar itu tidak benar menurut pemeriksaan.",
            verdict=Verdict.FALSE,
            sources=(Source("https://contoh.example/periksa", "Redaksi"),),
        )
        for number, text in enumerate(texts)
    ]
    for start in range(0, len(records), 1000):
        with house.store.work() as work:
            work.facts.save_many(records[start : start + 1000], "bench", "bench")


async def measure(
    house, texts: list[str], watch: Watch, messages: int
) -> dict[str, list[dict[str, Moment]]]:
    """Milliseconds of each message by kind and stretch of its way, one after another."""
    chance = random.Random(SEED)
    worker = house.workers[0]
    found: dict[str, list[dict[str, Moment]]] = {kind: [] for kind in KINDS}
    for number in range(messages):
        kind = KINDS[number % len(KINDS)]
        body = line(f"chat{number}", number, utc_now(), text=asked(kind, number, texts, chance))
        await house.reception.keep("console", body)
        watch("stored")
        assert await worker.step()
        found[kind].append(
            {
                "searched": watch.between("lease_taken", "matched"),
                "ready": watch.between("lease_taken", "before_commit"),
                "committed": watch.between("stored", "handled"),
            }
        )
    return found


def asked(kind: str, number: int, texts: list[str], chance: random.Random) -> str:
    """A message of this kind: a claim as it is, one among other words, or half of one."""
    words = chance.choice(texts).split()
    if kind == "near":
        words = ["Assalamualaikum,", "info", "penting!", *words, "tolong", "sebarkan"]
    if kind == "unknown":
        chance.shuffle(words)
        words = words[: len(words) // 2] + claims(1, SEED + 1000 + number)[0].split()
    return " ".join(words)


if __name__ == "__main__":
    main()
