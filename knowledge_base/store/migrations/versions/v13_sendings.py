"""Count the transactions that say something was sent: an older copy is behind what was noted.

Revision v13_sendings, after v12_answers, 2026-11-22.
"""

from __future__ import annotations

from alembic import op

revision = "v13_sendings"
down_revision = "v12_answers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.execute("insert into counters (name, value) values ('sendings', 0)")


def downgrade() -> None:
    """Undo it."""
    op.execute("delete from counters where name = 'sendings'")
