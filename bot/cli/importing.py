"""`saring import`: fact-checks from sheets into the installed base."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from bot.cli.installed import OPERATOR, begin
from bot.cli.lines import PARTLY, fail, moving, progress, say
from bot.doors import Database, ports
from bot.wiring.clock import utc_now
from bot.wiring.database import open_store
from bot.wiring.rules import rules_of
from handlers import curating
from handlers.ports import Rules
from knowledge_base.exchange.claimreview import read_claim_reviews
from knowledge_base.exchange.sheet import Row, SheetError, each_once, read_rows
from knowledge_base.facts import FactCheck, Saved

BATCH = 500
LARGEST_FILE = 256 * 1024 * 1024  # bytes of an import: a reader needs several times as much memory
GO_ON = "If it stops in between, give the same command again: it goes on where it stopped."


def take_in(files: list[Path], publisher: str, dry_run: bool) -> None:
    """Read these files and save what is new in them; `dry_run`: only say what would be."""
    settings = begin()
    good, refused = _read(files, publisher)
    name = ", ".join(file.name for file in files)
    store, rules = open_store(settings), rules_of(settings)
    store.migrate()
    batches = [good[start : start + BATCH] for start in range(0, len(good), BATCH)]
    before = list(_judged(store, rules, batches))
    whole = curating.effect(before, _guarded(store, rules, before))
    if dry_run:
        if whole.held:
            sys.stderr.write(f"{_turns(whole)}: it would wait for a second person\n")
        sys.stderr.write("dry run: nothing was kept\n")
        _report(batches, before, refused)
        return
    with store.work() as work:
        given = ports(work, utc_now(), rules)
        waiting = curating.hold(given, OPERATOR, name, good, whole)
    if waiting is not None:
        address = f"{settings.base_url}/desk/review/{waiting.id}"
        sys.stderr.write(f"{_turns(whole)}: an editor has to approve it at {address}\n")
        sys.stderr.write("held for approval: nothing was kept yet\n")
        _report(batches, [Saved() for _ in batches], refused, PARTLY)
        return
    if len(batches) > 1:
        sys.stderr.write(
            f"{len(good)} fact-checks in parts of {BATCH}, each whole or not at all. {GO_ON}\n"
        )
    done = []
    for batch in batches:
        done.append(_save(store, rules, batch, name, alone=whole.held))
        progress(sum(map(len, batches[: len(done)])), len(good), "fact-checks")
    _report(batches, done, refused)


def _read(files: list[Path], publisher: str) -> tuple[list[FactCheck], int]:
    """The records of these files, and how many rows were refused, each named."""
    good: list[FactCheck] = []
    refused = 0
    rows = (
        replace(row, place=f"{file.name}, {row.place}")
        for file in files
        for row in rows_of(file, publisher)
    )
    for row in each_once(_counted(rows)):
        if row.fact_check is None:
            refused += 1
            moving("")  # a line of its own, over the one that moves
            sys.stderr.write(f"{row.place}: refused: {row.error}\n")
        else:
            good.append(row.fact_check)
    return good, refused


def _counted(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows; on a terminal it shows how many were read of a file that takes a while."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if number % BATCH == 0:
            moving(f"{number} rows read")
    if number >= BATCH:
        moving(f"{number} rows read", last=True)


def _judged(store: Database, rules: Rules, batches: list[list[FactCheck]]) -> Iterator[Saved]:
    """What taking each part in would do; on a terminal it shows how far that is."""
    total = sum(map(len, batches))
    done = 0
    for batch in batches:
        yield _would(store, rules, batch)
        done += len(batch)
        if len(batches) > 1:
            moving(f"{done}/{total} compared with what is known", last=done == total)


def _turns(whole: curating.Effect) -> str:
    turns = f"this import turns {len(whole.flips)} of {whole.known} known verdicts"
    two = f" and touches {len(whole.guarded)} fact-checks on topics that need two people"
    return turns + two if whole.guarded else turns


def _guarded(store: Database, rules: Rules, before: list[Saved]) -> list[FactCheck]:
    with store.read() as work:
        given = ports(work, utc_now(), rules)
        return [one for saved in before for one in curating.guarded(given, OPERATOR, saved)]


def _would(store: Database, rules: Rules, batch: list[FactCheck]) -> Saved:
    with store.read() as work:
        return curating.would(ports(work, utc_now(), rules), batch)


def _save(store: Database, rules: Rules, batch: list[FactCheck], name: str, alone: bool) -> Saved:
    """One batch, one transaction: a running Saring gets its turn in between."""
    with store.work() as work:
        given = ports(work, utc_now(), rules)
        return curating.take_in(given, OPERATOR.name, batch, name, alone=alone)


def _report(batches: list[list[FactCheck]], done: list[Saved], refused: int, code: int = 0) -> None:
    """The line scripts read; each refused record is named. Ends with `code`, or PARTLY."""
    for batch, saved in zip(batches, done, strict=True):
        for place, field, reason in saved.refused:
            refused += 1
            sys.stderr.write(f"{batch[place].identity}: refused: {field}: {reason}\n")
    added, changed = sum(one.added for one in done), sum(one.changed for one in done)
    unchanged = sum(one.unchanged for one in done)
    say(f"added {added}, changed {changed}, unchanged {unchanged}, refused {refused}")
    if refused or code:
        sys.exit(code or PARTLY)


def rows_of(file: Path, publisher: str) -> Iterator[Row]:
    """The rows of a file, by its ending. Raises SheetError that names the file."""
    try:
        if file.is_file() and file.stat().st_size > LARGEST_FILE:
            raise SheetError("larger than 256 MB; split it and import the parts", "large")
        body = read_bytes(file)
        if file.suffix.lower() == ".json":
            yield from read_claim_reviews(body, publisher)
        else:
            yield from read_rows(file.name, body, publisher)
    except SheetError as error:
        raise SheetError(f"{file.name}: {error}", error.why) from error


def read_bytes(file: Path) -> bytes:
    """The content of a file named on the command line; ends the program when there is none."""
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
        raise  # fail() does not return; this keeps the type checker calm
