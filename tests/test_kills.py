"""kill -9 at any moment of the processes an operator runs: nobody is forgotten, nothing is torn.

People ask, take their data back and are answered, files are imported, and now and then one of
the processes dies and is started again. Only what is marked as perhaps sent twice may be there
twice. Alone for long: python -m pytest -m soak tests/test_kills.py
"""

from __future__ import annotations

import json
import random
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest

from bot.doors import ports
from bot.heads import Heads
from bot.wiring import FactSource, utc_now
from handlers import moderate
from handlers.ports import Rules
from knowledge_base.facts import Address, Source, Verdict
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store
from tests.bot.processes import Running, environment, free_port
from tests.fakes import DESK
from tests.servers.serving import served, until
from tests.servers.telegram import FakeTelegram, Person
from tests.test_crash import known_claim

KEY = "kunci-utama-untuk-uji-coba-0123456789"
SECRET = "rahasia-webhook-untuk-uji-coba-0123456789"
PLACES = ("Dukuh Awan-awan", "Pasar Kenanga", "Kelurahan Melati", "Gang Seroja", "Bukit Dahlia")
DEEDS = ("berisi sirup jambu", "dicat ungu oleh tentara asing", "dijual ke saudagar dari bulan")
THINGS = ("sumur", "gapura", "kincir angin")
RUMOURS = [
    f"Kabarnya {t} warga di {p} {d} tadi pagi." for t in THINGS for p in PLACES for d in DEEDS
]
KNOWN = known_claim()
DEATHS, PATIENCE = 14, 240.0


