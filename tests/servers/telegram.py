"""A strict Telegram in this process: it refuses what the Bot API refuses.

    fake = FakeTelegram()
    sari = fake.person("Sari")
    sari.forwards("TPS tutup jam 10")
    ... the bot polls, answers ...
    fake.sent_to(sari)[-1].text
    sari.presses("Bukan ini")

`fake.app` is an ASGI application; `fake.request()` is a network for python-telegram-bot that
leads to it. Where it is stricter than Telegram (unknown parameters, a second answer to a tap),
it also notes it in `fake.violations`, which a test expects to stay empty.

By hand:  python -m tests.servers.telegram 8081  (a line is a message, `> …` a forward,
`! …` presses a button)
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.request import HTTPXRequest

from tests.servers.telegram_text import Refused, read, units

TOKEN = "4242:uji-coba-token-yang-panjang-sekali-123"
START = 1_795_000_000  # 18 November 2026
DAY = 24 * 3600
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # not sent by default
REACTIONS = {"👍", "👎", "❤", "🔥", "👀", "🙏", "🤔", "👌", "🎉", "😁"}
JSON_FIELDS = {
    "allowed_updates": list,
    "reply_markup": dict,
    "reply_parameters": dict,
    "link_preview_options": dict,
    "results": list,
    "result": dict,
    "commands": list,
    "scope": dict,
    "reaction": list,
    "entities": list,
}
INTEGERS = {
    "offset",
    "limit",
    "timeout",
    "chat_id",
    "message_id",
    "user_id",
    "cache_time",
    "max_connections",
}
BOOLEANS = {
    "is_personal",
    "show_alert",
    "drop_pending_updates",
    "disable_notification",
    "is_big",
}
PARAMETERS = {
    "getMe": "",
    "getUpdates": "offset limit timeout allowed_updates",
    "setWebhook": "url max_connections allowed_updates drop_pending_updates secret_token",
    "deleteWebhook": "drop_pending_updates",
    "getWebhookInfo": "",
    "sendMessage": "chat_id text parse_mode entities link_preview_options disable_notification "
    "reply_parameters reply_markup",
    "editMessageText": "chat_id message_id inline_message_id text parse_mode entities "
    "link_preview_options reply_markup",
    "deleteMessage": "chat_id message_id",
    "setMessageReaction": "chat_id message_id reaction is_big",
    "sendChatAction": "chat_id action",
    "answerCallbackQuery": "callback_query_id text show_alert url cache_time",
    "answerInlineQuery": "inline_query_id results cache_time is_personal",
    "answerGuestQuery": "guest_query_id result",
    "leaveChat": "chat_id",
    "getChatMember": "chat_id user_id",
    "getFile": "file_id",
    "setMyCommands": "commands scope language_code",
    "setMyDescription": "description language_code",
    "setMyShortDescription": "short_description language_code",
}
ACTIONS = {"typing", "upload_photo", "upload_document", "choose_sticker", "find_location"}


class NoAnswer(Exception):
    """The line went dead: the caller never learns what became of its call."""


class Problem(Exception):
    """A refusal with its HTTP status."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters


def bad(words: str) -> Problem:
    return Problem(400, f"Bad Request: {words}")


@dataclass
class Sent:
    """A message of the bot, as it stands now."""

    chat: int
    id: int
    text: str
    entities: list[dict[str, Any]]
    rows: list[list[dict[str, Any]]]
    reply_to: int | None
    at: float
    versions: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """What stands on its buttons."""
        return [button["text"] for row in self.rows for button in row]

    def button(self, label: str) -> dict[str, Any]:
        """The button whose label contains these words."""
        return next(
            button for row in self.rows for button in row if label.lower() in button["text"].lower()
        )

    def styled(self, kind: str) -> list[str]:
        """The stretches of text marked in this way."""
        wide = self.text.encode("utf-16-le")
        return [
            wide[2 * e["offset"] : 2 * (e["offset"] + e["length"])].decode("utf-16-le")
            for e in self.entities
            if e["type"] == kind
        ]


@dataclass
class Fault:
    """Something that goes wrong at the next calls of one method."""

    method: str
    problem: Problem | None  # None: no answer at all
    times: int
    after: bool  # only after the call has had its effect


