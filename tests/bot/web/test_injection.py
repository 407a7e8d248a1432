"""What people write never becomes part of a statement or of a template, whatever door it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import inspect

from bot.channels.console import line
from bot.web import login
from bot.web.app import create_app
from bot.wiring.clock import utc_now
from bot.wiring.sources import FactSource, QuestionSource
from handlers.messages import Address
from handlers.ports import Rules
from knowledge_base.facts import Outcome, Role, Submission
from knowledge_base.search.finder import Finder
from tests.bot.houses import house_in
from tests.statements import Heard, listening

MARK = "zqx9"
HOSTILE = f"{MARK}'\"); DROP TABLE questions; -- % _ {{{{7*7}}}} {{0.__class__}} %s $1 :name"


@pytest.fixture
def heard(store) -> Iterator[Heard]:
    with listening(store) as found:
        yield found


@pytest.fixture
def house(at_desk, store):
    finder = Finder(FactSource(store), questions=QuestionSource(store))
    return replace(at_desk, finder=finder, rules=Rules(fetch=False))


def ask(store, clock, text: str) -> str:
    """Somebody asks this; gives the code of their question."""
    with store.work() as work:
        person = work.contacts.at(Address("browser", "chat", text[:60]), clock())
        asked = Submission("s-1", person.id, text, Outcome.QUEUED, clock(), fingerprint=text)
        return work.questions.ask(asked).code


def told(heard: Heard) -> list[str]:
    return [statement for statement in heard.statements if MARK in statement.lower()]


async def test_no_field_of_the_desk_reaches_a_statement(house, store, clock, enter, heard):
    code = ask(store, clock, HOSTILE)
    tables = set(inspect(store._engines.reader).get_table_names())
    browser = await enter("Ani", Role.ADMIN, house)
    asked = 0
    for path, route in login._routes(create_app(house).routes):
        if path.endswith("/events") or path in ("/desk/logout", "/chat/forget"):
            continue
        ways = route.dependant
        address = path.replace("{code}", code).replace("{number}", "1").replace("{kind}", "task")
        for method in sorted(route.methods):
            query = {p.alias: HOSTILE for p in ways.query_params if p.field_info.annotation is str}
            form = {p.alias: HOSTILE for p in ways.body_params} | {"q": HOSTILE, "claim": HOSTILE}
            body = {"data": form} if method == "POST" else {}
            answer = await browser.request(method, address, params=query, **body)
            assert answer.status_code < 500, f"{method} {address}"
            asked += 1
    assert asked > 60
    assert told(heard) == []
    assert MARK in heard.values  # it did reach the database, as a value
    assert set(inspect(store._engines.reader).get_table_names()) == tables


async def test_no_word_of_a_chat_reaches_a_statement(tmp_path):
    house = house_in(tmp_path)
    commands = ("{}", "cek {}", "status {}", "bahasa {}", "/start {}", "/desk {}", "/cek 1 {}")
    with listening(house.store) as heard:
        for number, words in enumerate(commands):
            text = words.format(HOSTILE)
            body = line(f"{MARK}'chat", number, utc_now(), text=text)
            await house.reception.keep("console", body)
            while await house.workers[0].step():
                pass
        with house.store.read() as work:
            assert work.questions.open(10)  # it was understood, asked and kept
    house.store.close()
    assert len(heard.statements) > 100
    assert told(heard) == []


async def test_what_somebody_wrote_stands_on_a_page_as_it_was_written(house, store, clock, enter):
    text = "Warga Melati {{7*7}} {0.__class__} {code} %s ${7*7} wajib bayar iuran"
    code = ask(store, clock, text)
    browser = await enter("Ani", Role.ADMIN, house)
    for address in (f"/desk/q/{code}", "/desk"):
        assert text in (await browser.get(address)).text, address
