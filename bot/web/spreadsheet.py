"""CSV that a spreadsheet opens as text: no cell becomes a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# what Excel, LibreOffice and Google Sheets take for the beginning of a formula, also when
# written in full width, and the control characters they skip before one
RISKY = tuple("=+-@\t\r\n＝＋－＠|")
BOM = "\ufeff"  # or Excel reads UTF-8 as Windows-1252


def harmless(value: object) -> str:
    """The text of a cell; an apostrophe goes before what could be a formula."""
    text = "" if value is None else str(value)
    if isinstance(value, int | float):
        return text
    return f"'{text}" if text.lstrip(" \u00a0\u200b\ufeff").startswith(RISKY) else text


def lines(rows: Iterable[Iterable[object]]) -> str:
    """Rows as CSV (RFC 4180), every cell quoted."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(
        [harmless(cell) for cell in row] for row in rows
    )
    return out.getvalue()
