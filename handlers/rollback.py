"""Everything somebody published since a time: what taking it back would do, and doing it.

The plan is what a person reads before they decide; doing it makes the plan anew, in the same
transaction, and refuses where it is not the one that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from handlers import corrections, duplicates, mistaken, moderate, texts
from handlers.matched import holding
from handlers.moderate import reason_of
from handlers.ports import Ports
from handlers.queueing import redraw
from handlers.rights import Action, demand
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import FactCheck, Moderator, Question, Stale, State, Version


@dataclass(frozen=True, slots=True)
class Step:
    """One fact-check as it stands, and as it would be."""

    now: FactCheck
    then: FactCheck

    @property
    def withdrawn(self) -> bool:
        """There is no version before it: it ends."""
        return self.then.state is State.RETRACTED and self.now.state is State.PUBLISHED


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking back would do: fact-checks (`steps`), those that somebody else has changed
    since and that stay (`left`), questions that wait again, wordings (number, text) that are
    forgotten, and how many people are told that what they heard has changed."""

    steps: tuple[Step, ...] = ()
    left: tuple[FactCheck, ...] = ()
    questions: tuple[Question, ...] = ()
    wordings: tuple[tuple[int, str], ...] = ()
    people: int = 0

    @property
    def anything(self) -> bool:
        """Is there something to take back?"""
        return bool(self.steps or self.questions or self.wordings)

    @property
    def mark(self) -> str:
        """Another one as soon as there is more, less or something else to take back."""
        facts = [(step.now.number, step.now.version) for step in self.steps]
        left = [fact.number for fact in self.left]
        asked = [(question.code, question.version) for question in self.questions]
        whole = repr((facts, left, asked, self.wordings))
        return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What became of everything somebody published: restored to the version before, withdrawn
    because there was none, and left because somebody else has changed it since; questions they
    had closed wait again (`reopened`), `wordings` they had taught are forgotten."""

    restored: tuple[int, ...] = ()
    retracted: tuple[int, ...] = ()
    left: tuple[int, ...] = ()
    reopened: tuple[str, ...] = ()
    wordings: int = 0


def plan(ports: Ports, who: Moderator, name: str, since: datetime) -> Plan:
    """What taking back all that this person published, closed and taught since then would do;
    nothing is written. Raises Denied."""
    demand(who, Action.ROLL_BACK)
    steps: list[Step] = []
    left: list[FactCheck] = []
    heard: list[tuple[int, int]] = []
    for number in ports.facts.by_actor(name, since):
        now, history = ports.facts.get(number), ports.facts.history(number)
        if now is None or history[0].actor != name:
            left += [] if now is None else [now]
            continue
        step = _step(now, history, name, since)
        if step is not None:
            steps.append(step)
            heard += _outdated(ports, step, history)
    over = {fact.number for fact in left}
    closed = ports.questions.settled_by(name, since)
    return Plan(
        tuple(steps), tuple(left),
        tuple(one for one in closed if one.fact_number not in over),
        ports.facts.wordings_by(name, since),
        ports.people.heard_count(heard, agreed=ports.rules.consent == "tap"),
    )  # fmt: skip


def answered(ports: Ports, found: Plan, since: datetime) -> int:
    """How many people were answered since then about messages with words like those that are
    forgotten; what they are told shows when their messages are searched again."""
    people = set[str]()
    for number, said in mistaken.by_number(found.wordings).items():
        people |= mistaken.people_answered(ports, number, said, since)
    return len(people)


def _step(now: FactCheck, history: Sequence[Version], name: str, since: datetime) -> Step | None:
    """Back to the newest version that is not this person's own since that time; without one it
    ends. None where it has ended already."""
    kept = (each.fact_check for each in history if each.actor != name or each.at < since)
    before = next(kept, None)
    if before is not None and before.state is not State.DRAFT:
        return Step(now, replace(before, number=now.number, version=now.version, our_mistake=True))
    if now.state is State.PUBLISHED:
        return Step(now, replace(now, state=State.RETRACTED, our_mistake=True))
    return None


def _outdated(ports: Ports, step: Step, history: Sequence[Version]) -> list[tuple[int, int]]:
    """(number, version) of what says something else than what will hold."""
    holds = step.then
    if holds.state is not State.PUBLISHED and holds.replaced_by:
        holds = holding(ports.facts, holds.replaced_by) or holds
    return [
        (step.now.number, each.version)
        for each in history
        if corrections.differs(each.fact_check, holds)
    ]


def roll_back(
    ports: Ports,
    who: Moderator,
    name: str,
    since: datetime,
    reason: str,
    language: str = "id",
    seen: str = "",
) -> RolledBack:
    """Undo in one step everything this person published, closed and taught since then; everyone
    who was told is corrected, each step is in the audit. `seen` is the mark of the plan that was
    read. Raises Denied, Refused (no reason) or Stale (it is another plan now)."""
    found = plan(ports, who, name, since)
    words = reason_of(reason, language)
    if seen and seen != found.mark:
        raise Stale(texts.say(language, "desk.roll_back_changed", name=name), name)
    for step in found.steps:
        saved = ports.facts.save(step.then, who.name, words)
        what = f"fact/{saved.number}"
        ports.audit.write(who.name, Deed.ROLLED_BACK, what, words, author=name)
        corrections.announce(ports, saved)
        if not step.withdrawn:
            duplicates.look_at(ports, saved.number)
    for question in found.questions:
        _reopen(ports, who, name, question)
    for number, text in found.wordings:
        ports.facts.drop_variant(number, text, name)
    mistaken.announce(ports, found.wordings, since)
    done = RolledBack(
        tuple(step.now.number for step in found.steps if not step.withdrawn),
        tuple(step.now.number for step in found.steps if step.withdrawn),
        tuple(fact.number for fact in found.left),
        tuple(question.code for question in found.questions),
        len(found.wordings),
    )
    ports.audit.write(
        who.name, Deed.ROLL_BACK, of_person(name), words, since=since.isoformat(),
        restored=list(done.restored), retracted=list(done.retracted), left=list(done.left),
        reopened=list(done.reopened), wordings=done.wordings,
    )  # fmt: skip
    return done


def _reopen(ports: Ports, who: Moderator, name: str, question: Question) -> None:
    """What they answered or closed waits for an answer again."""
    moderate.unlearn(ports, question)
    ports.questions.reopen(question.code, who.name, question.version)
    what = f"question/{question.code}"
    ports.audit.write(who.name, Deed.QUESTION_REOPEN, what, "rolled back", author=name)
    redraw(ports, question.code)
