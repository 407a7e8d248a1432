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
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.channels.telegram.reading import Me, read_update
from bot.doors import ports
from bot.heads import Heads
from bot.wiring.clock import utc_now
from bot.wiring.sources import FactSource
from handlers import moderate
from handlers.ports import Rules
from handlers.reading import text_to_check
from knowledge_base.facts import Address, Outcome, Source, Submission, Verdict
from knowledge_base.search.entries import Entry, make
from knowledge_base.search.finder import Finder
from knowledge_base.store import Store
from tests.bot.edge import fact
from tests.bot.processes import Running, environment, free_port
from tests.fakes import DESK
from tests.servers.graph import FakeGraph
from tests.servers.graph import Person as GraphPerson
from tests.servers.graph import Sent as GraphSent
from tests.servers.serving import served, until
from tests.servers.telegram import FakeTelegram
from tests.servers.telegram import Person as TelegramPerson
from tests.servers.telegram import Sent as TelegramSent
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
Signed = tuple[dict[str, str], bytes]
DEATHS, PATIENCE = 14, 240.0


class Town:
    """An installation, and everybody around it; what depends on the messenger is below."""

    AGREES, LEAVES, REFUSES = "Kabari saya", "Ya, hapus", "0. Bukan"

    def __init__(self, verbs: tuple[str, ...], folder: Path, settings: dict[str, str]) -> None:
        self.verbs, self.var, self.port = verbs, folder / "var", free_port()
        self.chance = random.Random(len(verbs))
        self.settings = {"SECRET_KEY": KEY, "PUBLIC_URL": "https://saring.example", **settings}
        self.store = Store(f"sqlite:///{self.var / 'saring.db'}", KEY.encode(), patience=30.0)
        self.running: dict[str, Running] = {}
        self.asked: list[tuple[Any, object, str]] = []  # who, their message, its text
        self.agreed: set[int] = set()
        self.refused: set[int] = set()
        self.leaving: dict[int, int] = {}  # who takes their data back, and how far they are
        self.answered = defaultdict[str, list[str]](list)  # rumour → the facts told
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
        """What was not acknowledged is posted, in order, and sometimes what was."""
        address = f"http://127.0.0.1:{self.port}{self.PATH}"
        with suppress(httpx.HTTPError):
            for headers, body in self.deliveries()[self.delivered :]:
                for _ in range(1 + (self.chance.random() < 0.05)):
                    if httpx.post(address, headers=headers, content=body).status_code != 200:
                        return
                self.delivered += 1

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
        elif deed < 0.87:
            self.somebody_agrees()
        elif deed < 0.9:
            self.somebody_leaves()
        elif deed < 0.915:
            self.a_moderator_answers()
        elif deed < 0.935:
            self.somebody_refuses()
        elif deed > 0.99 and (self.importing is None or self.importing.poll() is not None):
            self.importing = self.imports()

    def somebody_asks(self, text: str) -> None:
        person = self.comes(f"Warga {len(self.asked)}")
        self.asked.append((person, self.forwards(person, text), text))

    def somebody_agrees(self) -> None:
        """They tap "tell me", perhaps while the answer is on its way."""
        self.somebody_presses(self.AGREES, self.agreed)

    def somebody_refuses(self) -> None:
        """What they were offered is not what they received; most people do not say so."""
        self.somebody_presses(self.REFUSES, self.refused)

    def somebody_presses(self, label: str, pressed: set[int]) -> None:
        """Up to three people, once each, where they have the button."""
        for place in self.chance.sample(range(len(self.asked)), min(3, len(self.asked))):
            person = self.asked[place][0]
            if place not in pressed and label in self.labels(person):
                pressed.add(place)
                person.presses(label)

    def somebody_leaves(self) -> None:
        places = range(len(self.asked))
        for place in self.chance.sample(places, min(3, len(places))):
            person, step = self.asked[place][0], self.leaving.setdefault(place, 0)
            if step == 0 and self.heard(person):
                person.sends("hapus")
                self.leaving[place] = 1
            elif step == 1 and self.LEAVES in self.labels(person):
                person.presses(self.LEAVES)
                self.leaving[place] = 2

    def a_moderator_answers(self) -> None:
        with self.store.work() as work:
            for question in sorted(work.questions.open(), key=lambda one: -one.askers)[:1]:
                fact = f"Keterangan untuk {question.code}: itu karangan."
                draft = moderate.Draft(
                    verdict=Verdict.FALSE,
                    claim=question.text,
                    fact=fact,
                    sources=(Source("https://dinas.example/rilis", "Dinas"),),
                )
                doors = ports(work, utc_now(), Rules(public_url="https://saring.example"))
                moderate.answer_question(doors, DESK, question.code, question.version, draft)
                words, *_ = question.text.splitlines()  # below: where Telegram had it from
                self.answered[words].append(fact)

    # ── the end ─────────────────────────────────────────────────────────────────────────────

    def settled(self) -> bool:
        """Is nothing on its way any more?"""
        self.delivers()
        with self.store.read() as work:
            inbox, outbox = work.inbox.counts(), work.outbox.counts()
        jobs = self.rows("select 1 from jobs where task in ('tell_askers', 'rematch_open')")
        way = inbox["waiting"] + inbox["leased"] + outbox["waiting"] + outbox["sending"]
        return self.all_arrived() and not way and not jobs

    def an_hour_later(self) -> None:
        """Who has not chosen any of what was offered is not waited for any more."""
        self.change("update jobs set due = created where task = 'no_choice'")

    def all_chose(self) -> bool:
        """Is nothing on its way, and nobody's choice waited for?"""
        return not self.rows("select 1 from jobs where task = 'no_choice'") and self.settled()

    def all_arrived(self) -> bool:
        """Does the platform hold nothing back?"""
        return self.delivered == len(self.deliveries())

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.var / "saring.db")) as database:
            return database.execute(query).fetchall()

    def change(self, statement: str) -> None:
        with closing(sqlite3.connect(self.var / "saring.db", timeout=30.0)) as database, database:
            database.execute(statement)

    def heard(self, person: Any) -> list[str]:
        return [sent.text for sent in self.fake.sent_to(person)]

    def forgotten(self) -> list[str]:
        """Who has no reply to their message."""
        return [
            text
            for person, message, text in self.asked
            if message not in {self.quoted(sent) for sent in self.fake.sent_to(person)}
        ]

    def untold(self) -> list[str]:
        """Who did not hear the answer to what they had asked, and stayed."""
        return [
            text
            for place, (person, _, text) in enumerate(self.asked)
            if text in self.answered and not self.leaving.get(place)
            if not any(fact in said for said in self.heard(person) for fact in self.answered[text])
        ]

    def repeated(self) -> list[list[str]]:
        """Who was told something twice that is not marked as perhaps sent twice."""
        marked = Counter(
            person for (person,) in self.rows("select person from outbox where maybe_duplicate")
        )
        account = str(self.rows("select account from inbox limit 1")[0][0])
        with self.store.read() as work:
            found = [
                (work.contacts.known(Address(self.CHANNEL, account, self.address(person))), person)
                for person, *_ in self.asked
            ]
        said = [(stayed.id, self.heard(person)) for stayed, person in found if stayed is not None]
        assert said
        return [texts for who, texts in said if len(texts) - len(set(texts)) > marked[who]]

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


