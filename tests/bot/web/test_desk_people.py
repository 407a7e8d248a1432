"""People of the desk: roles change at once, sessions end at once, one admin always stays."""

from __future__ import annotations

import re
from dataclasses import replace

import httpx
import pytest

from bot.web.app import create_app
from bot.web.desk_people import login_address
from handlers.ports import Rules
from knowledge_base.facts import Role
from tests.audit_log import entries


@pytest.fixture
def number(store):
    """number("Budi"): what the pages call a person."""

    def find(name):
        with store.read() as work:
            return work.desk.by_name(name).id

    return find


def deeds(store) -> list[tuple[str, str, str]]:
    with store.read() as work:
        return [(one.actor, one.action, one.what) for one in entries(work)]


async def test_an_admin_adds_a_person_who_logs_in_with_the_link(enter, store):
    admin = await enter("Ani", Role.ADMIN)
    form = {"name": "Budi", "role": "editor", "org": "KPU"}
    made = await admin.post("/desk/people", data=form)
    page = await admin.get(made.headers["location"])
    token = re.search(r"login\?token=([\w-]+)", page.text)[1]
    again = (await admin.get(made.headers["location"])).text  # a reload makes none, shows none
    assert "login?token=" not in again
    assert ("Ani", "moderator.add", "moderator/Budi") in deeds(store)
    answer = await admin.post("/desk/login", data={"token": token})
    assert answer.headers["location"] == "/desk"
    assert "Budi · KPU" in (await admin.get("/desk/me")).text


@pytest.mark.parametrize(
    "form",
    [{"name": "", "role": "reader"}, {"name": "Ani", "role": "reader"}, {"name": "X", "role": "x"}],
)
async def test_an_unusable_name_or_role_is_refused_with_a_reason(enter, form):
    admin = await enter("Ani", Role.ADMIN)
    answer = await admin.post("/desk/people", data=form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


async def test_what_was_typed_stays_when_it_cannot_be_used(enter):
    admin = await enter("Ani", Role.ADMIN)
    form = {"name": "ani", "role": "editor", "org": "KPU Melati"}
    page = (await admin.post("/desk/people", data=form)).text
    assert 'value="KPU Melati"' in page
    assert '<option value="editor" selected>' in page


async def test_no_host_name_of_a_visitor_gets_into_a_page_or_a_link(enter, at_desk):
    public = replace(at_desk, rules=Rules(public_url="https://saring.example"), loopback=False)
    assert login_address(public, "x") == "https://saring.example/desk/login?token=x"
    reader = await enter("Lia", Role.READER)
    browser = httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(public)),
        base_url="http://evil.example",
        cookies=dict(reader.cookies),
    )
    async with browser:
        for path in ("/", "/desk", "/desk/facts", "/desk/login", "/desk/people", "/nothing"):
            page = await browser.get(path)
            assert "evil.example" not in page.text + str(page.headers)


async def test_a_lower_role_holds_from_the_next_click(enter, number):
    admin, budi = await enter("Ani", Role.ADMIN), await enter("Budi", Role.EDITOR)
    assert (await budi.get("/desk/invite")).status_code == 200
    form = {"role": "reader", "org": "Redaksi", "was_role": "editor", "was_org": "Redaksi"}
    answer = await admin.post(f"/desk/people/{number('Budi')}/role", data=form)
    assert answer.headers["location"] == "/desk/people?done=changed"
    assert (await budi.get("/desk/invite")).status_code == 403
    again = await admin.post(f"/desk/people/{number('Budi')}/role", data=form)
    assert again.status_code == 409


async def test_who_is_disabled_is_out_at_once_and_can_be_brought_back(enter, number, store):
    admin, budi = await enter("Ani", Role.ADMIN), await enter("Budi", Role.EDITOR)
    await admin.post(f"/desk/people/{number('Budi')}/revoke")
    assert (await budi.get("/desk")).headers["location"] == "/desk/login"
    assert (await admin.post(f"/desk/people/{number('Budi')}/link")).status_code == 422
    await admin.post(f"/desk/people/{number('Budi')}/restore")
    assert (await budi.get("/desk")).headers["location"] == "/desk/login"
    assert (await admin.post(f"/desk/people/{number('Budi')}/link")).status_code == 303
    assert ("Ani", "moderator.restore", "moderator/Budi") in deeds(store)


