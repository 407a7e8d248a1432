"""Where a line of the history leads: the other question or fact-check it speaks of."""

from __future__ import annotations

from knowledge_base.facts import AuditEntry

QUESTIONS = ("new", "of", "into")
FACTS = ("number", "fact", "into", "other")


def leads(entry: AuditEntry) -> tuple[tuple[str, str], ...]:
    """Address and words of each thing an entry names beside its own: questions by their code,
    fact-checks by their number; nothing where its details were erased."""
    details = entry.details
    codes = [details[key] for key in QUESTIONS if isinstance(details.get(key), str)]
    numbers = [details[key] for key in FACTS if isinstance(details.get(key), int)]
    found = [(f"/desk/q/{code}", f"#{code}") for code in codes if code.isalnum()]
    found += [(f"/desk/facts/{number}", str(number)) for number in numbers]
    return tuple(found)
