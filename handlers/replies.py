"""A decision in words and buttons: blocks of text, never markup, nothing sent here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from handlers import texts
from handlers.messages import MOST_DATA, Act, Block, Button, Do, Outgoing, Style
from handlers.ports import Call, Ports, Rules
from handlers.reading import cut, shown
from knowledge_base.facts import FactCheck, Person, Question, Source, Submission, Verdict
from knowledge_base.search.findings import Difference, Stance
from knowledge_base.search.text import lexicon

FACT_LIMIT, WHY_LIMIT, LABEL_LIMIT, HINT_LIMIT, PART_SHOWN = 220, 320, 20, 72, 160
REASON_LIMIT = 300
_REFUTED = (Verdict.FALSE, Verdict.SCAM, Verdict.MISLEADING, Verdict.SATIRE)
_LABELLED = re.compile(
    r"\[[^\]]{2,40}\]|^\W{0,3}(?:cek fakta|fact check|hoaks|hoax|salah|keliru|penipuan|benarkah)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?:[A-Z][\w-]{1,30}(?: [A-Z][\w-]{1,30}){0,3})")
_WORD = re.compile(r"\b(?:[^\W\d_]{4,20}|\d{1,12})\b")
OWN_WORDS = 3  # that tell topics apart which read the same


@dataclass(frozen=True, slots=True)
class Voice:
    """To whom we speak, in which language, by which rules, and when."""

    to: str
    language: str
    rules: Rules
    now: datetime

    def say(self, key: str, /, **values: object) -> str:
        """The sentence in this person's language."""
        return texts.say(self.language, key, **values)

    def page(self, number: int) -> str:
        """The public page of a fact-check; "…" stands for a number that is not given yet."""
        return f"{self.rules.public_url.rstrip('/')}/p/{number or '…'}"


def language_of(person: Person, rules: Rules) -> str:
    """The language the person chose, else the installation's."""
    return texts.readable(person.language or rules.language)


def voice_of(ports: Ports, person: Person) -> Voice:
    """How to speak to this person."""
    return Voice(person.id, language_of(person, ports.rules), ports.rules, ports.now)


def voice(call: Call) -> Voice:
    """How to speak to whoever wrote."""
    return voice_of(call.ports, call.person)


# ── pieces ──────────────────────────────────────────────────────────────────────────────────


def data(action: str, id: str = "", arg: object = "") -> str:
    """A button's data, at most 64 bytes: `v1|action|id|arg`."""
    return f"v1|{action}|{id}|{arg}"


def button(
    to: Voice, key: str, action: str, id: str = "", arg: object = "", optional: bool = False
) -> Button:
    """A button with the words `button.<key>`."""
    return Button(to.say(f"button.{key}"), data(action, id, arg), optional=optional)


def blocks(*paragraphs: str) -> tuple[Block, ...]:
    """Plain paragraphs; empty ones are left out."""
    return tuple(Block(text) for text in paragraphs if text)


def send(
    to: Voice,
    parts: Sequence[Block],
    buttons: Sequence[Sequence[Button]] = (),
    *,
    quote: str = "",
    fact: FactCheck | None = None,
) -> Outgoing:
    """One message to this person."""
    return Outgoing(
        to=to.to,
        blocks=tuple(part for part in parts if part.text),
        buttons=tuple(tuple(row) for row in buttons if row),
        quote=quote,
        fact=(fact.number, fact.version) if fact else None,
    )


def with_verdicts(message: Outgoing, facts: Sequence[FactCheck]) -> Outgoing:
    """The same message, marked with every verdict that is in it, each once."""
    told = tuple(dict.fromkeys((fact.number, fact.version) for fact in facts))
    return replace(message, fact=told[0], more_facts=told[1:]) if told else message


def line(to: Voice, key: str, /, *, quote: str = "", **values: object) -> Outgoing:
    """A message of one sentence."""
    return send(to, blocks(to.say(key, **values)), quote=quote)


def toast(call: Call, words: str = "") -> list[Outgoing]:
    """Acknowledge a press; nothing when it was typed instead."""
    if not call.message.callback:
        return [send(voice(call), blocks(words))] if words else []
    return [
        Outgoing(
            to=call.person.id, do=Do.TOAST, callback=call.message.callback, blocks=blocks(words)
        )
    ]


def quoted(call: Call) -> str:
    """The message to quote: the one just written; a press has none of its own."""
    return "" if call.message.act is Act.PRESS else call.message.ref


READY = ("desk.closed_as.not_a_claim", "desk.closed_as.spam")  # reasons in our own words


def why_closed(to: Voice, question: Question) -> str:
    """Why a question was closed without a verdict: a person's words, or ours in this language,
    whatever language the question was asked in."""
    return shown(texts.again(to.language, question.reason, READY), REASON_LIMIT)


