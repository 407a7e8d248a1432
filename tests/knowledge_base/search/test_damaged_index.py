"""Whatever a disk does to the files of a kept index: the right answers, and somebody hears of it."""

import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge_base.search.finder import Changes, Finder
from knowledge_base.search.index import Record
from knowledge_base.search.kept import FolderLost, look_into
from tests.knowledge_base.search.fakes import MemorySource

THINGS = ("garam", "pulsa", "vaksin", "beras", "listrik", "bensin", "gempa", "ijazah", "pajak")
DONE = ("menyembuhkan demam", "dibagikan gratis lewat tautan", "dihapus mulai bulan depan")
RECORDS = tuple(
    Record(f"{thing}-{at}", f"{thing} {done} kata menteri di Kota{at}", f"Klaim {thing} {done}")
    for thing in THINGS
    for at, done in enumerate(DONE)
)
ASKED = tuple(record.claim for record in RECORDS[::4])
FLIPS = 6  # bytes of each file, each in a start of its own


def ours(revision: int) -> str:
    return f"change {revision} of this source"


def source() -> MemorySource:
    """Records of which the last came one by one, and some twice."""
    made = MemorySource(*RECORDS[:15])
    for record in (*RECORDS[15:], RECORDS[0], RECORDS[3]):
        made.put(record)
    return made


class Started:
    """A finder on a folder, with what it said of it."""

    def __init__(self, folder: Path, made: MemorySource) -> None:
        self.damaged: list[str] = []
        self.lost: list[Exception] = []
        self.finder = Finder(made)
        self.finder.keep_in(folder, ours, self.lost.append, self.damaged.append)
        self.finder.refresh()

    @property
    def said(self) -> int:
        return len(self.damaged) + len(self.lost)

    def answers(self) -> list[tuple[str, ...]]:
        return [tuple(match.id for match in self.finder.find(text).matches[:1]) for text in ASKED]


