"""How alike are a message and its candidates? Numbers between 0 and 1 (or small), one row a pair.

Everything is weighed by rarity in the installation's own index, so that shared rare words count
and shared common ones do not. All wordings of a list are compared at once: the words they share
with the message stand one after another in arrays, and are added up by wording.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain, compress, filterfalse, islice, repeat
from operator import attrgetter
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import LCSseq

from knowledge_base.search.weighing import (
    FUZZY,
    FUZZY_TERMS,
    SET_RATIO_CHARACTERS,
    Flags,
    Floats,
    Message,
    Places,
    Wording,
    alike,
)

NAMES = (
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


WINDOW = 8  # words a window has at least


class _Shared:
    """The different words that a message shares with each of several wordings.

    `wording`, `term`, `claimed` and `heard` have one element for each: whose it is, which of the
    message's stems, its weight in the claim and in the message. The words of a wording stand
    together, from `starts` on; `some` are the wordings that share any.
    """

    def __init__(self, message: Message, wordings: Sequence[Wording]) -> None:
        self.message, self.wordings, self.size = message, wordings, len(wordings)
        self.words = list(chain.from_iterable([w.weights for w in wordings]))
        terms = self.numbers(self.words)
        self.owner = np.repeat(np.arange(self.size), [len(w.weights) for w in wordings])
        self.here = terms >= 0
        self.wording, self.term = self.owner[self.here], terms[self.here]
        self.claimed, self.heard = message.claimed[self.term], message.heard[self.term]
        self.count = np.bincount(self.wording, minlength=self.size)
        self.some = np.flatnonzero(self.count)
        self.starts = (np.cumsum(self.count) - self.count)[self.some]
        self.total = self.column("total")
        self.weight = self.each(self.claimed)  # of all that is shared, in the claim
        self.spoken = self.each(self.heard)  # the same, in the message
        self.table = np.zeros((self.size, len(message.heard)), dtype=bool)
        self.table[self.wording, self.term] = True  # has this wording that stem?

    def numbers(self, words: Sequence[str]) -> Places:
        """Which of the message's stems each of these is, -1 for none."""
        found = map(self.message.number.get, words, repeat(-1))
        return np.fromiter(found, np.int64, len(words))

    def each(self, values: Floats | Flags) -> Floats:
        """The sum of values of shared words for each wording."""
        return self.by_owner(self.wording, values)

    def by_owner(self, owner: Places, values: Floats | Flags) -> Floats:
        """The sum of values for each wording, `owner` says whose they are."""
        return np.bincount(owner, values, self.size).astype(np.float64, copy=False)

    def column(self, name: str) -> Floats:
        """A number of every wording."""
        return np.array(list(map(attrgetter(name), self.wordings)), dtype=np.float64)

    def terms(self, at: int) -> list[int]:
        """The stems that one wording shares."""
        found: list[int] = self.term[self.wording == at].tolist()
        return found


class _Sequence:
    """Every wording's words in their order, one wording after another."""

    def __init__(self, shared: _Shared) -> None:
        wordings = shared.wordings
        self.terms = shared.numbers(list(chain.from_iterable([w.stems for w in wordings])))
        self.surface = list(chain.from_iterable([w.surface for w in wordings]))
        self.lengths = [len(w.stems) for w in wordings]
        self.owner = np.repeat(np.arange(shared.size), self.lengths)


# --- words ------------------------------------------------------------------------------------


def _softened(shared: _Shared) -> tuple[Floats, Floats, Floats]:
    """Weight shared when misspelt words count as far as they are alike; of that in initials; and
    the rarest word that is still missing."""
    message, known = shared.message, shared.message.known
    missing = [
        list(islice(filterfalse(known.__contains__, w.rarest), FUZZY_TERMS))
        for w in shared.wordings
    ]
    message.look_up(list(chain.from_iterable(missing)))
    several = zip(missing, shared.wordings, strict=True)
    soft, initials, rarest = np.array([_soft(message, *pair) for pair in several]).T
    return shared.weight + soft, initials, rarest


