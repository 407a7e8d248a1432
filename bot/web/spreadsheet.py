"""CSV that a spreadsheet opens as text: no cell becomes a formula."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable

# what Excel, LibreOffice and Google Sheets take for the beginning of a formula, also when
# written in full width
RISKY = tuple("=+-@＝＋－＠|")
CONTROLS = tuple("\t\r\n")
BOM = "\ufeff"  # or Excel reads UTF-8 as Windows-1252


def harmless(value: object) -> str:
    """The text of a cell; an apostrophe goes before what could be a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    risky = text.startswith(CONTROLS) or _first_seen(text) in RISKY
    return f"'{text}" if risky else text


def _first_seen(text: str) -> str:
    """The first character with ink: programs skip spaces, controls and invisible ones."""
    return next((c for c in text if unicodedata.category(c)[0] not in "CZ"), "")


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV (RFC 4180), every cell quoted."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [harmless(cell) for cell in row] for row in rows
    )
    return out.getvalue()
