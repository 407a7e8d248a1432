"""The command `saring`: one verb each, plain words, exit codes that scripts can trust.

Here stand the words of the command line; what a verb does lies in a file beside this one, which is
imported when the verb is run. Loading the whole program takes two seconds of processor time: a
verb takes only the part that it needs, and help none.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.lines import FAILED, USAGE, fail, say
from bot.garbage import look_rarely
from knowledge_base.facts import Role

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


def main() -> None:
    """Entry point: run a verb; every foreseeable failure is one line on standard error."""
    _streams()
    look_rarely()
    try:
        app()
    except SystemExit:  # the verb has ended
        raise
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(FAILED)
    except OSError as error:  # no room, no permission, a folder where a file should be
        fail(f"{error.filename or 'the system'}: {error.strerror or error}")
    except foreseen() as error:
        fail(str(error))


def foreseen() -> tuple[type[Exception], ...]:
    """What a person can mend; the text of each says how. Asked for only when something failed."""
    from bot.lock import AlreadyRunning, PortTaken
    from bot.settings import SettingsError
    from knowledge_base.exchange.sheet import SheetError
    from knowledge_base.facts import KnowledgeError
    from knowledge_base.search.decision import BadWeights
    from knowledge_base.search.evaluation import BadInput

    unfit = (SheetError, BadInput, BadWeights)
    return (SettingsError, AlreadyRunning, PortTaken, KnowledgeError, *unfit)


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


def _tell_version(wanted: bool) -> None:
    if wanted:
        from bot.wiring.version import version

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
    from bot.cli import serving

    serving.serve(web=True, work=True)


@app.command()
def serve() -> None:
    """Only the web and the webhooks; another process works.

    Example: saring serve
    """
    from bot.cli import serving

    serving.serve(web=True, work=False)


@app.command()
def work() -> None:
    """Only workers, schedules and polling; another process serves.

    Example: saring work
    """
    from bot.cli import serving

    serving.serve(web=False, work=True)


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
    from bot.cli import serving

    serving.chat(language or "")


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version.

    Example: saring migrate
    """
    from bot.cli import upkeep

    upkeep.migrate()


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
    from bot.cli import importing

    importing.take_in(files, publisher, dry_run)


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
    from bot.cli import matching

    if claims:
        matching.match(matching.over(claims, weights), limit)
    else:
        from bot.cli import matching_own

        matching.match(matching_own.over(weights), limit)


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
    from bot.cli import measuring

    measuring.evaluate(claims, queries, qrels, weights, folds, as_json)


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
    from bot.cli import fitting

    fitting.fit(claims, queries, qrels, folds, out, use)


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
    from bot.cli import people

    people.add(name, role, org)


@moderators.command("link")
def moderator_link(name: Person) -> None:
    """A new one-time login address; older unused ones stop working.

    Example: saring moderator link Sari
    """
    from bot.cli import people

    people.link(name)


@moderators.command("revoke")
def moderator_revoke(name: Person) -> None:
    """Disable a person and end all their sessions.

    Example: saring moderator revoke Sari
    """
    from bot.cli import people

    people.revoke(name)


@moderators.command("restore")
def moderator_restore(name: Person) -> None:
    """Bring back who was disabled, or asleep after 30 days away; prints a one-time address.

    Example: saring moderator restore Sari
    """
    from bot.cli import people

    people.restore(name)


@moderators.command("list")
def moderator_list(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """People of the desk.

    Example: saring moderator list --json
    """
    from bot.cli import people

    people.show(as_json)


Task = Annotated[str, typer.Argument(metavar="NAME", help="as listed, such as task-12, or all")]


@stopped.command("list")
def stopped_list(
    as_json: Annotated[bool, typer.Option("--json", help="as JSON")] = False,
) -> None:
    """What was given up and can be started again, with its reason.

    Example: saring stopped list --json
    """
    from bot.cli import given_up

    given_up.show(as_json)


@stopped.command("again")
def stopped_again(name: Task) -> None:
    """Start it again, from its first try; `all` starts everything.

    Example: saring stopped again task-12
    """
    from bot.cli import given_up

    given_up.again(name)


@stopped.command("drop")
def stopped_drop(name: Task) -> None:
    """Let it be for good; `all` drops everything.

    Example: saring stopped drop message-7
    """
    from bot.cli import given_up

    given_up.drop(name)


@app.command()
def doctor() -> None:
    """Is this installation set up right? Says what is missing and what to do.

    Example: saring doctor
    """
    from bot.cli import upkeep

    upkeep.examine()
