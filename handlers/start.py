"""First words and how it works: start, help, about, method, and the notices of the house."""

from __future__ import annotations

from dataclasses import replace

from handlers import texts
from handlers.answering import number_in, show_number
from handlers.matched import published
from handlers.messages import Button, Do, Outgoing
from handlers.ports import Call, Handler
from handlers.reading import Command, command, meant
from handlers.replies import Voice, blocks, button, data, line, send, toast, voice
from knowledge_base.deliveries import Turn

MENU = ("status", "bahasa", "tentang", "metode", "privasi", "data", "hapus", "stop")
SAMPLES = 50  # the sample is the first published check among these numbers


def _argument(call: Call) -> str:
    return (command(call.message) or Command("")).rest


def start(call: Call) -> list[Outgoing]:
    """/start, also by a deep link: `p482` shows a check, anything else welcomes."""
    payload = _argument(call)
    number = payload[1:] if payload.startswith("p") else payload
    if number_in(number):
        return show_number(call, number_in(number))
    return [_welcome(call)]


def sample(call: Call) -> list[Outgoing]:
    """What an answer looks like, for somebody who has nothing to forward yet."""
    to = voice(call)
    for number in range(1, SAMPLES + 1):
        if published(call.ports.facts, number):
            return [*toast(call), *show_number(call, number, to.say("start.sample"))]
    return [*toast(call), line(to, "start.no_sample")]


def _welcome(call: Call) -> Outgoing:
    to = voice(call)
    _greeted(call)
    words = (to.say("start.welcome"), to.say("start.how"), to.say("start.free"))
    return send(to, blocks(*words, _propose(call)), [[button(to, "sample", "try")]])


def help_(call: Call) -> list[Outgoing]:
    """What can be typed, on every channel; each word can be tapped, too."""
    to = voice(call)
    lines = f"{to.say('start.help')}\n{to.say('start.help_lines')}"
    taps = [_command(to, name) for name in MENU]
    rows = [taps[place : place + 2] for place in range(0, len(taps), 2)]
    return [send(to, blocks(to.say("start.how"), lines), rows)]


def _command(to: Voice, name: str) -> Button:
    """A command to tap, with what it does where a channel shows choices as a list."""
    hint = to.say(f"command.{name}")
    return Button(to.say(f"button.menu_{name}"), data("menu", name), hint=hint)


def about(call: Call) -> list[Outgoing]:
    """Who we are, and how to tell us from somebody who takes our name (G14)."""
    to = voice(call)
    words = to.say("start.about", organisation=to.rules.organisation)
    genuine = to.say("start.genuine", link=f"{to.rules.public_url.rstrip('/')}/metode")
    accounts = ", ".join(to.rules.accounts)
    ours = to.say("start.accounts", accounts=accounts) if accounts else ""
    return [send(to, blocks(words, to.say("start.about_more"), ours, genuine))]


def method(call: Call) -> list[Outgoing]:
    """How we check."""
    to = voice(call)
    link = f"{to.rules.public_url.rstrip('/')}/metode"
    return [send(to, blocks(to.say("start.method"), to.say("start.method_link", link=link)))]


def unknown_command(call: Call) -> list[Outgoing]:
    """A slash word we do not know."""
    to = voice(call)
    if word := meant(call.message.text):
        return [line(to, "small.meant", word=word.upper(), quote=call.message.ref)]
    lines = f"{to.say('start.help')}\n{to.say('start.help_lines')}"
    return [send(to, blocks(to.say("small.unknown_command"), lines))]


def how_to_check(call: Call) -> list[Outgoing]:
    """`cek` without anything to check."""
    return [line(voice(call), "draft.how", quote=call.message.ref)]


def too_many(call: Call, turn: Turn) -> list[Outgoing]:
    """The one polite notice when somebody sends more than can be worked on now: under the first
    message that was not taken, with the time from which on they are. Ten of those that are to be
    checked are taken, of commands and taps more."""
    to = voice(call)
    when = texts.moment(to.language, turn.until or to.now, to.now, to.rules.timezone)
    to_check = call.found is not None and call.found.result.checkable
    key = "small.many" if to_check else "small.many_else"
    key = "small.many_today" if turn.daily else key
    return [*toast(call), line(to, key, quote=call.message.ref, time=when)]


def received(call: Call) -> list[Outgoing]:
    """The neutral receipt for a message that could not be read and was set aside."""
    return [line(voice(call), "small.received", quote=call.message.ref)]


def quiet(call: Call) -> list[Outgoing]:
    """Nothing to say, on purpose: receipts, other bots, chats that moved or ended."""
    return []


def blocked(call: Call) -> list[Outgoing]:
    """The person stopped the bot: what comes for them is held until they return."""
    call.ports.people.save(replace(call.person, unreachable=True))
    return []


def returned(call: Call) -> list[Outgoing]:
    """The person started the bot again; what they type next is answered as usual."""
    call.ports.people.save(replace(call.person, unreachable=False))
    return []


# ── the short notice under the first reply ever ─────────────────────────────────────────────


def _propose(call: Call) -> str:
    """The other language, named in itself; not where the person chose theirs, or the platform
    says that they read this one."""
    to, believed = voice(call), call.message.language.lower().split("-")[0]
    return "" if call.person.language or believed == to.language else to.say("language.propose")


def _greeted(call: Call) -> None:
    person = call.ports.people.get(call.person.id)
    if person is not None and not person.greeted:
        call.ports.people.save(replace(person, greeted=True))


def greeting(handler: Handler) -> Handler:
    """The same handler, with the short notice under a person's first reply ever."""

    def handle(call: Call) -> list[Outgoing]:
        out = handler(call)
        person = call.ports.people.get(call.person.id)
        if person is None or person.greeted:
            return out
        return _with_hello(call, out)

    return handle


def _with_hello(call: Call, out: list[Outgoing]) -> list[Outgoing]:
    last = max((n for n, each in enumerate(out) if each.do is Do.SEND), default=None)
    if last is None:
        return out
    _greeted(call)
    hello = blocks(voice(call).say("start.hello"), _propose(call))
    longer = replace(out[last], blocks=(*out[last].blocks, *hello))
    return [*out[:last], longer, *out[last + 1 :]]
