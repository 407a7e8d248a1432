"""How alike are a message and its candidates? Numbers between 0 and 1 (or small), one row a pair.

Everything is weighed by rarity in the installation's own index, so that shared rare words count
and shared common ones do not. All wordings of a list are compared at once: the words they share
with the message stand one after another in arrays, and are added up by wording.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from itertools import accumulate, compress
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from knowledge_base.search.codes import Flags, Places
from knowledge_base.search.recurrence import Heard, Recurrence, words_of_wordings
from knowledge_base.search.weighing import (
    FUZZY_TERMS,
    SET_RATIO_CHARACTERS,
    SUMS,
    Floats,
    Message,
    Wordings,
    alike,
    slips,
)

JUDGED = (
    "word_score",
    "score_share",
    "claim_covered",
    "claim_covered_soft",
    "claim_sharp",
    "message_covered",
    "message_sharp",
    "message_window",
    "cosine",
    "window_covered",
    "window_precision",
    "window_ratio",
    "set_ratio",
    "order",
    "pairs_rarity",
    "message_order",
    "start_ratio",
    "shared",
    "shared_rarity",
    "rarest_shared",
    "second_shared",
    "rarest_missing",
    "missing_rarity",
    "lead_covered",
    "same_spelling",
    "initials",
    "names_covered",
    "names_shared",
    "names_in_claim",
    "has_names",
    "numbers_shared",
    "numbers_missing",
    "explained",
    "has_explanation",
    "claim_length",
    "message_length",
    "full_covered",
    "covered_and_rare",
    "covered_both",
    "cosine_and_rare",
    "window_both",
    "message_and_rare",
    "message_covered_soft",
    "message_soft_and_rare",
    "run_rarity",
    "run_message",
    "run_claim",
    "letters_message",
    "letters_claim",
    "letters_both",
    "semantic",
    "repeated_covered",
    "repeated_most",
    "spelled_alike",
    "cased_alike",
)
RECURRING = (  # words that recur: for the order alone, since the confidence gains nothing by them
    "heard_odds_less",
    "heard_odds_share",
    "heard_expected",
    "claim_odds_less",
    "claim_odds_share",
    "claim_expected",
)
NAMES = (*JUDGED, *RECURRING)


WINDOW = 8  # words a window has at least
INITIALS = 0.7  # how well words whose first letters are the claim's "UAS" stand for it


class _Shared:
    """The different words that a message shares with each of several wordings.

    `wording` and `term` have one element for each: whose it is, and which of the message's stems.
    The words of a wording stand together, from `starts` on; `some` are the wordings that share
    any. `table` [wording, stem of the message] is 1 where a wording has that stem, and `sums` what
    is added up of these (SUMS), one element a wording.
    """

    def __init__(self, message: Message, wordings: Wordings) -> None:
        self.message, self.wordings, self.size = message, wordings, len(wordings)
        self.terms = wordings.known_as(message)  # -1: the message lacks it
        self.here = self.terms >= 0
        self.wording, self.term = wordings.owner[self.here], self.terms[self.here]
        self.count = np.bincount(self.wording, minlength=self.size)
        (self.some,) = self.count.nonzero()
        self.starts = (self.count.cumsum() - self.count)[self.some]
        self.table = np.zeros((self.size, len(message.heard)))
        self.table[self.wording, self.term] = 1.0
        sums: Floats = message.sums @ self.table.T
        self.sums: dict[str, Floats] = dict(zip(SUMS, sums, strict=True))
        self.weight, self.spoken = self.sums["claimed"], self.sums["heard"]
        total = self.each(wordings.owner, wordings.weights)
        self.total = np.where(total, total, 1.0)

    def each(self, owner: Places, values: Floats | Flags) -> Floats:
        """The sum of values for each wording, `owner` says whose they are."""
        return np.asarray(np.bincount(owner, values, self.size), dtype=np.float64)

    def terms_of(self, at: int) -> list[int]:
        """The message's stems that a wording shares."""
        found: list[int] = self.term[self.wording.searchsorted(at) :][: self.count[at]].tolist()
        return found

    @cached_property
    def said(self) -> Places:
        """Which of the message's stems stands at each place of the wordings, -1 for none."""
        return self.terms[self.wordings.places]


# --- words ------------------------------------------------------------------------------------


