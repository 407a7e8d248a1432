"""Take a place in the human queue, and say so honestly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers import replies, texts
from handlers.messages import Block, Button, Outgoing, Style
from handlers.ports import Call, Ports
from handlers.reading import text_to_check
from handlers.replies import Voice, blocks, button, send, voice
from knowledge_base.facts import FactCheck, Outcome, Question, QuestionState, Submission
from knowledge_base.search.findings import Difference, Match, Part, Result

CONSENT_HOURS = 24  # without the tap an address goes after this time (SARING_CONSENT=tap)
NEW_CARD = "desk_card"  # desk chats hear of a question
REDRAW = "desk_redraw"  # cards in desk chats are edited
REMATCH = "rematch_open"  # open questions are looked at again
NOW, SOON = timedelta(), timedelta(minutes=1)  # a count may wait, so that a chat is not flooded
ASKED = 200  # questions of one person that are looked at when they go
MANY = 10  # from so many askers on, and a day late, others are told how many asked


def submission_of(call: Call, outcome: Outcome, id: str = "") -> Submission:
    """This message as something to keep; its text is masked."""
    return Submission(
        id=id or call.new_id,
        person=call.person.id,
        text=text_to_check(call.message),
        outcome=outcome,
        at=call.ports.now,
        ref=call.message.ref,
        lang=voice(call).language,
        fingerprint=call.found.fingerprint if call.found else "",
        media=tuple(item.kind for item in call.message.media),
    )


def rest_id(submission_id: str) -> str:
    """The submission that carries what was left unanswered of a message with several claims."""
    return f"{submission_id}.r"


def whole_id(submission_id: str) -> str:
    """The submission of the whole message."""
    return submission_id.removesuffix(".r")


def take_place(
    call: Call, submission: Submission, matches: Sequence[Match] = (), same_as: str = ""
) -> Question:
    """Join the same open question or open a new one, with what was found nearest."""
    questions = call.ports.questions
    queued = replace(submission, outcome=Outcome.QUEUED, at=call.ports.now)
    many = call.message.forwarded_many
    question = questions.ask(queued, same_as=same_as, forwarded_many=many, nearest=matches)
    if must_consent(call):
        due = call.ports.now + timedelta(hours=CONSENT_HOURS)
        forget_later(call.ports, call.person.id, due)
    announce(call.ports, question.code)
    return question


def announce(ports: Ports, code: str) -> None:
    """Desk chats hear of this question; the cards that are there count one asker more."""
    if ports.chats.all():
        ports.jobs.enqueue(NEW_CARD, {"code": code}, dedupe_key=f"{NEW_CARD}:{code}", due=ports.now)


def redraw(ports: Ports, code: str, wait: timedelta = NOW) -> None:
    """Cards about this in desk chats show how it stands: at once, or once after a while however
    often it is asked for meanwhile."""
    if ports.chats.cards(code):
        key = f"{REDRAW}:{code}" if wait == NOW else f"{REDRAW}:{code}:later"
        ports.jobs.enqueue(REDRAW, {"code": code}, dedupe_key=key, due=ports.now + wait)


def withdraw(ports: Ports, submission_id: str) -> None:
    """Out of the count and forgotten; cards about its question count one less."""
    submission = ports.questions.submission(submission_id)
    ports.questions.withdraw(submission_id)
    if submission is not None and submission.question:
        redraw(ports, submission.question, SOON)


def recount(ports: Ports, person: str) -> None:
    """Everything of this person goes: cards about what they asked count one less."""
    for submission in ports.questions.of_person(person, ASKED):
        if submission.question:
            redraw(ports, submission.question, SOON)


def must_consent(call: Call) -> bool:
    """Does this installation want a tap, and has it not been given yet?"""
    return call.ports.rules.consent == "tap" and not call.person.consent


def forget_later(ports: Ports, person: str, due: datetime) -> None:
    """Without the tap the person is forgotten then (SARING_CONSENT=tap)."""
    ports.jobs.enqueue(
        "forget_unconsented", {"person": person}, dedupe_key=f"consent:{person}", due=due
    )


def same_open(call: Call, rather: str = "") -> str:
    """The open question that asks the same beyond doubt, by its code: `rather` this one, if it
    is among them."""
    same = [match.id for match in call.found.same] if call.found else []
    return rather if rather in same else next(iter(same), "")


def waiting_on(call: Call, submission: Submission | None) -> Question | None:
    """The open question this submission waits on."""
    if submission is None or not submission.question:
        return None
    question = call.ports.questions.get(submission.question)
    return question if question and question.state is QuestionState.OPEN else None


def _others(to: Voice, question: Question) -> str:
    """How many asked: only when many did and a day has passed, so nobody can pump it up."""
    if question.askers < MANY or to.now - question.first_asked < timedelta(days=1):
        return ""
    rounded = question.askers // MANY * MANY
    return to.say("waiting.others", count=texts.number(to.language, rounded))


def waiting_buttons(call: Call, submission: Submission) -> list[list[Button]]:
    """What may be done about a question that waits; where the rule is a tap, yes and no."""
    to = voice(call)
    if must_consent(call):
        keys = (("consent_yes", "tell"), ("once", "once"), ("consent_no", "no"))
    else:
        keys = (("tell", "tell"), ("once", "once"), ("drop", "drop"))
    return [[button(to, key, action, submission.id) for key, action in keys]]


def _promise(call: Call, question: Question) -> tuple[str, ...]:
    to = voice(call)
    if must_consent(call):
        return (to.say("waiting.consent", code=question.code),)
    return to.say("waiting.promise", code=question.code), to.say("waiting.privacy")


def rest_promise(call: Call, words: str, code: str) -> tuple[str, ...]:
    """The same below an answer or an objection: `words`, and who reads it and tells when; where
    the rule is a tap, the question whether we may."""
    to = voice(call)
    if must_consent(call):
        return words, to.say("waiting.consent", code=code)
    return words, to.say("waiting.read", code=code), to.say("waiting.privacy")


def queue_rest(
    call: Call, submission: Submission, left: Sequence[tuple[Part | Result, str]]
) -> str:
    """What is not answered of a message (claims with their words) goes to the queue as one
    question; its code, or nothing. What waits already waits on."""
    if not left:
        return ""
    words = "\n".join(text.strip() for _, text in left)
    rest = replace(submission, id=rest_id(submission.id), text=words, fingerprint="")
    earlier = call.ports.questions.submission(rest.id)
    question = waiting_on(call, earlier)
    if question is not None and earlier is not None and earlier.text == words:
        return question.code
    matches = [match for claim, _ in left for match in claim.matches]
    return take_place(call, rest, matches, question.code if question else "").code


def receipt(
    call: Call, submission: Submission, question: Question, lead: str = ""
) -> list[Outgoing]:
    """The one honest reply to something unknown: not checked, who reads it, the ticket."""
    to = voice(call)
    parts = (
        *blocks(lead),
        Block(to.say("waiting.heading"), Style.STRONG),
        *blocks(*_promise(call, question), _others(to, question)),
        *blocks(to.say("answer.only_text") if call.message.media else ""),
        Block(to.say("waiting.tip"), shorten=True),
    )
    return [send(to, parts, waiting_buttons(call, submission), quote=submission.ref)]


def still_waiting(call: Call, submission: Submission, question: Question) -> list[Outgoing]:
    """The same thing again: the state of the first one, nothing new is opened."""
    to = voice(call)
    time = texts.moment(to.language, submission.at, to.now, to.rules.timezone)
    words = to.say("waiting.again", time=time, code=question.code)
    buttons = waiting_buttons(call, submission)
    return [send(to, blocks(words), buttons, quote=replies.quoted(call) or submission.ref)]


def queue(
    call: Call, submission: Submission, matches: Sequence[Match] = (), lead: str = ""
) -> list[Outgoing]:
    """Take the place and say so."""
    question = take_place(call, submission, matches, same_open(call))
    return receipt(call, submission, question, lead)


def differs(
    call: Call,
    submission: Submission,
    fact: FactCheck,
    differ: Sequence[Difference],
    matches: Sequence[Match],
) -> list[Outgoing]:
    """Similar, but something differs: what differs, and a place in the queue already taken."""
    to = voice(call)
    question = take_place(call, submission, matches, same_open(call))
    listed = [replies.difference_line(to, each) for each in differ[:3]]
    parts = (
        Block(to.say("waiting.heading"), Style.STRONG),
        *blocks("\n".join([to.say("differs.heading"), *listed]), to.say("differs.then")),
        *blocks(*_promise(call, question)),
    )
    see = button(to, "see_old", "old", submission.id, fact.number)
    first, *rest = waiting_buttons(call, submission)[0]
    return [send(to, parts, [[see, first, rest[-1]]], quote=submission.ref)]


def own(call: Call, submission_id: str) -> Submission | None:
    """The submission, if it exists and belongs to whoever pressed."""
    submission = call.ports.questions.submission(submission_id, hold=True)
    return submission if submission and submission.person == call.person.id else None


def outdated(call: Call) -> list[Outgoing]:
    """A button of something that is gone, or of somebody else: say why it does nothing."""
    to = voice(call)
    return [*replies.toast(call), replies.line(to, "small.outdated")]


def pressed(message_button: str) -> tuple[str, str, str]:
    """(action, id, arg) of a button's data; ("", "", "") when it is not ours."""
    parts = message_button.split("|")
    return (parts[1], parts[2], parts[3]) if len(parts) == 4 and parts[0] == "v1" else ("", "", "")
