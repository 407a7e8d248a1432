"""The command `saring`: what it prints, what it keeps, and the exit codes scripts rely on."""

from __future__ import annotations

import io
import json
import re
import shlex
import subprocess
import sys
import time
from datetime import timedelta
from functools import partial
from pathlib import Path

import openpyxl
import pytest
import typer

from bot import cli, doctor, logs, sent
from bot.cli import importing
from bot.doors import ports
from bot.heads import Heads
from bot.lock import only_worker
from bot.settings import load
from bot.wiring.clock import utc_now
from bot.wiring.database import open_store
from bot.wiring.house import build
from bot.wiring.rules import rules_of
from bot.wiring.version import version
from handlers import curating, deciding
from handlers.ports import Rules
from knowledge_base.exchange.claimreview import to_claim_review
from knowledge_base.facts import Role
from knowledge_base.search.decision import SHIPPED
from tests.bot.edge import fact
from tests.bot.processes import environment

HOAX = "TPS di Kecamatan Melati tutup pukul sepuluh pagi"
TRUTH = "TPS buka pukul 07.00 sampai 13.00."
URL = "https://kpu.example/jadwal"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of its own to run in, without settings of the machine."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SARING_VAR", str(tmp_path / "var"))
    monkeypatch.setattr(logs, "set_up", lambda **_: None)
    return tmp_path


@pytest.fixture
def saring(folder, monkeypatch, capsys):
    """saring("verb", …, typed=b"…"): exit code, standard output, standard error."""

    def run(*words, typed=b""):
        monkeypatch.setattr(sys, "argv", ["saring", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(typed), "utf-8"))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return run


def stored():
    """The database the verbs work on."""
    return open_store(load())


def saved(identity="k-1"):
    store = stored()
    with store.read() as work:
        found = work.facts.by_identity(identity)
    store.close()
    return found


def row(**more):
    return {"id": "k-1", "claim": HOAX, "verdict": "salah", "fact": TRUTH, "url": URL, **more}


