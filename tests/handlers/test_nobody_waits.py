"""Whatever people and moderators do in whatever order: nobody is left without a word.

A state machine plays people who ask, pick, refuse, edit, take back and leave, and moderators who
answer, merge, reject and undo. Every message gets a reply; whoever still waits when a question
closes is told exactly once; an address or number never gets out.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from handlers import choosing, moderate, notify
from handlers.messages import Act, Address, Do, Incoming, Outgoing
from handlers.moderate import Draft
from handlers.ports import Call, Found
from handlers.routes import route, text_to_check
from knowledge_base.facts import Outcome, Question, QuestionState, Source, Stale, Verdict
from knowledge_base.search.findings import Decision, Match, Result
from knowledge_base.search.text import checkable, fingerprint
from tests.fakes import SARI
from tests.handlers.callers import house_with_facts

PEOPLE = st.sampled_from(["ani", "budi", "citra"])
CLAIMS = st.sampled_from(
    [
        "Jembatan Melati roboh tadi malam, hubungi 081234567890",
        "Listrik Kenanga padam dua hari mulai Senin",
        "Air PAM Melati mati total tiga hari",
    ]
)
DECISIONS = st.sampled_from(list(Decision))
DRAFT = Draft(
    verdict=Verdict.FALSE,
    claim="Kabar dari pesan berantai.",
    fact="Kabar itu tidak benar.",
    sources=(Source("https://dinas.example/rilis"),),
)


class Conversation(RuleBasedStateMachine):
    """Three people, one queue, one desk."""

    def __init__(self) -> None:
        super().__init__()
        self.house = house_with_facts()
        self.count = 0
        self.buttons: dict[str, list[str]] = {}
        self.results: Counter[tuple[str, str]] = Counter()  # (person, ticket) → results told

    # ── people ──────────────────────────────────────────────────────────────────────────

    def hear(self, name: str, message: Incoming, decision: Decision) -> list[Outgoing]:
        text = text_to_check(message)
        matches = (Match("482", 0.9), Match("483", 0.8))
        result = Result(decision, 0.9, matches=matches, checkable=checkable(text))
        found = Found(result, fingerprint=fingerprint(text))
        self.house.now += timedelta(seconds=7)
        call = Call(
            message, self.house.person(name), self.house.ports(), found, f"s{self.count:05d}"
        )
        out = route(message).handler(call)
        self.keep(name, out)
        return out

    def keep(self, name: str, out: list[Outgoing]) -> None:
        for message in out:
            assert "081234567890" not in message.text
            pressable = [b.data for row in message.buttons for b in row if b.data]
            self.buttons.setdefault(name, []).extend(pressable)

    def incoming(self, name: str, act: Act = Act.MESSAGE, **more: str) -> Incoming:
        self.count += 1
        address = Address("browser", "demo", name)
        more.setdefault("ref", f"m{self.count}")
        return Incoming(address, act, self.house.now, **more)  # type: ignore[arg-type]

    @rule(name=PEOPLE, text=CLAIMS, decision=DECISIONS)
    def asks(self, name: str, text: str, decision: Decision) -> None:
        replies = self.hear(name, self.incoming(name, text=text), decision)
        assert [message.do for message in replies] == [Do.SEND]

    @rule(name=PEOPLE, text=st.sampled_from(["halo", "status", "1", "tidak", "bukan ini", "ya"]))
    def types(self, name: str, text: str) -> None:
        replies = self.hear(name, self.incoming(name, text=text), Decision.ASK_HUMAN)
        assert any(message.text for message in replies)

    @rule(name=PEOPLE, choice=st.randoms(use_true_random=False))
    def presses(self, name: str, choice: object) -> None:
        known = self.buttons.get(name)
        if known:
            data = choice.choice(known)  # type: ignore[attr-defined]
            message = self.incoming(name, Act.PRESS, button=data, callback="c", ref="ours")
            assert self.hear(name, message, Decision.ASK_HUMAN)[0].do is Do.TOAST

    @rule(name=PEOPLE, text=CLAIMS, decision=DECISIONS, back=st.integers(1, 9))
    def edits(self, name: str, text: str, decision: Decision, back: int) -> None:
        message = self.incoming(name, Act.EDIT, text=text, ref=f"m{self.count - back}")
        self.hear(name, message, decision)

    @rule(name=PEOPLE, back=st.integers(1, 9))
    def takes_back(self, name: str, back: int) -> None:
        message = self.incoming(name, Act.REVOKED, ref=f"m{self.count - back}")
        assert self.hear(name, message, Decision.ASK_HUMAN) == []

    # ── the desk ────────────────────────────────────────────────────────────────────────

    def some(self, place: int, *states: QuestionState) -> Question | None:
        rows = [q for q in self.house.questions.rows.values() if q.state in states]
        return rows[place % len(rows)] if rows else None

    @rule(place=st.integers(0, 9))
    def desk_answers(self, place: int) -> None:
        if question := self.some(place, QuestionState.OPEN):
            ports = self.house.ports()
            moderate.answer_question(ports, SARI, question.code, question.version, DRAFT)

    @rule(place=st.integers(0, 9))
    def desk_merges(self, place: int) -> None:
        if question := self.some(place, QuestionState.OPEN):
            ports = self.house.ports()
            moderate.merge_into_fact(ports, SARI, question.code, question.version, 482)

    @rule(place=st.integers(0, 9))
    def desk_rejects(self, place: int) -> None:
        if question := self.some(place, QuestionState.OPEN):
            ports = self.house.ports()
            moderate.reject(ports, SARI, question.code, question.version, "Soal pribadi.")

    @rule(place=st.integers(0, 9))
    def desk_joins(self, place: int) -> None:
        first, second = (self.some(n, QuestionState.OPEN) for n in (place, place + 1))
        if first and second and first.code != second.code:
            ports = self.house.ports()
            moderate.merge_questions(ports, SARI, first.code, first.version, second.code)

    @rule(place=st.integers(0, 9))
    def desk_undoes(self, place: int) -> None:
        question = self.some(place, QuestionState.ANSWERED, QuestionState.REJECTED)
        if question is None:
            return
        try:
            moderate.undo(self.house.ports(), SARI, question.code, question.version)
        except Stale:
            return
        assert not [key for key in self.results if key[1] == question.code]

    # ── time ────────────────────────────────────────────────────────────────────────────

    @rule(seconds=st.sampled_from([1, 29, 31, 3600]))
    def time_goes_by(self, seconds: int) -> None:
        self.house.now += timedelta(seconds=seconds)
        self.run_jobs()

    def run_jobs(self) -> None:
        while job := self.house.due_job():
            task, payload = job
            if task == choosing.NO_CHOICE and "code" in payload:
                for message in choosing.answered_for_others(self.house.ports(), **payload):
                    self.keep(self.house.name(message.to), [message])
            if task != "tell_askers":
                continue
            for message in notify.tell_askers(self.house.ports(), **payload):
                name = self.house.name(message.to)
                self.keep(name, [message])
                assert message.quote
                ticket = message.template_values[0]
                self.results[message.to, ticket] += 1
                assert self.results[message.to, ticket] == 1, "told twice"

    @precondition(lambda self: self.house.questions.submissions)
    @invariant()
    def who_waits_has_a_ticket_that_exists(self) -> None:
        for submission in self.house.questions.submissions.values():
            if submission.outcome is Outcome.QUEUED:
                assert self.house.questions.get(submission.question) is not None

    def teardown(self) -> None:
        self.house.now += timedelta(hours=1)
        self.run_jobs()
        for submission in self.house.questions.submissions.values():
            question = self.house.questions.get(submission.question)
            if submission.outcome is Outcome.QUEUED and question is not None:
                assert question.state is QuestionState.OPEN


TestConversation = Conversation.TestCase
TestConversation.settings = settings(max_examples=60, stateful_step_count=30)
