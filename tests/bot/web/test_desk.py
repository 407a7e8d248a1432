"""The desk on the real store: log in, read, answer, merge, reject, undo; nobody sneaks in."""

from dataclasses import replace
from datetime import date

import httpx
import pytest

from bot.previews import PREVIEWS
from bot.web.app import create_app
from bot.web.services import Services
from handlers.ports import Rules
from knowledge_base.facts import (
    Address,
    FactCheck,
    Outcome,
    QuestionState,
    Role,
    Source,
    State,
    Submission,
    Verdict,
)
from knowledge_base.search.findings import Decision, Difference, Match, Result, Why

RUMOUR = "Jembatan Kenanga di Melati ditutup tiga bulan mulai Senin, yang lewat didenda 250 ribu"
ANSWER = {
    "verdict": "false",
    "claim": "Jembatan Kenanga di Melati ditutup tiga bulan.",
    "fact": "Jembatan Kenanga tetap dibuka; perbaikan hanya malam hari.",
    "explanation": "Dinas PU Melati hanya mengumumkan perbaikan malam hari.",
    "url_1": "https://dpu-melati.example/pengumuman",
    "publisher_1": "Dinas PU Melati",
    "date_1": "2027-02-09",
    "lang": "id",
}
HOSTILE = '<img src=x onerror="alert(1)"></script><script>alert(2)</script>'


class Finder:
    """Finds what it was told to find."""

    def __init__(self):
        self.result = Result(Decision.ASK_HUMAN, 0.0)
        self.alike = ()

    def find(self, text, lang="", date=None, limit=10):
        return self.result

    def same_question(self, text, lang="", limit=5):
        return ()

    def alike_questions(self, text, lang="", without="", limit=5):
        return self.alike


@pytest.fixture
def finder():
    return Finder()


@pytest.fixture
def services(store, clock, finder):
    async def receive(channel, body, headers):
        return 1

    return Services(
        database=store,
        rules=Rules(),
        finder=finder,
        receive=receive,
        clock=clock,
        previews=PREVIEWS,
    )


@pytest.fixture
def open_desk(services):
    def open_browser(changed: Services = services) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(create_app(changed), client=("127.0.0.1", 40000))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "id"}
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)

    return open_browser


@pytest.fixture
def link(store, clock):
    """link("ani", role): a one-time token of a moderator, who is made if need be."""

    def make(name: str = "ani", role: Role = Role.MODERATOR) -> str:
        with store.work() as work:
            if work.desk.by_name(name) is None:
                work.desk.add(name, role, "Redaksi", clock())
            return work.desk.link(name, clock())

    return make


@pytest.fixture
async def desk(open_desk, link):
    async with open_desk() as browser:
        await browser.post("/desk/login", data={"token": link()})
        yield browser


@pytest.fixture
def ask(store, clock):
    """ask(text, who): a person asks something nobody knows; gives the question."""

    def question(text: str = RUMOUR, who: str = "sari", **marks):
        with store.work() as work:
            person = work.contacts.at(Address("telegram", "bot", who), clock())
            submission = Submission(
                id=f"s{who}{len(text)}",
                person=person.id,
                text=text,
                outcome=Outcome.QUEUED,
                at=clock(),
                ref="m1",
                fingerprint=text.lower(),
            )
            work.questions.note(submission)
            return work.questions.ask(submission, **marks)

    return question


@pytest.fixture
def known(store, finder):
    """A published fact-check the finder thinks near."""
    record = FactCheck(
        identity="k-1",
        claim="Jembatan Kenanga ditutup setahun.",
        verdict=Verdict.FALSE,
        fact="Jembatan Kenanga dibuka.",
        sources=(Source("https://dpu.example/1", "Dinas PU", date=date(2027, 1, 5)),),
    )
    with store.work() as work:
        saved = work.facts.save(record, "seed", "bundled")
    why = Why(("Jembatan Kenanga",), (Difference("quantity", "tiga bulan", "setahun"),))
    finder.result = Result(Decision.SUGGEST, 0.6, matches=(Match("k-1", 0.6, why),))
    return saved


