"""The JSON API: the check as a service, health, figures for Prometheus, documentation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from hmac import compare_digest
from typing import Any, Literal

import anyio.to_thread
from fastapi import APIRouter, Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from bot.inbox import TooLarge
from bot.overdue import waits
from bot.web.guard import body_of, is_local
from bot.web.limits import network
from bot.web.pages import render
from bot.web.services import Here, Services
from handlers.matched import known, read
from knowledge_base.facts import FactCheck
from knowledge_base.search.findings import Decision, Match, Part, Result

router = APIRouter()

LONGEST = 100_000  # characters; the matcher reads the first few thousand
LARGEST = 12 * LONGEST + 10_000  # bytes: JSON may write one emoji as twelve


class Question(BaseModel):
    """A text to check."""

    text: str = Field(min_length=1, max_length=LONGEST, description="The message as it arrived.")
    lang: str | None = Field(None, description="Its language, such as `id` or `en`, if known.")


class Evidence(BaseModel):
    """A source a verdict rests on."""

    url: str
    publisher: str = ""
    title: str = ""
    date: str | None = None


class Conflict(BaseModel):
    """The same thing said differently in message and claim."""

    type: str
    message: str
    claim: str


class Reasons(BaseModel):
    """Why a match is a match (with an API key)."""

    agree: list[str]
    differ: list[Conflict]
    via: str


class Found(BaseModel):
    """A published fact-check that resembles the message, best first."""

    id: str
    number: int
    verdict: Literal[
        "false", "scam", "misleading", "partly", "true", "satire", "unproven", "opinion"
    ]
    claim: str
    fact: str
    explanation: str
    sources: list[Evidence]
    page: str
    score: float | None = Field(None, description="With an API key.")
    why: Reasons | None = Field(None, description="With an API key.")


class Stretch(BaseModel):
    """A part of the message that makes a claim of its own."""

    start: int
    end: int
    decision: Literal["answer", "suggest", "ask_human"]
    stance: Literal["claim", "debunk", "question"]
    matches: list[Found]
    confidence: float | None = Field(None, description="With an API key.")


class Answer(BaseModel):
    """`answer`: the first match is it. `suggest`: perhaps. `ask_human`: not known."""

    decision: Literal["answer", "suggest", "ask_human"]
    stance: Literal["claim", "debunk", "question"]
    matches: list[Found]
    parts: list[Stretch] | None = Field(None, description="Only where there is more than one.")
    confidence: float | None = Field(None, description="With an API key.")


class Problem(BaseModel):
    """What is wrong."""

    error: str
    field: str | None = None


PROBLEMS: dict[int | str, dict[str, Any]] = {
    200: {"model": Answer},
    400: {"model": Problem, "description": "Not JSON"},
    401: {"model": Problem, "description": "This API key is not known"},
    413: {"model": Problem, "description": "Too long"},
    422: {"model": Problem, "description": "A field is missing or wrong"},
    429: {
        "model": Problem,
        "description": "More than 60 requests, or 10 wrong keys, a minute; see Retry-After",
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": Question.model_json_schema()}},
    },
    "security": [{}],  # or none
}
# Named for the description only; `authorised` reads them.
KEYS = [
    Security(HTTPBearer(scheme_name="bearer", auto_error=False)),
    Security(APIKeyHeader(name="X-API-Key", scheme_name="key", auto_error=False)),
]


class Wrong(Exception):
    """A request that cannot be answered: status, what is wrong, in which field."""

    def __init__(self, status: int, error: str, field: str | None = None, wait: int = 0) -> None:
        super().__init__(error)
        self.status = status
        self.field = field
        self.wait = wait

    def response(self) -> JSONResponse:
        """As the contract says."""
        body = {"error": str(self)} | ({"field": self.field} if self.field else {})
        headers = {"Retry-After": str(self.wait)} if self.wait else {}
        if self.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        return JSONResponse(body, self.status, headers)


@router.post(
    "/api/v1/check",
    summary="Check a message",
    tags=["check"],
    response_model=None,
    responses=PROBLEMS,
    openapi_extra=BODY,
    dependencies=KEYS,
)
async def check(request: Request, services: Here) -> Response:
    """What is known about a message: the same engine that answers people in their chats.

    Nothing of the text is kept. Without an API key 60 requests a minute and address are
    answered, without scores and reasons.
    """
    try:
        trusted = authorised(request, services)
        if not trusted:
            admit(request, services)
        text, lang = read_question(await body_of(request, LARGEST))
        answer = await anyio.to_thread.run_sync(find, services, text, lang, trusted)
    except TooLarge as error:
        return Wrong(413, str(error)).response()
    except Wrong as wrong:
        return wrong.response()
    return JSONResponse(answer.model_dump(mode="json", exclude_none=True))


def authorised(request: Request, services: Services) -> bool:
    """Is there an API key, and is it one of ours? Raises Wrong for a foreign one, and after ten
    of them in a minute for any from that address."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    key = key.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    if not key:
        return False
    client, now = network(request.client.host if request.client else ""), services.clock()
    if wait := services.limits.wrong_keys.closed(client, now):
        raise Wrong(429, "too many wrong keys", wait=wait)
    if not any([same(key, own) for own in services.api_keys]):
        services.limits.wrong_keys.wait(client, now)
        raise Wrong(401, "this API key is not known")
    return True


