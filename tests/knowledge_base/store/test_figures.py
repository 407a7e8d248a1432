"""The figures of the desk against a simple recount of everything that happened, in plain lists."""

from __future__ import annotations

import random
import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from knowledge_base.deliveries import Delivery
from knowledge_base.facts import Address, FactCheck, Outcome, Role, Source, Submission, Verdict
from knowledge_base.figures import PartFigures
from knowledge_base.queue import Place, Signals
from knowledge_base.store import Store
from tests import postgresql
from tests.conftest import MASTER_KEY, Clock

ZONE = ZoneInfo("Asia/Jakarta")
TOPICS, CHANNELS = ("election", "health"), ("telegram", "whatsapp")


@dataclass
class Happened:
    """What happened, each thing with its time: (at, what it was about …)."""

    asked: list[tuple[datetime, str, str, bool]] = field(default_factory=list)
    words: list[tuple[datetime, float, str, int]] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)  # of each that asked, by now
    settled: list[tuple[datetime, datetime, str, str]] = field(default_factory=list)
    refused: list[tuple[datetime, str]] = field(default_factory=list)
    votes: list[tuple[datetime, bool, str, str]] = field(default_factory=list)
    opened: list[datetime] = field(default_factory=list)
    waiting: list[tuple[str, str, int, int]] = field(default_factory=list)
    """Their code, channel and version, and the how-manieth asked."""

    def on(self, day: date, rows: list) -> list:
        """Those of this local day."""
        return [row for row in rows if row[0].astimezone(ZONE).date() == day]


class Life:
    """Askers and a desk over some days, by chance but always the same."""

    def __init__(self, store: Store, clock) -> None:
        self.store, self.clock, self.chance = store, clock, random.Random(7)
        self.log, self.facts = Happened(), {}
        with store.work() as work:
            for topic in TOPICS:
                fact = FactCheck(
                    identity=topic,
                    claim=f"Kabar {topic}.",
                    verdict=Verdict.FALSE,
                    fact="Tidak begitu.",
                    sources=(Source("https://x.example/1"),),
                    topic=topic,
                )
                self.facts[topic] = work.facts.save(fact, "ani", "").number
            work.desk.add("Ani", Role.EDITOR, "Redaksi", clock())

    def day(self) -> None:
        """A day with things at any hour; the hourly round runs as it does in life."""
        for hour in range(24):
            for _ in range(self.chance.randrange(3)):
                self.asks()
            if self.log.waiting and self.chance.random() < 0.4:
                self.settles()
            self.clock.forward(minutes=60)
            with self.store.work() as work:
                work.figures.keep(work.figures.due("Asia/Jakarta"))
                if hour % 6 == 0:
                    work.forget_old(self.clock())

    def asks(self) -> None:
        """Somebody new asks; half of them are answered at once and may say what they think."""
        number, channel = len(self.log.asked), self.chance.choice(CHANNELS)
        topic, at_once = self.chance.choice(TOPICS), self.chance.random() < 0.5
        now, delay = self.clock(), self.chance.randrange(1, 40)
        with self.store.work() as work:
            person = work.contacts.at(Address(channel, "bot", f"a{number}"), now).id
            outcome = Outcome.ANSWERED if at_once else Outcome.QUEUED
            fact = self.facts[topic] if at_once else None
            asked = Submission(f"s{number:05d}", person, f"kabar {number}", outcome, now,
                               fingerprint=f"f{number}", fact_number=fact)  # fmt: skip
            work.questions.note(asked)
            if not at_once:
                question = work.questions.ask(asked)
                self.log.opened.append(now)
                self.log.waiting.append((question.code, channel, question.version, number))
            elif self.chance.random() < 0.5:
                helpful = self.chance.random() < 0.7
                work.reviews.vote(person, self.facts[topic], 1, helpful=helpful)
                self.log.votes.append((now, helpful, topic, channel))
            elif self.chance.random() < 0.5:
                work.evidence.add(f"kabar {number}", self.facts[topic], right=False, by="asker")
                self.log.refused.append((now, topic))
            work.inbox.add(channel, "bot", f"u{number}", f"a{number}", b"{}", now)
        self.log.asked.append((now, topic if at_once else "", channel, at_once))
        self.log.topics.append(topic if at_once else "")
        self.answers(person, delay, channel)

    def answers(self, person: str, delay: int, channel: str) -> None:
        """Their first word, some seconds later."""
        begun = self.clock()
        with self.store.work() as work:
            rows = work.inbox.lease(begun, 60)
            work.inbox.done([row.id for row in rows], begun, person)
            work.outbox.add(person, {"to": person}, now=begun)
        self.clock.forward(seconds=delay)
        with self.store.work() as work:
            for row in work.outbox.claim(self.clock()):
                work.outbox.finish(row.id, Delivery.SENT, self.clock())
        self.log.words.append((begun, float(delay), channel, len(self.log.words)))

    def settles(self) -> None:
        """The desk answers one of those that wait."""
        place = self.chance.randrange(len(self.log.waiting))
        code, channel, version, number = self.log.waiting.pop(place)
        topic = self.chance.choice(TOPICS)
        with self.store.work() as work:
            asked = work.questions.get(code).first_asked
            work.questions.settle(code, self.facts[topic], "Ani", version)
        self.log.topics[number] = topic
        self.log.settled.append((self.clock(), asked, topic, channel))


