"""A link alone that a fact-check names as its source: what was checked there, to be opened.

Never its verdict at once: it would be read as one on the page behind the link, which mostly is the
very check.
"""

from __future__ import annotations

from handlers import replies
from handlers.answering import number_in, show_number
from handlers.matched import OFFERED, holding, remember
from handlers.messages import Outgoing
from handlers.ports import Call, Facts
from handlers.queueing import pressed
from handlers.reading import links
from knowledge_base.facts import FactCheck


def checked_at(facts: Facts, text: str) -> list[FactCheck]:
    """The fact-checks that name a link of this text; nothing when none does."""
    found = [holding(facts, number) for number in facts.citing(links(text))]
    return list({fact.number: fact for fact in found if fact is not None}.values())[:OFFERED]


def by_link(call: Call, text: str) -> list[Outgoing]:
    """Those, to be opened."""
    cited = checked_at(call.ports.facts, text)
    if not cited:
        return []
    message, menu = replies.checked_there(replies.voice(call), cited, call.message.ref)
    remember(call.ports.people, call.person.id, menu=menu)
    return [message]


def see(call: Call) -> list[Outgoing]:
    """One of them, opened."""
    number = number_in(pressed(call.message.button)[2])
    return [*replies.toast(call), *show_number(call, number)]
