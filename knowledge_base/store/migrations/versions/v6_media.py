"""Note of which kind what came with a message was.

Created on 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v6_media"
down_revision = "v5_sources"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    column = sa.Column("media", sa.String(), nullable=False, server_default="")
    op.add_column("submissions", column)


def downgrade() -> None:
    """Undo it."""
    op.drop_column("submissions", "media")
