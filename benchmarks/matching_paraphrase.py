"""How well does the scorecard tell the claim from other news in its words; and how it is fitted.

Run: python -m benchmarks.matching_paraphrase [FOLDER]. Learned from are invented pairs (`own/`):
edits and paraphrases that say the same, flips and other news that do not; and from ../shared/data
the messages that are answered with the right record while the scorecard is aside, which shall stay
so. What these get in five folds by record sets the least points: few of them are lost. The strict
scorecard of small bases is learned from the pairs alone. With FOLDER the two fitted on all are
written there; those that are shipped were made so.
"""

from __future__ import annotations

import json
import math
import sys
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
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
from knowledge_base.search.paraphrase import SHIPPED, STRICT, Scorecard, Tree, scorecard
from knowledge_base.search.signs import NAMES
from knowledge_base.search.text import clean

WEIGHTS = {  # of one pair of each set; of the resubmissions there are few, and all shall stay
    "pairs": 1.0,
    "own": 0.7,
    "indonesian_dev": 0.7,
    "clef2020": 0.7,
    "resubmission_dev": 12.0,
}
FACTORS = {(True, True): 1.5, (True, False): 0.7, (False, True): 4.0, (False, False): 0.3}
SAYING = ("edit", "paraphrase", "flip")  # kinds of the gate set that are learned from
FOLDS = 5
LOST = 0.04  # of the right answers on the shared sets that may become suggestions
TREES, DEPTH, SHRINKAGE, LEAF, MEAN_OF = 150, 3, 0.1, 20, 3
STRICT_DEPTH = 2  # questions: with more it knows how the pairs' writers wrote, and others less well
STRICT_LOST = 0.05  # of the right answers on the shared sets: it learned from none of them
OTHERS = 0.04  # of what gets enough strict points though words are missing
JOINED = 0.1  # the same of what gets enough for two questions to be one, which guards see, too


@dataclass(frozen=True)
class Pair:
    """One message beside one record: whether it says the same, its signs, and whether it is
    answered with the record while the scorecard is aside."""

    of: str
    record: str
    same: bool
    row: tuple[float, ...]
    passes: bool = True

    @property
    def weight(self) -> float:
        """Most for what only the scorecard can hold back."""
        return WEIGHTS[self.of] * FACTORS[self.same, self.passes]


def invented(beside: Sequence[Record] = ()) -> Iterator[Pair]:
    """The pairs of the repository's own files, which are looked for `beside` other records, too: a
    message is answered in a large base that would only be suggested in a small one."""
    both = [read_claims([OWN / name]) for name in ("claims.jsonl", "pairs.jsonl")]
    everything = aside(searching([*beside, *both[0], *both[1]]))
    for of, records, told in zip(("own", "pairs"), both, (_own(), _pairs()), strict=True):
        finder = searching(records)
        for text, claim, same in told:
            found = everything.find(text)
            passes = found.decision is Decision.ANSWER and found.matches[0].id == claim
            yield replace(pair(finder, of, text, claim, same), passes=passes)


def _own() -> Iterator[tuple[str, str, bool]]:
    """Messages of the gate set, each with a claim and whether it says the same."""
    named: dict[str, set[str]] = defaultdict(set)
    for name in ("qrels.tsv", "flips.tsv"):
        for query, claims in read_qrels([OWN / name]).items():
            named[query] |= claims
    for row in lines("queries.jsonl"):
        for claim in sorted(named[row["id"]]) if row["kind"] in SAYING else ():
            yield row["text"], claim, row["kind"] != "flip"


def _pairs() -> Iterator[tuple[str, str, bool]]:
    """The same of the pairs."""
    for row in lines("pairs.jsonl"):
        for same, messages in ((True, row["same"]), (False, row["other"])):
            yield from ((text, row["id"], same) for _, text in messages)


def answered(name: str) -> Iterator[Pair]:
    """The messages of a shared set that are answered right while the scorecard is aside."""
    records, queries, right = load(name)
    finder = aside(searching(records))
    for query in queries:
        found = finder.find(query.text, query.lang)
        if found.decision is Decision.ANSWER and found.matches[0].id in right[query.id]:
            yield pair(finder, name, query.text, found.matches[0].id, True)


def aside(finder: Finder) -> Finder:
    """The same search without the scorecard."""
    return finder.held_to(replace(scorecard(), least=-math.inf))


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


