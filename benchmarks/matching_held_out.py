"""What the matcher's weights are worth on labels held out of the fit; and how they are fitted.

Run: python -m benchmarks.matching_held_out [FILE]. Fits on four sets of ../shared/data together,
each message beside the claims of its own set, trivial and ambiguous queries left out: in five folds
grouped by right claim, each judged by what the other four taught, guards aside. For clef2020 also
its dev split, judged by a fit on its train split alone. With FILE the weights fitted on all are
written there; those that are shipped were made so.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from knowledge_base.search.evaluation import (
    FixedSource,
    Learned,
    cross_validated,
    examples,
    judged_by,
    read_claims,
    read_qrels,
    read_queries,
    report,
)
from knowledge_base.search.finder import Finder
from knowledge_base.search.fit import fit
from knowledge_base.search.quality import Judged

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
Right = Mapping[str, frozenset[str]]


def learned(name: str) -> tuple[list[Learned], Right]:
    """One set's queries with the features of their candidates, and the right claims."""
    finder = Finder(FixedSource(read_claims([SHARED / CLAIMS[name] / "claims.jsonl"])))
    queries = read_queries([SHARED / name / "queries.jsonl"])
    asked = [query for query in queries if query.difficulty != "trivial"]
    right = read_qrels([SHARED / name / "qrels.tsv"])
    return examples(finder, asked, right), right


def told(title: str, judged: Sequence[Judged]) -> None:
    """Print the figures of one group."""
    lines = report(judged).as_text().splitlines()
    kept = [line for line in lines if not line.startswith(("difficulty", "split"))]
    print(f"\n{title}, held out", *kept, sep="\n", flush=True)


def of_dev(some: Sequence[Learned], right: Right) -> list[Judged]:
    """The dev split judged by weights of the train split."""
    taught = [x for x in some if x[0].split == "train"]
    weights = fit([example for _, _, example in taught])
    return [judged_by(weights, x, right) for x in some if x[0].split == "dev"]


def main(arguments: Sequence[str]) -> None:
    """Print the figures; write the weights where a file is named."""
    if not all((SHARED / name / "queries.jsonl").exists() for name in CLAIMS):
        print("../shared/data is not here: nothing to fit on")
        return
    by_set: dict[str, list[Learned]] = {}
    right: dict[str, frozenset[str]] = {}
    for name in CLAIMS:
        by_set[name], of_set = learned(name)
        right |= of_set
    everything = [one for some in by_set.values() for one in some]
    judged = {item.id: item for item in cross_validated(everything, right)}
    for title, names in GROUPS.items():
        told(title, [judged[q.id] for name in names for q, _, _ in by_set[name]])
    told("clef2020, dev split by a fit on train", of_dev(by_set["clef2020"], right))
    for path in arguments[:1]:
        weights = fit([example for _, _, example in everything])
        Path(path).write_text(weights.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
