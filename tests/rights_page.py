"""docs/rights.md, generated: who may do what, and through which door. Renew it after a change:

python -m tests.rights_page
"""

from __future__ import annotations

from pathlib import Path

from bot.web.app import create_app
from bot.web.login import FRESHLY, HALF_IN, OPEN_TO_ALL, RIGHT_OF, rights_of
from bot.web.services import Services
from handlers.ports import Rules
from handlers.rights import RIGHTS, Action
from knowledge_base.facts import Role
from tests.handlers.test_desk_chat_rights import CHAT

PAGE = Path(__file__).parents[1] / "docs" / "rights.md"
ROLES = (Role.READER, Role.MODERATOR, Role.EDITOR, Role.ADMIN)
HEAD = """# Who may do what

Generated from the table of rights (`handlers/rights.py`), the routes of the desk and the actions of a linked chat; `python -m tests.rights_page` renews it, and a test fails when a route or an action has no row. Everything that is not here is refused. On top of the role come rules on the object: nobody approves their own, an organisation does not decide what it is about, somebody of another house must approve where one can, nobody changes their own account's role.

| action | reader | moderator | editor | admin | on the web | in a linked chat |
|---|---|---|---|---|---|---|
"""


def page() -> str:
    """The page as it has to be now."""
    web: dict[Action | None, list[str]] = {}
    app = create_app(Services(database=None, rules=Rules(), finder=None, receive=None, clock=None))  # type: ignore[arg-type]
    for (method, path), action in sorted(rights_of(app).items()):
        web.setdefault(action, []).append(f"`{method} {path}`")
    rows = [_row(action, web.get(action, [])) for action in Action]
    free = ", ".join(f"`{name}`" for name, action in CHAT.items() if action is None)
    again = ", ".join(sorted({RIGHT_OF[one].value for one in FRESHLY}))
    opened = ", ".join(f"`{path}`" for path in sorted(OPEN_TO_ALL | HALF_IN))
    return HEAD + "".join(rows) + (
        f"\nWithout a session: {opened}. In a chat these only move the dialogue: {free}. "
        f"Asked for a second factor given within ten minutes: some routes of {again}.\n"
    )  # fmt: skip


def _row(action: Action, routes: list[str]) -> str:
    roles = " | ".join("yes" if action in RIGHTS[role] else "–" for role in ROLES)
    taps = " ".join(f"`{name}`" for name, right in CHAT.items() if right is action)
    return f"| {action.value} | {roles} | {'<br>'.join(routes) or '–'} | {taps or '–'} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
