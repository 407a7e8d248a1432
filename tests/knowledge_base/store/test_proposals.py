"""What waits for a second person: one for each subject, whole, decided once."""

import pytest

from knowledge_base.facts import Proposal, ProposalState, Refused, Stale, Verdict
from knowledge_base.store import proposals
from tests.bot.edge import fact

ANSWER = Proposal("question/7F3K", (fact(1, topic="election", concerns=("Polda Melati",)),), "sari")


def test_a_proposal_comes_back_as_it_was(store):
    with store.work() as work:
        added = work.proposals.add(ANSWER)
        assert work.proposals.get(added.id) == added
        assert work.proposals.waiting() == (added,) == work.proposals.of_author("sari")
    assert (added.fact.claim, added.fact.concerns) == (ANSWER.fact.claim, ("Polda Melati",))
    assert added.fact.verdict is Verdict.FALSE


def test_a_list_holds_the_first_fact_check_of_an_import_and_how_many_there_are(store, monkeypatch):
    facts = tuple(fact(number) for number in range(1, 4))
    with store.work() as work:
        held = work.proposals.add(Proposal("import/a.csv", facts, "sari"))
        work.proposals.add(ANSWER)
    unpacked, read = [], proposals.from_content
    monkeypatch.setattr(
        proposals, "from_content", lambda *parts: unpacked.append(parts) or read(*parts)
    )
    with store.read() as work:
        listed = work.proposals.waiting()[0]
        assert (listed.facts, listed.size, listed.id) == (held.facts[:1], 3, held.id)
        assert work.proposals.of_author("sari", "import") == (listed,)
        assert [p.subject for p in work.proposals.of_author("sari", "question")] == [ANSWER.subject]
        assert (work.proposals.undecided("dewi"), work.proposals.undecided("sari")) == (2, 0)
        assert len(unpacked) == 4  # the first of both, then one each
        assert work.proposals.get(held.id).size == len(facts)


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
