"""Keep the figures of each day whose rows are forgotten: asked, answered at once, first word.

Revision v7_day_figures, after v6_media, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v7_day_figures"
down_revision = "v6_media"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "day_figures",
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("cut", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("automatic", sa.Integer(), nullable=False),
        sa.Column("first_word", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("day", "cut", "name", name=op.f("pk_day_figures")),
    )


def downgrade() -> None:
    """Undo it."""
    op.drop_table("day_figures")
