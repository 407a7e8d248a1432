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
from handlers.messages import Act, Address, Incoming, Outgoing
from handlers.ports import Call, Found, Ports
from handlers.queueing import ASKED, queue, receipt, waiting_on
from handlers.replies import About, blocks, verdict, voice
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
    or where what is found now says the same. `found` is what the search says now."""
    submission = ports.questions.submission(id)
    person = ports.people.get(submission.person) if submission else None
    told = _told(ports, submission, number)
    if submission is None or person is None or told is None or not wanted(ports, person):
        return []
    was, now = published(ports.facts, number), _found_now(ports, found)
    if was is None or any(fact.verdict is was.verdict or fact == was for fact in now):
        return []
    again = Incoming(Address(person.channel, "", ""), Act.MESSAGE, ports.now, submission.ref)
    call = Call(again, person, ports, found, submission.id)
    said = _answer(call, submission, now[0]) if now else _wait(call, submission, number)
    to = voice(call)
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


def _told(ports: Ports, submission: Submission | None, number: int) -> Told | None:
    """When they were told that fact-check about this very message, unless they saw to it or were
    told another one about it later."""
    if submission is None or number in submission.offered:
        return None
    known = ports.people.told(submission.person)
    told = next((one for one in known if one.fact_number == number), None)
    stands = submission.fact_number == number
    if told is None or told.submission == submission.id:
        later = told and any(t.submission == submission.id and t.at > told.at for t in known)
        return told if stands or not later else None
    return replace(told, at=submission.at) if stands else None


def _found_now(ports: Ports, found: Found) -> list[FactCheck]:
    """What would be answered now, to the message or a part of it."""
    parts: tuple[Result | Part, ...] = (found.result, *found.result.parts)
    readings = [read(ports.facts, each) for each in parts]
    return [r.best.fact for r in readings if r.best and r.decision is Decision.ANSWER]


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
