"""In groups: silent unless called; three lines then, and never a private thing."""

from __future__ import annotations

from dataclasses import replace

from handlers import replies, texts
from handlers.answering import tell
from handlers.cited import checked_at
from handlers.matched import read, remember
from handlers.messages import Act, Block, Button, Do, Outgoing, Style
from handlers.ports import Call
from handlers.reading import Talk, command, own_reply, small_talk, text_to_check
from handlers.replies import Voice, blocks, send, voice
from handlers.several import several
from knowledge_base.deliveries import Turn
from knowledge_base.facts import FactCheck
from knowledge_base.search.findings import Decision, Stance

CARDS = 5


def served(call: Call) -> bool:
    """Does this installation speak in this group?"""
    rules = call.ports.rules.groups
    return rules == "open" or (rules == "approved" and bool(call.person.state.get("approved")))


def _private(to: Voice) -> list[list[Button]]:
    return [[Button(to.say("button.private"), private="cek")]]


def _checked_message(call: Call) -> str:
    """Answers stand under the message that was checked."""
    return call.message.reply_to or call.message.ref


def check(call: Call) -> list[Outgoing]:
    """Called by /cek or a mention: three lines, or one line with the way to the private chat."""
    if not served(call):
        return [] if call.message.act is Act.GUEST else _goodbye(call)
    to, text = voice(call), text_to_check(call.message)
    if not text or call.found is None or own_reply(text, to.rules.public_url):
        return [send(to, blocks(to.say(f"group.{_why_not(call, text)}")), quote=call.message.ref)]
    reading = read(call.ports.facts, call.found.result)
    if several(call.found.result.parts):
        return [_in_private(call, "several")]
    if reading.decision is Decision.ANSWER and reading.best:
        if call.message.act is not Act.GUEST:  # there we cannot come back with a correction
            note(call, reading.best.fact)
        return [three_lines(call, to, reading.best.fact, reading.stance)]
    if not call.found.result.checkable:
        return [_nothing(call, to, text)]
    return [_in_private(call, "near" if reading.decision is Decision.SUGGEST else "unknown")]


def _why_not(call: Call, text: str) -> str:
    """Why there is nothing to look up: our own words, a picture alone, or nothing answered."""
    if text or call.message.reply_from_us:
        return "ours"
    return "no_words" if call.message.reply_to else "how"


def _nothing(call: Call, to: Voice, text: str) -> Outgoing:
    """Nothing to look up: how to call us; of a link alone what was checked there, which is no
    verdict on the page behind it."""
    if small_talk(text) is not Talk.LINK:
        why = "no_words" if call.message.reply_to else "how"
        return send(to, blocks(to.say(f"group.{why}")), quote=call.message.ref)
    facts, quote = checked_at(call.ports.facts, text), _checked_message(call)
    if not facts:
        return send(to, blocks(to.say("small.link")), _private(to), quote=quote)
    topics = replies.told_apart(to, facts)
    listed = [
        to.say("group.checked_there", topic=topic, link=to.page(fact.number))
        for topic, fact in zip(topics, facts, strict=True)
    ]
    return send(to, blocks(to.say("group.link"), "\n".join(listed)), quote=quote)


def too_many(call: Call, turn: Turn) -> list[Outgoing]:
    """Called more often than can be worked on: one line, with the time from which on it can."""
    if not served(call):
        return []
    to = voice(call)
    when = texts.moment(to.language, turn.until or to.now, to.now, to.rules.timezone)
    parts = blocks(to.say("group.many", time=when))
    return [send(to, parts, _private(to), quote=call.message.ref)]


def note(call: Call, fact: FactCheck) -> None:
    """Remember that this group was told, so that it hears a correction like everybody else."""
    remember(call.ports.people, call.person.id, group=True)
    tell(call, fact)


def _in_private(call: Call, key: str) -> Outgoing:
    """One line, and the way to the private chat."""
    to = voice(call)
    parts = blocks(to.say(f"group.{key}"))
    return send(to, parts, _private(to), quote=_checked_message(call))


def three_lines(call: Call, to: Voice, fact: FactCheck, stance: Stance) -> Outgoing:
    """Verdict, fact and link, under the message that was checked."""
    parts = (
        Block(replies.verdict_line(to, fact, stance), Style.STRONG),
        Block(replies.fact_text(fact)),
        Block(replies.link_line(to, fact)),
    )
    return send(to, parts, quote=_checked_message(call), fact=fact)


def elsewhere(call: Call) -> list[Outgoing]:
    """A command that belongs into the private chat."""
    if not served(call):
        return []
    to = voice(call)
    parts = blocks(to.say("group.private_only"))
    return [send(to, parts, _private(to), quote=call.message.ref)]


def helps(call: Call) -> list[Outgoing]:
    """/start or /help in a group; the operator's invitation approves it."""
    if _invited(call):
        state = {**call.person.state, "approved": True}
        call.ports.people.save(replace(call.person, state=state))
    elif not served(call):
        return _goodbye(call)
    to = voice(call)
    return [send(to, blocks(to.say("group.hello")), quote=call.message.ref)]


def joined(call: Call) -> list[Outgoing]:
    """Added to a group: one line and then silence; where groups are not served, a goodbye."""
    to = voice(call)
    if served(call):
        return [send(to, blocks(to.say("group.hello")))]
    if to.rules.groups == "approved":  # the invitation, if there is one, comes right after
        return [send(to, blocks(to.say("group.not_approved")))]
    return _goodbye(call)


def _goodbye(call: Call) -> list[Outgoing]:
    """Where groups are not served: say so, and leave."""
    to = voice(call)
    key = "not_approved" if to.rules.groups == "approved" else "off"
    said = send(to, blocks(to.say(f"group.{key}")), _private(to))
    return [said, Outgoing(to=to.to, do=Do.LEAVE)]


def _invited(call: Call) -> bool:
    """Does this /start carry what only the operator's invitation carries?"""
    found, key = command(call.message), call.ports.rules.group_key
    return bool(key) and found is not None and found.name == "start" and found.rest == key


def guest(call: Call) -> list[Outgoing]:
    """Summoned into a chat we are not in: the same answer as in a group, as one card."""
    return [
        Outgoing(
            to=answer.to,
            do=Do.CARDS,
            callback=call.message.callback,
            fact=answer.fact,
            cards=(replace(answer, to="", quote=""),),
        )
        for answer in check(call)
    ]


def cards(call: Call) -> list[Outgoing]:
    """Inline search in any chat: published checks as cards to post; nothing is kept."""
    to = voice(call)
    reading = read(call.ports.facts, call.found.result) if call.found else None
    sure = reading is not None and reading.decision is not Decision.ASK_HUMAN
    facts = [each.fact for each in reading.known] if reading and sure else []
    ready = tuple(replace(replies.to_forward(to, fact), key=str(fact.number)) for fact in facts)
    return [Outgoing(to=to.to, do=Do.CARDS, callback=call.message.callback, cards=ready[:CARDS])]
