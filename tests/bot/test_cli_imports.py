"""What a command loads: only its own part of the program, or every cron job pays for a server."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.bot.processes import Running, Visitor, environment, free_port

MESSENGERS = {"telegram", "httpx"}
WEB = {"fastapi", "starlette", "uvicorn", "jinja2", "webauthn"}
DATABASE = {"sqlalchemy", "sqlmodel", "alembic"}
SEARCH = {"numpy", "rapidfuzz", "tantivy"}
OURS = {"bot", "handlers", "knowledge_base"}
LOADED = re.compile(r"^import time:.*\| +(\w+)", re.MULTILINE)
LABELLED = {
    "claims.jsonl": '{"id": "c", "text": "Air garam menyembuhkan sakit gigi dalam semalam"}\n',
    "queries.jsonl": '{"id": "q", "text": "air garam menyembuhkan sakit gigi"}\n',
    "qrels.tsv": "q\tc\n",
}


@pytest.fixture
def loaded(tmp_path):
    """loaded("verb", …): the top names of everything that a process of its own imported."""
    for name, content in LABELLED.items():
        (tmp_path / name).write_text(content)

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "bot", *words],
            env=environment(tmp_path / "var", 8000),
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        found = set(LOADED.findall(done.stderr))
        assert "typer" in found
        return found

    return run


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["run", "--help"], ["moderator", "add", "--help"]]
)
def test_help_and_the_version_load_none_of_the_rooms(loaded, words):
    heavy = MESSENGERS | WEB | DATABASE | SEARCH | {"structlog", "handlers"}
    assert loaded(*words) & heavy == set()


@pytest.mark.parametrize(
    "line",
    [
        "match --claims claims.jsonl",
        "evaluate --claims claims.jsonl --queries queries.jsonl --qrels qrels.tsv",
    ],
)
def test_matching_files_loads_no_web_no_messenger_and_no_database(loaded, line):
    found = loaded(*line.split())
    assert found & (MESSENGERS | WEB | DATABASE) == set()
    assert "tantivy" in found


def test_commands_on_an_installation_load_no_web_and_no_messenger(loaded):
    assert "alembic" in loaded("migrate")
    for words in (["match"], ["moderator", "list"], ["doctor"]):
        found = loaded(*words)
        assert found & (MESSENGERS | WEB | {"alembic"}) == set(), words
        assert "sqlalchemy" in found


def test_a_server_has_loaded_what_the_first_message_needs_before_it_is_ready(tmp_path):
    timed = {"PYTHONPROFILEIMPORTTIME": "1"}
    running = Running("run", tmp_path, free_port(), fresh=True, **timed)
    try:
        before = len(running.ready().output())
        visitor = Visitor(running.base)
        assert visitor.say("TPS di Kecamatan Melati tutup pukul sepuluh pagi") == 200
        running.until(visitor.answers)
        visitor.client.close()
        late = set(LOADED.findall(running.output()[before:]))
        assert late & (OURS | MESSENGERS | WEB | DATABASE | SEARCH) == set()
    finally:
        running.end()
