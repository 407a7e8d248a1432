"""What waits for a second person: approve it, or send it back with a reason."""

from __future__ import annotations

from handlers import approval, curating, moderate, texts
from handlers.matched import published
from handlers.ports import Ports
from handlers.queueing import redraw
from handlers.rights import Action, demand, objection
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    FactCheck,
    Moderator,
    Proposal,
    ProposalState,
    QuestionState,
    Refused,
)


def _waiting(ports: Ports, id: int, language: str) -> Proposal:
    proposal = ports.proposals.get(id)
    if proposal is None:
        raise Refused(texts.say(language, "desk.no_proposal", id=id), "id")
    return proposal


def approve(ports: Ports, who: Moderator, id: int, language: str = "id") -> Proposal:
    """Publish what another person wrote, under their name, and write down who approved.

    Gives it as OVERTAKEN when its subject was settled otherwise meanwhile: then nothing is
    published. Raises Denied (own, same organisation, concerned, role), Refused, or Stale when
    somebody decided before.
    """
    proposal = _waiting(ports, id, language)
    _demand_in_writing(ports, who, proposal)
    state = ProposalState.APPROVED if _stands(ports, proposal) else ProposalState.OVERTAKEN
    decided = ports.proposals.decide(id, state, who.name)
    ports.audit.write(
        who.name, Deed.APPROVE if state is ProposalState.APPROVED else Deed.OVERTAKEN,
        proposal.subject, proposal=id, author=proposal.author,
    )  # fmt: skip
    if state is ProposalState.APPROVED:
        _publish(ports, proposal)
    _redraw(ports, decided)
    return decided


def _demand_in_writing(ports: Ports, who: Moderator, proposal: Proposal) -> None:
    """Raises Denied unless this person may decide it. That its author opened their way in is
    noted: somebody may be at two desks. The door keeps the note, though
    nothing was done."""
    thing = approval.thing(ports, proposal)
    if objection(who, Action.APPROVE, thing) == "let in":
        ports.audit.write(
            who.name, Deed.APPROVAL_REFUSED, proposal.subject,
            proposal=proposal.id, author=proposal.author,
        )  # fmt: skip
    demand(who, Action.APPROVE, thing)


def _stands(ports: Ports, proposal: Proposal) -> bool:
    """Is its subject still as it was when it was written?"""
    kind, _, name = proposal.subject.partition("/")
    if kind == "question":
        question = ports.questions.get(name)
        return question is not None and (question.code, question.state, question.version) == (
            name,
            QuestionState.OPEN,
            proposal.base,
        )
    if kind == "fact":
        fact = ports.facts.get(int(name))
        return fact is not None and fact.version == proposal.base and _fits(ports, proposal.fact)
    return True


def _fits(ports: Ports, fact: FactCheck) -> bool:
    """Does what it would be merged into still say the same?"""
    target = published(ports.facts, fact.replaced_by)
    return not fact.replaced_by or (target is not None and target.verdict is fact.verdict)


def _publish(ports: Ports, proposal: Proposal) -> None:
    kind, _, name = proposal.subject.partition("/")
    if kind == "question":
        question = ports.questions.get(name)
        if question is not None:
            moderate.publish_answer(ports, proposal.author, question, proposal.fact)
    elif kind == "fact" and proposal.fact.replaced_by:
        curating.publish_merge(ports, proposal.author, proposal.fact, proposal.reason)
    elif kind == "fact":
        curating.publish_edit(ports, proposal.author, proposal.fact, proposal.reason)
    else:
        curating.take_in_approved(ports, proposal)


def send_back(ports: Ports, who: Moderator, id: int, reason: str, language: str = "id") -> Proposal:
    """Not like this: its author reads why; the question keeps waiting.

    Raises Denied, Refused (no reason), or Stale when somebody decided before.
    """
    proposal = _waiting(ports, id, language)
    if who.name == proposal.author:
        demand(who, Action.ANSWER)  # taking back one's own needs nobody
    else:
        demand(who, Action.APPROVE, approval.thing(ports, proposal))
    words = moderate.reason_of(reason, language)
    decided = ports.proposals.decide(id, ProposalState.RETURNED, who.name, words)
    ports.audit.write(
        who.name, Deed.SEND_BACK, proposal.subject, words, proposal=id, author=proposal.author
    )
    _redraw(ports, decided)
    return decided


def _redraw(ports: Ports, proposal: Proposal) -> None:
    """Cards of the proposal and of its question show what became of it."""
    redraw(ports, f"proposal/{proposal.id}")
    redraw(ports, proposal.subject.removeprefix("question/"))
