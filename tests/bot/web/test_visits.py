"""Which requests are pages that somebody waits for, and how long they count."""

from __future__ import annotations

import pytest

from bot.web.visits import Visited, Visits


async def called(path, kind="http"):
    """Was somebody waiting while this was answered, and afterwards?"""
    visits, during = Visits(), []

    async def app(scope, receive, send):
        during.append(visits.waiting)

    await Visited(app, visits)({"type": kind, "path": path}, None, None)
    return [*during, visits.waiting]


@pytest.mark.parametrize("path", ["/desk", "/desk/q/7K2M", "/desk/facts"])
async def test_a_page_of_the_desk_counts_while_it_is_made(path):
    assert await called(path) == [True, False]


@pytest.mark.parametrize("path", ["/desk/cards", "/desk/events", "/webhooks/telegram", "/healthz"])
async def test_what_nobody_waits_for_does_not_count(path):
    assert await called(path) == [False, False]


async def test_the_start_of_the_server_is_no_visit():
    assert await called("", "lifespan") == [False, False]


async def test_a_page_that_fails_counts_no_longer():
    visits = Visits()

    async def breaks(scope, receive, send):
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError):
        await Visited(breaks, visits)({"type": "http", "path": "/desk"}, None, None)
    assert not visits.waiting
