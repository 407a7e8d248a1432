"""Hand-written stand-ins for the ports: they keep everything in memory and tell what was done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from handlers.messages import Outgoing
from handlers.ports import Ports, Rules
from knowledge_base.chats import PIN_TRIES, DeskChat, PinCheck, Standing, Tap
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    Address,
    AuditEntry,
    FactCheck,
    Moderator,
    Outcome,
    Person,
    Proposal,
    ProposalState,
    Question,
    QuestionState,
    Refused,
    Role,
    Saved,
    Stale,
    State,
    Submission,
    Told,
    Version,
    Votes,
)
from knowledge_base.queue import Comment, Escalation, Lease
from knowledge_base.search.findings import Match

SARI = Moderator(1, "sari", Role.MODERATOR, "Redaksi")
DESK = Moderator(2, "desk", Role.MODERATOR, "Redaksi")
EDITOR = Moderator(3, "dewi", Role.EDITOR, "Redaksi")
CODES = ("7F3K", "9C2D", "5B1A", "4M8Q", "6R2T", "8W5X", "3H7J", "2N6P")


class FakeFacts:
    """Fact-checks by number, with their history."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.rows: dict[int, FactCheck] = {}
        self.versions: dict[int, list[Version]] = {}
        self.taught: dict[tuple[int, str], tuple[str, datetime]] = {}  # by whom, when
        self.pairs: list[frozenset[int]] = []  # that may be one

    def get(self, number: int) -> FactCheck | None:
        return self.rows.get(number)

    def by_identity(self, identity: str) -> FactCheck | None:
        return next((row for row in self.rows.values() if row.identity == identity), None)

    def save(self, fact_check: FactCheck, actor: str, reason: str) -> FactCheck:
        if not fact_check.sources:
            raise Refused("a fact-check needs a source", "sources")
        old = self.rows.get(fact_check.number) or self._withdrawn(fact_check.identity)
        if old is None:
            number = fact_check.number or max([481, *self.rows]) + 1
            saved = replace(fact_check, number=number, version=1, changed_at=self.now)
        elif fact_check.number and old.version != fact_check.version:
            raise Stale("somebody else changed this fact-check", actor)
        else:
            number, version = old.number, old.version + 1
            saved = replace(fact_check, number=number, version=version, changed_at=self.now)
        for text in saved.variants:
            self.taught.setdefault((number, text), (actor, self.now))
        self.rows[saved.number] = saved
        versions = self.versions.setdefault(saved.number, [])
        versions.insert(0, Version(saved.version, self.now, actor, reason, saved))
        return saved

    def _withdrawn(self, identity: str) -> FactCheck | None:
        """One that was retracted comes back under its number."""
        known = self.by_identity(identity) if identity else None
        return known if known and known.state is State.RETRACTED else None

    def twins(self, number: int) -> tuple[int, ...]:
        return tuple(other for one in self.pairs if number in one for other in one - {number})

    def citing(self, urls: Sequence[str]) -> tuple[int, ...]:
        told = [row for row in self.rows.values() if row.state is State.PUBLISHED]
        merged = [row for row in self.rows.values() if row not in told and row.replaced_by]
        rows = [row for some in (told, merged) for row in sorted(some, key=lambda r: -r.number)]
        return tuple(row.number for row in rows if {s.url for s in row.sources} & set(urls))

    def add_variant(self, number: int, text: str, actor: str) -> None:
        old = self.rows[number]
        if text not in old.variants:
            self.rows[number] = replace(old, variants=(*old.variants, text))
            self.taught[number, text] = (actor, self.now)

    def save_many(
        self, fact_checks: Iterable[FactCheck], actor: str, reason: str, *, dry: bool = False
    ) -> Saved:
        saved = Saved()
        for fact in fact_checks:
            old = self.by_identity(fact.identity)
            if old is None:
                saved = replace(saved, added=saved.added + 1)
            else:
                fact = replace(
                    fact, number=old.number, version=old.version, changed_at=old.changed_at
                )
                if fact == old:
                    saved = replace(saved, unchanged=saved.unchanged + 1)
                    continue
                turned = ((old.number, str(old.verdict), str(fact.verdict)),)
                flips = turned if old.verdict is not fact.verdict else ()
                saved = replace(saved, changed=saved.changed + 1, flips=saved.flips + flips)
            saved = replace(saved, touched=(*saved.touched, (old, fact)))
            if not dry:
                self.save(fact, actor, reason)
        return saved

    def wordings_by(self, actor: str, since: datetime) -> tuple[tuple[int, str], ...]:
        return tuple(w for w, (who, at) in self.taught.items() if who == actor and at >= since)

    def drop_variant(self, number: int, text: str, actor: str = "") -> bool:
        if actor and self.taught.get((number, text), ("", self.now))[0] != actor:
            return False
        old = self.rows[number]
        self.taught.pop((number, text), None)
        self.rows[number] = replace(old, variants=tuple(v for v in old.variants if v != text))
        return self.rows[number] != old

    def history(self, number: int) -> tuple[Version, ...]:
        return tuple(self.versions.get(number, ()))

    def by_actor(self, actor: str, since: datetime) -> tuple[int, ...]:
        made = {n: [v.at for v in vs if v.actor == actor] for n, vs in self.versions.items()}
        return tuple(number for number, times in made.items() if any(t >= since for t in times))


