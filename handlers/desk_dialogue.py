"""Answer a question from a desk chat: verdict, fact, why, sources, topic, preview, publish.

The dialogue is kept with the chat, what is written also as the draft of the web desk, so that a
moderator may go on there. What publishes asks for a PIN first."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from handlers import curating, deciding, moderate, texts
from handlers.desk_cards import Keys, head, voice_of
from handlers.masking import mask
from handlers.messages import Block, Outgoing, Style
from handlers.ports import Ports
from handlers.reading import cut, plain, shown, tidy
from handlers.replies import Voice, blocks, send
from handlers.rights import Action, Denied, demand
from knowledge_base.chats import OPEN, DeskChat, PinCheck
from knowledge_base.facts import (
    Moderator,
    Proposal,
    ProposalState,
    Question,
    QuestionState,
    Refused,
    Source,
    Stale,
    Verdict,
)

LEASE = timedelta(minutes=30)
LONGEST_CLAIM = 300
SOURCES = 3
STEPS = ("verdict", "fact", "why", "sources", "topic")
TYPED = frozenset({"fact", "why", "sources", "reason", "back", "pin"})  # steps that wait for words
_URL = re.compile(r"https?://\S{3,1800}")
_FIELDS = ("verdict", "kind", "claim", "title", "fact", "explanation", "topic", "lang")


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody of the desk in their private chat, in this transaction. `batch` names the
    buttons of the message that is being made."""

    ports: Ports
    chat: DeskChat
    batch: str

    @property
    def who(self) -> Moderator:
        """Whose chat it is."""
        return self.chat.who

    @property
    def to(self) -> Voice:
        """How to speak to them."""
        return voice_of(self.ports, self.chat.person)

    @property
    def talk(self) -> Mapping[str, Any]:
        """The dialogue as it stands in the database."""
        now = self.ports.chats.at(self.chat.person)
        return now.talk if now else {}

    def keep(self, **values: Any) -> None:
        """Change something in the dialogue."""
        self._save({**self.talk, **values})

    def end(self) -> None:
        """No dialogue any more."""
        self._save({})

    def _save(self, talk: Mapping[str, Any]) -> None:
        now = self.ports.chats.at(self.chat.person) or self.chat
        self.ports.chats.save(replace(now, talk=talk))

    def keys(self) -> Keys:
        """Buttons for this moderator alone."""
        return Keys(self.ports, self.to, self.batch, self.who.id)

    def line(self, key: str, /, **values: object) -> list[Outgoing]:
        """One sentence."""
        return [send(self.to, blocks(self.to.say(f"desk_chat.{key}", **values)))]


def politely(desk: Desk, do: Callable[[], list[Outgoing]]) -> list[Outgoing]:
    """Do it, or say why it cannot be done; what was written is kept."""
    try:
        return do()
    except Denied as denied:
        known = f"desk_chat.denied_{denied.why.replace(' ', '_')}"
        listed = known in texts.sentences(desk.to.language)
        return [send(desk.to, blocks(desk.to.say(known if listed else "desk_chat.denied_role")))]
    except Stale as stale:
        return [send(desk.to, blocks(str(stale), desk.to.say("desk_chat.kept")))]
    except Refused as refused:
        return [send(desk.to, blocks(str(refused)))]


# ── take ────────────────────────────────────────────────────────────────────────────────────


def open_question(desk: Desk, code: str, version: int | None = None) -> Question:
    """The question while it is open, in that version. Raises Refused or Stale."""
    language = desk.to.language
    question = desk.ports.questions.get(code)
    if question is None:
        raise Refused(texts.say(language, "desk.no_question", code=code[:20]), "code")
    changed = version is not None and question.version != version
    if question.state is not QuestionState.OPEN or changed:
        closed = texts.say(language, "desk.closed", code=question.code)
        raise Stale(closed, question.answered_by)
    return question


def take(desk: Desk, code: str, version: int | None = None) -> list[Outgoing]:
    """It is theirs for half an hour; the first step of the answer. Raises Denied, Stale."""
    question = _taken(desk, code, version)
    to = desk.to
    parts = (
        Block(head(to, question), Style.STRONG),
        Block(shown(mask(question.text), 1200), Style.QUOTE),
        *blocks(to.say("desk_chat.taken"), to.say("desk_chat.form")),
    )
    return [send(to, parts), _ask(desk, "verdict")]


