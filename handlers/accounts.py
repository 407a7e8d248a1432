"""The people of the desk: add, change, disable, bring back, invite. Every step asks the table of
rights and is written to the audit; the web desk and the messengers call the same functions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from handlers.ports import Audit
from handlers.rights import Action, Thing, demand
from knowledge_base.accounts import Wish
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Moderator, Refused, Role, Stale

COMMAND_LINE = 0  # the number of whoever may use the server
ADMIN, RESET = "admin", "reset"  # what takes two


class Book(Protocol):
    """What is known of accounts (the store keeps it)."""

    def get(self, moderator: int) -> Moderator | None:
        """One person by number."""

    def change(self, old: Moderator, role: Role, org: str) -> Moderator:
        """Another role or organisation; Stale or Refused (the last admin)."""

    def wake(self, moderator: int, now: datetime) -> Moderator:
        """A disabled or sleeping account works again."""

    def end_session(self, moderator: int, which: str) -> bool:
        """End one session by its handle; False when it is not theirs."""

    def end_sessions(self, moderator: int, but: str = "") -> int:
        """End all sessions but one; gives how many."""

    def forget_factor(self, moderator: int) -> None:
        """Every second factor and session of this person is gone."""

    def wish(self, wish: Wish) -> None:
        """Remember that an admin wants this done."""

    def wishes(self, now: datetime) -> tuple[Wish, ...]:
        """What admins want done and another one has not done yet, the oldest first."""

    def fulfil(self, what: str, moderator: int) -> None:
        """It is done, or not wanted any more."""

    def invite(self, by: str, note: str, now: datetime) -> str:
        """A new invitation for one influencer; gives its token."""

    def withdraw(self, which: str) -> bool:
        """An invitation works no more."""


class Roster(Protocol):
    """Who may log in (the store keeps it)."""

    def add(self, name: str, role: Role, org: str, now: datetime) -> Moderator:
        """A new moderator; Refused when the name is taken."""

    def list(self) -> tuple[Moderator, ...]:
        """Everybody by name."""

    def link(self, name: str, now: datetime, minutes: int = 15) -> str:
        """A new one-time login token."""

    def revoke(self, name: str, now: datetime) -> None:
        """Disable and end all sessions; Refused for the last active admin."""


class Office(Protocol):
    """The doors of one transaction that this needs."""

    @property
    def accounts(self) -> Book:
        """Accounts."""

    @property
    def desk(self) -> Roster:
        """Who may log in."""

    @property
    def audit(self) -> Audit:
        """The audit log."""


def _other(office: Office, me: Moderator, moderator: int) -> Moderator:
    """The person somebody wants to change. Raises Refused (unknown) or Denied (role, oneself)."""
    demand(me, Action.MANAGE_PEOPLE)
    who = office.accounts.get(moderator)
    if who is None:
        raise Refused("There is no such person.", "person")
    demand(me, Action.MANAGE_PEOPLE, Thing(person=who.name))
    return who


def _agreed(
    office: Office, me: Moderator, who: Moderator, what: str, now: datetime
) -> dict[str, str] | None:
    """What makes an admin, or opens the way into somebody's account, takes two admins: the
    first asks for it, another one does the same within a day. Gives what the audit says of it;
    None when somebody else still has to. Where there is no other admin, one is enough, and so
    is whoever may use the server."""
    if me.id == COMMAND_LINE:
        return {}
    others = {
        one.id: one.name
        for one in office.desk.list()
        if one.active and one.role is Role.ADMIN and one.id not in (me.id, who.id)
    }
    if not others:
        return {"approval": "nobody else could agree"}
    wanted = (what, who.id)
    by = [one.by for one in office.accounts.wishes(now) if (one.what, one.moderator) == wanted]
    if asked := next((one for one in by if one in others), None):
        office.accounts.fulfil(what, who.id)
        return {"asked_by": others[asked]}
    if me.id not in by:
        office.accounts.wish(Wish(what, who.id, me.id, now))
        office.audit.write(me.name, Deed.MODERATOR_ASK, of_person(who.name), what=what)
    return None


def add(
    office: Office, me: Moderator, name: str, role: Role, org: str, now: datetime
) -> tuple[Moderator, str]:
    """A new person of the desk, and their one-time login token. An admin begins as an editor
    where another admin has to agree. Raises Denied or Refused."""
    demand(me, Action.MANAGE_PEOPLE)
    first = Role.EDITOR if role is Role.ADMIN else role
    who = office.desk.add(name, first, org.strip()[:80], now)
    agreed = _agreed(office, me, who, ADMIN, now) if role is Role.ADMIN else {}
    if role is Role.ADMIN and agreed is not None:
        who = office.accounts.change(who, role, who.org)
    details = {"role": who.role.value, "org": who.org, **(agreed or {})}
    office.audit.write(me.name, Deed.MODERATOR_ADD, of_person(who.name), **details)
    return who, office.desk.link(who.name, now)


def login_address(site: str, token: str) -> str:
    """The one-time address a person of the desk opens."""
    return f"{site.rstrip('/')}/desk/login?token={token}"


def link(office: Office, me: Moderator, moderator: int, now: datetime) -> tuple[Moderator, str]:
    """A new one-time login token for somebody else. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    token = office.desk.link(who.name, now)
    office.audit.write(me.name, Deed.MODERATOR_LINK, of_person(who.name))
    return who, token


