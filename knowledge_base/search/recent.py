"""Records taken in since the last commit of the index, searched in memory.

A commit costs some ten milliseconds whatever it holds, and a new question must be found by the very
next message. So single records wait here, weighed as the index would (BM25), until there are enough
of them. Nothing here is changed in place: searches under way keep what they see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge_base.search.entries import Entry

Term = tuple[str, str]  # field and stem
K1, B = 1.2, 0.75  # of BM25, as tantivy has them


@dataclass(frozen=True)
class Held:
    """One record as the index would hold it: its body, the stems of each field, keys and links."""

    id: str
    body: bytes
    stems: Mapping[str, Sequence[str]]
    exact: frozenset[Term]  # ("key", fingerprint) and ("url", link)

    @cached_property
    def entry(self) -> Entry:
        """The record, read back when it is first asked for."""
        return Entry(self.body)


@dataclass(frozen=True, slots=True)
class Recent:
    """What the index does not know yet."""

    held: Mapping[str, Held] = field(default_factory=dict)
    postings: Mapping[Term, Mapping[str, int]] = field(default_factory=dict)  # term → id → times
    hidden: frozenset[str] = frozenset()  # ids whose documents in the index are out of date
    outdated: Mapping[Term, int] = field(default_factory=dict)  # how many of these hold a term

    def __len__(self) -> int:
        return len(self.held) + len(self.hidden)

    def leaves(self, identity: str) -> bool:
        """Is what the index has of this record up to date? Never of one that is held: a commit
        may have brought it into the index a moment ago."""
        return identity not in self.hidden and identity not in self.held

    def frequency(self, name: str, stem: str) -> int:
        """How many records more than in the index have this stem in this field."""
        term = (name, stem)
        return len(self.postings.get(term, ())) - self.outdated.get(term, 0)

    def having(self, name: str, value: str) -> list[Entry]:
        """Records with this very fingerprint ("key") or link ("url")."""
        return [held.entry for held in self.held.values() if (name, value) in held.exact]

    def without(self, identity: str, indexed: Entry | None) -> Recent:
        """The same without a record; `indexed` is what the index has of it."""
        gone = self.held.get(identity)
        postings = _less(self.postings, identity, gone) if gone else self.postings
        held = {key: value for key, value in self.held.items() if key != identity}
        if indexed is None or identity in self.hidden:
            return replace(self, held=held, postings=postings)
        outdated = Counter(self.outdated)
        outdated.update(indexed.terms)
        return Recent(held, postings, self.hidden | {identity}, outdated)

    def with_(self, new: Held, indexed: Entry | None) -> Recent:
        """The same with a record, in place of its older state."""
        base = self.without(new.id, indexed)
        postings = dict(base.postings)
        for name, stems in new.stems.items():
            for stem, times in Counter(stems).items():
                term = (name, stem)
                postings[term] = {**postings.get(term, {}), new.id: times}
        return replace(base, held={**base.held, new.id: new}, postings=postings)

    def changed_since(self, older: Recent) -> set[str]:
        """Stems of the records that have come, changed or gone since an older state."""
        pairs = ((self.held, older.held), (older.held, self.held))
        held = [h for one, other in pairs for key, h in one.items() if other.get(key) is not h]
        stems = {stem for each in held for stems in each.stems.values() for stem in stems}
        outdated = {stem for _, stem in self.outdated.keys() - older.outdated.keys()}
        return stems | outdated

    def near(self, name: str, stem: str, distance: int) -> set[str]:
        """Ids of records with a word at most so many letters away in this field."""
        known = [held for field_name, held in self.postings if field_name == name]
        found = process.extract(stem, known, scorer=OSA.distance, score_cutoff=distance, limit=None)
        return {identity for held, *_ in found for identity in self.postings[name, held]}

    def scores(self, name: str, stem: str, rare: float, usual: float) -> dict[str, float]:
        """BM25 of every record that has the stem in this field.

        `rare` is the stem's inverse document frequency, `usual` the mean length of the field.
        """
        found = {}
        for identity, times in self.postings.get((name, stem), {}).items():
            length = len(self.held[identity].stems[name])
            damped = K1 * (1 - B + B * length / (usual or 1.0))
            found[identity] = rare * times * (K1 + 1) / (times + damped)
        return found


def _less(
    postings: Mapping[Term, Mapping[str, int]], identity: str, gone: Held
) -> dict[Term, Mapping[str, int]]:
    """Postings without one record."""
    left = dict(postings)
    for name, stems in gone.stems.items():
        for stem in set(stems):
            rest = {key: times for key, times in left[name, stem].items() if key != identity}
            if rest:
                left[name, stem] = rest
            else:
                del left[name, stem]
    return left
