"""Finish something from a desk chat: close, publish, approve, send back, correct, withdraw.

What makes something public asks for a PIN first; it holds for ten minutes."""

from __future__ import annotations

from dataclasses import replace

from handlers import accounts, curating, deciding, desk_answer, desk_more, moderate, texts
from handlers.answering import number_in
from handlers.casework import Close
from handlers.desk_answer import about_fact, form, taken, whole, whole_draft
from handlers.desk_cards import subject_name, voice_of
from handlers.desk_talk import Desk, held, politely
from handlers.matched import published
from handlers.messages import Outgoing
from handlers.reading import shown, tidy
from handlers.replies import blocks, send
from handlers.rights import Action, Thing, demand
from knowledge_base.chats import OPEN, PinCheck
from knowledge_base.deeds import Deed, of_person
from knowledge_base.facts import Proposal, ProposalState, Refused

TYPED = (
    frozenset({"fact", "why", "sources", "reason", "back", "pin", "correction"}) | desk_more.WORDS
)

_TAPS = {Close.NOT_A_CLAIM: "usual_reason", Close.SPAM: "spam"}


# ── words typed in the chat ─────────────────────────────────────────────────────────────────


def typed(desk: Desk, text: str, card: str) -> list[Outgoing]:
    """What somebody of the desk wrote while a step waits, or as a reply to a card."""
    step = str(desk.talk.get("step", ""))
    if step == "pin":
        return _pin(desk, text)
    if card and card != desk.talk.get("code"):
        started = politely(desk, lambda: desk_answer.take(desk, card))
        if desk.talk.get("code") != card or not form(text):
            return started
    if card and (fields := form(text)):
        return politely(desk, lambda: whole(desk, fields))
    return politely(desk, lambda: _step_typed(desk, step, tidy(text)))


def _step_typed(desk: Desk, step: str, text: str) -> list[Outgoing]:
    if step in ("fact", "why", "sources"):
        return desk_answer.typed(desk, step, text)
    if step == "number":
        return _same_number(desk, text)
    if step in desk_more.WORDS:
        return desk_more.typed(desk, step, text)
    if step == "reason":
        return reject(desk, text)
    if step == "back":
        return send_back(desk, text)
    if step == "correction":
        return _correct(desk, text)
    return desk.line("nothing_waits")


# ── reject, send back ───────────────────────────────────────────────────────────────────────


def ask_reason(desk: Desk, code: str, version: int) -> list[Outgoing]:
    """Not a claim: the askers read why, so it is asked for."""
    demand(desk.who, Action.REJECT)
    question = taken(desk, code, version)
    desk.keep(step="reason")
    to, keys = desk.to, desk.keys()
    rows = [
        [keys.named("usual_reason", "usual_reason", question.code, question.version)],
        [keys.named("cancel", "cancel", question.code)],
    ]
    asked = to.say("desk_chat.ask_reason", code=question.code)
    ready = texts.say(texts.readable(question.lang), f"desk.closed_as.{Close.NOT_A_CLAIM}")
    return [send(to, blocks(asked, to.say("desk_chat.usual", reason=ready)), rows)]


def reject(desk: Desk, reason: str) -> list[Outgoing]:
    """Close without a verdict. Raises Denied, Refused, Stale."""
    code, version = str(desk.talk.get("code", "")), int(desk.talk.get("version", 0))
    if asked := held(desk, code, "reject", code, version):
        desk.keep(reason=reason)
        return asked
    moderate.reject(desk.ports, desk.who, code, version, reason, desk.to.language)
    desk.end()
    return _done(desk, code, "rejected")


def rejected(desk: Desk, code: str) -> list[Outgoing]:
    """Close it all the same, with the reason that was typed. Raises Denied, Refused, Stale."""
    if desk.talk.get("code") != code:
        return desk.line("tap_used")
    return reject(desk, str(desk.talk.get("reason", "")))


def close(desk: Desk, code: str, version: int, kind: Close) -> list[Outgoing]:
    """No claim, or spam, in the ready words. Raises Denied, Refused, Stale."""
    if asked := held(desk, code, _TAPS[kind], code, version):
        return asked
    desk_more.close(desk, code, version, kind)
    return _done(desk, code, "rejected")


def ask_back(desk: Desk, subject: str) -> list[Outgoing]:
    """Send a proposal back: its author reads why."""
    desk.keep(step="back", proposal=int(subject))
    return desk.line("ask_back")


