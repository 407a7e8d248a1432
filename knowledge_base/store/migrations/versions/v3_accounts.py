"""Accounts: use and sleep, second factors, passkeys, invitations, influencers.

Revision v3_accounts, after v2_verdicts, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)

revision = "v3_accounts"
down_revision = "v2_verdicts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("moderators", sa.Column("seen", TIME, nullable=True))
    op.add_column("moderators", sa.Column("asleep", TIME, nullable=True))
    op.add_column("login_sessions", sa.Column("confirmed", TIME, nullable=True))
    op.add_column(
        "login_sessions", sa.Column("tries", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column(
        "login_sessions", sa.Column("challenge", sa.String(), nullable=False, server_default="")
    )
    op.add_column(
        "people", sa.Column("influencer", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    _factors()
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("expires", TIME, nullable=False),
        sa.Column("used", TIME, nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_index(op.f("ix_invitations_expires"), "invitations", ["expires"])


def _factors() -> None:
    op.create_table(
        "code_keys",
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("confirmed", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_code_keys_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("moderator", name=op.f("pk_code_keys")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_recovery_codes_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_moderator"), "recovery_codes", ["moderator"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("used", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_passkeys_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_moderator"), "passkeys", ["moderator"])


def downgrade() -> None:
    """Undo it."""
    for table in ("invitations", "passkeys", "recovery_codes", "code_keys"):
        op.drop_table(table)
    op.drop_column("people", "influencer")
    for column in ("challenge", "tries", "confirmed"):
        op.drop_column("login_sessions", column)
    for column in ("asleep", "seen"):
        op.drop_column("moderators", column)
