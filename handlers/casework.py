"""Working on a question together: take, hand over, comment, escalate, merge, split, close.

Every function asks for the right, changes the question only in the version that was seen, and
writes to the audit. The web desk and the chat desk call the same ones.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from handlers import moderate, ranking, texts, topics
from handlers.ports import Cases, Ports
from handlers.queueing import announce, redraw
from handlers.reading import tidy
from handlers.rights import Action, Thing, demand, may
from knowledge_base.deeds import Deed
from knowledge_base.facts import Moderator, Question, Refused
from knowledge_base.queue import Comment, Lease, Place, Waiting

LEASE = timedelta(minutes=30)
NOTE = "desk_note"  # who is meant hears of it in their chat
COMMENT_LIMIT, VIEW_LIMIT = 1000, 40
_NAME_END = re.compile(r"\w")


class Close(StrEnum):
    """Ready-made ways to close a question that no verdict fits."""

    NOT_A_CLAIM = "not_a_claim"
    SPAM = "spam"


CLOSED = {Close.NOT_A_CLAIM: Deed.CLOSED_AS_NOT_A_CLAIM, Close.SPAM: Deed.CLOSED_AS_SPAM}


class Places(Protocol):
    """Where the questions stand in the queue."""

    def due(self, now: datetime, limit: int = 200) -> tuple[Waiting, ...]:
        """Open questions whose points are missing or old."""

    def keep(self, places: Sequence[Place], now: datetime) -> None:
        """Remember the places of these questions."""

    def forget(self, limit: int = 500) -> None:
        """Drop the places of questions that wait no more."""


@dataclass(frozen=True, slots=True)
class Room:
    """What working on questions touches, bound to one transaction."""

    ports: Ports
    cases: Cases

    @property
    def now(self) -> datetime:
        """The time of this transaction."""
        return self.ports.now


def places(waiting: Sequence[Waiting], now: datetime) -> tuple[Place, ...]:
    """Where new, changed and aged questions stand."""
    found = []
    for one in waiting:
        signals = replace(one.signals, topic=topics.guess(one.text, one.near))
        found.append(Place(one.id, signals, ranking.score(signals, now)))
    return tuple(found)


def _open(room: Room, code: str, language: str) -> Question:
    question = room.ports.questions.get(code)
    if question is None:
        raise Refused(texts.say(language, "desk.no_question", code=code[:20]), "code")
    moderate.open_in(question, language)
    return question


def _write(room: Room, who: Moderator, action: Deed, code: str, reason: str = "") -> None:
    room.ports.audit.write(who.name, action, f"question/{code}", reason)
    redraw(room.ports, code)


# ── leases


def take(room: Room, who: Moderator, code: str, language: str = "id") -> Lease:
    """It is theirs for LEASE. Raises Denied, Refused (no such question, or a colleague has it)
    or Stale (it is closed)."""
    demand(who, Action.TAKE)
    question = _open(room, code, language)
    present = room.cases.lease(question.code, room.now)
    if present is not None and present.moderator != who.id:
        raise Refused(texts.say(language, "desk.taken", who=present.name), "lease")
    lease = room.cases.take(question.code, who.id, room.now, room.now + LEASE)
    if present is None:
        _write(room, who, Deed.TAKE, question.code)
    return lease


def renew(room: Room, who: Moderator, code: str) -> Lease | None:
    """Somebody is at work on what they have taken: the time starts again. None when it is not
    theirs (any more)."""
    demand(who, Action.TAKE)
    present = room.cases.lease(code, room.now)
    if present is None or present.moderator != who.id:
        return present
    return room.cases.take(code, who.id, room.now, room.now + LEASE)


def release(room: Room, who: Moderator, code: str, language: str = "id") -> None:
    """Give it back. An editor may take it from somebody else, who hears so."""
    demand(who, Action.RELEASE)
    question = _open(room, code, language)
    had = _mine(room, who, Action.RELEASE, question.code, language)
    room.cases.release(question.code)
    if had and had.moderator != who.id:
        gone = Comment(0, question.code, who.name, "", room.now)
        _tell(room, "release", gone, [had.moderator])
    _write(room, who, Deed.RELEASE, question.code)


def hand_over(room: Room, who: Moderator, code: str, to: str, language: str = "id") -> Lease:
    """A colleague goes on with it; they find a note, and so does who had it when an editor does
    this. Raises Denied, Refused or Stale."""
    demand(who, Action.HAND_OVER)
    question = _open(room, code, language)
    had = _mine(room, who, Action.HAND_OVER, question.code, language)
    colleague = next((one for one in room.ports.desk.list() if one.name == to), None)
    if colleague is None or colleague.id == who.id or not may(colleague, Action.TAKE):
        raise Refused(texts.say(language, "desk.no_colleague", who=to[:80]), "to")
    room.cases.release(question.code)
    lease = room.cases.take(question.code, colleague.id, room.now, room.now + LEASE)
    note = texts.say(language, "desk.handed_over", who=colleague.name)
    said = room.cases.comment(question.code, who.name, note, [colleague.id], room.now)
    _tell(room, "hand", said, [colleague.id])
    if had and had.moderator not in (who.id, colleague.id):
        _tell(room, "moved", said, [had.moderator])
    room.ports.audit.write(who.name, Deed.HAND_OVER, f"question/{question.code}", to=colleague.name)
    redraw(room.ports, question.code)
    return lease


def _mine(room: Room, who: Moderator, action: Action, code: str, language: str) -> Lease | None:
    """Whoever has it disposes of it, and editors do. Gives who has it."""
    lease = room.cases.lease(code, room.now)
    if lease and not may(who, action, Thing(taken_by=lease.name)):
        raise Refused(texts.say(language, "desk.taken", who=lease.name), "lease")
    return lease


# ── talking about it


def comment(room: Room, who: Moderator, code: str, text: str, language: str = "id") -> Comment:
    """Say something to the colleagues; `@name` puts it on their queue page."""
    demand(who, Action.COMMENT)
    question = room.ports.questions.get(code)
    if question is None:
        raise Refused(texts.say(language, "desk.no_question", code=code[:20]), "code")
    said = _words(text, COMMENT_LIMIT, "comment", language)
    named = mentioned(said, [one for one in room.ports.desk.list() if one.active])
    kept = room.cases.comment(
        question.code, who.name, said, [one.id for one in named if one.id != who.id], room.now
    )
    _tell(room, "comment", kept, [one.id for one in named if one.id != who.id])
    _write(room, who, Deed.COMMENT, question.code)
    return kept


def _tell(room: Room, what: str, said: Comment, people: Sequence[int]) -> None:
    """Those who are meant hear of it in their own chat, where they have linked one."""
    chats = [chat for number in people for chat in room.ports.chats.of(number)]
    for chat in chats:
        if not chat.group:
            payload = {"to": chat.person, "what": what, "code": said.code, "who": said.author}
            key = f"{NOTE}:{what}:{said.code}:{said.at.isoformat()}:{chat.person}"
            room.ports.jobs.enqueue(
                NOTE, payload | {"text": said.text}, dedupe_key=key, due=room.now
            )


def mentioned(text: str, people: Sequence[Moderator]) -> tuple[Moderator, ...]:
    """Who is named as `@name`, in any case; of names that begin alike the longest counts."""
    low, found = text.casefold(), []
    longest = sorted(people, key=lambda one: -len(one.name))
    for place in (n for n, sign in enumerate(low) if sign == "@"):
        for one in longest:
            end = place + 1 + len(one.name)
            if low[place + 1 : end] == one.name.casefold() and not _NAME_END.match(low, end):
                found.append(one)
                break
    return tuple(dict.fromkeys(found))


def escalate(room: Room, who: Moderator, code: str, reason: str, language: str = "id") -> None:
    """Ask the editors to look."""
    demand(who, Action.ESCALATE)
    question, words = _open(room, code, language), moderate.reason_of(reason, language)
    room.cases.escalate(question.code, who.name, words, room.now)
    editors = [one.id for one in room.ports.desk.list() if may(one, Action.APPROVE)]
    said = Comment(0, question.code, who.name, words, room.now)
    _tell(room, "flag", said, [number for number in editors if number != who.id])
    _write(room, who, Deed.ESCALATE, question.code, words)


def calm(room: Room, who: Moderator, code: str, language: str = "id") -> None:
    """An editor has looked: the flag goes."""
    demand(who, Action.APPROVE)
    question = _open(room, code, language)
    room.cases.calm(question.code)
    _write(room, who, Deed.ESCALATION_SETTLED, question.code)


def _words(text: str, limit: int, field: str, language: str) -> str:
    said = tidy(text)
    if not said or len(said) > limit:
        raise Refused(texts.say(language, "desk.some_words", limit=limit), field)
    return said


# ── one rumour or two, or none


def merge(
    room: Room, who: Moderator, code: str, version: int, into: str, language: str = "id"
) -> Question:
    """Two questions are one rumour. Raises Denied, Refused or Stale."""
    merged = moderate.merge_questions(room.ports, who, code, version, into, language)
    room.cases.release(code)
    room.cases.calm(code)
    redraw(room.ports, merged.code)  # more people ask for that one now
    return merged


def split(
    room: Room,
    who: Moderator,
    code: str,
    version: int,
    wordings: Sequence[int],
    language: str = "id",
) -> Question:
    """Some wordings are another rumour: an open question of their own, with their askers.

    Gives the new question. Raises Denied, Refused (none or all chosen) or Stale.
    """
    demand(who, Action.SPLIT)
    question = _open(room, code, language)
    known = {one.id for one in room.cases.wordings(question.code)}
    chosen = [number for number in wordings if number in known]
    if not chosen or len(chosen) == len(known):
        raise Refused(texts.say(language, "desk.split_some"), "wordings")
    moderate.open_in(question, language, version)
    new = room.cases.split(question.code, chosen, version)
    audit = room.ports.audit
    audit.write(who.name, Deed.SPLIT, f"question/{question.code}", new=new.code)
    audit.write(who.name, Deed.SPLIT_OFF, f"question/{new.code}", of=question.code)
    redraw(room.ports, question.code)
    announce(room.ports, new.code)
    return new


def close(
    room: Room, who: Moderator, code: str, version: int, kind: Close, language: str = "id"
) -> Question:
    """Not a claim, or spam: closed without a verdict, with ready and polite words for the
    askers (who never read the word spam)."""
    demand(who, Action.REJECT)
    question = _open(room, code, language)
    words = texts.say(texts.readable(question.lang), f"desk.closed_as.{kind}")
    closed = moderate.reject(room.ports, who, question.code, version, words, language)
    _write(room, who, CLOSED[kind], question.code)
    return closed


# ── views


def save_view(room: Room, who: Moderator, name: str, query: str, language: str = "id") -> None:
    """Keep a filter of the queue under a name."""
    demand(who, Action.OWN_ACCOUNT, Thing(person=who.name))
    room.cases.save_view(who.id, _words(name, VIEW_LIMIT, "name", language), query)
