"""How often one address may ask, and how many pages may listen."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.web.hub import END, LINE, Crowded, Hub, next_event
from bot.web.limits import REMEMBERED, Limiter, network

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


def test_a_full_minute_asks_to_wait_until_the_oldest_request_is_over():
    limiter = Limiter(2)
    assert [limiter.wait("a", NOON + timedelta(seconds=s)) for s in (0, 20, 30)] == [0, 0, 30]
    assert limiter.wait("b", NOON + timedelta(seconds=30)) == 0
    assert limiter.wait("a", NOON + timedelta(seconds=60)) == 0


def test_requests_that_were_refused_do_not_lengthen_the_wait():
    limiter = Limiter(1)
    limiter.wait("a", NOON)
    for second in range(1, 60):
        assert limiter.wait("a", NOON + timedelta(seconds=second)) == 60 - second
    assert limiter.wait("a", NOON + timedelta(seconds=60)) == 0


def test_addresses_are_forgotten_when_there_are_too_many():
    limiter = Limiter(1)
    for number in range(REMEMBERED + 1):
        limiter.wait(str(number), NOON)
    assert limiter.wait(str(REMEMBERED), NOON) == 60
    assert limiter.wait("0", NOON) == 0


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),  # IPv4 on a socket that takes both
        ("", ""),
        ("testclient", "testclient"),
    ],
)
def test_one_household_is_one_address(address, key):
    assert network(address) == key


async def test_only_the_pages_of_the_chat_hear():
    hub = Hub()
    with hub.listen("a") as first, hub.listen("a") as second, hub.listen("b") as other:
        hub.tell("a")
        assert await next_event(first, 1) is LINE
        assert await next_event(second, 1) is LINE
        assert other.empty()
        assert await next_event(other, 0) is None


async def test_a_page_that_does_not_listen_holds_up_nobody():
    hub = Hub(backlog=2)
    with hub.listen("a") as slow:
        for _ in range(5):
            hub.tell("a")
        assert slow.qsize() == 2
        hub.close()
        assert await next_event(slow, 1) is END
    with pytest.raises(Crowded), hub.listen("a"):
        pass


async def test_places_are_free_again_when_pages_close():
    hub = Hub(per_chat=1, over_all=2)
    with hub.listen("a"), pytest.raises(Crowded), hub.listen("a"):
        pass
    with hub.listen("a"), hub.listen("b"), pytest.raises(Crowded), hub.listen("c"):
        pass
    with hub.listen("c") as page:
        await asyncio.sleep(0)
        assert page.empty()


def test_looking_whether_the_door_is_closed_counts_nothing():
    limiter = Limiter(1)
    assert [limiter.closed("a", NOON) for _ in range(3)] == [0, 0, 0]
    limiter.wait("a", NOON)
    assert limiter.closed("a", NOON + timedelta(seconds=20)) == 40
    assert limiter.closed("a", NOON + timedelta(seconds=60)) == 0