def write_csv(path, *rows, separator=",", bom=""):
    names = list(rows[0])
    lines = [separator.join(names)] + [separator.join(one[name] for name in names) for one in rows]
    path.write_text(bom + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def write_jsonl(path, *rows):
    path.write_text("".join(json.dumps(one) + "\n" for one in rows), encoding="utf-8")
    return path


def write_xlsx(path, *rows):
    book = openpyxl.Workbook()
    book.active.append(list(rows[0]))
    for one in rows:
        book.active.append(list(one.values()))
    book.save(path)
    return path


def write_claim_review(path):
    review = to_claim_review(
        fact(1, claim=HOAX),
        "https://saring.example/p/1",
        "Salah",
        "Redaksi",
        "https://saring.example",
    )
    path.write_text(json.dumps([review]), encoding="utf-8")
    return path


# ── every verb ──────────────────────────────────────────────────────────────────────────────


def verbs():
    """Every verb as typed, with the function behind it."""
    top = typer.main.get_command(cli.app)
    for name, command in top.commands.items():
        for below in getattr(command, "commands", {}) or [""]:
            yield [name, below] if below else [name]


@pytest.mark.parametrize("words", list(verbs()), ids=" ".join)
def test_every_verb_explains_itself_with_an_example(saring, words):
    code, out, _ = saring(*words, "--help")
    assert code == 0
    assert f"Example: saring {' '.join(words)}" in " ".join(out.split())


@pytest.mark.parametrize(
    "words",
    [
        ["nosuchverb"],
        ["import"],
        ["match", "--limit", "0"],
        ["run", "x"],
        ["chat", "--language=fr"],
    ],
)
def test_wrong_usage_ends_with_two(saring, words):
    assert saring(*words)[0] == 2


def test_streams_that_are_closed_or_in_another_alphabet_stop_nobody(folder, saring):
    assert saring("moderator", "add", "Ünal中", "--role", "reader")[0] == 0
    env = environment(folder / "var", 8000, LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    run = partial(subprocess.run, cwd=folder, env=env, capture_output=True, timeout=60)
    listed = run(f"{sys.executable} -m bot moderator list <&-", shell=True)
    assert (listed.returncode, listed.stdout.decode()) == (0, "Ünal中  reader\n")
    closed = run(f"{sys.executable} -m bot match --claims /dev/null <&- >&-", shell=True)
    assert (closed.returncode, closed.stderr) == (0, b"")


def test_a_wrong_setting_is_one_line_that_names_it(saring, monkeypatch):
    monkeypatch.setenv("SARING_LANGUAGE", "fr")
    code, _, err = saring("doctor")
    assert (code, err.count("\n")) == (1, 1)
    assert "SARING_LANGUAGE" in err


def test_a_folder_nobody_may_write_in_is_one_line(saring, folder, monkeypatch):
    (folder / "taken").write_text("a file where the folder should be")
    monkeypatch.setenv("SARING_VAR", str(folder / "taken"))
    code, _, err = saring("migrate")
    assert (code, err.count("\n")) == (1, 1)


# ── import ──────────────────────────────────────────────────────────────────────────────────


def test_importing_twice_changes_nothing(saring, folder):
    file = write_csv(folder / "a.csv", row())
    assert saring("import", file)[:2] == (0, "added 1, changed 0, unchanged 0, refused 0\n")
    assert saring("import", file)[:2] == (0, "added 0, changed 0, unchanged 1, refused 0\n")


class Terminal(io.StringIO):
    """Standard error that somebody looks at."""

    def isatty(self):
        return True


def test_a_long_import_shows_on_a_terminal_how_far_it_is_and_elsewhere_nothing(
    saring, folder, monkeypatch
):
    monkeypatch.setattr(importing, "BATCH", 2)
    rows = [row(id=f"k-{n}", claim=f"{HOAX} nomor {n}") for n in range(5)]
    file = write_csv(folder / "a.csv", *rows, row(id="k-9", claim="", verdict="x"))
    _, out, err = saring("import", file, "--dry-run")
    assert ("rows read" in err, "compared" in err) == (False, False)
    shown = Terminal()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stderr", shown)
        assert saring("import", file, "--dry-run")[1] == out
    said = shown.getvalue()
    assert "\r2 rows read\r4 rows read\r" in said
    assert "\ra.csv, row 7: refused: claim" in said
    assert "\r6 rows read\n\r2/5 compared with what is known\r4/5" in said
    assert "\r5/5 compared with what is known\n" in said


def test_an_import_that_died_half_way_goes_on_where_it_stopped(saring, folder, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    rows = [row(id=f"k-{n}", claim=f"{HOAX} nomor {n}") for n in range(5)]
    file, take_in, calls = write_csv(folder / "a.csv", *rows), curating.take_in, []

    def dying(*parts, **more):
        calls.append(parts)
        if len(calls) == 2:
            raise OSError(5, "Input/output error")
        return take_in(*parts, **more)

    monkeypatch.setattr(curating, "take_in", dying)
    code, _, err = saring("import", file)
    assert code == 1
    assert "parts of 2" in err
    assert (saved("k-1") is not None, saved("k-2")) == (True, None)
    assert saring("import", file)[1] == "added 3, changed 0, unchanged 2, refused 0\n"
    with stored().read() as work:
        assert work.audit.verify() is None


def test_an_import_that_was_killed_keeps_whole_parts_and_is_finished_by_the_next(saring, folder):
    rows = [row(id=f"k-{n}", claim=f"{HOAX} nomor {n}") for n in range(1200)]
    file = write_jsonl(folder / "a.jsonl", *rows)
    saring("migrate")
    before = kept()
    words = [sys.executable, "-m", "bot", "import", str(file)]
    quiet, house = subprocess.DEVNULL, Path(cli.__file__).parents[2]
    with subprocess.Popen(words, cwd=house, stdout=quiet, stderr=quiet) as process:
        while process.poll() is None and kept() == before:
            time.sleep(0.005)
        process.kill()
    there = kept() - before
    assert there in (500, 1000, 1200)
    said = f"added {1200 - there}, changed 0, unchanged {there}, refused 0\n"
    assert saring("import", file)[:2] == (0, said)
    with stored().read() as work:
        assert sum(work.facts.count().values()) == before + 1200
        assert work.audit.verify() is None
        entries = work.audit.about("import/a.jsonl")
        assert sum(int(entry.details["added"]) for entry in entries) == 1200


def kept() -> int:
    """How many fact-checks are in the database."""
    store = stored()
    with store.read() as work:
        found = sum(work.facts.count().values())
    store.close()
    return found


def test_the_same_identity_with_other_words_is_a_new_version(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    out = saring("import", write_csv(folder / "a.csv", row(fact="TPS buka sampai pukul 13.00.")))[1]
    assert out == "added 0, changed 1, unchanged 0, refused 0\n"
    assert (saved().version, saved().fact) == (2, "TPS buka sampai pukul 13.00.")


def test_a_refused_row_is_named_and_the_others_are_kept(saring, folder):
    file = write_csv(folder / "a.csv", row(), row(id="k-2", verdict="entahlah"))
    code, out, err = saring("import", file)
    assert (code, out) == (3, "added 1, changed 0, unchanged 0, refused 1\n")
    assert "a.csv" in err
    assert "entahlah" in err


def test_one_endless_cell_refuses_its_row_and_the_others_are_kept(saring, folder):
    file = write_csv(folder / "a.csv", row(claim="panjang " * 30_000), row(id="k-2"))
    code, out, err = saring("import", file)
    assert (code, out) == (3, "added 1, changed 0, unchanged 0, refused 1\n")
    assert "a.csv, row 2: refused: claim: is longer" in err


def test_a_dry_run_judges_and_keeps_nothing(saring, folder):
    file = write_csv(folder / "a.csv", row(), row(id="k-2", verdict="entahlah"))
    code, out, err = saring("import", file, "--dry-run")
    assert (code, out) == (3, "added 1, changed 0, unchanged 0, refused 1\n")
    assert "dry run: nothing was kept" in err
    assert saved() is None


@pytest.mark.parametrize("write", [write_csv, write_jsonl, write_xlsx])
def test_every_kind_of_sheet_gives_the_same_record(saring, folder, write):
    ending = write.__name__.removeprefix("write_")
    assert saring("import", write(folder / f"a.{ending}", row()))[0] == 0
    assert (saved().claim, saved().verdict.value, saved().fact) == (HOAX, "false", TRUTH)
    assert saved().sources[0].url == URL


def test_a_claim_review_is_read(saring, folder):
    assert saring("import", write_claim_review(folder / "a.json"))[:2] == (
        0,
        "added 1, changed 0, unchanged 0, refused 0\n",
    )


def test_a_file_too_large_for_the_memory_is_refused_unread(saring, folder):
    with (folder / "feed.json").open("wb") as file:
        file.truncate(1024**3)  # a hole: takes no room on the disk
    code, out, err = saring("import", folder / "feed.json")
    assert (code, out) == (1, "")
    assert "feed.json" in err
    assert "split it" in err


def test_semicolons_and_a_byte_order_mark_are_found_by_themselves(saring, folder):
    file = write_csv(folder / "a.csv", row(), separator=";", bom="\ufeff")
    assert saring("import", file)[0] == 0
    assert saved().claim == HOAX


def test_a_publisher_is_given_to_rows_that_name_none(saring, folder):
    file = write_jsonl(folder / "a.jsonl", row(), row(id="k-2", publisher="KPU"))
    saring("import", file, "--publisher", "Redaksi Melati")
    assert (saved().publisher, saved("k-2").publisher) == ("Redaksi Melati", "KPU")


@pytest.mark.parametrize("name", ["missing.csv", "a.docx", "empty.json"])
def test_a_file_that_cannot_be_read_fails_and_nothing_of_the_others_is_kept(saring, folder, name):
    good = write_csv(folder / "a.csv", row())
    if name != "missing.csv":
        (folder / name).write_bytes(b"{}")
    code, out, err = saring("import", good, folder / name)
    assert (code, out) == (1, "")
    assert err.startswith("saring: ")
    assert not (folder / "var" / "saring.db").exists()


def test_a_change_looks_at_the_open_questions_again_and_an_unchanged_file_does_not(saring, folder):
    file = write_csv(folder / "a.csv", row())
    saring("import", file)
    store = stored()
    with store.work() as work:
        tasks = [work.job_table.claim(utc_now()).task for _ in range(2)]
    assert tasks == ["rematch_open", "find_duplicates"]
    saring("import", file)
    with store.work() as work:
        assert work.job_table.claim(utc_now()) is None
    store.close()


def test_own_verdicts_on_elections_wait_and_one_person_alone_goes_on(saring, folder):
    saring("moderator", "add", "Citra", "--role", "editor")
    alone = write_csv(folder / "a.csv", row(topic="election"))
    assert saring("import", alone)[1] == "added 1, changed 0, unchanged 0, refused 0\n"
    saring("moderator", "add", "Dewi", "--role", "editor")
    more = write_csv(folder / "b.csv", row(topic="election"), row(id="k-2", topic="election"))
    code, _, err = saring("import", more)
    assert (code, saved("k-2")) == (3, None)
    assert "touches 1 fact-checks on topics that need two people" in err
    assert "/desk/review/1" in err
    assert saring("import", alone)[1] == "added 0, changed 0, unchanged 1, refused 0\n"


def test_an_import_that_turns_many_verdicts_waits_for_an_editor(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    saring("moderator", "add", "Citra", "--role", "editor")
    turned = write_csv(folder / "b.csv", row(verdict="benar"), row(id="k-2"))
    code, out, err = saring("import", turned)
    assert (code, out) == (3, "added 0, changed 0, unchanged 0, refused 0\n")
    assert "held for approval: nothing was kept yet" in err
    assert "turns 1 of 1 known verdicts" in err
    assert "/desk/review/1" in err
    assert (saved().verdict.value, saved("k-2")) == ("false", None)
    assert saring("import", turned)[0] == 1  # it waits already


def test_an_editor_approves_what_the_command_line_held(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    saring("moderator", "add", "Citra", "--role", "editor")
    saring("import", write_csv(folder / "b.csv", row(verdict="benar"), row(id="k-2")))
    store = stored()
    with store.work() as work:
        tools = ports(work, utc_now(), Rules())
        deciding.approve(tools, work.desk.by_name("Citra"), 1)
    store.close()
    assert (saved().verdict.value, saved("k-2").verdict.value) == ("true", "false")


def test_where_nobody_could_approve_it_is_taken_in_and_the_audit_says_so(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    assert saring("import", write_csv(folder / "b.csv", row(verdict="benar")))[0] == 0
    store = stored()
    with store.read() as work:
        [first, second] = work.audit.about("import/a.csv") + work.audit.about("import/b.csv")
    store.close()
    assert (first.actor, saved().verdict.value) == ("command line", "true")
    assert "nobody else could approve" in second.details.values()


def test_the_rule_looks_at_the_whole_import_not_at_its_parts(saring, folder, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    rows = [row(id=f"k-{n}", claim=f"{HOAX} nomor {n}") for n in range(24)]
    saring("import", write_jsonl(folder / "a.jsonl", *rows))
    saring("moderator", "add", "Citra", "--role", "editor")
    one = [dict(each, verdict="benar") if n == 0 else each for n, each in enumerate(rows)]
    assert saring("import", write_jsonl(folder / "b.jsonl", *one))[0] == 0
    two = [dict(each, verdict="benar") if n < 3 else each for n, each in enumerate(rows)]
    code, _, err = saring("import", write_jsonl(folder / "c.jsonl", *two))
    assert (code, "turns 2 of 24" in err) == (3, True)


def test_a_dry_run_says_that_it_would_wait(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    file = write_csv(folder / "b.csv", row(id=" k-1 ", verdict="benar"))
    code, out, err = saring("import", file, "--dry-run")
    assert (code, out.startswith("added 0, changed 1")) == (0, True)
    assert "wait for a second person" in err


def test_a_long_import_lets_others_write_in_between(saring, folder, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 2)
    turns = []
    real = importing._save

    def counting(store, rules, batch, name, alone):
        done = real(store, rules, batch, name, alone)
        with store.work() as work:
            turns.append(dict(work.facts.count()))
        return done

    monkeypatch.setattr(importing, "_save", counting)
    rows = [row(id=f"k-{n}", claim=f"{HOAX} nomor {n}") for n in range(5)]
    assert saring("import", write_jsonl(folder / "a.jsonl", *rows))[1].startswith("added 5,")
    assert len(turns) == 3


# ── match and evaluate ──────────────────────────────────────────────────────────────────────


@pytest.fixture
def claims(folder):
    return write_jsonl(
        folder / "claims.jsonl",
        {"id": "m-001", "text": HOAX, "date": "2026-11-27"},
        {"id": "m-002", "text": "Bantuan sosial diganti kartu baru mulai besok pagi"},
    )


def query(**more):
    return json.dumps({"id": "q1", "text": HOAX, **more}).encode()


def results(out):
    return [json.loads(line) for line in out.splitlines()]


def test_a_result_has_the_shape_of_the_contract(saring, claims):
    code, out, err = saring("match", "--claims", claims, typed=query() + b"\n")
    [found] = results(out)
    assert (code, err) == (0, "")
    assert set(found) - {"parts"} == {"id", "decision", "confidence", "stance", "ms", "matches"}
    assert (found["id"], found["decision"]) == ("q1", "answer")
    assert set(found["matches"][0]) == {"id", "score", "why"}
    assert set(found["matches"][0]["why"]) == {"agree", "differ", "via"}
    assert found["matches"][0]["id"] == "m-001"


def test_there_is_one_result_for_each_line_in_the_same_order(saring, claims):
    typed = b"\n".join(query(id=f"q{n}") for n in range(5))
    out = saring("match", "--claims", claims, typed=typed)[1]
    assert [found["id"] for found in results(out)] == ["q0", "q1", "q2", "q3", "q4"]


@pytest.mark.parametrize(
    "bad",
    [
        *(b"{", b"[]", b'"text"', b'{"id": 1, "text": "x"}', b'{"id": "q"}', b"\xff\xfe"),
        *(b"[" * 9999, b'{"id": "q", "text": "x", "lang": 0}', b'{"id": ' + b"9" * 5000 + b"}"),
    ],
)
def test_a_bad_line_is_told_and_the_run_goes_on(saring, claims, bad):
    code, out, err = saring("match", "--claims", claims, typed=bad + b"\n" + query() + b"\n")
    wrong, right = results(out)
    assert (code, err.count("\n")) == (3, 1)
    assert (wrong["id"], wrong["line"], right["id"]) == (None, 1, "q1")
    assert wrong["error"]
    assert "set_int_max_str_digits" not in wrong["error"]
    assert err == "saring: 1 line was no valid query\n"


@pytest.mark.parametrize(
    "typed",
    [query(), b"\xef\xbb\xbf" + query() + b"\n", query() + b"\r\n", query(extra=[1, {"a": None}])],
    ids=["no newline at the end", "byte order mark", "windows line ends", "unknown keys"],
)
def test_every_honest_way_to_write_a_line_is_read(saring, claims, typed):
    code, out, _ = saring("match", "--claims", claims, typed=typed)
    assert (code, results(out)[0]["id"]) == (0, "q1")


def test_claims_of_one_identity_are_told(saring, claims, folder):
    code, out, err = saring("match", "--claims", claims, "--claims", claims, typed=query())
    assert (code, results(out)[0]["id"]) == (0, "q1")
    assert "claim ids occur more than once" in err


def test_nothing_in_is_nothing_out(saring, claims):
    assert saring("match", "--claims", claims, typed=b"") == (0, "", "")


def test_half_a_character_in_an_id_comes_back_as_it_went_in(saring, claims):
    typed = b'{"id": "q\\ud83d", "text": "' + HOAX.encode() + b'"}\n'
    code, out, _ = saring("match", "--claims", claims, typed=typed)
    assert (code, results(out)[0]["id"]) == (0, "q\ud83d")


def test_language_and_date_of_a_query_are_heard(saring, claims):
    typed = query(id="same", date="2026-11-27") + b"\n" + query(id="bad", date="27 November")
    code, out, _ = saring("match", "--claims", claims, typed=typed)
    same, bad = results(out)
    assert (code, same["decision"], bad["id"]) == (3, "answer", None)
    assert "date" in bad["error"]
    code, out, _ = saring("match", "--claims", claims, typed=query(lang="en"))
    assert (code, results(out)[0]["id"]) == (0, "q1")


def test_the_version_is_one_line(saring):
    assert saring("--version") == (0, f"saring {version()}\n", "")


def test_never_more_matches_than_asked_for(saring, claims):
    out = saring("match", "--claims", claims, "--limit", "1", typed=query())[1]
    assert len(results(out)[0]["matches"]) == 1


def test_several_claim_files_are_one_knowledge_base(saring, claims, folder):
    more = write_jsonl(folder / "more.jsonl", {"id": "x", "text": "Vaksin membuat badan magnetik"})
    typed = json.dumps({"id": "q", "text": "Vaksin membuat badan magnetik"}).encode()
    out = saring("match", "--claims", claims, "--claims", more, typed=typed)[1]
    assert results(out)[0]["matches"][0]["id"] == "x"


def test_a_claims_file_that_is_wrong_names_file_and_line(saring, folder):
    file = write_jsonl(folder / "c.jsonl", {"id": "a", "text": HOAX}, {"id": "b"})
    code, out, err = saring("match", "--claims", file, typed=query())
    assert (code, out) == (1, "")
    assert "c.jsonl, line 2" in err


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (b'{"id": "a", "text": "ok"}\n{"id": "b", ', "c.jsonl, line 2: not JSON"),
        (b'{"id": "a", "text": "caf\xe9"}\n', "c.jsonl is not text in UTF-8, at or after line 1"),
        (b'{"id": "a", "text": "ok", "variants": 5}\n', "c.jsonl, line 1: `variants`"),
        (b"[" * 100_000, "c.jsonl, line 1: not JSON"),
    ],
)
def test_claims_that_cannot_be_read_are_one_line(saring, folder, lines, told):
    (folder / "c.jsonl").write_bytes(lines)
    code, out, err = saring("match", "--claims", "c.jsonl", typed=query())
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert told in err


def test_an_identity_may_be_nought(saring, folder):
    file = write_jsonl(folder / "c.jsonl", {"id": 0, "text": HOAX})
    assert (
        results(saring("match", "--claims", file, typed=query())[1])[0]["matches"][0]["id"] == "0"
    )


@pytest.fixture
def labelled(folder, claims):
    queries = write_jsonl(
        folder / "q.jsonl",
        *({"id": f"q{n}", "text": HOAX, "split": "dev", "difficulty": "easy"} for n in range(6)),
        {"id": "none", "text": "Harga telur naik di pasar Senin", "split": "dev"},
    )
    qrels = folder / "qrels.tsv"
    pairs = "".join(f"q{n}\tm-001\n" for n in range(6))
    qrels.write_text(f"query\tclaim\n{pairs}", encoding="utf-8")
    return ["--claims", claims, "--queries", queries, "--qrels", qrels]


def test_evaluate_prints_a_table_or_figures(saring, labelled):
    code, out, _ = saring("evaluate", *labelled)
    assert (code, "MAP@5" in out) == (0, True)
    code, out, _ = saring("evaluate", *labelled, "--json")
    assert code == 0
    assert json.loads(out)["groups"]


def test_evaluate_without_its_files_is_wrong_usage_and_a_missing_one_a_failure(saring, labelled):
    assert saring("evaluate", *labelled[:2])[0] == 2
    code, _, err = saring("evaluate", *labelled[:-1], "nowhere.tsv")
    assert (code, err.count("\n")) == (1, 1)
    assert "nowhere.tsv" in err


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (b"query_id\tclaim_id\nq0 m-001\n", "qrels.tsv, line 2"),
        (b"q0\t0\tm-001\t1\n", "qrels.tsv, line 1"),
        (b"query_id\tclaim_id\ncaf\xe9\tm-001\n", "qrels.tsv is not text in UTF-8"),
    ],
)
def test_qrels_of_another_shape_are_one_line(saring, labelled, table, told):
    labelled[-1].write_bytes(table)
    code, out, err = saring("evaluate", *labelled)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert told in err


def test_files_that_do_not_fit_together_are_told_beside_the_figures(saring, labelled):
    labelled[-1].write_text("query_id\tclaim_id\nq0\tm-404\nother\tm-001\n")
    code, out, err = saring("evaluate", *labelled)
    assert (code, "MAP@5" in out) == (0, True)
    assert "1 queries of the qrels are not among the queries" in err
    assert "1 queries have right claims of which none is among the claims" in err


def test_every_share_has_its_interval_within_nought_and_one(saring, labelled):
    found = json.loads(saring("evaluate", *labelled, "--json")[1])
    whole = found["groups"]["all without trivial"]
    names = ("map5", "s1", "r5", "r10", "answered_right", "answered_wrong")
    ranges = [(whole[name], whole[f"{name}_interval"]) for name in names]
    none = found["no_match"]
    for share, (low, high) in [*ranges, (none["false_replies"], none["false_replies_interval"])]:
        assert 0 <= low <= share + 1e-9
        assert share - 1e-9 <= high <= 1


def test_a_place_nobody_can_write_to_is_told_before_the_fit(saring, labelled, folder):
    code, out, err = saring("fit", *labelled, "--out", folder / "q.jsonl" / "w.json")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "cannot be written" in err


def test_too_little_to_learn_from_is_one_line_and_writes_nothing(saring, labelled, folder):
    code, _, err = saring("fit", *labelled, "--out", folder / "w.json")
    assert (code, (folder / "w.json").exists()) == (1, False)
    assert "too little to learn from: 6 queries" in err.splitlines()[-1]


def test_evaluate_tells_how_far_it_is_beside_its_figures(saring, labelled):
    code, out, err = saring("evaluate", *labelled, "--json")
    assert (code, err) == (0, "7/7 queries\n")
    assert json.loads(out)["no_match"]["n"] == 1


@pytest.mark.parametrize("content", ["{}", "[]", '{"ranking": {}, "confidence": 5}', "nothing"])
def test_a_file_without_weights_is_one_line(saring, claims, folder, content):
    (folder / "w.json").write_text(content)
    code, out, err = saring("match", "--claims", claims, "--weights", "w.json", typed=query())
    assert (code, out, err.count("\n")) == (1, "", 1)


def test_a_weight_that_is_no_number_is_one_line(saring, claims, folder):
    weights = json.loads(SHIPPED.read_text())
    (folder / "w.json").write_text(json.dumps(weights | {"bias": "much"}))
    code, _, err = saring("match", "--claims", claims, "--weights", "w.json", typed=query())
    assert (code, err.count("\n")) == (1, 1)


# ── people of the desk ──────────────────────────────────────────────────────────────────────


def test_adding_and_linking_print_exactly_one_line_the_login_address(saring):
    for words in (["add", "Sari", "--role", "admin", "--org", "Bawaslu"], ["link", "Sari"]):
        code, out, err = saring("moderator", *words)
        assert (code, out.count("\n"), err) == (0, 1, "")
        assert out.startswith("http://localhost:8000/desk/login?token=")


def test_people_are_listed_for_people_and_for_programs(saring):
    saring("moderator", "add", "Sari", "--role", "admin", "--org", "Bawaslu")
    saring("moderator", "add", "Budi", "--role", "reader")
    [budi, sari] = json.loads(saring("moderator", "list", "--json")[1])
    assert sari == {"name": "Sari", "role": "admin", "org": "Bawaslu", "active": True}
    assert saring("moderator", "list")[1] == "Budi  reader\nSari  admin  Bawaslu\n"
    assert budi["role"] == "reader"


def test_a_revoked_person_gets_no_login_any_more(saring):
    saring("moderator", "add", "Sari", "--role", "admin")
    saring("moderator", "add", "Budi", "--role", "reader")
    assert saring("moderator", "revoke", "Budi")[:2] == (0, "Budi is revoked\n")
    assert saring("moderator", "link", "Budi")[:2] == (1, "")
    assert "(revoked)" in saring("moderator", "list")[1]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "Sari", "--role", "queen"], 2),
        (["add", "Sari"], 2),
        (["link", "Nobody"], 1),
        (["revoke", "Nobody"], 1),
    ],
)
def test_what_cannot_be_is_told_in_one_way_or_the_other(saring, words, code):
    assert saring("moderator", *words)[:2] == (code, "")


def test_a_name_is_taken_once(saring):
    assert saring("moderator", "add", "Sari", "--role", "admin")[0] == 0
    code, out, err = saring("moderator", "add", "Sari", "--role", "reader")
    assert (code, out, err.count("\n")) == (1, "", 1)


# ── the installation ────────────────────────────────────────────────────────────────────────


def test_migrate_makes_the_schema_and_loads_the_bundled_fact_checks_once(saring):
    assert not saring("migrate")[1].startswith("the schema is up to date; 0 ")
    assert saring("migrate")[1] == "the schema is up to date; 0 bundled fact-checks added\n"


def test_before_the_first_start_there_is_nothing_to_mend(saring, folder):
    for _ in range(2):
        code, out, err = saring("doctor")
        assert (code, err) == (0, "")
        assert f"none yet; `saring run` makes it in {folder / 'var' / 'saring.db'}" in out
    saring("migrate")
    out = saring("doctor")[1]
    assert "- database (SQLite): answers, its schema is current" in out


def test_the_documented_copy_of_a_database_in_use_can_be_put_back(saring, folder):
    page = (Path(__file__).parents[2] / "docs" / "storage.md").read_text("utf-8")
    [copying] = re.findall(r"^\(umask 077; python3 (-c .+)\)$", page, re.MULTILINE)
    saring("import", write_csv(folder / "a.csv", row()))
    store = stored()
    with store.work() as work:  # in the write-ahead log only
        work.facts.save(fact(2), "ani", "")
    subprocess.run([sys.executable, *shlex.split(copying)], check=True, cwd=folder)
    store.close()
    for file in (folder / "var").glob("saring.db*"):
        file.unlink()
    (folder / "saring-copy.db").rename(folder / "var" / "saring.db")
    assert (saved() is not None, saved("test-2") is not None) == (True, True)
    assert "- database (SQLite): answers" in saring("doctor")[1]


def test_the_doctor_says_what_to_mend_in_a_database_without_tables(saring, folder):
    (folder / "var").mkdir()
    (folder / "var" / "saring.db").touch()
    code, out, err = saring("doctor")
    assert (code, err.count("\n")) == (1, 1)
    assert "! database (SQLite)" in out
    assert "saring migrate" in out


def test_a_database_that_was_there_and_is_gone_is_something_to_mend(saring, folder):
    saring("migrate")
    saring("moderator", "add", "Citra", "--role", "editor")
    store = stored()
    with store.read() as work:
        Heads(folder / "var").note(work.audit, utc_now())
    store.close()
    for file in (folder / "var").glob("saring.db*"):
        file.unlink()
    code, out, _ = saring("doctor")
    assert (code, "saring.db is gone" in out, "Put a copy of it" in out) == (1, True, True)


def test_a_damaged_database_is_told_with_what_to_do(saring, folder):
    saring("migrate")
    for file in (folder / "var").glob("saring.db-*"):
        file.unlink()
    (folder / "var" / "saring.db").write_bytes(b"\xff" * 8192)
    code, out, err = saring("doctor")
    assert (code, err.count("\n")) == (1, 1)
    assert "! database (SQLite): The database" in out
    assert "put a copy of the file in its place" in out


def test_a_list_of_what_was_sent_that_cannot_be_read_is_named(saring, folder):
    saring("migrate")
    (folder / "var" / "sent" / "20270210").mkdir(parents=True)
    (folder / "var" / "erasures").mkdir()
    code, out, _ = saring("doctor")
    assert (code, out.count("cannot be read"), out.count("chown -R ACCOUNT")) == (1, 2, 2)
    for lost in ("erasures", "sent/20270210"):  # before anything is said to be running
        for verb in ("work", "chat"):
            code, out, err = saring(verb)
            assert (code, out) == (1, "")
            assert f"var/{lost} cannot be read" in err.splitlines()[-1]
        if lost == "erasures":
            (folder / "var" / lost).rmdir()


@pytest.fixture
def running(saring):
    """A process that keeps its index and goes on."""
    saring("migrate")
    house = build(load())
    house.keep_index()
    house.finder.refresh()
    yield house
    house.store.close()


def test_the_doctor_reads_every_byte_of_the_kept_index(
    saring, running, folder, monkeypatch, capsys
):
    monkeypatch.setattr(doctor, "sleep", lambda seconds: None)
    assert "- search index: kept in" in saring("doctor")[1]
    (texts,) = (folder / "var" / "index").glob("*.bodies")
    with texts.open("r+b") as file:
        file.seek(1_000)
        file.write(b"rotten")
    code, out, _ = saring("doctor")
    assert (code, f"! search index: {texts.name} is damaged" in out) == (1, True)
    assert "answers from an index in memory" in out
    running.finder.check()
    log = capsys.readouterr().out
    assert ("answers go on" in log, "a restart keeps it again" in log) == (True, True)


@pytest.mark.parametrize("what", ["*.json", "[0-9a-f]*[0-9a-f]"])
def test_the_doctor_takes_no_index_that_is_just_written_for_a_damaged_one(
    saring, running, folder, monkeypatch, what
):
    """A running Saring writes the files, then the note; or takes all away to begin anew."""
    (part,) = (folder / "var" / "index").glob(what)
    ready = part.rename(folder / "ready")
    if part.suffix:
        part.write_text("half a no")
    monkeypatch.setattr(doctor, "sleep", lambda seconds: ready.rename(part))
    code, out, _ = saring("doctor")
    assert (code, "- search index: kept in" in out, ready.exists()) == (0, True, False)


def test_the_doctor_names_a_topic_of_the_policy_that_nothing_has(folder, saring, monkeypatch):
    monkeypatch.setenv("SARING_APPROVAL_TOPICS", "electoin,haji-plus,health")
    saring("migrate")
    saring("import", write_csv(folder / "a.csv", row(topic="haji-plus")))
    (policy,) = [one for one in doctor.examine(load()) if "APPROVAL_TOPICS" in one.text]
    assert policy.bad
    assert "the topic electoin," in policy.text
    assert "the desk knows election, health," in policy.text
    monkeypatch.setenv("SARING_APPROVAL_TOPICS", "election,haji-plus")
    assert not [one for one in doctor.examine(load()) if "APPROVAL_TOPICS" in one.text]


def test_a_topic_of_the_policy_may_be_written_as_in_a_sheet(saring, monkeypatch):
    monkeypatch.setenv("SARING_APPROVAL_TOPICS", "Pemilu, POLITICS")
    assert rules_of(load()).approval_topics == ("election", "politics")


def test_the_doctor_says_what_keeps_whatsapp_off(saring, monkeypatch):
    monkeypatch.setenv("WHATSAPP_TOKEN", "t")
    code, out, _ = saring("doctor")
    assert (code, "! WhatsApp: off, since WHATSAPP_PHONE_NUMBER_ID is not set" in out) == (1, True)


def test_the_doctor_says_what_an_older_copy_lacks(folder, saring):
    saring("migrate")
    lists = folder / "var" / "sent"
    lists.mkdir()
    (lists / "20270210").write_text('\n[3,1,"ab"]\n[2,1,"cd"]')
    said = [finding.text for finding in doctor.examine(load()) if "older copy" in finding.text]
    assert said == ["database: an older copy; 3 later sendings are missing: not sent again"]
    (lists / "20270210").unlink()
    assert not [finding for finding in doctor.examine(load()) if "older copy" in finding.text]


def test_the_doctor_reads_what_was_sent_once(folder, saring, monkeypatch):
    saring("migrate")
    lists, read = folder / "var" / "sent", []
    lists.mkdir()
    (lists / f"{utc_now():%Y%m%d}").write_text('\n[3,1,"a"]')
    monkeypatch.setattr(sent, "_read", lambda file, *more: read.append(file.name) or b"")
    saring("doctor")
    assert len(read) == 1


def test_the_doctor_counts_what_was_parked(folder, saring):
    saring("migrate")
    store = stored()
    with store.work() as work:
        work.inbox.add("fake", "bot", "1", "sari", b"{", utc_now(), parked="unreadable")
    store.close()
    bad = [finding.text for finding in doctor.examine(load()) if finding.bad]
    assert any(text.startswith("1 updates are parked") for text in bad)


def test_the_doctor_names_the_tasks_that_were_given_up(folder, saring):
    saring("migrate")
    store = stored()
    with store.work() as work:
        work.jobs.enqueue("tell_askers", {"code": "7F3K"})
        job = work.job_table.claim(utc_now())
        work.job_table.failed(job.id, utc_now(), "KeyError at notify.py:1", tries=1)
    store.close()
    bad = [finding.text for finding in doctor.examine(load()) if finding.bad]
    assert "task 1 (tell_askers) was given up: KeyError at notify.py:1" in bad


def test_matches_of_the_installed_base_carry_the_identity_as_the_api_does(saring, folder):
    saring("import", write_csv(folder / "a.csv", row()))
    code, out, _ = saring("match", typed=query())
    assert (code, json.loads(out)["matches"][0]["id"]) == (0, "k-1")


def test_what_was_given_up_is_listed_started_again_and_dropped(folder, saring):
    saring("migrate")
    store = stored()
    with store.work() as work:
        for code in ("7F3K", "9C2D"):
            work.jobs.enqueue("tell_askers", {"code": code})
            job = work.job_table.claim(utc_now())
            work.job_table.failed(job.id, utc_now(), "KeyError at notify.py:1", tries=1)
    names = [row["name"] for row in json.loads(saring("stopped", "list", "--json")[1])]
    assert names == ["task-2", "task-1"]
    assert saring("stopped", "again", "task-1")[1] == "task-1 started again\n"
    assert saring("stopped", "drop", "all")[1] == "task-2 dropped\n"
    assert saring("stopped", "list")[1] == "nothing was given up\n"
    assert saring("stopped", "drop", "task-2")[0] == 1
    with store.read() as work:
        assert {name: n for name, n in work.job_table.counts().items() if n} == {"waiting": 1}
        assert work.audit.about("task/1")[0].actor == "command line"
    store.close()


def test_the_doctor_tells_what_is_billed_and_warns_of_a_surprise(folder, saring):
    saring("migrate")
    store = stored()
    with store.work() as work:
        for _ in range(101):
            work.tally.billed("whatsapp", utc_now().date())
    store.close()
    bad = [finding.text for finding in doctor.examine(load()) if finding.bad]
    assert any("101 today, 101 in 30 days; far more than usual" in text for text in bad)


def test_the_doctor_says_when_the_templates_of_the_day_are_used_up(folder, saring, monkeypatch):
    monkeypatch.setenv("WHATSAPP_TEMPLATES_A_DAY", "1")
    monkeypatch.setenv("WHATSAPP_CORRECTIONS_A_DAY", "1")
    saring("migrate")
    store = stored()
    for correction, answers_wait, corrections_wait in ((True, False, False), (False, True, True)):
        with store.work() as work:
            work.tally.announced("whatsapp", utc_now().date(), correction=correction)
        bad = "\n".join(finding.text for finding in doctor.examine(load()) if finding.bad)
        assert ("the 1 templates of today are used up" in bad) is answers_wait
        assert ("the 1 templates kept for corrections today" in bad) is corrections_wait
    store.close()


def test_the_doctor_says_that_nobody_works_on_what_waits(folder, saring):
    """A worker that died in silence, or was never started (L5)."""
    saring("migrate")
    store = stored()
    with store.work() as work:
        work.inbox.add("fake", "bot", "m1", "c", b"{}", utc_now() - timedelta(minutes=2))
    bad = [finding.text for finding in doctor.examine(load()) if finding.bad]
    assert any("the oldest of the updates that wait has been due for 12" in one for one in bad)
    store.close()


def test_the_doctor_asks_for_the_proxy_to_be_named(saring, monkeypatch):
    monkeypatch.setenv("PUBLIC_URL", "https://saring.example")
    assert "SARING_TRUSTED_PROXIES=127.0.0.1" in saring("doctor")[1]
    monkeypatch.setenv("SARING_TRUSTED_PROXIES", "127.0.0.1")
    assert "SARING_TRUSTED_PROXIES" not in saring("doctor")[1]


def test_the_doctor_never_prints_a_secret(saring, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "very-secret-" * 4)
    monkeypatch.setenv("TELEGRAM_TOKEN", "123456789:" + "x" * 35)
    out = "".join(saring("doctor")[1:])
    assert "very-secret" not in out
    assert "x" * 35 not in out


def test_short_commands_work_beside_a_running_saring(saring, folder):
    with only_worker(folder / "var"):
        assert saring("import", write_csv(folder / "a.csv", row()))[0] == 0
        assert saring("moderator", "add", "Sari", "--role", "admin")[0] == 0
        assert saring("match", typed=query())[0] == 0
        code, _, err = saring("work")
    assert (code, err.count("\n")) == (1, 1)
    assert "already running" in err


def test_the_roles_of_the_command_line_are_those_of_the_desk(saring):
    assert all(role.value in saring("moderator", "add", "--help")[1] for role in Role)
