"""Replies: the verdict line comes first and cannot be faked, limits hold, nothing is blamed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import replies, texts
from handlers.messages import Button, Outgoing, Style
from handlers.ports import Rules
from handlers.reading import units
from handlers.replies import About, Voice
from knowledge_base.facts import FactCheck, Kind, Outcome, Source, Submission, Verdict
from knowledge_base.search.findings import Difference, Stance
from tests.handlers.player import FACTS, START

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=300)
FACT = FACTS[0]
RULES = Rules(public_url="https://saring.example")
ASKED = Submission("s1", "p-ani", "teks", Outcome.SUGGESTED, START, ref="m1")


def voice(language: str = "id") -> Voice:
    return Voice("p-ani", language, RULES, START)


def all_buttons(message: Outgoing) -> list[Button]:
    return [button for row in message.buttons for button in row]


@st.composite
def facts(draw: st.DrawFn) -> FactCheck:
    """A fact-check with anything a person may have typed into it."""
    source = Source("https://x.example/a", draw(ANYTHING), draw(ANYTHING), date(2026, 1, 1))
    return replace(
        FACT,
        claim=draw(ANYTHING),
        title=draw(ANYTHING),
        fact=draw(ANYTHING),
        explanation=draw(ANYTHING),
        publisher=draw(ANYTHING),
        verdict=draw(st.sampled_from(Verdict)),
        kind=draw(st.sampled_from([None, *Kind])),
        sources=(source,) * draw(st.integers(1, 5)),
    )


@given(facts(), st.sampled_from(texts.LANGUAGES), st.sampled_from(Stance))
def test_the_first_line_is_the_verdict_and_the_only_strong_one(
    fact: FactCheck, language: str, stance: Stance
) -> None:
    message = replies.verdict(voice(language), fact, About(stance=stance))
    first, *rest = message.blocks
    assert first.style is Style.STRONG
    assert first.text == replies.verdict_line(voice(language), fact, stance)
    assert all(block.style is Style.PLAIN for block in rest)


@given(facts())
def test_words_of_others_never_start_a_line_of_their_own(fact: FactCheck) -> None:
    fact = replace(fact, fact="ya\n✅ Pesan ini BENAR.", explanation="x\n✅ Pesan ini BENAR.")
    message = replies.verdict(voice(), replace(fact, verdict=Verdict.FALSE), About())
    assert "✅ Pesan ini BENAR." not in message.text.splitlines()


@given(facts(), ANYTHING)
def test_every_reply_about_a_check_can_be_said(fact: FactCheck, text: str) -> None:
    to = voice()
    difference = Difference(text[:10], text, text)
    said = [
        replies.verdict(to, fact, About(submission="s1", media=True)).text,
        replies.to_forward(to, fact).text,
        replies.evidence(to, fact).text,
        replies.choices(to, [fact, fact], ASKED)[0].text,
        replies.difference_line(to, difference),
    ]
    for each in said:
        each.encode()


@pytest.mark.parametrize("kind", sorted(replies.SLOTS))
@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_kind_of_difference_has_a_name_of_its_own(kind: str, language: str) -> None:
    said = replies.difference_line(voice(language), Difference(kind, "banjir", "gempa"))
    assert replies.slot_word(language, kind) != replies.slot_word(language, "unheard of")
    assert said.startswith(f"• {replies.slot_word(language, kind)}: ")


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize("verdict", Verdict)
def test_a_reply_is_short_enough_to_read_aloud(verdict: Verdict, language: str) -> None:
    fact = replace(FACT, verdict=verdict, fact="F" * 160, explanation="W" * 2000)
    message = replies.verdict(voice(language), fact, About(submission="s1", automatic=True))
    assert units(message.text) <= 1024


@given(facts())
def test_buttons_stay_within_the_platforms_limits(fact: FactCheck) -> None:
    to, longest = voice(), "z" * 24
    fact = replace(fact, number=9_999_999, version=9999)
    sent = [
        replies.verdict(to, fact, About(submission=longest)),
        replies.choices(to, [fact] * 3, replace(ASKED, id=longest))[0],
        replies.evidence(to, fact),
    ]
    for button in [button for message in sent for button in all_buttons(message)]:
        assert units(button.label) <= 20
        assert units(button.hint) <= 72
        assert len(button.data.encode()) <= 64


def test_the_thumbs_are_what_a_small_keyboard_leaves_out() -> None:
    buttons = all_buttons(replies.verdict(voice(), FACT, About(submission="s1")))
    assert [button.optional for button in buttons] == [False, False, False, True, True]


def test_a_choice_never_shows_the_false_sentence() -> None:
    labelled = replace(FACT, title="[SALAH] TPS di Kecamatan Melati tutup pukul 10.00.")
    message, _ = replies.choices(voice(), [labelled, replace(FACT, title=FACT.claim)], ASKED)
    assert "tutup" not in message.text
    assert "Kecamatan Melati" in message.text


def test_a_typed_digit_does_what_its_button_does() -> None:
    message, menu = replies.choices(voice(), FACTS[:3], ASKED)
    assert [button.data for button in all_buttons(message)] == [
        menu["1"],
        menu["2"],
        menu["3"],
        menu["0"],
    ]


def test_a_check_without_a_fact_points_at_the_sources() -> None:
    bare = replace(FACT, fact="", explanation="")
    assert "sumber" in replies.verdict(voice(), bare, About()).blocks[1].text


def test_the_explanations_first_sentence_stands_in_for_a_missing_fact() -> None:
    fact = replace(FACT, fact="", explanation="Jadwal tetap. Foto itu lama.")
    message = replies.verdict(voice(), fact, About())
    assert message.blocks[1].text == "Faktanya: Jadwal tetap."
    assert message.blocks[2].text == "Foto itu lama."


def test_only_a_check_older_than_a_year_carries_its_age() -> None:
    young, old = replace(FACT, checked_on=date(2025, 12, 1)), date(2023, 11, 1)
    assert replies.age_label(voice(), young) == ""
    assert "3 tahun" in replies.age_label(voice(), replace(FACT, checked_on=old))
    assert "a year ago" in replies.age_label(
        voice("en"), replace(FACT, checked_on=date(2025, 6, 1))
    )


def test_more_than_three_sources_are_counted() -> None:
    many = tuple(Source(f"https://{n}.example/a", f"Media {n}") for n in range(5))
    line = replies.sources_line(voice(), replace(FACT, sources=many))
    assert line == "Sumber: Media 0; Media 1; Media 2, dan 2 lainnya"


def test_a_source_without_a_name_is_named_by_its_site() -> None:
    assert replies.source_name(Source("https://www.kpu.example/a/b")) == "kpu.example"


def test_the_message_carries_the_version_it_speaks_of() -> None:
    message = replies.verdict(voice(), replace(FACT, version=7), About(quote="m1"))
    assert message.fact == (482, 7)
    assert message.quote == "m1"


def test_choices_of_the_same_names_are_told_apart_by_words_of_their_own() -> None:
    wells = ("Sumur warga di Bukit Dahlia berisi sirup", "Jembatan di Bukit Dahlia dicat ungu")
    several = [replace(FACT, number=n, claim=c, title="") for n, c in enumerate(wells, start=1)]
    message, _ = replies.choices(voice(), several, ASKED)
    assert "Bukit Dahlia" in message.text
    first, second = replies.told_apart(voice(), several)
    assert first.endswith(": sumur, warga, berisi")
    assert second.endswith(": jembatan, dicat, ungu")
    assert replies.told_apart(voice(), several[:1])[0] == replies.dated_topic(voice(), several[0])


def test_small_words_tell_no_choices_apart() -> None:
    claims = ("Bukit Dahlia yang akan digusur pabrik", "Bukit Dahlia sudah longsor")
    several = [replace(FACT, number=n, claim=c, title="") for n, c in enumerate(claims, start=1)]
    assert [one.split(": ")[1] for one in replies.told_apart(voice(), several)] == [
        "digusur, pabrik",
        "longsor",
    ]


def test_choices_that_say_the_same_are_told_apart_by_their_number() -> None:
    twice = [replace(FACT, number=n, claim="Jalan Bukit Dahlia putus", title="") for n in (7, 8)]
    assert [one[-7:] for one in replies.told_apart(voice(), twice)] == ["nomor 7", "nomor 8"]


@given(st.lists(facts(), min_size=1, max_size=3), st.sampled_from(texts.LANGUAGES))
def test_every_choice_has_one_line_of_words(some: list[FactCheck], language: str) -> None:
    named = replies.told_apart(voice(language), some)
    assert len(named) == len(some)
    assert all(words and words == words.replace("\n", " ") for words in named)
