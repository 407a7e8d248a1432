"""The Internet Archive is asked strictly, and nothing of its answer is trusted but a time."""

from __future__ import annotations

import json
from datetime import date

import httpx
import pytest

from bot.archive import LARGEST, SERVICE, Unanswered, copy_of

SOURCE = "https://kpu.example/rilis?id=1&x=2"


def snapshot(**changes: object) -> dict[str, object]:
    closest = {
        "status": "200", "available": True, "timestamp": "20260101064348",
        "url": "http://web.archive.org/web/20260101064348/https://kpu.example/rilis",
    }  # fmt: skip
    return {"url": SOURCE, "archived_snapshots": {"closest": {**closest, **changes}}}


class FakeArchive:
    """The availability service: answers a GET of its own address with the promised parameters."""

    def __init__(self, body: object, status: int = 200) -> None:
        self.body, self.status = body, status
        self.asked: list[dict[str, str]] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        assert (request.method, str(request.url.copy_with(query=None))) == ("GET", SERVICE)
        assert set(request.url.params) <= {"url", "timestamp"}
        assert "cookie" not in request.headers
        self.asked.append(dict(request.url.params))
        raw = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        return httpx.Response(self.status, content=raw)

    async def copy_of(self, day: date | None = None) -> str:
        return await copy_of(SOURCE, day, transport=httpx.MockTransport(self.answer))


async def test_the_copy_nearest_to_the_check_is_asked_for() -> None:
    archive = FakeArchive(snapshot())
    assert await archive.copy_of(date(2026, 1, 2)) == "20260101064348"
    assert archive.asked == [{"url": SOURCE, "timestamp": "20260102"}]


async def test_without_a_day_the_newest_is() -> None:
    archive = FakeArchive(snapshot())
    await archive.copy_of()
    assert archive.asked == [{"url": SOURCE}]


@pytest.mark.parametrize(
    "body",
    [
        {"archived_snapshots": {}},
        {"archived_snapshots": []},
        snapshot(status="404"),
        snapshot(available=False),
        snapshot(available="true"),
        snapshot(timestamp="2026"),
        snapshot(timestamp="20260101064348/../../evil"),
        snapshot(timestamp=20260101064348),
        {"archived_snapshots": {"closest": None}},
    ],
)
async def test_what_is_no_good_copy_is_none(body: object) -> None:
    assert await FakeArchive(body).copy_of() == ""


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>busy</html>", 200),
        (b"", 200),
        (b"[]", 200),
        (b"[" * 60_000, 200),
        ({}, 200),
        (snapshot(), 503),
        (snapshot(), 302),
        (b" " * (LARGEST + 1), 200),
    ],
)
async def test_an_answer_in_another_form_is_no_answer(body: object, status: int) -> None:
    with pytest.raises(Unanswered):
        await FakeArchive(body, status).copy_of()


async def test_a_service_that_is_not_there_is_no_answer() -> None:
    def refuse(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused")

    with pytest.raises(Unanswered):
        await copy_of(SOURCE, None, transport=httpx.MockTransport(refuse))