def _soft(message: Message, missing: Sequence[str], wording: Wording) -> tuple[float, float, float]:
    soft, initials, rarest = 0.0, 0.0, 0.0
    for s in missing:
        w, near = wording.weights[s], message.near[s]
        if 3 <= len(s) <= 5 and s in message.initials:
            initials += w
            near = max(near, 0.7)
        soft += w * near
        if w * (1 - near) > rarest:
            rarest = w * (1 - near)
    return soft, initials, rarest


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
        lacking = ~shared.table[:, rarest]
        lacking &= lacking.cumsum(axis=1) <= FUZZY_TERMS
        last = int(np.flatnonzero(lacking.any(axis=0)).max(initial=-1)) + 1
        if last:
            slips = _misspelt(shared, message.rarest[:last])
            weights = slips * message.heard[rarest[:last]]
            covered = covered + (weights * lacking[:, :last]).sum(axis=1)
    return np.minimum(1.0, covered / message.total)


def _misspelt(shared: _Shared, words: Sequence[str]) -> Floats:
    """[wording, word]: how well a word that only the wording has stands for it."""
    lacking = ~shared.here
    missing = list(compress(shared.words, lacking.tolist()))
    count = np.bincount(shared.owner[lacking], minlength=shared.size)
    some = np.flatnonzero(count)
    best = np.maximum.reduceat(alike(words, missing), (np.cumsum(count) - count)[some], axis=1)
    found = np.zeros((shared.size, len(words)))
    found[some] = np.maximum(0.0, (best - FUZZY) / (1 - FUZZY)).T
    return found


def _two_rarest(shared: _Shared) -> tuple[Floats, Floats]:
    """The weights of the two rarest shared words."""
    found = np.zeros((2, shared.size))
    heard = shared.heard[np.lexsort((-shared.heard, shared.wording))]
    found[0, shared.some] = heard[shared.starts]
    several = shared.count[shared.some] > 1
    found[1, shared.some[several]] = heard[shared.starts[several] + 1]
    return found[0], found[1]


def _most_repeated(shared: _Shared, repeated: Floats) -> Floats:
    """How much weight a shared word gains at most by being said again."""
    found = np.zeros(shared.size)
    if len(shared.some):
        found[shared.some] = np.maximum.reduceat(repeated - shared.heard, shared.starts)
    return found


def _spelled_same(shared: _Shared, said: _Sequence) -> Floats:
    """Shared weight of words that are even spelt the same, not only of one stem."""
    there = shared.message.words
    same = np.fromiter(map(there.__contains__, said.surface), bool, len(said.surface))
    same &= said.terms >= 0
    table = np.zeros_like(shared.table)
    table[said.owner[same], said.terms[same]] = True
    return shared.each(shared.claimed * table[shared.wording, shared.term])


def _spelled_alike(message: Message, wording: Wording) -> tuple[float, float]:
    """Share of the claim's words that stand in the message letter for letter, capitals included;
    and of those that stand in it with other capitals too."""
    same = len(wording.spelled & message.spelled)
    small = sum(map(message.spelled_small.__contains__, wording.spelled_small))
    return same / (len(wording.spelled) or 1), same / (small or 1)


def _explained(message: Message, explanations: Sequence[frozenset[str]]) -> list[float]:
    """Share of the message that stands in each explanation."""
    weight = message.weights.__getitem__
    return [sum(map(weight, told & message.known)) / message.total for told in explanations]


# --- order ------------------------------------------------------------------------------------


def _pairs_shared(shared: _Shared, said: _Sequence) -> Floats:
    """Weight of the neighbours in a claim that are neighbours in the message."""
    weights = chain.from_iterable([w.pairs for w in shared.wordings])
    inside = said.owner[:-1] == said.owner[1:]
    both = shared.message.follow[said.terms[:-1], said.terms[1:]]
    found = np.zeros(len(inside))
    found[inside] = np.fromiter(weights, np.float64, int(inside.sum()))
    return shared.by_owner(said.owner[:-1], found * both)


