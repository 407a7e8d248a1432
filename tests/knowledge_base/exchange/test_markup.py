"""Text out of pieces of web pages: markup goes, what people wrote stays."""

from __future__ import annotations

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.exchange.markup import text_of

SIGNS = st.text(st.characters(exclude_categories=("Cs",)), max_size=60)
TAGS = st.sampled_from(
    ("p", 'p class="a > b"', "div hidden", "a href='https://x.example/?a=1&b=2' target=_blank")
)
COMPARED = st.lists(
    st.sampled_from(("x<y dan a>b", "a < b", "5<7>3", "<3", "</3", "<Rp10.000>", "<y>", "</y>",
                     "<b dan c>", "<a atau b>", "->", "<=", "usia<17", ">60 tahun", "kata")),
    max_size=12,
)  # fmt: skip


@given(COMPARED)
def test_less_than_and_greater_than_stay(pieces: list[str]) -> None:
    assert text_of(" ".join(pieces)) == " ".join(pieces)


@given(SIGNS)
def test_what_a_page_escapes_is_read_as_it_was_meant(said: str) -> None:
    assert text_of(html.escape(said)) == html.unescape(html.escape(said)).strip()


@given(SIGNS, st.lists(TAGS, max_size=3))
def test_tags_around_a_text_leave_nothing_of_themselves(said: str, tags: list[str]) -> None:
    page = html.escape(said)
    for tag in tags:
        page = f"<{tag}>{page}</{tag.split()[0]}><br/>"
    assert text_of(page) == said.strip()


@given(SIGNS)
def test_nothing_that_people_type_breaks_it(said: str) -> None:
    assert isinstance(text_of(said), str)


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("x<y dan a>b", "x<y dan a>b"),
        ("jika a<b dan c>d", "jika a<b dan c>d"),
        ("TPS<br>buka", "TPS buka"),
        ("<P STYLE='color:red'>Palsu</P>", "Palsu"),
        ("<b onclick=x>tebal</b>", "tebal"),
        ('<script async src="https://x.example/a.js"></script>Tidak', "Tidak"),
        ("<script>if (a<b) alert(1)</script>Tidak", "Tidak"),
        ("<style>p > b {}</style>Tidak", "Tidak"),
        ("Benar<script>ini tidak berakhir", "Benar"),
        ("Benar<!-- ini tidak berakhir", "Benar"),
        ("<!DOCTYPE html><html lang=id>Ya", "Ya"),
        ("A&amp;B &lt;b&gt; &#8220;kutip&#8221;", "A&B <b> “kutip”"),
        ("<input disabled value='x'>Isi", "Isi"),
        ("<scripture>Ayat", "<scripture>Ayat"),
    ],
)
def test_a_piece_of_a_page_becomes_its_text(page: str, text: str) -> None:
    assert text_of(page) == text


@pytest.mark.parametrize(
    "piece",
    ["<!--", "<a ", "<a b='", '<a b="', "</a", "<script", "<script>", "<style x=", "<p hidden ",
     "<a b=c ", "<a\t", "<!doctype ", "<p " + " " * 50, "<p a=" + "b" * 50, "&lt;", "&#"],
)  # fmt: skip
def test_a_long_row_of_signs_takes_no_longer_than_its_length(piece: str) -> None:
    """Would it take the square, the test would not end."""
    assert len(text_of(piece * (1_000_000 // len(piece)))) <= 1_000_000
