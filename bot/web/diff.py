"""What changed between two texts, word by word."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

LONGEST = 3000  # words of each text; beyond that the texts stand side by side
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
