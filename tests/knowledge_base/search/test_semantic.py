"""Optional semantic evidence, with a tiny model: meaning is where a word's group lies."""

from collections.abc import Sequence

import numpy as np
import pytest

from knowledge_base.search import semantic
from knowledge_base.search.decision import load_weights
from knowledge_base.search.features import NAMES
from knowledge_base.search.finder import Finder
from knowledge_base.search.findings import Decision
from knowledge_base.search.index import Record
from knowledge_base.search.semantic import Semantic, Vectors
from tests.knowledge_base.search.fakes import MemorySource

GROUPS = (
    {"vaksin", "jarum", "suntikan"},
    {"cip", "penanda", "mikrocip"},
    {"beras", "nasi", "padi"},
    {"plastik", "sintetis"},
)
VAKSIN = Record("vaksin", "Vaksin berisi cip")
BERAS = Record("beras", "Beras sintetis beredar luas")
WORDLESS = "Jarum penanda untuk orang kampung"
LIKENESS = NAMES.index("semantic")


def tiny(texts: Sequence[str]) -> Vectors:
    """One dimension for each group of words."""
    words = [text.lower().replace(",", " ").split() for text in texts]
    rows = [[sum(word in group for word in some) for group in GROUPS] for some in words]
    return np.array(rows, np.float32).reshape(len(rows), len(GROUPS))


def test_a_record_without_a_common_word_is_fetched_by_its_meaning() -> None:
    source = MemorySource(VAKSIN, BERAS)
    assert Finder(source).find(WORDLESS).matches == ()
    result, compared = Finder(source, embedder=tiny).examine(WORDLESS)
    assert [match.id for match in result.matches][0:1] == ["vaksin"]
    assert compared.rows[0, LIKENESS] == pytest.approx(1.0)
    assert result.decision is Decision.ASK_HUMAN  # the shipped weights do not count it


def test_without_an_embedder_nothing_is_counted() -> None:
    _, compared = Finder(MemorySource(VAKSIN, BERAS)).examine("Vaksin berisi cip penanda warga")
    assert compared.rows[:, LIKENESS].tolist() == [0.0]
    shipped = load_weights()
    assert not any(shipped.ranking.get(name, 0.0) for name in NAMES if name == "semantic")


def test_what_means_the_same_is_in_step_with_the_records() -> None:
    source = MemorySource(BERAS)
    finder = Finder(source, embedder=tiny)
    assert "vaksin" not in [match.id for match in finder.find(WORDLESS).matches]
    source.put(VAKSIN)
    assert finder.find(WORDLESS).matches[0].id == "vaksin"
    source.remove("vaksin")
    assert "vaksin" not in [match.id for match in finder.find(WORDLESS).matches]


def test_an_open_question_is_compared_by_meaning_too() -> None:
    questions = MemorySource(Record("Q1", "Suntikan mikrocip di puskesmas"))
    finder = Finder(MemorySource(BERAS), questions=questions, embedder=tiny)
    assert finder.alike_questions("Jarum di puskesmas pakai penanda")[0].id == "Q1"


@pytest.mark.parametrize("text", ["", "!!!", "\ud800 \x00", "قرآن", "🙏" * 500])
def test_a_text_that_says_nothing_to_the_model_is_no_evidence(text: str) -> None:
    meaning = Semantic(tiny)
    meaning.apply([("a", "vaksin"), ("b", text)], (), True)
    assert meaning.nearest(meaning.read(text), 3) == []
    assert meaning.likeness(meaning.read("vaksin"), ["a", "b", "unheard"]) == [1.0, 0.0, 0.0]


def test_many_vectors_are_found_by_landmarks_as_by_comparing_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = np.random.default_rng(3)
    drawn = {f"r{number}": chance.normal(size=8).astype(np.float32) for number in range(3000)}
    exact, quick = Semantic(lambda texts: np.stack([drawn[t] for t in texts])), None
    exact.apply([(one, one) for one in drawn], (), True)
    monkeypatch.setattr(semantic, "EXACT", 1000)
    quick = Semantic(lambda texts: np.stack([drawn[t] for t in texts]))
    quick.apply([(one, one) for one in list(drawn)[:2500]], (), True)
    quick.apply([(one, one) for one in list(drawn)[2400:]], ["unheard"], False)
    asked = [exact.read(f"r{number}") for number in range(0, 3000, 60)]
    found = [set(exact.nearest(one, 5)) & set(quick.nearest(one, 5)) for one in asked]
    assert sum(map(len, found)) >= 0.9 * 5 * len(asked)