class OnTelegram(Town):
    """Its messages are polled by `run`, and posted to `serve`."""

    CHANNEL, PATH = "telegram", "/webhooks/telegram"

    def __init__(self, verbs: tuple[str, ...], folder: Path, url: str, fake: FakeTelegram) -> None:
        settings = {"TELEGRAM_TOKEN": fake.token, "TELEGRAM_API_URL": url}
        if "serve" in verbs:
            settings |= {"TELEGRAM_MODE": "webhook", "TELEGRAM_WEBHOOK_SECRET": SECRET}
        super().__init__(verbs, folder, settings)
        self.fake = fake

    def deliveries(self) -> list[Signed]:
        if "serve" not in self.verbs:
            return []
        headers = {"x-telegram-bot-api-secret-token": SECRET}
        return [(headers, json.dumps(update).encode()) for update in self.fake.updates]

    def all_arrived(self) -> bool:
        return super().all_arrived() and ("serve" in self.verbs or self.fake.waiting == 0)

    def comes(self, name: str) -> TelegramPerson:
        return self.fake.person(name)

    def forwards(self, person: TelegramPerson, text: str) -> object:
        return person.forwards(text)["message_id"]

    def labels(self, person: TelegramPerson) -> str:
        return str([sent.labels for sent in self.fake.sent_to(person)])

    def quoted(self, sent: TelegramSent) -> object:
        return sent.reply_to

    def address(self, person: TelegramPerson) -> str:
        return str(person.id)


