"""The command `saring`: one verb each, plain words, exit codes that scripts can trust."""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bot import doctor as check_up
from bot import logs, measure, server, terminal
from bot.doors import Database, Work, ports
from bot.lock import AlreadyRunning
from bot.settings import Settings, SettingsError, load
from bot.wiring import (
    Search,
    build,
    embedder_of,
    fixed_finder,
    open_store,
    rules_of,
    seed,
    utc_now,
    version,
    weights_in_use,
)
from handlers import accounts, curating, given_up
from handlers.ports import Rules
from knowledge_base.deliveries import Stopped
from knowledge_base.exchange.claimreview import read_claim_reviews
from knowledge_base.exchange.sheet import Row, SheetError, each_once, read_rows
from knowledge_base.facts import FactCheck, KnowledgeError, Moderator, Refused, Role, Saved
from knowledge_base.search import evaluation
from knowledge_base.search.decision import BadWeights, load_weights

DONE, FAILED, USAGE, PARTLY = 0, 1, 2, 3
BATCH = 500
LARGEST_FILE = 256 * 1024 * 1024  # bytes of an import: a reader needs several times as much memory
MUCH = 200  # so many queries take a while
GO_ON = "If it stops in between, give the same command again: it goes on where it stopped."
# whoever may use the server
OPERATOR = Moderator(accounts.COMMAND_LINE, "command line", Role.ADMIN)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
moderators = typer.Typer(
    help="People of the desk.  Example: saring moderator add Sari --role editor",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(moderators, name="moderator")
stopped = typer.Typer(
    help="What was given up: updates, tasks, messages.  Example: saring stopped list",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(stopped, name="stopped")

Result = TypeVar("Result")


def main() -> None:
    """Entry point: run a verb; every foreseeable failure is one line on standard error."""
    _streams()
    try:
        app()
    except (
        SettingsError,
        AlreadyRunning,
        KnowledgeError,
        SheetError,
        server.PortTaken,
        evaluation.BadInput,
        BadWeights,
    ) as error:
        fail(str(error))
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:  # no room, no permission, a folder where a file should be
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")


def _streams() -> None:
    """Standard streams for whoever starts us without some, or in another alphabet: none gets in
    the way of a database or a socket, and none refuses a letter. What programs read is UTF-8."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:  # closed; the next file opened would take its place
            with suppress(OSError):
                if (taken := os.open(os.devnull, os.O_RDWR)) != number:
                    os.dup2(taken, number)
                    os.close(taken)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            own = stream.encoding if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=own, errors="replace")


def fail(message: str, code: int = FAILED) -> None:
    """Say it in one line on standard error and end."""
    sys.stderr.write(f"saring: {' '.join(message.split())}\n")
    sys.exit(code)


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def settings_for(verb: Callable[[Settings], Result]) -> Result:
    """Read the settings, set up logs, do it."""
    settings = load()
    logs.set_up(readable=sys.stderr.isatty())
    return verb(settings)


def _tell_version(wanted: bool) -> None:
    if wanted:
        say(f"saring {version()}")
        raise typer.Exit


@app.callback()
def whole(
    version_: Annotated[
        bool,
        typer.Option("--version", help="the version, and nothing else", callback=_tell_version,
                     is_eager=True),
    ] = False,
) -> None:  # fmt: skip
    """Saring: filter before you share. A chatbot that verifies forwarded messages."""


@app.command()
def run() -> None:
    """Everything in one process: web, channels that have tokens, workers, schedules.

    Example: saring run
    """
    settings_for(lambda settings: asyncio.run(server.run(settings, web=True, work=True)))


@app.command()
def serve() -> None:
    """Only the web and the webhooks; another process works.

    Example: saring serve
    """
    settings_for(lambda settings: asyncio.run(server.run(settings, web=True, work=False)))


@app.command()
def work() -> None:
    """Only workers, schedules and polling; another process serves.

    Example: saring work
    """
    settings_for(lambda settings: asyncio.run(server.run(settings, web=False, work=True)))


class Language(StrEnum):
    """What the bot speaks."""

    ID = "id"
    EN = "en"


@app.command()
def chat(
    language: Annotated[
        Language | None, typer.Option(help="id or en; without it SARING_LANGUAGE")
    ] = None,
) -> None:
    """Talk to the bot in the terminal; works beside a running `saring run`.

    Example: saring chat
    """
    settings_for(lambda settings: asyncio.run(terminal.talk(settings, language or "")))


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version.

    Example: saring migrate
    """

    def bring(settings: Settings) -> None:
        store = open_store(settings)
        store.migrate()
        say(f"the schema is up to date; {seed(store)} bundled fact-checks added")

    settings_for(bring)


@app.command("import")
def import_(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE...", help=".csv, .xlsx, .jsonl, or ClaimReview .json"),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="judge the rows, keep nothing")
    ] = False,
    publisher: Annotated[str, typer.Option(help="for rows that name none")] = "",
) -> None:
    """Fact-checks from sheets. Importing the same file again changes nothing.

    Example: saring import checks.csv --publisher "Redaksi Melati"
    """
    settings_for(lambda settings: _import(settings, files, publisher, dry_run))


def _import(settings: Settings, files: list[Path], publisher: str, dry_run: bool) -> None:
    good, refused = _read(files, publisher)
    name = ", ".join(file.name for file in files)
    store, rules = open_store(settings), rules_of(settings)
    store.migrate()
    batches = [good[start : start + BATCH] for start in range(0, len(good), BATCH)]
    before = [_would(store, rules, batch) for batch in batches]
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
    for row in each_once(rows):
        if row.fact_check is None:
            refused += 1
            sys.stderr.write(f"{row.place}: refused: {row.error}\n")
        else:
            good.append(row.fact_check)
    return good, refused


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


def progress(done: int, total: int, what: str) -> None:
    """A moving line on a terminal; elsewhere a plain line at the end, and at each tenth of much."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done}/{total} {what}{end}")
        sys.stderr.flush()
    elif done == total or (total >= MUCH and done % (total // 10) == 0):
        sys.stderr.write(f"{done}/{total} {what}\n")


Claims = Annotated[
    list[Path] | None, typer.Option("--claims", help="fact-checks as JSON Lines; may be repeated")
]
Weights = Annotated[Path | None, typer.Option("--weights", help="a weights file of `saring fit`")]


@app.command()
def match(
    claims: Claims = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 10,
    weights: Weights = None,
) -> None:
    """Match JSON Lines of {"id", "text"} from standard input; one result a line.

    Example: saring match --claims checks.jsonl < queries.jsonl > results.jsonl
    """
    finder, name = _over(claims, weights) if claims else _installed(weights)
    finder.refresh()
    refused = 0
    lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig", "replace", newline="\n")
    for result in evaluation.match_lines(lines, finder, limit, name):
        refused += "error" in result
        answer = json.dumps(result, ensure_ascii=False) + "\n"
        # half a character, which JSON can carry and UTF-8 cannot, is written as JSON does
        sys.stdout.buffer.write(answer.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    if refused:
        what = "line was" if refused == 1 else "lines were"
        sys.stderr.write(f"saring: {refused} {what} no valid query\n")
        sys.exit(PARTLY)


def _over(claims: list[Path], weights: Path | None) -> tuple[Search, Callable[[str], str]]:
    records = evaluation.read_claims(claims)
    for note in evaluation.misfits(records, (), {}):
        sys.stderr.write(f"saring: note: {note}\n")
    return fixed_finder(records, weights, embedder_of(load())), str


def _installed(weights: Path | None) -> tuple[Search, Callable[[str], str]]:
    """The search over the installed base, and the identity behind each public number it gives."""
    settings = load()
    logs.set_up(readable=sys.stderr.isatty())
    house = build(settings, weights=weights)
    house.store.migrate()
    seed(house.store)

    @cache
    def identity(number: str) -> str:
        with house.store.read() as work:
            fact = work.facts.get(int(number))
        return fact.identity if fact else number

    return house.finder, identity


@app.command()
def evaluate(
    claims: Annotated[list[Path], typer.Option("--claims", help="may be repeated")],
    queries: Annotated[list[Path], typer.Option("--queries", help="JSON Lines; may be repeated")],
    qrels: Annotated[list[Path], typer.Option("--qrels", help="may be repeated")],
    weights: Weights = None,
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """How good is the matcher on labelled data?

    Example: saring evaluate --claims claims.jsonl --queries queries.jsonl --qrels qrels.tsv
    """
    labelled = _labelled(claims, queries, qrels)
    chosen = load_weights(weights) if weights else None
    report = measure.measured(load(), _watched(labelled), chosen, folds)
    say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else report.as_text())


@app.command()
def fit(
    claims: Claims = None,
    queries: Annotated[
        list[Path] | None, typer.Option("--queries", help="JSON Lines; may be repeated")
    ] = None,
    qrels: Annotated[
        list[Path] | None, typer.Option("--qrels", help="right claims, tab-separated; repeatable")
    ] = None,
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    out: Annotated[Path | None, typer.Option(help="where to write the weights")] = None,
    use: Annotated[bool, typer.Option("--use", help="let this installation use them")] = False,
) -> None:
    """Fit the matcher on labelled data, or on this installation's own confirmed pairs.

    Example: saring fit --claims claims.jsonl --queries queries.jsonl --qrels qrels.tsv
    """
    if bool(claims) != bool(queries) or bool(claims) != bool(qrels):
        fail("--claims, --queries and --qrels belong together", USAGE)
    settings_for(lambda settings: _fit(settings, claims, queries, qrels, folds, out, use))


def _labelled(claims: list[Path], queries: list[Path], qrels: list[Path]) -> measure.Labelled:
    """The files, and on standard error what does not fit together in them."""
    labelled = measure.from_files(claims, queries, qrels)
    for note in measure.misfits(labelled):
        sys.stderr.write(f"saring: note: {note}\n")
    return labelled


def _watched(labelled: measure.Labelled) -> measure.Labelled:
    """The same, telling how far its queries are read; they can be read once."""

    def each() -> Iterator[evaluation.Query]:
        queries = tuple(labelled.queries)
        for number, query in enumerate(queries, start=1):
            yield query
            progress(number, len(queries), "queries")

    return replace(labelled, queries=each())


def _fit(
    settings: Settings,
    claims: list[Path] | None,
    queries: list[Path] | None,
    qrels: list[Path] | None,
    folds: int,
    out: Path | None,
    use: bool,
) -> None:
    target = out or settings.var / "weights.fitted.json"
    measure.demand_room(target)
    if claims and queries and qrels:
        labelled = _labelled(claims, queries, qrels)
    else:
        labelled = measure.own_pairs(settings)
    old = measure.measured(settings, _watched(labelled), measure.current_weights(settings), folds)
    say("in use now:\n" + old.as_text())
    weights, new = measure.refit(settings, _watched(labelled), folds)
    say("\nfitted, measured on pairs held back from the fit:\n" + new.as_text())
    measure.keep(weights, target)
    say(f"\nwritten to {target}")
    if use:
        chosen = weights_in_use(settings)
        measure.keep(weights, chosen)
        say(f"in use from the next start on; remove {chosen} to go back")
    else:
        say("nothing is switched; add --use to let this installation use them")


Person = Annotated[str, typer.Argument(metavar="NAME", help="of the person")]


@moderators.command("add")
def moderator_add(
    name: Person,
    role: Annotated[Role, typer.Option(help="reader, moderator, editor or admin")],
    org: Annotated[str, typer.Option(help="organisation")] = "",
) -> None:
    """A new person of the desk; prints the one-time login address.

    Example: saring moderator add Sari --role moderator --org Bawaslu
    """

    def add(work: Work) -> str:
        return accounts.add(work, OPERATOR, name, role, org, utc_now())[1]

    settings_for(lambda settings: say(server.login_address(settings, on_desk(settings, add))))


@moderators.command("link")
def moderator_link(name: Person) -> None:
    """A new one-time login address; older unused ones stop working.

    Example: saring moderator link Sari
    """

    def link(work: Work) -> str:
        return accounts.link(work, OPERATOR, known(work, name), utc_now())[1]

    settings_for(lambda settings: say(server.login_address(settings, on_desk(settings, link))))


@moderators.command("revoke")
def moderator_revoke(name: Person) -> None:
    """Disable a person and end all their sessions.

    Example: saring moderator revoke Sari
    """

    def revoke(work: Work) -> str:
        return accounts.revoke(work, OPERATOR, known(work, name), utc_now()).name

    settings_for(lambda settings: say(f"{on_desk(settings, revoke)} is revoked"))


@moderators.command("restore")
def moderator_restore(name: Person) -> None:
    """Bring back who was disabled, or asleep after 30 days away; prints a one-time address.

    Example: saring moderator restore Sari
    """

    def restore(work: Work) -> str:
        who = known(work, name)
        accounts.restore(work, OPERATOR, who, utc_now())
        return accounts.link(work, OPERATOR, who, utc_now())[1]

    settings_for(lambda settings: say(server.login_address(settings, on_desk(settings, restore))))


@moderators.command("list")
def moderator_list(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """People of the desk.

    Example: saring moderator list --json
    """

    def show(settings: Settings) -> None:
        people = on_desk(settings, lambda work: work.desk.list())
        rows = [
            {"name": one.name, "role": one.role.value, "org": one.org, "active": one.active}
            for one in people
        ]
        if as_json:
            say(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            state = "" if row["active"] else "  (revoked)"
            say(f"{row['name']}  {row['role']}  {row['org']}{state}".rstrip())

    settings_for(show)


Task = Annotated[str, typer.Argument(metavar="NAME", help="as listed, such as task-12, or all")]


@stopped.command("list")
def stopped_list(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """What was given up and can be started again, with its reason.

    Example: saring stopped list --json
    """

    def show(settings: Settings) -> None:
        found = on_desk(settings, lambda work: work.yard.stopped())
        rows = [
            {"name": name_of(one), "what": one.what, "reason": one.reason, "at": f"{one.at:%F %T}"}
            for one in found
        ]
        if as_json:
            say(json.dumps(rows, ensure_ascii=False))
            return
        for row in rows:
            say(f"{row['name']}  {row['what']}  {row['at']}  {row['reason']}")
        if not rows:
            say("nothing was given up")

    settings_for(show)


@stopped.command("again")
def stopped_again(name: Task) -> None:
    """Start it again, from its first try; `all` starts everything.

    Example: saring stopped again task-12
    """
    settings_for(lambda settings: _each(settings, name, given_up.start_again, "started again"))


@stopped.command("drop")
def stopped_drop(name: Task) -> None:
    """Let it be for good; `all` drops everything.

    Example: saring stopped drop message-7
    """
    settings_for(lambda settings: _each(settings, name, given_up.drop, "dropped"))


def name_of(one: Stopped) -> str:
    """How the command line calls it: task-12."""
    return f"{one.kind}-{one.id}"


def _each(settings: Settings, name: str, do: Callable[..., None], done: str) -> None:
    def each(work: Work) -> list[str]:
        wanted = [one for one in work.yard.stopped() if name in ("all", name_of(one))]
        if not wanted and name != "all":
            raise Refused(f"There is no {name}; see: saring stopped list", "name")
        for one in wanted:
            do(work, None, one.kind, one.id)
        return [name_of(one) for one in wanted]

    for each_name in on_desk(settings, each):
        say(f"{each_name} {done}")


def on_desk(settings: Settings, do: Callable[[Work], Result]) -> Result:
    """Do one thing with the people of the desk, in one transaction on a migrated database."""
    store = open_store(settings)
    store.migrate()
    with store.work() as work:
        return do(work)


def known(work: Work, name: str) -> int:
    """The number of a person of the desk. Raises Refused."""
    found = work.desk.by_name(name)
    if found is None:
        raise Refused(f"There is no moderator {name}.", "name")
    return found.id


@app.command()
def doctor() -> None:
    """Is this installation set up right? Says what is missing and what to do.

    Example: saring doctor
    """
    problems = 0
    for finding in settings_for(check_up.examine):
        problems += finding.bad
        say(f"{'!' if finding.bad else '-'} {finding.text}")
    if problems:
        fail(f"{problems} thing(s) to mend, marked with !")


__all__ = ["Refused", "app", "main"]