@pytest.fixture(scope="module")
def lived(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Callable[[Path], str], Life]]:
    """Four days, lived once for all tests; a database of the test's own after these."""
    path = tmp_path_factory.mktemp("figures") / "lived.db"
    on_server = backend == "postgresql"
    url = request.getfixturevalue("server").make() if on_server else f"sqlite:///{path}"
    clock = Clock(datetime(2027, 2, 6, 9, 0, tzinfo=UTC))
    store = Store(url, MASTER_KEY, clock)
    store.migrate()
    life = Life(store, clock)
    for _ in range(4):
        life.day()
    store.checkpoint()
    store.close()
    if not on_server:
        yield lambda folder: f"sqlite:///{shutil.copy(path, folder / 'saring.db')}", life
        return
    kept = postgresql.Kept(url)
    yield lambda folder: kept.anew(), life
    kept.close()


@pytest.fixture
def clock(lived: tuple[Callable[[Path], str], Life]) -> Clock:
    """At the end of the four days."""
    return Clock(lived[1].clock.now)


@pytest.fixture
def life(lived: tuple[Callable[[Path], str], Life]) -> Life:
    return lived[1]


@pytest.fixture
def store(
    lived: tuple[Callable[[Path], str], Life], tmp_path: Path, clock: Clock
) -> Iterator[Store]:
    """A copy of the database after the four days."""
    opened = Store(lived[0](tmp_path), MASTER_KEY, clock)
    yield opened
    opened.close()


def middle(values: list[float]) -> float | None:
    return median(values) if values else None


def test_every_day_says_what_a_simple_recount_says(life: Life, store: Store, clock):
    with store.read() as work:
        rows = work.figures.sums(clock() - timedelta(days=4), "Asia/Jakarta")
    log = life.log
    assert len(rows) == 5
    for row in rows:
        asked, votes = log.on(row.day, log.asked), log.on(row.day, log.votes)
        settled = log.on(row.day, log.settled)
        assert (row.asked, row.automatic) == (len(asked), sum(one[3] for one in asked))
        assert row.first_word == middle([one[1] for one in log.on(row.day, log.words)])
        assert row.settled == len(settled)
        assert row.verdict == middle([(end - begun).total_seconds() for end, begun, *_ in settled])
        assert row.refused == len(log.on(row.day, log.refused))
        assert (row.helpful, row.unhelpful) == (
            sum(one[1] for one in votes),
            sum(not one[1] for one in votes),
        )
        end = datetime.combine(row.day + timedelta(1), datetime.min.time(), ZONE)
        opened = sum(at < end for at in log.opened)
        assert row.backlog == opened - sum(one[0] < end for one in log.settled)


