"""A PostgreSQL server of the tests' own, in a temporary folder; thrown away at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, inspect, text

OWNERS = ("postgres", "nobody")  # the server refuses to run as root
REMEMBER = """
CREATE SCHEMA anew;
CREATE TABLE anew.numbers AS
  SELECT 'public.' || quote_ident(sequencename) AS name, last_value AS value
  FROM pg_sequences WHERE schemaname = 'public';
CREATE FUNCTION anew.tables() RETURNS SETOF text LANGUAGE sql AS $$
  SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' $$;
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT anew.tables() LOOP
    EXECUTE 'CREATE TABLE anew.' || name || ' AS TABLE public.' || name;
  END LOOP;
END $$;
CREATE FUNCTION anew.make() RETURNS void LANGUAGE plpgsql AS $$ DECLARE name text; BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;  -- no triggers: the audit refuses to be emptied
  FOR name IN SELECT anew.tables() LOOP
    EXECUTE 'DELETE FROM public.' || name;
    EXECUTE 'INSERT INTO public.' || name || ' SELECT * FROM anew.' || name;
  END LOOP;
  PERFORM setval(one.name, coalesce(one.value, 1), one.value IS NOT NULL) FROM anew.numbers AS one;
END $$
"""
QUICK = {  # what is lost when the machine dies does not matter here
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "listen_addresses": "''",
    "max_connections": "60",
    "shared_buffers": "32MB",
    "max_wal_size": "2GB",
    "lc_messages": "C",
}


def programs() -> Path | None:
    """The folder of initdb and pg_ctl; the newest where Debian keeps several."""
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve())
    there = [path.parent for path in found if (path.parent / "pg_ctl").exists()]
    return max(there, key=_version, default=None)


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdecimal() else 0


def missing() -> str:
    """Why there can be no server; empty where there can."""
    if programs() is None:
        return "needs a PostgreSQL server (Debian: apt install postgresql)"
    try:
        import psycopg  # noqa: F401 - it looks for its C library
    except ImportError as error:
        return f"needs the Python package psycopg ({error})"
    if os.geteuid() == 0 and not _others():
        return f"needs a user to run as: one of {', '.join(OWNERS)}"
    return ""


class Server:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()

    def url(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql+psycopg://tests@/{name}?host={self.folder}"

    def make(self) -> str:
        """Another database, with nothing in it; gives its address."""
        name = f"made{next(self._numbers)}"
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self.url(name)


class Kept:
    """One database that is as it was given here before each test: to make another takes ten
    times as long."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with self._engine.connect() as connection:
            connection.exec_driver_sql(REMEMBER)

    def anew(self) -> str:
        """Every row and every number as at first; gives the address."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("SELECT anew.make()")
        return self.url

    def close(self) -> None:
        """Let go of it."""
        self._engine.dispose()


def rows(url: str) -> bytes:
    """Every value of every table, bytes as they are."""
    engine, found = create_engine(url), []
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'SELECT * FROM "{table}"')):
                found += [v if isinstance(v, bytes) else str(v).encode() for v in row]
    engine.dispose()
    return b"\n".join(found)


@contextmanager
def running() -> Iterator[Server]:
    """Make a server, start it, stop it and delete it."""
    folder = Path(tempfile.mkdtemp(prefix="saring-postgresql-"))  # short: a socket lies there
    if owner := _owner():
        shutil.chown(folder, owner)
    data = str(folder / "data")
    try:
        _run("initdb", "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        options = " ".join(f"-c {name}={value}" for name, value in QUICK.items())
        log = ("-l", str(folder / "log"))
        _run("pg_ctl", "-D", data, *log, "-w", "-o", f"-k {folder} {options}", "start")
        try:
            yield Server(folder)
        finally:
            _run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _owner() -> str | None:
    """Who the server runs as, where we are root."""
    if os.geteuid() != 0:
        return None
    return _others()[0]


def _others() -> list[str]:
    known = {one.pw_name for one in pwd.getpwall()}
    return [name for name in OWNERS if name in known]


def _run(program: str, *arguments: str) -> None:
    folder = programs()
    assert folder is not None
    done = subprocess.run(
        [folder / program, *arguments],
        user=_owner(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # inherited by the server: a pipe would stay open
        stderr=subprocess.DEVNULL,
    )
    assert done.returncode == 0, f"{program} failed: {done.returncode}"
