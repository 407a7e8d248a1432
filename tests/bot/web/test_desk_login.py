"""Logging in: nothing tells who exists, guesses run dry, a planted cookie is worth nothing."""

from __future__ import annotations

from dataclasses import replace

import httpx

from bot.web.app import create_app
from bot.web.login import HALF_IN, OPEN_TO_ALL, _routes
from bot.web.services import Limits
from knowledge_base.facts import Role
from tests.statements import listening


async def test_a_used_an_old_and_an_invented_link_get_the_same_reply(stranger, store, clock):
    with store.work() as work:
        work.desk.add("Ani", Role.READER, "", clock())
        used = work.desk.link("Ani", clock())
        work.desk.redeem(used, clock())
        old = work.desk.link("Ani", clock())
    clock.forward(minutes=15)
    replies = [await stranger.post("/desk/login", data={"token": t}) for t in (used, old, "x" * 43)]
    assert {reply.status_code for reply in replies} == {403}
    assert len({reply.text for reply in replies}) == 1


async def test_a_disabled_person_gets_the_reply_of_nobody(stranger, store, clock):
    with store.work() as work:
        work.desk.add("Ani", Role.READER, "", clock())
        token = work.desk.link("Ani", clock())
        work.desk.revoke("Ani", clock())
    disabled = await stranger.post("/desk/login", data={"token": token})
    nobody = await stranger.post("/desk/login", data={"token": "x" * 43})
    assert (disabled.status_code, disabled.text) == (nobody.status_code, nobody.text)


async def test_nobody_is_asked_for_a_name_on_the_way_in(at_desk):
    """What no form takes, no reply and no clock can tell about."""
    ways = OPEN_TO_ALL | HALF_IN
    taken = {
        field.alias
        for path, route in _routes(create_app(at_desk).routes)
        for field in (*route.dependant.query_params, *route.dependant.body_params)
        if path in ways
    }
    assert taken == {"token", "code", "target"}


async def test_the_way_to_no_is_as_short_for_everybody(stranger, store, clock):
    """As many statements, and none of the slow kind, whoever the link was made for."""
    with store.work() as work:
        for name in ("Ani", "Budi"):
            work.desk.add(name, Role.ADMIN, "", clock())
        old, gone = work.desk.link("Ani", clock()), work.desk.link("Budi", clock())
        work.desk.revoke("Budi", clock())
    clock.forward(minutes=15)
    asked = []
    for token in (old, gone, "x" * 43):
        with listening(store) as heard:
            await stranger.post("/desk/login", data={"token": token})
        asked.append(len(heard.statements))
    assert max(asked) - min(asked) <= 3  # an old link is found once, and taken away


async def test_guessing_at_several_processes_runs_dry_as_well(at_desk, browser_of):
    processes = [replace(at_desk, loopback=False, limits=Limits()) for _ in range(3)]
    replies = []
    for n in range(24):
        async with browser_of(processes[n % 3], "saring.test", "203.0.113.9") as browser:
            replies.append(await browser.post("/desk/login", data={"token": f"g{n}"}))
    assert [reply.status_code for reply in replies] == [403] * 20 + [429] * 4
    assert int(replies[-1].headers["retry-after"]) > 0


async def test_guessing_from_afar_runs_dry_but_another_house_still_gets_in(at_desk, store, clock):
    def browser(peer: str) -> httpx.AsyncClient:
        app = create_app(replace(at_desk, loopback=False))
        transport = httpx.ASGITransport(app, client=(peer, 40000))
        headers = {"Sec-Fetch-Site": "same-origin"}
        return httpx.AsyncClient(
            transport=transport, base_url="http://saring.test", headers=headers
        )

    guesser, other = browser("203.0.113.9"), browser("198.51.100.4")
    replies = [await guesser.post("/desk/login", data={"token": f"g{n}"}) for n in range(25)]
    assert [reply.status_code for reply in replies] == [403] * 20 + [429] * 5
    assert int(replies[-1].headers["retry-after"]) > 0
    with store.work() as work:
        work.desk.add("Ani", Role.READER, "", clock())
        token = work.desk.link("Ani", clock())
    assert (await other.post("/desk/login", data={"token": token})).status_code == 303


async def test_a_planted_session_is_not_taken_over(stranger, store, clock):
    stranger.cookies.set("saring_desk", "planted", domain="localhost")
    with store.work() as work:
        work.desk.add("Ani", Role.READER, "", clock())
        token = work.desk.link("Ani", clock())
    answer = await stranger.post("/desk/login", data={"token": token})
    given = answer.headers["set-cookie"]
    assert "saring_desk=planted" not in given
    assert "HttpOnly" in given
    assert "SameSite=lax" in given
    with store.read() as work:
        assert work.accounts.session("planted", clock()) is None
        assert work.audit.about("Ani")[0].action == "session.begin"
