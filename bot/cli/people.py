"""`saring moderator`: people of the desk. Raises Refused where something cannot be."""

from __future__ import annotations

import json

from bot.cli.installed import OPERATOR, begin, on_desk
from bot.cli.lines import say
from bot.doors import Work
from bot.settings import Settings
from bot.wiring.clock import utc_now
from handlers import accounts
from knowledge_base.facts import Refused, Role


def add(name: str, role: Role, org: str) -> None:
    """A new person; prints the one-time login address."""
    settings = begin()

    def added(work: Work) -> str:
        return accounts.add(work, OPERATOR, name, role, org, utc_now())[1]

    _say_address(settings, on_desk(settings, added))


def link(name: str) -> None:
    """Prints a new one-time login address."""
    settings = begin()

    def linked(work: Work) -> str:
        return accounts.link(work, OPERATOR, _known(work, name), utc_now())[1]

    _say_address(settings, on_desk(settings, linked))


def revoke(name: str) -> None:
    """Disables a person."""
    settings = begin()

    def revoked(work: Work) -> str:
        return accounts.revoke(work, OPERATOR, _known(work, name), utc_now()).name

    say(f"{on_desk(settings, revoked)} is revoked")


def restore(name: str) -> None:
    """Brings a person back; prints a one-time login address."""
    settings = begin()

    def restored(work: Work) -> str:
        who = _known(work, name)
        accounts.restore(work, OPERATOR, who, utc_now())
        return accounts.link(work, OPERATOR, who, utc_now())[1]

    _say_address(settings, on_desk(settings, restored))


def show(as_json: bool) -> None:
    """Prints everybody."""
    settings = begin()
    people = on_desk(settings, lambda work: work.desk.list())
    rows = [
        {"name": one.name, "role": one.role.value, "org": one.org, "active": one.active}
        for one in people
    ]
    if as_json:
        say(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        state = "" if row["active"] else "  (revoked)"
        say(f"{row['name']}  {row['role']}  {row['org']}{state}".rstrip())


def _say_address(settings: Settings, token: str) -> None:
    say(accounts.login_address(settings.base_url, token))


def _known(work: Work, name: str) -> int:
    """The number of a person of the desk. Raises Refused."""
    found = work.desk.by_name(name)
    if found is None:
        raise Refused(f"There is no moderator {name}.", "name")
    return found.id