def same(given: str, secret: str) -> bool:
    """Equality that takes as long whatever differs."""
    return compare_digest(given.encode("utf-8", "replace"), secret.encode())


def admit(request: Request, services: Services) -> None:
    """Count the request of this address. Raises Wrong when there are too many."""
    client = request.client.host if request.client else ""
    if wait := services.limits.api.wait(network(client), services.clock()):
        raise Wrong(429, "too many requests", wait=wait)


def read_question(body: bytes) -> tuple[str, str]:
    """Text and language of a request. Raises Wrong, TooLarge."""
    try:
        raw = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Wrong(400, "the body is not JSON in UTF-8") from error
    if not isinstance(raw, dict):
        raise Wrong(422, 'an object is expected: {"text": "…"}', "body")
    text, lang = raw.get("text"), raw.get("lang", "")
    if not isinstance(text, str) or not text.strip():
        raise Wrong(422, "text is required and must not be empty", "text")
    if len(text) > LONGEST:
        raise TooLarge(f"text is longer than {LONGEST} characters")
    if lang is not None and not (isinstance(lang, str) and len(lang) <= 35):
        raise Wrong(422, "lang must be a language code such as id", "lang")
    return text, lang or ""


def find(services: Services, text: str, lang: str, trusted: bool) -> Answer:
    """Search, then read every record again: a retracted one must not be shown."""
    result = services.finder.find(text, lang)
    facts, decisions = read_facts(services, result)
    site = services.rules.public_url

    def found(matches: tuple[Match, ...]) -> list[Found]:
        shown = [(match, facts[match.id]) for match in matches if match.id in facts]
        return [describe(match, fact_check, site, trusted) for match, fact_check in shown]

    def stretch(part: Part, decision: Decision) -> Stretch:
        return Stretch(
            start=part.start,
            end=part.end,
            decision=decision.value,
            stance=part.stance.value,
            matches=found(part.matches),
            confidence=part.confidence if trusted else None,
        )

    return Answer(
        decision=decisions[0].value,
        stance=result.stance.value,
        matches=found(result.matches),
        parts=list(map(stretch, result.parts, decisions[1:])) or None,
        confidence=result.confidence if trusted else None,
    )


def read_facts(
    services: Services, result: Result
) -> tuple[dict[str, FactCheck], tuple[Decision, ...]]:
    """The published fact-checks of a result by the id the search gave, and the decisions on the
    message and on its parts, made more careful where the database says so."""
    matches = [*result.matches, *(match for part in result.parts for match in part.matches)]
    with services.database.read() as work:
        facts = {
            match.id: found.fact for match in matches for found in known(work.facts, [match], 1)
        }
        whole = result.decision if result.parts else read(work.facts, result).decision
        parts = tuple(read(work.facts, part).decision for part in result.parts)
    lost = any(now is not part.decision for now, part in zip(parts, result.parts, strict=True))
    if whole is Decision.ANSWER and lost:
        whole = Decision.SUGGEST
    return facts, (whole, *parts)


