"""Records read back, and words as written read the fast way and the plain way."""

import re
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.codes import stem_codes
from knowledge_base.search.entries import VIEW_TERMS, Entry, encode, make, spelled_words


@given(st.text(st.characters(max_codepoint=0x17F), max_size=60))
def test_words_as_written_are_the_same_whichever_letters_stand_beside_them(text: str) -> None:
    assert spelled_words(text) == frozenset(re.findall(r"\w{3,}", text))


def test_figures_and_underscores_belong_to_a_word_as_written() -> None:
    said = "RS_Melati: vaksin2, ke-27 (baru)"
    assert spelled_words(said) == {"RS_Melati", "vaksin2", "baru"}


def test_a_record_is_read_back_as_it_was_made() -> None:
    claim = ("claim", "Air laut naik, air!", "air laut naik air", "air laut naik air")
    title = ("title", "Benar: laut naik 2 kali", "laut naik 2", "laut naik 2")
    made = encode("m-1", "id", date(2024, 11, 27), [claim, title, ("variant", "", "", "")], "bulan")
    entry = Entry(made)
    assert (entry.id, entry.lang, entry.date, entry.explanation) == (
        *("m-1", "id", date(2024, 11, 27)),
        {"bulan"},
    )
    assert [view.via for view in entry.views] == ["claim", "title", "variant"]
    assert [view.stems for view in entry.readings[:2]] == [
        ("air", "laut", "naik", "air", "laut", "naik", "2"),
        ("air", "laut", "naik", "air"),
    ]
    assert [view.told for view in entry.readings] == [
        "naik laut air 2",
        "naik laut air",
        *("naik laut 2", ""),
    ]
    assert [view.numbers.figures for view in entry.readings] == [1, 0, 1, 0]


@given(st.lists(st.sampled_from(["air", "laut", "naik", "2"]), max_size=400))
def test_the_words_of_a_reading_are_its_different_stems_in_order(stems: list[str]) -> None:
    text = " ".join(stems)
    view = make("m", "id", None, [("claim", text, text, text)], "").views[0]
    told, order = view.told.split(), np.frombuffer(view.numbers.order, np.uint16)
    assert [told[at] for at in order] == stems[:VIEW_TERMS]
    assert view.numbers.stems == stem_codes(told).tobytes()
    assert view.text.split() == stems[:VIEW_TERMS]
