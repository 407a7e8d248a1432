"""Deny by default: every route of the desk asks the one table, and every role gets its answer."""

from __future__ import annotations

import re

import pytest

from bot.web.app import create_app
from bot.web.login import HALF_IN, OPEN_TO_ALL, rights_of
from bot.web.services import Services
from handlers.ports import Rules
from handlers.rights import RIGHTS, Action
from knowledge_base.facts import Role
from tests.handlers.test_desk_chat_rights import CHAT
from tests.rights_page import PAGE, page

NO_ONE = Services(database=None, rules=Rules(), finder=None, receive=None, clock=None)
ASKED = rights_of(create_app(NO_ONE))
GUARDED = {cell: action for cell, action in ASKED.items() if action is not None}
LOOKING = {Action.SEE_QUEUE, Action.SEE_FIGURES, Action.SEE_AUDIT}


def address(path: str) -> str:
    """A path with something nobody has in every blank."""
    return re.sub(r"\{[^}]*\}", "999999", path)


def test_no_route_of_the_desk_asks_for_nothing():
    silent = {path for (_, path), action in ASKED.items() if action is None}
    assert silent <= OPEN_TO_ALL | HALF_IN
    assert {path for _, path in ASKED} >= OPEN_TO_ALL


def test_every_route_and_every_action_of_a_chat_has_its_row_in_the_documented_table():
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.rights_page"


def test_no_right_is_without_a_door():
    doors = set(GUARDED.values()) | set(CHAT.values())
    assert set(Action) - doors <= {Action.EXPORT} - set(GUARDED.values())


def test_nothing_is_changed_with_the_right_to_look():
    changing = {cell: action for cell, action in GUARDED.items() if cell[0] != "GET"}
    assert changing
    assert {cell for cell, action in changing.items() if action in LOOKING} == set()


async def send(browser, cell, **more) -> tuple[int, str, str]:
    """Status, caching rule and beginning of the text."""
    answer = await browser.request(cell[0], address(cell[1]), **more)
    return answer.status_code, answer.headers.get("cache-control", ""), answer.text[:80]


@pytest.mark.parametrize("role", Role)
async def test_every_role_at_every_route(role, enter, at_desk):
    at_desk.hub.close()  # a stream of events ends as soon as it has let us in
    browser = await enter("Sari", role)
    wrong = []
    for cell, action in GUARDED.items():
        status, kept, _ = await send(browser, cell)
        allowed = action in RIGHTS[role]
        if (status != 403) is not allowed or status >= 500:
            wrong.append((cell, action, status))
        if "no-store" not in kept and status not in (404, 422):
            wrong.append((cell, "may be cached"))
    assert wrong == []


async def test_nobody_gets_in_without_a_session(stranger):
    for cell in GUARDED:
        status, kept, _ = await send(stranger, cell)
        assert (cell, status) == (cell, 303 if cell[0] == "GET" else 401)
        assert "no-store" in kept


async def test_no_foreign_page_can_send_a_form(enter):
    browser = await enter("Sari", Role.ADMIN)
    for cell in (cell for cell in ASKED if cell[0] != "GET"):
        for site in ("cross-site", "same-site"):
            status, _, text = await send(browser, cell, headers={"Sec-Fetch-Site": site})
            assert (cell, status) == (cell, 403)
            assert text.startswith("Refused")


@pytest.mark.parametrize("path", ["/desk", "/desk/me", "/desk/people", "/desk/invite"])
async def test_no_page_of_the_desk_is_framed_or_kept(path, enter):
    headers = (await (await enter("Sari", Role.ADMIN)).get(path)).headers
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"
