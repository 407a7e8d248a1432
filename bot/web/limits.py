"""How often one address may ask: a sliding minute in memory, nothing kept longer."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict, deque
from datetime import datetime, timedelta

REMEMBERED = 20_000


class Limiter:
    """At most `most` requests per key within `window`."""

    def __init__(self, most: int, window: timedelta = timedelta(minutes=1)) -> None:
        self._most = most
        self._window = window
        self._seen: OrderedDict[str, deque[datetime]] = OrderedDict()

    def closed(self, key: str, now: datetime) -> int:
        """Whole seconds until the next request may pass, 0 for now; counts nothing."""
        times = self._seen.get(key, deque())
        recent = [at for at in times if now - at < self._window]
        return self._left(recent[0], now) if len(recent) >= self._most else 0

    def _left(self, first: datetime, now: datetime) -> int:
        left = self._window - (now - first)
        return max(1, int(left.total_seconds() + 0.999))

    def wait(self, key: str, now: datetime) -> int:
        """Count one request; 0 when it may pass, else whole seconds until the next may."""
        times = self._seen.setdefault(key, deque())
        self._seen.move_to_end(key)
        while times and now - times[0] >= self._window:
            times.popleft()
        if len(times) >= self._most:
            return self._left(times[0], now)
        times.append(now)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
        return 0


def network(address: str) -> str:
    """The key of an address: itself for IPv4 (also as a socket for both kinds says it), its /64
    for IPv6 (one household)."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
