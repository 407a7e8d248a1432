"""A source of records for the finder, in memory."""

from knowledge_base.search.finder import Changes
from knowledge_base.search.index import Record


class MemorySource:
    """Records with a revision that rises at each change."""

    def __init__(self, *records: Record) -> None:
        self.log: list[tuple[int, Record | str]] = [(1, r) for r in records]
        self.revision = 1

    def put(self, record: Record) -> None:
        self.revision += 1
        self.log.append((self.revision, record))

    def remove(self, identity: str) -> None:
        self.revision += 1
        self.log.append((self.revision, identity))

    def changes(self, since: int) -> Changes:
        later = [what for revision, what in self.log if revision > since]
        gone = {what for what in later if isinstance(what, str)}
        latest = {w.id: w for w in later if isinstance(w, Record) and w.id not in gone}
        return Changes(self.revision, tuple(latest.values()), tuple(sorted(gone)))
