"""Which message goes to which function, in order, and what it needs beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from handlers import (
    check,
    choosing,
    cited,
    desk_chat,
    dialogue,
    draft,
    feedback,
    groups,
    invited,
    language,
    privacy,
    queueing,
    replies,
    smalltalk,
    start,
    status,
    texts,
    warnings,
)
from handlers.answering import number_in, show_number
from handlers.invited import invitation
from handlers.messages import Act, Incoming, Outgoing
from handlers.ports import Call, Handler
from handlers.queueing import pressed
from handlers.reading import (
    asks_about_a_draft,
    asks_after,
    command,
    has_words,
    must_wait,
    text_to_check,
    typed,
)
from handlers.replies import data
from knowledge_base.facts import Person, Submission
from knowledge_base.search.findings import Decision

__all__ = ["ROUTES", "Needs", "Route", "commands", "leaves", "must_wait", "route", "text_to_check"]


TICKET = 9  # characters of a ticket at most


class Needs(StrEnum):
    """What must be done before the transaction."""

    NOTHING = "nothing"
    ADMIN = "admin"  # ask the platform whether the sender decides for the group
    SEARCH = "search"  # find text_to_check(message), and whether the same is asked already


@dataclass(frozen=True, slots=True)
class Route:
    """One row of the table."""

    name: str
    matches: Callable[[Incoming], bool]
    handler: Handler
    needs: Needs = Needs.NOTHING
    only_if: Callable[[Person], bool] | None = None  # else the chat needs nothing beforehand


Matcher = Callable[[Incoming], bool]


def _act(*acts: Act) -> Matcher:
    return lambda message: message.act in acts


def _named(*names: str) -> Matcher:
    """A command typed in a private chat."""

    def matches(message: Incoming) -> bool:
        found = None if message.group else command(message)
        return found is not None and found.name in names

    return matches


def _in_group(*names: str) -> Matcher:
    def matches(message: Incoming) -> bool:
        found = command(message) if message.group else None
        return found is not None and found.name in names

    return matches


def _press(action: str) -> Matcher:
    return lambda m: m.act is Act.PRESS and pressed(m.button)[0] == action


def _called_in_group(message: Incoming) -> bool:
    found = command(message)
    by_command = found is not None and found.name == "check"
    addressed = message.mentioned and found is None and message.act is Act.MESSAGE
    return message.group and (by_command or addressed)


def _draft(message: Incoming) -> bool:
    found = None if message.group else command(message)
    return found is not None and found.name == "check" and bool(found.rest or message.reply_text)


def _words(message: Incoming) -> bool:
    return message.act is Act.MESSAGE and has_words(message)


def _check_draft(call: Call) -> list[Outgoing]:
    """`cek` with words: a number shows that check, a ticket its state, a reply checks the
    message, else a draft."""
    call = dialogue.over(call)
    found = command(call.message)
    rest = found.rest.strip() if found else ""
    if number_in(rest):
        return show_number(call, number_in(rest))
    if rest.isalnum() and len(rest) <= TICKET and call.ports.questions.get(rest):
        return status.status(call)
    return check.check(call, draft.check_draft if rest else None)


def _check_words(call: Call) -> list[Outgoing]:
    """Words alone: what an influencer wrote themselves is a draft, anything else a question,
    unless it only asks what became of one."""
    if _asks_after_theirs(call):
        return status.status(call)
    return check.check(call, draft.check_draft if _own_draft(call) else None)


def _check_edited(call: Call) -> list[Outgoing]:
    """A draft that was corrected is a draft."""
    about_a_draft = asks_about_a_draft(call.message) or _own_draft(call)
    return check.edited(call, draft.check_draft if about_a_draft else None)


def _own_draft(call: Call) -> bool:
    """Did an influencer write this themselves?"""
    message = call.message
    return call.person.influencer and not message.forwarded and not message.reply_text


def _asks_after_theirs(call: Call) -> bool:
    """Do they only ask what became of something they sent?"""
    clear = call.found is not None and call.found.result.decision is Decision.ANSWER
    if clear or dialogue.objects_to(call):
        return False
    sent = call.ports.questions.of_person(call.person.id, limit=5)
    return any(asks_after(call.message, one.text) for one in sent)


# ── buttons typed as words or digits ────────────────────────────────────────────────────────


# What a typed word does to the question that waits.
_WAITING = {"tell": "tell", "yes": "tell", "once": "once", "drop": "drop", "no": "no"}


def _from_last(call: Call, word: str) -> str:
    """The word applied to what the person asked last."""
    last, waiting = _latest(call)
    number = last.fact_number if last else None
    told = call.ports.people.told(call.person.id)
    if word == "no" and not queueing.must_consent(call):
        return ""  # a plain "tidak" takes nobody's question away
    if waiting and waiting.question and (action := _WAITING.get(word)):
        return data(action, waiting.id)
    if last and number and word == "not_this":
        return data("not", last.id, number)
    if number and word == "wrong":
        return data("wrong", str(number))
    if told and word in ("helpful", "unhelpful"):
        action = "up" if word == "helpful" else "down"
        return data(action, str(told[0].fact_number), told[0].version)
    if told and word in ("forward", "evidence"):
        return data("fwd" if word == "forward" else "src", str(told[0].fact_number))
    return ""


def _latest(call: Call) -> tuple[Submission | None, Submission | None]:
    """What the person sent last, and what of it may wait: of several claims those left over."""
    questions = call.ports.questions
    found = questions.of_person(call.person.id, limit=1)
    if not found:
        return None, None
    whole = questions.submission(queueing.whole_id(found[0].id)) or found[0]
    return whole, questions.submission(queueing.rest_id(whole.id)) or whole


def _typed(call: Call) -> list[Outgoing]:
    """A button's twin: does what the button would do."""
    word = typed(call.message)
    button = dialogue.typed_choice(call, word) or _from_last(call, word)
    if not button:
        call = dialogue.moved_on(call)
        return _choice_again(call) or _taken_back(call, word) or smalltalk.for_nothing(call, word)
    return _do_press(replace(call, message=replace(call.message, act=Act.PRESS, button=button)))


