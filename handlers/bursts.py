"""Somebody publishes a great many results within minutes: their colleagues hear of it (I11).

Nothing is held back: on a busy night one person may be that fast. Whoever can roll back decides."""

from __future__ import annotations

from datetime import timedelta

from handlers.ports import Ports
from knowledge_base.deeds import Deed, of_person

TASK = "desk_burst"
MANY, WITHIN = 30, timedelta(minutes=10)
AGAIN = timedelta(hours=1)  # so long it is not said again of the same person
PUBLIC = (Deed.ANSWER, Deed.MERGE_INTO_FACT, Deed.REVISE, Deed.RETRACT, Deed.MARK_OUTDATED)


def look(ports: Ports, who: str) -> None:
    """After something became public: was it one of very many by this person just now?"""
    count = ports.audit.count_by(who, PUBLIC, ports.now - WITHIN)
    if count < MANY or ports.audit.deeds_on(of_person(who), (Deed.BURST,), ports.now - AGAIN):
        return
    ports.audit.write(who, Deed.BURST, of_person(who), count=count)
    payload, key = {"who": who, "count": count}, f"{TASK}:{who}:{ports.now.isoformat()}"
    ports.jobs.enqueue(TASK, payload, dedupe_key=key, due=ports.now)