def send_back(desk: Desk, reason: str) -> list[Outgoing]:
    """The reason is there. Raises Denied, Refused, Stale."""
    number = int(desk.talk.get("proposal", 0))
    proposal = deciding.send_back(desk.ports, desk.who, number, reason, desk.to.language)
    desk.keep(step="", proposal=0)
    told = _tell_author(desk, proposal, "back_to_you", reason=shown(reason, 300))
    return [*desk.line("sent_back", who=proposal.author), *told]


def _tell_author(desk: Desk, proposal: Proposal, key: str, **values: object) -> list[Outgoing]:
    """The author hears what became of it, where they have a chat."""
    out = []
    for chat in desk.ports.chats.all():
        if not chat.group and chat.who.name == proposal.author and chat.who.id != desk.who.id:
            to = voice_of(desk.ports, chat.person)
            words = to.say(
                f"desk_chat.{key}",
                what=subject_name(to, proposal.subject),
                who=desk.who.name,
                **values,
            )
            out.append(send(to, blocks(words)))
    return out


# ── what wants a PIN ────────────────────────────────────────────────────────────────────────


def guarded(desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    """Do it if a PIN was given within ten minutes, else ask for the PIN first; what settles a
    question of a colleague is asked about before."""
    if asked := _held(desk, action, subject, version):
        return asked
    until = desk.chat.open_until
    if until is not None and until > desk.ports.now:
        return politely(desk, lambda: _do(desk, action, subject, version))
    desk.keep(step="pin", then=[action, subject, version], back=desk.talk.get("step", ""))
    return _ask_pin(desk)


def _ask_pin(desk: Desk) -> list[Outgoing]:
    key = "ask_pin" if desk.ports.chats.has_pin(desk.who.id) else "no_pin"
    link = f"{desk.ports.rules.public_url.rstrip('/')}/desk/chat"
    row = [desk.keys().named("cancel", "cancel", str(desk.talk.get("code", "")))]
    return [send(desk.to, blocks(desk.to.say(f"desk_chat.{key}", link=link)), [row])]


def _pin(desk: Desk, text: str) -> list[Outgoing]:
    """What was typed while a PIN is waited for; words that are none cost no try."""
    typed_pin, until = tidy(text).replace(" ", ""), desk.chat.open_until
    confirmed = until is not None and until > desk.ports.now  # on the desk, meanwhile
    if not confirmed and not typed_pin.isdecimal():
        return _ask_pin(desk)
    found = PinCheck.RIGHT
    if not confirmed:
        found = desk.ports.chats.try_pin(desk.who.id, typed_pin, desk.ports.now)
    if found is not PinCheck.RIGHT:
        desk.ports.audit.write(desk.who.name, Deed.PIN_WRONG, of_person(desk.who.name))
        return _locked(desk) if found is PinCheck.LOCKED else desk.line(f"pin_{found}")
    then = desk.talk.get("then")
    desk.keep(step=desk.talk.get("back", ""), then=None)
    now = desk.ports.chats.at(desk.chat.person) or desk.chat
    desk.ports.chats.save(replace(now, open_until=desk.ports.now + OPEN))
    desk.ports.audit.write(desk.who.name, Deed.STEP_UP, of_person(desk.who.name))
    if not isinstance(then, list) or len(then) != 3:
        return desk.line("opened")
    action, subject, version = str(then[0]), str(then[1]), int(then[2])
    return politely(desk, lambda: _do(desk, action, subject, version))


def _locked(desk: Desk) -> list[Outgoing]:
    """Too many wrong ones: what was to be done can be tapped again when the hour is over."""
    then = desk.talk.get("then")
    desk.keep(step=desk.talk.get("back", ""), then=None)
    again = isinstance(then, list) and then[0] in ("publish", "same", "approve")
    row = [desk.keys().named("again", *then)] if isinstance(then, list) and again else []
    return [send(desk.to, blocks(desk.to.say("desk_chat.pin_locked")), [row] if row else [])]


def _held(desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    code = subject.partition("/")[0]
    return held(desk, code, action, subject, version) if action in ("publish", "same") else []


def _do(desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    if asked := _held(desk, action, subject, version):  # somebody took it meanwhile
        return asked
    if action == "publish":
        return _publish(desk, subject, version)
    if action == "same":
        return _same(desk, subject, version)
    if action == "approve":
        return _approve(desk, int(subject))
    if action == "revise":
        return _revise(desk, subject, version)
    if action == "login":
        return _login(desk)
    number, _, reason = subject.partition("/")
    fact = curating.retract(
        desk.ports,
        desk.who,
        int(number),
        version,
        reason,
        outdated=action == "outdate",
        language=desk.to.language,
    )
    return desk.line("outdated" if fact.outdated else "retracted", number=fact.number)


def _login(desk: Desk) -> list[Outgoing]:
    """A one-time link to the web desk, for whoever gave the PIN; a second factor is asked for
    there all the same."""
    who = desk.who
    demand(who, Action.OWN_ACCOUNT, Thing(person=who.name))
    token = desk.ports.desk.link(who.name, desk.ports.now)
    desk.ports.audit.write(who.name, Deed.MODERATOR_LINK, of_person(who.name), how="chat")
    site = desk.ports.rules.public_url
    return desk.line("login", link=accounts.login_address(site, token))


def _publish(desk: Desk, code: str, version: int) -> list[Outgoing]:
    if desk.talk.get("code") != code:
        return desk.line("tap_used")
    draft, language = whole_draft(desk), desk.to.language
    made = moderate.answer_question(desk.ports, desk.who, code, version, draft, language)
    desk.end()
    if isinstance(made, Proposal):
        return desk.line("proposed", code=code)
    return _done(desk, code, "published", number=made.number)


def _same(desk: Desk, subject: str, version: int) -> list[Outgoing]:
    code, _, number = subject.partition("/")
    moderate.merge_into_fact(desk.ports, desk.who, code, version, int(number), desk.to.language)
    if desk.talk.get("code") == code:
        desk.end()
    return _done(desk, code, "merged", number=number)


def _same_number(desk: Desk, text: str) -> list[Outgoing]:
    """The number of a known fact-check was typed: that one, after the PIN."""
    more, number = desk.talk.get("more") or {}, text.strip().lstrip("#")
    known = published(desk.ports.facts, number_in(number))
    if not known:
        raise Refused(texts.say(desk.to.language, "desk.no_fact", number=number[:9]), "number")
    desk.keep(step=more.get("was", ""), more={})
    return guarded(desk, "same", f"{more['code']}/{number}", int(more["version"]))


# ── corrections ─────────────────────────────────────────────────────────────────────────────


def publish(desk: Desk, subject: str, version: int) -> list[Outgoing]:
    """An answer goes out after the PIN; of a correction first comes whose mistake it was."""
    if not about_fact(subject):
        return guarded(desk, "publish", subject, version)
    to, keys = desk.to, desk.keys()
    row = [keys.named(name, name, subject, version) for name in ("ours", "news")]
    return [send(to, blocks(to.say("desk_chat.ask_ours")), [row])]


def ask_correction(desk: Desk, subject: str, *, ours: bool) -> list[Outgoing]:
    """The reason is public: everyone who was told reads it."""
    if desk.talk.get("code") != subject:
        return desk.line("tap_used")
    desk.keep(step="correction", ours=ours)
    return desk.line("ask_correction")


def _correct(desk: Desk, text: str) -> list[Outgoing]:
    desk.keep(reason=moderate.reason_of(text, desk.to.language))
    return guarded(desk, "revise", str(desk.talk["code"]), int(desk.talk["version"]))


def _revise(desk: Desk, subject: str, version: int) -> list[Outgoing]:
    talk, number = desk.talk, about_fact(subject)
    if talk.get("code") != subject:
        return desk.line("tap_used")
    made = curating.revise(
        desk.ports,
        desk.who,
        number,
        version,
        whole_draft(desk),
        str(talk.get("reason", "")),
        ours=bool(talk.get("ours")),
        language=desk.to.language,
    )
    desk.end()
    return desk.line("proposed" if isinstance(made, Proposal) else "revised", code=subject)


# ── afterwards ──────────────────────────────────────────────────────────────────────────────


def _done(desk: Desk, code: str, key: str, **values: object) -> list[Outgoing]:
    """It is done, and can be undone for half a minute."""
    question = desk.ports.questions.get(code)
    version = question.version if question else 0
    waiting = question.askers if question else 0
    to = desk.to
    row = [desk.keys().named("undo", "undo", code, version)]
    words = to.say(f"desk_chat.{key}", code=code, count=waiting, **values)
    return [send(to, blocks(words), [row])]


def undo(desk: Desk, code: str, version: int) -> list[Outgoing]:
    """Take it back while nothing has gone out. Raises Stale."""
    moderate.undo(desk.ports, desk.who, code, version, desk.to.language)
    return desk.line("undone", code=code)


def _approve(desk: Desk, number: int) -> list[Outgoing]:
    proposal = deciding.approve(desk.ports, desk.who, number, desk.to.language)
    if proposal.state is ProposalState.OVERTAKEN:
        return desk.line("overtaken", what=subject_name(desk.to, proposal.subject))
    told = _tell_author(desk, proposal, "approved_yours")
    return [*desk.line("approved", what=subject_name(desk.to, proposal.subject)), *told]
