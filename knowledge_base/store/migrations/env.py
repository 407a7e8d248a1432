"""What Alembic runs: revisions on the connection it was given, or as SQL without one."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from knowledge_base.store.tables import CleanText, Json, Row, UtcTime

SQL = {UtcTime: "sa.DateTime(timezone=True)", CleanText: "sa.Text()", Json: "sa.Text()"}


def plain_type(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Our types as what they are in SQL: a revision must not change when our code does."""
    return SQL.get(type(item), False) if kind == "type" else False


connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(
        dialect_name=context.config.get_main_option("dialect") or "postgresql",
        target_metadata=Row.metadata,
        literal_binds=True,
    )
else:
    context.configure(
        connection=connection,
        target_metadata=Row.metadata,
        render_as_batch=True,
        render_item=plain_type,
        compare_type=True,
        transactional_ddl=True,
    )
with context.begin_transaction():
    context.run_migrations()
