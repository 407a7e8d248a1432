"""Desk chats: a code links one chat once, a PIN has few tries, a button works once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from knowledge_base.chats import DeskChat, PinCheck, Standing, Wish
from knowledge_base.facts import Address, Refused, Role
from knowledge_base.store import Store
from tests.conftest import Clock


def person(work, clock: Clock, name: str = "42") -> str:
    return work.contacts.at(Address("telegram", "bot", name), clock.now).id


def moderator(work, clock: Clock, name: str = "Sari") -> int:
    return work.desk.add(name, Role.MODERATOR, "Redaksi", clock.now).id


def linked(work, clock: Clock, name: str = "42", who: str = "Sari") -> DeskChat:
    number = moderator(work, clock, who)
    code = work.chats.new_code(number, clock.now)
    return work.chats.redeem(code, person(work, clock, name), clock.now, group=False)


def test_a_code_links_one_chat_once(store: Store, clock: Clock):
    with store.work() as work:
        code = work.chats.new_code(moderator(work, clock), clock.now)
        sari, budi = person(work, clock), person(work, clock, "43")
        chat = work.chats.redeem(f" {code.lower()} ", sari, clock.now, group=False)
        assert chat is not None
        assert chat.who.name == "Sari"
        assert work.chats.redeem(code, budi, clock.now, group=False) is None
        assert [one.person for one in work.chats.all()] == [sari]


def test_a_code_dies_after_ten_minutes_and_is_not_for_groups(store: Store, clock: Clock):
    with store.work() as work:
        code = work.chats.new_code(moderator(work, clock), clock.now)
        sari = person(work, clock)
        assert work.chats.redeem(code, sari, clock.now, group=True) is None
        late = clock.now + timedelta(minutes=10)
        assert work.chats.redeem(code, sari, late, group=False) is None


def test_guessing_codes_ends_after_five(store: Store, clock: Clock):
    with store.work() as work:
        code = work.chats.new_code(moderator(work, clock), clock.now)
        sari = person(work, clock)
        for guess in range(5):
            assert work.chats.redeem(f"GUESS{guess}", sari, clock.now, group=False) is None
        assert work.chats.redeem(code, sari, clock.now, group=False) is None


def test_nothing_readable_tells_whose_chat_it_is(store: Store, clock: Clock, everything):
    with store.work() as work:
        chat = linked(work, clock)
        work.chats.save(DeskChat(chat.person, chat.who, talk={"fact": "rahasia kami"}))
    with store.read() as work:
        assert work.chats.at(chat.person).talk == {"fact": "rahasia kami"}
        assert b"rahasia" not in everything()


def test_revoking_or_erasing_ends_the_link(store: Store, clock: Clock):
    with store.work() as work:
        chat, other = linked(work, clock), linked(work, clock, "43", "Dewi")
        work.desk.revoke("Sari", clock.now)
        work.people.erase(other.person)
        assert work.chats.at(chat.person) is None
        assert work.chats.all() == ()


@pytest.mark.parametrize("way", ["revoke", "reset", "sleep"])
def test_no_way_in_is_left_open(store: Store, clock: Clock, way: str):
    with store.work() as work:
        chat = linked(work, clock)
        work.chats.set_pin(chat.who.id, "482913")
        code = work.chats.new_code(chat.who.id, clock.now)
        if way == "revoke":
            work.desk.revoke("Sari", clock.now)
        elif way == "reset":
            work.accounts.forget_factor(chat.who.id)
        else:
            assert work.accounts.sleep(clock.forward(days=30)) == ("Sari",)
        work.accounts.wake(chat.who.id, clock.now)
        assert work.chats.at(chat.person) is None
        assert not work.chats.has_pin(chat.who.id)
        assert work.chats.redeem(code, chat.person, clock.now, group=False) is None


def test_ending_all_sessions_asks_for_the_pin_again(store: Store, clock: Clock):
    with store.work() as work:
        chat = linked(work, clock)
        work.chats.save(replace(chat, open_until=clock.now + timedelta(minutes=10)))
        work.accounts.end_sessions(chat.who.id)
        assert work.chats.at(chat.person).open_until is None


def test_who_works_in_a_chat_does_not_fall_asleep(store: Store, clock: Clock):
    with store.work() as work:
        chat = linked(work, clock)
        work.chats.seen(chat.who.id, clock.forward(days=20))
        work.chats.seen(chat.who.id, clock.now + timedelta(hours=1))
        (found,) = work.accounts.everyone(clock.now)
        assert found.seen == clock.now
        assert work.accounts.sleep(clock.forward(days=29)) == ()
        assert work.accounts.sleep(clock.forward(days=1)) == ("Sari",)


def test_a_pin_has_five_tries_an_hour(store: Store, clock: Clock):
    with store.work() as work:
        sari = moderator(work, clock)
        assert work.chats.try_pin(sari, "482913", clock.now) is PinCheck.NONE
        work.chats.set_pin(sari, "482913")
        assert work.chats.try_pin(sari, "482913", clock.now) is PinCheck.RIGHT
        tries = [work.chats.try_pin(sari, "111222", clock.now) for _ in range(5)]
        assert tries == [PinCheck.WRONG] * 4 + [PinCheck.LOCKED]
        assert work.chats.try_pin(sari, "482913", clock.now) is PinCheck.LOCKED
        later = clock.now + timedelta(hours=1)
        assert work.chats.try_pin(sari, "482913", later) is PinCheck.RIGHT


@pytest.mark.parametrize("pin", ["", "1234", "111111", "123456", "48291x", "١٢٣٤٥٦", "9" * 13])
def test_a_pin_that_is_guessed_at_once_is_refused(store: Store, clock: Clock, pin: str):
    with store.work() as work, pytest.raises(Refused):
        work.chats.set_pin(moderator(work, clock), pin)


def test_a_button_works_once_and_only_for_whom_it_was_made(store: Store, clock: Clock):
    with store.work() as work:
        chat, other = linked(work, clock), linked(work, clock, "43", "Dewi")
        chats, sari = work.chats, chat.who.id
        take = chats.handle("b", chat.person, sari, "take", "7F3K", 3)
        skip = chats.handle("b", chat.person, sari, "skip", "7F3K", 3)
        assert chats.tap(take, other.person, other.who.id).standing is Standing.FOREIGN
        assert chats.tap(take, chat.person, other.who.id).standing is Standing.FOREIGN
        assert chats.tap("forged", chat.person, sari).standing is Standing.UNKNOWN
        good = chats.tap(take, chat.person, sari)
        assert (good.action, good.subject, good.version) == ("take", "7F3K", 3)
        assert chats.tap(take, chat.person, sari).standing is Standing.USED
        assert chats.tap(skip, chat.person, sari).standing is Standing.USED


def test_a_card_is_found_by_what_the_platform_calls_it(store: Store, clock: Clock):
    with store.work() as work:
        chat = linked(work, clock)
        name = work.chats.new_card(chat.person, "7F3K")
        assert work.chats.card_ref(name) == ""
        work.chats.card_sent(name, "815")
        assert work.chats.card_ref(name) == "815"
        assert work.chats.card_at(chat.person, "815") == "7F3K"
        assert work.chats.card_at("somebody", "815") == ""
        assert work.chats.cards("7F3K") == ((name, chat.person),)


def test_a_wish_is_kept_and_a_newer_telephone_replaces_the_older(store: Store, clock: Clock):
    with store.work() as work:
        chat = linked(work, clock)
        work.chats.save(DeskChat(chat.person, chat.who, wish=Wish.RISING))
        assert work.chats.at(chat.person).wish is Wish.RISING
        code = work.chats.new_code(chat.who.id, clock.now)
        new = work.chats.redeem(code, person(work, clock, "44"), clock.now, group=False)
        assert [one.person for one in work.chats.of(chat.who.id)] == [new.person]