def state(store, code):
    with store.read() as work:
        return work.questions.get(code)


# ── logging in ──────────────────────────────────────────────────────────────────────────────


async def test_opening_the_link_uses_nothing_up_pressing_the_button_does(open_desk, link):
    token = link()
    async with open_desk() as browser:
        for _ in range(3):  # a chat app that makes a preview
            page = await browser.get(f"/desk/login?token={token}")
            assert page.status_code == 200
            assert page.headers["cache-control"] == "no-store"
            assert page.headers["referrer-policy"] == "same-origin"
        entered = await browser.post("/desk/login", data={"token": token})
        assert (entered.status_code, entered.headers["location"]) == (303, "/desk")
        assert (await browser.get("/desk")).status_code == 200
    async with open_desk() as second:
        assert (await second.post("/desk/login", data={"token": token})).status_code == 403


async def test_a_link_is_good_for_fifteen_minutes(open_desk, link, clock):
    token = link()
    clock.forward(minutes=15)
    async with open_desk() as browser:
        late = await browser.post("/desk/login", data={"token": token})
    assert late.status_code == 403
    assert "Minta tautan baru" in late.text


@pytest.mark.parametrize("token", ["", "x", "x" * 5000, "\x00"])
async def test_a_wrong_token_opens_nothing(open_desk, token):
    async with open_desk() as browser:
        assert (await browser.post("/desk/login", data={"token": token})).status_code == 403
        assert (await browser.get("/desk")).status_code == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_strict_over_https(
    open_desk, services, link
):
    async with open_desk() as browser:
        plain = (await browser.post("/desk/login", data={"token": link()})).headers["set-cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=lax" in plain
    async with open_desk(replace(services, secure_cookies=True)) as browser:
        strict = (await browser.post("/desk/login", data={"token": link()})).headers["set-cookie"]
    assert strict.startswith("__Host-saring_desk=")
    assert "Secure" in strict
    assert "Path=/;" in strict
    assert "Domain" not in strict


async def test_logging_out_ends_the_session_itself(desk, store):
    cookies = dict(desk.cookies)
    answer = await desk.post("/desk/logout")
    assert "storage" in answer.headers["clear-site-data"]
    desk.cookies.update(cookies)  # a copy of the cookie is worth nothing
    assert (await desk.get("/desk")).status_code == 303


async def test_a_session_ends_after_half_an_hour_of_rest(desk, clock):
    clock.forward(minutes=29)
    assert (await desk.get("/desk")).status_code == 200
    clock.forward(minutes=29)
    assert (await desk.get("/desk")).status_code == 200
    clock.forward(minutes=31)
    assert (await desk.get("/desk")).status_code == 303


async def test_a_page_that_renews_itself_keeps_nobody_logged_in(desk, clock):
    for _ in range(5):
        clock.forward(minutes=5)
        assert (await desk.get("/desk/cards")).status_code == 200
    clock.forward(minutes=5)
    assert (await desk.get("/desk/cards")).status_code == 303


async def test_a_revoked_moderator_is_out_at_once(desk, store, clock):
    with store.work() as work:
        work.desk.revoke("ani", clock())
    assert (await desk.get("/desk")).status_code == 303


def desk_routes():
    """Every route under /desk that is not the login, with its methods."""
    from bot.web import desk as module

    return [
        (method, route.path.replace("{code}", "AAAA"))
        for route in module.router.routes
        for method in sorted(route.methods)
    ]


@pytest.mark.parametrize(("method", "path"), desk_routes())
async def test_no_route_of_the_desk_serves_a_stranger(open_desk, method, path):
    async with open_desk() as browser:
        answer = await browser.request(method, path)
        assert answer.status_code in {303, 401}
        part = await browser.request(method, path, headers={"HX-Request": "true"})
        assert part.status_code == 401
        assert part.headers["hx-retarget"] == "#notice"  # what is being written stays


@pytest.mark.parametrize(("method", "path"), [r for r in desk_routes() if r[0] == "POST"])
async def test_a_reader_may_look_but_not_write(open_desk, link, ask, store, method, path):
    code = ask().code
    async with open_desk() as browser:
        await browser.post("/desk/login", data={"token": link("budi", Role.READER)})
        assert (await browser.get(f"/desk/q/{code}")).status_code == 200
        form = ANSWER | {"version": "1"}
        answer = await browser.post(path.replace("AAAA", code), data=form)
    assert answer.status_code == 403
    assert state(store, code).state is QuestionState.OPEN


@pytest.mark.parametrize("path", [r[1] for r in desk_routes() if r[0] == "POST"])
async def test_a_form_of_another_site_changes_nothing(desk, ask, store, path):
    code = ask().code
    headers = {"Sec-Fetch-Site": "cross-site"}
    form = ANSWER | {"version": "1", "reason": "x"}
    answer = await desk.post(path.replace("AAAA", code), data=form, headers=headers)
    assert answer.status_code == 403
    assert state(store, code).state is QuestionState.OPEN


async def test_desk_pages_stay_in_no_cache_and_in_no_frame(desk, ask):
    for path in ("/desk", "/desk/cards", f"/desk/q/{ask().code}", "/desk/search?q=x"):
        headers = (await desk.get(path)).headers
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]