def _softened(shared: _Shared) -> tuple[Floats, Floats, Floats]:
    """Weight shared when misspelt words count as far as they are alike; of that in initials; and
    the rarest word that is still missing."""
    message, wordings = shared.message, shared.wordings
    missing, owner = _rarest_missing(shared)
    words = list(map(wordings.words.__getitem__, missing.tolist()))
    weights, near = wordings.weights[missing], message.near(words)
    short = [
        at for at, word in enumerate(words) if 3 <= len(word) <= 5 and word in message.initials
    ]
    near[short] = np.maximum(near[short], INITIALS)
    rarest = np.zeros(shared.size)
    np.maximum.at(rarest, owner, weights * (1 - near))
    soft = shared.weight + shared.each(owner, weights * near)
    return soft, shared.each(owner[short], weights[short]), rarest


def _rarest_missing(shared: _Shared) -> tuple[Places, Places]:
    """The rarest words that the message lacks, FUZZY_TERMS of each wording, of equals the last of
    the alphabet: which of all words each is, and whose."""
    missing = (shared.terms < 0).nonzero()[0]
    owner = shared.wordings.owner[missing]
    missing = missing[np.lexsort((-shared.wordings.weights[missing], owner))]
    count = np.bincount(owner, minlength=shared.size)
    first = np.arange(len(owner)) - (count.cumsum() - count).repeat(count) < FUZZY_TERMS
    return missing[first], owner[first]


def _message_soft(shared: _Shared) -> Floats:
    """Share of the message that the claim covers, words the claim has spelt otherwise counted as
    far as they are alike.

    A slip of the finger makes a common word the rarest of all; it must not count as a word the
    claim lacks. Looked at are the rarest that each claim lacks.
    """
    message = shared.message
    covered = shared.spoken
    if message.rarest and not shared.here.all():
        rarest = np.array([message.number[s] for s in message.rarest])
        lacking = shared.table.take(rarest, axis=1) == 0
        lacking &= lacking.cumsum(axis=1) <= FUZZY_TERMS
        last = max(np.logical_or.reduce(lacking).nonzero()[0].tolist(), default=-1) + 1
        if last:
            likeness = _misspelt(shared, message.rarest[:last])
            weights = likeness * message.heard[rarest[:last]]
            covered = covered + np.add.reduce(weights * lacking[:, :last], axis=1)
    return np.minimum(1.0, covered / message.total)


def _misspelt(shared: _Shared, words: Sequence[str]) -> Floats:
    """[wording, word]: how well a word that only the wording has stands for it."""
    lacking = ~shared.here
    likeness = alike(words, list(compress(shared.wordings.words, lacking.tolist())))
    found = np.zeros((shared.size, len(words)))
    if likeness.any():  # seldom
        count = np.bincount(shared.wordings.owner[lacking], minlength=shared.size)
        (some,) = count.nonzero()
        best = np.maximum.reduceat(likeness, (count.cumsum() - count)[some], axis=1)
        found[some] = slips(best).T
    return found


def _most(shared: _Shared, values: Floats) -> Floats:
    """The highest value of a stem that each wording shares, 0 where it shares none."""
    found: Floats = np.maximum.reduce(shared.table * values, axis=1, initial=0.0)
    return found


def _two_rarest(shared: _Shared) -> tuple[Floats, Floats]:
    """The weights of the two rarest shared words."""
    found = np.zeros((2, shared.size))
    heard = shared.message.heard[shared.term]
    heard = heard[np.lexsort((-heard, shared.wording))]
    found[0, shared.some] = heard[shared.starts]
    several = shared.count[shared.some] > 1
    found[1, shared.some[several]] = heard[shared.starts[several] + 1]
    return found[0], found[1]


def _spelled_same(shared: _Shared) -> Floats:
    """Shared weight of words that are even spelt the same, not only of one stem."""
    there, wordings = shared.message.words, shared.wordings
    (places,) = (shared.said >= 0).nonzero()
    same = places[[wordings.surface[at] in there for at in places.tolist()]]
    weights = np.zeros(len(wordings.codes))
    weights[wordings.places[same]] = wordings.weights[wordings.places[same]]
    return shared.each(wordings.owner, weights)


def _spelled_alike(shared: _Shared) -> tuple[Floats, Floats]:
    """Share of the claim's words that stand in the message letter for letter, capitals included;
    and of those that stand in it with other capitals too."""
    message = shared.message
    there, small = message.spelled.intersection, message.small.__contains__
    words = [text.split() for text in shared.wordings.spelled]
    same = np.array([len(there(some)) for some in words])
    either = np.array([sum(map(small, text.lower().split())) for text in shared.wordings.spelled])
    return same / np.maximum(1, list(map(len, words))), same / np.maximum(1, either)


def _explained(message: Message, explanations: Sequence[str]) -> list[float]:
    """Share of the message that stands in each explanation."""
    weight, known = message.weights.__getitem__, message.known
    shared = [known.intersection(told.split()) if told else () for told in explanations]
    return [sum(map(weight, words)) / message.total for words in shared]


