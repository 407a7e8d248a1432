"""`saring migrate` and `saring doctor`: an installation is brought up to date and looked at."""

from __future__ import annotations

from bot import doctor
from bot.cli.installed import begin
from bot.cli.lines import fail, say
from bot.wiring.database import open_store, seed


def migrate() -> None:
    """Bring the database to the schema of this version, with the bundled fact-checks."""
    store = open_store(begin())
    store.migrate()
    say(f"the schema is up to date; {seed(store)} bundled fact-checks added")


def examine() -> None:
    """Print what was looked at; ends with a failure when something needs mending."""
    problems = 0
    for finding in doctor.examine(begin()):
        problems += finding.bad
        say(f"{'!' if finding.bad else '-'} {finding.text}")
    if problems:
        fail(f"{problems} thing(s) to mend, marked with !")
