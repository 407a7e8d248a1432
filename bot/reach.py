"""Can a source be reached? Fetches an address somebody typed, so it trusts nothing about it.

Off unless SARING_FETCH=on. Only http and https on their own ports, no names or passwords in the
address, never an address of our own network (nor one that IPv6 carries inside), resolved once
and connected to exactly what was resolved, at most three hops, 15 seconds, and nothing is read
but the beginning of the answer.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

import anyio

from bot import net

HOPS = 3
SECONDS = 15.0
PORTS = {"http": 80, "https": 443}
REDIRECTS = frozenset({301, 302, 303, 307, 308})
REFUSES_ROBOTS = frozenset({401, 403, 405, 429, 451})  # somebody answers there
# https://www.iana.org/assignments/iana-ipv6-special-registry and RFC 6890, 3879, 7526, 9602, 9637:
# prefixes that carry an IPv4 address, and such as no site of the internet has, which Python's
# tables do not name (or name only in newer versions)
NOT_PUBLIC = tuple(
    ipaddress.ip_network(prefix)
    for prefix in (
        "::/96",  # IPv4-compatible
        "::ffff:0:0/96",  # IPv4-mapped
        "::ffff:0:0:0/96",  # IPv4-translated
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/32",
        "2002::/16",
        "192.88.99.0/24",  # relays of 2002::/16
        "fec0::/10",  # site-local
        "3fff::/20",  # documentation
        "5f00::/16",  # segment routing
    )
)

Resolve = Callable[[str, int], Awaitable[list[str]]]


@dataclass(frozen=True, slots=True)
class Reached:
    """Whether somebody answers there, and what was said (a status, or why not)."""

    ok: bool
    detail: str


class Forbidden(Exception):
    """This address is none we connect to; the text says why, without the address."""


def public(text: str) -> bool:
    """Is this an address of the public internet, by itself and without another one inside?"""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if any(address in network for network in NOT_PUBLIC):  # the other version is in none
        return False
    return address.is_global and not address.is_multicast


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises OSError."""
    found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(one[4][0]) for one in found]


async def reach(
    url: str, *, resolve: Resolve = resolve, transport: net.Transport | None = None
) -> Reached:
    """Look whether this source answers. Never raises for any address."""
    try:
        with anyio.fail_after(SECONDS):
            async with net.client(seconds=SECONDS, transport=transport) as client:
                return await _follow(client, url, resolve)
    except Forbidden as error:
        return Reached(False, str(error))
    except TimeoutError:
        return Reached(False, "timeout")
    except (net.HTTPError, net.InvalidURL, OSError, UnicodeError, ValueError) as error:
        return Reached(False, type(error).__name__)


async def _follow(client: net.Client, url: str, resolve: Resolve) -> Reached:
    for _ in range(HOPS + 1):
        status, location = await _ask(client, url, resolve)
        if status not in REDIRECTS or not location:
            return Reached(status < 400 or status in REFUSES_ROBOTS, str(status))
        url = urljoin(url, location)
    return Reached(False, "too many redirects")


async def _ask(client: net.Client, url: str, resolve: Resolve) -> tuple[int, str]:
    """Status and redirect of one hop; the body is left unread."""
    parts = urlsplit(url)
    host, address = await _pinned(parts, resolve)
    at = f"[{address}]" if ":" in address else address
    target = f"{parts.scheme}://{at}{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    headers = {"Host": host, "User-Agent": "Saring", "Range": "bytes=0-0"}
    request = client.build_request(
        "GET", target, headers=headers, extensions={"sni_hostname": host}
    )
    answer = await client.send(request, stream=True)
    await answer.aclose()
    return answer.status_code, answer.headers.get("location", "")


async def _pinned(parts: SplitResult, resolve: Resolve) -> tuple[str, str]:
    """The host and the one address to connect to. Raises Forbidden."""
    host = (parts.hostname or "").encode("idna").decode("ascii")
    port = PORTS.get(parts.scheme)
    if port is None or not host or parts.username or parts.password:
        raise Forbidden("not an address we open")
    if parts.port not in (None, port):
        raise Forbidden("an unusual port")
    addresses = await resolve(host, port)
    if not addresses or not all(public(address) for address in addresses):
        raise Forbidden("not on the public internet")
    return host, addresses[0]
