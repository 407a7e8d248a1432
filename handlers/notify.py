"""Who is told what after a question was answered or closed: one page of messages at a time."""

from __future__ import annotations

from dataclasses import replace

from handlers import choosing, corrections, replies
from handlers.masking import mask
from handlers.matched import hearings, holding, how_to_speak, part_of
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Ports
from handlers.queueing import REMATCH
from handlers.replies import About, Voice, blocks, send, voice_of
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    FactCheck,
    Outcome,
    Person,
    Question,
    QuestionState,
    State,
    Submission,
    Told,
)
from knowledge_base.search.findings import Stance

PAGE = 100
TASK = "tell_askers"
UNDECIDED = "tell_undecided"
MATCHER = "matcher"  # who settles open questions that a new fact-check answers beyond doubt
ANSWERED, REJECTED = "result", "rejected"  # templates, where free text is not allowed any more


def tell_askers(ports: Ports, code: str, after: str = "", version: int = 0) -> list[Outgoing]:
    """One page of askers of this question, each told once, in their own chat and language.

    Runs in its own transaction and enqueues the next page in it. Nothing is said while the
    question is open (an undo), or was closed again since `version`: that has its own time for
    undo. Where the fact-check was withdrawn meanwhile, the question waits for an answer again.
    """
    question = ports.questions.get(code)
    if question is None or question.state not in (QuestionState.ANSWERED, QuestionState.REJECTED):
        return []
    if version and version != question.version:
        return []
    page = ports.questions.askers(question.code, after, PAGE, hold=True)
    fact = holding(ports.facts, question.fact_number or 0)
    if question.state is QuestionState.ANSWERED and fact is None:
        if page:
            _wait_again(ports, question)
        return []
    if not after:  # nobody can take it back any more and go on writing
        ports.desk.drop_drafts(question.code)
        _teach(ports, question, fact)
        tell_undecided(ports, question.code, question.version)
    told: set[str] = set()
    out = [
        message for submission in page for message in _tell(ports, question, fact, submission, told)
    ]
    if len(page) == PAGE:
        _next_page(ports, question, page[-1].id)
    return out


def _teach(ports: Ports, question: Question, fact: FactCheck | None) -> None:
    """What a person called the same as a known fact-check is a wording of it from now on. Whoever
    sent the same in the time for undo took a place in the queue, and is answered now."""
    own = fact is not None and fact.identity == f"saring-{question.code.lower()}"
    if fact is None or own or question.answered_by == MATCHER:
        return
    for wording in question.wordings:
        ports.facts.add_variant(fact.number, mask(wording), question.answered_by)
    since = (question.closed_at or ports.now).isoformat()
    payload, key = {"number": fact.number, "since": since}, f"{REMATCH}:{question.code}"
    ports.jobs.enqueue(REMATCH, payload, dedupe_key=key, due=ports.now)


def tell_undecided(ports: Ports, code: str, version: int, after: str = "") -> None:
    """Who sent the same words and was offered a choice instead hears the answer, too: one page of
    them, and a job for the next."""
    question = ports.questions.get(code)
    if question is None or question.state is not QuestionState.ANSWERED:
        return
    if version != question.version:
        return
    code = question.code
    page = ports.questions.undecided(code, ports.now - choosing.PATIENCE, after, PAGE)
    for asked in page:
        person = ports.people.get(asked.person)
        if person is not None and corrections.agreed(ports, person):
            choosing.hear_soon(ports, asked, question)
    if len(page) == PAGE:
        payload = {"code": code, "version": version, "after": page[-1].id}
        key = f"{UNDECIDED}:{code}:{version}:{page[-1].id}"
        ports.jobs.enqueue(UNDECIDED, payload, dedupe_key=key)


def _wait_again(ports: Ports, question: Question) -> None:
    """The answer was withdrawn before everybody heard it: nobody is left without a word."""
    ports.questions.reopen(question.code, MATCHER, question.version)
    ports.audit.write(
        MATCHER, Deed.QUESTION_REOPEN, f"question/{question.code}", "answer withdrawn"
    )


def _next_page(ports: Ports, question: Question, after: str) -> None:
    key = f"tell:{question.code}:{question.version}:{after}"
    payload = {"code": question.code, "after": after, "version": question.version}
    ports.jobs.enqueue(TASK, payload, dedupe_key=key)


