"""Upkeep on the desk: sources that vanished and checks that have aged."""

from dataclasses import replace
from datetime import date

import pytest

from handlers.ports import Rules
from knowledge_base.facts import Role
from tests.bot.edge import save_fact

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def gone(store, clock):
    """A fact-check whose only source failed today and yesterday."""
    saved = save_fact(store, claim=f"Klaim {HOSTILE}")
    for _ in range(2):
        with store.work() as work:
            work.upkeep.source_checked(saved.number, saved.sources[0].url, False, f"404 {HOSTILE}")
        clock.forward(days=1)
    return saved


async def test_a_source_that_vanished_is_listed_and_said_in_public(enter, gone, at_desk):
    looking = replace(at_desk, rules=Rules(fetch=True))
    page = (await (await enter("ani", Role.MODERATOR, looking)).get("/desk/upkeep")).text
    assert gone.sources[0].url in page
    assert f"/desk/upkeep/{gone.number}/sources" in page
    assert "<img src=x" not in page
    editor = await enter("ani", Role.MODERATOR)
    assert "tidak bisa dibuka lagi" in (await editor.get(f"/p/{gone.number}")).text


async def test_a_copy_in_the_archive_is_offered_once_the_source_is_gone(enter, gone, store):
    url = gone.sources[0].url
    copy = f"https://web.archive.org/web/20260101064348/{url}"
    editor = await enter("ani", Role.MODERATOR)
    for path in ("/desk/upkeep", f"/p/{gone.number}"):
        assert "web.archive.org" not in (await editor.get(path)).text
    with store.work() as work:
        work.upkeep.copied(url, "20260101064348")
        work.upkeep.copied("https://never.looked.at.example/", "20260101064348")
    for path in ("/desk/upkeep", f"/p/{gone.number}"):
        assert f'href="{copy}"' in (await editor.get(path)).text, path
    with store.work() as work:
        work.upkeep.source_checked(gone.number, url, True, "200")
    assert "web.archive.org" not in (await editor.get(f"/p/{gone.number}")).text


async def test_where_nothing_may_be_opened_the_page_says_so(enter, gone):
    page = (await (await enter("ani", Role.MODERATOR)).get("/desk/upkeep")).text
    assert "SARING_FETCH" in page
    assert f"/desk/upkeep/{gone.number}/sources" not in page


async def test_one_can_have_it_looked_at_again(enter, gone, at_desk, store, clock):
    desk = await enter("ani", Role.MODERATOR, replace(at_desk, rules=Rules(fetch=True)))
    answer = await desk.post(f"/desk/upkeep/{gone.number}/sources")
    assert answer.headers["location"] == "/desk/upkeep?done=looking"
    with store.work() as work:
        assert work.job_table.claim(clock()).task == "check_sources"
    assert (await desk.post("/desk/upkeep/999/sources")).status_code == 404


async def test_what_was_checked_more_than_a_year_ago_is_listed(enter, store):
    old = save_fact(store, 1, checked_on=date(2025, 1, 1))
    new = save_fact(store, 2, checked_on=date(2027, 2, 1))
    page = (await (await enter("lia", Role.READER)).get("/desk/upkeep")).text
    assert f'href="/desk/facts/{old.number}"' in page
    assert f'href="/desk/facts/{new.number}"' not in page
