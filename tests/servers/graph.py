"""A strict WhatsApp in this process: Graph API and webhook of one number, with people around it.

    fake = FakeGraph()
    sari = fake.person("Sari", number="6281234567890", bsuid="ID.13491208655302741918")
    sari.forwards("TPS tutup jam 10", many=True)
    await fake.push(post)              # signed deliveries, as the webhook gets them
    ... the bot answers ...
    fake.last_to(sari).text
    sari.presses("Buktinya")

`fake.app` is an ASGI application, `fake.transport()` a network for httpx that ends there.
It refuses what the Cloud API refuses; a body no documented client sends is in `violations`.

By hand:  python -m tests.servers.graph http://localhost:8000/webhooks/whatsapp 8082
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.servers.graph_rules import Refused, Template, check, check_file, largest, marks

TOKEN = "EAAfaketokenofthenumber0123456789"
SECRET = "a-secret-of-the-app-that-signs-deliveries"
START = 1_795_000_000  # 18 November 2026
HOUR, DAY = 3600, 24 * 3600
WEEK = 7 * DAY
URL_LIFE = 300
PAIR_GAP = 6.0

Post = Callable[[dict[str, str], bytes], Awaitable[int]]


class NoAnswer(Exception):
    """The line went dead: the caller never learns what became of its call."""


@dataclass
class Sent:
    """A message of the business, as the phone shows it."""

    id: str
    to: Person
    body: dict[str, Any]
    at: float
    status: str = "accepted"

    @property
    def kind(self) -> str:
        return str(self.body["type"])

    @property
    def text(self) -> str:
        """What can be read, marks included."""
        content = self.body[self.kind]
        if self.kind == "text":
            return str(content["body"])
        if self.kind == "interactive":
            return str(content["body"]["text"])
        if self.kind == "template":
            return str(content["name"])
        return ""

    @property
    def taps(self) -> dict[str, str]:
        """What can be tapped: title → id."""
        if self.kind == "template":
            return {f"#{part['index']}": part["parameters"][0]["payload"] for part in self._quick}
        action = self.body.get("interactive", {}).get("action", {})
        replies = [one["reply"] for one in action.get("buttons", [])]
        rows = [row for part in action.get("sections", []) for row in part["rows"]]
        return {one["title"]: one["id"] for one in [*replies, *rows]}

    @property
    def _quick(self) -> list[dict[str, Any]]:
        parts = self.body["template"].get("components", [])
        return [part for part in parts if part["type"] == "button"]

    @property
    def link(self) -> str:
        """Where its one link button leads; empty without one."""
        action = self.body.get("interactive", {}).get("action", {})
        return str(action.get("parameters", {}).get("url", ""))

    @property
    def quotes(self) -> str:
        """The wamid it answers; empty when it answers none."""
        return str(self.body.get("context", {}).get("message_id", ""))

    @property
    def values(self) -> list[str]:
        """A template's values."""
        parts = self.body.get("template", {}).get("components", [])
        return [
            one["text"] for part in parts if part["type"] == "body" for one in part["parameters"]
        ]

    def shown(self, kind: str) -> list[str]:
        """The stretches shown as bold, italic, strike, code or quote."""
        return marks(self.text)[kind]


@dataclass
class Fault:
    """Something that goes wrong at the next calls."""

    refused: Refused | None  # None: no answer at all
    times: int
    after: bool
    spare: int = 0  # so many calls go well before


@dataclass
class File:
    """A file Meta keeps."""

    content: bytes
    mime: str
    expires: float
    sha256: str
    urls: dict[str, float] = field(default_factory=dict)
    redirect: str = ""


