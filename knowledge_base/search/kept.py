"""The folder of an index that is kept: whose it is, how far it has come, when to begin anew."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata, resources
from importlib.abc import Traversable
from pathlib import Path

OUTGROWN = 3  # times the bodies of a new index: then it is made anew at the next start
OUTGROWN_FROM = 50_000_000  # bytes
NAME_LENGTH = 12
SOURCES = (".py", ".toml", ".txt", ".tsv")  # fitted weights change nothing in an index


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
    bodies belong to it, how many when it was new, and the mark of its source."""

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

    What is there is used again only if this program made it and `was`, the mark of the source at
    the last start, is noted with it; from here on it is noted with the mark `now`.
    """

    def __init__(self, folder: Path, was: str, now: str) -> None:
        _leave_only_ours(folder)
        self.index = folder / maker()
        self.bodies = folder / f"{maker()}.bodies"
        self._path = folder / f"{maker()}.json"
        note = self._read()
        if note.revision and note.mark == was and not note.outgrown and self._whole(note):
            self.index.mkdir(exist_ok=True)
            self.note = note
            self._write(replace(note, mark=now))
        else:
            self.note = Note(mark=now)
            self.clear()

    def clear(self) -> None:
        """Begin with nothing."""
        self._path.unlink(missing_ok=True)
        shutil.rmtree(self.index, ignore_errors=True)
        self.index.mkdir()
        self.bodies.write_bytes(b"")
        self.note = Note(mark=self.note.mark)

    def take_down(self, revision: int, records: int, bodies: int, *, new: bool) -> None:
        """Note that the index is on the disk as of this revision of its source."""
        since = bodies if new else self.note.new
        self._write(Note(revision, records, bodies, since, self.note.mark))

    def _read(self) -> Note:
        try:
            return Note(**json.loads(self._path.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):  # none, or not one of ours
            return Note()

    def _whole(self, note: Note) -> bool:
        return self.bodies.exists() and self.bodies.stat().st_size >= note.bodies

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
