"""A messenger, a search and a database that do what a test tells them, for the core's edge."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from bot.channels import ChannelError, Limits, RawUpdate
from bot.worker import add_outgoing
from handlers.messages import Act, Address, Block, Incoming, Media, Outgoing
from knowledge_base.facts import FactCheck, Source, Unavailable, Verdict
from knowledge_base.search.findings import Decision, Match, Result
from knowledge_base.search.text import checkable

SECRET = {"x-test-secret": "yes"}


class FakeChannel:
    """Deliveries are JSON lists of updates; what is sent is kept, or fails as told."""

    name = "fake"
    account = "bot"
    limits = Limits(per_second=1e9, per_chat_seconds=0.0)

    def __init__(self, *errors: Exception, name: str = "fake") -> None:
        self.name = name
        self.errors = list(errors)
        self.sent: list[tuple[str, Outgoing]] = []
        self.before_send: Callable[[], Any] = lambda: None

    def verify(self, headers, body: bytes) -> bool:
        return headers.get("x-test-secret") == "yes"

    def split(self, body: bytes) -> list[RawUpdate]:
        return [
            RawUpdate(str(one["id"]), one["chat"], json.dumps(one).encode())
            for one in json.loads(body)
        ]

    def parse(self, raw) -> list[Incoming]:
        if raw.get("kind") == "news":
            return []
        return [
            Incoming(
                address=Address(self.name, self.account, raw["chat"]),
                act=Act(raw.get("act", "message")),
                at=datetime.fromisoformat(raw.get("at", "2027-02-10T09:00:00+00:00")),
                ref=str(raw["id"]),
                text=raw["text"],
                album=raw.get("album", ""),
                group=raw.get("group", False),
                by_bot=raw.get("by_bot", False),
                media=(Media("image", str(raw["id"])),) if raw.get("album") else (),
            )
        ]

    def kind_of(self, raw) -> str:
        return raw.get("kind", "other")

    async def send(self, address: Address, message: Outgoing) -> str:
        self.before_send()
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append((address.value, message))
        return f"out-{len(self.sent)}"

    async def download(self, media: Media) -> bytes:
        raise ChannelError("no files here", permanent=True)

    def texts(self, chat: str = "") -> list[str]:
        return [message.text for to, message in self.sent if chat in ("", to)]


class FakeFinder:
    """Knows some texts by heart; everything else is for a human."""

    def __init__(self, known: dict[str, int] | None = None) -> None:
        self.known = known or {}
        self.asked: list[str] = []
        self.alike: tuple[Match, ...] = ()

    def find(self, text, lang="", date=None, limit=10) -> Result:
        self.asked.append(text)
        if text in self.known:
            return Result(Decision.ANSWER, 0.99, matches=(Match(str(self.known[text]), 0.99),))
        return Result(Decision.ASK_HUMAN, 0.0, checkable=checkable(text))

    def same_question(self, text, lang="", limit=5) -> tuple[Match, ...]:
        return ()

    def alike_facts(self, text, lang="", without="", limit=5) -> tuple[Match, ...]:
        self.asked.append(text)
        number = self.known.get(text)
        return (Match(str(number), 0.99),) if number and str(number) != without else ()

    def alike_questions(self, text, lang="", without="", limit=5) -> tuple[Match, ...]:
        return self.alike


class Busy:
    """A database that cannot take the next so many writing units."""

    def __init__(self, store, times: int) -> None:
        self._store = store
        self.times = times
        self.read = store.read

    @contextmanager
    def work(self):
        if self.times:
            self.times -= 1
            raise Unavailable("the database is locked")
        with self._store.work() as work:
            yield work


def update(number: int, text: str = "", chat: str = "sari", **more: Any) -> dict[str, Any]:
    """One update of the fake messenger."""
    return {"id": number, "chat": chat, "text": text or f"kabar nomor {number} dari warga", **more}


def delivery(*updates: Any) -> bytes:
    """A body that the fake messenger delivers."""
    return json.dumps(updates).encode()


def fact(number_of_claim: int = 1, **more: Any) -> FactCheck:
    """A publishable fact-check."""
    claim = f"Klaim nomor {number_of_claim} tentang pemungutan suara"
    values = {
        "identity": f"test-{number_of_claim}",
        "claim": claim,
        "fact": "Itu tidak benar.",
        "verdict": Verdict.FALSE,
        "sources": (Source("https://contoh.example/a", "Redaksi"),),
    }
    return FactCheck(**{**values, **more})


def save_fact(store, *args: Any, **more: Any) -> FactCheck:
    """The same, published."""
    with store.work() as work:
        return work.facts.save(fact(*args, **more), "test", "test")


def person_at(store, clock, chat: str = "sari", channel: str = "fake") -> str:
    """The id of whoever is behind this chat."""
    with store.work() as work:
        return work.contacts.at(Address(channel, "bot", chat), clock()).id


def put_out(store, clock, person: str, *texts: str, **more: Any) -> None:
    """Messages for somebody into the outbox."""
    with store.work() as work:
        for text in texts:
            add_outgoing(work, Outgoing(person, blocks=(Block(text),), **more), clock())


def counts(box: Any) -> dict[str, int]:
    """The states that have rows."""
    return {str(state): number for state, number in box.counts().items() if number}


def states(store, name: str = "outbox") -> dict[str, int]:
    """The states of one table that have rows."""
    with store.read() as work:
        return counts(getattr(work, name))


def all_texts(messages: Sequence[Outgoing]) -> str:
    """Everything said, in one string."""
    return "\n".join(message.text for message in messages)
