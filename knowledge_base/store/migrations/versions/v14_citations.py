"""Find the fact-checks that name an address among their sources.

Revision v14_citations, after v13_sendings, 2026-11-22.
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import context, op

from knowledge_base.store.records import addresses

revision = "v14_citations"
down_revision = "v13_sendings"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT_ONCE = 1_000  # fact-checks


def upgrade() -> None:
    """Change the schema, and fill in what is known."""
    table = op.create_table(
        "citations",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["facts.number"], name=op.f("fk_citations_number_facts")
        ),
        sa.PrimaryKeyConstraint("address", "number", name=op.f("pk_citations")),
    )
    op.create_index(op.f("ix_citations_number"), "citations", ["number"])
    if context.is_offline_mode():
        return  # the SQL alone, for a database that is read before it is run: an empty one
    facts = op.get_bind().execute(sa.text("select number, sources from facts"))
    while some := facts.fetchmany(AT_ONCE):
        rows = [
            {"address": address, "number": number}
            for number, sources in some
            for address in addresses(source.get("url", "") for source in json.loads(sources))
        ]
        if rows:
            op.bulk_insert(table, rows)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("citations")
