"""A source is looked at without trusting it: no inner network, no detour, no long wait."""

from __future__ import annotations

import httpx
import pytest

from bot.reach import HOPS, public, reach

INNER = [
    "127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    "2001:0:7f00:1::", "64:ff9b:1::a00:1", "ff02::1", "not an address", "192.0.2.1", "2001:db8::1",
    "::7f00:1", "::127.0.0.1", "::ffff:0:127.0.0.1", "fec0::1", "192.88.99.1", "3fff::1", "5f00::1",
]  # fmt: skip
OUTER = "93.184.216.34"


class Net:
    """A network with one address; remembers what was asked."""

    def __init__(self, *answers: httpx.Response, address: str = OUTER) -> None:
        self.answers, self.address = list(answers), address
        self.asked: list[tuple[str, str, str]] = []
        self.looked_up: list[str] = []

    async def resolve(self, host: str, port: int) -> list[str]:
        self.looked_up.append(host)
        return [self.address]

    def answer(self, request: httpx.Request) -> httpx.Response:
        sni = request.extensions["sni_hostname"]
        self.asked.append((str(request.url), request.headers["host"], sni))
        return self.answers.pop(0)

    async def reach(self, url: str):
        return await reach(url, resolve=self.resolve, transport=httpx.MockTransport(self.answer))


@pytest.mark.parametrize("address", INNER)
def test_nothing_inside_is_public(address):
    assert not public(address)


@pytest.mark.parametrize("address", [OUTER, "2606:4700::1111"])
def test_the_internet_is(address):
    assert public(address)


async def test_it_connects_to_what_was_resolved_once():
    net = Net(httpx.Response(200))
    assert (await net.reach("https://kpu.example/a?b=1")).ok
    assert net.asked == [(f"https://{OUTER}/a?b=1", "kpu.example", "kpu.example")]
    assert net.looked_up == ["kpu.example"]


@pytest.mark.parametrize(("status", "ok"), [(200, True), (403, True), (404, False), (500, False)])
async def test_a_status_says_whether_somebody_answers(status, ok):
    assert (await Net(httpx.Response(status)).reach("http://kpu.example/")).ok is ok


@pytest.mark.parametrize(
    "url",
    ["ftp://kpu.example/", "https://a:b@kpu.example/", "https://kpu.example:8443/", "file:///etc/passwd",
     "https://", "javascript:alert(1)", "http://[::1", "https://kpu..example/"],
)  # fmt: skip
async def test_strange_addresses_are_not_opened(url):
    net = Net()
    assert not (await net.reach(url)).ok
    assert net.asked == []


async def test_no_redirect_leads_inside():
    away = httpx.Response(302, headers={"location": "http://intra.example/"})
    net = Net(away)
    plain = net.resolve

    async def inner(host: str, port: int) -> list[str]:
        await plain(host, port)
        return ["169.254.169.254"] if host == "intra.example" else [OUTER]

    net.resolve = inner
    found = await net.reach("https://kpu.example/")
    assert (found.ok, found.detail, len(net.asked)) == (False, "not on the public internet", 1)


async def test_one_inner_address_among_several_is_enough_to_stay_out():
    async def both(host: str, port: int) -> list[str]:
        return [OUTER, "10.0.0.1"]

    assert not (await reach("https://kpu.example/", resolve=both)).ok


async def test_hops_are_counted():
    away = [httpx.Response(301, headers={"location": "/next"}) for _ in range(HOPS + 1)]
    net = Net(*away)
    assert (await net.reach("https://kpu.example/")).detail == "too many redirects"
    assert len(net.asked) == HOPS + 1