# --- order ------------------------------------------------------------------------------------


def _pairs(shared: _Shared) -> tuple[Floats, Floats]:
    """Weight of the neighbours in each claim; of those that are neighbours in the message."""
    wordings, said = shared.wordings, shared.said
    weights, owner = wordings.weights[wordings.places], wordings.placed[:-1]
    pairs = (weights[:-1] + weights[1:]) * (owner == wordings.placed[1:])
    both = shared.message.follow[said[:-1], said[1:]]
    total = shared.each(owner, pairs)
    return np.where(total, total, 1.0), shared.each(owner, pairs * both)


def _longest_runs(shared: _Shared) -> Floats:
    """Weight of the longest stretch of each claim that stands in the message word for word."""
    message, said, lengths = shared.message, shared.said, shared.wordings.lengths
    found = _most(shared, message.claimed)
    (places,) = (said >= 0).nonzero()
    owner, term = shared.wordings.placed[places], said[places]
    several: set[int] = set()
    for step in (1, 2):  # neighbours in both texts, or else no stretch is of two words
        near = (owner[step:] == owner[:-step]) & (places[step:] - places[:-step] <= 2)
        near &= message.follow[term[:-step], term[step:]]
        several.update(owner[step:][near].tolist())
    terms, weights = said.tolist(), message.claimed.tolist()
    ends = list(accumulate(lengths.tolist(), initial=0))
    for at in several:
        found[at] = _longest_run(terms[ends[at] : ends[at + 1]], weights, message.places)
    return found


def _longest_run(
    terms: Sequence[int], weights: Sequence[float], places: Sequence[Sequence[int]]
) -> float:
    """One word in between may be another one (a slip, a word of chat)."""
    best = 0.0
    last: dict[int, float] = {}  # place in the message of the last word of a run → its weight
    near: dict[int, float] = {}  # the same, for the last two words of the claim
    before = -1  # place in the claim of the last word that is in the message
    for at, term in enumerate(terms):
        if term < 0:
            continue
        if at - before > 1:
            near, last = (last if at - before == 2 else {}), {}
        before, weight = at, weights[term]
        found: dict[int, float] = {}
        for place in places[term]:
            run = weight
            if near:
                run += max(near.get(place - 1, 0.0), near.get(place - 2, 0.0))
            found[place] = run
            if run > best:
                best = run
        near = _either(last, found) if last else found
        last = found
    return best


def _either(one: dict[int, float], other: dict[int, float]) -> dict[int, float]:
    """The heavier of two runs at each place."""
    if not other:
        return one
    both = dict(one)
    for place, run in other.items():
        both[place] = max(run, both.get(place, 0.0))
    return both


# --- windows ----------------------------------------------------------------------------------


def _best_window(places: Sequence[tuple[int, float, Any]], width: int) -> tuple[float, int, int]:
    """Most weight of distinct words within `width` places: (weight, first, last place)."""
    best, first, last = 0.0, 0, 0
    inside: dict[Any, int] = {}
    weight, start = 0.0, 0
    for place, w, term in places:
        held = inside.get(term, 0)
        if not held:
            weight += w
        inside[term] = held + 1
        while place - places[start][0] >= width:
            _, gone, other = places[start]
            inside[other] -= 1
            if not inside[other]:
                weight -= gone
            start += 1
        if weight > best + 1e-9:
            best, first, last = weight, places[start][0], place
    return best, first, last


def _windows(shared: _Shared) -> tuple[Floats, Places, Places]:
    """The stretch of the message that says most of each claim: weight, first and last place."""
    message, some = shared.message, shared.some
    covered = shared.weight.copy()
    first, last = np.zeros((2, shared.size), dtype=np.int64)
    if not len(some):
        return covered, first, last
    opened, closed = message.opened[shared.term], message.closed[shared.term]
    first[some] = np.minimum.reduceat(opened, shared.starts)
    last[some] = np.maximum.reduceat(opened, shared.starts)  # where the last is said first
    reach = np.maximum.reduceat(closed, shared.starts) - first[some]
    widths = np.maximum(WINDOW, 2 * shared.wordings.lengths)
    weights: list[float] = message.claimed.tolist()
    for at in some[reach >= widths[some]].tolist():
        terms = shared.terms_of(at)
        places = sorted([(p, weights[t], t) for t in terms for p in message.places[t]])
        covered[at], first[at], last[at] = _best_window(places, int(widths[at]))
    return covered, first, last