# ── what a fact-check says ──────────────────────────────────────────────────────────────────


def refutes(fact: FactCheck) -> bool:
    """Does the check say that the claim does not hold?"""
    return fact.verdict in _REFUTED


def icon_word(to: Voice, fact: FactCheck) -> tuple[str, str]:
    """The verdict's icon and word."""
    return to.say(f"icon.{fact.verdict}"), to.say(f"word.{fact.verdict}")


def first_sentence(text: str) -> str:
    """Up to the first full stop that ends a sentence."""
    return re.split(r"(?<=[.!?])\s+", text.strip(), maxsplit=1)[0]


def fact_text(fact: FactCheck) -> str:
    """The one-sentence fact; without one the explanation's first sentence, or nothing."""
    return shown(fact.fact or first_sentence(fact.explanation), FACT_LIMIT)


def fact_line(to: Voice, fact: FactCheck) -> str:
    """ "The fact: …", or where the reasons stand when there is no fact."""
    words = fact_text(fact)
    if not words:
        return to.say("answer.no_fact")
    return to.say("answer.fact_true" if fact.verdict is Verdict.TRUE else "answer.fact", fact=words)


def why_text(fact: FactCheck, limit: int = WHY_LIMIT) -> str:
    """The explanation without the fact it may repeat."""
    words, known = shown(fact.explanation, 4000), fact_text(fact)
    return cut(words.removeprefix(known).strip(), limit) if words != known else ""


def checked_on(fact: FactCheck) -> date | None:
    """When it was checked; else the newest date of a source."""
    return fact.checked_on or max((s.date for s in fact.sources if s.date), default=None)


def publisher(to: Voice, fact: FactCheck) -> str:
    """Who checked it."""
    return shown(fact.publisher or to.rules.organisation, 80)


def source_name(source: Source) -> str:
    """The source's publisher, or the site it stands on."""
    site = source.url.split("://")[-1].split("/")[0].removeprefix("www.")
    return shown(source.publisher or site, 60)


def _checked_line(to: Voice, fact: FactCheck) -> str:
    when = checked_on(fact)
    if when is None:
        return to.say("answer.checked_undated", publisher=publisher(to, fact))
    day = texts.day(to.language, when)
    return to.say("answer.checked", publisher=publisher(to, fact), date=day)


def age_label(to: Voice, fact: FactCheck) -> str:
    """ "Checked 3 years ago" for a check older than a year (decision 4), else nothing."""
    when = checked_on(fact)
    years = (texts.local(to.now, to.rules.timezone).date() - when).days // 365 if when else 0
    return texts.say_many(to.language, "answer.old", years) if years else ""


def _dated_source(to: Voice, source: Source) -> str:
    if source.date is None:
        return source_name(source)
    day = texts.short_day(to.language, source.date)
    return to.say("answer.source_dated", publisher=source_name(source), date=day)


def sources_line(to: Voice, fact: FactCheck) -> str:
    """Publishers and dates of the first three sources."""
    names = list(dict.fromkeys(_dated_source(to, source) for source in fact.sources))
    text = "; ".join(names[:3])
    if len(names) > 3:
        text = to.say("answer.more_sources", sources=text, count=len(names) - 3)
    return to.say("answer.sources", sources=text) if text else ""


def link_line(to: Voice, fact: FactCheck) -> str:
    """The check's number and its public page."""
    return to.say("answer.link", number=fact.number or "…", link=to.page(fact.number))


def topic(to: Voice, fact: FactCheck) -> str:
    """What the check is about in neutral words: never the false sentence itself."""
    title = shown(fact.title, 90)
    if title and not _LABELLED.search(title) and title.casefold() != fact.claim.casefold():
        return title
    if names := _names(fact.claim):
        return to.say("choose.topic_names", names=", ".join(names))
    return to.say("choose.topic_unnamed", number=fact.number)


def _names(claim: str) -> list[str]:
    """Up to three names in a claim; the capital a sentence begins with makes no name."""
    first, _, rest = shown(claim, 400).partition(" ")
    months = texts.words("months")
    found = _NAME.findall(f"{first} {rest}" if first.isupper() else rest)
    return [name for name in dict.fromkeys(found) if name.casefold() not in months][:3]


def dated_topic(to: Voice, fact: FactCheck) -> str:
    """The neutral topic with the month of the claim or the check."""
    when = fact.claim_date or checked_on(fact)
    if when is None or str(when.year) in topic(to, fact):
        return topic(to, fact)
    month = texts.month(to.language, when)
    return to.say("choose.topic_dated", topic=topic(to, fact), month=month)