def _taken(desk: Desk, code: str, version: int | None = None) -> Question:
    demand(desk.who, Action.TAKE)
    question = open_question(desk, code, version)
    present = desk.ports.cases.lease(question.code, desk.ports.now)
    if present is not None and present.moderator != desk.who.id:
        raise Stale(desk.to.say("desk_chat.is_taken", who=present.name), present.name)
    before = str(desk.talk.get("code", ""))
    if before and before != question.code:
        _release(desk, before)
    _hold(desk, question.code)
    fields = dict(desk.ports.desk.draft(desk.who.id, question.code) or {})
    fields.setdefault("lang", question.lang)
    if not fields.get("claim"):
        fields["claim"] = cut(shown(mask(question.text), 2000), LONGEST_CLAIM)
    desk.end()
    desk.keep(code=question.code, version=question.version, fields=fields)
    if present is None:
        desk.ports.audit.write(desk.who.name, "take", f"question/{question.code}")
    moderate.redraw(desk.ports, question.code)
    return question


def _hold(desk: Desk, code: str) -> None:
    """Theirs for another half hour, unless a colleague has it by now."""
    present = desk.ports.cases.lease(code, desk.ports.now)
    if present is None or present.moderator == desk.who.id:
        desk.ports.cases.take(code, desk.who.id, desk.ports.now, desk.ports.now + LEASE)


def _release(desk: Desk, code: str) -> None:
    """No more theirs, if it still was."""
    present = desk.ports.cases.lease(code, desk.ports.now)
    if present is not None and present.moderator == desk.who.id:
        desk.ports.cases.release(code)
    moderate.redraw(desk.ports, code)


def cancel(desk: Desk) -> list[Outgoing]:
    """Give it back; what was written stays as a draft."""
    code = str(desk.talk.get("code", ""))
    desk.end()
    if code:
        desk.ports.audit.write(desk.who.name, "release", f"question/{code}")
        _release(desk, code)
    return desk.line("released")


# ── step by step ────────────────────────────────────────────────────────────────────────────


def _ask(desk: Desk, step: str) -> Outgoing:
    """The question of this step."""
    desk.keep(step=step)
    to, keys, code = desk.to, desk.keys(), str(desk.talk.get("code", ""))
    rows = []
    if step == "verdict":
        choices = [
            keys.button(f"{to.say(f'icon.{v}')} {to.say(f'word.{v}')}", "verdict", f"{code}/{v}")
            for v in Verdict
        ]
        rows = [choices[n : n + 2] for n in range(0, len(choices), 2)]
    if step == "topic":
        names = [k for k in texts.sentences(to.language) if k.startswith("topic.")]
        choices = [
            keys.button(to.say(name), "topic", f"{code}/{name.removeprefix('topic.')}")
            for name in names
        ]
        rows = [choices[n : n + 2] for n in range(0, len(choices), 2)]
    rows.append([keys.named("cancel", "cancel", code)])
    limit = {"fact": moderate.FACT_LIMIT, "why": moderate.EXPLANATION_LIMIT}.get(step, SOURCES)
    return send(to, blocks(to.say(f"desk_chat.ask_{step}", limit=limit)), rows)


def chosen(desk: Desk, step: str, subject: str) -> list[Outgoing]:
    """A verdict or topic was tapped."""
    code, _, value = subject.partition("/")
    if desk.talk.get("code") != code:
        return desk.line("tap_used")
    return _filled(desk, step, {step: value})


def _filled(desk: Desk, step: str, values: Mapping[str, str]) -> list[Outgoing]:
    """A step is done: keep it and go on, or back to the preview when one thing was changed."""
    fields = {**desk.talk.get("fields", {}), **values}
    desk.keep(fields=fields)
    _hold(desk, str(desk.talk["code"]))
    _save_draft(desk)
    if desk.talk.get("changing") or step == STEPS[-1]:
        return preview(desk)
    return [_ask(desk, STEPS[STEPS.index(step) + 1])]


def _save_draft(desk: Desk) -> None:
    names = [*_FIELDS, "claim_date"]
    names += [f"{n}_{i}" for i in (1, 2, 3) for n in ("url", "publisher", "title", "date")]
    fields = desk.talk.get("fields", {})
    body = dict.fromkeys(names, "") | {k: v for k, v in fields.items() if k in names}
    desk.ports.desk.save_draft(desk.who.id, str(desk.talk["code"]), body)


def urls(text: str) -> dict[str, str]:
    """The first three addresses of a text, as fields; publishers written before are let go."""
    found = [url.rstrip(".,;)") for url in _URL.findall(text)][:SOURCES]
    blank = {f"{n}_{i}": "" for i in (1, 2, 3) for n in ("url", "publisher", "title", "date")}
    return blank | {f"url_{n}": url for n, url in enumerate(found, start=1)} if found else {}


