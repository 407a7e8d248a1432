"""Votes: one per person and version, gone with the person; objections and what they are about."""

from dataclasses import replace

import pytest

from knowledge_base.facts import Address, Outcome, State, Submission, Told
from tests.bot.edge import save_fact


@pytest.fixture
def person(store, clock):
    """person(name): somebody's id."""

    def at(name: str) -> str:
        with store.work() as work:
            return work.contacts.at(Address("fake", "bot", name), clock()).id

    return at


def vote(store, person, version=1, helpful=False, number=1):
    with store.work() as work:
        work.reviews.vote(person, number, version, helpful=helpful)


def counted(store, number=1):
    with store.read() as work:
        return [(v.version, v.helpful, v.unhelpful) for v in work.reviews.votes(number)]


def test_the_last_vote_of_a_person_counts(store, person):
    ani = person("ani")
    for helpful in (True, True, False):
        vote(store, ani, helpful=helpful)
    vote(store, person("budi"), helpful=True)
    vote(store, ani, version=2, helpful=True)
    assert counted(store) == [(2, 1, 0), (1, 1, 1)]


def test_votes_go_with_the_person(store, person):
    ani = person("ani")
    vote(store, ani)
    with store.work() as work:
        assert work.people.export(ani)["votes"] == [
            {"fact_check": 1, "version": 1, "helpful": False}
        ]
        work.people.erase(ani)
    vote(store, ani)
    assert counted(store) == []


def test_only_present_versions_with_enough_thumbs_down_ask_for_a_look(store, person):
    saved = save_fact(store)
    for number in range(4):
        vote(store, person(f"p{number}"), helpful=number == 0, number=saved.number)
    with store.read() as work:
        assert [v.number for v in work.reviews.doubted(3)] == [saved.number]
        assert work.reviews.doubted(4) == ()
    with store.work() as work:
        work.facts.save(replace(saved, fact="Kalimat yang lain."), "sari", "diperjelas")
        assert work.reviews.doubted(3) == ()


def test_objections_are_listed_with_their_reason(store, person, clock):
    saved, ani = save_fact(store), person("ani")
    with store.work() as work:
        asked = Submission("s1", ani, "Sumbernya salah", Outcome.QUEUED, clock())
        question = work.questions.ask(asked)
        work.reviews.dispute(saved.number, question.code)
        assert [q.text for q in work.reviews.disputes(saved.number)] == ["Sumbernya salah"]
        assert [number for number, _ in work.reviews.open_disputes()] == [saved.number]
        assert (work.reviews.disputed(question.code), work.reviews.disputed("0000")) == (
            saved.number,
            0,
        )
        work.questions.reject(question.code, "Sudah benar.", "sari", question.version)
        assert work.reviews.open_disputes() == ()


def test_twins_are_those_nobody_has_told_apart(store):
    for number in range(1, 4):
        save_fact(store, number)
    with store.work() as work:
        work.reviews.pair(1, 2, 0.9)
        work.reviews.pair(2, 3, 0.8)
        assert [work.facts.twins(number) for number in (1, 2, 3)] == [(2,), (1, 3), (2,)]
        work.reviews.dismiss(1, 2)
        assert [work.facts.twins(number) for number in (1, 2, 3)] == [(), (3,), (2,)]


def test_who_was_told_an_older_version_is_counted(store, person, clock):
    saved, ani, budi = save_fact(store), person("ani"), person("budi")
    with store.work() as work:
        for one in (ani, budi):
            work.people.tell(Told(one, saved.number, 1, clock()))
        assert work.people.outdated() == ()
        work.facts.save(replace(saved, state=State.RETRACTED), "sari", "keliru")
        assert work.people.outdated() == (saved.number,)
        work.people.tell(Told(ani, saved.number, 2, clock()))
        assert work.people.told_count(saved.number, 2) == (1, 2)


def test_who_heard_one_of_several_versions_is_counted_once(store, person, clock):
    first, second, ani, budi = save_fact(store), save_fact(store, 2), person("ani"), person("budi")
    with store.work() as work:
        for one, number, version in ((ani, 1, 1), (ani, 2, 1), (budi, 2, 2)):
            work.people.tell(Told(one, number, version, clock()))
        both = [(first.number, 1), (second.number, 1), (second.number, 2)]
        assert work.people.heard_count(both, agreed=False) == 2
        assert work.people.heard_count(both[:2], agreed=False) == 1
        assert work.people.heard_count((), agreed=False) == 0
        work.people.save(replace(work.people.get(ani), notify=False))
        work.people.save(replace(work.people.get(budi), consent="1 2027-02-10T09:00:00+00:00"))
        assert work.people.heard_count(both, agreed=True) == 1


def test_versions_of_a_person_since_a_time_are_found(store, clock):
    first = save_fact(store)
    since = clock.forward(hours=1)
    second = save_fact(store, 2)
    with store.work() as work:
        work.facts.save(replace(first, fact="Kalimat lain."), "budi", "diperjelas")
        assert work.facts.by_actor("test", since) == (second.number,)
        assert work.facts.by_actor("budi", since) == (first.number,)


def test_pairs_are_listed_until_one_is_gone_or_somebody_says_no(store):
    a, b, c = (save_fact(store, number) for number in (1, 2, 3))
    with store.work() as work:
        work.reviews.pair(a.number, b.number, 0.7)
        work.reviews.pair(a.number, b.number, 0.9)
        work.reviews.pair(b.number, c.number, 0.8)
        assert work.reviews.pairs() == ((b.number, c.number, 0.8), (a.number, b.number, 0.7))
        work.reviews.dismiss(a.number, b.number)
        work.facts.save(replace(c, state=State.RETRACTED), "sari", "sama")
        work.reviews.pair(a.number, b.number, 0.9)
        assert work.reviews.pairs() == ()
