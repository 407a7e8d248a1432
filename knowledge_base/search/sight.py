"""First sight: which of the records fetched are worth a full comparison, and by which reading.

A few sums over the words that a record shares with the message, weighed by a linear model as the
order is (`first_sight` in `weights.json`). The comparison in full costs several times as much for
each, so the better these tell what may be right, the fewer need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from knowledge_base.search.codes import Places
from knowledge_base.search.entries import Entry, View
from knowledge_base.search.recurrence import Heard
from knowledge_base.search.weighing import Floats, Message, Rarity, Stems, Told, told_by

NAMES = (
    "word_score",
    "score_share",
    "claim_covered",
    "message_covered",
    "covered_both",
    "shared",
    "shared_rarity",
    "claim_length",
    "cosine",
    "rarest_shared",
    "heard_odds_less",
    "heard_odds_share",
    "heard_expected",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """Records beside a message at first sight: which of its readings is the likest of each, and
    what is seen by it, [record, one of NAMES]."""

    readings: list[int]
    rows: Floats
    best: Places  # the same readings among all of them
    stems: Stems  # of all of them

    def stems_of(self, records: Places) -> Stems:
        """Those of the likest readings of some records."""
        return self.stems.only(self.best[records])


class _Readings:
    """Readings of several records beside a message, those of a record together.

    `owner` and `term` have one element for each stem that the message shares: which reading it is
    of, and which of the message's stems. The others have one element for each reading: `record`
    says whose it is, `squares` is the sum of its squared rarities, `covered` how much of their
    weight is in the message, `shared` what the message's own words among them weigh. `best` is the
    likest reading of each record, `first` the first.
    """

    def __init__(
        self,
        message: Message,
        codes: Sequence[Sequence[bytes]],
        told: Told,
        rarity: Rarity,
    ) -> None:
        """`codes` are those of every reading of each record; `told` is asked for the stems of such
        readings as have words whose rarity is not known yet."""
        stems = Stems.of(list(chain.from_iterable(codes)), told, rarity)
        terms = message.listed.numbers(stems.codes)
        self.stems = stems.known_as(terms)
        readings = np.fromiter(map(len, codes), np.int64, len(codes))
        self.first = readings.cumsum() - readings
        self.record = np.arange(len(codes)).repeat(readings)
        size, owner = len(self.record), self.stems.owner
        here = terms >= 0
        self.owner, self.term = owner[here], terms[here]
        self.shared = np.bincount(self.owner, message.heard[self.term], size)
        rare = self.stems.rarities
        heft = np.bincount(owner, rare, size)
        self.squares = np.bincount(owner, rare * rare, size)
        self.covered = self.shared / np.where(heft, heft, 1.0)
        self.best = self._best(message.total) if size > len(codes) else self.first

    def _best(self, total: float) -> Places:
        """One is likest that is in the message, and even more so when the message is in it."""
        likeness = self.covered + np.sqrt(self.covered * self.shared / total)
        return np.asarray(np.lexsort((-likeness, self.record))[self.first])

    def table(self, stems: int) -> Floats:
        """[record, stem of the message]: 1 where the best reading has that stem."""
        chosen = np.zeros(len(self.record), dtype=bool)
        chosen[self.best] = True
        kept = chosen[self.owner]
        found = np.zeros((len(self.best), stems))
        found[self.record[self.owner[kept]], self.term[kept]] = 1.0
        return found


def look(
    message: Message,
    heard: Heard,
    entries: Sequence[Entry],
    scores: Sequence[float],
    rarity: Rarity,
) -> Seen:
    """Records with these word scores at first sight."""
    codes = [entry.codes for entry in entries]
    found = _Readings(message, codes, _told_by(entries), rarity)
    best = found.best
    table = found.table(len(message.heard))
    covered, shared = found.covered[best], found.shared[best]
    said, score = shared / message.total, np.array(scores)
    squares = np.where(shared, found.squares[best] * message.squares, 1.0)
    columns = [
        score / (score + 20),
        score / (score.max(initial=0.0) or 1.0),
        covered,
        said,
        covered * said,
        np.minimum(np.add.reduce(table, axis=1), 12) / 12,
        np.log1p(shared) / 5,
        np.log1p(found.stems.counts[best]) / 5,
        table @ (message.heard * message.heard) / np.sqrt(squares),
        np.maximum.reduce(table * message.heard, axis=1, initial=0.0) / 12,
        *heard.columns(table),
    ]
    return Seen((best - found.first).tolist(), np.array(columns).T, best, found.stems)


def _told_by(entries: Sequence[Entry]) -> Told:
    """What the readings of these records tell; only those asked for are taken apart."""

    def told(some: Sequence[int]) -> list[str]:
        each = [(entry, at) for entry in entries for at in range(len(entry.codes))]
        return [entry.told[at] for entry, at in map(each.__getitem__, some)]

    return told


def likest(message: Message, views: Sequence[View], rarity: Rarity) -> int:
    """Which of a record's wordings is likest to the message."""
    codes = [view.numbers.stems for view in views]
    found = _Readings(message, [codes], told_by(views), rarity)
    return int(found.best[0])
