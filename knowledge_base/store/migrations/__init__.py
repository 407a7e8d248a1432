"""Schema revisions: what is there, what is needed, and the way from one to the other."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from knowledge_base.facts import KnowledgeError


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file; revisions run on the connection given."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


@cache
def known() -> tuple[str, ...]:
    """Every revision this program knows, the newest first."""
    script = ScriptDirectory.from_config(config())
    return tuple(revision.revision for revision in script.walk_revisions())


def newest() -> str:
    """The newest revision there is."""
    return known()[0]


def present(connection: Connection) -> str:
    """The revision of a database; empty when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(connection: Connection) -> None:
    """Run what is missing inside the connection's transaction: all of it or nothing.

    Raises KnowledgeError when the database belongs to a newer program.
    """
    revision = present(connection)
    if revision and revision not in known():
        raise KnowledgeError(
            f"The database has schema {revision}, which this program does not know: "
            "use the newer program it was made with. Nothing was changed."
        )
    command.upgrade(config(connection), "head")
