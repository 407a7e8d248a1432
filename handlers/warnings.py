"""Warnings in a group that nobody asked for: off until an admin of the group switches them on.

Spoken only where the match is beyond doubt and the verdict serious, once for each fact-check
and day, at most three times a day, and never to say that something is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from handlers import groups
from handlers.matched import read
from handlers.messages import Outgoing
from handlers.ports import Call
from handlers.reading import own_reply, text_to_check
from handlers.replies import blocks, send, voice
from knowledge_base.facts import FactCheck, Person, Verdict
from knowledge_base.search.findings import Decision, Stance

A_DAY = 3
CERTAIN = 0.95  # confidence; an exact repeat has 1
SERIOUS = frozenset({Verdict.FALSE, Verdict.SCAM, Verdict.MISLEADING})


def switched_on(group: Person) -> bool:
    """Did an admin of this group ask for warnings?"""
    return bool(group.state.get("warnings"))


def switch(call: Call) -> list[Outgoing]:
    """/otomatis in a group: an admin switches warnings on, or off again."""
    if not groups.served(call):
        return []
    to, quote = voice(call), call.message.ref
    if not call.message.by_admin:
        return [send(to, blocks(to.say("group.admin_only")), quote=quote)]
    on = not switched_on(call.person)
    state = {**call.person.state, "warnings": on}
    call.ports.people.save(replace(call.person, state=state))
    key = "warnings_on" if on else "warnings_off"
    return [send(to, blocks(to.say(f"group.{key}")), quote=quote)]


def warn(call: Call) -> list[Outgoing]:
    """A message of a group that nobody asked about: silence, or one warning under it."""
    if not switched_on(call.person) or not groups.served(call):
        return []
    fact = _certain(call)
    if fact is None or not _may_speak(call, fact.number):
        return []
    groups.note(call, fact)
    alone = replace(call, message=replace(call.message, reply_to=""))
    return [groups.three_lines(alone, voice(call), fact, Stance.CLAIM)]


def _certain(call: Call) -> FactCheck | None:
    """The serious verdict on exactly this message, if there is one beyond doubt."""
    if call.found is None or own_reply(text_to_check(call.message), call.ports.rules.public_url):
        return None
    result = call.found.result
    reading = read(call.ports.facts, result)
    sure = reading.decision is Decision.ANSWER and reading.stance is Stance.CLAIM
    if not sure or result.parts or result.confidence < CERTAIN or reading.best is None:
        return None
    fact = reading.best.fact
    return fact if fact.verdict in SERIOUS else None


def _may_speak(call: Call, number: int) -> bool:
    """Not yet about this today, and not too often; remembers that we speak now."""
    zone = ZoneInfo(call.ports.rules.timezone)
    today = f"{call.ports.now.astimezone(zone):%Y-%m-%d}"
    warned = call.person.state.get("warned")
    told = warned.get(today) if isinstance(warned, Mapping) else None
    numbers = list(told) if isinstance(told, list) else []
    if number in numbers or len(numbers) >= A_DAY:
        return False
    state = {**call.person.state, "warned": {today: [*numbers, number]}}
    call.ports.people.save(replace(call.person, state=state))
    return True
