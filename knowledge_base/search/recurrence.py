"""Which words recur: a message's in the claim it spreads, a claim's in the messages that spread it?

Rarity alone takes a rare word of talk for telling and a name that is everywhere for talk. Here two
small logistic models say of each word how likely it stands on the other side too: from its rarity,
its place, the length of the text, and how often it did so among labelled pairs. Its odds against
chance are added up over the words that are shared, and taken off for those that are not (the binary
independence model, Robertson and Spärck Jones 1976).

Weights and counts are in `recurrence.json`, fitted by `python -m benchmarks.matching_held_out`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from knowledge_base.search.codes import Codes, Flags, Listed, Places, stem_codes
from knowledge_base.search.entries import VIEW_TERMS
from knowledge_base.search.weighing import MESSAGE_TERMS, Floats, Message, Wordings

SHIPPED = Path(__file__).with_name("recurrence.json")
SCALE = 8.0  # rarities are divided by it
LEAST, MOST = 1e-3, 0.98  # chances beyond are not believed
COMMONEST, RAREST = 0.9, 1e-4  # how likely a word stands in any text, at most and at least
LEAST_ODDS, MOST_ODDS = (math.log(chance / (1 - chance)) for chance in (LEAST, MOST))
LOG_COMMONEST, LOG_RAREST = math.log(COMMONEST), math.log(RAREST)
LONGEST = max(MESSAGE_TERMS, VIEW_TERMS)
FEWEST = 4  # times a word was seen before its own counts are looked at
KNOTS = {
    "rarity": (0.3, 0.5, 0.65, 0.8, 0.9),
    "length": (0.3, 0.5, 0.7, 0.9),
    "talk": (0.3, 0.5, 0.65, 0.8, 0.9),
}
_EARLY = 10 / (10 + np.arange(LONGEST + 1))  # of a word, by its first place
TERMS = (
    *("rarity", *(f"rarity_over_{knot}" for knot in KNOTS["rarity"])),
    *("length", *(f"length_over_{knot}" for knot in KNOTS["length"])),
    *("talk", *(f"talk_over_{knot}" for knot in KNOTS["talk"])),
    *("own", "seen", "own_and_seen", "own_and_rarity", "talk_and_rarity", "length_and_rarity"),
    *("early", "early_and_length", "repeated", "repeated_and_rarity", "repeated_and_length"),
    *("name", "name_and_rarity", "above_the_rest"),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often stems were seen in labelled pairs: one element for each stem of the table."""

    messages: Floats  # of how many messages it was a word
    kept: Floats  # of these, how often the claim had it too
    claims: Floats  # of how many claims it was a word
    said: Floats  # of these, how often the message had it too
    pairs: int  # how many pairs there were


@dataclass(frozen=True, slots=True)
class Words:
    """Different stems of one or several texts, one element each."""

    codes: Codes
    owner: Places  # which text it is of
    rarity: Floats
    first: Places  # its first place
    repeated: Floats  # logarithm of how often it is said
    name: Flags
    length: Places  # words of each text, at most LONGEST


@dataclass(frozen=True, slots=True)
class Odds:
    """Of each word: its chance to recur, its odds when it does, and when it does not."""

    chance: Floats
    there: Floats
    missing: Floats


class Heard:
    """The odds of a message's words, to be added up over those that records share."""

    def __init__(self, odds: Odds) -> None:
        self._rows = np.array([odds.there, odds.missing, odds.chance])
        _, self._missing, chance = np.add.reduce(self._rows, axis=1).tolist()
        self._most = float(np.add.reduce(np.maximum(0.0, odds.there))) or 1.0
        self._chance = chance or 1.0

    def columns(self, table: Floats) -> tuple[Floats, Floats, Floats]:
        """For texts that share the stems marked with 1 in `table` [text, stem of the message]: the
        odds of what is shared less those of what is not, those of the shared alone, both as parts
        of the most there could be; how much of what was expected to recur does."""
        there, missing, chance = self._rows @ table.T
        less = (there + self._missing - missing) / self._most
        return less, there / self._most, chance / self._chance


