"""Half requests, drop by drop: they are closed, while whole ones are answered and long answers go
on."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
import uvicorn

from bot import server

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n"
HALVES = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
    "half a body": HEAD + b"x" * 10,
    "half a second request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
    "a second request without its body": GET + HEAD,
    "a second request with half a body": GET + HEAD + b"x" * 10,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers a whole request; /long only goes on when it is told to."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if scope["path"] == "/long":
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await scope["state"]["go"].wait()
    await send({"type": "http.response.body", "body": b"end"})


@pytest.fixture
async def lines(monkeypatch) -> AsyncIterator[Any]:
    """open(first bytes): a connection to the server; patience is a third of a second."""
    monkeypatch.setattr(server, "ARRIVES", {"IDLE": 0.3, "SEND_BODY": 0.3})
    listener = socket.create_server(("127.0.0.1", 0))
    go = asyncio.Event()

    async def with_state(scope: Any, receive: Any, send: Any) -> None:
        scope["state"] = {"go": go}
        await app(scope, receive, send)

    config = uvicorn.Config(
        with_state,
        http=server.Hurried,
        lifespan="off",
        log_level="critical",
        timeout_graceful_shutdown=1,
    )
    running = uvicorn.Server(config)
    running.capture_signals = contextlib.nullcontext
    task = asyncio.create_task(running.serve(sockets=[listener]))
    opened = []

    async def line(first: bytes) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection(*listener.getsockname())
        opened.append(writer)
        writer.write(first)
        return reader, writer

    line.go = go
    yield line
    for writer in opened:
        writer.close()
    running.should_exit = True
    await task


@pytest.mark.parametrize("half", HALVES.values(), ids=HALVES)
async def test_a_request_that_does_not_arrive_is_closed(lines, half) -> None:
    reader, _ = await lines(half)
    async with asyncio.timeout(20):
        await reader.read()  # ends when the server hangs up


async def test_a_head_drop_by_drop_wins_no_time(lines) -> None:
    reader, writer = await lines(b"GET / HTTP/1.1\r\nHost: a\r\n")

    async def drip() -> None:
        while not reader.at_eof():
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.02)

    drops = asyncio.create_task(drip())
    async with asyncio.timeout(20):
        with contextlib.suppress(ConnectionError):
            await reader.read()
    drops.cancel()


async def test_whole_requests_and_long_answers_are_left_alone(lines) -> None:
    """Many half ones stand beside it, and all of them are closed before the answer ends."""
    halves = [await lines(half) for half in [*HALVES.values()] * 10]
    reader, _ = await lines(GET.replace(b"/ ", b"/long ", 1))
    async with asyncio.timeout(20):
        begun = await reader.readuntil(b"a")
        for closed, _ in halves:
            with contextlib.suppress(ConnectionError):
                await closed.read()
        lines.go.set()
        assert b"end" in await reader.readuntil(b"end")
    assert begun.startswith(b"HTTP/1.1 200")