async def test_nobody_manages_themselves_and_one_admin_stays(enter, number):
    admin = await enter("Ani", Role.ADMIN)
    assert (await admin.post(f"/desk/people/{number('Ani')}/revoke")).status_code == 403
    other = await enter("Cici", Role.ADMIN)
    await other.post(f"/desk/people/{number('Ani')}/revoke")
    assert (await admin.get("/desk")).status_code == 303
    assert (await other.post(f"/desk/people/{number('Cici')}/revoke")).status_code == 403
    assert (await other.get("/desk/people")).status_code == 200


async def test_a_session_of_another_person_is_as_unknown_as_none(enter, number, store, clock):
    ani, budi = await enter("Ani", Role.ADMIN), await enter("Budi", Role.READER)
    with store.read() as work:
        (of_ani,) = work.accounts.sessions(number("Ani"), clock())
    answer = await budi.post(f"/desk/me/sessions/{of_ani.handle}/end")
    unknown = await budi.post("/desk/me/sessions/0123456789abcdef/end")
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert answer.text == unknown.text
    assert (await ani.get("/desk")).status_code == 200


async def test_own_sessions_are_listed_and_the_others_end(enter):
    here, there = await enter("Ani", Role.READER), await enter("Ani", Role.READER)
    assert (await here.get("/desk/me")).text.count('class="card"') == 2
    await here.post("/desk/me/sessions/end")
    assert (await here.get("/desk/me")).text.count('class="card"') == 1
    assert (await there.get("/desk")).status_code == 303


async def test_every_login_makes_a_session_of_its_own(enter, store, clock):
    browser = await enter("Ani", Role.READER)
    first = browser.cookies["saring_desk"]
    with store.work() as work:
        token = work.desk.link("Ani", clock())
    await browser.post("/desk/login", data={"token": token})
    assert browser.cookies["saring_desk"] != first


async def test_who_was_away_for_30_days_sleeps_until_an_admin_comes(enter, store, clock, number):
    await enter("Ani", Role.ADMIN)
    await enter("Budi", Role.EDITOR)
    clock.forward(days=30)
    with store.work() as work:
        assert work.forget_old(clock())["accounts"] == 1
        assert work.desk.by_name("Ani").active
        assert not work.desk.by_name("Budi").active
    admin = await enter("Ani", Role.ADMIN)
    assert "30 hari tidak ke sini" in (await admin.get("/desk/people?lang=id")).text
    await admin.post(f"/desk/people/{number('Budi')}/restore")
    assert ("retention", "moderator.sleep", "moderator/Budi") in deeds(store)
    with store.read() as work:
        assert work.desk.by_name("Budi").active


ADMIN = {"role": "admin", "org": "Redaksi", "was_role": "editor", "was_org": "Redaksi"}


async def test_one_admin_alone_makes_another_one_and_the_audit_says_so(enter, number, store):
    ani = await enter("Ani", Role.ADMIN)
    await enter("Budi", Role.EDITOR)
    answer = await ani.post(f"/desk/people/{number('Budi')}/role", data=ADMIN)
    assert answer.headers["location"] == "/desk/people?done=changed"
    with store.read() as work:
        assert work.desk.by_name("Budi").role is Role.ADMIN
        assert work.audit.about("Budi")[0].details["approval"] == "nobody else could agree"


async def test_where_there_are_several_it_takes_two_to_make_one_more(enter, number, store, clock):
    ani, cici = await enter("Ani", Role.ADMIN), await enter("Cici", Role.ADMIN)
    await enter("Budi", Role.EDITOR)
    path = f"/desk/people/{number('Budi')}/role"
    for _ in range(2):  # asking twice is not agreeing
        answer = await ani.post(path, data=ADMIN)
        assert answer.headers["location"] == "/desk/people?done=asked"
    page = (await cici.get("/desk/people?lang=en")).text
    assert "Ani asks to make this person an admin" in page
    clock.forward(minutes=9)
    assert (await cici.post(path, data=ADMIN)).headers["location"] == "/desk/people?done=changed"
    with store.read() as work:
        assert work.desk.by_name("Budi").role is Role.ADMIN
        assert work.audit.about("Budi")[0].details["asked_by"] == "Ani"
        assert work.accounts.wishes(clock()) == ()


