"""Find the pairs of a fact-check from either side without reading all of them.

Revision v11_pairs_both_ways, after v10_archived_copies, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

revision = "v11_pairs_both_ways"
down_revision = "v10_archived_copies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_index(op.f("ix_duplicates_second"), "duplicates", ["second"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_duplicates_second"), "duplicates")
