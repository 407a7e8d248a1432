"""The audit as tests look at it, and what somebody with the database in hands could do."""

from __future__ import annotations

from bot.doors import Work
from knowledge_base.facts import AuditEntry, AuditFilter
from knowledge_base.store import Store


def entries(work: Work) -> tuple[AuditEntry, ...]:
    """Everything that was written, in order."""
    return tuple(reversed(work.audit.search(AuditFilter(), limit=500)))


def tamper(store: Store, *statements: str) -> None:
    """Run SQL past the triggers that refuse to change or remove an entry."""
    with store.work() as work:
        connection = work.audit._session.connection()
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("set local session_replication_role = replica")
        else:
            for change in ("update", "delete"):
                connection.exec_driver_sql(f"drop trigger audit_refuses_{change}")
        for statement in statements:
            connection.exec_driver_sql(statement)