def _choice_again(call: Call) -> list[Outgoing]:
    """A word that is no answer any more, to a choice that still waits: the choice once more."""
    last, _ = _latest(call)
    again = choosing.offer_again(call, last) if last else None
    return [again] if again else []


def _taken_back(call: Call, word: str) -> list[Outgoing]:
    """ "Never mind", "wrong": a way to take back what was asked last and waits."""
    _, waiting = _latest(call)
    question = queueing.waiting_on(call, waiting)
    if waiting is None or question is None or word not in ("no", "wrong"):
        return []
    return smalltalk.take_back(call, waiting, question)


def _do_press(call: Call) -> list[Outgoing]:
    return route(call.message).handler(call)


def _from_menu_button(call: Call) -> list[Outgoing]:
    """A command tapped in the help instead of typed."""
    name = pressed(call.message.button)[1]
    if name not in start.MENU:
        return queueing.outdated(call)
    said = replace(call.message, act=Act.MESSAGE, text=f"/{name}", button="")
    return [*replies.toast(call), *route(said).handler(replace(call, message=said))]


# What is opened by a press, and what is only looked at in between.
_OPENING: tuple[tuple[str, Handler], ...] = (
    ("pick", choosing.pick),
    ("none", choosing.none_of_these),
    ("not", choosing.not_this),
    ("old", choosing.see_old),
    ("see", cited.see),
    ("wrong", feedback.dispute),
    ("leave", feedback.no_dispute),
    ("tell", privacy.tell),
    ("once", privacy.once),
    ("drop", privacy.drop),
    ("no", privacy.decline),
    ("erase", privacy.erase),
    ("keep", privacy.keep),
)
_ASIDE: tuple[tuple[str, Handler], ...] = (
    ("fwd", feedback.forward),
    ("src", feedback.evidence),
    ("up", feedback.helpful),
    ("down", feedback.unhelpful),
    ("lang", language.choose),
    ("try", start.sample),
    ("menu", _from_menu_button),
    ("desk", desk_chat.tapped),
)
_PRESSES: tuple[tuple[str, Handler], ...] = (
    *((name, dialogue.opening(handler)) for name, handler in _OPENING),
    *((name, dialogue.aside(handler)) for name, handler in _ASIDE),
)

