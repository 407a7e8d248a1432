"""The check as a service, health and figures, as the contract says."""

import json
from dataclasses import replace

import pytest

from bot.web.services import Limits
from knowledge_base.facts import State, Unavailable, Verdict
from knowledge_base.search.findings import Decision, Difference, Match, Part, Result, Stance, Why

WHY = Why(("TPS",), (Difference("date", "27 November", "14 Februari"),), "title")
KEY = "k" * 40


@pytest.fixture
def known(house, record):
    """The finder is sure of number 482."""
    house.finder.result = Result(
        Decision.ANSWER, 0.97, Stance.CLAIM, (Match("melati-482", 0.97, Why(("TPS",))),)
    )


async def check(browser, **kwargs):
    return await browser.post("/api/v1/check", headers={"Sec-Fetch-Site": "cross-site"}, **kwargs)


async def test_a_known_message_gets_its_fact_check_without_scores(browser, house, known):
    answer = await check(browser, json={"text": "TPS tutup jam 10?", "lang": "id"})
    assert answer.status_code == 200
    assert house.finder.asked == [("TPS tutup jam 10?", "id")]
    assert answer.json() == {
        "decision": "answer",
        "stance": "claim",
        "matches": [
            {
                "id": "melati-482",
                "number": 482,
                "verdict": "false",
                "claim": "TPS di Kecamatan Melati tutup pukul 10.00.",
                "fact": "TPS di Kecamatan Melati buka pukul 07.00–13.00 WIB.",
                "explanation": "Jadwal yang beredar adalah foto lama.",
                "sources": [
                    {
                        "url": "https://kpu.example/1",
                        "publisher": "KPU Melati",
                        "title": "",
                        "date": "2026-11-10",
                    }
                ],
                "page": "http://localhost:8000/p/482",
            }
        ],
    }


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}])
async def test_with_a_key_scores_and_reasons_come_too(browser_of, services, house, record, headers):
    near = (Match("melati-482", 0.97, WHY),)
    house.finder.result = Result(Decision.SUGGEST, 0.97, Stance.CLAIM, near)
    async with browser_of(replace(services, api_keys=frozenset({KEY}))) as client:
        answer = await client.post("/api/v1/check", json={"text": "TPS"}, headers=headers)
    body = answer.json()
    assert (body["confidence"], body["matches"][0]["score"]) == (0.97, 0.97)
    assert body["matches"][0]["why"]["differ"] == [
        {"type": "date", "message": "27 November", "claim": "14 Februari"}
    ]


async def test_an_unknown_key_is_refused(browser, known):
    headers = {"Authorization": "Bearer stolen"}
    answer = await browser.post("/api/v1/check", json={"text": "TPS"}, headers=headers)
    assert answer.status_code == 401


async def test_a_withdrawn_record_is_not_shown_though_the_index_still_has_it(
    browser, house, known, record
):
    house.doors.facts.put(replace(record, state=State.RETRACTED))
    body = (await check(browser, json={"text": "TPS"})).json()
    assert (body["decision"], body["matches"]) == ("ask_human", [])


async def test_what_stands_behind_a_withdrawn_record_is_not_the_answer(browser, house, record):
    other = house.doors.facts.put(replace(record, identity="melati-483", number=483))
    house.doors.facts.put(replace(record, state=State.RETRACTED))
    matches = (Match("melati-482", 0.97), Match("melati-483", 0.6))
    house.finder.result = Result(Decision.ANSWER, 0.97, Stance.CLAIM, matches)
    body = (await check(browser, json={"text": "TPS"})).json()
    assert body["decision"] == "suggest"
    assert [match["number"] for match in body["matches"]] == [other.number]


async def test_a_debunk_of_what_is_true_is_no_answer(browser, house, known, record):
    house.doors.facts.put(replace(record, verdict=Verdict.TRUE))
    house.finder.result = replace(house.finder.result, stance=Stance.DEBUNK)
    body = (await check(browser, json={"text": "HOAKS: TPS tutup"})).json()
    assert (body["decision"], body["stance"]) == ("suggest", "debunk")


