"""Sheets: what is read, what is refused and how that is said."""

import io
import json
import tracemalloc
import zipfile
from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import texts
from knowledge_base.exchange.sheet import (
    SheetError,
    each_once,
    read_rows,
    read_topic,
    read_verdict,
    to_fact_check,
)
from knowledge_base.facts import Kind, Refused, Verdict

CSV = """claim,verdict,sources,variants,date,kind
TPS tutup pukul 10,[SALAH],https://a.example/1 https://b.example/2,tps tutup jam 10 || TPS cuma sampai jam 10,2026-11-10,false_context
"""


def only(name: str, body: bytes, publisher: str = ""):
    (row,) = read_rows(name, body, publisher)
    return row


def test_a_csv_row_becomes_a_fact_check() -> None:
    fact = only("a.csv", CSV.encode()).fact_check
    assert fact.verdict is Verdict.FALSE
    assert fact.kind is Kind.FALSE_CONTEXT
    assert [source.url for source in fact.sources] == ["https://a.example/1", "https://b.example/2"]
    assert fact.variants == ("tps tutup jam 10", "TPS cuma sampai jam 10")
    assert fact.claim_date == date(2026, 11, 10)
    assert fact.identity == "https://a.example/1"


@pytest.mark.parametrize("change", [lambda b: b"\xef\xbb\xbf" + b, lambda b: b.replace(b",", b";")])
def test_byte_order_mark_and_semicolons_are_found_by_themselves(change) -> None:
    body = b"claim,verdict,url\nair rebusan menyembuhkan,hoaks,https://a.example/1\n"
    assert only("a.csv", change(body)).fact_check.verdict is Verdict.FALSE


def test_a_spreadsheet_reads_like_the_csv() -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "text", "verdict", "url", "date"])
    book.active.append(
        [7, "Bantuan tunai lewat tautan", "PENIPUAN", "https://a.example/7", datetime(2026, 3, 1)]
    )
    body = io.BytesIO()
    book.save(body)
    fact = only("a.xlsx", body.getvalue(), "Redaksi").fact_check
    assert (fact.identity, fact.verdict, fact.publisher) == ("7", Verdict.SCAM, "Redaksi")
    assert fact.claim_date == date(2026, 3, 1)


def test_json_lines_keep_the_sources_apart() -> None:
    line = {
        "id": "x",
        "claim": "c",
        "verdict": "partly",
        "sources": [{"url": "https://a.example", "publisher": "A", "date": "2026-01-02"}],
    }
    fact = only("a.jsonl", json.dumps(line).encode()).fact_check
    assert fact.sources[0].publisher == "A"
    assert fact.checked_on == date(2026, 1, 2)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"verdict": "false", "url": "https://a.example"}, "claim"),
        ({"claim": "c", "url": "https://a.example"}, "verdict"),
        ({"claim": "c", "verdict": "ngawur", "url": "https://a.example"}, '"ngawur"'),
        ({"claim": "c", "verdict": "[KLARIFIKASI]", "url": "https://a.example"}, "KLARIFIKASI"),
        ({"claim": "c", "verdict": "false"}, "sources"),
        ({"claim": "c", "verdict": "false", "url": "javascript:alert(1)"}, "not a web address"),
        ({"claim": "c", "verdict": "false", "url": "http://localhost:8000/p/1"}, "readers cannot"),
        ({"claim": "c", "verdict": "false", "url": "https://a.example", "date": "1/2/26"}, "date"),
        ({"claim": "c", "verdict": "false", "url": "https://a.example", "fact": "x" * 161}, "161"),
        (
            {"claim": "c", "verdict": "false", "url": "https://a.example", "kind": "rumour"},
            "rumour",
        ),
        ({"claim": "c", "verdict": True, "url": "https://a.example"}, "verdict"),
        ({"claim": "c", "verdict": "bukan penipuan", "url": "https://a.example"}, "penipuan"),
        ({"claim": "c", "verdict": "false", "url": "https://a.example", "lang": "<b>"}, "lang"),
        ([1], "JSON object"),
        ({"claim": float("nan"), "verdict": "false", "url": "https://a.example"}, "JSON object"),
    ],
)
def test_a_bad_row_is_refused_with_its_place_and_reason(line, said) -> None:
    good = {"claim": "c", "verdict": "false", "url": "https://a.example"}
    body = "\n".join([json.dumps(line), json.dumps(good)]).encode()
    bad, fine = read_rows("a.jsonl", body)
    assert bad.place == "line 1"
    assert said in bad.error
    assert fine.fact_check is not None


def test_a_scheme_in_capitals_is_the_same_scheme() -> None:
    for named in ({"url": "Https://a.example/x"}, {"sources": [{"url": "HTTPS://a.example/x"}]}):
        line = json.dumps({"claim": "c", "verdict": "false", **named})
        fact = only("a.jsonl", line.encode()).fact_check
        assert (fact.sources[0].url, fact.identity) == ("https://a.example/x",) * 2


