"""Background tasks: askers are told page by page, new facts settle open questions, old goes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.abreast import Overtaken
from bot.archive import Unanswered
from bot.doors import ports
from bot.heads import Heads
from bot.jobs.sqlite import TableRunner
from bot.reach import Reached
from bot.tasks import FORGET_EVERY, Chores
from bot.wakeup import Bell
from bot.wiring.sources import FactSource, QuestionSource
from handlers import (
    approval,
    choosing,
    curating,
    deciding,
    duplicates,
    mistaken,
    moderate,
    rollback,
)
from handlers.messages import Act, Address, Incoming, Outgoing, pack, unpack
from handlers.moderate import UNDO
from handlers.ports import Call, Rules
from handlers.replies import data
from knowledge_base.deliveries import Delivery
from knowledge_base.facts import (
    Moderator,
    Outcome,
    QuestionState,
    Role,
    Source,
    State,
    Submission,
    Told,
    Verdict,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision, Match, Result, Stance
from tests.bot.edge import FakeFinder, fact, person_at, put_out, save_fact, states

RUMOUR = "Kabar bahwa pemilu ditunda sampai tahun depan"


class Office:
    """The chores on a real store, with a runner to do what they enqueue."""

    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.finder = FakeFinder()
        self.chores = Chores(store, self.finder, Rules(), clock, lambda: None)
        self.runner = TableRunner(store, clock, Bell())

    def ask(self, *texts):
        """Somebody else asks each of these (the rumour); gives the last question."""
        with self.store.work() as work:
            for number, text in enumerate(texts or (RUMOUR,)):
                person = work.contacts.at(Address("fake", "bot", f"chat-{number}"), self.clock())
                question = work.questions.ask(
                    Submission(
                        f"s{number:05d}",
                        person.id,
                        text,
                        Outcome.QUEUED,
                        self.clock(),
                        fingerprint=text,
                    )
                )
        return question

    def publish(self, *args, **more):
        """A new fact-check, some time after what was asked and past its undo."""
        self.clock.forward(minutes=1)
        saved = save_fact(self.store, *args, **more)
        self.clock.forward(seconds=UNDO.total_seconds())
        return saved

    def enqueue(self, task, payload=None):
        with self.store.work() as work:
            work.jobs.enqueue(task, payload or {}, dedupe_key=task)

    async def run_due(self):
        while await self.runner.step(self.chores.table()):
            pass

    def question(self, code):
        with self.store.read() as work:
            return work.questions.get(code)

    def outgoing(self):
        with self.store.work() as work:
            return [unpack(row.body) for row in work.outbox.claim(self.clock(), 1000)]

    def everything(self):
        """All messages of the outbox, also those that stand behind another one of their chat."""
        with self.store.work() as work:
            found = []
            while rows := work.outbox.claim(self.clock(), 1000):
                found += [unpack(row.body) for row in rows]
                for row in rows:
                    work.outbox.finish(row.id, Delivery.SENT, self.clock())
        return found

    def pairs(self):
        with self.store.read() as work:
            return sorted((first, second) for first, second, _ in work.reviews.pairs())

    def vanished(self):
        with self.store.read() as work:
            return [(one.number, one.url, one.detail) for one in work.upkeep.vanished()]

    def waiting(self):
        with self.store.work() as work:
            found = []
            while job := work.job_table.claim(self.clock() + timedelta(days=1)):
                found.append(job.task)
        return found


@pytest.fixture
def office(store, clock):
    return Office(store, clock)


# ── telling those who asked ─────────────────────────────────────────────────────────────────


async def test_who_asked_twice_on_different_pages_is_told_once(office):
    question = office.ask(*[RUMOUR] * 101)
    with office.store.work() as work:
        sari = work.contacts.at(Address("fake", "bot", "chat-0"), office.clock())
        again = Submission("s99999", sari.id, "lain", Outcome.QUEUED, office.clock())
        work.questions.ask(again, same_as=question.code)
        number = work.facts.save(fact(), "test", "test").number
        question = work.questions.get(question.code)
        work.questions.settle(question.code, number, "desk", question.version)
    await office.chores.tell_askers({"code": question.code, "after": ""})
    office.clock.forward(seconds=1)
    await office.run_due()
    told = Counter(message.to for message in office.everything())
    assert (len(told), set(told.values())) == (101, {1})


def settled(office, askers):
    question = office.ask(*[RUMOUR] * askers)
    published = office.publish()
    with office.store.work() as work:
        question = work.questions.get(question.code)
        work.questions.settle(question.code, published.number, "Sari", question.version)
    return question.code


async def test_one_page_is_a_hundred_askers_and_the_next_one_is_enqueued_with_it(office):
    code = settled(office, 130)
    await office.chores.tell_askers({"code": code, "after": ""})
    assert states(office.store) == {"waiting": 100}
    assert office.waiting().count("tell_askers") == 1


async def test_a_page_that_fails_leaves_neither_messages_nor_a_next_page(office, monkeypatch):
    code = settled(office, 130)

    def breaks(*args):
        raise RuntimeError("the process dies here")

    monkeypatch.setattr("bot.tasks.add_outgoing", breaks)
    with pytest.raises(RuntimeError):
        await office.chores.tell_askers({"code": code, "after": ""})
    assert (states(office.store), states(office.store, "job_table")) == ({}, {})


async def test_every_asker_is_told_once_though_a_page_is_written_twice(office):
    code = settled(office, 130)
    office.enqueue("tell_askers", {"code": code, "after": ""})
    await office.chores.tell_askers({"code": code, "after": ""})
    await office.run_due()
    told = Counter(message.to for message in office.outgoing())
    assert (len(told), set(told.values())) == (130, {1})


async def test_somebody_whose_answer_was_overtaken_hears_the_present_one(office):
    old = office.publish()
    with office.store.work() as work:
        work.facts.save(replace(old, fact="Itu sebagian benar."), "test", "corrected")
    person = person_at(office.store, office.clock)
    with office.store.work() as work:
        work.outbox.add(person, pack(Outgoing(person, quote="7")), now=office.clock())
        work.outbox.finish(1, Delivery.CANCELLED, office.clock())
    payload = {"person": person, "number": old.number, "row": 1, "version": 1, "correction": False}
    await office.chores.tell_current(payload)
    [message] = office.outgoing()
    assert "sebagian benar" in message.text
    assert message.quote == "7"


async def test_of_an_overtaken_reply_about_several_claims_each_is_told_as_it_stands(office):
    old, other = office.publish(), office.publish(2, fact="Yang kedua tetap begini.")
    with office.store.work() as work:
        work.facts.save(replace(old, fact="Itu sebagian benar."), "test", "corrected")
    person = person_at(office.store, office.clock)
    put_out(office.store, office.clock, person, "dua kabar", quote="7")
    more = {"number": old.number, "version": 1, "more": [[other.number, 1]]}
    await office.chores.tell_current({"person": person, "row": 1, "correction": False, **more})
    said = office.everything()[-1]
    assert "sebagian benar" in said.text
    assert "Yang kedua tetap begini" in said.text
    assert said.verdicts == ((old.number, 2), (other.number, 1))
    assert said.quote == "7"


# ── new facts and open questions ────────────────────────────────────────────────────────────


async def test_a_new_fact_check_answers_the_open_question_it_settles(office):
    code = office.ask().code
    office.finder.known[RUMOUR] = office.publish().number
    office.enqueue("rematch_open")
    await office.run_due()
    assert office.question(code).fact_number
    assert len(office.outgoing()) == 1


async def test_what_was_known_before_the_question_never_answers_it_later(office):
    refused = save_fact(office.store)
    office.clock.forward(minutes=5)
    code = office.ask().code
    office.finder.known[RUMOUR] = refused.number
    with office.store.work() as work:
        work.facts.save(replace(refused, fact="Lebih jelas ditulis."), "test", "wording")
    office.clock.forward(minutes=5)
    office.enqueue("rematch_open")
    await office.run_due()
    assert office.question(code).fact_number is None


async def test_what_came_while_the_message_was_looked_for_answers_it(office):
    number = save_fact(office.store).number
    office.clock.forward(seconds=1)
    code = office.ask().code  # the search had not seen it yet
    office.finder.known[RUMOUR] = number
    office.finder.alike = (Match(code, 0.9),)
    office.clock.forward(seconds=UNDO.total_seconds())
    await office.chores.rematch_open({"number": number})
    assert office.question(code).fact_number == number


BLACKOUT = "Besok listrik padam se-Jawa selama tiga hari, siapkan lilin"


@pytest.fixture
def called_the_same(office):
    """Dewi called a question the same as an older fact-check; then others sent its words."""
    finder = Finder(FactSource(office.store), questions=QuestionSource(office.store))
    office.chores = replace(office.chores, finder=finder)
    number = save_fact(office.store, claim="Vaksin polio menyebabkan lumpuh").number
    office.clock.forward(days=1)
    code = office.ask(BLACKOUT).code
    dewi = Moderator(1, "dewi", Role.MODERATOR)
    with office.store.work() as work:
        tools = ports(work, office.clock(), Rules())
        moderate.merge_into_fact(tools, dewi, code, 1, number)
    office.clock.forward(seconds=20)
    assert finder.find(BLACKOUT).decision is not Decision.ANSWER
    return code, dewi


def newcomer(office, **more):
    with office.store.work() as work:
        rini = work.contacts.at(Address("fake", "bot", "rini"), office.clock())
        asked = Submission("r1", rini.id, BLACKOUT, Outcome.QUEUED, office.clock(), **more)
        return rini.id, work.questions.ask(asked).code


async def test_who_sends_the_same_in_the_time_for_undo_is_told_after_it(office, called_the_same):
    rini, later = newcomer(office)
    office.clock.forward(seconds=10)
    await office.run_due()
    told = [message.to for message in office.everything()]
    assert (len(told), told.count(rini)) == (2, 1)
    assert office.question(later).fact_number == office.question(called_the_same[0]).fact_number
    assert office.chores.finder.find(BLACKOUT).decision is Decision.ANSWER


async def test_a_wrong_same_as_that_is_undone_has_answered_nobody(office, called_the_same):
    code, dewi = called_the_same
    _, later = newcomer(office)
    with office.store.work() as work:
        version = work.questions.get(code).version
        moderate.undo(ports(work, office.clock(), Rules()), dewi, code, version)
    office.clock.forward(seconds=10)
    await office.run_due()
    assert office.everything() == []
    assert office.question(later).state is QuestionState.OPEN


async def test_who_refused_that_fact_check_meanwhile_waits_for_a_person(office, called_the_same):
    with office.store.read() as work:
        number = work.questions.get(called_the_same[0]).fact_number
    _, later = newcomer(office, offered=(number,))
    office.clock.forward(seconds=10)
    await office.run_due()
    assert office.question(later).state is QuestionState.OPEN


def told(office, number, text, id):
    """Somebody was answered with this fact-check."""
    with office.store.work() as work:
        person = work.contacts.at(Address("fake", "bot", id), office.clock())
        answered = Submission(id, person.id, text, Outcome.ANSWERED, office.clock())
        work.questions.note(replace(answered, fact_number=number))
        version = work.facts.get(number).version
        work.people.tell(Told(person.id, number, version, office.clock(), id))
    return person.id


async def test_who_was_answered_through_a_wrong_wording_hears_of_the_roll_back(
    office, called_the_same
):
    code, dewi = called_the_same
    since = office.clock() - timedelta(minutes=1)
    office.clock.forward(seconds=10)
    await office.run_due()
    [asker] = [message.to for message in office.everything()]
    number = office.question(code).fact_number
    later = told(office, number, f"Info grup: {BLACKOUT}", "later")
    told(office, number, "Vaksin polio menyebabkan lumpuh", "right")
    office.clock.forward(hours=1)
    with office.store.work() as work:
        tools = ports(work, office.clock(), Rules())
        rollback.roll_back(tools, Moderator(2, "rina", Role.ADMIN), dewi.name, since, "Salah.")
    await office.run_due()
    said = {message.to: message.text for message in office.everything()}
    assert set(said) == {asker, later}
    assert all("bukan tentang pesan Anda" in text and code in text for text in said.values())
    assert len(asked_by(office, code)) == 2


def found_until_taken_back(office, number, wording):
    """The search finds this wording once more, and then somebody takes it back."""

    def find(text, lang="", **more):
        with office.store.work() as work:
            taken = work.facts.drop_variant(number, wording)
        found = Result(Decision.ANSWER, 0.99, matches=(Match(str(number), 0.99),))
        return found if taken else Result(Decision.ASK_HUMAN, 0.1)

    office.finder.find = find


async def test_who_hears_of_a_roll_back_hears_nothing_that_is_taken_back_just_then(office):
    first, other = save_fact(office.store).number, save_fact(office.store, 2).number
    told(office, first, BLACKOUT, "asker")
    with office.store.work() as work:
        work.facts.add_variant(other, BLACKOUT, "budi")
        since = office.clock() - timedelta(minutes=1)
        mistaken.announce(ports(work, office.clock(), Rules()), [(first, BLACKOUT)], since)
    found_until_taken_back(office, other, BLACKOUT)
    await office.run_due()
    assert office.everything() == []
    office.clock.forward(minutes=1)
    await office.run_due()
    [said] = office.everything()
    with office.store.read() as work:
        [question] = work.questions.open()
    assert "bukan tentang pesan Anda" in said.text
    assert question.code in said.text


async def test_a_wording_taken_back_during_the_search_settles_no_question(office):
    code = office.ask().code
    number = office.publish().number
    with office.store.work() as work:
        work.facts.add_variant(number, RUMOUR, "budi")
    found_until_taken_back(office, number, RUMOUR)
    with pytest.raises(Overtaken):  # the job comes again, for another match may answer it
        await office.chores.rematch_open({})
    assert office.question(code).state is QuestionState.OPEN


def asked_by(office, code):
    with office.store.read() as work:
        return work.questions.askers(code)


async def test_a_fact_check_that_may_still_be_taken_back_answers_only_afterwards(office):
    code = office.ask().code
    office.clock.forward(minutes=1)
    office.finder.known[RUMOUR] = save_fact(office.store).number
    office.finder.alike = (Match(code, 0.9),)
    office.enqueue("rematch_open")
    await office.run_due()
    assert office.question(code).fact_number is None
    office.clock.forward(seconds=UNDO.total_seconds())
    await office.run_due()
    assert office.question(code).fact_number


@pytest.mark.parametrize(
    "result",
    [
        Result(Decision.SUGGEST, 0.7, matches=(Match("1", 0.7),)),
        Result(Decision.ASK_HUMAN, 0.1),
        Result(Decision.ANSWER, 0.99, Stance.DEBUNK, (Match("1", 0.99),)),
    ],
)
async def test_only_a_sure_answer_settles_a_question(office, result):
    code = office.ask().code
    office.publish()
    office.finder.find = lambda *_, **__: result
    await office.chores.rematch_open({})
    assert office.question(code).fact_number is None


@pytest.mark.parametrize("change", [{"state": State.RETRACTED}, {"verdict": Verdict.TRUE}])
async def test_what_no_longer_answers_when_it_is_written_settles_nothing(office, change):
    code = office.ask().code
    number = office.publish().number
    with office.store.work() as work:
        work.facts.save(replace(work.facts.get(number), **change), "test", "changed")
    stance = Stance.CLAIM if "state" in change else Stance.DEBUNK
    sure = Result(Decision.ANSWER, 0.99, stance, (Match(str(number), 0.99),))
    office.finder.find = lambda *_, **__: sure  # the index is a moment behind
    await office.chores.rematch_open({})
    assert office.question(code).fact_number is None


def offer_choices(office, *numbers):
    """Somebody sent the rumour and was offered these."""
    with office.store.work() as work:
        person = work.contacts.at(Address("fake", "bot", "chat"), office.clock())
        outcome, at = Outcome.SUGGESTED, office.clock()
        work.questions.note(Submission("s1", person.id, RUMOUR, outcome, at, offered=numbers))


def tap_none(office):
    """They meant none of them; gives what is said to that."""
    address, button = Address("fake", "bot", "chat"), data("none", "s1")
    press = Incoming(address, Act.PRESS, office.clock(), button=button, callback="c")
    with office.store.work() as work:
        person = work.contacts.at(address, office.clock())
        doors = ports(work, office.clock(), Rules())
        return choosing.none_of_these(Call(press, person, doors, None, "s2"))


def refuse_choices(office):
    """The same; gives the ticket they got."""
    tap_none(office)
    with office.store.read() as work:
        (question,) = work.questions.open()
    return question.code


async def test_who_refuses_the_choices_hears_what_was_checked_since(office):
    shown = office.publish(1).number
    offer_choices(office, shown)
    checked = save_fact(office.store, 2).number
    office.finder.known[RUMOUR] = checked
    code = refuse_choices(office)
    await office.run_due()
    assert office.everything() == []  # it may still be taken back
    office.clock.forward(seconds=UNDO.total_seconds())
    await office.run_due()
    assert [said.verdicts for said in office.everything()] == [((checked, 1),)]
    assert office.question(code).fact_number == checked


async def test_what_somebody_refused_does_not_answer_their_question(office):
    shown = office.publish().number
    offer_choices(office, shown)
    office.finder.known[RUMOUR] = shown
    code = refuse_choices(office)
    await office.run_due()
    assert office.finder.asked == [RUMOUR]
    assert (office.question(code).state, office.everything()) == (QuestionState.OPEN, [])


async def test_every_open_question_is_looked_at_though_some_are_settled_on_the_way(office):
    texts = [f"{RUMOUR} menurut sumber ke {number}" for number in range(130)]
    office.ask(*texts)
    number = office.publish().number
    office.finder.known = dict.fromkeys(texts[:110], number)
    await office.chores.rematch_open({})
    assert sorted(office.finder.asked) == sorted(texts)
    with office.store.read() as work:
        assert len(work.questions.open(200)) == 20


async def test_of_one_fact_check_only_what_looks_like_it_is_compared(office):
    like = office.ask("Pasar Dahlia pindah ke Kamboja", RUMOUR)
    number = office.publish().number
    office.finder.known = {RUMOUR: number}
    office.finder.alike = (Match(like.code, 0.9), Match("ZZZZ", 0.8))
    await office.chores.rematch_open({"number": number})
    assert set(office.finder.asked) == {RUMOUR}
    assert office.question(like.code).fact_number == number
    with office.store.read() as work:
        assert [q.text for q in work.questions.open()] == ["Pasar Dahlia pindah ke Kamboja"]


async def test_a_moderator_who_was_faster_keeps_the_question(office):
    code = office.ask().code
    number = office.publish().number

    def find(*_):
        with office.store.work() as work:
            question = work.questions.get(code)
            work.questions.reject(code, "Bukan klaim.", "Sari", question.version)
        return Result(Decision.ANSWER, 0.99, matches=(Match(str(number), 0.99),))

    office.finder.find = find
    await office.chores.rematch_open({})
    assert (office.question(code).answered_by, office.waiting()) == ("Sari", [])


async def test_a_retracted_fact_check_tells_nobody(office):
    code = settled(office, 1)
    with office.store.work() as work:
        number = work.questions.get(code).fact_number
        work.facts.save(replace(work.facts.get(number), state=State.RETRACTED), "test", "wrong")
    await office.chores.tell_askers({"code": code, "after": ""})
    assert office.outgoing() == []


# ── approved imports ────────────────────────────────────────────────────────────────────────


def approved(office, count):
    """An import of this editor, which another one approves; gives its number."""
    facts = [replace(fact(number), identity=f"i{number}") for number in range(1, count + 1)]
    with office.store.work() as work:
        made = [work.desk.add(name, Role.EDITOR, "", office.clock()) for name in ("ani", "budi")]
        tools = ports(work, office.clock(), Rules())
        held = approval.propose(tools, made[0], "import/a.csv", tuple(facts), 0, "a.csv")
    office.clock.forward(minutes=1)
    with office.store.work() as work:
        deciding.approve(ports(work, office.clock(), Rules()), made[1], held.id)
    return held.id


async def test_an_approved_import_goes_in_part_by_part(office, monkeypatch):
    monkeypatch.setattr(curating, "PART", 2)
    approved(office, 5)
    assert counted(office) == 2
    with office.store.work() as work:  # somebody else, before its part comes
        work.facts.save(replace(fact(5), identity="i5", fact="Kata kami."), "cici", "sendiri")
    await office.run_due()
    assert counted(office) == 5
    with office.store.read() as work:
        assert work.facts.by_identity("i5").fact == "Kata kami."
        assert [e.action for e in work.audit.about("import/a.csv")].count("import left out") == 1


async def test_a_part_that_comes_twice_changes_and_says_nothing(office, monkeypatch):
    monkeypatch.setattr(curating, "PART", 2)
    held = approved(office, 5)
    await office.run_due()
    with office.store.read() as work:
        before = [entry.action for entry in work.audit.about("import/a.csv")]
    for start in (0, 2, 4):
        await office.chores.take_in({"id": held, "start": start})
    await office.run_due()
    with office.store.read() as work:
        versions = [
            len(work.facts.history(work.facts.by_identity(f"i{n}").number)) for n in range(1, 6)
        ]
        assert versions == [1] * 5
        assert [entry.action for entry in work.audit.about("import/a.csv")] == before


def counted(office):
    with office.store.read() as work:
        return sum(work.facts.count().values())


# ── retention ───────────────────────────────────────────────────────────────────────────────


async def test_the_retention_round_forgets_and_comes_again_in_an_hour(office):
    with office.store.work() as work:
        for number in range(1200):
            work.contacts.turn(f"key-{number}", office.clock(), 10, 100)
    office.clock.forward(days=3)
    office.enqueue("forget_old")
    await office.run_due()
    with office.store.work() as work:
        assert not any(work.forget_old(office.clock()).values())
    office.clock.forward(seconds=FORGET_EVERY.total_seconds())
    assert "forget_old" in office.waiting()


async def test_a_start_in_between_does_not_make_a_second_chain_of_rounds(office):
    for _ in range(3):
        with office.store.work() as work:
            work.jobs.enqueue("forget_old", {}, dedupe_key="forget_old:start")
        await office.run_due()
        office.clock.forward(minutes=10)
    assert office.waiting().count("forget_old") == 1


def test_every_task_that_is_enqueued_has_a_function(office):
    assert set(office.chores.table()) == {
        "tell_askers",
        "desk_alike",
        "verify_audit",
        "check_index",
        "desk_card",
        "desk_note",
        "desk_lease",
        "desk_burst",
        "take_in",
        "desk_redraw",
        "desk_proposal",
        "desk_digest",
        "desk_summary",
        "tell_current",
        "tell_corrected",
        "find_outdated",
        "tell_mistaken",
        "find_duplicates",
        "check_sources",
        "look_at_sources",
        "rematch_open",
        "forget_old",
        "forget_unconsented",
        "window_closing",
        "no_choice",
        "tell_undecided",
        "announce_later",
    }


async def test_fact_checks_that_may_be_one_are_found_page_by_page(office, monkeypatch):
    monkeypatch.setattr("handlers.duplicates.PAGE", 2)
    records = [save_fact(office.store, number) for number in range(1, 4)]
    office.finder.known = {record.claim: records[0].number for record in records}
    office.enqueue("find_duplicates")
    await office.run_due()
    assert office.pairs() == [(1, 2)]
    office.clock.forward(minutes=1)
    await office.run_due()
    assert office.pairs() == [(1, 2), (1, 3)]


async def test_the_matcher_itself_finds_two_that_are_one_and_leaves_two_that_differ(office):
    claims = (
        "Warga Melati wajib bayar retribusi sampah 500 ribu sebulan mulai Januari",
        "Mulai Januari warga Melati wajib membayar retribusi sampah 500 ribu sebulan",
        "Warga Melati wajib bayar retribusi sampah 900 ribu sebulan mulai Januari",
        "Jembatan Kenanga ditutup tiga bulan untuk perbaikan",
        "Warga Melati wajib bayar retribusi sampah 500 ribu sebulan mulai Januari",
    )
    for number, claim in enumerate(claims, start=1):
        save_fact(office.store, number, claim=claim)
    office.chores = replace(office.chores, finder=Finder(FactSource(office.store)))
    office.enqueue("find_duplicates")
    await office.run_due()
    assert office.pairs() == [(1, 2), (1, 5), (2, 5)]


async def test_the_next_round_compares_only_what_is_new_or_changed(office):
    records = [save_fact(office.store, number) for number in range(1, 4)]
    office.enqueue("find_duplicates")
    await office.run_due()
    office.finder.asked.clear()
    changed = replace(records[1], claim="Klaim yang diubah")
    with office.store.work() as work:
        work.facts.save(changed, "dewi", "diperjelas")
    office.enqueue("find_duplicates")
    await office.run_due()
    assert office.finder.asked == ["Klaim yang diubah"]


async def test_what_was_just_published_is_compared_before_its_turn(office, monkeypatch):
    monkeypatch.setattr("handlers.duplicates.PAGE", 1)
    records = [save_fact(office.store, number) for number in range(1, 4)]
    office.finder.known = {records[2].claim: records[0].number}
    with office.store.work() as work:
        duplicates.look_at(ports(work, office.clock(), Rules()), records[2].number)
    await office.run_due()
    assert (office.finder.asked, office.pairs()) == ([records[2].claim], [(1, 3)])
    office.finder.asked.clear()
    office.enqueue("find_duplicates")
    await office.run_due()
    assert office.finder.asked == [records[0].claim]  # the round goes on where it stood


def crowd(office):
    """A message that nobody has got round to."""
    with office.store.work() as work:
        work.inbox.add("fake", "bot", "m1", "chat-1", b"{}", office.clock())


async def test_rounds_pause_while_messages_wait_and_go_on_afterwards(office, web):
    url = with_source(office.store, 1)
    crowd(office)
    office.clock.forward(seconds=31)
    for task in ("find_duplicates", "look_at_sources"):
        office.enqueue(task)
    await office.run_due()
    assert (list(office.finder.asked), list(web.asked)) == ([], [])
    with office.store.work() as work:
        rows = work.inbox.lease(office.clock(), 60.0)
        work.inbox.done([row.id for row in rows], office.clock(), "nobody")
    for task in ("find_duplicates", "look_at_sources"):
        office.enqueue(task)
    await office.run_due()
    assert office.finder.asked
    assert list(web.asked) == [url]


async def test_what_cannot_wait_is_done_while_messages_do(office):
    record = save_fact(office.store, 1)
    crowd(office)
    office.clock.forward(minutes=5)
    with office.store.work() as work:
        duplicates.look_at(ports(work, office.clock(), Rules()), record.number)
        work.jobs.enqueue("forget_old", {})
    await office.run_due()
    assert office.finder.asked == [record.claim]  # else nobody knows that another says the opposite
    assert "forget_old" in office.waiting()  # done, and the next round is planned


async def test_somebody_can_have_everything_compared_again(office):
    save_fact(office.store, 1)
    office.enqueue("find_duplicates")
    await office.run_due()
    office.finder.asked.clear()
    with office.store.work() as work:
        duplicates.look(ports(work, office.clock(), Rules()), again=True)
    await office.run_due()
    assert len(office.finder.asked) == 1


@pytest.mark.parametrize("allowed", [True, False])
async def test_sources_are_looked_at_only_where_that_is_allowed(office, allowed):
    saved, asked = save_fact(office.store), []

    async def look_at(url):
        asked.append(url)
        return Reached(False, "404")

    office.chores = replace(office.chores, rules=Rules(fetch=allowed), look_at=look_at)
    office.enqueue("check_sources", {"number": saved.number})
    await office.run_due()
    url = saved.sources[0].url
    assert asked == ([url] if allowed else [])
    with office.store.read() as work:
        assert work.reviews.source_checks([url]) == ({url: (False, "404")} if allowed else {})


class Web:
    """Addresses that answer, and those that were asked for, in order."""

    def __init__(self):
        self.asked, self.gone = [], set()

    async def __call__(self, url):
        self.asked.append(url)
        return Reached(False, "404") if url in self.gone else Reached(True, "200")


@pytest.fixture
def web(office):
    found = Web()
    office.chores = replace(office.chores, rules=Rules(fetch=True), look_at=found)
    return found


def with_source(store, number):
    source = Source(f"https://x{number}.example/", "X")
    return save_fact(store, number, sources=(source,)).sources[0].url


async def round_of(office):
    """Every part of a round of sources, as the hours go by."""
    office.enqueue("look_at_sources")
    for _ in range(4):
        await office.run_due()
        office.clock.forward(minutes=1)


async def test_every_source_is_looked_at_once_a_week_a_few_at_a_time(office, web, monkeypatch):
    monkeypatch.setattr("handlers.upkeep.PAGE", 2)
    urls = [with_source(office.store, number) for number in range(1, 4)]
    office.enqueue("look_at_sources")
    await office.run_due()
    assert sorted(web.asked) == urls[:2]
    await round_of(office)
    assert sorted(web.asked) == urls
    office.clock.forward(days=6)
    await round_of(office)
    assert sorted(web.asked) == urls
    office.clock.forward(days=1)
    await round_of(office)
    assert sorted(web.asked) == sorted(urls * 2)


async def test_a_source_has_vanished_when_it_fails_again_a_day_later(office, web):
    url = with_source(office.store, 1)
    web.gone.add(url)
    await round_of(office)
    assert office.vanished() == []
    office.clock.forward(days=1)
    await round_of(office)
    assert office.vanished() == [(1, url, "404")]
    web.gone.clear()
    office.clock.forward(days=1)
    await round_of(office)
    assert office.vanished() == []


async def test_a_source_that_was_taken_out_or_whose_result_was_withdrawn_is_no_news(office, web):
    for number in (1, 2):
        web.gone.add(with_source(office.store, number))
    for _ in range(2):
        await round_of(office)
        office.clock.forward(days=1)
    assert len(office.vanished()) == 2
    with office.store.work() as work:
        first, second = work.facts.get(1), work.facts.get(2)
        work.facts.save(replace(first, sources=(Source("https://y.example/"),)), "dewi", "sumber")
        work.facts.save(replace(second, state=State.RETRACTED), "dewi", "keliru")
    assert office.vanished() == []


class Archive:
    """The Internet Archive: copies by address; away while `away`."""

    def __init__(self):
        self.copies, self.away, self.asked = {}, False, []

    async def __call__(self, url, day):
        self.asked.append((url, day))
        if self.away:
            raise Unanswered("503")
        return self.copies.get(url, "")


@pytest.fixture
def archive(office, web):
    found = Archive()
    rules = Rules(fetch=True, archive=True)
    office.chores = replace(office.chores, rules=rules, copy_of=found)
    return found


def copies(office, *urls):
    with office.store.read() as work:
        return dict(work.upkeep.copies(urls))


async def test_a_copy_in_the_archive_is_kept_and_asked_for_until_there_is_one(office, archive):
    url = with_source(office.store, 1)
    archive.away = True
    await round_of(office)
    archive.away = False
    office.clock.forward(days=7)
    await round_of(office)
    assert copies(office, url) == {}
    archive.copies[url] = "20260101064348"
    office.clock.forward(days=7)
    await round_of(office)
    assert copies(office, url) == {url: "20260101064348"}
    asked = len(archive.asked)
    office.clock.forward(days=7)
    await round_of(office)
    assert (asked, len(archive.asked)) == (3, 3)


async def test_the_archive_hears_nothing_unless_it_may(office, web, archive):
    with_source(office.store, 1)
    office.chores = replace(office.chores, rules=Rules(fetch=True))
    await round_of(office)
    office.clock.forward(days=7)
    office.chores = replace(office.chores, rules=Rules(archive=True))
    await round_of(office)
    assert archive.asked == []


async def test_nothing_is_looked_at_where_the_network_is_off(office, web):
    with_source(office.store, 1)
    office.chores = replace(office.chores, rules=Rules(fetch=False))
    await round_of(office)
    office.enqueue("forget_old")
    await office.run_due()
    assert web.asked == []
    assert "look_at_sources" not in office.waiting()


async def test_the_hourly_round_keeps_both_going(office, web):
    office.enqueue("forget_old")
    await office.run_due()
    assert {"find_duplicates", "look_at_sources"} <= set(office.waiting())


# ── the audit ───────────────────────────────────────────────────────────────────────────────


async def test_each_hour_the_end_of_the_audit_is_noted_and_each_night_all_of_it_verified(
    office, tmp_path, capsys
):
    office.chores = replace(office.chores, heads=Heads(tmp_path))
    with office.store.work() as work:
        work.audit.write("ani", "publish", "fact/1", "karena")
    office.enqueue("forget_old")
    await office.run_due()
    assert office.chores.heads.last().number == 1
    office.clock.forward(days=1)
    await office.run_due()
    assert "audit is whole" in capsys.readouterr().out


async def test_an_audit_that_lost_its_end_is_told_to_editors_in_their_chats(office, tmp_path):
    office.chores = replace(office.chores, heads=Heads(tmp_path))
    with office.store.work() as work:
        who = work.desk.add("Dewi", Role.EDITOR, "Redaksi", office.clock())
        person = work.contacts.at(Address("browser", "web", "dewi"), office.clock()).id
        work.chats.redeem(work.chats.new_code(who.id, office.clock()), person, office.clock(),
                          group=False)  # fmt: skip
        work.audit.write("ani", "publish", "fact/1", "karena")
    with office.store.read() as work:
        office.chores.heads.note(work.audit, office.clock())
    file = tmp_path / "audit.heads"
    file.write_text(file.read_text().replace('"number": 1', '"number": 9'))
    office.enqueue("verify_audit")
    await office.run_due()
    with office.store.read() as work:
        assert work.outbox.counts()["waiting"] == 1


async def test_the_kept_index_is_looked_at_every_night(office):
    looked = []
    office.chores = replace(office.chores, look_at_index=lambda: looked.append(office.clock()))
    office.enqueue("forget_old")
    await office.run_due()
    assert looked == []
    office.clock.forward(days=1)
    await office.run_due()
    assert len(looked) == 1


async def test_who_does_not_choose_gets_a_ticket_and_a_word_once(office):
    number, at = office.publish().number, office.clock()
    with office.store.work() as work:
        person = work.contacts.at(Address("fake", "bot", "chat"), at)
        asked = Submission(
            "s1", person.id, RUMOUR, Outcome.SUGGESTED, at, ref="m1", offered=(number,)
        )
        work.questions.note(asked)
    office.finder.find = lambda *_, **__: Result(
        Decision.SUGGEST, 0.7, matches=(Match(str(number), 0.7),)
    )
    for _ in range(2):
        await office.chores.no_choice({"id": "s1", "at": at.isoformat()})
    (said,) = office.everything()
    with office.store.read() as work:
        (question,) = work.questions.open()
        assert [match.id for match in work.questions.neighbours(question.code)] == [str(number)]
    assert ("Anda belum memilih" in said.text, question.code in said.text) == (True, True)


async def test_who_does_not_choose_hears_what_was_checked_meanwhile_instead(office):
    shown, at = office.publish(1).number, office.clock()
    offer_choices(office, shown)
    office.finder.known[RUMOUR] = office.publish(2).number
    for _ in range(2):
        await office.chores.no_choice({"id": "s1", "at": at.isoformat()})
    (said,) = office.everything()
    assert said.verdicts == ((office.finder.known[RUMOUR], 1),)
    with office.store.read() as work:
        assert work.questions.open() == ()
        assert work.questions.submission("s1").outcome is Outcome.ANSWERED


async def test_refused_choices_ask_nothing_again_though_the_answer_has_been_merged(office):
    shown, at = office.publish(1).number, office.clock()
    offer_choices(office, shown)
    told, kept = office.publish(2), office.publish(3)
    office.finder.known[RUMOUR] = told.number
    await office.chores.no_choice({"id": "s1", "at": at.isoformat()})
    with office.store.work() as work:
        gone = replace(work.facts.get(told.number), state=State.RETRACTED, replaced_by=kept.number)
        work.facts.save(gone, "test", "test")
    said = tap_none(office)
    assert [one.verdicts for one in said if one.verdicts] == [((kept.number, 1),)]
    with office.store.read() as work:
        assert work.questions.open() == ()
