"""Choose a language."""

from __future__ import annotations

from dataclasses import replace

from handlers import texts
from handlers.messages import Button, Outgoing
from handlers.ports import Call
from handlers.queueing import pressed
from handlers.reading import Command, command, plain
from handlers.replies import blocks, data, line, send, toast, voice


def language(call: Call) -> list[Outgoing]:
    """/bahasa: buttons to choose, or the language named behind the command."""
    named = plain((command(call.message) or Command("")).rest)
    for code in texts.LANGUAGES:
        if named in texts.words(f"language_{code}"):
            return _set(call, code)
    to = voice(call)
    buttons = [
        Button(texts.say(code, "language.own_name"), data("lang", code)) for code in texts.LANGUAGES
    ]
    return [send(to, blocks(to.say("language.ask")), [buttons])]


def choose(call: Call) -> list[Outgoing]:
    """A language button was pressed."""
    return [*toast(call), *_set(call, texts.readable(pressed(call.message.button)[1]))]


def _set(call: Call, code: str) -> list[Outgoing]:
    person = replace(call.person, language=code)
    call.ports.people.save(person)
    return [line(voice(replace(call, person=person)), "language.set")]
