"""An index in a folder: used again where it fits its source, made anew wherever it may not."""

import resource
import shutil
from pathlib import Path

import pytest

from knowledge_base.facts import Unavailable
from knowledge_base.search.bodies import InFile
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Record
from knowledge_base.search.kept import OUTGROWN_FROM, Note, maker
from tests.knowledge_base.search.fakes import MemorySource

GARAM = Record("garam", "Air garam hangat menyembuhkan virus corona dalam dua hari")
PULSA = Record("pulsa", "Kementerian Sosial membagikan pulsa gratis 200 ribu lewat tautan")
KUOTA = Record("kuota", "Bank Mawar menghapus semua utang nasabah mulai bulan depan")


def started(source: MemorySource, folder: Path, was: str = "", now: str = "") -> Finder:
    finder = Finder(source)
    finder.keep_in(folder, was, now)
    finder.refresh()
    return finder


def first(finder: Finder, text: str) -> str:
    matches = finder.find(text).matches
    return matches[0].id if matches else ""


def without_records(source: MemorySource) -> MemorySource:
    """The same source, which can only tell what changes from now on."""
    source.log.clear()
    return source


def test_the_next_start_needs_no_records(tmp_path) -> None:
    source = MemorySource(GARAM, PULSA)
    started(source, tmp_path, "", "one")
    again = started(without_records(source), tmp_path, "one", "two")
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_what_changed_while_it_was_stopped_is_taken_in(tmp_path) -> None:
    source = MemorySource(GARAM, PULSA)
    started(source, tmp_path, "", "one")
    without_records(source).put(KUOTA)
    source.remove("garam")
    again = started(source, tmp_path, "one", "two")
    assert first(again, "bank mawar menghapus utang nasabah") == "kuota"
    assert first(again, "air garam hangat menyembuhkan corona") != "garam"


def test_the_index_of_another_copy_of_the_database_is_made_anew(tmp_path) -> None:
    started(MemorySource(GARAM, PULSA), tmp_path, "", "one")
    other = started(MemorySource(KUOTA), tmp_path, "before one", "two")
    assert first(other, "air garam hangat menyembuhkan corona") == ""
    assert first(other, "bank mawar menghapus utang nasabah") == "kuota"


def test_nothing_of_a_distrusted_index_is_found_in_an_empty_source(tmp_path) -> None:
    started(MemorySource(GARAM), tmp_path, "", "one")
    nothing = MemorySource()
    nothing.revision = 0
    assert first(started(nothing, tmp_path, "", "two"), "air garam hangat corona") == ""


def test_what_another_program_left_there_is_deleted(tmp_path) -> None:
    (tmp_path / "0123456789ab").mkdir(parents=True)
    for name in ("0123456789ab/meta.json", "0123456789ab.json", "0123456789ab.bodies"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    started(MemorySource(GARAM), tmp_path)
    assert {item.name.partition(".")[0] for item in tmp_path.iterdir()} == {maker()}


@pytest.mark.parametrize("lost", ["*.term", "*.fast", "*/meta.json", "*.bodies", "*.json"])
def test_a_damaged_index_is_made_anew(tmp_path, lost: str) -> None:
    started(MemorySource(GARAM, PULSA), tmp_path, "", "one")
    for file in [file for file in tmp_path.rglob("*") if file.match(lost)]:
        file.unlink()
    again = started(MemorySource(GARAM, PULSA), tmp_path, "one", "two")
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_a_torn_note_is_no_note(tmp_path) -> None:
    started(MemorySource(GARAM), tmp_path, "", "one")
    (note,) = tmp_path.glob("*.json")
    note.write_text(note.read_text(encoding="utf-8")[:20], encoding="utf-8")
    again = started(MemorySource(GARAM), tmp_path, "one", "two")
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_changes_held_in_memory_are_taken_in_again_after_a_kill(tmp_path) -> None:
    source = MemorySource(GARAM)
    finder = Finder(source, folder=tmp_path, recent=10)
    finder.refresh()
    source.put(PULSA)
    finder.refresh()
    del finder
    again = Finder(source, folder=tmp_path, recent=10)
    assert first(again, "kementerian sosial membagikan pulsa gratis") == "pulsa"


def test_an_index_mostly_out_of_date_has_outgrown() -> None:
    assert not Note(1, 1, bodies=OUTGROWN_FROM, new=1_000).outgrown
    assert Note(1, 1, bodies=OUTGROWN_FROM + 1, new=OUTGROWN_FROM // 4).outgrown
    assert not Note(1, 1, bodies=OUTGROWN_FROM + 1, new=OUTGROWN_FROM // 2).outgrown


def test_a_folder_that_cannot_be_written_is_told_and_nothing_is_lost(tmp_path) -> None:
    source = MemorySource(GARAM)
    finder = started(source, tmp_path / "index")
    source.put(PULSA)
    shutil.move(tmp_path / "index", tmp_path / "elsewhere")
    with pytest.raises(Unavailable, match="search index"):
        finder.refresh()
    shutil.move(tmp_path / "elsewhere", tmp_path / "index")
    assert first(finder, "kementerian sosial membagikan pulsa gratis") == "pulsa"


def test_bodies_cut_off_by_a_full_disk_are_written_again(tmp_path) -> None:
    bodies = InFile(tmp_path / "bodies")
    numbers = [bodies.add(b"a" * 3_000), bodies.add(b"b" * 3_000)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            bodies.sync()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert bodies.sync() == 6_000
    assert [bodies.read(number)[:1] for number in numbers] == [b"a", b"b"]