def change(
    office: Office,
    me: Moderator,
    moderator: int,
    was: tuple[str, str],
    role: Role,
    org: str,
    now: datetime,
) -> Moderator:
    """Another role or organisation. `was`: role and organisation as the page showed them. The
    role stays as it is where another admin has to agree.

    Raises Denied, Refused (the last admin) or Stale (changed in the meantime).
    """
    who = _other(office, me, moderator)
    if (who.role.value, who.org) != was:
        raise Stale(f"{who.name} was changed in the meantime.", who.name)
    grants = role is Role.ADMIN and who.role is not Role.ADMIN
    agreed = _agreed(office, me, who, ADMIN, now) if grants else {}
    new = office.accounts.change(who, who.role if agreed is None else role, org)
    if new != who:
        told = {"role": new.role.value, "org": new.org, "was": who.role.value}
        details = {**told, **(agreed or {})}
        office.audit.write(me.name, Deed.MODERATOR_CHANGE, of_person(who.name), **details)
    return new


def revoke(office: Office, me: Moderator, moderator: int, now: datetime) -> Moderator:
    """Disable somebody; every session ends at once. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    office.desk.revoke(who.name, now)
    office.audit.write(me.name, Deed.MODERATOR_REVOKE, of_person(who.name))
    return who


def restore(office: Office, me: Moderator, moderator: int, now: datetime) -> Moderator:
    """Bring back who was disabled or put to sleep. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    back = office.accounts.wake(who.id, now)
    office.audit.write(me.name, Deed.MODERATOR_RESTORE, of_person(who.name))
    return back


def reset_factor(office: Office, me: Moderator, moderator: int, now: datetime) -> bool:
    """A lost telephone: the second factor goes, and so do the sessions. False while another
    admin has to agree. Raises Denied."""
    who = _other(office, me, moderator)
    agreed = _agreed(office, me, who, RESET, now)
    if agreed is None:
        return False
    office.accounts.forget_factor(who.id)
    office.audit.write(me.name, Deed.MODERATOR_RESET_FACTOR, of_person(who.name), **agreed)
    return True


def end_sessions(office: Office, me: Moderator, moderator: int, which: str = "") -> int:
    """End one session of somebody else, or all. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    if which:
        ended = int(office.accounts.end_session(who.id, which))
    else:
        ended = office.accounts.end_sessions(who.id)
    if ended:
        office.audit.write(me.name, Deed.SESSION_END, of_person(who.name), sessions=ended)
    return ended


def end_own(office: Office, me: Moderator, which: str = "", here: str = "") -> int:
    """End one of one's own sessions, or all but the one in use (`here`)."""
    demand(me, Action.OWN_ACCOUNT, Thing(person=me.name))
    if which:
        ended = int(office.accounts.end_session(me.id, which))
    else:
        ended = office.accounts.end_sessions(me.id, but=here)
    if ended:
        office.audit.write(me.name, Deed.SESSION_END, of_person(me.name), sessions=ended)
    return ended


def invite(office: Office, me: Moderator, note: str, now: datetime) -> str:
    """An invitation for one influencer (once, 7 days); gives its token. Raises Denied."""
    demand(me, Action.INVITE)
    token = office.accounts.invite(me.name, note, now)
    office.audit.write(me.name, Deed.INFLUENCER_INVITE, "invitation")
    return token


def withdraw(office: Office, me: Moderator, which: str) -> bool:
    """An invitation nobody has used works no more. Raises Denied."""
    demand(me, Action.INVITE)
    gone = office.accounts.withdraw(which)
    if gone:
        office.audit.write(me.name, Deed.INFLUENCER_WITHDRAW, "invitation")
    return gone
