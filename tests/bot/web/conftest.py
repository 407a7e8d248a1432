"""A web application on small hand-written doors, and a client that behaves like a browser."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from bot.inbox import ReceptionError
from bot.previews import PREVIEWS
from bot.web.app import create_app
from bot.web.services import Services
from handlers.ports import Rules
from knowledge_base.deliveries import MailboxRow
from knowledge_base.facts import FactCheck, Role, Source, State, Verdict, Version
from knowledge_base.search.findings import Decision, Result

NOON = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)


class Mailbox:
    """Lines in a list per chat."""

    def __init__(self) -> None:
        self.rows: dict[str, list[MailboxRow]] = {}
        self.number = 0

    def put(self, chat: str, ours: bool, body: Mapping[str, Any], now: datetime) -> int:
        self.number += 1
        self.rows.setdefault(chat, []).append(MailboxRow(self.number, ours, dict(body), now))
        return self.number

    def change(self, chat: str, seq: int, body: Mapping[str, Any]) -> None:
        rows = self.rows.get(chat, [])
        self.rows[chat] = [replace(row, body=body) if row.seq == seq else row for row in rows]

    def since(self, chat: str, seq: int, limit: int = 200) -> tuple[MailboxRow, ...]:
        return tuple(row for row in self.rows.get(chat, []) if row.seq > seq)[:limit]


class Facts:
    """Fact-checks by number, with their versions."""

    def __init__(self) -> None:
        self.versions: dict[int, list[Version]] = {}

    def put(self, record: FactCheck, reason: str = "", at: datetime = NOON) -> FactCheck:
        older = self.versions.setdefault(record.number, [])
        older.insert(0, Version(len(older) + 1, at, "ani", reason, record))
        return record

    def get(self, number: int) -> FactCheck | None:
        return self.versions[number][0].fact_check if number in self.versions else None

    def by_identity(self, identity: str) -> FactCheck | None:
        records = [versions[0].fact_check for versions in self.versions.values()]
        return next((record for record in records if record.identity == identity), None)

    def twins(self, number: int) -> tuple[int, ...]:
        return ()  # nobody disagrees here

    def count(self) -> Mapping[str, int]:
        return {"published": len(self.published())}

    def history(self, number: int) -> tuple[Version, ...]:
        return tuple(self.versions.get(number, ()))

    def published(self, limit: int = 50, offset: int = 0) -> tuple[FactCheck, ...]:
        records = [versions[0].fact_check for versions in self.versions.values()]
        newest = [record for record in records[::-1] if record.state is State.PUBLISHED]
        return tuple(newest[offset : offset + limit])


class Counts:
    """Rows by state."""

    def counts(self) -> Mapping[str, int]:
        return {"waiting": 3, "done": 7}

    count = counts

    def next_due(self) -> datetime | None:
        return None

    oldest_reply = next_due


class Tally:
    """What was left out and what is billed."""

    def all_ignored(self) -> Mapping[tuple[str, str], int]:
        return {("telegram", "channel_post"): 4}

    def all_billed(self) -> Mapping[tuple[str, date], int]:
        return {("whatsapp", NOON.date()): 5, ("whatsapp", NOON.date() - timedelta(days=1)): 6}


class Nobody:
    """A desk without people."""

    def list(self) -> tuple[()]:
        return ()


class NothingGone:
    """Every source answers."""

    def gone(self, urls: Sequence[str]) -> frozenset[str]:
        return frozenset()

    def copies(self, urls):
        return {}


class Doors:
    """One never-ending transaction with only the doors a test needs."""

    def __init__(self) -> None:
        self.mailbox = Mailbox()
        self.facts = Facts()
        self.desk = Nobody()
        self.upkeep = NothingGone()
        self.inbox = self.outbox = self.job_table = self.questions = Counts()
        self.tally = Tally()

    @contextmanager
    def work(self) -> Iterator[Doors]:
        yield self

    read = work

    def ready(self) -> None:
        """Always."""


class Finder:
    """Gives the result it was told to give and remembers the questions."""

    def __init__(self) -> None:
        self.result = Result(Decision.ASK_HUMAN, 0.0)
        self.asked: list[tuple[str, str]] = []

    def find(self, text: str, lang: str = "", date: Any = None, limit: int = 10) -> Result:
        self.asked.append((text, lang))
        return self.result


@dataclass
class House:
    """What a test may look into: doors, what was received, and the hands of the clock."""

    doors: Doors = field(default_factory=Doors)
    finder: Finder = field(default_factory=Finder)
    received: list[tuple[str, bytes, dict[str, str]]] = field(default_factory=list)
    refusal: ReceptionError | None = None
    now: datetime = NOON

    async def receive(self, channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        if self.refusal is not None:
            raise self.refusal
        self.received.append((channel, body, dict(headers)))
        return 1

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @property
    def updates(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body, _ in self.received]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def record(house: House) -> FactCheck:
    """A published fact-check, number 482."""
    return house.doors.facts.put(
        FactCheck(
            identity="melati-482",
            number=482,
            claim="TPS di Kecamatan Melati tutup pukul 10.00.",
            verdict=Verdict.FALSE,
            fact="TPS di Kecamatan Melati buka pukul 07.00–13.00 WIB.",
            explanation="Jadwal yang beredar adalah foto lama.",
            sources=(Source("https://kpu.example/1", "KPU Melati", date=date(2026, 11, 10)),),
            publisher="Redaksi Saring",
            checked_on=date(2026, 11, 12),
        )
    )


@pytest.fixture
def services(house: House) -> Services:
    return Services(
        database=house.doors,
        rules=Rules(),
        finder=house.finder,
        receive=house.receive,
        clock=lambda: house.now,
    )


class NothingFound:
    """A search that finds nothing."""

    def find(self, text: str, lang: str = "", date: Any = None, limit: int = 10) -> Result:
        return Result(Decision.ASK_HUMAN, 0.0)

    def same_question(self, text: str, lang: str = "", limit: int = 5) -> tuple[Any, ...]:
        return ()

    def alike_questions(
        self, text: str, lang: str = "", without: str = "", limit: int = 5
    ) -> tuple[Any, ...]:
        return ()


@pytest.fixture
def at_desk(store, clock) -> Services:
    """The web on the real store."""

    async def receive(channel: str, body: bytes, headers: Mapping[str, str]) -> int:
        return 1

    return Services(
        database=store,
        rules=Rules(),
        finder=NothingFound(),
        receive=receive,
        clock=clock,
        previews=PREVIEWS,
    )


@pytest.fixture
def stranger_of():
    """stranger_of(services): a browser nobody has logged in with."""

    def browser(services: Services) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(create_app(services), client=("127.0.0.1", 40000))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "id"}
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers)

    return browser


@pytest.fixture
def stranger(at_desk: Services, stranger_of) -> httpx.AsyncClient:
    """A browser nobody has logged in with, on the real store."""
    return stranger_of(at_desk)


@pytest.fixture
def enter(at_desk: Services, stranger_of, store, clock):
    """enter("ani", role): a browser of a person who has logged in, on the real store."""

    async def browser(name: str, role: Role, services: Services = at_desk) -> httpx.AsyncClient:
        with store.work() as work:
            if work.desk.by_name(name) is None:
                work.desk.add(name, role, "Redaksi", clock())
            token = work.desk.link(name, clock())
        client = stranger_of(services)
        answer = await client.post("/desk/login", data={"token": token})
        assert answer.status_code == 303
        return client

    return browser


@pytest.fixture
def browser_of():
    """A client on any services: `async with browser_of(services) as browser`."""

    def open_browser(services: Services, host: str = "localhost", peer: str = "127.0.0.1"):
        transport = httpx.ASGITransport(create_app(services), client=(peer, 40000))
        return httpx.AsyncClient(
            transport=transport,
            base_url=f"http://{host}",
            headers={"Sec-Fetch-Site": "same-origin", "Accept-Language": "id"},
        )

    return open_browser


@pytest.fixture
async def browser(services: Services, browser_of) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_of(services) as client:
        yield client
