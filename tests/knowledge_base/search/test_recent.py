"""Records held in memory until the next commit are found like all others."""

import pytest

from knowledge_base.search.codes import stem_codes
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Index, Record
from tests.knowledge_base.search.fakes import MemorySource

OLD = tuple(
    Record(f"old{number}", f"Kabar ke-{number} tentang jembatan runtuh di desa {name}")
    for number, name in enumerate(("Melati", "Kenanga", "Seruni", "Mawar", "Teratai"))
)
NEW = Record("baru", "Pabrik es krim Melur memakai pewarna kain untuk jajanan sekolah")
ASKED = "Pabrik es krim Melur pakai pewarna kain untuk jajanan anak sekolah"


@pytest.fixture
def source() -> MemorySource:
    return MemorySource(*OLD)


@pytest.fixture
def finder(source: MemorySource) -> Finder:
    finder = Finder(source, recent=8)
    finder.refresh()
    return finder


def committed(source: MemorySource) -> Finder:
    """A search that has everything in its index."""
    return Finder(source)


def test_a_new_record_is_found_by_the_next_message(source: MemorySource, finder: Finder) -> None:
    source.put(NEW)
    assert finder.find(ASKED).matches[0].id == "baru"
    assert finder.find(NEW.claim).matches[0].why.via == "exact"


@pytest.mark.parametrize("text", [ASKED, "pabrik eskrim melur pewarna kian", "jembatan desa Mawar"])
def test_it_is_found_as_it_will_be_after_the_commit(
    source: MemorySource, finder: Finder, text: str
) -> None:
    source.put(NEW)
    now, later = finder.find(text), committed(source).find(text)
    assert [match.id for match in now.matches] == [match.id for match in later.matches]
    assert now.confidence == pytest.approx(later.confidence, abs=0.02)


def test_a_changed_record_is_found_by_its_new_words_alone(
    source: MemorySource, finder: Finder
) -> None:
    source.put(Record("old3", NEW.claim))
    assert [match.id for match in finder.find(ASKED).matches].count("old3") == 1
    assert "old3" not in [match.id for match in finder.find("jembatan runtuh desa Mawar").matches]


def test_a_removed_record_is_found_no_more(source: MemorySource, finder: Finder) -> None:
    source.put(NEW)
    assert finder.find(ASKED).matches[0].id == "baru"
    source.remove("baru")
    source.remove("old3")
    assert finder.find(ASKED).matches == ()
    assert "old3" not in [match.id for match in finder.find("jembatan desa Mawar").matches]


def test_what_was_removed_can_come_back(source: MemorySource, finder: Finder) -> None:
    source.remove("old3")
    finder.refresh()
    source.put(OLD[3])
    assert finder.find(OLD[3].claim).matches[0].id == "old3"


def test_many_changes_are_committed_and_nothing_is_lost(
    source: MemorySource, finder: Finder
) -> None:
    for number in range(30):
        source.put(
            Record(f"n{number}", f"Warung nomor {number} di Teluk{number} tutup karena badai")
        )
        source.put(Record("old3", f"Warung Mawar pindah {number} kali"))
        assert finder.find(f"Warung nomor {number} di Teluk{number} tutup").matches[0].id
    ids = {
        finder.find(f"warung di Teluk{number} tutup badai").matches[0].id for number in range(30)
    }
    assert ids == {f"n{number}" for number in range(30)}
    assert finder.find("warung Mawar pindah 29 kali").matches[0].id == "old3"


def test_rarities_know_what_is_held_and_what_is_out_of_date() -> None:
    index = Index(recent=8)
    index.apply(1, OLD)
    index.apply(2, [NEW, Record("old3", "Warung Mawar pindah")], ["old4"])
    assert (index.frequency("melur"), index.frequency("jembat")) == (1, 3)
    assert (index.frequency("mawar"), index.frequency("teratai"), len(index)) == (1, 0, 5)


def test_the_first_headline_ever_counts_while_it_is_held_in_memory() -> None:
    index = Index(recent=8)
    index.apply(1, OLD)
    assert index.frequency("cumi") == 0  # no record has a headline: none is asked for its words
    index.apply(2, [Record("baru", "Pabrik tutup", title="Cumi raksasa")])
    assert index.frequency("cumi") == 1
    index.apply(3, [], ["baru"])
    assert index.frequency("cumi") == 0


class Peeked(Index):
    """An index that is read at the worst moment of a commit: right before it counts anew."""

    peeks = False

    def _count_records(self) -> None:
        if self.peeks:
            self.look()
        super()._count_records()

    def look(self) -> tuple[int, int, float]:
        rare, _ = self.rarities.of(stem_codes(["mawar"]), lambda _: ["mawar"])
        return self.frequency("mawar"), len(self.word_queries(["mawar"])), float(rare[0])


def test_what_is_read_during_a_commit_is_not_kept_beyond_it() -> None:
    index, other = Peeked(), Peeked()
    index.peeks = True
    for one in (index, other):
        one.apply(1, OLD)
    assert index.look() == other.look()
    assert index.look()[:2] == (1, 1)


def test_a_record_on_its_way_into_the_index_is_found_once(source: MemorySource) -> None:
    index = Index(recent=8)
    index.apply(1, OLD)
    index.apply(2, [NEW])
    before = index._recent
    index.apply(3, [Record(f"n{at}", f"Warung {at} tutup") for at in range(9)])
    index._recent = before  # a reader that looked there just before the commit
    key = index.word_queries(["melur"])
    assert [hit.entry.id for hit in index.search(key, 5)] == ["baru"]
