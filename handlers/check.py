"""Check a message: answer it, ask back, say what differs, or put it before a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from handlers import replies, texts
from handlers.matched import Known, Reading, near, published, read, remember
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Call, Found
from handlers.queueing import (
    differs,
    outdated,
    own,
    pressed,
    queue,
    still_waiting,
    submission_of,
    take_place,
    waiting_on,
)
from handlers.reading import Ours, Talk, cut, own_reply, shown, small_talk, text_to_check
from handlers.replies import About, Voice, blocks, button, line, send, toast, verdict, voice
from knowledge_base.facts import FactCheck, Outcome, QuestionState, State, Submission, Told
from knowledge_base.search.findings import Decision, Difference, Part, Stance

FOLLOWED = timedelta(seconds=90)  # a remark so soon after a message is about that message
OBJECTION = timedelta(minutes=10)  # so long the next words are taken as the reason asked for
QUOTED = 80  # characters of a part that are repeated


def check(call: Call) -> list[Outgoing]:
    """The main path: one message in, one reply out."""
    if _gives_a_reason(call):
        return _objection(call)
    text = text_to_check(call.message)
    ours = own_reply(text, call.ports.rules.public_url)
    if ours is not None:
        return _ours(call, ours)
    if call.found is None or not text:
        return _nothing(call, text)
    return _decide(call, call.found, text)


def _decide(call: Call, found: Found, text: str) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    previous = call.ports.questions.recent(call.person.id, found.fingerprint)
    if _several(call, found.result.parts):
        return _parts(call, found.result.parts, previous)
    if reading.decision is Decision.ANSWER and reading.best:
        return [answer(call, reading.best.fact, reading.stance, previous)]
    if not found.result.checkable:
        return _nothing(call, text)
    if previous is not None and (state := _state_of_first(call, previous)):
        return state
    submission = submission_of(call, Outcome.SUGGESTED, previous.id if previous else "")
    if reading.decision is Decision.SUGGEST and reading.best:
        return _unsure(call, submission, reading, reading.best)
    return queue(call, submission, found.result.matches)


def _state_of_first(call: Call, previous: Submission) -> list[Outgoing]:
    """What became of the same message sent before; [] when it may be looked at afresh."""
    if question := waiting_on(call, previous):
        return still_waiting(call, previous, question)
    question = call.ports.questions.get(previous.question) if previous.question else None
    if question is None or question.state is not QuestionState.REJECTED:
        return []
    to = voice(call)
    words = to.say("waiting.rejected", code=question.code, reason=shown(question.reason, 300))
    return [send(to, blocks(words, to.say("waiting.rejected_again")), quote=call.message.ref)]


# ── answered ────────────────────────────────────────────────────────────────────────────────


def note_answer(call: Call, submission: Submission, fact: FactCheck) -> None:
    """Keep that this submission got this verdict, and that the person was told this version."""
    answered = replace(submission, outcome=Outcome.ANSWERED, fact_number=fact.number)
    call.ports.questions.note(answered)
    tell(call, fact, submission.id)


def tell(call: Call, fact: FactCheck, submission_id: str = "") -> None:
    """Remember that the person was told this version, for corrections."""
    now = call.ports.now
    told = Told(call.person.id, fact.number, fact.version, now, submission=submission_id)
    call.ports.people.tell(told)


def answer(
    call: Call, fact: FactCheck, stance: Stance, previous: Submission | None = None
) -> Outgoing:
    """The verdict on this message; the same message again is the same submission."""
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    note_answer(call, submission, fact)
    about = About(
        submission=submission.id,
        quote=call.message.ref,
        stance=stance,
        automatic=True,
        media=bool(call.message.media),
    )
    return verdict(voice(call), fact, about)


def show_number(call: Call, number: int) -> list[Outgoing]:
    """The fact-check a number, link or deep link names, in its present state."""
    fact, to = call.ports.facts.get(number), voice(call)
    if fact is None or fact.state is State.DRAFT:
        return [line(to, "answer.no_such", number=number, quote=call.message.ref)]
    if fact.state is State.RETRACTED:
        return [line(to, "answer.gone", number=number, quote=call.message.ref)]
    tell(call, fact)
    about = About(quote=call.message.ref, stance=Stance.QUESTION)
    return [verdict(to, fact, about)]


# ── close, but not sure ─────────────────────────────────────────────────────────────────────


def _unsure(call: Call, submission: Submission, reading: Reading, best: Known) -> list[Outgoing]:
    matches = call.found.result.matches if call.found else ()
    conflict = _contradiction(reading) or best.match.why.differ
    if conflict:
        return differs(call, submission, best.fact, conflict, matches)
    offered = [each.fact for each in near(reading.known)]
    numbers = tuple(fact.number for fact in offered)
    call.ports.questions.note(replace(submission, outcome=Outcome.SUGGESTED, offered=numbers))
    message, menu = replies.choices(voice(call), offered, submission)
    remember(call.ports.people, call.person.id, menu=menu)
    return [message]


def _contradiction(reading: Reading) -> tuple[Difference, ...]:
    """A message that refutes what was checked and holds."""
    best = reading.best
    if best is None or reading.stance is not Stance.DEBUNK or replies.refutes(best.fact):
        return ()
    return (Difference("polarity", "", ""),)


def pick(call: Call) -> list[Outgoing]:
    """One of the choices: its verdict, remembered as evidence."""
    _, submission_id, arg = pressed(call.message.button)
    submission = own(call, submission_id)
    fact = published(call.ports.facts, _int(arg))
    if submission is None:
        return outdated(call)
    if fact is None:
        return [*toast(call), *show_number(call, _int(arg))]
    if submission.fact_number != fact.number:
        _learn(call, submission, fact.number, right=True)
        note_answer(call, submission, fact)
    about = About(submission=submission.id, quote=submission.ref)
    return [*toast(call), verdict(voice(call), fact, about)]


def _learn(call: Call, submission: Submission, number: int, *, right: bool) -> None:
    evidence = call.ports.evidence
    evidence.add(submission.text, number, right=right, by="asker", lang=submission.lang)


def none_of_these(call: Call) -> list[Outgoing]:
    """None of the choices: each is evidence against, and the message goes to the queue."""
    submission = own(call, pressed(call.message.button)[1])
    if submission is None:
        return outdated(call)
    return [*toast(call), *_refused(call, submission, submission.offered)]


def not_this(call: Call) -> list[Outgoing]:
    """The verdict was about something else: evidence against it, then the queue."""
    _, submission_id, arg = pressed(call.message.button)
    submission = own(call, submission_id)
    if submission is None:
        return outdated(call)
    return [*toast(call), *_refused(call, submission, (_int(arg),))]


def _refused(call: Call, submission: Submission, numbers: tuple[int, ...]) -> list[Outgoing]:
    if question := waiting_on(call, submission):
        return still_waiting(call, submission, question)
    for number in numbers:
        if call.ports.facts.get(number) is not None:
            _learn(call, submission, number, right=False)
    fresh = replace(submission, question="", fact_number=None, offered=())
    return queue(call, fresh, lead=voice(call).say("waiting.not_this"))


def see_old(call: Call) -> list[Outgoing]:
    """The similar check that may not apply, clearly marked as the old one."""
    _, submission_id, arg = pressed(call.message.button)
    if own(call, submission_id) is None:
        return outdated(call)
    return [*toast(call), *show_number(call, _int(arg))]


def _int(arg: str) -> int:
    return int(arg) if arg.isascii() and arg.isdecimal() and len(arg) < 10 else 0


# ── several claims in one message ───────────────────────────────────────────────────────────


def _several(call: Call, parts: tuple[Part, ...]) -> bool:
    """Are there at least two parts that are not all about one and the same check?"""
    if len(parts) < 2:
        return False
    tops = {(part.decision, part.matches[0].id if part.matches else part.start) for part in parts}
    return len(tops) > 1


def _parts(call: Call, parts: tuple[Part, ...], previous: Submission | None) -> list[Outgoing]:
    to, text = voice(call), text_to_check(call.message)
    readings = [read(call.ports.facts, part) for part in parts]
    submission = submission_of(call, Outcome.ANSWERED, previous.id if previous else "")
    paragraphs: list[Block] = []
    for position, (part, reading) in enumerate(zip(parts, readings, strict=True), start=1):
        paragraphs += _part(to, position, text[part.start : part.end], reading)
    parts_left = [
        p for p, r in zip(parts, readings, strict=True) if r.decision is not Decision.ANSWER
    ]
    code = _queue_rest(call, submission, parts_left)
    _note_parts(call, submission, readings, code)
    heading = texts.say_many(to.language, "parts.heading", len(parts))
    tail = to.say("parts.queued", code=code) if code else ""
    body = (Block(heading, Style.STRONG), *paragraphs, *blocks(tail))
    drop = [[button(to, "drop", "drop", _rest_id(submission))]] if code else []
    return [send(to, body, drop, quote=call.message.ref)]


def _part(to: Voice, position: int, words: str, reading: Reading) -> list[Block]:
    quoted = to.say("parts.quoted", position=position, text=shown(words, QUOTED))
    return [Block(quoted, Style.QUOTE), Block(_part_verdict(to, reading))]


def _part_verdict(to: Voice, reading: Reading) -> str:
    if reading.best is None or reading.decision is Decision.ASK_HUMAN:
        return to.say("parts.unchecked")
    fact = reading.best.fact
    link, words = to.page(fact.number), replies.fact_text(fact)
    if reading.decision is Decision.SUGGEST:
        return to.say("parts.near", topic=replies.dated_topic(to, fact), link=link)
    if reading.stance is Stance.DEBUNK:
        return to.say("parts.debunk", fact=words, link=link)
    icon, word = replies.icon_word(to, fact)
    return to.say("parts.known", icon=icon, word=word, fact=words, link=link)


def _rest_id(submission: Submission) -> str:
    return f"{submission.id}.r"


def _queue_rest(call: Call, submission: Submission, left: list[Part]) -> str:
    """What is not answered goes to the queue as one question; its code, or nothing."""
    if not left:
        return ""
    text = text_to_check(call.message)
    words = "\n".join(text[part.start : part.end].strip() for part in left)
    rest = replace(submission, id=_rest_id(submission), text=words, fingerprint="")
    earlier = waiting_on(call, call.ports.questions.submission(rest.id))
    if earlier:
        return earlier.code
    matches = [match for part in left for match in part.matches]
    return take_place(call, rest, matches).code


def _note_parts(call: Call, submission: Submission, readings: list[Reading], code: str) -> None:
    told = [r.best.fact for r in readings if r.best and r.decision is Decision.ANSWER]
    outcome = Outcome.ANSWERED if told else Outcome.CLOSED
    number = told[0].number if told else None
    call.ports.questions.note(replace(submission, outcome=outcome, fact_number=number))
    for fact in told:
        tell(call, fact, submission.id)


# ── nothing to check ────────────────────────────────────────────────────────────────────────

_TALK = {
    None: "no_claim",
    Talk.GREETING: "greeting",
    Talk.THANKS: "thanks",
    Talk.FILLER: "filler",
    Talk.EMOJI: "emoji",
    Talk.LINK: "link",
    Talk.SHORT: "short",
}
_MEDIA = {"image": "image", "voice": "sound", "audio": "sound", "video": "sound"}


def _nothing(call: Call, text: str) -> list[Outgoing]:
    """Never silent: one line on how to go on."""
    to, ref = voice(call), call.message.ref
    if call.message.media:
        key = _MEDIA.get(call.message.media[0].kind, "unreadable")
        return [line(to, f"small.{key}", quote=ref)]
    talk = small_talk(text)
    if talk in (Talk.FILLER, Talk.SHORT) and (last := _just_now(call)):
        return [_followed(call, last)]
    return [line(to, f"small.{_TALK[talk]}", quote=ref)]


def unreadable(call: Call) -> list[Outgoing]:
    """A message without any words."""
    return _nothing(call, "")


def _just_now(call: Call) -> Submission | None:
    latest = call.ports.questions.of_person(call.person.id, limit=1)
    return latest[0] if latest and call.ports.now - latest[0].at <= FOLLOWED else None


def _followed(call: Call, last: Submission) -> Outgoing:
    """A remark right after a message ("bener gak nih?"): that message has its answer."""
    question = waiting_on(call, last)
    if question:
        return line(voice(call), "small.followed_waiting", code=question.code)
    return line(voice(call), "small.followed")


# ── our own words, sent back ────────────────────────────────────────────────────────────────


def _ours(call: Call, ours: Ours) -> list[Outgoing]:
    """Our own reply sent back: what holds now, never a new question (F5)."""
    to, ref = voice(call), call.message.ref
    if ours.code and call.ports.questions.get(ours.code):
        return [line(to, "ours.ticket", code=ours.code, quote=ref)]
    if not ours.number:
        return [line(to, "ours.plain", quote=ref)]
    fact = call.ports.facts.get(ours.number)
    if fact is None or fact.state is State.DRAFT:
        return [line(to, "answer.no_such", number=ours.number, quote=ref)]
    if fact.state is State.RETRACTED:
        return [line(to, "ours.gone", number=ours.number, quote=ref)]
    tell(call, fact)
    lead = to.say("ours.fact", number=ours.number)
    return [verdict(to, fact, About(quote=ref, stance=Stance.QUESTION, lead=lead))]


# ── corrected messages ──────────────────────────────────────────────────────────────────────


def edited(call: Call) -> list[Outgoing]:
    """A corrected message is the same submission with a new text (J16)."""
    previous = call.ports.questions.by_ref(call.person.id, call.message.ref)
    text = text_to_check(call.message)
    if previous is None:
        return check(call)
    if previous.text == text or call.found is None or not text:
        return []
    question = waiting_on(call, previous)
    if question is None:
        return _edited_answer(call, call.found, previous)
    return _edited_question(call, call.found, previous)


def _edited_answer(call: Call, found: Found, previous: Submission) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    answered = reading.decision is Decision.ANSWER and reading.best
    if answered and reading.best and reading.best.fact.number == previous.fact_number:
        return []
    if answered and reading.best:
        return [answer(call, reading.best.fact, reading.stance, previous)]
    if not found.result.checkable:
        return []
    fresh = submission_of(call, Outcome.SUGGESTED, previous.id)
    if reading.decision is Decision.SUGGEST and reading.best:
        return _unsure(call, fresh, reading, reading.best)
    return queue(call, fresh, found.result.matches)


def _edited_question(call: Call, found: Found, previous: Submission) -> list[Outgoing]:
    reading = read(call.ports.facts, found.result)
    if reading.decision is Decision.ANSWER and reading.best:
        call.ports.questions.withdraw(previous.id)
        return [answer(call, reading.best.fact, reading.stance, previous)]
    fresh = submission_of(call, Outcome.QUEUED, previous.id)
    question = take_place(call, fresh, found.result.matches, previous.question)
    return [line(voice(call), "waiting.updated", code=question.code, quote=call.message.ref)]


def revoked(call: Call) -> list[Outgoing]:
    """The person deleted their message: it leaves the queue and is forgotten, quietly."""
    previous = call.ports.questions.by_ref(call.person.id, call.message.ref)
    if previous is not None:
        call.ports.questions.withdraw(previous.id)
    return []


# ── an objection's reason ───────────────────────────────────────────────────────────────────


def _gives_a_reason(call: Call) -> bool:
    """Was the person asked what we should look at again, just before this?"""
    asked = call.person.state.get("objects_at")
    if not isinstance(asked, int | float) or call.message.forwarded:
        return False
    return call.ports.now.timestamp() - asked <= OBJECTION.total_seconds()


def _objection(call: Call) -> list[Outgoing]:
    """The reason goes to the human queue, as a question about that number."""
    to = voice(call)
    number = call.person.state.get("objects_to")
    remember(call.ports.people, call.person.id, objects_to=None, objects_at=None)
    reason = text_to_check(call.message) or call.message.text
    words = to.say("feedback.dispute_queue", number=number, reason=cut(reason, 2000))
    submission = replace(submission_of(call, Outcome.QUEUED), text=words, fingerprint="")
    question = take_place(call, submission)
    return [line(to, "feedback.disputed", number=number, code=question.code, quote=submission.ref)]
