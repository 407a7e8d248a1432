"""Find the questions that wait longest without sorting all of them.

Revision v9_oldest_questions, after v8_kept_bodies, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

revision = "v9_oldest_questions"
down_revision = "v8_kept_bodies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_index(op.f("ix_questions_state_first_asked"), "questions", ["state", "first_asked"])


def downgrade() -> None:
    """Undo it."""
    op.drop_index(op.f("ix_questions_state_first_asked"), "questions")
