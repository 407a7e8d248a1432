"""Posts deliveries to a webhook at a steady beat, in a process of its own and at little cost.

Run by benchmarks.messengers: reads the address, the beat and the deliveries from the file that is
its argument, prints one line for each as soon as it is acknowledged: its number, when it was
posted, when the answer came (Unix seconds), how often it had to be posted.
"""

from __future__ import annotations

import asyncio
import json
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


async def post_all(plan: Mapping[str, object], deliveries: list[dict[str, object]]) -> None:
    """Post them all, each at its beat whatever became of the others before."""
    port, path, rate = int(str(plan["port"])), str(plan["path"]), float(str(plan["rate"]))
    free: asyncio.LifoQueue[Line] = asyncio.LifoQueue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Line("127.0.0.1", port))

    async def post(number: int, whole: bytes) -> None:
        begun, tries, status = time.time(), 0, 0
        while status != 200:  # what was not acknowledged comes again, as from the platforms
            tries += 1
            line = await free.get()
            try:
                status = await line.post(whole)
            finally:
                free.put_nowait(line)
            if status != 200:
                await asyncio.sleep(min(5.0, 0.2 * tries))
        print(number, begun, time.time(), tries)

    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, one in enumerate(deliveries):
            whole = request(path, one["headers"], str(one["body"]).encode())  # type: ignore[arg-type]
            await asyncio.sleep(max(0.0, start + number / rate - time.perf_counter()))
            group.create_task(post(number, whole))


if __name__ == "__main__":
    first, *rest = Path(sys.argv[1]).read_text().splitlines()
    asyncio.run(post_all(json.loads(first), [json.loads(line) for line in rest]))
