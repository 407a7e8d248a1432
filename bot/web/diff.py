"""What changed between two texts, or two versions of a fact-check, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from knowledge_base.facts import FactCheck

LONGEST = 3000  # words of each text; beyond that the texts stand side by side
COMPARED = ("claim", "title", "fact", "explanation", "publisher", "topic")
_PIECE = re.compile(r"\s+|[^\s]+")

Change = tuple[str, str]  # ("same" | "gone" | "new", words)


def words_changed(before: str, after: str) -> list[Change]:
    """Runs of words that stayed, went or came, in reading order."""
    old, new = _PIECE.findall(before), _PIECE.findall(after)
    if len(old) > LONGEST or len(new) > LONGEST:
        return [(kind, text) for kind, text in (("gone", before), ("new", after)) if text]
    found: list[Change] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(old[a:b])))
            continue
        if b > a:
            found.append(("gone", "".join(old[a:b])))
        if d > c:
            found.append(("new", "".join(new[c:d])))
    return found


def fields_changed(was: FactCheck, now: FactCheck) -> dict[str, list[Change]]:
    """Field to what changed in it; of a verdict and a state the name before and after."""
    found = {
        name: words_changed(getattr(was, name), getattr(now, name))
        for name in COMPARED
        if getattr(was, name) != getattr(now, name)
    }
    for name in ("verdict", "state"):
        if getattr(was, name) is not getattr(now, name):
            found[name] = [("gone", str(getattr(was, name))), ("new", str(getattr(now, name)))]
    addresses = [" ".join(source.url for source in fact.sources) for fact in (was, now)]
    if addresses[0] != addresses[1]:
        found["sources"] = words_changed(*addresses)
    return found
