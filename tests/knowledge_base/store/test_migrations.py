"""The schema: from nothing to now, the same as the tables in code, also as PostgreSQL's SQL."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, inspect, text

from knowledge_base.facts import KnowledgeError
from knowledge_base.store import Store
from knowledge_base.store.engine import Engines
from knowledge_base.store.facts import TWINS
from knowledge_base.store.migrations import known, newest, present, upgrade
from knowledge_base.store.migrations.running import config
from knowledge_base.store.tables import Row


def test_migrations_and_tables_say_the_same(database: str):
    engine = create_engine(database)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True}
        )
        assert compare_metadata(context, Row.metadata) == []
        assert present(connection) == newest()
    engine.dispose()


def test_migrating_twice_changes_nothing(blank: str):
    store = Store(blank, b"k" * 32)
    store.migrate()
    with store.work() as work:
        work.jobs.enqueue("kept", {})
    store.migrate()
    store.ready()
    with store.read() as work:
        assert work.job_table.counts()["waiting"] == 1
    store.close()


def test_the_revisions_are_known_as_alembic_walks_them():
    walked = ScriptDirectory.from_config(config()).walk_revisions()
    assert known() == tuple(one.revision for one in walked)


def test_every_revision_leads_to_the_next_one_by_itself(blank: str):
    """As an installation that took every release did it, each step with the rows of the last."""
    engine = create_engine(blank)
    steps = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()]
    for revision in reversed(steps):
        with engine.begin() as connection:
            command.upgrade(config(connection), revision)
            assert present(connection) == revision
    with engine.connect() as connection:
        opts = {"compare_type": True, "render_as_batch": True}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_a_migration_that_dies_half_way_leaves_nothing(blank: str):
    engines = Engines(blank, 1.0)
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


def test_an_older_database_knows_what_each_message_was_answered_with(blank: str):
    engine = create_engine(blank)
    with engine.begin() as connection:
        command.upgrade(config(connection), "v11_pairs_both_ways")
        for statement in (FILL_PEOPLE, FILL_SUBMISSIONS, FILL_TOLD):
            connection.exec_driver_sql(statement)
    with engine.begin() as connection:
        upgrade(connection)
        query = "select submission, number, version, at, person from answers order by 1, 2"
        found = connection.exec_driver_sql(query).all()
        assert [(*one[:3], str(one.at)[:10], one.person) for one in found] == [
            ("s1", 482, 3, "2026-11-01", "p1"),  # answered with this and nothing else
            ("s2", 482, 3, "2026-11-03", "p1"),  # their newest message about either: two claims
            ("s2", 484, 1, "2026-11-03", "p1"),
        ]
    engine.dispose()


def test_an_older_database_knows_which_addresses_its_fact_checks_rest_on(blank: str):
    engine = create_engine(blank)
    store = Store(blank, b"k" * 32)
    with engine.begin() as connection:
        command.upgrade(config(connection), "v13_sendings")
        connection.exec_driver_sql(FILL_FACTS)
    store.migrate()
    with store.read() as work:
        assert work.facts.citing(["https://www.contoh.example/a/?utm_source=wa"]) == (7,)
        assert work.facts.citing(["http://contoh.example/b", "contoh.example"]) == (7,)
    store.close()
    engine.dispose()


FILL_FACTS = """
insert into facts (number, identity, claim, title, fact, explanation, verdict, publisher, topic,
    lang, sources, state, version, changed_at, changed_by, revision, outdated, public_figure,
    concerns, our_mistake)
values (7, 'x', 'a', '', '', '', 'false', '', '', 'id',
    '[{"title": "no address"}, {"url": "https://contoh.example/a"}, {"url": "https://contoh.example/b"}]',
    'published', 1, '2026-11-22', '', 1, false, false, '[]', false)
"""
FILL_PEOPLE = """
insert into people (id, channel, language, first_seen, greeted, once, notify, unreachable, consent,
    last_answer, influencer)
values ('p1', 'browser', 'id', '2026-11-01', false, false, true, false, '',
    '2026-11-03', false)
"""
FILL_SUBMISSIONS = """
insert into submissions (id, person, channel, text, fingerprint, outcome, at, lang, number,
    offered, forwarded_many, media)
values ('s1', 'p1', '', 'a', 'a', 'answered', '2026-11-01', 'id', 482, '[]', false, ''),
       ('s2', 'p1', '', 'b', 'b', 'answered', '2026-11-02', 'id', 484, '[]', false, ''),
       ('s3', 'p1', '', 'c', 'c', 'queued', '2026-11-03', 'id', 482, '[]', false, ''),
       ('s4', null, '', 'd', 'd', 'answered', '2026-11-03', 'id', 482, '[]', false, '')
"""
FILL_TOLD = """
insert into told (number, person, version, at, submission)
values (482, 'p1', 3, '2026-11-03', 's2'), (484, 'p1', 1, '2026-11-03', 's2'),
       (485, 'p1', 1, '2026-11-03', 'forgotten')
"""


def plan_of_twins(connection: Connection) -> list[str]:
    """How SQLite looks up the pairs of a fact-check, step by step."""
    query = f"explain query plan {TWINS.compile(connection)}"
    return [step[3] for step in connection.exec_driver_sql(query, (2, 2))]


def test_every_check_and_unique_rule_of_the_code_is_in_the_database(database: str):
    engine = create_engine(database)
    found = inspect(engine)
    for table in Row.metadata.sorted_tables:
        checks = {check["name"] for check in found.get_check_constraints(table.name)}
        ours = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
        assert checks == ours
        if engine.name == "sqlite" and table.dialect_kwargs.get("sqlite_autoincrement"):
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
