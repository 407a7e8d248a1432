"""Plain data of the moderators' queue: what makes a question wanted, cards, leases, comments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from knowledge_base.facts import Question
from knowledge_base.search.findings import Match


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for answering a question now. `hour` and `day` count how often it was asked
    in the last hour and day, `influencers` those who wait; `window_ends` is when the first
    asker of a channel with a reply window can be answered freely no more."""

    askers: int
    first_asked: datetime
    hour: int = 0
    day: int = 0
    forwarded_many: int = 0
    influencers: int = 0
    topic: str = ""
    window_ends: datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question whose place in the queue has to be worked out again."""

    id: int
    text: str
    near: tuple[tuple[str, float], ...]  # topics and scores of the nearest checks, best first
    signals: Signals


@dataclass(frozen=True, slots=True)
class Place:
    """Where a question stands, by its points, and what they are made of."""

    id: int
    signals: Signals
    score: float


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a question, and until when it is theirs."""

    moderator: int
    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Escalation:
    """Somebody wants an editor to look."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """One question as the queue shows it. `proposed_by`: an answer waits for approval."""

    question: Question
    signals: Signals
    lease: Lease | None = None
    escalation: Escalation | None = None
    proposed_by: str = ""
    comments: int = 0
    near: tuple[Match, ...] = ()  # what the matcher found nearest, at most one


@dataclass(frozen=True, slots=True)
class Wish:
    """What a moderator wants to see of the queue; empty fields leave nothing out.

    `state`: "" (all open), free, mine, taken, approval, escalated, closed. `hours`: waiting at
    least so long.
    """

    state: str = ""
    topic: str = ""
    channel: str = ""
    lang: str = ""
    hours: int = 0
    text: str = ""
    moderator: int = 0  # who asks, for "mine"


@dataclass(frozen=True, slots=True)
class Order:
    """The ids a wish leaves, as far as they were asked for: the most wanted first (closed: the
    newest first), and those that wait longest first; `count` is how many there are in all."""

    wanted: tuple[int, ...]
    oldest: tuple[int, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody of the desk said about a question."""

    id: int
    code: str
    author: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MediaNote:
    """That something of a kind (image, video, voice, …) came with a question: how often, when
    first and last. What it shows is not kept."""

    kind: str
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class View:
    """A filter somebody saved under a name; `query` is the query string of its page."""

    id: int
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Wording:
    """One wording of a question and how often it came."""

    id: int
    text: str
    times: int
