"""Text in → reply ready: one process, 10,000 fact-checks, real SQLite with full sync.

Run: python -m benchmarks.reply. Prints milliseconds from the stored update to the committed
reply, for known rumours, near ones and unknown ones; docs/benchmarks.md keeps the figures.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.invented import claims
from bot.channels.console import line
from bot.settings import Settings
from bot.wiring import build, utc_now
from knowledge_base.facts import FactCheck, Source, Verdict

FACTS = 10_000
MESSAGES = 600
SEED = 7


class Watch:
    """Milliseconds between the worker's named steps, by step."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = {}
        self.last = 0.0

    def __call__(self, step: str) -> None:
        now = time.perf_counter()
        self.times.setdefault(step, []).append((now - self.last) * 1000)
        self.last = now

    def start(self) -> None:
        self.last = time.perf_counter()


STEPS = {
    "lease_taken": "row leased",
    "matched": "read and searched",
    "before_commit": "handled",
    "handled": "committed",
}


def main() -> None:
    """Print the table."""
    watch = Watch()
    with tempfile.TemporaryDirectory() as folder:
        chosen = Settings.model_validate({"SARING_VAR": folder, "SECRET_KEY": "k" * 40})
        house = build(chosen, after=watch)
        house.store.migrate()
        texts = claims(FACTS, SEED)
        fill(house, texts)
        house.finder.refresh()
        cpu = time.process_time()
        times = asyncio.run(measure(house, texts, watch))
        cpu = (time.process_time() - cpu) * 1000 / len(times)
        print(
            f"reply ready, {FACTS} fact-checks, {len(times)} messages, database {size(folder)} MB"
        )
        print(row("reply ready", times))
        for step, name in STEPS.items():
            print(row(f"  {name}", watch.times[step]))
        print(f"{'processor time a message':<22} {cpu:6.1f} ms")


def row(name: str, times: list[float]) -> str:
    """One line of the table."""
    cuts = statistics.quantiles(times, n=100)
    return f"{name:<22} p50 {cuts[49]:6.1f} ms   p95 {cuts[94]:6.1f} ms   p99 {cuts[98]:6.1f} ms"


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


async def measure(house, texts: list[str], watch: Watch) -> list[float]:
    """Milliseconds from a stored update to its committed reply, one after another."""
    chance = random.Random(SEED)
    worker, times = house.workers[0], []
    for number in range(MESSAGES):
        words = chance.choice(texts).split()
        if number % 3 == 1:
            words = ["Assalamualaikum,", "info", "penting!", *words, "tolong", "sebarkan"]
        if number % 3 == 2:
            chance.shuffle(words)
            words = words[: len(words) // 2] + claims(1, SEED + 1000 + number)[0].split()
        body = line(f"chat{number}", number, utc_now(), text=" ".join(words))
        await house.reception.keep("console", body)
        watch.start()
        start = watch.last
        assert await worker.step()
        times.append((watch.last - start) * 1000)
    return times


if __name__ == "__main__":
    main()
