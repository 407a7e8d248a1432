"""What else can be done with a question from a chat: talk about it, hand it over, call an editor,
merge, split, close. Every rule is in casework; here is only how it is said and tapped."""

from __future__ import annotations

import re

from handlers import casework, texts
from handlers.casework import Close
from handlers.desk_cards import Keys, head, voice_of
from handlers.desk_talk import Desk, held, open_question
from handlers.masking import mask
from handlers.messages import Block, Button, Outgoing, Style
from handlers.ports import Ports
from handlers.reading import cut, shown
from handlers.replies import blocks, send
from handlers.rights import Action, may
from knowledge_base.facts import Question, QuestionState, Refused

ALIKE = "desk_alike"  # look for open questions that could be the same rumour
SHOWN, COLLEAGUES, WORDINGS = 3, 20, 15
WORDS = frozenset({"comment", "flag", "into", "split", "number"})  # steps that wait for words
_NUMBER = re.compile(r"\d{1,3}")


# ── the menu ────────────────────────────────────────────────────────────────────────────────


def menu(desk: Desk, code: str) -> list[Outgoing]:
    """How a question stands among colleagues, and everything that can be done with it."""
    question = open_question(desk, code)
    to, cases = desk.to, desk.ports.cases
    said = [
        to.say("desk_chat.said", who=each.author, text=cut(shown(each.text, 200), 200))
        for each in cases.comments(question.code)[-SHOWN:]
    ]
    flag = cases.escalation(question.code)
    flagged = (
        to.say("desk_chat.flagged", who=flag.by, reason=shown(flag.reason, 200)) if flag else ""
    )
    parts = (
        Block(head(to, question), Style.STRONG),
        Block(shown(mask(question.text), 400), Style.QUOTE),
        *blocks(flagged, "\n".join(said), to.say("desk_chat.more")),
    )
    return [desk.about(question.code, send(to, parts, _rows(desk, question)))]


def _rows(desk: Desk, question: Question) -> list[list[Button]]:
    """What this person may do with it just now, two in a row."""
    keys, code, version = desk.keys(), question.code, question.version
    lease = desk.ports.cases.lease(code, desk.ports.now)
    mine = lease is not None and lease.moderator == desk.who.id
    flag = desk.ports.cases.escalation(code)
    offered = (
        ("comment", Action.COMMENT, True),
        ("hand", Action.HAND_OVER, mine or lease is None or may(desk.who, Action.APPROVE)),
        ("number", Action.MERGE, True),
        ("into", Action.MERGE, True),
        ("split", Action.SPLIT, len(question.wordings) > 1),
        ("flag", Action.ESCALATE, flag is None),
        ("calm", Action.APPROVE, flag is not None),
        ("not_claim", Action.REJECT, True),
        ("spam", Action.REJECT, True),
        ("release", Action.RELEASE, lease is not None and (mine or may(desk.who, Action.APPROVE))),
    )
    row = [
        keys.named(name, name, code, version)
        for name, action, now in offered
        if now and may(desk.who, action)
    ]
    return [row[n : n + 2] for n in range(0, len(row), 2)]


# ── what needs words ────────────────────────────────────────────────────────────────────────


def asking(desk: Desk, step: str, code: str, version: int) -> list[Outgoing]:
    """Ask for the words of this step; an answer being written waits so long."""
    question = open_question(desk, code, version)
    was = str(desk.talk.get("step", ""))
    kept = was if was not in WORDS else str(desk.talk.get("more", {}).get("was", ""))
    more = {"code": question.code, "version": question.version, "was": kept}
    if step == "split":
        wordings = desk.ports.cases.wordings(question.code, WORDINGS)
        more["ids"] = [each.id for each in wordings]
        words = [f"{n}. {cut(shown(mask(w.text), 160), 160)}" for n, w in enumerate(wordings, 1)]
        asked = blocks("\n".join(words), desk.to.say("desk_chat.ask_split"))
    else:
        asked = blocks(desk.to.say(f"desk_chat.ask_{step}", code=question.code))
    if step == "into":
        payload = {"code": question.code, "person": desk.chat.person, "version": version}
        desk.ports.jobs.enqueue(ALIKE, payload, due=desk.ports.now)
    desk.keep(step=step, more=more)
    return [send(desk.to, asked, [[desk.keys().named("never_mind", "never_mind", code)]])]


def never_mind(desk: Desk) -> list[Outgoing]:
    """Back to what was being written before."""
    _back(desk)
    return desk.line("never_mind")


def _back(desk: Desk) -> None:
    more = desk.talk.get("more") or {}
    desk.keep(step=more.get("was", ""), more={})


