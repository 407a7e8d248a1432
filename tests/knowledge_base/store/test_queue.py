"""The desk's list and the work on questions, on a real SQLite file."""

from datetime import timedelta

import pytest

from knowledge_base.facts import (
    Address,
    FactCheck,
    Moderator,
    Outcome,
    Refused,
    Role,
    Source,
    Stale,
    Submission,
    Verdict,
)
from knowledge_base.queue import Place, Wish
from knowledge_base.search.findings import Match


@pytest.fixture
def ask(store, clock):
    """ask("a text", who="3", same_as=""): somebody asks; gives the question."""

    def send(text, who="1", channel="telegram", same_as="", forwarded_many=False, lang="id"):
        with store.work() as work:
            person = work.contacts.at(Address(channel, "main", who), clock())
            work.contacts.wrote(person.id, clock())
            number = f"{who}x{abs(hash((text, who, clock()))) % 10**9}"
            submission = Submission(number, person.id, text, Outcome.QUEUED, clock(), lang=lang)
            return work.questions.ask(submission, same_as=same_as, forwarded_many=forwarded_many)

    return send


@pytest.fixture
def people(store, clock) -> tuple[Moderator, Moderator]:
    with store.work() as work:
        return tuple(work.desk.add(n, Role.MODERATOR, "", clock()) for n in ("ani", "budi"))


def codes(store, clock, **wish) -> list[str]:
    with store.read() as work:
        found = work.queue.order(Wish(**wish), clock())
        assert len(found.wanted) == found.count
        assert sorted(found.wanted) == sorted(found.oldest)
        return [card.question.code for card in work.queue.cards(found.wanted, clock())]


def test_the_order_is_by_points_and_by_askers_where_there_are_none_yet(store, clock, ask):
    one = ask("jembatan ditutup")
    two = ask("pasar ditutup")
    ask("pasar ditutup", who="2")
    assert codes(store, clock) == [two.code, one.code]
    with store.work() as work:
        due = work.queue.due(clock())
        work.queue.keep([Place(w.id, w.signals, 99.0 - w.signals.askers) for w in due], clock())
    assert codes(store, clock) == [one.code, two.code]


def test_what_speaks_for_a_question_is_counted(store, clock, ask):
    ask("vaksin palsu", channel="whatsapp", forwarded_many=True)
    clock.forward(hours=5)
    ask("vaksin palsu", who="2", channel="whatsapp")
    with store.read() as work:
        (found,) = work.queue.due(clock())
    assert (found.signals.askers, found.signals.hour, found.signals.day) == (2, 1, 2)
    assert found.signals.forwarded_many == 1
    assert found.signals.window_ends == clock() + timedelta(hours=19)


def test_points_are_due_again_when_somebody_asks_or_time_passes(store, clock, ask):
    question = ask("a rumour about a bridge")
    with store.work() as work:
        due = work.queue.due(clock())
        work.queue.keep([Place(w.id, w.signals, 1.0) for w in due], clock())
        assert work.queue.due(clock()) == ()
        before = work.queue.pulse()
    ask("a rumour about a bridge", who="2")
    with store.read() as work:
        assert [one.id for one in work.queue.due(clock())] == [question.id]
        assert work.queue.pulse() != before


def test_filters_leave_only_what_they_name(store, clock, ask, people):
    old = ask("jembatan 100% ditutup", channel="whatsapp")
    clock.forward(hours=30)
    new = ask("the market is closed", lang="en")
    with store.work() as work:
        work.cases.take(new.code, people[0].id, clock(), clock() + timedelta(minutes=30))
        work.cases.escalate(old.code, "ani", "look", clock())
    assert codes(store, clock, hours=24) == codes(store, clock, channel="whatsapp") == [old.code]
    assert codes(store, clock, state="free") == codes(store, clock, state="escalated") == [old.code]
    assert codes(store, clock, lang="en") == codes(store, clock, state="taken") == [new.code]
    assert codes(store, clock, state="mine", moderator=people[0].id) == [new.code]
    assert codes(store, clock, state="mine", moderator=people[1].id) == []
    assert codes(store, clock, text="JEMBATAN 100%") == [old.code]
    assert codes(store, clock, text=f"#{new.code.lower()}") == [new.code]
    assert codes(store, clock, text="100_") == codes(store, clock, state="approval") == []


def test_the_first_of_an_order_come_with_the_count_of_all(store, clock, ask):
    for number, text in enumerate(("jembatan ditutup", "pasar ditutup", "jalan ditutup")):
        ask(text, who=str(number))
        clock.forward(hours=1)
    with store.read() as work:
        for wish in (Wish(), Wish(lang="id"), Wish(text="ditutup")):
            everything = work.queue.order(wish, clock())
            first = work.queue.order(wish, clock(), 2)
            assert first.wanted == everything.wanted[:2]
            assert first.oldest == everything.oldest[:2]
            assert first.count == everything.count == 3


