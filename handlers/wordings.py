"""A wording that led to wrong answers is removed by hand: who was answered through it hears so,
once the time in which it can be put back is over."""

from __future__ import annotations

from datetime import UTC, datetime

from handlers import mistaken, texts
from handlers.moderate import UNDO
from handlers.ports import Ports
from handlers.rights import Action, demand
from knowledge_base.deeds import Deed
from knowledge_base.facts import FactCheck, Moderator, Refused, TooLate

EVER = datetime(1970, 1, 1, tzinfo=UTC)  # every message that is still kept


def reached(ports: Ports, who: Moderator, number: int, text: str, language: str = "id") -> int:
    """How many people were answered with this fact-check about a message with these words, in
    what is still kept. Raises Denied, and Refused where there is no such fact-check."""
    demand(who, Action.EDIT_FACT)
    _known(ports, number, language)
    return len(mistaken.people_answered(ports, number, [text], EVER))


def drop(ports: Ports, who: Moderator, number: int, text: str, language: str = "id") -> None:
    """Forget a wording, at once for the next message and after the time for undo towards those it
    answered; one that is not there is no deed. Raises Denied, and Refused where there is no such
    fact-check."""
    demand(who, Action.EDIT_FACT)
    wording = _same(_known(ports, number, language), text)
    if ports.facts.drop_variant(number, wording):
        ports.audit.write(who.name, Deed.DROP_VARIANT, f"fact/{number}", text=wording)
        mistaken.announce(ports, [(number, wording)], EVER, ports.now + UNDO)


def put_back(ports: Ports, who: Moderator, number: int, text: str, language: str = "id") -> None:
    """It was right after all: nobody hears anything. One that is there is no deed. Raises Denied,
    Refused where there is no such fact-check, and TooLate when this person has removed none
    within the time for undo."""
    demand(who, Action.EDIT_FACT)
    if text in _known(ports, number, language).variants:
        return  # pressed twice
    removed = ports.audit.deeds_on(f"fact/{number}", {Deed.DROP_VARIANT}, ports.now - UNDO)
    if not text or not any(entry.actor == who.name for entry in removed):
        raise TooLate(texts.say(language, "desk.wording_late"), who.name)
    ports.facts.add_variant(number, text, who.name)
    ports.audit.write(who.name, Deed.RESTORE_VARIANT, f"fact/{number}", text=text)


def _same(fact: FactCheck, text: str) -> str:
    """The wording as it was taught: a form sends line breaks in another way."""
    return next((each for each in fact.variants if each.split() == text.split()), text)


def _known(ports: Ports, number: int, language: str) -> FactCheck:
    fact = ports.facts.get(number)
    if fact is None:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    return fact
