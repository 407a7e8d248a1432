"""Codes people type: tickets of questions, codes that link a chat. Crockford's base 32."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LOOKALIKES = str.maketrans("ILO", "110", "- ")


def new_code(length: int) -> str:
    """A random code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def read_code(text: str) -> str:
    """A code as people type it: any case, I and L for 1, O for 0, dashes and spaces."""
    return text.strip().upper().translate(LOOKALIKES)
