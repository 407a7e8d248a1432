"""The queue of the desk: cards by demand with their reasons, filters, views, live."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from bot.doors import Work, room
from bot.web.case_view import sent_back
from bot.web.desk import nearest, page, reading, shown, unit
from bot.web.hub import END, Crowded, next_event
from bot.web.login import HalfIn, Owner, Reader, cookie_name, no_store
from bot.web.pages import filled, language_of, respond, within
from bot.web.services import Here, Services
from handlers import casework, ranking, texts
from handlers.rights import Action, may
from knowledge_base.facts import Moderator, Refused
from knowledge_base.queue import Card, Wish

router = APIRouter(include_in_schema=False)

PAGE = 30
FARTHEST = 20_000  # places a page can begin at
LONGEST_SEARCH = 200
LISTEN_SECONDS = 2.0  # how soon a page hears of what another process has done
AFTER_CHANGE = 4.0  # in a flood of questions a page renews itself no more often
QUIET_ROUNDS = 7
STATES = ("", "free", "mine", "taken", "approval", "escalated", "closed")
CHANNELS = ("whatsapp", "telegram", "browser")
AGES = (1, 24, 72)


def wish_of(fields: Mapping[str, Any], me: Moderator) -> Wish:
    """The filter of a page's address; what is not one of the choices is left out."""

    def one_of(name: str, choices: tuple[str, ...]) -> str:
        value = str(fields.get(name, ""))
        return value if value in choices else ""

    hours = str(fields.get("hours", ""))
    return Wish(
        state=one_of("state", STATES),
        topic=one_of("topic", tuple(name for name, _ in texts.topics("id"))),
        channel=one_of("channel", CHANNELS),
        lang=one_of("lang_of", ("id", "en", "jv", "su", "ms")),
        hours=int(hours) if hours in map(str, AGES) else 0,
        text=str(fields.get("text", "")).strip()[:LONGEST_SEARCH],
        moderator=me.id,
    )


def query_of(wish: Wish, start: int = 0) -> str:
    """The filter as a query string; empty fields are left out."""
    fields = {
        "state": wish.state,
        "topic": wish.topic,
        "channel": wish.channel,
        "lang_of": wish.lang,
        "hours": wish.hours or "",
        "text": wish.text,
        "start": start or "",
    }
    return urlencode({name: value for name, value in fields.items() if value})


def address(wish: Wish, start: int = 0, path: str = "/desk") -> str:
    """The queue's address with this filter."""
    query = query_of(wish, start)
    return f"{path}?{query}" if query else path


@router.get("/desk")
async def queue(request: Request, services: Here, me: Reader, start: int = 0) -> Response:
    """Open questions, the most wanted first, with filters and what names this person."""
    wish = wish_of(request.query_params, me)

    def gather(work: Work) -> dict[str, Any]:
        return {
            **_list(work, services, wish, min(within(start), FARTHEST)),
            "mentions": work.cases.mentions(me.id),
            "sent_back": sent_back(work, me),
            **_for_editors(work, services, me),
            "views": work.cases.views(me.id),
            "pulse": work.queue.pulse(),
        }

    topics = texts.topics(language_of(request, services.rules.language))
    choices = {"states": STATES, "channels": CHANNELS, "ages": AGES, "topics": topics}
    return await shown(request, services, "desk.html", me, gather, choices=choices)


def _for_editors(work: Work, services: Services, me: Moderator) -> dict[str, int]:
    """How much waits for somebody who may approve; nothing for anybody else."""
    if not may(me, Action.APPROVE):
        return {"called": 0, "undecided": 0}
    called = work.queue.count(Wish(state="escalated", moderator=me.id), services.clock())
    return {"called": called, "undecided": work.proposals.undecided(me.name)}


@router.get("/desk/cards")
async def cards(request: Request, services: Here, me: Reader, start: int = 0) -> Response:
    """The same list alone, for the page to renew itself. Many desks are open at once and hear of
    the same change: what they share is read and written once a second."""
    wish, place = wish_of(request.query_params, me), min(within(start), FARTHEST)
    acts = await reading(services, lambda work: work.queue.acts())
    whose = me.id if wish.state == "mine" else 0
    key = (replace(wish, moderator=whose), place, acts)  # what somebody did is seen at once

    async def read() -> Renewal:
        return Renewal(await reading(services, lambda work: _list(work, services, wish, place)))

    # no older than what the page was told of, or it would miss that for good
    renewal = await services.shared.get(key, services.pulse.read_at, read)
    html = renewal.html(services, language_of(request, services.rules.language), me)
    return no_store(respond(request, services, html))