def test_words_are_looked_for_in_every_wording_of_what_stands_as_wished(store, clock, ask):
    waits = ask("jembatan lama ditutup")
    ask("kata orang jembatan ambruk", who="2", same_as=waits.code)
    done = ask("pasar lama ditutup", who="3")
    with store.work() as work:
        work.questions.reject(done.code, "no", "ani", done.version)
    assert codes(store, clock, text="AMBRUK jembatan") == [waits.code]
    assert codes(store, clock, text="lama ambruk") == []  # not in one wording
    assert codes(store, clock, text="lama") == [waits.code]
    assert codes(store, clock, text="lama", state="closed") == [done.code]
    assert codes(store, clock, text=done.code) == []


def test_a_question_is_taken_by_one_until_the_time_is_over(store, clock, ask, people):
    code = ask("a rumour about a bridge").code
    half = timedelta(minutes=30)
    with store.work() as work:
        work.cases.take(code, people[0].id, clock(), clock() + half)
        with pytest.raises(Stale) as refused:
            work.cases.take(code, people[1].id, clock(), clock() + half)
        assert refused.value.by == "ani"
        (card,) = work.queue.cards(work.queue.order(Wish(), clock()).wanted, clock())
        assert card.lease is not None
        assert card.lease.name == "ani"
    clock.forward(minutes=30)
    with store.work() as work:
        assert work.cases.lease(code, clock()) is None
        assert work.cases.take(code, people[1].id, clock(), clock() + half).name == "budi"


def test_comments_reach_those_they_name_until_read(store, clock, ask, people):
    code = ask("a rumour about a bridge").code
    with store.work() as work:
        work.cases.comment(code, "ani", "@budi?", [people[1].id], clock())
    with store.work() as work:
        assert [(one.code, one.text) for one in work.cases.mentions(people[1].id)] == [
            (code, "@budi?")
        ]
        work.cases.read(code, people[1].id)
        assert work.cases.mentions(people[1].id) == ()
        assert [one.text for one in work.cases.comments(code)] == ["@budi?"]


def test_a_split_takes_wordings_and_their_askers_along(store, clock, ask):
    question = ask("jembatan ditutup", channel="whatsapp", forwarded_many=True)
    clock.forward(minutes=5)
    ask("sekolah ditutup", who="2", same_as=question.code)
    with store.work() as work:
        present = work.questions.get(question.code)
        chosen = [w.id for w in work.cases.wordings(question.code) if "sekolah" in w.text]
        new = work.cases.split(question.code, chosen, present.version)
        with pytest.raises(Stale):
            work.cases.split(question.code, chosen, present.version)
    with store.read() as work:
        old = work.questions.get(question.code)
        assert (old.askers, old.wordings, old.channels) == (1, ("jembatan ditutup",), ("whatsapp",))
        assert (new.askers, new.text, new.channels) == (1, "sekolah ditutup", ("telegram",))
        assert (old.forwarded_many, new.forwarded_many) == (1, 0)
        assert new.first_asked == clock()
        assert old.last_asked < clock()
        assert [s.text for s in work.questions.askers(new.code)] == ["sekolah ditutup"]


def test_a_split_leaves_at_least_one_wording(store, ask):
    question = ask("jembatan ditutup")
    with store.work() as work:
        chosen = [wording.id for wording in work.cases.wordings(question.code)]
        for wrong in (chosen, [], [999]):
            with pytest.raises(Refused):
                work.cases.split(question.code, wrong, question.version)


def test_views_are_ones_own(store, people):
    with store.work() as work:
        work.cases.save_view(people[0].id, "Pemilu", "topic=election")
        work.cases.save_view(people[0].id, "Pemilu", "topic=election&hours=24")
        (view,) = work.cases.views(people[0].id)
        work.cases.drop_view(people[1].id, view.id)
        assert work.cases.views(people[0].id) == (view,)
        work.cases.drop_view(people[0].id, view.id)
        assert work.cases.views(people[0].id) == work.cases.views(people[1].id) == ()
    assert view.query == "topic=election&hours=24"


def test_topics_near_a_waiting_question_come_with_their_scores(store, clock, ask):
    question = ask("jembatan ditutup")
    fact = FactCheck("x", "Jalan.", Verdict.FALSE, (Source("https://x.example"),), topic="scam")
    with store.work() as work:
        number = work.facts.save(fact, "ani", "").number
        work.questions.keep_neighbours(question.code, [Match(str(number), 0.25)])
        assert [one.near for one in work.queue.due(clock())] == [(("scam", 0.25),)]
