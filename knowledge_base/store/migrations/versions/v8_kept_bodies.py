"""Find the raw bodies that are still kept without walking through all that was handled.

Revision v8_kept_bodies, after v7_day_figures, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v8_kept_bodies"
down_revision = "v7_day_figures"
branch_labels = None
depends_on = None

KEPT = sa.text("body is not null")


def upgrade() -> None:
    """Change the schema."""
    op.drop_index(op.f("ix_inbox_closed_at"), "inbox")
    op.create_index(
        op.f("ix_inbox_closed_at"), "inbox", ["closed_at"], sqlite_where=KEPT, postgresql_where=KEPT
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_inbox_closed_at"), "inbox")
    op.create_index(op.f("ix_inbox_closed_at"), "inbox", ["closed_at"])
