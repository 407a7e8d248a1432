"""The table of rights has no gaps: every role and every action has one known answer."""

import itertools

import pytest

from handlers.rights import RIGHTS, Action, Denied, Thing, demand, may, objection
from knowledge_base.facts import Moderator, Role

ORDER = [Role.READER, Role.MODERATOR, Role.EDITOR, Role.ADMIN]
LOWEST = {
    Action.OWN_ACCOUNT: Role.READER,
    Action.SEE_QUEUE: Role.READER,
    Action.SEE_FIGURES: Role.READER,
    Action.COMMENT: Role.MODERATOR,
    Action.TAKE: Role.MODERATOR,
    Action.HAND_OVER: Role.MODERATOR,
    Action.RELEASE: Role.MODERATOR,
    Action.MERGE: Role.MODERATOR,
    Action.SPLIT: Role.MODERATOR,
    Action.REJECT: Role.MODERATOR,
    Action.ESCALATE: Role.MODERATOR,
    Action.ANSWER: Role.MODERATOR,
    Action.UNDO: Role.MODERATOR,
    Action.EDIT_FACT: Role.MODERATOR,
    Action.APPROVE: Role.EDITOR,
    Action.RETRACT: Role.EDITOR,
    Action.IMPORT: Role.EDITOR,
    Action.EXPORT: Role.EDITOR,
    Action.INVITE: Role.EDITOR,
    Action.SEE_AUDIT: Role.EDITOR,
    Action.ROLL_BACK: Role.ADMIN,
    Action.MANAGE_PEOPLE: Role.ADMIN,
    Action.MANAGE_GROUPS: Role.ADMIN,
    Action.LOOK_AFTER: Role.ADMIN,
}


def person(role: Role, org: str = "", active: bool = True) -> Moderator:
    return Moderator(1, "Sari", role, org, active)


def test_every_action_has_a_lowest_role_here() -> None:
    assert set(LOWEST) == set(Action)
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize(("role", "action"), list(itertools.product(ORDER, Action)))
def test_each_role_may_what_its_place_allows_and_no_more(role: Role, action: Action) -> None:
    allowed = ORDER.index(role) >= ORDER.index(LOWEST[action])
    assert may(person(role), action) is allowed
    assert not may(person(role, active=False), action)


def test_nobody_approves_their_own() -> None:
    assert objection(person(Role.ADMIN), Action.APPROVE, Thing(author="Sari")) == "own"
    assert may(person(Role.EDITOR), Action.APPROVE, Thing(author="Budi"))


def test_an_agency_does_not_decide_its_own_affairs() -> None:
    thing = Thing(author="Budi", concerns=("Polda Melati",))
    assert objection(person(Role.EDITOR, "Polda Melati"), Action.APPROVE, thing) == "concerned"
    assert may(person(Role.EDITOR, "Redaksi"), Action.APPROVE, thing)


def test_a_denial_says_who_what_and_why() -> None:
    with pytest.raises(Denied, match="Sari may not approve: role"):
        demand(person(Role.MODERATOR), Action.APPROVE)


OBJECTS = {
    "nobody's": Thing(),
    "one's own": Thing(author="Sari", author_org="KPU", person="Sari"),
    "another's": Thing(author="Budi", author_org="Redaksi", person="Budi"),
    "about us": Thing(author="Budi", author_org="Redaksi", concerns=("KPU",), person="Budi"),
    "taken by us": Thing(taken_by="Sari"),
    "taken by another": Thing(taken_by="Budi"),
    "of our house": Thing(author="Budi", author_org="KPU", other_org=True, person="Budi"),
}
REFUSED = {  # beyond the role: everything that is not named here is allowed
    (Action.APPROVE, "one's own"): "own",
    (Action.APPROVE, "about us"): "concerned",
    (Action.RETRACT, "about us"): "concerned",
    (Action.APPROVE, "of our house"): "same org",
    (Action.MANAGE_PEOPLE, "one's own"): "self",
    (Action.OWN_ACCOUNT, "nobody's"): "other",
    (Action.OWN_ACCOUNT, "another's"): "other",
    (Action.OWN_ACCOUNT, "about us"): "other",
    (Action.OWN_ACCOUNT, "of our house"): "other",
    (Action.OWN_ACCOUNT, "taken by us"): "other",
    (Action.OWN_ACCOUNT, "taken by another"): "other",
}
LEFT_TO_EDITORS = {  # beyond the role: an editor may, a moderator may not
    (Action.HAND_OVER, "taken by another"),
    (Action.RELEASE, "taken by another"),
    (Action.UNDO, "another's"),
    (Action.UNDO, "about us"),
    (Action.UNDO, "of our house"),
}


@pytest.mark.parametrize("role", ORDER)
@pytest.mark.parametrize("action", Action)
def test_every_role_action_and_object_has_one_answer(role: Role, action: Action) -> None:
    who = person(role, "KPU")
    for name, thing in OBJECTS.items():
        expected = REFUSED.get((action, name), "")
        if (action, name) in LEFT_TO_EDITORS and role is Role.MODERATOR:
            expected = "colleagues"
        by_role = "" if may(who, action) else "role"
        assert objection(who, action, thing) == (by_role or expected)
        assert objection(person(role, "KPU", active=False), action, thing) == "inactive"
