"""Public pages: start, fact-checks with ClaimReview, how it works, privacy."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import RedirectResponse, Response

from bot import archive
from bot.web.chat import served
from bot.web.pages import language_of, render
from bot.web.services import Here, Services
from handlers import texts
from handlers.answering import number_in
from handlers.corrections import public_reason
from handlers.replies import checked_on, fact_text, why_text
from knowledge_base.exchange.claimreview import as_script, to_claim_review
from knowledge_base.facts import FactCheck, Moderator, State, Version

router = APIRouter(include_in_schema=False)

NEWEST = 12
LONGEST_WHY = 4000
NOT_INDEXED = ("/desk", "/chat", "/api/", "/webhooks/", "/metrics")


@router.get("/")
def home(request: Request, services: Here) -> Response:
    """What Saring is, the newest fact-checks, the way to the chat."""
    with services.database.read() as work:
        newest = work.facts.published(NEWEST)
    return render(
        request,
        services,
        "home.html",
        newest=[shown(record) for record in newest],
        chat=served(services, request),
    )


@router.get("/robots.txt")
def robots() -> Response:
    """Public pages may be found by search engines; what is for people of the desk, for one
    visitor or for programs is not."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_INDEXED), ""]
    return Response("\n".join(lines), media_type="text/plain")


@router.get("/p/{number}")
def fact_check(request: Request, services: Here, number: str) -> Response:
    """One fact-check; what was withdrawn says so, what never was says so too."""
    known = number_in(number)
    with services.database.read() as work:
        record = work.facts.get(known)
        history = work.facts.history(known) if record else ()
    if record is None or record.state is State.DRAFT:
        return render(request, services, "missing_fact.html", 404)
    if record.replaced_by:
        return RedirectResponse(f"/p/{record.replaced_by}", 302)  # a roll-back can undo it
    if record.state is State.RETRACTED:
        return render(
            request, services, "retracted.html", 410, record=record, note=_noted(history[0])
        )
    with services.database.read() as work:
        roles = {one.name: one for one in work.desk.list()}
        gone = work.upkeep.gone([source.url for source in record.sources])
        kept = work.upkeep.copies(sorted(gone))
    language = language_of(request, services.rules.language)
    return render(
        request,
        services,
        "fact.html",
        record=record,
        shown=shown(record),
        gone=gone,
        copies={url: archive.address(url, copy) for url, copy in kept.items()},
        changes=changes(history, roles),
        review=claim_review(record, services, language),
    )


@router.get("/privasi")
def privacy(request: Request, services: Here) -> Response:
    """What is kept, why, how long, and how to have it deleted."""
    return _text_page(request, services, "privacy")


@router.get("/metode")
def method(request: Request, services: Here) -> Response:
    """How a verdict comes about and what it can and cannot say."""
    return _text_page(request, services, "method")


def _text_page(request: Request, services: Services, name: str) -> Response:
    language = language_of(request, services.rules.language)
    return render(request, services, f"{name}.{language}.html")


def shown(record: FactCheck) -> dict[str, Any]:
    """What a page says of a fact-check besides its own fields."""
    return {
        "record": record,
        "fact": fact_text(record),
        "why": why_text(record, LONGEST_WHY),
        "checked_on": checked_on(record),
    }


def _noted(version: Version) -> dict[str, Any]:
    return {"at": version.at, "reason": public_reason(version.reason)}


def changes(history: tuple[Version, ...], people: Mapping[str, Moderator]) -> list[dict[str, Any]]:
    """Corrections, newest first: versions whose verdict or fact differs from the one before or
    that came back; by role and organisation, never by name."""
    noted = []
    for newer, older in pairwise(history):
        new, old = newer.fact_check, older.fact_check
        back = old.state is State.RETRACTED and new.state is State.PUBLISHED
        if back or (new.verdict, new.fact, new.state) != (old.verdict, old.fact, old.state):
            before = old.verdict if old.verdict is not new.verdict else None
            gone = new.state is State.RETRACTED
            noted.append(
                {"at": newer.at, "reason": public_reason(newer.reason), "before": before,
                 "now": new, "who": people.get(newer.actor), "gone": gone, "back": back}
            )  # fmt: skip
    return noted


def claim_review(record: FactCheck, services: Services, language: str) -> Markup:
    """The JSON-LD of the page, safe between script tags."""
    site = services.rules.public_url
    word = texts.say(language, f"word.{record.verdict}")
    page = f"{site}/p/{record.number}"
    data = to_claim_review(record, page, word, services.rules.organisation, site)
    return Markup(as_script(data))  # noqa: S704 - `<`, `>` and `&` are escaped in it
