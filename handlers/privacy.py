"""My data, delete me, stop; and what happens to one question of mine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import standing, texts
from handlers.answering import tell as tell_of
from handlers.matched import holding, remember
from handlers.messages import Outgoing
from handlers.notify import knows, result
from handlers.ports import Call, Ports
from handlers.queueing import (
    ASKED,
    CONSENT_HOURS,
    forget_later,
    outdated,
    own,
    pressed,
    recount,
    waiting_on,
    withdraw,
)
from handlers.reading import shown
from handlers.replies import (
    Voice,
    blocks,
    button,
    data,
    line,
    send,
    toast,
    voice,
)
from knowledge_base.facts import Outcome, Question, QuestionState, Submission

LISTED = 200  # of the questions, answers and votes one can look at
SHOWN = 2_000  # characters of one of them
CONFIRM = timedelta(minutes=10)
CONSENT_VERSION = "2026-11-1"  # of the notice in texts: a new wording is a new version


def privacy(call: Call) -> list[Outgoing]:
    """What is kept, for how long, and how to see or delete it."""
    to = voice(call)
    link = f"{to.rules.public_url.rstrip('/')}/privasi"
    words = (to.say("privacy.policy"), to.say("privacy.kept"), to.say("privacy.rights", link=link))
    return [send(to, blocks(*words))]


def my_data(call: Call) -> list[Outgoing]:
    """Everything held about the person, in their language; as many messages as it takes."""
    to = voice(call)
    held = call.ports.people.export(call.person.id)
    lines = [entry for name, value in held.items() for entry in _entries(to, name, value)]
    if not lines:
        return [line(to, "privacy.data_nothing")]
    return [send(to, blocks(to.say("privacy.data_heading"), *lines))]


def _entries(to: Voice, name: str, value: object) -> list[str]:
    """One line of what is held, or one for each thing in a list."""
    label = to.say(f"data.{name}")
    if isinstance(value, Sequence) and not isinstance(value, str):
        listed = [f"{label} {n}: {_said(to, one)}" for n, one in enumerate(value[:LISTED], 1)]
        left = len(value) - len(listed)
        return [*listed, to.say("data.more", count=left)] if left else listed
    if isinstance(value, Mapping):  # the names in it are ours, and change with the program
        value = str(value) if value else ""
    return [] if value in (None, "") else [f"{label}: {_said(to, value)}"]


def _said(to: Voice, value: object) -> str:
    if isinstance(value, bool):
        return to.say("data.yes" if value else "data.no")
    if isinstance(value, Mapping):
        pairs = [(name, one) for name, one in value.items() if one not in (None, "")]
        return "; ".join(f"{to.say(f'data.{name}')} {_said(to, one)}" for name, one in pairs)
    if isinstance(value, datetime):
        return texts.moment(to.language, value, to.now, to.rules.timezone)
    if isinstance(value, Outcome):
        return to.say(f"data.outcomes.{value}")
    return shown(str(value), SHOWN)


# ── everything ──────────────────────────────────────────────────────────────────────────────


def erase_ask(call: Call) -> list[Outgoing]:
    """/hapus, first step: say what goes, ask once, valid for ten minutes."""
    to = voice(call)
    until = int((call.ports.now + CONFIRM).timestamp())
    menu: dict[str, object] = {"yes": data("erase", "", until), "no": data("keep")}
    remember(call.ports.people, call.person.id, menu=menu)
    row = [button(to, "erase", "erase", "", until), button(to, "keep", "keep")]
    return [send(to, blocks(to.say("privacy.erase_ask")), [row])]


def erase(call: Call) -> list[Outgoing]:
    """Confirmed: everything goes in this transaction; the goodbye is sent from memory."""
    to, until = voice(call), pressed(call.message.button)[2]
    late = not until.isdecimal() or call.ports.now.timestamp() > int(until)
    if late:
        return [*toast(call), line(to, "privacy.erase_late")]
    recount(call.ports, call.person.id)
    call.ports.people.erase(call.person.id)
    return [*toast(call), line(to, "privacy.erased")]


def keep(call: Call) -> list[Outgoing]:
    """Not deleted after all."""
    return [*toast(call), line(voice(call), "privacy.kept_all")]


def stop(call: Call) -> list[Outgoing]:
    """No broadcasts and corrections any more; open questions are still answered."""
    call.ports.people.save(replace(call.person, notify=False))
    return [line(voice(call), "privacy.stopped")]


# ── one question ────────────────────────────────────────────────────────────────────────────


def _consent(call: Call, *, once: bool) -> None:
    stamp = f"{CONSENT_VERSION} {call.ports.now.isoformat(timespec='seconds')}"
    person = replace(call.person, consent=call.person.consent or stamp, once=once, notify=True)
    call.ports.people.save(person)


def tell(call: Call) -> list[Outgoing]:
    """ "Tell me": consent with version and time; also the yes of SARING_CONSENT=tap."""
    return _answer_consent(call, "waiting.tell", once=False)


def once(call: Call) -> list[Outgoing]:
    """ "Just this once": the address goes after the answer."""
    return _answer_consent(call, "waiting.once", once=True)


def _others_wait(call: Call, question: Question) -> bool:
    """Does anything else this person asked still wait for an answer?"""
    asked = call.ports.questions.of_person(call.person.id, ASKED)
    found = (waiting_on(call, each) for each in asked)
    return any(other is not None and other.code != question.code for other in found)


def _answer_consent(call: Call, key: str, *, once: bool) -> list[Outgoing]:
    submission = own(call, pressed(call.message.button)[1])
    if submission is None:
        return outdated(call)
    question = waiting_on(call, submission)
    _consent(call, once=once)
    if question is None:
        return [*toast(call), _settled(call, submission)]
    if once and _others_wait(call, question):
        key = "waiting.once_all"  # so long the address is needed
    return [*toast(call), line(voice(call), key, code=question.code)]


def _settled(call: Call, submission: Submission) -> Outgoing:
    """What became of a question that is open no more: they may not have heard without the tap.
    Who has, or whose answer is on its way, does not get all of it again."""
    to, code = voice(call), submission.question
    question = call.ports.questions.get(code) if code else None
    number = (question.fact_number if question else None) or submission.fact_number
    fact = holding(call.ports.facts, number) if number else None
    if fact is not None and code and knows(call.ports, call.person, fact, submission):
        said = send(to, blocks(standing.answered(to, fact, code)), quote=submission.ref)
        return replace(said, fact=(fact.number, fact.version))
    if fact is not None:
        tell_of(call, fact, submission.id)
        media = bool(submission.media)
        return result(to, fact, code, submission.id, submission.ref, media=media)
    if question is not None and question.state is QuestionState.REJECTED:
        words = standing.rejected(to, question, code)
    else:
        words = standing.closed(to, submission)
    return send(to, blocks(words), quote=submission.ref)


def drop(call: Call) -> list[Outgoing]:
    """Delete this one question: out of the count, forgotten."""
    return _withdraw(call, "waiting.dropped")


def decline(call: Call) -> list[Outgoing]:
    """The no of SARING_CONSENT=tap."""
    return _withdraw(call, "waiting.declined")


def _withdraw(call: Call, key: str) -> list[Outgoing]:
    submission = own(call, pressed(call.message.button)[1])
    if submission is None:
        return outdated(call)
    question = call.ports.questions.get(submission.question) if submission.question else None
    withdraw(call.ports, submission.id)
    to = voice(call)
    if question is None:
        return [*toast(call), line(to, "waiting.forgotten")]
    for other in call.ports.questions.of_person(call.person.id, ASKED):
        if other.question == submission.question:  # the same, sent in other words
            withdraw(call.ports, other.id)
    return [*toast(call), line(to, key, code=question.code)]


def forget_unconsented(ports: Ports, person_id: str) -> None:
    """A day after the last message under SARING_CONSENT=tap: without the tap the person goes.

    Whoever has written since has a whole day for that message, too.
    """
    person = ports.people.get(person_id)
    if person is None or person.consent:
        return
    newest = ports.questions.of_person(person_id, limit=1)
    due = newest[0].at + timedelta(hours=CONSENT_HOURS) if newest else ports.now
    if ports.now < due:
        forget_later(ports, person_id, due)
    else:
        recount(ports, person_id)
        ports.people.erase(person_id)
