"""Words as written, read the fast way and the plain way."""

import re

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.entries import spelled_words


@given(st.text(st.characters(max_codepoint=0x17F), max_size=60))
def test_words_as_written_are_the_same_whichever_letters_stand_beside_them(text: str) -> None:
    assert spelled_words(text) == frozenset(re.findall(r"\w{3,}", text))


def test_figures_and_underscores_belong_to_a_word_as_written() -> None:
    said = "RS_Melati: vaksin2, ke-27 (baru)"
    assert spelled_words(said) == {"RS_Melati", "vaksin2", "baru"}
