"""Never silent: what is said where there is nothing to look up, or our own words come back."""

from __future__ import annotations

from datetime import timedelta

from handlers.answering import tell
from handlers.cited import by_link
from handlers.messages import Button, Outgoing
from handlers.ports import Call
from handlers.queueing import waiting_on
from handlers.reading import Ours, Talk, meant, small_talk
from handlers.replies import About, Voice, blocks, button, line, send, verdict, voice
from knowledge_base.facts import Question, State, Submission
from knowledge_base.search.findings import Stance

FOLLOWED = timedelta(seconds=90)  # a remark so soon after a message is about that message
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


def nothing(call: Call, text: str) -> list[Outgoing]:
    """Never silent: one line on how to go on."""
    to, ref = voice(call), call.message.ref
    if call.message.media:
        key = _MEDIA.get(call.message.media[0].kind, "unreadable")
        return [line(to, f"small.{key}", quote=ref)]
    talk = small_talk(text)
    if talk is Talk.SHORT and not call.message.forwarded and (word := meant(text)):
        return [line(to, "small.meant", word=word.upper(), quote=ref)]
    if talk in (Talk.FILLER, Talk.SHORT) and (last := just_now(call)):
        return [_followed(call, last)]
    if talk is Talk.LINK and (checked := by_link(call, text)):
        return checked
    if talk is Talk.GREETING and not call.person.greeted:
        return [send(to, blocks(to.say("small.greeting_first")), _sample(to))]
    words = blocks(to.say(f"small.{_TALK[talk]}"))
    return [send(to, words, _sample(to) if talk is Talk.GREETING else (), quote=ref)]


def _sample(to: Voice) -> list[list[Button]]:
    return [[button(to, "sample", "try")]]


def unreadable(call: Call) -> list[Outgoing]:
    """A message without any words."""
    return nothing(call, "")


def just_now(call: Call) -> Submission | None:
    """What the person sent last, if a remark of now is about it."""
    latest = call.ports.questions.of_person(call.person.id, limit=1)
    return latest[0] if latest and call.ports.now - latest[0].at <= FOLLOWED else None


def _followed(call: Call, last: Submission) -> Outgoing:
    """A remark right after a message ("bener gak nih?"): that message has its answer."""
    question = waiting_on(call, last)
    if question:
        return line(voice(call), "small.followed_waiting", code=question.code)
    return line(voice(call), "small.followed")


def for_nothing(call: Call, word: str) -> list[Outgoing]:
    """A typed choice while nothing waits for one: thanks for a thumb, and what the question that
    waits has not got yet cannot be shown."""
    to, last = voice(call), just_now(call)
    if word == "helpful":
        return [line(to, "small.thanks", quote=call.message.ref)]
    question = waiting_on(call, last) if last and word in ("forward", "evidence") else None
    if question:
        return [line(to, "small.followed_waiting", code=question.code)]
    return [line(to, "small.typed_nothing", quote=call.message.ref)]


def take_back(call: Call, submission: Submission, question: Question) -> list[Outgoing]:
    """Somebody seems to want no answer any more: where the question stands, and the button."""
    to = voice(call)
    words = to.say("small.take_back", code=question.code)
    row = [button(to, "drop", "drop", submission.id)]
    return [send(to, blocks(words), [row], quote=call.message.ref)]


def own_words(call: Call, ours: Ours) -> list[Outgoing]:
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