class FakeQuestions:
    """Submissions and the queue."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.submissions: dict[str, Submission] = {}
        self.rows: dict[str, Question] = {}
        self.who: dict[str, set[str]] = {}
        self.near: dict[str, tuple[Match, ...]] = {}

    def note(self, submission: Submission) -> Submission:
        self.submissions[submission.id] = submission
        return submission

    def submission(self, submission_id: str, *, hold: bool = False) -> Submission | None:
        return self.submissions.get(submission_id)

    def _latest(self, person: str) -> list[Submission]:
        own = [s for s in self.submissions.values() if s.person == person]
        return sorted(own, key=lambda s: s.at, reverse=True)

    def by_ref(self, person: str, ref: str) -> Submission | None:
        return next((s for s in self._latest(person) if s.ref == ref), None)

    def recent(self, person: str, fingerprint: str) -> Submission | None:
        same = (s for s in self._latest(person) if fingerprint and s.fingerprint == fingerprint)
        return next(same, None)

    def of_person(self, person: str, limit: int = 10) -> tuple[Submission, ...]:
        return tuple(self._latest(person)[:limit])

    def ask(
        self,
        submission: Submission,
        *,
        same_as: str = "",
        forwarded_many: bool = False,
        nearest: Sequence[Match] = (),
    ) -> Question:
        question = self._joined(submission, same_as)
        if before := self.submissions.get(submission.id):
            question = question or self._only_own(before)
            if question is None or question.code != before.question:
                self.withdraw(submission.id)
            else:
                question = self._reworded(question, before, submission.text)
        question = question or self._opened(submission)
        self.who[question.code].add(submission.person)
        wordings = tuple(dict.fromkeys((*question.wordings, submission.text)))
        question = replace(
            question,
            askers=len(self.who[question.code]),
            last_asked=self.now,
            wordings=wordings,
            forwarded_many=question.forwarded_many + forwarded_many,
        )
        self.rows[question.code] = question
        self.note(replace(submission, outcome=Outcome.QUEUED, question=question.code))
        if nearest and not self.neighbours(question.code):
            self.keep_neighbours(question.code, nearest)
        return question

    def _joined(self, submission: Submission, same_as: str) -> Question | None:
        named = self.get(same_as) if same_as else None
        if named and named.state is QuestionState.OPEN:
            return named
        for other in self.submissions.values():
            question = self.rows.get(other.question)
            alike = submission.fingerprint and other.fingerprint == submission.fingerprint
            if alike and question and question.state is QuestionState.OPEN:
                return question
        return None

    def _only_own(self, before: Submission) -> Question | None:
        question = self.rows.get(before.question)
        others = {s.id for s in self.submissions.values() if s.question == before.question}
        if question is None or question.state is not QuestionState.OPEN or others != {before.id}:
            return None
        return replace(question, version=question.version + 1)

    def _reworded(self, question: Question, before: Submission, text: str) -> Question:
        others = [
            s.text
            for s in self.submissions.values()
            if s.question == question.code and s.id != before.id
        ]
        kept = tuple(w for w in question.wordings if w != before.text or w in others)
        called = question.text if question.text in kept else (*kept, text)[0]
        return replace(question, wordings=kept, text=called)

    def _opened(self, submission: Submission) -> Question:
        number = len(self.who)
        code = CODES[number] if number < len(CODES) else f"{number:04d}"
        self.who[code] = set()
        return Question(
            id=number + 1,
            code=code,
            text=submission.text,
            state=QuestionState.OPEN,
            lang=submission.lang,
            askers=0,
            first_asked=self.now,
            last_asked=self.now,
        )

    def withdraw(self, submission_id: str) -> None:
        gone = self.submissions.pop(submission_id, None)
        question = self.rows.get(gone.question) if gone else None
        if gone is None or question is None:
            return
        others = [s for s in self.submissions.values() if s.question == question.code]
        self.who[question.code] = {s.person for s in others}
        if others:
            self.rows[question.code] = replace(question, askers=len(self.who[question.code]))
        else:
            del self.rows[question.code]

    def get(self, code: str) -> Question | None:
        question = self.rows.get(code.upper())
        return self.get(question.merged_into) if question and question.merged_into else question

    def open(self, limit: int = 50, offset: int = 0) -> tuple[Question, ...]:
        waiting = [q for q in self.rows.values() if q.state is QuestionState.OPEN]
        return tuple(sorted(waiting, key=lambda q: -q.askers)[offset : offset + limit])

    def _open_in(self, code: str, version: int) -> Question:
        question = self.rows[code.upper()]
        if question.state is not QuestionState.OPEN or question.version != version:
            raise Stale("somebody else was faster", question.answered_by)
        return question

    def settle(self, code: str, fact_number: int, actor: str, version: int) -> Question:
        question = replace(
            self._open_in(code, version),
            state=QuestionState.ANSWERED,
            fact_number=fact_number,
            answered_by=actor,
            version=version + 1,
        )
        self.rows[question.code] = question
        return question

    def reject(self, code: str, reason: str, actor: str, version: int) -> Question:
        question = replace(
            self._open_in(code, version),
            state=QuestionState.REJECTED,
            reason=reason,
            answered_by=actor,
            version=version + 1,
        )
        self.rows[question.code] = question
        return question

    def merge(self, code: str, into: str, actor: str, version: int) -> Question:
        target = self.get(into)
        if target is None or target.state is not QuestionState.OPEN or target.code == code.upper():
            raise Refused("the other question is not open", "into")
        old = self._open_in(code, version)
        self.rows[old.code] = replace(old, state=QuestionState.MERGED, merged_into=target.code)
        for submission in list(self.submissions.values()):
            if submission.question == old.code:
                self.submissions[submission.id] = replace(submission, question=target.code)
        self.who[target.code] |= self.who[old.code]
        wordings = tuple(dict.fromkeys((*target.wordings, *old.wordings)))
        merged = replace(target, askers=len(self.who[target.code]), wordings=wordings)
        self.rows[target.code] = merged
        return merged

    def reopen(self, code: str, actor: str, version: int) -> Question:
        old = self.rows[code.upper()]
        closed = old.state in (QuestionState.ANSWERED, QuestionState.REJECTED)
        if not closed or old.version != version:
            raise Stale("it is not closed in that version", old.answered_by)
        question = replace(
            old,
            state=QuestionState.OPEN,
            fact_number=None,
            reason="",
            answered_by="",
            version=version + 1,
        )
        self.rows[question.code] = question
        return question

    def settled_by(self, actor: str, since: datetime) -> tuple[Question, ...]:
        closed = (QuestionState.ANSWERED, QuestionState.REJECTED)
        return tuple(q for q in self.rows.values() if q.answered_by == actor and q.state in closed)

    def askers(
        self, code: str, after: str = "", limit: int = 100, *, hold: bool = False
    ) -> tuple[Submission, ...]:
        waiting = [
            s
            for s in self.submissions.values()
            if s.question == code and s.outcome is Outcome.QUEUED and s.id > after
        ]
        return tuple(sorted(waiting, key=lambda s: s.id)[:limit])

    def undecided(
        self, code: str, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[Submission, ...]:
        words = {s.fingerprint for s in self.submissions.values() if s.question == code}
        waiting = [
            s
            for s in self.submissions.values()
            if s.outcome is Outcome.SUGGESTED and s.at > since and s.fingerprint in words - {""}
        ]
        return tuple(sorted((s for s in waiting if s.id > after), key=lambda s: s.id)[:limit])

    def neighbours(self, code: str) -> tuple[Match, ...]:
        return self.near.get(code, ())

    def keep_neighbours(self, code: str, matches: Sequence[Match]) -> None:
        self.near[code] = tuple(matches)


class FakePeople:
    """Persons, and what they were told."""

    def __init__(self, questions: FakeQuestions) -> None:
        self.rows: dict[str, Person] = {}
        self.ledger: list[Told] = []
        self.answers: dict[tuple[str, int], Told] = {}
        self.invitations: dict[str, str] = {}
        self.sent: dict[tuple[str, str], tuple[tuple[int, int], ...]] = {}
        self.questions = questions

    def get(self, person: str) -> Person | None:
        return self.rows.get(person)

    def save(self, person: Person) -> None:
        self.rows[person.id] = person

    def join(self, token: str, person: str, now: datetime) -> str:
        by = self.invitations.pop(token, "")
        if by:
            self.rows[person] = replace(self.rows[person], influencer=True)
        return by

    def tell(self, told: Told) -> None:
        same = (told.person, told.fact_number)
        known = [t for t in self.ledger if (t.person, t.fact_number) == same]
        self.ledger = [t for t in self.ledger if t not in known]
        version = max([told.version, *(t.version for t in known)])
        self.ledger.insert(0, replace(told, version=version))
        if told.submission in self.questions.submissions:
            self.answers[told.submission, told.fact_number] = told

    def told_of(self, submission: str) -> tuple[Told, ...]:
        found = [told for (of, _), told in self.answers.items() if of == submission]
        return tuple(sorted(found, key=lambda told: (told.at, told.fact_number), reverse=True))

    def answered_with(
        self, fact_number: int, since: datetime, after: str = "", limit: int = 100
    ) -> tuple[tuple[Told, str], ...]:
        about = [told for (_, of), told in self.answers.items() if of == fact_number]
        found = [told for told in about if told.at >= since and told.submission > after]
        page = sorted(found, key=lambda told: told.submission)[:limit]
        return tuple((told, self.questions.submissions[told.submission].text) for told in page)

    def outdated(self, limit: int = 1000) -> tuple[int, ...]:
        return tuple(dict.fromkeys(t.fact_number for t in self.ledger))[:limit]

    def told_count(self, fact_number: int, version: int) -> tuple[int, int]:
        versions = [t.version for t in self.ledger if t.fact_number == fact_number]
        return sum(v >= version for v in versions), len(versions)

    def heard_count(self, heard: Collection[tuple[int, int]], *, agreed: bool) -> int:
        told = {t.person for t in self.ledger if (t.fact_number, t.version) in set(heard)}
        people = [self.rows[each] for each in told if each in self.rows]
        return sum(each.notify and (bool(each.consent) or not agreed) for each in people)

    def told(self, person: str) -> tuple[Told, ...]:
        mine = [told for told in self.ledger if told.person == person]
        return tuple(sorted(mine, key=lambda told: (told.at, told.fact_number), reverse=True))

    def told_in(self, person: str, ref: str) -> tuple[tuple[int, int], ...]:
        return self.sent.get((person, ref), ())

    def told_about(self, fact_number: int, after: str = "", limit: int = 100) -> tuple[Told, ...]:
        about = [t for t in self.ledger if t.fact_number == fact_number and t.person > after]
        return tuple(sorted(about, key=lambda t: t.person)[:limit])

    def export(self, person: str) -> Mapping[str, Any]:
        row = self.rows.get(person)
        if row is None:
            return {}
        asked = [
            {"text": s.text, "at": s.at, "outcome": s.outcome, "ticket": s.question}
            for s in self.questions.of_person(person)
        ]
        return {"language": row.language, "channel": row.channel, "questions": asked}

    def erase(self, person: str) -> None:
        self.rows.pop(person, None)
        self.ledger = [told for told in self.ledger if told.person != person]
        self.answers = {key: told for key, told in self.answers.items() if told.person != person}
        own = [s.id for s in self.questions.submissions.values() if s.person == person]
        for submission_id in own:
            self.questions.submissions.pop(submission_id)


@dataclass
class FakeEvidence:
    """Labelled pairs, in order: (text, number, right, by)."""

    pairs: list[tuple[str, int, bool, str]] = field(default_factory=list)

    def add(self, text: str, fact_number: int, *, right: bool, by: str, lang: str = "id") -> None:
        self.pairs.append((text, fact_number, right, by))

    def take_back(self, text: str, fact_number: int) -> None:
        pair = (text, fact_number, True, "moderator")
        if pair in self.pairs:
            self.pairs.reverse()
            self.pairs.remove(pair)
            self.pairs.reverse()


@dataclass
class FakeAudit:
    """Entries in order: (actor, action, object, reason, details)."""

    clock: Callable[[], datetime]
    entries: list[tuple[str, str, str, str, dict[str, Any]]] = field(default_factory=list)
    times: list[datetime] = field(default_factory=list)

    def write(
        self, actor: str, action: str, object_: str, reason: str = "", **details: Any
    ) -> None:
        self.entries.append((actor, action, object_, reason, details))
        self.times.append(self.clock())

    def count_by(self, actor: str, deeds: Collection[Deed], since: datetime) -> int:
        found = zip(self.times, self.entries, strict=True)
        return sum(at >= since and one[0] == actor and one[1] in deeds for at, one in found)

    def head(self) -> tuple[int, str]:
        return len(self.entries), self.hash_of(len(self.entries))

    def hash_of(self, number: int) -> str:
        so_far = list(zip(self.times, self.entries, strict=True))[:number]
        known = 0 < number <= len(self.entries)
        return sha256(repr(so_far).encode("utf-8", "replace")).hexdigest() if known else ""

    def deeds_on(
        self, what: str, deeds: Collection[Deed], since: datetime | None = None, after: int = 0
    ) -> tuple[AuditEntry, ...]:
        return tuple(
            AuditEntry(seq, at, entry[0], entry[1], entry[2], "", {})
            for seq, (at, entry) in enumerate(zip(self.times, self.entries, strict=True), 1)
            if entry[1] in deeds and entry[2] == what and (since is None or since <= at)
            if seq > after
        )


@dataclass
class FakeJob:
    """One job that waits."""

    task: str
    payload: Mapping[str, Any]
    key: str
    due: datetime | None


@dataclass
class FakeJobs:
    """Waiting jobs; the same key waits once."""

    waiting: list[FakeJob] = field(default_factory=list)

    def enqueue(
        self,
        task: str,
        payload: Mapping[str, Any],
        *,
        dedupe_key: str = "",
        due: datetime | None = None,
    ) -> None:
        if not dedupe_key or all(job.key != dedupe_key for job in self.waiting):
            self.waiting.append(FakeJob(task, payload, dedupe_key, due))


class FakeProposals:
    """What waits for a second person."""

    def __init__(self) -> None:
        self.rows: dict[int, Proposal] = {}

    def add(self, proposal: Proposal) -> Proposal:
        waiting = self.about(proposal.subject)
        if waiting is not None:
            raise Stale("one waits already", waiting.author)
        added = replace(proposal, id=len(self.rows) + 1)
        self.rows[added.id] = added
        return added

    def get(self, id: int) -> Proposal | None:
        return self.rows.get(id)

    def about(self, subject: str) -> Proposal | None:
        return next((p for p in self.waiting() if p.subject == subject), None)

    def waiting(self, limit: int = 100, offset: int = 0) -> tuple[Proposal, ...]:
        found = [p for p in self.rows.values() if p.state is ProposalState.WAITING]
        return tuple(found[offset : offset + limit])

    def undecided(self, who: str) -> int:
        return sum(p.author != who for p in self.waiting())

    def of_author(self, author: str, kind: str = "", limit: int = 20) -> tuple[Proposal, ...]:
        found = (p for p in self.rows.values() if p.author == author)
        return tuple(p for p in found if p.subject.startswith(kind))[-limit:][::-1]

    def decide(self, id: int, state: ProposalState, by: str, reason: str = "") -> Proposal:
        if self.rows[id].state is not ProposalState.WAITING:
            raise Stale("somebody decided before", self.rows[id].decided_by)
        self.rows[id] = replace(self.rows[id], state=state, decided_by=by, decision=reason)
        return self.rows[id]


class FakeReviews:
    """Votes and objections."""

    def __init__(self, questions: FakeQuestions) -> None:
        self.sources: dict[str, tuple[bool, str]] = {}
        self.alike: dict[tuple[int, int], float | None] = {}
        self.cast: dict[tuple[str, int, int], bool] = {}
        self.objections: list[tuple[int, str]] = []
        self.questions = questions

    def vote(self, person: str, number: int, version: int, *, helpful: bool) -> None:
        self.cast[person, number, version] = helpful

    def votes(self, number: int) -> tuple[Votes, ...]:
        versions = sorted({v for _, n, v in self.cast if n == number}, reverse=True)
        return tuple(self._counted(number, version) for version in versions)

    def _counted(self, number: int, version: int) -> Votes:
        cast = [up for (_, n, v), up in self.cast.items() if (n, v) == (number, version)]
        return Votes(number, version, sum(cast), len(cast) - sum(cast))

    def doubted(self, unhelpful: int, limit: int = 50) -> tuple[Votes, ...]:
        every = [votes for n in {n for _, n, _ in self.cast} for votes in self.votes(n)[:1]]
        found = [v for v in every if v.unhelpful >= unhelpful and v.unhelpful > v.helpful]
        return tuple(found[:limit])

    def source_checks(self, urls: Sequence[str]) -> Mapping[str, tuple[bool, str]]:
        return {url: self.sources[url] for url in urls if url in self.sources}

    def pair(self, first: int, second: int, score: float) -> None:
        self.alike.setdefault((first, second), score)

    def dismiss(self, first: int, second: int) -> None:
        self.alike[first, second] = None

    def pairs(self, limit: int = 50) -> tuple[tuple[int, int, float], ...]:
        return tuple((a, b, score) for (a, b), score in self.alike.items() if score)[:limit]

    def dispute(self, number: int, code: str) -> None:
        self.objections.append((number, code))

    def disputes(self, number: int, limit: int = 50) -> tuple[Question, ...]:
        found = [self.questions.get(code) for n, code in self.objections if n == number]
        return tuple(question for question in found if question)[:limit]

    def disputed(self, code: str) -> int:
        return next((n for n, asked in self.objections if asked == code), 0)

    def open_disputes(self, limit: int = 50) -> tuple[tuple[int, Question], ...]:
        found = [(n, self.questions.get(code)) for n, code in self.objections]
        return tuple((n, q) for n, q in found if q and q.state is QuestionState.OPEN)[:limit]


@dataclass
class FakeDesk:
    """The people of the desk."""

    people: list[Moderator] = field(default_factory=list)
    drafts: dict[tuple[int, str], Mapping[str, Any]] = field(default_factory=dict)

    def link(self, name: str, now: datetime, minutes: int = 15) -> str:
        return f"token-of-{name}"

    def save_draft(self, moderator: int, code: str, draft: Mapping[str, Any]) -> None:
        self.drafts[moderator, code] = dict(draft)

    def drop_drafts(self, code: str) -> None:
        self.drafts = {key: body for key, body in self.drafts.items() if key[1] != code}

    def draft(self, moderator: int, code: str) -> Mapping[str, Any] | None:
        return self.drafts.get((moderator, code))

    def list(self) -> tuple[Moderator, ...]:
        return tuple(self.people)


class FakeChats:
    """Desk chats in memory: codes, PINs, buttons and cards without any cipher."""

    def __init__(self, people: FakePeople) -> None:
        self.people = people
        self.codes: dict[str, tuple[Moderator, bool]] = {}
        self.linked: dict[str, DeskChat] = {}
        self.pins: dict[int, str] = {}
        self.wrong: dict[int, int] = {}
        self.handles: dict[str, list[Any]] = {}
        self.sent: list[tuple[str, str]] = []  # (person, subject) of each card
        self.here: set[int] = set()  # who has worked in their chat

    def redeem(self, code: str, person: str, now: datetime, *, group: bool) -> DeskChat | None:
        who, wanted = self.codes.get(code, (None, False))
        if who is None or wanted is not group:
            return None
        del self.codes[code]
        self.linked[person] = DeskChat(person, who, group)
        return self.linked[person]

    def at(self, person: str) -> DeskChat | None:
        return self.linked.get(person)

    def seen(self, moderator: int, now: datetime) -> None:
        self.here.add(moderator)

    def sender(self, address: Address, sender: str) -> DeskChat | None:
        return self.linked.get(f"p-{sender}")

    def all(self) -> tuple[DeskChat, ...]:
        return tuple(self.linked[person] for person in sorted(self.linked))

    def of(self, moderator: int) -> tuple[DeskChat, ...]:
        return tuple(chat for chat in self.all() if chat.who.id == moderator)

    def save(self, chat: DeskChat) -> None:
        self.linked[chat.person] = chat

    def unlink(self, person: str) -> None:
        self.linked.pop(person, None)

    def has_pin(self, moderator: int) -> bool:
        return moderator in self.pins

    def try_pin(self, moderator: int, pin: str, now: datetime) -> PinCheck:
        if moderator not in self.pins:
            return PinCheck.NONE
        tries = self.wrong.get(moderator, 0)
        if tries < PIN_TRIES and self.pins[moderator] == pin:
            return PinCheck.RIGHT
        self.wrong[moderator] = tries + 1
        return PinCheck.LOCKED if tries + 1 >= PIN_TRIES else PinCheck.WRONG

    def handle(
        self, batch: str, person: str, moderator: int, action: str, subject: str, version: int
    ) -> str:
        handle = f"h{len(self.handles)}"
        self.handles[handle] = [
            batch,
            person,
            moderator,
            Tap(Standing.GOOD, action, subject, version),
            False,
        ]
        return handle

    def tap(self, handle: str, person: str, moderator: int) -> Tap:
        if handle not in self.handles:
            return Tap(Standing.UNKNOWN)
        batch, owner, whose, tap, used = self.handles[handle]
        if owner != person or whose not in (0, moderator):
            return Tap(Standing.FOREIGN)
        if used:
            return Tap(Standing.USED)
        for row in self.handles.values():
            row[4] = row[4] or row[0] == batch
        return tap

    def new_card(self, person: str, subject: str) -> str:
        self.sent.append((person, subject))
        return str(len(self.sent))

    def cards(self, subject: str) -> tuple[tuple[str, str], ...]:
        sent = enumerate(self.sent, start=1)
        return tuple((str(n), person) for n, (person, about) in sent if about == subject)

    def about_now(self, person: str, subject: str, now: str) -> None:
        self.sent = [(who, now if (who, what) == (person, subject) else what)
                     for who, what in self.sent]  # fmt: skip

    def cards_since(self, person: str, since: datetime) -> int:
        return sum(1 for owner, _ in self.sent if owner == person)

    def card_at(self, person: str, ref: str) -> str:
        mine = [about for owner, about in self.sent if owner == person]
        return ref.removeprefix("card ") if ref.removeprefix("card ") in mine else ""


class FakeCases:
    """Who works on what, in memory."""

    def __init__(self, desk: FakeDesk) -> None:
        self.desk = desk
        self.taken: dict[str, Lease] = {}
        self.flags: dict[str, Escalation] = {}
        self.said: dict[str, list[Comment]] = {}

    def lease(self, code: str, now: datetime) -> Lease | None:
        found = self.taken.get(code)
        return found if found and found.until > now else None

    def take(self, code: str, moderator: int, now: datetime, until: datetime) -> Lease:
        [name] = [one.name for one in self.desk.list() if one.id == moderator]
        self.taken[code] = Lease(moderator, name, now, until)
        return self.taken[code]

    def release(self, code: str) -> None:
        self.taken.pop(code, None)

    def escalation(self, code: str) -> Escalation | None:
        return self.flags.get(code)

    def calm(self, code: str) -> None:
        self.flags.pop(code, None)

    def comments(self, code: str, limit: int = 100) -> tuple[Comment, ...]:
        return tuple(self.said.get(code, ()))[-limit:]


class FakeHouse:
    """All ports on one memory, with a clock that is turned by hand."""

    def __init__(self, now: datetime, rules: Rules | None = None) -> None:
        self.now = now
        self.rules = rules or Rules(public_url="https://saring.example")
        self.facts = FakeFacts(now)
        self.questions = FakeQuestions(now)
        self.people = FakePeople(self.questions)
        self.evidence = FakeEvidence()
        self.audit = FakeAudit(lambda: self.now)
        self.jobs = FakeJobs()
        self.proposals = FakeProposals()
        self.reviews = FakeReviews(self.questions)
        self.desk = FakeDesk()
        self.chats = FakeChats(self.people)
        self.cases = FakeCases(self.desk)

    def ports(self) -> Ports:
        self.facts.now = self.questions.now = self.now
        return Ports(
            facts=self.facts,
            questions=self.questions,
            people=self.people,
            evidence=self.evidence,
            audit=self.audit,
            jobs=self.jobs,
            proposals=self.proposals,
            reviews=self.reviews,
            desk=self.desk,
            chats=self.chats,
            cases=self.cases,
            now=self.now,
            rules=self.rules,
        )

    @contextmanager
    def work(self) -> Iterator[Ports]:
        """The ports of one transaction."""
        yield self.ports()

    def know(self, facts: Sequence[FactCheck]) -> None:
        """Put published fact-checks into the knowledge base, under their numbers."""
        for fact in facts:
            known = replace(fact, changed_at=self.now)
            self.facts.rows[fact.number] = known
            self.facts.versions[fact.number] = [Version(fact.version, self.now, "seed", "", known)]

    def person(self, name: str) -> Person:
        """The person of that name, at first contact a new one."""
        known = self.people.get(f"p-{name}")
        if known is None:
            known = Person(id=f"p-{name}", channel="browser", first_seen=self.now)
            self.people.save(known)
        return known

    def name(self, person: str) -> str:
        """Whose id this is."""
        return person.removeprefix("p-")

    def due_job(self) -> tuple[str, Mapping[str, Any]] | None:
        """Take the next due job: its task and payload."""
        for job in self.jobs.waiting:
            if job.due is None or job.due <= self.now:
                self.jobs.waiting.remove(job)
                return job.task, job.payload
        return None


def spoken(messages: Sequence[Outgoing]) -> str:
    """All texts of some messages, one after the other."""
    return "\n\n".join(message.text for message in messages)
