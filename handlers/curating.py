"""What people of the desk do with published fact-checks: revise, withdraw, merge, import.

Whatever stops being true is announced: everyone who was told is told once (corrections)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from handlers import approval, bursts, corrections, duplicates, moderate, notify, texts
from handlers.approval import Need
from handlers.matched import published
from handlers.messages import Outgoing
from handlers.moderate import Draft, as_fact, check_sources, ready, reason_of
from handlers.ports import Ports
from handlers.replies import Voice
from handlers.rights import Action, Thing, demand
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    FactCheck,
    Moderator,
    Proposal,
    ProposalState,
    Refused,
    Saved,
    Stale,
    State,
)

FLIPS = 0.05  # an import that turns more than this part of the known verdicts is held
LARGEST_HELD = 5000  # records of an import that can wait as one
PART, TAKE_IN = 500, "take_in"  # records written in one transaction once it is approved


def _known(ports: Ports, number: int, version: int, language: str) -> FactCheck:
    """The fact-check in the version the person was looking at. Raises Refused or Stale."""
    fact = ports.facts.get(number)
    if fact is None:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    if fact.version != version:
        by = next((each.actor for each in ports.facts.history(number)), "")
        raise Stale(texts.say(language, "desk.fact_changed", number=number), by)
    return fact


def revise(
    ports: Ports,
    who: Moderator,
    number: int,
    version: int,
    draft: Draft,
    reason: str,
    *,
    ours: bool = False,
    language: str = "id",
) -> FactCheck | Proposal:
    """A new version with its public reason; those who were told are corrected after a pause.

    `ours`: the mistake was ours, and the correction says so. Where the policy wants a second
    person it waits as a Proposal. A withdrawn one is published again this way,
    by who could withdraw it. Raises Denied,
    Refused (not ready, no reason, nothing changed) or Stale.
    """
    demand(who, Action.EDIT_FACT)
    old = _known(ports, number, version, language)
    words = reason_of(reason, language)
    if old.state is State.DRAFT or old.replaced_by:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    if old.state is State.RETRACTED:
        demand(who, Action.RETRACT, Thing(concerns=old.concerns))
    new = _revised(old, ready(ports, draft, language), ours)
    if _content(new) == _content(old):
        raise Refused(texts.say(language, "desk.nothing_changed"), "claim")
    subject = f"fact/{number}"
    approval.not_waiting(ports, subject, language)
    need = approval.need(ports, who, old, new)
    if need is Need.YES:
        return approval.propose(ports, who, subject, (new,), old.version, words)
    return publish_edit(ports, who.name, new, words, alone=need is Need.ALONE)


def confirm(
    ports: Ports, who: Moderator, number: int, version: int, language: str = "id"
) -> FactCheck | Proposal:
    """Checked again today, and it still holds: nobody has to be told. It is our check from now
    on. Raises Denied, Refused or Stale; waits as a Proposal where the policy wants a second
    person."""
    demand(who, Action.EDIT_FACT)
    old = _known(ports, number, version, language)
    if old.state is not State.PUBLISHED:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    today = texts.local(ports.now, ports.rules.timezone).date()
    new = replace(old, publisher=ports.rules.organisation, checked_on=today, our_mistake=False)
    words, subject = texts.say(language, "desk.still_holds"), f"fact/{number}"
    approval.not_waiting(ports, subject, language)
    need = approval.need(ports, who, old)
    if need is Need.YES:
        return approval.propose(ports, who, subject, (new,), old.version, words)
    return publish_edit(ports, who.name, new, words, alone=need is Need.ALONE)


def _revised(old: FactCheck, new: FactCheck, ours: bool) -> FactCheck:
    """The new version. Whoever changes what is said has checked it, today; where only the
    topic or the like changes, it stays the check of who made it."""
    same = _said(old) == _said(new)
    return replace(
        new,
        identity=old.identity,
        number=old.number,
        version=old.version,
        variants=old.variants,
        publisher=(same and old.publisher) or new.publisher,
        checked_on=old.checked_on if same else new.checked_on,
        our_mistake=ours,
    )


def _said(fact: FactCheck) -> tuple[object, ...]:
    words = (fact.claim, fact.fact, fact.explanation)
    urls = tuple(source.url for source in fact.sources)
    return (fact.verdict, urls, *(" ".join(each.split()) for each in words))


def _content(fact: FactCheck) -> FactCheck:
    """What a reader or the policy sees of it, besides who checked it when."""
    return replace(
        fact, publisher="", checked_on=None, changed_at=None, our_mistake=False, version=0
    )


def preview(
    ports: Ports, number: int, draft: Draft, reason: str, *, ours: bool = False
) -> tuple[Outgoing, Outgoing | None]:
    """The reply after this edit, and the correction for those who were told: None where nobody
    was, or where what they heard stays the same. Unfinished drafts are shown as they are."""
    old = ports.facts.get(number)
    if old is None:
        return moderate.preview(ports, draft, draft.lang), None
    new = replace(_revised(old, as_fact(ports, draft), ours), state=State.PUBLISHED)
    to = Voice("", texts.readable(new.lang), ports.rules, ports.now)
    reply = notify.result(to, new, "", "preview", "")
    told = ports.people.told_count(number, old.version)[1]
    if not told or not corrections.differs(old, new):
        return reply, None
    return reply, corrections.correction(to, new, new, old, None, reason)


def publish_edit(
    ports: Ports, author: str, fact: FactCheck, reason: str, *, alone: bool = False
) -> FactCheck:
    """Make the new version known to the search and, after the pause, to those who were told."""
    saved = ports.facts.save(fact, author, reason)
    details = {"version": saved.version, "verdict": str(saved.verdict)}
    _write(ports, author, Deed.REVISE, saved, reason, **details, **_alone(alone))
    bursts.look(ports, author)
    corrections.announce(ports, saved)
    check_sources(ports, saved)
    moderate.rematch(ports, saved.number)
    return saved


def _alone(alone: bool) -> dict[str, object]:
    """What the audit says where the policy could not be kept yet."""
    return {"approval": "nobody else could approve"} if alone else {}


def retract(
    ports: Ports,
    who: Moderator,
    number: int,
    version: int,
    reason: str,
    *,
    ours: bool = False,
    outdated: bool = False,
    language: str = "id",
) -> FactCheck:
    """Withdraw a verdict, with the reason on its page; everyone who was told hears it at once.

    `outdated`: it was right in its time and does not hold any more. Raises Denied, Refused or
    Stale.
    """
    words = reason_of(reason, language)
    old = _known(ports, number, version, language)
    demand(who, Action.RETRACT, Thing(concerns=old.concerns))
    if old.state is not State.PUBLISHED:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    new = replace(old, state=State.RETRACTED, outdated=outdated, our_mistake=ours)
    saved = ports.facts.save(new, who.name, words)
    _write(ports, who.name, Deed.MARK_OUTDATED if outdated else Deed.RETRACT, saved, words)
    bursts.look(ports, who.name)
    corrections.announce(ports, saved)
    return saved


def merge_facts(
    ports: Ports,
    who: Moderator,
    number: int,
    version: int,
    into: int,
    language: str = "id",
) -> FactCheck | Proposal:
    """Two fact-checks are one: `number` ends with a pointer to `into`, which takes its wordings;
    old links and numbers lead there. Gives the one that stays; waits as a Proposal where the
    policy wants a second person. Raises Denied, Refused (also where their verdicts differ: what
    was told would turn without a word) or Stale.
    """
    old = _known(ports, number, version, language)
    demand(who, Action.RETRACT, Thing(concerns=old.concerns))
    target = published(ports.facts, into)
    if into == number:
        raise Refused(texts.say(language, "desk.same_fact", number=number), "into")
    if old.state is not State.PUBLISHED or target is None:
        raise Refused(texts.say(language, "desk.no_fact", number=into), "into")
    if old.verdict is not target.verdict:
        raise Refused(texts.say(language, "desk.other_verdict", number=into), "into")
    subject = f"fact/{number}"
    approval.not_waiting(ports, subject, language)
    ended = replace(old, state=State.RETRACTED, replaced_by=into, our_mistake=False)
    words = texts.say(language, "desk.merged_into", number=into)
    need = approval.need(ports, who, old, target)
    if need is Need.YES:
        return approval.propose(ports, who, subject, (ended, target), old.version, words)
    publish_merge(ports, who.name, ended, words, alone=need is Need.ALONE)
    return target


def publish_merge(
    ports: Ports, author: str, ended: FactCheck, reason: str, *, alone: bool = False
) -> FactCheck:
    """End a fact-check in favour of the one that replaces it, which takes its wordings."""
    saved = ports.facts.save(ended, author, reason)
    for wording in (ended.claim, *ended.variants):
        ports.facts.add_variant(ended.replaced_by, wording, author)
    details = {"into": ended.replaced_by, **_alone(alone)}
    _write(ports, author, Deed.MERGE_FACT_CHECK, saved, reason, **details)
    corrections.announce(ports, saved)
    return saved


# ── many at once ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Effect:
    """What an import would do to what is known: how many verdicts it would turn, and which
    fact-checks the policy gives to two people are new or would change (see `guarded`)."""

    known: int
    flips: tuple[tuple[int, str, str], ...]  # number, verdict before, verdict after
    guarded: tuple[FactCheck, ...] = ()

    @property
    def turned(self) -> bool:
        """Does it turn so many that a second person must look?"""
        return len(self.flips) > self.known * FLIPS

    @property
    def held(self) -> bool:
        """Is it one that a second person must look at?"""
        return self.turned or bool(self.guarded)


def effect(parts: Iterable[Saved], guarded: Iterable[FactCheck] = ()) -> Effect:
    """The effect of a whole import from what its parts would do (see `would` and `guarded`)."""
    each = list(parts)
    flips = tuple(flip for saved in each for flip in saved.flips)
    return Effect(sum(saved.known for saved in each), flips, tuple(guarded))


def guarded(ports: Ports, who: Moderator, saved: Saved) -> tuple[FactCheck, ...]:
    """What of an import the policy gives to two people: a file is no way round it. Known
    fact-checks it would change, whatever they were and would be, and new verdicts of this desk
    itself; new ones of other publishers are theirs, shown under their name."""
    ours = {"", ports.rules.organisation, *(person.org for person in ports.desk.list())}
    return tuple(
        new
        for old, new in saved.touched
        if (old is not None or new.publisher in ours)
        and approval.sensitive(ports, who, *filter(None, (old, new)))
    )


def would(ports: Ports, facts: Sequence[FactCheck]) -> Saved:
    """What taking these in would do; nothing is written."""
    return ports.facts.save_many(facts, "", "", dry=True)


def forecast(ports: Ports, who: Moderator, facts: Sequence[FactCheck]) -> tuple[Saved, Effect]:
    """What an import by this person would do, and its effect; nothing is written."""
    saved = would(ports, facts)
    return saved, effect([saved], guarded(ports, who, saved))


def hold(
    ports: Ports, who: Moderator, name: str, facts: Sequence[FactCheck], whole: Effect
) -> Proposal | None:
    """The rule for every door: an import that turns more than 5 % of the known verdicts, or
    touches what the policy gives to two people, waits for a second person. None when it may go
    on: neither is so, or nobody else could approve (the audit then says so). Raises Refused (too
    long to wait as one) or Stale (one waits)."""
    turned = whole.turned and approval.circle(ports, who.name, who.org, ()).people
    if not turned and (not whole.guarded or approval.alone(ports)):
        return None
    if len(facts) > LARGEST_HELD:
        raise Refused(
            f"It turns {len(whole.flips)} of {whole.known} known verdicts and touches "
            f"{len(whole.guarded)} on topics that need two, so a second person has to approve "
            f"it; import it in parts of {LARGEST_HELD} records at most.", "size",
        )  # fmt: skip
    return approval.propose(ports, who, f"import/{name[:80]}", tuple(facts), 0, name)


def import_facts(
    ports: Ports, who: Moderator, name: str, facts: Sequence[FactCheck]
) -> Saved | Proposal:
    """Take in many fact-checks; what was told and changed is corrected. One that turns many
    verdicts, or touches what the policy gives to two people, waits for a second person. Raises
    Denied, Refused or Stale."""
    demand(who, Action.IMPORT)
    whole = forecast(ports, who, facts)[1]
    waiting = hold(ports, who, name, facts, whole)
    return waiting or take_in(ports, who.name, facts, name, alone=whole.held)


def take_in(
    ports: Ports, author: str, facts: Sequence[FactCheck], name: str, *, alone: bool = False
) -> Saved:
    """Write an import, or a part of one; announce what it changed. One that changes nothing
    leaves no trace."""
    saved = ports.facts.save_many(facts, author, _reason(name))
    if not saved.added and not saved.changed:
        return saved
    counts = {"added": saved.added, "changed": saved.changed, "unchanged": saved.unchanged}
    details: dict[str, object] = {**counts, "flips": len(saved.flips), **_alone(alone)}
    ports.audit.write(author, Deed.IMPORT, f"import/{name[:80]}", name, **details)
    if saved.changed:
        corrections.announce_all(ports)
    ports.jobs.enqueue("rematch_open", {}, dedupe_key="rematch_open", due=ports.now)
    duplicates.look(ports)
    return saved


def take_in_approved(ports: Ports, proposal: Proposal, start: int = 0) -> None:
    """Write an import that waited. What somebody has changed since stays as it is now: it was
    not what the second person saw. A long one goes in parts, so that nobody waits for it: each
    is whole or not at all and names the next in its own transaction, and may come twice."""
    kept, left = [], []
    for fact in proposal.facts[start : start + PART]:
        now = ports.facts.by_identity(fact.identity or fact.sources[0].url)
        if now is not None and _since(now, proposal.at) and not _taken(ports, now, proposal):
            left.append(now.number)
        else:
            kept.append(fact)
    if left:
        ports.audit.write(proposal.author, Deed.IMPORT_LEFT_OUT, proposal.subject, numbers=left)
    take_in(ports, proposal.author, kept, proposal.reason)
    if start + PART < len(proposal.facts):
        payload = {"id": proposal.id, "start": start + PART}
        key = f"{TAKE_IN}:{proposal.id}:{start + PART}"
        ports.jobs.enqueue(TAKE_IN, payload, dedupe_key=key, due=ports.now)


def take_in_part(ports: Ports, id: int, start: int) -> None:
    """A job: the next part of an approved import."""
    proposal = ports.proposals.get(id)
    if proposal is not None and proposal.state is ProposalState.APPROVED:
        take_in_approved(ports, proposal, start)


def _taken(ports: Ports, fact: FactCheck, proposal: Proposal) -> bool:
    """Was it this import that changed it? A part that was cut off after its commit comes again.
    Another file of the same name may have been taken in before this one was approved."""
    newest = ports.facts.history(fact.number)[0]
    here = (newest.actor, newest.reason) == (proposal.author, _reason(proposal.reason))
    return here and proposal.decided_at is not None and newest.at >= proposal.decided_at


def _reason(name: str) -> str:
    return f"import {name}"


def _since(fact: FactCheck, at: datetime | None) -> bool:
    return bool(at and fact.changed_at and fact.changed_at > at)


def _write(
    ports: Ports, actor: str, action: Deed, fact: FactCheck, reason: str, **details: object
) -> None:
    ports.audit.write(actor, action, f"fact/{fact.number}", reason, **details)
