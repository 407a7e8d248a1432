"""An influencer joins by an invitation of the desk: `/start inv_…`, or the word typed anywhere."""

from __future__ import annotations

import re

from handlers.messages import Act, Incoming, Outgoing
from handlers.ports import Call
from handlers.reading import command
from handlers.replies import blocks, line, send, voice
from knowledge_base.deeds import Deed

_WORD = re.compile(r"inv_([A-Za-z0-9_-]{20,60})")


def _token(text: str) -> str:
    found = _WORD.fullmatch(text.strip()[:80])
    return found[1] if found else ""


def invitation(message: Incoming) -> str:
    """The token of an invitation somebody typed in a private chat; empty when it is none."""
    if message.group or message.forwarded or message.act is not Act.MESSAGE:
        return ""
    found = command(message)
    if found is not None and found.name == "start":
        return _token(found.rest)
    return _token(message.text)


def join(call: Call) -> list[Outgoing]:
    """Use the invitation. What it was is never said: used, unknown and too old sound the same."""
    to = voice(call)
    if call.person.influencer:
        return [line(to, "invited.already")]
    by = call.ports.people.join(invitation(call.message), call.person.id, call.ports.now)
    if not by:
        return [line(to, "invited.unknown")]
    call.ports.audit.write("influencer", Deed.INFLUENCER_JOIN, "invitation", invited_by=by)
    return [send(to, blocks(to.say("invited.welcome"), to.say("invited.how")))]