_COMMANDS: tuple[Route, ...] = (
    Route("start", _named("start"), dialogue.aside(start.start)),
    Route("help", _named("help"), dialogue.aside(start.greeting(start.help_))),
    Route("status", _named("status"), dialogue.aside(start.greeting(status.status))),
    Route("language", _named("language"), dialogue.aside(language.language)),
    Route("about", _named("about"), dialogue.aside(start.greeting(start.about))),
    Route("method", _named("method"), dialogue.aside(start.greeting(start.method))),
    Route("privacy", _named("privacy"), dialogue.aside(privacy.privacy)),
    Route("data", _named("data"), dialogue.aside(privacy.my_data)),
    Route("desk", _named("desk"), dialogue.aside(desk_chat.desk)),
    Route("draft", _draft, start.greeting(_check_draft), Needs.SEARCH),
    Route("empty check", _named("check"), dialogue.aside(start.greeting(start.how_to_check))),
    Route(
        "unknown command",
        _named("unknown", "warnings"),
        dialogue.aside(start.greeting(start.unknown_command)),
    ),
)

# The first row that matches wins. Stop and delete come before everything a person may be asked.
ROUTES: tuple[Route, ...] = (
    Route("bot", lambda m: m.by_bot, start.quiet),
    Route("receipt", _act(Act.RECEIPT, Act.MOVED, Act.LEFT), start.quiet),
    Route("inline", _act(Act.INLINE), groups.cards, Needs.SEARCH),
    Route("guest", _act(Act.GUEST), groups.guest, Needs.SEARCH),
    Route("joined", _act(Act.JOINED), groups.joined),
    Route("group check", _called_in_group, groups.check, Needs.SEARCH),
    Route("group desk", _in_group("desk"), desk_chat.desk_in_group),
    Route("group warnings", _in_group("warnings"), warnings.switch, Needs.ADMIN),
    Route("group help", _in_group("start", "help"), groups.helps),
    Route("group unknown", _in_group("unknown"), start.quiet),
    Route("group command", lambda m: m.group and command(m) is not None, groups.elsewhere),
    *(Route(f"press {name}", _press(name), handler) for name, handler in _PRESSES),
    Route("press unknown", _act(Act.PRESS), queueing.outdated),
    Route(
        "group words",
        lambda m: m.group and _words(m),
        warnings.warn,
        Needs.SEARCH,
        only_if=warnings.switched_on,
    ),
    Route("group", lambda m: m.group, start.quiet),
    Route("blocked", _act(Act.BLOCKED), start.blocked),
    Route("returned", _act(Act.RETURNED), start.returned),
    Route("reaction", _act(Act.REACTION), feedback.reaction),
    Route("revoked", _act(Act.REVOKED), check.revoked),
    Route("erase", _named("erase"), dialogue.opening(privacy.erase_ask)),
    Route("stop", _named("stop"), dialogue.aside(privacy.stop)),
    Route("invited", lambda m: bool(invitation(m)), dialogue.aside(start.greeting(invited.join))),
    *(replace(row, handler=desk_chat.unless_asked(row.handler)) for row in _COMMANDS),
    Route("typed", lambda m: bool(typed(m)), desk_chat.first(start.greeting(_typed))),
    Route(
        "edit",
        _act(Act.EDIT),
        desk_chat.edits(dialogue.among(start.greeting(_check_edited))),
        Needs.SEARCH,
    ),
    Route(
        "words", _words, desk_chat.first(dialogue.among(start.greeting(_check_words))), Needs.SEARCH
    ),
    Route(
        "no words",
        lambda m: True,
        desk_chat.first(dialogue.among(start.greeting(smalltalk.unreadable))),
    ),
)


LEAVING = frozenset({"erase", "stop", "press erase", "press keep", "press drop", "press no"})


def route(message: Incoming) -> Route:
    """The row for this message; the last one takes everything."""
    return next(row for row in ROUTES if row.matches(message))


def leaves(call: Call, chosen: Route) -> bool:
    """Does this take back what the person gave us: everything, one question, being written to?
    Its last step may be a typed "ya"."""
    if chosen.name == "typed":
        action = pressed(dialogue.typed_choice(call, typed(call.message)))[0]
        return action in ("erase", "keep")
    return chosen.name in LEAVING


def commands(language_code: str) -> tuple[tuple[str, str], ...]:
    """Command names with their descriptions, for platforms that show a list."""
    names = ("cek", "status", "bantuan", "bahasa", "tentang", "metode", "privasi", "data",
             "hapus", "stop")  # fmt: skip
    return tuple((name, texts.say(language_code, f"command.{name}")) for name in names)


def group_commands(language_code: str) -> tuple[tuple[str, str], ...]:
    """The few commands that do something in a group."""
    names = ("cek", "otomatis", "bantuan")
    return tuple((name, texts.say(language_code, f"command.{name}")) for name in names)