class Person:
    """Somebody on WhatsApp. Without a number only the user id is ever told to the business."""

    def __init__(self, fake: FakeGraph, name: str, number: str, bsuid: str, phone: str) -> None:
        self.fake = fake
        self.name = name
        self.number = number
        self.bsuid = bsuid
        self.phone = phone  # what WhatsApp itself knows, even when it tells nobody
        self.last_wrote: float | None = None
        self.blocked = False

    def contact(self) -> dict[str, Any]:
        told: dict[str, Any] = {"profile": {"name": self.name}}
        if self.number:
            told["wa_id"] = self.number
        if self.bsuid:
            told["user_id"] = self.bsuid
        return told

    def sends(self, text: str) -> str:
        """Type a text; gives its wamid."""
        return self.does("text", {"body": text})

    def forwards(self, text: str, *, many: bool = False) -> str:
        """Forward somebody's text, which may have been forwarded often."""
        context = {"frequently_forwarded": True} if many else {"forwarded": True}
        return self.does("text", {"body": text}, context=context)

    def replies_to(self, sent: Sent, text: str) -> str:
        """Answer one message of the business."""
        context = {"from": self.fake.number, "id": sent.id}
        return self.does("text", {"body": text}, context=context)

    def presses(self, label: str, on: Sent | None = None) -> str:
        """Tap a button, a list row, or a template's quick reply (`#0` is its first)."""
        sent = on or next(
            one for one in reversed(self.fake.sent_to(self)) if self._named(one, label)
        )
        title = self._named(sent, label)
        payload = sent.taps[title]
        context = {"from": self.fake.number, "id": sent.id}
        if sent.kind == "template":
            return self.does("button", {"payload": payload, "text": title}, context=context)
        action = sent.body["interactive"]["type"]
        kind = "button_reply" if action == "button" else "list_reply"
        reply = {"id": payload, "title": title}
        return self.does("interactive", {"type": kind, kind: reply}, context=context)

    @staticmethod
    def _named(sent: Sent, label: str) -> str:
        return next((title for title in sent.taps if label.lower() in title.lower()), "")

    def reacts(self, sent: Sent, emoji: str) -> str:
        """React to a message of the business; without an emoji the reaction is taken back."""
        content = {"message_id": sent.id}
        return self.does("reaction", content | ({"emoji": emoji} if emoji else {}))

    def edits(self, original: str, text: str) -> str:
        """Correct a text sent before."""
        inner = {"type": "text", "text": {"body": text}}
        return self.does("edit", {"original_message_id": original, "message": inner})

    def revokes(self, original: str) -> str:
        """Delete a message for everyone."""
        return self.does("revoke", {"original_message_id": original})

    def sends_file(
        self, kind: str, content: bytes = b"bytes", mime: str = "image/jpeg", **more: Any
    ) -> str:
        """An image, audio, video, document or sticker; gives its media id."""
        if len(content) > largest(kind, animated=bool(more.get("animated"))):
            raise ValueError(f"WhatsApp lets nobody send a {kind} of {len(content)} bytes")
        media_id = self.fake.keeps(content, mime)
        digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
        self.does(kind, {"id": media_id, "mime_type": mime, "sha256": digest, **more})
        return media_id

    def changes_number(self, new: str, new_bsuid: str = "") -> None:
        """WhatsApp tells that this person is reached at another number, in its own message."""
        system: dict[str, Any] = {
            "type": "user_changed_number",
            "body": f"User {self.name} changed from {self.number} to {new}",
            "wa_id": new,
        }
        if new_bsuid:
            system["user_id"] = new_bsuid
        message = {"from": self.number, **self._stamp(), "type": "system", "system": system}
        if self.bsuid:
            message["from_user_id"] = self.bsuid
        self.fake.happens({"messages": [message]})
        self.number = self.phone = new
        self.bsuid = new_bsuid

    def does(
        self,
        kind: str,
        content: Any = None,
        *,
        context: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """Any message of any type; opens the window; gives its wamid."""
        message: dict[str, Any] = {**self._stamp(), "type": kind, **more}
        if self.number:
            message["from"] = self.number
        if self.bsuid:
            message["from_user_id"] = self.bsuid
        if content is not None:
            message[kind] = content
        if context:
            message["context"] = context
        if kind not in {"reaction", "revoke"}:
            self.last_wrote = self.fake.now()
        self.fake.incoming[message["id"]] = self
        self.fake.happens({"contacts": [self.contact()], "messages": [message]})
        return str(message["id"])

    def _stamp(self) -> dict[str, str]:
        return {"id": self.fake.wamid(self.phone), "timestamp": str(int(self.fake.now()))}


class FakeGraph:
    """The Cloud API of one number."""

    number_id = "106540352242922"
    business_id = "102290129340398"
    number = "6281100001111"

    def __init__(
        self,
        token: str = TOKEN,
        secret: str = SECRET,
        clock: Callable[[], float] | None = None,
        *,
        paced: bool = False,
        pair_burst: int = 10,
        per_second: int = 80,
        tier: int = 250,
        tier_code: int = 131048,
        url: str = "https://graph.facebook.com",
    ) -> None:
        self.token = token
        self.secret = secret
        self.url = url
        self.files_at = url  # where the addresses of files point
        self.paced = paced
        self.pair_burst = pair_burst
        self.per_second = per_second
        self.tier = tier  # people a day outside of their window; Meta raises it with good use
        self.tier_code = tier_code  # which code Meta uses for it is not documented
        self.expired = False
        self.quality = "GREEN"
        self.templates = {
            f"saring_{kind}": Template() for kind in ("result", "correction", "interim", "rejected")
        }
        self.calls: list[dict[str, Any]] = []
        self.versions: set[str] = set()  # of the Graph API that were asked for
        self.violations: list[str] = []
        self.deliveries: list[dict[str, Any]] = []  # every payload ever made
        self.read: list[str] = []  # wamids marked as read
        self.typing: list[str] = []
        self.billable = 0
        self.incoming: dict[str, Person] = {}
        self.leaked: list[str] = []  # hosts that got our token without need
        self._clock = clock
        self._now = float(START)
        self._ids = itertools.count(1)
        self._media_ids = itertools.count(2_000_000_001)
        self._people: list[Person] = []
        self._sent: dict[str, Sent] = {}
        self._files: dict[str, File] = {}
        self._pending: deque[dict[str, Any]] = deque()
        self._faults: list[Fault] = []
        self._pairs: dict[str, float] = {}
        self._sends: deque[float] = deque()
        self._outside: dict[str, float] = {}  # whom we wrote to outside of their window, and when
        self._lock = threading.RLock()
        version = "/{version:str}"
        self.app = Starlette(
            routes=[
                Route(version + "/{number_id:str}/messages", self._messages, methods=["POST"]),
                Route(version + "/{number_id:str}/media", self._upload, methods=["POST"]),
                Route(version + "/{business_id:str}/message_templates", self._templates),
                Route("/file/{key:str}", self._bytes),
                Route(version + "/{object_id:str}", self._object),
            ]
        )

    # --- what a test says and asks -------------------------------------------------------

    def now(self) -> float:
        """Unix seconds: a virtual clock unless one was given."""
        return self._clock() if self._clock else self._now

    def passes(self, seconds: float) -> None:
        """Move the virtual clock."""
        self._now += seconds

    def person(
        self, name: str, number: str = "", bsuid: str = "", *, hidden: bool = False
    ) -> Person:
        """Somebody who may write to us. Hidden: the business is never told the number."""
        phone = number or f"62812{next(self._ids):08d}"
        told = "" if hidden or (bsuid and not number) else phone
        person = Person(self, name, told, bsuid, phone)
        self._people.append(person)
        return person

    def sent_to(self, person: Person) -> list[Sent]:
        """What the business said to this person, in order."""
        with self._lock:
            return [sent for sent in self._sent.values() if sent.to is person]

    def last_to(self, person: Person) -> Sent:
        """The newest message to this person."""
        return self.sent_to(person)[-1]

    def fails(
        self,
        code: int,
        *,
        status: int = 0,
        times: int = 1,
        after: bool = False,
        subcode: int = 0,
        spare: int = 0,
        **headers: str,
    ) -> None:
        """The next messages (not read marks; after `spare` good ones) fail with this code; code
        -1 is a dead line, before or after acting."""
        refused = None if code == -1 else Refused(code, "scheduled", subcode=subcode, **headers)
        if refused is not None and status:
            refused.status = status
        with self._lock:
            self._faults.append(Fault(refused, times, after, spare))

    def progresses(self, sent: Sent, status: str, *, code: int = 0) -> None:
        """A status of a message of ours: sent, delivered, read, played or failed."""
        sent.status = status
        entry: dict[str, Any] = {
            "id": sent.id,
            "status": status,
            "timestamp": str(int(self.now())),
        }
        if sent.to.number:
            entry["recipient_id"] = sent.to.number
        if sent.to.bsuid:
            entry["recipient_user_id"] = sent.to.bsuid
        if "biz_opaque_callback_data" in sent.body:
            entry["biz_opaque_callback_data"] = sent.body["biz_opaque_callback_data"]
        if status == "failed":
            entry["errors"] = [{"code": code, "title": "x", "message": "x"}]
        elif status == "sent":
            kind = "utility" if sent.kind == "template" else "service"
            entry["conversation"] = {"id": "c1", "origin": {"type": kind}}
            entry["pricing"] = {"billable": True, "pricing_model": "PMP", "category": kind}
        self.happens({"contacts": [sent.to.contact()], "statuses": [entry]})

    def happens(self, value: dict[str, Any], field: str = "messages") -> None:
        """One change: something the webhook will be told."""
        metadata = {"display_phone_number": self.number, "phone_number_id": self.number_id}
        whole = value
        if field == "messages":
            whole = {"messaging_product": "whatsapp", "metadata": metadata} | value
        with self._lock:
            self._pending.append({"field": field, "value": whole})

    def keeps(self, content: bytes, mime: str = "image/jpeg", *, life: float = WEEK) -> str:
        """Keep a file; gives its id."""
        media_id = str(next(self._media_ids))
        self._files[media_id] = File(
            content, mime, self.now() + life, hashlib.sha256(content).hexdigest()
        )
        return media_id

    def file(self, id: str) -> File:
        """A kept file, to tamper with."""
        return self._files[id]

    @property
    def waiting(self) -> int:
        """How many changes have not been delivered yet."""
        return len(self._pending)

    def payloads(
        self, *, batch: int = 1, shuffle: int | None = None, spread: bool = False
    ) -> list[dict[str, Any]]:
        """What waits, as webhook payloads: `batch` changes in each, `spread` over entries."""
        with self._lock:
            changes = list(self._pending)
            self._pending.clear()
        if shuffle is not None:
            random.Random(shuffle).shuffle(changes)
        made = []
        for start in range(0, len(changes), batch):
            part = changes[start : start + batch]
            groups = [[one] for one in part] if spread else [part]
            entries = [{"id": self.business_id, "changes": group} for group in groups]
            made.append({"object": "whatsapp_business_account", "entry": entries})
        self.deliveries += made
        return made

    def signed(self, payload: dict[str, Any]) -> tuple[dict[str, str], bytes]:
        """Headers and bytes as Meta sends them: everything above U+007F escaped, then signed."""
        body = json.dumps(payload, ensure_ascii=True).replace("/", "\\/").encode()
        mac = hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()
        headers = {"Content-Type": "application/json", "X-Hub-Signature-256": f"sha256={mac}"}
        return headers, body

    async def push(
        self,
        post: Post,
        *,
        times: int = 1,
        tries: int = 3,
        batch: int = 1,
        shuffle: int | None = None,
        spread: bool = False,
    ) -> list[int]:
        """Deliver what waits; repeats what is not answered with 2xx, with growing pauses."""
        answers: list[int] = []
        for payload in self.payloads(batch=batch, shuffle=shuffle, spread=spread):
            headers, body = self.signed(payload)
            for tried in range(tries):
                answers += [await post(headers, body) for _ in range(times)]
                if 200 <= answers[-1] < 300:
                    break
                self.passes(10.0 * 2**tried)
        return answers

    def transport(self) -> httpx.AsyncBaseTransport:
        """A network for httpx that ends here; other hosts than ours are out of reach."""
        return _Line(self)

    def wamid(self, phone: str) -> str:
        """A message id as WhatsApp makes them: the telephone number is inside."""
        inside = f"\x1d\x18\x0c{phone}\x15\x02\x00{next(self._ids):08d}"
        return "wamid." + base64.b64encode(inside.encode()).decode()

    # --- the Graph API -------------------------------------------------------------------

    async def _messages(self, request: Request) -> Response:
        raw = await request.body()
        with self._lock:
            fault = None if b'"message_id"' in raw and b'"read"' in raw else self._due_fault()
            if fault is not None and not fault.after:
                return self._break(fault)
            try:
                self._authorized(request)
                self.versions.add(request.path_params["version"])
                body = self._json(raw)
                self.calls.append(body)
                if request.path_params["number_id"] != self.number_id:
                    raise Refused(100, "unknown number", subcode=33)
                answer = self._act(body)
            except Refused as refused:
                return JSONResponse(refused.body(), refused.status, refused.headers)
            if fault is not None:
                return self._break(fault)
            return JSONResponse(answer)

    def _due_fault(self) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0:
                if fault.spare > 0:
                    fault.spare -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    @staticmethod
    def _break(fault: Fault) -> Response:
        if fault.refused is None:
            raise NoAnswer
        refused = fault.refused
        return JSONResponse(refused.body(), refused.status, refused.headers)

    def _authorized(self, request: Request) -> None:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Refused(190, "Invalid OAuth access token")
        if self.expired:
            raise Refused(190, "Session has expired", subcode=463)

    def _json(self, raw: bytes) -> dict[str, Any]:
        try:
            body = json.loads(raw)
        except ValueError:
            raise Refused(100, "not JSON") from None
        if not isinstance(body, dict):
            raise Refused(100, "not an object")
        return body

    def _act(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("status") == "read":
            return self._mark_read(body)
        kind = check(body)
        person = self._whom(body)
        self._keep_pace(person)
        outside = person.last_wrote is None or self.now() - person.last_wrote >= DAY
        if kind == "template":
            template = self._template(body["template"])
            template.check(body["template"])
            if "recipient" in body and not template.to_user_ids:
                raise Refused(131062, "not to a user id")
        elif outside:
            raise Refused(131047, "More than 24 hours have passed since the customer last replied")
        self._known_context(body, person)
        self._known_file(body.get(kind) or {})
        if outside:
            self._within_tier(person)
        return self._accept(body, person)

    def _mark_read(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("messaging_product") != "whatsapp":
            raise Refused(100, "messaging_product")
        if set(body) - {"messaging_product", "status", "message_id", "typing_indicator"}:
            raise Refused(100, "Unexpected keys")
        reference = body.get("message_id")
        if reference not in self.incoming:
            raise Refused(100, "not an incoming message")
        self.read.append(reference)
        if "typing_indicator" in body:
            if body["typing_indicator"] != {"type": "text"}:
                raise Refused(100, "typing_indicator")
            self.typing.append(reference)
        return {"success": True}

    def _whom(self, body: dict[str, Any]) -> Person:
        if "recipient" in body:
            for person in self._people:
                if person.bsuid and person.bsuid == body["recipient"]:
                    return person
            raise Refused(100, "Object does not exist", subcode=33)
        to = str(body["to"])
        if not to.isdecimal():
            raise Refused(100, "to")
        for person in self._people:
            if person.phone == to and not person.blocked:
                return person
        raise Refused(131026, "Receiver is incapable of receiving this message")

    def _keep_pace(self, person: Person) -> None:
        """80 a second over all; one in 6 seconds to one person, bursts are paid back."""
        if not self.paced:
            return
        now = self.now()
        while self._sends and self._sends[0] <= now - 1:
            self._sends.popleft()
        if len(self._sends) >= self.per_second:
            raise Refused(130429, "Rate limit hit", Retry_After="1")
        owed = max(self._pairs.get(person.phone, now), now)
        if owed - now > PAIR_GAP * (self.pair_burst - 1) + 1e-6:
            raise Refused(131056, "pair rate limit")
        self._pairs[person.phone] = owed + PAIR_GAP
        self._sends.append(now)

    def _within_tier(self, person: Person) -> None:
        """So many different people a day may be written to who did not write themselves."""
        day = self.now() - DAY
        self._outside = {phone: at for phone, at in self._outside.items() if at > day}
        if person.phone not in self._outside and len(self._outside) >= self.tier:
            raise Refused(self.tier_code, "the messaging limit of this portfolio is reached")
        self._outside[person.phone] = self.now()

    def _known_file(self, content: dict[str, Any]) -> None:
        file = self._files.get(str(content.get("id", "")))
        if "id" in content and (file is None or file.expires <= self.now()):
            raise Refused(131053, "unknown file")

    def _template(self, content: dict[str, Any]) -> Template:
        template = self.templates.get(content.get("name", ""))
        if template is None:
            raise Refused(132001, "Template does not exist")
        return template

    def _known_context(self, body: dict[str, Any], person: Person) -> None:
        reference = body.get("context", {}).get("message_id")
        if reference is None or reference in self._sent or reference in self.incoming:
            return
        raise Refused(131009, "context.message_id")

    def _accept(self, body: dict[str, Any], person: Person) -> dict[str, Any]:
        wamid = self.wamid(person.phone)
        self._sent[wamid] = Sent(wamid, person, body, self.now())
        if body["type"] != "reaction":
            self.billable += 1
        named = body.get("to") or body.get("recipient")
        contact = {"input": named} | ({"wa_id": person.number} if person.number else {})
        return {
            "messaging_product": "whatsapp",
            "contacts": [contact],
            "messages": [{"id": wamid}],
        }

    # --- files, number, templates --------------------------------------------------------

    async def _object(self, request: Request) -> Response:
        named = request.path_params["object_id"]
        try:
            self._authorized(request)
            if named == self.number_id:
                return JSONResponse(
                    {"id": named, "quality_rating": self.quality, "status": "CONNECTED"}
                )
            file = self._files.get(named)
            if file is None or file.expires <= self.now():
                raise Refused(100, "Object does not exist", subcode=33)
            if request.query_params.get("phone_number_id", self.number_id) != self.number_id:
                raise Refused(100, "another number's file")
        except Refused as refused:
            return JSONResponse(refused.body(), refused.status)
        key = f"{named}-{len(file.urls)}"
        file.urls[key] = self.now() + URL_LIFE
        return JSONResponse(
            {
                "messaging_product": "whatsapp",
                "id": named,
                "url": f"{self.files_at}/file/{key}",
                "mime_type": file.mime,
                "sha256": file.sha256,
                "file_size": len(file.content),
            }
        )

    async def _bytes(self, request: Request) -> Response:
        key = request.path_params["key"]
        file = self._files.get(key.partition("-")[0])
        if file is None or file.urls.get(key, 0) <= self.now():
            return Response(status_code=404)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Response(status_code=401)
        if file.redirect:
            return Response(status_code=302, headers={"Location": file.redirect})
        return Response(file.content, media_type=file.mime)

    async def _upload(self, request: Request) -> Response:
        try:
            self._authorized(request)
            async with request.form() as form:
                if form.get("messaging_product") != "whatsapp" or "file" not in form:
                    raise Refused(100, "messaging_product and file")
                content, mime = form["file"], str(form.get("type", ""))
                data = content.encode() if isinstance(content, str) else await content.read()
            check_file(mime, len(data))
        except Refused as refused:
            return JSONResponse(refused.body(), refused.status)
        return JSONResponse({"id": self.keeps(data, mime, life=30 * DAY)})

    async def _templates(self, request: Request) -> Response:
        try:
            self._authorized(request)
            if request.path_params["business_id"] != self.business_id:
                raise Refused(100, "unknown account", subcode=33)
        except Refused as refused:
            return JSONResponse(refused.body(), refused.status)
        rows = [
            {"name": name, "language": language, "status": template.state, "category": "UTILITY"}
            for name, template in self.templates.items()
            for language in sorted(template.languages)
        ]
        return JSONResponse({"data": rows})


class _Line(httpx.AsyncBaseTransport):
    """Leads httpx to the fake; other hosts do not exist, and must never see our token."""

    def __init__(self, fake: FakeGraph) -> None:
        self._fake = fake
        self._inner = httpx.ASGITransport(fake.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host != httpx.URL(self._fake.url).host:
            if "authorization" in request.headers:
                self._fake.leaked.append(request.url.host)
            raise httpx.ConnectError("no such host")
        try:
            return await self._inner.handle_async_request(request)
        except NoAnswer:
            raise httpx.ReadTimeout("no answer") from None


def play(webhook: str, port: int, lines: Sequence[str] = ()) -> None:
    """A phone in the terminal: what you type reaches the bot's webhook, its answers are shown.

    Start the bot with WHATSAPP_API_URL=http://localhost:PORT and the secrets of this file.
    """
    import uvicorn

    fake = FakeGraph(clock=time.time, url=f"http://localhost:{port}")
    you = fake.person("Anda", number="6281234567890")
    server = uvicorn.Server(uvicorn.Config(fake.app, port=port, log_level="warning"))
    threading.Thread(target=server.run, daemon=True).start()
    threading.Thread(target=_show, args=(fake, you), daemon=True).start()
    say(
        f"WHATSAPP_API_URL={fake.url} WHATSAPP_TOKEN={TOKEN} "
        f"WHATSAPP_PHONE_NUMBER_ID={fake.number_id} WHATSAPP_APP_SECRET={SECRET} "
        "WHATSAPP_VERIFY_TOKEN=any-word"
    )
    say("Type a message; /f TEXT forwards one, /p LABEL taps a button, /q ends.")
    with httpx.Client(trust_env=False) as client:
        for line in lines or iter(input, "/q"):
            if line.startswith("/p "):
                you.presses(line[3:])
            elif line.startswith("/f "):
                you.forwards(line[3:])
            else:
                you.sends(line)
            for payload in fake.payloads():
                headers, body = fake.signed(payload)
                say("·", client.post(webhook, content=body, headers=headers).status_code)


def _show(fake: FakeGraph, you: Person) -> None:
    seen = 0
    while True:
        for sent in fake.sent_to(you)[seen:]:
            seen += 1
            say(f"\n{sent.text}\n{' '.join(f'[{title}]' for title in sent.taps)}")
        time.sleep(0.2)


def say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")


if __name__ == "__main__":
    play(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 8082)
