"""What a handler refuses, as an answer of the web: which status says it."""

from __future__ import annotations

from handlers.rights import Denied
from knowledge_base.facts import KnowledgeError, Refused, Stale

REFUSALS = (Refused, Stale, Denied)


def status_of(problem: KnowledgeError) -> int:
    """Not ready 422, somebody was faster 409, not allowed 403."""
    if isinstance(problem, Stale):
        return 409
    return 403 if isinstance(problem, Denied) else 422