class Recurrence:
    """The two models with the counts they look at; `stems` are those counted."""

    def __init__(
        self,
        stems: Sequence[str],
        counted: Counted,
        message: Mapping[str, float],
        claim: Mapping[str, float],
    ) -> None:
        self._listed = Listed(stem_codes(list(stems)))
        self._message = _Side(counted, counted.messages, counted.kept, message)
        self._claim = _Side(counted, counted.claims, counted.said, claim)

    def of_message(self, words: Words) -> Odds:
        """Is each word of the message one of its claim?"""
        return self._message.odds(words, self._listed.numbers(words.codes))

    def heard(self, message: Message, among: int) -> Heard:
        """The same of all its words, to be added up; `among` records are searched."""
        return Heard(self.of_message(words_of_message(message, among)))

    def of_claims(self, words: Words) -> Odds:
        """Is each word of the claims one of a message that spreads it?"""
        return self._claim.odds(words, self._listed.numbers(words.codes))


class _Side:
    """One model. What it says of a word by its counts alone is reckoned once."""

    def __init__(
        self, counted: Counted, seen: Floats, hits: Floats, weights: Mapping[str, float]
    ) -> None:
        self._weights = {name: weights.get(name, 0.0) for name in TERMS}
        of_all = np.c_[np.array([seen, hits, counted.messages]), np.zeros(3)]  # last: not there
        found = known(of_all[0], of_all[1], of_all[2], counted.pairs, weights["mean"])
        w = self._weights
        self._alone = weights.get("bias", 0.0) + _by_counts(found, w)
        self._by_rarity = w["own_and_rarity"] * found.own + w["talk_and_rarity"] * found.talk
        self._bends, self._of_rarity = _bends("rarity", w)
        self._of_text = _by_length(w)

    def odds(self, words: Words, numbers: Places) -> Odds:
        """What the model says of these words; `numbers` are theirs in the table, -1 for none."""
        logit = np.maximum(LEAST_ODDS, np.minimum(MOST_ODDS, self._logit(words, numbers)))
        not_there = np.log1p(np.exp(logit))
        there = logit - not_there
        anyhow = np.maximum(LOG_RAREST, np.minimum(LOG_COMMONEST, -words.rarity))
        missing = -not_there - np.log1p(-np.exp(anyhow))
        return Odds(np.exp(there), there - anyhow, missing)

    def _logit(self, words: Words, numbers: Places) -> Floats:
        """The terms of `table`, those with the same factor added up before they are multiplied."""
        w, rarity, owner = self._weights, words.rarity / SCALE, words.owner
        alone, times_rarity, early, repeated = self._of_text.take(words.length[owner], axis=0).T
        by_rarity = self._by_rarity[numbers] + times_rarity
        found: Floats = self._of_rarity @ np.maximum(0.0, rarity - self._bends)
        found += self._alone[numbers]
        found += alone
        found -= w["above_the_rest"] * _means(rarity, owner, len(words.length))[owner]
        found += early * _EARLY.take(words.first)
        if np.count_nonzero(words.repeated):
            found += repeated * words.repeated
            by_rarity += w["repeated_and_rarity"] * words.repeated
        if np.count_nonzero(words.name):
            found += w["name"] * words.name
            by_rarity += w["name_and_rarity"] * words.name
        found += rarity * by_rarity
        return found