class FakeTelegram:
    """The Bot API for one bot, with people and groups around it."""

    def __init__(
        self,
        token: str = TOKEN,
        username: str = "saring_uji_bot",
        clock: Callable[[], float] | None = None,
        paced: bool = False,
        longest_hold: float = 0.0,
    ) -> None:
        self.token = token
        self.id = int(token.partition(":")[0])
        self.username = username
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.violations: list[str] = []
        self.updates: list[dict[str, Any]] = []  # every update ever made
        self.toasts: dict[str, str] = {}
        self.cards: dict[str, list[dict[str, Any]]] = {}
        self.typing: list[int] = []
        self.left: list[int] = []
        self.profile: dict[tuple[str, str], Any] = {}
        self.webhook: dict[str, Any] = {}
        self.webhook_error = ""
        self.files: dict[str, bytes] = {}
        self.paced = paced
        self.longest_hold = longest_hold
        self.heard: Callable[[str], Any] = lambda method: None  # told of each call that acted
        self._now = float(START)
        self._clock = clock
        self._pending: deque[tuple[float, dict[str, Any]]] = deque()
        self._allowed: set[str] | None = None
        self._update_ids = itertools.count(700_000_001)
        self._message_ids: dict[int, itertools.count[int]] = {}
        self._ids = itertools.count(50_001)
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}
        self._sent: dict[tuple[int, int], Sent] = {}
        self._known_messages: set[tuple[int, int]] = set()
        self._queries: set[str] = set()
        self._faults: list[Fault] = []
        self._sends: list[tuple[float, int]] = []
        self._poller = 0
        self._lock = threading.RLock()
        self.app = Starlette(
            routes=[
                Route("/bot{token}/{method}", self._endpoint, methods=["GET", "POST"]),
                Route("/file/bot{token}/{path:path}", self._file),
                Route("/{path:path}", self._nowhere, methods=["GET", "POST"]),
            ]
        )

    # --- what a test says and asks -------------------------------------------------------

    def now(self) -> float:
        """Unix seconds: a virtual clock unless one was given."""
        return self._clock() if self._clock else self._now

    def passes(self, seconds: float) -> None:
        """Move the virtual clock."""
        self._now += seconds

    def person(self, name: str, language: str = "id") -> Person:
        """Somebody with a private chat to the bot."""
        person = Person(self, next(self._ids), name, language)
        self._people[person.id] = person
        return person

    def group(self, title: str, *members: Person, privacy: bool = True) -> Group:
        """A group the bot has just been added to by the first member."""
        group = Group(self, -next(self._ids), title, privacy)
        self._groups[group.id] = group
        group.members.update({member.id: "member" for member in members})
        if members:
            group.members[members[0].id] = "creator"
            group.membership(members[0], "left", "member")
        return group

    def sent_to(self, chat: Person | Group) -> list[Sent]:
        """What the bot said there, in order, as it stands now."""
        with self._lock:
            return [sent for (where, _), sent in self._sent.items() if where == chat.id]

    def last_to(self, chat: Person | Group) -> Sent:
        """The newest message there."""
        return self.sent_to(chat)[-1]

    def called(self, method: str) -> list[dict[str, Any]]:
        """The parameters of every call of this method."""
        with self._lock:
            return [params for name, params in self.calls if name == method]

    def fails(
        self,
        method: str,
        code: int = 500,
        description: str = "Internal Server Error",
        times: int = 1,
        after: bool = False,
        **parameters: int,
    ) -> None:
        """The next calls of this method fail; code 0 is a dead line, before or after acting."""
        problem = Problem(code, description, **parameters) if code else None
        with self._lock:
            self._faults.append(Fault(method, problem, times, after))

    def emits(self, update: dict[str, Any]) -> None:
        """Put any raw update into the queue, however odd."""
        with self._lock:
            self.updates.append(update)
            self._pending.append((self.now(), update))

    def happens(self, kind: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Something happened; None when the bot did not ask for this kind of update."""
        with self._lock:
            asked = kind not in UNASKED if self._allowed is None else kind in self._allowed
            if not asked:
                return None
            update = {"update_id": next(self._update_ids), kind: body}
            self.emits(update)
            return update

    def idles_a_week(self) -> None:
        """Telegram numbers its updates anew, here from a lower number."""
        self.passes(8 * DAY)
        self._update_ids = itertools.count(next(self._update_ids) - 400_000_000)

    @property
    def waiting(self) -> int:
        """How many updates the bot has not confirmed yet."""
        with self._lock:
            self._forget_old()
            return len(self._pending)

    def until(self, true: Callable[[], bool], seconds: float = 20.0) -> None:
        """Wait (from another thread) until something is so; for tests of real processes."""
        deadline = time.monotonic() + seconds
        while not true():
            if time.monotonic() > deadline:
                raise AssertionError("it did not happen in time")
            time.sleep(0.02)

    async def push(
        self,
        post: Callable[[dict[str, str], bytes], Awaitable[int]],
        times: int = 1,
        tries: int = 3,
    ) -> list[int]:
        """Deliver what waits to the webhook; repeats what is not answered with 2xx."""
        headers = {"Content-Type": "application/json"}
        if secret := self.webhook.get("secret_token"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = secret
        answers: list[int] = []
        while self._pending:
            _, update = self._pending.popleft()
            body = json.dumps(update).encode()
            for _ in range(tries):
                answers += [await post(headers, body) for _ in range(times)]
                if 200 <= answers[-1] < 300:
                    break
        return answers

    def request(self) -> HTTPXRequest:
        """A network for python-telegram-bot that ends here."""
        return HTTPXRequest(httpx_kwargs={"transport": _Line(self)})

    def user(self) -> dict[str, Any]:
        """The bot as a User."""
        return {"id": self.id, "is_bot": True, "first_name": "Saring", "username": self.username}

    def message_id(self, chat: int) -> int:
        """The next message number of a chat."""
        number = next(self._message_ids.setdefault(chat, itertools.count(1)))
        self._known_messages.add((chat, number))
        return number

    def query_id(self) -> str:
        """A query that may be answered once."""
        query = str(4_100_000_000_000_000_000 + next(self._ids))
        self._queries.add(query)
        return query

    # --- the HTTP side ------------------------------------------------------------------

    async def _nowhere(self, request: Request) -> Response:
        return _refusal(Problem(404, "Not Found"))

    async def _file(self, request: Request) -> Response:
        body = self.files.get(request.path_params["path"])
        return _refusal(Problem(404, "Not Found")) if body is None else Response(body)

    async def _endpoint(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            if request.path_params["token"] != self.token:
                raise Problem(401, "Unauthorized")
            if method not in PARAMETERS:
                self.violations.append(f"no such method here: {method}")
                raise Problem(404, "Not Found: method not found")
            params = self._typed(method, await _parameters(request))
            with self._lock:
                self.calls.append((method, params))
                fault = self._fault(method)
            if fault and not fault.after:
                raise fault.problem or NoAnswer
            result = await self._act(method, params)
            self.heard(method)
            if fault:
                raise fault.problem or NoAnswer
        except Problem as problem:
            return _refusal(problem)
        except Refused as refusal:
            return _refusal(Problem(400, str(refusal)))
        return JSONResponse({"ok": True, "result": result})

    def _typed(self, method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters by name and type; an unknown one is a mistake of ours."""
        params: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in PARAMETERS[method].split():
                self.violations.append(f"{method} has no parameter {name}")
                raise bad(f"unknown parameter {name}")
            params[name] = _value(name, value)
        return params

    def _fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method == method and fault.times > 0:
                fault.times -= 1
                return fault
        return None

    async def _act(self, method: str, params: dict[str, Any]) -> Any:
        if method == "getUpdates":
            return await self._get_updates(**params)
        with self._lock:
            return getattr(self, "_" + re.sub("([A-Z])", r"_\1", method).lower())(**params)

    # --- updates ------------------------------------------------------------------------

    async def _get_updates(
        self,
        offset: int = 0,
        limit: int = 100,
        timeout: int = 0,
        allowed_updates: list[str] | None = None,
    ) -> list[dict[str, Any]]:
        if self.webhook:
            raise Problem(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        with self._lock:
            self._poller += 1
            me = self._poller
            if allowed_updates is not None:
                self._allowed = set(allowed_updates) or None
            self._confirm(offset)
        deadline = time.monotonic() + min(timeout, self.longest_hold)
        while True:
            with self._lock:
                if self._poller != me:
                    raise Problem(
                        409,
                        "Conflict: terminated by other getUpdates request; "
                        "make sure that only one bot instance is running",
                    )
                self._forget_old()
                if self._pending or time.monotonic() >= deadline:
                    return [update for _, update in self._pending][: max(1, min(limit, 100))]
            await asyncio.sleep(0.01)

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            while len(self._pending) > -offset:
                self._pending.popleft()
        elif offset:
            keep = [one for one in self._pending if one[1].get("update_id", 0) >= offset]
            self._pending = deque(keep)

    def _forget_old(self) -> None:
        while self._pending and self._pending[0][0] < self.now() - DAY:
            self._pending.popleft()

    def _set_webhook(self, url: str, drop_pending_updates: bool = False, **options: Any) -> bool:
        secret = options.get("secret_token", "")
        if url and not url.startswith("https://"):
            raise bad("bad webhook: An HTTPS URL must be provided for webhook")
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
            raise bad("secret token contains unallowed characters")
        self.webhook = {"url": url, **options} if url else {}
        if "allowed_updates" in options:
            self._allowed = set(options["allowed_updates"]) or None
        if drop_pending_updates:
            self._pending.clear()
        return True

    def _delete_webhook(self, drop_pending_updates: bool = False) -> bool:
        return self._set_webhook("", drop_pending_updates)

    def _get_webhook_info(self) -> dict[str, Any]:
        info = {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": self.waiting,
        }
        return info | ({"last_error_message": self.webhook_error} if self.webhook_error else {})

    def _get_me(self) -> dict[str, Any]:
        return self.user() | {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_guest_queries": True,
            "supports_inline_queries": True,
            "can_connect_to_business": False,
            "has_main_web_app": False,
        }

    # --- sending ------------------------------------------------------------------------

    def _send_message(
        self,
        chat_id: int = 0,
        text: str = "",
        parse_mode: str = "",
        reply_parameters: dict[str, Any] | None = None,
        reply_markup: dict[str, Any] | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        chat = self._chat(chat_id)
        visible, entities = self._visible(text, parse_mode)
        reply_to = self._reply(chat_id, reply_parameters or {})
        rows = self._rows(reply_markup)
        self._keep_pace(chat_id)
        sent = Sent(
            chat_id,
            self.message_id(chat_id),
            visible,
            entities,
            rows,
            reply_to,
            self.now(),
            [visible],
        )
        self._sent[(chat_id, sent.id)] = sent
        return self.as_message(sent, chat)

    def _edit_message_text(
        self,
        text: str = "",
        parse_mode: str = "",
        chat_id: int = 0,
        message_id: int = 0,
        inline_message_id: str = "",
        reply_markup: dict[str, Any] | None = None,
        **_: Any,
    ) -> dict[str, Any] | bool:
        visible, entities = self._visible(text, parse_mode)
        rows = self._rows(reply_markup)
        if inline_message_id:
            return True
        chat = self._chat(chat_id)
        sent = self._sent.get((chat_id, message_id))
        if sent is None:
            known = (chat_id, message_id) in self._known_messages
            raise bad("message can't be edited" if known else "message to edit not found")
        if (sent.text, sent.entities, sent.rows) == (visible, entities, rows):
            raise bad(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        sent.text, sent.entities, sent.rows = visible, entities, rows
        sent.versions.append(visible)
        return self.as_message(sent, chat) | {"edit_date": int(self.now())}

    def _delete_message(self, chat_id: int = 0, message_id: int = 0) -> bool:
        if self._sent.pop((chat_id, message_id), None) is None:
            raise bad("message to delete not found")
        return True

    def _set_message_reaction(
        self, chat_id: int, message_id: int, reaction: list[dict[str, Any]], **_: Any
    ) -> bool:
        self._chat(chat_id)
        if (chat_id, message_id) not in self._known_messages:
            raise bad("message to react not found")
        if len(reaction) > 1 or any(one.get("emoji") not in REACTIONS for one in reaction):
            raise bad("REACTION_INVALID")
        return True

    def _send_chat_action(self, chat_id: int = 0, action: str = "") -> bool:
        self._chat(chat_id)
        if action not in ACTIONS:
            raise bad("wrong parameter action in request")
        self.typing.append(chat_id)
        return True

    def _answer_callback_query(self, callback_query_id: str = "", text: str = "", **_: Any) -> bool:
        if len(text) > 200:
            raise bad("MESSAGE_TOO_LONG")
        self._use_query(callback_query_id)
        self.toasts[callback_query_id] = text
        return True

    def _answer_inline_query(
        self, inline_query_id: str = "", results: list[Any] | None = None, **_: Any
    ) -> bool:
        cards = [self._card(result) for result in results or []]
        if len(cards) > 50:
            raise bad("RESULTS_TOO_MUCH")
        if len({card["id"] for card in cards}) != len(cards):
            raise bad("RESULT_ID_DUPLICATE")
        self._use_query(inline_query_id)
        self.cards[inline_query_id] = cards
        return True

    def _answer_guest_query(self, guest_query_id: str = "", result: Any = None) -> dict[str, str]:
        card = self._card(result)
        self._use_query(guest_query_id)
        self.cards[guest_query_id] = [card]
        return {"inline_message_id": f"guest-{guest_query_id}"}

    def _leave_chat(self, chat_id: int = 0) -> bool:
        self._chat(chat_id)
        if chat_id > 0:
            raise bad("chat member status can't be changed in private chats")
        self._groups[chat_id].bot_is = "left"
        self.left.append(chat_id)
        return True

    def _get_chat_member(self, chat_id: int = 0, user_id: int = 0) -> dict[str, Any]:
        self._chat(chat_id)
        status = self._groups[chat_id].members.get(user_id) if chat_id in self._groups else None
        person = self._people.get(user_id)
        if person is None:
            raise bad("user not found")
        return {"status": status or "left", "user": person.user(), "is_anonymous": False}

    def _get_file(self, file_id: str = "") -> dict[str, Any]:
        body = self.files.get(f"files/{file_id}")
        if body is None:
            raise bad("wrong file_id or the file is temporarily unavailable")
        if len(body) > 20 * 1024 * 1024:
            raise bad("file is too big")
        path = f"files/{file_id}"
        return {
            "file_id": file_id,
            "file_unique_id": f"u{file_id}",
            "file_size": len(body),
            "file_path": path,
        }

    def _set_my_commands(
        self,
        commands: list[dict[str, str]],
        language_code: str = "",
        scope: dict[str, Any] | None = None,
    ) -> bool:
        for command in commands:
            if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
                raise bad("BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        if len(commands) > 100:
            raise bad("BOT_COMMANDS_TOO_MUCH")
        kind = (scope or {"type": "default"})["type"]
        what = "commands" if kind == "default" else f"commands in {kind}"
        self.profile[what, language_code] = commands
        return True

    def _set_my_description(self, description: str = "", language_code: str = "") -> bool:
        return self._introduce("description", description, 512, language_code)

    def _set_my_short_description(
        self, short_description: str = "", language_code: str = ""
    ) -> bool:
        return self._introduce("short_description", short_description, 120, language_code)

    def _introduce(self, what: str, words: str, most: int, language: str) -> bool:
        if len(words) > most:
            raise bad(f"{what} is too long")
        self.profile[what, language] = words
        return True

    # --- the rules ----------------------------------------------------------------------

    def _chat(self, chat_id: int) -> dict[str, Any]:
        """The chat, or the refusal Telegram gives for it."""
        if not chat_id:
            raise bad("chat_id is empty")
        if chat_id in self._people:
            person = self._people[chat_id]
            if person.refusal:
                raise Problem(403, f"Forbidden: {person.refusal}")
            return person.chat()
        group = self._groups.get(chat_id)
        if group is None:
            raise bad("chat not found")
        if group.moved_to:
            raise Problem(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=group.moved_to,
            )
        if group.bot_is in {"left", "kicked"}:
            raise Problem(403, f"Forbidden: bot was kicked from the {group.kind} chat")
        return group.chat()

    def _visible(self, text: str, parse_mode: str) -> tuple[str, list[dict[str, Any]]]:
        visible, entities = read(text, parse_mode)
        if not visible:
            raise bad("message text is empty")
        if units(visible) > 4096:
            raise bad("message is too long")
        return visible, entities[:100]

    def _reply(self, chat_id: int, reply: dict[str, Any]) -> int | None:
        number = reply.get("message_id")
        if number is None:
            return None
        if (chat_id, number) in self._known_messages:
            return int(number)
        if reply.get("allow_sending_without_reply"):
            return None
        raise bad("message to be replied not found")

    def _rows(self, markup: dict[str, Any] | None) -> list[list[dict[str, Any]]]:
        if markup is None:
            return []
        rows = markup.get("inline_keyboard")
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise bad('Field "inline_keyboard" must be of type Array')
        buttons = [button for row in rows for button in row]
        if any(len(row) > 8 for row in rows) or len(buttons) > 100:
            raise bad("reply markup is too long")
        for button in buttons:
            _check_button(button)
        return [row for row in rows if row]

    def _card(self, result: Any) -> dict[str, Any]:
        if not isinstance(result, dict) or result.get("type") != "article":
            raise bad("can't parse inline query result")
        if not 1 <= len(result.get("id", "").encode()) <= 64 or not result.get("title"):
            raise bad("RESULT_ID_INVALID")
        content = result["input_message_content"]
        text, entities = self._visible(content["message_text"], content.get("parse_mode", ""))
        rows = self._rows(result.get("reply_markup"))
        return result | {"visible": text, "entities": entities, "rows": rows}

    def _use_query(self, query: str) -> None:
        """A query is answered once; Telegram calls everything else too old."""
        if query not in self._queries:
            if query in self.toasts or query in self.cards:
                self.violations.append(f"query {query} was answered twice")
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self._queries.discard(query)

    def _keep_pace(self, chat_id: int) -> None:
        """1 message a second in a chat, 20 a minute in a group, 30 a second over all."""
        if not self.paced:
            return
        now = self.now()
        self._sends = [(at, chat) for at, chat in self._sends if now - at < 60]
        here = [at for at, chat in self._sends if chat == chat_id]
        most, span = (1, 1.0) if chat_id > 0 else (20, 60.0)
        recent = [at for at in here if now - at < span]
        if len(recent) >= most:
            _slow_down(recent[0] + span - now)
        everywhere = [at for at, _ in self._sends if now - at < 1]
        if len(everywhere) >= 30:
            _slow_down(everywhere[0] + 1 - now)
        self._sends.append((now, chat_id))

    def as_message(self, sent: Sent, chat: dict[str, Any]) -> dict[str, Any]:
        """One of the bot's messages as Telegram shows it."""
        message = {
            "message_id": sent.id,
            "from": self.user(),
            "chat": chat,
            "date": int(sent.at),
            "text": sent.text,
        }
        if sent.entities:
            message["entities"] = sent.entities
        if sent.rows:
            message["reply_markup"] = {"inline_keyboard": sent.rows}
        return message


class Chat:
    """What a private chat and a group have in common."""

    def __init__(self, fake: FakeTelegram, id: int) -> None:
        self.fake = fake
        self.id = id

    def chat(self) -> dict[str, Any]:
        """The chat as Telegram shows it."""
        raise NotImplementedError


class Group(Chat):
    """A group with the bot in it."""

    def __init__(self, fake: FakeTelegram, id: int, title: str, privacy: bool) -> None:
        super().__init__(fake, id)
        self.title = title
        self.privacy = privacy
        self.kind = "group"
        self.members: dict[int, str] = {}
        self.bot_is = "member"
        self.moved_to = 0

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, "title": self.title}

    def membership(self, by: Person, before: str, after: str) -> None:
        """The bot's own standing changes."""
        self.bot_is = after
        self.fake.happens("my_chat_member", _membership(self, by, before, after))

    def removes_the_bot(self, by: Person) -> None:
        """Somebody throws the bot out."""
        self.membership(by, self.bot_is, "kicked")

    def migrates(self) -> Group:
        """The group becomes a supergroup with a new id."""
        fake = self.fake
        new = Group(fake, -1_000_000_000_000 - next(fake._ids), self.title, self.privacy)
        new.kind, new.members = "supergroup", self.members
        fake._groups[new.id] = new
        self.moved_to = new.id
        author = fake._people[next(iter(self.members))].user()
        fake.happens("message", _message(fake, self, author, migrate_to_chat_id=new.id))
        fake.happens("message", _message(fake, new, author, migrate_from_chat_id=self.id))
        return new

    def hears(self, message: dict[str, Any]) -> bool:
        """Does privacy mode let the bot see this message?"""
        if not self.privacy:
            return True
        text = message.get("text") or message.get("caption") or ""
        reply = message.get("reply_to_message", {}).get("from", {})
        to_us = re.match(r"/\w+(@(\w+))?(\s|$)", text)
        command = to_us and (to_us[2] or self.fake.username) == self.fake.username
        return bool(command) or reply.get("id") == self.fake.id


class Person(Chat):
    """Somebody who uses Telegram."""

    def __init__(self, fake: FakeTelegram, id: int, name: str, language: str) -> None:
        super().__init__(fake, id)
        self.name = name
        self.language = language
        self.refusal = ""  # why the bot cannot write to them

    def user(self) -> dict[str, Any]:
        user = {"id": self.id, "is_bot": False, "first_name": self.name}
        return user | ({"language_code": self.language} if self.language else {})

    def chat(self) -> dict[str, Any]:
        return {"id": self.id, "type": "private", "first_name": self.name}

    def sends(self, text: str, to: Group | None = None, **fields: Any) -> dict[str, Any]:
        """Type a text, here or in a group; gives the message."""
        marks = _entities(text)
        return self._sends(to, text=text, **({"entities": marks} if marks else {}), **fields)

    def replies(self, message: Any, text: str, to: Group | None = None) -> dict[str, Any]:
        """Answer a message of a person or of the bot."""
        return self.sends(text, to=to, reply_to_message=self._quoted(message, to))

    def forwards(self, text: str = "", origin: str = "channel", **fields: Any) -> dict[str, Any]:
        """Forward something: from a channel, a user, a hidden user, or a chat."""
        content = {"text": text} if text else {}
        return self._sends(None, forward_origin=_origin(self.fake, origin), **content, **fields)

    def shows(self, kind: str, caption: str = "", **fields: Any) -> dict[str, Any]:
        """Send a file: photo, video, voice, audio, document, sticker, animation, video_note."""
        content: dict[str, Any] = {kind: _file(self.fake, kind)}
        if kind == "animation":
            content["document"] = _file(self.fake, "document")
        if caption:
            content["caption"] = caption
        return self._sends(None, **content, **fields)

    def shows_album(self, number: int, caption: str = "") -> list[dict[str, Any]]:
        """Send several pictures as one album; one of them carries the caption."""
        album = str(13_000_000_000 + next(self.fake._ids))
        return [
            self.shows("photo", caption if index == 0 else "", media_group_id=album)
            for index in range(number)
        ]

    def edits(self, message: dict[str, Any], text: str) -> dict[str, Any]:
        """Correct an earlier message."""
        key = "caption" if "caption" in message else "text"
        edited = message | {key: text, "edit_date": int(self.fake.now())}
        edited.pop("entities", None)
        self.fake.happens("edited_message", edited)
        return edited

    def presses(self, label: str, on: Sent | None = None, in_: Group | None = None) -> str:
        """Tap a button of the newest message that has it; gives the query's id."""
        chat: Chat = in_ or self
        sent = on or next(
            one
            for one in reversed(self.fake.sent_to(in_ or self))
            if any(label.lower() in text.lower() for text in one.labels)
        )
        query = self.fake.query_id()
        self.fake.happens(
            "callback_query",
            {
                "id": query,
                "from": self.user(),
                "message": self.fake.as_message(sent, chat.chat()),
                "chat_instance": str(-7_000_000 - chat.id),
                "data": sent.button(label)["callback_data"],
            },
        )
        return query

    def presses_after_years(self, data: str, message_id: int) -> str:
        """Tap a button of a message that Telegram does not show any more."""
        query = self.fake.query_id()
        message = {"chat": self.chat(), "message_id": message_id, "date": 0}
        body = {
            "id": query,
            "from": self.user(),
            "message": message,
            "chat_instance": str(-7_000_000 - self.id),
            "data": data,
        }
        self.fake.happens("callback_query", body)
        return query

    def reacts(self, message_id: int, emoji: str = "👍") -> None:
        """Put an emoji on a message, or take it back (empty)."""
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        self.fake.happens(
            "message_reaction",
            {
                "chat": self.chat(),
                "message_id": message_id,
                "user": self.user(),
                "date": int(self.fake.now()),
                "old_reaction": [],
                "new_reaction": new,
            },
        )

    def searches(self, query: str) -> str:
        """Type `@bot query` in some chat; gives the query's id."""
        reference = self.fake.query_id()
        body = {"id": reference, "from": self.user(), "query": query, "offset": ""}
        self.fake.happens("inline_query", body)
        return reference

    def summons(self, text: str, about: str = "") -> str:
        """Mention the bot in a chat it is not in, perhaps in reply to a message."""
        fake, query = self.fake, self.fake.query_id()
        there = Group(fake, -next(fake._ids), "Keluarga besar", True)
        fields: dict[str, Any] = {"text": text, "guest_query_id": query}
        if marks := _entities(text):
            fields["entities"] = marks
        if about:
            other = {"id": next(fake._ids), "is_bot": False, "first_name": "Budi"}
            fields["reply_to_message"] = _message(fake, there, other, text=about)
        fake.happens("guest_message", _message(fake, there, self.user(), **fields))
        return query

    def blocks(self) -> None:
        """Stop the bot."""
        self.refusal = "bot was blocked by the user"
        self.fake.happens("my_chat_member", _membership(self, self, "member", "kicked"))

    def returns(self) -> None:
        """Start the bot again."""
        self.refusal = ""
        self.fake.happens("my_chat_member", _membership(self, self, "kicked", "member"))

    def deletes_account(self) -> None:
        """The account is gone; Telegram says nothing until somebody writes to it."""
        self.refusal = "user is deactivated"

    def _sends(self, to: Group | None, **content: Any) -> dict[str, Any]:
        message = _message(self.fake, to or self, self.user(), **content)
        if to is None or to.hears(message):
            self.fake.happens("message", message)
        return message

    def _quoted(self, message: Any, to: Group | None) -> dict[str, Any]:
        if isinstance(message, Sent):
            return self.fake.as_message(message, (to or self).chat())
        return {key: value for key, value in message.items() if key != "reply_to_message"}


class _Line(httpx.AsyncBaseTransport):
    """The wire between the bot and the fake; a dead line is a timeout."""

    def __init__(self, fake: FakeTelegram) -> None:
        self._app = httpx.ASGITransport(app=fake.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0)  # a poll without anything to wait for must still let others run
        try:
            return await self._app.handle_async_request(request)
        except NoAnswer:
            raise httpx.ReadTimeout("no answer", request=request) from None


def _refusal(problem: Problem) -> JSONResponse:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": problem.code,
        "description": problem.description,
    }
    if problem.parameters:
        body["parameters"] = problem.parameters
    return JSONResponse(body, status_code=problem.code)


def _slow_down(seconds: float) -> None:
    wait = max(1, int(seconds + 0.999))
    raise Problem(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


async def _parameters(request: Request) -> dict[str, Any]:
    """JSON, form, multipart or query string, as Telegram takes them."""
    params: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        params |= await request.json()
    elif kind:
        params |= {key: value for key, value in (await request.form()).items()}
    return params


def _value(name: str, value: Any) -> Any:
    if name in JSON_FIELDS:
        try:
            read = json.loads(value) if isinstance(value, str) else value
        except ValueError:
            raise bad(f"can't parse {name} JSON object") from None
        if not isinstance(read, JSON_FIELDS[name]):
            raise bad(f"{name} has the wrong type")
        return read
    if name in INTEGERS:
        if not re.fullmatch(r"-?\d{1,19}", str(value)):
            raise bad("chat not found" if name == "chat_id" else f"invalid {name} specified")
        return int(value)
    if name in BOOLEANS:
        return str(value).lower() in {"true", "1", "yes"}
    if not isinstance(value, str):
        raise bad(f"{name} must be a string")
    return value


def _check_button(button: Any) -> None:
    """One text, one action; stricter than Telegram, which ignores a second action."""
    if not isinstance(button, dict) or not button.get("text"):
        raise bad('Field "text" must be of type String')
    actions = set(button) - {"text", "style", "icon_custom_emoji_id"}
    if not actions:
        raise bad("Text buttons are not allowed in the inline keyboard")
    if len(actions) > 1 or not actions <= {"callback_data", "url"}:
        raise bad("BUTTON_TYPE_INVALID")
    if "url" in button:
        if not re.match(r"(https?|tg)://[^/]*\.[^/]*|tg://", button["url"]):
            raise bad(f"inline keyboard button URL '{button['url']}' is invalid: Wrong HTTP URL")
    elif not 1 <= len(str(button["callback_data"]).encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def _message(
    fake: FakeTelegram, chat: Chat, author: dict[str, Any], **content: Any
) -> dict[str, Any]:
    return {
        "message_id": fake.message_id(chat.id),
        "from": author,
        "chat": chat.chat(),
        "date": int(fake.now()),
        **content,
    }


def _membership(chat: Chat, by: Person, before: str, after: str) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": chat.fake.user(), **until}

    return {
        "chat": chat.chat(),
        "from": by.user(),
        "date": int(chat.fake.now()),
        "old_chat_member": member(before),
        "new_chat_member": member(after),
    }


def _origin(fake: FakeTelegram, kind: str) -> dict[str, Any]:
    date = int(fake.now()) - 3600
    channel = {"id": -1_001_234_567, "type": "channel", "title": "Kabar", "username": "kabar_uji"}
    match kind:
        case "channel":
            return {"type": "channel", "date": date, "chat": channel, "message_id": 77}
        case "chat":
            return {"type": "chat", "date": date, "sender_chat": channel}
        case "hidden":
            return {"type": "hidden_user", "date": date, "sender_user_name": "Tanpa Nama"}
    user = {"id": next(fake._ids), "is_bot": False, "first_name": "Budi"}
    return {"type": "user", "date": date, "sender_user": user}


def _file(fake: FakeTelegram, kind: str) -> Any:
    number = next(fake._ids)
    file = {"file_id": f"f{number}", "file_unique_id": f"u{number}", "file_size": 2048}
    size = {"width": 640, "height": 480}
    match kind:
        case "photo":
            small = {"file_id": f"s{number}", "file_unique_id": f"v{number}"}
            return [small | {"width": 90, "height": 67}, file | size]
        case "video" | "animation":
            return file | size | {"duration": 5, "mime_type": "video/mp4"}
        case "video_note":
            return file | {"length": 240, "duration": 5}
        case "voice":
            return file | {"duration": 5, "mime_type": "audio/ogg"}
        case "audio":
            return file | {"duration": 5, "mime_type": "audio/mpeg"}
        case "sticker":
            kinds = {"type": "regular", "is_animated": False, "is_video": False}
            return file | size | kinds
    return file | {"file_name": "surat.pdf", "mime_type": "application/pdf"}


def _entities(text: str) -> list[dict[str, Any]]:
    """What Telegram marks by itself: commands, mentions, addresses."""
    marks = []
    patterns = {
        "bot_command": r"(?<!\S)/\w{1,32}(?:@\w+)?",
        "mention": r"(?<![\w/])@\w{3,}",
        "url": r"https?://\S+",
    }
    for kind, pattern in patterns.items():
        for match in re.finditer(pattern, text):
            start = units(text[: match.start()])
            marks.append({"type": kind, "offset": start, "length": units(match[0])})
    return sorted(marks, key=lambda mark: mark["offset"])


def _play(fake: FakeTelegram) -> None:
    """One person at the keyboard: a line is a message, `> …` a forward, `! …` a button."""
    sari = fake.person("Sari")
    threading.Thread(target=_watch, args=(fake, sari), daemon=True).start()
    for line in sys.stdin:
        words = line.strip()
        if words.startswith("> "):
            sari.forwards(words[2:])
        elif words.startswith("! "):
            sari.presses(words[2:])
        elif words:
            sari.sends(words)


def _watch(fake: FakeTelegram, person: Person) -> None:
    """Print what the bot says, as it comes."""
    seen: dict[int, str] = {}
    while True:
        for sent in fake.sent_to(person):
            if seen.get(sent.id) != sent.text:
                seen[sent.id] = sent.text
                labels = " ".join(f"[{label}]" for label in sent.labels)
                sys.stdout.write(f"\n{sent.text}\n{labels}\n")
                sys.stdout.flush()
        time.sleep(0.1)


def _serve(port: int) -> None:
    """Serve on loopback, for playing by hand."""
    import uvicorn

    fake = FakeTelegram(clock=time.time, longest_hold=30)
    sys.stdout.write(f"TELEGRAM_TOKEN={fake.token} TELEGRAM_API_URL=http://localhost:{port}\n")
    sys.stdout.flush()
    threading.Thread(target=_play, args=(fake,), daemon=True).start()
    uvicorn.run(fake.app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    _serve(int(sys.argv[1]) if len(sys.argv) > 1 else 8081)