def told_apart(to: Voice, facts: Sequence[FactCheck]) -> list[str]:
    """The topics of a list to choose from; equal ones with words that only their own claim has,
    or with their number."""
    topics = [dated_topic(to, fact) for fact in facts]
    spoken = [_WORD.findall(fact.claim.casefold()) for fact in facts]
    found = []
    for at, words in enumerate(topics):
        alike = [n for n, other in enumerate(topics) if other == words and n != at]
        elsewhere = {word for n in alike for word in spoken[n]}
        elsewhere |= lexicon(facts[at].lang).stop
        own = [word for word in dict.fromkeys(spoken[at]) if word not in elsewhere][:OWN_WORDS]
        more = ", ".join(own) or to.say("choose.number", number=facts[at].number)
        found.append(to.say("choose.topic_own", topic=words, words=more) if alike else words)
    return found


# ── whole replies ───────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class About:
    """What the answer refers to: the submission, how it spoke, how it was found."""

    submission: str = ""
    quote: str = ""
    stance: Stance = Stance.CLAIM
    automatic: bool = False
    waited: str = ""  # ticket, when this is the result somebody waited for
    media: bool = False
    lead: str = ""  # a sentence of ours before the verdict
    part: str = ""  # the words the verdict is about, where the message says more than that


def verdict_line(to: Voice, fact: FactCheck, stance: Stance) -> str:
    """Icon and word in one sentence about the message (or that it is a debunk)."""
    if stance is Stance.DEBUNK and refutes(fact):
        return to.say("verdict.debunk")
    subject = to.say("subject.question" if stance is Stance.QUESTION else "subject.claim")
    return to.say(f"verdict.{fact.verdict}", subject=subject)


def _advice(to: Voice, fact: FactCheck) -> str:
    if fact.verdict is Verdict.SCAM:
        return to.say("answer.scam_help")
    return to.say("answer.opinion_help") if fact.verdict is Verdict.OPINION else ""


def part_judged(to: Voice, part: str) -> tuple[Block, ...]:
    """The words a verdict is about, said before it; nothing where that is the whole message."""
    return blocks(to.say("answer.part", text=shown(part, PART_SHOWN)) if part else "")


def credit_lines(to: Voice, fact: FactCheck, automatic: bool) -> str:
    """Who checked, when, how it was found, by which sources, and where to read more."""
    checked = _checked_line(to, fact)
    if automatic:
        checked += " " + to.say("answer.automatic")
    lines = (checked, age_label(to, fact), sources_line(to, fact), link_line(to, fact))
    return "\n".join(part for part in lines if part)


def verdict_buttons(to: Voice, fact: FactCheck, submission: str) -> list[list[Button]]:
    """Forward, evidence, not this; thumbs where there is room."""
    first = [
        button(to, "forward", "fwd", str(fact.number)),
        button(to, "evidence", "src", str(fact.number)),
    ]
    if submission:
        first.append(button(to, "not_this", "not", submission, fact.number))
    thumbs = [
        button(to, "helpful", "up", str(fact.number), fact.version, optional=True),
        button(to, "unhelpful", "down", str(fact.number), fact.version, optional=True),
    ]
    return [first, thumbs]


def verdict(to: Voice, fact: FactCheck, about: About) -> Outgoing:
    """The answer: verdict line, fact, why, who checked and when, sources, page, buttons."""
    aside = about.part and about.stance is Stance.CLAIM  # "that rumour", not "this message"
    head = verdict_line(to, fact, Stance.QUESTION if aside else about.stance)
    if about.waited:
        head += " " + to.say("answer.waited", code=about.waited)
    parts = (
        *blocks(about.lead),
        *part_judged(to, about.part),
        Block(head, Style.STRONG),
        Block(fact_line(to, fact)),
        Block(why_text(fact), shorten=True),
        *blocks(_advice(to, fact), to.say("answer.only_text") if about.media else ""),
        *blocks(to.say("answer.rest") if about.part else ""),
        Block(credit_lines(to, fact, about.automatic)),
    )
    buttons = verdict_buttons(to, fact, about.submission)
    return send(to, parts, buttons, quote=about.quote, fact=fact)


def to_forward(to: Voice, fact: FactCheck) -> Outgoing:
    """The clarification as a text of its own: works anywhere, without us and our buttons."""
    source = _dated_source(to, fact.sources[0]) if fact.sources else publisher(to, fact)
    fact_words = fact_text(fact)
    rated = to.say("forward.verdict", word=icon_word(to, fact)[1])
    parts = (
        Block(to.say("forward.heading", topic=topic(to, fact)), Style.STRONG),
        Block(" ".join(words for words in (fact_words, rated) if words)),
        Block(to.say("forward.source", source=source, link=to.page(fact.number))),
    )
    return send(to, parts, fact=fact)


