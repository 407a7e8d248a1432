"""What the search found, read again from the database inside the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.ports import Facts, People
from knowledge_base.facts import FactCheck, State, Told, Verdict
from knowledge_base.search.findings import Decision, Match, Part, Result, Stance
from knowledge_base.search.scope import judged
from knowledge_base.search.stance import may_debunk, stance

OFFERED = 3  # choices at most
NEAR = 1 / 3  # a choice reaches at least this part of the best score


@dataclass(frozen=True, slots=True)
class Known:
    """A published fact-check and the match that led to it."""

    fact: FactCheck
    match: Match


def published(facts: Facts, number: int) -> FactCheck | None:
    """The fact-check, if it is published now."""
    fact = facts.get(number)
    return fact if fact and fact.state is State.PUBLISHED else None


def holding(facts: Facts, number: int) -> FactCheck | None:
    """The published fact-check this number leads to: its own, or the end of its merges (A into
    B, B into C). None where it leads to none."""
    seen: set[int] = set()
    fact = facts.get(number)
    while fact is not None and fact.state is not State.PUBLISHED:
        seen.add(fact.number)
        fact = facts.get(fact.replaced_by) if fact.replaced_by not in seen else None
    return fact


def _behind(facts: Facts, match: Match) -> FactCheck | None:
    """The record a match names: by its public number, as the installed index does, never by an
    importer's identity that happens to be a number; other ids are identities."""
    numbered = match.id.isascii() and match.id.isdecimal()
    fact = facts.get(int(match.id)) if numbered else facts.by_identity(match.id)
    return fact if fact and fact.state is State.PUBLISHED else None


def known(facts: Facts, matches: Sequence[Match], limit: int = OFFERED) -> tuple[Known, ...]:
    """The published fact-checks behind the matches, best first, each once."""
    found: dict[int, Known] = {}
    for match in matches:
        if len(found) == limit:
            break
        fact = _behind(facts, match)
        if fact is not None:
            found.setdefault(fact.number, Known(fact, match))
    return tuple(found.values())


def near(candidates: Sequence[Known]) -> tuple[Known, ...]:
    """Those worth offering as a choice: close to the best, and nothing in them differs."""
    floor = max((each.match.score for each in candidates), default=0.0) * NEAR
    return tuple(c for c in candidates if c.match.score >= floor and not c.match.why.differ)


@dataclass(frozen=True, slots=True)
class Reading:
    """The search's decision for a message or a part, as it stands in the database now."""

    decision: Decision
    stance: Stance
    known: tuple[Known, ...]
    opposed: FactCheck | None = None  # another check of the same claim says the opposite

    @property
    def best(self) -> Known | None:
        """The first published match."""
        return self.known[0] if self.known else None


_DENIED = frozenset({Verdict.FALSE, Verdict.SCAM, Verdict.MISLEADING})
_REFUTABLE = ("false", "scam", "misleading", "satire")


def read(facts: Facts, found: Result | Part) -> Reading:
    """The decision, made more careful where the database says so.

    An answer whose first match is not published any more, or differs in something, is none; a
    debunk of something that was checked and holds is a contradiction, so it is only near; and
    where another check of the same claim says the opposite, both are shown.
    """
    candidates = known(facts, found.matches)
    reading = Reading(found.decision, found.stance, candidates)
    if not candidates:
        return replace(reading, decision=Decision.ASK_HUMAN)
    reading = _spoken(reading)
    best = candidates[0].match
    if found.decision is Decision.ANSWER and (best != found.matches[0] or best.why.differ):
        return replace(reading, decision=Decision.SUGGEST)
    return _without_contradiction(_without_opposition(facts, reading))


def _spoken(reading: Reading) -> Reading:
    """A message that repeats a claim which is itself a denial ("Bupati membantah tudingan …") is
    no debunk of it: the verdict then speaks of "that claim"."""
    fact = reading.known[0].fact
    denial = reading.stance is Stance.DEBUNK and stance(fact.claim) is Stance.DEBUNK
    if denial and fact.verdict in _REFUTABLE:
        return replace(reading, stance=Stance.QUESTION)
    return reading


def _without_opposition(facts: Facts, reading: Reading) -> Reading:
    """Where two fact-checkers disagree nobody chooses for the reader (F8)."""
    if reading.decision is not Decision.ANSWER:
        return reading
    best = reading.known[0].fact
    twins = (published(facts, number) for number in facts.twins(best.number))
    opposed = next((twin for twin in twins if twin and _opposite(best, twin)), None)
    return replace(reading, decision=Decision.SUGGEST, opposed=opposed) if opposed else reading


def _opposite(one: FactCheck, other: FactCheck) -> bool:
    verdicts = {one.verdict, other.verdict}
    return Verdict.TRUE in verdicts and not verdicts.isdisjoint(_DENIED)


def _without_contradiction(reading: Reading) -> Reading:
    verdict = reading.known[0].fact.verdict
    contradicts = reading.stance is Stance.DEBUNK and verdict not in _REFUTABLE
    if reading.decision is Decision.ANSWER and contradicts:
        return replace(reading, decision=Decision.SUGGEST)
    return reading


def part_of(text: str, fact: FactCheck) -> str:
    """The words of a message this fact-check speaks of; "" where it speaks of all of them."""
    said = (fact.claim, fact.title, *fact.variants, fact.fact, fact.explanation)
    found = judged(text, said, fact.lang)
    return text[slice(*found)].strip() if found else ""


def how_to_speak(text: str) -> Stance:
    """How a verdict that a person chose speaks of this message: of "that claim" where it seems
    to deny one, since nobody compared its direction with the check."""
    return Stance.QUESTION if may_debunk(text) else Stance.CLAIM


def remember(people: People, person_id: str, **state: object) -> None:
    """Keep something of the dialogue with a person; None forgets it."""
    person = people.get(person_id)
    if person is None:
        return
    merged = {**person.state, **state}
    kept = {key: value for key, value in merged.items() if value is not None}
    people.save(replace(person, state=kept))


def hearings(people: People, person: str, fact: FactCheck) -> list[Told]:
    """Every time somebody was told this version of a fact-check."""
    said = (fact.number, fact.version)
    return [told for told in people.told(person) if (told.fact_number, told.version) == said]
