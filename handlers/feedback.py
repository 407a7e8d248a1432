"""What people do with an answer: forward it, see the evidence, vote, object."""

from __future__ import annotations

from handlers import replies
from handlers.answering import number_in, show_number
from handlers.matched import published, remember
from handlers.messages import Outgoing
from handlers.objections import ask_reason, never_mind
from handlers.ports import Call
from handlers.queueing import pressed
from handlers.replies import blocks, button, send, toast, voice
from knowledge_base.deeds import Deed
from knowledge_base.facts import FactCheck

VOTES_KEPT = 50


def _pressed_fact(call: Call) -> tuple[int, FactCheck | None]:
    number = number_in(pressed(call.message.button)[1])
    return number, published(call.ports.facts, number)


def forward(call: Call) -> list[Outgoing]:
    """The clarification as a plain text to pass on."""
    number, fact = _pressed_fact(call)
    if fact is None:
        return [*toast(call), *show_number(call, number)]
    return [*toast(call), replies.to_forward(voice(call), fact)]


def evidence(call: Call) -> list[Outgoing]:
    """Every source with its address."""
    number, fact = _pressed_fact(call)
    if fact is None:
        return [*toast(call), *show_number(call, number)]
    return [*toast(call), replies.evidence(voice(call), fact)]


def dispute(call: Call) -> list[Outgoing]:
    """ "The result is wrong": ask what to look at; the next words are the reason."""
    number, fact = _pressed_fact(call)
    if fact is None:
        return [*toast(call), *show_number(call, number)]
    return [*toast(call), *ask_reason(call, number)]


def no_dispute(call: Call) -> list[Outgoing]:
    """The person leaves it at that."""
    return [*toast(call), *never_mind(call)]


def helpful(call: Call) -> list[Outgoing]:
    """Thumbs up."""
    return _vote(call, up=True)


def unhelpful(call: Call) -> list[Outgoing]:
    """Thumbs down: counted, and the way to object is shown."""
    return _vote(call, up=False)


def _vote(call: Call, *, up: bool) -> list[Outgoing]:
    _, number, version = pressed(call.message.button)
    to, fact_number, told = voice(call), number_in(number), number_in(version)
    if not count_vote(call, fact_number, told, up=up):
        return toast(call, to.say("feedback.not_told"))
    if up:
        return toast(call, to.say("feedback.helpful"))
    row = [button(to, "dispute", "wrong", number)]
    return [*toast(call), send(to, blocks(to.say("feedback.unhelpful")), [row])]


def count_vote(call: Call, number: int, version: int, *, up: bool) -> bool:
    """One vote per person and version, only from people who were told it (G5).

    Votes never change a verdict. False when the person was not told this version.
    """
    told = call.ports.people.told(call.person.id)
    if not any((t.fact_number, t.version) == (number, version) for t in told):
        return False
    votes = call.person.state.get("votes")
    known = dict(votes) if isinstance(votes, dict) else {}
    key, vote = f"{number}:{version}", "up" if up else "down"
    if known.get(key) != vote:
        call.ports.audit.write(
            "asker", Deed.VOTE, f"fact/{number}", version=version, vote=vote, before=known.get(key)
        )
    call.ports.reviews.vote(call.person.id, number, version, helpful=up)
    recent = dict(list({**known, key: vote}.items())[-VOTES_KEPT:])
    remember(call.ports.people, call.person.id, votes=recent)
    return True


def reaction(call: Call) -> list[Outgoing]:
    """👍 or 👎 put on an answer: a vote on the verdict in that very message; never a reply. On
    anything else, or on several verdicts at once, it says nothing."""
    vote = {"👍": True, "👎": False}.get(call.message.text.strip("\ufe0f🏻🏼🏽🏾🏿"))
    told = call.ports.people.told_in(call.person.id, call.message.reply_to)
    if vote is not None and len(told) == 1:
        count_vote(call, *told[0], up=vote)
    return []
