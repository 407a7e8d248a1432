"""Who could be sitting at a colleague's desk: links, second factors and chats, and what they prove.

Rina is the admin and author, Budi the second person, "command line" the server."""

from __future__ import annotations

from datetime import timedelta

import pytest

from handlers.ways_in import let_in
from knowledge_base.deeds import Deed, of_person
from tests.fakes import FakeHouse
from tests.handlers.callers import house_with_facts

SERVER = "command line"
ADDED, LINK = ("rina", Deed.MODERATOR_ADD), ("rina", Deed.MODERATOR_LINK)
SERVER_LINK, CHAT_LINK = (SERVER, Deed.MODERATOR_LINK), ("budi", Deed.MODERATOR_LINK)
LOGIN, FACTOR = ("budi", Deed.SESSION_BEGIN), ("budi", Deed.FACTOR_ADD)
GONE, RESET = ("budi", Deed.FACTOR_REMOVE), ("rina", Deed.MODERATOR_RESET_FACTOR)
CHAT, NO_CHAT = ("budi", Deed.CHAT_LINK), ("budi", Deed.CHAT_UNLINK)
OWN = (ADDED, SERVER_LINK, LOGIN, FACTOR)  # set up behind a link of the server
NEXT_DAY = ("", None)


@pytest.fixture
def house() -> FakeHouse:
    return house_with_facts()


def told(house: FakeHouse, *history: tuple[str, Deed | None]) -> FakeHouse:
    """A minute apart, but for the days between."""
    for actor, deed in history:
        house.now += timedelta(minutes=1) if deed else timedelta(hours=13)
        if deed:
            house.audit.write(actor, deed, of_person("budi"))
    return house


@pytest.mark.parametrize(
    "history",
    [
        (ADDED,),
        (ADDED, LOGIN),
        (SERVER_LINK, LOGIN, LINK),  # no factor
        (ADDED, LOGIN, FACTOR),  # she may have set it up herself
        (ADDED, LOGIN, FACTOR, NEXT_DAY, LINK),
        (LINK, LOGIN, SERVER_LINK, LOGIN, FACTOR, LINK),  # her session was still open then
        (*OWN, RESET),
        (*OWN, RESET, LINK, LOGIN, FACTOR),
        (*OWN, NEXT_DAY, LINK, LOGIN, GONE, FACTOR),  # emptied, and set up behind her link
        (*OWN, GONE, LINK),
        (ADDED, LOGIN, CHAT, CHAT_LINK),  # the chat may be hers
        (ADDED, LOGIN, FACTOR, CHAT, CHAT_LINK),
        (ADDED, SERVER_LINK, LOGIN, CHAT, RESET, CHAT_LINK),  # a reset unlinks every chat
    ],
)
def test_she_could_be_sitting_there(house: FakeHouse, history: tuple) -> None:
    assert let_in(told(house, *history).ports(), "budi", "rina")


@pytest.mark.parametrize(
    "history",
    [
        (),
        (SERVER_LINK, LOGIN),
        (LINK, LOGIN, NEXT_DAY, SERVER_LINK),
        (*OWN, NEXT_DAY, LINK, LOGIN),  # she makes every link, and has no factor of his
        (*OWN, NEXT_DAY, LINK, LOGIN, FACTOR, GONE, NEXT_DAY, LINK),  # another one, then less
        (LINK, LOGIN, NEXT_DAY, SERVER_LINK, LOGIN, FACTOR, LINK),
        (*OWN, RESET, SERVER_LINK, LOGIN, FACTOR, NEXT_DAY, LINK),
        (ADDED, SERVER_LINK, LOGIN, CHAT, NEXT_DAY, LINK, CHAT_LINK),
        (*OWN, NEXT_DAY, LINK, LOGIN, CHAT, CHAT_LINK),
    ],
)
def test_only_he_can_be_sitting_there(house: FakeHouse, history: tuple) -> None:
    assert not let_in(told(house, *history).ports(), "budi", "rina")


def test_what_another_admin_did_is_nothing_against_this_author(house: FakeHouse) -> None:
    told(house, ADDED, LOGIN, FACTOR, ("dewi", Deed.MODERATOR_LINK))
    assert let_in(house.ports(), "budi", "dewi") is False  # his factor was there before
    assert let_in(house.ports(), "budi", "rina") is False  # the newest link is not hers
