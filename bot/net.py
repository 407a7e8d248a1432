"""The only file that imports httpx: clients with time limits and without surprises."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec

import httpx

# What httpx builds on asks for this package four times a request. Python does not remember that a
# module is missing, and would look for it through every folder of its path each time.
ABSENT = "sniffio"
if ABSENT not in sys.modules and find_spec(ABSENT) is None:
    sys.modules[ABSENT] = None  # type: ignore[assignment]

Client = httpx.AsyncClient
HTTPError = httpx.HTTPError
TimeoutException = httpx.TimeoutException
Response = httpx.Response
Transport = httpx.AsyncBaseTransport
InvalidURL = httpx.InvalidURL


def client(
    base_url: str = "",
    *,
    headers: Mapping[str, str] | None = None,
    seconds: float = 10.0,
    transport: httpx.AsyncBaseTransport | None = None,
) -> httpx.AsyncClient:
    """An HTTP client that follows no redirect, ignores proxy variables and gives up in time.

    `seconds` bounds each of connect, read, write and waiting for a connection. Tests pass a
    `transport` that answers in the process.
    """
    return httpx.AsyncClient(
        base_url=base_url,
        headers=dict(headers or {}),
        timeout=httpx.Timeout(seconds),
        follow_redirects=False,
        trust_env=False,
        transport=transport,
        verify=True if transport else certificates(),
    )


@cache
def certificates() -> ssl.SSLContext:
    """Whom all connections trust. Read once: it takes longer than all else a client needs."""
    return httpx.create_ssl_context(trust_env=False)
