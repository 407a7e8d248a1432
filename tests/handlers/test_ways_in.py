"""Who could be sitting at a colleague's desk: links, second factors and chats, and what they prove.

Rina is the admin and author, Budi the second person, "command line" the server, Citra and Eko
are colleagues."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import ways_in
from handlers.ways_in import DEEDS, let_in
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import AuditEntry, Moderator, Role
from tests.fakes import FakeHouse
from tests.handlers.callers import house_with_facts

SERVER = "command line"
ADDED, LINK = ("rina", Deed.MODERATOR_ADD), ("rina", Deed.MODERATOR_LINK)
SERVER_LINK, CHAT_LINK = (SERVER, Deed.MODERATOR_LINK), ("budi", Deed.MODERATOR_LINK)
LOGIN, FACTOR = ("budi", Deed.SESSION_BEGIN), ("budi", Deed.FACTOR_ADD)
GONE, RESET = ("budi", Deed.FACTOR_REMOVE), ("rina", Deed.MODERATOR_RESET_FACTOR)
CHAT, UNLINKED = ("budi", Deed.CHAT_LINK), ("budi", Deed.CHAT_UNLINK)
OWN = (ADDED, SERVER_LINK, LOGIN, FACTOR)  # set up behind a link of the server
NEXT_DAY = ("", None)


def desk() -> FakeHouse:
    house = house_with_facts()
    names = ("rina", "budi", "dewi", "citra", "eko")
    house.desk.people = [Moderator(n, name, Role.ADMIN) for n, name in enumerate(names, start=20)]
    return house


@pytest.fixture
def house() -> FakeHouse:
    return desk()


def told(house: FakeHouse, *history: tuple[str, Deed | None], of: str = "budi") -> FakeHouse:
    """A minute apart, but for the days between."""
    for actor, deed in history:
        house.now += timedelta(minutes=1) if deed else timedelta(hours=13)
        if deed:
            house.audit.write(actor, deed, of_person(of))
    return house


def sits_at(house: FakeHouse, name: str, author: str = "rina") -> bool:
    return name in let_in(house.ports(), author)


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
        (LINK, LOGIN, SERVER_LINK, LOGIN),  # her session may still be open
        (LINK, LOGIN, CHAT, NEXT_DAY, SERVER_LINK, LOGIN),  # her chat needs a PIN only
        (LINK, LOGIN, CHAT, UNLINKED, NEXT_DAY, SERVER_LINK, LOGIN),  # which one went?
        # a link that her chat makes is hers, and a factor behind it proves nothing of the chat
        (LINK, LOGIN, CHAT, NEXT_DAY, SERVER_LINK, CHAT_LINK, LOGIN, FACTOR),
    ],
)
def test_she_could_be_sitting_there(house: FakeHouse, history: tuple) -> None:
    assert sits_at(told(house, *history), "budi")


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
    assert not sits_at(told(house, *history), "budi")


def test_what_another_admin_did_is_nothing_against_this_author(house: FakeHouse) -> None:
    told(house, ADDED, LOGIN, FACTOR, ("dewi", Deed.MODERATOR_LINK))
    assert not sits_at(house, "budi", "dewi")  # his factor was there before
    assert sits_at(house, "budi")  # her session may still be open
    told(house, NEXT_DAY)
    assert not sits_at(house, "budi")  # and the newest link is not hers


def test_she_may_go_from_desk_to_desk(house: FakeHouse) -> None:
    told(house, ADDED, ("citra", Deed.SESSION_BEGIN), of="citra")
    told(house, ("citra", Deed.MODERATOR_ADD), of="eko")
    told(house, ("eko", Deed.MODERATOR_LINK), LOGIN, FACTOR)
    assert let_in(house.ports(), "rina") == {"citra", "eko", "budi"}
    assert let_in(house.ports(), "dewi") == frozenset()


def test_a_factor_of_ones_own_ends_the_way_but_not_what_went_before(house: FakeHouse) -> None:
    own = ((SERVER, Deed.MODERATOR_LINK), ("citra", Deed.SESSION_BEGIN), ("citra", Deed.FACTOR_ADD))
    told(house, ADDED, ("citra", Deed.SESSION_BEGIN), of="citra")
    told(house, ("citra", Deed.MODERATOR_ADD), of="eko")
    told(house, NEXT_DAY, *own, NEXT_DAY, LINK, of="citra")
    told(house, ("citra", Deed.MODERATOR_ADD), LOGIN)
    assert let_in(house.ports(), "rina") == {"eko"}  # Citra was not there herself then


def test_a_desk_of_one_admin_who_makes_every_link_goes_on(house: FakeHouse) -> None:
    for name in ("budi", "citra"):
        once = ((name, Deed.SESSION_BEGIN), (name, Deed.FACTOR_ADD))
        told(house, ADDED, SERVER_LINK, *once, of=name)
    for name in ("budi", "citra"):
        told(house, NEXT_DAY, LINK, (name, Deed.SESSION_BEGIN), (name, Deed.CHAT_LINK), of=name)
    assert let_in(house.ports(), "rina") == frozenset()


PEOPLE = st.sampled_from(["rina", "budi", "dewi", "citra", SERVER])
HISTORY = st.lists(
    st.tuples(PEOPLE, st.sampled_from(DEEDS), PEOPLE, st.integers(0, 20)), max_size=25
)


@given(HISTORY, st.integers(0, 25))
def test_reading_on_tells_the_same_as_reading_all_again(history: list, before: int) -> None:
    ways_in._told.clear()
    now = desk()
    for n, (actor, deed, whom, hours) in enumerate(history):
        if n == before:
            let_in(now.ports(), "rina")
        now.now += timedelta(hours=hours)
        now.audit.write(actor, deed, of_person(whom))
    read_on = let_in(now.ports(), "rina"), list(ways_in._told.values())
    ways_in._told.clear()
    assert (let_in(now.ports(), "rina"), list(ways_in._told.values())) == read_on


def test_what_was_read_is_not_read_again(house: FakeHouse) -> None:
    told(house, *OWN)
    let_in(house.ports(), "rina")
    told(house, CHAT)
    asked = house.audit.deeds_on
    after = set()

    def deeds_on(what: str, deeds: Collection[Deed], **more: int) -> tuple[AuditEntry, ...]:
        after.add(more["after"])
        return asked(what, deeds, **more)

    house.audit.deeds_on = deeds_on
    let_in(house.ports(), "rina")
    assert after == {len(OWN)}


def test_an_older_copy_of_the_audit_is_read_anew(house: FakeHouse) -> None:
    told(house, ADDED, LOGIN, FACTOR)
    assert sits_at(house, "budi")
    del house.audit.entries[:], house.audit.times[:]
    told(house, *OWN)
    assert not sits_at(house, "budi")


def test_what_another_process_adds_meanwhile_is_counted_once(house: FakeHouse) -> None:
    told(house, ADDED, SERVER_LINK, LOGIN)
    seen = house.audit.head()
    told(house, FACTOR)
    house.audit.head = lambda: seen  # this transaction looked before the factor was added
    let_in(house.ports(), "rina")
    del house.audit.head
    told(house, GONE, NEXT_DAY, LINK)
    assert sits_at(house, "budi")


def test_what_this_transaction_does_not_see_yet_is_left_out(house: FakeHouse) -> None:
    told(house, ADDED)
    before = house.audit.head()
    told(house, SERVER_LINK)
    assert not sits_at(house, "budi")
    house.audit.head = lambda: before
    assert sits_at(house, "budi")
