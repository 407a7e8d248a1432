"""A verdict that changed: everyone who was told the old one is told once what holds now.

A revision waits until nobody has touched it for ten minutes, so that five edits make one
message; a retraction goes at once. The ledger of who was told what is the only memory: it is
written in the transaction of the message, so a page that runs twice tells nobody twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import texts
from handlers.matched import holding
from handlers.messages import Block, Button, Outgoing, Style
from handlers.ports import Ports
from handlers.reading import shown
from handlers.replies import (
    Voice,
    blocks,
    button,
    fact_line,
    fact_text,
    icon_word,
    link_line,
    send,
    voice_of,
)
from knowledge_base.facts import FactCheck, Person, State, Told

TASK = "tell_corrected"
SWEEP = "find_outdated"
TEMPLATE = "correction"
PAGE = 100
PAUSE = timedelta(minutes=10)
LONGEST = timedelta(hours=1)  # somebody who never stops editing does not keep people waiting
WHY_LIMIT = 300
_OWN_NOTE = re.compile(r"undo|question \w+|import .*\.\w{3,5}|bundled with Saring")


def public_reason(reason: str) -> str:
    """Why a version was made, as anybody may read it: empty for the program's own notes, which
    may name the number that one asker was given."""
    return "" if _OWN_NOTE.fullmatch(reason) else reason


def announce(ports: Ports, fact: FactCheck) -> None:
    """Have everyone corrected who was told an older version: after the pause, or at once when
    it was withdrawn."""
    payload = {"number": fact.number, "after": "", "begun": ports.now.isoformat()}
    if fact.state is State.PUBLISHED:
        due, key = ports.now + PAUSE, f"correct:{fact.number}"
    else:
        due, key = ports.now, f"correct:{fact.number}:{fact.version}"
    ports.jobs.enqueue(TASK, payload, dedupe_key=key, due=due)


def announce_all(ports: Ports) -> None:
    """After an import: find every fact-check somebody was told an older version of."""
    ports.jobs.enqueue(SWEEP, {}, dedupe_key=SWEEP, due=ports.now)


def find_outdated(ports: Ports) -> None:
    """Have those corrected."""
    for number in ports.people.outdated():
        fact = ports.facts.get(number)
        if fact is not None and fact.state is not State.DRAFT:
            announce(ports, fact)


def tell_corrected(ports: Ports, number: int, after: str = "", begun: str = "") -> list[Outgoing]:
    """One page of corrections; runs in its own transaction and enqueues the next page in it."""
    fact = ports.facts.get(number)
    if fact is None or fact.state is State.DRAFT:
        return []
    if not after and _wait(ports, fact, begun):
        return []
    versions = {version.version: version for version in ports.facts.history(number)}
    was = {version: each.fact_check for version, each in versions.items()}
    reason = versions[fact.version].reason if fact.version in versions else ""
    page = ports.people.told_about(number, after, PAGE)
    out = [
        message
        for told in page
        if told.version < fact.version
        for message in _correct(ports, fact, was, told, reason)
    ]
    if len(page) == PAGE:
        payload = {"number": number, "after": page[-1].person, "begun": begun}
        key = f"correct:{number}:{fact.version}:{page[-1].person}"
        ports.jobs.enqueue(TASK, payload, dedupe_key=key)
    return out


def _wait(ports: Ports, fact: FactCheck, begun: str) -> bool:
    """Somebody is still at it: come back ten minutes after the last change. A change in the
    future was made under a clock that was ahead: nobody waits until that time comes again."""
    changed = fact.changed_at
    if fact.state is not State.PUBLISHED or changed is None or changed > ports.now:
        return False
    quiet = changed + PAUSE
    first = datetime.fromisoformat(begun) if begun else changed
    if quiet <= ports.now or ports.now - first >= LONGEST:
        return False
    payload = {"number": fact.number, "after": "", "begun": begun}
    ports.jobs.enqueue(TASK, payload, dedupe_key=f"correct:{fact.number}", due=quiet)
    return True


def _correct(
    ports: Ports, fact: FactCheck, was: Mapping[int, FactCheck], told: Told, reason: str
) -> list[Outgoing]:
    person = ports.people.get(told.person)
    before = was.get(told.version)
    now = holding(ports.facts, fact.number) or fact
    if person is None or not wanted(ports, person) or not differs(before, now):
        return []
    told_now(ports, person, fact, told.submission)
    asked = ports.questions.submission(told.submission) if told.submission else None
    message = correction(voice_of(ports, person), fact, now, before, told, reason)
    key = f"correct:{fact.number}:{fact.version}:{person.id}"
    return [replace(in_place(person, message), quote=asked.ref if asked else "", key=key)]


def wanted(ports: Ports, person: Person) -> bool:
    """May they be written to of our own accord? Not those who said stop. Who cannot be reached
    now is written to all the same: it is held until they return."""
    return person.notify and agreed(ports, person)


def agreed(ports: Ports, person: Person) -> bool:
    """Under SARING_CONSENT=tap nobody is written to without the tap."""
    return ports.rules.consent != "tap" or bool(person.consent)


def differs(before: FactCheck | None, now: FactCheck) -> bool:
    """Is what they were told wrong now? A better wording elsewhere is no correction."""
    if before is None:
        return True
    return _heard(before) != _heard(now)


def _heard(fact: FactCheck) -> tuple[object, ...]:
    if fact.state is not State.PUBLISHED:
        return (State.RETRACTED,)
    return (fact.verdict, " ".join(fact_text(fact).split()))


def in_place(person: Person, message: Outgoing) -> Outgoing:
    """In a group without what one presses for oneself."""
    return replace(message, buttons=()) if person.state.get("group") else message


def correction(
    to: Voice,
    fact: FactCheck,
    now: FactCheck,
    before: FactCheck | None,
    told: Told | None,
    reason: str,
) -> Outgoing:
    """The correction of what was said of `fact`; `now` is what holds (another one after a
    merge), `before` what they were told, where that is known."""
    holds = now.state is State.PUBLISHED
    body = _changed(to, before, now) if holds else _withdrawn(to, now, before)
    parts = (
        Block(_heading(to, fact, told), Style.STRONG),
        *blocks(body, fact_line(to, now) if holds else ""),
        Block(_why(to, fact, reason), shorten=True),
        *blocks(to.say("correction.pass_on" if holds else "correction.again")),
        Block(link_line(to, now)),
    )
    buttons = [_buttons(to, now)] if holds else []
    return replace(
        send(to, parts, buttons, fact=now),
        broadcast=True,
        template=TEMPLATE,
        template_values=(str(fact.number),),
        template_language=to.language,
    )


def _buttons(to: Voice, fact: FactCheck) -> list[Button]:
    return [
        button(to, "forward_correction", "fwd", str(fact.number)),
        button(to, "evidence", "src", str(fact.number)),
    ]


def _heading(to: Voice, fact: FactCheck, told: Told | None) -> str:
    if told is None:
        return to.say("correction.heading_undated", number=fact.number)
    day = texts.day(to.language, texts.local(told.at, to.rules.timezone).date())
    return to.say("correction.heading", number=fact.number, date=day)


def _changed(to: Voice, before: FactCheck | None, now: FactCheck) -> str:
    word = icon_word(to, now)[1]
    if before is None:
        return to.say("correction.now", now=word)
    if before.state is not State.PUBLISHED:
        return to.say("correction.back", now=word)
    if before.verdict is now.verdict:
        return to.say("correction.same", now=word)
    return to.say("correction.changed", before=icon_word(to, before)[1], now=word)


def _withdrawn(to: Voice, now: FactCheck, before: FactCheck | None) -> str:
    key = "outdated" if now.outdated else "withdrawn"
    return to.say(f"correction.{key}", word=icon_word(to, before or now)[1])


def _why(to: Voice, fact: FactCheck, reason: str) -> str:
    """Why it changed; who made the mistake is said first when it was us."""
    why = shown(public_reason(reason), WHY_LIMIT)
    if fact.our_mistake:
        return to.say("correction.ours", reason=why)
    return to.say("correction.why", reason=why) if why else ""


def tell_current(ports: Ports, person_id: str, number: int, version: int) -> Outgoing | None:
    """A correction that was itself overtaken before it went out: what holds now. None when
    they were written a newer one meanwhile, or said stop."""
    person, fact = ports.people.get(person_id), ports.facts.get(number)
    if person is None or fact is None or not wanted(ports, person):
        return None
    if newer(ports, person_id, number, version):
        return None
    reason = next((v.reason for v in ports.facts.history(number)), "")
    now = told_now(ports, person, fact)
    return in_place(person, correction(voice_of(ports, person), fact, now, None, None, reason))


def told_now(ports: Ports, person: Person, fact: FactCheck, submission: str = "") -> FactCheck:
    """Note that they hear how this fact-check stands, and what took its place, which is given."""
    now = holding(ports.facts, fact.number) or fact
    for each in {fact.number: fact, now.number: now}.values():
        ports.people.tell(Told(person.id, each.number, each.version, ports.now, submission))
    return now


def heard(ports: Ports, person: Person, number: int, version: int) -> bool:
    """Do they hear something newer than this version anyway? A correction that waits does not go
    out to somebody who said stop; what they had asked is still answered."""
    return person.notify and newer(ports, person.id, number, version)


def newer(ports: Ports, person_id: str, number: int, version: int) -> bool:
    """Was something newer than this version written to them already?"""
    told = (t.version for t in ports.people.told(person_id) if t.fact_number == number)
    return version > 0 and max(told, default=0) > version
