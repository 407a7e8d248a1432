"""Who may be sitting at somebody's desk: whose login link let them in, and whether a second factor
or a linked chat of theirs was set up without that person (docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from handlers.ports import Ports
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import AuditEntry

LINKS = (Deed.MODERATOR_ADD, Deed.MODERATOR_LINK)
WAYS_IN = (*LINKS, Deed.MODERATOR_RESET_FACTOR)
FACTORS = (Deed.FACTOR_ADD, Deed.FACTOR_REMOVE, Deed.MODERATOR_RESET_FACTOR)
CLOSED = (Deed.MODERATOR_RESET_FACTOR, Deed.MODERATOR_REVOKE, Deed.MODERATOR_SLEEP)
CHATS = (Deed.CHAT_LINK, Deed.CHAT_UNLINK, *CLOSED)
SESSION = timedelta(hours=12)  # no login session lasts longer


def let_in(ports: Ports, name: str, by: str) -> bool:
    """Could `by` be sitting there instead of `name`? So it is when they opened the way in last,
    unless a second factor stands in it that was set up without them. A link that somebody's own
    chat made counts for the chat: what it was linked by."""
    about = of_person(name)
    last = ports.audit.last_by(about, WAYS_IN)
    if last == name and not _own_chat(ports, name, by):
        last = ports.audit.last_by(about, WAYS_IN, but=name)
    return last == by and not _own_factor(ports, name, by)


def _own_factor(ports: Ports, name: str, by: str) -> bool:
    """Has this person a second factor whose first one was set up without `by`? Whoever adds
    another one has given one before."""
    known, own = 0, False
    for entry in _history(ports, name, FACTORS):
        if entry.action == Deed.FACTOR_ADD:
            own = own if known else _without(ports, name, by, entry.at)
            known += 1
        else:
            known = 0 if entry.action == Deed.MODERATOR_RESET_FACTOR else max(0, known - 1)
    return bool(known) and own


def _own_chat(ports: Ports, name: str, by: str) -> bool:
    """Was every chat that this person has linked now linked without `by`?"""
    linked: list[datetime] = []
    for entry in _history(ports, name, CHATS):
        if entry.action == Deed.CHAT_LINK:
            linked.append(entry.at)
        elif entry.action in CLOSED:
            linked = []
    return bool(linked) and all(
        _without(ports, name, by, at) or _own_factor(ports, name, by) for at in linked
    )


def _history(ports: Ports, name: str, deeds: Sequence[Deed]) -> Sequence[AuditEntry]:
    return ports.audit.deeds_on(of_person(name), deeds)


def _without(ports: Ports, name: str, by: str, at: datetime) -> bool:
    """Was no login session of this person open at that time that a link of `by` had begun?"""
    begun = ports.audit.deeds_on(of_person(name), (Deed.SESSION_BEGIN,), at - SESSION, at)
    times = {at, *(entry.at for entry in begun)}
    makers = {ports.audit.last_by(of_person(name), LINKS, before=time, but=name) for time in times}
    return by not in makers
