"""The schema: from nothing to now, the same as the tables in code, also as PostgreSQL's SQL."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, create_engine, inspect, text

from knowledge_base.facts import KnowledgeError
from knowledge_base.store import Store
from knowledge_base.store.engine import Engines
from knowledge_base.store.facts import TWINS
from knowledge_base.store.migrations import config, newest, present, upgrade
from knowledge_base.store.tables import Row


def test_migrations_and_tables_say_the_same(empty_database: Path):
    engine = create_engine(f"sqlite:///{empty_database}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Row.metadata) == []
        assert present(connection) == newest()
    engine.dispose()


def test_migrating_twice_changes_nothing(tmp_path: Path):
    store = Store(f"sqlite:///{tmp_path / 'new.db'}", b"k" * 32)
    store.migrate()
    with store.work() as work:
        work.jobs.enqueue("kept", {})
    store.migrate()
    store.ready()
    with store.read() as work:
        assert work.job_table.counts()["waiting"] == 1
    store.close()


def test_a_migration_that_dies_half_way_leaves_nothing(tmp_path: Path):
    path = tmp_path / "new.db"
    engines = Engines(f"sqlite:///{path}", 1.0)
    with pytest.raises(RuntimeError), engines.writer.begin() as connection:
        upgrade(connection)
        assert "facts" in inspect(connection).get_table_names()
        raise RuntimeError("the process dies")
    with engines.reader.connect() as connection:
        assert inspect(connection).get_table_names() == []
        assert present(connection) == ""
    engines.dispose()


def test_the_database_of_a_newer_program_is_left_alone(store: Store):
    with store.work() as work:
        connection = work.inbox._session.connection()
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    for call in (store.ready, store.migrate):
        with pytest.raises(KnowledgeError, match="newer program"):
            call()


def test_an_older_database_finds_pairs_from_either_side_once_migrated(tmp_path: Path):
    engine = create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    with engine.begin() as connection:
        command.upgrade(config(connection), "v10_archived_copies")
        connection.exec_driver_sql("insert into duplicates values (1, 2, 0.9, 0, '2026-11-22')")
        assert any(step.startswith("SCAN") for step in plan_of_twins(connection))
    with engine.begin() as connection:
        upgrade(connection)
        assert not any(step.startswith("SCAN") for step in plan_of_twins(connection))
        assert connection.exec_driver_sql("select first, second from duplicates").all() == [(1, 2)]
    engine.dispose()


def plan_of_twins(connection: Connection) -> list[str]:
    """How SQLite looks up the pairs of a fact-check, step by step."""
    query = f"explain query plan {TWINS.compile(connection)}"
    return [step[3] for step in connection.exec_driver_sql(query, (2, 2))]


def test_every_check_and_unique_rule_of_the_code_is_in_the_database(empty_database: Path):
    engine = create_engine(f"sqlite:///{empty_database}")
    found = inspect(engine)
    for table in Row.metadata.sorted_tables:
        checks = {check["name"] for check in found.get_check_constraints(table.name)}
        ours = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
        assert checks == ours
        if table.dialect_kwargs.get("sqlite_autoincrement"):
            with engine.connect() as connection:
                query = text("select sql from sqlite_master where name = :name")
                assert "AUTOINCREMENT" in connection.execute(query, {"name": table.name}).scalar()
    engine.dispose()


def test_postgresql_gets_its_own_types():
    settings, sql = config(), io.StringIO()
    settings.output_buffer = sql
    command.upgrade(settings, "head", sql=True)
    assert "TIMESTAMP WITH TIME ZONE" in sql.getvalue()
    assert "number BIGSERIAL NOT NULL" in sql.getvalue()
    assert "BYTEA" in sql.getvalue()
    assert "execute function refuse_change()" in sql.getvalue()
