"""An index in a folder: used again where it fits its source, made anew wherever it may not."""

import resource
import shutil
from pathlib import Path

import pytest

from knowledge_base.search.bodies import InFile
from knowledge_base.search.finder import Finder
from knowledge_base.search.index import Index, Record
from knowledge_base.search.kept import OUTGROWN_FROM, Marks, Note, maker
from tests.knowledge_base.search.fakes import MemorySource

GARAM = Record("garam", "Air garam hangat menyembuhkan virus corona dalam dua hari")
PULSA = Record("pulsa", "Kementerian Sosial membagikan pulsa gratis 200 ribu lewat tautan")
KUOTA = Record("kuota", "Bank Mawar menghapus semua utang nasabah mulai bulan depan")


def ours(revision: int) -> str:
    return f"change {revision} of this source"


def started(source: MemorySource, folder: Path, marks: Marks = ours) -> Finder:
    finder = Finder(source)
    finder.keep_in(folder, marks, refused)
    finder.refresh()
    return finder


def refused(error: Exception) -> None:
    raise AssertionError(f"the folder was given up: {error}")


def first(finder: Finder, text: str) -> str:
    matches = finder.find(text).matches
    return matches[0].id if matches else ""


def without_records(source: MemorySource) -> MemorySource:
    """The same source, which can only tell what changes from now on."""
    source.log.clear()
    return source


def test_the_next_start_needs_no_records(tmp_path) -> None:
    source = MemorySource(GARAM, PULSA)
    started(source, tmp_path)
    again = started(without_records(source), tmp_path)
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_what_changed_while_it_was_stopped_is_taken_in(tmp_path) -> None:
    source = MemorySource(GARAM, PULSA)
    started(source, tmp_path)
    without_records(source).put(KUOTA)
    source.remove("garam")
    again = started(source, tmp_path)
    assert first(again, "bank mawar menghapus utang nasabah") == "kuota"
    assert first(again, "air garam hangat menyembuhkan corona") != "garam"


def test_a_source_that_came_as_far_by_other_changes_gets_an_index_of_its_own(tmp_path) -> None:
    started(MemorySource(GARAM, PULSA), tmp_path)
    other = started(MemorySource(KUOTA), tmp_path, lambda revision: f"another {revision}")
    assert first(other, "air garam hangat menyembuhkan corona") == ""
    assert first(other, "bank mawar menghapus utang nasabah") == "kuota"


def test_a_change_without_a_mark_is_no_proof(tmp_path) -> None:
    for source in (MemorySource(GARAM), MemorySource(KUOTA)):
        finder = started(source, tmp_path, lambda revision: "")
    assert first(finder, "air garam hangat menyembuhkan corona") == ""


def test_nothing_of_a_distrusted_index_is_found_in_an_empty_source(tmp_path) -> None:
    started(MemorySource(GARAM), tmp_path)
    nothing = MemorySource()
    nothing.revision = 0
    finder = started(nothing, tmp_path, lambda revision: "")
    assert first(finder, "air garam hangat menyembuhkan corona") == ""


def test_what_another_program_left_there_is_deleted(tmp_path) -> None:
    (tmp_path / "0123456789ab").mkdir(parents=True)
    for name in ("0123456789ab/meta.json", "0123456789ab.json", "0123456789ab.bodies"):
        (tmp_path / name).write_text("old", encoding="utf-8")
    started(MemorySource(GARAM), tmp_path)
    assert {item.name.partition(".")[0] for item in tmp_path.iterdir()} == {maker()}


@pytest.mark.parametrize("lost", ["*.term", "*.fast", "*/meta.json", "*.bodies", "*.json"])
def test_a_damaged_index_is_made_anew(tmp_path, lost: str) -> None:
    started(MemorySource(GARAM, PULSA), tmp_path)
    for file in [file for file in tmp_path.rglob("*") if file.match(lost)]:
        file.unlink()
    again = started(MemorySource(GARAM, PULSA), tmp_path)
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_a_torn_note_is_no_note(tmp_path) -> None:
    started(MemorySource(GARAM), tmp_path)
    (note,) = tmp_path.glob("*.json")
    note.write_text(note.read_text(encoding="utf-8")[:20], encoding="utf-8")
    again = started(MemorySource(GARAM), tmp_path)
    assert first(again, "air garam hangat menyembuhkan corona") == "garam"


def test_changes_held_in_memory_are_not_noted_as_kept(tmp_path) -> None:
    index = Index(tmp_path, recent=10, marks=ours)
    index.apply(1, [GARAM])
    index.apply(2, [PULSA])
    assert index.entry("pulsa")
    assert Index(tmp_path, recent=10, marks=ours).revision == 1


def test_an_index_mostly_out_of_date_has_outgrown() -> None:
    assert not Note(1, 1, bodies=OUTGROWN_FROM, new=1_000).outgrown
    assert Note(1, 1, bodies=OUTGROWN_FROM + 1, new=OUTGROWN_FROM // 4).outgrown
    assert not Note(1, 1, bodies=OUTGROWN_FROM + 1, new=OUTGROWN_FROM // 2).outgrown


def test_when_the_folder_is_lost_answers_go_on_from_memory_and_it_is_said_once(tmp_path) -> None:
    source, said = MemorySource(GARAM), []
    finder = Finder(source)
    finder.keep_in(tmp_path / "index", ours, said.append)
    assert first(finder, "air garam hangat menyembuhkan corona") == "garam"
    shutil.rmtree(tmp_path / "index")
    for record in (PULSA, KUOTA):
        source.put(record)
        finder.refresh()
    assert first(finder, "kementerian sosial membagikan pulsa gratis") == "pulsa"
    assert first(finder, "air garam hangat menyembuhkan corona") == "garam"
    assert len(said) == 1


def test_a_folder_that_cannot_be_made_is_said_and_the_index_is_held_in_memory(tmp_path) -> None:
    (tmp_path / "index").write_text("in the way", encoding="utf-8")
    said: list[Exception] = []
    finder = Finder(MemorySource(GARAM))
    finder.keep_in(tmp_path / "index", ours, said.append)
    assert first(finder, "air garam hangat menyembuhkan corona") == "garam"
    assert len(said) == 1


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
    assert bodies.sync().size == 2 * (3_000 + 4)
    assert bodies.read(numbers) == [b"a" * 3_000, b"b" * 3_000]
