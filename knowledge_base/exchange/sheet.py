"""CSV, spreadsheets and JSON Lines: rows into fact-checks, with a clear word on each bad row."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

from python_calamine import CalamineError, CalamineWorkbook

from knowledge_base.facts import FactCheck, Kind, Refused, Source, State, Verdict
from knowledge_base.search.text import normalise

VARIANT_MARK = " || "
LONGEST_FACT = 160
LONGEST_FIELD = 20_000
LARGEST_UNPACKED = 100 * 1024 * 1024  # bytes of a spreadsheet
MOST_CELLS = 4_000_000  # a reader lays out every cell before the last one
_CELL = re.compile(rb"""\br=["']([A-Za-z]*)(\d{1,12})["']""")
_UNREADABLE = re.compile(r"[\\\s\x00-\x1f\x7f-\x9f]")  # in an address


WHY = (
    *("ending", "encoding", "csv", "spreadsheet", "unpacked", "far", "heading", "json", "review"),
    "large",
)


class SheetError(Exception):
    """A file that cannot be read as a whole; the text says why and what to do, `why` in one of
    WHY for those who have words of their own."""

    def __init__(self, message: str, why: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: where it stands, and the fact-check or why it is refused."""

    place: str
    fact_check: FactCheck | None = None
    error: str = ""


def read_rows(name: str, body: bytes, publisher: str = "") -> Iterator[Row]:
    """Rows of one file, by the ending of its name: .csv, .xlsx, .jsonl.

    `publisher` is used where a row names none, and picks that publisher's rating map.
    Raises SheetError when the file as a whole cannot be read.
    """
    for place, fields in _fields(name, body):
        if isinstance(fields, str):
            yield Row(place, error=fields)
            continue
        try:
            yield Row(place, fact_check=to_fact_check(fields, publisher))
        except Refused as refusal:
            yield Row(place, error=f"{refusal.field}: {refusal}" if refusal.field else str(refusal))


def each_once(rows: Iterable[Row]) -> Iterator[Row]:
    """The same rows; what comes again under a known identity with another content is refused.

    Which of two verdicts is meant is nothing to guess; the first one stays.
    """
    seen: dict[str, Row] = {}
    for row in rows:
        first = seen.setdefault(row.fact_check.identity, row) if row.fact_check else row
        if first.fact_check != row.fact_check:
            yield Row(row.place, error=f"id: already stands in {first.place}, with another content")
        else:
            yield row


def _fields(name: str, body: bytes) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    lower = name.lower()
    if lower.endswith(".csv"):
        return _csv_fields(_decode(body))
    if lower.endswith(".xlsx"):
        return _xlsx_fields(body)
    if lower.endswith((".jsonl", ".ndjson")):
        return _jsonl_fields(_decode(body))
    raise SheetError("this kind of file is not read; use .csv, .xlsx, .jsonl or .json", "ending")


def _decode(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetError(
            f"not UTF-8 text (byte {error.start}); save the file as UTF-8 and try again", "encoding"
        ) from error


def _csv_fields(text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))  # a long cell is told as one
    head = text.split("\n", 1)[0]
    mark = ";" if head.count(";") > head.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    try:
        yield from _table(reader)
    except csv.Error as error:
        raise SheetError(
            f"not readable as CSV near line {reader.line_num}: {error}", "csv"
        ) from error


def _bounded(body: bytes) -> None:
    """A spreadsheet is a zip: look what it would become before anything is unpacked for good.
    One far cell alone makes a reader lay out everything before it. Raises SheetError."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            if sum(part.file_size for part in parts.infolist()) > LARGEST_UNPACKED:
                raise SheetError(
                    "the spreadsheet unpacks to more than 100 MB; use .csv", "unpacked"
                )
            for part in parts.infolist():
                _near(parts.read(part))
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, EOFError) as error:
        raise SheetError(f"not readable as a spreadsheet: {error}", "spreadsheet") from error


def _near(part: bytes) -> None:
    if b"sheetData" not in part and b"\x00" not in part[:64]:
        return
    if part[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in part[:64]:
        raise SheetError("the spreadsheet is not in UTF-8; save it anew, or use .csv", "encoding")
    columns = rows = 0
    for cell in _CELL.finditer(part):  # one at a time: they may be millions
        columns, rows = max(columns, _column(cell[1])), max(rows, int(cell[2]))
    if columns * rows > MOST_CELLS:
        raise SheetError(
            f"the spreadsheet reaches to row {rows} and column {columns}; "
            "clear everything after your last row and column, or use .csv",
            "far",
        )


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper()[:4]:
        number = number * 26 + letter - 64
    return max(1, number)


def _xlsx_fields(body: bytes) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    _bounded(body)
    try:
        sheet = CalamineWorkbook.from_filelike(io.BytesIO(body)).get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, IndexError, OSError) as error:
        raise SheetError(f"not readable as a spreadsheet: {error}", "spreadsheet") from error
    yield from _table([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> str:
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _table(rows: Iterable[list[str]]) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    """Rows under a heading; `place` counts as a spreadsheet does, the heading being row 1."""
    heading: list[str] | None = None
    for number, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if heading is None:
            heading = [cell.strip().lower() for cell in row]
            if not {"claim", "text"} & set(heading) or "verdict" not in heading:
                raise SheetError(
                    "the first row must name the columns, claim and verdict among them", "heading"
                )
            continue
        if len(row) > len(heading):
            yield f"row {number}", "more cells than the heading has; is a quotation mark missing?"
            continue
        yield f"row {number}", dict(zip(heading, row, strict=False))


def _jsonl_fields(text: str) -> Iterator[tuple[str, Mapping[str, Any] | str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError):
            yield f"line {number}", "not a JSON object"
            continue
        yield f"line {number}", value if isinstance(value, dict) else "not a JSON object"


def _no_number(name: str) -> None:
    """Raises ValueError: NaN and Infinity are no JSON, and "nan" is nobody's claim."""
    raise ValueError(f"{name} is no JSON")


def to_fact_check(fields: Mapping[str, Any], publisher: str = "") -> FactCheck:
    """One record of the import format (see docs/import.md) as a fact-check.

    Raises Refused, with the field that is wrong.
    """
    name = _text(fields, "publisher") or publisher
    claim = _text(fields, "claim") or _text(fields, "text")
    if not claim:
        raise Refused("is missing", "claim")
    sources = _sources(fields, name)
    fact = _text(fields, "fact")
    if len(fact) > LONGEST_FACT:
        raise Refused(f"has {len(fact)} characters, at most {LONGEST_FACT} fit a chat", "fact")
    return FactCheck(
        identity=_text(fields, "id") or sources[0].url,
        claim=claim,
        verdict=read_verdict(_text(fields, "verdict"), name),
        sources=sources,
        title=_text(fields, "title"),
        fact=fact,
        explanation=_text(fields, "explanation"),
        kind=_kind(_text(fields, "kind")),
        publisher=name,
        topic=read_topic(_text(fields, "topic")),
        lang=_lang(_text(fields, "lang")),
        claim_date=_date(fields.get("date"), "date"),
        variants=_variants(fields.get("variants")),
        state=State.PUBLISHED,
        checked_on=sources[0].date or _date(fields.get("date"), "date"),
    )


def _text(fields: Mapping[str, Any], key: str) -> str:
    value = fields.get(key)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Refused("is not text", key)
    text = str(value).replace("\x00", "").encode("utf-8", "replace").decode().strip()
    if len(text) > LONGEST_FIELD:
        raise Refused(f"is longer than {LONGEST_FIELD} characters", key)
    return text


@cache
def _publishers() -> Mapping[str, Any]:
    text = resources.files("knowledge_base.exchange").joinpath("ratings.toml").read_text("utf-8")
    return tomllib.loads(text)


def sites_of(publisher: str) -> tuple[str, ...]:
    """The sites a publisher is known to publish at, of all names that fit ("MAFINDO
    (TurnBackHoax)"); none for one nobody has listed."""
    sites: Mapping[str, str] = _publishers()["sites"]
    read = " ".join(normalise(publisher).words)  # the same look in other letters, too
    name = f"{publisher.casefold()} | {read}"
    named = [one for one in sites if re.search(rf"(?<!\w){re.escape(one)}(?!\w)", name)]
    return tuple(dict.fromkeys(site for one in named for site in sites[one].split()))


@cache
def _topics() -> dict[str, str]:
    text = resources.files("knowledge_base.exchange").joinpath("topics.toml").read_text("utf-8")
    return {word: name for name, words in tomllib.loads(text).items() for word in (name, *words)}


def read_topic(word: str) -> str:
    """The name of a topic given by its name or by a word of either language; one that nobody
    knows stays as it is."""
    return _topics().get(" ".join(word.casefold().split()), word)


_DENIED = frozenset(("bukan", "tidak", "belum"))


def read_verdict(label: str, publisher: str = "") -> Verdict:
    """What a label means, by the publisher's own map first; brackets and case do not matter.

    Raises Refused that names an unknown label.
    """
    word = re.sub(r"[\[\](){}_\s]+", " ", label).strip().lower()
    if not word:
        raise Refused("is missing", "verdict")
    labels, publishers = _publishers()["labels"], _publishers()["publishers"]
    for name, own in publishers.items():
        if name in publisher.lower() and word in own:
            return Verdict(own[word])
    if word in labels:
        return Verdict(labels[word])
    if "penipuan" in word and not _DENIED.intersection(word.split()):
        return Verdict.SCAM
    known = ", ".join(verdict.value for verdict in Verdict)
    raise Refused(f'"{label}" is not a known label; use one of {known}', "verdict")


def _kind(label: str) -> Kind | None:
    word = re.sub(r"[\s_-]+", "_", label.strip().lower()).replace("impostor", "imposter")
    if not word:
        return None
    try:
        return Kind(word)
    except ValueError as error:
        known = ", ".join(kind.value for kind in Kind)
        raise Refused(f'"{label}" is not a known kind; use one of {known}', "kind") from error


def _lang(code: str) -> str:
    if code and not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", code):
        raise Refused(f'"{code[:40]}" is no language code, such as id or en', "lang")
    return code or "id"


def _date(value: object, field: str) -> date | None:
    text = str(value or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Refused(f'"{text[:40]}" is not a date as YYYY-MM-DD', field) from error


def _variants(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else [value or ""]
    if not all(isinstance(part, str) for part in parts):
        raise Refused("is no list of texts", "variants")
    if not isinstance(value, list):
        parts = str(parts[0]).split(VARIANT_MARK.strip())
    return tuple(dict.fromkeys(part.strip() for part in map(str, parts) if part.strip()))


def _address(text: str) -> str:
    """The address with its scheme in small letters, which telephones like to begin with a
    capital."""
    return re.sub(r"^https?://", lambda scheme: scheme[0].lower(), text.strip(), flags=re.I)


def _sources(fields: Mapping[str, Any], publisher: str) -> tuple[Source, ...]:
    given = fields.get("sources") or fields.get("url")
    if isinstance(given, str):
        found = [Source(_address(url), publisher) for url in given.split()]
    elif isinstance(given, list):
        found = [_source(entry, publisher) for entry in given]
    elif given is None:
        found = []
    else:
        raise Refused("is not a list of sources", "sources")
    if not found:
        raise Refused("at least one source is needed", "sources")
    for source in found:
        _demand_open(source.url)
    return tuple(found)


def _demand_open(url: str) -> None:
    """Raises Refused unless readers could open this, and every browser the same: also our own
    page, taken from a Saring without a public address, is none."""
    if not re.match(r"https?://[^\s/]+", url) or not _plain_address(url):
        raise Refused(f'"{url[:80]}" is not a web address', "sources")
    if not re.match(r"https?://[^\s/]+\.[^\s/]+", url):
        what = "is a web address of one's own computer, which readers cannot open"
        raise Refused(f'"{url[:80]}" {what}', "sources")


def _plain_address(url: str) -> bool:
    """Whether all programs read the same host in it: `https://a.example\\@b.example` is a.example
    to a browser and b.example to others."""
    if _UNREADABLE.search(url):
        return False
    try:
        parts = urlsplit(url)
        return "@" not in parts.netloc and bool(parts.hostname) and parts.port != 0
    except ValueError:  # no such port, or brackets without an address
        return False


def _source(entry: object, publisher: str) -> Source:
    if isinstance(entry, str):
        return Source(_address(entry), publisher)
    if not isinstance(entry, Mapping):
        raise Refused("a source is neither an address nor an object with one", "sources")
    return Source(
        url=_address(_text(entry, "url")),
        publisher=_text(entry, "publisher") or publisher,
        title=_text(entry, "title"),
        date=_date(entry.get("date"), "sources.date"),
    )
