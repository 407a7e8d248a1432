"""A wording that somebody taught wrongly was taken back: who was answered through it hears so, and
their message is answered anew or waits for a person."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from handlers import texts
from handlers.corrections import TEMPLATE, in_place, wanted
from handlers.matched import Reading, how_to_speak, part_of, published, read
from handlers.messages import Act, Address, Block, Incoming, Outgoing
from handlers.ports import Call, Found, Ports
from handlers.queueing import (
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
COUNTED = 1_000  # messages that are looked at in one go, to count people
SHARED = 0.5  # of the words of the shorter text: what less of is not the same wording


def announce(
    ports: Ports,
    taken: Iterable[tuple[int, str]],
    since: datetime,
    due: datetime | None = None,
) -> None:
    """Have those told, at once or when it is `due`, who were answered since then through one of
    these wordings: (number, text). Not of a fact-check that was withdrawn: who heard that one is
    corrected anyway."""
    for number, said in by_number(taken).items():
        if published(ports.facts, number) is not None:
            go_on(ports, number, said, since.isoformat(), "", due)


def by_number(wordings: Iterable[tuple[int, str]]) -> Mapping[int, Sequence[str]]:
    """The wordings (number, text) of each fact-check."""
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number, text in wordings:
        found[number].append(text)
    return found


def go_on(
    ports: Ports,
    number: int,
    wordings: Sequence[str],
    since: str,
    after: str,
    due: datetime | None = None,
) -> None:
    """The page of messages after this one."""
    payload = {"number": number, "wordings": list(wordings), "since": since, "after": after}
    key = f"{TASK}:{number}:{sha256(repr(wordings).encode()).hexdigest()[:16]}"
    key = f"{key}:{ports.now.isoformat()}:{after}"
    ports.jobs.enqueue(TASK, payload, dedupe_key=key, due=due or ports.now)


def answered(
    ports: Ports, number: int, wordings: Sequence[str], since: str, after: str
) -> tuple[tuple[Submission, ...], str]:
    """One page of the messages that may have been answered through these wordings, and where the
    next page begins; empty after the last. Nothing of a fact-check that was withdrawn: those
    people hear that anyway. Nothing of a wording that was put back."""
    fact = published(ports.facts, number)
    gone = [each for each in wordings if fact and each not in fact.variants]
    if not gone:
        return (), ""
    page = ports.people.answered_with(number, datetime.fromisoformat(since), after, PAGE)
    ids = (told.submission for told, text in page if any(_alike(text, each) for each in gone))
    found = tuple(filter(None, map(ports.questions.submission, ids)))
    return found, page[-1][0].submission if len(page) == PAGE else ""


def people_answered(
    ports: Ports, number: int, wordings: Sequence[str], since: datetime
) -> set[str]:
    """Who was told this fact-check since then about a message that is like one of these."""
    people, after = set[str](), ""
    while page := ports.people.answered_with(number, since, after, COUNTED):
        people |= {told.person for told, text in page if any(_alike(text, one) for one in wordings)}
        after = page[-1][0].submission
    return people


def _alike(text: str, wording: str) -> bool:
    one, other = (set(re.findall(r"\w+", each.casefold())) for each in (text, wording))
    return len(one & other) >= SHARED * min(len(one), len(other)) > 0


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim of the message, in its words, and how it reads now."""

    words: str
    part: Part | Result
    reading: Reading

    @property
    def answer(self) -> FactCheck | None:
        """What would be answered to it now."""
        best = self.reading.best if self.reading.decision is Decision.ANSWER else None
        return best.fact if best else None


def tell(ports: Ports, number: int, id: str, found: Found) -> list[Outgoing]:
    """What we said of this message, told to whoever sent it: it was about something else. Nothing
    to who chose or refused that fact-check themselves, where it is found without the wording too,
    or, of a single claim, where what is found now says the same. `found` is what the search says
    now."""
    submission = ports.questions.submission(id, hold=True)
    person = ports.people.get(submission.person) if submission else None
    was = published(ports.facts, number)
    if submission is None or person is None or was is None or not wanted(ports, person):
        return []
    claims = _claims(ports, submission, found.result)
    told = _told(ports, submission, number, claims)
    if told is None:
        return []
    again = Incoming(Address(person.channel, "", ""), Act.MESSAGE, ports.now, submission.ref)
    said = _anew(Call(again, person, ports, found, submission.id), submission, was, claims)
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


