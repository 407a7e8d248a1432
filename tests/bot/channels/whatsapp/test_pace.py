"""Our pace on WhatsApp stays below what the platform takes, whoever is written to and when."""

from __future__ import annotations

import httpx
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp import LIMITS
from bot.pace import Pace
from tests.servers.graph import PAIR_GAP, FakeGraph

WISHES = st.lists(st.tuples(st.integers(0, 3), st.floats(0, 3)), max_size=60)


@settings(max_examples=40)
@given(wishes=WISHES)
async def test_the_platform_never_has_to_slow_us_down(wishes: list[tuple[int, float]]) -> None:
    """Each wish is a person and how long after the last one somebody wants to write to them."""
    fake = FakeGraph(paced=True, pair_burst=LIMITS.per_chat_burst, per_second=80)
    people = [fake.person(f"P{n}", number=f"62811000000{n}") for n in range(4)]
    for person in people:
        person.sends("x")
    pace = Pace(LIMITS)
    headers = {"Authorization": f"Bearer {fake.token}"}
    async with httpx.AsyncClient(transport=fake.transport(), base_url=fake.url) as client:
        for who, later in wishes:
            fake.passes(later)
            fake.passes(pace.wait(str(who), fake.now()))
            pace.sent(str(who), fake.now())
            body = {
                "messaging_product": "whatsapp",
                "to": people[who].number,
                "type": "text",
                "text": {"body": "x"},
            }
            answer = await client.post(
                f"/v25.0/{fake.number_id}/messages", json=body, headers=headers
            )
            assert answer.status_code == 200


def test_we_keep_the_gap_the_platform_names() -> None:
    assert LIMITS.per_chat_seconds >= PAIR_GAP
    assert LIMITS.per_second <= 40  # of 80 in both directions
