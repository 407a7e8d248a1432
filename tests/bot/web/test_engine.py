"""Web, store and search together: what the finder names is what the pages show."""

from dataclasses import replace

import httpx
import pytest

from bot.web.app import create_app
from bot.web.services import Services
from bot.wiring.sources import FactSource, QuestionSource
from handlers.ports import Rules
from knowledge_base.facts import (
    Address,
    FactCheck,
    Outcome,
    Role,
    Source,
    State,
    Submission,
    Verdict,
)
from knowledge_base.search.finder import Finder

CLAIM = "Minum air dingin saat cuaca panas bisa membuat pembuluh darah pecah."
NEAR = "Katanya minum air dingin waktu cuaca panas tahun 2031 bikin pembuluh darah pecah"


@pytest.fixture
def record(store):
    """A published fact-check whose identity says nothing of its number."""
    fact_check = FactCheck(
        identity="12",
        claim=CLAIM,
        verdict=Verdict.FALSE,
        fact="Air dingin justru membantu saat cuaca panas.",
        sources=(Source("https://antara.example/1", "Antara"),),
    )
    with store.work() as work:
        return work.facts.save(fact_check, "seed", "bundled")


@pytest.fixture
async def browser(store, clock, record):
    async def receive(channel, body, headers):
        return 1

    finder = Finder(FactSource(store), questions=QuestionSource(store))
    services = Services(
        database=store,
        rules=Rules(),
        finder=finder,
        receive=receive,
        clock=clock,
        api_keys=frozenset({"k" * 32}),
    )
    transport = httpx.ASGITransport(create_app(services), client=("127.0.0.1", 40000))
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "id"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://localhost", headers=headers
    ) as client:
        yield client


@pytest.fixture
async def desk(browser, store, clock):
    with store.work() as work:
        work.desk.add("ani", Role.MODERATOR, "", clock())
        token = work.desk.link("ani", clock())
    await browser.post("/desk/login", data={"token": token})
    return browser


@pytest.fixture
def asked(store, clock):
    """Somebody asked something near."""
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", "sari"), clock())
        submission = Submission("s1", person.id, NEAR, Outcome.QUEUED, clock(), ref="m1")
        work.questions.note(submission)
        return work.questions.ask(submission)


async def test_the_check_names_the_record_by_identity_and_number(browser, record):
    answer = (await browser.post("/api/v1/check", json={"text": CLAIM})).json()
    assert answer["decision"] == "answer"
    match = answer["matches"][0]
    assert (match["id"], match["number"], match["verdict"]) == ("12", record.number, "false")
    assert "score" not in match
    keyed = await browser.post(
        "/api/v1/check", json={"text": CLAIM}, headers={"X-API-Key": "k" * 32}
    )
    assert keyed.json()["matches"][0]["why"]["via"] == "exact"


async def test_what_was_withdrawn_is_gone_from_the_next_check_on(browser, record, store):
    with store.work() as work:
        work.facts.save(replace(record, state=State.RETRACTED), "ani", "wrong")
    answer = (await browser.post("/api/v1/check", json={"text": CLAIM})).json()
    assert answer["matches"] == []


async def test_the_desk_shows_the_nearest_record_and_finds_it_by_words(desk, record, asked):
    page = (await desk.get(f"/desk/q/{asked.code}")).text
    assert f"Sama dengan nomor {record.number}" in page
    assert record.fact in page
    found = (await desk.get("/desk/search?q=air dingin pembuluh darah")).text
    assert record.fact in found


async def test_a_published_answer_is_known_to_the_very_next_check(desk, asked, store):
    form = {
        "version": str(asked.version),
        "verdict": "misleading",
        "claim": "Air dingin pada 2031.",
        "fact": "Tidak ada laporan seperti itu.",
        "url_1": "https://dinkes.example/1",
        "lang": "id",
    }
    assert (await desk.post(f"/desk/q/{asked.code}/answer", data=form)).status_code == 303
    answer = (await desk.post("/api/v1/check", json={"text": NEAR})).json()
    assert (answer["decision"], answer["matches"][0]["verdict"]) == ("answer", "misleading")
