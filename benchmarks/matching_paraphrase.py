"""How well does the scorecard tell the claim from other news in its words; and how it is fitted.

Run: python -m benchmarks.matching_paraphrase [FOLDER]. Learned from are invented pairs (`own/`):
edits and paraphrases that say the same, flips and other news that do not; and from ../shared/data
the messages that are answered with the right record while the scorecard is aside, which shall stay
so. What these get in five folds by record sets the least points: few of them are lost. With FOLDER
the scorecard fitted on all is written there; the one that is shipped was made so.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import GradientBoostingClassifier

from benchmarks.matching_quality import OWN, SHARED, load
from knowledge_base.search.decision import Array
from knowledge_base.search.evaluation import FixedSource, read_claims, read_qrels
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision
from knowledge_base.search.index import Record
from knowledge_base.search.paraphrase import NAMES, Scorecard, Steps, scorecard
from knowledge_base.search.text import clean

WEIGHTS = {  # of one pair of each set; of the resubmissions there are few, and all shall stay
    "pairs": 1.0,
    "own": 0.7,
    "indonesian_dev": 0.7,
    "clef2020": 0.7,
    "resubmission_dev": 12.0,
}
SAYING = ("edit", "paraphrase", "flip")  # kinds of the gate set that are learned from
FOLDS = 5
LOST = 0.005  # of the right answers on the shared sets that may become suggestions
TREES, SHRINKAGE, LEAF, MEAN_OF = 150, 0.1, 50, 10

Jumps = dict[str, dict[float, float]]


@dataclass(frozen=True)
class Pair:
    """One message beside one record: whether it says the same, and its signs."""

    of: str
    record: str
    same: bool
    row: tuple[float, ...]


def invented() -> Iterator[Pair]:
    """The pairs of the repository's own files."""
    finder = searching(read_claims([OWN / "claims.jsonl"]))
    named: dict[str, set[str]] = defaultdict(set)
    for name in ("qrels.tsv", "flips.tsv"):
        for query, claims in read_qrels([OWN / name]).items():
            named[query] |= claims
    for row in lines("queries.jsonl"):
        for claim in sorted(named[row["id"]]) if row["kind"] in SAYING else ():
            yield pair(finder, "own", row["text"], claim, row["kind"] != "flip")
    finder = searching(read_claims([OWN / "pairs.jsonl"]))
    for row in lines("pairs.jsonl"):
        for same, messages in ((True, row["same"]), (False, row["other"])):
            for _, text in messages:
                yield pair(finder, "pairs", text, row["id"], same)


def answered(name: str) -> Iterator[Pair]:
    """The messages of a shared set that are answered right while the scorecard is aside."""
    records, queries, right = load(name)
    finder = searching(records).held_to(replace(scorecard(), least=-math.inf))
    for query in queries:
        found = finder.find(query.text, query.lang)
        if found.decision is Decision.ANSWER and found.matches[0].id in right[query.id]:
            yield pair(finder, name, query.text, found.matches[0].id, True)


def searching(records: Iterable[Record]) -> Finder:
    """A search over these records."""
    finder = Finder(FixedSource(list(records)))
    finder.refresh()
    return finder


def pair(finder: Finder, of: str, text: str, record: str, same: bool) -> Pair:
    """One labelled pair with its signs."""
    return Pair(of, f"{of}:{record}", same, finder.signs(clean(text), record))


def lines(name: str) -> Iterator[dict[str, Any]]:
    """The rows of one of the repository's own files."""
    for line in (OWN / name).read_text(encoding="utf-8").splitlines():
        yield json.loads(line)


def fitted(pairs: Sequence[Pair], least: float) -> Scorecard:
    """Boosting of single splits, added up to steps: the mean of several, each of which saw half of
    the pairs at a time, since one alone hangs on where single pairs lie."""
    table = np.array([one.row for one in pairs])
    labels = np.array([one.same for one in pairs])
    weights = np.array([WEIGHTS[one.of] for one in pairs])
    jumps: dict[str, dict[float, float]] = {name: defaultdict(float) for name in NAMES}
    start = 0.0
    for seed in range(MEAN_OF):
        model = GradientBoostingClassifier(
            n_estimators=TREES,
            max_depth=1,
            learning_rate=SHRINKAGE,
            min_samples_leaf=LEAF,
            subsample=0.5,
            random_state=seed,
        ).fit(table, labels, weights)
        start += _added(model, table[0], jumps)
    steps = {name: stepped(jumps[name]) for name in NAMES}
    return Scorecard(steps, round(start / MEAN_OF, 4), least)


def _added(model: GradientBoostingClassifier, row: Array, jumps: Jumps) -> float:
    """Add what one model jumps by at each limit; what it gives below all of them."""
    start = float(model.decision_function(row[None])[0])
    for (tree,) in model.estimators_:
        split = tree.tree_
        if split.node_count == 1:
            continue  # nothing left to split
        below, above = (SHRINKAGE * split.value[1:3, 0, 0]).tolist()
        name, limit = NAMES[split.feature[0]], float(split.threshold[0])
        jumps[name][round(limit, 2)] += (above - below) / MEAN_OF
        start -= 0.0 if row[split.feature[0]] <= limit else above - below
    return start


def stepped(jumps: dict[float, float]) -> Steps:
    """Points that rise or fall by these jumps behind each limit."""
    limits = sorted(jumps)
    points = np.cumsum([0.0, *(jumps[limit] for limit in limits)])
    return Steps(limits, [round(float(value), 4) for value in points])


def points(card: Scorecard, pairs: Iterable[Pair]) -> Array:
    """What each pair gets."""
    return np.array([card.of(one.row) for one in pairs])


def crossed(pairs: Sequence[Pair]) -> Array:
    """Every pair's points by a scorecard that saw none of its record."""
    fold_of = np.array([zlib.crc32(one.record.encode()) % FOLDS for one in pairs])
    found = np.zeros(len(pairs))
    for fold in range(FOLDS):
        card = fitted([p for p, f in zip(pairs, fold_of, strict=True) if f != fold], 0.0)
        (held,) = (fold_of == fold).nonzero()
        found[held] = points(card, [pairs[at] for at in held])
    return found


def main(arguments: Sequence[str]) -> None:
    """Print the figures; write the scorecard where a folder is named."""
    sets = [name for name in WEIGHTS if (SHARED / name / "queries.jsonl").exists()]
    if not sets:
        print("../shared/data is not here: nothing to fit on")
        return
    pairs = [*invented(), *(one for name in sets for one in answered(name))]
    given = crossed(pairs)
    real = np.array([one.of in sets for one in pairs])
    least = round(float(np.quantile(given[real], LOST)), 4)
    print(f"least {least}; held out of folds by record, below it are:")
    for name in WEIGHTS:
        for same in (True, False):
            some = [p.of == name and p.same is same for p in pairs]
            if any(some):
                below = int((given[some] < least).sum())
                what = "the same" if same else "another"
                print(f"{name:17} {what:9} {below:5} of {sum(some):5} ({below / sum(some):.3f})")
    for folder in map(Path, arguments[:1]):
        card = fitted(pairs, least)
        (folder / "paraphrase.json").write_text(card.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
