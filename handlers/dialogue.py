"""What a person's next words may mean: a choice typed instead of tapped, and until when.

A word like "ya" answers what was said just before, so it holds for the very next message alone.
A digit names one choice: it holds until something else is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from handlers.matched import remember
from handlers.messages import Outgoing
from handlers.ports import Call, Handler

_LASTING = (*"0123456789", "not_this")


def typed_choice(call: Call, word: str) -> str:
    """The button this typed word stands for, or nothing."""
    found = _menu(call).get(word)
    return found if isinstance(found, str) else ""


def _menu(call: Call) -> Mapping[str, object]:
    menu = call.person.state.get("menu")
    return menu if isinstance(menu, Mapping) else {}


def over(call: Call) -> Call:
    """Something else is opened: no choice of before is meant by what is typed from now on."""
    return _kept(call, menu=None)


def moved_on(call: Call) -> Call:
    """Something was said in between: yes and no are no answer any more, digits still are."""
    left = {word: button for word, button in _menu(call).items() if word in _LASTING}
    return _kept(call, menu=left or None)


def _kept(call: Call, **state: object) -> Call:
    """The call with this much of the dialogue left, kept for the next message, too."""
    if all(call.person.state.get(key) == value for key, value in state.items()):
        return call
    remember(call.ports.people, call.person.id, **state)
    return replace(call, person=call.ports.people.get(call.person.id) or call.person)


def opening(handler: Handler) -> Handler:
    """The same handler, for what opens something else."""

    def handle(call: Call) -> list[Outgoing]:
        return handler(over(call))

    return handle


def aside(handler: Handler) -> Handler:
    """The same handler, for what is said in between."""

    def handle(call: Call) -> list[Outgoing]:
        return handler(moved_on(call))

    return handle
