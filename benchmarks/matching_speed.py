"""Milliseconds of one search at 10,000, 100,000 and 1,000,000 invented fact-checks.

Run: python -m benchmarks.matching_speed [SIZE…]. The texts are made from a seeded vocabulary with
the lengths and word frequencies of real messages; `cpu` is processor time of the one thread that
searches (of the whole process for building and opening), `wall` what a clock says. Beside it
rapidfuzz by brute force over the same claims. Last the real messages of ../shared/data, where they
are, against all their claims together: the worst of all, at their first sight and once more.
"""

from __future__ import annotations

import itertools
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from bot.garbage import spare_what_stays
from knowledge_base.search.evaluation import FixedSource, read_claims, read_queries
from knowledge_base.search.finder import Changes, Finder, Source
from knowledge_base.search.index import Record

SEED = 7
VOCABULARY = 60_000
LENGTHS = (6, 10, 16, 22, 28, 36, 48, 70, 180)  # words of a message
SYLLABLES = [first + vowel for first in "bdghjklmnprstwy" for vowel in "aeiou"]
SHARED = Path(__file__).parents[2] / "shared" / "data"
WORST = 20  # real messages
HOSTILE = {
    "100,000 letters": "a" * 100_000,
    "one word 100,000 times": "hoaks " * 20_000,
    "marks": "a" + "\u0301\u0316" * 50_000,
    "ligatures": "\ufdfa" * 100_000,
    "emoji": "🙏" * 100_000,
    "digits": "1,2." * 25_000,
    "links": "www.a.co/ " * 10_000,
    "brackets": "((((" * 25_000,
    "lines": "a\n" * 50_000,
    "hanzi": "疫苗" * 50_000,
}


class Words:
    """A vocabulary whose frequencies fall like those of a language."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        made: dict[str, None] = {}
        while len(made) < VOCABULARY:
            made["".join(chance.choices(SYLLABLES, k=chance.choice((2, 2, 3, 3, 4))))] = None
        self.words = list(made)
        self.totals = list(itertools.accumulate(1 / (rank + 10) for rank in range(VOCABULARY)))

    def some(self, count: int) -> list[str]:
        """So many words by frequency."""
        return self.chance.choices(self.words, cum_weights=self.totals, k=count)


def records(words: Words, count: int) -> Iterator[Record]:
    """Invented fact-checks of 6 to 16 words."""
    for number in range(count):
        yield Record(f"r{number}", " ".join(words.some(words.chance.randint(6, 16))))


def messages(words: Words, claims: Sequence[str], count: int) -> list[str]:
    """Half damaged repeats of a claim among other words, half about something else."""
    made = []
    for number in range(count):
        spoken = words.some(words.chance.choice(LENGTHS))
        if number % 2:
            kept = [w for w in words.chance.choice(claims).split() if words.chance.random() > 0.2]
            at = words.chance.randrange(len(spoken))
            spoken[at:at] = kept
        made.append(" ".join(spoken))
    return made


class Timed:
    """Processor and wall milliseconds of a list of calls."""

    def __init__(self) -> None:
        self.cpu: list[float] = []
        self.wall: list[float] = []

    def run(self, call, *arguments) -> None:
        """Call once and keep how long it took."""
        cpu, wall = time.thread_time(), time.perf_counter()
        call(*arguments)
        self.cpu.append((time.thread_time() - cpu) * 1000)
        self.wall.append((time.perf_counter() - wall) * 1000)

    def line(self, name: str) -> str:
        """One row of the table."""
        cuts = [statistics.quantiles(values, n=100) for values in (self.cpu, self.wall)]
        figures = "".join(f"{c[49]:>9.2f}{c[98]:>9.2f}" for c in cuts)
        return f"{name:<34}{figures}{max(self.cpu):>9.1f}"


def measure(size: int, queries: int = 400) -> None:
    """Print the rows of one size."""
    words = Words(random.Random(SEED))
    step = max(1, size // 1000)
    some = [
        r.claim for n, r in enumerate(records(Words(random.Random(SEED)), size)) if n % step == 0
    ]
    with tempfile.TemporaryDirectory() as folder:
        start = time.process_time()
        kept(Made(words, size), Path(folder)).refresh()
        built = time.process_time() - start
        start = time.process_time()
        finder = kept(Kept(), Path(folder))
        finder.refresh()
        opened = time.process_time() - start
        spare_what_stays()  # as a server does when it is ready
        asked = messages(words, some, queries)
        search, worst = Timed(), Timed()
        for text in asked:
            search.run(finder.find, text)
        for text in HOSTILE.values():
            worst.run(finder.find, text)
    resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(search.line(f"saring, {size:,}"))
    print(f"  hostile texts: at most {max(worst.cpu):.1f} ms, resident at most {resident} MB")
    print(f"  built in {built:.1f} s, opened from its folder in {opened:.2f} s of processor time")
    if size <= 100_000:
        claims = [r.claim for r in records(Words(random.Random(SEED)), size)]
        brute = Timed()
        for text in asked[:4]:
            brute.run(lambda t: process.extract(t, claims, scorer=fuzz.token_set_ratio), text)
        print(brute.line(f"rapidfuzz token_set_ratio, {size:,}"), flush=True)


def measure_real() -> None:
    """Print the row of real messages."""
    sets = [folder for folder in sorted(SHARED.glob("*")) if (folder / "queries.jsonl").exists()]
    if not sets:
        print("../shared/data is not here: no real messages")
        return
    claims = read_claims([folder / "claims.jsonl" for folder in sets])
    asked = [query.text for query in read_queries([folder / "queries.jsonl" for folder in sets])]
    finder = Finder(FixedSource(claims))
    finder.refresh()
    spare_what_stays()
    first, again = Timed(), Timed()
    for text in asked:
        first.run(finder.find, text)
    by_time = sorted(zip(first.cpu, asked, strict=True), reverse=True)
    for _, text in by_time[:WORST]:
        again.run(finder.find, text)
    print(first.line(f"{len(asked):,} real messages, {len(claims):,} claims"))
    print(f"  the {WORST} worst once more: at most {max(again.cpu):.1f} ms", flush=True)


def kept(source: Source, folder: Path) -> Finder:
    """A search whose index lies in this folder."""
    finder = Finder(source)
    finder.keep_in(folder, lambda revision: "the same", fail)
    return finder


def fail(error: Exception) -> None:
    """A benchmark on another index than the one it names would mislead."""
    raise error


class Made:
    """A source that makes its records while they are taken in."""

    def __init__(self, words: Words, size: int) -> None:
        self.words, self.size = words, size

    def changes(self, since: int) -> Changes:
        """All of them, once."""
        return Changes(1, records(self.words, self.size)) if since < 1 else Changes(since)


class Kept:
    """A source in which nothing has changed since the index was kept."""

    def changes(self, since: int) -> Changes:
        """Nothing new."""
        return Changes(since)


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    print(f"{'':<34}{'cpu p50':>9}{'p99':>9}{'wall p50':>9}{'p99':>9}{'cpu max':>9}")
    for size in [int(a) for a in arguments] or [10_000, 100_000, 1_000_000]:
        measure(size)
    measure_real()


if __name__ == "__main__":
    main(sys.argv[1:])
