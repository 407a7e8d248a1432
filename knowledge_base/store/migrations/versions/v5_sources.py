"""Know which fact-check a source belongs to, and since when it has not answered.

Created on 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

revision = "v5_sources"
down_revision = "v1_queue"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("source_checks", sa.Column("number", BIG_ID, nullable=True))
    op.add_column("source_checks", sa.Column("failing_since", TIME, nullable=True))
    op.create_index(op.f("ix_source_checks_failing_since"), "source_checks", ["failing_since"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_source_checks_failing_since"), "source_checks")
    for column in ("failing_since", "number"):
        op.drop_column("source_checks", column)
