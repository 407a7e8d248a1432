"""The load of the benchmarks: everything is posted until it is acknowledged, and never for ever."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from benchmarks.load import post_all

YES, LATER = b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"


@asynccontextmanager
async def answering(*answers: bytes) -> AsyncIterator[int]:
    """A server that gives these answers in turn, the last one for good; gives its port."""
    left, over = list(answers), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readline():
            await reader.readuntil(b"\r\n\r\n")
            writer.write(left.pop(0) if len(left) > 1 else left[0])
        writer.close()
        await writer.wait_closed()
        over.set()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield int(server.sockets[0].getsockname()[1])
        await over.wait()


async def posted(port: int, number: int, limit: float) -> list[list[str]]:
    plan = {"port": port, "path": "/webhook", "rate": 1000, "limit": limit}
    lines = await post_all(plan, [{"headers": {}, "body": ""}] * number)
    return [line.split() for line in lines]


async def test_what_is_refused_is_posted_again() -> None:
    async with answering(LATER, LATER, YES) as port:
        lines = await posted(port, 1, 60)
    [(number, begun, acknowledged, tries)] = lines
    assert (number, tries) == ("0", "3")
    assert float(begun) <= float(acknowledged) < math.inf


async def test_what_nobody_takes_is_told_as_such_when_the_limit_is_reached() -> None:
    async with answering(YES, LATER) as port:
        lines = await posted(port, 3, 1.0)
    assert [line[0] for line in lines] == ["0", "1", "2"]
    assert sum(line[2] == "inf" for line in lines) >= 2