async def test_a_wish_ends_after_a_day_and_with_the_admin_who_had_it(enter, number, store, clock):
    with store.work() as work:
        for name, role in (
            ("Ani", "admin"),
            ("Cici", "admin"),
            ("Dodi", "admin"),
            ("Budi", "editor"),
        ):
            work.desk.add(name, Role(role), "Redaksi", clock())
    path = f"/desk/people/{number('Budi')}/role"
    await (await enter("Ani", Role.ADMIN)).post(path, data=ADMIN)
    clock.forward(hours=25)
    cici = await enter("Cici", Role.ADMIN)
    assert (await cici.post(path, data=ADMIN)).headers["location"] == "/desk/people?done=asked"
    dodi = await enter("Dodi", Role.ADMIN)
    await dodi.post(f"/desk/people/{number('Cici')}/revoke")
    assert (await dodi.post(path, data=ADMIN)).headers["location"] == "/desk/people?done=asked"
    with store.read() as work:
        assert work.desk.by_name("Budi").role is Role.EDITOR
        assert number("Dodi") in [one.by for one in work.accounts.wishes(clock())]


async def test_a_new_admin_begins_as_an_editor_until_another_one_agrees(enter, number, store):
    ani = await enter("Ani", Role.ADMIN)
    cici = await enter("Cici", Role.ADMIN)
    form = {"name": "Budi", "role": "admin", "org": "KPU"}
    made = await ani.post("/desk/people", data=form)
    page = (await ani.get(made.headers["location"])).text
    assert "/desk/login?token=" in page
    assert "Ditambahkan sebagai editor" in page
    assert "Anda meminta orang ini dijadikan admin" in page
    assert "Pilih peran itu lalu simpan" not in page
    assert "Pilih peran itu lalu simpan" in (await cici.get("/desk/people")).text
    with store.read() as work:
        assert work.desk.by_name("Budi").role is Role.EDITOR
    form = {"role": "admin", "org": "KPU", "was_role": "editor", "was_org": "KPU"}
    await cici.post(f"/desk/people/{number('Budi')}/role", data=form)
    with store.read() as work:
        assert work.desk.by_name("Budi").role is Role.ADMIN


async def test_a_second_factor_is_reset_by_two_where_there_are_two(enter, number, store):
    ani, cici = await enter("Ani", Role.ADMIN), await enter("Cici", Role.ADMIN)
    budi = await enter("Budi", Role.EDITOR)
    path = f"/desk/people/{number('Budi')}/factor/reset"
    assert (await ani.post(path)).headers["location"] == "/desk/people?done=asked"
    assert (await budi.get("/desk")).status_code == 200
    assert (await cici.post(path)).headers["location"] == "/desk/people?done=reset"
    assert (await budi.get("/desk")).headers["location"] == "/desk/login"
    path = f"/desk/people/{number('Cici')}/factor/reset"  # nobody but Ani is left to help
    assert (await ani.post(path)).headers["location"] == "/desk/people?done=reset"


async def test_an_invitation_is_shown_once_and_a_reload_makes_no_second_one(enter, store, clock):
    dewi = await enter("Dewi", Role.EDITOR)
    made = await dewi.post("/desk/invite", data={"note": "Rina"})
    assert made.headers["location"] == "/desk/invite"
    assert "inv_" in (await dewi.get("/desk/invite")).text
    assert "inv_" not in (await dewi.get("/desk/invite")).text
    with store.read() as work:
        assert len(work.accounts.invitations(clock())) == 1


@pytest.mark.parametrize("told", ["x", "e30=", "bnVsbA==", "W10=", "4p"])
async def test_a_secret_nobody_made_is_not_shown(enter, told):
    admin = await enter("Ani", Role.ADMIN)
    admin.cookies.set("saring_once", told)
    page = await admin.get("/desk/people")
    assert page.status_code == 200
    assert "login?token=" not in page.text