def describe(match: Match, fact_check: FactCheck, site: str, trusted: bool) -> Found:
    """One match as the contract names its fields."""
    return Found(
        id=fact_check.identity,
        number=fact_check.number,
        verdict=fact_check.verdict.value,
        claim=fact_check.claim,
        fact=fact_check.fact,
        explanation=fact_check.explanation,
        sources=[
            Evidence(
                url=source.url,
                publisher=source.publisher,
                title=source.title,
                date=iso(source.date),
            )
            for source in fact_check.sources
        ],
        page=f"{site}/p/{fact_check.number}",
        score=match.score if trusted else None,
        why=Reasons.model_validate(asdict(match.why)) if trusted else None,
    )


def iso(value: date | None) -> str | None:
    """A date as YYYY-MM-DD."""
    return value.isoformat() if value else None


@router.get("/healthz", summary="Is the process alive?", tags=["health"])
async def healthz() -> dict[str, str]:
    """Answers as long as the process runs; touches nothing."""
    return {"status": "ok"}


@router.get("/readyz", summary="Ready to take work?", tags=["health"], response_model=None)
def readyz(services: Here) -> Response:
    """Database reachable with our schema, index in step: 200. Otherwise 503, part by part."""
    problems = services.readiness()
    return JSONResponse(
        {"ready": not problems, "problems": dict(problems)}, 503 if problems else 200
    )


class Figures(Collector):
    """Counts read from the database at the moment of asking."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def collect(self) -> Iterator[Metric]:
        """Rows by state: what waits, is done, is parked."""
        yield InfoMetricFamily("saring", "This program", {"version": self._services.version})
        with self._services.database.read() as work:
            counts = {
                "inbox": work.inbox.counts(),
                "outbox": work.outbox.counts(),
                "jobs": work.job_table.counts(),
                "questions": work.questions.count(),
                "fact_checks": work.facts.count(),
            }
            oldest = waits(work, self._services.clock())
            ignored, billed = work.tally.all_ignored(), work.tally.all_billed()
        for name, states in counts.items():
            yield _gauge(name, states)
        yield _oldest(oldest)
        yield _ignored({**ignored, **self._services.ignored()})
        yield _billed(billed, self._services.clock().date())


def _oldest(waiting: Mapping[str, timedelta]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "saring_oldest_seconds", "How long the oldest that waits has been due", labels=["what"]
    )
    for what, wait in waiting.items():
        family.add_metric([what], wait.total_seconds())
    return family


def _ignored(counts: Mapping[tuple[str, str], int]) -> CounterMetricFamily:
    family = CounterMetricFamily(
        "saring_updates_ignored",
        "Updates left out on purpose, by channel and kind",
        labels=["channel", "kind"],
    )
    for (channel, kind), count in sorted(counts.items()):
        family.add_metric([channel, kind], count)
    return family


def _billed(counts: Mapping[tuple[str, date], int], today: date) -> GaugeMetricFamily:
    family = GaugeMetricFamily(
        "saring_billable_messages",
        "Messages a platform says it bills, today (UTC) and since the beginning",
        labels=["channel", "since"],
    )
    for channel in sorted({channel for channel, _ in counts}):
        mine = {day: count for (name, day), count in counts.items() if name == channel}
        family.add_metric([channel, "today"], mine.get(today, 0))
        family.add_metric([channel, "beginning"], sum(mine.values()))
    return family


def _gauge(name: str, states: Mapping[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"saring_{name}", f"{name} by state", labels=["state"])
    for state, count in sorted(states.items()):
        family.add_metric([str(state)], count)
    return family


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request, services: Here) -> Response:
    """Prometheus text, for this machine or with the token (decision 21)."""
    token = request.headers.get("authorization", "").removeprefix("Bearer ")
    allowed = services.metrics_token and same(token, services.metrics_token)
    if not (is_local(request) or allowed):
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Figures(services))
    ProcessCollector(registry=registry)
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4")


@router.get("/docs", include_in_schema=False)
def docs(request: Request, services: Here) -> Response:
    """The OpenAPI description as a page."""
    return render(request, services, "docs.html", api=request.app.openapi())
