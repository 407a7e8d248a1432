"""What each command of `saring` costs: processor time of a process of its own, beginning to end.

Run: python -m benchmarks.commands [RUNS] (9). Each command works on a small installation of its own
(the bundled fact-checks, one person of the desk); `run` is stopped as soon as it says that it is
running. Rounds go through all commands in turn, so that a slow moment of the machine hits them all
alike; printed are the lowest and the middle processor time (user and system) in seconds.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RUNS = 9
TEXT = "Minum air garam hangat menyembuhkan sakit gigi dalam satu malam"
FILES = ["--claims", "claims.jsonl", "--queries", "queries.jsonl", "--qrels", "qrels.tsv"]
COMMANDS: dict[str, list[str]] = {
    "--help": ["--help"],
    "--version": ["--version"],
    "match --help": ["match", "--help"],
    "match --claims": ["match", "--claims", "claims.jsonl"],
    "match": ["match"],
    "evaluate": ["evaluate", *FILES],
    "import": ["import", "checks.csv"],
    "migrate": ["migrate"],
    "moderator list": ["moderator", "list"],
    "stopped list": ["stopped", "list"],
    "doctor": ["doctor"],
    "run, until it is ready": ["run"],
}


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(folder)
        found: dict[str, list[float]] = {command: [] for command in COMMANDS}
        for _ in range(runs):
            for command, words in COMMANDS.items():
                found[command].append(cost(folder, words))
    print(f"{'':<24}{'lowest':>8}{'middle':>8}")
    for command, times in found.items():
        print(f"{command:<24}{min(times):>8.2f}{statistics.median(times):>8.2f}")


def prepare(folder: Path) -> None:
    """An installation, and small files for the commands that read some."""
    claim = json.dumps({"id": "c1", "text": TEXT}) + "\n"
    (folder / "claims.jsonl").write_text(claim)
    (folder / "queries.jsonl").write_text(json.dumps({"id": "q1", "text": TEXT}) + "\n")
    (folder / "qrels.tsv").write_text("q1\tc1\n")
    row = f"k-1,{TEXT},salah,Tidak ada buktinya.,https://periksa.example/1\n"
    (folder / "checks.csv").write_text("id,claim,verdict,fact,url\n" + row)
    for words in (["migrate"], ["import", "checks.csv"]):
        cost(folder, words)
    cost(folder, ["moderator", "add", "Sari", "--role", "admin"])


def cost(folder: Path, words: list[str]) -> float:
    """Seconds of processor time from the start of the process to its end."""
    before = spent()
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *words],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if words[0] == "match":
            process.stdin.write((folder / "queries.jsonl").read_text())
        process.stdin.close()
        for line in process.stdout:
            if line.startswith("Saring is running"):
                process.send_signal(signal.SIGTERM)
    if process.returncode:
        sys.exit(f"saring {' '.join(words)} ended with {process.returncode}")
    return spent() - before


def spent() -> float:
    """Processor time of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def environment(folder: Path) -> dict[str, str]:
    """Nothing of the machine's own settings; bytecode is kept, as in an installation."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    here = {"SARING_VAR": str(folder / "var"), "SARING_PORT": str(port), "PYTHONPATH": str(ROOT)}
    return {**kept, **here, "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}


if __name__ == "__main__":
    main()
