"""What the matcher's weights are worth on labels held out of the fit; and how they are fitted.

Run: python -m benchmarks.matching_held_out [FOLDER]. Fits on four sets of ../shared/data together,
each message beside the claims of its own set, trivial and ambiguous queries left out: in five folds
grouped by right claim, each judged by what the other four taught, guards aside. For clef2020 also
its dev split, judged by a fit on its train split alone. With FOLDER the weights fitted on all are
written there, and which words recur; those that are shipped were made so. Every query is judged,
and learned from, by models of recurring words that saw no other telling of its rumour.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.matching_recurrence import Fitted, Pair, crossed, pairs_of, rumours
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
from knowledge_base.search.finder import Compared, Finder
from knowledge_base.search.fit import fit
from knowledge_base.search.quality import Judged
from knowledge_base.search.text import normalise

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
NONE: frozenset[str] = frozenset()
Right = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Asked:
    """One query beside its candidates."""

    query: Query
    compared: Compared
    among: int  # records
    right: frozenset[str]
    pairs: list[Pair]

    def learned(self) -> Learned:
        """What the weights are fitted on."""
        return as_learned(self.query, self.compared, self.right)


def asked(name: str) -> list[Asked]:
    """One set's queries with their candidates, and the right claims."""
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
            found.append(Asked(query, finder.compare(read), among, right, pairs))
    return found


def told(title: str, judged: Sequence[Judged]) -> None:
    """Print the figures of one group."""
    lines = report(judged).as_text().splitlines()
    kept = [line for line in lines if not line.startswith(("difficulty", "split"))]
    print(f"\n{title}, held out", *kept, sep="\n", flush=True)


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
    compared = [(one.compared, one.among) for one in everything]
    pairs = [one.pairs for one in everything]
    told_by = rumours(
        [frozenset(one.compared.text.stems) for one in everything],
        [one.right for one in everything],
    )
    crossed(compared, pairs, told_by)
    right = {one.query.id: one.right for one in everything}
    learned = {name: [one.learned() for one in of_set] for name, of_set in by_set.items()}
    some = [one for of_set in learned.values() for one in of_set]
    judged = {item.id: item for item in cross_validated(some, right)}
    for title, names in GROUPS.items():
        told(title, [judged[one.query.id] for name in names for one in by_set[name]])
    told("clef2020, dev split by a fit on train", of_dev(learned["clef2020"], right))
    for folder in map(Path, arguments[:1]):
        weights = fit([example for _, _, example in some])
        (folder / "weights.json").write_text(weights.as_json(), encoding="utf-8")
        words = Fitted([pair for of_one in pairs for pair in of_one])
        (folder / "recurrence.json").write_text(words.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