@pytest.mark.parametrize("cut", ["topic", "channel"])
def test_every_topic_and_channel_says_what_a_simple_recount_says(
    life: Life, store: Store, clock, cut: str
):
    since = clock() - timedelta(days=3)
    first = since.astimezone(ZONE).date()
    with store.read() as work:
        parts = {part.name: part for part in work.figures.by(cut, since, "Asia/Jakarta")}
    log, at = life.log, 1 if cut == "topic" else 2
    recent = {
        name: [row for row in getattr(log, name) if row[0].astimezone(ZONE).date() >= first]
        for name in ("asked", "settled", "votes", "refused")
    }
    at_once = Counter(row[at] for row in recent["asked"] if row[3])
    assert {name: part.automatic for name, part in parts.items() if part.automatic} == at_once
    assert sum(part.asked for part in parts.values()) == len(recent["asked"])
    if cut == "channel":
        asked = Counter(row[at] for row in recent["asked"])
        assert {name: part.asked for name, part in parts.items() if part.asked} == asked
    times: dict[str, list[float]] = defaultdict(list)
    for end, begun, topic, channel in recent["settled"]:
        times[topic if cut == "topic" else channel].append((end - begun).total_seconds())
    assert {name: part.verdict for name, part in parts.items() if part.settled} == {
        name: median(values) for name, values in times.items()
    }
    votes = Counter(row[at + 1] for row in recent["votes"] if row[1])
    assert {name: part.helpful for name, part in parts.items() if part.helpful} == votes
    if cut == "topic":
        refused = Counter(row[1] for row in recent["refused"])
        assert {name: part.refused for name, part in parts.items() if part.refused} == refused
    else:
        waiting = Counter(channel for _, channel, *_ in log.waiting)
        assert {name: part.backlog for name, part in parts.items() if part.backlog} == waiting


def test_the_first_word_of_today_is_cut_as_a_simple_recount_cuts_it(
    life: Life, store: Store, clock
):
    words = life.log.on(clock().astimezone(ZONE).date(), life.log.words)
    for cut in ("topic", "channel"):
        named: dict[str, list[float]] = defaultdict(list)
        for _, seconds, channel, number in words:
            named[channel if cut == "channel" else life.log.topics[number]].append(seconds)
        with store.read() as work:
            parts = work.figures.by(cut, clock(), "Asia/Jakarta")
        assert len(named) >= 2
        assert {one.name: one.first_word for one in parts if one.first_word is not None} == {
            name: median(values) for name, values in named.items()
        }


def test_the_first_word_of_several_days_is_in_the_middle_of_theirs(life: Life, store, clock):
    since = clock() - timedelta(days=4)
    with store.read() as work:
        parts = {one.name: one for one in work.figures.by("channel", since, "Asia/Jakarta")}
    for name in CHANNELS:
        medians: list[float] = []
        for ago in range(5):
            day = (since + timedelta(ago)).astimezone(ZONE).date()
            words = [row[1] for row in life.log.on(day, life.log.words) if row[2] == name]
            medians += [median(words)] * len(words) if words else []
        assert parts[name].first_word == median(medians)


