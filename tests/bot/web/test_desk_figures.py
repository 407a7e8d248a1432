"""Figures of the desk: shown with their tables, exported, who is here, medians that are right."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.web.charts import Bar, bars
from bot.web.desk_figures import text_of
from bot.web.pages import words
from bot.web.spreadsheet import BOM
from handlers.summary import lines, span
from knowledge_base.facts import (
    Address,
    FactCheck,
    Outcome,
    Role,
    Source,
    State,
    Submission,
    Verdict,
)
from knowledge_base.figures import DayFigures, Standing, median
from knowledge_base.store.figures import Figures


@pytest.fixture
def busy_day(store, clock):
    """Three ask one thing each; one is answered at once, two by people after 1 and 3 hours."""
    with store.work() as work:
        fact = FactCheck(
            identity="x",
            claim="Jembatan Kenanga ditutup.",
            verdict=Verdict.FALSE,
            fact="Tetap dibuka.",
            sources=(Source("https://x.example/1"),),
            topic="transport",
            state=State.PUBLISHED,
        )
        number = work.facts.save(fact, "ani", "").number
        codes = []
        for who in ("a", "b", "c"):
            person = work.contacts.at(Address("telegram", "bot", who), clock())
            outcome = Outcome.ANSWERED if who == "a" else Outcome.QUEUED
            asked = Submission(
                id=f"s{who}",
                person=person.id,
                text=f"kabar {who}",
                outcome=outcome,
                at=clock(),
                fingerprint=who,
                fact_number=number if who == "a" else None,
            )
            work.questions.note(asked)
            if who != "a":
                codes.append(work.questions.ask(asked))
        work.evidence.add("kabar b", number, right=False, by="asker")
    for hours, question in zip((1, 2), codes, strict=True):
        clock.forward(hours=hours)
        with store.work() as work:
            work.questions.settle(question.code, number, "ani", question.version)


async def test_the_export_has_the_figures_of_the_day(busy_day, enter):
    editor = await enter("Ani", Role.EDITOR)
    answer = await editor.get("/desk/figures.csv?days=14")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix(BOM))))
    assert len(rows) == 14
    today = rows[-1]
    assert today["day"] == "2027-02-10"
    assert [today[name] for name in ("asked", "automatic", "settled", "refused")] == [
        "3",
        "1",
        "2",
        "1",
    ]
    assert float(today["verdict"]) == 2 * 3600
    assert today["backlog"] == "0"
    assert rows[0]["verdict"] == ""


async def test_every_chart_has_a_table_that_says_the_same(busy_day, enter):
    page = (await (await enter("Ani", Role.READER)).get("/desk/figures?lang=en")).text
    assert page.count("<svg") == page.count("<details>") >= 7
    assert "2 h" in page
    assert "33 %" in page
    assert "Ani · Redaksi" in page
    assert "3 messages asked about, 33 % answered at once." in page


async def test_a_reader_sees_the_figures_but_takes_none_away(enter):
    reader = await enter("Ani", Role.READER)
    assert (await reader.get("/desk/figures")).status_code == 200
    assert (await reader.get("/desk/figures.csv")).status_code == 403
    assert "figures.csv" not in (await reader.get("/desk/figures")).text


async def test_only_the_spans_that_are_offered_are_counted(enter):
    editor = await enter("Ani", Role.EDITOR)
    for days in ("00300000", "3000", "١٤", "9" * 5000, ""):
        answer = await editor.get("/desk/figures.csv", params={"days": days})
        assert len(answer.text.splitlines()) == 1 + 14
    assert len((await editor.get("/desk/figures.csv?days=30")).text.splitlines()) == 1 + 30


async def test_the_export_counts_no_more_often_than_the_page(busy_day, enter, clock, monkeypatch):
    editor, counted, sums = await enter("Ani", Role.EDITOR), [], Figures.sums
    monkeypatch.setattr(
        Figures, "sums", lambda door, *asked: counted.append(1) or sums(door, *asked)
    )
    for path in ("", ".csv", ".csv?by=topic"):
        assert (await editor.get("/desk/figures" + path)).status_code == 200
    assert len(counted) == 1
    clock.forward(minutes=2)
    await editor.get("/desk/figures.csv")
    assert len(counted) == 2


def test_backlog_is_counted_back_from_now(busy_day, store, clock):
    with store.read() as work:
        days = work.figures.sums(clock.forward(days=-3), "Asia/Jakarta")
        assert [(day.backlog, day.settled) for day in days] == [(0, 0), (0, 0), (0, 0), (0, 2)]
        by_topic = {part.name: part for part in work.figures.by("topic", clock(), "Asia/Jakarta")}
    assert by_topic["transport"].verdict == 2 * 3600


@pytest.mark.parametrize(
    ("values", "middle"), [([], None), ([3], 3), ([9, 1, 5], 5), ([4, 1, 2, 9], 3)]
)
def test_the_median(values, middle):
    assert median(values) == middle


def test_a_chart_of_nothing_and_of_hostile_labels_is_still_a_chart():
    assert "<svg" in bars("x", [])
    drawn = bars('"><script>', [Bar("<b>", 2.0, '"&'), Bar("y", None, "–")])
    assert "<script>" not in drawn
    assert "<b>" not in drawn


def test_the_longest_label_of_a_chart_has_room():
    drawn = bars("x", [Bar("y", 3.0, "18 mnt"), Bar("z", 1.0, "1")])
    end = re.search(r'<text class="tick" x="(\d+)"[^>]*>18 mnt', drawn).group(1)
    assert int(end) >= 7 * len("18 mnt")


@pytest.mark.parametrize("seconds", [119, 821, 3599, 5400, 90_000, 180_000])
def test_the_page_and_the_summary_count_a_time_alike(seconds):
    say = words("id")
    number = text_of("verdict", float(seconds), say).split(" ")[0]
    assert span("id", seconds).split(" ")[0] == number


def test_the_summary_says_how_the_day_was_and_how_the_desk_stands():
    now = datetime(2027, 2, 10, 9, tzinfo=UTC)
    day = DayFigures(date(2027, 2, 10), asked=8, automatic=6, settled=2, verdict=5400.0,
                     first_word=4.2)  # fmt: skip
    standing = Standing(3, now - timedelta(hours=5), (("Ani", 4), ("Budi", 1)))
    assert lines(day, standing, "en", now)[1:] == (
        "8 messages asked about, 75 % answered at once.",
        "2 questions settled.",
        "Half of the askers had a first word within 4 seconds.",
        "Half of them had their verdict within 1 hour.",
        "3 questions are waiting now.",
        "The oldest has waited 5 hours.",
        "On duty in the last 24 hours: Ani (4), Budi (1).",
    )
    assert lines(None, Standing(), "en", now) == (
        "0 questions are waiting now.",
        "Nobody was on duty in the last 24 hours.",
    )


@pytest.mark.parametrize("by", ["topic", "channel"])
async def test_topics_and_channels_are_exported_and_no_name_is_a_formula(
    busy_day, enter, store, by
):
    with store.work() as work:
        fact = FactCheck("y", "Lain.", Verdict.FALSE, (Source("https://x.example/2"),),
                         fact="Ya.", topic='=HYPERLINK("https://x")')  # fmt: skip
        number = work.facts.save(fact, "ani", "").number
        work.evidence.add("kabar", number, right=False, by="asker")
    editor = await enter("Ani", Role.EDITOR)
    answer = await editor.get(f"/desk/figures.csv?by={by}")
    rows = {row[by]: row for row in csv.DictReader(io.StringIO(answer.text.removeprefix(BOM)))}
    assert not [name for name in rows if name[:1] in "=+-@" and name]
    assert rows["transport" if by == "topic" else "telegram"]["automatic"] == "1"
    assert len(rows) == (2 if by == "topic" else 1)


async def test_who_is_here_is_shown_with_what_they_have_taken(enter, store, clock):
    browser = await enter("Ani", Role.MODERATOR)
    with store.work() as work:
        who = work.contacts.at(Address("telegram", "bot", "a"), clock()).id
        asked = Submission("s1", who, "kabar baru", Outcome.QUEUED, clock(), fingerprint="f")
        work.questions.note(asked)
        code = work.questions.ask(asked).code
    assert f'href="/desk/q/{code}"' not in (await browser.get("/desk/figures")).text
    assert (await browser.post(f"/desk/q/{code}/take")).status_code == 303
    assert f'href="/desk/q/{code}"' in (await browser.get("/desk/figures")).text
