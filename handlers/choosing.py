"""Close, but not sure: offer choices, take the choice, or say what differs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import replies
from handlers.answering import note_answer, number_in, show_number
from handlers.dialogue import moved_on
from handlers.matched import (
    OFFERED,
    Known,
    Reading,
    hearings,
    holding,
    how_to_speak,
    near,
    part_of,
    published,
    read,
    remember,
)
from handlers.messages import Act, Address, Incoming, Outgoing
from handlers.ports import Call, Found, Ports
from handlers.queueing import (
    REMATCH,
    differs,
    outdated,
    own,
    pressed,
    queue,
    receipt,
    still_waiting,
    take_place,
    waiting_on,
)
from handlers.replies import About, toast, verdict, voice
from knowledge_base.facts import FactCheck, Outcome, Question, QuestionState, Submission
from knowledge_base.search.findings import Decision, Difference, Stance

NO_CHOICE = "no_choice"  # the job that looks after those who did not choose
PATIENCE = timedelta(hours=1)


def unsure(call: Call, submission: Submission, reading: Reading, best: Known) -> list[Outgoing]:
    """Near, or a guard objects: at most three choices, or what differs and a place taken."""
    matches = call.found.result.matches if call.found else ()
    conflict = _contradiction(reading) or best.match.why.differ
    if conflict:
        return differs(call, submission, best.fact, conflict, matches)
    offered = [each.fact for each in near(reading.known)]
    numbers = tuple(fact.number for fact in offered)
    asked = replace(submission, outcome=Outcome.SUGGESTED, offered=numbers)
    call.ports.questions.note(asked)
    _come_back(call.ports, asked)
    return [_offer(call, asked, offered)]


def _offer(call: Call, submission: Submission, facts: Sequence[FactCheck]) -> Outgoing:
    message, menu = replies.choices(voice(call), facts, submission)
    remember(call.ports.people, call.person.id, menu=menu)
    return message


def offer_again(call: Call, submission: Submission) -> Outgoing | None:
    """The choices once more, to be tapped or typed as before; None when this submission waits
    for no choice."""
    if submission.outcome is not Outcome.SUGGESTED:
        return None
    found = [holding(call.ports.facts, number) for number in submission.offered]
    facts = list({fact.number: fact for fact in found if fact is not None}.values())
    return _offer(call, submission, facts) if facts else None


def _come_back(ports: Ports, submission: Submission) -> None:
    """Whoever does not choose is not left there: a person looks after a while."""
    at = submission.at.isoformat()
    key, due = f"{NO_CHOICE}:{submission.id}:{at}", submission.at + PATIENCE
    ports.jobs.enqueue(NO_CHOICE, {"id": submission.id, "at": at}, dedupe_key=key, due=due)


def waits_for_choice(ports: Ports, id: str, at: str, *, hold: bool = False) -> Submission | None:
    """The submission, if it still waits for the choice it was offered then."""
    submission = ports.questions.submission(id, hold=hold)
    waits = submission is not None and submission.outcome is Outcome.SUGGESTED
    return submission if submission and waits and submission.at.isoformat() == at else None


def nobody_chose(ports: Ports, id: str, at: str, found: Found) -> list[Outgoing]:
    """Nothing was chosen for a while: the verdict, where this very message was checked meanwhile,
    else a place in the queue and a word to the person. The choice can still be made."""
    waiting = _still_undecided(ports, id, at, found)
    if waiting is None:
        return []
    call, fresh = waiting
    reading = read(ports.facts, found.result)
    if reading.decision is Decision.ANSWER and reading.best and not found.result.parts:
        return [_checked_meanwhile(call, fresh, reading.best.fact, reading.stance)]
    lead = voice(call).say("choose.nobody_chose")
    return queue(call, fresh, found.result.matches, lead)


def hear_soon(ports: Ports, submission: Submission, question: Question) -> None:
    """The same words were just answered for others: whoever waits for a choice of theirs need not
    wait for the hour."""
    at, code = submission.at.isoformat(), question.code
    key = f"{NO_CHOICE}:{submission.id}:{at}:{code}:{question.version}"
    payload = {"id": submission.id, "at": at, "code": code}
    ports.jobs.enqueue(NO_CHOICE, payload, dedupe_key=key, due=ports.now)


def answered_for_others(ports: Ports, id: str, at: str, code: str) -> list[Outgoing]:
    """Nothing was chosen yet, and this question in the very words is answered: its verdict."""
    question = ports.questions.get(code)
    if question is None or question.state is not QuestionState.ANSWERED:
        return []
    fact = holding(ports.facts, question.fact_number or 0)
    waiting = _still_undecided(ports, id, at) if fact else None
    if fact is None or waiting is None:
        return []
    call, fresh = waiting
    # told since they sent this, as askers of the same for example
    if any(told.at >= fresh.at for told in hearings(ports.people, fresh.person, fact)):
        note_answer(call, fresh, fact)
        return []
    message = _checked_meanwhile(call, fresh, fact, how_to_speak(fresh.text))
    return [replace(message, broadcast=True, key=told_once(question, fact, fresh.person))]


def told_once(question: Question, fact: FactCheck, person: str) -> str:
    """The key under which one person is told once what answers a question."""
    return f"tell:{question.code}:{question.version}:{fact.number}:{fact.version}:{person}"


def _still_undecided(
    ports: Ports, id: str, at: str, found: Found | None = None
) -> tuple[Call, Submission] | None:
    """The message as if it came now, if it still waits for the choice that was offered then."""
    submission = waits_for_choice(ports, id, at, hold=True)
    person = ports.people.get(submission.person) if submission else None
    if submission is None or person is None:
        return None
    again = Incoming(Address(person.channel, "", ""), Act.MESSAGE, ports.now, submission.ref)
    fresh = replace(submission, offered=())  # what was not looked at was not refused
    return moved_on(Call(again, person, ports, found, submission.id)), fresh


def _checked_meanwhile(
    call: Call, submission: Submission, fact: FactCheck, stance: Stance
) -> Outgoing:
    note_answer(call, submission, fact)
    to = voice(call)
    about = About(
        submission=submission.id,
        quote=submission.ref,
        stance=stance,
        automatic=True,
        media=bool(submission.media),
        lead=to.say("choose.meanwhile"),
        part=part_of(submission.text, fact),
    )
    return verdict(to, fact, about)


def _contradiction(reading: Reading) -> tuple[Difference, ...]:
    """A message that refutes what was checked and holds."""
    best = reading.best
    if best is None or reading.stance is not Stance.DEBUNK or replies.refutes(best.fact):
        return ()
    return (Difference("polarity", "", ""),)


def pick(call: Call) -> list[Outgoing]:
    """One of the choices: its verdict, remembered as evidence. Where the words are others by now
    it is shown, but says nothing about them."""
    _, submission_id, arg = pressed(call.message.button)
    submission, number = own(call, submission_id), number_in(arg.partition(".")[0])
    fact = published(call.ports.facts, number)
    if submission is None:
        return outdated(call)
    if fact is None or _of_other_words(arg, number, submission):
        return [*toast(call), *show_number(call, number)]
    if submission.fact_number != fact.number:
        _learn(call, submission, fact.number, right=True)
        note_answer(call, submission, fact)
    return [*toast(call), _shown(call, submission, fact)]


def _of_other_words(arg: str, number: int, submission: Submission) -> bool:
    """Was this offered for what the message said before it was edited, and not since?"""
    offered = submission.outcome is Outcome.SUGGESTED and number in submission.offered
    return "." in arg and arg != replies.listing([number], submission) and not offered


def _shown(call: Call, submission: Submission, fact: FactCheck) -> Outgoing:
    spoken, media = how_to_speak(submission.text), bool(submission.media)
    part = part_of(submission.text, fact)
    about = About(submission.id, submission.ref, spoken, media=media, part=part)
    return verdict(voice(call), fact, about)


def _learn(call: Call, submission: Submission, number: int, *, right: bool) -> None:
    evidence = call.ports.evidence
    if call.ports.facts.get(number) is not None:
        evidence.add(submission.text, number, right=right, by="asker", lang=submission.lang)


def none_of_these(call: Call) -> list[Outgoing]:
    """None of the choices: each is evidence against, and the message goes to the queue; where it
    has been answered with another one since, that verdict once more."""
    _, submission_id, arg = pressed(call.message.button)
    submission = own(call, submission_id)
    if submission is None:
        return outdated(call)
    listed = _listed(arg, submission)
    if arg and not listed and (again := offer_again(call, submission)):
        return [*toast(call), again]  # what is listed for the new words was not looked at
    if listed and submission.outcome is Outcome.SUGGESTED:
        submission = replace(submission, offered=())  # a newer list was not looked at
    listed = listed or submission.offered
    fact = holding(call.ports.facts, submission.fact_number or 0)
    answered = fact is not None and fact.number not in listed
    if answered or waiting_on(call, submission):
        _refused_late(call, submission, listed)
    if fact is not None and answered:
        return [*toast(call), _shown(call, submission, fact)]
    return [*toast(call), *_refused(call, submission, listed)]


def _listed(arg: str, submission: Submission) -> tuple[int, ...]:
    """The numbers a "none of these" stands below; none where the words are others by now."""
    numbers = tuple(filter(None, map(number_in, arg.partition(".")[0].split(",")[:OFFERED])))
    return numbers if arg and arg == replies.listing(numbers, submission) else ()


def _refused_late(call: Call, submission: Submission, listed: tuple[int, ...]) -> None:
    """Only looked at after somebody else saw to the message: evidence all the same, once."""
    late = tuple(number for number in listed if number not in submission.offered)
    for number in late:
        _learn(call, submission, number, right=False)
    if late:
        seen = (*submission.offered, *late)
        call.ports.questions.note(replace(submission, offered=seen))


def not_this(call: Call) -> list[Outgoing]:
    """The verdict was about something else: evidence against it, then the queue; where something
    else was said of the message since, that once more."""
    _, submission_id, arg = pressed(call.message.button)
    submission, number = own(call, submission_id), number_in(arg)
    if submission is None:
        return outdated(call)
    if since := _said_since(call, submission, number):
        return [*toast(call), since]
    return [*toast(call), *_refused(call, submission, (number,))]


def _said_since(call: Call, submission: Submission, number: int) -> Outgoing | None:
    """The choice or the verdict that this message got after that one, as when it was edited: who
    refuses the old one has not refused this."""
    if submission.outcome is Outcome.SUGGESTED:
        return None if number in submission.offered else offer_again(call, submission)
    facts = call.ports.facts
    fact, refused = holding(facts, submission.fact_number or 0), holding(facts, number)
    if fact is None or fact.number == number or fact == refused:
        return None
    return _shown(call, submission, fact)


def _refused(call: Call, submission: Submission, numbers: tuple[int, ...]) -> list[Outgoing]:
    if question := waiting_on(call, submission):
        return still_waiting(call, submission, question)
    for number in numbers:
        _learn(call, submission, number, right=False)
    seen = tuple(dict.fromkeys((*submission.offered, *numbers)))
    fresh = replace(submission, question="", fact_number=None, offered=seen)
    question = take_place(call, fresh)
    _look_again(call.ports, question.code, submission.at)
    return receipt(call, fresh, question, voice(call).say("waiting.not_this"))


def _look_again(ports: Ports, code: str, since: datetime) -> None:
    """What was sent may itself have been checked since: then nobody has to do it again."""
    payload, key = {"code": code, "since": since.isoformat()}, f"{REMATCH}:asked:{code}"
    ports.jobs.enqueue(REMATCH, payload, dedupe_key=key, due=ports.now)


def see_old(call: Call) -> list[Outgoing]:
    """The similar check that may not apply, clearly marked as the old one."""
    _, submission_id, arg = pressed(call.message.button)
    if own(call, submission_id) is None:
        return outdated(call)
    lead = voice(call).say("differs.old")
    return [*toast(call), *show_number(call, number_in(arg), lead)]