def _window(shared: _Shared) -> tuple[Floats, Floats, Floats]:
    """Of that stretch: how much of the claim it covers, how much of it is the claim, likeness."""
    message = shared.message
    covered, first, last = _windows(shared)
    pad = np.maximum(0, (shared.wordings.lengths - (last - first + 1)) // 2)
    low = np.maximum(0, first - pad)
    high = np.minimum(last + pad + 1, len(message.stems))
    said = [
        " ".join(message.surface[a:b]) for a, b in zip(low.tolist(), high.tolist(), strict=True)
    ]
    ratios = process.cpdist(
        said, shared.wordings.texts, scorer=fuzz.token_sort_ratio, dtype=np.float64
    )
    return covered / shared.total, _precision(shared, low, high), ratios / 100


def _precision(shared: _Shared, low: Places, high: Places) -> Floats:
    """How much of the message's words [low, high) the claim has, different ones once."""
    message = shared.message
    places, low, high = np.arange(len(message.order)), low[:, None], high[:, None]
    inside = (places >= low) & (places < high) & (message.before < low)
    told = inside * message.spoken
    spoken = np.add.reduce(told, axis=1)
    found: Floats = np.add.reduce(told * shared.table.take(message.order, axis=1), axis=1)
    return found / np.where(spoken > 0, spoken, 1.0)


def _message_window(shared: _Shared) -> Floats:
    """How much of the message stands together in one stretch of a longer claim."""
    message, wordings = shared.message, shared.wordings
    found, length = shared.spoken / shared.message.total, len(shared.message.stems)
    for at in (wordings.lengths > 2 * length + WINDOW).nonzero()[0].tolist():
        terms: list[int] = shared.said[wordings.placed == at].tolist()
        there = [(i, float(message.heard[t]), t) for i, t in enumerate(terms) if t >= 0]
        found[at] = _best_window(there, max(WINDOW, 2 * length))[0] / message.total
    return found


# --- letters ----------------------------------------------------------------------------------


def _letters(message: Message, views: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Letters that stand in the same order, as shares of the message, the claim and the shorter.

    Unrelated texts share about half of them by chance, so the last one counts from there.
    """
    same = process.cdist([message.text], views, scorer=LCSseq.similarity, dtype=np.int32)[0]
    claimed = np.array([len(view) for view in views])
    said = len(message.text)
    shorter = np.maximum(1, np.minimum(said, claimed))
    beyond_chance = np.maximum(0, 2 * same - shorter) / shorter
    return same / (said or 1), same / np.maximum(1, claimed), beyond_chance


# --- words that recur -------------------------------------------------------------------------


def recurring(
    message: Message, wordings: Wordings, recurrence: Recurrence, among: int
) -> dict[str, Floats]:
    """The odds that shared words recur, and that others do not, for each wording: of the message's
    words and of the wording's; `among` records are searched."""
    heard = recurrence.heard(message, among)
    return _recurring(_Shared(message, wordings), heard, recurrence, among)


def _recurring(
    shared: _Shared, heard: Heard, recurrence: Recurrence, among: int
) -> dict[str, Floats]:
    less, share, expected_there = heard.columns(shared.table)
    found = {
        "heard_odds_less": less,
        "heard_odds_share": share,
        "heard_expected": expected_there,
    }
    wordings, owner = shared.wordings, shared.wordings.owner
    claimed, here = recurrence.of_claims(words_of_wordings(wordings, among)), shared.here
    there = shared.each(owner, claimed.there * here)
    most = shared.each(owner, np.maximum(0.0, claimed.there))
    most = np.where(most, most, 1.0)
    expected = shared.each(owner, claimed.chance)
    return found | {
        "claim_odds_less": (there + shared.each(owner, claimed.missing * ~here)) / most,
        "claim_odds_share": there / most,
        "claim_expected": shared.each(owner, claimed.chance * here)
        / np.where(expected, expected, 1.0),
    }


def covered_both(message: Message, wordings: Wordings) -> list[float]:
    """For each wording the lesser of `claim_covered_soft` and `message_covered_soft`, alone."""
    if not len(wordings):
        return []
    shared = _Shared(message, wordings)
    soft, _, _ = _softened(shared)
    found: list[float] = np.minimum(soft / shared.total, _message_soft(shared)).tolist()
    return found


def compare_all(
    message: Message,
    wordings: Wordings,
    scores: Sequence[float],
    best_score: float,
    explanations: Sequence[str],
    heard: Heard,
    recurrence: Recurrence,
    among: int,
) -> Floats:
    """One row of features in the order of NAMES for each of the wordings, one of each record.

    `scores` are the index's word scores of the records, `best_score` the highest of the list,
    `explanations` the stems of theirs, `heard` are the message's odds by `recurrence`, which
    says which words recur, `among` is how many records are searched.
    """
    table = np.zeros((len(NAMES), len(wordings)))
    if len(wordings):
        found = _columns(
            message, wordings, np.array(scores), best_score, explanations, heard, recurrence, among
        )
        for at, name in enumerate(NAMES):
            table[at] = found[name]
    return np.ascontiguousarray(table.T)


def _columns(
    message: Message,
    wordings: Wordings,
    scores: Floats,
    best_score: float,
    explanations: Sequence[str],
    heard: Heard,
    recurrence: Recurrence,
    among: int,
) -> dict[str, Floats | Sequence[float] | float]:
    shared = _Shared(message, wordings)
    sums, total = shared.sums, shared.total
    views = [text[:SET_RATIO_CHARACTERS] for text in wordings.texts]
    soft, initials, rarest_missing = _softened(shared)
    message_soft = _message_soft(shared)
    covered, precision, ratio = _window(shared)
    pair_total, pairs = _pairs(shared)
    run = np.minimum(np.minimum(_longest_runs(shared), total), message.total)
    rarest, second = _two_rarest(shared)
    squares = shared.each(wordings.owner, wordings.weights * wordings.weights)
    squares = np.where(squares, squares, 1.0)
    claim_covered = shared.weight / total
    message_covered = shared.spoken / message.total
    rare = np.log1p(shared.weight) / 5
    cosine = sums["product"] / np.sqrt(squares * message.squares)
    sets = process.cdist([message.text], views, scorer=fuzz.token_set_ratio, dtype=np.float64)[0]
    starts = [fuzz.ratio(message.text[: len(v)], v[: len(message.text)]) / 100 for v in views]
    letters_message, letters_claim, letters_both = _letters(message, views)
    spelled_alike, cased_alike = _spelled_alike(shared)
    return {
        "word_score": scores / (scores + 20),
        "score_share": scores / (best_score or 1.0),
        "claim_covered": claim_covered,
        "claim_covered_soft": soft / total,
        "claim_sharp": sums["claimed_squared"] / squares,
        "message_covered": message_covered,
        "message_sharp": sums["heard_squared"] / message.squares,
        "message_window": _message_window(shared),
        "cosine": cosine,
        "window_covered": covered,
        "window_precision": precision,
        "window_ratio": ratio,
        "set_ratio": sets / 100,
        "order": pairs / pair_total,
        "pairs_rarity": np.log1p(pairs) / 6,
        "message_order": np.minimum(1.0, pairs / message.pair_total),
        "start_ratio": starts,
        "shared": np.minimum(shared.count, 12) / 12,
        "shared_rarity": rare,
        "rarest_shared": rarest / 12,
        "second_shared": second / 12,
        "rarest_missing": rarest_missing / 12,
        "missing_rarity": np.log1p(np.maximum(0.0, total - shared.weight)) / 5,
        "lead_covered": sums["lead"] / total,
        "same_spelling": _spelled_same(shared) / total,
        "initials": initials / total,
        "names_covered": sums["names"] / message.names_weight,
        "names_shared": np.minimum(sums["names_counted"], 4) / 4,
        "names_in_claim": sums["names"] / total,
        "has_names": float(bool(message.names)),
        "numbers_shared": np.minimum(sums["figures"], 3) / 3,
        "numbers_missing": np.minimum(wordings.figures - sums["figures"], 3) / 3,
        "explained": _explained(message, explanations),
        "has_explanation": [float(bool(told)) for told in explanations],
        "claim_length": np.log1p(wordings.counts) / 5,
        "message_length": math.log1p(len(message.weights)) / 6,
        "full_covered": shared.weight >= total - 1e-9,
        "covered_and_rare": claim_covered * rare,
        "covered_both": claim_covered * message_covered,
        "cosine_and_rare": cosine * rare,
        "window_both": precision * covered,
        "message_and_rare": message_covered * rare,
        "message_covered_soft": message_soft,
        "message_soft_and_rare": message_soft * rare,
        "run_rarity": np.log1p(run) / 5,
        "run_message": run / message.total,
        "run_claim": run / total,
        "letters_message": letters_message,
        "letters_claim": letters_claim,
        "letters_both": letters_both,
        "semantic": 0.0,  # filled in by the finder where an embedder is
        "repeated_covered": sums["repeated"] / message.repeated_total,
        "repeated_most": _most(shared, message.gained) / 12,
        "spelled_alike": spelled_alike,
        "cased_alike": cased_alike,
        **_recurring(shared, heard, recurrence, among),
    }
