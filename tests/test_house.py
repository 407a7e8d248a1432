"""What linters cannot see: rules of the house that hold for every file."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path

import pytest
import typer

from bot import cli

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("bot", "handlers", "knowledge_base")
FILES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
WRITTEN = [*FILES, *sorted((ROOT / "tests").rglob("*.py")), *(ROOT / "benchmarks").glob("*.py")]
CATCH_ALL = {"utils", "util", "common", "manager", "managers", "helpers", "helper", "misc", "base"}
PAGES = ROOT / "bot" / "web" / "texts"


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def imported(path: Path) -> set[str]:
    """Top names of what a file imports."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@cache
def calls(path: Path) -> set[str]:
    """Every `a.b(...)` of a file as "a.b"."""
    nodes = (node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    return {
        f"{node.value.id}.{node.attr}"
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }


def test_every_file_says_in_its_first_line_what_it_is():
    silent = [name(p) for p in WRITTEN if p.stat().st_size and not ast.get_docstring(tree(p))]
    assert silent == []


def test_no_module_is_a_place_for_everything():
    assert [name(p) for p in WRITTEN if p.stem.lower() in CATCH_ALL] == []


def test_only_the_edge_waits():
    waiting = (ast.AsyncFunctionDef, ast.AsyncWith, ast.AsyncFor, ast.Await)
    inner = [path for path in FILES if not path.is_relative_to(ROOT / "bot")]
    found = [name(p) for p in inner if any(isinstance(node, waiting) for node in ast.walk(tree(p)))]
    assert found == []


def test_there_is_one_door_to_http():
    assert [name(p) for p in FILES if "httpx" in imported(p)] == ["bot/net.py"]


def test_there_is_one_reader_of_the_environment():
    readers = {name(p) for p in FILES if re.search(r"os\.(environ|getenv)", p.read_text("utf-8"))}
    assert readers == {"bot/settings.py"}


def test_the_time_is_passed_as_data():
    clocks = {"datetime.now", "datetime.utcnow", "time.time", "date.today"}
    found = {name(p) for p in FILES if calls(p) & clocks}
    assert found <= {"bot/wiring/clock.py", "knowledge_base/store/__init__.py"}


def test_chance_stays_out_of_the_core():
    core = [p for p in FILES if p.is_relative_to(ROOT / "handlers")]
    core += list((ROOT / "knowledge_base" / "search").rglob("*.py"))
    assert [name(p) for p in core if imported(p) & {"secrets", "uuid"}] == []
    drawn = {call for p in core for call in calls(p) if call.startswith(("random.", "np.random"))}
    assert drawn <= {"random.Random"}  # with a seed that is passed in


def test_no_statement_and_no_template_is_put_together_from_strings():
    """What is written by hand is a constant; all else goes through the query builder."""
    raw = {"text", "exec_driver_sql", "literal_column", "from_string"}
    found = []
    for path in FILES:
        if not {"sqlalchemy", "sqlmodel", "jinja2"} & imported(path):
            continue
        for node in ast.walk(tree(path)):
            called = node.func if isinstance(node, ast.Call) else None
            name_ = getattr(called, "attr", getattr(called, "id", ""))
            if name_ in raw and not all(isinstance(one, ast.Constant) for one in node.args):
                found.append(f"{name(path)}:{node.lineno}")
    assert found == []


def test_no_mock_library_and_nothing_left_to_do():
    todo = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X{3})\b")
    assert [name(p) for p in WRITTEN if todo.search(p.read_text("utf-8"))] == []
    assert [name(p) for p in WRITTEN if "unittest" in imported(p)] == []


def blanks(value: object, path: str = "") -> dict[str, frozenset[str]]:
    """Every text of a table with the names of its blanks."""
    if isinstance(value, dict):
        return {k: v for key in value for k, v in blanks(value[key], f"{path}.{key}").items()}
    return {path: frozenset(re.findall(r"\{(\w+)\}", str(value)))}


def test_the_pages_say_the_same_things_in_every_language():
    tables = {
        path.stem: blanks(tomllib.loads(path.read_text("utf-8"))) for path in PAGES.glob("??.toml")
    }
    assert set(tables) == {"id", "en"}
    assert tables["id"] == tables["en"]


def verbs() -> list[str]:
    top = typer.main.get_command(cli.app)
    found = []
    for verb, command in top.commands.items():
        below = getattr(command, "commands", {})
        found += [f"{verb} {each}" for each in below] or [verb]
    return sorted(found)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_is_documented_with_what_it_does(verb):
    lines = (ROOT / "docs" / "commands.md").read_text("utf-8").splitlines()
    [row] = [line for line in lines if line.startswith(f"| `{verb}")]
    assert len(row.split("|")[2].split()) >= 3


def test_no_verb_is_documented_that_does_not_exist():
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    named = re.findall(r"^\| `([a-z ]+?)(?: [A-Z].*?)?`", text, re.MULTILINE)
    assert sorted(named) == verbs()


def test_no_text_names_a_verb_that_does_not_exist():
    """Also not in passing: whoever reads it types it."""
    files = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / ".env.example"]
    files += [*(ROOT / "docs").rglob("*.md"), *ROOT.glob("handlers/texts/*.toml")]
    files += [*ROOT.glob("bot/web/texts/*.toml"), *ROOT.glob("bot/**/*.py")]
    said = " ".join(file.read_text("utf-8") for file in files)
    named = set(re.findall(r"(?:`|/bin/|^|Example: )saring ([a-z]+)", said, re.MULTILINE))
    assert len(named) > 9
    assert named <= {verb.split()[0] for verb in verbs()}


def test_every_document_that_is_linked_exists():
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{name(page)}: {target}")
    assert broken == []


def test_only_channels_know_which_platform_it_is() -> None:
    """The same core answers everywhere: nobody else compares anything with a platform's name."""
    names = {"telegram", "whatsapp", "browser", "console"}
    comparing = []
    for path in [*ROOT.glob("handlers/**/*.py"), *ROOT.glob("bot/**/*.py")]:
        if "channels" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
            if any(isinstance(one, ast.Constant) and one.value in names for one in sides):
                comparing.append(f"{path.name}:{node.lineno}")
    assert comparing == []