def draft_of(desk: Desk) -> moderate.Draft:
    """What has been written so far."""
    fields = desk.talk.get("fields", {})
    verdict, topic = fields.get("verdict", ""), fields.get("topic", "")
    sources = tuple(
        Source(url=fields[f"url_{n}"], publisher=fields.get(f"publisher_{n}", ""))
        for n in (1, 2, 3)
        if fields.get(f"url_{n}")
    )
    return moderate.Draft(
        verdict=Verdict(verdict) if verdict in set(Verdict) else None,
        claim=fields.get("claim", ""),
        title=fields.get("title", ""),
        fact=fields.get("fact", ""),
        explanation=fields.get("explanation", ""),
        sources=sources,
        topic=topic,
        lang=fields.get("lang") or "id",
    )


def preview(desk: Desk) -> list[Outgoing]:
    """The reply exactly as the asker will see it, then what can be done with it."""
    code, draft = str(desk.talk["code"]), draft_of(desk)
    question = open_question(desk, code)
    desk.keep(step="preview", changing=False)
    to, keys = desk.to, desk.keys()
    missing = list(moderate.problems(draft, to.language).values())
    reply = []
    if draft.verdict is not None:
        shape = moderate.preview(desk.ports, draft, question.lang, code)
        reply = [replace(shape, to=to.to, buttons=(), fact=None)]
    version = int(desk.talk["version"])
    changes = [keys.named(f"change_{step}", "change", f"{code}/{step}") for step in STEPS]
    rows = [changes[:3], changes[3:], [keys.named("cancel", "cancel", code)]]
    if missing:
        return [*reply, send(to, blocks("\n".join(missing)), rows)]
    rows.insert(0, [keys.named("publish", "publish", code, version)])
    return [*reply, send(to, blocks(to.say("desk_chat.preview", claim=draft.claim)), rows)]


def change(desk: Desk, subject: str) -> list[Outgoing]:
    """Write one part again."""
    code, _, step = subject.partition("/")
    if desk.talk.get("code") != code or step not in STEPS:
        return desk.line("tap_used")
    desk.keep(changing=True)
    return [_ask(desk, step)]


# ── words typed in the chat ─────────────────────────────────────────────────────────────────


def typed(desk: Desk, text: str, card: str) -> list[Outgoing]:
    """What somebody of the desk wrote while a step waits, or as a reply to a card."""
    step = str(desk.talk.get("step", ""))
    if step == "pin":
        return _pin(desk, text)
    if card and card != desk.talk.get("code"):
        started = politely(desk, lambda: take(desk, card))
        if desk.talk.get("code") != card or not form(text):
            return started
    if card and (fields := form(text)):
        desk.keep(fields={**desk.talk.get("fields", {}), **fields})
        _save_draft(desk)
        return politely(desk, lambda: preview(desk))
    return politely(desk, lambda: _step_typed(desk, step, tidy(text)))


def form(text: str) -> dict[str, str]:
    """An answer in one message: verdict, fact, why, addresses, each on a line of its own.
    Empty when it is none."""
    lines = [line.strip() for line in tidy(text).splitlines() if line.strip()]
    verdict = verdict_of(lines[0]) if lines else ""
    if not verdict or len(lines) < 2:
        return {}
    words = [line for line in lines[1:] if not _URL.match(line)]
    fields = {"verdict": verdict, "fact": words[0] if words else ""}
    fields["explanation"] = "\n".join(words[1:])
    return fields | urls("\n".join(line for line in lines[1:] if _URL.match(line)))


def verdict_of(text: str) -> str:
    """The verdict this word names, in any language; empty when none."""
    word = plain(text)
    for verdict in Verdict:
        names = {plain(texts.say(code, f"word.{verdict}")) for code in texts.LANGUAGES}
        if word in names or word == verdict.value:
            return verdict.value
    return ""


def _step_typed(desk: Desk, step: str, text: str) -> list[Outgoing]:
    if step == "fact" and len(text) > moderate.FACT_LIMIT:
        counts = {"count": len(text), "limit": moderate.FACT_LIMIT}
        raise Refused(texts.say(desk.to.language, "desk.fact_long", **counts), "fact")
    if step == "fact":
        return _filled(desk, "fact", {"fact": text})
    if step == "why":
        return _filled(desk, "why", {"explanation": text})
    if step == "sources":
        found = urls(text)
        if not found:
            raise Refused(texts.say(desk.to.language, "desk.source_missing"), "sources")
        return _filled(desk, "sources", found)
    if step == "reason":
        return reject(desk, text)
    if step == "back":
        return send_back(desk, text)
    return desk.line("nothing_waits")


# ── reject, send back ───────────────────────────────────────────────────────────────────────


