"""Write an answer or a correction in a chat: verdict, fact, why, sources, topic, preview.

The dialogue is kept with the chat; an answer also as the draft of the web desk, so that a
moderator may go on there. A correction is about a fact-check, named `#482`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from handlers import answer_form, casework, moderate, texts
from handlers.answering import number_in
from handlers.desk_cards import LEASE_ENDS, WARNED, head
from handlers.desk_talk import Desk, open_question
from handlers.masking import mask
from handlers.matched import published
from handlers.messages import Block, Outgoing, Style
from handlers.reading import cut, plain, shown, tidy
from handlers.replies import blocks, send
from handlers.rights import Action, demand
from knowledge_base.facts import Question, QuestionState, Refused, Verdict

LONGEST_CLAIM = 300
SOURCES = len(answer_form.PLACES)
STEPS = ("verdict", "fact", "why", "sources", "topic")
_URL = re.compile(r"https?://\S{3,1800}", re.IGNORECASE)
_AROUND = "()[]<>\"'“”.,;:"  # marks of a sentence around an address


# ── take ────────────────────────────────────────────────────────────────────────────────────


def take(desk: Desk, code: str, version: int | None = None) -> list[Outgoing]:
    """It is theirs for half an hour; the first step of the answer. Raises Denied, Refused,
    Stale."""
    question = taken(desk, code, version)
    to = desk.to
    parts = (
        Block(head(to, question), Style.STRONG),
        Block(shown(mask(question.text), 1200), Style.QUOTE),
        *blocks(to.say("desk_chat.taken"), to.say("desk_chat.form")),
    )
    row = [desk.keys(":more").named("more", "more", question.code, question.version)]
    shown_whole = desk.about(question.code, send(to, parts, [row]))
    if moderate.problems(draft_of(desk), to.language):
        return [shown_whole, ask(desk, "verdict")]
    return [shown_whole, *preview(desk)]  # written before, here or on the web


def taken(desk: Desk, code: str, version: int | None = None) -> Question:
    """The question, theirs from now on, with what they had written. Raises as `take` does."""
    question = open_question(desk, code, version)
    _take(desk, question.code)
    before = str(desk.talk.get("code", ""))
    if before != question.code:
        let_go(desk, before)
    fields = dict(desk.ports.desk.draft(desk.who.id, question.code) or {})
    fields.setdefault("lang", question.lang)
    asked = "" if fields.get("claim") else cut(shown(mask(question.text), 2000), LONGEST_CLAIM)
    fields["claim"] = fields.get("claim") or asked
    desk.end()
    desk.keep(code=question.code, version=question.version, fields=fields, asked=asked)
    return question


def _take(desk: Desk, code: str) -> None:
    """Theirs, and they hear when that is soon over."""
    lease = casework.take(desk.room, desk.who, code, desk.to.language)
    payload, due = {"person": desk.chat.person, "code": code}, lease.until - WARNED
    key = f"{LEASE_ENDS}:{desk.chat.person}:{code}"
    desk.ports.jobs.enqueue(LEASE_ENDS, payload, dedupe_key=key, due=due)


def let_go(desk: Desk, code: str) -> None:
    """Back to the queue, if it is still open and theirs."""
    question = desk.ports.questions.get(code) if code and not about_fact(code) else None
    lease = desk.ports.cases.lease(question.code, desk.ports.now) if question else None
    if question is None or lease is None or lease.moderator != desk.who.id:
        return
    if question.state is QuestionState.OPEN:
        casework.release(desk.room, desk.who, question.code, desk.to.language)


def cancel(desk: Desk) -> list[Outgoing]:
    """Give it back; what was written stays as a draft."""
    code = str(desk.talk.get("code", ""))
    let_go(desk, code)
    desk.end()
    return desk.line("stopped" if about_fact(code) else "released")


# ── correct ─────────────────────────────────────────────────────────────────────────────────


def about_fact(code: str) -> int:
    """The number of the fact-check that is being corrected; 0: a question is being answered."""
    return number_in(code[1:]) if code.startswith("#") else 0


def correct(desk: Desk, number: int) -> list[Outgoing]:
    """A published fact-check as its reader sees it, each part to be written again. Raises
    Denied, Refused."""
    demand(desk.who, Action.EDIT_FACT)
    fact = published(desk.ports.facts, number)
    if fact is None:
        raise Refused(texts.say(desk.to.language, "desk.no_fact", number=number), "number")
    let_go(desk, str(desk.talk.get("code", "")))
    desk.end()
    desk.keep(code=f"#{fact.number}", version=fact.version, fields=answer_form.fields_of(fact))
    return preview(desk)


# ── step by step ────────────────────────────────────────────────────────────────────────────


def ask(desk: Desk, step: str) -> Outgoing:
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
        choices = [
            keys.button(word, "topic", f"{code}/{name}") for name, word in texts.topics(to.language)
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


def change(desk: Desk, subject: str) -> list[Outgoing]:
    """Write one part again."""
    code, _, step = subject.partition("/")
    if desk.talk.get("code") != code or step not in STEPS:
        return desk.line("tap_used")
    desk.keep(changing=True)
    return [ask(desk, step)]


def typed(desk: Desk, step: str, text: str) -> list[Outgoing]:
    """The words of a step. Raises Refused when they do not fit, Stale when it is closed."""
    if step == "fact":
        if len(text) > moderate.FACT_LIMIT:
            counts = {"count": len(text), "limit": moderate.FACT_LIMIT}
            raise Refused(texts.say(desk.to.language, "desk.fact_long", **counts), "fact")
        return _filled(desk, "fact", {"fact": text})
    if step == "why":
        return _filled(desk, "why", {"explanation": text})
    found = urls(text) or urls(_completed(text))
    if not found:
        raise Refused(texts.say(desk.to.language, "desk.source_missing"), "sources")
    return _filled(desk, "sources", found)


def whole(desk: Desk, fields: Mapping[str, str]) -> list[Outgoing]:
    """An answer in one message: keep it and show the preview."""
    _keep(desk, fields)
    return preview(desk)


def _filled(desk: Desk, step: str, values: Mapping[str, str]) -> list[Outgoing]:
    """A step is done: keep it and go on, or back to the preview when one thing was changed."""
    _keep(desk, values)
    if desk.talk.get("changing") or step == STEPS[-1]:
        return preview(desk)
    return [ask(desk, STEPS[STEPS.index(step) + 1])]


def _keep(desk: Desk, values: Mapping[str, str]) -> None:
    """Keep what was written, also as the draft of the web desk; the question stays theirs."""
    code, fields = str(desk.talk["code"]), {**desk.talk.get("fields", {}), **values}
    desk.keep(fields=fields)
    if about_fact(code):
        return
    names = answer_form.KEPT
    body = dict.fromkeys(names, "") | {k: v for k, v in fields.items() if k in names}
    if body["claim"] == desk.talk.get("asked"):
        body["claim"] = ""  # the asker's words, which may be others by the time it is gone on with
    desk.ports.desk.save_draft(desk.who.id, code, body)
    lease = casework.renew(desk.room, desk.who, code)
    if lease is None or lease.moderator != desk.who.id:  # the half hour is over, or it was given
        _take(desk, code)


def urls(text: str) -> dict[str, str]:
    """The first three addresses of a text, as fields; publishers written before are let go."""
    named = (answer_form.address(url.rstrip(".,;)")) for url in _URL.findall(text))
    found = list(named)[:SOURCES]
    blank = dict.fromkeys(answer_form.SOURCE_FIELDS, "")
    return blank | {f"url_{n}": url for n, url in enumerate(found, start=1)} if found else {}


def _completed(text: str) -> str:
    """The text with whole addresses for those that were begun at the host."""
    return " ".join(answer_form.address(word.strip(_AROUND)) for word in text.split())


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


# ── what it will look like ──────────────────────────────────────────────────────────────────


def draft_of(desk: Desk) -> moderate.Draft:
    """What has been written so far, as a preview shows it."""
    return _with_the_rest(desk, answer_form.so_far(desk.talk.get("fields", {})))


def whole_draft(desk: Desk) -> moderate.Draft:
    """What is to be published. Raises Refused for what cannot be read."""
    return _with_the_rest(desk, answer_form.read(desk.talk.get("fields", {}), desk.to.language))


def _with_the_rest(desk: Desk, draft: moderate.Draft) -> moderate.Draft:
    """Of a correction the rest stays as it was."""
    old = desk.ports.facts.get(about_fact(str(desk.talk.get("code", ""))))
    if old is None:
        return draft
    known = {source.url: source for source in old.sources}
    sources = tuple(known.get(source.url, source) for source in draft.sources)
    same = [source.url for source in sources] == [one.url for one in old.sources[:SOURCES]]
    return replace(
        draft,
        sources=old.sources if same else sources,
        claim_date=old.claim_date,
        public_figure=old.public_figure,
        concerns=old.concerns,
    )


def preview(desk: Desk) -> list[Outgoing]:
    """The reply exactly as the asker will see it, then what can be done with it."""
    code, draft = str(desk.talk["code"]), draft_of(desk)
    language = draft.lang if about_fact(code) else open_question(desk, code).lang
    desk.keep(step="preview", changing=False)
    to, keys = desk.to, desk.keys()
    missing = list(moderate.problems(draft, to.language).values())
    reply = []
    if draft.verdict is not None:
        ticket = "" if about_fact(code) else code
        shape = moderate.preview(desk.ports, draft, language, ticket)
        reply = [replace(shape, to=to.to, buttons=(), fact=None)]
    version = int(desk.talk["version"])
    changes = [keys.named(f"change_{step}", "change", f"{code}/{step}") for step in STEPS]
    rows = [changes[:3], changes[3:], [keys.named("cancel", "cancel", code)]]
    if missing:
        return [*reply, send(to, blocks("\n".join(missing)), rows)]
    rows.insert(0, [keys.named("publish", "publish", code, version)])
    return [*reply, send(to, blocks(to.say("desk_chat.preview", claim=draft.claim)), rows)]
