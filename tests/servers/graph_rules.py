"""What the Cloud API takes in a message body, and how WhatsApp reads its text marks.

Rules: developers.facebook.com/docs/whatsapp/cloud-api/reference/messages. Lengths count UTF-16
units, the strictest reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

TYPES = {
    "text",
    "interactive",
    "template",
    "reaction",
    "image",
    "audio",
    "video",
    "document",
    "sticker",
    "location",
    "contacts",
}
ENVELOPE = {
    "messaging_product",
    "recipient_type",
    "to",
    "recipient",
    "type",
    "context",
    "biz_opaque_callback_data",
}
WORDS = {
    1: "An unknown error occurred",
    4: "Application request limit reached",
    100: "Invalid parameter",
    130429: "Rate limit hit",
    131000: "Something went wrong",
    131008: "Required parameter is missing",
    131009: "Parameter value is not valid",
    131026: "Message undeliverable",
    131047: "Re-engagement message",
    131048: "Spam rate limit hit",
    131053: "Media upload error",
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131062: "User id is not allowed for this kind of message",
    132000: "Number of parameters does not match the expected number of params",
    132005: "Translated text too long",
    132008: "Parameter value is not valid",
    132012: "Parameter format does not match",
    132016: "Template is disabled",
    132001: "Template name does not exist in the translation",
    132015: "Template is paused",
    190: "Invalid OAuth access token",
}
STATUS = {190: 401, 0: 401, 10: 403, 200: 403, 130429: 429, 4: 400, 80007: 400, 1: 500, 131000: 500}


class Refused(Exception):
    """A refusal of the Graph API."""

    def __init__(self, code: int, details: str = "", *, subcode: int = 0, **headers: str) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.subcode = subcode
        self.status = STATUS.get(code, 400)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {WORDS.get(self.code, 'Error')}",
            "type": "OAuthException",
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "AFakeTrace_1",
        }
        return {"error": error | ({"error_subcode": self.subcode} if self.subcode else {})}


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check(body: dict[str, Any]) -> str:
    """Is this a body the API takes? Gives its type; raises Refused."""
    if body.get("messaging_product") != "whatsapp":
        raise Refused(100, "The parameter messaging_product is required.")
    unknown = set(body) - ENVELOPE - {body.get("type")}
    if unknown:
        raise Refused(100, f"Unexpected keys: {sorted(unknown)}")
    if ("to" in body) == ("recipient" in body):
        raise Refused(100, "Give exactly one of to and recipient.")
    if body.get("recipient_type", "individual") != "individual":
        raise Refused(131009, "recipient_type")
    kind = body.get("type", "text")
    if kind not in TYPES:
        raise Refused(131009, "type")
    if not isinstance(body.get(kind), dict):
        raise Refused(131008, f"{kind} is required")
    if "context" in body:
        _text(body["context"].get("message_id"), 1, 512, "context.message_id")
    if "biz_opaque_callback_data" in body:
        _text(body["biz_opaque_callback_data"], 0, 512, "biz_opaque_callback_data")
    _CONTENT.get(kind, lambda content: None)(body[kind])
    return str(kind)


def _text(value: Any, shortest: int, longest: int, name: str) -> str:
    if not isinstance(value, str) or units(value) < shortest:
        raise Refused(131008, f"{name} is required")
    if units(value) > longest:
        raise Refused(100, f"{name}: at most {longest} characters")
    if any(0xD800 <= ord(one) < 0xE000 for one in value) or "\x00" in value:
        raise Refused(100, f"{name}: not valid text")
    return value


def _list(value: Any, most: int, name: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise Refused(131008, f"{name} is required")
    if len(value) > most:
        raise Refused(131009, f"{name}: at most {most}")
    return value


def _plain(content: dict[str, Any]) -> None:
    if not _text(content.get("body"), 1, 4096, "text.body").strip():
        raise Refused(131008, "text.body is required")
    if not isinstance(content.get("preview_url", False), bool):
        raise Refused(100, "preview_url")


def _interactive(content: dict[str, Any]) -> None:
    _text((content.get("body") or {}).get("text"), 1, 1024, "interactive.body")
    for part in ("header", "footer"):
        if part in content:
            _text(content[part].get("text"), 1, 60, f"interactive.{part}")
    action = content.get("action")
    if not isinstance(action, dict):
        raise Refused(131008, "interactive.action is required")
    reader = {"button": _buttons, "list": _rows, "cta_url": _link}.get(content.get("type", ""))
    if reader is None:
        raise Refused(131009, "interactive.type")
    reader(action)


def _buttons(action: dict[str, Any]) -> None:
    replies = [one.get("reply", {}) for one in _list(action.get("buttons"), 3, "buttons")]
    for reply in replies:
        _text(reply.get("title"), 1, 20, "button title")
        _text(reply.get("id"), 1, 256, "button id")
    _unique(replies)


def _rows(action: dict[str, Any]) -> None:
    _text(action.get("button"), 1, 20, "list button")
    sections = _list(action.get("sections"), 10, "sections")
    rows = [row for part in sections for row in _list(part.get("rows"), 10, "rows")]
    if len(rows) > 10:
        raise Refused(131009, "at most 10 rows in all sections")
    for section in sections:
        if len(sections) > 1:
            _text(section.get("title"), 1, 24, "section title")
    for row in rows:
        _text(row.get("title"), 1, 24, "row title")
        _text(row.get("id"), 1, 200, "row id")
        _text(row.get("description", ""), 0, 72, "row description")
    _unique(rows)


def _unique(parts: list[dict[str, Any]]) -> None:
    if len({part["id"] for part in parts}) != len(parts):
        raise Refused(131009, "the same id twice")


def _link(action: dict[str, Any]) -> None:
    parameters = action.get("parameters") or {}
    _text(parameters.get("display_text"), 1, 20, "display_text")
    address = urlsplit(_text(parameters.get("url"), 1, 2000, "url"))
    if action.get("name") != "cta_url" or address.scheme not in {"http", "https"}:
        raise Refused(131009, "url")


def _media(kind: str) -> Callable[[dict[str, Any]], None]:
    """A file by id or address, with a caption where this kind has one."""

    def read(content: dict[str, Any]) -> None:
        if ("id" in content) == ("link" in content):
            raise Refused(131009, f"{kind}: give exactly one of id and link")
        if "caption" in content:
            if kind in {"audio", "sticker"}:
                raise Refused(100, f"{kind} has no caption")
            _text(content["caption"], 0, 1024, f"{kind}.caption")

    return read


def _reaction(content: dict[str, Any]) -> None:
    _text(content.get("message_id"), 1, 512, "reaction.message_id")
    _text(content.get("emoji"), 0, 16, "reaction.emoji")


_CONTENT: dict[str, Callable[[dict[str, Any]], None]] = {
    "text": _plain,
    "interactive": _interactive,
    "reaction": _reaction,
    **{kind: _media(kind) for kind in ("image", "audio", "video", "document", "sticker")},
}

# developers.facebook.com/docs/whatsapp/cloud-api/reference/media#supported-media-types
MB, KB = 1024 * 1024, 1024
SIZES = {"image": 5 * MB, "audio": 16 * MB, "video": 16 * MB, "document": 100 * MB}
STICKER, ANIMATED = 100 * KB, 500 * KB
MIMES = {
    "image": {"image/jpeg", "image/png"},
    "audio": {"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"},
    "video": {"video/mp4", "video/3gpp"},
    "sticker": {"image/webp"},
}


def check_file(mime: str, size: int) -> None:
    """May this file be uploaded? Raises Refused."""
    plain = mime.partition(";")[0].strip().lower()
    kind = next((kind for kind, known in MIMES.items() if plain in known), "document")
    if plain.partition("/")[0] in {"image", "audio", "video"} and kind == "document":
        raise Refused(100, f"unsupported type {plain}")
    if size > (ANIMATED if kind == "sticker" else SIZES[kind]):
        raise Refused(131053, f"too large for {kind}")


def largest(kind: str, *, animated: bool = False) -> int:
    """The most bytes people can send of this kind."""
    return (ANIMATED if animated else STICKER) if kind == "sticker" else SIZES[kind]


@dataclass(frozen=True)
class Template:
    """A template as Meta knows it."""

    values: int = 1
    buttons: int = 2
    languages: frozenset[str] = frozenset({"id", "en"})
    state: str = "APPROVED"
    text: str = "Halo, pemeriksaan untuk pertanyaan Anda nomor {{1}} sudah selesai."
    to_user_ids: bool = True  # may go to somebody whose number is not told

    def check(self, content: dict[str, Any]) -> None:
        """Is it used as it was approved? Raises Refused."""
        unknown = set(content) - {"name", "language", "components"}
        if unknown:
            raise Refused(100, f"Unexpected keys: {sorted(unknown)}")
        if (content.get("language") or {}).get("code") not in self.languages:
            raise Refused(132001, "not in this language")
        if self.state != "APPROVED":
            raise Refused({"PAUSED": 132015, "DISABLED": 132016}.get(self.state, 132001), "state")
        parts = content.get("components", [])
        if any(part.get("type") not in {"body", "button"} for part in parts):
            raise Refused(132012, "this template has neither header nor footer values")
        values = [one for part in parts if part["type"] == "body" for one in part["parameters"]]
        if len(values) != self.values:
            raise Refused(132000, f"{self.values} expected, {len(values)} given")
        for value in values:
            if value.get("type") != "text":
                raise Refused(132012, "a text is expected")
            words = value.get("text")
            if not isinstance(words, str) or not words.strip():
                raise Refused(132008, "a value is empty")
            if re.search(r"[\n\t]| {4,}", words):
                raise Refused(132012, "no line breaks and runs of spaces")
        self._check_length([str(value["text"]) for value in values])
        self._check_buttons([part for part in parts if part["type"] == "button"])

    def _check_length(self, values: list[str]) -> None:
        """The whole text with its values: 1024 characters."""
        whole = self.text
        for number, value in enumerate(values, start=1):
            whole = whole.replace(f"{{{{{number}}}}}", value)
        if units(whole) > 1024:
            raise Refused(132005, "more than 1024 characters with its values")

    def _check_buttons(self, parts: list[dict[str, Any]]) -> None:
        for part in parts:
            index = str(part.get("index", ""))
            if not index.isdecimal() or int(index) >= self.buttons:
                raise Refused(131009, "the template has no such button")
            if part.get("sub_type") != "quick_reply":
                raise Refused(132012, "the button is a quick reply")
            (value,) = _list(part.get("parameters"), 1, "button parameters")
            _text(value.get("payload"), 1, 128, "button payload")
        if len({part["index"] for part in parts}) != len(parts):
            raise Refused(131009, "the same button twice")


# ── what a phone shows ──────────────────────────────────────────────────────────────────────

_BORDER = r"(?:^|(?<=[^\w*_~`])|(?<=_)|(?<=[*~`]))"
_MARKS = {
    kind: re.compile(
        rf"{_BORDER}{re.escape(sign)}(?=\S)([^\n]+?)(?<=\S){re.escape(sign)}(?![^\W_])"
    )
    for kind, sign in {"bold": "*", "italic": "_", "strike": "~", "code": "`"}.items()
}


def marks(text: str) -> dict[str, list[str]]:
    """The stretches WhatsApp shows as bold, italic, strike, code or quote, line by line.

    Read generously, so that a doubtful sign counts as formatting. Links are not formatted.
    """
    shown: dict[str, list[str]] = {kind: [] for kind in (*_MARKS, "quote")}
    for line in re.split(r"\r\n|[\n\r\u2028\u2029]", text):
        if line.lstrip().startswith(">"):
            shown["quote"].append(line.lstrip().removeprefix(">").strip())
        for kind, pattern in _MARKS.items():
            shown[kind] += pattern.findall(line)
    return shown
