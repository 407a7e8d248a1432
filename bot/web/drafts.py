"""The fields of an answer as a browser sends them."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.answer_form import KEPT

LONGEST = 10_000  # characters of one field


def fields_of(form: Mapping[str, object]) -> dict[str, str]:
    """The fields of the form as text; what is not ours is left out."""
    return {name: _text(form.get(name)) for name in KEPT}


def _text(value: object) -> str:
    if not isinstance(value, str):
        return ""
    whole = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\x00", "").replace("\r\n", "\n")[:LONGEST]
