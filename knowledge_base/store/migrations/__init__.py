"""Schema revisions: what is there, what is needed, and the way from one to the other."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file; revisions run on the connection given."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    settings.set_main_option("path_separator", "os")
    settings.attributes["connection"] = connection
    return settings


def newest() -> str:
    """The newest revision there is."""
    return ScriptDirectory.from_config(config()).get_current_head() or ""


def present(connection: Connection) -> str:
    """The revision of a database; empty when it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(connection: Connection) -> None:
    """Run what is missing inside the connection's transaction."""
    command.upgrade(config(connection), "head")