async def test_a_part_whose_record_is_withdrawn_answers_nothing(browser, house, known, record):
    house.doors.facts.put(replace(record, state=State.RETRACTED))
    part = Part(0, 40, Decision.ANSWER, 0.9, Stance.CLAIM, (Match("melati-482", 0.9),))
    house.finder.result = Result(Decision.ANSWER, 0.9, parts=(part, replace(part, start=41)))
    body = (await check(browser, json={"text": "dua kabar"})).json()
    assert body["decision"] == "suggest"
    assert {part["decision"] for part in body["parts"]} == {"ask_human"}


async def test_parts_are_given_where_there_are_several(browser, house, known):
    parts = (
        Part(0, 40, Decision.ANSWER, 0.9, Stance.CLAIM, (Match("melati-482", 0.9),)),
        Part(41, 90, Decision.ASK_HUMAN, 0.1),
    )
    house.finder.result = Result(Decision.SUGGEST, 0.9, parts=parts)
    body = (await check(browser, json={"text": "dua kabar"})).json()
    assert [(part["start"], part["decision"]) for part in body["parts"]] == [
        (0, "answer"),
        (41, "ask_human"),
    ]
    assert body["parts"][0]["matches"][0]["number"] == 482


@pytest.mark.parametrize(
    ("content", "status", "field"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"text": "a"', 400, None),
        (b"\xff", 400, None),
        ('{"text": "a"}'.encode("utf-16"), 400, None),
        (b"[" * 100_000, 400, None),
        (b"[]", 422, "body"),
        (b"{}", 422, "text"),
        (b'{"text": "  "}', 422, "text"),
        (b'{"text": 5}', 422, "text"),
        (b'{"text": "a", "lang": 5}', 422, "lang"),
        (b'{"text": "' + b"a" * 100_001 + b'"}', 413, None),
        (b'{"text": "' + b"a" * 1_300_000 + b'"}', 413, None),
    ],
)
async def test_a_wrong_request_is_told_what_is_wrong(browser, house, content, status, field):
    answer = await check(browser, content=content)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.json().get("field") == field
    assert house.finder.asked == []


async def test_a_hundred_thousand_signs_may_come_escaped(browser, house, known):
    body = json.dumps({"text": "😂" * 100_000}).encode()
    assert (await check(browser, content=body)).status_code == 200


async def test_sixty_a_minute_and_address_then_wait(browser, house, known):
    answers = [await check(browser, json={"text": "TPS"}) for _ in range(61)]
    assert {answer.status_code for answer in answers[:60]} == {200}
    assert answers[60].status_code == 429
    assert 1 <= int(answers[60].headers["retry-after"]) <= 60
    house.later(61)
    assert (await check(browser, json={"text": "TPS"})).status_code == 200


async def test_a_key_is_not_counted(browser_of, services, known):
    keyed = replace(services, api_keys=frozenset({KEY}), limits=Limits())
    async with browser_of(keyed) as client:
        headers = {"X-API-Key": KEY}
        for _ in range(61):
            answer = await client.post("/api/v1/check", json={"text": "TPS"}, headers=headers)
        assert answer.status_code == 200


async def test_nothing_of_a_checked_text_is_kept(browser, house, known):
    await check(browser, json={"text": "TPS tutup jam 10?"})
    assert house.doors.mailbox.rows == {}
    assert house.received == []


async def test_health_answers_and_readiness_names_what_is_missing(browser_of, services):
    broken = replace(services, readiness=lambda: {"database": "schema is old"})
    async with browser_of(services) as well, browser_of(broken) as ill:
        assert (await well.get("/healthz")).json() == {"status": "ok"}
        assert (await well.get("/readyz")).status_code == 200
        assert (await ill.get("/healthz")).status_code == 200
        answer = await ill.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "problems": {"database": "schema is old"}}


