"""Not this but that: what the claim denies told as true, and what it says denied.

"Bukan beras, melainkan jagung" and "bukan jagung, melainkan beras" have the same words and the
same "bukan"; only the sets of what either text denies and says tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from knowledge_base.search import vocabulary
from knowledge_base.search.alignment import Alignment
from knowledge_base.search.findings import Difference
from knowledge_base.search.reading import Reading

MOST = 40  # content words of a text that is looked at


def exchanged(found: Alignment) -> Iterator[Difference]:
    """One word denied for another, both ways."""
    if max(len(found.claim.keys), len(found.message.keys)) > MOST:
        return
    ours, theirs = _denied(found.claim), _denied(found.message)
    if not ours or not theirs:
        return
    said, told = frozenset(found.message.keys), frozenset(found.claim.keys)
    gained, lost = ours & said - theirs, theirs & told - ours
    if gained and lost:
        yield Difference("polarity", _words(lost), _words(gained))


def _denied(reading: Reading) -> frozenset[str]:
    """The keys that stand under "bukan" and nowhere else."""
    words = vocabulary.words_of("reach", "instead")
    under = {t.key for t in reading.tokens if t.state.negative and t.state.text.casefold() in words}
    return frozenset(under) - {t.key for t in reading.tokens if not t.state.negative}


def _words(keys: frozenset[str]) -> str:
    return f"bukan {' '.join(sorted(keys)[:3])}"
