"""Linking one's chat from the desk: codes shown once, a PIN, confirming, unlinking."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from knowledge_base.facts import Address, Role

CODE = re.compile(r"/desk ([0-9A-Z]{10})<")


async def linked(browser, store, clock, path: str = "/desk/chat/code", name: str = "42"):
    """Make a code on the desk and send it from a chat."""
    code = CODE.search((await browser.post(path)).text)[1]
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", name), clock()).id
        return work.chats.redeem(code, person, clock(), group=path.endswith("group"))


async def test_a_code_is_shown_once_and_links_the_chat_of_who_made_it(enter, store, clock):
    sari = await enter("Sari", Role.MODERATOR)
    chat = await linked(sari, store, clock)
    assert chat.who.name == "Sari"
    page = (await sari.get("/desk/chat")).text
    assert CODE.search(page) is None
    assert "terhubung" in page


@pytest.mark.parametrize(("what", "start"), [("code", "start"), ("group", "startgroup")])
async def test_a_link_and_its_qr_code_open_the_bot_with_the_code(enter, at_desk, what, start):
    async def bot() -> str:
        return "saring_bot"

    ani = await enter("Ani", Role.ADMIN, replace(at_desk, telegram_name=bot))
    page = (await ani.post(f"/desk/chat/{what}")).text
    code = CODE.search(page)[1]
    assert f'href="https://t.me/saring_bot?{start}=desk_{code}"' in page
    assert "<svg" in page


async def test_without_a_bot_there_is_only_the_code(enter):
    sari = await enter("Sari", Role.MODERATOR)
    page = (await sari.post("/desk/chat/code")).text
    assert CODE.search(page)
    assert "t.me" not in page


async def test_only_who_manages_groups_links_one(enter, store, clock):
    sari, ani = await enter("Sari", Role.MODERATOR), await enter("Ani", Role.ADMIN)
    assert (await sari.post("/desk/chat/group")).status_code == 403
    assert (await linked(ani, store, clock, "/desk/chat/group")).group


@pytest.mark.parametrize("pin", ["123456", "1111111", "12a456", "9"])
async def test_an_easy_pin_is_refused_with_a_reason(enter, store, pin):
    sari = await enter("Sari", Role.MODERATOR)
    answer = await sari.post("/desk/chat/pin", data={"pin": pin})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    with store.read() as work:
        assert not work.chats.has_pin(work.desk.by_name("Sari").id)


async def test_confirming_on_the_desk_opens_the_chat_for_ten_minutes(enter, store, clock):
    sari = await enter("Sari", Role.MODERATOR)
    chat = await linked(sari, store, clock)
    assert (await sari.post("/desk/chat/confirm")).status_code == 303
    with store.read() as work:
        assert (work.chats.at(chat.person).open_until - clock()).total_seconds() == 600


async def test_unlinking_takes_every_chat_of_ones_own_and_no_other(enter, store, clock):
    sari, budi = await enter("Sari", Role.MODERATOR), await enter("Budi", Role.MODERATOR)
    await linked(sari, store, clock)
    other = await linked(budi, store, clock, name="43")
    await sari.post("/desk/chat/unlink")
    with store.read() as work:
        assert [chat.person for chat in work.chats.all()] == [other.person]
