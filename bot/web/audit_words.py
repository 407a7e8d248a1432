"""Entries of the audit in the words of a language; exports keep the stable names instead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request

from bot.web.pages import Words, language_of, moment, words
from bot.web.services import Services
from handlers import texts
from handlers.answering import number_in
from knowledge_base.facts import AuditEntry

THINGS = ("question", "fact", "import", "update", "task", "message")  # `kind/name`
ALONE = ("audit", "invitation")
PAGES = {"question": "/desk/q/", "fact": "/desk/facts/"}
NUMBERED = frozenset(
    {"number", "fact", "other", "restored", "retracted", "left", "numbers"}  # fact-checks
    | {"new", "of", "into", "reopened"}  # questions
)
NAMED = frozenset({"approval", "how", "kind", "where", "what", "vote", "before"})
NOTES = ("rolled back", "answer withdrawn")  # reasons the program itself gives
_TICKET = re.compile(r"(?=\D*\d)[0-9A-Z]{4,6}")


def key_of(name: str) -> str:
    """The name of a thing or a value as a key of the text files."""
    return re.sub(r"\W+", "_", name)


def sought(text: str) -> str:
    """What somebody typed, as it stands in the chain: a ticket (#7F3K), a number, a name, or
    the stable name itself."""
    typed = text.strip()
    if number := number_in(typed.removeprefix("#")):
        return f"fact/{number}"
    if typed.startswith("#") or _TICKET.fullmatch(typed):
        return f"question/{typed.removeprefix('#').upper()}"
    return typed


@dataclass(frozen=True, slots=True)
class InWords:
    """The words of a language, on the clock of the installation."""

    say: Words
    zone: str

    def thing(self, what: str) -> tuple[str, str]:
        """What something was done to: its words, and the address of its page, if it has one."""
        kind, _, name = what.partition("/")
        if kind in THINGS and name:
            shown = f"#{name}" if kind in PAGES else name
            page = f"{PAGES[kind]}{name}" if kind in PAGES and name.isalnum() else ""
            return self.say(f"audit_thing.{kind}", name=shown), page
        if kind == "moderator" and name:
            return name, ""
        return (self.say(f"audit_thing.{what}") if what in ALONE else what), ""

    def reason(self, why: str) -> str:
        """Why: as somebody wrote it; the notes of the program itself in words."""
        return self.say(f"audit_value.{key_of(why)}") if why in NOTES else why

    def details(self, entry: AuditEntry) -> tuple[str, ...]:
        """What else the entry says, each in words; nothing where there is nothing to say."""
        labels = self.say.group("audit_detail")
        told = ((name, self._value(name, value)) for name, value in entry.details.items())
        return tuple(f"{labels.get(name, name)}: {value}" for name, value in told if value)

    def _value(self, name: str, value: object) -> str:
        if value in (None, "") or (name == "broken_at" and not value):
            return ""
        if isinstance(value, bool):
            return self.say("audit_value.yes" if value else "audit_value.no")
        if isinstance(value, list):
            return ", ".join(self._value(name, each) for each in value)
        if name == "verdict":
            return texts.say(self.say.language, f"word.{value}")
        if name in ("role", "was"):
            return self.say(f"people.role_{value}")
        if name == "since":
            return moment(self.say.language, datetime.fromisoformat(str(value)), self.zone)
        if name in NAMED:
            return self.say.group("audit_value").get(key_of(str(value)), str(value))
        return f"#{value}" if name in NUMBERED else str(value)


def of(request: Request, services: Services) -> InWords:
    """In the visitor's language."""
    rules = services.rules
    return InWords(words(language_of(request, rules.language)), rules.timezone)