RIGHT = [(record.id,) for record in RECORDS[::4]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A folder after several commits, with segments and deletions."""
    folder = tmp_path_factory.mktemp("whole")
    made = MemorySource(*RECORDS[:15])
    finder = Started(folder, made).finder
    for _, record in source().log[15:]:
        made.put(record)
        finder.refresh()
    return folder


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def flip(path: Path, at: int, bit: int) -> None:
    with path.open("r+b") as file:
        before = os.pread(file.fileno(), 1, at)[0]
        os.pwrite(file.fileno(), bytes([before ^ 1 << bit]), at)


def flipped(folder: Path, seed: int) -> Iterator[str]:
    """One bit after the other, at the ends of every file and at random between them."""
    chance = random.Random(seed)
    for path in files(folder):
        size = path.stat().st_size
        places = {0, size - 1, *(chance.randrange(size) for _ in range(FLIPS))} if size else ()
        for at in sorted(places):
            flip(path, at, bit := chance.randrange(8))
            yield f"bit {bit} of byte {at} of {path.name}"
            flip(path, at, bit)


def test_a_folder_after_many_commits_is_whole_and_used_again(whole, tmp_path) -> None:
    shutil.copytree(whole, tmp_path / "index")
    made = source()
    made.log.clear()  # whoever asks for all records gets none
    started = Started(tmp_path / "index", made)
    assert (started.answers(), started.said) == (RIGHT, 0)
    assert look_into(tmp_path / "index").records == len(RECORDS)


@pytest.mark.parametrize("seed", range(2))
def test_any_flipped_bit_is_noticed_at_the_start_or_does_no_harm(whole, tmp_path, seed) -> None:
    for number, _ in enumerate(flipped(copy := shutil.copytree(whole, tmp_path / "copy"), seed)):
        started = Started(shutil.copytree(copy, tmp_path / str(number)), source())
        assert started.answers() == RIGHT
        assert started.lost == []


def test_every_flipped_bit_of_what_is_searched_is_named(whole, tmp_path) -> None:
    for number, what in enumerate(flipped(copy := shutil.copytree(whole, tmp_path / "copy"), 3)):
        folder = shutil.copytree(copy, tmp_path / str(number))
        if what.rpartition(" ")[2].startswith("."):
            continue  # what the index library notes for itself
        with pytest.raises(FolderLost):
            look_into(folder)
        assert Started(folder, source()).said == 1, what


def test_damage_where_nobody_listens_is_told_as_what_it_is() -> None:
    class Broken(MemorySource):
        def changes(self, revision: int) -> Changes:
            raise FolderLost("the disk is gone")

    with pytest.raises(FolderLost, match="the disk is gone"):
        Finder(Broken()).refresh()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def delete(path: Path) -> None:
    path.unlink()


def fill_with_nothing(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def make_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize("harm", [cut, empty, delete, fill_with_nothing, make_a_folder])
def test_a_file_that_is_not_what_it_was_is_made_anew(whole, tmp_path, harm) -> None:
    for number, path in enumerate(files(whole)):
        folder = shutil.copytree(whole, tmp_path / str(number))
        harm(folder / path.relative_to(whole))
        made = source()
        started = Started(folder, made)
        assert started.answers() == RIGHT, path.name
        made.put(Record("baru", "Jembatan baru runtuh diterjang banjir bandang"))
        assert started.finder.find("jembatan baru runtuh diterjang banjir").matches[0].id == "baru"
        assert started.lost == [], path.name


def test_the_folder_is_whole_again_after_it_was_made_anew(whole, tmp_path) -> None:
    folder = shutil.copytree(whole, tmp_path / "index")
    (bodies,) = folder.glob("*.bodies")
    flip(bodies, bodies.stat().st_size // 2, 3)
    assert Started(folder, source()).said == 1
    assert Started(folder, source()).said == 0


def test_half_a_backup_put_over_a_newer_index_is_noticed(whole, tmp_path) -> None:
    folder = shutil.copytree(whole, tmp_path / "index")
    older = MemorySource(*RECORDS[::-1])
    Started(tmp_path / "older", older)
    (bodies,) = (tmp_path / "older").glob("*.bodies")
    shutil.copy(bodies, folder)
    started = Started(folder, source())
    assert (started.answers(), len(started.damaged)) == (RIGHT, 1)


def test_texts_that_rot_while_it_runs_cost_nobody_the_right_answer(whole, tmp_path) -> None:
    folder = shutil.copytree(whole, tmp_path / "index")
    started = Started(folder, source())
    (bodies,) = folder.glob("*.bodies")
    for at in range(0, bodies.stat().st_size, 97):
        flip(bodies, at, at % 8)
    assert started.answers() == RIGHT
    assert (len(started.lost), started.damaged) == (1, [])
    assert Started(folder, source()).answers() == RIGHT


def test_a_search_that_meets_no_damage_goes_on_in_the_kept_index(whole, tmp_path) -> None:
    folder = shutil.copytree(whole, tmp_path / "index")
    started = Started(folder, source())
    (bodies,) = folder.glob("*.bodies")
    flip(bodies, 10, 0)  # of the first record, which was changed since: nobody reads it
    assert (started.answers(), started.said) == (RIGHT, 0)


def test_a_look_at_every_byte_finds_what_no_search_has_met(whole, tmp_path) -> None:
    for number, path in enumerate(files(next(p for p in whole.iterdir() if p.is_dir()))):
        folder = shutil.copytree(whole, tmp_path / str(number))
        started = Started(folder, source())
        if path.name.startswith("."):
            continue
        flip(folder / path.relative_to(whole), path.stat().st_size // 2, 5)
        for _ in range(2):
            started.finder.check()
        assert (started.answers(), len(started.lost)) == (RIGHT, 1)


def test_an_error_of_the_search_itself_is_not_blamed_on_the_folder(whole, tmp_path) -> None:
    class Broken:
        def stance(self, message: str) -> None:
            raise RuntimeError(message)

    started = Started(shutil.copytree(whole, tmp_path / "index"), source())
    started.finder._guards = Broken()
    with pytest.raises(RuntimeError):
        started.finder.find("garam")
    assert started.said == 0


def test_a_folder_of_another_version_of_the_program_is_not_damaged(whole, tmp_path) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "index"))
    for note in folder.glob("*.json"):
        note.unlink()
    assert look_into(folder).records == 0
