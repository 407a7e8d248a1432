"""Who may be sitting at somebody's desk: whose links, second factors and chats let them in, as the
audit tells it from the first entry to the last (docs/decisions/0007)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from handlers.ports import Ports
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import AuditEntry

LINKS = (Deed.MODERATOR_ADD, Deed.MODERATOR_LINK)
CLOSED = (Deed.MODERATOR_RESET_FACTOR, Deed.MODERATOR_REVOKE, Deed.MODERATOR_SLEEP)
FACTORS = (Deed.FACTOR_ADD, Deed.FACTOR_REMOVE)
DEEDS = (*LINKS, *CLOSED, *FACTORS, Deed.SESSION_BEGIN, Deed.CHAT_LINK)
# A session lasts twelve hours at most; what it began without finishing it (the code of a chat,
# the key of an app) outlives it by half an hour at most.
SESSION = timedelta(hours=13)
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
MOST = 100  # authors that are remembered


@dataclass
class _Desk:
    """One person's desk as far as the author goes. `link`: the newest link or reset was the
    author's; `until`: a session that such a link began may last so long; `own`: the first of
    the factors was set up without the author; `chats`: for each one linked since the desk was
    last closed, whether that was done without the author."""

    link: bool = False
    until: datetime = NEVER
    factors: int = 0
    own: bool = False
    chats: list[bool] = field(default_factory=list)

    def stands_open(self, at: datetime) -> bool:
        """Could the author have a session here, or begin one?"""
        return self.link or at < self.until

    def guarded(self) -> bool:
        """Is there a second factor that the author has not got?"""
        return self.factors > 0 and self.own

    def theirs(self, at: datetime) -> bool:
        """Could the author be sitting here, at the desk or in a chat of it?"""
        return not self.guarded() and (self.stands_open(at) or not all(self.chats))


@dataclass(frozen=True, slots=True)
class _Told:
    """What the audit told of all desks up to entry `seq`. That entry's hash, `mark`, stands for
    all before it too: where it is the same, so is what they say."""

    seq: int
    mark: str
    desks: Mapping[str, _Desk]


# By author and names: years of logins are read once in a process, then what was added.
_told: dict[tuple[str, frozenset[str]], _Told] = {}


def let_in(ports: Ports, author: str) -> frozenset[str]:
    """Everybody at whose desk this author could be sitting instead, also by way of a third one's:
    who made a link counts as the author where the author could be sitting there at that time."""
    names = frozenset(one.name for one in ports.desk.list() if one.name != author)
    told = _read_on(ports, author, _known(ports, author, names))
    if len(_told) >= MOST:
        _told.clear()
    _told[author, names] = told
    return frozenset(name for name, desk in told.desks.items() if desk.theirs(ports.now))


def _known(ports: Ports, author: str, names: frozenset[str]) -> _Told:
    """What was read before, if the audit still begins like that; nothing otherwise."""
    told = _told.get((author, names))
    if told is not None and ports.audit.hash_of(told.seq) == told.mark:
        return told
    return _Told(0, "", {name: _Desk() for name in names})


def _read_on(ports: Ports, author: str, told: _Told) -> _Told:
    """The same with what was written since, up to the newest entry as it was looked at first:
    what another process adds meanwhile would be counted once more the next time."""
    seq, mark = ports.audit.head()
    if seq == told.seq:
        return told
    if seq < told.seq:  # read further on than this transaction sees
        told = _Told(0, "", {name: _Desk() for name in told.desks})
    desks = {name: replace(desk, chats=[*desk.chats]) for name, desk in told.desks.items()}
    since = [
        (entry.seq, name, entry)
        for name in desks
        for entry in ports.audit.deeds_on(of_person(name), DEEDS, after=told.seq)
        if entry.seq <= seq
    ]
    for _, name, entry in sorted(since, key=lambda one: one[0]):
        by = desks.get(entry.actor)
        hers = entry.actor == author if by is None else by.theirs(entry.at)
        _note(desks[name], entry, hers=_from_chat(desks[name]) if entry.actor == name else hers)
    return _Told(seq, mark, desks)


def _from_chat(desk: _Desk) -> bool:
    """Is a link that somebody's own chat made the author's? Unless every chat was their own."""
    return not (desk.chats and all(desk.chats))


def _note(desk: _Desk, entry: AuditEntry, *, hers: bool) -> None:
    """What this changed; `hers`: whoever did it may have been the author."""
    if entry.action in LINKS:
        desk.link = hers
    elif entry.action == Deed.SESSION_BEGIN and desk.link:
        desk.until = entry.at + SESSION
    elif entry.action == Deed.CHAT_LINK:
        desk.chats.append(desk.guarded() or not desk.stands_open(entry.at))
    elif entry.action in CLOSED:
        desk.chats.clear()
    if entry.action in FACTORS or entry.action == Deed.MODERATOR_RESET_FACTOR:
        _count(desk, entry, hers=hers)


def _count(desk: _Desk, entry: AuditEntry, *, hers: bool) -> None:
    """Whoever adds another factor has given one before: the first one tells whose they are."""
    if entry.action == Deed.MODERATOR_RESET_FACTOR:
        desk.factors, desk.link = 0, hers
    elif entry.action == Deed.FACTOR_REMOVE:
        desk.factors = max(0, desk.factors - 1)
    else:
        desk.own = desk.own if desk.factors else not desk.stands_open(entry.at)
        desk.factors += 1
