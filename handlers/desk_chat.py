"""The desk in a messenger: link a chat, the menu, taps on cards, words that a step waits for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from handlers import desk_answer, desk_dialogue, desk_more, texts
from handlers.answering import number_in
from handlers.casework import Close
from handlers.desk_cards import (
    LISTED,
    Keys,
    new_card,
    new_proposal_card,
    question_of,
    skipped,
)
from handlers.desk_dialogue import guarded
from handlers.desk_talk import Desk, politely
from handlers.messages import Act, Block, Do, Outgoing, Style
from handlers.moderate import reason_of
from handlers.ports import Call, Handler
from handlers.queueing import outdated, pressed, redraw
from handlers.reading import Command, command, plain
from handlers.replies import blocks, send, toast, voice
from handlers.rights import Action, demand, may
from knowledge_base.chats import LONGEST_PIN, SHORTEST_PIN, DeskChat, Standing, Wish
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Refused

RETRACT = frozenset({"tarik", "retract"})
OUTDATE = frozenset({"usang", "outdated"})
CORRECT = frozenset({"ralat", "correct"})
LOGIN = frozenset({"masuk", "login"})
_PIN = re.compile(rf"\d{{{SHORTEST_PIN},{LONGEST_PIN}}}")
LEAVE = frozenset({"lepas", "unlink"})


def _desk(call: Call, chat: DeskChat) -> Desk:
    return Desk(call.ports, chat, f"chat:{call.new_id}")


# ── link ────────────────────────────────────────────────────────────────────────────────────


def desk(call: Call) -> list[Outgoing]:
    """/desk CODE links this chat; without a code the menu of who is linked."""
    rest = (command(call.message) or Command("")).rest
    chat = call.ports.chats.at(call.person.id)
    word, _, more = rest.partition(" ")
    if chat is not None and not chat.group:
        call.ports.chats.seen(chat.who.id, call.ports.now)
        if plain(word) in RETRACT | OUTDATE:
            action = "retract" if plain(word) in RETRACT else "outdate"
            return _retract(_desk(call, chat), action, more)
        if plain(word) in CORRECT:
            return _correct(_desk(call, chat), more)
        if plain(word) in LOGIN:
            return guarded(_desk(call, chat), "login", "", 0)
    if chat is not None and plain(word) in LEAVE:
        return _unlink(call, chat)
    if rest:
        return _link(call, rest, group=False)
    return [_menu(call, chat)] if chat else [_how(call)]


def desk_in_group(call: Call) -> list[Outgoing]:
    """/desk CODE in a group: a group of the desk from now on."""
    rest = (command(call.message) or Command("")).rest
    chat = call.ports.chats.at(call.person.id)
    if rest and plain(rest) not in LEAVE:
        return _link(call, rest, group=True)
    to = voice(call)
    if chat is None:
        return [_how(call)]
    if not rest:
        return [send(to, blocks(to.say("desk_chat.group_linked", who=chat.who.name)))]
    by = call.ports.chats.sender(call.message.address, call.message.sender)
    if by is None or not may(by.who, Action.MANAGE_GROUPS):
        return [send(to, blocks(to.say("desk_chat.denied_role")))]
    return _unlink(call, chat)


def _how(call: Call) -> Outgoing:
    to = voice(call)
    link = f"{to.rules.public_url.rstrip('/')}/desk/chat"
    return send(to, blocks(to.say("desk_chat.how", link=link)), quote=call.message.ref)


def _link(call: Call, code: str, *, group: bool) -> list[Outgoing]:
    chats, to = call.ports.chats, voice(call)
    chat = chats.redeem(code, call.person.id, call.ports.now, group=group)
    if chat is None:
        return [send(to, blocks(to.say("desk_chat.bad_code")), quote=call.message.ref)]
    kind = "group" if group else "private"
    call.ports.audit.write(chat.who.name, Deed.CHAT_LINK, of_person(chat.who.name), kind=kind)
    if group:
        return [send(to, blocks(to.say("desk_chat.group_linked", who=chat.who.name)))]
    hello = to.say("desk_chat.linked", who=chat.who.name)
    menu = _menu(call, chat)
    return [replace(menu, blocks=(Block(hello, Style.STRONG), *menu.blocks))]


def _unlink(call: Call, chat: DeskChat) -> list[Outgoing]:
    to = voice(call)
    call.ports.chats.unlink(chat.person)
    call.ports.audit.write(chat.who.name, Deed.CHAT_UNLINK, of_person(chat.who.name))
    return [send(to, blocks(to.say("desk_chat.unlinked")))]


def _menu(call: Call, chat: DeskChat) -> Outgoing:
    """Queue, approvals, and which new questions this chat hears of."""
    to = voice(call)
    keys = Keys(call.ports, to, f"menu:{call.new_id}", chat.who.id)
    first = [keys.named("queue", "queue", "")]
    if may(chat.who, Action.APPROVE):
        first.append(keys.named("approvals", "approvals", ""))
    wishes = [keys.named(f"wish_{wish}", "wish", wish.value) for wish in Wish]
    wished = to.say("desk_chat.wish", wish=to.say(f"desk_chat.button.wish_{chat.wish}"))
    last = [keys.named("login", "login", "")]
    return send(to, blocks(wished, to.say("desk_chat.menu")), [first, wishes, last])


def _number(desk: Desk, text: str) -> int:
    """The number of a fact-check as it was typed. Raises Refused."""
    typed = text.strip().lstrip("#")
    if number := number_in(typed):
        return number
    raise Refused(texts.say(desk.to.language, "desk.no_fact", number=typed[:9]), "number")


def _retract(desk: Desk, action: str, words: str) -> list[Outgoing]:
    """/desk retract 482 reason, or outdated."""
    typed, _, reason = words.strip().partition(" ")

    def ask() -> list[Outgoing]:
        demand(desk.who, Action.RETRACT)
        number, why = _number(desk, typed), reason_of(reason, desk.to.language)
        known = desk.ports.facts.get(number)
        if known is None:
            raise Refused(texts.say(desk.to.language, "desk.no_fact", number=number), "number")
        return guarded(desk, action, f"{number}/{why}", known.version)

    return politely(desk, ask)


def _correct(desk: Desk, words: str) -> list[Outgoing]:
    """/desk correct 482."""
    return politely(desk, lambda: desk_answer.correct(desk, _number(desk, words)))


# ── taps ────────────────────────────────────────────────────────────────────────────────────


def tapped(call: Call) -> list[Outgoing]:
    """A button of the desk: good once, in its chat, for its person; else told so, and nothing
    happens."""
    chats = call.ports.chats
    here = chats.at(call.person.id)
    if here is None:
        return outdated(call)
    mine = here
    if here.group:
        known = chats.sender(call.message.address, call.message.sender)
        if known is None:
            return toast(call, voice(call).say("desk_chat.tap_stranger"))
        mine = known
    chats.seen(mine.who.id, call.ports.now)
    tap = chats.tap(pressed(call.message.button)[1], here.person, mine.who.id)
    if tap.standing is not Standing.GOOD:
        return toast(call, voice(call).say(f"desk_chat.tap_{tap.standing}"))
    desk = _desk(call, mine)
    said = politely(desk, lambda: _act(call, desk, tap.action, tap.subject, tap.version))
    if tap.action != "skip":
        redraw(call.ports, tap.subject.partition("/")[0])  # the buttons of its card are used up
    if here.group:
        return [*toast(call, voice(call).say("desk_chat.in_private")), *said]
    return [*toast(call), *said]


_ACTIONS: Mapping[str, Callable[[Desk, str, int], list[Outgoing]]] = {
    "take": desk_answer.take,
    "not_claim": desk_dialogue.ask_reason,
    "usual_reason": lambda desk, code, version: desk_dialogue.close(
        desk, code, version, Close.NOT_A_CLAIM
    ),
    "spam": lambda desk, code, version: desk_dialogue.close(desk, code, version, Close.SPAM),
    "verdict": lambda desk, subject, version: desk_answer.chosen(desk, "verdict", subject),
    "topic": lambda desk, subject, version: desk_answer.chosen(desk, "topic", subject),
    "change": lambda desk, subject, version: desk_answer.change(desk, subject),
    "cancel": lambda desk, subject, version: desk_answer.cancel(desk),
    "publish": desk_dialogue.publish,
    "ours": lambda desk, subject, version: desk_dialogue.ask_correction(desk, subject, ours=True),
    "news": lambda desk, subject, version: desk_dialogue.ask_correction(desk, subject, ours=False),
    "same": lambda desk, subject, version: guarded(desk, "same", subject, version),
    "approve": lambda desk, subject, version: guarded(desk, "approve", subject, version),
    "login": lambda desk, subject, version: guarded(desk, "login", subject, version),
    "send_back": lambda desk, subject, version: desk_dialogue.ask_back(desk, subject),
    "undo": desk_dialogue.undo,
    "more": lambda desk, code, version: desk_more.menu(desk, code),
    "hand": desk_more.colleagues,
    "hand_to": lambda desk, subject, version: desk_more.hand_to(desk, subject),
    "into_this": desk_more.into,
    "calm": lambda desk, code, version: desk_more.calm(desk, code),
    "reject": lambda desk, code, version: desk_dialogue.rejected(desk, code),
    "release": lambda desk, code, version: desk_more.release(desk, code),
    "never_mind": lambda desk, code, version: desk_more.never_mind(desk),
}


def _act(call: Call, desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    if action in _ACTIONS:
        return _ACTIONS[action](desk, subject, version)
    if action == "despite":
        code, holder, again, rest = subject.split("/", 3)
        desk.keep(despite=f"{code}/{holder}")
        return _act(call, desk, again, rest, version)
    if action in desk_more.WORDS:
        return desk_more.asking(desk, action, subject, version)
    if action == "skip":
        return _skip(call, desk, subject)
    return _from_menu(call, desk, action, subject)


def _skip(call: Call, desk: Desk, code: str) -> list[Outgoing]:
    """Not now: the card shrinks, the question stays in the queue for others."""
    desk.ports.chats.about_now(desk.chat.person, code, skipped(code))
    words = desk.to.say("desk_chat.skipped")
    gone = send(desk.to, blocks(words))
    return [replace(gone, do=Do.EDIT, ref=call.message.ref)]


def _from_menu(call: Call, desk: Desk, action: str, subject: str) -> list[Outgoing]:
    if action == "wish":
        chat = replace(desk.chat, wish=Wish(subject))
        call.ports.chats.save(chat)
        return [_menu(call, chat)]
    if action == "approvals":
        waiting = call.ports.proposals.waiting(LISTED)
        cards = [new_proposal_card(call.ports, desk.chat, each) for each in waiting]
        return cards or desk.line("no_approvals")
    found = call.ports.questions.open(LISTED)
    return [new_card(call.ports, desk.chat, each) for each in found] or desk.line("no_questions")


# ── words ───────────────────────────────────────────────────────────────────────────────────


def unless_asked(handler: Handler) -> Handler:
    """The same handler of a command, unless it is a sentence that only begins like one ("cek
    ulang sumbernya") where the desk waits for words. With a slash it is always the command."""
    asked = first(handler)

    def handle(call: Call) -> list[Outgoing]:
        found = command(call.message)
        sentence = (
            found is not None and found.rest and not call.message.text.lstrip().startswith("/")
        )
        return (asked if sentence else handler)(call)

    return handle


def edits(handler: Handler) -> Handler:
    """The same handler, unless somebody of the desk corrects what they typed there: a step reads
    it once, and it must not become a question of theirs."""

    def handle(call: Call) -> list[Outgoing]:
        chat, ref = call.ports.chats.at(call.person.id), call.message.ref
        if chat is None or call.message.forwarded:
            return handler(call)
        if any(asked.ref == ref for asked in call.ports.questions.of_person(call.person.id)):
            return handler(call)
        return _desk(call, chat).line("edited")

    return handle


def first(handler: Handler) -> Handler:
    """The same handler, unless the desk waits for these words in this chat."""

    def handle(call: Call) -> list[Outgoing]:
        message = call.message
        if message.group or message.forwarded or message.act is not Act.MESSAGE:
            return handler(call)
        chat = call.ports.chats.at(call.person.id)
        if chat is None or chat.group or not message.text.strip():
            return handler(call)
        call.ports.chats.seen(chat.who.id, call.ports.now)
        card = call.ports.chats.card_at(chat.person, message.reply_to) if message.reply_to else ""
        card = question_of(card)
        if not card and chat.talk.get("step") not in desk_dialogue.TYPED:
            if desk_answer.form(message.text):  # an answer, but to what? It is no question
                return _desk(call, chat).line("which_card")
            if _PIN.fullmatch(message.text.strip()):  # too late or too early: never a question
                return _desk(call, chat).line("nothing_waits")
            return handler(call)
        return desk_dialogue.typed(_desk(call, chat), message.text, card)

    return handle
