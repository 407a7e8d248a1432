"""Who may do what on the desk: role × action × object, deny by default.

One table for every door (web, messenger, command line). A new action is denied to everybody
until it stands here; tests/handlers/test_rights.py walks the whole table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.facts import KnowledgeError, Moderator, Role


class Action(StrEnum):
    """Everything a person of the desk can do."""

    OWN_ACCOUNT = "own account"  # one's own sessions and second factor
    SEE_QUEUE = "see queue"
    SEE_FIGURES = "see figures"
    COMMENT = "comment"
    TAKE = "take"
    HAND_OVER = "hand over"
    RELEASE = "release"
    MERGE = "merge"
    SPLIT = "split"
    REJECT = "reject"
    ESCALATE = "escalate"
    ANSWER = "answer"  # write and, where the policy allows, publish
    UNDO = "undo"  # take an answer or a closing back before it is told
    EDIT_FACT = "edit fact-check"
    APPROVE = "approve"
    RETRACT = "retract"
    IMPORT = "import"
    EXPORT = "export"
    ROLL_BACK = "roll back"
    INVITE = "invite"
    SEE_AUDIT = "see audit"
    MANAGE_PEOPLE = "manage people"
    MANAGE_GROUPS = "manage groups"
    LOOK_AFTER = "look after"  # what was given up: start it again or drop it


_READER = frozenset({Action.OWN_ACCOUNT, Action.SEE_QUEUE, Action.SEE_FIGURES})
_MODERATOR = _READER | {
    Action.COMMENT,
    Action.TAKE,
    Action.HAND_OVER,
    Action.RELEASE,
    Action.MERGE,
    Action.SPLIT,
    Action.REJECT,
    Action.ESCALATE,
    Action.ANSWER,
    Action.UNDO,
    Action.EDIT_FACT,
}
_EDITOR = _MODERATOR | {
    Action.APPROVE,
    Action.RETRACT,
    Action.IMPORT,
    Action.EXPORT,
    Action.INVITE,
    Action.SEE_AUDIT,
}
_ADMIN = _EDITOR | {
    Action.ROLL_BACK,
    Action.MANAGE_PEOPLE,
    Action.MANAGE_GROUPS,
    Action.LOOK_AFTER,
}

RIGHTS = {
    Role.READER: _READER,
    Role.MODERATOR: _MODERATOR,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: _ADMIN,
}


@dataclass(frozen=True, slots=True)
class Thing:
    """What an action is done to, as far as rights depend on it."""

    author: str = ""  # who wrote the draft or verdict, or closed the question
    author_org: str = ""
    concerns: tuple[str, ...] = ()  # organisations the claim is about
    other_org: bool = False  # somebody of another organisation could decide, so one must
    taken_by: str = ""
    person: str = ""  # whose account it is
    let_in: tuple[str, ...] = ()  # at whose desk its author may be sitting


class Denied(KnowledgeError):
    """This person may not do this to this thing; `why` is a key of the texts."""

    def __init__(self, message: str, why: str = "role", action: Action | None = None) -> None:
        super().__init__(message)
        self.why = why
        self.action = action


def objection(who: Moderator, action: Action, thing: Thing | None = None) -> str:
    """Why not: "inactive", "role", "own", "let in", "same org", "concerned", "self",
    "other", "colleagues"; empty when allowed."""
    if not who.active:
        return "inactive"
    if action not in RIGHTS.get(who.role, frozenset()):
        return "role"
    if thing is None:
        return ""
    if action is Action.APPROVE and thing.author == who.name:
        return "own"
    if action is Action.APPROVE and who.name in thing.let_in:
        return "let in"  # whoever made their login link may be sitting there themselves
    if action in (Action.APPROVE, Action.RETRACT) and who.org and who.org in thing.concerns:
        return "concerned"
    if action is Action.APPROVE and thing.other_org and who.org == thing.author_org:
        return "same org"
    return _about_people(who, action, thing) or _of_colleagues(who, action, thing)


def _about_people(who: Moderator, action: Action, thing: Thing) -> str:
    """Nobody changes their own role, and nobody but oneself touches one's own account page."""
    if action is Action.MANAGE_PEOPLE and thing.person == who.name:
        return "self"
    if action is Action.OWN_ACCOUNT and thing.person != who.name:
        return "other"
    return ""


def _of_colleagues(who: Moderator, action: Action, thing: Thing) -> str:
    """What a colleague has taken, answered or closed is left to them and to editors."""
    whose = {
        Action.HAND_OVER: thing.taken_by,
        Action.RELEASE: thing.taken_by,
        Action.UNDO: thing.author,
    }.get(action, "")
    editor = Action.APPROVE in RIGHTS[who.role]
    return "colleagues" if whose and whose != who.name and not editor else ""


def may(who: Moderator, action: Action, thing: Thing | None = None) -> bool:
    """Is this person allowed to do this to this thing?"""
    return not objection(who, action, thing)


def demand(who: Moderator, action: Action, thing: Thing | None = None) -> None:
    """Raises Denied unless this person is allowed to."""
    why = objection(who, action, thing)
    if why:
        raise Denied(f"{who.name} may not {action.value}: {why}", why, action)