# ── the queue ───────────────────────────────────────────────────────────────────────────────


async def test_the_most_wanted_question_stands_first(desk, ask):
    few = ask("Harga beras di Pasar Seruni naik dua kali lipat mulai besok pagi")
    ask()
    many = ask(who="dewi", forwarded_many=True)
    page = (await desk.get("/desk")).text
    assert page.index(f"#{many.code}") < page.index(f"#{few.code}")
    assert "2 penanya" in page
    assert "1× sering diteruskan" in page


async def test_a_long_queue_has_pages(desk, ask):
    for number in range(33):
        ask(f"Kabar nomor {number} tentang hal lain di kecamatan Melati", who=f"p{number}")
    first, second = await desk.get("/desk"), await desk.get("/desk?start=30")
    assert first.text.count('<li class="card"') == 30
    assert second.text.count('<li class="card"') == 3
    assert "/desk?start=30" in first.text
    assert (await desk.get("/desk?start=-5")).status_code == 200


async def test_an_empty_queue_says_so(desk):
    assert "Tidak ada pertanyaan yang menunggu." in (await desk.get("/desk")).text


async def test_the_nearest_fact_check_is_shown_with_its_reasons(desk, ask, known):
    page = (await desk.get(f"/desk/q/{ask().code}")).text
    assert f"Sama dengan nomor {known.number}" in page
    assert "Jembatan Kenanga</mark>" in page
    assert "jumlahnya" in page
    assert "tiga bulan</mark>" in page


async def test_an_unknown_ticket_has_a_clear_page(desk):
    for code in ("ZZZZ", "x" * 500, "%00"):
        assert (await desk.get(f"/desk/q/{code}")).status_code == 404


# ── answering ───────────────────────────────────────────────────────────────────────────────


