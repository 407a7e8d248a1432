"""Table: name of a background task → function. Every task may run twice without harm."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import anyio.to_thread
import structlog

from bot.abreast import Overtaken, revision, still_so
from bot.archive import Unanswered, copy_of
from bot.channels import Limits
from bot.doors import Database, Work, ports
from bot.heads import Heads
from bot.jobs import Task
from bot.reach import Reached, reach
from bot.sender import ANNOUNCE
from bot.window import closing, is_closed, since, watch
from handlers import (
    bursts,
    casework,
    choosing,
    corrections,
    curating,
    desk_cards,
    desk_more,
    duplicates,
    mistaken,
    notify,
    overtaken,
    privacy,
    upkeep,
)
from handlers.approval import PROPOSED
from handlers.interim import TASK as WINDOW_CLOSING
from handlers.interim import interim
from handlers.matched import published, read
from handlers.messages import Outgoing, pack, unpack
from handlers.moderate import UNDO
from handlers.ports import Finder, Found, Ports, Rules
from handlers.queueing import NEW_CARD, REDRAW, REMATCH, redraw
from knowledge_base.deeds import Deed
from knowledge_base.facts import FactCheck, Question, QuestionState, Stale, Submission
from knowledge_base.search.findings import Decision, Result, Stance

log = structlog.get_logger(__name__)

FORGET_EVERY = timedelta(hours=1)
CROWDED = timedelta(seconds=30)  # so long the oldest message may wait before rounds pause
PAGE, ALIKE = 100, 5
SUMMARY_AT, VERIFY_AT = 7, 3  # o'clock, in the installation's time zone
AUDIT, INDEX = "verify_audit", "check_index"
CROWD = 24  # so many that look alike are compared: others may stand behind them
ROUNDS = 20  # of questions that look like what was published
WORDINGS = 40  # of a fact-check that questions are looked up by


@dataclass(frozen=True, slots=True)
class Chores:
    """What the tasks need, bound once by wiring."""

    database: Database
    finder: Finder
    rules: Rules
    clock: Callable[[], datetime]
    committed: Callable[[], None]
    look_at: Callable[[str], Awaitable[Reached]] = reach
    copy_of: Callable[[str, date | None], Awaitable[str]] = copy_of
    heads: Heads | None = None  # where the end of the audit chain is noted
    look_at_index: Callable[[], None] = lambda: None  # mends a kept one that is damaged

    def table(self) -> Mapping[str, Task]:
        """Every task by the name it is enqueued under."""
        return {
            "tell_askers": self.tell_askers,
            "tell_current": self.tell_current,
            corrections.TASK: self.tell_corrected,
            corrections.SWEEP: self.find_outdated,
            mistaken.TASK: self.tell_mistaken,
            "check_sources": self.check_sources,
            upkeep.SOURCES: self.look_at_sources,
            duplicates.TASK: self.find_duplicates,
            REMATCH: self.rematch_open,
            "forget_old": self.forget_old,
            "forget_unconsented": self.forget_unconsented,
            WINDOW_CLOSING: self.window_closing,
            choosing.NO_CHOICE: self.no_choice,
            notify.UNDECIDED: self.tell_undecided,
            NEW_CARD: self.desk_card,
            REDRAW: self.desk_redraw,
            PROPOSED: self.desk_proposal,
            casework.NOTE: self.desk_note,
            desk_cards.LEASE_ENDS: self.desk_lease,
            curating.TAKE_IN: self.take_in,
            desk_more.ALIKE: self.desk_alike,
            desk_cards.DIGEST: self.desk_digest,
            desk_cards.SUMMARY: self.desk_summary,
            AUDIT: self.verify_audit,
            INDEX: self.check_index,
            bursts.TASK: self.desk_burst,
            ANNOUNCE: self.announce_later,
        }

    async def tell_askers(self, payload: Mapping[str, Any]) -> None:
        """Write one page of answers to the outbox, and its own next page, in one transaction."""
        await self._speak(
            lambda ports: notify.tell_askers(
                ports, payload["code"], payload["after"], payload.get("version", 0)
            )
        )

    async def tell_undecided(self, payload: Mapping[str, Any]) -> None:
        """A job for each of one page of those who have not chosen, and one for the next page."""

        def page() -> None:
            with self.database.work() as work:
                notify.tell_undecided(ports(work, self.clock(), self.rules), **payload)

        await anyio.to_thread.run_sync(page)
        self.committed()

    async def tell_current(self, payload: Mapping[str, Any]) -> None:
        """A verdict changed while it waited to be sent: say the present one instead."""
        quote = await anyio.to_thread.run_sync(self._quoted, payload["row"])
        if more := [(number, version) for number, version in payload.get("more", ())]:
            told = [(payload["number"], payload["version"]), *more]
            await self._speak(
                lambda ports: overtaken.tell_parts(ports, payload["person"], told, quote)
            )
            return
        await self._speak(
            lambda ports: notify.tell_current(
                ports,
                payload["person"],
                payload["number"],
                quote,
                payload["version"],
                payload["correction"],
            )
        )

    async def announce_later(self, payload: Mapping[str, Any]) -> None:
        """A new day: what found no room among the paid templates of the last one goes out, unless
        its person has written and had it since."""

        def look() -> None:
            with self.database.work() as work:
                work.outbox.release_one(payload["row"], self.clock())

        await anyio.to_thread.run_sync(look)
        self.committed()

    async def tell_corrected(self, payload: Mapping[str, Any]) -> None:
        """Write one page of corrections to the outbox, and its own next page, in one
        transaction."""
        await self._speak(
            lambda ports: corrections.tell_corrected(
                ports, payload["number"], payload["after"], payload["begun"]
            )
        )

    async def tell_mistaken(self, payload: Mapping[str, Any]) -> None:
        """A wording was taken back: tell one page of those whose message is not answered the same
        without it, and enqueue the next page in the same transaction."""

        def look() -> tuple[int, dict[str, Found], str]:
            before = revision(self.database)
            with self.database.read() as work:
                given = ports(work, self.clock(), self.rules)
                page, after = mistaken.answered(given, **payload)
            return before, {one.id: self._found(one) for one in page}, after

        before, found, after = await anyio.to_thread.run_sync(look)

        def say(given: Ports) -> list[Outgoing]:
            if after:
                mistaken.go_on(given, **{**payload, "after": after})
            each = [mistaken.tell(given, payload["number"], *one) for one in found.items()]
            return [message for said in each for message in said]

        await self._speak(say, before, list(found.values()))

    async def find_outdated(self, payload: Mapping[str, Any]) -> None:
        """After an import: have everyone corrected who was told what it changed."""

        def find() -> None:
            with self.database.work() as work:
                corrections.find_outdated(ports(work, self.clock(), self.rules))

        await anyio.to_thread.run_sync(find)
        self.committed()

    async def rematch_open(self, payload: Mapping[str, Any]) -> None:
        """Something was published: answer the open questions that it settles beyond doubt. With
        the `number` of one fact-check only those that look like it are compared; those asked
        `since` then could not have been answered by it although it was known. With a `code` only
        that question is, whose message was sent `since` then and asked later."""
        since = datetime.fromisoformat(payload["since"]) if "since" in payload else None
        if "code" in payload:
            for question in await anyio.to_thread.run_sync(self._still_open, payload["code"]):
                await self._rematch(question, since)
            self.committed()
            return
        number, left = payload.get("number", 0), ROUNDS if payload.get("number") else 1
        seen: set[str] = set()
        while left:
            found = await anyio.to_thread.run_sync(self._open_like, number)
            fresh = [question for question in found if question.code not in seen]
            seen.update(question.code for question in fresh)
            settled = [await self._rematch(question, since) for question in fresh]
            left = left - 1 if any(settled) else 0  # room for others that look like it
            if number and not left and len(found) >= CROWD:
                number, left = 0, 1  # others may stand behind those it cannot settle
        self.committed()

    async def check_sources(self, payload: Mapping[str, Any]) -> None:
        """Look whether the sources of a fact-check answer; nothing where that is not allowed."""
        number = payload["number"]

        def urls() -> tuple[str, ...]:
            with self.database.read() as work:
                fact = work.facts.get(number)
            return tuple(source.url for source in fact.sources) if fact else ()

        if self.rules.fetch:
            wanted = await anyio.to_thread.run_sync(urls)
            await self._look_at([(number, url) for url in wanted])

    async def look_at_sources(self, payload: Mapping[str, Any]) -> None:
        """A few sources: those that failed yesterday, then the next ones of this week's round."""

        def choose() -> list[tuple[int, str]]:
            now = self.clock()
            with self.database.work() as work:
                failing = work.upkeep.failing(now - upkeep.DAY, upkeep.PAGE)
                return [*failing, *self._next_sources(work, now)]

        if self.rules.fetch and not await self._crowded():
            await self._look_at(await anyio.to_thread.run_sync(choose))

    def _next_sources(self, work: Work, now: datetime) -> list[tuple[int, str]]:
        """The next page of the round, and its place is kept; nothing when it is done."""
        revision, number, begun = upkeep.place_of(work.upkeep.place(upkeep.SOURCES))
        if begun is None or now - begun >= upkeep.WEEK:
            revision, number, begun = 0, 0, now
        page = work.facts.after(revision, number, upkeep.PAGE)
        if page:
            revision, number = page[-1][0], page[-1][1].number
            upkeep.look_at_sources(ports(work, now, self.rules))
        work.upkeep.keep_place(upkeep.SOURCES, upkeep.place_text(revision, number, begun))
        named = [(fact.number, source.url) for _, fact in page for source in fact.sources]
        known = work.upkeep.fresh([url for _, url in named], now - upkeep.WEEK)
        return [(number, url) for number, url in named if url not in known]

    async def _crowded(self) -> bool:
        """Do messages wait longer than they should? Rounds that can be made up for pause then;
        the next hour goes on where they stand (faults G12)."""

        def oldest() -> datetime | None:
            with self.database.read() as work:
                return work.inbox.next_due()

        due = await anyio.to_thread.run_sync(oldest)
        return due is not None and self.clock() - due > CROWDED

    async def _look_at(self, wanted: Sequence[tuple[int, str]]) -> None:
        """Look at these addresses, a few at a time, and keep what was said."""
        found: list[tuple[int, str, Reached]] = []
        turn = anyio.CapacityLimiter(upkeep.PAGE)

        async def one(number: int, url: str) -> None:
            async with turn:
                found.append((number, url, await self.look_at(url)))

        async with anyio.create_task_group() as group:
            for number, url in {url: (number, url) for number, url in wanted}.values():
                group.start_soon(one, number, url)

        def keep() -> list[tuple[str, date | None]]:
            with self.database.work() as work:
                for number, url, reached in found:
                    work.upkeep.source_checked(number, url, reached.ok, reached.detail)
                copied = work.upkeep.copies([url for _, url, _ in found])
                facts = {number: work.facts.get(number) for number, _, _ in found}
            return [
                (url, fact.checked_on)
                for number, url, _ in found
                if url not in copied and (fact := facts[number]) is not None
            ]

        without = await anyio.to_thread.run_sync(keep)
        if self.rules.archive:
            await self._look_for_copies(without)

    async def _look_for_copies(self, wanted: Sequence[tuple[str, date | None]]) -> None:
        """Ask the Internet Archive for a copy of each, made near the day of the check; where it
        does not answer, the next look at the source asks again."""
        found: dict[str, str] = {}
        for url, day in wanted:
            try:
                found[url] = await self.copy_of(url, day)
            except Unanswered as error:
                log.info("the archive did not answer", reason=str(error))
                break

        def keep() -> None:
            with self.database.work() as work:
                for url, archived in found.items():
                    work.upkeep.copied(url, archived)

        if any(found.values()):
            await anyio.to_thread.run_sync(keep)

    async def find_duplicates(self, payload: Mapping[str, Any]) -> None:
        """Compare the next new or changed fact-checks with all the others; enqueue the page
        after them. With a `number` only that one, before its turn comes."""
        if number := payload.get("number", 0):
            await anyio.to_thread.run_sync(self._pair_one, number)
        elif payload.get("again") or not await self._crowded():
            await anyio.to_thread.run_sync(self._pair_next, bool(payload.get("again")))
        self.committed()

    def _pair_one(self, number: int) -> None:
        with self.database.read() as work:
            fact = published(work.facts, number)
        found = self._pairs([fact] if fact else [])
        with self.database.work() as work:
            duplicates.note(ports(work, self.clock(), self.rules), found)

    def _pair_next(self, again: bool) -> None:
        with self.database.read() as work:
            place = "" if again else work.upkeep.place(duplicates.TASK)
            revision, number, _ = upkeep.place_of(place)
            page = work.facts.after(revision, number, duplicates.PAGE)
        found = self._pairs([fact for _, fact in page])
        with self.database.work() as work:
            given = ports(work, self.clock(), self.rules)
            duplicates.note(given, found)
            if page:
                last = upkeep.place_text(page[-1][0], page[-1][1].number)
                work.upkeep.keep_place(duplicates.TASK, last)
            if len(page) == duplicates.PAGE:
                duplicates.look(given, rest=duplicates.REST)

    def _pairs(self, facts: Sequence[FactCheck]) -> list[tuple[int, int, float]]:
        """(number, other, score) of all that may be one with one of these."""
        return [
            (fact.number, other, score)
            for fact in facts
            for other, score in duplicates.pairs_of(
                fact, self.finder.alike_facts(fact.claim, fact.lang, str(fact.number), limit=3)
            )
        ]

    async def forget_old(self, payload: Mapping[str, Any]) -> None:
        """One round of the retention rules, then the next round is enqueued."""

        def forget() -> Mapping[str, int]:
            now = self.clock()
            with self.database.read() as work:  # not counted while everybody waits to write
                counted = work.figures.due(self.rules.timezone)
            with self.database.work() as work:
                self._plan_summary(work, now)
                self._plan(work, now, AUDIT, VERIFY_AT)
                self._plan(work, now, INDEX, VERIFY_AT)
                work.figures.keep(counted)
                upkeep.begin(ports(work, now, self.rules))
                work.jobs.enqueue(
                    "forget_old",
                    {},
                    dedupe_key=f"forget_old:{now:%Y%m%d%H}",
                    due=now + FORGET_EVERY,
                )
            total: Counter[str] = Counter()
            only: Collection[str] = ()
            while True:
                with self.database.work() as work:
                    counts = work.forget_old(now, only)
                total.update(counts)
                if not only and not any(counts.values()):
                    return total
                # those that found some; when none has more, all once more: some wait for others
                only = [rule for rule, number in counts.items() if number]

        counts = await anyio.to_thread.run_sync(forget)
        await anyio.to_thread.run_sync(self._note_head)
        if any(counts.values()):
            log.info("retention", **{rule: n for rule, n in counts.items() if n})

    async def verify_audit(self, payload: Mapping[str, Any]) -> None:
        """Every night: is the chain of the audit whole, and does it hold the head that was
        noted? The editors' chats hear when not."""

        def look() -> str:
            with self.database.read() as work:
                broken = work.audit.verify()
                noted = self.heads.problem(work.audit) if self.heads else ""
            return f"the chain is broken at entry {broken}" if broken else noted

        problem = await anyio.to_thread.run_sync(look)
        if problem:
            log.error("audit", problem=problem)
            await self._speak(lambda ports: desk_cards.alarm(ports, problem))
        else:
            log.info("audit is whole")

    async def check_index(self, payload: Mapping[str, Any]) -> None:
        """Every night: is the kept index as it was written? What is not is made anew before
        anybody comes upon it."""
        await anyio.to_thread.run_sync(self.look_at_index)

    def _note_head(self) -> None:
        """The end of the chain, each hour, to a file and the log; not when it contradicts."""
        if self.heads is None:
            return
        with self.database.read() as work:
            problem = self.heads.problem(work.audit)
            head = None if problem else self.heads.note(work.audit, self.clock())
        if problem:
            log.error("audit", problem=problem)
        elif head is not None:
            log.info("audit head", number=head.number, hash=head.hash)

    async def take_in(self, payload: Mapping[str, Any]) -> None:
        """One part of an approved import; it enqueues the next in its transaction."""

        def write() -> None:
            with self.database.work() as work:
                given = ports(work, self.clock(), self.rules)
                curating.take_in_part(given, payload["id"], payload["start"])

        await anyio.to_thread.run_sync(write)
        self.committed()

    async def desk_card(self, payload: Mapping[str, Any]) -> None:
        """A question was asked: desk chats hear of it as they wished."""
        await self._speak(lambda ports: desk_cards.announce(ports, payload["code"]))

    async def desk_redraw(self, payload: Mapping[str, Any]) -> None:
        """Somebody took or closed a question: its cards show that."""
        await self._speak(lambda ports: desk_cards.redraw(ports, payload["code"]))

    async def desk_proposal(self, payload: Mapping[str, Any]) -> None:
        """Something waits for a second person: who may decide sees it in their chat."""
        await self._speak(lambda ports: desk_cards.propose(ports, payload["id"]))

    async def desk_note(self, payload: Mapping[str, Any]) -> None:
        """A colleague means somebody: they hear it in their chat, with the card."""
        await self._speak(lambda ports: desk_cards.note(ports, **payload))

    async def desk_lease(self, payload: Mapping[str, Any]) -> None:
        """Somebody's half hour on a question is soon over: they hear it in their chat."""
        await self._speak(lambda ports: desk_cards.lease_ends(ports, **payload))

    async def desk_burst(self, payload: Mapping[str, Any]) -> None:
        """Somebody published very many results within minutes: their colleagues hear of it."""
        await self._speak(lambda ports: desk_cards.burst(ports, **payload))

    async def desk_alike(self, payload: Mapping[str, Any]) -> None:
        """Somebody looks for the question this one belongs to: those that look alike."""

        def look() -> list[str]:
            with self.database.read() as work:
                asked = work.questions.get(payload["code"])
            if asked is None:
                return []
            found = self.finder.alike_questions(asked.text, asked.lang, asked.code, ALIKE)
            return [match.id for match in found]

        found = await anyio.to_thread.run_sync(look)
        await self._speak(lambda ports: desk_more.alike(ports, found=found, **payload))

    async def desk_digest(self, payload: Mapping[str, Any]) -> None:
        """One message about the many questions of the last half hour."""
        await self._speak(lambda ports: desk_cards.digest(ports, payload["person"]))

    async def desk_summary(self, payload: Mapping[str, Any]) -> None:
        """Yesterday in short, to the groups of the desk or its people."""

        def write() -> None:
            now = self.clock()
            with self.database.work() as work:
                day, *_ = work.figures.sums(now - timedelta(days=1), self.rules.timezone)
                standing = work.figures.standing()
                said = desk_cards.summary(ports(work, now, self.rules), day, standing)
                for message in said:
                    add_outgoing(work, message, now)

        await anyio.to_thread.run_sync(write)
        self.committed()

    async def window_closing(self, payload: Mapping[str, Any]) -> None:
        """Soon only a template could reach somebody who still waits: a word in between. Who has
        written since is looked at again before their new window closes."""
        person, limits = payload["person"], Limits(window_hours=payload["hours"])

        def write() -> None:
            now = self.clock()
            with self.database.work() as work:
                given = ports(work, now, self.rules)
                opened = work.contacts.window_end(person)
                if opened is None or is_closed(limits, opened, now):
                    return
                if now < closing(limits, opened):
                    watch(work, given, limits, person)
                    return
                for message in interim(given, person, since(limits, opened)):
                    add_outgoing(work, message, now)

        await anyio.to_thread.run_sync(write)
        self.committed()

    async def no_choice(self, payload: Mapping[str, Any]) -> None:
        """Somebody was offered choices and took none: a person looks, and they hear so. With a
        `code` that question of others, in the same words, has just been answered."""
        asked, at = payload["id"], payload["at"]
        if "code" in payload:
            await self._speak(lambda ports: choosing.answered_for_others(ports, **payload))
            return

        def look() -> tuple[int, Found | None]:
            before = revision(self.database)
            with self.database.read() as work:
                waits = choosing.waits_for_choice(ports(work, self.clock(), self.rules), asked, at)
            return before, self._found(waits) if waits else None

        before, found = await anyio.to_thread.run_sync(look)
        if found is not None:
            say = partial(choosing.nobody_chose, id=asked, at=at, found=found)
            await self._speak(say, before, [found])

    def _found(self, asked: Submission) -> Found:
        """What the search says now of what somebody sent."""
        result = self.finder.find(asked.text, asked.lang)
        same = self.finder.same_question(asked.text, asked.lang)
        return Found(result, same, asked.fingerprint)

    async def forget_unconsented(self, payload: Mapping[str, Any]) -> None:
        """Nobody tapped yes in time (SARING_CONSENT=tap): the address goes, the demand stays."""

        def forget() -> None:
            with self.database.work() as work:
                given = ports(work, self.clock(), self.rules)
                privacy.forget_unconsented(given, payload["person"])

        await anyio.to_thread.run_sync(forget)

    def _plan_summary(self, work: Work, now: datetime) -> None:
        """The next summary, at seven in the morning, where anybody wants one."""
        if not work.chats.all():
            return
        self._plan(work, now, desk_cards.SUMMARY, SUMMARY_AT)

    def _plan(self, work: Work, now: datetime, task: str, hour: int) -> None:
        """Once, the next time it is this o'clock here."""
        here = now.astimezone(ZoneInfo(self.rules.timezone))
        due = here.replace(hour=hour, minute=0, second=0, microsecond=0)
        due += timedelta(days=1) if due <= here else timedelta()
        key = f"{task}:{due:%Y-%m-%d}"
        work.jobs.enqueue(task, {}, dedupe_key=key, due=due.astimezone(UTC))

    def _still_open(self, code: str) -> tuple[Question, ...]:
        with self.database.read() as work:
            question = work.questions.get(code)
        return (question,) if question and question.state is QuestionState.OPEN else ()

    def _open_like(self, number: int) -> tuple[Question, ...]:
        """Open questions that look like this fact-check, or all (0) of one moment: pages would
        shift while questions are settled."""
        if number:
            return self._alike(number)
        found: list[Question] = []
        with self.database.read() as work:
            while page := work.questions.open(PAGE, len(found)):
                found += page
        return tuple(found)

    def _alike(self, number: int) -> tuple[Question, ...]:
        with self.database.read() as work:
            fact = work.facts.get(number)
        if fact is None:
            return ()
        newest = reversed(fact.variants)
        wordings = dict.fromkeys(filter(None, (fact.claim, fact.title, *newest)))
        codes = dict.fromkeys(
            match.id
            for wording in list(wordings)[:WORDINGS]
            for match in self.finder.alike_questions(wording, fact.lang, limit=PAGE)
        )
        with self.database.read() as work:
            found = [work.questions.get(code) for code in codes]
        return tuple(each for each in found if each and each.state is QuestionState.OPEN)

    async def _rematch(self, question: Question, since: datetime | None) -> bool:
        before = await anyio.to_thread.run_sync(revision, self.database)
        result = await anyio.to_thread.run_sync(self.finder.find, question.text, question.lang)
        if result.decision is not Decision.ANSWER or result.parts:
            return False
        return await anyio.to_thread.run_sync(self._settle, question, result, since, before)

    def _settle(
        self, question: Question, result: Result, since: datetime | None, before: int
    ) -> bool:
        """Answer a question with a fact-check that came after it, or whose wording came after it
        (asked `since` then, and not refused), or that came just before, while the message was
        looked for. What was known when it was asked was not the answer: the asker may even have
        refused it. One that may still be taken back is looked at again later; one that was taken
        back answers nothing, and after a change since revision `before` the job comes again
        (Overtaken). Gives whether it was settled."""
        with self.database.work() as work:
            if not still_so(work, before, [Found(result)]):
                raise Overtaken  # the job comes again
            reading = read(work.facts, result)
            sure = reading.decision is Decision.ANSWER and reading.stance is not Stance.DEBUNK
            if not sure or reading.best is None:
                return False
            number = reading.best.fact.number
            born = work.facts.history(number)[-1].at
            late = born if question.first_asked - born < UNDO else None
            if born <= question.first_asked and not _unheard(work, question, number, since or late):
                return False
            if self.clock() - born < UNDO:
                self._rematch_later(work, question, number, since, born + UNDO)
                return False
            try:
                settled = work.questions.settle(
                    question.code, number, notify.MATCHER, question.version
                )
            except Stale:
                return False  # a moderator was faster, which is what we want
            work.audit.write(
                notify.MATCHER, Deed.QUESTION_SETTLE, f"question/{question.code}", fact=number
            )
            redraw(ports(work, self.clock(), self.rules), question.code)
            work.jobs.enqueue(
                notify.TASK,
                {"code": question.code, "after": "", "version": settled.version},
                dedupe_key=f"tell:{question.code}:{settled.version}",
            )
        return True

    def _rematch_later(
        self, work: Work, question: Question, number: int, since: datetime | None, due: datetime
    ) -> None:
        payload: dict[str, Any] = {"number": number}
        key = f"{REMATCH}:{number}"
        if since is not None:
            payload = {"code": question.code, "since": since.isoformat()}
            key = f"{REMATCH}:{question.code}:{number}"
        work.jobs.enqueue(REMATCH, payload, dedupe_key=key, due=due)

    def _quoted(self, row: int) -> str:
        """What a message in the outbox quoted: the platform's ids are kept nowhere else."""
        with self.database.read() as work:
            body = work.outbox.body(row)
        return unpack(body).quote if body else ""

    async def _speak(
        self,
        say: Callable[[Ports], list[Outgoing]],
        before: int = 0,
        found: Sequence[Found] = (),
    ) -> None:
        """Write what is to be said. Where it rests on what the search `found`, that must be what
        it was at revision `before`: else Overtaken, and the job comes again."""

        def write() -> None:
            now = self.clock()
            with self.database.work() as work:
                if not still_so(work, before, found):
                    raise Overtaken
                for message in say(ports(work, now, self.rules)):
                    add_outgoing(work, message, now)

        await anyio.to_thread.run_sync(write)
        self.committed()


def _unheard(work: Work, question: Question, number: int, since: datetime | None) -> bool:
    """Was this asked since then, by people who were not shown that fact-check?"""
    if since is None or question.first_asked < since:
        return False
    return not any(number in asked.offered for asked in work.questions.askers(question.code))


def add_outgoing(work: Work, message: Outgoing, now: datetime) -> None:
    """Put one message of a handler into the outbox of the running transaction."""
    work.outbox.add(
        message.to, pack(message), broadcast=message.broadcast, key=message.key, now=now
    )
