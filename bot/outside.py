"""Lists in files outside the database, which a start reads to set an older copy of it right."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge_base.facts import KnowledgeError


class Unreadable(KnowledgeError):
    """Such a list is there and cannot be read. Nothing begins then: what it is there to prevent
    cannot be taken back, and to give the file to its owner takes a minute."""


@contextmanager
def readable(path: Path, purpose: str) -> Iterator[None]:
    """Around reading the list at `path`, which tells an older copy `purpose`. Raises Unreadable
    where the system refuses."""
    try:
        yield
    except OSError as error:
        raise Unreadable(
            f"{error.filename or path} cannot be read ({error.strerror}). It tells an older copy "
            f"of the database that is put back {purpose}. Let the account that runs Saring own "
            f"it (chown -R ACCOUNT {path}); or, unless an older copy was put back, move it away"
        ) from error


def problem(path: Path) -> str:
    """Why nothing can be added to the list at `path`; empty where it can, or none is there."""
    if not path.exists() or os.access(path, os.W_OK):
        return ""
    return f"{path} cannot be written by this account; let the account that runs Saring own it"
