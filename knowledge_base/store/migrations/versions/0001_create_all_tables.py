"""Create all tables.

Revision 0001, after nothing, 2026-11-21.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES = (
    "wordings",
    "variants",
    "told",
    "submissions",
    "login_sessions",
    "login_links",
    "fact_versions",
    "drafts",
    "contacts",
    "questions",
    "person_keys",
    "period_keys",
    "people",
    "outbox",
    "moderators",
    "marks",
    "mailbox",
    "jobs",
    "inbox",
    "hits",
    "facts",
    "evidence",
    "erasures",
    "counters",
    "audit_bodies",
    "audit",
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "audit",
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("commitment", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_index(op.f("ix_audit_object"), "audit", ["object"], unique=False)

    op.create_table(
        "audit_bodies",
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_bodies")),
    )
    op.create_table(
        "counters",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "erasures",
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_at"), "erasures", ["at"], unique=False)

    op.create_table(
        "evidence",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("right", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_evidence_number"), "evidence", ["number"], unique=False)

    op.create_table(
        "facts",
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("claim", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("fact", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("claim_date", sa.Date(), nullable=True),
        sa.Column("checked_on", sa.Date(), nullable=True),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state in ('draft', 'published', 'retracted')", name=op.f("ck_facts_state")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_facts")),
        sa.UniqueConstraint("identity", name=op.f("uq_facts_identity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_facts_revision"), "facts", ["revision"], unique=False)

    op.create_table(
        "hits",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hits")),
    )
    op.create_index(op.f("ix_hits_at"), "hits", ["at"], unique=False)
    op.create_index(op.f("ix_hits_key_at"), "hits", ["key", "at"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("external", sa.String(), nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("received", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state in ('waiting', 'leased', 'done', 'parked')", name=op.f("ck_inbox_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint(
            "channel", "account", "external", name=op.f("uq_inbox_channel_account_external")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_inbox_chat_state"), "inbox", ["chat", "state"], unique=False)
    op.create_index(op.f("ix_inbox_closed_at"), "inbox", ["closed_at"], unique=False)
    op.create_index(op.f("ix_inbox_day"), "inbox", ["day"], unique=False)
    op.create_index(op.f("ix_inbox_person"), "inbox", ["person"], unique=False)
    op.create_index(op.f("ix_inbox_received"), "inbox", ["received"], unique=False)
    op.create_index(op.f("ix_inbox_state_due"), "inbox", ["state", "due"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("waiting_key", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('waiting', 'running', 'parked')", name=op.f("ck_jobs_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("waiting_key", name=op.f("uq_jobs_waiting_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_jobs_state_due"), "jobs", ["state", "due"], unique=False)

    op.create_table(
        "mailbox",
        sa.Column("seq", BIG_ID, nullable=False),
        sa.Column("chat", sa.String(), nullable=False),
        sa.Column("ours", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_mailbox")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mailbox_at"), "mailbox", ["at"], unique=False)
    op.create_index(op.f("ix_mailbox_chat_seq"), "mailbox", ["chat", "seq"], unique=False)
    op.create_index(op.f("ix_mailbox_day"), "mailbox", ["day"], unique=False)

    op.create_table(
        "marks",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_marks")),
    )
    op.create_table(
        "moderators",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("org", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "role in ('reader', 'moderator', 'editor', 'admin')", name=op.f("ck_moderators_role")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderators")),
        sa.UniqueConstraint("name", name=op.f("uq_moderators_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outbox",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("own_key", sa.LargeBinary(), nullable=True),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("platform_mark", sa.String(), nullable=True),
        sa.Column("maybe_duplicate", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outbox_finished_at"), "outbox", ["finished_at"], unique=False)
    op.create_index(op.f("ix_outbox_person_state"), "outbox", ["person", "state"], unique=False)
    op.create_index(op.f("ix_outbox_platform_mark"), "outbox", ["platform_mark"], unique=False)
    op.create_index(op.f("ix_outbox_state_due"), "outbox", ["state", "due"], unique=False)
    op.create_index(
        op.f("ix_outbox_state_rank_id"), "outbox", ["state", "rank", "id"], unique=False
    )

    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("greeted", sa.Boolean(), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.Column("notify", sa.Boolean(), nullable=False),
        sa.Column("unreachable", sa.Boolean(), nullable=False),
        sa.Column("consent", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=True),
        sa.Column("last_wrote", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_answer", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
    )
    op.create_index(op.f("ix_people_last_answer"), "people", ["last_answer"], unique=False)
    op.create_index(op.f("ix_people_once"), "people", ["once"], unique=False)

    op.create_table(
        "period_keys",
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("purpose", "period", name=op.f("pk_period_keys")),
    )
    op.create_table(
        "person_keys",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_person_keys")),
    )
    op.create_table(
        "questions",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("askers", sa.Integer(), nullable=False),
        sa.Column("forwarded_many", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("first_asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_asked", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("number", BIG_ID, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("merged_into", BIG_ID, nullable=True),
        sa.Column("neighbours", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'answered', 'rejected', 'merged', 'withdrawn')",
            name=op.f("ck_questions_state"),
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"], ["questions.id"], name=op.f("fk_questions_merged_into_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("code", name=op.f("uq_questions_code")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_questions_closed_at"), "questions", ["closed_at"], unique=False)
    op.create_index(op.f("ix_questions_number"), "questions", ["number"], unique=False)
    op.create_index(op.f("ix_questions_revision"), "questions", ["revision"], unique=False)
    op.create_index(
        op.f("ix_questions_state_askers"), "questions", ["state", "askers"], unique=False
    )

    op.create_table(
        "contacts",
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_contacts_person_people")),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_contacts")),
        sa.UniqueConstraint("mark", name=op.f("uq_contacts_mark")),
    )
    op.create_table(
        "drafts",
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_drafts_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("moderator", "code", name=op.f("pk_drafts")),
    )
    op.create_index(op.f("ix_drafts_at"), "drafts", ["at"], unique=False)

    op.create_table(
        "fact_versions",
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("snapshot", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["facts.number"], name=op.f("fk_fact_versions_number_facts")
        ),
        sa.PrimaryKeyConstraint("number", "version", name=op.f("pk_fact_versions")),
    )
    op.create_table(
        "login_links",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_login_links_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login_links")),
    )
    op.create_index(op.f("ix_login_links_moderator"), "login_links", ["moderator"], unique=False)

    op.create_table(
        "login_sessions",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("moderator", BIG_ID, nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["moderator"], ["moderators.id"], name=op.f("fk_login_sessions_moderator_moderators")
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login_sessions")),
    )
    op.create_index(
        op.f("ix_login_sessions_moderator"), "login_sessions", ["moderator"], unique=False
    )

    op.create_table(
        "submissions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person", sa.String(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ref", sa.LargeBinary(), nullable=True),
        sa.Column("ref_mark", sa.String(), nullable=True),
        sa.Column("lang", sa.String(), nullable=False),
        sa.Column("question", BIG_ID, nullable=True),
        sa.Column("number", BIG_ID, nullable=True),
        sa.Column("offered", sa.Text(), nullable=False),
        sa.Column("forwarded_many", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.id"], name=op.f("fk_submissions_person_people")
        ),
        sa.ForeignKeyConstraint(
            ["question"], ["questions.id"], name=op.f("fk_submissions_question_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submissions")),
    )
    op.create_index(op.f("ix_submissions_at"), "submissions", ["at"], unique=False)
    op.create_index(op.f("ix_submissions_person_at"), "submissions", ["person", "at"], unique=False)
    op.create_index(
        op.f("ix_submissions_question_id"), "submissions", ["question", "id"], unique=False
    )
    op.create_index(
        op.f("ix_submissions_question_person"), "submissions", ["question", "person"], unique=False
    )
    op.create_index(op.f("ix_submissions_ref_mark"), "submissions", ["ref_mark"], unique=False)

    op.create_table(
        "told",
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("person", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submission", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name=op.f("fk_told_person_people")),
        sa.PrimaryKeyConstraint("number", "person", name=op.f("pk_told")),
    )
    op.create_index(op.f("ix_told_person"), "told", ["person"], unique=False)

    op.create_table(
        "variants",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"], ["facts.number"], name=op.f("fk_variants_number_facts")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
        sa.UniqueConstraint("number", "digest", name=op.f("uq_variants_number_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "wordings",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("question", BIG_ID, nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["question"], ["questions.id"], name=op.f("fk_wordings_question_questions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wordings")),
        sa.UniqueConstraint(
            "question", "fingerprint", name=op.f("uq_wordings_question_fingerprint")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_wordings_fingerprint"), "wordings", ["fingerprint"], unique=False)
    _set_up()


def _set_up() -> None:
    """Counters start at nothing; the audit log takes no change."""
    counters = sa.table("counters", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    op.bulk_insert(
        counters, [{"name": name, "value": 0} for name in ("facts", "questions", "audit")]
    )
    if op.get_context().dialect.name == "sqlite":
        for change in ("update", "delete"):
            op.execute(
                f"create trigger audit_refuses_{change} before {change} on audit "
                "begin select raise(abort, 'the audit log is never changed'); end"
            )
    else:
        op.execute(
            "create function refuse_change() returns trigger language plpgsql as "
            "'begin raise exception ''the audit log is never changed''; end'"
        )
        op.execute(
            "create trigger audit_refuses_change before update or delete or truncate on audit "
            "for each statement execute function refuse_change()"
        )


def downgrade() -> None:
    """Drop everything."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_context().dialect.name != "sqlite":
        op.execute("drop function refuse_change")