# --- what the models look at ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """What the counts say of words, one element each: the log odds that it recurs, how much is
    known of it, how rare it is among messages."""

    own: Floats
    seen: Floats
    talk: Floats


def known(seen: Floats, hits: Floats, messages: Floats, pairs: int, mean: float) -> Known:
    """Of words seen so often, with so many hits, in so many of the messages of all pairs; `mean`
    is the share of hits among all words, which four more sightings are taken to have had."""
    enough = seen >= FEWEST
    seen, hits = np.where(enough, seen, 0.0), np.where(enough, hits, 0.0)
    messages = np.where(messages >= FEWEST, messages, 0.0)
    share = np.clip((hits + 4 * mean) / (seen + 4), 1e-3, 1 - 1e-3)
    talk = np.log((pairs + 1) / (messages + 0.5)) / SCALE
    return Known(np.log(share / (1 - share)), np.log1p(seen) / 5, talk)


def _by_counts(words: Known, w: Mapping[str, float]) -> Floats:
    found = _bent("talk", words.talk, w) + w["own"] * words.own + w["seen"] * words.seen
    return np.asarray(found + w["own_and_seen"] * words.own * words.seen)


def _bent(name: str, values: Floats, w: Mapping[str, float]) -> Floats:
    """A line that is bent at KNOTS."""
    found = w[name] * values
    for knot in KNOTS[name]:
        found = found + w[f"{name}_over_{knot}"] * np.maximum(0.0, values - knot)
    return found


def _bends(name: str, w: Mapping[str, float]) -> tuple[Floats, Floats]:
    """The same line for many values at once, none of them below 0: where it is bent (a column) and
    how much; at 0 by its slope."""
    bends = [w[name], *(w[f"{name}_over_{knot}"] for knot in KNOTS[name])]
    return np.array([[0.0, *KNOTS[name]]]).T, np.array(bends)


def _by_length(w: Mapping[str, float]) -> Floats:
    """[words of a text, 4]: what each of its words gets, and that times its rarity, its earliness,
    how often it is said."""
    length = np.log1p(np.arange(LONGEST + 1)) / 5
    factors = [0.0, w["length_and_rarity"], w["early_and_length"], w["repeated_and_length"]]
    found: Floats = np.outer(length, factors)
    found += [0.0, w["above_the_rest"], w["early"], w["repeated"]]
    knots, bends = _bends("length", w)
    found[:, 0] = bends @ np.maximum(0.0, length - knots)
    return found


def _means(values: Floats, owner: Places, size: int) -> Floats:
    counts = np.bincount(owner, minlength=size)
    return np.bincount(owner, values, size) / np.maximum(1, counts)


def table(words: Words, known: Known) -> Floats:
    """[word, one of TERMS]: what a model is fitted on; `known` has one element for each word."""
    rarity, length = words.rarity / SCALE, (np.log1p(words.length) / 5)[words.owner]
    early, name = 1 / (1 + words.first / 10), words.name.astype(np.float64)
    bent = [("rarity", rarity), ("length", length), ("talk", known.talk)]
    columns = [
        column
        for of, values in bent
        for column in (values, *(np.maximum(0.0, values - knot) for knot in KNOTS[of]))
    ]
    columns += [known.own, known.seen, known.own * known.seen, known.own * rarity]
    columns += [known.talk * rarity, length * rarity, early, early * length]
    columns += [words.repeated, words.repeated * rarity, words.repeated * length]
    columns += [name, name * rarity]
    columns += [rarity - _means(rarity, words.owner, len(words.length))[words.owner]]
    return np.stack(columns, axis=1)


def words_of_message(message: Message, among: int) -> Words:
    """The different stems of a message, numbered as there; `among` records are searched."""
    size = len(message.heard)
    name = np.zeros(size, dtype=bool)
    name[[message.number[n] for n in message.names]] = True
    return Words(
        message.codes,
        np.zeros(size, dtype=np.int64),
        _rarity(message.found, among),
        message.opened,
        message.times,
        name,
        np.array([len(message.stems)]),
    )


def words_of_wordings(wordings: Wordings, among: int) -> Words:
    """The different stems of several wordings, as they stand there."""
    size, lengths = len(wordings.codes), wordings.lengths
    starts = (lengths.cumsum() - lengths)[wordings.placed]
    first = np.zeros(size, dtype=np.int64)
    first[wordings.places[::-1]] = (np.arange(len(wordings.places)) - starts)[::-1]
    times = np.bincount(wordings.places, minlength=size)
    return Words(
        wordings.codes,
        wordings.owner,
        _rarity(wordings.records, among),
        first,
        np.log(np.maximum(1, times)),
        np.zeros(size, dtype=bool),
        lengths,
    )


def _rarity(records: Codes, among: int) -> Floats:
    """Of the records alone: what everyday words weigh elsewhere is for the models to say."""
    found: Floats = np.log((among + 1) / (np.minimum(records, np.uint64(among)) + 0.5))
    return found


# --- the file ---------------------------------------------------------------------------------


def loaded(text: str) -> Recurrence:
    """The models of a file: weights by the names of TERMS, and of each stem its four counts."""
    data = json.loads(text)
    rows = np.array(list(data["words"].values()), dtype=np.float64).reshape(-1, 4).T
    counted = Counted(rows[0], rows[1], rows[2], rows[3], data["pairs"])
    return Recurrence(list(data["words"]), counted, data["message"], data["claim"])


@cache
def shipped() -> Recurrence:
    """The models of `recurrence.json`."""
    return loaded(SHIPPED.read_text(encoding="utf-8"))
