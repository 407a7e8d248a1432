"""What the Cloud API takes in a message body, and how WhatsApp reads its text marks.

Rules: developers.facebook.com/docs/whatsapp/cloud-api/reference/messages. Lengths count UTF-16
units, the strictest reading.
"""

from __future__ import annotations

import re
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
    131056: "(Business Account, Consumer Account) pair rate limit hit",
    131062: "User id is not allowed for this kind of message",
    132000: "Number of parameters does not match the expected number of params",
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


_CONTENT = {"text": _plain, "interactive": _interactive}


@dataclass(frozen=True)
class Template:
    """A template as Meta knows it."""

    values: int = 1
    buttons: int = 2
    languages: frozenset[str] = frozenset({"id", "en"})
    state: str = "APPROVED"

    def check(self, content: dict[str, Any]) -> None:
        """Is it used as it was approved? Raises Refused."""
        if (content.get("language") or {}).get("code") not in self.languages:
            raise Refused(132001, "not in this language")
        if self.state != "APPROVED":
            raise Refused({"PAUSED": 132015, "DISABLED": 132016}.get(self.state, 132001), "state")
        parts = content.get("components", [])
        values = [one for part in parts if part["type"] == "body" for one in part["parameters"]]
        if len(values) != self.values:
            raise Refused(132000, f"{self.values} expected, {len(values)} given")
        for value in values:
            words = _text(value.get("text"), 1, 1024, "parameter")
            if re.search(r"[\n\t]| {4,}", words):
                raise Refused(132012, "no line breaks and runs of spaces")
        if sum(part["type"] == "button" for part in parts) > self.buttons:
            raise Refused(131009, "more buttons than the template has")


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
