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
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from telegram.request import HTTPXRequest

from tests.servers.telegram_people import Chat, Group, Person, Sent
from tests.servers.telegram_rules import (
    ACTIONS,
    PARAMETERS,
    REACTIONS,
    NoAnswer,
    Problem,
    bad,
    check_button,
    parameters,
    refusal,
    slow_down,
    value_of,
)
from tests.servers.telegram_text import Refused, read, units

__all__ = ["START", "TOKEN", "Chat", "FakeTelegram", "Group", "NoAnswer", "Person", "Sent"]

TOKEN = "4242:uji-coba-token-yang-panjang-sekali-123"
START = 1_795_000_000  # 18 November 2026
DAY = 24 * 3600
LINK_LIFE = 3600  # of a file's address
QUERY_LIFE = 900  # our choice: Telegram says only that old queries cannot be answered
PORTS = {443, 80, 88, 8443}
UNASKED = {"chat_member", "message_reaction", "message_reaction_count"}  # not sent by default


@dataclass
class Fault:
    """Something that goes wrong at the next calls of one method."""

    method: str
    problem: Problem | None  # None: no answer at all
    times: int
    after: bool  # only after the call has had its effect
    spare: int = 0  # so many calls go well before


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
        self._links: dict[str, float] = {}  # until when a file can be fetched
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
        self._queries: dict[str, float] = {}
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
        spare: int = 0,
        **parameters: int,
    ) -> None:
        """The next calls of this method (after `spare` good ones) fail; code 0 is a dead line,
        before or after acting."""
        problem = Problem(code, description, **parameters) if code else None
        with self._lock:
            self._faults.append(Fault(method, problem, times, after, spare))

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
        self._queries[query] = self.now()
        return query

    # --- the HTTP side ------------------------------------------------------------------

    async def _nowhere(self, request: Request) -> Response:
        return refusal(Problem(404, "Not Found"))

    async def _file(self, request: Request) -> Response:
        path = request.path_params["path"]
        body = self.files.get(path)
        if body is None or self._links.get(path, 0.0) <= self.now():
            return refusal(Problem(404, "Not Found"))
        return Response(body)

    async def _endpoint(self, request: Request) -> Response:
        method = request.path_params["method"]
        try:
            if request.path_params["token"] != self.token:
                raise Problem(401, "Unauthorized")
            if method not in PARAMETERS:
                self.violations.append(f"no such method here: {method}")
                raise Problem(404, "Not Found: method not found")
            params = self._typed(method, await parameters(request))
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
            return refusal(problem)
        except Refused as refused:
            return refusal(Problem(400, str(refused)))
        return JSONResponse({"ok": True, "result": result})

    def _typed(self, method: str, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters by name and type; an unknown one is a mistake of ours."""
        params: dict[str, Any] = {}
        for name, value in raw.items():
            if name not in PARAMETERS[method].split():
                self.violations.append(f"{method} has no parameter {name}")
                raise bad(f"unknown parameter {name}")
            params[name] = value_of(name, value)
        return params

    def _fault(self, method: str) -> Fault | None:
        for fault in self._faults:
            if fault.method == method and fault.times > 0:
                if fault.spare > 0:
                    fault.spare -= 1
                    return None
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
        if url and (urlsplit(url).port or 443) not in PORTS:
            raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
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
        self._links[path] = self.now() + LINK_LIFE
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
            check_button(button)
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
        if self.now() - self._queries.get(query, 0.0) > QUERY_LIFE:
            if query in self.toasts or query in self.cards:
                self.violations.append(f"query {query} was answered twice")
            raise bad("query is too old and response timeout expired or query ID is invalid")
        self._queries.pop(query, None)

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
            slow_down(recent[0] + span - now)
        everywhere = [at for at, _ in self._sends if now - at < 1]
        if len(everywhere) >= 30:
            slow_down(everywhere[0] + 1 - now)
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
