"""The moderators' desk: a question, the answer with its preview."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

import anyio.to_thread
from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from bot.doors import Work, room
from bot.web import audit_words, drafts, preview
from bot.web.case_view import case_of
from bot.web.leads import leads
from bot.web.login import Reader, Writer, asks, no_store
from bot.web.pages import Whole, language_of, ready_answers, render, words
from bot.web.refusals import status_of
from bot.web.services import Here, Services
from handlers import answer_form, casework, moderate, texts
from handlers.answering import number_in
from handlers.casework import Room
from handlers.matched import known
from handlers.rights import Action
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import (
    FactCheck,
    Kind,
    KnowledgeError,
    Moderator,
    Proposal,
    Question,
    QuestionState,
    Refused,
    Stale,
    State,
    TooLate,
    Verdict,
)
from knowledge_base.search.findings import Match

router = APIRouter(include_in_schema=False)

Merger = Annotated[Moderator, Depends(asks(Action.MERGE))]
Undoer = Annotated[Moderator, Depends(asks(Action.UNDO))]
Closer = Annotated[Moderator, Depends(asks(Action.REJECT))]

NEAREST = 5
RESULTS = 8
LIKELY = 0.05  # score from which on a fact-check is shown unfolded
LONGEST_SEARCH = 300
T = TypeVar("T")


class Gone(Exception):
    """There is no such question."""


class Held(Refused):
    """A colleague is at work on it (`holder`), and nobody has said that it is to be done all the
    same."""

    def __init__(self, message: str, holder: int) -> None:
        super().__init__(message, "lease")
        self.holder = holder


async def unit(services: Services, do: Callable[[Work], T]) -> T:
    """One writing transaction in a thread."""

    def run() -> T:
        with services.database.work() as work:
            return do(work)

    return await anyio.to_thread.run_sync(run)


async def reading(services: Services, do: Callable[[Work], T]) -> T:
    """One reading transaction in a thread."""

    def run() -> T:
        with services.database.read() as work:
            return do(work)

    return await anyio.to_thread.run_sync(run)


def page(
    request: Request, services: Services, template: str, me: Moderator, **context: Any
) -> Response:
    """A page of the desk; `status` sets its status."""
    status = context.pop("status", 200)
    return no_store(render(request, services, template, status, me=me, **context))


async def shown(
    request: Request,
    services: Services,
    template: str,
    me: Moderator,
    gather: Callable[[Work], dict[str, Any]],
    **context: Any,
) -> Response:
    """A page with what `gather` reads, read and written in the same thread: each way to another
    one waits for its turn."""

    def made() -> Response:
        with services.database.read() as work:
            read = gather(work)
        return page(request, services, template, me, **context, **read)

    return await anyio.to_thread.run_sync(made)


def missing(request: Request, services: Services, me: Moderator, what: str, code: str) -> Response:
    """There is no such question, fact or proposal."""
    return page(request, services, "desk_missing.html", me, status=404, what=what, code=code)


def nearest(work: Work, matches: Sequence[Match]) -> list[dict[str, Any]]:
    """Published fact-checks of these matches, with the reasons."""
    return [
        {
            "record": found.fact,
            "why": found.match.why,
            "close": found.match.score >= LIKELY or bool(found.match.why.differ),
        }
        for found in known(work.facts, matches, max(NEAREST, RESULTS))
    ]


# ── one question ────────────────────────────────────────────────────────────────────────────


@router.get("/desk/q/{code}")
async def question(request: Request, services: Here, me: Reader, code: str) -> Response:
    """What was asked, what is nearest, and the form. Nobody reads hundreds an hour: who opens so
    many copies them, and the audit hears of it."""
    now = services.clock()
    if wait := services.limits.questions.wait(str(me.id), now):
        if not services.limits.noted.wait(str(me.id), now):
            await unit(services, lambda work: _note_many(work, me))
        minutes = (wait + 59) // 60
        many = page(request, services, "desk_many.html", me, status=429, minutes=minutes)
        many.headers["Retry-After"] = str(wait)
        return many
    return await _question_page(request, services, me, code)


def _note_many(work: Work, me: Moderator) -> None:
    work.audit.write(me.name, Deed.QUESTIONS_COPIED, of_person(me.name))


async def _question_page(
    request: Request,
    services: Services,
    me: Moderator,
    code: str,
    *,
    status: int = 200,
    problem: KnowledgeError | None = None,
    fields: dict[str, str] | None = None,
) -> Response:
    pulse = await pulse_of(services)  # before what it stands for: nothing is missed after it
    language = language_of(request, services.rules.language)

    def made() -> Response:
        """In one thread from beginning to end: each way to another one waits for its turn."""
        with services.database.read() as work:
            asked = work.questions.get(code[:12])
        if asked is None:
            return missing(request, services, me, "question", code[:12])
        found = _search(services, asked)
        with services.database.read() as work:
            context = gather(work, asked, found)
        return show(asked, context)

    def gather(work: Work, asked: Question, found: dict[str, Any]) -> dict[str, Any]:
        written = fields or work.desk.draft(me.id, asked.code)
        record = work.facts.get(asked.fact_number or 0)
        begun = answer_form.fresh(asked) | dict(
            written or {"topic": moderate.topic_of(_room(work, services).ports, asked)}
        )
        return {
            "fields": begun,
            "saved": bool(written),
            "record": record,
            "nearest": nearest(work, found["nearest"]),
            "alike": _alike(work, found["alike"], asked),
            "case": case_of(work, services, asked, me),
            "log": work.audit.about(f"question/{asked.code}", 20),
            "leads": leads,
            "said": audit_words.of(request, services),
            "waits": work.proposals.about(f"question/{asked.code}"),
            "told": _told(work, asked, record),
            "left": undo_left(work, services, asked, me),
            **preview.of_answer(work, services, begun, asked, language),
        }

    def show(asked: Question, context: dict[str, Any]) -> Response:
        return page(
            request,
            services,
            "desk_question.html",
            me,
            status=status,
            question=asked,
            open=asked.state is QuestionState.OPEN,
            problem=problem,
            late=isinstance(problem, TooLate),
            despite=getattr(problem, "holder", ""),
            pulse=pulse,
            choices=choices(language),
            fact_limit=moderate.FACT_LIMIT,
            explanation_limit=moderate.EXPLANATION_LIMIT,
            done=request.query_params.get("done", ""),
            new=re.sub(r"[^A-Z0-9]", "", request.query_params.get("new", "")[:12]),
            ready_answers=ready_answers(texts.readable(asked.lang)),
            asker_words=words(texts.readable(asked.lang)),
            **context,
        )

    return await anyio.to_thread.run_sync(made)


async def pulse_of(services: Services) -> str:
    """How the queue looks, as read within the last second."""
    return await services.pulse.look(
        lambda: reading(services, lambda work: work.queue.pulse()),
    )


def _told(work: Work, asked: Question, record: FactCheck | None) -> int | None:
    """How many of its askers know the result; a browser chat may be several people and counts
    as one."""
    if record is None:
        return None
    return min(asked.askers, work.questions.heard(asked.code, record.number, record.version))


def undo_left(work: Work, services: Services, asked: Question, me: Moderator) -> int:
    """Seconds in which this person can still take it back; 0 when they cannot."""
    left = moderate.time_to_undo(_room(work, services).ports, me, asked)
    return math.ceil(left.total_seconds()) if left else 0


def _search(services: Services, asked: Question) -> dict[str, Any]:
    """What the matcher finds nearest now: fact-checks, and open questions that look alike, as
    matches by code."""
    try:
        result = services.finder.find(asked.text, asked.lang, limit=NEAREST)
        alike = services.finder.alike_questions(asked.text, asked.lang, asked.code, NEAREST)
    except KnowledgeError:
        return {"nearest": (), "alike": ()}  # the desk works without the index
    return {"nearest": result.matches, "alike": alike}


def _alike(work: Work, matches: Sequence[Match], asked: Question) -> list[dict[str, Any]]:
    """Open questions to see beside this one: why, and what merging would give."""
    return [
        {
            "question": other,
            "why": match.why,
            "askers": work.questions.together((asked.code, other.code)),
            "wordings": len({*asked.wordings, *other.wordings}),
        }
        for match in matches
        if (other := _open(work, match.id, asked))
    ]


def _open(work: Work, code: str, asked: Question) -> Question | None:
    other = work.questions.get(code)
    if other is None or other.code == asked.code or other.state is not QuestionState.OPEN:
        return None
    return other


def choices(language: str) -> dict[str, Sequence[tuple[str, str]]]:
    """Verdicts, kinds and topics with their words."""
    return {
        "verdicts": [
            (verdict.value, texts.say(language, f"word.{verdict}")) for verdict in Verdict
        ],
        "kinds": [(kind.value, texts.say(language, f"kind.{kind}")) for kind in Kind],
        "topics": texts.topics(language),
    }


# ── the answer ──────────────────────────────────────────────────────────────────────────────


@router.post("/desk/q/{code}/draft")
async def keep_draft(request: Request, services: Here, me: Writer, code: str) -> Response:
    """Keep what is written and show the reply as the asker will see it."""
    fields = drafts.fields_of(await request.form())
    language = language_of(request, services.rules.language)

    def keep(work: Work) -> dict[str, Any]:
        asked = _asked(work, code)
        casework.renew(room(work, services.clock(), services.rules), me, asked.code)
        work.desk.save_draft(me.id, asked.code, fields)
        return {"question": asked, **preview.of_answer(work, services, fields, asked, language)}

    try:
        context = await unit(services, keep)
    except Gone:
        return missing(request, services, me, "question", code[:12])
    return page(request, services, "desk_preview.html", me, now=services.clock(), **context)


def _asked(work: Work, code: str) -> Question:
    found = work.questions.get(code[:12])
    if found is None:
        raise Gone
    return found


@dataclass(frozen=True, slots=True)
class At:
    """A question in front of somebody, in this transaction."""

    room: Room
    code: str
    language: str


Do = Callable[[At], Any]


async def act(
    request: Request,
    services: Services,
    me: Moderator,
    code: str,
    do: Do,
    done: str,
    *,
    settles: bool = False,
) -> Response:
    """Keep what was written, do one thing with the question, and say how it went. What settles
    one that a colleague has taken has to be said twice.

    Refused: the form again with the reason. Stale: who was faster, the draft kept.
    """
    language = language_of(request, services.rules.language)
    form = await request.form()
    fields = drafts.fields_of(form) if "claim" in form else None

    def keep(work: Work) -> None:
        asked = _asked(work, code)
        if fields is not None:
            work.desk.save_draft(me.id, asked.code, fields)

    def once(work: Work) -> Any:
        at = At(_room(work, services), _asked(work, code).code, language)
        if settles:
            _unheld(at, me, str(form.get("despite", "")))
        return do(at)

    try:
        await unit(services, keep)
        given = await unit(services, once)
    except Gone:
        return missing(request, services, me, "question", code[:12])
    except (Refused, Stale) as problem:
        return await _question_page(
            request, services, me, code,
            status=status_of(problem), problem=problem, fields=fields,
        )  # fmt: skip
    if isinstance(given, Proposal):
        done = "proposed"
    if done == "split" and isinstance(given, Question):
        done = f"split&new={given.code}"
    return no_store(RedirectResponse(f"/desk/q/{code[:12]}?done={done}", 303))


def _unheld(at: At, me: Moderator, despite: str) -> None:
    """Raises Held while a colleague has the question, unless the form names them."""
    lease = at.room.cases.lease(at.code, at.room.now)
    if lease is None or lease.moderator == me.id or despite == str(lease.moderator):
        return
    asked = at.room.ports.questions.get(at.code)
    if asked is not None and asked.state is QuestionState.OPEN:
        raise Held(words(at.language)("case.held", who=lease.name), lease.moderator)


def _room(work: Work, services: Services) -> Room:
    return room(work, services.clock(), services.rules)


def read_version(form: FormData) -> int:
    """The version of the question that was on the page; 0 fits none."""
    return number_in(str(form.get("version", "")))


@router.post("/desk/q/{code}/answer")
async def answer(request: Request, services: Here, me: Writer, code: str) -> Response:
    """Publish: the fact-check exists, the question is settled, the askers are told."""
    form = await request.form()

    def do(at: At) -> FactCheck | Proposal:
        draft = answer_form.read(drafts.fields_of(form), at.language)
        version = read_version(form)
        return moderate.answer_question(at.room.ports, me, at.code, version, draft, at.language)

    return await act(request, services, me, code, do, "answered", settles=True)


@router.post("/desk/q/{code}/merge")
async def merge(request: Request, services: Here, me: Merger, code: str) -> Response:
    """This question asks about a published fact-check."""
    form = await request.form()
    wanted = number_in(str(form.get("number", "")).strip().lstrip("#"))

    def do(at: At) -> Question:
        return moderate.merge_into_fact(
            at.room.ports, me, at.code, read_version(form), wanted, at.language
        )

    return await act(request, services, me, code, do, "merged", settles=True)


@router.post("/desk/q/{code}/reject")
async def reject(request: Request, services: Here, me: Closer, code: str) -> Response:
    """Close without a verdict; the askers read the reason."""
    form = await request.form()
    reason = str(form.get("reason", ""))

    def do(at: At) -> Question:
        return moderate.reject(at.room.ports, me, at.code, read_version(form), reason, at.language)

    return await act(request, services, me, code, do, "rejected", settles=True)


@router.post("/desk/q/{code}/undo")
async def undo(request: Request, services: Here, me: Undoer, code: str) -> Response:
    """Take it back while nothing has gone out."""
    form = await request.form()

    def do(at: At) -> Question:
        return moderate.undo(at.room.ports, me, at.code, read_version(form), at.language)

    return await act(request, services, me, code, do, "undone")


@router.get("/desk/search")
async def search(
    request: Request,
    services: Here,
    me: Reader,
    q: str = "",
    code: str = "",
    version: Whole = 0,
    despite: str = "",
) -> Response:
    """Published fact-checks for merging, by number or by words."""
    text = q.strip()[:LONGEST_SEARCH]
    number = number_in(text.lstrip("#"))

    def find() -> list[dict[str, Any]]:
        matches = services.finder.find(text, limit=RESULTS).matches if text else ()
        with services.database.read() as work:
            exact = work.facts.get(number) if number else None
            found = nearest(work, matches)
            if text and not found and not number:  # one word alone says nothing to the matcher
                named = work.facts.browse(text, state=State.PUBLISHED.value, limit=RESULTS)
                found = [{"record": record, "why": None} for record in named]
        if exact is not None and exact.state is State.PUBLISHED:
            found.insert(0, {"record": exact, "why": None})
        return found

    results = await anyio.to_thread.run_sync(find)
    return page(
        request, services, "desk_results.html", me, q=text, results=results,
        asked={"code": code[:12], "version": version}, despite=despite[:20],
    )  # fmt: skip
