"""Keep every fact-check a message was answered with, not only the newest message of each person.

Revision v12_answers, after v11_pairs_both_ways, 2026-11-22.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v12_answers"
down_revision = "v11_pairs_both_ways"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# What is known already: the newest message of each person and fact-check, with all its answers …
NEWEST = """
insert into answers (number, submission, person, version, at)
select told.number, told.submission, told.person, told.version, told.at
from told join submissions
on submissions.id = told.submission and submissions.person = told.person
"""
# … and of their other messages the one answer that was kept.
OTHERS = """
insert into answers (number, submission, person, version, at)
select submissions.number, submissions.id, submissions.person, told.version, submissions.at
from submissions join told
on told.person = submissions.person and told.number = submissions.number
where submissions.outcome = 'answered' and not exists (
    select 1 from answers
    where answers.number = submissions.number and answers.submission = submissions.id
)
"""


def upgrade() -> None:
    """Change the schema, and fill in what is known."""
    op.create_table(
        "answers",
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_answers_person_people"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("number", "submission", name=op.f("pk_answers")),
    )
    op.create_index(op.f("ix_answers_person"), "answers", ["person"])
    op.create_index(op.f("ix_answers_submission"), "answers", ["submission"])
    op.execute(NEWEST)
    op.execute(OTHERS)


def downgrade() -> None:
    """Undo it."""
    op.drop_table("answers")
