"""`saring match`: queries as JSON Lines in, their matches as JSON Lines out."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from pathlib import Path

from bot.cli.lines import PARTLY
from bot.settings import load
from bot.wiring.kept import embedder_of
from bot.wiring.search import Search, fixed_finder
from knowledge_base.search import evaluation

Searched = tuple[Search, Callable[[str], str]]  # and the name that each id is printed with


def match(searched: Searched, limit: int) -> None:
    """One line of matches for each line of standard input."""
    finder, name = searched
    finder.refresh()
    refused = 0
    lines = io.TextIOWrapper(sys.stdin.buffer, "utf-8-sig", "replace", newline="\n")
    for result in evaluation.match_lines(lines, finder, limit, name):
        refused += "error" in result
        answer = json.dumps(result, ensure_ascii=False) + "\n"
        # half a character, which JSON can carry and UTF-8 cannot, is written as JSON does
        sys.stdout.buffer.write(answer.encode("utf-8", "backslashreplace"))
        sys.stdout.buffer.flush()
    if refused:
        what = "line was" if refused == 1 else "lines were"
        sys.stderr.write(f"saring: {refused} {what} no valid query\n")
        sys.exit(PARTLY)


def over(claims: list[Path], weights: Path | None) -> Searched:
    """The search over the claims of these files; says what does not fit together in them."""
    records = evaluation.read_claims(claims)
    for note in evaluation.misfits(records, (), {}):
        sys.stderr.write(f"saring: note: {note}\n")
    return fixed_finder(records, weights, embedder_of(load())), str
