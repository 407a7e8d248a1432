"""The audit log: who did what to what and why, whether the chain is whole, and exports."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import Response, StreamingResponse

from bot.doors import Work
from bot.web import audit_words
from bot.web.desk import page, reading, unit
from bot.web.login import asks, no_store
from bot.web.pages import Whole
from bot.web.services import Here, Services
from bot.web.spreadsheet import BOM, lines
from handlers.rights import Action
from knowledge_base.deeds import Deed
from knowledge_base.facts import AuditEntry, AuditFilter, Moderator

router = APIRouter(include_in_schema=False)

Auditor = Annotated[Moderator, Depends(asks(Action.SEE_AUDIT))]
Exporter = Annotated[Moderator, Depends(asks(Action.EXPORT))]
Word = Annotated[str, Form()]
PAGE = 50
BATCH = 500
AT_ONCE = 500  # entries that are verified while the page waits
COLUMNS = ("number", "time", "who", "action", "what", "reason", "details")


def wanted(actor: str, action: str, what: str, since: str, until: str, zone: str) -> AuditFilter:
    """What a form asks for; a date that cannot be read does not matter."""
    last = _day(until)
    return AuditFilter(
        actor.strip()[:80],
        action.strip()[:80],
        audit_words.sought(what[:120]),
        _start(_day(since), zone),
        _start(last + timedelta(1) if last else None, zone),
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None
    return found if date(2000, 1, 1) <= found <= date(2999, 1, 1) else None


def _start(day: date | None, zone: str) -> datetime | None:
    return datetime.combine(day, time(), ZoneInfo(zone)) if day else None


@router.get("/desk/audit")
async def audit(
    request: Request,
    services: Here,
    me: Auditor,
    actor: str = "",
    action: str = "",
    what: str = "",
    since: str = "",
    until: str = "",
    before: Whole = 0,
    verify: str = "",
) -> Response:
    """Entries that fit, newest first, and the state of the chain."""
    fits = wanted(actor, action, what, since, until, services.rules.timezone)

    def gather(work: Work) -> dict[str, Any]:
        found = work.audit.search(fits, before, PAGE + 1)
        number, mark = work.audit.head()
        actors, actions = work.audit.names()
        looked = bool(verify) or number <= AT_ONCE
        return {
            "found": found[:PAGE],
            "more": found[PAGE - 1].seq if len(found) > PAGE else 0,
            "number": number,
            "mark": mark,
            "looked": looked,
            "broken": work.audit.verify() if looked else None,
            "actors": actors,
            "actions": actions,
        }

    asked = {"actor": actor, "action": action, "what": what, "since": since, "until": until}
    context = await reading(services, gather)
    said = audit_words.of(request, services)
    return page(request, services, "desk_audit.html", me, asked=asked, said=said, **context)


def _flat(entry: AuditEntry) -> str:
    return ", ".join(f"{name}: {value}" for name, value in entry.details.items())


@router.post("/desk/audit/export")
async def export(
    services: Here,
    me: Exporter,
    form: Word = "csv",
    actor: Word = "",
    action: Word = "",
    what: Word = "",
    since: Word = "",
    until: Word = "",
) -> Response:
    """Everything that fits, newest first, as CSV or JSON Lines; the chain is verified before."""
    fits = wanted(actor, action, what, since, until, services.rules.timezone)
    kind = "jsonl" if form == "jsonl" else "csv"

    def check(work: Work) -> tuple[int, int | None]:
        return work.audit.head()[0], work.audit.verify()

    def begin(work: Work) -> int:
        work.audit.write(me.name, Deed.AUDIT_EXPORT, "audit", format=kind, broken_at=broken or 0)
        return work.audit.head()[0]

    whole, broken = await reading(services, check)  # seconds: writers must not wait for it
    last = await unit(services, begin)
    text = _jsonl(services, fits, last) if kind == "jsonl" else _csv(services, fits, last)
    types = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
    response = StreamingResponse(text, media_type=types[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{kind}"'
    response.headers["X-Audit-Chain"] = (
        f"broken at {broken}" if broken else f"whole, {whole} entries"
    )
    return no_store(response)


def _pages(services: Services, fits: AuditFilter, last: int) -> Iterator[list[AuditEntry]]:
    """Newest first, a transaction a page: an export must not hold up anybody."""
    before = last + 1
    while True:
        with services.database.read() as work:
            found = work.audit.search(fits, before, BATCH)
        if not found:
            return
        yield list(found)
        before = found[-1].seq


def _csv(services: Services, fits: AuditFilter, last: int) -> Iterator[str]:
    yield BOM + lines([COLUMNS])
    for found in _pages(services, fits, last):
        yield lines(
            (one.seq, one.at.isoformat(), one.actor, one.action, one.what, one.reason, _flat(one))
            for one in found
        )


def _jsonl(services: Services, fits: AuditFilter, last: int) -> Iterator[str]:
    for found in _pages(services, fits, last):
        for one in found:
            row = {
                "number": one.seq,
                "time": one.at.isoformat(),
                "who": one.actor,
                "action": one.action,
                "what": one.what,
                "reason": one.reason,
                "details": dict(one.details),
            }
            yield json.dumps(row, ensure_ascii=False) + "\n"
