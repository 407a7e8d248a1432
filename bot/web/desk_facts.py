"""The knowledge base on the desk: browse, edit with history, withdraw, merge, import."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from math import ceil
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Depends, Form, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from bot.doors import Work, ports
from bot.web import audit_words, drafts, preview
from bot.web.desk import choices, missing, page, reading, unit
from bot.web.diff import fields_changed
from bot.web.leads import leads
from bot.web.login import Reader, asks, no_store
from bot.web.pages import Whole, language_of
from bot.web.refusals import REFUSALS, status_of
from bot.web.services import Here, Services
from handlers import answer_form, curating, moderate, texts, wordings
from handlers.answering import number_in
from handlers.ports import Ports
from handlers.rights import Action
from knowledge_base.deeds import Deed
from knowledge_base.exchange.claimreview import read_claim_reviews
from knowledge_base.exchange.sheet import Row, SheetError, each_once, read_rows, sites_of
from knowledge_base.facts import (
    FactCheck,
    KnowledgeError,
    Moderator,
    Proposal,
    Refused,
    Saved,
    Stale,
    State,
    Version,
)

router = APIRouter(include_in_schema=False)

PAGE = 50
FOUND = 50
OLD = timedelta(days=365)
WORDED = (Deed.DROP_VARIANT, Deed.RESTORE_VARIANT)
LARGEST = 1024 * 1024  # bytes of an imported file; more goes through `saring import`
Word = Annotated[str, Form()]
Number = Annotated[Whole, Form()]
Editing = Annotated[Moderator, Depends(asks(Action.EDIT_FACT))]
Retracting = Annotated[Moderator, Depends(asks(Action.RETRACT))]
Importing = Annotated[Moderator, Depends(asks(Action.IMPORT, fresh=True))]


# ── browse ──────────────────────────────────────────────────────────────────────────────────


@router.get("/desk/facts")
async def browse(
    request: Request,
    services: Here,
    me: Reader,
    q: str = "",
    topic: str = "",
    verdict: str = "",
    state: str = State.PUBLISHED.value,
    aged: str = "",
    start: Whole = 0,
) -> Response:
    """Fact-checks by words or number, topic, verdict, state and age."""
    text = q.strip()[:300]
    today = texts.local(services.clock(), services.rules.timezone).date()
    numbers = await _numbers(services, text, state)

    def gather(work: Work) -> tuple[FactCheck, ...]:
        return work.facts.browse(
            text="" if numbers is not None else text,
            numbers=numbers,
            topic=topic[:40],
            verdict=verdict[:20],
            state=state[:20],
            checked_before=today - OLD if aged else None,
            limit=PAGE + 1,
            offset=start,
        )

    found = await reading(services, gather)
    chosen = {"q": text, "topic": topic, "verdict": verdict, "state": state, "aged": aged}
    return page(
        request, services, "desk_facts.html", me, records=found[:PAGE], chosen=chosen, start=start,
        more=start + PAGE if len(found) > PAGE else 0, before=max(0, start - PAGE),
        choices=choices(language_of(request, services.rules.language)),
    )  # fmt: skip


async def _numbers(services: Services, text: str, state: str) -> tuple[int, ...] | None:
    """What the matcher finds for these words, best first; None where it cannot help, as with a
    single word: then the words are looked up in the database."""
    if not text or text.lstrip("#").isdecimal() or state != State.PUBLISHED.value:
        return None
    try:
        result = await anyio.to_thread.run_sync(lambda: services.finder.find(text, limit=FOUND))
    except KnowledgeError:
        return None  # the index is not ready
    return tuple(int(match.id) for match in result.matches if match.id.isdecimal()) or None


# ── one fact-check ──────────────────────────────────────────────────────────────────────────


@router.get("/desk/facts/{number}")
async def one(request: Request, services: Here, me: Reader, number: Whole) -> Response:
    """A fact-check with its history, wordings, votes and objections, and the form to revise it."""
    return await _one(request, services, me, number)


async def _one(
    request: Request,
    services: Services,
    me: Moderator,
    number: Whole,
    *,
    status: int = 200,
    problem: KnowledgeError | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    def gather(work: Work) -> dict[str, Any] | None:
        record = work.facts.get(number)
        if record is None:
            return None
        return {
            "record": record,
            "fields": fields or answer_form.fields_of(record),
            "history": compared(work.facts.history(number)),
            "votes": work.reviews.votes(number),
            "disputes": work.reviews.disputes(number),
            "waiting": work.proposals.about(f"fact/{number}"),
            "told": work.people.told_count(number, record.version),
            "reached": work.reviews.source_checks([one.url for one in record.sources]),
            "log": work.audit.about(f"fact/{number}", 20),
            "removed": _removed(work, services, me, number),
            "leads": leads,
            "said": audit_words.of(request, services),
        }

    context = await reading(services, gather)
    if context is None:
        return missing(request, services, me, "fact", str(number))
    language = language_of(request, services.rules.language)
    shown = await reading(
        services, lambda work: preview.of_fact(work, services, context["fields"], number, language)
    )
    return page(
        request, services, "desk_fact.html", me, status=status, problem=problem,
        choices=choices(language), done=request.query_params.get("done", "")[:20],
        fact_limit=moderate.FACT_LIMIT, explanation_limit=moderate.EXPLANATION_LIMIT,
        **context, **shown,
    )  # fmt: skip


@router.post("/desk/facts/{number}/preview")
async def show_preview(
    request: Request,
    services: Here,
    me: Editing,
    number: Whole,
    reason: Word = "",
    ours: Word = "",
) -> Response:
    """What is written so far, as messengers will show it; nothing is kept."""
    fields = drafts.fields_of(await request.form())
    language = language_of(request, services.rules.language)
    shown = await reading(
        services,
        lambda work: preview.of_fact(
            work, services, fields, number, language, reason=reason, ours=bool(ours)
        ),
    )
    return page(request, services, "desk_preview.html", me, now=None, **shown)


def compared(history: tuple[Version, ...]) -> list[dict[str, Any]]:
    """Each version, newest first, with what it changed word by word."""
    shown = []
    for newer, older in pairwise((*history, None)):
        if newer is not None:
            shown.append({"version": newer, "changes": _changes(newer, older)})
    return shown


def _changes(newer: Version, older: Version | None) -> dict[str, Any]:
    if older is None:
        return {}
    return fields_changed(older.fact_check, newer.fact_check)


Do = Callable[[Ports], FactCheck | Proposal | None]


async def _act(
    request: Request,
    services: Services,
    me: Moderator,
    number: Whole,
    do: Do,
    done: str,
    fields: dict[str, str] | None = None,
) -> Response:
    """Do one thing with a fact-check and say how it went; what was written is not lost."""
    try:
        given = await unit(services, lambda work: do(ports(work, services.clock(), services.rules)))
    except REFUSALS as problem:
        return await _one(
            request, services, me, number,
            status=status_of(problem), problem=problem, fields=fields,
        )  # fmt: skip
    if isinstance(given, Proposal):
        done = "proposed"
    return no_store(RedirectResponse(f"/desk/facts/{number}?done={done}", 303))


@router.post("/desk/facts/{number}/revise")
async def revise(
    request: Request,
    services: Here,
    me: Editing,
    number: Whole,
    version: Number = 0,
    reason: Word = "",
    ours: Word = "",
) -> Response:
    """A new version; those who were told are corrected after ten minutes."""
    fields = drafts.fields_of(await request.form())
    language = language_of(request, services.rules.language)

    def do(tools: Ports) -> FactCheck | Proposal:
        draft = answer_form.read(fields, language)
        old = tools.facts.get(number)
        if old is not None:
            draft = replace(draft, sources=draft.sources + old.sources[len(answer_form.PLACES) :])
        return curating.revise(
            tools, me, number, version, draft, reason, ours=bool(ours), language=language
        )

    return await _act(request, services, me, number, do, "revised", fields)


@router.post("/desk/facts/{number}/confirm")
async def confirm(
    request: Request, services: Here, me: Editing, number: Whole, version: Number = 0
) -> Response:
    """Checked again, and it still holds."""
    language = language_of(request, services.rules.language)

    def do(tools: Ports) -> FactCheck | Proposal:
        return curating.confirm(tools, me, number, version, language)

    return await _act(request, services, me, number, do, "confirmed")


@router.post("/desk/facts/{number}/retract")
async def retract(
    request: Request,
    services: Here,
    me: Retracting,
    number: Whole,
    version: Number = 0,
    reason: Word = "",
    ours: Word = "",
    outdated: Word = "",
) -> Response:
    """Withdraw it, or mark it as outdated; everyone who was told hears it at once."""
    language = language_of(request, services.rules.language)

    def do(tools: Ports) -> FactCheck:
        return curating.retract(
            tools, me, number, version, reason, ours=bool(ours), outdated=bool(outdated),
            language=language,
        )  # fmt: skip

    return await _act(request, services, me, number, do, "retracted")


@router.post("/desk/facts/{number}/merge")
async def merge(
    request: Request,
    services: Here,
    me: Retracting,
    number: Whole,
    version: Number = 0,
    into: Word = "",
) -> Response:
    """Two fact-checks are one; this number leads to the other from now on."""
    language = language_of(request, services.rules.language)
    target = number_in(into.strip().lstrip("#"))

    def do(tools: Ports) -> FactCheck | Proposal:
        return curating.merge_facts(tools, me, number, version, target, language)

    return await _act(request, services, me, number, do, "merged")


@router.post("/desk/facts/{number}/variants/drop")
async def drop_variant(
    request: Request,
    services: Here,
    me: Editing,
    number: Whole,
    text: Word = "",
    sure: Word = "",
) -> Response:
    """Forget one wording: first how many were answered through it, then (`sure`) it is done."""
    language = language_of(request, services.rules.language)

    def do(tools: Ports) -> None:
        wordings.drop(tools, me, number, text, language)

    if sure:
        return await _act(request, services, me, number, do, "dropped")

    def count(work: Work) -> int:
        tools = ports(work, services.clock(), services.rules)
        return wordings.reached(tools, me, number, text, language)

    try:
        people = await reading(services, count)
    except REFUSALS as problem:
        return await _one(request, services, me, number, status=status_of(problem), problem=problem)
    return page(request, services, "desk_wording.html", me, number=number, text=text, people=people)


@router.post("/desk/facts/{number}/variants/back")
async def put_back(request: Request, services: Here, me: Editing, number: Whole) -> Response:
    """The wording this person has just removed comes back."""
    language = language_of(request, services.rules.language)

    def do(work: Work) -> None:
        text, _ = _removed(work, services, me, number)
        tools = ports(work, services.clock(), services.rules)
        wordings.put_back(tools, me, number, text, language)

    try:
        await unit(services, do)
    except REFUSALS as problem:
        return await _one(request, services, me, number, status=status_of(problem), problem=problem)
    return no_store(RedirectResponse(f"/desk/facts/{number}?done=put_back", 303))


def _removed(work: Work, services: Services, me: Moderator, number: int) -> tuple[str, int]:
    """The wording this person has just removed, and for how many seconds it can be put back; 0
    when that is over, or nothing was."""
    about = work.audit.about(f"fact/{number}", 20)
    last = next((one for one in about if one.actor == me.name and one.action in WORDED), None)
    if last is None:
        return "", 0
    left = (last.at + moderate.UNDO - services.clock()).total_seconds()
    gone = last.action == Deed.DROP_VARIANT
    return str(last.details.get("text", "")), max(0, ceil(left)) if gone else 0


# ── import ──────────────────────────────────────────────────────────────────────────────────


@router.get("/desk/import")
async def import_page(request: Request, services: Here, me: Importing) -> Response:
    """Choose a file."""
    return _import_page(request, services, me)


def _import_page(request: Request, services: Services, me: Moderator, **more: Any) -> Response:
    nothing = {
        "unknown": (),
        "strangers": (),
        "saved": None,
        "effect": None,
        "refused": (),
        "result": None,
        "held": None,
    }
    empty = {"problem": "", "said": "", **nothing}
    return page(request, services, "desk_import.html", me, **{**empty, **more})


@router.post("/desk/import")
async def import_file(request: Request, services: Here, me: Importing) -> Response:
    """Show what a file would do, or do it (`do=import`); nothing is written by a preview."""
    async with request.form() as form:
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return _import_page(request, services, me, status=422, problem="file")
        body = await file.read(LARGEST + 1)
        name, publisher = file.filename[:80], str(form.get("publisher", ""))[:80]
        wanted = form.get("do")
    if len(body) > LARGEST:
        return _import_page(request, services, me, status=413, problem="large")
    try:
        rows = await anyio.to_thread.run_sync(lambda: _rows(name, body, publisher))
    except SheetError as error:
        return _import_page(request, services, me, status=422, problem=error.why, said=str(error))
    good = [row for row in rows if row.fact_check is not None]
    bad = tuple((row.place, row.error) for row in rows if row.fact_check is None)
    facts = [row.fact_check for row in good if row.fact_check is not None]

    def look(work: Work) -> tuple[Saved, curating.Effect]:
        return curating.forecast(ports(work, services.clock(), services.rules), me, facts)

    def take(work: Work) -> Saved | Proposal:
        tools = ports(work, services.clock(), services.rules)
        return curating.import_facts(tools, me, name, facts)

    if wanted != "import":
        saved, effect = await reading(services, look)
        bad += _refused(good, saved)
        return _import_page(
            request, services, me,
            saved=saved, effect=effect, refused=bad, unknown=_unknown_topics(facts),
            strangers=_unlisted(facts, services.rules.organisation),
        )  # fmt: skip
    try:
        result = await unit(services, take)
    except Stale:
        return _import_page(request, services, me, status=409, problem="waiting")
    except Refused as problem:
        return _import_page(request, services, me, status=422, problem="size", said=str(problem))
    if isinstance(result, Proposal):
        return _import_page(request, services, me, held=result, refused=bad)
    bad += _refused(good, result)
    return _import_page(request, services, me, result=result, refused=bad)


def _unknown_topics(facts: Sequence[FactCheck]) -> tuple[str, ...]:
    """Topics that have no word: no filter and no rule knows them."""
    known = {name for name, _ in texts.topics("id")}
    return tuple(sorted({fact.topic for fact in facts} - known - {""}))


def _unlisted(facts: Sequence[FactCheck], ours: str) -> tuple[str, ...]:
    """Publishers of whom nobody knows where they publish: their name alone is shown to people."""
    names = {fact.publisher for fact in facts} - {ours, ""}
    return tuple(sorted(name for name in names if not sites_of(name)))


def _refused(rows: list[Row], saved: Saved) -> tuple[tuple[str, str], ...]:
    return tuple((rows[place].place, f"{field}: {why}") for place, field, why in saved.refused)


def _rows(name: str, body: bytes, publisher: str) -> list[Row]:
    read = read_claim_reviews if name.lower().endswith(".json") else None
    return list(each_once(read(body, publisher) if read else read_rows(name, body, publisher)))
