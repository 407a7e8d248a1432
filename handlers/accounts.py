"""The people of the desk: add, change, disable, bring back, invite. Every step asks the table of
rights and is written to the audit; the web desk and the messengers call the same functions."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from handlers.ports import Audit
from handlers.rights import Action, Thing, demand
from knowledge_base.deeds import Deed
from knowledge_base.facts import Moderator, Refused, Role, Stale


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

    def invite(self, by: str, note: str, now: datetime) -> str:
        """A new invitation for one influencer; gives its token."""

    def withdraw(self, which: str) -> bool:
        """An invitation works no more."""


class Roster(Protocol):
    """Who may log in (the store keeps it)."""

    def add(self, name: str, role: Role, org: str, now: datetime) -> Moderator:
        """A new moderator; Refused when the name is taken."""

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


def add(office: Office, me: Moderator, name: str, role: Role, org: str, now: datetime) -> str:
    """A new person of the desk; gives the one-time login token. Raises Denied or Refused."""
    demand(me, Action.MANAGE_PEOPLE)
    who = office.desk.add(name, role, org.strip()[:80], now)
    office.audit.write(me.name, Deed.MODERATOR_ADD, who.name, role=role.value, org=who.org)
    return office.desk.link(who.name, now)


def link(office: Office, me: Moderator, moderator: int, now: datetime) -> tuple[Moderator, str]:
    """A new one-time login token for somebody else. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    token = office.desk.link(who.name, now)
    office.audit.write(me.name, Deed.MODERATOR_LINK, who.name)
    return who, token


def change(
    office: Office,
    me: Moderator,
    moderator: int,
    was: tuple[str, str],
    role: Role,
    org: str,
) -> Moderator:
    """Another role or organisation. `was`: role and organisation as the page showed them.

    Raises Denied, Refused (the last admin) or Stale (changed in the meantime).
    """
    who = _other(office, me, moderator)
    if (who.role.value, who.org) != was:
        raise Stale(f"{who.name} was changed in the meantime.", who.name)
    new = office.accounts.change(who, role, org)
    if new != who:
        details = {"role": new.role.value, "org": new.org, "was": who.role.value}
        office.audit.write(me.name, Deed.MODERATOR_CHANGE, who.name, **details)
    return new


def revoke(office: Office, me: Moderator, moderator: int, now: datetime) -> Moderator:
    """Disable somebody; every session ends at once. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    office.desk.revoke(who.name, now)
    office.audit.write(me.name, Deed.MODERATOR_REVOKE, who.name)
    return who


def restore(office: Office, me: Moderator, moderator: int, now: datetime) -> Moderator:
    """Bring back who was disabled or put to sleep. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    back = office.accounts.wake(who.id, now)
    office.audit.write(me.name, Deed.MODERATOR_RESTORE, who.name)
    return back


def reset_factor(office: Office, me: Moderator, moderator: int) -> Moderator:
    """A lost telephone: the second factor goes, and so do the sessions. Raises Denied."""
    who = _other(office, me, moderator)
    office.accounts.forget_factor(who.id)
    office.audit.write(me.name, Deed.MODERATOR_RESET_FACTOR, who.name)
    return who


def end_sessions(office: Office, me: Moderator, moderator: int, which: str = "") -> int:
    """End one session of somebody else, or all. Raises Denied or Refused."""
    who = _other(office, me, moderator)
    if which:
        ended = int(office.accounts.end_session(who.id, which))
    else:
        ended = office.accounts.end_sessions(who.id)
    if ended:
        office.audit.write(me.name, Deed.SESSION_END, who.name, sessions=ended)
    return ended


def end_own(office: Office, me: Moderator, which: str = "", here: str = "") -> int:
    """End one of one's own sessions, or all but the one in use (`here`)."""
    demand(me, Action.OWN_ACCOUNT, Thing(person=me.name))
    if which:
        ended = int(office.accounts.end_session(me.id, which))
    else:
        ended = office.accounts.end_sessions(me.id, but=here)
    if ended:
        office.audit.write(me.name, Deed.SESSION_END, me.name, sessions=ended)
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
