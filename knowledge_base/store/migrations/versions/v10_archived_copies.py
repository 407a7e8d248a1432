"""Keep which copy of a source the Internet Archive holds.

Created on 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v10_archived_copies"
down_revision = "v9_oldest_questions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    column = sa.Column("archived", sa.String(), nullable=False, server_default="")
    op.add_column("source_checks", column)


def downgrade() -> None:
    """Undo it."""
    op.drop_column("source_checks", "archived")