def test_a_topic_that_became_known_later_is_not_counted_twice(store: Store, clock: Clock):
    with store.work() as work:
        who = work.contacts.at(Address("telegram", "bot", "late"), clock()).id
        asked = Submission("late", who, "kabar", Outcome.QUEUED, clock(), fingerprint="late")
        work.questions.note(asked)
        question = work.questions.ask(asked)
        work.figures.keep(work.figures.due("Asia/Jakarta"))
        fact = next(one for one in work.facts.browse() if one.topic == "health")
        work.questions.settle(question.code, fact.number, "Ani", question.version)
        work.figures.keep(work.figures.due("Asia/Jakarta"))
    clock.forward(days=1)
    with store.read() as work:
        parts = work.figures.by("topic", clock() - timedelta(days=1), "Asia/Jakarta")
        days = work.figures.sums(clock() - timedelta(days=1), "Asia/Jakarta")
    assert sum(part.asked for part in parts) == sum(day.asked for day in days)


def test_figures_outlive_what_they_were_counted_on(life: Life, store: Store, clock):
    with store.read() as work:
        before = work.figures.sums(clock() - timedelta(days=4), "Asia/Jakarta")[:4]
        parts = work.figures.by("channel", clock() - timedelta(days=4), "Asia/Jakarta")
    clock.forward(days=45)
    with store.work() as work:
        while any(work.forget_old(clock()).values()):
            pass
    with store.read() as work:
        after = work.figures.sums(clock() - timedelta(days=49), "Asia/Jakarta")[:4]
        later = work.figures.by("channel", clock() - timedelta(days=49), "Asia/Jakarta")
    for old, new in zip(before, after, strict=True):
        assert (new.day, new.asked, new.automatic) == (old.day, old.asked, old.automatic)
        assert new.first_word == old.first_word
    assert [(one.name, one.asked) for one in later] == [(one.name, one.asked) for one in parts]


def test_a_guessed_topic_counts_what_waits(store: Store, clock: Clock):
    with store.work() as work:
        who = work.contacts.at(Address("telegram", "bot", "a"), clock()).id
        asked = Submission("s1", who, "kabar", Outcome.QUEUED, clock(), fingerprint="f")
        work.questions.note(asked)
        work.questions.ask(asked)
        due = work.queue.due(clock(), 500)[-1]
        work.queue.keep([Place(due.id, Signals(1, clock(), topic="health"), 1.0)], clock())
    with store.read() as work:
        parts = {part.name: part for part in work.figures.by("topic", clock(), "Asia/Jakarta")}
        standing = work.figures.standing()
    assert parts["health"].backlog == 1
    assert standing.backlog == sum(part.backlog for part in parts.values())
    assert standing.oldest <= clock()


def test_on_duty_is_who_worked_on_questions_in_the_last_day(store: Store, clock):
    with store.work() as work:
        for name in ("Budi", "Cici"):
            work.desk.add(name, Role.MODERATOR, "Redaksi", clock())
        work.audit.write("Cici", "take", "question/7F3K")
    clock.forward(days=1, minutes=1)
    with store.work() as work:
        for actor, what in (("Budi", "question/A"), ("Ani", "question/B"), ("Ani", "question/C"),
                            ("matcher", "question/D"), ("Budi", "moderator/Budi")):  # fmt: skip
            work.audit.write(actor, "take", what)
    with store.read() as work:
        assert work.figures.standing().on_duty == (("Ani", 2), ("Budi", 1))


def test_what_people_answered_counts_for_the_topic_of_their_answer(store: Store, clock: Clock):
    with store.read() as work:
        before = {part.name: part for part in work.figures.by("topic", clock(), "Asia/Jakarta")}
        fact = next(one for one in work.facts.browse() if one.topic == "health")
    with store.work() as work:
        who = work.contacts.at(Address("telegram", "bot", "new"), clock()).id
        asked = Submission("new", who, "kabar", Outcome.QUEUED, clock(), fingerprint="new")
        work.questions.note(asked)
        question = work.questions.ask(asked)
        work.questions.settle(question.code, fact.number, "Ani", question.version)
    with store.read() as work:
        after = {part.name: part for part in work.figures.by("topic", clock(), "Asia/Jakarta")}
    was = before.get("health", PartFigures("health"))
    assert after["health"].asked == was.asked + 1
    assert after["health"].automatic == was.automatic
