"""A message beside its candidates, and what is seen of them: which near-copy it repeats, whether it
tells the correction, is of another language, or makes several claims."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, compress, pairwise

import numpy as np
from rapidfuzz.distance import LCSseq

from knowledge_base.search import features, weighing
from knowledge_base.search.decision import Array, best_first
from knowledge_base.search.entries import VIEW_TERMS, Entry, View, spelled_words
from knowledge_base.search.findings import Difference, Match, Why
from knowledge_base.search.recurrence import Heard
from knowledge_base.search.text import Text, frame_stems, guess_language, spelled, visible

AGREEING = 12  # words that agree, in a reason
LARGELY = 0.6  # of a claim that must be in the message before parts are looked for
WHOLLY = 0.85  # of the message that is in the first record: no parts are looked for then
SAME_WORDS = 0.5  # shared by two wordings that are about the same
CLAIM_WORDS = 4  # different content words an unknown stretch needs to count as a claim
LETTERS = 4_000  # of two texts that are told apart letter by letter
LETTER_WEIGHT = 5.0
HELD_WEIGHT = 4.5  # of the message's share that a near-copy holds
COPY_CLOSE = 2.5  # of the ranking score: how near the first its near-copies may stand
SHORTER = 0.1  # of the claim's share in the message
TOLD = 0.85  # of a claim's words: more of it makes the claim, whatever the message adds
TOLD_BY_ONE = 0.7  # the same where one word is added, which may be another word for the same
AS_WRITTEN = 0.85  # of the shorter text's words: so many the same as written are one language …
WRITTEN_WORDS = 8  # … where there are so many that names alone cannot be it
RIVALS = 4  # of the likeliest that are held against each other
PART_TOLD = 0.6  # of a claim that a stretch of a message must say to be answered by its verdict

SOFT = features.NAMES.index("claim_covered_soft")
SAID = features.NAMES.index("message_covered_soft")


@dataclass(frozen=True)
class Compared:
    """A message beside its candidates: entries, the view that fits best, features of each, which
    of its words recur, and the word scores of the index."""

    text: Text
    entries: tuple[Entry, ...]
    views: tuple[View, ...]
    rows: Array
    scores: Array
    message: weighing.Message
    heard: Heard
    wordings: weighing.Wordings
    found: tuple[float, ...]
    best: float  # word score of all that were fetched

    @cached_property
    def said(self) -> frozenset[str]:
        """The words of the message."""
        return frozenset(self.text.stems)

    @cached_property
    def agreeing(self) -> list[list[str]]:
        """Of each view the words, unstemmed, that the message has too."""
        wordings, lengths = self.wordings, self.wordings.lengths.tolist()
        if len(self.text.stems) > weighing.MESSAGE_TERMS or VIEW_TERMS in lengths:
            has_stem = self.said.__contains__  # beyond so many none is looked up
            return [list(compress(v.surface, map(has_stem, v.stems))) for v in self.views]
        has = (wordings.known_as(self.message) >= 0)[wordings.places].tolist()
        ends, words = accumulate(lengths, initial=0), wordings.surface
        return [list(compress(words[a:b], has[a:b])) for a, b in pairwise(ends)]

    def place_of(self, match: Match) -> int | None:
        """Which candidate this match is; none of an exact repeat that was not compared."""
        return next((i for i, entry in enumerate(self.entries) if entry.id == match.id), None)


def told_apart(
    read: Text, views: Sequence[View], wordings: weighing.Wordings, rows: Array, ranked: Array
) -> Array:
    """Near-copies among the first, told apart by how much of the message each holds, and by their
    letters, punctuation included."""
    found = ranked.tolist()
    order = best_first(found)[:RIVALS]
    close = [i for i in order if found[i] >= found[order[0]] - COPY_CLOSE]
    if len(close) < 2:
        return ranked
    copies = wordings.near_copies(close[0])
    close = [i for i in close if copies[i]]
    if len(close) < 2:
        return ranked
    ranked = ranked.copy()
    for i in close:
        ranked[i] += LETTER_WEIGHT * _literally(read.letters, visible(views[i].raw))
        ranked[i] += HELD_WEIGHT * rows[i, SAID]
    return ranked


def tells_the_truth(compared: Compared, at: int) -> bool:
    """What the message says beyond the claim is all said by the correction, and much of the claim
    is missing: "Tolak Angin aman untuk lambung" beside "Tolak Angin merusak lambung"."""
    entry, said = compared.entries[at], set(compared.text.stems)
    views = [set(view.stems) for view in entry.views if view.via != "title"]
    beyond = said.difference(frame_stems(), *views)
    if not beyond or not beyond <= entry.explanation:
        return False
    enough = TOLD_BY_ONE if len(beyond) == 1 else TOLD
    return all(len(view & said) <= enough * len(view) for view in views)


def translated(compared: Compared, at: int) -> bool:
    """English beside another language: words are found across, but no guard can tell what turned
    ("failed to arrest" and "berhasil menangkap"), so a person has to say that it is the same.
    Two texts that nearly agree word for word are of one language, whatever was guessed."""
    raw, lang = compared.views[at].raw, compared.entries[at].lang
    claimed = guess_language(raw.casefold().split(), lang)
    if (compared.text.lang == "en") is (claimed == "en"):
        return False
    said = {word.lower() for word in spelled_words(compared.text.letters)}
    named = {word.lower() for word in spelled_words(visible(raw))}
    least = min(len(said), len(named))
    return least < WRITTEN_WORDS or len(said & named) < AS_WRITTEN * least


def _literally(said: str, claimed: str) -> float:
    """How far two texts agree to the letter and in order: 1.1 the same, about 0 unrelated.

    Capitals count half, for some senders lose them.
    Unrelated texts share half their letters in order by chance, so these count nothing. A text
    cut short loses nothing; where two claims hold it alike, the shorter one is nearer.
    """
    said, claimed = said[:LETTERS], claimed[:LETTERS]
    cased = LCSseq.similarity(said, claimed)
    shared = (cased + LCSseq.similarity(said.lower(), claimed.lower())) / 2
    agreeing = (2 * shared - min(len(said), len(claimed))) / max(1, len(said))
    return float(agreeing + SHORTER * shared / max(1, len(claimed)))


def why(compared: Compared, at: int, differ: Sequence[Difference]) -> Why:
    """The words both sides share, and what differs."""
    agree = dict.fromkeys(spelled(compared.agreeing[at]))
    return Why(tuple(agree)[:AGREEING], tuple(differ), compared.views[at].via)


def says_little(compared: Compared, first: Match) -> bool:
    """A few words that neither tell nor contradict most of a claim: a blessing, an exclamation."""
    if len(compared.said) >= CLAIM_WORDS or first.why.differ:
        return False
    at = compared.place_of(first)
    return at is not None and bool(compared.rows[at, SOFT] < PART_TOLD)


def several_claims(compared: Compared) -> bool:
    """Are two records that are not about the same both largely in the message?"""
    first = int(compared.scores.argmax())
    if compared.rows[first, SAID] >= WHOLLY:
        return False  # one record tells the whole message
    column = compared.rows[:, SOFT]
    if np.count_nonzero(column >= LARGELY) < 2:
        return False
    said = set(compared.text.stems)
    large = [int(i) for i in np.argsort(-column) if column[i] >= LARGELY]
    stems = [frozenset(compared.views[i].stems) for i in large[:6]]
    told = frozenset(compared.views[first].stems)
    # what the first record tells as well is no claim beside it
    stems = [one for one in stems if len(one & said & told) < len(one & said) or one == told]
    return any(
        len(one & other) < SAME_WORDS * min(len(one), len(other))
        for at, one in enumerate(stems)
        for other in stems[at + 1 :]
    )
