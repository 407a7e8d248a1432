"""A word in between: somebody waits, and soon only a template could reach them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from handlers import texts
from handlers.corrections import wanted
from handlers.messages import Outgoing
from handlers.ports import Ports
from handlers.replies import line, voice_of
from knowledge_base.facts import Outcome, QuestionState, Submission

TASK = "window_closing"
TEMPLATE = "interim"


def is_waiting(ports: Ports, person_id: str, since: datetime) -> bool:
    """Does a question this person asked since then still wait for an answer?"""
    return bool(_waiting(ports, person_id, since))


def interim(ports: Ports, person_id: str, since: datetime) -> list[Outgoing]:
    """One message that names every question asked since then and not answered yet; [] if none.

    The same newest question never causes a second one.
    """
    person = ports.people.get(person_id)
    waiting = _waiting(ports, person_id, since)
    if person is None or not waiting or not wanted(ports, person):
        return []
    to = voice_of(ports, person)
    codes = list(dict.fromkeys(submission.question for submission in waiting))
    message = texts.say_many(to.language, "interim", len(codes), codes=", ".join(codes))
    return [
        replace(
            line(to, "interim.how", quote=waiting[0].ref, heading=message),
            template=TEMPLATE,
            template_values=(codes[0],),
            template_language=to.language,
            key=f"interim:{waiting[0].id}",
        )
    ]


def _waiting(ports: Ports, person_id: str, since: datetime) -> list[Submission]:
    """Newest first."""
    return [
        submission
        for submission in ports.questions.of_person(person_id)
        if submission.outcome is Outcome.QUEUED
        and submission.at >= since
        and _is_open(ports, submission.question)
    ]


def _is_open(ports: Ports, code: str) -> bool:
    question = ports.questions.get(code) if code else None
    return question is not None and question.state is QuestionState.OPEN
