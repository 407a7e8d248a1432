"""What moderators do with a question: answer, merge, reject, undo. The web desk and the chat
desk call the same functions; every one of them is written to the audit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from handlers import approval, bursts, corrections, duplicates, notify, texts, topics
from handlers.approval import Need
from handlers.masking import mask
from handlers.matched import published
from handlers.messages import Outgoing
from handlers.ports import Ports
from handlers.queueing import redraw
from handlers.reading import tidy
from handlers.replies import Voice
from handlers.rights import Action, Thing, demand, may
from knowledge_base.deeds import Deed
from knowledge_base.facts import (
    FactCheck,
    Kind,
    Moderator,
    Proposal,
    Question,
    QuestionState,
    Refused,
    Source,
    Stale,
    State,
    TooLate,
    Verdict,
)

INNER = (".localhost", ".local", ".internal", ".lan")  # names of one's own network
FACT_LIMIT, EXPLANATION_LIMIT, REASON_LIMIT = 160, 2000, 300
UNDO = timedelta(seconds=30)  # nothing goes out before (decision 19)
TAKEN_BACK = (QuestionState.ANSWERED, QuestionState.REJECTED)
_LABEL = re.compile(
    r"[\[(]\s*(?:salah|hoa(?:x|ks)|keliru|false|fake|palsu|disinformasi|misinformasi|penipuan)"
    r"\s*[\])]|^\s*(?:salah|hoa(?:x|ks)|false|fake|keliru)\s*[:!\-–—]",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?://[^\s/]{1,253}\.[^\s]{1,1800}|https?://[^\s]{1,1800}/\S*")


@dataclass(frozen=True, slots=True)
class Draft:
    """What a moderator writes. Limits: fact ≤ 160 characters, at least one source."""

    verdict: Verdict | None = None
    claim: str = ""
    title: str = ""
    fact: str = ""
    explanation: str = ""
    kind: Kind | None = None
    sources: tuple[Source, ...] = ()
    topic: str = ""
    lang: str = "id"
    claim_date: date | None = None
    public_figure: bool = False
    concerns: tuple[str, ...] = ()  # organisations it is about


def problems(draft: Draft, language: str) -> Mapping[str, str]:
    """What keeps a draft from being published: field to sentence, empty when nothing does."""
    found: dict[str, str] = {}
    for field, key, values in _problems(draft):
        found.setdefault(field, texts.say(language, f"desk.{key}", **values))
    return found


_Problem = tuple[str, str, dict[str, object]]


def _problems(draft: Draft) -> Iterator[_Problem]:
    if draft.verdict is None:
        yield "verdict", "verdict", {}
    if not draft.claim.strip():
        yield "claim", "claim_missing", {}
    if not draft.fact.strip():
        yield "fact", "fact_missing", {}
    yield from _too_long("fact", draft.fact, FACT_LIMIT)
    yield from _too_long("explanation", draft.explanation, EXPLANATION_LIMIT)
    yield from _source_problems(draft)
    yield from _title_problems(draft)


def _too_long(field: str, text: str, limit: int) -> Iterator[_Problem]:
    if len(text.strip()) > limit:
        yield field, f"{field}_long", {"count": len(text.strip()), "limit": limit}


def _source_problems(draft: Draft) -> Iterator[_Problem]:
    if not draft.sources:
        yield "sources", "source_missing", {}
    for source in draft.sources:
        if not source.url:
            yield "sources", "source_empty", {"name": (source.publisher or source.title)[:80]}
        elif not _ADDRESS.fullmatch(source.url):
            yield "sources", "source_bad", {"url": source.url[:80]}
        elif not _reachable(source.url):
            yield "sources", "source_inner", {"url": source.url[:80]}


def _reachable(url: str) -> bool:
    """Can readers open this address? What names one's own machine or network cannot be."""
    try:
        host = (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return False
    if host.endswith(INNER) or ("." not in host.strip("[]") and ":" not in host):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return True


def _title_problems(draft: Draft) -> Iterator[_Problem]:
    title = draft.title.strip()
    if _LABEL.search(title):
        yield "title", "title_label", {}
    if title and title.casefold() == draft.claim.strip().casefold():
        yield "title", "title_claim", {}


def ready(ports: Ports, draft: Draft, language: str) -> FactCheck:
    """The fact-check a draft makes; raises Refused with the first problem's field."""
    for field, sentence in problems(draft, language).items():
        raise Refused(sentence, field)
    _demand_past(ports, draft, language)
    return as_fact(ports, draft)


def _demand_past(ports: Ports, draft: Draft, language: str) -> None:
    """Nothing was checked or claimed on a day that is still to come; a slip of the pen would say
    so to everybody. It may be tomorrow already where a source is. Raises Refused."""
    tomorrow = texts.local(ports.now, ports.rules.timezone).date() + timedelta(days=1)
    days = [("sources", source.date) for source in draft.sources]
    for field, day in (*days, ("claim_date", draft.claim_date)):
        if day is not None and day > tomorrow:
            said = texts.day(language, day)
            raise Refused(texts.say(language, "desk.date_ahead", day=said), field)


def as_fact(ports: Ports, draft: Draft) -> FactCheck:
    """What a draft says so far, as a fact-check; `ready` says whether it may be published."""
    return FactCheck(
        identity="",
        claim=tidy(draft.claim),
        title=tidy(draft.title),
        fact=tidy(draft.fact),
        explanation=tidy(draft.explanation),
        verdict=draft.verdict or Verdict.UNPROVEN,
        kind=draft.kind,
        sources=draft.sources,
        publisher=ports.rules.organisation,
        topic=draft.topic,
        lang=draft.lang,
        claim_date=draft.claim_date,
        public_figure=draft.public_figure,
        concerns=draft.concerns,
        checked_on=texts.local(ports.now, ports.rules.timezone).date(),
    )


def preview(ports: Ports, draft: Draft, language: str, code: str = "") -> Outgoing:
    """The reply exactly as the asker will see it; unfinished drafts are shown as they are."""
    to = Voice("", texts.readable(language), ports.rules, ports.now)
    return notify.result(to, as_fact(ports, draft), code, "preview", "")


def _question(ports: Ports, code: str, language: str) -> Question:
    question = ports.questions.get(code)
    if question is None:
        raise Refused(texts.say(language, "desk.no_question", code=code[:20]), "code")
    return question


def open_in(question: Question, language: str, version: int | None = None) -> None:
    """Raises Stale when it is not open, or not in that version."""
    if question.state is not QuestionState.OPEN:
        closed = texts.say(language, "desk.closed", code=question.code)
        raise Stale(closed, question.answered_by)
    if version is not None and question.version != version:
        raise Stale(texts.say(language, "desk.changed", code=question.code))


def answer_question(
    ports: Ports, who: Moderator, code: str, version: int, draft: Draft, language: str = "id"
) -> FactCheck | Proposal:
    """Publish an answer: saved with the asked wordings, the question settled, askers told later.

    Where the policy wants a second person nothing is public yet: it waits as a Proposal and
    the question stays open. Raises Denied, Refused (the draft is not ready; `field` says where)
    or Stale (somebody else has answered or proposed; nothing is changed then).
    """
    demand(who, Action.ANSWER)
    fact, question = ready(ports, draft, language), _question(ports, code, language)
    open_in(question, language, version)
    approval.not_waiting(ports, f"question/{question.code}", language)
    new = replace(fact, identity=f"saring-{question.code.lower()}")
    need = approval.need(ports, who, replace(new, topic=new.topic or topic_of(ports, question)))
    if need is Need.YES:
        return approval.propose(ports, who, f"question/{question.code}", (new,), version)
    return publish_answer(ports, who.name, question, new, alone=need is Need.ALONE)


def topic_of(ports: Ports, question: Question) -> str:
    """What a question seems to be about, for the policy where nobody has chosen a topic; the
    words of the answer decide where those of the question say nothing."""
    matches = ports.questions.neighbours(question.code)
    near = [(ports.facts.get(int(m.id)), m.score) for m in matches if m.id.isdecimal()]
    known = [(fact.topic, score) for fact, score in near if fact is not None]
    return topics.guess(" ".join(question.wordings) or question.text, known)


def publish_answer(
    ports: Ports, author: str, question: Question, fact: FactCheck, *, alone: bool = False
) -> FactCheck:
    """Make an answer public that may be: the question is settled, its askers are told later."""
    wordings = tuple(mask(wording) for wording in question.wordings)
    reason = f"question {question.code}"
    saved = ports.facts.save(replace(fact, variants=wordings), author, reason)
    ports.questions.settle(question.code, saved.number, author, question.version)
    _learn(ports, question, saved)
    details = {"approval": "nobody else could approve"} if alone else {}
    verdict = str(saved.verdict)
    _write(ports, author, Deed.ANSWER, question, number=saved.number, verdict=verdict, **details)
    _tell_later(ports, question)
    bursts.look(ports, author)
    check_sources(ports, saved)
    if saved.version > 1:
        corrections.announce(ports, saved)
    rematch(ports, saved.number)
    return saved


def rematch(ports: Ports, number: int) -> None:
    """Another fact-check may say the opposite of this one, and open questions may be answered by
    it, after the time for undo."""
    duplicates.look_at(ports, number)
    payload, key = {"number": number}, f"rematch_open:{number}"
    ports.jobs.enqueue("rematch_open", payload, dedupe_key=key, due=ports.now + UNDO)


def merge_into_fact(
    ports: Ports, who: Moderator, code: str, version: int, number: int, language: str = "id"
) -> Question:
    """The question asks about a published fact-check: its askers are told that one, and only then,
    after the time for undo, its wordings answer others (notify).

    Raises Denied, Refused (no such published number) or Stale.
    """
    demand(who, Action.MERGE)
    question, fact = _question(ports, code, language), published(ports.facts, number)
    if fact is None:
        raise Refused(texts.say(language, "desk.no_fact", number=number), "number")
    open_in(question, language, version)
    settled = ports.questions.settle(question.code, number, who.name, version)
    _learn(ports, question, fact)
    _write(ports, who.name, Deed.MERGE_INTO_FACT, question, number=number)
    bursts.look(ports, who.name)
    _tell_later(ports, question)
    return settled


def merge_questions(
    ports: Ports, who: Moderator, code: str, version: int, into: str, language: str = "id"
) -> Question:
    """Two questions are one rumour. Raises Denied, Refused (unknown, closed or the same) or
    Stale."""
    demand(who, Action.MERGE)
    question, target = _question(ports, code, language), _question(ports, into, language)
    if question.code == target.code:
        raise Refused(texts.say(language, "desk.same_question"), "into")
    open_in(question, language, version)
    merged = ports.questions.merge(question.code, target.code, who.name, version)
    _write(ports, who.name, Deed.MERGE, question, into=target.code)
    return merged


def reject(
    ports: Ports, who: Moderator, code: str, version: int, reason: str, language: str = "id"
) -> Question:
    """Close without a verdict; askers read the reason. Raises Denied, Refused or Stale."""
    demand(who, Action.REJECT)
    words = reason_of(reason, language)
    question = _question(ports, code, language)
    open_in(question, language, version)
    rejected = ports.questions.reject(question.code, words, who.name, version)
    _write(ports, who.name, Deed.REJECT, question, reason=words)
    _tell_later(ports, question)
    return rejected


def check_sources(ports: Ports, fact: FactCheck) -> None:
    """Have the sources looked at, where the installation allows that."""
    if ports.rules.fetch:
        key = f"check_sources:{fact.number}"
        ports.jobs.enqueue("check_sources", {"number": fact.number}, dedupe_key=key)


def reason_of(reason: str, language: str) -> str:
    """The reason as it is shown. Raises Refused when there is none or too much of it."""
    words = tidy(reason)
    if not words:
        raise Refused(texts.say(language, "desk.reason_missing"), "reason")
    if len(words) > REASON_LIMIT:
        counts = {"count": len(words), "limit": REASON_LIMIT}
        raise Refused(texts.say(language, "desk.reason_long", **counts), "reason")
    return words


def undo(ports: Ports, who: Moderator, code: str, version: int, language: str = "id") -> Question:
    """Take an answer or rejection back while nothing has gone out (30 seconds).

    A fact-check made by that answer is retracted, and the wordings taught by it are forgotten:
    nobody gets a verdict through them any more. Raises Denied (a colleague's, for whom is no
    editor), or Stale when askers have been told.
    """
    question = _question(ports, code, language)
    demand(who, Action.UNDO, Thing(author=question.answered_by))
    fact = ports.facts.get(question.fact_number or 0)
    own = fact is not None and fact.identity == f"saring-{question.code.lower()}"
    late = own and fact and fact.changed_at and ports.now - fact.changed_at > UNDO
    if late or not ports.questions.askers(question.code, limit=1):
        raise TooLate(texts.say(language, "desk.undo_late"), question.answered_by)
    reopened = ports.questions.reopen(question.code, who.name, version)
    if own and fact is not None:
        gone = ports.facts.save(replace(fact, state=State.RETRACTED), who.name, "undo")
        corrections.announce(ports, gone)  # the matcher may have told somebody already
    unlearn(ports, question)
    _write(ports, who.name, Deed.UNDO, question)
    return reopened


def time_to_undo(ports: Ports, who: Moderator, question: Question) -> timedelta | None:
    """How long this person can still take back what closed the question; None when they cannot
    (any more): too late, somebody was told, a colleague's, or no person closed it."""
    closed, by = question.closed_at, question.answered_by
    if closed is None or by == notify.MATCHER or question.state not in TAKEN_BACK:
        return None
    left = closed + UNDO - ports.now
    if left <= timedelta(0) or not may(who, Action.UNDO, Thing(author=by)):
        return None
    return left if ports.questions.askers(question.code, limit=1) else None


def _learn(ports: Ports, question: Question, fact: FactCheck) -> None:
    """Each asked wording is evidence for this fact-check."""
    for wording in question.wordings:
        text = mask(wording)
        ports.evidence.add(text, fact.number, right=True, by="moderator", lang=question.lang)


def unlearn(ports: Ports, question: Question) -> None:
    """What answering this question has taught was a mistake: the wordings that its answerer
    brought, and the evidence. What was known before stays."""
    number, by = question.fact_number or 0, question.answered_by
    if not number or by == notify.MATCHER:  # which teaches nothing
        return
    for wording in question.wordings:
        ports.facts.drop_variant(number, mask(wording), by)
        ports.evidence.take_back(mask(wording), number)


def _write(
    ports: Ports, actor: str, action: Deed, question: Question, reason: str = "", **details: object
) -> None:
    ports.audit.write(actor, action, f"question/{question.code}", reason, **details)
    redraw(ports, question.code)


def _tell_later(ports: Ports, question: Question) -> None:
    """Tell the askers after the time for undo."""
    closed = question.version + 1  # what is closed again after an undo is told in its own time
    payload = {"code": question.code, "after": "", "version": closed}
    key, due = f"tell:{question.code}:{closed}", ports.now + UNDO
    ports.jobs.enqueue(notify.TASK, payload, dedupe_key=key, due=due)
