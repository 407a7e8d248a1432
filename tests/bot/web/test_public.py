"""Public pages: every number has a clear page, other people's words stay words."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from urllib.robotparser import RobotFileParser

import pytest

from knowledge_base.facts import Source, State, Verdict

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{7*7}}'


async def test_a_fact_check_shows_fact_first_then_verdict_claim_and_sources(browser, record):
    page = (await browser.get("/p/482")).text.split("<main", 1)[1]
    places = [page.index(text) for text in (f"{record.fact}</h1>", "SALAH", record.claim)]
    assert places == sorted(places)
    assert 'href="https://kpu.example/1"' in page
    assert "10 November 2026" in page
    assert "12 November 2026" in page


async def test_search_engines_may_read_public_pages_only(browser, record):
    answer = await browser.get("/robots.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert all(rules.can_fetch("crawler", path) for path in ("/", "/p/482", "/metode", "/privasi"))
    for path in ("/desk", "/desk/login?token=x", "/chat", "/api/v1/check", "/webhooks/telegram"):
        assert not rules.can_fetch("crawler", path), path


async def test_the_page_speaks_the_visitors_language(browser, record):
    english = (await browser.get("/p/482", headers={"Accept-Language": "en"})).text
    assert "FALSE" in english
    assert "Sources" in english
    assert f'lang="id" dir="auto">{record.fact}' in english


async def test_claim_review_is_in_the_page_and_readable(browser, record):
    page = (await browser.get("/p/482")).text
    script = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.S)
    review = json.loads(script[1])
    assert review["@type"] == "ClaimReview"
    assert review["url"] == "http://localhost:8000/p/482"
    assert review["reviewRating"]["alternateName"] == "SALAH"


async def test_hostile_text_in_any_field_stays_text(browser, house, record):
    source = Source("javascript:alert(1)", HOSTILE, HOSTILE)
    fields = dict.fromkeys(("claim", "title", "fact", "explanation", "publisher"), HOSTILE)
    house.doors.facts.put(replace(record, sources=(source,), **fields), reason=HOSTILE)
    page = (await browser.get("/p/482")).text
    assert page.count("<script") == 1
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    assert "49" not in re.sub(r"\d{3,}", "", page.split("</h1>")[0])


@pytest.mark.parametrize("number", ["999", "0", "-1", "4.5", "abc", "9" * 30, "४८२"])
async def test_an_unknown_number_has_a_clear_page(browser, record, number):
    answer = await browser.get(f"/p/{number}")
    assert answer.status_code == 404
    assert "Nomor ini tidak ada" in answer.text


async def test_a_draft_is_not_public(browser, house, record):
    house.doors.facts.put(replace(record, state=State.DRAFT))
    answer = await browser.get("/p/482")
    assert answer.status_code == 404
    assert record.claim not in answer.text


async def test_a_withdrawn_check_says_so_and_does_not_repeat_its_verdict(browser, house, record):
    house.doors.facts.put(replace(record, state=State.RETRACTED), reason="Sumbernya ditarik.")
    answer = await browser.get("/p/482")
    assert answer.status_code == 410
    assert "Sumbernya ditarik." in answer.text
    assert "SALAH" not in answer.text


async def test_a_correction_is_noted_with_before_and_now(browser, house, record):
    later = house.now + timedelta(days=1)
    changed = replace(record, verdict=Verdict.PARTLY, version=2)
    house.doors.facts.put(changed, "Jadwal baru terbit.", later)
    page = (await browser.get("/p/482")).text
    assert "Sebelumnya SALAH, sekarang SEBAGIAN BENAR." in page
    assert "Jadwal baru terbit." in page
    assert "22 November 2026" in page


async def test_the_note_of_a_correction_never_names_the_number_of_an_asker(browser, house, record):
    for place, (state, reason) in enumerate(
        ((State.RETRACTED, "undo"), (State.PUBLISHED, "question 7F3K"))
    ):
        house.doors.facts.put(replace(record, state=state, version=2 + place), reason)
        page = (await browser.get("/p/482")).text
        assert reason not in page
    assert "Terbit lagi: SALAH." in page


async def test_the_start_page_lists_the_newest_and_leads_to_the_chat(browser, house, record):
    house.doors.facts.put(replace(record, number=483, identity="x", fact="Fakta kedua."))
    page = (await browser.get("/")).text
    assert page.index("Fakta kedua.") < page.index(record.fact)
    assert 'href="/chat"' in page


async def test_the_start_page_hides_a_chat_that_is_off(browser_of, services, record):
    async with browser_of(replace(services, chat="off")) as visitor:
        assert 'href="/chat"' not in (await visitor.get("/")).text


@pytest.mark.parametrize(
    ("lang", "words"), [("id", "Akun kami hanya"), ("en", "Our accounts are only")]
)
async def test_the_page_on_how_we_work_names_the_accounts_that_are_ours(
    services, browser_of, lang, words
):
    named = replace(services, rules=replace(services.rules, accounts=("Telegram @saring_bot",)))
    async with browser_of(named) as browser:
        page = (await browser.get(f"/metode?lang={lang}")).text
    assert f"{words}: Telegram @saring_bot." in page
    async with browser_of(services) as browser:
        assert words not in (await browser.get(f"/metode?lang={lang}")).text


@pytest.mark.parametrize("path", ["/privasi", "/metode", "/docs", "/"])
@pytest.mark.parametrize("lang", ["id", "en"])
async def test_the_other_pages_exist_in_both_languages(browser, path, lang):
    answer = await browser.get(f"{path}?lang={lang}")
    assert answer.status_code == 200
    assert f'<html lang="{lang}">' in answer.text


async def test_the_privacy_page_names_the_basis_that_is_in_force(browser_of, services):
    strict = replace(services, rules=replace(services.rules, consent="tap"))
    async with browser_of(services) as usual, browser_of(strict) as stricter:
        assert "menekan tombol setuju" not in (await usual.get("/privasi")).text
        assert "menekan tombol setuju" in (await stricter.get("/privasi")).text


async def test_every_link_of_a_public_page_leads_somewhere(browser, record):
    for path in ("/", "/p/482", "/privasi", "/metode", "/docs"):
        page = (await browser.get(path)).text
        for link in set(re.findall(r'href="(/[^"#]*)"', page)):
            assert (await browser.get(link)).status_code == 200, (path, link)
