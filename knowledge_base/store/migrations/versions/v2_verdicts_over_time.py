"""Why a fact-check ended, what waits for a second person, votes, objections, source checks.

Revision v2_verdicts, after 0001, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
COLUMNS = ("outdated", "replaced_by", "public_figure", "concerns", "our_mistake")
TABLES = ("votes", "disputes", "proposals", "source_checks", "duplicates")

revision = "v2_verdicts"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Columns of facts, then the new tables."""
    no, empty = sa.text("false"), sa.text("'[]'")
    op.add_column("facts", sa.Column("outdated", sa.Boolean(), nullable=False, server_default=no))
    op.add_column("facts", sa.Column("replaced_by", BIG_ID, nullable=True))
    op.add_column(
        "facts", sa.Column("public_figure", sa.Boolean(), nullable=False, server_default=no)
    )
    op.add_column("facts", sa.Column("concerns", sa.Text(), nullable=False, server_default=empty))
    op.add_column(
        "facts", sa.Column("our_mistake", sa.Boolean(), nullable=False, server_default=no)
    )
    _votes_and_disputes()
    _proposals()
    _checks()


def _votes_and_disputes() -> None:
    op.create_table(
        "votes",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_votes_person_people")),
        sa.PrimaryKeyConstraint("person", "number", "version", name=op.f("pk_votes")),
    )
    op.create_index(op.f("ix_votes_number_version"), "votes", ["number", "version"], unique=False)
    op.create_table(
        "disputes",
        sa.Column("question", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["question"], ["questions.id"], name=op.f("fk_disputes_question_questions")
        ),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_disputes")),
    )
    op.create_index(op.f("ix_disputes_number"), "disputes", ["number"], unique=False)


def _proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("waiting_key", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("author_org", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "state in ('waiting', 'approved', 'returned', 'overtaken')",
            name=op.f("ck_proposals_state"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposals")),
        sa.UniqueConstraint("waiting_key", name=op.f("uq_proposals_waiting_key")),
        sqlite_autoincrement=True,
    )
    for name in ("at", "state", "subject"):
        op.create_index(op.f(f"ix_proposals_{name}"), "proposals", [name], unique=False)


def _checks() -> None:
    op.create_table(
        "source_checks",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_source_checks")),
    )
    op.create_index(op.f("ix_source_checks_at"), "source_checks", ["at"], unique=False)
    op.create_table(
        "duplicates",
        sa.Column("first", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("second", BIG_ID, nullable=False, autoincrement=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("dismissed", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("first", "second", name=op.f("pk_duplicates")),
    )


def downgrade() -> None:
    """Drop what this revision made."""
    for table in TABLES:
        op.drop_table(table)
    for column in COLUMNS:
        op.drop_column("facts", column)
