"""What waits for a second person: one for each subject, whole, decided once."""

import pytest

from knowledge_base.facts import Proposal, ProposalState, Refused, Stale, Verdict
from tests.bot.edge import fact

ANSWER = Proposal("question/7F3K", (fact(1, topic="election", concerns=("Polda Melati",)),), "sari")


def test_a_proposal_comes_back_as_it_was(store):
    with store.work() as work:
        added = work.proposals.add(ANSWER)
        assert work.proposals.get(added.id) == added
        assert work.proposals.waiting() == (added,) == work.proposals.of_author("sari")
    assert (added.fact.claim, added.fact.concerns) == (ANSWER.fact.claim, ("Polda Melati",))
    assert added.fact.verdict is Verdict.FALSE


def test_only_one_waits_for_a_subject(store):
    with store.work() as work:
        first = work.proposals.add(ANSWER)
        with pytest.raises(Stale) as refusal:
            work.proposals.add(ANSWER)
        assert refusal.value.by == "sari"
        work.proposals.decide(first.id, ProposalState.RETURNED, "dewi", "Sumbernya kurang.")
        assert work.proposals.add(ANSWER).id != first.id


def test_a_decision_stands(store):
    with store.work() as work:
        added = work.proposals.add(ANSWER)
        done = work.proposals.decide(added.id, ProposalState.APPROVED, "dewi")
        assert (done.state, done.decided_by) == (ProposalState.APPROVED, "dewi")
        assert work.proposals.waiting() == ()
        with pytest.raises(Stale):
            work.proposals.decide(added.id, ProposalState.RETURNED, "budi")
        with pytest.raises(Refused):
            work.proposals.decide(999, ProposalState.APPROVED, "dewi")
