"""The reply window: free text only so long after somebody's last message.

Limits say whether a channel has one and how long it is. What comes too late goes out as a
template if the message has one and the person agreed, or is held until they write again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bot.channels import Limits
from bot.doors import Work
from handlers.interim import TASK, is_waiting
from handlers.messages import Do, Outgoing
from handlers.ports import Ports
from knowledge_base.facts import Person

BEFORE = timedelta(hours=1)  # so long before the end a word in between is said
SAID = frozenset({Do.SEND, Do.EDIT, Do.TOAST})  # what is a message of its own


def is_closed(limits: Limits, last_wrote: datetime | None, now: datetime) -> bool:
    """May only a template be sent now? At 23:59:59 after their last message free text may go,
    at 24:00:00 it may not. Never where the channel has no window."""
    if not limits.window_hours:
        return False
    return last_wrote is None or now - last_wrote >= timedelta(hours=limits.window_hours)


def as_template(message: Outgoing, person: Person | None) -> Outgoing | None:
    """The template that announces this message; None when there is none, or when the person has
    not agreed to be written to (the button "tell me") or has said stop since."""
    if not message.template or person is None or not person.consent or not person.notify:
        return None
    bare = replace(message, blocks=(), buttons=(), cards=(), quote="", ref="", skip=0)
    return replace(bare, do=Do.SEND)


def room(limits: Limits, announced: int, corrections: int, *, correction: bool) -> bool:
    """May one more template go out today, after so many of which so many were corrections? Who
    believes something wrong because of us does not wait for others' answers: corrections have a
    part of their own, and beyond it share that of the answers, which never use theirs."""
    if not limits.templates_a_day or (correction and corrections < limits.corrections_a_day):
        return True
    reserved = min(corrections, limits.corrections_a_day)
    return announced - reserved < limits.templates_a_day


def watch(work: Work, ports: Ports, limits: Limits, person: str) -> None:
    """Somebody wrote and may be waiting: look at it again shortly before their window closes."""
    opened = work.contacts.window_end(person) if limits.window_hours else None
    if opened is None or not is_waiting(ports, person, since(limits, opened)):
        return
    ports.jobs.enqueue(
        TASK,
        {"person": person, "hours": limits.window_hours},
        dedupe_key=f"{TASK}:{person}",
        due=closing(limits, opened),
    )


def closing(limits: Limits, opened: datetime) -> datetime:
    """When the word in between is due."""
    return opened + timedelta(hours=limits.window_hours) - BEFORE


def since(limits: Limits, opened: datetime) -> datetime:
    """From when on a question counts that is still open: older ones had their word already."""
    return opened - timedelta(hours=limits.window_hours)