class OnWhatsApp(Town):
    """Meta also says what became of a message."""

    CHANNEL, PATH = "whatsapp", "/webhooks/whatsapp"

    def __init__(self, verbs: tuple[str, ...], folder: Path, url: str, fake: FakeGraph) -> None:
        settings = {
            "WHATSAPP_TOKEN": fake.token,
            "WHATSAPP_PHONE_NUMBER_ID": fake.number_id,
            "WHATSAPP_APP_SECRET": fake.secret,
            "WHATSAPP_VERIFY_TOKEN": "kata-rahasia-untuk-uji-coba",
            "WHATSAPP_API_URL": url,
        }
        super().__init__(verbs, folder, settings)
        self.fake, self.posted = fake, list[Signed]()

    def deliveries(self) -> list[Signed]:
        self.posted += [self.fake.signed(one) for one in self.fake.payloads()]
        return self.posted

    def comes(self, name: str) -> GraphPerson:
        return self.fake.person(name)

    def forwards(self, person: GraphPerson, text: str) -> object:
        if self.asked:  # somebody's telephone tells what it got
            for sent in self.fake.sent_to(self.chance.choice(self.asked)[0]):
                self.fake.progresses(sent, self.chance.choice(["sent", "delivered", "read"]))
        return person.forwards(text)

    def labels(self, person: GraphPerson) -> str:
        return str([list(sent.taps) for sent in self.fake.sent_to(person)])

    def quoted(self, sent: GraphSent) -> object:
        return sent.quotes

    def address(self, person: GraphPerson) -> str:
        return person.phone


def entries(finder: Finder, id: str) -> list[tuple[object, ...]]:
    """What an index holds under this id."""
    index = finder._index
    return [held(Entry(body)) for body in index._bodies.read(index._numbers("id", id))]


def held(entry: Entry) -> tuple[object, ...]:
    """All of it; each process writes the words of a set in an order of its own."""
    wordings = [
        (view.via, view.raw, view.stems, view.surface, set(view.spelled.split()))
        for view in entry.views
    ]
    told = (entry.codes, entry.told, entry.explanation)
    return entry.id, entry.lang, entry.date, *told, wordings


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


TOWNS = {
    "Telegram, one process": (OnTelegram, FakeTelegram, ("run",), {"longest_hold": 1.0}),
    "Telegram, two processes": (OnTelegram, FakeTelegram, ("serve", "work"), {}),
    "WhatsApp, two processes": (OnWhatsApp, FakeGraph, ("serve", "work"), {}),
}


@pytest.fixture(params=TOWNS)
def town(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Town]:
    place, platform, verbs, more = TOWNS[request.param]
    fake = platform(clock=time.time, **more)
    with served(fake.app) as url:
        town = place(verbs, tmp_path, url, fake)
        for verb in verbs:
            town.start(verb)
        town.running[verbs[0]].ready()
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
    town.an_hour_later()
    until(town.all_chose, PATIENCE)
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


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[OnTelegram]:
    """A town in which no process runs: to see that it would notice what it looks for."""
    (tmp_path / "var").mkdir()
    fake = FakeTelegram(clock=time.time)
    town = OnTelegram(("run",), tmp_path, "http://127.0.0.1:9", fake)
    town.store.migrate()
    yield town
    town.store.close()


def test_who_waits_and_is_not_told_is_noticed(quiet: OnTelegram) -> None:
    quiet.somebody_asks(RUMOURS[0])
    (message,) = read_update(quiet.fake.updates[0], Me(1, "saring_uji_bot"))
    with quiet.store.work() as work:
        person, now = work.contacts.at(message.address, utc_now()), utc_now()
        text = text_to_check(message)
        work.questions.ask(Submission("s1", person.id, text, Outcome.QUEUED, now))
    assert quiet.untold() == []
    quiet.a_moderator_answers()
    assert quiet.untold() == [RUMOURS[0]]


def test_what_a_kept_index_holds_otherwise_is_noticed(quiet: Town) -> None:
    with quiet.store.work() as work:
        number = work.facts.save(fact(), "test", "test").number
    assert quiet.index_problems() == []
    quiet.change("update facts set claim = 'Klaim lain tentang pemungutan suara'")
    assert quiet.index_problems() == [str(number)]


WORDING = [("claim", RUMOURS[0], *[" ".join(RUMOURS[0].casefold().split())] * 2)]


def test_what_another_process_wrote_down_is_the_same() -> None:
    program = (
        "import sys; from knowledge_base.search.entries import encode;"
        f"sys.stdout.buffer.write(encode('1', 'id', None, {WORDING!r}, 'karangan'))"
    )
    place, apart = Path(__file__).resolve().parents[1], {"PYTHONHASHSEED": "1"}
    command = [sys.executable, "-c", program]
    made = subprocess.run(command, cwd=place, env=apart, stdout=subprocess.PIPE, check=True)
    assert held(Entry(made.stdout)) == held(make("1", "id", None, WORDING, "karangan"))
