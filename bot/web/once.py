"""A secret that a form has made, shown on the page after it and only there.

It waits in the browser that made it, not on the server: a reload shows the page without it and
makes no second one."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from bot.web.login import no_store
from bot.web.services import Services

SECONDS = 60


def _name(services: Services) -> str:
    """With https the prefix keeps neighbouring hosts from putting a secret of theirs here."""
    return "__Host-saring_once" if services.secure_cookies else "saring_once"


def show_at(services: Services, page: str, secret: Mapping[str, str]) -> Response:
    """Go to this page of the desk, which shows the secret."""
    response = RedirectResponse(page, 303)
    told = json.dumps({"page": page.partition("?")[0], **secret}).encode()
    response.set_cookie(
        _name(services), urlsafe_b64encode(told).decode(), max_age=SECONDS, path="/",
        secure=services.secure_cookies, httponly=True, samesite="strict",
    )  # fmt: skip
    return no_store(response)


def shown_at(request: Request, services: Services) -> dict[str, str]:
    """The secret for this page; {} where there is none."""
    try:
        told = json.loads(urlsafe_b64decode(request.cookies.get(_name(services), "")) or "{}")
    except ValueError:
        return {}
    mine = isinstance(told, dict) and told.get("page") == request.url.path
    return {str(key): str(value) for key, value in told.items()} if mine else {}


def forget(response: Response, services: Services) -> Response:
    """It has been shown."""
    response.delete_cookie(
        _name(services), path="/", secure=services.secure_cookies, httponly=True, samesite="strict"
    )
    return response
