"""The folder of an index that is kept: whose it is, how far it has come, when to begin anew.

Its note has a checksum of every other file and of itself: what a disk or half a backup has changed
is noticed at the next start, and whenever somebody looks. It is a cache: then it is made anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from functools import cache
from importlib import metadata, resources
from importlib.abc import Traversable
from pathlib import Path
from zlib import crc32

Marks = Callable[[int], str]
OUTGROWN = 3  # times the bodies of a new index: then it is made anew at the next start
OUTGROWN_FROM = 50_000_000  # bytes
NAME_LENGTH = 12
SOURCES = (".py", ".toml", ".txt", ".tsv")  # fitted weights change nothing in an index
AT_ONCE = 1 << 20  # bytes read together
META = "meta.json"  # the one file of the index that is changed in place
PANIC = "PanicException"  # of tantivy: no Exception, and its class has no name to catch it by


class FolderLost(Exception):
    """The folder of a kept index cannot be read or written, or is damaged; nothing of a change was
    taken in."""


@contextmanager
def folder_lost() -> Iterator[None]:
    """Whatever the operating system and tantivy raise about files, as FolderLost."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise FolderLost(str(error)) from error
    except BaseException as error:
        if type(error).__name__ != PANIC:
            raise
        raise FolderLost(f"the index library gave up: {error}") from error


@cache
def maker() -> str:
    """A name for this very program: another one makes other stems, and so another index."""
    digest = hashlib.sha256(metadata.version("tantivy").encode())
    for name, content in sorted(_sources(resources.files(__package__), "")):
        digest.update(name.encode() + b"\0" + content)
    return digest.hexdigest()[:NAME_LENGTH]


def _sources(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Programs and word lists under a folder."""
    for item in folder.iterdir():
        name = f"{path}/{item.name}"
        if item.is_dir() and not item.name.startswith("_"):
            yield from _sources(item, name)
        elif item.name.endswith(SOURCES):
            yield name, item.read_bytes()


@dataclass(frozen=True, slots=True)
class Note:
    """The last change a kept index has taken in, how many records it has, how many bytes of
    bodies belong to it with their CRC-32, how many when it was new, the mark of that change in
    its source, and the CRC-32 of every file of the index."""

    revision: int = 0
    records: int = 0
    bodies: int = 0
    sum: int = 0
    new: int = 0
    mark: str = ""
    files: Mapping[str, int] = field(default_factory=dict)

    @property
    def outgrown(self) -> bool:
        """Is most of it out of date?"""
        return self.bodies > max(OUTGROWN * self.new, OUTGROWN_FROM)


class Places:
    """Where the parts of a kept index lie in its folder."""

    def __init__(self, folder: Path) -> None:
        self.index = folder / maker()
        self.bodies = folder / f"{maker()}.bodies"
        self.note = folder / f"{maker()}.json"

    def read(self) -> Note:
        """The note; an empty one where there is none. Raises FolderLost when it is damaged."""
        if not self.note.exists():
            return Note()
        try:
            found = json.loads(self.note.read_text(encoding="utf-8"))
            note = Note(**found["note"])
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise FolderLost("its note cannot be read") from error
        if found.get("sum") != _sum_of(note):
            raise FolderLost("its note is damaged")
        return note

    def write(self, note: Note) -> None:
        """As a whole or not at all."""
        fresh = self.note.with_suffix(".new")
        text = {"sum": _sum_of(note), "note": asdict(note)}
        fresh.write_text(json.dumps(text), encoding="utf-8")
        fresh.replace(self.note)

    def check(self, note: Note) -> None:
        """Read every file. Raises FolderLost when one is not what the note says."""
        if note.files and not all(item.is_file() for item in self.index.iterdir()):
            raise FolderLost(f"{self.index.name} has a folder in it")
        for name, expected in note.files.items():
            if _checksum(self.index / name) != expected:
                raise FolderLost(f"{self.index.name}/{name} is damaged or gone")
        if _checksum(self.bodies, note.bodies) != note.sum:
            raise FolderLost(f"{self.bodies.name} is damaged or gone")

    def sums(self, known: Mapping[str, int]) -> dict[str, int]:
        """Checksums of the files of the index; those that are `known` never change."""
        meta = self.index / META
        segments = json.loads(meta.read_text(encoding="utf-8"))["segments"]
        ours = tuple([one["segment_id"].replace("-", "") for one in segments])
        names = [item.name for item in self.index.iterdir() if item.name.startswith(ours)]
        found = {n: known[n] if n in known else _checksum(self.index / n) for n in names}
        return {**found, META: _checksum(meta)}


def _sum_of(note: Note) -> int:
    return crc32(json.dumps(asdict(note), sort_keys=True).encode())


def _checksum(path: Path, size: int | None = None) -> int:
    """CRC-32 of a file or its first `size` bytes; -1 when there are fewer or it cannot be read."""
    found, left = 0, size
    try:
        with path.open("rb") as file:
            while part := file.read(AT_ONCE if left is None else min(AT_ONCE, left)):
                found = crc32(part, found)
                left = None if left is None else left - len(part)
    except OSError:
        return -1
    return -1 if left else found


def look_into(folder: Path) -> Note:
    """The note of the index that is kept in a folder, whose every byte is as it was written.
    Raises FolderLost when it is not; of another process, which may write meanwhile, as well."""
    places = Places(folder)
    while True:
        note = places.read()
        if not places.note.exists():
            return note  # this very program keeps none yet
        try:
            places.check(note)
        except FolderLost:
            if places.read() == note:
                raise
        else:
            return note


class Kept:
    """A folder with the index, its bodies and a note; for one process at a time.

    `marks` gives the random mark a change of the source carries, by its revision; empty where it
    carries none (any more). What is there is used again only if this program made it, nothing of
    it is damaged, and its source knows the very change it was made from: another copy of a
    database may have come as far by other changes. `damaged` hears what is.
    """

    def __init__(self, folder: Path, marks: Marks, damaged: Callable[[str], None]) -> None:
        _leave_only_ours(folder)
        self._places = Places(folder)
        self._marks = marks
        self.index, self.bodies = self._places.index, self._places.bodies
        try:
            self.note = self._places.read()
            trusted = self._trusted(self.note)
        except FolderLost as error:
            damaged(str(error))
            trusted = False
        if not trusted:
            self.clear()

    def clear(self) -> None:
        """Begin with nothing."""
        for path in (self._places.note, self.index, self.bodies):
            _delete(path)
        self.index.mkdir()
        self.bodies.write_bytes(b"")
        self.note = Note()

    def take_down(self, revision: int, records: int, bodies: tuple[int, int], *, new: bool) -> None:
        """Note that the index is on the disk as of this revision of its source; `bodies`: how
        many bytes of them, and their CRC-32."""
        size, total = bodies
        since = size if new else self.note.new
        files = self._places.sums(self.note.files)
        note = Note(revision, records, size, total, since, self._marks(revision), files)
        self._places.write(note)
        self.note = note

    def check(self) -> None:
        """Read every file. Raises FolderLost when one is damaged."""
        self._places.check(self.note)

    def _trusted(self, note: Note) -> bool:
        """Is the folder of this very source? Raises FolderLost when it is damaged."""
        if not note.mark or note.outgrown or self._marks(note.revision) != note.mark:
            return False
        self._places.check(note)
        return True


def _leave_only_ours(folder: Path) -> None:
    """What another program left in the folder is deleted: nobody reads it any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in folder.iterdir():
        if item.name.partition(".")[0] != maker():
            _delete(item)


def _delete(path: Path) -> None:
    """Whatever is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