def test_two_verdicts_under_one_identity_are_not_guessed_between() -> None:
    head = "id,claim,verdict,url\n"
    lines = ["k-1,TPS tutup,salah,https://a.example", "k-1,TPS tutup,benar,https://a.example"]
    body = (head + "\n".join([*lines, lines[0]])).encode()
    first, second, again = each_once(read_rows("a.csv", body))
    assert first.fact_check.verdict is Verdict.FALSE
    assert second.fact_check is None
    assert "row 2" in second.error
    assert again.fact_check == first.fact_check


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.pdf", b"", "csv"),
        ("a.csv", b"a,b\n1,2\n", "claim"),
        ("a.csv", b"claim,verdict\n\xff\xfe", "UTF-8"),
        ("a.xlsx", b"not a zip", "spreadsheet"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(name, body, said) -> None:
    with pytest.raises(SheetError, match=said):
        list(read_rows(name, body))


@pytest.mark.parametrize(
    ("label", "publisher", "verdict"),
    [
        ("sebagian_benar", "", Verdict.PARTLY),
        ("[PENIPUAN] Undian", "", Verdict.SCAM),
        ("Belum Terbukti", "", Verdict.UNPROVEN),
        ("Mixture", "Snopes", Verdict.PARTLY),
    ],
)
def test_labels_are_read_in_both_languages_and_by_publisher(label, publisher, verdict) -> None:
    assert read_verdict(label, publisher) is verdict


def test_a_publishers_word_is_unknown_to_the_others() -> None:
    with pytest.raises(Refused, match="Mixture"):
        read_verdict("Mixture", "Kompas")


@given(st.binary(max_size=200), st.sampled_from(["a.csv", "a.jsonl", "a.xlsx"]))
def test_no_file_makes_the_reader_fall_over(body, name) -> None:
    with suppress(SheetError):
        for row in read_rows(name, b"claim,verdict,url\n" * (name == "a.csv") + body):
            assert bool(row.error) != bool(row.fact_check)


def packed(**parts: bytes) -> bytes:
    """A spreadsheet with these parts, whatever is in them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, body in parts.items():
            file.writestr(name, body)
    return out.getvalue()


def far(cell: str) -> bytes:
    """A small spreadsheet with one cell far away."""
    book = openpyxl.Workbook()
    book.active.append(["claim", "verdict", "url"])
    book.active[cell] = "x"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_sheet_of_many_cells_is_looked_through_one_by_one() -> None:
    cells = b'<c r="A1"/>' * 200_000
    sheet = b'<worksheet><sheetData><row r="1">' + cells + b"</row></sheetData></worksheet>"
    body = packed(**{"xl/worksheets/sheet1.xml": sheet})
    tracemalloc.start()
    try:
        with suppress(SheetError):
            list(read_rows("a.xlsx", body))
        assert tracemalloc.get_traced_memory()[1] < 5 * len(sheet)  # read, not kept
    finally:
        tracemalloc.stop()


BLOWN_UP = b" " * (101 * 1024 * 1024)
UTF_16 = '<sheetData><row><c r="XFD1048576"/></row></sheetData>'.encode("utf-16")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (far("XFD1048576"), "row 1048576"),
        (far("ZZ60000"), "column 702"),
        (packed(**{"xl/sharedStrings.xml": BLOWN_UP}), "100 MB"),
        (packed(**{"xl/other/sheet.xml": UTF_16}), "UTF-8"),
    ],
)
def test_a_small_spreadsheet_that_would_fill_the_memory_is_refused_before(body, words):
    assert len(body) < 200_000
    with pytest.raises(SheetError, match=words):
        list(read_rows("a.xlsx", body))


def test_a_long_narrow_spreadsheet_is_read(tmp_path):
    assert list(read_rows("a.xlsx", far("C50000")))[-1].place == "row 50000"


def test_a_topic_is_known_by_every_word_the_desk_shows_for_it() -> None:
    for language in ("id", "en"):
        for name, word in texts.topics(language):
            assert (read_topic(word), read_topic(f" {word.upper()} ")) == (name, name)
    row = CSV.replace("kind\n", "kind,topic\n").replace("false_context\n", "false_context,Pemilu\n")
    assert only("a.csv", row.encode()).fact_check.topic == "election"
    assert read_topic("kuliner") == "kuliner"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@kompas.com/1",
        "https://evil.example/\\1",
        "https://kompas.com@evil.example/1",
        "https://kompas.com:x@evil.example/1",
        "https://a.example/1 2",
        "https://a.example/1\n2",
        "https://a.ex\x1fample/1",
        "https://a.example\u20282",
        "https://a.example:99999/1",
        "https://a.example:port/1",
        "https://a.example:0/1",
        "https://[a.example/1",
        "https://?a.example",
    ],
)
def test_an_address_that_two_programs_read_in_two_ways_is_no_source(url) -> None:
    good = {"claim": "c", "verdict": "false", "sources": ["https://a.example:8443/@a?b=@c"]}
    assert to_fact_check(good).sources[0].url == good["sources"][0]
    with pytest.raises(Refused, match="is not a web address"):
        to_fact_check(good | {"sources": [url]})


@pytest.mark.parametrize("variants", [7, {"a": "b"}, ["a", None], ["a", {"b": 1}], True])
def test_variants_that_are_no_texts_are_refused(variants) -> None:
    line = {"claim": "Semut merah", "verdict": "salah", "url": "https://a.example/1"}
    body = json.dumps(line | {"variants": variants}).encode()
    [row] = read_rows("a.jsonl", body)
    assert (row.fact_check, row.error) == (None, "variants: is no list of texts")
