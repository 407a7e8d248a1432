"""What the search gives: decision, matches and the reasons for them, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Decision(StrEnum):
    """The three ways a message can go."""

    ANSWER = "answer"
    SUGGEST = "suggest"
    ASK_HUMAN = "ask_human"


class Stance(StrEnum):
    """How the message speaks of the claim: it makes it, refutes it, or asks about it."""

    CLAIM = "claim"
    DEBUNK = "debunk"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class Difference:
    """One conflict a guard found: the same slot filled differently.

    `type` is polarity, number, date, place, person, agency, modality, quantity, roles or thing.
    """

    type: str
    message: str
    claim: str


@dataclass(frozen=True, slots=True)
class Why:
    """Why a match is a match: parts that agree, parts that differ, the field it came by."""

    agree: tuple[str, ...] = ()
    differ: tuple[Difference, ...] = ()
    via: str = "claim"


@dataclass(frozen=True, slots=True)
class Match:
    """One record found; `score` is the calibrated probability that it is the right one, `claim`
    what the record said when it was found."""

    id: str
    score: float
    why: Why = Why()
    claim: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch [start, end) of the message that makes a claim of its own."""

    start: int
    end: int
    decision: Decision
    confidence: float
    stance: Stance = Stance.CLAIM
    matches: tuple[Match, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What the search says of one message. `parts` is empty unless there are several."""

    decision: Decision
    confidence: float
    stance: Stance = Stance.CLAIM
    matches: tuple[Match, ...] = ()
    parts: tuple[Part, ...] = ()
    checkable: bool = True
