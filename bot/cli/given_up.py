"""`saring stopped`: what was given up, listed, started again or dropped."""

from __future__ import annotations

import json
from collections.abc import Callable

from bot.cli.installed import begin, on_desk
from bot.cli.lines import say
from bot.doors import Work
from handlers import given_up
from knowledge_base.deliveries import Stopped
from knowledge_base.facts import Refused


def show(as_json: bool) -> None:
    """Prints what can be started again, with its reason."""
    found = on_desk(begin(), lambda work: work.yard.stopped())
    rows = [
        {"name": _name_of(one), "what": one.what, "reason": one.reason, "at": f"{one.at:%F %T}"}
        for one in found
    ]
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        say(f"{row['name']}  {row['what']}  {row['at']}  {row['reason']}")
    if not rows:
        say("nothing was given up")


def again(name: str) -> None:
    """Starts it again, or everything."""
    _each(name, given_up.start_again, "started again")


def drop(name: str) -> None:
    """Lets it be for good, or everything."""
    _each(name, given_up.drop, "dropped")


def _name_of(one: Stopped) -> str:
    """How the command line calls it: task-12."""
    return f"{one.kind}-{one.id}"


def _each(name: str, do: Callable[..., None], done: str) -> None:
    def each(work: Work) -> list[str]:
        wanted = [one for one in work.yard.stopped() if name in ("all", _name_of(one))]
        if not wanted and name != "all":
            raise Refused(f"There is no {name}; see: saring stopped list", "name")
        for one in wanted:
            do(work, None, one.kind, one.id)
        return [_name_of(one) for one in wanted]

    for each_name in on_desk(begin(), each):
        say(f"{each_name} {done}")