def fitted(pairs: Sequence[Pair], least: float, depth: int = DEPTH) -> Scorecard:
    """Boosting of small trees, the mean of several, each of which sees half of the pairs at a time:
    one alone hangs on where single pairs lie."""
    table = np.array([one.row for one in pairs])
    labels = np.array([one.same for one in pairs])
    weights = np.array([one.weight for one in pairs])
    trees: list[Tree] = []
    for seed in range(MEAN_OF):
        model = GradientBoostingClassifier(
            n_estimators=TREES,
            max_depth=depth,
            learning_rate=SHRINKAGE,
            min_samples_leaf=LEAF,
            subsample=0.5,
            random_state=seed,
        ).fit(table, labels, weights)
        trees += [grown(tree.tree_, 0) for (tree,) in model.estimators_]
    share = float(np.average(labels, weights=weights))
    return Scorecard(trees, round(math.log(share / (1 - share)), 4), least)


def grown(tree: Any, node: int) -> Tree:
    """A tree of the scorecard from one of the library's."""
    if tree.children_left[node] < 0:
        return round(SHRINKAGE / MEAN_OF * float(tree.value[node, 0, 0]), 4)
    sign, limit = NAMES[tree.feature[node]], round(float(tree.threshold[node]), 4)
    sides = (tree.children_left[node], tree.children_right[node])
    below, above = (grown(tree, int(side)) for side in sides)
    return sign, limit, below, above


def points(card: Scorecard, pairs: Iterable[Pair]) -> Array:
    """What each pair gets."""
    return np.array([card.of(one.row) for one in pairs])


def crossed(pairs: Sequence[Pair], depth: int = DEPTH) -> Array:
    """Every pair's points by a scorecard that saw none of its record."""
    fold_of = np.array([zlib.crc32(one.record.encode()) % FOLDS for one in pairs])
    found = np.zeros(len(pairs))
    for fold in range(FOLDS):
        card = fitted([p for p, f in zip(pairs, fold_of, strict=True) if f != fold], 0.0, depth)
        (held,) = (fold_of == fold).nonzero()
        found[held] = points(card, [pairs[at] for at in held])
    return found


def strictly(pairs: Sequence[Pair], real: Sequence[Pair]) -> Scorecard:
    """The scorecard of small bases, from invented pairs alone, with its limits: what few of the
    real ones stay below, and what hardly any other news reach, held out, that is answered but for
    the scorecards."""
    card = fitted(pairs, 0.0, STRICT_DEPTH)
    least = float(np.quantile(points(card, real), STRICT_LOST))
    given = crossed(pairs, STRICT_DEPTH)
    return replace(card, least=round(least, 4), enough=enough(pairs, given, OTHERS))


def enough(pairs: Sequence[Pair], given: Array, others: float) -> float:
    """The least points at which of those that reach them, and are answered but for the scorecards,
    no more than this share tell other news."""
    reaching = sorted(
        ((points, one.same) for points, one in zip(given, pairs, strict=True) if one.passes),
        reverse=True,
    )
    told = np.cumsum([not same for _, same in reaching])
    last = np.flatnonzero(told <= others * np.arange(1, len(told) + 1))[-1]
    return round(float(reaching[last][0]), 4)


def main(arguments: Sequence[str]) -> None:
    """Print the figures; write the scorecard where a folder is named."""
    sets = [name for name in WEIGHTS if (SHARED / name / "queries.jsonl").exists()]
    if not sets:
        print("../shared/data is not here: nothing to fit on")
        return
    beside = read_claims([SHARED / name / "claims.jsonl" for name in sets[:2]])
    pairs = [*invented(beside), *(one for name in sets for one in answered(name))]
    given = crossed(pairs)
    real = np.array([one.of in sets for one in pairs])
    least = round(float(np.quantile(given[real], LOST)), 4)
    print(f"least {least}; held out of folds by record, below it are:")
    for name, same, passes in product(WEIGHTS, (True, False), (True, False)):
        some = [(p.of, p.same, p.passes) == (name, same, passes) for p in pairs]
        if any(some):
            below, what = int((given[some] < least).sum()), "the same" if same else "another"
            else_ = "" if passes else ", not answered anyway"
            print(f"{name:17} {below:5} of {sum(some):5} ({below / sum(some):.3f}) {what}{else_}")
    of_pairs = np.array([one.of == "pairs" for one in pairs])
    learned = [one for one in pairs if one.of == "pairs"]
    joined = enough(learned, given[of_pairs], JOINED)
    strict = strictly(learned, [p for p in pairs if p.of in sets])
    print(f"between two questions: enough {joined}")
    print(f"small bases: least {strict.least}, though words are missing {strict.enough}")
    for folder in map(Path, arguments[:1]):
        cards = ((SHIPPED, replace(fitted(pairs, least), enough=joined)), (STRICT, strict))
        for shipped, card in cards:
            (folder / shipped.name).write_text(card.as_json(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
