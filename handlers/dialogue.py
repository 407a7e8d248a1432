"""What a person's next words may mean: a choice typed instead of tapped, or the reason of an
objection; and until when.

A word like "ya" answers what was said just before, so it holds for the very next message alone.
A digit names one choice: it holds until something else is opened. A reason that was asked for is
waited for a while, but not past a command or a button.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from handlers.matched import remember
from handlers.messages import Outgoing
from handlers.ports import Call, Handler
from handlers.replies import data

OBJECTION = timedelta(minutes=10)  # so long the next words are taken as the reason asked for
_LASTING = (*"0123456789", "not_this")


def typed_choice(call: Call, word: str) -> str:
    """The button this typed word stands for, or nothing."""
    found = _menu(call).get(word)
    if isinstance(found, str):
        return found
    return data("leave") if word == "no" and objects_to(call) else ""


def _menu(call: Call) -> Mapping[str, object]:
    menu = call.person.state.get("menu")
    return menu if isinstance(menu, Mapping) else {}


def expect_reason(call: Call, number: int) -> None:
    """The next words are the reason of an objection to this fact-check."""
    asked = int(call.ports.now.timestamp())
    remember(call.ports.people, call.person.id, objects_to=number, objects_at=asked)


def objects_to(call: Call) -> int:
    """The fact-check for which we wait for the reason of an objection; 0 when for none."""
    asked, number = call.person.state.get("objects_at"), call.person.state.get("objects_to")
    if not isinstance(asked, int | float) or not isinstance(number, int):
        return 0
    young = call.ports.now.timestamp() - asked <= OBJECTION.total_seconds()
    return number if young else 0


def over(call: Call) -> Call:
    """Something else is opened: nothing of before is meant by what is typed from now on."""
    return _kept(call, menu=None, objects_to=None, objects_at=None)


def turned_away(call: Call) -> Call:
    """A command or a button in between: only digits still name their choice."""
    return _kept(call, menu=_digits(call), objects_to=None, objects_at=None)


def moved_on(call: Call) -> Call:
    """Words in between: yes and no are no answer any more; a reason is still waited for."""
    return _kept(call, menu=_digits(call))


def _digits(call: Call) -> Mapping[str, object] | None:
    return {word: button for word, button in _menu(call).items() if word in _LASTING} or None


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
    """The same handler, for a command or a button in between."""

    def handle(call: Call) -> list[Outgoing]:
        return handler(turned_away(call))

    return handle


def among(handler: Handler) -> Handler:
    """The same handler, for words in between."""

    def handle(call: Call) -> list[Outgoing]:
        return handler(moved_on(call))

    return handle
