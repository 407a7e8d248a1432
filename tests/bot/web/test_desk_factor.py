"""The second factor on the desk: set up, asked for, limited, needed again for what matters."""

from __future__ import annotations

import base64
import re
from dataclasses import replace

import pytest

from handlers import factor
from handlers.factor import hotp, step_of
from knowledge_base.accounts import Passkey
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Address, Role


async def shown(browser) -> bytes:
    """The secret that the page of one-time codes shows."""
    page = (await browser.get("/desk/me/codes")).text
    text = re.search(r"secret=([A-Z2-7]+)", page)[1]
    return base64.b32decode(text + "=" * (-len(text) % 8))


async def set_up(browser, clock) -> tuple[bytes, list[str]]:
    """Switch on one-time codes; gives the secret and the recovery codes."""
    secret = await shown(browser)
    answer = await browser.post("/desk/me/codes", data={"code": hotp(secret, step_of(clock()))})
    clock.forward(seconds=30)
    return secret, re.findall(r"[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}", answer.text)


async def give(browser, code, target="/desk/people"):
    return await browser.post("/desk/factor", data={"code": code, "target": target})


@pytest.fixture
def public(at_desk):
    """An installation others can reach."""
    return replace(at_desk, loopback=False)


async def test_who_has_a_factor_is_asked_for_it_at_every_login(enter, clock):
    secret, recovery = await set_up(await enter("Ani", Role.MODERATOR), clock)
    assert len(set(recovery)) == 10
    browser = await enter("Ani", Role.MODERATOR)
    answer = await browser.get("/desk")
    assert answer.headers["location"] == "/desk/factor?next=/desk"
    before = browser.cookies["saring_desk"]
    code = hotp(secret, step_of(clock()))
    assert (await give(browser, code, "/desk/me")).headers["location"] == "/desk/me"
    assert browser.cookies["saring_desk"] != before
    assert (await browser.get("/desk")).status_code == 200
    other = await enter("Ani", Role.MODERATOR)
    assert (await give(other, code)).status_code == 403


async def test_there_are_no_recovery_codes_before_a_factor(enter, clock, store):
    browser = await enter("Ani", Role.MODERATOR)
    answer = await browser.post("/desk/me/recovery")
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/me?first=1")
    with store.read() as work:
        assert work.factors.recovery_left(work.desk.by_name("Ani").id) == 0
    assert len((await set_up(browser, clock))[1]) == 10


