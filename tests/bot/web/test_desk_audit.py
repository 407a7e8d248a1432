"""The audit on the desk: filters, the state of the chain, exports nobody can run as a formula."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import text

from bot.web.spreadsheet import BOM, harmless, lines
from knowledge_base.deeds import Deed
from knowledge_base.facts import Role
from knowledge_base.store.audit import Audit

INKLESS = re.compile(r"^[\s\x00-\x1f\x7f-\x9f\u200b-\u200f\u2060-\u206f\ufeff]+")
FORMULAS = [
    '=HYPERLINK("https://evil.example")',
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    " =1",
]


@pytest.fixture
async def editor(enter, store):
    browser = await enter("Ani", Role.EDITOR)
    with store.work() as work:
        for number, formula in enumerate(FORMULAS):
            work.audit.write("Budi", "reject", f"question/AAA{number}", formula)
        work.audit.write("Cici", "answer", "question/BBB1", "because", verdict="false")
    return browser


async def test_entries_are_filtered_by_who_what_and_when(editor):
    page = (await editor.get("/desk/audit?actor=Cici")).text
    assert "pertanyaan #BBB1" in page
    assert "hasil: SALAH" in page
    assert "AAA1" not in page
    for typed in ("question/AAA1", "%23aaa1", "AAA1"):
        assert "pertanyaan #AAA1</a>" in (await editor.get(f"/desk/audit?what={typed}")).text
    assert "BBB1" not in (await editor.get("/desk/audit?since=2027-02-11")).text
    assert "BBB1" in (await editor.get("/desk/audit?since=2027-02-10&until=2027-02-10")).text
    assert (await editor.get("/desk/audit?since=x&until=99999-1-1&before=-3")).status_code == 200


async def test_the_page_says_whether_the_chain_is_whole(editor, store):
    assert "Rantainya utuh" in (await editor.get("/desk/audit")).text
    with store.work() as work:
        connection = work.audit._session.connection()
        connection.execute(text("drop trigger audit_refuses_update"))
        connection.execute(text("update audit set actor = 'Dodi' where seq = 3"))
    assert "putus di catatan 3" in (await editor.get("/desk/audit")).text


async def test_erasing_what_is_personal_keeps_the_chain_whole(editor, store, clock):
    with store.work() as work:
        assert work.audit.erase_old(clock(), 500) == work.audit.head()[0]
        assert not work.audit.erase_old(clock(), 500)
    page = (await editor.get("/desk/audit")).text
    assert "Rantainya utuh" in page
    assert "because" not in page
    assert "pertanyaan #BBB1" in page


async def test_the_page_says_deeds_in_words_and_the_export_by_their_names(editor, store):
    with store.work() as work:
        work.audit.write("Ani", Deed.HAND_OVER, "question/BBB2")
        work.audit.write("matcher", Deed.QUESTION_SETTLE, "question/BBB2")
    page = (await editor.get("/desk/audit")).text
    assert "<td>diserahkan</td>" in page
    assert "<td>pencocok</td>" in page
    assert '<option value="matcher">pencocok</option>' in page
    assert "<td>handed over</td>" in (await editor.get("/desk/audit?lang=en")).text
    found = (await editor.get("/desk/audit", params={"action": "hand over"})).text
    assert '<option value="hand over" selected>' in found
    answer = await editor.post("/desk/audit/export", data={"form": "csv", "action": "hand over"})
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix(BOM))))
    assert [row[3] for row in rows[1:]] == ["hand over"]
    answer = await editor.post("/desk/audit/export", data={"form": "csv", "what": "#BBB1"})
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix(BOM))))
    assert [rows[1][4], rows[1][6]] == ["question/BBB1", "verdict: false"]


async def test_the_csv_is_complete_and_opens_as_text(editor, store):
    answer = await editor.post("/desk/audit/export", data={"form": "csv"})
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.csv"'
    assert answer.headers["x-audit-chain"].startswith("whole")
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix(BOM))))
    assert {row[5] for row in rows} >= {f"'{formula}" for formula in FORMULAS}
    assert not any(cell.lstrip().startswith(tuple("=+-@＝")) for row in rows for cell in row)
    with store.read() as work:
        assert len(rows) == work.audit.head()[0] + 1
        assert work.audit.about("audit")[0].action == "audit.export"


async def test_an_export_walks_the_chain_while_others_may_write(editor, store, monkeypatch):
    walked = []
    verify = Audit.verify

    def noted(audit):
        with store.work() as work:
            work.tally.ignored("telegram", "poll")  # a writer that comes meanwhile
        walked.append(audit._unit.writing)
        return verify(audit)

    monkeypatch.setattr(Audit, "verify", noted)
    answer = await editor.post("/desk/audit/export", data={"form": "csv"})
    assert answer.status_code == 200
    assert walked == [False]


async def test_json_lines_hold_the_same_entries_unchanged(editor):
    answer = await editor.post("/desk/audit/export", data={"form": "jsonl", "actor": "Budi"})
    rows = [json.loads(line) for line in answer.text.splitlines()]
    assert [row["reason"] for row in rows] == FORMULAS[::-1]
    assert {row["who"] for row in rows} == {"Budi"}


@example([["\x1f=1+1", "\u2060=1+1", " \u3000@SUM(A1)"]])
@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1
        ),
        min_size=1,
    )
)
def test_any_text_comes_back_as_it_was_but_for_the_apostrophe(rows):
    back = list(csv.reader(io.StringIO(lines(rows), newline="")))
    assert back == [[harmless(cell) for cell in row] for row in rows]
    for row in back:
        assert not any(INKLESS.sub("", cell).startswith(("=", "+", "-", "@", "＝")) for cell in row)


def test_numbers_stay_numbers():
    assert harmless(-3) == "-3"
    assert harmless(None) == ""
