"""What the matcher's weights are worth on labels held out of the fit; and how they are fitted.

Run: python -m benchmarks.matching_held_out [FOLDER]. Fits on four sets of ../shared/data together,
each message beside the claims of its own set, trivial and ambiguous queries left out: in five folds
grouped by right claim, each judged by what the other four taught, guards aside. For clef2020 also
its dev split, judged by a fit on its train split alone. With FOLDER the weights fitted on all are
written there, and which words recur; those that are shipped were made so. Every query is judged,
and learned from, by models of recurring words that saw no other telling of its rumour, and beside
candidates that were chosen by a first sight fitted without any, too.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import compress
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.matching_recurrence import Fitted, Pair, crossed, folds_of, pairs_of, rumours
from knowledge_base.search.decision import Array, Weights, load_weights
from knowledge_base.search.evaluation import (
    FixedSource,
    Learned,
    Query,
    as_learned,
    cross_validated,
    judged_by,
    read_claims,
    read_qrels,
    read_queries,
    report,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.fit import first_sight, fit
from knowledge_base.search.quality import Judged
from knowledge_base.search.recurrence import Recurrence
from knowledge_base.search.text import Text, normalise

SHARED = Path(__file__).parents[2] / "shared" / "data"
CLAIMS = {  # set of queries → set whose claims they are compared with
    "indonesian_dev": "indonesian_dev",
    "nomatch_dev": "indonesian_dev",
    "resubmission_dev": "resubmission_dev",
    "clef2020": "clef2020",
}
GROUPS = {
    "indonesian_dev": ("indonesian_dev",),
    "indonesian_dev, no-match queries of nomatch_dev added": ("indonesian_dev", "nomatch_dev"),
    "resubmission_dev": ("resubmission_dev",),
    "clef2020": ("clef2020",),
}
COUNTED = ("indonesian_dev", "clef2020")  # whose words are counted
HELD = "dev"  # split of clef2020 of which nothing is learned for its own row
ON_TRAIN = "clef2020, dev split by a fit on train"
ASIDE = ("difficulty", "split")  # lines that are not printed
SHARES = ("n", "map5", "s1", "r5", "r10")
DECIDED = ("right", "wrong")
NONE: frozenset[str] = frozenset()
Right = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Asked:
    """One query of a set, with its right claims and what is learned of their words."""

    finder: Finder
    query: Query
    read: Text
    right: frozenset[str]
    pairs: list[Pair]

    def sighted(self, weights: Weights, words: Recurrence) -> tuple[Array, Array]:
        """What is seen at first sight of all that is fetched, and right marks."""
        ids, rows = self.finder.judging_by(weights, words).sighted(self.read)
        return rows, np.array([float(identity in self.right) for identity in ids])

    def learned(self, weights: Weights, words: Recurrence) -> Learned:
        """What order and confidence are fitted on."""
        compared = self.finder.judging_by(weights, words).compare(self.read)
        return as_learned(self.query, compared, self.right)


def asked(name: str) -> list[Asked]:
    """One set's queries."""
    records = read_claims([SHARED / CLAIMS[name] / "claims.jsonl"])
    finder, among = Finder(FixedSource(records)), len(records)
    finder.refresh()
    qrels = read_qrels([SHARED / name / "qrels.tsv"])
    found = []
    for query in read_queries([SHARED / name / "queries.jsonl"]):
        if query.difficulty != "trivial" and query.split != "ambiguous":
            read, right = normalise(query.text, query.lang), qrels.get(query.id, NONE)
            taught = [] if query.split == HELD else sorted(right)
            pairs = pairs_of(finder.beside(read, taught), among, name in COUNTED)
            found.append(Asked(finder, query, read, right, pairs))
    return found


def crossed_learned(some: Sequence[Asked]) -> tuple[list[Learned], dict[str, float]]:
    """Every query with the candidates that a first sight chose, and their columns, by models of
    recurring words, both fitted without its rumour; and the first sight fitted on all."""
    rumour = rumours([frozenset(one.read.stems) for one in some], [one.right for one in some])
    fold_of = folds_of(rumour)
    words, shipped = crossed([one.pairs for one in some], fold_of), load_weights()
    each = list(zip(some, fold_of, strict=True))
    seen = [one.sighted(shipped, words[fold]) for one, fold in each]
    taught = [one.query.split != HELD for one in some]
    by_fold = []
    for fold in range(len(words)):
        kept = [t and f != fold for t, f in zip(taught, fold_of, strict=True)]
        by_fold.append(replace(shipped, first_sight=first_sight(list(compress(seen, kept)))))
    learned = [one.learned(by_fold[fold], words[fold]) for one, fold in each]
    return learned, first_sight(seen)


def told(title: str, judged: Sequence[Judged]) -> dict[str, Any]:
    """Print the figures of one group; gives those that are kept beside the weights."""
    found = report(judged)
    kept = [line for line in found.as_text().splitlines() if not line.startswith(ASIDE)]
    print(f"\n{title}, held out", *kept, sep="\n", flush=True)
    whole = asdict(found.groups["all without trivial"])
    rates = {
        f"{name} at {at.rate:.0%}": getattr(at, name) for at in found.at_rates for name in DECIDED
    }
    shares = {name: whole[name] for name in SHARES} | rates
    return {name: round(value, 4) for name, value in shares.items()}


def of_dev(some: Sequence[Learned], right: Right) -> list[Judged]:
    """The dev split judged by weights of the train split."""
    taught = [x for x in some if x[0].split == "train"]
    weights = fit([example for _, _, example in taught])
    return [judged_by(weights, x, right) for x in some if x[0].split == HELD]


def main(arguments: Sequence[str]) -> None:
    """Print the figures; write weights and recurring words where a folder is named."""
    if not all((SHARED / name / "queries.jsonl").exists() for name in CLAIMS):
        print("../shared/data is not here: nothing to fit on")
        return
    by_set = {name: asked(name) for name in CLAIMS}
    everything = [one for of_set in by_set.values() for one in of_set]
    right = {one.query.id: one.right for one in everything}
    learned, sight = crossed_learned(everything)
    judged = {item.id: item for item in cross_validated(learned, right)}
    measured = {
        title: told(title, [judged[one.query.id] for name in names for one in by_set[name]])
        for title, names in GROUPS.items()
    }
    english = {one.query.id for one in by_set["clef2020"]}
    dev = of_dev([one for one in learned if one[0].id in english], right)
    measured[ON_TRAIN] = told(ON_TRAIN, dev)
    for folder in map(Path, arguments[:1]):
        weights = fit([example for _, _, example in learned])
        weights = replace(weights, first_sight=sight, measured=measured)
        (folder / "weights.json").write_text(weights.as_json(), encoding="utf-8")
        words = Fitted([pair for one in everything for pair in one.pairs])
        (folder / "recurrence.json").write_text(words.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