@pytest.mark.parametrize("path", ["code", "pin", "confirm"])
async def test_an_editor_without_a_factor_opens_no_chat(enter, public, clock, store, path):
    browser = await enter("Ani", Role.EDITOR, public)
    answer = await browser.post(f"/desk/chat/{path}", data={"pin": "482913"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk/me?first=1")
    with store.read() as work:
        assert not work.chats.has_pin(work.desk.by_name("Ani").id)
    await set_up(browser, clock)
    assert (await browser.post("/desk/chat/code")).status_code == 200


async def test_a_recovery_code_works_once(enter, clock):
    _, recovery = await set_up(await enter("Ani", Role.MODERATOR), clock)
    first, second = await enter("Ani", Role.MODERATOR), await enter("Ani", Role.MODERATOR)
    assert (await give(first, recovery[0].lower())).status_code == 303
    assert (await give(second, recovery[0])).status_code == 403
    assert (await give(second, recovery[1])).status_code == 303
    assert "Sisa 8 kode" in (await second.get("/desk/me")).text


@pytest.mark.parametrize("role", [Role.EDITOR, Role.ADMIN])
async def test_where_others_can_reach_us_these_roles_must_have_one(enter, clock, public, role):
    browser = await enter("Ani", role, public)
    assert (await browser.get("/desk")).headers["location"] == "/desk/me?first=1"
    assert "memerlukan faktor kedua" in (await browser.get("/desk/me")).text
    await set_up(browser, clock)
    assert (await browser.get("/desk")).status_code == 200


async def test_on_this_machine_alone_an_admin_is_asked_but_not_held_up(enter):
    browser = await enter("Ani", Role.ADMIN)
    assert (await browser.get("/desk/people")).status_code == 200
    assert "diminta, tidak diwajibkan" in (await browser.get("/desk/me")).text


async def test_managing_people_asks_again_after_ten_minutes(enter, clock, store):
    browser = await enter("Ani", Role.ADMIN)
    secret, _ = await set_up(browser, clock)
    form = {"name": "Budi", "role": "reader"}
    assert (await browser.post("/desk/people", data=form)).status_code == 303
    clock.forward(minutes=10)
    answer = await browser.post("/desk/people", data=form | {"name": "Cici"})
    assert answer.headers["location"].startswith("/desk/factor?next=")
    assert (await browser.get("/desk")).status_code == 200
    with store.read() as work:
        assert work.desk.by_name("Cici") is None
    await give(browser, hotp(secret, step_of(clock())))
    assert (await browser.get("/desk/people")).status_code == 200


async def test_ten_wrong_codes_end_the_session_and_slow_the_account_down(enter, clock):
    secret, _ = await set_up(await enter("Ani", Role.MODERATOR), clock)
    browser = await enter("Ani", Role.MODERATOR)
    for _ in range(9):
        assert (await give(browser, "000000")).status_code == 403
    assert (await give(browser, "000000")).headers["location"] == "/desk/login"
    assert (await browser.get("/desk")).headers["location"] == "/desk/login"
    again = await enter("Ani", Role.MODERATOR)
    held = await give(again, hotp(secret, step_of(clock())))
    assert (held.status_code, held.headers["retry-after"]) == (429, "300")
    clock.forward(minutes=5)
    assert (await give(again, hotp(secret, step_of(clock())))).status_code == 303


async def test_the_secret_is_sealed_and_no_code_is_kept(enter, clock, tmp_path):
    secret, recovery = await set_up(await enter("Ani", Role.MODERATOR), clock)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert secret not in kept
    assert base64.b32encode(secret) not in kept
    for code in recovery:
        assert code.replace("-", "").encode() not in kept


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/desk/../x", "/chat", "javascript:1", ""]
)
async def test_nobody_is_sent_elsewhere_afterwards(enter, clock, target):
    secret, _ = await set_up(await enter("Ani", Role.MODERATOR), clock)
    browser = await enter("Ani", Role.MODERATOR)
    answer = await give(browser, hotp(secret, step_of(clock())), target)
    assert answer.headers["location"] == "/desk"


@pytest.mark.parametrize(
    "body", ["", "[]", "{}", '{"id": 7}', '{"id": "x", "response": {}}', "x" * 30000]
)
async def test_an_answer_that_is_no_passkey_is_refused(enter, body):
    browser = await enter("Ani", Role.MODERATOR)
    await browser.post("/desk/me/passkeys/options")
    headers = {"Content-Type": "application/json"}
    made = await browser.post("/desk/me/passkeys", content=body, headers=headers)
    given = await browser.post("/desk/factor/passkey", content=body, headers=headers)
    assert made.status_code == 422
    assert given.status_code in (403, 422)
    assert (await browser.get("/desk/me")).status_code == 200


async def test_a_lost_telephone_is_reset_by_an_admin(enter, clock, store):
    budi = await enter("Budi", Role.MODERATOR)
    await set_up(budi, clock)
    admin = await enter("Ani", Role.ADMIN)
    with store.read() as work:
        number = work.desk.by_name("Budi").id
    await admin.post(f"/desk/people/{number}/factor/reset")
    assert (await budi.get("/desk")).headers["location"] == "/desk/login"
    assert (await (await enter("Budi", Role.MODERATOR)).get("/desk")).status_code == 200


async def test_taking_the_factor_away_needs_it_fresh(enter, clock):
    browser = await enter("Ani", Role.MODERATOR)
    await set_up(browser, clock)
    clock.forward(minutes=10)
    answer = await browser.post("/desk/me/codes/stop")
    assert answer.headers["location"].startswith("/desk/factor")
    assert "Kode sekali pakai dari aplikasi" in (await browser.get("/desk/me")).text


async def test_a_secret_that_was_shown_before_is_not_what_somebody_else_confirms(enter, clock):
    early = await enter("Budi", Role.EDITOR)
    noted = await shown(early)
    assert await shown(early) == noted  # a wrong code does not change the picture
    clock.forward(minutes=30)
    budi = await enter("Budi", Role.EDITOR)
    tried = await budi.post("/desk/me/codes", data={"code": hotp(noted, step_of(clock()))})
    assert tried.status_code == 422
    assert await shown(budi) != noted


def linked(work, who: int, name: str, now, *, group: bool = False) -> str:
    """A chat of this person."""
    person = work.contacts.at(Address("telegram", "bot", name), now).id
    code = work.chats.new_code(who, now, group=group)
    assert work.chats.redeem(code, person, now, group=group)
    return person


def a_passkey(store, who: int, now) -> None:
    with store.work() as work:
        work.factors.keep_passkey(Passkey("key", who, "", b"public", 0, now))


async def test_the_first_factor_closes_what_was_open_without_it(enter, clock, store):
    other, here = await enter("Ani", Role.ADMIN), await enter("Ani", Role.ADMIN)
    with store.work() as work:
        ani = work.desk.by_name("Ani").id
        work.chats.set_pin(ani, "482913")
        linked(work, ani, "42", clock())
        group = linked(work, ani, "-43", clock(), group=True)
        code, link = work.chats.new_code(ani, clock()), work.desk.link("Ani", clock())
    await set_up(here, clock)
    assert (await other.get("/desk")).headers["location"] == "/desk/login"
    assert (await here.get("/desk")).status_code == 200
    with store.work() as work:
        assert [chat.person for chat in work.chats.of(ani)] == [group]
        assert not work.chats.has_pin(ani)
        assert work.chats.redeem(code, group, clock(), group=False) is None
        assert work.desk.redeem(link, clock()) is None


async def test_another_factor_leaves_the_chat_and_the_recovery_codes(enter, clock, store):
    await enter("Ani", Role.EDITOR)
    with store.work() as work:
        ani = work.desk.by_name("Ani").id
        linked(work, ani, "42", clock())
        session = work.accounts.sessions(ani, clock())[0]
    a_passkey(store, ani, clock())
    with store.work() as work:
        work.factors.new_recovery(ani)
        secret = factor.begin(work, session.who, clock())
        assert factor.finish(work, session, hotp(secret, step_of(clock())), clock()).token
        assert len(work.chats.of(ani)) == 1
        assert work.factors.recovery_left(ani) == 10


async def test_recovery_codes_of_before_are_void_with_the_first_factor(enter, clock, store):
    await enter("Ani", Role.EDITOR)
    with store.work() as work:
        session = work.accounts.sessions(work.desk.by_name("Ani").id, clock())[0]
        work.factors.new_recovery(session.who.id)
        secret = factor.begin(work, session.who, clock())
        assert factor.finish(work, session, hotp(secret, step_of(clock())), clock()).token
        assert work.factors.recovery_left(session.who.id) == 0


async def test_codes_that_were_never_in_use_are_no_factor_that_goes(enter, store):
    browser = await enter("Ani", Role.EDITOR)
    await shown(browser)
    assert (await browser.post("/desk/me/codes/stop")).status_code == 303
    with store.read() as work:
        assert work.audit.deeds_on(of_person("Ani"), (Deed.FACTOR_REMOVE,)) == ()
        assert work.factors.codes(work.desk.by_name("Ani").id) is None


async def test_recovery_codes_go_with_the_last_factor_whatever_was_begun(enter, clock, store):
    await enter("Ani", Role.EDITOR)
    with store.read() as work:
        ani = work.desk.by_name("Ani").id
    a_passkey(store, ani, clock())
    with store.work() as work:
        work.factors.new_recovery(ani)
        work.factors.start_codes(ani, clock())
        assert work.factors.drop_passkey(ani, "key")
        assert work.factors.recovery_left(ani) == 0
