"""Hints for writers: they point at what is hard to read and keep nothing from being published."""

import pytest

from handlers.moderate import Draft
from handlers.plain import FACT, hints, office_words
from handlers.texts import LANGUAGES
from knowledge_base.facts import Verdict

CLEAR = Draft(
    Verdict.FALSE, "TPS di Melati tutup pukul 10.00.", "Jam buka TPS Melati", "TPS buka sampai 13.00."
)  # fmt: skip


def with_(**changes):
    return hints(Draft(**{**{f: getattr(CLEAR, f) for f in CLEAR.__slots__}, **changes}), "en")


def test_clear_words_need_no_hint():
    assert hints(CLEAR, "en") == ()
    assert hints(Draft(), "id") == ()


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"explanation": "Kata " * 16 + "."}, "has 16 words"),
        ({"fact": "a" * (FACT + 1)}, f"{FACT + 1} characters"),
        (
            {"explanation": "Hal ini dikarenakan hujan."},
            "“dikarenakan” is an office word. Say: karena",
        ),
        ({"claim": "Penting sekali, sebarkan ke semua grup!"}, "would fit many messages"),
        ({"claim": "Share this with everyone you know!"}, "would fit many messages"),
        ({"title": "TPS di Melati tutup pukul 10"}, "says the false claim once more"),
    ],
)
def test_each_hint_says_what_to_change(change, part):
    (hint,) = with_(**change)
    assert part in hint


@pytest.mark.parametrize("claim", ["Bumi datar", "Vaksin bikin mandul", "Jokowi meninggal"])
def test_a_short_claim_that_names_something_is_not_too_general(claim):
    assert with_(claim=claim) == ()


def test_fifteen_words_are_enough_and_not_too_many():
    assert with_(explanation="Kata " * 14 + "kata.") == ()


def test_a_title_may_repeat_what_is_true():
    assert with_(title="TPS di Melati tutup pukul 10", verdict=Verdict.TRUE) == ()


def test_parts_of_words_are_no_office_words():
    assert with_(explanation="Gunawan gunakan sepeda.") == ()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_its_list(language):
    assert len(office_words(language)) > 10
    assert all(office_words(language).values())