async def test_an_answer_is_published_and_settles_the_question(desk, ask, store):
    asked = ask()
    form = ANSWER | {"version": str(asked.version)}
    answer = await desk.post(f"/desk/q/{asked.code}/answer", data=form)
    assert answer.headers["location"] == f"/desk/q/{asked.code}?done=answered"
    settled = state(store, asked.code)
    assert (settled.state, settled.answered_by) == (QuestionState.ANSWERED, "ani")
    with store.read() as work:
        fact = work.facts.get(settled.fact_number)
    assert (fact.verdict, fact.fact, fact.state) == (
        Verdict.FALSE,
        ANSWER["fact"],
        State.PUBLISHED,
    )
    assert RUMOUR in fact.variants
    assert fact.sources[0].date == date(2027, 2, 9)
    page = (await desk.get(answer.headers["location"])).text
    assert "Terbit." in page
    assert (await desk.get(f"/p/{fact.number}")).status_code == 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": ""}, "Pilih hasil"),
        ({"verdict": "nonsense"}, "Pilih hasil"),
        ({"fact": ""}, "Tulis faktanya"),
        ({"fact": "a" * 161}, "161"),
        ({"url_1": ""}, "sumber"),
        ({"url_1": "javascript:alert(1)"}, "Alamat sumber tidak bisa dibaca"),
        ({"date_1": "kemarin"}, "Tanggal ini tidak bisa dibaca"),
        ({"url_1": "http://localhost:8000/p/1"}, "hanya bisa dibuka di jaringan sendiri"),
        ({"url_1": "http://127.0.0.1/x"}, "hanya bisa dibuka di jaringan sendiri"),
        ({"url_1": "https://[::1]/x"}, "hanya bisa dibuka di jaringan sendiri"),
    ],
)
async def test_an_unfinished_answer_comes_back_with_the_reason(desk, ask, store, change, words):
    asked = ask()
    form = ANSWER | {"version": str(asked.version)} | change
    answer = await desk.post(f"/desk/q/{asked.code}/answer", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert ANSWER["explanation"] in answer.text
    assert state(store, asked.code).state is QuestionState.OPEN


async def test_a_refused_answer_names_all_that_is_missing(desk, ask):
    asked = ask()
    form = ANSWER | {"version": "1", "verdict": "", "fact": "", "url_1": ""}
    page = (await desk.post(f"/desk/q/{asked.code}/answer", data=form)).text
    faults = page.split('<ul class="faults">')[1].split("</ul>")[0]
    assert faults.count("<li>") == 3


async def test_after_an_answer_open_questions_alike_are_offered(desk, ask, finder, store):
    first = ask()
    second = ask("Jembatan Kenanga kabarnya ditutup lama, benarkah itu?", who="dewi")
    finder.alike = (Match(second.code, 0.99, Why(agree=("kenanga",))),)
    await desk.post(f"/desk/q/{first.code}/answer", data=ANSWER | {"version": "1"})
    number = state(store, first.code).fact_number
    page = (await desk.get(f"/desk/q/{first.code}")).text
    assert "Pertanyaan serupa yang masih terbuka" in page
    assert f'action="/desk/q/{second.code}/merge"' in page
    assert f"Sama dengan nomor {number}" in page


async def test_the_slower_of_two_is_told_who_was_faster_and_keeps_the_draft(
    desk, open_desk, link, ask, store
):
    asked = ask()
    form = ANSWER | {"version": str(asked.version)}
    async with open_desk() as other:
        await other.post("/desk/login", data={"token": link("budi")})
        await other.post(f"/desk/q/{asked.code}/answer", data=form)
    mine = form | {"fact": "Tulisan saya yang kedua."}
    late = await desk.post(f"/desk/q/{asked.code}/answer", data=mine)
    assert late.status_code == 409
    assert "diselesaikan oleh budi" in late.text
    assert "Tulisan saya yang kedua." in late.text
    with store.read() as work:
        me = work.desk.by_name("ani")
        assert work.desk.draft(me.id, asked.code)["fact"] == "Tulisan saya yang kedua."


async def test_an_answer_to_what_was_edited_meanwhile_is_not_published(desk, ask, store):
    asked = ask()
    with store.work() as work:
        [row] = work.questions.askers(asked.code)
        work.questions.ask(replace(row, text="Kucing wajib punya KTP", fingerprint="lain"))
    late = await desk.post(f"/desk/q/{asked.code}/answer", data=ANSWER | {"version": "1"})
    assert late.status_code == 409
    assert "sementara itu berubah" in late.text
    assert "baru saja diselesaikan" not in late.text
    assert "Kucing wajib punya KTP" in late.text
    again = await desk.post(f"/desk/q/{asked.code}/answer", data=ANSWER | {"version": "2"})
    assert again.status_code == 303


async def test_what_is_typed_is_kept_and_shown_as_the_asker_will_see_it(desk, ask, store):
    asked = ask()
    part = await desk.post(f"/desk/q/{asked.code}/draft", data=ANSWER)
    assert "SALAH" in part.text
    assert ANSWER["fact"] in part.text
    assert "Siap terbit" in part.text
    again = (await desk.get(f"/desk/q/{asked.code}")).text
    assert ANSWER["explanation"] in again
    assert state(store, asked.code).state is QuestionState.OPEN


async def test_a_half_written_draft_says_what_is_missing(desk, ask):
    asked = ask()
    part = await desk.post(f"/desk/q/{asked.code}/draft", data={"claim": "x", "date_1": "kapan"})
    assert part.status_code == 200
    assert "Pilih hasil" in part.text
    assert "Tulis faktanya" in part.text


async def test_another_moderators_draft_is_not_mine(desk, open_desk, link, ask):
    asked = ask()
    await desk.post(f"/desk/q/{asked.code}/draft", data=ANSWER)
    async with open_desk() as other:
        await other.post("/desk/login", data={"token": link("budi")})
        assert ANSWER["explanation"] not in (await other.get(f"/desk/q/{asked.code}")).text


async def test_merging_answers_with_what_is_known(desk, ask, known, store):
    asked = ask()
    form = {"version": str(asked.version), "number": f"#{known.number}"}
    answer = await desk.post(f"/desk/q/{asked.code}/merge", data=form)
    assert answer.status_code == 303
    assert state(store, asked.code).fact_number == known.number
    with store.read() as work:  # its words are taught when the time for undo is over
        assert RUMOUR not in work.facts.get(known.number).variants


@pytest.mark.parametrize("number", ["", "0", "99999", "abc", "9" * 40])
async def test_merging_into_a_number_that_is_not_published_is_refused(desk, ask, store, number):
    asked = ask()
    form = {"version": str(asked.version), "number": number}
    answer = await desk.post(f"/desk/q/{asked.code}/merge", data=form)
    assert answer.status_code == 422
    assert state(store, asked.code).state is QuestionState.OPEN


async def test_two_questions_become_one(desk, ask, finder, store):
    first = ask()
    second = ask("Jembatan Kenanga kabarnya ditutup lama, benarkah itu?", who="dewi")
    finder.alike = (Match(second.code, 0.99, Why(agree=("kenanga",))),)
    shown = (await desk.get(f"/desk/q/{first.code}")).text
    assert '<mark class="same">kenanga</mark>' in shown
    assert f"Setelah digabung, #{second.code} punya 2 penanya dan 2 kalimat" in shown
    assert f"Gabungkan dengan #{second.code}" in shown
    form = {"version": str(first.version), "into": second.code}
    await desk.post(f"/desk/q/{first.code}/join", data=form)
    joined = state(store, first.code)
    assert (joined.code, joined.askers) == (second.code, 2)


async def test_a_rejection_needs_a_reason(desk, ask, store):
    asked = ask()
    form = {"version": str(asked.version), "reason": "  "}
    assert (await desk.post(f"/desk/q/{asked.code}/reject", data=form)).status_code == 422
    form["reason"] = "Ini pendapat."
    assert (await desk.post(f"/desk/q/{asked.code}/reject", data=form)).status_code == 303
    closed = state(store, asked.code)
    assert (closed.state, closed.reason) == (QuestionState.REJECTED, "Ini pendapat.")


async def test_an_answer_can_be_taken_back_for_half_a_minute(desk, ask, store, clock):
    asked = ask()
    await desk.post(f"/desk/q/{asked.code}/answer", data=ANSWER | {"version": str(asked.version)})
    clock.forward(seconds=20)
    form = {"version": str(state(store, asked.code).version)}
    answer = await desk.post(f"/desk/q/{asked.code}/undo", data=form)
    assert answer.headers["location"].endswith("done=undone")
    assert state(store, asked.code).state is QuestionState.OPEN


async def test_search_finds_by_number_and_by_words(desk, ask, known, finder):
    asked = ask()
    query = f"/desk/search?code={asked.code}&version={asked.version}&q="
    assert known.fact in (await desk.get(f"{query}jembatan")).text
    finder.result = Result(Decision.ASK_HUMAN, 0.0)
    assert known.fact in (await desk.get(f"{query}%23{known.number}")).text
    assert "Tidak ada yang cocok." in (await desk.get(f"{query}beras")).text
    assert "Tidak ada" not in (await desk.get(query)).text


async def test_a_single_word_the_matcher_cannot_judge_is_looked_up(desk, ask, known, finder):
    finder.result = Result(Decision.ASK_HUMAN, 0.0)
    word = known.claim.split()[0]
    assert known.fact in (await desk.get(f"/desk/search?q={word}")).text


@pytest.mark.parametrize("kind", ["roles", "thing", "old", "a new one"])
async def test_a_difference_of_any_kind_is_shown(desk, ask, known, finder, store, kind):
    asked = ask()
    why = Why(("Jembatan", "Kenanga", "ditutup"), (Difference(kind, "tiga", "setahun"),))
    match = Match(str(known.number), 0.6, why)
    finder.result = Result(Decision.SUGGEST, 0.6, matches=(match,))
    with store.work() as work:
        work.questions.keep_neighbours(asked.code, (match,))
    words = {"roles": "siapa melakukan apa", "thing": "hal yang dimaksud"}
    word = words.get(kind, "rinciannya")
    assert f"beda: {word}" in (await desk.get("/desk")).text.lower()
    assert word in (await desk.get(f"/desk/q/{asked.code}")).text


async def test_what_is_hardly_alike_is_folded(desk, ask, known, finder):
    asked = ask()
    for score, folded in ((0.01, True), (0.4, False)):
        match = Match(str(known.number), score, Why(("Jembatan",)))
        finder.result = Result(Decision.ASK_HUMAN, score, matches=(match,))
        page = (await desk.get(f"/desk/q/{asked.code}")).text
        assert ("Yang kurang mirip (1)" in page) is folded
        assert known.fact in page


async def test_hostile_text_stays_text_in_every_place(desk, ask, known, finder):
    asked = ask(f"{HOSTILE} {RUMOUR}")
    why = Why((HOSTILE,), (Difference("number", HOSTILE, HOSTILE),))
    finder.result = Result(Decision.SUGGEST, 0.6, matches=(Match("k-1", 0.6, why),))
    text_fields = {name: HOSTILE for name in ANSWER if name not in ("verdict", "lang")}
    part = await desk.post(f"/desk/q/{asked.code}/draft", data=ANSWER | text_fields)
    refused = await desk.post(
        f"/desk/q/{asked.code}/answer", data=ANSWER | text_fields | {"version": "1"}
    )
    pages = [part, refused, await desk.get("/desk"), await desk.get(f"/desk/q/{asked.code}")]
    for page in pages:
        assert "<img" not in page.text.replace('<img src="/static', "")
        assert "<script>" not in page.text


async def test_the_desk_speaks_english_too(desk, ask):
    page = (await desk.get(f"/desk/q/{ask().code}?lang=en")).text
    assert "Publish and tell the askers" in page
    assert "1 asker<" in page


async def test_somebody_who_leaves_while_sending_is_no_fault(desk, ask, services):
    asked, sent = ask(), []
    cookie = f"saring_desk={desk.cookies['saring_desk']}"
    head = {
        "host": "localhost",
        "cookie": cookie,
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded",
        "content-length": "99",
    }
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/desk/q/{asked.code}/draft",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in head.items()],
        "client": ("127.0.0.1", 40000),
    }

    async def left():
        return {"type": "http.disconnect"}

    async def keep(message):
        sent.append(message)

    await create_app(services)(scope, left, keep)
    assert sent[0]["status"] == 400
