"""What the Bot API takes and how it refuses: methods, types of parameters, buttons."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse

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


def refusal(problem: Problem) -> JSONResponse:
    body: dict[str, Any] = {
        "ok": False,
        "error_code": problem.code,
        "description": problem.description,
    }
    if problem.parameters:
        body["parameters"] = problem.parameters
    return JSONResponse(body, status_code=problem.code)


def slow_down(seconds: float) -> None:
    wait = max(1, int(seconds + 0.999))
    raise Problem(429, f"Too Many Requests: retry after {wait}", retry_after=wait)


async def parameters(request: Request) -> dict[str, Any]:
    """JSON, form, multipart or query string, as Telegram takes them."""
    params: dict[str, Any] = dict(request.query_params)
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        params |= await request.json()
    elif kind:
        params |= {key: value for key, value in (await request.form()).items()}
    return params


def value_of(name: str, value: Any) -> Any:
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


def check_button(button: Any) -> None:
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
