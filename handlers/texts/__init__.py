"""Every sentence people read, one file for each language, and the local way to write dates.

`say(language, key, /, **values)` fills a sentence's blanks. Values are never read as templates,
so braces in somebody's text stay braces. Files are read once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

FALLBACK = "id"
TOPIC = "topic."
_NAMES = sorted(item.name for item in files(__name__).iterdir() if item.name.endswith(".toml"))
LANGUAGES = (FALLBACK, *(n.removesuffix(".toml") for n in _NAMES if n != f"{FALLBACK}.toml"))


@cache
def _file(language: str) -> Mapping[str, Any]:
    text = files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        elif isinstance(value, str):
            yield prefix + key, value


@cache
def sentences(language: str) -> Mapping[str, str]:
    """All sentences of a language, key to template."""
    return dict(_flat(_file(language)))


@cache
def words(kind: str) -> frozenset[str]:
    """The words or phrases of one kind in all languages together, lower case."""
    tables = [_file(language)["words"] for language in LANGUAGES]
    return frozenset(word for table in tables for word in table.get(kind, ()))


def readable(language: str) -> str:
    """The language as one of LANGUAGES: "en-GB" is "en"; unknown ones are the fallback."""
    short = language.lower().split("-")[0]
    return short if short in LANGUAGES else FALLBACK


def say(language: str, key: str, /, **values: object) -> str:
    """The sentence `key` in this language with its blanks filled. KeyError for unknown keys."""
    return sentences(readable(language))[key].format_map(values)


def again(language: str, said: str, keys: Sequence[str], /) -> str:
    """What was said by one of these keys (without blanks) in any language, in this one; other
    words stay as they are."""
    for key in keys:
        if any(said == say(other, key) for other in LANGUAGES):
            return say(language, key)
    return said


def topic(language: str, name: str, /) -> str:
    """A topic's name; one that an import brought and nobody named stays as it is."""
    return sentences(readable(language)).get(f"topic.{name}", name)


def actor(language: str, name: str, /) -> str:
    """Who did something: a person's name as it is, in words what is none of the desk."""
    return sentences(readable(language)).get(f"actor.{name}", name)


def topics(language: str, /) -> tuple[tuple[str, str], ...]:
    """Every topic there is a word for: name and word."""
    found = sentences(readable(language)).items()
    return tuple((key.removeprefix(TOPIC), word) for key, word in found if key.startswith(TOPIC))


def say_many(language: str, key: str, count: int, /, **values: object) -> str:
    """Like `say`, in the form for this count: `key.one` or `key.other`, with {count} filled."""
    form = "one" if count == 1 else "other"
    return say(language, f"{key}.{form}", count=number(language, count), **values)


def number(language: str, value: int) -> str:
    """1.234 in Indonesian, 1,234 in English."""
    grouped = f"{value:,}"
    return grouped.replace(",", say(language, "format.thousands"))


def _month(language: str, month: int, form: str) -> str:
    return say(language, f"format.{form}").split()[month - 1]


def day(language: str, value: date) -> str:
    """12 November 2026."""
    return f"{value.day} {_month(language, value.month, 'months')} {value.year}"


def short_day(language: str, value: date) -> str:
    """12 Nov 2026."""
    return f"{value.day} {_month(language, value.month, 'months_short')} {value.year}"


def month(language: str, value: date) -> str:
    """Nov 2026."""
    return f"{_month(language, value.month, 'months_short')} {value.year}"


def local(value: datetime, timezone: str) -> datetime:
    """The moment on the clock of the installation's time zone."""
    return value.astimezone(ZoneInfo(timezone))


def clock(language: str, value: datetime, timezone: str) -> str:
    """07.00 WIB in Indonesian, 07:00 WIB in English."""
    here = local(value, timezone)
    return f"{here:%H}{say(language, 'format.clock')}{here:%M} {here.tzname()}"


def moment(language: str, value: datetime, now: datetime, timezone: str) -> str:
    """ "at 10:20 WIB" if it is today, else with the day: "on 12 November 2026 at …"."""
    here, today = local(value, timezone), local(now, timezone)
    key = "today" if here.date() == today.date() else "other_day"
    time = clock(language, value, timezone)
    return say(language, f"format.{key}", clock=time, day=day(language, here.date()))
