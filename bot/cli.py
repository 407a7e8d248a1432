"""The command `saring`: one verb each, plain words, exit codes that scripts can trust."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot import doctor as check_up
from bot import logs, measure, server, terminal
from bot.doors import Database
from bot.lock import AlreadyRunning
from bot.settings import Settings, SettingsError, load
from bot.wiring import (
    Search,
    build,
    fixed_finder,
    open_store,
    seed,
    utc_now,
    weights_in_use,
)
from handlers.corrections import SWEEP
from knowledge_base.exchange.claimreview import read_claim_reviews
from knowledge_base.exchange.sheet import Row, SheetError, read_rows
from knowledge_base.facts import FactCheck, KnowledgeError, Refused, Role, Saved
from knowledge_base.search import evaluation
from knowledge_base.search.decision import BadWeights, load_weights

DONE, FAILED, USAGE, PARTLY = 0, 1, 2, 3
BATCH = 500

app = typer.Typer(
    help="Saring: filter before you share. A chatbot that verifies forwarded messages.",
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

Result = TypeVar("Result")


def main() -> None:
    """Entry point: run a verb; every foreseeable failure is one line on standard error."""
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


@app.command()
def chat(
    language: Annotated[str, typer.Option(help="id or en")] = "",
) -> None:
    """Talk to the bot in the terminal; works beside a running `saring run`.

    Example: saring chat
    """
    settings_for(lambda settings: asyncio.run(terminal.talk(settings, language)))


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
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help=".csv, .xlsx or .jsonl")],
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
    good: list[FactCheck] = []
    refused = 0
    for file in files:
        for row in rows_of(file, publisher):
            if row.fact_check is None:
                refused += 1
                sys.stderr.write(f"{file.name}, {row.place}: refused: {row.error}\n")
            else:
                good.append(row.fact_check)
    store = open_store(settings)
    store.migrate()
    added = changed = unchanged = 0
    for start in range(0, len(good), BATCH):
        batch = good[start : start + BATCH]
        saved = _save(store, batch, dry_run)
        added, changed = added + saved.added, changed + saved.changed
        unchanged += saved.unchanged
        refused += len(saved.refused)
        for place, field, reason in saved.refused:
            sys.stderr.write(f"{batch[place].identity}: refused: {field}: {reason}\n")
        progress(start + len(batch), len(good), "fact-checks")
    note = " (dry run, nothing was kept)" if dry_run else ""
    say(f"added {added}, changed {changed}, unchanged {unchanged}, refused {refused}{note}")
    if refused:
        sys.exit(PARTLY)


def _save(store: Database, batch: list[FactCheck], dry_run: bool) -> Saved:
    """One batch, one transaction: a running Saring gets its turn in between."""
    with store.work() as work:
        saved = work.facts.save_many(batch, "import", "import", dry=dry_run)
        if (saved.added or saved.changed) and not dry_run:
            work.jobs.enqueue("rematch_open", {}, dedupe_key="rematch_open")
        if saved.changed and not dry_run:  # who was told what it changed is corrected
            work.jobs.enqueue(SWEEP, {}, dedupe_key=SWEEP)
    return saved


def rows_of(file: Path, publisher: str) -> Iterator[Row]:
    """The rows of a file, by its ending."""
    body = read_bytes(file)
    if file.suffix.lower() == ".json":
        return read_claim_reviews(body, publisher)
    return read_rows(file.name, body, publisher)


def read_bytes(file: Path) -> bytes:
    """The content of a file named on the command line; ends the program when there is none."""
    try:
        return file.read_bytes()
    except OSError as error:
        fail(f"{file}: {error.strerror}")
        raise  # fail() does not return; this keeps the type checker calm


def progress(done: int, total: int, what: str) -> None:
    """A moving line on a terminal, a plain line at the end elsewhere."""
    if sys.stderr.isatty():
        end = "\n" if done == total else ""
        sys.stderr.write(f"\r{done}/{total} {what}{end}")
    elif done == total:
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
    finder = _over(claims, weights) if claims else _installed(weights)
    finder.refresh()
    refused = 0
    lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig", "replace", newline="\n")
    for result in evaluation.match_lines(lines, finder, limit):
        refused += "error" in result
        answer = json.dumps(result, ensure_ascii=False) + "\n"
        # half a character, which JSON can carry and UTF-8 cannot, is written as JSON does
        sys.stdout.buffer.write(answer.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    if refused:
        sys.stderr.write(f"saring: {refused} lines were no valid query\n")
        sys.exit(PARTLY)


def _over(claims: list[Path], weights: Path | None) -> Search:
    return fixed_finder(evaluation.read_claims(claims), weights)


def _installed(weights: Path | None) -> Search:
    settings = load()
    logs.set_up(readable=sys.stderr.isatty())
    house = build(settings, weights=weights)
    house.store.migrate()
    seed(house.store)
    return house.finder


@app.command()
def evaluate(
    claims: Annotated[list[Path], typer.Option("--claims", help="may be repeated")],
    queries: Annotated[list[Path], typer.Option("--queries", help="may be repeated")],
    qrels: Annotated[list[Path], typer.Option("--qrels", help="may be repeated")],
    weights: Weights = None,
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="figures as JSON")] = False,
) -> None:
    """How good is the matcher on labelled data?

    Example: saring evaluate --claims claims.jsonl --queries queries.jsonl --qrels qrels.tsv
    """
    labelled = measure.from_files(claims, queries, qrels)
    report = measure.measured(labelled, load_weights(weights) if weights else None, folds)
    say(json.dumps(report.as_dict(), ensure_ascii=False, indent=2) if as_json else report.as_text())


@app.command()
def fit(
    claims: Claims = None,
    queries: Annotated[list[Path] | None, typer.Option("--queries")] = None,
    qrels: Annotated[list[Path] | None, typer.Option("--qrels")] = None,
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


def _fit(
    settings: Settings,
    claims: list[Path] | None,
    queries: list[Path] | None,
    qrels: list[Path] | None,
    folds: int,
    out: Path | None,
    use: bool,
) -> None:
    if claims and queries and qrels:
        labelled = measure.from_files(claims, queries, qrels)
    else:
        labelled = measure.own_pairs(settings)
    old = measure.measured(labelled, measure.current_weights(settings), folds)
    say("in use now:\n" + old.as_text())
    weights, new = measure.refit(labelled, folds)
    say("\nfitted, measured on pairs held back from the fit:\n" + new.as_text())
    target = out or settings.var / "weights.fitted.json"
    measure.keep(weights, target)
    say(f"\nwritten to {target}")
    if use:
        chosen = weights_in_use(settings)
        measure.keep(weights, chosen)
        say(f"in use from the next start on; remove {chosen} to go back")
    else:
        say("nothing is switched; add --use to let this installation use them")


@moderators.command("add")
def moderator_add(
    name: str,
    role: Annotated[Role, typer.Option(help="reader, moderator, editor or admin")],
    org: Annotated[str, typer.Option(help="organisation")] = "",
) -> None:
    """A new person of the desk; prints the one-time login address.

    Example: saring moderator add Sari --role moderator --org Bawaslu
    """

    def add(settings: Settings) -> None:
        with desk(settings) as work:
            work.desk.add(name, role, org, utc_now())
            work.audit.write("command line", "moderator.add", name, role=role.value, org=org)
            address = server.login_address(settings, work.desk.link(name, utc_now()))
        say(address)

    settings_for(add)


@moderators.command("link")
def moderator_link(name: str) -> None:
    """A new one-time login address; older unused ones stop working.

    Example: saring moderator link Sari
    """

    def link(settings: Settings) -> None:
        with desk(settings) as work:
            address = server.login_address(settings, work.desk.link(name, utc_now()))
            work.audit.write("command line", "moderator.link", name)
        say(address)

    settings_for(link)


@moderators.command("revoke")
def moderator_revoke(name: str) -> None:
    """Disable a person and end all their sessions.

    Example: saring moderator revoke Sari
    """

    def revoke(settings: Settings) -> None:
        with desk(settings) as work:
            work.desk.revoke(name, utc_now())
            work.audit.write("command line", "moderator.revoke", name)
        say(f"{name} is revoked")

    settings_for(revoke)


@moderators.command("restore")
def moderator_restore(name: str) -> None:
    """Bring back who was disabled, or asleep after 30 days away; prints a one-time address.

    Example: saring moderator restore Sari
    """

    def restore(settings: Settings) -> None:
        with desk(settings) as work:
            known = work.desk.by_name(name)
            if known is None:
                raise Refused(f"There is no moderator {name}.", "name")
            work.accounts.wake(known.id, utc_now())
            work.audit.write("command line", "moderator.restore", name)
            address = server.login_address(settings, work.desk.link(name, utc_now()))
        say(address)

    settings_for(restore)


@moderators.command("list")
def moderator_list(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """People of the desk.

    Example: saring moderator list --json
    """

    def show(settings: Settings) -> None:
        with desk(settings) as work:
            people = work.desk.list()
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


@contextlib.contextmanager
def desk(settings: Settings) -> Iterator[Any]:
    """A unit of work on a migrated database."""
    store = open_store(settings)
    store.migrate()
    with store.work() as work:
        yield work


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