def _claims(ports: Ports, submission: Submission, found: Result) -> list[_Claim]:
    """Each claim of a message of several; of a single one the message, and what may be in it."""
    text, many = submission.text, several(found.parts)
    whole = [] if many else [_Claim(text, found, read(ports.facts, found))]
    parts = [
        _Claim(text[part.start : part.end], part, read(ports.facts, part)) for part in found.parts
    ]
    return [*whole, *parts]


def _told(
    ports: Ports, submission: Submission, number: int, claims: Sequence[_Claim]
) -> Told | None:
    """When this message was answered with that fact-check, unless they saw to it or were told
    another one about it later; what answers a claim beside it stands."""
    about = ports.people.told_of(submission.id)
    told = next((one for one in about if one.fact_number == number), None)
    if told is None or number in submission.offered:
        return None
    if submission.fact_number == number:
        return told
    beside = {claim.answer.number for claim in claims if claim.answer} if _many(claims) else set()
    later = (one for one in about if one.at > told.at and one.fact_number not in beside)
    return None if any(later) else told


def _many(claims: Sequence[_Claim]) -> bool:
    """Is each of them a part of the message?"""
    return isinstance(claims[0].part, Part)


def _anew(
    call: Call, submission: Submission, was: FactCheck, claims: Sequence[_Claim]
) -> list[Outgoing]:
    """The message as if it came now; nothing where what was said holds, or, of a single claim,
    where what holds says the same."""
    now = [claim.answer for claim in claims if claim.answer]
    if any(fact.number == was.number for fact in now):
        return []
    if not _many(claims) and any(fact.verdict is was.verdict for fact in now):
        return []
    if now and not _many(claims):
        return _answer(call, submission, now[0])
    if now and waiting_on(call, submission) is None:
        return _parts(call, submission, was.number, claims)
    return _wait(call, submission, was.number)


def _parts(
    call: Call, submission: Submission, number: int, claims: Sequence[_Claim]
) -> list[Outgoing]:
    """Of several claims those that nothing they were told answers: what is known of each, and a
    place in the queue for the rest."""
    to, known = voice(call), _heard(call.ports, submission, number)
    left, facts, said = list[tuple[Part | Result, str]](), list[FactCheck](), list[Block]()
    for position, claim in enumerate(claims, start=1):
        if claim.answer and claim.answer.number in known:
            continue
        reading = claim.reading
        if claim.answer:
            facts.append(claim.answer)
        else:  # what is only near may be what we just took back
            reading = replace(reading, decision=Decision.ASK_HUMAN)
            left.append((claim.part, claim.words))
        said += part_blocks(to, position, claim.words, reading)
    first = next(claim.answer for claim in claims if claim.answer)
    answered = _note_answers(call, submission, first, facts, (number,))
    whole = replace(answered, id=whole_id(submission.id), fact_number=None)
    code = queue_rest(call, whole, left)
    tail = rest_promise(call, to.say("waiting.rest"), code) if code else ()
    rest = replace(whole, id=rest_id(whole.id))
    buttons = waiting_buttons(call, rest) if code else []
    said += blocks(to.say("answer.only_text") if submission.media else "", *tail)
    reply = send(to, tuple(said), buttons, quote=submission.ref)
    return [with_verdicts(reply, facts)]


def _heard(ports: Ports, submission: Submission, number: int) -> set[int]:
    """The other fact-checks they were told about this message."""
    told = (ports.people.told_of(each) for each in (submission.id, rest_id(submission.id)))
    return {one.fact_number for about in told for one in about} - {number}


def _note_answers(
    call: Call,
    submission: Submission,
    first: FactCheck,
    facts: Sequence[FactCheck],
    not_these: tuple[int, ...] = (),
) -> Submission:
    """Keep that the message is answered, the `first` claim by this, and that `facts` are told;
    those numbers answer none of it."""
    ports = call.ports
    fresh = replace(submission, outcome=Outcome.ANSWERED, fact_number=first.number, question="")
    kept = ports.questions.note(replace(fresh, offered=(*submission.offered, *not_these)))
    for fact in facts:
        ports.people.tell(
            Told(submission.person, fact.number, fact.version, ports.now, submission.id)
        )
    return kept


def _answer(call: Call, submission: Submission, fact: FactCheck) -> list[Outgoing]:
    """Another fact-check is what the message asks about."""
    _note_answers(call, submission, fact, [fact])
    spoken, part = how_to_speak(submission.text), part_of(submission.text, fact)
    media = bool(submission.media)
    about = About(submission.id, submission.ref, spoken, True, media=media, part=part)
    return [verdict(voice(call), fact, about)]


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
