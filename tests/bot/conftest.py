"""What the tests of the bot share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.servers.telegram import FakeTelegram


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    """A strict Telegram: nothing may be called that the real one does not know."""
    server = FakeTelegram()
    yield server
    assert server.violations == []