def _longest_runs(shared: _Shared, said: _Sequence) -> Floats:
    """Weight of the longest stretch of each claim that stands in the message word for word."""
    message, terms = shared.message, said.terms.tolist()
    weights: list[float] = message.claimed.tolist()
    found, start = [], 0
    for length, count in zip(said.lengths, shared.count.tolist(), strict=True):
        stretch = terms[start : start + length] if count else ()
        found.append(_longest_run(stretch, weights, message.places))
        start += length
    return np.array(found)


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
    first, last = np.zeros(shared.size, np.int64), np.zeros(shared.size, np.int64)
    if not len(some):
        return covered, first, last
    opened, closed = message.opened[shared.term], message.closed[shared.term]
    first[some] = np.minimum.reduceat(opened, shared.starts)
    last[some] = np.maximum.reduceat(opened, shared.starts)  # where the last is said first
    reach = np.maximum.reduceat(closed, shared.starts) - first[some]
    widths = np.array([_width(shared.wordings[at]) for at in some.tolist()])
    weights: list[float] = message.claimed.tolist()
    for at in some[reach >= widths].tolist():
        terms = shared.terms(at)
        places = sorted([(p, weights[t], t) for t in terms for p in message.places[t]])
        covered[at], first[at], last[at] = _best_window(places, _width(shared.wordings[at]))
    return covered, first, last


def _width(wording: Wording) -> int:
    return max(WINDOW, 2 * len(wording.stems))