def _tell(
    ports: Ports,
    question: Question,
    fact: FactCheck | None,
    submission: Submission,
    told: set[str],
) -> list[Outgoing]:
    person = ports.people.get(submission.person)
    number = fact.number if fact else None
    outcome = Outcome.ANSWERED if fact else Outcome.REJECTED
    ports.questions.note(replace(submission, outcome=outcome, fact_number=number))
    if person is None or not corrections.agreed(ports, person):
        return []
    if person.id in told:  # one message answers all they asked about it
        if fact is not None:
            _note(ports, fact, submission)
        return []
    told.add(person.id)
    if fact is not None and knows(ports, person, fact, submission):
        return []
    if fact is None:
        return [_rejected(ports, question, submission, person)]
    _note(ports, fact, submission)
    return [_answered(ports, question, fact, submission, person)]


def _note(ports: Ports, fact: FactCheck, submission: Submission) -> None:
    told = Told(submission.person, fact.number, fact.version, ports.now, submission.id)
    ports.people.tell(told)


def knows(ports: Ports, person: Person, fact: FactCheck, submission: Submission) -> bool:
    """Was this version told to them already, on this very message, since they queued it?"""
    return any(
        told.submission == submission.id and told.at > submission.at
        for told in hearings(ports.people, person.id, fact)
    )


def result(
    to: Voice,
    fact: FactCheck,
    code: str,
    submission: str,
    quote: str,
    automatic: bool = False,
    stance: Stance = Stance.CLAIM,
    *,
    media: bool = False,
    part: str = "",
) -> Outgoing:
    """The result somebody waited for, as a reply to their own message; `media` came with it, and
    nobody has looked at that. `part` are the words it is about, where there are others."""
    about = About(submission, quote, stance, automatic, code, media, part=part)
    return replies.verdict(to, fact, about)


def _answered(
    ports: Ports, question: Question, fact: FactCheck, submission: Submission, person: Person
) -> Outgoing:
    to = voice_of(ports, person)
    matched = question.answered_by == MATCHER
    spoken = how_to_speak(submission.text)
    message = result(
        to, fact, question.code, submission.id, submission.ref, matched, spoken,
        media=bool(submission.media),
        part=part_of(submission.text, fact) if matched else "",  # a person has read all of it
    )  # fmt: skip
    return replace(
        message,
        broadcast=True,
        template=ANSWERED,
        template_values=(question.code,),
        template_language=to.language,
        key=choosing.told_once(question, fact, person.id),
    )


def _rejected(ports: Ports, question: Question, submission: Submission, person: Person) -> Outgoing:
    to = voice_of(ports, person)
    reason = replies.why_closed(to, question)
    words = to.say("waiting.rejected", code=question.code, reason=reason)
    parts = (Block(words, Style.PLAIN), *blocks(to.say("waiting.rejected_again")))
    return replace(
        send(to, parts, quote=submission.ref),
        broadcast=True,
        template=REJECTED,
        template_values=(question.code,),
        template_language=to.language,
        key=f"reject:{question.code}:{question.version}:{person.id}",
    )


def tell_current(
    ports: Ports,
    person_id: str,
    number: int,
    quote: str,
    version: int = 0,
    correction: bool = False,
) -> list[Outgoing]:
    """The verdict as it stands now, for somebody whose answer was overtaken by a change.

    `version` is the one that did not go out: who was written a newer one meanwhile hears
    nothing twice. `correction`: what did not go out was one itself.
    """
    if correction:
        said = corrections.tell_current(ports, person_id, number, version)
        return [said] if said else []
    person, fact = ports.people.get(person_id), ports.facts.get(number)
    if person is None or fact is None or corrections.heard(ports, person, number, version):
        return []
    to, now = voice_of(ports, person), corrections.told_now(ports, person, fact)
    if now.state is not State.PUBLISHED:
        gone = replies.line(to, "answer.gone", number=number, quote=quote)
        return [replace(gone, fact=(number, fact.version))]  # it may be back before this goes out
    return [replies.verdict(to, now, About(quote=quote, stance=Stance.QUESTION))]
