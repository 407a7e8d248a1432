"""Figures of the desk: how much, how fast, how good; who is here; the same as CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from bot.doors import Work
from bot.web import charts
from bot.web.desk import page, reading
from bot.web.login import asks, no_store
from bot.web.pages import Words, language_of, words
from bot.web.services import Here, Services
from bot.web.spreadsheet import BOM, lines
from handlers import summary, texts
from handlers.rights import Action
from knowledge_base.facts import Moderator
from knowledge_base.figures import DayFigures, PartFigures

router = APIRouter(include_in_schema=False)

Looker = Annotated[Moderator, Depends(asks(Action.SEE_FIGURES))]
Exporter = Annotated[Moderator, Depends(asks(Action.EXPORT))]
SPANS = (14, 30, 90)
CUTS = ("day", "topic", "channel")
KEPT_AS = {"day": "sums", "topic": "topics", "channel": "channels"}
NAMES = (
    "backlog",
    "asked",
    "automatic",
    "first_word",
    "verdict",
    "refused",
    "settled",
    "helpful",
    "unhelpful",
)
PARTS = ("backlog", "asked", "automatic_share", "first_word", "verdict", "refused_share", "settled",
         "helpful_share")  # fmt: skip
SHOWN = ("backlog", "asked", "automatic_share", "first_word", "verdict", "refused_share", "helpful")
SHORT = {"seconds": "s", "minutes": "min", "hours": "h", "days": "d"}
Value = float | None


def value_of(name: str, day: DayFigures | PartFigures) -> Value:
    """The figure of a day or part by name; shares lie between 0 and 1, times are seconds."""
    if name == "automatic_share":
        return day.automatic / day.asked if day.asked else None
    if name == "refused_share":
        said = day.automatic + (day.refused or 0)
        return day.refused / said if said and day.refused is not None else None
    if name == "helpful_share":
        votes = day.helpful + day.unhelpful
        return day.helpful / votes if votes else None
    value: Value = getattr(day, name)
    return value


def text_of(name: str, value: Value, say: Words) -> str:
    """A figure as people read it."""
    if value is None:
        return "–"
    if name.endswith("_share"):
        return f"{round(value * 100)} %"
    if name in ("first_word", "verdict"):
        unit, count = summary.in_unit(value)
        return say(f"figures.span_{SHORT[unit]}", count=count)
    return texts.number(say.language, int(value))


def _chart(name: str, days: Sequence[DayFigures], say: Words, label: Callable[[Any], str]) -> Any:
    values = [(label(day.day), value_of(name, day)) for day in days]
    drawn = [charts.Bar(on, value, text_of(name, value, say)) for on, value in values]
    return {
        "name": name,
        "title": say(f"figures.{name}"),
        "drawing": charts.bars(say(f"figures.{name}"), drawn),
        "rows": drawn,
    }


def _days(text: str) -> int:
    return int(text) if text in map(str, SPANS) else SPANS[0]


@router.get("/desk/figures")
async def figures(request: Request, services: Here, me: Looker, days: str = "") -> Response:
    """The last days in charts with a table under each, parts, and who is here."""
    now, span = services.clock(), _days(days)
    say = words(language_of(request, services.rules.language))

    def gather(work: Work) -> dict[str, Any]:
        counted, figures = _figures(services, work, span)
        return {
            **figures,
            "counted": counted,
            "present": work.accounts.present(now),
            "taken": work.figures.taken(now),
            "standing": work.figures.standing(),
        }

    context = await reading(services, gather)
    sums = context.pop("sums")
    return page(
        request,
        services,
        "desk_figures.html",
        me,
        span=span,
        spans=SPANS,
        columns=PARTS,
        charts=[_chart(name, sums, say, lambda day: f"{day:%d.%m.}") for name in SHOWN],
        today=summary.lines(sums[-1], context["standing"], say.language, now),
        value_text=lambda name, part: text_of(name, value_of(name, part), say),
        topic=partial(texts.topic, say.language),
        **context,
    )


def _figures(services: Services, work: Work, span: int) -> tuple[datetime, dict[str, Any]]:
    """The figures of the last `span` days, and when they were counted: a minute ago at most."""
    now = services.clock()
    since = now - timedelta(days=span - 1)
    return services.recent.get(
        ("figures", span), now, lambda: _counted(work, since, services.rules.timezone)
    )


def _counted(work: Work, since: datetime, zone: str) -> dict[str, Any]:
    """What is counted over many rows."""
    return {
        "sums": work.figures.sums(since, zone),
        "topics": work.figures.by("topic", since, zone),
        "channels": work.figures.by("channel", since, zone),
    }


@router.get("/desk/figures.csv")
async def export(services: Here, me: Exporter, days: str = "", by: str = "day") -> Response:
    """The same as CSV, by day, topic or channel; times in seconds, empty where not known."""
    span, cut = _days(days), by if by in CUTS else "day"
    _, figures = await reading(services, lambda work: _figures(services, work, span))
    found: Sequence[DayFigures | PartFigures] = figures[KEPT_AS[cut]]
    rows = [[_label(one), *(getattr(one, name) for name in NAMES)] for one in found]
    body = BOM + lines([(cut, *NAMES), *rows])
    response = Response(body, media_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="figures-by-{cut}.csv"'
    return no_store(response)


def _label(one: DayFigures | PartFigures) -> str:
    return one.name if isinstance(one, PartFigures) else one.day.isoformat()
