"""Sessions that end and rights that go while somebody writes; addresses that lead nowhere."""

from __future__ import annotations

import pytest

from knowledge_base.facts import Address, Outcome, Role, Submission

PART = {"HX-Request": "true"}


@pytest.fixture
def question(store, clock):
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", "sari"), clock())
        sent = Submission("s1", person.id, "Pasar Seruni tutup?", Outcome.QUEUED, clock())
        return work.questions.ask(sent)


@pytest.fixture
async def ani(enter):
    return await enter("ani", Role.MODERATOR)


async def test_a_session_that_ends_while_typing_leaves_the_page_as_it_is(ani, question, clock):
    clock.forward(minutes=31)
    page = f"/desk/q/{question.code}"
    here = PART | {"Referer": f"http://localhost{page}"}
    part = await ani.post(f"{page}/draft", data={"claim": "x"}, headers=here)
    assert part.status_code == 401
    assert "hx-redirect" not in part.headers
    assert (part.headers["hx-retarget"], part.headers["hx-reswap"]) == ("#notice", "innerHTML")
    assert "Sesi Anda sudah berakhir." in part.text
    assert "masih ada di halaman ini" in part.text
    assert "<html" not in part.text


async def test_who_logs_in_again_comes_back_to_the_question(ani, question, store, clock):
    clock.forward(minutes=31)
    page = f"/desk/q/{question.code}"
    away = await ani.get(page)
    assert away.headers["location"] == "/desk/login"
    with store.work() as work:
        token = work.desk.link("ani", clock())
    entered = await ani.post("/desk/login", data={"token": token})
    assert entered.headers["location"] == page


@pytest.mark.parametrize("page", ["https://evil.example/desk", "//evil.example", "/p/1", "x"])
async def test_nobody_is_sent_elsewhere_after_logging_in(stranger, page, enter, store, clock):
    await enter("ani", Role.MODERATOR)
    with store.work() as work:
        token = work.desk.link("ani", clock())
    stranger.cookies.set("saring_next", page)
    entered = await stranger.post("/desk/login", data={"token": token})
    assert entered.headers["location"] == "/desk"


async def test_a_right_that_goes_while_typing_shows_one_line(ani, question, store):
    with store.work() as work:
        who = work.desk.by_name("ani")
        work.accounts.change(who, Role.READER, who.org)
    part = await ani.post(f"/desk/q/{question.code}/draft", data={"claim": "x"}, headers=PART)
    assert part.status_code == 403
    assert part.headers["hx-retarget"] == "#notice"
    assert "Peran Anda tidak lagi mencakup ini" in part.text
    assert "<html" not in part.text


async def test_a_refusal_says_which_right_is_missing_and_keeps_the_menu(ani):
    page = await ani.get("/desk/people")
    assert page.status_code == 403
    assert "Ini memerlukan hak mengatur orang. Yang memilikinya: Admin." in page.text
    assert "Peran Anda: Moderator." in page.text
    assert '<a href="/desk/review">' in page.text
    assert "Anda bisa membaca antrean" not in page.text


@pytest.mark.parametrize(
    ("path", "target"),
    [
        ("/desk/q/7F3K/answer", "/desk/q/7F3K"),
        ("/desk/facts/3/variants/drop", "/desk/facts/3"),
        ("/desk/review/1/approve", "/desk/review/1"),
        ("/desk/people/1/link", "/desk/people"),
        ("/desk/rollback", "/desk/review"),
        ("/desk/views", "/desk"),
    ],
)
async def test_an_address_of_a_deed_leads_to_its_object(ani, path, target):
    answer = await ani.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, target)


@pytest.mark.parametrize("path", ["/desk/facts/abc", "/desk/nix", "/desk/review/x"])
async def test_an_unknown_address_of_the_desk_keeps_its_menu(ani, stranger, path):
    page = await ani.get(path)
    assert page.status_code == 404
    assert "Halaman ini tidak ada" in page.text
    assert '<a href="/desk/review">' in page.text
    assert '<a href="/desk/review">' not in (await stranger.get(path)).text


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/desk/q/ZZZZ", "Pertanyaan ZZZZ tidak ada"),
        ("/desk/facts/99999", "Pemeriksaan nomor 99999 tidak ada"),
        ("/desk/review/99999", "Usulan nomor 99999 tidak ada"),
    ],
)
async def test_what_is_missing_is_called_by_its_name(ani, path, words):
    page = await ani.get(path)
    assert page.status_code == 404
    assert words in page.text
