"""Does the Internet Archive hold a copy of a source? Asks its availability service, nothing else.

Off unless SARING_ARCHIVE=on: the archive then hears the addresses of published sources. Only the
time of a copy is taken from its answer; the address of the copy is made here.
https://archive.org/help/wayback_api.php
"""

from __future__ import annotations

import json
import re
from datetime import date

from bot import net

SERVICE = "https://archive.org/wayback/available"
SECONDS = 10.0
LARGEST = 64 * 1024  # bytes of an answer; a whole one is some hundred
_COPY = re.compile(r"\d{14}")


def address(url: str, copy: str) -> str:
    """Where people read this copy."""
    return f"https://web.archive.org/web/{copy}/{url}"


class Unanswered(Exception):
    """The archive did not answer, or not in the form it promises."""


async def copy_of(url: str, day: date | None, *, transport: net.Transport | None = None) -> str:
    """The id (YYYYMMDDhhmmss) of the copy made nearest to that day, or of the newest; empty when
    there is none. Raises Unanswered."""
    asked = {"url": url} | ({"timestamp": f"{day:%Y%m%d}"} if day else {})
    try:
        async with (
            net.client(seconds=SECONDS, transport=transport) as client,
            client.stream("GET", SERVICE, params=asked, headers={"User-Agent": "Saring"}) as answer,
        ):
            if answer.status_code != 200:
                raise Unanswered(str(answer.status_code))
            body = b""
            async for part in answer.aiter_bytes():
                body += part
                if len(body) > LARGEST:
                    raise Unanswered("too much")
    except (net.HTTPError, net.InvalidURL, OSError) as error:
        raise Unanswered(type(error).__name__) from error
    return _id_in(body)


def _id_in(body: bytes) -> str:
    try:
        found = json.loads(body)["archived_snapshots"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Unanswered("not in the promised form") from error
    closest = found.get("closest") if isinstance(found, dict) else None
    if not isinstance(closest, dict):
        return ""
    name, good = closest.get("timestamp"), closest.get("status") == "200"
    if closest.get("available") is not True or not good:
        return ""
    return name if isinstance(name, str) and _COPY.fullmatch(name) else ""