class Renewal:
    """A list of cards, and how it looks to those who see the same in it."""

    def __init__(self, context: Mapping[str, Any]) -> None:
        self._context = context
        leases = (card["work"].lease for card in context["cards"])
        self._holders = {lease.moderator for lease in leases if lease}
        self._html: dict[tuple[str, int, bool], str] = {}

    def html(self, services: Services, language: str, me: Moderator) -> str:
        """The cards in words: the same for all but those who have taken one of them."""
        sees = (language, me.id if me.id in self._holders else 0, may(me, Action.TAKE))
        if sees not in self._html:
            self._html[sees] = filled(services, "desk_cards.html", language, me=me, **self._context)
        return self._html[sees]


def _list(work: Work, services: Services, wish: Wish, start: int) -> dict[str, Any]:
    now = services.clock()
    end = start + PAGE  # no later id of either list can stand on this page
    found = work.queue.order(wish, now, end)
    order = list(found.wanted)
    if wish.state != "closed":
        order = ranking.arrange(found.wanted, found.oldest)
    shown = work.queue.cards(order[start:end], now)
    return {
        "cards": [_card(work, card, services) for card in shown],
        "wish": wish,
        "start": start,
        "found": found.count,
        "here": query_of(wish, start),
        "more": address(wish, start + PAGE) if found.count > end else "",
        "before": address(wish, max(0, start - PAGE)) if start else "",
        "counts": work.questions.count(),
        "now": now,
    }


def _card(work: Work, card: Card, services: Services) -> dict[str, Any]:
    now = services.clock()
    return {
        "question": card.question,
        "work": card,
        "why": ranking.told(card.signals, now),
        "reserved": now - card.signals.first_asked >= ranking.OLD,
        "nearest": nearest(work, card.near),
    }


# ── live


@router.get("/desk/events")
async def events(request: Request, services: Here, me: Reader, seen: str = "") -> Response:
    """Server-sent events: `changed` whenever the queue may look different."""
    token = request.cookies.get(cookie_name(services), "")
    return StreamingResponse(
        stream(services, me, token, seen[:80]),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def stream(services: Services, me: Moderator, token: str, seen: str) -> AsyncIterator[str]:
    """One page's events; ends with the session, or when the server stops."""
    try:
        with services.hub.listen(f"desk/{me.id}") as heard:
            yield "retry: 2000\n\n"
            quiet, part = 0, random.random()  # noqa: S311 - pages opened at once look in turn
            while await reading(
                services, lambda work: work.accounts.session(token, services.clock())
            ):
                pulse = await services.pulse.look(lambda: reading(services, _pulse))
                quiet = quiet + 1 if pulse == seen else 0
                if pulse != seen:
                    seen = pulse
                    yield f"id: {pulse}\nevent: changed\ndata: {pulse}\n\n"
                elif quiet % QUIET_ROUNDS == 0:  # finds out whether the page is still there
                    yield ": still here\n\n"
                pause = part * (LISTEN_SECONDS if quiet else AFTER_CHANGE)
                if await next_event(heard, pause) is END:
                    return
                part = 1.0
            yield "event: ended\ndata: {}\n\n"
    except Crowded:
        yield "event: crowded\ndata: {}\n\n"


def _pulse(work: Work) -> str:
    return work.queue.pulse()


# ── views


@router.post("/desk/views")
async def save_view(request: Request, services: Here, me: Owner, session: HalfIn) -> Response:
    """Keep the filter of this page under a name."""
    form = await request.form()
    name, wish = str(form.get("name", "")), wish_of({k: str(v) for k, v in form.items()}, me)
    language = language_of(request, services.rules.language)

    def save(work: Work) -> None:
        tools = room(work, services.clock(), services.rules)
        casework.save_view(tools, me, name, query_of(wish), language)

    try:
        await unit(services, save)
    except Refused as refused:
        return page(request, services, "desk_view_refused.html", me, status=422, problem=refused)
    return no_store(RedirectResponse(address(wish), 303))


@router.post("/desk/views/{id}/drop")
async def drop_view(services: Here, me: Owner, session: HalfIn, id: int) -> Response:
    """Forget one of one's own."""
    await unit(services, lambda work: work.cases.drop_view(me.id, within(id)))
    return no_store(RedirectResponse("/desk", 303))
