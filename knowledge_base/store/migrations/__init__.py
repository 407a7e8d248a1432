"""Schema revisions: what is there, what is needed, and the way from one to the other."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, column, inspect, select, table

from knowledge_base.facts import KnowledgeError

VERSIONS = Path(__file__).parent / "versions"
STEP = re.compile(r'^revision = "(\w+)"\ndown_revision = (?:None|"(\w+)")$', re.MULTILINE)
NOTED = table("alembic_version", column("version_num"))


@cache
def known() -> tuple[str, ...]:
    """Every revision this program knows, the newest first: as Alembic reads them from their
    files, without loading it."""
    steps = [STEP.findall(file.read_text("utf-8"))[0] for file in VERSIONS.glob("*.py")]
    follows = {before: revision for revision, before in steps}
    chain = [follows[""]]
    while chain[-1] in follows:
        chain.append(follows[chain[-1]])
    return tuple(reversed(chain))


def newest() -> str:
    """The newest revision there is."""
    return known()[0]


def present(connection: Connection) -> str:
    """The revision of a database; empty when it has no tables yet."""
    if not inspect(connection).has_table(NOTED.name):
        return ""
    return str(connection.scalar(select(NOTED.c.version_num)) or "")


def upgrade(connection: Connection) -> None:
    """Run what is missing inside the connection's transaction: all of it or nothing.

    Raises KnowledgeError when the database belongs to a newer program.
    """
    revision = present(connection)
    if revision == newest():
        return
    if revision and revision not in known():
        raise KnowledgeError(
            f"The database has schema {revision}, which this program does not know: "
            "use the newer program it was made with. Nothing was changed."
        )
    # Alembic takes .15 s of processor time to load, and nearly always nothing is missing
    from knowledge_base.store.migrations.running import run

    run(connection)
