"""The second pair of eyes: when it is needed, who may give it, what waits meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from handlers import approval, curating, deciding, moderate, notify
from handlers.moderate import Draft
from handlers.rights import Denied
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    FactCheck,
    Moderator,
    Proposal,
    ProposalState,
    QuestionState,
    Refused,
    Role,
    Source,
    Stale,
    State,
    Verdict,
)
from knowledge_base.search.findings import Match
from tests.fakes import EDITOR, SARI, FakeHouse
from tests.handlers.callers import asked, house_with_facts

SOURCE = Source("https://dinas.example/rilis", "Dinas Melati", date=date(2026, 11, 20))
DRAFT = Draft(
    Verdict.FALSE, "Jembatan Melati roboh.", "Kabar Jembatan", "Jembatan Melati tidak roboh.",
    sources=(SOURCE,), topic="election",
)  # fmt: skip
BUDI = Moderator(4, "budi", Role.EDITOR, "Redaksi")
TONO = Moderator(5, "tono", Role.EDITOR, "Polda Melati")
RINA = Moderator(6, "rina", Role.ADMIN, "Cek Kenanga")


@pytest.fixture
def house() -> FakeHouse:
    house = house_with_facts()
    house.desk.people = [SARI, EDITOR, BUDI]
    asked(house, "Jembatan Melati roboh tadi malam", "ani", "s1")
    return house


def answer(house: FakeHouse, who: Moderator = SARI, **changes) -> FactCheck | Proposal:
    return moderate.answer_question(house.ports(), who, "7F3K", 1, replace(DRAFT, **changes))


def waiting(house: FakeHouse, **changes) -> Proposal:
    proposal = answer(house, **changes)
    assert isinstance(proposal, Proposal)
    return proposal


def test_an_election_answer_waits_and_nothing_is_public(house: FakeHouse) -> None:
    proposal = waiting(house)
    assert (proposal.author, proposal.subject) == ("sari", "question/7F3K")
    assert house.questions.rows["7F3K"].state is QuestionState.OPEN
    assert len(house.facts.rows) == 4
    assert house.jobs.waiting == []
    assert house.audit.entries[-1][:3] == ("sari", "propose", "question/7F3K")


def test_once_approved_it_is_the_authors_and_told_to_everyone(house: FakeHouse) -> None:
    proposal = waiting(house)
    done = deciding.approve(house.ports(), BUDI, proposal.id)
    assert (done.state, done.decided_by) == (ProposalState.APPROVED, "budi")
    assert house.questions.rows["7F3K"].answered_by == "sari"
    assert [m.to for m in notify.tell_askers(house.ports(), "7F3K")] == ["p-ani"]
    assert [entry[1] for entry in house.audit.entries] == ["propose", "approve", "answer"]


@pytest.mark.parametrize(
    "changes",
    [{"topic": "health"}, {"topic": ""}],
)
def test_other_topics_are_published_at_once(house: FakeHouse, changes) -> None:
    assert isinstance(answer(house, **changes), FactCheck)


@pytest.mark.parametrize("changes", [{"public_figure": True}, {"concerns": ("Redaksi",)}])
def test_public_figures_and_ones_own_affairs_wait_too(house: FakeHouse, changes) -> None:
    house.desk.people.append(RINA)
    assert isinstance(answer(house, topic="health", **changes), Proposal)


def test_nobody_approves_their_own(house: FakeHouse) -> None:
    proposal = answer(house, EDITOR)
    assert isinstance(proposal, Proposal)
    with pytest.raises(Denied) as denied:
        deciding.approve(house.ports(), EDITOR, proposal.id)
    assert denied.value.why == "own"


def test_another_organisation_approves_where_there_is_one(house: FakeHouse) -> None:
    house.desk.people.append(RINA)
    proposal = waiting(house)
    with pytest.raises(Denied) as denied:
        deciding.approve(house.ports(), BUDI, proposal.id)
    assert denied.value.why == "same org"
    assert deciding.approve(house.ports(), RINA, proposal.id).state is ProposalState.APPROVED


def test_an_agency_does_not_approve_what_is_about_it(house: FakeHouse) -> None:
    house.desk.people = [SARI, EDITOR, TONO]
    proposal = waiting(house, concerns=("Polda Melati",))
    with pytest.raises(Denied) as denied:
        deciding.approve(house.ports(), TONO, proposal.id)
    assert denied.value.why == "concerned"
    assert deciding.approve(house.ports(), EDITOR, proposal.id).state is ProposalState.APPROVED


@pytest.mark.parametrize("people", [[], [SARI], [SARI, EDITOR]])
def test_before_two_people_exist_it_is_published_and_the_audit_says_so(
    house: FakeHouse, people
) -> None:
    house.desk.people = people
    assert isinstance(answer(house), FactCheck)
    assert house.audit.entries[-1][4]["approval"] == "nobody else could approve"


def test_where_all_others_are_concerned_it_waits_for_somebody_new(house: FakeHouse) -> None:
    house.desk.people = [SARI, replace(EDITOR, org="Org B"), replace(BUDI, org="Org C")]
    proposal = waiting(house, concerns=("Org B", "Org C"))
    assert approval.deciders(house.ports(), proposal) == ()
    house.desk.people.append(RINA)
    assert approval.deciders(house.ports(), proposal) == (RINA,)


@pytest.mark.parametrize(
    ("asked_for", "claim"),
    [("KPU mengubah jadwal pemilu", "Jadwal berubah."), ("Jadwal berubah", "Pemilu ditunda.")],
)
def test_without_a_topic_the_words_decide(house: FakeHouse, asked_for: str, claim: str) -> None:
    asked(house, asked_for, "budi", "s2")
    draft = replace(DRAFT, topic="", claim=claim)
    made = moderate.answer_question(house.ports(), SARI, "9C2D", 1, draft)
    assert isinstance(made, Proposal)
    assert made.fact.topic == ""  # a guess is for the policy only


def test_without_a_topic_the_nearest_check_decides(house: FakeHouse) -> None:
    house.facts.rows[482] = replace(house.facts.rows[482], topic="election")
    house.questions.near["7F3K"] = (Match("482", 0.6),)
    assert isinstance(answer(house, topic=""), Proposal)


def test_only_who_could_withdraw_it_brings_a_check_back(house: FakeHouse) -> None:
    curating.retract(house.ports(), BUDI, 484, 1, "Salah.")
    draft = replace(DRAFT, topic="health")
    with pytest.raises(Denied):
        curating.revise(house.ports(), SARI, 484, 2, draft, "Kembali.")
    back = curating.revise(house.ports(), EDITOR, 484, 2, draft, "Kembali.")
    assert not isinstance(back, Proposal)
    assert back.state is State.PUBLISHED


@pytest.mark.parametrize("deed", [Deed.MODERATOR_ADD, Deed.MODERATOR_LINK,
                                  Deed.MODERATOR_RESET_FACTOR])  # fmt: skip
def test_nobody_approves_through_a_door_the_author_opened(house: FakeHouse, deed: Deed) -> None:
    house.audit.write("dewi", deed, "moderator/budi")
    proposal = answer(house, EDITOR)
    assert isinstance(proposal, Proposal)
    with pytest.raises(Denied) as denied:
        deciding.approve(house.ports(), BUDI, proposal.id)
    assert denied.value.why == "let in"
    assert house.audit.entries[-1][:2] == ("budi", Deed.APPROVAL_REFUSED)
    assert approval.deciders(house.ports(), proposal) == ()
    house.audit.write("command line", Deed.MODERATOR_LINK, "moderator/budi")
    assert deciding.approve(house.ports(), BUDI, proposal.id).state is ProposalState.APPROVED


def test_who_is_disabled_does_not_count(house: FakeHouse) -> None:
    house.desk.people = [SARI, EDITOR, replace(BUDI, active=False)]
    assert isinstance(answer(house), FactCheck)


def test_sent_back_with_a_reason_it_can_be_written_again(house: FakeHouse) -> None:
    first = waiting(house)
    with pytest.raises(Refused):
        deciding.send_back(house.ports(), BUDI, first.id, " ")
    back = deciding.send_back(house.ports(), BUDI, first.id, "Tolong tambah sumber kedua.")
    assert (back.state, back.decision) == (ProposalState.RETURNED, "Tolong tambah sumber kedua.")
    assert waiting(house).id != first.id


def test_while_one_waits_nobody_writes_another(house: FakeHouse) -> None:
    waiting(house)
    with pytest.raises(Stale) as stale:
        answer(house, EDITOR, topic="health")
    assert stale.value.by == "sari"


def test_a_decision_is_made_once(house: FakeHouse) -> None:
    proposal = waiting(house)
    deciding.approve(house.ports(), BUDI, proposal.id)
    with pytest.raises(Stale):
        deciding.approve(house.ports(), EDITOR, proposal.id)


def test_what_was_settled_otherwise_is_not_published(house: FakeHouse) -> None:
    proposal = waiting(house)
    moderate.reject(house.ports(), EDITOR, "7F3K", 1, "Soal pribadi.")
    assert deciding.approve(house.ports(), BUDI, proposal.id).state is ProposalState.OVERTAKEN
    assert len(house.facts.rows) == 4


def test_an_edit_in_such_a_topic_waits_as_well(house: FakeHouse) -> None:
    draft = replace(DRAFT, topic="")  # it was about elections before
    given = curating.revise(house.ports(), SARI, 482, 1, draft, "Jadwal baru.")
    assert isinstance(given, Proposal)
    assert house.facts.rows[482].version == 1
    deciding.approve(house.ports(), BUDI, given.id)
    assert (house.facts.rows[482].version, house.facts.rows[482].fact) == (2, DRAFT.fact)
    assert house.facts.history(482)[0].actor == "sari"


def test_an_import_that_turns_many_verdicts_is_held(house: FakeHouse) -> None:
    turned = replace(house.facts.rows[482], verdict=Verdict.TRUE)
    held = curating.import_facts(house.ports(), EDITOR, "x.csv", [turned])
    assert isinstance(held, Proposal)
    assert house.facts.rows[482].verdict is Verdict.FALSE
    deciding.approve(house.ports(), BUDI, held.id)
    assert house.facts.rows[482].verdict is Verdict.TRUE


def imported(publisher: str = "", topic: str = "election") -> FactCheck:
    return FactCheck("new", "TPS pindah.", Verdict.FALSE, (SOURCE,), fact="Tidak pindah.",
                     topic=topic, publisher=publisher)  # fmt: skip


def test_a_file_is_no_way_round_the_second_person(house: FakeHouse) -> None:
    for publisher in ("", "Saring", BUDI.org):
        house = house_with_facts()
        house.desk.people = [SARI, EDITOR, BUDI]
        held = curating.import_facts(house.ports(), EDITOR, "x.csv", [imported(publisher)])
        assert isinstance(held, Proposal)
        assert house.facts.by_identity("new") is None
        deciding.approve(house.ports(), BUDI, held.id)
        assert house.facts.by_identity("new").claim == "TPS pindah."


@pytest.mark.parametrize(
    "changes",
    [
        {"topic": "", "claim": "Semua sekolah libur."},
        {"fact": "Buka sampai pukul 14."},
        {"verdict": Verdict.TRUE},
    ],
)
def test_no_row_changes_a_known_election_check_alone(house: FakeHouse, changes) -> None:
    known = replace(house.facts.rows[482], topic="election", publisher="MAFINDO")
    others = [replace(known, number=n, identity=f"m{n}", topic="health") for n in range(500, 540)]
    house.know([known, *others])
    rows = [*others, replace(known, **changes)]
    held = curating.import_facts(house.ports(), EDITOR, "x.csv", rows)
    assert isinstance(held, Proposal)
    assert curating.import_facts(house.ports(), EDITOR, "y.csv", [*others, known]).unchanged == 41


def two_elections(house: FakeHouse) -> None:
    first = replace(house.facts.rows[482], topic="election")
    house.know([first, replace(first, number=483, identity="f-483b")])


def test_a_merge_of_election_checks_waits_and_is_done_once_approved(house: FakeHouse) -> None:
    two_elections(house)
    held = curating.merge_facts(house.ports(), EDITOR, 482, 1, 483)
    assert isinstance(held, Proposal)
    assert house.facts.rows[482].state is State.PUBLISHED
    deciding.approve(house.ports(), BUDI, held.id)
    assert (house.facts.rows[482].state, house.facts.rows[482].replaced_by) == (
        State.RETRACTED, 483,
    )  # fmt: skip
    assert house.facts.rows[482].claim in house.facts.rows[483].variants


def test_a_merge_is_overtaken_when_the_other_one_has_turned(house: FakeHouse) -> None:
    two_elections(house)
    held = curating.merge_facts(house.ports(), EDITOR, 482, 1, 483)
    house.facts.rows[483] = replace(house.facts.rows[483], verdict=Verdict.TRUE)
    assert isinstance(held, Proposal)
    done = deciding.approve(house.ports(), BUDI, held.id)
    assert done.state is ProposalState.OVERTAKEN
    assert house.facts.rows[482].state is State.PUBLISHED


def test_checks_with_different_results_are_not_one(house: FakeHouse) -> None:
    house.facts.rows[483] = replace(house.facts.rows[483], verdict=Verdict.TRUE)
    with pytest.raises(Refused, match="483"):
        curating.merge_facts(house.ports(), EDITOR, 482, 1, 483)


def test_what_others_decided_and_other_topics_are_taken_in_at_once(house: FakeHouse) -> None:
    rows = [imported("MAFINDO"), replace(imported(topic="health"), identity="other")]
    saved = curating.import_facts(house.ports(), EDITOR, "x.csv", rows)
    assert (saved.added, saved.changed) == (2, 0)


def test_where_one_person_works_a_file_goes_in_and_the_audit_says_so(house: FakeHouse) -> None:
    house.desk.people = [EDITOR]
    assert curating.import_facts(house.ports(), EDITOR, "x.csv", [imported()]).added == 1
    assert house.audit.entries[-1][4]["approval"] == "nobody else could approve"


@pytest.mark.parametrize(
    ("who", "why"),
    [("dewi", "data baru"), (EDITOR.name, "import x.csv")],
    ids=["by a colleague", "by the corrected file of the same name"],
)
def test_what_was_changed_since_an_import_waited_stays_as_it_is(
    house: FakeHouse, who: str, why: str
) -> None:
    turned = replace(house.facts.rows[482], verdict=Verdict.TRUE)
    held = curating.import_facts(house.ports(), EDITOR, "x.csv", [turned])
    house.now += timedelta(minutes=5)
    now = replace(house.facts.rows[482], verdict=Verdict.PARTLY)
    house.facts.now = house.now
    house.facts.save(now, who, why)
    house.now += timedelta(minutes=5)
    deciding.approve(house.ports(), BUDI, held.id)
    assert house.facts.rows[482].verdict is Verdict.PARTLY
    assert "import left out" in [action for _, action, *_ in house.audit.entries]


def test_readers_and_strangers_decide_nothing(house: FakeHouse) -> None:
    proposal = waiting(house)
    with pytest.raises(Denied):
        deciding.approve(house.ports(), Moderator(9, "lia", Role.MODERATOR), proposal.id)
    with pytest.raises(Denied):
        answer(house, Moderator(9, "lia", Role.READER))
    with pytest.raises(Refused):
        deciding.approve(house.ports(), BUDI, 99)
