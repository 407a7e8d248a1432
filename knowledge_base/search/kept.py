"""The folder of an index that is kept: whose it is, how far it has come, when to begin anew."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata, resources
from importlib.abc import Traversable
from pathlib import Path

Marks = Callable[[int], str]
OUTGROWN = 3  # times the bodies of a new index: then it is made anew at the next start
OUTGROWN_FROM = 50_000_000  # bytes
NAME_LENGTH = 12
SOURCES = (".py", ".toml", ".txt", ".tsv")  # fitted weights change nothing in an index


class FolderLost(Exception):
    """The folder of a kept index cannot be read or written; nothing of the change was taken in."""


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
    bodies belong to it, how many when it was new, and the mark of that change in its source."""

    revision: int = 0
    records: int = 0
    bodies: int = 0
    new: int = 0
    mark: str = ""

    @property
    def outgrown(self) -> bool:
        """Is most of it out of date?"""
        return self.bodies > max(OUTGROWN * self.new, OUTGROWN_FROM)


class Kept:
    """A folder with the index, its bodies and a note; for one process at a time.

    `marks` gives the random mark a change of the source carries, by its revision; empty where it
    carries none (any more). What is there is used again only if this program made it and its
    source knows the very change it was made from: another copy of a database may have come as
    far by other changes.
    """

    def __init__(self, folder: Path, marks: Marks) -> None:
        _leave_only_ours(folder)
        self.index = folder / maker()
        self.bodies = folder / f"{maker()}.bodies"
        self._path = folder / f"{maker()}.json"
        self._marks = marks
        self.note = self._read()
        if not self._trusted(self.note):
            self.clear()

    def clear(self) -> None:
        """Begin with nothing."""
        self._path.unlink(missing_ok=True)
        shutil.rmtree(self.index, ignore_errors=True)
        self.index.mkdir()
        self.bodies.write_bytes(b"")
        self.note = Note()

    def take_down(self, revision: int, records: int, bodies: int, *, new: bool) -> None:
        """Note that the index is on the disk as of this revision of its source."""
        since = bodies if new else self.note.new
        self._write(Note(revision, records, bodies, since, self._marks(revision)))

    def _read(self) -> Note:
        try:
            return Note(**json.loads(self._path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # none, or not one of ours
            return Note()

    def _trusted(self, note: Note) -> bool:
        """Is the folder what the note says, and of this very source?"""
        if not note.mark or note.outgrown or not (self.index.is_dir() and self.bodies.is_file()):
            return False
        whole = self.bodies.stat().st_size >= note.bodies
        return whole and self._marks(note.revision) == note.mark

    def _write(self, note: Note) -> None:
        """As a whole or not at all."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(asdict(note)), encoding="utf-8")
        fresh.replace(self._path)
        self.note = note


def _leave_only_ours(folder: Path) -> None:
    """What another program left in the folder is deleted: nobody reads it any more."""
    folder.mkdir(parents=True, exist_ok=True)
    for item in folder.iterdir():
        if item.name.partition(".")[0] != maker():
            shutil.rmtree(item) if item.is_dir() else item.unlink()
