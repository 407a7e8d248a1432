"""Words as numbers: equal for equal words only, and found again."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.search.codes import FRAME, Listed, codes_again, stem_codes
from knowledge_base.search.text import frame_stems

STEMS = st.lists(st.text(st.characters(min_codepoint=33), min_size=1, max_size=80), max_size=12)


@given(STEMS)
def test_a_stem_has_one_code_whatever_stands_beside_it(stems: list[str]) -> None:
    alone = [int(stem_codes([stem])[0]) for stem in stems]
    assert stem_codes(stems).tolist() == alone
    assert len(set(alone)) == len({stem.rstrip("\0") for stem in stems})


def test_long_stems_differ_by_their_last_letter() -> None:
    long = "a" * 100_000
    assert len(set(stem_codes([long, long + "b", long[:64], long[:65]]).tolist())) == 4


def test_no_word_can_be_chosen_so_that_it_has_the_code_of_another() -> None:
    # found by lattice reduction while all words were summed letter by letter
    assert len(set(stem_codes(["suntik", "eowpoqoioetslpohqnqklolo"]).tolist())) == 2


def test_the_last_bit_tells_stems_about_the_form_of_a_rumour() -> None:
    form, banjir = stem_codes([min(frame_stems()), "banjir"])
    assert (form & FRAME, banjir & FRAME) == (1, 0)


@given(STEMS, STEMS)
def test_what_is_listed_is_found_and_nothing_else(listed: list[str], sought: list[str]) -> None:
    listed = list(dict.fromkeys(listed))
    found = Listed(stem_codes(listed)).numbers(stem_codes([*sought, *listed]))
    expected = [listed.index(stem) if stem in listed else -1 for stem in [*sought, *listed]]
    assert np.array_equal(found, expected)


@given(STEMS)
def test_codes_looked_up_first_are_the_same(stems: list[str]) -> None:
    expected = stem_codes(stems).tolist()
    assert [codes_again(stems), codes_again(stems)] == [expected, expected]