def ask_reason(desk: Desk, code: str, version: int) -> list[Outgoing]:
    """Not a claim: the askers read why, so it is asked for."""
    demand(desk.who, Action.REJECT)
    question = _taken(desk, code, version)
    desk.keep(step="reason")
    to, keys = desk.to, desk.keys()
    rows = [
        [keys.named("usual_reason", "usual_reason", question.code, question.version)],
        [keys.named("cancel", "cancel", question.code)],
    ]
    asked = to.say("desk_chat.ask_reason", code=question.code)
    usual = to.say("desk_chat.usual", reason=_usual(question.lang))
    return [send(to, blocks(asked, usual), rows)]


def _usual(language: str) -> str:
    return texts.say(texts.readable(language), "desk_chat.usual_reason")


def reject(desk: Desk, reason: str = "") -> list[Outgoing]:
    """Close without a verdict. Raises Denied, Refused, Stale."""
    demand(desk.who, Action.REJECT)
    code, version = str(desk.talk.get("code", "")), int(desk.talk.get("version", 0))
    question = open_question(desk, code, version)
    words = reason or _usual(question.lang)
    moderate.reject(desk.ports, desk.who.name, code, version, words, desk.to.language)
    desk.end()
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
            words = to.say(f"desk_chat.{key}", what=proposal.subject, who=desk.who.name, **values)
            out.append(send(to, blocks(words)))
    return out


# ── what wants a PIN ────────────────────────────────────────────────────────────────────────


def guarded(desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    """Do it if a PIN was given within ten minutes, else ask for the PIN first."""
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
        desk.ports.audit.write(desk.who.name, "pin wrong", f"moderator/{desk.who.name}")
        if found is PinCheck.LOCKED:
            desk.keep(step=desk.talk.get("back", ""), then=None)
        return desk.line(f"pin_{found}")
    then = desk.talk.get("then")
    desk.keep(step=desk.talk.get("back", ""), then=None)
    now = desk.ports.chats.at(desk.chat.person) or desk.chat
    desk.ports.chats.save(replace(now, open_until=desk.ports.now + OPEN))
    desk.ports.audit.write(desk.who.name, "step up", f"moderator/{desk.who.name}")
    if not isinstance(then, list) or len(then) != 3:
        return desk.line("opened")
    action, subject, version = str(then[0]), str(then[1]), int(then[2])
    return politely(desk, lambda: _do(desk, action, subject, version))


def _do(desk: Desk, action: str, subject: str, version: int) -> list[Outgoing]:
    if action == "publish":
        return _publish(desk, subject, version)
    if action == "same":
        return _same(desk, subject, version)
    if action == "approve":
        return _approve(desk, int(subject))
    number, _, reason = subject.partition("/")
    fact = curating.retract(
        desk.ports, desk.who, int(number), version, reason, language=desk.to.language
    )
    return desk.line("retracted", number=fact.number)


def _publish(desk: Desk, code: str, version: int) -> list[Outgoing]:
    if desk.talk.get("code") != code:
        return desk.line("tap_used")
    draft, language = draft_of(desk), desk.to.language
    made = moderate.answer_question(desk.ports, desk.who, code, version, draft, language)
    desk.end()
    if isinstance(made, Proposal):
        _release(desk, code)
        return desk.line("proposed", code=code)
    return _done(desk, code, "published", number=made.number)


def _same(desk: Desk, subject: str, version: int) -> list[Outgoing]:
    demand(desk.who, Action.MERGE)
    code, _, number = subject.partition("/")
    language = desk.to.language
    moderate.merge_into_fact(desk.ports, desk.who.name, code, version, int(number), language)
    if desk.talk.get("code") == code:
        desk.end()
    return _done(desk, code, "merged", number=number)


def _done(desk: Desk, code: str, key: str, **values: object) -> list[Outgoing]:
    """It is done, and can be undone for half a minute."""
    _release(desk, code)
    question = desk.ports.questions.get(code)
    version = question.version if question else 0
    waiting = question.askers if question else 0
    to = desk.to
    row = [desk.keys().named("undo", "undo", code, version)]
    words = to.say(f"desk_chat.{key}", code=code, count=waiting, **values)
    return [send(to, blocks(words), [row])]


def undo(desk: Desk, code: str, version: int) -> list[Outgoing]:
    """Take it back while nothing has gone out. Raises Stale."""
    demand(desk.who, Action.ANSWER)
    moderate.undo(desk.ports, desk.who.name, code, version, desk.to.language)
    return desk.line("undone", code=code)


def _approve(desk: Desk, number: int) -> list[Outgoing]:
    proposal = deciding.approve(desk.ports, desk.who, number, desk.to.language)
    if proposal.state is ProposalState.OVERTAKEN:
        return desk.line("overtaken", what=proposal.subject)
    told = _tell_author(desk, proposal, "approved_yours")
    return [*desk.line("approved", what=proposal.subject), *told]
