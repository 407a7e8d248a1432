"""What an answer taught goes when it is taken back: on the real store, asked again of the matcher."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.doors import Work, ports
from bot.wiring.sources import FactSource
from handlers import curating, moderate, notify, rollback
from handlers.moderate import Draft
from handlers.ports import Ports, Rules
from knowledge_base.facts import (
    Address,
    FactCheck,
    Moderator,
    Outcome,
    QuestionState,
    Role,
    Source,
    Submission,
    Verdict,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision
from knowledge_base.store import Store
from tests.conftest import Clock

BLACKOUT = "Besok listrik padam se-Jawa selama tiga hari, siapkan lilin"
SOURCES = (Source("https://dinas.example/rilis"),)
VACCINE = FactCheck("v", "Vaksin polio menyebabkan lumpuh", Verdict.FALSE, SOURCES, fact="Tidak.")
DRAFT = Draft(Verdict.FALSE, "Listrik padam se-Jawa", fact="Tidak padam.", sources=SOURCES)
EDITOR, ADMIN = Moderator(1, "budi", Role.EDITOR), Moderator(2, "rina", Role.ADMIN)


def doors(work: Work, clock: Clock) -> Ports:
    return ports(work, clock(), Rules())


@pytest.fixture
def number(store: Store) -> int:
    with store.work() as work:
        return work.facts.save(VACCINE, "seed", "").number


def ask(store: Store, clock: Clock, text: str = BLACKOUT, id: str = "s1") -> str:
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", id), clock())
        said = Submission(id, person.id, text, Outcome.QUEUED, clock())
        return work.questions.ask(said).code


def merged(store: Store, clock: Clock, code: str, number: int) -> None:
    with store.work() as work:
        version = work.questions.get(code).version
        moderate.merge_into_fact(doors(work, clock), EDITOR, code, version, number)


def told(store: Store, clock: Clock, code: str) -> None:
    clock.forward(seconds=30)
    with store.work() as work:
        assert notify.tell_askers(doors(work, clock), code)


def undone(store: Store, clock: Clock, code: str) -> None:
    clock.forward(seconds=5)
    with store.work() as work:
        version = work.questions.get(code).version
        moderate.undo(doors(work, clock), EDITOR, code, version)


def found(store: Store, text: str = BLACKOUT) -> Decision:
    return Finder(FactSource(store)).find(text).decision


def test_a_wrong_same_as_that_was_undone_answers_nobody(store: Store, clock: Clock, number: int):
    merged(store, clock, code := ask(store, clock), number)
    assert found(store) is not Decision.ANSWER
    undone(store, clock, code)
    assert found(store) is not Decision.ANSWER
    with store.read() as work:
        assert work.facts.get(number).variants == ()
        assert work.evidence.pairs() == ()


def test_what_others_taught_stays_after_an_undo(store: Store, clock: Clock, number: int):
    with store.work() as work:
        work.facts.add_variant(number, BLACKOUT, "sari")
        work.evidence.add(BLACKOUT, number, right=True, by="asker")
    merged(store, clock, code := ask(store, clock), number)
    undone(store, clock, code)
    with store.read() as work:
        assert work.facts.get(number).variants == (BLACKOUT,)
        assert [pair.by for pair in work.evidence.pairs()] == ["asker"]


def test_an_undone_answer_given_anew_keeps_only_its_wordings(store: Store, clock: Clock):
    code, other = ask(store, clock), "Jembatan Melati roboh tadi malam"
    with store.work() as work:
        person = work.contacts.at(Address("telegram", "bot", "s2"), clock())
        said = Submission("s2", person.id, other, Outcome.QUEUED, clock())
        question = work.questions.ask(said, same_as=code)
        moderate.answer_question(doors(work, clock), EDITOR, code, question.version, DRAFT)
    undone(store, clock, code)
    with store.work() as work:
        question = work.questions.get(code)
        [wrong] = [one.id for one in work.cases.wordings(code) if one.text == other]
        work.questions.split(code, [wrong], question.version)
        question = work.questions.get(code)
        saved = moderate.answer_question(doors(work, clock), EDITOR, code, question.version, DRAFT)
        assert saved.variants == (BLACKOUT,)


def test_a_roll_back_forgets_wordings_and_opens_what_was_closed(
    store: Store, clock: Clock, number: int
):
    since = clock()
    merged(store, clock, one := ask(store, clock), number)
    told(store, clock, one)
    assert found(store) is Decision.ANSWER
    two = ask(store, clock, "Jembatan Melati roboh tadi malam", "s2")
    with store.work() as work:
        moderate.reject(doors(work, clock), EDITOR, two, 1, "Ini pendapat.")
    clock.forward(hours=1)
    with store.work() as work:
        done = rollback.roll_back(doors(work, clock), ADMIN, "budi", since, "Akun diambil alih.")
    assert (set(done.reopened), done.wordings) == ({one, two}, 1)
    assert found(store) is not Decision.ANSWER
    with store.read() as work:
        assert work.evidence.pairs() == ()
        assert {work.questions.get(code).state for code in (one, two)} == {QuestionState.OPEN}
        assert work.questions.askers(one)


def test_what_was_taught_before_or_gone_over_since_stays(store: Store, clock: Clock, number: int):
    merged(store, clock, one := ask(store, clock), number)
    told(store, clock, one)
    clock.forward(hours=1)
    code = ask(store, clock, "Jembatan Melati roboh tadi malam", "s2")
    since = clock()
    with store.work() as work:
        tools = doors(work, clock)
        saved = moderate.answer_question(tools, EDITOR, code, 1, DRAFT)
        work.facts.save(replace(saved, fact="Lain."), "dewi", "diperbaiki")
    clock.forward(minutes=1)
    with store.work() as work:
        done = rollback.roll_back(doors(work, clock), ADMIN, "budi", since, "Akun diambil alih.")
        assert done.left == (saved.number,)
        assert done.reopened == ()
        assert work.facts.get(number).variants == (BLACKOUT,)


def test_a_merge_of_two_checks_is_rolled_back_with_its_wordings(
    store: Store, clock: Clock, number: int
):
    since = clock.forward(minutes=1)
    with store.work() as work:
        other = work.facts.save(replace(VACCINE, identity="w", claim=BLACKOUT), "seed", "")
        curating.merge_facts(doors(work, clock), EDITOR, other.number, other.version, number)
    assert clock() - since < timedelta(minutes=1)
    with store.work() as work:
        done = rollback.roll_back(doors(work, clock), ADMIN, "budi", since, "Akun diambil alih.")
        assert (done.restored, done.wordings) == ((other.number,), 1)
        assert work.facts.get(number).variants == ()
