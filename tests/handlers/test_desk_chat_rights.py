"""Every action of the desk in a chat has its row in the table of rights, and every role its answer."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest

import handlers
from handlers import desk_chat, desk_more
from handlers.desk_dialogue import guarded
from handlers.desk_talk import Desk, politely
from handlers.ports import Call
from handlers.rights import RIGHTS, Action
from knowledge_base.chats import DeskChat
from knowledge_base.facts import Moderator, Proposal, Role
from tests.fakes import FakeHouse
from tests.handlers.callers import asked, finds, house_with_facts, said

# what a tap or a typed command does, and the right it needs; None: it only moves the dialogue
CHAT = {
    "take": Action.TAKE,
    "release": Action.RELEASE,
    "hand": Action.HAND_OVER,
    "hand_to": Action.HAND_OVER,
    "comment": Action.COMMENT,
    "flag": Action.ESCALATE,
    "calm": Action.APPROVE,
    "into": Action.MERGE,
    "into_this": Action.MERGE,
    "number": Action.MERGE,
    "same": Action.MERGE,
    "split": Action.SPLIT,
    "not_claim": Action.REJECT,
    "usual_reason": Action.REJECT,
    "spam": Action.REJECT,
    "reject": Action.REJECT,
    "publish": Action.ANSWER,
    "undo": Action.UNDO,
    "revise": Action.EDIT_FACT,
    "approve": Action.APPROVE,
    "send_back": Action.ANSWER,  # one's own; another's asks for approving
    "retract": Action.RETRACT,
    "outdate": Action.RETRACT,
    "login": Action.OWN_ACCOUNT,
    "queue": Action.SEE_QUEUE,
    "approvals": Action.SEE_QUEUE,
    **dict.fromkeys(("verdict", "topic", "change", "cancel", "never_mind", "more", "skip")),
    **dict.fromkeys(("ours", "news", "wish", "go_on", "despite")),
}
AT_ONCE = (  # done by the tap alone; the others ask for words first, and refuse then
    *("take", "spam", "usual_reason", "publish", "same", "approve", "calm", "undo", "retract"),
    *("outdate", "login"),
)


def named_in_the_code() -> set[str]:
    """Every action a button or a guarded step of the desk is made for."""
    found: set[str] = set()
    for file in Path(handlers.__file__).parent.glob("desk_*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("named", "guarded") and len(node.args) > 1:
                    given = node.args[1]
                    if isinstance(given, ast.Constant) and isinstance(given.value, str):
                        found.add(given.value)
    return found


def test_no_action_of_a_chat_is_without_a_row() -> None:
    known = set(desk_chat._ACTIONS) | set(desk_more.WORDS) | named_in_the_code()
    assert known - set(CHAT) == set()
    assert {"take", "approve", "login", "revise", "queue"} <= known


def house_of(role: Role) -> tuple[FakeHouse, Desk, str]:
    """A linked chat of this role, with the PIN just given, and the code of an open question."""
    house = house_with_facts()
    who = Moderator(7, "rani", role, "Redaksi")
    house.person("ani")
    house.desk.people = [who, Moderator(8, "dewi", Role.ADMIN, "Lain")]
    chat = DeskChat("p-ani", who, open_until=house.now + timedelta(minutes=5))
    house.chats.linked["p-ani"] = chat
    code = asked(house, "Sumur di Melati berisi sirup jambu", "budi").question
    desk = Desk(house.ports(), chat, "chat:1")
    desk.keep(code=code, version=1)  # an answer is being written
    house.proposals.add(Proposal("fact/482", (house.facts.rows[482],), "dewi", "Lain", base=1))
    return house, desk, code


def tap(house: FakeHouse, desk: Desk, action: str, code: str) -> str:
    subject = {
        "same": f"{code}/482", "approve": "1", "retract": "482/keliru", "outdate": "482/lama",
        "login": "",
    }.get(action, code)  # fmt: skip
    if action in ("retract", "outdate", "login"):
        said_ = politely(desk, lambda: guarded(desk, action, subject, 1))
    else:
        call = Call(said(), house.person("ani"), desk.ports, finds(""), "s9")
        said_ = politely(desk, lambda: desk_chat._act(call, desk, action, subject, 1))
    return " ".join(message.text for message in said_)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", AT_ONCE)
def test_a_role_that_may_not_is_refused_and_nothing_happens(role: Role, action: str) -> None:
    house, desk, code = house_of(role)
    right = CHAT[action]
    assert right is not None
    before = (dict(house.facts.rows), house.questions.rows[code], len(house.audit.entries))
    words = tap(house, desk, action, code)
    if right in RIGHTS[role]:
        assert words != desk.to.say("desk_chat.denied_role")
    else:
        assert words == desk.to.say("desk_chat.denied_role")
        after = (dict(house.facts.rows), house.questions.rows[code], len(house.audit.entries))
        assert after == before
