"""My data, delete me, stop; and what happens to one question of mine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from handlers.answering import tell as tell_of
from handlers.matched import published, remember
from handlers.messages import Block, Outgoing
from handlers.notify import result
from handlers.ports import Call, Ports
from handlers.queueing import (
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
from handlers.replies import blocks, button, data, line, send, toast, voice
from knowledge_base.facts import QuestionState, Submission

QUOTED = 40  # characters of a question that is named by its words
CONFIRM = timedelta(minutes=10)
CONSENT_VERSION = "2026-11-1"  # of the notice in texts: a new wording is a new version


def privacy(call: Call) -> list[Outgoing]:
    """What is kept, for how long, and how to see or delete it."""
    to = voice(call)
    link = f"{to.rules.public_url.rstrip('/')}/privasi"
    words = (to.say("privacy.policy"), to.say("privacy.kept"), to.say("privacy.rights", link=link))
    return [send(to, blocks(*words))]


def my_data(call: Call) -> list[Outgoing]:
    """Everything held about the person, readable."""
    to = voice(call)
    lines = [shown(text, 300) for text in _lines(call.ports.people.export(call.person.id))]
    if not lines:
        return [line(to, "privacy.data_nothing")]
    listed = Block("\n".join(lines), shorten=True)
    return [send(to, (*blocks(to.say("privacy.data_heading")), listed))]


def _lines(value: object, name: str = "") -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for position, inner in enumerate(value, start=1):
            yield from _lines(inner, f"{name} {position}")
    elif value not in (None, ""):
        yield f"{name}: {value}"


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


def _answer_consent(call: Call, key: str, *, once: bool) -> list[Outgoing]:
    submission = own(call, pressed(call.message.button)[1])
    if submission is None:
        return outdated(call)
    question = waiting_on(call, submission)
    _consent(call, once=once)
    if question is None:
        return [*toast(call), _settled(call, submission)]
    return [*toast(call), line(voice(call), key, code=question.code)]


def _settled(call: Call, submission: Submission) -> Outgoing:
    """What became of a question that is open no more: without the tap they have not heard."""
    to, code = voice(call), submission.question
    question = call.ports.questions.get(code) if code else None
    number = (question.fact_number if question else None) or submission.fact_number
    fact = published(call.ports.facts, number) if number else None
    if fact is not None:
        tell_of(call, fact, submission.id)
        return result(to, fact, code, submission.id, submission.ref)
    if question is not None and question.state is QuestionState.REJECTED:
        reason = shown(question.reason, 200)
        return line(to, "status.rejected", code=code, reason=reason, quote=submission.ref)
    text = shown(submission.text, QUOTED)
    return line(to, "status.closed", text=text, quote=submission.ref)


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
    withdraw(call.ports, submission.id)
    return [*toast(call), line(voice(call), key)]


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