async def test_metrics_are_for_this_machine_or_the_token(browser_of, services, record):
    async with browser_of(services) as local:
        text = (await local.get("/metrics")).text
        assert 'saring_inbox{state="waiting"} 3.0' in text
        assert 'saring_oldest_seconds{what="updates"} 0.0' in text
        assert 'saring_fact_checks{state="published"} 1.0' in text
        proxied = {"X-Forwarded-For": "203.0.113.9"}
        assert (await local.get("/metrics", headers=proxied)).status_code == 401
    async with browser_of(replace(services, proxied=True)) as silent:  # names nobody it asks for
        assert (await silent.get("/metrics")).status_code == 401
    public = replace(services, loopback=False, metrics_token="t" * 32)
    async with browser_of(public, peer="203.0.113.9") as remote:
        assert (await remote.get("/metrics")).status_code == 401
        wrong = {"Authorization": "Bearer x"}
        assert (await remote.get("/metrics", headers=wrong)).status_code == 401
        right = {"Authorization": f"Bearer {'t' * 32}"}
        assert (await remote.get("/metrics", headers=right)).status_code == 200


async def test_behind_a_proxy_nobody_is_this_machine_even_if_it_says_nothing(browser_of, services):
    rules = replace(services.rules, public_url="https://saring.example")
    async with browser_of(replace(services, rules=rules), "saring.example") as visitor:
        assert (await visitor.get("/metrics")).status_code == 401
        assert (await visitor.get("/chat")).status_code == 404


async def test_ten_wrong_keys_close_the_door_to_their_address_for_a_minute(
    browser_of, services, house
):
    keyed = replace(services, api_keys=frozenset({KEY}), limits=Limits())

    async def ask(client, key):
        headers = {"Authorization": f"Bearer {key}"}
        return (
            await client.post("/api/v1/check", json={"text": "TPS"}, headers=headers)
        ).status_code

    async with browser_of(keyed, peer="203.0.113.9") as guesser:
        assert [await ask(guesser, f"wrong-{n}") for n in range(12)] == [401] * 10 + [429] * 2
        assert await ask(guesser, KEY) == 429
        async with browser_of(keyed, peer="198.51.100.4") as other:
            assert await ask(other, KEY) == 200
        house.later(61)
        assert await ask(guesser, KEY) == 200


async def test_metrics_count_what_was_left_out_and_what_is_billed(browser_of, services):
    told = replace(services, ignored=lambda: {("whatsapp", "foreign_number"): 2})
    async with browser_of(told) as local:
        text = (await local.get("/metrics")).text
    ignored = 'saring_updates_ignored_total{channel="%s",kind="%s"} %s'
    assert ignored % ("telegram", "channel_post", "4.0") in text
    assert ignored % ("whatsapp", "foreign_number", "2.0") in text
    billed = 'saring_billable_messages{channel="whatsapp",since="%s"} %s'
    assert billed % ("today", "5.0") in text
    assert billed % ("beginning", "11.0") in text


async def test_without_a_token_no_empty_token_opens_the_metrics(browser_of, services):
    async with browser_of(replace(services, loopback=False), peer="203.0.113.9") as remote:
        empty = {"Authorization": "Bearer "}
        assert (await remote.get("/metrics", headers=empty)).status_code == 401


async def test_the_openapi_description_has_only_the_public_api(browser):
    paths = (await browser.get("/openapi.json")).json()["paths"]
    assert set(paths) == {"/api/v1/check", "/healthz", "/readyz"}
    page = (await browser.get("/docs")).text
    assert all(path in page for path in paths)


async def test_the_openapi_description_names_the_ways_to_give_a_key(browser):
    found = (await browser.get("/openapi.json")).json()
    ways = found["paths"]["/api/v1/check"]["post"]["security"]
    assert sorted(name for way in ways for name in way) == ["bearer", "key"]
    assert {} in ways
    assert set(found["components"]["securitySchemes"]) == {"bearer", "key"}


async def test_a_foreign_key_hears_how_keys_are_given(browser):
    answer = await browser.post(
        "/api/v1/check", json={"text": "x"}, headers={"X-API-Key": "another"}
    )
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


async def test_a_database_that_does_not_answer_is_a_503(browser, house, known):
    class Broken:
        def read(self):
            raise Unavailable("locked")

    house.doors.read = Broken().read
    answer = await check(browser, json={"text": "TPS"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert (await browser.get("/p/482")).status_code == 503
