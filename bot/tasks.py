"""Table: name of a background task → function. Every task may run twice without harm."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import anyio.to_thread
import structlog

from bot.doors import Database, Work, ports
from bot.jobs import Task
from handlers import notify, privacy
from handlers.messages import Outgoing, pack
from handlers.ports import Finder, Ports, Rules
from knowledge_base.facts import Question, Stale
from knowledge_base.search.findings import Decision, Stance

log = structlog.get_logger(__name__)

FORGET_EVERY = timedelta(hours=1)
PAGE = 100


@dataclass(frozen=True, slots=True)
class Chores:
    """What the tasks need, bound once by wiring."""

    database: Database
    finder: Finder
    rules: Rules
    clock: Callable[[], datetime]
    committed: Callable[[], None]

    def table(self) -> Mapping[str, Task]:
        """Every task by the name it is enqueued under."""
        return {
            "tell_askers": self.tell_askers,
            "tell_current": self.tell_current,
            "rematch_open": self.rematch_open,
            "forget_old": self.forget_old,
            "forget_unconsented": self.forget_unconsented,
        }

    async def tell_askers(self, payload: Mapping[str, Any]) -> None:
        """Write one page of answers to the outbox, and its own next page, in one transaction."""
        await self._speak(
            lambda ports: notify.tell_askers(ports, payload["code"], payload["after"])
        )

    async def tell_current(self, payload: Mapping[str, Any]) -> None:
        """A verdict changed while it waited to be sent: say the present one instead."""
        await self._speak(
            lambda ports: notify.tell_current(
                ports, payload["person"], payload["number"], payload["quote"]
            )
        )

    async def rematch_open(self, payload: Mapping[str, Any]) -> None:
        """Something was published: answer the open questions that it settles beyond doubt.

        Only a fact-check newer than the question may: an older one was not found good enough
        when it was asked, or the asker refused it.
        """
        offset = 0
        while questions := await self._open(offset):
            for question in questions:
                await self._rematch(question)
            offset += PAGE
            await asyncio.sleep(0)

    async def forget_old(self, payload: Mapping[str, Any]) -> None:
        """One round of the retention rules, then the next round is enqueued."""

        def forget() -> Mapping[str, int]:
            now = self.clock()
            with self.database.work() as work:
                work.jobs.enqueue(
                    "forget_old",
                    {},
                    dedupe_key=f"forget_old:{now:%Y%m%d%H}",
                    due=now + FORGET_EVERY,
                )
            total: dict[str, int] = {}
            while True:
                with self.database.work() as work:
                    counts = work.forget_old(now)
                for rule, number in counts.items():
                    total[rule] = total.get(rule, 0) + number
                if not any(counts.values()):
                    return total

        counts = await anyio.to_thread.run_sync(forget)
        if any(counts.values()):
            log.info("retention", **{rule: n for rule, n in counts.items() if n})

    async def forget_unconsented(self, payload: Mapping[str, Any]) -> None:
        """Nobody tapped yes in time (SARING_CONSENT=tap): the address goes, the demand stays."""

        def forget() -> None:
            with self.database.work() as work:
                given = ports(work, self.clock(), self.rules)
                privacy.forget_unconsented(given, payload["person"])

        await anyio.to_thread.run_sync(forget)

    async def _open(self, offset: int) -> tuple[Question, ...]:
        def read() -> tuple[Question, ...]:
            with self.database.read() as work:
                return work.questions.open(PAGE, offset)

        return await anyio.to_thread.run_sync(read)

    async def _rematch(self, question: Question) -> None:
        result = await anyio.to_thread.run_sync(self.finder.find, question.text, question.lang)
        sure = result.decision is Decision.ANSWER and result.stance is not Stance.DEBUNK
        if not sure or result.parts or not result.matches:
            return
        number = int(result.matches[0].id)

        def settle() -> None:
            with self.database.work() as work:
                fact = work.facts.get(number)
                if fact is None or not fact.changed_at or fact.changed_at <= question.first_asked:
                    return
                try:
                    work.questions.settle(question.code, number, notify.MATCHER, question.version)
                except Stale:
                    return  # a moderator was faster, which is what we want
                work.audit.write(notify.MATCHER, "question.settle", question.code, fact=number)
                key = f"tell:{question.code}:{question.version + 1}"
                payload = {"code": question.code, "after": ""}
                work.jobs.enqueue(notify.TASK, payload, dedupe_key=key)

        await anyio.to_thread.run_sync(settle)

    async def _speak(self, say: Callable[[Ports], list[Outgoing]]) -> None:
        def write() -> None:
            now = self.clock()
            with self.database.work() as work:
                for message in say(ports(work, now, self.rules)):
                    add_outgoing(work, message, now)

        await anyio.to_thread.run_sync(write)
        self.committed()


def add_outgoing(work: Work, message: Outgoing, now: datetime) -> None:
    """Put one message of a handler into the outbox of the running transaction."""
    work.outbox.add(
        message.to, pack(message), broadcast=message.broadcast, key=message.key, now=now
    )
