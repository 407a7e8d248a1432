"""The queue: demand, leases, escalations, comments with mentions, saved views.

Revision v1_queue, after v4_desk_chats, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
COUNTED = {"sqlite_autoincrement": True}

revision = "v1_queue"
down_revision = "v4_desk_chats"
branch_labels = None
depends_on = None


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "demand",
        sa.Column("question", BIG_ID, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("askers", sa.Integer(), nullable=False),
        sa.Column("forwarded_many", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("influencers", sa.Integer(), nullable=False),
        sa.Column("window_ends", TIME, nullable=True),
        sa.Column("at", TIME, nullable=False),
        _to("demand", "question", "questions"),
        _key("demand", "question"),
    )
    op.create_index(op.f("ix_demand_score"), "demand", ["score"])
    op.create_index(op.f("ix_demand_at"), "demand", ["at"])
    _work()
    op.create_table(
        "views",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        _to("views", "moderator", "moderators"),
        _key("views", "id"),
        sa.UniqueConstraint("moderator", "name", name=op.f("uq_views_moderator_name")),
        **COUNTED,
    )


def _work() -> None:
    op.create_table(
        "leases",
        sa.Column("question", BIG_ID, nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("until", TIME, nullable=False),
        _to("leases", "question", "questions"),
        _to("leases", "moderator", "moderators"),
        _key("leases", "question"),
    )
    op.create_index(op.f("ix_leases_moderator"), "leases", ["moderator"])
    op.create_table(
        "escalations",
        sa.Column("question", BIG_ID, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _to("escalations", "question", "questions"),
        _key("escalations", "question"),
    )
    op.create_table(
        "comments",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("question", BIG_ID, nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        _to("comments", "question", "questions"),
        _key("comments", "id"),
        **COUNTED,
    )
    op.create_index(op.f("ix_comments_question"), "comments", ["question"])
    op.create_table(
        "mentions",
        sa.Column("comment", BIG_ID, nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        _to("mentions", "comment", "comments"),
        _to("mentions", "moderator", "moderators"),
        _key("mentions", "comment", "moderator"),
    )
    op.create_index(op.f("ix_mentions_moderator"), "mentions", ["moderator"])


def downgrade() -> None:
    """Undo it."""
    for table in ("views", "mentions", "comments", "escalations", "leases", "demand"):
        op.drop_table(table)
