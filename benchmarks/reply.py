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


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        house = build(Settings.model_validate({"SARING_VAR": folder, "SECRET_KEY": "k" * 40}))
        house.store.migrate()
        texts = claims(FACTS, SEED)
        fill(house, texts)
        house.finder.refresh()
        times = asyncio.run(measure(house, texts))
        print(
            f"reply ready, {FACTS} fact-checks, {len(times)} messages, database {size(folder)} MB"
        )
        cuts = statistics.quantiles(times, n=100)
        print(f"p50 {cuts[49]:.1f} ms   p95 {cuts[94]:.1f} ms   p99 {cuts[98]:.1f} ms")


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


async def measure(house, texts: list[str]) -> list[float]:
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
        start = time.perf_counter()
        while await worker.step():
            pass
        times.append((time.perf_counter() - start) * 1000)
    return times


if __name__ == "__main__":
    main()
