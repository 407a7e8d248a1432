"""Posts deliveries to a webhook at a steady beat, in a process of its own and at little cost.

Run by benchmarks.messengers: reads the address, the beat, the limit and the deliveries from the
file that is its argument, prints one line for each: its number, when it was posted, when it was
acknowledged (Unix seconds; inf: not within the limit), how often it had to be posted.
"""

from __future__ import annotations

import asyncio
import json
import math
import sys
import time
from collections.abc import Mapping
from pathlib import Path

CONNECTIONS = 40  # kept open, as platforms do
PATIENCE = 20.0  # seconds until a platform takes a delivery for failed


class Line:
    """One connection that is kept open; made again when the other side has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._place = (host, port)
        self._open: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> int:
        """Send it; gives the status, 0 where no answer came."""
        try:
            async with asyncio.timeout(PATIENCE):
                if self._open is None or self._open[0].at_eof():
                    self._open = await asyncio.open_connection(*self._place)
                reader, writer = self._open
                writer.write(request)
                return await _status(reader)
        except (OSError, TimeoutError, ValueError, asyncio.IncompleteReadError):
            self.close()
            return 0

    def close(self) -> None:
        """Let go of it."""
        if self._open is not None:
            self._open[1].close()
            self._open = None


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next(
        (int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:")), 0
    )
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])


def request(path: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """A POST as bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def post_all(plan: Mapping[str, object], deliveries: list[dict[str, object]]) -> list[str]:
    """Post them all, each at its beat whatever became of the others before, and again until it is
    acknowledged; gives a line for each. Gives up `limit` seconds after the first one."""
    port, path = int(str(plan["port"])), str(plan["path"])
    rate, limit = float(str(plan["rate"])), float(str(plan["limit"]))
    free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Line("127.0.0.1", port))
    posted = [math.inf] * len(deliveries)
    acknowledged = [math.inf] * len(deliveries)
    tries = [0] * len(deliveries)

    async def post(number: int, whole: bytes) -> None:
        posted[number] = time.time()
        while True:  # what was not acknowledged comes again, as from the platforms
            line = await free.get()
            tries[number] += 1
            try:
                status = await line.post(whole)
            finally:
                free.put_nowait(line)
            if status == 200:
                acknowledged[number] = time.time()
                return
            await asyncio.sleep(min(5.0, 0.2 * tries[number]))

    start = time.perf_counter()
    try:
        async with asyncio.timeout(limit), asyncio.TaskGroup() as group:
            for number, one in enumerate(deliveries):
                whole = request(path, one["headers"], str(one["body"]).encode())  # type: ignore[arg-type]
                await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
                group.create_task(post(number, whole))
    except TimeoutError:
        print(f"gave up after {limit:.0f} s", file=sys.stderr)
    while not free.empty():
        free.get_nowait().close()
    return [
        f"{number} {posted[number]!r} {acknowledged[number]!r} {tries[number]}"
        for number in range(len(deliveries))
    ]


if __name__ == "__main__":
    first, *rest = Path(sys.argv[1]).read_text().splitlines()
    for told in asyncio.run(post_all(json.loads(first), [json.loads(line) for line in rest])):
        print(told)