class Town:
    """An installation, and everybody around it."""

    def __init__(self, verbs: tuple[str, ...], folder: Path, fake: FakeTelegram, url: str) -> None:
        self.verbs, self.var, self.fake, self.port = verbs, folder / "var", fake, free_port()
        self.chance = random.Random(len(verbs))
        self.settings = {
            "SECRET_KEY": KEY,
            "TELEGRAM_TOKEN": fake.token,
            "TELEGRAM_API_URL": url,
            "PUBLIC_URL": "https://saring.example",
        }
        if "serve" in verbs:
            self.settings |= {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": SECRET}
        self.store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode(), patience=30.0)
        self.running: dict[str, Running] = {}
        self.asked: dict[int, tuple[Person, int, str]] = {}  # by person: message and its text
        self.leaving: dict[int, int] = {}  # who takes their data back, and how far they are
        self.answered: dict[str, str] = {}  # rumour → the fact told
        self.delivered = 0
        self.files = folder / "checks.jsonl"
        self.importing: subprocess.Popen[bytes] | None = None

    # ── processes ───────────────────────────────────────────────────────────────────────────

    def start(self, verb: str) -> None:
        self.running[verb] = Running(verb, self.var, self.port, **self.settings)

    def dies(self) -> None:
        """One of them, or both, at any moment: at the start, or while everything goes on."""
        gone = self.verbs if self.chance.random() < 0.2 else (self.chance.choice(self.verbs),)
        for verb in gone:
            self.running[verb].end()
            self.start(verb)
        if self.importing is not None and self.chance.random() < 0.5:
            self.importing.kill()

    def lives(self, seconds: float) -> None:
        """Time in which something happens all the while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.something_happens()
            self.delivers()
            time.sleep(0.05)

    def delivers(self) -> None:
        """Telegram posts what was not acknowledged, in order, and sometimes what was."""
        if "serve" not in self.verbs:
            return
        headers = {"x-telegram-bot-api-secret-token": SECRET}
        address = f"http://127.0.0.1:{self.port}/webhooks/telegram"
        with suppress(httpx.HTTPError):
            while self.delivered < len(self.fake.updates):
                body = json.dumps(self.fake.updates[self.delivered]).encode()
                if httpx.post(address, headers=headers, content=body).status_code != 200:
                    return
                self.delivered += self.chance.random() < 0.95

    def imports(self) -> subprocess.Popen[bytes]:
        """A file comes in; each one changes every row of the one before."""
        version = self.chance.randrange(1_000_000)
        self.files.write_text("\n".join(json.dumps(check(n, version)) for n in range(900)))
        return subprocess.Popen(
            [sys.executable, "-m", "bot", "import", str(self.files)],
            env=environment(self.var, self.port, **self.settings),
            cwd=self.var,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    # ── people ──────────────────────────────────────────────────────────────────────────────

    def something_happens(self) -> None:
        deed = self.chance.random()
        if deed < 0.2:
            self.somebody_asks(KNOWN)
        elif deed < 0.8:  # a few rumours have many askers
            self.somebody_asks(RUMOURS[min(len(RUMOURS) - 1, int(self.chance.expovariate(0.2)))])
        elif deed < 0.9:
            self.somebody_leaves()
        elif deed < 0.93:
            self.a_moderator_answers()
        elif self.importing is None or self.importing.poll() is not None:
            self.importing = self.imports()

    def somebody_asks(self, text: str) -> None:
        person = self.fake.person(f"Warga {len(self.asked)}")
        self.asked[person.id] = (person, person.forwards(text)["message_id"], text)

    def somebody_leaves(self) -> None:
        for person, *_ in self.chance.sample(list(self.asked.values()), min(3, len(self.asked))):
            step = self.leaving.setdefault(person.id, 0)
            if step == 0 and self.fake.sent_to(person):
                person.sends("/hapus")
                self.leaving[person.id] = 1
            elif step == 1 and "Ya, hapus" in str([s.labels for s in self.fake.sent_to(person)]):
                person.presses("Ya, hapus")
                self.leaving[person.id] = 2

    def a_moderator_answers(self) -> None:
        with self.store.work() as work:
            for question in sorted(work.questions.open(), key=lambda one: -one.askers)[:1]:
                fact = f"Keterangan ke-{len(self.answered)}: itu karangan."
                draft = moderate.Draft(
                    verdict=Verdict.FALSE,
                    claim=question.text,
                    fact=fact,
                    sources=(Source("https://dinas.example/rilis", "Dinas"),),
                )
                doors = ports(work, utc_now(), Rules(public_url="https://saring.example"))
                moderate.answer_question(doors, DESK, question.code, question.version, draft)
                self.answered[question.text] = fact

    # ── the end ─────────────────────────────────────────────────────────────────────────────

    def settled(self) -> bool:
        """Is nothing on its way any more?"""
        self.delivers()
        arrived = self.fake.waiting == 0 or self.delivered == len(self.fake.updates)
        with self.store.read() as work:
            inbox, outbox = work.inbox.counts(), work.outbox.counts()
        jobs = self.rows("select 1 from jobs where task in ('tell_askers', 'rematch_open')")
        way = inbox["waiting"] + inbox["leased"] + outbox["waiting"] + outbox["sending"]
        return arrived and not way and not jobs

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.var / "saring.db")) as database:
            return database.execute(query).fetchall()

    def heard(self, person: Person) -> list[str]:
        return [sent.text for sent in self.fake.sent_to(person)]

    def forgotten(self) -> list[int]:
        """Who has no reply to their message."""
        return [
            number
            for number, (person, message, _) in self.asked.items()
            if message not in {sent.reply_to for sent in self.fake.sent_to(person)}
        ]

    def untold(self) -> list[int]:
        """Who did not hear the answer to what they had asked, and stayed."""
        return [
            number
            for number, (person, _, text) in self.asked.items()
            if text in self.answered and not self.leaving.get(number)
            if not any(self.answered[text] in said for said in self.heard(person))
        ]

    def repeated(self) -> list[int]:
        """Who was told something twice that is not marked as perhaps sent twice."""
        marked: Counter[object] = Counter()
        for (person,) in self.rows("select person from outbox where maybe_duplicate"):
            marked[person] += 1
        with self.store.read() as work:
            known = {
                number: work.contacts.known(Address("telegram", self.account, str(number)))
                for number in self.asked
            }
        return [
            number
            for number, (person, *_) in self.asked.items()
            if (stayed := known[number]) is not None
            and len(said := self.heard(person)) - len(set(said)) > marked[stayed.id]
        ]

    @property
    def account(self) -> str:
        return str(self.rows("select account from inbox limit 1")[0][0])

    def index_problems(self) -> list[object]:
        """What stands in the kept index otherwise than in the database."""
        source, problems = FactSource(self.store), []
        kept, fresh = Finder(source), Finder(source)
        kept.keep_in(self.var / "index", source.mark, problems.append)
        for finder in (kept, fresh):
            finder.refresh()
        ids = [record.id for record in source.changes(0).records]
        assert len(ids) == len(fresh._index) == len(kept._index)
        return problems + [one for one in ids if entries(kept, one) != entries(fresh, one)]


def entries(finder: Finder, id: str) -> list[bytes]:
    """What an index holds under this id."""
    index = finder._index
    return [index._bodies.read(number) for number in index._numbers("id", id)]


def check(number: int, version: int = 0) -> dict[str, object]:
    """A row of a file that is imported."""
    where, what = PLACES[number % 5], DEEDS[number % 3]
    return {
        "id": f"impor-{number}",
        "claim": f"Berita bernomor {number}: jembatan di {where} {what}",
        "fact": f"Tidak benar menurut keterangan {version}.",
        "verdict": "false",
        "publisher": "Redaksi",
        "sources": [{"url": "https://dinas.example/x", "publisher": "Dinas"}],
    }


@pytest.fixture(params=[("run",), ("serve", "work")], ids=["one process", "two processes"])
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    fake = FakeTelegram(clock=time.time, longest_hold=1.0)
    with served(fake.app) as url:
        town = Town(request.param, tmp_path, fake, url)
        for verb in town.verbs:
            town.start(verb)
        town.running[town.verbs[0]].ready()
        yield town
        for process in town.running.values():
            process.end()
        if town.importing is not None:
            town.importing.kill()
            town.importing.wait()
        town.store.close()
    assert fake.violations == []


@pytest.mark.soak
def test_whoever_dies_whenever_nobody_is_forgotten_and_nothing_is_torn(town: Town) -> None:
    for _ in range(DEATHS):
        town.lives(town.chance.uniform(0.5, 20.0))
        town.dies()
    assert town.imports().wait(PATIENCE) == 0
    until(town.settled, PATIENCE)
    assert [process.stop() for process in town.running.values()] == [0] * len(town.verbs)
    assert len(town.asked) > 50
    assert town.answered
    assert (town.forgotten(), town.untold(), town.repeated()) == ([], [], [])
    assert town.rows("select id from inbox where state = 'parked'") == []
    assert town.rows("pragma integrity_check") == [("ok",)]
    with town.store.read() as work:
        assert work.audit.verify() is None
        assert Heads(town.var).problem(work.audit) == ""
    assert town.index_problems() == []
