"""Cards in desk chats: new questions, how they stand, what waits for approval, the day in short.

Each function is one job: it gives the messages of every chat that wished to hear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from handlers import approval, replies, texts
from handlers.masking import mask
from handlers.matched import Known, known
from handlers.messages import Block, Button, Do, Outgoing, Style
from handlers.ports import Ports
from handlers.queueing import REDRAW, SOON
from handlers.queueing import redraw as redraw_later
from handlers.reading import cut, shown
from handlers.replies import Voice, blocks, data, send, slot_name
from handlers.rights import Action, may
from handlers.summary import lines as summary_lines
from knowledge_base.chats import DeskChat, Wish
from knowledge_base.facts import Proposal, ProposalState, Question, QuestionState
from knowledge_base.figures import DayFigures, Standing

DIGEST = "desk_digest"
LEASE_ENDS, WARNED = "desk_lease", timedelta(minutes=5)  # so long before the time is over
SUMMARY = "desk_summary"
RISING = 5  # distinct askers from which a question counts as rising
AT_ONCE, WITHIN = 5, timedelta(minutes=30)  # more new cards than that become one digest
LISTED = 5
QUOTED, CLAIM = 280, 300
NEVER_EDITED = frozenset({"whatsapp"})


def voice_of(ports: Ports, chat: str) -> Voice:
    """How to speak to this chat, by the id of its person."""
    known_person = ports.people.get(chat)
    if known_person is None:
        return Voice(chat, texts.readable(ports.rules.language), ports.rules, ports.now)
    return replies.voice_of(ports, known_person)


@dataclass(frozen=True, slots=True)
class Keys:
    """Buttons of one message in a desk chat: each works once, using one uses up the others.

    `moderator` 0: for everybody of the desk in this chat."""

    ports: Ports
    to: Voice
    batch: str
    moderator: int = 0

    def button(self, label: str, action: str, subject: str, version: int = 0) -> Button:
        """A button with these words."""
        chats = self.ports.chats
        handle = chats.handle(self.batch, self.to.to, self.moderator, action, subject, version)
        return Button(label, data("desk", handle))

    def named(
        self, key: str, action: str, subject: str, version: int = 0, **values: object
    ) -> Button:
        """A button with the words `desk_chat.button.<key>`."""
        label = self.to.say(f"desk_chat.button.{key}", **values)
        return self.button(label, action, subject, version)


# ── one question ────────────────────────────────────────────────────────────────────────────


def _moderators_of(chat: DeskChat) -> int:
    """For whom the buttons of this chat work."""
    return 0 if chat.group else chat.who.id


def head(to: Voice, question: Question) -> str:
    """Ticket, askers, often forwarded, how fast."""
    parts = [f"#{question.code}", texts.say_many(to.language, "desk_chat.askers", question.askers)]
    if question.forwarded_many:
        parts.append(to.say("desk_chat.forwarded", count=question.forwarded_many))
    if question.askers >= RISING:
        parts.append(to.say("desk_chat.rising"))
    return " · ".join(parts)


def near_line(to: Voice, near: Known) -> str:
    """The nearest fact-check, what is the same and what differs."""
    why = near.match.why
    line = to.say("desk_chat.near", number=near.fact.number)
    if why.agree:
        line += " " + to.say("desk_chat.agree", what=shown(", ".join(why.agree[:3]), 80))
    if why.differ:
        named = dict.fromkeys(slot_name(to, each.type) for each in why.differ[:3])
        line += " " + to.say("desk_chat.differ", what=", ".join(named))
    return line


def _standing(ports: Ports, to: Voice, question: Question) -> str:
    """Where it stands, when there is nothing to take any more."""
    if question.state is QuestionState.ANSWERED:
        number, who = question.fact_number, texts.actor(to.language, question.answered_by)
        return to.say("desk_chat.is_answered", number=number, who=who)
    if question.state is QuestionState.REJECTED:
        return to.say("desk_chat.is_rejected", who=question.answered_by)
    if question.state is QuestionState.MERGED:
        return to.say("desk_chat.is_merged", code=question.merged_into)
    waiting = ports.proposals.about(f"question/{question.code}")
    if waiting is not None:
        return to.say("desk_chat.is_waiting", who=waiting.author)
    taken = ports.cases.lease(question.code, ports.now)
    return to.say("desk_chat.is_taken", who=taken.name) if taken else ""


def _talk(ports: Ports, to: Voice, question: Question) -> str:
    """What colleagues said: an editor is wanted, how many comments."""
    if question.state is not QuestionState.OPEN:
        return ""
    flag, said = ports.cases.escalation(question.code), ports.cases.comments(question.code)
    words = (
        [to.say("desk_chat.flagged", who=flag.by, reason=shown(flag.reason, 120))] if flag else []
    )
    if said:
        words.append(texts.say_many(to.language, "desk_chat.comments", len(said)))
    return "\n".join(words)


def card(ports: Ports, chat: DeskChat, question: Question, name: str) -> Outgoing:
    """A question as this chat sees it: masked words, who asks, the nearest, what can be done."""
    to = voice_of(ports, chat.person)
    near = known(ports.facts, ports.questions.neighbours(question.code), 1)
    standing = _standing(ports, to, question)
    parts = (
        Block(head(to, question), Style.STRONG),
        Block(shown(mask(question.text), QUOTED), Style.QUOTE),
        *blocks(near_line(to, near[0]) if near else "", _talk(ports, to, question), standing),
    )
    keys = Keys(ports, to, f"card:{name}", _moderators_of(chat))
    rows = _rows(keys, chat, question, near, free=not standing)
    return replace(send(to, parts, rows), card=name)


def _rows(
    keys: Keys, chat: DeskChat, question: Question, near: Sequence[Known], *, free: bool
) -> list[list[Button]]:
    """What can be done with it: all while it is free, talking about it while it is open."""
    if question.state is not QuestionState.OPEN:
        return []
    code, version = question.code, question.version
    if not free:
        lease = keys.ports.cases.lease(code, keys.ports.now)
        waits = keys.ports.proposals.about(f"question/{code}") is not None
        mine = lease is not None and not chat.group and lease.moderator == chat.who.id and not waits
        go_on = [keys.named("go_on", "take", code, version)] if mine else []
        return [[*go_on, keys.named("more", "more", code, version)]]
    first = [keys.named("take", "take", code, version)]
    if near:
        number = near[0].fact.number
        first.append(keys.named("same", "same", f"{code}/{number}", version, number=number))
    second = [keys.named("not_claim", "not_claim", code, version)]
    if not chat.group:
        second.append(keys.named("skip", "skip", code, version))
    second.append(keys.named("more", "more", code, version))
    return [first, second]


def new_card(ports: Ports, chat: DeskChat, question: Question) -> Outgoing:
    """A new card of this question for this chat."""
    return card(ports, chat, question, ports.chats.new_card(chat.person, question.code))


def announce(ports: Ports, code: str) -> list[Outgoing]:
    """A question was asked: a card to every chat that wished for it, once; a chat that got many
    gets a digest later instead."""
    question = ports.questions.get(code)
    if question is None or question.state is not QuestionState.OPEN:
        return []
    have = {person for _, person in ports.chats.cards(question.code)}
    have |= {person for _, person in ports.chats.cards(skipped(question.code))}
    redraw_later(ports, question.code, SOON)
    out = []
    for chat in ports.chats.all():
        if chat.person in have or not _wished(chat, question):
            continue
        if ports.chats.cards_since(chat.person, ports.now - WITHIN) >= AT_ONCE:
            key, due = f"{DIGEST}:{chat.person}", ports.now + WITHIN
            ports.jobs.enqueue(DIGEST, {"person": chat.person}, dedupe_key=key, due=due)
            continue
        out.append(new_card(ports, chat, question))
    return out


def _wished(chat: DeskChat, question: Question) -> bool:
    if not may(chat.who, Action.TAKE) or chat.wish is Wish.OFF:
        return False
    return chat.wish is Wish.EACH or question.askers >= RISING


def skipped(code: str) -> str:
    """What a card is about that its chat does not want to see any more."""
    return f"skipped/{code}"


def question_of(subject: str) -> str:
    """The question a card or note is about, whose answer may be written as a reply to it; empty
    for what waits for approval."""
    kind, _, code = subject.rpartition("/")
    return "" if kind == "proposal" else code


def redraw(ports: Ports, subject: str) -> list[Outgoing]:
    """Every card about this question or proposal shows how it stands now."""
    out = []
    for name, person in ports.chats.cards(subject):
        chat = ports.chats.at(person) if _can_be_edited(ports, person) else None
        now = _card_now(ports, chat, subject, name) if chat else None
        if now is not None:
            out.append(replace(now, do=Do.EDIT))
    lease = ports.cases.lease(subject, ports.now)
    if out and lease is not None:  # when the time is over it is free again, without anybody's doing
        key = f"{REDRAW}:{subject}:{lease.until.isoformat()}"
        ports.jobs.enqueue(REDRAW, {"code": subject}, dedupe_key=key, due=lease.until)
    return out


def _can_be_edited(ports: Ports, person: str) -> bool:
    """Where an edit would be a new (and billed) message, a card stays as it was sent: what is
    tapped on it is looked at anew all the same."""
    known_person = ports.people.get(person)
    return known_person is not None and known_person.channel not in NEVER_EDITED


def _card_now(ports: Ports, chat: DeskChat, subject: str, name: str) -> Outgoing | None:
    kind, _, number = subject.partition("/")
    if kind == "proposal":
        proposal = ports.proposals.get(int(number))
        return proposal_card(ports, chat, proposal, name) if proposal else None
    question = ports.questions.get(subject)
    if question is not None:
        return card(ports, chat, _under(question, subject), name)
    to = voice_of(ports, chat.person)
    return replace(send(to, blocks(to.say("desk_chat.is_gone", code=subject))), card=name)


def _under(question: Question, code: str) -> Question:
    """A merged question is shown under the ticket its card has."""
    if question.code == code:
        return question
    return replace(question, code=code, state=QuestionState.MERGED, merged_into=question.code)


# ── what waits for approval ─────────────────────────────────────────────────────────────────


def propose(ports: Ports, id: int) -> list[Outgoing]:
    """Something waits for a second person: those in chats who may decide see it whole."""
    proposal = ports.proposals.get(id)
    if proposal is None or proposal.state is not ProposalState.WAITING:
        return []
    thing = approval.thing(ports, proposal)
    return [
        new_proposal_card(ports, chat, proposal)
        for chat in ports.chats.all()
        if not chat.group and may(chat.who, Action.APPROVE, thing)
    ]


def new_proposal_card(ports: Ports, chat: DeskChat, proposal: Proposal) -> Outgoing:
    """A new card of this proposal for this chat."""
    name = ports.chats.new_card(chat.person, f"proposal/{proposal.id}")
    return proposal_card(ports, chat, proposal, name)


def proposal_card(ports: Ports, chat: DeskChat, proposal: Proposal, name: str) -> Outgoing:
    """What somebody wrote, with approve and send back, or what became of it."""
    to, fact = voice_of(ports, chat.person), proposal.fact
    keys = Keys(ports, to, f"proposal:{name}", chat.who.id)
    subject = str(proposal.id)
    decided = ""
    if proposal.state is not ProposalState.WAITING:
        decided = to.say(f"desk_chat.is_{proposal.state}", who=proposal.decided_by)
    sources = "\n".join(shown(source.url, 200) for source in fact.sources[:3])
    parts = (
        Block(
            to.say(
                "desk_chat.proposal",
                what=subject_name(to, proposal.subject),
                who=proposal.author,
            ),
            Style.STRONG,
        ),
        Block(shown(mask(fact.claim), CLAIM), Style.QUOTE),
        *blocks(f"{to.say(f'icon.{fact.verdict}')} {to.say(f'word.{fact.verdict}')}"),
        *blocks(shown(fact.fact, 220)),
        Block(shown(fact.explanation, 1200), shorten=True),
        *blocks(sources, *_was(ports, to, proposal), decided),
    )
    row = [] if decided else [keys.named(name, name, subject) for name in ("approve", "send_back")]
    return replace(send(to, parts, [row] if row else []), card=name)


def subject_name(to: Voice, subject: str) -> str:
    """What a proposal is about, as people call it."""
    kind, _, name = subject.partition("/")
    if kind == "fact":
        return to.say("desk_chat.numbered", number=name)
    return f"#{name}" if kind == "question" else name


def _was(ports: Ports, to: Voice, proposal: Proposal) -> tuple[str, ...]:
    """Of a correction: what is public now, and the reason everyone who was told will read."""
    old = ports.facts.get(proposal.fact.number) if proposal.fact.number else None
    if old is None:
        return ()
    word = to.say(f"word.{old.verdict}")
    reason = to.say("desk_chat.because", reason=shown(proposal.reason, 300))
    return to.say("desk_chat.was", verdict=word, fact=shown(old.fact, 220)), reason


# ── what colleagues say ─────────────────────────────────────────────────────────────────────


def note(ports: Ports, to: str, what: str, code: str, who: str, text: str) -> list[Outgoing]:
    """A colleague named somebody, handed them a question, put back or passed on what they had
    taken, or wants an editor: they hear it, with the question and what can be done."""
    chat, question = ports.chats.at(to), ports.questions.get(code)
    if chat is None or question is None:
        return []
    voice = voice_of(ports, to)
    said = () if what == "hand" or not text else (Block(shown(text, 600), Style.QUOTE),)
    parts = (
        *blocks(voice.say(f"desk_chat.note_{what}", who=who, code=question.code)),
        *said,
        *blocks(f"{head(voice, question)}\n{cut(shown(mask(question.text), 160), 160)}"),
    )
    keys = Keys(ports, voice, f"note:{to}:{code}:{ports.now.isoformat()}", chat.who.id)
    rows = _rows(keys, chat, question, (), free=not _standing(ports, voice, question))
    name = ports.chats.new_card(to, f"note/{code}")  # it can be answered, and is not redrawn
    return [replace(send(voice, parts, rows), card=name)]


def lease_ends(ports: Ports, person: str, code: str) -> list[Outgoing]:
    """Who took a question in their chat hears that the time is soon over, and can go on; looks
    again later when they have worked on it meanwhile. Nothing when it is not theirs any more."""
    chat, question = ports.chats.at(person), ports.questions.get(code)
    lease = ports.cases.lease(code, ports.now)
    if chat is None or lease is None or lease.moderator != chat.who.id:
        return []
    if question is None or chat.talk.get("code") != question.code:
        return []
    if lease.until - WARNED > ports.now:
        payload, key = {"person": person, "code": code}, f"{LEASE_ENDS}:{person}:{code}"
        ports.jobs.enqueue(LEASE_ENDS, payload, dedupe_key=key, due=lease.until - WARNED)
        return []
    to = voice_of(ports, person)
    keys = Keys(ports, to, f"lease:{person}:{lease.until.isoformat()}", chat.who.id)
    row = [keys.named("go_on", "take", code, question.version)]
    row.append(keys.named("release", "release", code))
    until = texts.clock(to.language, lease.until, ports.rules.timezone)
    parts = blocks(to.say("desk_chat.lease_ends", code=code, until=until))
    return [replace(send(to, parts, [row]), card=ports.chats.new_card(person, f"note/{code}"))]


def burst(ports: Ports, who: str, count: int) -> list[Outgoing]:
    """Somebody published very many results within minutes: the others who may see the audit
    hear it."""
    out = []
    for chat in ports.chats.all():
        if not chat.group and chat.who.name != who and may(chat.who, Action.SEE_AUDIT):
            to = voice_of(ports, chat.person)
            link = f"{to.rules.public_url.rstrip('/')}/desk/review"
            words = to.say("desk_chat.burst", who=who, count=count, link=link)
            out.append(send(to, blocks(words)))
    return out


def alarm(ports: Ports, problem: str) -> list[Outgoing]:
    """Somebody changed the audit behind our back: whoever may see it hears at once."""
    return [
        send(to, blocks(to.say("desk_chat.audit_alarm", problem=problem)))
        for chat in ports.chats.all()
        if not chat.group and may(chat.who, Action.SEE_AUDIT)
        for to in (voice_of(ports, chat.person),)
    ]


# ── in short ────────────────────────────────────────────────────────────────────────────────


def listed(ports: Ports, to: Voice) -> str:
    """The most wanted open questions, one line each."""
    found = ports.questions.open(LISTED)
    return "\n".join(f"{head(to, each)}: {cut(shown(mask(each.text), 90), 90)}" for each in found)


def digest(ports: Ports, person: str) -> list[Outgoing]:
    """One message instead of many cards."""
    chat = ports.chats.at(person)
    if chat is None or chat.wish is Wish.OFF:
        return []
    to = voice_of(ports, person)
    words = listed(ports, to)
    return [send(to, blocks(to.say("desk_chat.digest"), words, _queue_line(to)))] if words else []


def _queue_line(to: Voice) -> str:
    return to.say("desk_chat.queue_at", link=f"{to.rules.public_url.rstrip('/')}/desk")


def summary(ports: Ports, day: DayFigures | None, standing: Standing) -> list[Outgoing]:
    """The day in short: to groups of the desk, and to moderators where there is none."""
    groups = [chat for chat in ports.chats.all() if chat.group]
    private = [chat for chat in ports.chats.all() if chat.wish is not Wish.OFF]
    return [_summary(ports, chat, day, standing) for chat in groups or private]


def _summary(ports: Ports, chat: DeskChat, day: DayFigures | None, standing: Standing) -> Outgoing:
    to = voice_of(ports, chat.person)
    rising = [each for each in ports.questions.open(LISTED) if each.askers >= RISING]
    climbing = "\n".join(f"{head(to, q)}: {cut(shown(mask(q.text), 90), 90)}" for q in rising)
    parts = (
        Block(to.say("desk_chat.day"), Style.STRONG),
        *blocks("\n".join(summary_lines(day, standing, to.language, to.now))),
        *blocks(f"{to.say('desk_chat.day_rising')}\n{climbing}" if climbing else ""),
        *blocks(_queue_line(to)),
    )
    return replace(send(to, parts), key=f"{SUMMARY}:{to.now:%Y-%m-%d}:{chat.person}")