def _evidence_line(to: Voice, source: Source) -> str:
    when = texts.day(to.language, source.date) if source.date else to.say("evidence.undated")
    title = shown(source.title, 120)
    key = "evidence.source_titled" if title else "evidence.source"
    name = source_name(source)
    return to.say(key, publisher=name, date=when, title=title, url=shown(source.url, 400))


def evidence(to: Voice, fact: FactCheck) -> Outgoing:
    """Every source with its address, the type of falsehood, and the way to object."""
    icon, word = icon_word(to, fact)
    kind = to.say("evidence.kind", kind=to.say(f"kind.{fact.kind}")) if fact.kind else ""
    parts = (
        Block(to.say("evidence.heading", number=fact.number), Style.STRONG),
        *blocks(f"{icon} {word}. {kind}".strip(), *(_evidence_line(to, s) for s in fact.sources)),
        Block(why_text(fact, 2000), shorten=True),
        *blocks(f"{_checked_line(to, fact)}\n{link_line(to, fact)}"),
    )
    return send(to, parts, [[button(to, "dispute", "wrong", str(fact.number))]], fact=fact)


def _choice(position: int, words: str, action: str) -> Button:
    label = f"{position}. {words}"
    return Button(cut(label, LABEL_LIMIT), action, hint=cut(words, HINT_LIMIT))


def listing(numbers: Sequence[int], submission: Submission) -> str:
    """What is listed below which words: an id stays when its message is edited, the words do not.
    Empty where it does not fit into a button."""
    words = submission.fingerprint[:6]
    arg = f"{','.join(map(str, numbers))}.{words}" if words else ""
    return arg if len(data("none", submission.id, arg)) <= MOST_DATA else ""


def choices(
    to: Voice, facts: Sequence[FactCheck], submission: Submission
) -> tuple[Outgoing, dict[str, object]]:
    """Up to three neutral topics and "none of these"; with what each digit means when typed."""
    topics = told_apart(to, facts)
    picks = {
        str(n): data("pick", submission.id, listing([fact.number], submission) or fact.number)
        for n, fact in enumerate(facts, start=1)
    }
    listed = [
        to.say("choose.line", position=n, topic=words) for n, words in enumerate(topics, start=1)
    ]
    several = len(facts) > 1
    heading = to.say("choose.heading" if several else "choose.one")
    none = "none" if several else "none_one"
    listed.append(to.say(f"choose.{none}"))
    rows = [[_choice(n, topics[n - 1], picks[str(n)])] for n in range(1, len(facts) + 1)]
    refused = listing([fact.number for fact in facts], submission)
    rows.append([button(to, none, "none", submission.id, refused)])
    parts = blocks(heading, "\n".join(listed), to.say("choose.how"))
    refuse = data("none", submission.id, refused)
    menu: dict[str, object] = {**picks, "0": refuse, "no": refuse, "not_this": refuse}
    if not several:
        menu["yes"] = picks["1"]
    return send(to, parts, rows, quote=submission.ref), menu


def checked_there(
    to: Voice, facts: Sequence[FactCheck], quote: str
) -> tuple[Outgoing, dict[str, object]]:
    """What was checked by the page behind a link, to be opened; with what each digit means."""
    topics = told_apart(to, facts)
    opens = [data("see", "", fact.number) for fact in facts]
    listed = [
        to.say("choose.line", position=n, topic=words) for n, words in enumerate(topics, start=1)
    ]
    heading = to.say("choose.link_several" if len(facts) > 1 else "choose.link")
    parts = blocks(heading, "\n".join(listed), to.say("choose.how"), to.say("choose.link_else"))
    rows = [[_choice(n, topics[n - 1], opens[n - 1])] for n in range(1, len(facts) + 1)]
    menu: dict[str, object] = {str(n): see for n, see in enumerate(opens, start=1)}
    if len(facts) == 1:
        menu["yes"] = opens[0]
    return send(to, parts, rows, quote=quote), menu


SLOTS = frozenset(
    (
        *("polarity", "number", "date", "place", "person", "agency", "modality", "quantity"),
        *("roles", "thing"),
    )
)  # what a difference can be in, each with a name under [differs]


def slot_word(language: str, kind: str) -> str:
    """What a difference is in, in words; "the details" for a kind without a name."""
    return texts.say(language, f"differs.{kind if kind in SLOTS else 'other'}")


def slot_name(to: Voice, kind: str) -> str:
    """The same in somebody's language."""
    return slot_word(to.language, kind)


def difference_line(to: Voice, difference: Difference) -> str:
    """ "the date: yours says …, the checked one …" """
    slot = slot_name(to, difference.type)
    theirs, ours = shown(difference.message, 40), shown(difference.claim, 40)
    if not theirs or not ours:
        return to.say("differs.line_missing", slot=slot)
    return to.say("differs.line", slot=slot, message=theirs, claim=ours)
