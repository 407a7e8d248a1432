"""Templates, words and language of the pages."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache, lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import AfterValidator
from starlette.responses import HTMLResponse, Response

from bot.web.services import Services
from handlers import texts
from handlers.replies import slot_word
from handlers.rights import Action, may
from knowledge_base.deeds import Deed

HERE = Path(str(files("bot.web")))
STATIC = HERE / "static"
LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "saring_lang"
YEAR = 365 * 24 * 3600
DEEDS = {one.value: one.name.lower() for one in Deed}


LARGEST_NUMBER = 2**53  # what scripts and databases agree on


def within(number: int) -> int:
    """A number of a visitor, brought into what the database takes."""
    return min(max(number, 0), LARGEST_NUMBER)


# a number in an address or form; what is too large names nothing
Whole = Annotated[int, AfterValidator(within)]


class Words:
    """The sentences of one language: `words("chat.send")`, with `{blanks}` filled by name."""

    def __init__(self, language: str, sentences: Mapping[str, str]) -> None:
        self.language = language
        self._sentences = sentences

    def __call__(self, key: str, /, **values: object) -> str:
        return self._sentences[key].format(**values)

    def many(self, key: str, count: int, /) -> str:
        """The form for this count: `key.one` or `key.other`, with {count} filled."""
        form = "one" if count == 1 else "other"
        return self(f"{key}.{form}", count=texts.number(self.language, count))

    def group(self, name: str) -> dict[str, str]:
        """All sentences of one table, by their short key (for scripts)."""
        prefix = f"{name}."
        found = self._sentences.items()
        return {key[len(prefix) :]: text for key, text in found if key.startswith(prefix)}


@cache
def ready_answers(language: str) -> tuple[tuple[str, str], ...]:
    """Ready beginnings for an explanation: (words on the button, text), from answers.toml."""
    table = tomllib.loads((HERE / "texts" / "answers.toml").read_text("utf-8"))
    return tuple((one[language]["name"], one[language]["text"]) for one in table.values())


def _flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{prefix}{key}.")
        else:
            flat[prefix + key] = str(value)
    return flat


@cache
def words(language: str) -> Words:
    """The words of a language we have."""
    text = (HERE / "texts" / f"{language}.toml").read_text("utf-8")
    return Words(language, _flat(tomllib.loads(text)))


def accepted(header: str) -> str:
    """The first of our languages in an Accept-Language header; empty when there is none."""
    weighted = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _, quality = part.strip().partition(";")
        language = tag.split("-")[0].lower()
        if language in LANGUAGES:
            number = quality.strip().removeprefix("q=")
            weight = float(number) if number.replace(".", "", 1).isdecimal() else 1.0
            weighted.append((-weight, position, language))
    return min(weighted)[2] if weighted else ""


def language_of(request: Request, default: str) -> str:
    """What the visitor chose (`?lang=`, then the cookie), else what the browser asks for."""
    for chosen in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if chosen in LANGUAGES:
            return str(chosen)
    return accepted(request.headers.get("accept-language", "")) or default


@cache
def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so browsers may keep it."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]
    return f"/static/{name}?v={digest}"


def day(language: str, value: date | datetime | None, zone: str) -> str:
    """A date the local way: 12 November 2026."""
    if isinstance(value, datetime):
        value = texts.local(value, zone).date()
    return texts.day(language, value) if value else ""


@lru_cache(maxsize=4096)  # the same cards are shown again and again
def moment(language: str, value: datetime | None, zone: str) -> str:
    """A date with its time: 12 November 2026, 10.20 WIB."""
    if value is None:
        return ""
    return f"{day(language, value, zone)}, {texts.clock(language, value, zone)}"


def deed(say: Words, name: str) -> str:
    """What somebody did, in words; a name of an older version stays as it is."""
    return say(f"deed.{DEEDS[name]}") if name in DEEDS else name


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset
    environment.globals["may"] = lambda who, action: may(who, Action(action))
    return environment


def render(
    request: Request, services: Services, template: str, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page in the visitor's language; `?lang=` is remembered."""
    language = language_of(request, services.rules.language)
    html = filled(services, template, language, request=request, **context)
    return respond(request, services, html, status)


def filled(services: Services, template: str, language: str, **context: Any) -> str:
    """The text of a page or of a part of one."""
    zone = services.rules.timezone
    return (
        _environment()
        .get_template(template)
        .render(
            t=words(language),
            lang=language,
            rules=services.rules,
            version=services.version,
            say=partial(texts.say, language),
            topic_name=partial(texts.topic, language),
            slot_word=partial(slot_word, language),
            day=lambda value: day(language, value, zone),
            moment=lambda value: moment(language, value, zone),
            deed=partial(deed, words(language)),
            actor=partial(texts.actor, language),
            other_language={"id": "en", "en": "id"}[language],
            **context,
        )
    )


def respond(request: Request, services: Services, html: str, status: int = 200) -> HTMLResponse:
    """The answer with this text; `?lang=` is remembered."""
    response = HTMLResponse(html, status)
    response.headers["Content-Language"] = language_of(request, services.rules.language)
    response.headers["Vary"] = "Accept-Language, Cookie"
    language = request.query_params.get("lang")
    if language in LANGUAGES:
        choose(response, services, str(language))
    return response


def choose(response: Response, services: Services, language: str) -> None:
    """Remember the visitor's language."""
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=YEAR,
        secure=services.secure_cookies,
        httponly=True,
        samesite="lax",
    )
