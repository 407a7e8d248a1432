"""A whole Saring moved by hand, with people in a strict Telegram on the other side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from knowledge_base.store import Store
from tests.by_hand import ByHand
from tests.servers.telegram import FakeTelegram


@pytest.fixture
def clock(fake: FakeTelegram) -> Callable[[], datetime]:
    """The database lives in the same time as Telegram."""
    return lambda: datetime.fromtimestamp(fake.now(), UTC)


@pytest.fixture
async def saring(store: Store, fake: FakeTelegram) -> AsyncIterator[ByHand]:
    by_hand = ByHand(store, fake)
    await by_hand.telegram.set_up()
    yield by_hand
    await by_hand.telegram.close()
    assert by_hand.counts() == {"inbox": 0, "parked": 0, "outbox": 0}
