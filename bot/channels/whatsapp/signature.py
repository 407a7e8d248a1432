"""Is it really Meta? The signature of a delivery and the check of our address. Pure."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

HEADER = "x-hub-signature-256"
PREFIX = "sha256="
LONGEST_CHALLENGE = 64


def sign(secret: str, body: bytes) -> str:
    """What the header of a delivery must say: HMAC-SHA256 over the raw bytes."""
    return PREFIX + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Does exactly one header carry the right signature? Without a secret: never.

    Compared as a whole and in constant time; nothing of the body is read before.
    """
    given = [value for name, value in headers.items() if name.lower() == HEADER]
    if not secret or len(given) != 1:
        return False
    return hmac.compare_digest(_bytes(given[0]), sign(secret, body).encode())


def handshake(token: str, params: Mapping[str, str]) -> str | None:
    """The challenge to give back when Meta checks our address, or None to refuse.

    Only digits are given back, so nobody can have a script reflected. Source:
    https://developers.facebook.com/docs/graph-api/webhooks/getting-started#verification-requests
    """
    challenge = params.get("hub.challenge", "")
    known = hmac.compare_digest(_bytes(params.get("hub.verify_token", "")), _bytes(token))
    if not token or not known or params.get("hub.mode") != "subscribe":
        return None
    if not (challenge.isascii() and challenge.isdecimal()) or len(challenge) > LONGEST_CHALLENGE:
        return None
    return challenge


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
