"""The second pair of eyes: which verdicts need one, and who could give it (decision 19)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from handlers import texts, topics, ways_in
from handlers.ports import Ports
from handlers.queueing import redraw
from handlers.rights import Action, Thing, may
from knowledge_base.deeds import Deed
from knowledge_base.facts import FactCheck, Moderator, Proposal, Stale

PROPOSED = "desk_proposal"  # desk chats of those who may approve hear of it


class Need(StrEnum):
    """Does this need a second person?"""

    NO = "no"
    YES = "yes"
    ALONE = "alone"  # it would, but nobody else could approve yet


@dataclass(frozen=True, slots=True)
class Circle:
    """Who could approve something, whether another organisation can, and who could not because
    the author may be sitting there."""

    people: tuple[Moderator, ...]
    other_org: bool
    let_in: tuple[str, ...] = ()


def unheard_of(policy: Sequence[str], used: Collection[str]) -> tuple[str, ...]:
    """Topics of a policy that the desk does not offer and no fact-check has (`used`): it would
    never apply to them."""
    offered = {name for name, _ in texts.topics(texts.FALLBACK)}
    return tuple(topic for topic in policy if topic not in offered and topic not in used)


def topic_of(fact: FactCheck) -> str:
    """The topic the policy goes by: the one that was chosen, else what the words say."""
    return fact.topic or topics.guess(f"{fact.claim} {fact.title} {fact.fact}")


def sensitive(ports: Ports, who: Moderator, *facts: FactCheck) -> bool:
    """Is one of these in a topic of the policy, about a public figure, or about the author's
    own organisation?"""
    return any(
        topic_of(fact) in ports.rules.approval_topics
        or fact.public_figure
        or bool(who.org and who.org in fact.concerns)
        for fact in facts
    )


def circle(ports: Ports, author: str, org: str, concerns: tuple[str, ...]) -> Circle:
    """Everybody who may approve what this author wrote."""
    thing = Thing(author=author, concerns=concerns, let_in=let_in(ports, author))
    able = [one for one in ports.desk.list() if may(one, Action.APPROVE, thing)]
    others = [one for one in able if one.org != org]
    return Circle(tuple(others or able), bool(others), thing.let_in)


def let_in(ports: Ports, author: str) -> tuple[str, ...]:
    """Those who could approve but at whose desk this person may be sitting, by a login link, the
    reset of a second factor or a linked chat, unless a second factor of their own, set up
    without this person, stands in that way (see ways_in)."""
    people = ports.desk.list()
    if author not in [one.name for one in people]:
        return ()  # the command line, for one
    theirs = ways_in.let_in(ports, author)
    return tuple(one.name for one in people if one.name in theirs and may(one, Action.APPROVE))


def alone(ports: Ports) -> bool:
    """Are there fewer than two people who may approve at all? That all the others are concerned
    by something is no reason to publish it without them: then it waits."""
    return sum(may(one, Action.APPROVE) for one in ports.desk.list()) < 2


def need(ports: Ports, who: Moderator, *facts: FactCheck) -> Need:
    """Must another person approve this before anybody reads it?"""
    if not sensitive(ports, who, *facts):
        return Need.NO
    return Need.ALONE if alone(ports) else Need.YES


def deciders(ports: Ports, proposal: Proposal) -> tuple[Moderator, ...]:
    """Who could decide this now; nobody where it is about the organisations of all who could,
    or its author opened the way in for them."""
    concerns = concerned(*proposal.facts)
    return circle(ports, proposal.author, proposal.author_org, concerns).people


def concerned(*facts: FactCheck) -> tuple[str, ...]:
    """The organisations these are about."""
    return tuple(dict.fromkeys(org for fact in facts for org in fact.concerns))


def thing(ports: Ports, proposal: Proposal) -> Thing:
    """A proposal as rights see it."""
    concerns = concerned(*proposal.facts)
    able = circle(ports, proposal.author, proposal.author_org, concerns)
    return Thing(
        proposal.author,
        proposal.author_org,
        concerns,
        other_org=able.other_org,
        let_in=able.let_in,
    )


def propose(
    ports: Ports,
    who: Moderator,
    subject: str,
    facts: tuple[FactCheck, ...],
    base: int,
    reason: str = "",
) -> Proposal:
    """Nothing public yet: it waits on the desk with its author. Raises Stale when one waits."""
    proposal = ports.proposals.add(
        Proposal(subject, facts, who.name, who.org, reason, base, at=ports.now)
    )
    ports.audit.write(who.name, Deed.PROPOSE, subject, reason, proposal=proposal.id)
    redraw(ports, subject.removeprefix("question/"))
    if ports.chats.all():
        key = f"{PROPOSED}:{proposal.id}"
        ports.jobs.enqueue(PROPOSED, {"id": proposal.id}, dedupe_key=key, due=ports.now)
    return proposal


def not_waiting(ports: Ports, subject: str, language: str) -> None:
    """Raises Stale when something about this waits for approval, with its author."""
    waiting = ports.proposals.about(subject)
    if waiting is not None:
        said = texts.say(language, "desk.waits", who=waiting.author)
        raise Stale(said, waiting.author)
