"""Counts for the operator, by channel and kind or day."""

from __future__ import annotations

from datetime import date

from knowledge_base.store import Store


def test_what_is_left_out_is_counted_by_channel_and_kind(store: Store):
    with store.work() as work:
        for kind in ("poll", "poll", "route: bot"):
            work.tally.ignored("telegram", kind)
        work.tally.ignored("whatsapp", "poll")
    with store.read() as work:
        found = work.tally.all_ignored()
    assert found == {
        ("telegram", "poll"): 2,
        ("telegram", "route: bot"): 1,
        ("whatsapp", "poll"): 1,
    }


def test_corrections_among_the_templates_are_counted_too(store: Store):
    first, second = date(2027, 2, 10), date(2027, 2, 11)
    with store.work() as work:
        for day, correction in ((first, False), (first, True), (second, False)):
            work.tally.announced("whatsapp", day, correction=correction)
    with store.read() as work:
        counted = [
            (work.tally.announced_on("whatsapp", day), work.tally.corrections_on("whatsapp", day))
            for day in (first, second)
        ]
    assert counted == [(2, 1), (1, 0)]


def test_what_is_billed_is_counted_by_day(store: Store):
    first, second = date(2027, 2, 10), date(2027, 2, 11)
    with store.work() as work:
        for day in (first, second, second):
            work.tally.billed("whatsapp", day)
    with store.read() as work:
        assert work.tally.all_billed() == {("whatsapp", first): 1, ("whatsapp", second): 2}
        assert work.tally.all_ignored() == {}
