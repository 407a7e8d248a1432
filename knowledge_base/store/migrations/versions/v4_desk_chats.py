"""Let the desk live in messengers: linked chats, codes, PINs, buttons, cards.

Created on 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

revision = "v4_desk_chats"
down_revision = "v3_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "desk_codes",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("for_group", sa.Boolean(), nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_desk_codes_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_desk_codes")),
    )
    op.create_index(op.f("ix_desk_codes_moderator"), "desk_codes", ["moderator"])
    op.create_index(op.f("ix_desk_codes_expires"), "desk_codes", ["expires"])
    op.create_table(
        "desk_links",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_desk_links_person_people")
        ),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_desk_links")),
    )
    op.create_index(op.f("ix_desk_links_mark"), "desk_links", ["mark"])
    op.create_table(
        "desk_pins",
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_desk_pins_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("moderator", name=op.f("pk_desk_pins")),
    )
    _messages()


def _messages() -> None:
    op.create_table(
        "desk_handles",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("batch", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("used", sa.Boolean(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_desk_handles")),
    )
    for column in ("batch", "person", "at"):
        op.create_index(op.f(f"ix_desk_handles_{column}"), "desk_handles", [column])
    op.create_table(
        "desk_cards",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=True),
        sa.Column("ref_mark", sa.String(), nullable=True),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_cards")),
        sqlite_autoincrement=True,
    )
    for column in ("person", "subject", "ref_mark", "at"):
        op.create_index(op.f(f"ix_desk_cards_{column}"), "desk_cards", [column])


def downgrade() -> None:
    """Undo it."""
    for table in ("desk_cards", "desk_handles", "desk_pins", "desk_links", "desk_codes"):
        op.drop_table(table)
