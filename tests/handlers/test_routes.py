"""The table of routes: order, completeness, and clear outcomes for hostile input."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.messages import Act, Do, Incoming, Media
from handlers.routes import ROUTES, Needs, commands, route
from knowledge_base.facts import Outcome
from knowledge_base.search.findings import Decision
from tests.fakes import spoken
from tests.handlers.callers import ADDRESS, answers, asked, finds, house_with_facts, pressed, said
from tests.handlers.player import START

ANYTHING = st.text(st.characters(exclude_categories=[]), max_size=120)
CLAIM = "Jembatan Melati roboh tadi malam"

TABLE = [
    (said(CLAIM), "words"),
    (said(CLAIM, act=Act.EDIT), "edit"),
    (said(media=(Media("image"),)), "no words"),
    (said(""), "no words"),
    (said("/hapus"), "erase"),
    (said("STOP"), "stop"),
    (said("1"), "typed"),
    (said("cek"), "empty check"),
    (said(f"cek {CLAIM}"), "draft"),
    (said(CLAIM, by_bot=True), "bot"),
    (said(CLAIM, group=True), "group words"),
    (said("/otomatis", group=True), "group warnings"),
    (said("", group=True), "group"),
    (said(f"/cek {CLAIM}", group=True), "group check"),
    (said("@saringbot", group=True, mentioned=True), "group check"),
    (said("/hapus", group=True), "group command"),
    (said("/whatever", group=True), "group unknown"),
    (pressed("v1|pick|s1|482"), "press pick"),
    (pressed("v9|what"), "press unknown"),
    (said("👍", act=Act.REACTION), "reaction"),
    (said("tps", act=Act.INLINE), "inline"),
    (said(act=Act.BLOCKED), "blocked"),
    (said(act=Act.RECEIPT), "receipt"),
]


@pytest.mark.parametrize(("message", "name"), TABLE, ids=[name for _, name in TABLE])
def test_each_message_goes_to_its_row(message: Incoming, name: str) -> None:
    assert route(message).name == name


def test_names_of_routes_are_unique_and_the_last_takes_everything() -> None:
    assert len({row.name for row in ROUTES}) == len(ROUTES)
    assert ROUTES[-1].matches(said(CLAIM))


def test_only_rows_that_look_something_up_need_the_search() -> None:
    searching = {row.name for row in ROUTES if row.needs is Needs.SEARCH}
    queries = {"inline", "guest", "group check", "group words"}
    assert searching == queries | {"draft", "edit", "words"}


def test_stop_and_delete_win_over_a_question_that_waits_for_an_answer() -> None:
    house = house_with_facts()
    answers(house, pressed("v1|wrong|482|"))
    assert "Hapus semua data" in spoken(answers(house, said("HAPUS")))
    assert "tidak akan mengirim" in spoken(answers(house, said("stop")))
    assert not house.questions.rows


def test_a_plain_no_takes_nobodys_question_away() -> None:
    house = house_with_facts()
    answers(house, said(CLAIM))
    answers(house, said("tidak"), new_id="s2")
    assert len(house.questions.open()) == 1


def test_an_objection_waits_ten_minutes_and_never_takes_a_forward() -> None:
    house = house_with_facts()
    answers(house, pressed("v1|wrong|482|"))
    answers(house, said("Besok hujan es di Melati kata orang", forwarded=True))
    assert [q.text for q in house.questions.rows.values()] == [
        "Besok hujan es di Melati kata orang"
    ]
    house.now += timedelta(minutes=11)
    answers(house, said(CLAIM, ref="m2"), new_id="s2")
    assert "482" not in house.questions.rows["9C2D"].text


def test_commands_carry_localised_descriptions() -> None:
    indonesian, english = dict(commands("id")), dict(commands("en"))
    assert indonesian.keys() == english.keys()
    assert indonesian["hapus"] != english["hapus"]


# ── bad input ───────────────────────────────────────────────────────────────────────────────

HOSTILE = [
    "",
    " \n ",
    "a",
    "kebakaran",
    "🙏🙏🙏",
    "\x00",
    "\ud800",
    "\u202eGNP.exe\u202c",
    "\u200b\u200d\u2060",
    "Z\u0301\u0302" * 2000,
    "a" * 100_000,
    "tps " * 25_000,
    "ﷺ" * 3000,
    "https://contoh.example/" + "a" * 5000,
    "{code} {0} %s <b>BENAR</b> *_[x](http://y)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_gets_one_clear_reply(text: str) -> None:
    house = house_with_facts()
    (reply,) = answers(house, said(text))
    assert reply.text
    reply.text.encode()
    kept = [s.text for s in house.questions.submissions.values()]
    assert all(len(each) <= 8192 for each in kept)


@pytest.mark.parametrize("text", ["", "a", "🙏🙏🙏", "halo", "bener gak nih?", "\u200b\u200d"])
def test_what_says_nothing_never_becomes_a_question(text: str) -> None:
    house = house_with_facts()
    answers(house, said(text))
    assert not house.questions.rows


@given(ANYTHING, st.sampled_from(list(Act)), st.booleans(), st.booleans())
def test_any_event_is_answered_or_ignored_and_never_raises(
    text: str, act: Act, group: bool, forwarded: bool
) -> None:
    message = Incoming(
        ADDRESS, act, START, ref="m1", text=text, button=text, group=group, forwarded=forwarded
    )
    for reply in answers(house_with_facts(), message):
        reply.text.encode()


@given(st.sampled_from([r.name[6:] for r in ROUTES if r.name.startswith("press")]), ANYTHING)
def test_forged_buttons_never_raise_and_say_why_they_do_nothing(action: str, junk: str) -> None:
    house = house_with_facts()
    replies = answers(house, pressed(f"v1|{action}|{junk[:20]}|{junk[20:40]}"))
    assert replies
    assert not house.evidence.pairs


def test_a_button_of_somebody_elses_question_does_nothing() -> None:
    house = house_with_facts()
    asked(house, CLAIM, person="budi", id="theirs")
    for action in ("pick", "none", "not", "tell", "once", "drop", "no", "old"):
        replies = answers(house, pressed(f"v1|{action}|theirs|482"))
        assert "tidak berlaku" in spoken(replies)
    assert house.questions.submission("theirs") is not None
    assert not house.evidence.pairs


def test_a_button_pressed_twice_has_one_effect() -> None:
    house = house_with_facts()
    answers(house, said(CLAIM), finds(CLAIM, Decision.SUGGEST, 482, 483))
    for _ in range(2):
        replies = answers(house, pressed("v1|pick|s1|482"))
        assert replies[0].do is Do.TOAST
        assert "SALAH" in replies[1].text
    assert house.evidence.pairs == [(CLAIM, 482, True, "asker")]


def test_a_button_still_works_after_a_week_while_its_item_exists() -> None:
    house = house_with_facts()
    answers(house, said(CLAIM), finds(CLAIM, Decision.SUGGEST, 482, 483))
    house.now += timedelta(days=7)
    assert "SALAH" in spoken(answers(house, pressed("v1|pick|s1|482")))
    house.facts.rows.pop(482)
    assert "tidak ada" in spoken(answers(house, pressed("v1|src|482|")))


def test_the_same_message_again_opens_nothing_new() -> None:
    house = house_with_facts()
    answers(house, said(CLAIM))
    replies = answers(house, said(f"{CLAIM}!!", ref="m2"), new_id="s2")
    assert "sudah Anda kirim" in spoken(replies)
    assert set(house.questions.submissions) == {"s1"}


def test_a_message_that_comes_after_its_own_correction_is_not_answered_again() -> None:
    house = house_with_facts()
    answers(house, said(CLAIM, act=Act.EDIT))
    assert answers(house, said("TPS tutup jam 9 katanya pak RT"), new_id="s2") == []
    assert set(house.questions.submissions) == {"s1"}


def test_an_answer_whose_check_was_withdrawn_is_not_given() -> None:
    house = house_with_facts()
    number = house.facts.rows[482]
    house.facts.rows[482] = type(number)(**{**_fields(number), "state": "retracted"})
    replies = answers(house, said(CLAIM), finds(CLAIM, Decision.ANSWER, 482))
    assert "BELUM DIPERIKSA" in spoken(replies)
    assert house.questions.submission("s1").outcome is Outcome.QUEUED  # type: ignore[union-attr]


def _fields(fact: object) -> dict[str, object]:
    return {name: getattr(fact, name) for name in fact.__dataclass_fields__}  # type: ignore[attr-defined]


def test_a_blocked_person_is_marked_and_a_returned_one_unmarked() -> None:
    house = house_with_facts()
    answers(house, said(act=Act.BLOCKED))
    assert house.person("ani").unreachable
    answers(house, said(act=Act.RETURNED))
    assert not house.person("ani").unreachable
