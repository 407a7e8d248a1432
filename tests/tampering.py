"""What somebody with the database in hands could do to the audit."""

from __future__ import annotations

from knowledge_base.store import Store


def tamper(store: Store, *statements: str) -> None:
    """Run SQL past the triggers that refuse to change or remove an entry."""
    with store.work() as work:
        connection = work.audit._session.connection()
        for change in ("update", "delete"):
            connection.exec_driver_sql(f"drop trigger audit_refuses_{change}")
        for statement in statements:
            connection.exec_driver_sql(statement)
