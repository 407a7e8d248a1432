"""A wording that somebody taught wrongly was taken back: who was answered through it hears so, and
their message is answered anew or waits for a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from handlers import texts
from handlers.corrections import TEMPLATE, in_place, wanted
from handlers.matched import how_to_speak, published, read
from handlers.messages import Act, Address, Block, Incoming, Outgoing
from handlers.ports import Call, Found, Ports
from handlers.queueing import (
    ASKED,
    queue,
    queue_rest,
    receipt,
    rest_id,
    rest_promise,
    waiting_buttons,
    waiting_on,
    whole_id,
)
from handlers.replies import About, blocks, send, verdict, voice, voice_of, with_verdicts
from handlers.several import part_blocks, several
from knowledge_base.facts import FactCheck, Outcome, Submission, Told
from knowledge_base.search.findings import Decision, Part, Result

TASK = "tell_mistaken"
PAGE = 100
SHARED = 0.5  # of the words of the shorter text: what less of is not the same wording


def announce(ports: Ports, taken: Iterable[tuple[int, str]], since: datetime) -> None:
    """Have those told who were answered since then through one of these wordings: (number,
    text). Not of a fact-check that was withdrawn: who heard that one is corrected anyway."""
    wordings: defaultdict[int, list[str]] = defaultdict(list)
    for number, text in taken:
        wordings[number].append(text)
    for number, said in wordings.items():
        if published(ports.facts, number) is not None:
            go_on(ports, number, said, since.isoformat(), "")


def go_on(ports: Ports, number: int, wordings: Sequence[str], since: str, after: str) -> None:
    """The page of people after this one."""
    payload = {"number": number, "wordings": list(wordings), "since": since, "after": after}
    key = f"{TASK}:{number}:{ports.now.isoformat()}:{after}"
    ports.jobs.enqueue(TASK, payload, dedupe_key=key, due=ports.now)


def answered(
    ports: Ports, number: int, wordings: Sequence[str], since: str, after: str
) -> tuple[tuple[Submission, ...], str]:
    """One page of what may have been answered through these wordings, and where the next page
    begins; empty after the last. Nothing of a fact-check that was withdrawn: those people hear
    that anyway."""
    if published(ports.facts, number) is None:
        return (), ""
    page = ports.people.told_about(number, after, PAGE)
    begun = datetime.fromisoformat(since)
    asked = [one for told in page if told.at >= begun for one in _asked(ports, told, begun)]
    found = tuple(one for one in asked if any(_alike(one.text, each) for each in wordings))
    return found, page[-1].person if len(page) == PAGE else ""


def _asked(ports: Ports, told: Told, begun: datetime) -> list[Submission]:
    """What they were told that fact-check about. The ledger names only the newest message of each
    person; others since then say themselves what answered them."""
    newest = ports.questions.submission(told.submission) if told.submission else None
    recent = ports.questions.of_person(told.person, ASKED)
    others = [one for one in recent if one.at >= begun and one.fact_number == told.fact_number]
    return [*([newest] if newest else []), *(one for one in others if one.id != told.submission)]


def _alike(text: str, wording: str) -> bool:
    one, other = (set(re.findall(r"\w+", each.casefold())) for each in (text, wording))
    return len(one & other) >= SHARED * min(len(one), len(other)) > 0


def tell(ports: Ports, number: int, id: str, found: Found) -> list[Outgoing]:
    """What we said of this message, told to whoever sent it: it was about something else. Nothing
    to who chose or refused that fact-check themselves, where it is found without the wording too,
    or, of a single claim, where what is found now says the same. `found` is what the search says
    now."""
    submission = ports.questions.submission(id)
    person = ports.people.get(submission.person) if submission else None
    told = _told(ports, submission, number, found)
    if submission is None or person is None or told is None or not wanted(ports, person):
        return []
    was = published(ports.facts, number)
    if was is None:
        return []
    again = Incoming(Address(person.channel, "", ""), Act.MESSAGE, ports.now, submission.ref)
    said = _anew(Call(again, person, ports, found, submission.id), submission, was, found.result)
    to = voice_of(ports, person)
    day = texts.day(to.language, texts.local(told.at, ports.rules.timezone).date())
    lead = blocks(to.say("correction.mistaken", number=number, date=day))
    return [
        replace(
            in_place(person, message),
            blocks=(*lead, *message.blocks),
            broadcast=True,
            template=TEMPLATE,
            template_values=(str(number),),
            template_language=to.language,
            key=f"{TASK}:{number}:{submission.id}",
        )
        for message in said
    ]


def _told(ports: Ports, submission: Submission | None, number: int, found: Found) -> Told | None:
    """When they were told that fact-check about this very message, unless they saw to it or were
    told another one about it later; what answers a part of it stands beside."""
    if submission is None or number in submission.offered:
        return None
    known = ports.people.told(submission.person)
    told = next((one for one in known if one.fact_number == number), None)
    stands = submission.fact_number == number
    if told is None or told.submission == submission.id:
        parts = found.result.parts if several(found.result.parts) else ()
        beside = {fact.number for fact in _answers(ports, parts)}
        about = (t for t in known if t.submission == submission.id and t.fact_number not in beside)
        later = told and any(one.at > told.at for one in about)
        return told if stands or not later else None
    return replace(told, at=submission.at) if stands else None


def _answers(ports: Ports, claims: Sequence[Result | Part]) -> list[FactCheck]:
    """What would be answered to these now."""
    readings = [read(ports.facts, each) for each in claims]
    return [r.best.fact for r in readings if r.best and r.decision is Decision.ANSWER]


def _anew(call: Call, submission: Submission, was: FactCheck, found: Result) -> list[Outgoing]:
    """The message as if it came now; nothing where what was said holds, or, of a single claim,
    where what holds says the same."""
    if several(found.parts):
        now = _answers(call.ports, found.parts)
        if any(fact.number == was.number for fact in now):
            return []
        if now and waiting_on(call, submission) is None:
            return _parts(call, submission, was.number, found.parts)
        return _wait(call, submission, was.number)
    now = _answers(call.ports, (found, *found.parts))
    if any(fact.verdict is was.verdict or fact.number == was.number for fact in now):
        return []
    return _answer(call, submission, now[0]) if now else _wait(call, submission, was.number)


def _parts(
    call: Call, submission: Submission, number: int, parts: Sequence[Part]
) -> list[Outgoing]:
    """Of several claims those that nothing they were told answers: what is known of each, and a
    place in the queue for the rest."""
    to, known = voice(call), _heard(call.ports, submission, number)
    left, facts, said = list[tuple[Part | Result, str]](), list[FactCheck](), list[Block]()
    for position, part in enumerate(parts, start=1):
        now, words = _answers(call.ports, [part]), submission.text[part.start : part.end]
        if now and now[0].number in known:
            continue
        reading = read(call.ports.facts, part)
        if not now:  # what is only near may be what we just took back
            reading = replace(reading, decision=Decision.ASK_HUMAN)
        said += part_blocks(to, position, words, reading)
        facts += now
        left += [] if now else [(part, words)]
    answered = _note_parts(call, submission, number, parts, facts)
    whole = replace(answered, id=whole_id(submission.id), fact_number=None)
    code = queue_rest(call, whole, left)
    tail = rest_promise(call, to.say("waiting.rest"), code) if code else ()
    rest = replace(whole, id=rest_id(whole.id))
    buttons = waiting_buttons(call, rest) if code else []
    reply = send(to, (*said, *blocks(*tail)), buttons, quote=submission.ref)
    return [with_verdicts(reply, facts)]


def _heard(ports: Ports, submission: Submission, number: int) -> set[int]:
    """The other fact-checks they were told about this message."""
    about = {submission.id, rest_id(submission.id)}
    known = ports.people.told(submission.person)
    told = {one.fact_number for one in known if one.submission in about}
    return (told | {submission.fact_number or number}) - {number}


def _note_parts(
    call: Call,
    submission: Submission,
    number: int,
    parts: Sequence[Part],
    facts: Sequence[FactCheck],
) -> Submission:
    """Keep what answers the message now, and that `facts` are told; that number answers none."""
    ports, first = call.ports, _answers(call.ports, parts)[0]
    for fact in facts:
        ports.people.tell(
            Told(submission.person, fact.number, fact.version, ports.now, submission.id)
        )
    fresh = replace(submission, outcome=Outcome.ANSWERED, fact_number=first.number, question="")
    return ports.questions.note(replace(fresh, offered=(*submission.offered, number)))


def _answer(call: Call, submission: Submission, fact: FactCheck) -> list[Outgoing]:
    """Another fact-check is what the message asks about."""
    ports = call.ports
    ports.questions.note(
        replace(submission, outcome=Outcome.ANSWERED, fact_number=fact.number, question="")
    )
    ports.people.tell(Told(submission.person, fact.number, fact.version, ports.now, submission.id))
    spoken = how_to_speak(submission.text)
    return [verdict(voice(call), fact, About(submission.id, submission.ref, spoken, True))]


def _wait(call: Call, submission: Submission, number: int) -> list[Outgoing]:
    """A place in the queue, or the one it has again; that fact-check does not answer it."""
    question = waiting_on(call, submission)
    fresh = replace(
        submission,
        outcome=Outcome.QUEUED,
        at=call.ports.now,
        fact_number=None,
        offered=(*submission.offered, number),
        question=question.code if question else "",
    )
    if question is None:
        matches = call.found.result.matches if call.found else ()
        return queue(call, fresh, matches)
    call.ports.questions.note(fresh)
    return receipt(call, fresh, question)
