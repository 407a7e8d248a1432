"""Fitting which words recur: counts are the pairs', and no query is judged by its own rumour."""

from __future__ import annotations

import json

from benchmarks.matching_recurrence import Fitted, crossed, folds_of, pairs_of, rumours
from knowledge_base.search.compared import Compared
from knowledge_base.search.decision import load_weights
from knowledge_base.search.features import NAMES
from knowledge_base.search.finder import Finder
from knowledge_base.search.text import normalise
from tests.knowledge_base.search.fakes import MemorySource, Record

PLACES = [
    f"{name} {part}" for name in ("Melati", "Kenanga", "Dahlia") for part in ("Atas", "Barat")
]
EVENTS = ["banjir bandang", "gempa bumi", "kebakaran pasar", "angin ribut"]
CLAIMS = [f"{event} melanda desa {place}" for event in EVENTS for place in PLACES]
AT = NAMES.index("heard_odds_share")
FINDER = Finder(MemorySource(*(Record(f"c{at}", text) for at, text in enumerate(CLAIMS))))


def asked() -> list[tuple[Compared, frozenset[str]]]:
    FINDER.refresh()
    said = [f"astaga {text} tadi pagi sebarkan".replace("melanda", "") for text in CLAIMS]
    return [
        (FINDER.compare(normalise(text)), frozenset({f"c{at}"})) for at, text in enumerate(said)
    ]


def pairs() -> list[list[object]]:
    return [pairs_of(FINDER.beside(one.text, right), len(CLAIMS), True) for one, right in asked()]  # type: ignore[misc]


def test_words_of_talk_are_counted_as_such() -> None:
    some = [pair for of_one in pairs() for pair in of_one]
    words = json.loads(Fitted(some).as_json())["words"]  # type: ignore[arg-type]
    assert words["astaga"] == [24, 0, 0, 0]
    messages, kept, claims, said = words["gempa"]
    assert messages == kept == claims == said == 6
    assert "" not in words


def test_a_fitted_model_tells_talk_from_the_rumour() -> None:
    some = [pair for of_one in pairs() for pair in of_one]
    model = Fitted(some).recurrence()  # type: ignore[arg-type]
    compared, right = asked()[0]
    side = pairs_of(FINDER.beside(compared.text, right), len(CLAIMS), True)[0].message
    chance = dict(zip(side.stems, model.of_message(side.words).chance.tolist(), strict=True))
    assert chance["astaga"] < 0.1 < 0.9 < chance["banjir"]


def test_a_querys_models_do_not_rest_on_its_own_rumour() -> None:
    (first, _), of_pairs = asked()[0], pairs()
    fold_of = folds_of([str(place) for place in range(len(of_pairs))])
    mine = fold_of[0]

    def heard(some: list[list[object]]) -> list[float]:
        model = crossed(some, fold_of)[mine]  # type: ignore[arg-type]
        return FINDER.judging_by(load_weights(), model).compare(first.text).rows[:, AT].tolist()

    others = [found if f != mine else [] for found, f in zip(of_pairs, fold_of, strict=True)]
    assert heard(of_pairs) == heard(others)
    fewer = [found if n % 2 else [] for n, found in enumerate(of_pairs)]
    assert heard(of_pairs) != heard(fewer)


def test_messages_alike_or_of_one_claim_tell_one_rumour() -> None:
    said = ["gempa besar guncang kota kenanga", "kota kenanga guncang gempa besar", "harga telur"]
    texts = [frozenset(text.split()) for text in said]
    one, again, other = rumours(texts, [frozenset({"a"}), frozenset(), frozenset({"b"})])
    assert one == again != other
    one, again, other = rumours(texts, [frozenset({"a"}), frozenset(), frozenset({"a"})])
    assert one == again == other