def _window(shared: _Shared) -> tuple[Floats, Floats, Floats]:
    """Of that stretch: how much of the claim it covers, how much of it is the claim, likeness."""
    message = shared.message
    covered, first, last = _windows(shared)
    lengths = np.array([len(w.stems) for w in shared.wordings])
    pad = np.maximum(0, (lengths - (last - first + 1)) // 2)
    low = np.maximum(0, first - pad)
    high = np.minimum(last + pad + 1, len(message.stems))
    spans = list(zip(low.tolist(), high.tolist(), strict=True))
    said = {(a, b): " ".join(message.surface[a:b]) for a, b in set(spans)}
    ratios = [
        fuzz.token_sort_ratio(said[span], w.text)
        for span, w in zip(spans, shared.wordings, strict=True)
    ]
    return covered / shared.total, _precision(shared, low, high), np.array(ratios) / 100


def _precision(shared: _Shared, low: Places, high: Places) -> Floats:
    """How much of the message's words [low, high) the claim has, different ones once."""
    message = shared.message
    sizes = np.maximum(high - low, 0)
    owner = np.repeat(np.arange(shared.size), sizes)
    starts = np.repeat(low - (np.cumsum(sizes) - sizes), sizes)
    inside = np.zeros_like(shared.table)
    inside[owner, message.order[starts + np.arange(len(owner))]] = True
    spoken = _weights_of(inside, message)
    return _weights_of(inside & shared.table, message) / np.where(spoken > 0, spoken, 1.0)


def _weights_of(some: Flags, message: Message) -> Floats:
    """The weight of each row's stems."""
    owner, terms = np.nonzero(some)
    found: Floats = np.bincount(owner, message.heard[terms], len(some)).astype(np.float64)
    return found


def _message_window(shared: _Shared, said: _Sequence) -> Floats:
    """How much of the message stands together in one stretch of a longer claim."""
    message, found = shared.message, shared.spoken / shared.message.total
    length, start = len(message.stems), 0
    for at, size in enumerate(said.lengths):
        if size > 2 * length + WINDOW:
            terms = said.terms[start : start + size].tolist()
            there = [(i, float(message.heard[t]), t) for i, t in enumerate(terms) if t >= 0]
            found[at] = _best_window(there, max(WINDOW, 2 * length))[0] / message.total
        start += size
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


def covered_both(message: Message, wordings: Sequence[Wording]) -> list[float]:
    """For each wording the lesser of `claim_covered_soft` and `message_covered_soft`, alone."""
    if not wordings:
        return []
    shared = _Shared(message, wordings)
    soft, _, _ = _softened(shared)
    found: list[float] = np.minimum(soft / shared.total, _message_soft(shared)).tolist()
    return found


def compare_all(
    message: Message,
    wordings: Sequence[Wording],
    scores: Sequence[float],
    best_score: float,
    explanations: Sequence[frozenset[str]],
) -> Floats:
    """One row of features in the order of NAMES for each of the wordings, one of each record.

    `scores` are the index's word scores of the records, `best_score` the highest of the list,
    `explanations` the stems of theirs.
    """
    table = np.zeros((len(wordings), len(NAMES)))
    if wordings:
        found = _columns(message, wordings, np.array(scores), best_score, explanations)
        for at, name in enumerate(NAMES):
            table[:, at] = found[name]
    return table


def _columns(
    message: Message,
    wordings: Sequence[Wording],
    scores: Floats,
    best_score: float,
    explanations: Sequence[frozenset[str]],
) -> dict[str, Floats | Sequence[float] | float]:
    shared = _Shared(message, wordings)
    said = _Sequence(shared)
    views = [wording.text[:SET_RATIO_CHARACTERS] for wording in wordings]
    heard, claimed, total = shared.heard, shared.claimed, shared.total
    soft, initials, rarest_missing = _softened(shared)
    message_soft = _message_soft(shared)
    covered, precision, ratio = _window(shared)
    pairs = _pairs_shared(shared, said)
    run = np.minimum(np.minimum(_longest_runs(shared, said), total), message.total)
    rarest, second = _two_rarest(shared)
    repeated = message.repeated[shared.term]
    named = message.those(message.names)[shared.term] if message.names else None
    names = shared.each(heard * named) if named is not None else np.zeros(shared.size)
    count = shared.each(named) if named is not None else np.zeros(shared.size)
    numbers = shared.column("numbers")
    figures = np.fromiter((s[0].isdecimal() for s in message.number), bool, len(message.heard))
    numbers_shared = shared.each(figures[shared.term]) if figures.any() else np.zeros(shared.size)
    claim_covered = shared.weight / total
    message_covered = shared.spoken / message.total
    rare = np.log1p(shared.weight) / 5
    cosine = shared.each(heard * claimed) / np.sqrt(shared.column("squares") * message.squares)
    sets = process.cdist([message.text], views, scorer=fuzz.token_set_ratio, dtype=np.float64)[0]
    starts = [fuzz.ratio(message.text[: len(v)], v[: len(message.text)]) / 100 for v in views]
    letters_message, letters_claim, letters_both = _letters(message, views)
    spelled = [_spelled_alike(message, wording) for wording in wordings]
    return {
        "word_score": scores / (scores + 20),
        "score_share": scores / (best_score or 1.0),
        "claim_covered": claim_covered,
        "claim_covered_soft": soft / total,
        "claim_sharp": shared.each(claimed * claimed) / shared.column("squares"),
        "message_covered": message_covered,
        "message_sharp": shared.each(heard * heard) / message.squares,
        "message_window": _message_window(shared, said),
        "cosine": cosine,
        "window_covered": covered,
        "window_precision": precision,
        "window_ratio": ratio,
        "set_ratio": sets / 100,
        "order": pairs / shared.column("pair_total"),
        "pairs_rarity": np.log1p(pairs) / 6,
        "message_order": np.minimum(1.0, pairs / message.pair_total),
        "start_ratio": starts,
        "shared": np.minimum(shared.count, 12) / 12,
        "shared_rarity": rare,
        "rarest_shared": rarest / 12,
        "second_shared": second / 12,
        "rarest_missing": rarest_missing / 12,
        "missing_rarity": np.log1p(np.maximum(0.0, total - shared.weight)) / 5,
        "lead_covered": shared.each(claimed * message.lead[shared.term]) / total,
        "same_spelling": _spelled_same(shared, said) / total,
        "initials": initials / total,
        "names_covered": names / message.names_weight,
        "names_shared": np.minimum(count, 4) / 4,
        "names_in_claim": names / total,
        "has_names": float(bool(message.names)),
        "numbers_shared": np.minimum(numbers_shared, 3) / 3,
        "numbers_missing": np.minimum(numbers - numbers_shared, 3) / 3,
        "explained": _explained(message, explanations),
        "has_explanation": [float(bool(told)) for told in explanations],
        "claim_length": [math.log1p(len(w.weights)) / 5 for w in wordings],
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
        "repeated_covered": shared.each(repeated) / message.repeated_total,
        "repeated_most": _most_repeated(shared, repeated) / 12,
        "spelled_alike": [same for same, _ in spelled],
        "cased_alike": [cased for _, cased in spelled],
    }
