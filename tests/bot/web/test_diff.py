"""Words that went and came, in reading order; putting them together gives both texts."""

from hypothesis import given
from hypothesis import strategies as st

from bot.web.diff import LONGEST, words_changed

TEXTS = st.text(alphabet="ab \n", max_size=40)


def test_a_changed_word_stands_between_what_stayed():
    assert words_changed("tutup pukul 10", "tutup pukul 13") == [
        ("same", "tutup pukul "),
        ("gone", "10"),
        ("new", "13"),
    ]


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_out_of_it(before, after):
    runs = words_changed(before, after)
    assert "".join(text for kind, text in runs if kind != "new") == before
    assert "".join(text for kind, text in runs if kind != "gone") == after


def test_very_long_texts_stand_side_by_side():
    long = "kata " * LONGEST
    assert words_changed(long, "baru") == [("gone", long), ("new", "baru")]