def typed(desk: Desk, step: str, text: str) -> list[Outgoing]:
    """The words are there. Raises Denied, Refused, Stale."""
    more, language = desk.talk.get("more") or {}, desk.to.language
    code, version = str(more.get("code", "")), int(more.get("version", -1))
    if step == "comment":
        casework.comment(desk.room, desk.who, code, text, language)
    elif step == "flag":
        casework.escalate(desk.room, desk.who, code, text, language)
    elif step == "into":
        return into(desk, f"{code}/{text.strip().lstrip('#')[:12].upper()}", version)
    else:
        return _split(desk, code, version, text, more.get("ids", []))
    _back(desk)
    return desk.line(f"done_{step}", code=code)


def _split(desk: Desk, code: str, version: int, text: str, ids: list[int]) -> list[Outgoing]:
    places = [int(number) for number in _NUMBER.findall(text)]
    if not places or not all(1 <= place <= len(ids) for place in places):
        raise Refused(texts.say(desk.to.language, "desk.split_some"), "wordings")
    chosen = [ids[place - 1] for place in dict.fromkeys(places)]
    new = casework.split(desk.room, desk.who, code, version, chosen, desk.to.language)
    _back(desk)
    if desk.talk.get("code") == code:  # the version of what is being answered has changed
        now = desk.ports.questions.get(code)
        desk.keep(version=now.version if now else version)
    return desk.line("done_split", code=code, new=new.code)


def into(desk: Desk, subject: str, version: int) -> list[Outgoing]:
    """The same rumour as another open question. Raises Denied, Refused, Stale."""
    code, _, other = subject.partition("/")
    if asked := held(desk, code, "into_this", subject, version):
        return asked
    merged = casework.merge(desk.room, desk.who, code, version, other, desk.to.language)
    _back(desk)
    if desk.talk.get("code") == code:
        desk.end()
    return desk.line("done_into", code=code, into=merged.code)


def alike(ports: Ports, person: str, code: str, version: int, found: list[str]) -> list[Outgoing]:
    """A job: open questions that could be the same rumour, as buttons; nothing when none."""
    chat, question = ports.chats.at(person), ports.questions.get(code)
    if chat is None or question is None or question.version != version:
        return []
    to = voice_of(ports, person)
    keys = Keys(ports, to, f"{ALIKE}:{code}:{ports.now.isoformat()}", chat.who.id)
    others = [other for name in found if (other := ports.questions.get(name))]
    listed = [one for one in others if one.code != code and one.state is QuestionState.OPEN]
    lines = [f"#{one.code}: {cut(shown(mask(one.text), 160), 160)}" for one in listed[:SHOWN]]
    if not lines:
        return []
    rows = [[keys.button(f"#{one.code}", "into_this", f"{code}/{one.code}", version)]
            for one in listed[:SHOWN]]  # fmt: skip
    return [send(to, blocks(to.say("desk_chat.alike"), "\n".join(lines)), rows)]


# ── what needs a tap ────────────────────────────────────────────────────────────────────────


def colleagues(desk: Desk, code: str, version: int) -> list[Outgoing]:
    """To whom it can be handed over."""
    question = open_question(desk, code, version)
    able = [
        one for one in desk.ports.desk.list() if one.id != desk.who.id and may(one, Action.TAKE)
    ]
    keys = desk.keys()
    row = [keys.button(one.name[:40], "hand_to", f"{code}/{one.id}") for one in able[:COLLEAGUES]]
    if not row:
        return desk.line("nobody_else")
    rows = [row[n : n + 2] for n in range(0, len(row), 2)]
    return [send(desk.to, blocks(desk.to.say("desk_chat.ask_hand", code=question.code)), rows)]


def hand_to(desk: Desk, subject: str) -> list[Outgoing]:
    """A colleague goes on with it. Raises Denied, Refused, Stale."""
    code, _, number = subject.partition("/")
    names = {str(one.id): one.name for one in desk.ports.desk.list()}
    to = names.get(number, "")
    casework.hand_over(desk.room, desk.who, code, to, desk.to.language)
    if desk.talk.get("code") == code:
        desk.end()
    return desk.line("done_hand", code=code, who=to)


def calm(desk: Desk, code: str) -> list[Outgoing]:
    """An editor has looked. Raises Denied, Stale."""
    casework.calm(desk.room, desk.who, code, desk.to.language)
    return desk.line("done_calm", code=code)


def release(desk: Desk, code: str) -> list[Outgoing]:
    """Back to the queue, also by an editor. Raises Denied, Refused, Stale."""
    casework.release(desk.room, desk.who, code, desk.to.language)
    if desk.talk.get("code") == code:
        desk.end()
    return desk.line("done_release", code=code)


def close(desk: Desk, code: str, version: int, kind: Close) -> None:
    """No claim, or spam: closed with the ready words. Raises Denied, Refused, Stale."""
    casework.close(desk.room, desk.who, code, version, kind, desk.to.language)
    if desk.talk.get("code") == code:
        desk.end()
